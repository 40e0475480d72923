//! `event2/dns.h`: options, configuration files, search domains, messages.

use crate::capi::convert::bytes;
use crate::dns::types::{DNS_OPTIONS_ALL, evdns_debug_log_fn_type};
use crate::dns::{base, evdns_base, files, log};
use core::ffi::CStr;
use libc::{c_char, c_int, size_t};

/// Sets an option of a resolver.
///
/// | name | value |
/// |---|---|
/// | `ndots` | names with so many dots are tried as they are before the search domains (1) |
/// | `timeout` | seconds that a server has for an answer, with a fraction (5) |
/// | `max-timeouts` | so many timeouts in a row, and a server is taken for down (3; up to 255) |
/// | `max-inflight` | so many queries are out at a time, the others wait (64; up to 65000) |
/// | `attempts` | how often a query is sent (3; up to 255) |
/// | `randomize-case` | not 0: names are asked for in mixed case; 2: and answers have to repeat it (1) |
/// | `bind-to` | the address that queries come from, except those to this host |
/// | `initial-probe-timeout` | seconds until a server that is down is asked again (10) |
/// | `max-probe-timeout` | the most seconds between two such questions (3600; since 2.2) |
/// | `probe-backoff-factor` | how much longer each wait is than the one before (3; since 2.2) |
/// | `getaddrinfo-allow-skew` | seconds that `evdns_getaddrinfo` waits for the second family (3) |
/// | `so-rcvbuf`, `so-sndbuf` | sizes of the buffers of sockets made afterwards |
/// | `tcp-idle-timeout` | seconds until an unused TCP connection is closed (10; since 2.2) |
/// | `edns-udp-size` | the size of answers that servers are told to send over UDP; 512 for none (512; since 2.2) |
/// | `use-vc`, `ignore-tc` | without a value (empty or NULL): all queries go over TCP; truncated answers are not asked for again over TCP (since 2.2) |
///
/// A colon at the end of the name is fine. Returns 0, also for a name that is not known, or -1 for a
/// value that is no good.
///
/// # Safety
/// `base` is NULL or live; `option` and `val` are NULL or strings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_set_option(
    base: *mut evdns_base,
    option: *const c_char,
    val: *const c_char,
) -> c_int {
    // SAFETY: strings or NULL, live or NULL (caller).
    unsafe {
        let Some(option) = bytes(option) else { return -1 };
        if base.is_null() || base::set_option(base, option, bytes(val), DNS_OPTIONS_ALL).is_err() {
            return -1;
        }
    }
    0
}

/// Reads a file in the format of `resolv.conf`.
///
/// `flags` is a sum of `DNS_OPTION_*` and says what is used: name servers, search domains, options,
/// the hosts file of the system. Without a file or a server in it, a server on this host is taken,
/// unless `DNS_OPTION_NAMESERVERS_NO_DEFAULT` is among the flags. Lines that make no sense are
/// passed over.
///
/// Returns 0 or an `EVDNS_ERROR_*`; -1 for a NULL resolver.
///
/// # Safety
/// `base` is NULL or live; `filename` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_resolv_conf_parse(
    base: *mut evdns_base,
    flags: c_int,
    filename: *const c_char,
) -> c_int {
    if base.is_null() {
        return -1;
    }
    // SAFETY: live, a string or NULL (caller).
    unsafe {
        let path = (!filename.is_null()).then(|| CStr::from_ptr(filename));
        files::resolv_conf(base, flags, path)
    }
}

/// Reads a file in the format of `/etc/hosts`, whose names `evdns_getaddrinfo` then knows.
///
/// What was read before stays. With NULL, `localhost` is made known. Returns 0, or -1 when the file
/// cannot be read (then `localhost` is known at least) or memory is out.
///
/// # Safety
/// `base` is NULL or live; `hosts_fname` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_load_hosts(
    base: *mut evdns_base,
    hosts_fname: *const c_char,
) -> c_int {
    if base.is_null() {
        return -1;
    }
    // SAFETY: live, a string or NULL (caller).
    unsafe {
        let path = (!hosts_fname.is_null()).then(|| CStr::from_ptr(hosts_fname));
        if files::load_hosts(base, path).is_ok() { 0 } else { -1 }
    }
}

/// Forgets all that hosts files have said.
///
/// # Safety
/// `base` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_clear_host_addresses(base: *mut evdns_base) {
    if !base.is_null() {
        // SAFETY: live (caller).
        unsafe { files::clear_hosts(base) };
    }
}

/// Empties the list of search domains, and sets `ndots` to 1. Requests that are running keep theirs.
///
/// # Safety
/// `base` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_search_clear(base: *mut evdns_base) {
    if !base.is_null() {
        // SAFETY: live (caller).
        unsafe { base::search_clear(base) };
    }
}

/// Puts a domain in front of the list of search domains; dots at its start do not count.
///
/// # Safety
/// `base` is NULL or live; `domain` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_search_add(base: *mut evdns_base, domain: *const c_char) {
    // SAFETY: NULL or a string, NULL or live (caller).
    unsafe {
        if let Some(domain) = bytes(domain)
            && !base.is_null()
        {
            base::search_add(base, domain);
        }
    }
}

/// Says how many dots make a name complete: one with so many is tried as it is first.
///
/// # Safety
/// `base` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evdns_base_search_ndots_set(base: *mut evdns_base, ndots: c_int) {
    if !base.is_null() {
        // SAFETY: live (caller).
        unsafe { base::search_ndots(base, ndots) };
    }
}

/// Has the messages of all resolvers and server ports go to `fn_`, and not to the callback of
/// `event_set_log_callback`. NULL ends that.
#[unsafe(no_mangle)]
pub extern "C" fn evdns_set_log_fn(fn_: evdns_debug_log_fn_type) {
    log::set_callback(fn_);
}

/// Does nothing: numbers of queries come from the kernel's generator.
#[unsafe(no_mangle)]
pub extern "C" fn evdns_set_transaction_id_fn(fn_: Option<unsafe extern "C" fn() -> u16>) {
    let _ = fn_;
}

/// Does nothing: random bytes come from the kernel's generator.
#[unsafe(no_mangle)]
pub extern "C" fn evdns_set_random_bytes_fn(
    fn_: Option<unsafe extern "C" fn(bytes: *mut c_char, n: size_t)>,
) {
    let _ = fn_;
}
