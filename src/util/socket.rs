//! What the library and its users do with sockets, with the reference's warnings.

use crate::error::{Error, Result};
use crate::sys::{Errno, socket as sys};
use crate::warn_errno;
use libc::{c_int, sockaddr_storage, socklen_t};

/// Makes a descriptor non-blocking.
pub fn make_nonblocking(fd: c_int) -> Result<()> {
    let flags = sys::status_flags(fd).inspect_err(|e| warn_errno!(*e, "fcntl({fd}, F_GETFL)"))?;
    if flags & libc::O_NONBLOCK == 0 {
        sys::set_status_flags(fd, flags | libc::O_NONBLOCK)
            .inspect_err(|e| warn_errno!(*e, "fcntl({fd}, F_SETFL)"))?;
    }
    Ok(())
}

/// Has a descriptor closed by `exec`.
pub fn make_closeonexec(fd: c_int) -> Result<()> {
    let flags =
        sys::descriptor_flags(fd).inspect_err(|e| warn_errno!(*e, "fcntl({fd}, F_GETFD)"))?;
    if flags & libc::FD_CLOEXEC == 0 {
        sys::set_descriptor_flags(fd, flags | libc::FD_CLOEXEC)
            .inspect_err(|e| warn_errno!(*e, "fcntl({fd}, F_SETFD)"))?;
    }
    Ok(())
}

/// Lets an address be bound again while old connections to it are still dying.
pub fn make_reuseable(fd: c_int) -> Result<()> {
    Ok(sys::set_option(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?)
}

/// Lets several sockets bind one address, if all of them ask for it.
pub fn make_reuseable_port(fd: c_int) -> Result<()> {
    Ok(sys::set_option(fd, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1)?)
}

/// Says whether an IPv6 socket takes IPv6 connections only (or IPv4 ones as mapped addresses, too).
pub fn set_ipv6_only(fd: c_int, only: bool) -> Result<()> {
    Ok(sys::set_option(fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, c_int::from(only))?)
}

/// Has connections accepted only when their first data is there.
pub fn make_deferred(fd: c_int) -> Result<()> {
    Ok(sys::set_option(fd, libc::IPPROTO_TCP, libc::TCP_DEFER_ACCEPT, 1)?)
}

/// Probes a silent peer after `timeout` seconds and gives it up after about as long again.
/// Without a positive timeout nothing happens.
pub fn set_keepalive(fd: c_int, on: bool, timeout: c_int) -> Result<()> {
    if timeout <= 0 {
        return Ok(());
    }
    sys::set_option(fd, libc::SOL_SOCKET, libc::SO_KEEPALIVE, c_int::from(on))?;
    if on {
        // Three probes a third of the timeout apart end the connection at twice the timeout.
        sys::set_option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPIDLE, timeout)?;
        sys::set_option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPINTVL, (timeout / 3).max(1))?;
        sys::set_option(fd, libc::IPPROTO_TCP, libc::TCP_KEEPCNT, 3)?;
    }
    Ok(())
}

/// Two connected sockets of whatever family the kernel makes pairs of (`AF_UNIX`).
pub fn socketpair(family: c_int, kind: c_int, protocol: c_int) -> Result<[c_int; 2]> {
    Ok(sys::socketpair(family, kind, protocol)?)
}

/// A new socket; `kind` may carry `SOCK_NONBLOCK` and `SOCK_CLOEXEC`.
pub fn socket(family: c_int, kind: c_int, protocol: c_int) -> Result<c_int> {
    Ok(sys::socket(family, kind, protocol)?)
}

/// Takes one connection off the queue; see [`sys::accept4`].
pub fn accept4(
    fd: c_int,
    flags: c_int,
) -> core::result::Result<(c_int, sockaddr_storage, socklen_t), Errno> {
    sys::accept4(fd, flags)
}

/// Closes a socket.
pub fn close(fd: c_int) -> Result<()> {
    Ok(sys::close(fd)?)
}

/// The result of a connection that was started: `Ok(true)` when it is up, `Ok(false)` while it is
/// still being made.
pub fn finished_connecting(fd: c_int) -> Result<bool> {
    match sys::option(fd, libc::SOL_SOCKET, libc::SO_ERROR)? {
        0 => Ok(true),
        libc::EINPROGRESS | libc::EINTR | libc::EAGAIN => Ok(false),
        e => Err(Error::Os(Errno(e))),
    }
}
