//! RPC over HTTP.

pub mod raw;
pub mod types;

/// A server's procedures; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evrpc_base {
    _private: (),
}

/// What hooks have noted down about a call; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evrpc_hook_meta {
    _private: (),
}
