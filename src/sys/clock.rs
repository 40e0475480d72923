//! Clocks, in nanoseconds.

use libc::{clockid_t, timespec, timeval};

/// Reads a clock. Clocks that the kernel always has do not fail; any other reads as 0.
#[inline]
pub fn read(clock: clockid_t) -> u64 {
    let mut ts = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the timespec is a live local.
    unsafe { libc::clock_gettime(clock, &raw mut ts) };
    ts.tv_sec.unsigned_abs().wrapping_mul(1_000_000_000).wrapping_add(ts.tv_nsec.unsigned_abs())
}

/// Time since boot, never set back.
#[inline]
pub fn monotonic() -> u64 {
    read(libc::CLOCK_MONOTONIC)
}

/// Wall-clock time since 1970.
#[inline]
pub fn realtime() -> u64 {
    read(libc::CLOCK_REALTIME)
}

/// Nanoseconds as a `timespec`.
pub fn timespec(ns: u64) -> timespec {
    // Both parts fit: u64::MAX ns are 18 446 744 073 s.
    timespec { tv_sec: (ns / 1_000_000_000) as i64, tv_nsec: (ns % 1_000_000_000) as i64 }
}

/// Nanoseconds as a `timeval`, cut off to microseconds.
pub fn timeval(ns: u64) -> timeval {
    timeval { tv_sec: (ns / 1_000_000_000) as i64, tv_usec: (ns % 1_000_000_000 / 1000) as i64 }
}
