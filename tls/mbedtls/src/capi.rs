//! The functions of `event2/bufferevent_ssl.h` that know mbedTLS.
#![allow(non_camel_case_types, reason = "C names")]

use crate::evrs::{
    self, BEV_OPT_CLOSE_ON_FREE, bufferevent, bufferevent_ssl_state_raw, event_base, evrs_tls_new,
    evrs_tls_session_of, evrs_tls_take_error, evutil_socket_t,
};
use crate::ffi::{
    bufferevent_ssl_renegotiate, evrs_mbedtls_size, evrs_tls_allocate, mbedtls_ssl_config,
    mbedtls_ssl_context, mbedtls_ssl_init, mbedtls_ssl_setup,
};
use crate::session::{OPS, release};
use crate::wire;
use core::ffi::{c_int, c_ulong};
use core::ptr::null_mut;

/// A context of `bufferevent_mbedtls_dyncontext_new` (since 2.2).
pub type mbedtls_dyncontext = mbedtls_ssl_context;

/// A context for a session under `conf`, which has to outlive it; NULL on failure (since 2.2). One for
/// a bufferevent with `BEV_OPT_CLOSE_ON_FREE` has to be made here.
///
/// # Safety
/// `conf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_mbedtls_dyncontext_new(
    conf: *mut mbedtls_ssl_config,
) -> *mut mbedtls_dyncontext {
    if conf.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller); the block is ours, and has the size of a context.
    unsafe {
        let ssl: *mut mbedtls_dyncontext = evrs_tls_allocate(evrs_mbedtls_size()).cast();
        if ssl.is_null() {
            return ssl;
        }
        mbedtls_ssl_init(ssl);
        if mbedtls_ssl_setup(ssl, conf) != 0 {
            release(ssl);
            return null_mut();
        }
        ssl
    }
}

/// Frees a context of `bufferevent_mbedtls_dyncontext_new` that no bufferevent uses (since 2.2).
///
/// # Safety
/// `ctx` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_mbedtls_dyncontext_free(ctx: *mut mbedtls_dyncontext) {
    if !ctx.is_null() {
        // SAFETY: live (caller).
        unsafe { release(ctx) }
    }
}

/// A TLS bufferevent on top of `underlying`, whose callbacks it takes (since 2.2). `ssl` is in `state`:
/// `BUFFEREVENT_SSL_CONNECTING` or `BUFFEREVENT_SSL_ACCEPTING` before a handshake, which the configuration
/// makes a client's or a server's; the event callback gets `BEV_EVENT_CONNECTED` when it is over.
///
/// With `BEV_OPT_CLOSE_ON_FREE` both `ssl`, which is of `bufferevent_mbedtls_dyncontext_new` then, and
/// `underlying` go with it (and `ssl` at once on failure). NULL on failure.
///
/// # Safety
/// The pointers are NULL or live; nobody else uses `ssl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_mbedtls_filter_new(
    base: *mut event_base,
    underlying: *mut bufferevent,
    ssl: *mut mbedtls_dyncontext,
    state: bufferevent_ssl_state_raw,
    options: c_int,
) -> *mut bufferevent {
    if ssl.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    unsafe {
        if underlying.is_null() {
            return give_up(ssl, options);
        }
        finish(base, underlying, -1, ssl, state, options)
    }
}

/// A TLS bufferevent over the non-blocking socket `fd`, or -1 for one that
/// `bufferevent_socket_connect` or `bufferevent_setfd` brings (since 2.2); then, or if they are the same,
/// `ssl` may have it already, by `mbedtls_ssl_set_bio` with `mbedtls_net_send` and `mbedtls_net_recv`. For
/// `state` see `bufferevent_mbedtls_filter_new`.
///
/// With `BEV_OPT_CLOSE_ON_FREE` both `ssl`, which is of `bufferevent_mbedtls_dyncontext_new` then, and the
/// socket go with it (`ssl` at once on failure). NULL on failure.
///
/// # Safety
/// The pointers are NULL or live; nobody else uses `ssl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_mbedtls_socket_new(
    base: *mut event_base,
    fd: evutil_socket_t,
    ssl: *mut mbedtls_dyncontext,
    state: bufferevent_ssl_state_raw,
    options: c_int,
) -> *mut bufferevent {
    if ssl.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    unsafe {
        let has = wire::fd_of(ssl);
        let fd = fd.max(-1);
        if has != -1 && fd >= 0 && has != fd {
            return give_up(ssl, options);
        }
        finish(base, null_mut(), fd.max(has).max(-1), ssl, state, options)
    }
}

unsafe fn finish(
    base: *mut event_base,
    below: *mut bufferevent,
    fd: c_int,
    ssl: *mut mbedtls_ssl_context,
    state: bufferevent_ssl_state_raw,
    options: c_int,
) -> *mut bufferevent {
    // SAFETY: live (caller).
    unsafe {
        let state = evrs::state(state);
        let bev = evrs_tls_new(base, below, fd, &raw const OPS, ssl.cast(), state, options);
        if bev.is_null() { give_up(ssl, options) } else { bev }
    }
}

/// The context goes, if it was to go with the bufferevent.
unsafe fn give_up(ssl: *mut mbedtls_ssl_context, options: c_int) -> *mut bufferevent {
    if options & BEV_OPT_CLOSE_ON_FREE != 0 {
        // SAFETY: live (caller), and ours by the option.
        unsafe { release(ssl) };
    }
    null_mut()
}

/// Whether a connection that ends without the TLS farewell is `BEV_EVENT_EOF` (1) or
/// `BEV_EVENT_ERROR` (0, the default: somebody in between may have cut it). -1 for other kinds (since 2.2).
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_mbedtls_get_allow_dirty_shutdown(
    bev: *mut bufferevent,
) -> c_int {
    // SAFETY: NULL or live (caller).
    unsafe { evrs::allows_dirty_shutdown(bev) }
}

/// Says how a connection that ends without the TLS farewell is reported: see
/// `bufferevent_mbedtls_get_allow_dirty_shutdown`. Allow it only where the protocol inside marks its own
/// end (since 2.2).
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_mbedtls_set_allow_dirty_shutdown(
    bev: *mut bufferevent,
    allow_dirty_shutdown: c_int,
) {
    // SAFETY: NULL or live (caller).
    unsafe { evrs::allow_dirty_shutdown(bev, allow_dirty_shutdown != 0) }
}

/// The context of a bufferevent of this library; NULL for others (since 2.2). It belongs to the
/// bufferevent.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_mbedtls_get_ssl(
    bufev: *mut bufferevent,
) -> *mut mbedtls_ssl_context {
    // SAFETY: NULL or live (caller).
    unsafe {
        evrs_tls_session_of(bufev, &raw const OPS).as_ref().map_or(null_mut(), |s| s.handle.cast())
    }
}

/// The same as `bufferevent_ssl_renegotiate` (since 2.2). A server can only ask its client, which is
/// over when the request is sent: the handshake comes with the data that is read after, or never.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_mbedtls_renegotiate(bev: *mut bufferevent) -> c_int {
    // SAFETY: NULL or live (caller).
    unsafe { bufferevent_ssl_renegotiate(bev) }
}

/// Takes the newest of the errors of a bufferevent; 0 when there is none (left). It is negative as an
/// `int`, for `mbedtls_strerror`; a farewell is one of them, `MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY`
/// (since 2.2).
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_mbedtls_error(bev: *mut bufferevent) -> c_ulong {
    // SAFETY: NULL or live (caller).
    unsafe { evrs_tls_take_error(bev, &raw const OPS) }
}
