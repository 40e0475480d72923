//! bufferevents: socket, pair, filter, rate limiting.

pub mod raw;
pub mod types;

/// The functions of one kind of bufferevent; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct bufferevent_ops {
    _private: (),
}

/// The configuration of a rate limit; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct ev_token_bucket_cfg {
    _private: (),
}

/// Bufferevents that share a rate limit; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct bufferevent_rate_limit_group {
    _private: (),
}
