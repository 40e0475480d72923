//! Making the socket of a listener.

use super::types::*;
use super::{evconnlistener, new};
use crate::error::{Error, Result};
use crate::event::event_base;
use crate::sys::{Errno, socket as sys};
use crate::util::socket;
use core::ffi::c_void;
use libc::{c_int, c_uint, sockaddr};

/// A listener on a new socket, bound to `addr` (whose first `len` bytes count).
///
/// # Safety
/// As [`new`]; `addr` is null or points to `len` bytes.
pub unsafe fn new_bind(
    base: *mut event_base,
    cb: evconnlistener_cb,
    arg: *mut c_void,
    flags: c_uint,
    backlog: c_int,
    addr: *const sockaddr,
    len: c_int,
) -> Result<*mut evconnlistener> {
    // 0 means "listens already", which a new socket cannot.
    if backlog == 0 {
        return Err(Error::Invalid);
    }
    let family = if addr.is_null() {
        libc::AF_UNSPEC
    } else if len < size_of::<libc::sa_family_t>() as c_int {
        return Err(Error::Invalid);
    } else {
        // SAFETY: the address has at least its family (checked just above).
        c_int::from(unsafe { (&raw const (*addr).sa_family).read_unaligned() })
    };
    let mut kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK;
    if flags & LEV_OPT_CLOSE_ON_EXEC != 0 {
        kind |= libc::SOCK_CLOEXEC;
    }
    let fd = socket::socket(family, kind, 0)?;
    // SAFETY: the caller's promises.
    let made = unsafe {
        prepare(fd, flags, addr, len).and_then(|()| new(base, cb, arg, flags, backlog, fd))
    };
    if made.is_err() {
        // The reason is what `errno` has to say, not what closing thinks.
        let errno = Errno::last();
        let _ = sys::close(fd);
        errno.set();
    }
    made
}

/// Options first: most of them have to be there before the address is.
unsafe fn prepare(fd: c_int, flags: c_uint, addr: *const sockaddr, len: c_int) -> Result<()> {
    sys::set_option(fd, libc::SOL_SOCKET, libc::SO_KEEPALIVE, 1)?;
    if flags & LEV_OPT_REUSEABLE != 0 {
        socket::make_reuseable(fd)?;
    }
    if flags & LEV_OPT_REUSEABLE_PORT != 0 {
        socket::make_reuseable_port(fd)?;
    }
    if flags & LEV_OPT_DEFERRED_ACCEPT != 0 {
        socket::make_deferred(fd)?;
    }
    if flags & LEV_OPT_BIND_IPV6ONLY != 0 {
        socket::set_ipv6_only(fd, true)?;
    }
    if flags & LEV_OPT_BIND_IPV4_AND_IPV6 != 0 {
        socket::set_ipv6_only(fd, false)?;
    }
    if !addr.is_null() {
        let len = libc::socklen_t::try_from(len).map_err(|_| Error::Invalid)?;
        // SAFETY: the address has `len` bytes (caller).
        unsafe { sys::bind(fd, addr, len) }?;
    }
    Ok(())
}
