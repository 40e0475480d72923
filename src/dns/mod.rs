//! DNS: resolver and server port.

pub mod raw;
pub mod types;

/// A resolver; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evdns_base {
    _private: (),
}
