//! The few operations on buffers, bufferevents, listeners and timers that HTTP needs, in the
//! shapes that it needs them.

use crate::buffer::{self, evbuffer};
use crate::bufferevent as bevs;
use crate::bufferevent::raw::bufferevent;
use crate::bufferevent::types::{bufferevent_data_cb, bufferevent_event_cb};
use crate::error::{Error, Result};
use crate::event::event_base;
use crate::listener::types::evconnlistener_cb;
use crate::listener::{self, evconnlistener};
use crate::mem;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_char, c_int, c_short, sockaddr, timeval};

/// Both directions.
pub(super) const READ_WRITE: c_short = crate::event::flags::EV_READ | crate::event::flags::EV_WRITE;

/// A new empty buffer.
pub(super) fn buffer_new() -> Result<*mut evbuffer> {
    buffer::new()
}

/// Frees a buffer.
///
/// # Safety
/// `b` is live and not used afterwards.
pub(super) unsafe fn buffer_free(b: *mut evbuffer) {
    // SAFETY: the caller's buffer.
    unsafe { buffer::free(b) }
}

/// How many bytes are in the buffer.
///
/// # Safety
/// `b` is live.
pub(super) unsafe fn len(b: *mut evbuffer) -> usize {
    // SAFETY: the caller's buffer.
    unsafe { buffer::len(b) }
}

/// Appends a copy of `bytes`.
///
/// # Safety
/// `b` is live.
pub(super) unsafe fn add(b: *mut evbuffer, bytes: &[u8]) -> Result<()> {
    // SAFETY: the caller's buffer, a readable slice.
    unsafe { buffer::add(b, bytes) }
}

/// Makes room for `n` more bytes, so that adding them cannot fail.
///
/// # Safety
/// `b` is live.
pub(super) unsafe fn expand(b: *mut evbuffer, n: usize) -> Result<()> {
    // SAFETY: the caller's buffer.
    unsafe { buffer::expand(b, n) }
}

/// Drops up to `n` bytes from the front.
///
/// # Safety
/// `b` is live.
pub(super) unsafe fn drain(b: *mut evbuffer, n: usize) {
    if n > 0 {
        // SAFETY: the caller's buffer. A frozen one keeps its bytes: the user froze it.
        let _ = unsafe { buffer::drain(b, n) };
    }
}

/// The bytes at the front that lie in one piece.
///
/// # Safety
/// `b` is live and not changed while the result is used.
pub(super) unsafe fn front<'a>(b: *mut evbuffer) -> &'a [u8] {
    // SAFETY: the caller's buffer; the result says where its first piece lies.
    unsafe {
        let (p, n) = buffer::first_contiguous(b);
        if p.is_null() { &[] } else { core::slice::from_raw_parts(p, n) }
    }
}

/// Makes the first `n` bytes lie in one piece; false when that fails.
///
/// # Safety
/// `b` is live.
pub(super) unsafe fn pullup(b: *mut evbuffer, n: usize) -> bool {
    // SAFETY: the caller's buffer.
    isize::try_from(n).is_ok_and(|n| !unsafe { buffer::pullup(b, n) }.is_null())
}

/// Moves everything from `src` to the end of `dst`.
///
/// # Safety
/// Both are live.
#[inline(never)]
pub(super) unsafe fn append(dst: *mut evbuffer, src: *mut evbuffer) -> Result<()> {
    // SAFETY: the caller's buffers.
    unsafe { buffer::add_buffer(dst, src) }
}

/// Moves up to `n` bytes from `src` to the end of `dst`; how many.
///
/// # Safety
/// Both are live.
pub(super) unsafe fn transfer(src: *mut evbuffer, dst: *mut evbuffer, n: usize) -> usize {
    // SAFETY: the caller's buffers.
    unsafe { buffer::remove_buffer(src, dst, n) }.unwrap_or(0)
}

/// A socket bufferevent that closes its descriptor when freed.
///
/// # Safety
/// `base` is null or live; `fd` is -1 or an open socket that the bufferevent takes over.
pub(super) unsafe fn bev_new(base: *mut event_base, fd: c_int) -> Result<*mut bufferevent> {
    // SAFETY: the caller's base and descriptor.
    unsafe { bevs::socket_new(base, fd, bevs::flags::BEV_OPT_CLOSE_ON_FREE) }
}

/// Sets the three callbacks and their argument.
///
/// # Safety
/// `bev` is live, and `arg` is what the callbacks expect.
pub(super) unsafe fn set_callbacks(
    bev: *mut bufferevent,
    r: bufferevent_data_cb,
    w: bufferevent_data_cb,
    e: bufferevent_event_cb,
    arg: *mut c_void,
) {
    // SAFETY: the caller's bufferevent.
    unsafe { bevs::setcb(bev, r, w, e, arg) }
}

/// Starts the directions that are not on yet. Starting output anew would make the bufferevent wait
/// for writability once, to tell of it; nobody here needs that.
///
/// # Safety
/// `bev` is live.
pub(super) unsafe fn enable(bev: *mut bufferevent, what: c_short) {
    // SAFETY: the caller's bufferevent.
    unsafe {
        let missing = what & !(*bev).enabled;
        if missing != 0 {
            let _ = bevs::enable(bev, missing);
        }
    }
}

/// Stops directions.
///
/// # Safety
/// `bev` is live.
pub(super) unsafe fn disable(bev: *mut bufferevent, what: c_short) {
    // SAFETY: the caller's bufferevent.
    let _ = unsafe { bevs::disable(bev, what) };
}

/// Frees a bufferevent.
///
/// # Safety
/// `bev` is live and not used afterwards.
pub(super) unsafe fn bev_free(bev: *mut bufferevent) {
    // SAFETY: the caller's bufferevent.
    unsafe { bevs::free(bev) }
}

/// Sets the timeouts; `None` for none.
///
/// # Safety
/// `bev` is live.
pub(super) unsafe fn set_timeouts(
    bev: *mut bufferevent,
    read: Option<&timeval>,
    write: Option<&timeval>,
) {
    // SAFETY: the caller's bufferevent.
    let _ = unsafe { bevs::set_timeouts(bev, read.copied(), write.copied()) };
}

/// Gives the bufferevent another descriptor, -1 for none; the old one is not closed.
///
/// # Safety
/// `bev` is live.
pub(super) unsafe fn set_fd(bev: *mut bufferevent, fd: c_int) -> Result<()> {
    // SAFETY: the caller's bufferevent.
    unsafe { bevs::setfd(bev, fd) }
}

/// The descriptor, -1 for none.
///
/// # Safety
/// `bev` is live.
pub(super) unsafe fn fd(bev: *mut bufferevent) -> c_int {
    // SAFETY: the caller's bufferevent.
    unsafe { bevs::getfd(bev) }
}

/// Moves the bufferevent to another base.
///
/// # Safety
/// Both are live.
pub(super) unsafe fn set_base(bev: *mut bufferevent, base: *mut event_base) {
    // SAFETY: the caller's objects.
    let _ = unsafe { bevs::socket::base_set(base, bev) };
}

/// Begins to connect to an address.
///
/// # Safety
/// `bev` is live, `addr` is `len` bytes of address.
pub(super) unsafe fn connect(
    bev: *mut bufferevent,
    addr: *const sockaddr,
    len: libc::socklen_t,
) -> Result<()> {
    // SAFETY: the caller's objects.
    unsafe { bevs::socket_connect(bev, addr, len) }
}

/// Begins to resolve a name and to connect to what it stands for.
///
/// # Safety
/// `bev` is live, `dns` is null or an `evdns_base`, `host` a C string.
pub(super) unsafe fn connect_name(
    bev: *mut bufferevent,
    dns: *mut c_void,
    family: c_int,
    host: *const c_char,
    port: u16,
) -> Result<()> {
    // SAFETY: all-zero hints are valid; the caller's objects.
    unsafe {
        let mut hints: crate::util::types::evutil_addrinfo = core::mem::zeroed();
        hints.ai_family = family;
        hints.ai_protocol = libc::IPPROTO_TCP;
        hints.ai_socktype = libc::SOCK_STREAM;
        let host = core::ffi::CStr::from_ptr(host);
        bevs::socket_connect_hostname(bev, dns, &raw const hints, host, port.into())
    }
}

/// A listener on `fd` that it closes when freed.
///
/// # Safety
/// `base` is null or live.
pub(super) unsafe fn listen(base: *mut event_base, fd: c_int) -> Result<*mut evconnlistener> {
    // LEV_OPT_CLOSE_ON_FREE | CLOSE_ON_EXEC | REUSEABLE; the socket listens already.
    // SAFETY: the caller's base.
    unsafe { listener::new(base, None, null_mut(), 2 | 4 | 8, 0, fd) }
}

/// Frees a listener.
///
/// # Safety
/// `l` is live and not used afterwards.
pub(super) unsafe fn listener_free(l: *mut evconnlistener) {
    // SAFETY: the caller's listener.
    unsafe { listener::free(l) }
}

/// Lets a listener call `cb`.
///
/// # Safety
/// `l` is live; `arg` is what `cb` expects.
pub(super) unsafe fn listener_set_callback(
    l: *mut evconnlistener,
    cb: evconnlistener_cb,
    arg: *mut c_void,
) {
    // SAFETY: the caller's listener and callback.
    unsafe { listener::set_cb(l, cb, arg) }
}

/// Empties a buffer for another use; false when the user has left something on it that would
/// show there (a callback, a frozen end).
///
/// # Safety
/// `b` is live.
pub(super) unsafe fn reuse(b: *mut evbuffer) -> bool {
    // SAFETY: the caller's buffer.
    unsafe {
        drain(b, len(b));
        len(b) == 0
    }
}

/// Tells the peer that nothing more comes, before the socket is closed: a copy of the descriptor
/// in a child process would keep the connection open else.
///
/// # Safety
/// `bev` is live.
pub(super) unsafe fn end(bev: *mut bufferevent) {
    // SAFETY: the caller's bufferevent; shutdown takes numbers only.
    unsafe {
        let fd = fd(bev);
        if fd >= 0 {
            libc::shutdown(fd, libc::SHUT_WR);
        }
    }
}

/// Where the first LF at or behind `from` is.
///
/// # Safety
/// `b` is live.
pub(super) unsafe fn find_lf(b: *mut evbuffer, from: usize) -> Option<usize> {
    // SAFETY: the caller's buffer; the position is one of it.
    unsafe {
        let mut at: buffer::raw::evbuffer_ptr = core::mem::zeroed();
        buffer::ptr_set(b, &mut at, from, false).ok()?;
        usize::try_from(buffer::search(b, b"\n", Some(&at)).pos).ok()
    }
}

/// Seconds since 1970, exact enough for a Date header.
pub(super) fn now() -> i64 {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel fills in our local.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME_COARSE, &raw mut ts) };
    ts.tv_sec
}

/// The address of a peer without its port.
pub(super) fn host_text<'a>(peer: &crate::util::SockAddr, out: &'a mut [u8]) -> &'a [u8] {
    crate::util::address::format_host(out, peer).as_bytes()
}

/// A stream socket bound to the first address that `address` stands for; null and port 0 leave it
/// unbound.
///
/// # Safety
/// `address` is null or a C string.
pub(super) unsafe fn bound_socket(address: *const c_char, port: u16, reuse: bool) -> Result<c_int> {
    use crate::util::socket;
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    if address.is_null() && port == 0 {
        return socket::socket(libc::AF_INET, kind, 0);
    }
    // SAFETY: all-zero hints are valid; the list is read before it is freed; every pointer passed
    // on is to a local or from the list.
    unsafe {
        let mut hints: libc::addrinfo = core::mem::zeroed();
        hints.ai_socktype = libc::SOCK_STREAM;
        hints.ai_flags = libc::AI_PASSIVE | libc::AI_ADDRCONFIG;
        let mut list = null_mut();
        let digits = super::status::Decimal::new(port.into());
        let mut service = [0u8; 24];
        for (to, from) in service.iter_mut().zip(digits.as_bytes()) {
            *to = *from;
        }
        let service = service.as_ptr().cast::<c_char>();
        if libc::getaddrinfo(address, service, &raw const hints, &raw mut list) != 0 {
            // Without any configured network even numbers fail under AI_ADDRCONFIG.
            hints.ai_flags = libc::AI_PASSIVE;
            if libc::getaddrinfo(address, service, &raw const hints, &raw mut list) != 0 {
                return Err(Error::Invalid);
            }
        }
        let made = socket::socket((*list).ai_family, kind, 0).and_then(|fd| {
            let on: c_int = 1;
            libc::setsockopt(
                fd,
                libc::SOL_SOCKET,
                libc::SO_KEEPALIVE,
                (&raw const on).cast(),
                size_of::<c_int>() as libc::socklen_t,
            );
            let ready = if reuse { socket::make_reuseable(fd) } else { Ok(()) };
            ready
                .and_then(|()| {
                    crate::sys::check(libc::bind(fd, (*list).ai_addr, (*list).ai_addrlen))
                        .map_err(Error::from)
                })
                .map(|_| fd)
                .inspect_err(|_| {
                    let _ = socket::close(fd);
                })
        });
        libc::freeaddrinfo(list);
        made
    }
}

/// Whether the last attempt to connect failed over the name.
///
/// # Safety
/// `bev` is live.
pub(super) unsafe fn dns_failed(bev: *mut bufferevent) -> bool {
    // SAFETY: the caller's bufferevent.
    unsafe { bevs::connect::dns_error(bev) != 0 }
}

/// Where the bufferevent has just been connected to.
///
/// # Safety
/// `bev` is live.
pub(super) unsafe fn reached(bev: *mut bufferevent) -> Option<crate::util::SockAddr> {
    // SAFETY: the caller's bufferevent.
    unsafe { bevs::connect::target(bev).or_else(|| peer_address(fd(bev))) }
}

/// Whether freeing the bufferevent closes its descriptor.
///
/// # Safety
/// `bev` is live.
pub(super) unsafe fn closes_fd(bev: *mut bufferevent) -> bool {
    // SAFETY: the caller's bufferevent.
    unsafe { bevs::common::closes_on_free(bevs::common::private(bev)) }
}

/// Takes the descriptor from the bufferevent and closes it; ends an attempt to connect.
///
/// # Safety
/// `bev` is live.
#[inline(never)]
pub(super) unsafe fn close_fd(bev: *mut bufferevent) {
    // SAFETY: the caller's bufferevent.
    unsafe {
        let old = fd(bev);
        end(bev);
        // Without a descriptor as well: a name may be looked up for one.
        let _ = set_fd(bev, -1);
        if old >= 0 {
            let _ = crate::util::socket::close(old);
        }
    }
}

/// Gives the bufferevent a descriptor; on failure it has none, and the descriptor is the caller's.
///
/// # Safety
/// `bev` is live and has no descriptor; `fd` is an open socket.
pub(super) unsafe fn give_fd(bev: *mut bufferevent, fd: c_int) -> Result<()> {
    // SAFETY: the caller's bufferevent and descriptor.
    unsafe {
        set_fd(bev, fd).inspect_err(|_| {
            // It may have come as far as to keep it, and would close it when it is freed.
            if self::fd(bev) == fd {
                let _ = set_fd(bev, -1);
            }
        })
    }
}

/// Frees a bufferevent and closes its descriptor, whether it does that itself or not.
///
/// # Safety
/// `bev` is live and not used afterwards.
pub(super) unsafe fn drop_bev(bev: *mut bufferevent) {
    // SAFETY: the caller's bufferevent.
    unsafe {
        if !closes_fd(bev) {
            close_fd(bev);
        }
        bev_free(bev);
    }
}

/// Empties a buffer of a bufferevent, whose front the user may not drain.
///
/// # Safety
/// `b` is live.
pub(super) unsafe fn drain_frozen(b: *mut evbuffer) {
    // SAFETY: the caller's buffer.
    unsafe {
        buffer::unfreeze(b, true);
        drain(b, len(b));
    }
}

/// The address at the other end of a socket.
pub(super) fn peer_address(fd: c_int) -> Option<crate::util::SockAddr> {
    // SAFETY: the kernel writes at most the size it is told into our local.
    unsafe {
        let mut storage: libc::sockaddr_storage = core::mem::zeroed();
        let mut len = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        let done = libc::getpeername(fd, (&raw mut storage).cast(), &raw mut len) == 0;
        done.then(|| crate::util::SockAddr::from_storage(storage, len))
    }
}

/// Copies bytes from the front, which stay; how many.
///
/// # Safety
/// `b` is live.
pub(super) unsafe fn peek(b: *mut evbuffer, to: &mut [u8]) -> usize {
    // SAFETY: the caller's buffer.
    unsafe { buffer::copyout(b, to) }.unwrap_or(0)
}

/// Appends a copy of the first `n` bytes, which stay; false without memory or without as many.
///
/// # Safety
/// `b` is live.
pub(super) unsafe fn copy_to(b: *mut evbuffer, to: &mut mem::Vec<u8>, n: usize) -> bool {
    // One more for a final 0.
    if n.checked_add(1).is_none_or(|n| to.try_reserve(n).is_err()) {
        return false;
    }
    // SAFETY: the caller's buffer; there is room for `n` bytes behind the vector's, and they belong
    // to it when all of them are written.
    unsafe {
        let at = to.as_mut_ptr().add(to.len());
        let whole = buffer::copyout_from(b, None, at, n).is_ok_and(|copied| copied == n);
        if whole {
            to.set_len(to.len().saturating_add(n));
        }
        whole
    }
}

/// Counts the bufferevent, and locks it if it has a lock.
///
/// # Safety
/// `bev` is live.
pub(super) unsafe fn hold(bev: *mut bufferevent) -> bevs::common::Held {
    // SAFETY: the caller's bufferevent.
    unsafe { bevs::common::Held::new(bevs::common::private(bev)) }
}

/// Another bufferevent in the place of `old`, made with `options`: with its socket, what is in its
/// buffers, and its timeouts. `None` when it has to stay as it is: one that is not a plain socket's,
/// or has a lock already.
///
/// # Safety
/// `old` is live, and has no callbacks.
pub(super) unsafe fn replace(
    old: *mut bufferevent,
    options: c_int,
) -> Result<Option<*mut bufferevent>> {
    // SAFETY: the caller's bufferevent; the new one is nobody else's yet.
    unsafe {
        let p = bevs::common::private(old);
        if (*p).lock.is_some() || !bevs::socket::is_socket(p) {
            return Ok(None);
        }
        let options = options | bevs::flags::BEV_OPT_CLOSE_ON_FREE;
        let new = bevs::socket_new((*old).ev_base, -1, options)?;
        let socket = fd(old);
        let moved = set_fd(old, -1)
            .and_then(|()| give_fd(new, socket))
            .and_then(|()| append((*new).output, (*old).output))
            .and_then(|()| append((*new).input, (*old).input));
        if let Err(e) = moved {
            if fd(new) != socket && fd(old) != socket {
                let _ = crate::util::socket::close(socket);
            }
            bev_free(new);
            return Err(e);
        }
        set_timeouts(new, Some(&(*old).timeout_read), Some(&(*old).timeout_write));
        Ok(Some(new))
    }
}

/// Lets the read callback run once more from the loop, for input that is there already.
///
/// # Safety
/// `bev` is live.
pub(super) unsafe fn read_again(bev: *mut bufferevent) {
    let how = bevs::flags::BEV_TRIG_IGNORE_WATERMARKS | bevs::flags::BEV_OPT_DEFER_CALLBACKS;
    // SAFETY: the caller's bufferevent.
    unsafe { bevs::trigger(bev, crate::event::flags::EV_READ, how) };
}
