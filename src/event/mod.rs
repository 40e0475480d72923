//! libevent's core on the reactor: bases, events, priorities, once, watchers, dump.

pub mod flags;
pub mod raw;

/// An event loop; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct event_base {
    _private: (),
}
