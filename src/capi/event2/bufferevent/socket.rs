//! `event2/bufferevent.h`: socket bufferevents.

use crate::bufferevent::raw::bufferevent;
use crate::bufferevent::{self as bevs};
use crate::capi::convert::{set_errno, status};
use crate::dns::evdns_base;
use crate::error::Error;
use crate::event::event_base;
use crate::util::types::{evutil_addrinfo, evutil_socket_t};
use core::ffi::{CStr, c_char};
use core::ptr::null_mut;
use libc::{c_int, sockaddr, socklen_t};

/// A bufferevent over a stream socket, which must be non-blocking.
///
/// `fd` may be -1: it can be given later with `bufferevent_setfd`, or made by
/// `bufferevent_socket_connect`. `options` are `BEV_OPT_*`. `base` NULL means the current base.
///
/// Returns NULL on failure, and for `BEV_OPT_UNLOCK_CALLBACKS` without `BEV_OPT_DEFER_CALLBACKS`.
///
/// # Safety
/// `base` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_socket_new(
    base: *mut event_base,
    fd: evutil_socket_t,
    options: c_int,
) -> *mut bufferevent {
    // SAFETY: NULL or live (caller).
    unsafe { bevs::socket_new(base, fd, options) }.unwrap_or_else(|e| {
        set_errno(e);
        null_mut()
    })
}

/// Starts a connection. The event callback hears `BEV_EVENT_CONNECTED`, or `BEV_EVENT_ERROR`.
///
/// A socket is made if the bufferevent has none. `addr` NULL means that the bufferevent's socket is
/// being connected already.
///
/// Returns 0 when the event callback will tell, -1 when the attempt could not even be started
/// (`errno` says why, and the event callback is not called).
///
/// # Safety
/// `bufev` is NULL or live; `addr` is NULL or points to `socklen` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_socket_connect(
    bufev: *mut bufferevent,
    addr: *const sockaddr,
    socklen: c_int,
) -> c_int {
    let Ok(len) = socklen_t::try_from(socklen) else {
        return status(Err(Error::Invalid));
    };
    if bufev.is_null() {
        return status(Err(Error::Invalid));
    }
    // SAFETY: live, NULL or valid (caller).
    status(unsafe { bevs::socket_connect(bufev, addr, len) })
}

/// Looks a host name up and connects to it as `bufferevent_socket_connect` does.
///
/// `hostname` is a name or a numeric address (IPv6 with or without brackets); `family` is `AF_INET`,
/// `AF_INET6` or `AF_UNSPEC`. Every address of the name is tried, the families in turn (RFC 8305):
/// the next one when an attempt has failed, or a quarter of a second after it was started. The
/// event callback hears once: of the first connection, or of the last failure. Until then
/// `bufferevent_getfd` may change. The write timeout, if there is one, bounds all attempts together.
/// A descriptor that was set before is connected to the first address only.
/// `bufferevent_socket_get_dns_error` tells failures of the lookup. Without an `evdns_base` this
/// function blocks until the name is resolved.
///
/// Returns 0, or -1 for another family, a port outside of 1 to 65535, or without memory.
///
/// # Safety
/// `bufev` and `evdns_base` are NULL or live; `hostname` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_socket_connect_hostname(
    bufev: *mut bufferevent,
    evdns_base: *mut evdns_base,
    family: c_int,
    hostname: *const c_char,
    port: c_int,
) -> c_int {
    if !matches!(family, libc::AF_INET | libc::AF_INET6 | libc::AF_UNSPEC) {
        return status(Err(Error::Invalid));
    }
    // SAFETY: all fields of the C struct may be zero.
    let mut hints: evutil_addrinfo = unsafe { core::mem::zeroed() };
    hints.ai_family = family;
    hints.ai_protocol = libc::IPPROTO_TCP;
    hints.ai_socktype = libc::SOCK_STREAM;
    // SAFETY: as the caller promises; the hints live as long as the call.
    unsafe {
        bufferevent_socket_connect_hostname_hints(
            bufev,
            evdns_base,
            &raw const hints,
            hostname,
            port,
        )
    }
}

/// As `bufferevent_socket_connect_hostname`, with the caller's hints for `evutil_getaddrinfo` (since
/// 2.2). They should ask for stream sockets, or each address is tried once for every kind.
///
/// # Safety
/// As there; `hints_in` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_socket_connect_hostname_hints(
    bufev: *mut bufferevent,
    evdns_base: *mut evdns_base,
    hints_in: *const evutil_addrinfo,
    hostname: *const c_char,
    port: c_int,
) -> c_int {
    if bufev.is_null() || hostname.is_null() {
        return status(Err(Error::Invalid));
    }
    // SAFETY: live and valid (caller).
    status(unsafe {
        bevs::socket_connect_hostname(
            bufev,
            evdns_base.cast(),
            hints_in,
            CStr::from_ptr(hostname),
            port,
        )
    })
}

/// The result of the last failed lookup of `bufferevent_socket_connect_hostname`, an
/// `EVUTIL_EAI_*` code; 0 when none failed.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_socket_get_dns_error(bev: *mut bufferevent) -> c_int {
    if bev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::connect::dns_error(bev) }
}

/// Moves a socket bufferevent, which must not have been enabled yet, to another base. 0, or -1 for
/// other kinds and when its events are in use.
///
/// # Safety
/// Both are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_base_set(
    base: *mut event_base,
    bufev: *mut bufferevent,
) -> c_int {
    if base.is_null() || bufev.is_null() {
        return status(Err(Error::Invalid));
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::socket::base_set(base, bufev) })
}

/// Sets the priority of a socket bufferevent's events and callbacks. 0, or -1 for other kinds, a
/// priority the base does not have, and while its events are active.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_priority_set(bufev: *mut bufferevent, pri: c_int) -> c_int {
    if bufev.is_null() {
        return status(Err(Error::Invalid));
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::socket::priority_set(bufev, pri) })
}

/// The priority of a socket bufferevent; the base's default priority for other kinds.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_priority(bufev: *const bufferevent) -> c_int {
    if bufev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::priority(bufev.cast_mut()) }
}
