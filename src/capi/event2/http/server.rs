//! The server of `event2/http.h`: settings, sockets, answering.
//!
//! A server, its connections and their requests are used by one thread at a time, the one that
//! runs its base. All functions may be called from inside any callback. NULL where an object is
//! needed does nothing, or gives the failure value.

use crate::buffer::evbuffer;
use crate::bufferevent::raw::bufferevent;
use crate::capi::convert::{bytes, set_errno, status};
use crate::error::Result;
use crate::event::event_base;
use crate::http::raw::evhttp_request;
use crate::http::types::evhttp_ext_method_cb;
use crate::http::{
    accept, evhttp, evhttp_bound_socket, evhttp_connection, handover, server, vhost,
};
use crate::listener::{self, evconnlistener};
use crate::util::types::evutil_socket_t;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_char, c_int, c_ushort, ssize_t, timeval};

fn bound(result: Result<*mut evhttp_bound_socket>) -> *mut evhttp_bound_socket {
    result.unwrap_or_else(|e| {
        set_errno(e);
        null_mut()
    })
}

/// A whole number of seconds; none for -1.
pub(super) fn seconds(n: c_int) -> Option<timeval> {
    (n >= 0).then(|| timeval { tv_sec: n.into(), tv_usec: 0 })
}

/// Makes an HTTP server that listens nowhere yet; `evhttp_free` frees it.
///
/// `base` runs it; NULL stands for the current base. NULL without memory. May be called from any
/// thread, but a server and all that belongs to it is then used by one thread at a time.
///
/// # Safety
/// `base` is NULL or a live base.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_new(base: *mut event_base) -> *mut evhttp {
    server::new(base).unwrap_or_else(|e| {
        set_errno(e);
        null_mut()
    })
}

/// Frees a server: its sockets, its connections with the requests on them, its virtual hosts.
///
/// NULL is fine. It may be called from inside any callback of the server. A request that was taken
/// over with `evhttp_request_own` lives on without a connection.
///
/// # Safety
/// `http` is NULL or a live server. It is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_free(http: *mut evhttp) {
    if !http.is_null() {
        // SAFETY: a live server, given up by the caller.
        unsafe { server::free(http) };
    }
}

/// Listens on an address and a port.
///
/// `address` is a name or a number, NULL for all addresses; `port` 0 takes any free one. Names are
/// looked up on the spot, which may block. Can be called several times. Returns 0, or -1 with `errno`.
///
/// # Safety
/// `http` is NULL or a live server. `address` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_bind_socket(
    http: *mut evhttp,
    address: *const c_char,
    port: c_ushort,
) -> c_int {
    // SAFETY: the same contract.
    if unsafe { evhttp_bind_socket_with_handle(http, address, port) }.is_null() { -1 } else { 0 }
}

/// As `evhttp_bind_socket`, and returns the socket for further use.
///
/// The handle belongs to the server and is good until `evhttp_del_accept_socket` or `evhttp_free`.
/// NULL with `errno` on failure.
///
/// # Safety
/// `http` is NULL or a live server. `address` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_bind_socket_with_handle(
    http: *mut evhttp,
    address: *const c_char,
    port: c_ushort,
) -> *mut evhttp_bound_socket {
    if http.is_null() {
        return null_mut();
    }
    // SAFETY: a live server, and NULL or a C string (caller).
    bound(unsafe { accept::bind(http, address, port) })
}

/// Takes connections from a socket that listens already, such as one made before a `fork`.
///
/// The server closes it in the end, but not when this fails. Returns 0, or -1 with `errno`.
///
/// # Safety
/// `http` is NULL or a live server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_accept_socket(http: *mut evhttp, fd: evutil_socket_t) -> c_int {
    // SAFETY: the same contract.
    if unsafe { evhttp_accept_socket_with_handle(http, fd) }.is_null() { -1 } else { 0 }
}

/// As `evhttp_accept_socket`, and returns the socket for further use (see
/// `evhttp_bind_socket_with_handle`).
///
/// # Safety
/// `http` is NULL or a live server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_accept_socket_with_handle(
    http: *mut evhttp,
    fd: evutil_socket_t,
) -> *mut evhttp_bound_socket {
    if http.is_null() {
        return null_mut();
    }
    // SAFETY: a live server.
    bound(unsafe { accept::accept_socket(http, fd) })
}

/// Takes connections from a listener, which belongs to the server from then on.
///
/// Its callback is replaced. NULL without memory; then the listener is still the caller's.
///
/// # Safety
/// `http` is NULL or a live server. `listener` is NULL or a live listener.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_bind_listener(
    http: *mut evhttp,
    listener: *mut evconnlistener,
) -> *mut evhttp_bound_socket {
    if http.is_null() || listener.is_null() {
        return null_mut();
    }
    // SAFETY: both are live.
    bound(unsafe { accept::bind_listener(http, listener) })
}

/// The listener of a socket; it belongs to the server.
///
/// # Safety
/// `bound` is NULL or a live socket of a server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_bound_socket_get_listener(
    bound: *mut evhttp_bound_socket,
) -> *mut evconnlistener {
    // SAFETY: NULL or live.
    unsafe { bound.as_ref() }.map_or(null_mut(), evhttp_bound_socket::listener)
}

/// The descriptor of a socket, -1 for NULL.
///
/// # Safety
/// `bound` is NULL or a live socket of a server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_bound_socket_get_fd(
    bound: *mut evhttp_bound_socket,
) -> evutil_socket_t {
    // SAFETY: NULL or live; the listener lives as long as its socket.
    unsafe { bound.as_ref().map_or(-1, |b| listener::fd(b.listener())) }
}

/// Calls a function for each socket of a server, oldest first.
///
/// The function may remove the socket it is called with, but no other.
///
/// # Safety
/// `http` is NULL or a live server. `function` may be called with `argument`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_foreach_bound_socket(
    http: *mut evhttp,
    function: Option<unsafe extern "C" fn(bound: *mut evhttp_bound_socket, arg: *mut c_void)>,
    argument: *mut c_void,
) {
    let Some(f) = function else { return };
    if !http.is_null() {
        // SAFETY: a live server and the caller's function.
        unsafe { accept::for_each(http, f, argument) };
    }
}

/// Stops listening on a socket and closes it. Connections that it took live on.
///
/// # Safety
/// `http` is NULL or a live server. `bound` is NULL or a socket of that server; it is not used
/// afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_del_accept_socket(
    http: *mut evhttp,
    bound: *mut evhttp_bound_socket,
) {
    if !http.is_null() && !bound.is_null() {
        // SAFETY: both are live.
        unsafe { accept::remove(http, bound) };
    }
}

/// As `evhttp_set_bevcb`, for the connections of one socket. It goes before that of the server.
///
/// # Safety
/// `bound` is NULL or a live socket of a server; `cb` may be called with `cbarg`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_bound_set_bevcb(
    bound: *mut evhttp_bound_socket,
    cb: Option<unsafe extern "C" fn(base: *mut event_base, arg: *mut c_void) -> *mut bufferevent>,
    cbarg: *mut c_void,
) {
    // SAFETY: NULL or live.
    if let Some(b) = unsafe { bound.as_mut() } {
        b.set_bev(cb, cbarg);
    }
}

/// Limits the request line and the headers together, in bytes without line ends.
///
/// Negative: no limit, as at the beginning. Longer ones are answered with 400 and the end of the
/// connection. Connections that exist already keep their limit.
///
/// # Safety
/// `http` is NULL or a live server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_max_headers_size(http: *mut evhttp, max_headers_size: ssize_t) {
    // SAFETY: NULL or live.
    if let Some(h) = unsafe { http.as_mut() } {
        h.set_max_headers(max_headers_size);
    }
}

/// Limits the bodies of requests, in bytes.
///
/// Negative: no limit, as at the beginning. Longer ones are answered with 413 and the end of the
/// connection. Connections that exist already keep their limit.
///
/// # Safety
/// `http` is NULL or a live server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_max_body_size(http: *mut evhttp, max_body_size: ssize_t) {
    // SAFETY: NULL or live.
    if let Some(h) = unsafe { http.as_mut() } {
        h.set_max_body(max_body_size);
    }
}

/// Limits how many connections are served at a time; 0, as at the beginning: any number.
///
/// Those beyond are answered with 503 at once and closed.
///
/// # Safety
/// `http` is NULL or a live server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_max_connections(http: *mut evhttp, max_connections: c_int) {
    // SAFETY: NULL or live.
    if let Some(h) = unsafe { http.as_mut() } {
        h.set_max_connections(max_connections);
    }
}

/// How many connections a server has now.
///
/// # Safety
/// `http` is NULL or a live server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_get_connection_count(http: *mut evhttp) -> c_int {
    // SAFETY: NULL or live.
    unsafe { http.as_ref() }.map_or(0, evhttp::connections)
}

/// Sets the Content-Type of replies that have a body and no such header of their own.
///
/// The text is copied. NULL: no such header is added. At the beginning it is
/// "text/html; charset=ISO-8859-1".
///
/// # Safety
/// `http` is NULL or a live server. `content_type` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_default_content_type(
    http: *mut evhttp,
    content_type: *const c_char,
) {
    // SAFETY: NULL or live; NULL or a C string.
    if let Some(h) = unsafe { http.as_mut() } {
        // Without memory the old one stays.
        // SAFETY: as above.
        let _ = h.set_content_type(unsafe { bytes(content_type) });
    }
}

/// Sets the methods that callbacks get to see: an OR of `EVHTTP_REQ_*`.
///
/// Others are answered with 501. At the beginning: GET, POST, HEAD, PUT, DELETE.
///
/// # Safety
/// `http` is NULL or a live server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_allowed_methods(http: *mut evhttp, methods: c_ushort) {
    // SAFETY: NULL or live.
    if let Some(h) = unsafe { http.as_mut() } {
        h.set_methods(methods.into());
    }
}

/// Teaches a server further methods.
///
/// `cmp` gets a name and fills in a bit of its own (and says whether requests have a body), and
/// returns 0; or -1 for names it does not know. The bit has to be allowed with
/// `evhttp_set_allowed_methods`.
///
/// # Safety
/// `http` is NULL or a live server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_ext_method_cmp(http: *mut evhttp, cmp: evhttp_ext_method_cb) {
    // SAFETY: NULL or live.
    if let Some(h) = unsafe { http.as_mut() } {
        h.set_ext_method(cmp);
    }
}

/// Sets the callback for requests to a path.
///
/// `path` is compared with the path of the request after its percent escapes are decoded, without
/// the query. Returns 0, -1 when the path has a callback already, -2 on failure.
///
/// # Safety
/// `http` is NULL or a live server. `path` is NULL or a C string. `cb` may be called with
/// `cb_arg`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_cb(
    http: *mut evhttp,
    path: *const c_char,
    cb: Option<unsafe extern "C" fn(req: *mut evhttp_request, arg: *mut c_void)>,
    cb_arg: *mut c_void,
) -> c_int {
    // SAFETY: NULL or live; NULL or a C string.
    let (Some(h), Some(path), Some(f)) = (unsafe { (http.as_mut(), bytes(path), cb) }) else {
        return -2;
    };
    match h.set_callback(path, f, cb_arg) {
        Ok(true) => 0,
        Ok(false) => -1,
        Err(e) => {
            set_errno(e);
            -2
        }
    }
}

/// Removes the callback of a path. Returns 0, or -1 when it has none.
///
/// # Safety
/// `http` is NULL or a live server. `path` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_del_cb(http: *mut evhttp, path: *const c_char) -> c_int {
    // SAFETY: NULL or live; NULL or a C string.
    match unsafe { (http.as_mut(), bytes(path)) } {
        (Some(h), Some(path)) => c_int::from(h.remove_callback(path)) - 1,
        _ => -1,
    }
}

/// Sets the callback for all requests that no path's callback takes; NULL for none.
///
/// Without one such requests are answered with 404.
///
/// # Safety
/// `http` is NULL or a live server. `cb` may be called with `arg`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_gencb(
    http: *mut evhttp,
    cb: Option<unsafe extern "C" fn(req: *mut evhttp_request, arg: *mut c_void)>,
    arg: *mut c_void,
) {
    // SAFETY: NULL or live.
    if let Some(h) = unsafe { http.as_mut() } {
        h.set_generic(cb, arg);
    }
}

/// Sets what makes the bufferevents of new connections, such as ones with TLS.
///
/// It returns one without a descriptor, or NULL to let the server make a plain one.
///
/// # Safety
/// `http` is NULL or a live server. `cb` may be called with `arg`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_bevcb(
    http: *mut evhttp,
    cb: Option<unsafe extern "C" fn(base: *mut event_base, arg: *mut c_void) -> *mut bufferevent>,
    arg: *mut c_void,
) {
    // SAFETY: NULL or live.
    if let Some(h) = unsafe { http.as_mut() } {
        h.set_bev(cb, arg);
    }
}

/// Sets a callback that hears of each request before anything of it is read, when its first bytes come.
///
/// It may set the request's callbacks, such as one for the pieces of the body. -1 ends the connection.
///
/// # Safety
/// `http` is NULL or a live server. `cb` may be called with `arg`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_newreqcb(
    http: *mut evhttp,
    cb: Option<unsafe extern "C" fn(req: *mut evhttp_request, arg: *mut c_void) -> c_int>,
    arg: *mut c_void,
) {
    // SAFETY: NULL or live.
    if let Some(h) = unsafe { http.as_mut() } {
        h.set_new_request(cb, arg);
    }
}

/// Sets a callback that writes error pages.
///
/// It puts the page into `buffer`, which is sent when it returns. When it returns a negative value or
/// writes nothing, the usual page is sent.
///
/// # Safety
/// `http` is NULL or a live server. `cb` may be called with `cbarg`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_errorcb(
    http: *mut evhttp,
    cb: Option<
        unsafe extern "C" fn(
            req: *mut evhttp_request,
            buffer: *mut evbuffer,
            error: c_int,
            reason: *const c_char,
            cbarg: *mut c_void,
        ) -> c_int,
    >,
    cbarg: *mut c_void,
) {
    // SAFETY: NULL or live.
    if let Some(h) = unsafe { http.as_mut() } {
        h.set_error(cb, cbarg);
    }
}

/// Lets another server answer requests to hosts that match a pattern, in which `*` is any text.
///
/// Case does not matter. `vhost` may not listen itself and may have virtual hosts of its own; it is
/// freed with `http`. Returns 0, or -1 when it is in a server already or listens.
///
/// # Safety
/// `http` is NULL or a live server. So is `vhost`. `pattern` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_add_virtual_host(
    http: *mut evhttp,
    pattern: *const c_char,
    vhost: *mut evhttp,
) -> c_int {
    // SAFETY: NULL or live; NULL or a C string.
    let Some(pattern) = (unsafe { bytes(pattern) }) else { return -1 };
    if http.is_null() || vhost.is_null() {
        return -1;
    }
    // SAFETY: both are live.
    status(unsafe { vhost::add(http, pattern, vhost) })
}

/// Takes a virtual host out of its server; it is the caller's again. Returns 0, or -1 when it is not
/// in `http`.
///
/// # Safety
/// `http` is NULL or a live server. So is `vhost`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_remove_virtual_host(
    http: *mut evhttp,
    vhost: *mut evhttp,
) -> c_int {
    if http.is_null() || vhost.is_null() {
        return -1;
    }
    // SAFETY: both are live.
    status(unsafe { vhost::remove(http, vhost) })
}

/// Gives a server or a virtual host another host name that it answers to. Returns 0, or -1.
///
/// # Safety
/// `http` is NULL or a live server. `alias` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_add_server_alias(http: *mut evhttp, alias: *const c_char) -> c_int {
    // SAFETY: NULL or a C string.
    let Some(alias) = (unsafe { bytes(alias) }) else { return -1 };
    if http.is_null() {
        return -1;
    }
    // SAFETY: live.
    status(unsafe { vhost::add_alias(http, alias) })
}

/// Takes a name of `evhttp_add_server_alias` away. Returns 0, or -1 when there is no such name.
///
/// # Safety
/// `http` is NULL or a live server. `alias` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_remove_server_alias(
    http: *mut evhttp,
    alias: *const c_char,
) -> c_int {
    // SAFETY: NULL or a C string.
    let Some(alias) = (unsafe { bytes(alias) }) else { return -1 };
    if http.is_null() {
        return -1;
    }
    // SAFETY: live.
    status(unsafe { vhost::remove_alias(http, alias) })
}

/// Sets how long a client may be silent, or take nothing, in seconds; -1 and 0 for the default of 50.
///
/// It holds for connections from then on.
///
/// # Safety
/// `http` is NULL or a live server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_timeout(http: *mut evhttp, timeout_in_secs: c_int) {
    let tv = seconds(timeout_in_secs);
    // SAFETY: NULL or live.
    if let Some(h) = unsafe { http.as_mut() } {
        h.set_timeouts(Some(tv), Some(tv));
    }
}

/// As `evhttp_set_timeout`, in finer steps. NULL and zero stand for the default of 50 seconds.
///
/// # Safety
/// `http` is NULL or a live server. `tv` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_timeout_tv(http: *mut evhttp, tv: *const timeval) {
    // SAFETY: NULL or readable.
    let tv = unsafe { tv.as_ref() }.copied();
    // SAFETY: NULL or live.
    if let Some(h) = unsafe { http.as_mut() } {
        h.set_timeouts(Some(tv), Some(tv));
    }
}

/// Sets how long a client may be silent. NULL and zero stand for the default of 50 seconds.
///
/// # Safety
/// `http` is NULL or a live server. `tv` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_read_timeout_tv(http: *mut evhttp, tv: *const timeval) {
    // SAFETY: NULL or readable.
    let tv = unsafe { tv.as_ref() }.copied();
    // SAFETY: NULL or live.
    if let Some(h) = unsafe { http.as_mut() } {
        h.set_timeouts(Some(tv), None);
    }
}

/// Sets how long a client may take nothing. NULL and zero stand for the default of 50 seconds.
///
/// # Safety
/// `http` is NULL or a live server. `tv` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_write_timeout_tv(http: *mut evhttp, tv: *const timeval) {
    // SAFETY: NULL or readable.
    let tv = unsafe { tv.as_ref() }.copied();
    // SAFETY: NULL or live.
    if let Some(h) = unsafe { http.as_mut() } {
        h.set_timeouts(None, Some(tv));
    }
}

/// Sets flags: `EVHTTP_SERVER_LINGERING_CLOSE`, to read a body over the limit to its end before it is
/// refused. Returns 0, or 1 (and nothing is changed) for unknown ones.
///
/// # Safety
/// `http` is NULL or a live server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_set_flags(http: *mut evhttp, flags: c_int) -> c_int {
    // SAFETY: NULL or live.
    unsafe { http.as_mut() }.map_or(1, |h| c_int::from(!h.set_flags(flags)))
}

/// Answers with a page that says what is wrong, and ends the connection.
///
/// `reason` is shown on the page and in the status line; NULL for the standard phrase. Headers that
/// were added for the reply are dropped. The request is done with afterwards.
///
/// # Safety
/// `req` is NULL or a live request. `reason` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_send_error(
    req: *mut evhttp_request,
    error: c_int,
    reason: *const c_char,
) {
    if !req.is_null() {
        // SAFETY: a live request; NULL or a C string.
        unsafe { handover::error(req, error, bytes(reason)) };
    }
}

/// Answers a request.
///
/// `reason` NULL stands for the standard phrase. The body is what the request's output buffer holds,
/// then `databuf`, which is emptied but stays the caller's, and may be NULL. Content-Length, Date and
/// Content-Type are added where they are missing. The request is done with afterwards; one whose
/// connection is gone is only freed.
///
/// # Safety
/// `req` is NULL or a live request. `reason` is NULL or a C string. `databuf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_send_reply(
    req: *mut evhttp_request,
    code: c_int,
    reason: *const c_char,
    databuf: *mut evbuffer,
) {
    if !req.is_null() {
        // SAFETY: a live request; NULL or a C string; NULL or live.
        unsafe { handover::send(req, code, bytes(reason), databuf) };
    }
}

/// Begins a reply that comes in pieces: `evhttp_send_reply_chunk`, and `evhttp_send_reply_end`.
///
/// It is sent in chunks to clients of HTTP/1.1, unless a Content-Length was added; to older ones it
/// ends with the connection.
///
/// # Safety
/// `req` is NULL or a live request. `reason` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_send_reply_start(
    req: *mut evhttp_request,
    code: c_int,
    reason: *const c_char,
) {
    if !req.is_null() {
        // SAFETY: a live request; NULL or a C string.
        unsafe { handover::start(req, code, bytes(reason)) };
    }
}

/// Sends a piece of a reply. `databuf` is emptied; an empty one does nothing.
///
/// With locks on (`evthread_use_pthreads`), what another thread than the one that was given the request
/// says about it with this function, the other functions of replies, or `evhttp_request_free` is done
/// by the loop a little later, in the same order.
///
/// # Safety
/// `req` is NULL or a live request. `databuf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_send_reply_chunk(req: *mut evhttp_request, databuf: *mut evbuffer) {
    // SAFETY: the same contract.
    unsafe { evhttp_send_reply_chunk_with_cb(req, databuf, None, null_mut()) }
}

/// As `evhttp_send_reply_chunk`, and calls `cb` when the piece has gone out: the time for the next one.
///
/// # Safety
/// `req` is NULL or a live request. `databuf` is NULL or live; `cb` may be called with `arg`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_send_reply_chunk_with_cb(
    req: *mut evhttp_request,
    databuf: *mut evbuffer,
    cb: Option<unsafe extern "C" fn(evcon: *mut evhttp_connection, arg: *mut c_void)>,
    arg: *mut c_void,
) {
    if !req.is_null() && !databuf.is_null() {
        // SAFETY: both are live.
        unsafe { handover::chunk(req, databuf, cb, arg) };
    }
}

/// Ends a reply in pieces. The request is done with afterwards.
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_send_reply_end(req: *mut evhttp_request) {
    if !req.is_null() {
        // SAFETY: a live request.
        unsafe { handover::end(req) };
    }
}
