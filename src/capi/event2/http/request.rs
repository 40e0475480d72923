//! The request of `event2/http.h`, and header lists.
//!
//! A request is used by the thread that runs its connection. All functions may be called from
//! inside any callback. NULL where an object is needed does nothing, or gives the failure value.

use crate::buffer::evbuffer;
use crate::capi::convert::{bytes, set_errno, status};
use crate::http::keyvalq_raw::evkeyvalq;
use crate::http::raw::{EVHTTP_USER_OWNED, evhttp_request};
use crate::http::types::{evhttp_cmd_type_raw, evhttp_request_error_raw};
use crate::http::{evhttp_connection, evhttp_uri, handover, headers, request};
use core::ffi::c_void;
use core::ptr::{null, null_mut};
use libc::{c_char, c_int};

/// Makes a request for `evhttp_make_request`.
///
/// `cb` is called with `arg` when the reply is there, or with a NULL request when the exchange has
/// failed; the request is freed after it. NULL without memory.
///
/// # Safety
/// `cb` may be called with `arg`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_new(
    cb: Option<unsafe extern "C" fn(req: *mut evhttp_request, arg: *mut c_void)>,
    arg: *mut c_void,
) -> *mut evhttp_request {
    request::new(cb, arg).unwrap_or_else(|e| {
        set_errno(e);
        null_mut()
    })
}

/// Frees a request: one of `evhttp_request_new` that was not sent, or one that was taken over with
/// `evhttp_request_own`.
///
/// It may be called from inside the request's callbacks. NULL is fine.
///
/// # Safety
/// `req` is NULL or a live request. It is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_free(req: *mut evhttp_request) {
    if !req.is_null() {
        // SAFETY: a live request, given up by the caller.
        unsafe { handover::free(req) };
    }
}

/// Takes a request over: it lives until `evhttp_request_free`.
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_own(req: *mut evhttp_request) {
    // SAFETY: NULL or live.
    if let Some(r) = unsafe { req.as_mut() } {
        r.flags |= EVHTTP_USER_OWNED;
    }
}

/// 1 when the request was taken over, else 0.
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_is_owned(req: *mut evhttp_request) -> c_int {
    // SAFETY: NULL or live.
    unsafe { req.as_ref() }.map_or(0, |r| c_int::from(r.flags & EVHTTP_USER_OWNED != 0))
}

/// The request's connection; NULL when it has none (any more).
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_get_connection(
    req: *mut evhttp_request,
) -> *mut evhttp_connection {
    // SAFETY: NULL or live.
    unsafe { req.as_ref() }.map_or(null_mut(), |r| r.evcon)
}

/// Sets a callback for the pieces of the incoming body, in the request's input buffer, which is
/// emptied after it. Without one the body gathers there.
///
/// It is called for each chunk of a chunked body (large ones in parts) and for each read of another.
/// It gets the argument of the completion callback.
///
/// # Safety
/// `req` is NULL or a live request. `cb` may be called with the argument of the request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_set_chunked_cb(
    req: *mut evhttp_request,
    cb: Option<unsafe extern "C" fn(req: *mut evhttp_request, arg: *mut c_void)>,
) {
    // SAFETY: NULL or live.
    if let Some(r) = unsafe { req.as_mut() } {
        r.chunk_cb = cb;
    }
}

/// Sets a callback for the moment when all headers have come. A negative result ends the connection.
///
/// It gets the argument of the completion callback. Interim replies (1xx) call it too.
///
/// # Safety
/// `req` is NULL or a live request. `cb` may be called with the argument of the request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_set_header_cb(
    req: *mut evhttp_request,
    cb: Option<unsafe extern "C" fn(req: *mut evhttp_request, arg: *mut c_void) -> c_int>,
) {
    // SAFETY: NULL or live.
    if let Some(r) = unsafe { req.as_mut() } {
        r.header_cb = cb;
    }
}

/// Sets a callback that hears why an exchange has failed, before the completion callback.
///
/// It gets the argument of the completion callback.
///
/// # Safety
/// `req` is NULL or a live request. `cb` may be called with the argument of the request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_set_error_cb(
    req: *mut evhttp_request,
    cb: Option<unsafe extern "C" fn(error: evhttp_request_error_raw, arg: *mut c_void)>,
) {
    // SAFETY: NULL or live.
    if let Some(r) = unsafe { req.as_mut() } {
        r.error_cb = cb;
    }
}

/// Sets a callback for the moment when a server's reply has been written, before the request is freed.
///
/// # Safety
/// `req` is NULL or a live request. `cb` may be called with `cb_arg`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_set_on_complete_cb(
    req: *mut evhttp_request,
    cb: Option<unsafe extern "C" fn(req: *mut evhttp_request, arg: *mut c_void)>,
    cb_arg: *mut c_void,
) {
    // SAFETY: NULL or live.
    if let Some(r) = unsafe { req.as_mut() } {
        r.on_complete_cb = cb;
        r.on_complete_cb_arg = cb_arg;
    }
}

/// The URI as it was sent. It lives as long as the request. NULL when there is none.
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_get_uri(req: *const evhttp_request) -> *const c_char {
    // SAFETY: NULL or live.
    unsafe { req.as_ref() }.map_or(null(), |r| r.uri.cast_const())
}

/// The URI in parts. It lives as long as the request. NULL when there is none.
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_get_evhttp_uri(
    req: *const evhttp_request,
) -> *const evhttp_uri {
    // SAFETY: NULL or live.
    unsafe { req.as_ref() }.map_or(null(), |r| r.uri_elems.cast_const())
}

/// The method, an `EVHTTP_REQ_*`; 0 for one that is not known.
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_get_command(
    req: *const evhttp_request,
) -> evhttp_cmd_type_raw {
    // SAFETY: NULL or live.
    unsafe { req.as_ref() }.map_or(0, |r| r.r#type)
}

/// The status of the reply, 0 while there is none.
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_get_response_code(req: *const evhttp_request) -> c_int {
    // SAFETY: NULL or live.
    unsafe { req.as_ref() }.map_or(0, |r| r.response_code)
}

/// The reason phrase of the reply. It lives as long as the request. NULL while there is none.
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_get_response_code_line(
    req: *const evhttp_request,
) -> *const c_char {
    // SAFETY: NULL or live.
    unsafe { req.as_ref() }.map_or(null(), |r| r.response_code_line.cast_const())
}

/// The headers that came in. They live as long as the request.
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_get_input_headers(
    req: *mut evhttp_request,
) -> *mut evkeyvalq {
    // SAFETY: NULL or live.
    unsafe { req.as_ref() }.map_or(null_mut(), |r| r.input_headers)
}

/// The headers that go out. They live as long as the request.
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_get_output_headers(
    req: *mut evhttp_request,
) -> *mut evkeyvalq {
    // SAFETY: NULL or live.
    unsafe { req.as_ref() }.map_or(null_mut(), |r| r.output_headers)
}

/// The body that came in. It lives as long as the request.
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_get_input_buffer(
    req: *mut evhttp_request,
) -> *mut evbuffer {
    // SAFETY: NULL or live.
    unsafe { req.as_ref() }.map_or(null_mut(), |r| r.input_buffer)
}

/// The body that goes out. It lives as long as the request.
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_get_output_buffer(
    req: *mut evhttp_request,
) -> *mut evbuffer {
    // SAFETY: NULL or live.
    unsafe { req.as_ref() }.map_or(null_mut(), |r| r.output_buffer)
}

/// The host that the request is for, without a port: that of an absolute URI, else that of the Host
/// header. It lives as long as the request. NULL when there is none.
///
/// # Safety
/// `req` is NULL or a live request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_request_get_host(req: *mut evhttp_request) -> *const c_char {
    if req.is_null() {
        return null();
    }
    // SAFETY: a live request.
    unsafe { request::host(req) }
}

/// The value of the first header of a name, in any case; NULL when there is none.
///
/// It lives as long as the header.
///
/// # Safety
/// `headers` is NULL or a live list; `key` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_find_header(
    headers: *const evkeyvalq,
    key: *const c_char,
) -> *const c_char {
    // SAFETY: NULL or a C string; a live list.
    match unsafe { bytes(key) } {
        Some(key) if !headers.is_null() => {
            // SAFETY: a live list, whose nodes are live.
            unsafe { headers::find(headers, key).map_or(null(), |n| (*n).value.cast_const()) }
        }
        _ => null(),
    }
}

/// Removes the first header of a name, in any case. Returns 0, or -1 when there is none.
///
/// # Safety
/// `headers` is NULL or a live list; `key` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_remove_header(
    headers: *mut evkeyvalq,
    key: *const c_char,
) -> c_int {
    // SAFETY: NULL or a C string; a live list.
    match unsafe { bytes(key) } {
        Some(key) if !headers.is_null() => {
            // SAFETY: a live list.
            c_int::from(unsafe { headers::remove(headers, key) }) - 1
        }
        _ => -1,
    }
}

/// Appends a header. Both strings are copied; others of the same name stay.
///
/// Returns 0, or -1 when a string holds CR or LF, which would begin another header, or without memory.
///
/// # Safety
/// `headers` is NULL or a live list; `key` and `value` are NULL or C strings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_add_header(
    headers: *mut evkeyvalq,
    key: *const c_char,
    value: *const c_char,
) -> c_int {
    // SAFETY: NULL or C strings.
    match unsafe { (bytes(key), bytes(value)) } {
        (Some(key), Some(value)) if !headers.is_null() => {
            // SAFETY: a live list.
            status(unsafe { headers::add(headers, key, value) })
        }
        _ => -1,
    }
}

/// Removes all headers, or all pairs of a query.
///
/// # Safety
/// `headers` is NULL or a live list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_clear_headers(headers: *mut evkeyvalq) {
    if !headers.is_null() {
        // SAFETY: a live list.
        unsafe { headers::clear(headers) };
    }
}
