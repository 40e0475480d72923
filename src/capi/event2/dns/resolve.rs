//! `event2/dns.h`: names to addresses, and back.

use crate::capi::convert::bytes;
use crate::dns::types::{evdns_callback_type, evdns_getaddrinfo_cb};
use crate::dns::{
    cache, evdns_base, evdns_getaddrinfo_request, evdns_request, global, lookup, request, reverse,
    wire,
};
use crate::util::resolve::Hints;
use crate::util::types::evutil_addrinfo;
use core::ffi::{CStr, c_void};
use core::ptr::null_mut;
use libc::{c_char, c_int, in_addr, in6_addr};

/// # Safety
/// `base` is NULL or live.
unsafe fn ask(
    base: *mut evdns_base,
    kind: u16,
    name: Option<&[u8]>,
    flags: c_int,
    cb: evdns_callback_type,
    arg: *mut c_void,
) -> *mut evdns_request {
    let Some(name) = name else { return null_mut() };
    if base.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    unsafe { request::resolve(base, kind, name, flags, cb, arg) }.unwrap_or(null_mut())
}

/// Asks for the IPv4 addresses of a name.
///
/// `flags` is 0 or a sum of `DNS_QUERY_*`. `callback` is called once, from the loop, with `ptr`: with
/// `DNS_ERR_NONE`, `DNS_IPv4_A`, how many addresses there are, for how many seconds they hold, and
/// the addresses (`struct in_addr`), which are gone when it returns; or with another `DNS_ERR_*`.
/// Hosts files are not looked at. Without name servers the request waits for one.
///
/// Returns the request, which is good for `evdns_cancel_request` until the callback runs; NULL, and the
/// callback is not called, without memory and for a name that no server can know: longer than 255
/// bytes, or with a label that is empty or longer than 63.
///
/// # Safety
/// `base` is NULL or live; `name` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_resolve_ipv4(
    base: *mut evdns_base,
    name: *const c_char,
    flags: c_int,
    callback: evdns_callback_type,
    ptr: *mut c_void,
) -> *mut evdns_request {
    // SAFETY: NULL or a string, NULL or live (caller).
    unsafe { ask(base, wire::TYPE_A, bytes(name), flags, callback, ptr) }
}

/// Asks for the IPv6 addresses of a name: as `evdns_base_resolve_ipv4`, with `DNS_IPv6_AAAA` and
/// `struct in6_addr`.
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_resolve_ipv6(
    base: *mut evdns_base,
    name: *const c_char,
    flags: c_int,
    callback: evdns_callback_type,
    ptr: *mut c_void,
) -> *mut evdns_request {
    // SAFETY: NULL or a string, NULL or live (caller).
    unsafe { ask(base, wire::TYPE_AAAA, bytes(name), flags, callback, ptr) }
}

/// Asks for the name of an IPv4 address.
///
/// As `evdns_base_resolve_ipv4`; the callback gets `DNS_PTR`, 1, and a `char **` that points to the
/// name. Search domains are not used.
///
/// # Safety
/// `base` is NULL or live; `in_` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_resolve_reverse(
    base: *mut evdns_base,
    in_: *const in_addr,
    flags: c_int,
    callback: evdns_callback_type,
    ptr: *mut c_void,
) -> *mut evdns_request {
    // SAFETY: NULL or valid, NULL or live (caller).
    unsafe {
        let name = in_.as_ref().map(|a| reverse::v4(a.s_addr.to_ne_bytes()));
        ask(base, wire::TYPE_PTR, name.as_ref().map(|n| n.as_bytes()), flags, callback, ptr)
    }
}

/// Asks for the name of an IPv6 address: as `evdns_base_resolve_reverse`.
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_resolve_reverse_ipv6(
    base: *mut evdns_base,
    in_: *const in6_addr,
    flags: c_int,
    callback: evdns_callback_type,
    ptr: *mut c_void,
) -> *mut evdns_request {
    // SAFETY: NULL or valid, NULL or live (caller).
    unsafe {
        let name = in_.as_ref().map(|a| reverse::v6(a.s6_addr));
        ask(base, wire::TYPE_PTR, name.as_ref().map(|n| n.as_bytes()), flags, callback, ptr)
    }
}

/// Cancels a request: its callback is called with `DNS_ERR_CANCEL`, later, by the loop.
///
/// If the callback is about to be called with a result, it still is. `base` is not needed, and may be
/// NULL.
///
/// # Safety
/// `req` is NULL or a request whose callback has not been called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_cancel_request(base: *mut evdns_base, req: *mut evdns_request) {
    let _ = base;
    if !req.is_null() {
        // SAFETY: its callback has not been called (caller): it is alive.
        unsafe { request::cancel(req) };
    }
}

/// `evutil_getaddrinfo` without waiting.
///
/// Asks for both families at once, unless `hints_in` wants one. `cb` is called once with `arg`: with
/// 0 and a list, IPv4 addresses first, that the program frees with `evutil_freeaddrinfo`; or with
/// an `EVUTIL_EAI_*` and NULL. When one answer is there, the other is awaited for the time of the
/// option `getaddrinfo-allow-skew`. Answers that nobody needs to be asked for (numeric addresses,
/// no name at all, the hosts file, what is wrong with the arguments) are given at once, from within
/// this function, which then returns NULL.
///
/// Returns the lookup, which is good for `evdns_getaddrinfo_cancel` until the callback runs.
/// `dns_base` NULL means the global resolver of `evdns_init`.
///
/// # Safety
/// `dns_base` is NULL or live; the strings and `hints_in` are NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_getaddrinfo(
    dns_base: *mut evdns_base,
    nodename: *const c_char,
    servname: *const c_char,
    hints_in: *const evutil_addrinfo,
    cb: evdns_getaddrinfo_cb,
    arg: *mut c_void,
) -> *mut evdns_getaddrinfo_request {
    let b = global::or_current(dns_base);
    // SAFETY: NULL or valid (caller).
    unsafe {
        let node = (!nodename.is_null()).then(|| CStr::from_ptr(nodename));
        let service = (!servname.is_null()).then(|| CStr::from_ptr(servname));
        lookup::start(b, node, service, hints_in, cb, arg)
    }
}

/// Cancels a lookup: its callback is called with `EVUTIL_EAI_CANCEL`, later, by the loop. If it is
/// about to be called with a result, it still is.
///
/// # Safety
/// `req` is NULL or a lookup whose callback has not been called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_getaddrinfo_cancel(req: *mut evdns_getaddrinfo_request) {
    if !req.is_null() {
        // SAFETY: its callback has not been called (caller): it is alive.
        unsafe { lookup::cancel(req) };
    }
}

/// Has `evdns_getaddrinfo` know a name for `ttl` seconds (since 2.2).
///
/// `res` is a list of its addresses, which is copied; what was known of the name is forgotten, also
/// with a `ttl` of 0 or an empty list. Resolvers made with `EVDNS_BASE_NO_CACHE` keep nothing. Answers
/// from servers are not kept unless the program does that.
///
/// # Safety
/// `dns_base` is NULL or live; `nodename` is NULL or a string, `res` is NULL or a list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_cache_write(
    dns_base: *mut evdns_base,
    nodename: *mut c_char,
    res: *mut evutil_addrinfo,
    ttl: c_int,
) {
    // SAFETY: NULL or valid (caller). Without memory nothing is kept.
    unsafe {
        if let Some(name) = bytes(nodename)
            && !dns_base.is_null()
        {
            let _ = cache::write(dns_base, name, res, ttl);
        }
    }
}

/// Looks up what `evdns_cache_write` has made known (since 2.2).
///
/// `hints` are as for `evdns_getaddrinfo`; the addresses get `port`. Returns 0 and a list in `*res`,
/// which the program frees with `evutil_freeaddrinfo`, or -1 when nothing (of this family) is known.
///
/// # Safety
/// `base` is NULL or live; `nodename`, `hints` and `res` are NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_cache_lookup(
    base: *mut evdns_base,
    nodename: *const c_char,
    hints: *mut evutil_addrinfo,
    port: u16,
    res: *mut *mut evutil_addrinfo,
) -> c_int {
    // SAFETY: NULL or valid (caller).
    unsafe {
        let Some(name) = bytes(nodename) else { return -1 };
        if base.is_null() || res.is_null() {
            return -1;
        }
        match cache::lookup(base, name, &Hints::from_raw(hints), port) {
            Some(list) => {
                res.write(list.into_raw());
                0
            }
            None => -1,
        }
    }
}
