//! HTTP/1: the message parser and framing (pure), headers, URIs, server, client connection.
//!
//! | file | what |
//! |---|---|
//! | `message` | request line, status line, header lines (pure) |
//! | `framing` | how long a body is: Content-Length, Transfer-Encoding, Connection (pure) |
//! | `chunked` | the decoder of chunked bodies (pure) |
//! | `uri`, `query` | URI references, escapes, queries, HTML escaping (pure) |
//! | `status` | reason phrases, methods, the Date header (pure) |
//! | `headers`, `arena` | header lists and the storage of their nodes |
//! | `uri_object`, `escape` | URIs, escaped strings and query lists for C to keep |
//! | `raw`, `keyvalq_raw`, `types`, `ws_types` | the C structures, constants, callback shapes |

pub mod arena;
pub mod chunked;
pub mod escape;
pub mod framing;
pub mod headers;
pub mod keyvalq_raw;
pub mod message;
pub mod query;
pub mod raw;
pub mod status;
pub mod types;
pub mod uri;
pub mod uri_object;
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

pub use uri_object::evhttp_uri;

/// A WebSocket connection; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evws_connection {
    _private: (),
}
