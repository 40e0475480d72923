//! eventfd: the wake-up of a sleeping loop.

use super::{Errno, check};
use libc::c_int;

/// A new eventfd, non-blocking and close-on-exec.
pub fn create() -> Result<c_int, Errno> {
    // SAFETY: no pointers are passed.
    check(unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) })
}

/// Adds one to the counter. Safe in a signal handler; an overflow or a dead fd is nobody's error,
/// because the counter is then non-zero or its reader gone.
pub fn signal(fd: c_int) {
    let one = 1_u64;
    // SAFETY: eight bytes of a live local are read.
    unsafe { libc::write(fd, (&raw const one).cast(), 8) };
}

/// Resets the counter to 0.
pub fn drain(fd: c_int) {
    let mut count = 0_u64;
    // SAFETY: eight bytes of a live local are written.
    unsafe { libc::read(fd, (&raw mut count).cast(), 8) };
}

/// Closes any descriptor of ours; the result does not matter, the number is free afterwards.
pub fn close(fd: c_int) {
    // SAFETY: the descriptor belongs to the caller.
    unsafe { libc::close(fd) };
}
