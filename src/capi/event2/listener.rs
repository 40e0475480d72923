//! `event2/listener.h`: listeners.
//!
//! A listener waits for connections on a socket and hands them to its callback one by one. Made
//! with `LEV_OPT_THREADSAFE`, and with locking set up before, it may be used from any thread; all
//! functions may be called from inside its callbacks, [`evconnlistener_free`] too.

use crate::capi::convert::{set_errno, status};
use crate::error::Result;
use crate::event::event_base;
use crate::listener;
use crate::listener::evconnlistener;
use crate::listener::types::{evconnlistener_cb, evconnlistener_errorcb};
use crate::util::types::evutil_socket_t;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_int, c_uint, sockaddr};

fn made(result: Result<*mut evconnlistener>) -> *mut evconnlistener {
    result.unwrap_or_else(|e| {
        set_errno(e);
        null_mut()
    })
}

/// A new listener on a socket that is bound already.
///
/// `cb` is called with each connection and `ptr`; with NULL the listener waits until it is given one.
/// `flags` are `LEV_OPT_*`. `backlog` is the length of the queue of connections, negative for a
/// reasonable one, 0 if the socket listens already. The socket is made non-blocking. It is closed
/// with the listener if `LEV_OPT_CLOSE_ON_FREE` is among the flags.
///
/// Returns NULL, with `errno`, when the socket cannot listen or there is no memory; then `fd` is still open.
///
/// # Safety
/// `base` is NULL (the current base) or a live one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evconnlistener_new(
    base: *mut event_base,
    cb: evconnlistener_cb,
    ptr: *mut c_void,
    flags: c_uint,
    backlog: c_int,
    fd: evutil_socket_t,
) -> *mut evconnlistener {
    // SAFETY: the same contract.
    made(unsafe { listener::new(base, cb, ptr, flags, backlog, fd) })
}

/// A new listener on a new socket, bound to an address.
///
/// As `evconnlistener_new`; in addition, the flags for options of the socket take effect
/// (`LEV_OPT_REUSEABLE`, `LEV_OPT_REUSEABLE_PORT`, `LEV_OPT_DEFERRED_ACCEPT`,
/// `LEV_OPT_BIND_IPV6ONLY`, `LEV_OPT_BIND_IPV4_AND_IPV6`), and `LEV_OPT_CLOSE_ON_EXEC` holds for
/// the listening socket as well. Keep-alive is switched on. A `backlog` of 0 is refused.
///
/// Returns NULL, with `errno`, when any of it fails; then nothing is left open.
///
/// # Safety
/// `base` is NULL (the current base) or a live one; `sa` has `socklen` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evconnlistener_new_bind(
    base: *mut event_base,
    cb: evconnlistener_cb,
    ptr: *mut c_void,
    flags: c_uint,
    backlog: c_int,
    sa: *const sockaddr,
    socklen: c_int,
) -> *mut evconnlistener {
    // SAFETY: the same contract.
    made(unsafe { listener::new_bind(base, cb, ptr, flags, backlog, sa, socklen) })
}

/// Frees a listener; NULL is fine.
///
/// No callback begins after this. Called from inside a callback it takes effect when that
/// returns; so it does when another thread is inside one.
///
/// # Safety
/// `lev` is NULL or a live listener, and is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evconnlistener_free(lev: *mut evconnlistener) {
    if !lev.is_null() {
        // SAFETY: a live listener (caller).
        unsafe { listener::free(lev) }
    }
}

/// Has a listener take connections again. Returns 0 or -1.
///
/// # Safety
/// `lev` is NULL or a live listener.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evconnlistener_enable(lev: *mut evconnlistener) -> c_int {
    if lev.is_null() {
        return -1;
    }
    // SAFETY: a live listener (caller).
    status(unsafe { listener::enable(lev) })
}

/// Has a listener take no more connections for now: new ones wait in the kernel's queue.
///
/// From inside the callback, it is the last one. From another thread than the loop's, this waits for a
/// callback that is running. Returns 0 or -1.
///
/// # Safety
/// `lev` is NULL or a live listener.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evconnlistener_disable(lev: *mut evconnlistener) -> c_int {
    if lev.is_null() {
        return -1;
    }
    // SAFETY: a live listener (caller).
    status(unsafe { listener::disable(lev) })
}

/// The base of a listener.
///
/// # Safety
/// `lev` is NULL or a live listener.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evconnlistener_get_base(lev: *mut evconnlistener) -> *mut event_base {
    if lev.is_null() {
        return null_mut();
    }
    // SAFETY: a live listener (caller).
    unsafe { listener::base(lev) }
}

/// The socket of a listener, -1 for NULL.
///
/// # Safety
/// `lev` is NULL or a live listener.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evconnlistener_get_fd(lev: *mut evconnlistener) -> evutil_socket_t {
    if lev.is_null() {
        return -1;
    }
    // SAFETY: a live listener (caller).
    unsafe { listener::fd(lev) }
}

/// Replaces the callback of a listener and its argument.
///
/// With NULL, connections are accepted and closed at once.
///
/// # Safety
/// `lev` is NULL or a live listener.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evconnlistener_set_cb(
    lev: *mut evconnlistener,
    cb: evconnlistener_cb,
    arg: *mut c_void,
) {
    if !lev.is_null() {
        // SAFETY: a live listener (caller).
        unsafe { listener::set_cb(lev, cb, arg) }
    }
}

/// Sets who hears when accepting fails, with the reason in `EVUTIL_SOCKET_ERROR()`.
///
/// When the process is out of descriptors, the listener pauses for a moment and tries again; the callback is called
/// each time. Without a callback a warning is logged.
///
/// # Safety
/// `lev` is NULL or a live listener.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evconnlistener_set_error_cb(
    lev: *mut evconnlistener,
    errorcb: evconnlistener_errorcb,
) {
    if !lev.is_null() {
        // SAFETY: a live listener (caller).
        unsafe { listener::set_error_cb(lev, errorcb) }
    }
}
