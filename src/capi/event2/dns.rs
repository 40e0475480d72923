//! `event2/dns.h`: a resolver that does not block, and a DNS server.
//!
//! A resolver (`evdns_base`) asks name servers over UDP, and over TCP when an answer does not fit. It
//! hands each answer to a callback, which always runs in the event base's loop and from within which
//! every function here may be called. With locking set up before the resolver is made, it may be
//! used from any thread. Names are strings without the root's dot; a final dot is fine.

pub mod options;
pub mod resolve;
pub mod server;

use crate::dns::server as servers;
use crate::dns::{base, error_text, evdns_base, global, request};
use crate::event::event_base;
use crate::util::SockAddr;
use core::ptr::null_mut;
use libc::{c_char, c_int, c_uint, c_ulong, sockaddr, socklen_t};

use super::super::convert::bytes;

/// A new resolver.
///
/// `flags` is a sum of `EVDNS_BASE_*`. With `EVDNS_BASE_INITIALIZE_NAMESERVERS` name servers, options
/// and search domains come from `/etc/resolv.conf`, and the hosts file is read; a file that names
/// no server is no error, and stands for one on this host unless
/// `EVDNS_BASE_NAMESERVERS_NO_DEFAULT` is given. With `EVDNS_BASE_DISABLE_WHEN_INACTIVE` the
/// resolver keeps the loop alive only while it waits for an answer. Other flags give a warning and
/// count as `EVDNS_BASE_INITIALIZE_NAMESERVERS`.
///
/// Returns NULL without memory and when the configuration cannot be read. `event_base` NULL means
/// the current base.
///
/// # Safety
/// `event_base` is NULL or live, and stays so until the resolver has been freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_new(
    event_base: *mut event_base,
    flags: c_int,
) -> *mut evdns_base {
    // SAFETY: the same contract.
    unsafe { base::new(event_base, flags) }.unwrap_or(null_mut())
}

/// Frees a resolver.
///
/// With `fail_requests` the callbacks of running requests are called with `DNS_ERR_SHUTDOWN`, later,
/// by the loop; else they are not called any more. Requests whose callback is about to run anyway
/// keep their result. `base` NULL means the global resolver of `evdns_init`.
///
/// # Safety
/// `base` is NULL or live, and is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_free(base: *mut evdns_base, fail_requests: c_int) {
    let b = global::or_current(base);
    if b.is_null() {
        return;
    }
    global::forget(b);
    // SAFETY: live (caller).
    unsafe { base::free(b, fail_requests != 0) };
}

/// The text of a `DNS_ERR_*`.
#[unsafe(no_mangle)]
pub extern "C" fn evdns_err_to_string(err: c_int) -> *const c_char {
    error_text(err).as_ptr()
}

/// Adds a name server with an IPv4 address, in network byte order as in `in_addr.s_addr`, and port 53.
///
/// Returns as `evdns_base_nameserver_ip_add`.
///
/// # Safety
/// `base` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_nameserver_add(
    base: *mut evdns_base,
    address: c_ulong,
) -> c_int {
    if base.is_null() {
        return -1;
    }
    let Ok(address) = u32::try_from(address & 0xffff_ffff) else { return -1 };
    let address = SockAddr::v4(address.to_ne_bytes(), servers::PORT);
    // SAFETY: live (caller).
    unsafe { servers::add(base, address) }.map_or_else(servers::Refusal::code, |()| 0)
}

/// How many name servers a resolver has, up or down.
///
/// # Safety
/// `base` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_count_nameservers(base: *mut evdns_base) -> c_int {
    if base.is_null() {
        return 0;
    }
    // SAFETY: live (caller).
    unsafe { servers::count(base) }
}

/// Forgets all name servers and has all requests wait, those that were out first.
///
/// They wait for `evdns_base_resume`, with other servers. Returns 0, or -1 for NULL.
///
/// # Safety
/// `base` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_clear_nameservers_and_suspend(base: *mut evdns_base) -> c_int {
    if base.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { request::suspend(base) };
    0
}

/// Sends out the requests that have waited since `evdns_base_clear_nameservers_and_suspend`.
///
/// Returns 0, or -1 for NULL.
///
/// # Safety
/// `base` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_resume(base: *mut evdns_base) -> c_int {
    if base.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { request::resume(base) };
    0
}

/// Adds a name server: `1.2.3.4`, `1.2.3.4:53`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:53`.
///
/// The port is 53 if there is none. Requests that wait for a server go out.
///
/// Returns 0; 1 without a socket, 2 when it cannot be set up, 3 when the resolver knows the server
/// already, 4 for something else than an address, -1 without memory and for NULL.
///
/// # Safety
/// `base` is NULL or live; `ip_as_string` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_nameserver_ip_add(
    base: *mut evdns_base,
    ip_as_string: *const c_char,
) -> c_int {
    // SAFETY: NULL or a string, NULL or live (caller).
    unsafe {
        match bytes(ip_as_string) {
            Some(text) if !base.is_null() => servers::add_text(base, text),
            _ => -1,
        }
    }
}

/// Adds a name server with this address, of `len` bytes. `flags` has to be 0 and is not looked at.
///
/// Returns as `evdns_base_nameserver_ip_add`.
///
/// # Safety
/// `base` is NULL or live; `sa` is NULL or has `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_nameserver_sockaddr_add(
    base: *mut evdns_base,
    sa: *const sockaddr,
    len: socklen_t,
    flags: c_uint,
) -> c_int {
    let _ = flags;
    if base.is_null() || sa.is_null() {
        return -1;
    }
    // SAFETY: live, and `len` bytes (caller).
    unsafe {
        match SockAddr::from_raw(sa, len) {
            Some(address) => {
                servers::add(base, address).map_or_else(servers::Refusal::code, |()| 0)
            }
            None => servers::Refusal::Setup.code(),
        }
    }
}

/// The address of the name server number `idx`, from 0 on.
///
/// Returns the length of the address. If that is more than `len`, `sa` is left alone. Returns -1 when
/// there is no such server.
///
/// # Safety
/// `base` is NULL or live; `sa` is NULL or has room for `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_get_nameserver_addr(
    base: *mut evdns_base,
    idx: c_int,
    sa: *mut sockaddr,
    len: socklen_t,
) -> c_int {
    if base.is_null() {
        return -1;
    }
    // SAFETY: live, and room for `len` bytes (caller).
    unsafe {
        let Some((address, _)) = servers::nth(base, idx) else { return -1 };
        let needed = address.len();
        if !sa.is_null() && needed <= len {
            sa.cast::<u8>().copy_from_nonoverlapping(address.as_ptr().cast(), needed as usize);
        }
        c_int::try_from(needed).unwrap_or(-1)
    }
}

/// The descriptor of the socket to the name server number `idx`, from 0 on (since 2.2); -1 when there is
/// no such server.
///
/// # Safety
/// `base` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_get_nameserver_fd(base: *mut evdns_base, idx: c_int) -> c_int {
    if base.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { servers::nth(base, idx) }.map_or(-1, |(_, fd)| fd)
}
