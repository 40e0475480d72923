//! poll and select.

use super::{Errno, check};
use libc::{c_int, pollfd};

/// `ppoll` for at most `timeout` nanoseconds (`None`: for ever).
///
/// # Safety
/// `fds` points to `count` entries that nobody else touches meanwhile.
pub unsafe fn poll(fds: *mut pollfd, count: usize, timeout: Option<u64>) -> Result<usize, Errno> {
    let ts = timeout.map(super::clock::timespec);
    let ts = ts.as_ref().map_or(core::ptr::null(), core::ptr::from_ref);
    // SAFETY: the caller vouches for the array; the timespec is a live local or null.
    check(unsafe { libc::ppoll(fds, count as libc::nfds_t, ts, core::ptr::null()) })
        .map(|n| n.unsigned_abs() as usize)
}

/// `pselect` for at most `timeout` nanoseconds (`None`: for ever), without glibc's fixed-size sets.
///
/// # Safety
/// The three sets have room for `nfds` bits, rounded up to whole words.
pub unsafe fn select(
    nfds: c_int,
    read: *mut u64,
    write: *mut u64,
    except: *mut u64,
    timeout: Option<u64>,
) -> Result<usize, Errno> {
    // The kernel writes the time left into the timespec.
    let mut ts = timeout.map(super::clock::timespec);
    let ts = ts.as_mut().map_or(core::ptr::null_mut(), core::ptr::from_mut);
    // SAFETY: the caller vouches for the sets; no signal mask is passed.
    let n = unsafe {
        libc::syscall(libc::SYS_pselect6, nfds, read, write, except, ts, core::ptr::null::<u8>())
    };
    check(c_int::try_from(n).unwrap_or(-1)).map(|n| n.unsigned_abs() as usize)
}
