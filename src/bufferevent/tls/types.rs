//! The constants of `event2/bufferevent_ssl.h`.
#![allow(non_camel_case_types, reason = "C names")]

use libc::c_uint;

/// Where a session stands when it is handed to a bufferevent.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum bufferevent_ssl_state {
    /// The handshake is over.
    BUFFEREVENT_SSL_OPEN = 0,
    /// A client's, before the handshake.
    BUFFEREVENT_SSL_CONNECTING = 1,
    /// A server's, before the handshake.
    BUFFEREVENT_SSL_ACCEPTING = 2,
}

/// An `enum bufferevent_ssl_state` as C hands it over: any value.
pub type bufferevent_ssl_state_raw = c_uint;

/// A flag of `bufferevent_ssl_set_flags`: a connection that ends without the TLS farewell is
/// `BEV_EVENT_EOF`, not `BEV_EVENT_ERROR`.
pub const BUFFEREVENT_SSL_DIRTY_SHUTDOWN: u64 = 1;
/// A flag of `bufferevent_ssl_set_flags`: small pieces of output share a TLS record. They always do
/// here.
pub const BUFFEREVENT_SSL_BATCH_WRITE: u64 = 2;
