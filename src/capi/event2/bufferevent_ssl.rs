//! `event2/bufferevent_ssl.h`: what is the same for every TLS library. The rest stands in the
//! packages under `tls/`.

use crate::bufferevent::raw::bufferevent;
use crate::bufferevent::tls;
use crate::bufferevent::tls::types::BUFFEREVENT_SSL_BATCH_WRITE;
use crate::bufferevent::tls::types::BUFFEREVENT_SSL_DIRTY_SHUTDOWN;
use crate::capi::convert::set_errno;
use crate::error::Error;
use libc::c_int;

/// Shakes hands again, with TLS 1.2 and older; the event callback gets `BEV_EVENT_CONNECTED` when
/// that is over. 1 if it is over at once, 0 if not, -1 on failure and for other kinds.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_ssl_renegotiate(bev: *mut bufferevent) -> c_int {
    if bev.is_null() {
        set_errno(Error::Invalid);
        return -1;
    }
    // SAFETY: live (caller).
    match unsafe { tls::handshake::renegotiate(bev) } {
        Ok(over) => c_int::from(over),
        Err(e) => {
            set_errno(e);
            -1
        }
    }
}

/// The `BUFFEREVENT_SSL_*` flags; all bits for other kinds (since 2.2).
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_ssl_get_flags(bev: *mut bufferevent) -> u64 {
    if bev.is_null() {
        return u64::MAX;
    }
    // SAFETY: live (caller).
    unsafe { tls::flags(bev) }.unwrap_or(u64::MAX)
}

/// Sets flags, beside those that are set: `BUFFEREVENT_SSL_DIRTY_SHUTDOWN`,
/// `BUFFEREVENT_SSL_BATCH_WRITE`. Returns the former ones; all bits for other kinds, and when
/// `flags` has none of them (since 2.2).
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_ssl_set_flags(bev: *mut bufferevent, flags: u64) -> u64 {
    let flags = flags & (BUFFEREVENT_SSL_DIRTY_SHUTDOWN | BUFFEREVENT_SSL_BATCH_WRITE);
    if bev.is_null() || flags == 0 {
        return u64::MAX;
    }
    // SAFETY: live (caller).
    unsafe { tls::change_flags(bev, flags, 0) }.unwrap_or(u64::MAX)
}

/// Clears flags. Returns the former ones; all bits for other kinds, and when `flags` has none of
/// them (since 2.2).
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_ssl_clear_flags(bev: *mut bufferevent, flags: u64) -> u64 {
    let flags = flags & (BUFFEREVENT_SSL_DIRTY_SHUTDOWN | BUFFEREVENT_SSL_BATCH_WRITE);
    if bev.is_null() || flags == 0 {
        return u64::MAX;
    }
    // SAFETY: live (caller).
    unsafe { tls::change_flags(bev, 0, flags) }.unwrap_or(u64::MAX)
}
