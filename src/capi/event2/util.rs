//! `event2/util.h`: sockets, addresses, numbers, time.
//!
//! Nothing here needs a base or a lock. Functions on sockets return 0, or -1 with the reason in
//! `errno`; a NULL where a pointer is needed is a failure, not a crash.

use crate::capi::convert::{bytes, set_errno, status};
use crate::error::Error;
use crate::mem;
use crate::sys::printf;
use crate::util::monotonic::evutil_monotonic_timer;
use crate::util::types::{evutil_addrinfo, evutil_socket_t, va_list};
use crate::util::{self, SockAddr, address, date, random, resolve, socket};
use core::cmp::Ordering;
use core::ffi::{CStr, c_void};
use core::ptr::{null, null_mut};
use libc::{c_char, c_int, c_uint, sockaddr, timeval};

/// Writes a date as HTTP and mail headers have it: `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// `tm` is in UTC; NULL means now. At most `datelen` bytes are written, the last one a NUL.
///
/// Returns the length of the whole date as `snprintf` does (0 for a `datelen` of 0), or -1 when
/// `date` is NULL or the weekday or the month does not exist.
///
/// # Safety
/// `date` has room for `datelen` bytes; `tm` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_date_rfc1123(
    date: *mut c_char,
    datelen: usize,
    tm: *const libc::tm,
) -> c_int {
    if date.is_null() {
        return -1;
    }
    // SAFETY: NULL or valid (caller).
    let tm = match unsafe { tm.as_ref() } {
        Some(tm) => Some(*tm),
        // SAFETY: NULL asks for the result alone.
        None => date::utc(unsafe { libc::time(null_mut()) }),
    };
    // SAFETY: `datelen` writable bytes that are ours for the length of the call (caller).
    let out = unsafe { core::slice::from_raw_parts_mut(date.cast::<u8>(), datelen) };
    tm.and_then(|tm| date::format_rfc1123(out, &tm))
        .and_then(|len| c_int::try_from(len).ok())
        .unwrap_or(-1)
}

/// A new clock that never runs backwards, or NULL without memory.
///
/// It reads the coarse clock, as after `evutil_configure_monotonic_time(timer, 0)`. To be freed with
/// `evutil_monotonic_timer_free`.
#[unsafe(no_mangle)]
pub extern "C" fn evutil_monotonic_timer_new() -> *mut evutil_monotonic_timer {
    match mem::try_box(evutil_monotonic_timer::new(0)) {
        Ok(timer) => mem::Box::into_raw(timer),
        Err(_) => null_mut(),
    }
}

/// Frees a clock; NULL is fine.
///
/// # Safety
/// `timer` is NULL or comes from `evutil_monotonic_timer_new` and is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_monotonic_timer_free(timer: *mut evutil_monotonic_timer) {
    // The timer has no destructor: its block is all there is.
    // SAFETY: NULL, or a block of `evutil_monotonic_timer_new` that nobody uses any more (caller).
    unsafe { mem::free(timer.cast()) }
}

/// Chooses the clock: `EV_MONOT_PRECISE` for one exact to the nanosecond instead of the coarse one
/// (steps of some milliseconds, cheaper), `EV_MONOT_FALLBACK` for the wall clock made monotonic.
///
/// Returns 0, or -1 for NULL.
///
/// # Safety
/// `timer` is NULL or a live timer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_configure_monotonic_time(
    timer: *mut evutil_monotonic_timer,
    flags: c_int,
) -> c_int {
    // SAFETY: NULL or a live timer, which one thread uses at a time (caller).
    match unsafe { timer.as_mut() } {
        Some(timer) => {
            timer.configure(flags);
            0
        }
        None => -1,
    }
}

/// Reads a clock. The time counts from a moment that means nothing: only differences do.
///
/// One timer may be used by one thread at a time. Returns 0, or -1 for NULL.
///
/// # Safety
/// `timer` is NULL or a live timer; `tp` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_gettime_monotonic(
    timer: *mut evutil_monotonic_timer,
    tp: *mut timeval,
) -> c_int {
    // SAFETY: NULL or a live timer (caller).
    let (Some(timer), false) = (unsafe { timer.as_ref() }, tp.is_null()) else { return -1 };
    // SAFETY: writable (caller), not NULL.
    unsafe { tp.write(timer.now()) };
    0
}

/// Makes two connected sockets, as `socketpair` does. They block, and survive `exec`.
///
/// The family has to be one the kernel makes pairs of: `AF_UNIX`. `AF_INET` fails with `EOPNOTSUPP`.
///
/// Returns 0, or -1 with `errno`; then `sv` is unchanged.
///
/// cbindgen:ptrs-as-arrays=[[sv;2]]
///
/// # Safety
/// `sv` is NULL or has room for two descriptors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_socketpair(
    family: c_int,
    r#type: c_int,
    protocol: c_int,
    sv: *mut evutil_socket_t,
) -> c_int {
    if sv.is_null() {
        return status(Err(Error::Invalid));
    }
    match util::socketpair(family, r#type, protocol) {
        Ok(pair) => {
            // SAFETY: room for two ints (caller).
            unsafe { sv.cast::<[c_int; 2]>().write_unaligned(pair) };
            0
        }
        Err(e) => status(Err(e)),
    }
}

/// Makes a socket non-blocking. Returns 0, or -1 with a warning.
#[unsafe(no_mangle)]
pub extern "C" fn evutil_make_socket_nonblocking(sock: evutil_socket_t) -> c_int {
    status(socket::make_nonblocking(sock))
}

/// Lets a listening socket bind an address whose last user has just gone (`SO_REUSEADDR`).
/// Returns 0 or -1.
#[unsafe(no_mangle)]
pub extern "C" fn evutil_make_listen_socket_reuseable(sock: evutil_socket_t) -> c_int {
    status(socket::make_reuseable(sock))
}

/// Lets several sockets listen at one address, if all of them ask for it (`SO_REUSEPORT`).
/// Returns 0 or -1.
#[unsafe(no_mangle)]
pub extern "C" fn evutil_make_listen_socket_reuseable_port(sock: evutil_socket_t) -> c_int {
    status(socket::make_reuseable_port(sock))
}

/// Has an IPv6 socket take IPv6 connections only, whatever the system's default is
/// (`IPV6_V6ONLY`). Returns 0 or -1.
#[unsafe(no_mangle)]
pub extern "C" fn evutil_make_listen_socket_ipv6only(sock: evutil_socket_t) -> c_int {
    status(socket::set_ipv6_only(sock, true))
}

/// Has an IPv6 socket take IPv4 connections, too, whatever the system's default is
/// (`IPV6_V6ONLY` off; since libevent 2.2). Returns 0 or -1.
#[unsafe(no_mangle)]
pub extern "C" fn evutil_make_listen_socket_not_ipv6only(sock: evutil_socket_t) -> c_int {
    status(socket::set_ipv6_only(sock, false))
}

/// Has a socket closed by a successful `exec`. Returns 0, or -1 with a warning.
#[unsafe(no_mangle)]
pub extern "C" fn evutil_make_socket_closeonexec(sock: evutil_socket_t) -> c_int {
    status(socket::make_closeonexec(sock))
}

/// Closes a socket. Returns 0, or -1 with `errno`.
#[unsafe(no_mangle)]
pub extern "C" fn evutil_closesocket(sock: evutil_socket_t) -> c_int {
    status(socket::close(sock))
}

/// Has a listening TCP socket announce a connection only once its first data is there
/// (`TCP_DEFER_ACCEPT`). Returns 0 or -1.
#[unsafe(no_mangle)]
pub extern "C" fn evutil_make_tcp_listen_socket_deferred(sock: evutil_socket_t) -> c_int {
    status(socket::make_deferred(sock))
}

/// Switches TCP keep-alive on or off (since libevent 2.2).
///
/// When on, a connection that is silent for `timeout` seconds is probed three times within about
/// the same time again, and then given up. With a `timeout` of 0 or less nothing is changed.
///
/// Returns 0, or -1 with `errno`.
#[unsafe(no_mangle)]
pub extern "C" fn evutil_set_tcp_keepalive(
    sock: evutil_socket_t,
    on: c_int,
    timeout: c_int,
) -> c_int {
    status(socket::set_keepalive(sock, on != 0, timeout))
}

/// Reads a 64-bit number; the arguments and results are those of `strtoll`.
///
/// For NULL the result is 0.
///
/// # Safety
/// `s` is NULL or a string; `endptr` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_strtoll(
    s: *const c_char,
    endptr: *mut *mut c_char,
    base: c_int,
) -> i64 {
    if s.is_null() {
        if !endptr.is_null() {
            // SAFETY: writable (caller).
            unsafe { endptr.write(null_mut()) };
        }
        set_errno(Error::Invalid);
        return 0;
    }
    // SAFETY: a string, and a place for its end or NULL (caller).
    unsafe { libc::strtoll(s, endptr, base) }
}

/// Writes formatted text: at most `buflen` bytes, the last one a NUL.
///
/// Returns the length of the whole text, which may be more than was written, or 0 when `buflen`
/// is 0, or -1 on an error of the format.
///
/// cbindgen:postfix=EVRS_PRINTF(3,4)
#[cfg(evrs_header)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_snprintf(
    buf: *mut c_char,
    buflen: usize,
    format: *const c_char,
    args: ...
) -> c_int {
}

/// As `evutil_snprintf`, with the arguments in a `va_list`.
///
/// cbindgen:postfix=EVRS_PRINTF(3,0)
///
/// # Safety
/// `buf` has room for `buflen` bytes; `format` is a string, and `ap` has the arguments it names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_vsnprintf(
    buf: *mut c_char,
    buflen: usize,
    format: *const c_char,
    ap: va_list,
) -> c_int {
    if buf.is_null() || buflen == 0 {
        return 0;
    }
    if format.is_null() {
        // SAFETY: at least one byte (caller).
        unsafe { buf.write(0) };
        return -1;
    }
    // SAFETY: the caller's promises are those of `vsnprintf`.
    let len = unsafe { printf::vsnprintf(buf, buflen, format, ap.0) };
    if len < 0 {
        // What a failing format leaves behind is not promised to end.
        // SAFETY: `buflen` bytes (caller), and it is not 0.
        unsafe { buf.add(buflen - 1).write(0) };
    }
    len
}

/// Writes an address as text. `src` is a `struct in_addr` or `struct in6_addr`, as `af` says.
///
/// IPv6 addresses are in lower case with the longest run of zeros shortened; those that hold an
/// IPv4 address end in it (`::ffff:1.2.3.4`).
///
/// Returns `dst`, or NULL when `len` bytes are too few, or for other families.
///
/// # Safety
/// `src` points to such an address, `dst` has room for `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_inet_ntop(
    af: c_int,
    src: *const c_void,
    dst: *mut c_char,
    len: usize,
) -> *const c_char {
    if src.is_null() || dst.is_null() {
        return null();
    }
    let mut buf = [0; address::ADDRESS_TEXT];
    let text = match af {
        // SAFETY: an address of four bytes (caller).
        libc::AF_INET => address::format_ipv4(&mut buf, unsafe { src.cast::<[u8; 4]>().read() }),
        // SAFETY: an address of sixteen bytes (caller).
        libc::AF_INET6 => address::format_ipv6(&mut buf, unsafe { src.cast::<[u8; 16]>().read() }),
        _ => None,
    };
    let Some(text) = text.filter(|t| t.len() < len) else { return null() };
    // SAFETY: `len` bytes are writable (caller), and the text with its NUL is no longer.
    unsafe {
        dst.cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), text.len());
        dst.add(text.len()).write(0);
    }
    dst
}

/// Reads an address, for IPv6 with an optional `%interface`, whose number goes to `*indexp` (0
/// without).
///
/// Returns 1, 0 when `src` is no address, or -1 for other families.
///
/// # Safety
/// `src` is a string; `dst` is a `struct in_addr` or `struct in6_addr`, as `af` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_inet_pton_scope(
    af: c_int,
    src: *const c_char,
    dst: *mut c_void,
    indexp: *mut c_uint,
) -> c_int {
    if !indexp.is_null() {
        // SAFETY: writable (caller).
        unsafe { indexp.write(0) };
    }
    if af != libc::AF_INET6 {
        // SAFETY: the same contract.
        return unsafe { evutil_inet_pton(af, src, dst) };
    }
    // SAFETY: NULL or a string (caller).
    let (Some(text), false) = (unsafe { bytes(src) }, dst.is_null()) else { return -1 };
    let Some((address, scope)) = address::parse_ipv6_scoped(text) else { return 0 };
    // SAFETY: an in6_addr (caller), and a place for the index or NULL.
    unsafe {
        dst.cast::<[u8; 16]>().write(address);
        if !indexp.is_null() {
            indexp.write(scope);
        }
    }
    1
}

/// Reads an address: four decimal numbers, or IPv6 as RFC 4291 has it.
///
/// Returns 1, 0 when `src` is no address (then `dst` is unchanged), or -1 for other families.
///
/// # Safety
/// `src` is a string; `dst` is a `struct in_addr` or `struct in6_addr`, as `af` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_inet_pton(
    af: c_int,
    src: *const c_char,
    dst: *mut c_void,
) -> c_int {
    // SAFETY: NULL or a string (caller).
    let (Some(text), false) = (unsafe { bytes(src) }, dst.is_null()) else { return -1 };
    match af {
        libc::AF_INET => {
            let Some(address) = address::parse_ipv4(text) else { return 0 };
            // SAFETY: an in_addr (caller).
            unsafe { dst.cast::<[u8; 4]>().write(address) };
            1
        }
        libc::AF_INET6 => {
            let Some(address) = address::parse_ipv6(text) else { return 0 };
            // SAFETY: an in6_addr (caller).
            unsafe { dst.cast::<[u8; 16]>().write(address) };
            1
        }
        _ => -1,
    }
}

/// Reads an address with an optional port: `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]`, `[::1]:80`,
/// `[fe80::1%eth0]:80`. Without a port it is 0.
///
/// `*outlen` is the room at `out`, and on success the length of the address there; the rest of
/// the room is zeroed. A `struct sockaddr_storage` is always large enough.
///
/// Returns 0, or -1 when the text is no address, the port is not within 1 to 65535, or the room is
/// too small; then nothing is changed.
///
/// # Safety
/// `str` is a string and `out` has room for `*outlen` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_parse_sockaddr_port(
    str: *const c_char,
    out: *mut sockaddr,
    outlen: *mut c_int,
) -> c_int {
    // SAFETY: NULL or a string (caller).
    let Some(text) = (unsafe { bytes(str) }) else { return -1 };
    if out.is_null() || outlen.is_null() {
        return -1;
    }
    // SAFETY: readable (caller).
    let Ok(room) = usize::try_from(unsafe { outlen.read() }) else { return -1 };
    let Ok(addr) = address::parse_sockaddr_port(text) else { return -1 };
    let len = addr.len() as usize;
    if len > room {
        return -1;
    }
    // SAFETY: `room` bytes are writable (caller), the address has `len` of them and is our own.
    unsafe {
        out.cast::<u8>().write_bytes(0, room);
        out.cast::<u8>().copy_from_nonoverlapping(addr.as_ptr().cast(), len);
        outlen.write(c_int::try_from(len).unwrap_or(0));
    }
    0
}

/// How long the address is that a caller hands in without a length.
///
/// # Safety
/// `sa` is a complete address of its family.
unsafe fn copy_sockaddr(sa: *const sockaddr) -> Option<SockAddr> {
    if sa.is_null() {
        return None;
    }
    // SAFETY: every address has its family.
    let len = match c_int::from(unsafe { (&raw const (*sa).sa_family).read() }) {
        libc::AF_INET => size_of::<libc::sockaddr_in>(),
        libc::AF_INET6 => size_of::<libc::sockaddr_in6>(),
        _ => size_of::<libc::sa_family_t>(),
    };
    // SAFETY: at least this long, by its family (caller).
    unsafe { SockAddr::from_raw(sa, libc::socklen_t::try_from(len).ok()?) }
}

/// Compares two addresses, with their ports if `include_port` is not 0.
///
/// Returns 0 when they are equal, else a number below or above 0: an order that means nothing but is always
/// the same. Addresses other than IPv4 and IPv6 ones are never equal.
///
/// # Safety
/// Both are complete addresses of their families.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_sockaddr_cmp(
    sa1: *const sockaddr,
    sa2: *const sockaddr,
    include_port: c_int,
) -> c_int {
    // SAFETY: complete addresses (caller) or NULL.
    let (a, b) = unsafe { (copy_sockaddr(sa1), copy_sockaddr(sa2)) };
    match (a, b) {
        (Some(a), Some(b)) => a.compare(&b, include_port != 0) as c_int,
        (None, None) => 0,
        (None, _) => -1,
        _ => 1,
    }
}

/// As `strcasecmp`, in ASCII whatever the locale. NULL comes before every string.
///
/// # Safety
/// Both are strings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_ascii_strcasecmp(
    str1: *const c_char,
    str2: *const c_char,
) -> c_int {
    // SAFETY: strings (caller).
    let order = match unsafe { (bytes(str1), bytes(str2)) } {
        (Some(a), Some(b)) => util::ascii_strcasecmp(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    };
    order as c_int
}

/// As `strncasecmp`, in ASCII whatever the locale. NULL comes before every string.
///
/// # Safety
/// Each is a string or at least `n` bytes long.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_ascii_strncasecmp(
    str1: *const c_char,
    str2: *const c_char,
    n: usize,
) -> c_int {
    let cut = |s: *const c_char| {
        if s.is_null() {
            return None;
        }
        // Not `strlen`: without a NUL the first `n` bytes are all there is.
        // SAFETY: a string, or at least `n` bytes (caller).
        Some(unsafe { core::slice::from_raw_parts(s.cast::<u8>(), libc::strnlen(s, n)) })
    };
    let order = match (cut(str1), cut(str2)) {
        _ if n == 0 => Ordering::Equal,
        (Some(a), Some(b)) => util::ascii_strcasecmp(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    };
    order as c_int
}

/// Looks names up, as `getaddrinfo` does, and blocks while it does.
///
/// The list at `*res` is freed with `evutil_freeaddrinfo`. `evdns_getaddrinfo` does not block.
///
/// Returns 0 or one of `EVUTIL_EAI_*`.
///
/// # Safety
/// `nodename` and `servname` are strings or NULL, `hints_in` is NULL or valid, `res` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_getaddrinfo(
    nodename: *const c_char,
    servname: *const c_char,
    hints_in: *const evutil_addrinfo,
    res: *mut *mut evutil_addrinfo,
) -> c_int {
    if res.is_null() {
        return libc::EAI_FAIL;
    }
    // SAFETY: valid or NULL (caller); a null result pointer was refused.
    unsafe { resolve::system(nodename, servname, hints_in, res) }
}

/// Frees a list of `evutil_getaddrinfo` or `evdns_getaddrinfo`; NULL is fine.
///
/// # Safety
/// `ai` is NULL or such a list, and is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_freeaddrinfo(ai: *mut evutil_addrinfo) {
    // SAFETY: NULL or a list that nobody uses any more (caller).
    unsafe { resolve::free(ai) }
}

/// The text for an `EVUTIL_EAI_*` code. It is not to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn evutil_gai_strerror(err: c_int) -> *const c_char {
    let text: &'static CStr = resolve::strerror(err);
    text.as_ptr()
}

/// Fills `buf` with `n` bytes that nobody can guess. May be called from any thread.
///
/// The bytes come from the kernel. Should there be none at all (a sandbox that forbids the system
/// call and the device), the program ends.
///
/// # Safety
/// `buf` has room for `n` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_secure_rng_get_bytes(buf: *mut c_void, n: usize) {
    if buf.is_null() || n == 0 {
        return;
    }
    // SAFETY: `n` writable bytes that are ours for the length of the call (caller).
    random::secure_rng_bytes(unsafe { core::slice::from_raw_parts_mut(buf.cast::<u8>(), n) });
}

/// Makes sure that random bytes can be had. It need not be called.
///
/// Returns 0, or -1 when the system gives none.
#[unsafe(no_mangle)]
pub extern "C" fn evutil_secure_rng_init() -> c_int {
    if random::available() { 0 } else { -1 }
}

/// Would name the file to take random bytes from. The kernel's own generator is used and needs no
/// file, so the name is ignored, as the reference does on such systems.
///
/// Returns -1.
///
/// # Safety
/// Always safe; `fname` is not read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_secure_rng_set_urandom_device_file(fname: *mut c_char) -> c_int {
    let _ = fname;
    -1
}

/// Would stir bytes into the random generator. The kernel's own is used, which needs none.
///
/// # Safety
/// Always safe; `dat` is not read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_secure_rng_add_bytes(dat: *const c_char, datlen: usize) {
    let _ = (dat, datlen);
}
