//! The functions of `event2/bufferevent_ssl.h` that know OpenSSL.
#![allow(non_camel_case_types, reason = "C names")]

use crate::evrs::{
    self, BEV_OPT_CLOSE_ON_FREE, bufferevent, bufferevent_ssl_state_raw, event_base, evrs_tls_new,
    evrs_tls_session_of, evrs_tls_take_error, evutil_socket_t,
};
use crate::ffi::{
    BIO_CTRL_SET_CLOSE, BIO_NOCLOSE, BIO_ctrl, SSL_CTRL_MODE, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER,
    SSL_ctrl, SSL_free, SSL_get_wbio, SSL_set_bio, ssl_st,
};
use crate::session::OPS;
use crate::wire;
use core::ffi::{c_int, c_ulong};
use core::ptr::null_mut;

/// A TLS bufferevent on top of `underlying`, whose callbacks it takes. `ssl` is in `state`:
/// `BUFFEREVENT_SSL_CONNECTING` begins a client's handshake, `BUFFEREVENT_SSL_ACCEPTING` a server's;
/// the event callback gets `BEV_EVENT_CONNECTED` when it is over.
///
/// With `BEV_OPT_CLOSE_ON_FREE` both `ssl` and `underlying` go with it (and `ssl` at once on failure).
/// NULL on failure.
///
/// # Safety
/// The pointers are NULL or live; nobody else uses `ssl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_openssl_filter_new(
    base: *mut event_base,
    underlying: *mut bufferevent,
    ssl: *mut ssl_st,
    state: bufferevent_ssl_state_raw,
    options: c_int,
) -> *mut bufferevent {
    if ssl.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller); SSL_set_bio takes the BIO over.
    unsafe {
        let bio =
            if underlying.is_null() { null_mut() } else { wire::over_bufferevent(underlying) };
        if bio.is_null() {
            return give_up(ssl, options);
        }
        SSL_set_bio(ssl, bio, bio);
        finish(base, underlying, -1, ssl, state, options)
    }
}

/// A TLS bufferevent over the non-blocking socket `fd`, or -1 for one that
/// `bufferevent_socket_connect` or `bufferevent_setfd` brings; then, or if they are the same, `ssl` may
/// have its descriptor already. For `state` see `bufferevent_openssl_filter_new`.
///
/// With `BEV_OPT_CLOSE_ON_FREE` both `ssl` and the socket go with it (`ssl` at once on failure). NULL on
/// failure.
///
/// # Safety
/// The pointers are NULL or live; nobody else uses `ssl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_openssl_socket_new(
    base: *mut event_base,
    fd: evutil_socket_t,
    ssl: *mut ssl_st,
    state: bufferevent_ssl_state_raw,
    options: c_int,
) -> *mut bufferevent {
    if ssl.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller); SSL_set_bio takes the BIO over.
    unsafe {
        let bio = SSL_get_wbio(ssl);
        let has = wire::fd_of(bio);
        let fd = match (has >= 0, fd >= 0) {
            (true, true) if has != fd => return give_up(ssl, options),
            (true, _) => {
                // Who closes it, BEV_OPT_CLOSE_ON_FREE says.
                BIO_ctrl(bio, BIO_CTRL_SET_CLOSE, BIO_NOCLOSE, null_mut());
                has
            }
            (false, true) => {
                let bio = wire::over_fd(fd);
                if bio.is_null() {
                    return give_up(ssl, options);
                }
                SSL_set_bio(ssl, bio, bio);
                fd
            }
            (false, false) => -1,
        };
        finish(base, null_mut(), fd, ssl, state, options)
    }
}

unsafe fn finish(
    base: *mut event_base,
    below: *mut bufferevent,
    fd: c_int,
    ssl: *mut ssl_st,
    state: bufferevent_ssl_state_raw,
    options: c_int,
) -> *mut bufferevent {
    // SAFETY: live (caller).
    unsafe {
        // An interrupted write comes again from wherever the output lies then.
        SSL_ctrl(ssl, SSL_CTRL_MODE, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, null_mut());
        let state = evrs::state(state);
        let bev = evrs_tls_new(base, below, fd, &raw const OPS, ssl.cast(), state, options);
        if bev.is_null() { give_up(ssl, options) } else { bev }
    }
}

/// The object goes, if it was to go with the bufferevent.
unsafe fn give_up(ssl: *mut ssl_st, options: c_int) -> *mut bufferevent {
    if options & BEV_OPT_CLOSE_ON_FREE != 0 {
        // SAFETY: live (caller), and ours by the option.
        unsafe { SSL_free(ssl) };
    }
    null_mut()
}

/// Whether a connection that ends without the TLS farewell is `BEV_EVENT_EOF` (1) or
/// `BEV_EVENT_ERROR` (0, the default: somebody in between may have cut it). -1 for other kinds.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_openssl_get_allow_dirty_shutdown(
    bev: *mut bufferevent,
) -> c_int {
    // SAFETY: NULL or live (caller).
    unsafe { evrs::allows_dirty_shutdown(bev) }
}

/// Says how a connection that ends without the TLS farewell is reported: see
/// `bufferevent_openssl_get_allow_dirty_shutdown`. Allow it only where the protocol inside marks its own
/// end.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_openssl_set_allow_dirty_shutdown(
    bev: *mut bufferevent,
    allow_dirty_shutdown: c_int,
) {
    // SAFETY: NULL or live (caller).
    unsafe { evrs::allow_dirty_shutdown(bev, allow_dirty_shutdown != 0) }
}

/// The `SSL` of a bufferevent of this library; NULL for others. It belongs to the bufferevent.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_openssl_get_ssl(bufev: *mut bufferevent) -> *mut ssl_st {
    // SAFETY: NULL or live (caller).
    unsafe {
        evrs_tls_session_of(bufev, &raw const OPS).as_ref().map_or(null_mut(), |s| s.handle.cast())
    }
}

/// Takes the newest of the errors of a bufferevent, for `ERR_error_string` and the like; 0 when there
/// is none (left). The `SSL_ERROR_*` code of the failed operation is the oldest.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_openssl_error(bev: *mut bufferevent) -> c_ulong {
    // SAFETY: NULL or live (caller).
    unsafe { evrs_tls_take_error(bev, &raw const OPS) }
}
