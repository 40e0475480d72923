//! Moving bytes over the two kinds of wire: a descriptor, and another bufferevent.

use crate::evrs::{
    EV_WRITE, bufferevent, bufferevent_get_input, bufferevent_get_output, bufferevent_getwatermark,
    evbuffer_add, evbuffer_get_length, evbuffer_remove,
};
use core::ffi::c_int;
use core::ptr::null_mut;

/// How a transfer went; `errno` is the system call's.
pub enum Io {
    /// So many bytes; none read is the end.
    Bytes(usize),
    /// Not now.
    Retry,
    /// Never again.
    Failed,
}

fn failure() -> Io {
    // SAFETY: the address of this thread's errno.
    let errno = unsafe { *libc::__errno_location() };
    match errno {
        // The last three: a connection that is still being made.
        libc::EAGAIN | libc::EINTR | libc::EINPROGRESS | libc::EALREADY | libc::ENOTCONN => {
            Io::Retry
        }
        _ => Io::Failed,
    }
}

/// Reads from a descriptor.
///
/// # Safety
/// There is room for `size` bytes.
pub unsafe fn read_fd(fd: c_int, to: *mut u8, size: usize) -> Io {
    // SAFETY: by contract.
    let got = unsafe { libc::read(fd, to.cast(), size) };
    usize::try_from(got).map_or_else(|_| failure(), Io::Bytes)
}

/// Writes to a descriptor. A peer that is gone is an error, no `SIGPIPE`.
///
/// # Safety
/// There are `size` bytes.
pub unsafe fn write_fd(fd: c_int, from: *const u8, size: usize) -> Io {
    // SAFETY: by contract.
    let done = unsafe {
        match libc::send(fd, from.cast(), size, libc::MSG_NOSIGNAL) {
            -1 if *libc::__errno_location() == libc::ENOTSOCK => libc::write(fd, from.cast(), size),
            done => done,
        }
    };
    usize::try_from(done).map_or_else(|_| failure(), Io::Bytes)
}

/// Takes what a bufferevent has read. Its end is told by its event callback.
///
/// # Safety
/// It is live, and there is room for `size` bytes.
pub unsafe fn read_below(below: *mut bufferevent, to: *mut u8, size: usize) -> Io {
    // SAFETY: by contract.
    unsafe {
        let input = bufferevent_get_input(below);
        if evbuffer_get_length(input) == 0 {
            return Io::Retry;
        }
        let got = evbuffer_remove(input, to.cast(), size);
        usize::try_from(got).map_or(Io::Failed, Io::Bytes)
    }
}

/// Has a bufferevent write, no more than fits under its high watermark.
///
/// # Safety
/// It is live, and there are `size` bytes.
pub unsafe fn write_below(below: *mut bufferevent, from: *const u8, mut size: usize) -> Io {
    // SAFETY: by contract.
    unsafe {
        let output = bufferevent_get_output(below);
        let mut high = 0;
        bufferevent_getwatermark(below, EV_WRITE, null_mut(), &raw mut high);
        if high != 0 {
            size = size.min(high.saturating_sub(evbuffer_get_length(output)));
            if size == 0 {
                return Io::Retry;
            }
        }
        if evbuffer_add(output, from.cast(), size) == 0 { Io::Bytes(size) } else { Io::Failed }
    }
}
