//! Sockets: one wrapper for each call.

use super::{Errno, check, check_size};
use core::mem::MaybeUninit;
use core::ptr::null_mut;
use libc::{c_int, sockaddr, sockaddr_storage, socklen_t};

/// A new socket of exactly the given kind; flags such as `SOCK_CLOEXEC` go into `kind`.
pub fn socket(family: c_int, kind: c_int, protocol: c_int) -> Result<c_int, Errno> {
    // SAFETY: takes integers only.
    check(unsafe { libc::socket(family, kind, protocol) })
}

/// Two connected sockets.
pub fn socketpair(family: c_int, kind: c_int, protocol: c_int) -> Result<[c_int; 2], Errno> {
    let mut pair = [-1; 2];
    // SAFETY: the array has room for the two descriptors.
    check(unsafe { libc::socketpair(family, kind, protocol, pair.as_mut_ptr()) })?;
    Ok(pair)
}

/// Closes a descriptor. `EINTR` still means closed on Linux; never repeat.
pub fn close(fd: c_int) -> Result<(), Errno> {
    // SAFETY: takes an integer; who else uses the descriptor is the caller's business.
    check(unsafe { libc::close(fd) }).map(drop)
}

/// The file status flags (`O_NONBLOCK` and so on).
pub fn status_flags(fd: c_int) -> Result<c_int, Errno> {
    // SAFETY: takes integers only.
    check(unsafe { libc::fcntl(fd, libc::F_GETFL) })
}

/// Sets the file status flags.
pub fn set_status_flags(fd: c_int, flags: c_int) -> Result<(), Errno> {
    // SAFETY: takes integers only.
    check(unsafe { libc::fcntl(fd, libc::F_SETFL, flags) }).map(drop)
}

/// The descriptor flags (`FD_CLOEXEC`).
pub fn descriptor_flags(fd: c_int) -> Result<c_int, Errno> {
    // SAFETY: takes integers only.
    check(unsafe { libc::fcntl(fd, libc::F_GETFD) })
}

/// Sets the descriptor flags.
pub fn set_descriptor_flags(fd: c_int, flags: c_int) -> Result<(), Errno> {
    // SAFETY: takes integers only.
    check(unsafe { libc::fcntl(fd, libc::F_SETFD, flags) }).map(drop)
}

/// Sets an option whose value is an int.
pub fn set_option(fd: c_int, level: c_int, name: c_int, value: c_int) -> Result<(), Errno> {
    // SAFETY: the kernel reads `sizeof(int)` bytes of our own int.
    check(unsafe {
        libc::setsockopt(
            fd,
            level,
            name,
            (&raw const value).cast(),
            size_of::<c_int>() as socklen_t,
        )
    })
    .map(drop)
}

/// Reads an option whose value is an int.
pub fn option(fd: c_int, level: c_int, name: c_int) -> Result<c_int, Errno> {
    let mut value: c_int = 0;
    let mut len = size_of::<c_int>() as socklen_t;
    // SAFETY: the kernel writes at most `len` bytes into our own int.
    check(unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &raw mut len) })?;
    Ok(value)
}

/// Takes the next connection off the queue, with the peer's address. `flags` are those of
/// `accept4` (`SOCK_NONBLOCK`, `SOCK_CLOEXEC`).
pub fn accept4(fd: c_int, flags: c_int) -> Result<(c_int, sockaddr_storage, socklen_t), Errno> {
    let mut addr = MaybeUninit::<sockaddr_storage>::zeroed();
    let mut len = size_of::<sockaddr_storage>() as socklen_t;
    // SAFETY: the kernel writes at most `len` bytes into our own storage.
    let new = check(unsafe { libc::accept4(fd, addr.as_mut_ptr().cast(), &raw mut len, flags) })?;
    // SAFETY: zeroed bytes are a valid sockaddr_storage, and so is whatever the kernel wrote.
    Ok((new, unsafe { addr.assume_init() }, len.min(size_of::<sockaddr_storage>() as socklen_t)))
}

/// Binds a socket to an address.
///
/// # Safety
/// `addr` points to `len` readable bytes.
pub unsafe fn bind(fd: c_int, addr: *const sockaddr, len: socklen_t) -> Result<(), Errno> {
    // SAFETY: the caller's promise.
    check(unsafe { libc::bind(fd, addr, len) }).map(drop)
}

/// Starts a connection.
///
/// # Safety
/// `addr` points to `len` readable bytes.
pub unsafe fn connect(fd: c_int, addr: *const sockaddr, len: socklen_t) -> Result<(), Errno> {
    // SAFETY: the caller's promise.
    check(unsafe { libc::connect(fd, addr, len) }).map(drop)
}

/// Starts listening.
pub fn listen(fd: c_int, backlog: c_int) -> Result<(), Errno> {
    // SAFETY: takes integers only.
    check(unsafe { libc::listen(fd, backlog) }).map(drop)
}

/// Shuts one or both directions of a connection down.
pub fn shutdown(fd: c_int, how: c_int) -> Result<(), Errno> {
    // SAFETY: takes integers only.
    check(unsafe { libc::shutdown(fd, how) }).map(drop)
}

/// The address of the other end.
pub fn peer_address(fd: c_int) -> Result<(sockaddr_storage, socklen_t), Errno> {
    let mut addr = MaybeUninit::<sockaddr_storage>::zeroed();
    let mut len = size_of::<sockaddr_storage>() as socklen_t;
    // SAFETY: the kernel writes at most `len` bytes into our own storage.
    check(unsafe { libc::getpeername(fd, addr.as_mut_ptr().cast(), &raw mut len) })?;
    // SAFETY: zeroed bytes are a valid sockaddr_storage, and so is whatever the kernel wrote.
    Ok((unsafe { addr.assume_init() }, len.min(size_of::<sockaddr_storage>() as socklen_t)))
}

/// Receives into `buf`; 0 bytes mean the end.
pub fn recv(fd: c_int, buf: &mut [u8], flags: c_int) -> Result<usize, Errno> {
    // SAFETY: the kernel writes at most `len` bytes into the slice.
    check_size(unsafe { libc::recv(fd, buf.as_mut_ptr().cast(), buf.len(), flags) })
}

/// Sends `buf`; the caller chooses the flags (`MSG_NOSIGNAL`).
pub fn send(fd: c_int, buf: &[u8], flags: c_int) -> Result<usize, Errno> {
    // SAFETY: the kernel reads at most `len` bytes of the slice.
    check_size(unsafe { libc::send(fd, buf.as_ptr().cast(), buf.len(), flags) })
}

/// Sends a datagram to an address.
///
/// # Safety
/// `to` points to `len` readable bytes.
pub unsafe fn sendto(
    fd: c_int,
    buf: &[u8],
    flags: c_int,
    to: *const sockaddr,
    len: socklen_t,
) -> Result<usize, Errno> {
    // SAFETY: the kernel reads at most `len` bytes of the slice; the address is the caller's
    // promise.
    check_size(unsafe { libc::sendto(fd, buf.as_ptr().cast(), buf.len(), flags, to, len) })
}

/// Has a datagram socket forget whom it was connected to, and which address of this host it used
/// for that.
pub fn disconnect(fd: c_int) {
    // SAFETY: a socket address of zeroes is a valid value of the plain C structure.
    let mut none: sockaddr = unsafe { core::mem::zeroed() };
    none.sa_family = libc::AF_UNSPEC as libc::sa_family_t;
    // SAFETY: an address of our own. What could fail is that nothing was connected.
    unsafe { libc::connect(fd, &raw const none, size_of::<sockaddr>() as socklen_t) };
}

/// Room for one datagram; longer ones are cut off.
pub type Packet = MaybeUninit<[u8; 4096]>;

/// What is known of a datagram besides its bytes.
#[derive(Clone, Copy)]
pub struct Received {
    /// Where it came from.
    pub from: sockaddr_storage,
    /// How many bytes of that count.
    pub from_len: socklen_t,
    len: usize,
}

impl Received {
    /// Nothing yet.
    // SAFETY: a socket address of zeroes is a valid value of the plain C structure.
    pub const NONE: Self = Self { from: unsafe { core::mem::zeroed() }, from_len: 0, len: 0 };
}

/// The most datagrams that one call takes.
pub const BATCH: usize = 16;

/// Takes datagrams that have come in, without waiting: as many as there are buffers and facts
/// about them, `BATCH` at most. Calls `each` for them in order and returns how many there were.
pub fn recv_many(
    fd: c_int,
    buffers: &mut [Packet],
    facts: &mut [Received],
    mut each: impl FnMut(&[u8], &Received),
) -> Result<usize, Errno> {
    // SAFETY: headers of zeroes are valid values of the plain C structures.
    let mut headers: [libc::mmsghdr; BATCH] = unsafe { core::mem::zeroed() };
    let mut pieces = [libc::iovec { iov_base: null_mut(), iov_len: 0 }; BATCH];
    let mut n = 0;
    for (((header, piece), buffer), fact) in
        headers.iter_mut().zip(&mut pieces).zip(buffers.iter_mut()).zip(facts.iter_mut())
    {
        piece.iov_base = buffer.as_mut_ptr().cast();
        piece.iov_len = size_of::<Packet>();
        header.msg_hdr.msg_iov = piece;
        header.msg_hdr.msg_iovlen = 1;
        header.msg_hdr.msg_name = (&raw mut fact.from).cast();
        header.msg_hdr.msg_namelen = size_of::<sockaddr_storage>() as socklen_t;
        n += 1;
    }
    // SAFETY: `n` headers point to buffers, pieces and addresses that outlive the call.
    let got = check(unsafe {
        libc::recvmmsg(fd, headers.as_mut_ptr(), n, libc::MSG_DONTWAIT, null_mut())
    })?;
    let got = usize::try_from(got).unwrap_or(0);
    for ((header, fact), buffer) in headers.iter().zip(facts).zip(buffers).take(got) {
        fact.from_len = header.msg_hdr.msg_namelen;
        fact.len = (header.msg_len as usize).min(size_of::<Packet>());
        // SAFETY: the kernel has filled in so many bytes of this buffer.
        each(unsafe { core::slice::from_raw_parts(buffer.as_ptr().cast(), fact.len) }, fact);
    }
    Ok(got)
}

/// [`recv_many`] for one datagram, without what it has to prepare for several.
pub fn recv_one(fd: c_int, each: impl FnOnce(&[u8], &Received)) -> Result<usize, Errno> {
    let mut buffer = Packet::uninit();
    let mut fact = Received::NONE;
    fact.from_len = size_of::<sockaddr_storage>() as socklen_t;
    // SAFETY: the kernel writes at most as much to buffer and address as it is told they hold.
    let got = check_size(unsafe {
        libc::recvfrom(
            fd,
            buffer.as_mut_ptr().cast(),
            size_of::<Packet>(),
            libc::MSG_DONTWAIT,
            (&raw mut fact.from).cast(),
            &raw mut fact.from_len,
        )
    })?;
    fact.len = got.min(size_of::<Packet>());
    // SAFETY: the kernel has filled in so many bytes of the buffer.
    each(unsafe { core::slice::from_raw_parts(buffer.as_ptr().cast(), fact.len) }, &fact);
    Ok(1)
}

/// Fills `buf` from the kernel's generator; a short count or `EINTR` is the caller's to repeat.
pub fn getrandom(buf: &mut [u8]) -> Result<usize, Errno> {
    // Not through glibc's function: ThreadSanitizer watches what that one writes, but sees
    // nothing of the atomics in this library that order such writes, and would accuse us.
    // SAFETY: the kernel writes at most `len` bytes into the slice.
    let n = unsafe { libc::syscall(libc::SYS_getrandom, buf.as_mut_ptr(), buf.len(), 0) };
    usize::try_from(n).map_err(|_| Errno::last())
}

/// One anonymous page that the kernel zeroes in a forked child, or `None` where that is not to
/// be had. It is never unmapped.
pub fn page_wiped_on_fork(len: usize) -> Option<core::ptr::NonNull<u8>> {
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing.
    let p = unsafe {
        libc::mmap(
            null_mut(),
            len,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if p == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the mapping is ours and `len` long.
    if unsafe { libc::madvise(p, len, libc::MADV_WIPEONFORK) } != 0 {
        // SAFETY: ours, and nobody has seen it.
        unsafe { libc::munmap(p, len) };
        return None;
    }
    core::ptr::NonNull::new(p.cast())
}
