//! HTTP/1: the message parser and framing (pure), headers, URIs, server, client connection.
//!
//! | file | what |
//! |---|---|
//! | `message` | request line, status line, header lines (pure) |
//! | `scan` | finding the ends of names and lines (pure) |
//! | `framing` | how long a body is: Content-Length, Transfer-Encoding, Connection (pure) |
//! | `chunked` | the decoder of chunked bodies (pure) |
//! | `uri`, `query` | URI references, escapes, queries, HTML escaping (pure) |
//! | `status` | reason phrases, methods, the Date header (pure) |
//! | `headers`, `arena` | header lists and the storage of their nodes |
//! | `uri_object`, `escape` | URIs, escaped strings and query lists for C to keep |
//! | `request` | the request object, its private part, the pool |
//! | `connection` | what server and client connections share: counting, queue, events |
//! | `reading` | from input bytes to a whole message |
//! | `head`, `reply` | writing message heads; answering |
//! | `handover`, `asked` | answers from other threads, and requests |
//! | `server`, `accept`, `vhost` | `struct evhttp`: settings, sockets, virtual hosts, finding who answers |
//! | `ws_frame`, `websocket` | WebSocket frames (pure), sessions |
//! | `client` | the client's half of a connection: how it is made, settings |
//! | `exchange` | connecting, retrying, sending requests in turn |
//! | `io` | what HTTP needs of buffers, bufferevents and listeners |
//! | `raw`, `keyvalq_raw`, `types`, `ws_types` | the C structures, constants, callback shapes |

pub mod accept;
pub mod arena;
pub(crate) mod asked;
pub mod chunked;
pub mod client;
pub mod connection;
pub mod escape;
pub(crate) mod exchange;
pub mod framing;
pub(crate) mod handover;
mod head;
pub mod headers;
mod io;
pub mod keyvalq_raw;
pub mod message;
pub mod query;
pub mod raw;
mod reading;
pub(crate) mod reply;
pub(crate) mod request;
mod scan;
pub mod server;
pub mod status;
pub mod types;
pub mod uri;
pub mod uri_object;
pub(crate) mod vhost;
pub(crate) mod websocket;
pub mod ws_frame;
pub mod ws_types;

pub use accept::evhttp_bound_socket;
pub use connection::evhttp_connection;
pub use server::evhttp;
pub use uri_object::evhttp_uri;
pub use websocket::evws_connection;

#[cfg(test)]
mod tests;
