//! Connections of `event2/http.h`: the client, and what server connections share with it.
//!
//! A connection is used by the thread that runs its base. All functions may be called from inside
//! any callback. NULL where an object is needed does nothing, or gives the failure value.

use super::server::seconds;
use crate::bufferevent::raw::bufferevent;
use crate::capi::convert::{bytes, set_errno, status};
use crate::dns::evdns_base;
use crate::error::Result;
use crate::event::event_base;
use crate::http::client::{self, Target};
use crate::http::exchange;
use crate::http::raw::evhttp_request;
use crate::http::types::{evhttp_cmd_type_raw, evhttp_ext_method_cb};
use crate::http::{connection, evhttp, evhttp_connection};
use core::ffi::c_void;
use core::ptr::{null, null_mut};
use libc::{c_char, c_int, c_ushort, sockaddr, ssize_t, timeval};

fn made(result: Result<*mut evhttp_connection>) -> *mut evhttp_connection {
    result.unwrap_or_else(|e| {
        set_errno(e);
        null_mut()
    })
}

/// Makes a client connection. It connects when it gets its first request.
///
/// `address` is a name or a number. `dnsbase` looks names up; with NULL that blocks. `bev` is what the
/// connection uses, without a descriptor, such as one with TLS; it is freed with the connection. NULL:
/// a plain one is made. NULL on failure; then `bev` is still the caller's.
///
/// # Safety
/// `base`, `dnsbase` and `bev` are NULL or live; `address` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_base_bufferevent_new(
    base: *mut event_base,
    dnsbase: *mut evdns_base,
    bev: *mut bufferevent,
    address: *const c_char,
    port: c_ushort,
) -> *mut evhttp_connection {
    // SAFETY: NULL or a C string.
    let Some(host) = (unsafe { bytes(address) }) else { return null_mut() };
    // SAFETY: NULL or live.
    made(unsafe { client::new(base, dnsbase.cast(), bev, Target::Host(host, port)) })
}

/// As `evhttp_connection_base_bufferevent_new`, with a plain bufferevent.
///
/// # Safety
/// `base` and `dnsbase` are NULL or live; `address` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_base_new(
    base: *mut event_base,
    dnsbase: *mut evdns_base,
    address: *const c_char,
    port: c_ushort,
) -> *mut evhttp_connection {
    // SAFETY: the same contract.
    unsafe { evhttp_connection_base_bufferevent_new(base, dnsbase, null_mut(), address, port) }
}

/// As `evhttp_connection_base_bufferevent_new`, to a Unix socket.
///
/// # Safety
/// `base` and `bev` are NULL or live; `path` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_base_bufferevent_unix_new(
    base: *mut event_base,
    bev: *mut bufferevent,
    path: *const c_char,
) -> *mut evhttp_connection {
    // SAFETY: NULL or a C string.
    let Some(path) = (unsafe { bytes(path) }) else { return null_mut() };
    // SAFETY: NULL or live.
    made(unsafe { client::new(base, null_mut(), bev, Target::Unix(path)) })
}

/// Makes a client connection of a bufferevent that is connected already.
///
/// NULL when it is not, or without memory; then `bev` is still the caller's.
///
/// # Safety
/// `base` and `dnsbase` are NULL or live; so is `bev`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_base_bufferevent_reuse_new(
    base: *mut event_base,
    dnsbase: *mut evdns_base,
    bev: *mut bufferevent,
) -> *mut evhttp_connection {
    if bev.is_null() {
        return null_mut();
    }
    // SAFETY: NULL or live.
    made(unsafe { client::from_connected(base, dnsbase.cast(), bev) })
}

/// Frees a connection with the requests on it; their callbacks are not called. The close callback is.
///
/// It may be called from inside any callback of the connection. NULL is fine.
///
/// # Safety
/// `evcon` is NULL or a live connection. It is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_free(evcon: *mut evhttp_connection) {
    if !evcon.is_null() {
        // SAFETY: a live connection, given up by the caller.
        unsafe { connection::close(evcon) };
    }
}

/// Lets the connection free itself when its last request is done and it has been closed.
///
/// # Safety
/// `evcon` is NULL or a live connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_free_on_completion(evcon: *mut evhttp_connection) {
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        c.set_auto_free();
    }
}

/// The bufferevent of a connection; it belongs to it.
///
/// # Safety
/// `evcon` is NULL or a live connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_get_bufferevent(
    evcon: *mut evhttp_connection,
) -> *mut bufferevent {
    // SAFETY: NULL or live.
    unsafe { evcon.as_ref() }.map_or(null_mut(), evhttp_connection::bufferevent)
}

/// The server of a connection, NULL for a client's.
///
/// # Safety
/// `evcon` is NULL or a live connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_get_server(
    evcon: *mut evhttp_connection,
) -> *mut evhttp {
    // SAFETY: NULL or live.
    unsafe { evcon.as_ref() }.map_or(null_mut(), evhttp_connection::server)
}

/// The base that runs a connection.
///
/// # Safety
/// `evcon` is NULL or a live connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_get_base(
    evcon: *mut evhttp_connection,
) -> *mut event_base {
    // SAFETY: NULL or live.
    unsafe { evcon.as_ref() }.map_or(null_mut(), evhttp_connection::base)
}

/// The address and the port of the other side: numeric for a server's connection, as given for a
/// client's. The text lives as long as the connection.
///
/// # Safety
/// `evcon` is NULL or a live connection. `address` and `port` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_get_peer(
    evcon: *mut evhttp_connection,
    address: *mut *mut c_char,
    port: *mut c_ushort,
) {
    if evcon.is_null() {
        return;
    }
    // SAFETY: a live connection; NULL or writable.
    unsafe {
        if let Some(to) = address.as_mut() {
            *to = connection::address(evcon);
        }
        if let Some(to) = port.as_mut() {
            *to = connection::port(evcon);
        }
    }
}

/// The socket address of the other side, the last one when the connection has ended; NULL before there
/// was any. It lives as long as the connection.
///
/// # Safety
/// `evcon` is NULL or a live connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_get_addr(
    evcon: *mut evhttp_connection,
) -> *const sockaddr {
    if evcon.is_null() {
        return null();
    }
    // SAFETY: a live connection.
    unsafe { connection::peer(evcon) }
}

/// Sets the address family for looking names up: `AF_INET`, `AF_INET6`, `AF_UNSPEC` (the default).
///
/// # Safety
/// `evcon` is NULL or a live connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_family(
    evcon: *mut evhttp_connection,
    family: c_int,
) {
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        c.set_family(family);
    }
}

/// Sets `EVHTTP_CON_*` flags. Returns 0, or 1 (and nothing is changed) for unknown ones.
///
/// # Safety
/// `evcon` is NULL or a live connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_flags(
    evcon: *mut evhttp_connection,
    flags: c_int,
) -> c_int {
    // SAFETY: NULL or live.
    unsafe { evcon.as_mut() }.map_or(1, |c| c_int::from(!c.set_flags(flags)))
}

/// Teaches a connection further methods.
///
/// `cmp` gets a bit and fills in the name (and whether requests have a body), and returns 0; or -1
/// for bits it does not know.
///
/// # Safety
/// `evcon` is NULL or a live connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_ext_method_cmp(
    evcon: *mut evhttp_connection,
    cmp: evhttp_ext_method_cb,
) {
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        c.set_ext_method(cmp);
    }
}

/// Limits the start line and the headers of what comes in, in bytes; negative for no limit.
///
/// # Safety
/// `evcon` is NULL or a live connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_max_headers_size(
    evcon: *mut evhttp_connection,
    new_max_headers_size: ssize_t,
) {
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        c.set_max_headers(new_max_headers_size);
    }
}

/// Limits the bodies that come in, in bytes; negative for no limit.
///
/// # Safety
/// `evcon` is NULL or a live connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_max_body_size(
    evcon: *mut evhttp_connection,
    new_max_body_size: ssize_t,
) {
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        c.set_max_body(new_max_body_size);
    }
}

/// Sets the address that connections are made from; NULL for any. It is copied.
///
/// # Safety
/// `evcon` is NULL or a live connection. `address` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_local_address(
    evcon: *mut evhttp_connection,
    address: *const c_char,
) {
    // SAFETY: NULL or live; NULL or a C string.
    if let Some(c) = unsafe { evcon.as_mut() } {
        // Without memory the old one stays.
        // SAFETY: as above.
        let _ = c.set_local_address(unsafe { bytes(address) });
    }
}

/// Sets the port that connections are made from; 0 for any.
///
/// # Safety
/// `evcon` is NULL or a live connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_local_port(
    evcon: *mut evhttp_connection,
    port: c_ushort,
) {
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        c.set_local_port(port);
    }
}

/// Sets how long the other side may be silent, or take nothing, in seconds; -1 for the default of 50.
///
/// # Safety
/// `evcon` is NULL or a live connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_timeout(
    evcon: *mut evhttp_connection,
    timeout_in_secs: c_int,
) {
    let tv = seconds(timeout_in_secs);
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        // SAFETY: a live connection.
        unsafe { c.set_io_timeouts(Some(tv), Some(tv)) };
    }
}

/// As `evhttp_connection_set_timeout`, in finer steps; NULL for the default of 50 seconds.
///
/// # Safety
/// `evcon` is NULL or a live connection. `tv` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_timeout_tv(
    evcon: *mut evhttp_connection,
    tv: *const timeval,
) {
    // SAFETY: NULL or readable.
    let tv = unsafe { tv.as_ref() }.copied();
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        // SAFETY: a live connection.
        unsafe { c.set_io_timeouts(Some(tv), Some(tv)) };
    }
}

/// Sets how long the other side may be silent; NULL for the default of 50 seconds.
///
/// # Safety
/// `evcon` is NULL or a live connection. `tv` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_read_timeout_tv(
    evcon: *mut evhttp_connection,
    tv: *const timeval,
) {
    // SAFETY: NULL or readable.
    let tv = unsafe { tv.as_ref() }.copied();
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        // SAFETY: a live connection.
        unsafe { c.set_io_timeouts(Some(tv), None) };
    }
}

/// Sets how long the other side may take nothing; NULL for the default of 50 seconds.
///
/// # Safety
/// `evcon` is NULL or a live connection. `tv` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_write_timeout_tv(
    evcon: *mut evhttp_connection,
    tv: *const timeval,
) {
    // SAFETY: NULL or readable.
    let tv = unsafe { tv.as_ref() }.copied();
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        // SAFETY: a live connection.
        unsafe { c.set_io_timeouts(None, Some(tv)) };
    }
}

/// Sets how long connecting may take; NULL for the default of 45 seconds.
///
/// # Safety
/// `evcon` is NULL or a live connection. `tv` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_connect_timeout_tv(
    evcon: *mut evhttp_connection,
    tv: *const timeval,
) {
    // SAFETY: NULL or readable.
    let tv = unsafe { tv.as_ref() }.copied();
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        c.set_connect_timeout(tv);
    }
}

/// Sets how long to wait before connecting is tried again, 2 seconds at the beginning (NULL). Each further try waits twice as long, an hour at most.
///
/// # Safety
/// `evcon` is NULL or a live connection. `tv` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_initial_retry_tv(
    evcon: *mut evhttp_connection,
    tv: *const timeval,
) {
    // SAFETY: NULL or readable.
    let tv = unsafe { tv.as_ref() }.copied();
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        c.set_first_retry(tv);
    }
}

/// Sets how often connecting is tried again before requests are given back; -1 for ever, 0 (the default) for never.
///
/// # Safety
/// `evcon` is NULL or a live connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_retries(
    evcon: *mut evhttp_connection,
    retry_max: c_int,
) {
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        c.set_retries(retry_max);
    }
}

/// Sets a callback for the end of the connection. A client's connection can end and begin several times.
///
/// # Safety
/// `evcon` is NULL or a live connection. `cb` may be called with `cbarg`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_closecb(
    evcon: *mut evhttp_connection,
    cb: Option<unsafe extern "C" fn(evcon: *mut evhttp_connection, arg: *mut c_void)>,
    cbarg: *mut c_void,
) {
    // SAFETY: NULL or live.
    if let Some(c) = unsafe { evcon.as_mut() } {
        c.set_close_callback(cb, cbarg);
    }
}

/// Sends a request, after those that were made before it.
///
/// The request belongs to the connection from here on, also on failure, when it is freed. `uri` is
/// sent as it is, and no Host header is added. Returns 0, or -1; callbacks may run before it returns.
///
/// With threads (`evthread_use_pthreads`) it may be called while another thread runs the loop: that
/// one does the work, and callbacks run there.
///
/// # Safety
/// `evcon` is NULL or a live connection. `req` is NULL or a live request. `uri` is NULL or a C
/// string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_make_request(
    evcon: *mut evhttp_connection,
    req: *mut evhttp_request,
    r#type: evhttp_cmd_type_raw,
    uri: *const c_char,
) -> c_int {
    // SAFETY: NULL or a C string.
    let Some(uri) = (unsafe { bytes(uri) }) else { return -1 };
    if evcon.is_null() || req.is_null() {
        return -1;
    }
    // SAFETY: both are live.
    status(unsafe { exchange::make_request(evcon, req, r#type, uri) })
}

/// Takes a request back and frees it; its completion callback is not called.
///
/// One that is under way ends its connection, which goes on with the next request; the error callback
/// hears `EVREQ_HTTP_REQUEST_CANCEL`. It may be called from inside the chunk callback.
///
/// # Safety
/// `req` is NULL or a live request. It is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_cancel_request(req: *mut evhttp_request) {
    if !req.is_null() {
        // SAFETY: a live request, given up by the caller.
        unsafe { exchange::cancel(req) };
    }
}
