//! `event2/ws.h`: WebSocket (since 2.2).
//!
//! A session is used by the thread that runs its server; with `BEV_OPT_THREADSAFE` among its options
//! and locks on, `evws_send_text`, `evws_send_binary` and `evws_close` may be called from any thread.
//! All functions may be called from inside its callbacks, and the session and its server may be freed
//! there. NULL where a session is needed does nothing.
//!
//! Messages are whole when the program sees them: fragments are put together, text is UTF-8, pings are
//! answered. The other side is told with 1002 that it has broken the rules of RFC 6455, with 1007 that
//! its text is no UTF-8, with 1009 that a message is longer than 10 MiB, or than the server's
//! `evhttp_set_max_body_size`; the session ends then. The server's timeouts go on to hold; a program that
//! wants others sets them on the session's bufferevent.

use crate::bufferevent::raw::bufferevent;
use crate::capi::convert::{bytes, set_errno};
use crate::http::raw::evhttp_request;
use crate::http::ws_frame::opcode;
use crate::http::ws_types::{ws_on_close_cb, ws_on_msg_cb};
use crate::http::{evws_connection, websocket};
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_char, c_int, size_t};

/// Turns a request into a WebSocket session.
///
/// `req` is a request that its callback has and that was not answered. It is done with, and the
/// session has its connection, as one of its server's. Headers that were added for the reply go out
/// with the answer; without a `Sec-WebSocket-Protocol` among them it names the first that the client
/// offers. `cb` is called with `arg` for each message.
///
/// `options` are those of bufferevents; only `BEV_OPT_THREADSAFE`, with those for callbacks, means something.
/// It needs a socket bufferevent, or one that has a lock already.
///
/// NULL when the request is no handshake (it is answered with 400), is one of another version (426), or
/// was answered before; or without memory, and the connection is closed.
///
/// # Safety
/// `req` is NULL or a live request of a server, used by the thread that runs it; it is not used
/// afterwards, unless it was answered before. `cb` may be called with `arg`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evws_new_session(
    req: *mut evhttp_request,
    cb: ws_on_msg_cb,
    arg: *mut c_void,
    options: c_int,
) -> *mut evws_connection {
    if req.is_null() {
        return null_mut();
    }
    // SAFETY: a live request.
    unsafe { websocket::new(req, cb, arg, options) }.unwrap_or_else(|e| {
        set_errno(e);
        null_mut()
    })
}

/// Sends a text message, up to the NUL.
///
/// # Safety
/// `evws` is NULL or a live session; `packet_str` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evws_send_text(evws: *mut evws_connection, packet_str: *const c_char) {
    // SAFETY: NULL or a C string.
    if let (false, Some(text)) = (evws.is_null(), unsafe { bytes(packet_str) }) {
        // After the end, or without memory, nothing is sent: there is no way to say so.
        // SAFETY: a live session.
        let _ = unsafe { websocket::send(evws, opcode::TEXT, text) };
    }
}

/// Sends a message of `packet_len` bytes.
///
/// # Safety
/// `evws` is NULL or a live session; `packet_data` has `packet_len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evws_send_binary(
    evws: *mut evws_connection,
    packet_data: *const c_char,
    packet_len: size_t,
) {
    if evws.is_null() || (packet_data.is_null() && packet_len > 0) {
        return;
    }
    let data = if packet_len == 0 {
        &[]
    } else {
        // SAFETY: that many readable bytes (caller).
        unsafe { core::slice::from_raw_parts(packet_data.cast::<u8>(), packet_len) }
    };
    // SAFETY: a live session.
    let _ = unsafe { websocket::send(evws, opcode::BINARY, data) };
}

/// Ends a session with a reason (`WS_CR_*` or a number of the program's from 3000 on; 0 and numbers
/// that must not be sent for none).
///
/// Messages that were sent before go out; later ones are dropped, and none is received. The session is freed
/// when the other side has answered, or gone, or been silent for 5 seconds.
///
/// # Safety
/// `evws` is NULL or a live session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evws_close(evws: *mut evws_connection, reason: u16) {
    if !evws.is_null() {
        // SAFETY: a live session.
        unsafe { websocket::close(evws, reason) };
    }
}

/// Sets a callback for the end of a session, whichever side ends it, and for `evws_connection_free`.
///
/// The session is freed when it returns. NULL for none.
///
/// # Safety
/// `evws` is NULL or a live session; `cb` may be called with `cbarg`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evws_connection_set_closecb(
    evws: *mut evws_connection,
    cb: ws_on_close_cb,
    cbarg: *mut c_void,
) {
    if !evws.is_null() {
        // SAFETY: a live session.
        unsafe { websocket::set_closed(evws, cb, cbarg) };
    }
}

/// Frees a session at once, what was not written yet included; its close callback is called. NULL is
/// fine.
///
/// # Safety
/// `evws` is NULL or a live session, not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evws_connection_free(evws: *mut evws_connection) {
    if !evws.is_null() {
        // SAFETY: a live session, given up by the caller.
        unsafe { websocket::free(evws) };
    }
}

/// The bufferevent of a session, for its addresses, timeouts, watermarks. Its callbacks are the
/// session's.
///
/// # Safety
/// `evws` is NULL or a live session.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evws_connection_get_bufferevent(
    evws: *mut evws_connection,
) -> *mut bufferevent {
    if evws.is_null() {
        return null_mut();
    }
    // SAFETY: a live session.
    unsafe { websocket::bev(evws) }
}
