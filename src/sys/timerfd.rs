//! timerfd: as a teller of changes of the wall clock, and as a precise end of a wait.

use super::{Errno, check};
use libc::{c_int, itimerspec, timespec};

/// A new timerfd on the wall clock, non-blocking and close-on-exec.
pub fn create_realtime() -> Result<c_int, Errno> {
    // SAFETY: no pointers are passed.
    check(unsafe {
        libc::timerfd_create(libc::CLOCK_REALTIME, libc::TFD_NONBLOCK | libc::TFD_CLOEXEC)
    })
}

/// A new timerfd on the monotonic clock, non-blocking and close-on-exec.
pub fn create_monotonic() -> Result<c_int, Errno> {
    // SAFETY: no pointers are passed.
    check(unsafe {
        libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_NONBLOCK | libc::TFD_CLOEXEC)
    })
}

/// Makes it readable in so many nanoseconds, or never for 0, whatever it was set to before.
pub fn arm(fd: c_int, ns: u64) -> Result<(), Errno> {
    let zero = timespec { tv_sec: 0, tv_nsec: 0 };
    let once = itimerspec { it_interval: zero, it_value: super::clock::timespec(ns) };
    // SAFETY: a live local is read.
    check(unsafe { libc::timerfd_settime(fd, 0, &raw const once, core::ptr::null_mut()) })
        .map(|_| ())
}

/// Makes it readable when the wall clock is set next; reads away what it said before.
pub fn arm_for_changes(fd: c_int) {
    let mut count = 0_u64;
    let never = timespec { tv_sec: i64::MAX >> 1, tv_nsec: 0 };
    let once = itimerspec { it_interval: timespec { tv_sec: 0, tv_nsec: 0 }, it_value: never };
    // TFD_TIMER_CANCEL_ON_SET, which not every libc has a name for.
    let flags = libc::TFD_TIMER_ABSTIME | 1 << 1;
    // SAFETY: eight bytes of a live local are written, and a live local is read.
    unsafe {
        libc::read(fd, (&raw mut count).cast(), 8);
        libc::timerfd_settime(fd, flags, &raw const once, core::ptr::null_mut());
    }
}
