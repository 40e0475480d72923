//! HTTP: parser and framing, server, client connection, uri, query.

pub mod keyvalq_raw;
pub mod raw;
pub mod types;
pub mod ws_types;

/// A server; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evhttp {
    _private: (),
}

/// A connection; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evhttp_connection {
    _private: (),
}

/// A socket that a server listens on; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evhttp_bound_socket {
    _private: (),
}

/// A URI in parts; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evhttp_uri {
    _private: (),
}

/// A WebSocket connection; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evws_connection {
    _private: (),
}
