//! `event2/http_compat.h`: names of HTTP functions before 2.0.

use crate::capi::event2::http::connection::evhttp_connection_base_new;
use crate::capi::event2::http::server::{evhttp_bind_socket, evhttp_free, evhttp_new};
use crate::event::event_base;
use crate::http::{connection, evhttp, evhttp_connection};
use core::ptr::null_mut;
use libc::{c_char, c_ushort};

/// Makes a server on the current base that listens on an address and a port.
///
/// `evhttp_new` and `evhttp_bind_socket` say what may go wrong. NULL on failure.
///
/// # Safety
/// `address` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_start(address: *const c_char, port: c_ushort) -> *mut evhttp {
    // SAFETY: NULL stands for the current base.
    let http = unsafe { evhttp_new(null_mut()) };
    // SAFETY: NULL or the server just made; NULL or a C string.
    if http.is_null() || unsafe { evhttp_bind_socket(http, address, port) } == 0 {
        return http;
    }
    // SAFETY: nobody else has the server.
    unsafe { evhttp_free(http) };
    null_mut()
}

/// Makes a client connection on the current base. `evhttp_connection_base_new` is better.
///
/// # Safety
/// `address` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_new(
    address: *const c_char,
    port: c_ushort,
) -> *mut evhttp_connection {
    // SAFETY: the same contract.
    unsafe { evhttp_connection_base_new(null_mut(), null_mut(), address, port) }
}

/// Lets another base run a connection that is not connected yet.
///
/// # Safety
/// `evcon` is NULL or a live connection. `base` is live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_connection_set_base(
    evcon: *mut evhttp_connection,
    base: *mut event_base,
) {
    if !evcon.is_null() && !base.is_null() {
        // SAFETY: both are live.
        unsafe { connection::set_base(evcon, base) };
    }
}
