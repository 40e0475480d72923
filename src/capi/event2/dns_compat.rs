//! `event2/dns_compat.h`: the resolver's functions without a base.
//!
//! They work on one global resolver: that of `evdns_init`, or, where it says so, one that is made when
//! it is needed. Not for programs with threads. New code makes its own with `evdns_base_new`.

use super::dns::{options, resolve, server};
use crate::capi::convert::bytes;
use crate::dns::types::{evdns_callback_type, evdns_request_callback_fn_type};
use crate::dns::{base, evdns_base, evdns_request, evdns_server_port, global};
use crate::util::types::evutil_socket_t;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_char, c_int, c_ulong, in_addr, in6_addr};

/// Makes the global resolver from `/etc/resolv.conf` and the hosts file, on the current event base.
/// Returns 0 or -1.
#[unsafe(no_mangle)]
pub extern "C" fn evdns_init() -> c_int {
    if global::init().is_ok() { 0 } else { -1 }
}

/// The global resolver, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn evdns_get_global_base() -> *mut evdns_base {
    global::current()
}

/// Frees the global resolver as `evdns_base_free` does, and forgets the callback of
/// `evdns_set_log_fn`.
#[unsafe(no_mangle)]
pub extern "C" fn evdns_shutdown(fail_requests: c_int) {
    global::shutdown(fail_requests != 0);
}

/// `evdns_base_nameserver_add` on the global resolver, which is made if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn evdns_nameserver_add(address: c_ulong) -> c_int {
    // SAFETY: the global resolver is alive.
    unsafe { super::dns::evdns_base_nameserver_add(global::current_or_new(), address) }
}

/// `evdns_base_count_nameservers` on the global resolver.
#[unsafe(no_mangle)]
pub extern "C" fn evdns_count_nameservers() -> c_int {
    // SAFETY: the global resolver is alive.
    unsafe { super::dns::evdns_base_count_nameservers(global::current()) }
}

/// `evdns_base_clear_nameservers_and_suspend` on the global resolver.
#[unsafe(no_mangle)]
pub extern "C" fn evdns_clear_nameservers_and_suspend() -> c_int {
    // SAFETY: the global resolver is alive.
    unsafe { super::dns::evdns_base_clear_nameservers_and_suspend(global::current()) }
}

/// `evdns_base_resume` on the global resolver.
#[unsafe(no_mangle)]
pub extern "C" fn evdns_resume() -> c_int {
    // SAFETY: the global resolver is alive.
    unsafe { super::dns::evdns_base_resume(global::current()) }
}

/// `evdns_base_nameserver_ip_add` on the global resolver, which is made if there is none.
///
/// # Safety
/// `ip_as_string` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_nameserver_ip_add(ip_as_string: *const c_char) -> c_int {
    // SAFETY: the global resolver is alive; the string is the caller's.
    unsafe { super::dns::evdns_base_nameserver_ip_add(global::current_or_new(), ip_as_string) }
}

fn asked(request: *mut evdns_request) -> c_int {
    if request.is_null() { -1 } else { 0 }
}

/// `evdns_base_resolve_ipv4` on the global resolver. Returns 0 or -1.
///
/// # Safety
/// `name` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_resolve_ipv4(
    name: *const c_char,
    flags: c_int,
    callback: evdns_callback_type,
    ptr: *mut c_void,
) -> c_int {
    let b = global::current();
    // SAFETY: the global resolver is alive; the string is the caller's.
    asked(unsafe { resolve::evdns_base_resolve_ipv4(b, name, flags, callback, ptr) })
}

/// `evdns_base_resolve_ipv6` on the global resolver. Returns 0 or -1.
///
/// # Safety
/// `name` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_resolve_ipv6(
    name: *const c_char,
    flags: c_int,
    callback: evdns_callback_type,
    ptr: *mut c_void,
) -> c_int {
    let b = global::current();
    // SAFETY: the global resolver is alive; the string is the caller's.
    asked(unsafe { resolve::evdns_base_resolve_ipv6(b, name, flags, callback, ptr) })
}

/// `evdns_base_resolve_reverse` on the global resolver. Returns 0 or -1.
///
/// # Safety
/// `in_` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_resolve_reverse(
    in_: *const in_addr,
    flags: c_int,
    callback: evdns_callback_type,
    ptr: *mut c_void,
) -> c_int {
    let b = global::current();
    // SAFETY: the global resolver is alive; the address is the caller's.
    asked(unsafe { resolve::evdns_base_resolve_reverse(b, in_, flags, callback, ptr) })
}

/// `evdns_base_resolve_reverse_ipv6` on the global resolver. Returns 0 or -1.
///
/// # Safety
/// `in_` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_resolve_reverse_ipv6(
    in_: *const in6_addr,
    flags: c_int,
    callback: evdns_callback_type,
    ptr: *mut c_void,
) -> c_int {
    let b = global::current();
    // SAFETY: the global resolver is alive; the address is the caller's.
    asked(unsafe { resolve::evdns_base_resolve_reverse_ipv6(b, in_, flags, callback, ptr) })
}

/// `evdns_base_set_option` on the global resolver, which is made if there is none, as far as `flags`
/// (`DNS_OPTION_*`) let the option be set.
///
/// # Safety
/// `option` and `val` are NULL or strings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_set_option(
    option: *const c_char,
    val: *const c_char,
    flags: c_int,
) -> c_int {
    let b = global::current_or_new();
    // SAFETY: the global resolver is alive; the strings are the caller's.
    unsafe {
        let Some(option) = bytes(option) else { return -1 };
        if b.is_null() || base::set_option(b, option, bytes(val), flags).is_err() { -1 } else { 0 }
    }
}

/// `evdns_base_resolv_conf_parse` on the global resolver, which is made if there is none.
///
/// # Safety
/// `filename` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_resolv_conf_parse(flags: c_int, filename: *const c_char) -> c_int {
    // SAFETY: the global resolver is alive; the string is the caller's.
    unsafe { options::evdns_base_resolv_conf_parse(global::current_or_new(), flags, filename) }
}

/// `evdns_base_search_clear` on the global resolver.
#[unsafe(no_mangle)]
pub extern "C" fn evdns_search_clear() {
    // SAFETY: the global resolver is alive.
    unsafe { options::evdns_base_search_clear(global::current()) };
}

/// `evdns_base_search_add` on the global resolver.
///
/// # Safety
/// `domain` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_search_add(domain: *const c_char) {
    // SAFETY: the global resolver is alive; the string is the caller's.
    unsafe { options::evdns_base_search_add(global::current(), domain) };
}

/// `evdns_base_search_ndots_set` on the global resolver, which is made if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn evdns_search_ndots_set(ndots: c_int) {
    // SAFETY: the global resolver is alive.
    unsafe { options::evdns_base_search_ndots_set(global::current_or_new(), ndots) };
}

/// `evdns_add_server_port_with_base` on the current event base.
///
/// # Safety
/// `cb` and `user_data` fit together.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_add_server_port(
    socket: evutil_socket_t,
    flags: c_int,
    callback: evdns_request_callback_fn_type,
    user_data: *mut c_void,
) -> *mut evdns_server_port {
    // SAFETY: NULL stands for the current base.
    unsafe {
        server::evdns_add_server_port_with_base(null_mut(), socket, flags, callback, user_data)
    }
}
