//! `event2/dns.h`: a DNS server.

use crate::capi::convert::bytes;
use crate::dns::port::{self, RecordData};
use crate::dns::raw::evdns_server_request;
use crate::dns::types::{
    EVDNS_ANSWER_SECTION, EVDNS_CLASS_INET, EVDNS_TYPE_A, EVDNS_TYPE_AAAA, EVDNS_TYPE_CNAME,
    EVDNS_TYPE_PTR, evdns_request_callback_fn_type, evdns_server_option_raw,
};
use crate::dns::{clients, evdns_server_port, reverse};
use crate::event::event_base;
use crate::listener::evconnlistener;
use crate::util::types::evutil_socket_t;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_char, c_int, in_addr, size_t, sockaddr};

/// Starts to serve DNS on a bound UDP socket, which has to be non-blocking and is closed with the port.
///
/// `callback` is called with each query and `user_data`. It adds records to the answer with
/// `evdns_server_request_add_*` and sends it with `evdns_server_request_respond`, or forgets it with
/// `evdns_server_request_drop`, then or later. Only queries proper come there: others get
/// `DNS_ERR_NOTIMPL`, and what is no query is dropped.
///
/// `flags` has to be 0. `base` NULL means the current base. Returns NULL on failure; then the socket is
/// still open.
///
/// # Safety
/// `base` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_add_server_port_with_base(
    base: *mut event_base,
    socket: evutil_socket_t,
    flags: c_int,
    callback: evdns_request_callback_fn_type,
    user_data: *mut c_void,
) -> *mut evdns_server_port {
    if flags != 0 {
        return null_mut();
    }
    // SAFETY: NULL or live (caller).
    unsafe { port::new(base, socket, callback, user_data) }.unwrap_or(null_mut())
}

/// Starts to serve DNS over TCP with the connections of a listener (since 2.2), which is the port's from
/// now on and freed with it.
///
/// As `evdns_add_server_port_with_base`; answers are up to 65535 bytes long. The listener may have been
/// made without a callback; it is switched on.
///
/// Returns NULL on failure; then the listener is still the caller's.
///
/// # Safety
/// `base` and `listener` are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_add_server_port_with_listener(
    base: *mut event_base,
    listener: *mut evconnlistener,
    flags: c_int,
    callback: evdns_request_callback_fn_type,
    user_data: *mut c_void,
) -> *mut evdns_server_port {
    if flags != 0 || listener.is_null() {
        return null_mut();
    }
    // SAFETY: NULL or live (caller).
    unsafe { clients::new_port(base, listener, callback, user_data) }.unwrap_or(null_mut())
}

/// Sets a limit of a port that was made with a listener (since 2.2).
///
/// `EVDNS_SOPT_TCP_MAX_CLIENTS`: so many clients at a time, others are turned away (10).
/// `EVDNS_SOPT_TCP_IDLE_TIMEOUT`: after so many seconds a client that waits for no answer is dropped;
/// 0: never (10). It holds for clients that come later.
///
/// Returns 0, or -1 for NULL, for a port over UDP, and for another option.
///
/// # Safety
/// `port` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_server_port_set_option(
    port: *mut evdns_server_port,
    option: evdns_server_option_raw,
    value: size_t,
) -> c_int {
    // SAFETY: live, unless NULL (caller).
    if port.is_null() || !unsafe { port::set_option(port, option, value) } { -1 } else { 0 }
}

/// Closes a port: no query is taken any more. The socket is closed when those that have been taken are
/// answered or dropped.
///
/// # Safety
/// `port` is NULL or live, and is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_close_server_port(port: *mut evdns_server_port) {
    if !port.is_null() {
        // SAFETY: live (caller).
        unsafe { port::close(port) };
    }
}

/// Sets the flags `EVDNS_FLAGS_AA` and `EVDNS_FLAGS_RD` of the answer.
///
/// # Safety
/// `req` is NULL or a query that has been neither answered nor dropped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_server_request_set_flags(
    req: *mut evdns_server_request,
    flags: c_int,
) {
    if !req.is_null() {
        // SAFETY: alive (caller).
        unsafe { port::set_flags(req, flags) };
    }
}

/// Adds a record to an answer.
///
/// `section` is an `EVDNS_*_SECTION`; `name`, `type`, `dns_class` and `ttl` (seconds) go into the
/// record as they are. With `is_name`, `data` is a string, a domain name, and takes part in
/// compression; `datalen` is not looked at. Else it is `datalen` bytes.
///
/// Returns 0, or -1 when that cannot be: NULL, no memory, another section, too many bytes, or the answer
/// is on its way already.
///
/// # Safety
/// `req` is NULL or a query that has been neither answered nor dropped; `name` is NULL or a string;
/// `data` is NULL or what `datalen` and `is_name` say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_server_request_add_reply(
    req: *mut evdns_server_request,
    section: c_int,
    name: *const c_char,
    r#type: c_int,
    dns_class: c_int,
    ttl: c_int,
    datalen: c_int,
    is_name: c_int,
    data: *const c_char,
) -> c_int {
    // SAFETY: strings, bytes and a query, or NULL (caller).
    unsafe {
        let Some(name) = bytes(name) else { return -1 };
        if req.is_null() {
            return -1;
        }
        let data = if is_name != 0 {
            let Some(text) = bytes(data) else { return -1 };
            RecordData::Name(text)
        } else if data.is_null() {
            RecordData::Bytes(&[])
        } else {
            let Ok(len) = usize::try_from(datalen) else { return -1 };
            RecordData::Bytes(core::slice::from_raw_parts(data.cast(), len))
        };
        done(port::add(req, section, name, [r#type, dns_class, ttl], data))
    }
}

fn done(result: crate::error::Result<()>) -> c_int {
    if result.is_ok() { 0 } else { -1 }
}

/// Records of a name, one for each of the `n` addresses of `size` bytes.
///
/// # Safety
/// `req` is NULL or alive; `name` is NULL or a string; `addrs` is NULL or has so many bytes.
unsafe fn addresses(
    req: *mut evdns_server_request,
    name: *const c_char,
    n: c_int,
    addrs: *const c_void,
    [kind, ttl, size]: [c_int; 3],
) -> c_int {
    // SAFETY: the same contract.
    unsafe {
        let (Ok(n), Ok(size)) = (usize::try_from(n), usize::try_from(size)) else { return -1 };
        let Some(name) = bytes(name) else { return -1 };
        let Some(len) = n.checked_mul(size).filter(|l| isize::try_from(*l).is_ok()) else {
            return -1;
        };
        if req.is_null() || (addrs.is_null() && n > 0) {
            return -1;
        }
        let all = if n == 0 { &[] } else { core::slice::from_raw_parts(addrs.cast(), len) };
        done(port::add_addresses(req, name, [kind, EVDNS_CLASS_INET, ttl], all, size))
    }
}

/// Adds `n` IPv4 addresses (`struct in_addr`) of a name to an answer, a record for each. Returns as
/// `evdns_server_request_add_reply`.
///
/// # Safety
/// As there; `addrs` is NULL or has `n` addresses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_server_request_add_a_reply(
    req: *mut evdns_server_request,
    name: *const c_char,
    n: c_int,
    addrs: *const c_void,
    ttl: c_int,
) -> c_int {
    // SAFETY: the same contract.
    unsafe { addresses(req, name, n, addrs, [EVDNS_TYPE_A, ttl, 4]) }
}

/// Adds `n` IPv6 addresses (`struct in6_addr`) of a name to an answer, a record for each. Returns as
/// `evdns_server_request_add_reply`.
///
/// # Safety
/// As there; `addrs` is NULL or has `n` addresses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_server_request_add_aaaa_reply(
    req: *mut evdns_server_request,
    name: *const c_char,
    n: c_int,
    addrs: *const c_void,
    ttl: c_int,
) -> c_int {
    // SAFETY: the same contract.
    unsafe { addresses(req, name, n, addrs, [EVDNS_TYPE_AAAA, ttl, 16]) }
}

/// Adds the name of an address to an answer: either of the IPv4 address `in_`, or of `inaddr_name`, a
/// name under `in-addr.arpa` or `ip6.arpa`; the other one is NULL. Returns as
/// `evdns_server_request_add_reply`.
///
/// # Safety
/// As there; `in_` is NULL or valid, `inaddr_name` and `hostname` are NULL or strings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_server_request_add_ptr_reply(
    req: *mut evdns_server_request,
    in_: *mut in_addr,
    inaddr_name: *const c_char,
    hostname: *const c_char,
    ttl: c_int,
) -> c_int {
    // SAFETY: NULL or valid (caller).
    unsafe {
        let name = match (in_.as_ref(), bytes(inaddr_name)) {
            (Some(address), None) => Some(reverse::v4(address.s_addr.to_ne_bytes())),
            (None, Some(_)) => None,
            _ => return -1,
        };
        let text = name.as_ref().map_or(inaddr_name, |n| n.as_bytes_with_nul().as_ptr().cast());
        add_name(req, text, EVDNS_TYPE_PTR, ttl, hostname)
    }
}

/// Adds the canonical name of a name to an answer. Returns as `evdns_server_request_add_reply`.
///
/// # Safety
/// As there; `cname` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_server_request_add_cname_reply(
    req: *mut evdns_server_request,
    name: *const c_char,
    cname: *const c_char,
    ttl: c_int,
) -> c_int {
    // SAFETY: the same contract.
    unsafe { add_name(req, name, EVDNS_TYPE_CNAME, ttl, cname) }
}

/// # Safety
/// `req` is NULL or alive; `name` and `data` are NULL or strings.
unsafe fn add_name(
    req: *mut evdns_server_request,
    name: *const c_char,
    kind: c_int,
    ttl: c_int,
    data: *const c_char,
) -> c_int {
    let (section, class) = (EVDNS_ANSWER_SECTION, EVDNS_CLASS_INET);
    // SAFETY: the same contract.
    unsafe { evdns_server_request_add_reply(req, section, name, kind, class, ttl, -1, 1, data) }
}

/// Sends an answer, with the result code `err` (`DNS_ERR_NONE` to `DNS_ERR_REFUSED`).
///
/// What is too long for the transport is cut off, and the answer says so.
///
/// Returns 0 when the answer has been sent, 1 when it waits for the socket; in both cases the query is
/// gone. -1 when there is a name in it that is none, or no memory; then the query is still there.
///
/// # Safety
/// `req` is NULL or a query that has been neither answered nor dropped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_server_request_respond(
    req: *mut evdns_server_request,
    err: c_int,
) -> c_int {
    if req.is_null() {
        return -1;
    }
    // SAFETY: alive (caller).
    unsafe { port::respond(req, err) }
}

/// Forgets a query without an answer. Returns 0, or -1 for NULL.
///
/// # Safety
/// `req` is NULL or a query that has been neither answered nor dropped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_server_request_drop(req: *mut evdns_server_request) -> c_int {
    if req.is_null() {
        return -1;
    }
    // SAFETY: alive (caller).
    unsafe { port::forget(req) };
    0
}

/// Who has asked: copies the address to `sa`, which has room for `addr_len` bytes.
///
/// Returns the length of the address, or -1 when it does not fit.
///
/// # Safety
/// `req` is NULL or a query that has been neither answered nor dropped; `sa` is NULL or has the room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_server_request_get_requesting_addr(
    req: *mut evdns_server_request,
    sa: *mut sockaddr,
    addr_len: c_int,
) -> c_int {
    if req.is_null() || sa.is_null() {
        return -1;
    }
    // SAFETY: alive, and room for `addr_len` bytes (caller).
    unsafe {
        let address = port::asker(req);
        let Ok(needed) = c_int::try_from(address.len()) else { return -1 };
        if needed > addr_len {
            return -1;
        }
        sa.cast::<u8>().copy_from_nonoverlapping(address.as_ptr().cast(), address.len() as usize);
        needed
    }
}
