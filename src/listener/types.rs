//! The constants and callback shapes of `event2/listener.h`.
#![allow(non_camel_case_types, reason = "C names")]

use super::evconnlistener;
use core::ffi::c_void;
use libc::{c_int, c_uint, sockaddr};

/// The accepted sockets stay blocking.
pub const LEV_OPT_LEAVE_SOCKETS_BLOCKING: c_uint = 1u32;
/// Freeing the listener closes its socket.
pub const LEV_OPT_CLOSE_ON_FREE: c_uint = 2u32;
/// The sockets do not survive `exec`.
pub const LEV_OPT_CLOSE_ON_EXEC: c_uint = 4u32;
/// The port can be bound at once after its last owner has closed it.
pub const LEV_OPT_REUSEABLE: c_uint = 8u32;
/// The listener has a lock.
pub const LEV_OPT_THREADSAFE: c_uint = 16u32;
/// The listener starts disabled.
pub const LEV_OPT_DISABLED: c_uint = 32u32;
/// Connections are accepted when their first bytes are there, if the system can.
pub const LEV_OPT_DEFERRED_ACCEPT: c_uint = 64u32;
/// Several sockets may listen on the port, and share the connections.
pub const LEV_OPT_REUSEABLE_PORT: c_uint = 128u32;
/// An IPv6 socket takes no IPv4 connections.
pub const LEV_OPT_BIND_IPV6ONLY: c_uint = 256u32;
/// An IPv6 socket takes IPv4 connections too, whatever the system's default (since 2.2).
pub const LEV_OPT_BIND_IPV4_AND_IPV6: c_uint = 512u32;

/// Called with every accepted connection: its socket, which is the callback's to close, and its
/// peer's address.
pub type evconnlistener_cb = Option<
    unsafe extern "C" fn(
        listener: *mut evconnlistener,
        fd: c_int,
        addr: *mut sockaddr,
        socklen: c_int,
        arg: *mut c_void,
    ),
>;

/// Called when accepting has failed; `EVUTIL_SOCKET_ERROR()` says why.
pub type evconnlistener_errorcb =
    Option<unsafe extern "C" fn(listener: *mut evconnlistener, arg: *mut c_void)>;
