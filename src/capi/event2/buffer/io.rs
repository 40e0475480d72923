//! Reading from and writing to descriptors.

use crate::buffer as engine;
use crate::buffer::raw::evbuffer;
use crate::capi::convert::status;
use crate::util::types::evutil_socket_t;
use libc::{c_int, size_t, ssize_t};

/// Reads from a descriptor to the end of a buffer, with one system call.
///
/// At most `howmuch` bytes are read, and in any case not more than the buffer's limit of 4096, which
/// `evbuffer_set_max_read` changes. A negative `howmuch` means the limit.
///
/// Returns the number of bytes, 0 at the end of the file, or -1: when the end of the buffer is
/// frozen, without memory, or with the reason in `errno` (`EAGAIN`: nothing there now).
///
/// # Safety
/// `buffer` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_read(
    buffer: *mut evbuffer,
    fd: evutil_socket_t,
    howmuch: c_int,
) -> c_int {
    if buffer.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    super::count(unsafe { engine::read_limited(buffer, fd, usize::try_from(howmuch).ok()) })
}

/// Writes the content to a descriptor with one system call, and removes what was written.
///
/// Returns as `evbuffer_write_atmost`.
///
/// # Safety
/// `buffer` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_write(buffer: *mut evbuffer, fd: evutil_socket_t) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { evbuffer_write_atmost(buffer, fd, -1) }
}

/// As `evbuffer_write`, but at most `howmuch` bytes; all for a negative `howmuch`.
///
/// Returns the number of bytes written, or -1: for an empty buffer, for a `howmuch` of 0, when the
/// front is frozen, or with the reason in `errno` (`EAGAIN`: not now).
///
/// # Safety
/// `buffer` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_write_atmost(
    buffer: *mut evbuffer,
    fd: evutil_socket_t,
    howmuch: ssize_t,
) -> c_int {
    if buffer.is_null() || howmuch == 0 {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe {
        if engine::len(buffer) == 0 {
            return -1;
        }
        let howmuch = if howmuch < 0 { c_int::MAX as ssize_t } else { howmuch };
        super::count(engine::write_fd(buffer, fd, howmuch.min(c_int::MAX as ssize_t)))
    }
}

/// Sets how much one `evbuffer_read` reads at most; 4096 at first. (Since libevent 2.2.)
///
/// Returns 0, or -1 when `max` is more than `INT_MAX`.
///
/// # Safety
/// `buf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_set_max_read(buf: *mut evbuffer, max: size_t) -> c_int {
    if buf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { engine::set_max_read(buf, max) })
}

/// How much one `evbuffer_read` reads at most. (Since libevent 2.2.)
///
/// # Safety
/// `buf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_get_max_read(buf: *mut evbuffer) -> size_t {
    if buf.is_null() {
        return 0;
    }
    // SAFETY: live (caller).
    unsafe { engine::max_read(buf) }
}
