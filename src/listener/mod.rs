//! evconnlistener: sockets that take connections.

pub mod types;

/// A listener; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evconnlistener {
    _private: (),
}
