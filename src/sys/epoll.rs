//! epoll.

use super::{Errno, check};
use libc::{c_int, epoll_event, timespec};

/// A new epoll instance, close-on-exec.
pub fn create() -> Result<c_int, Errno> {
    // SAFETY: no pointers are passed.
    check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })
}

/// `epoll_ctl`; `data` comes back with the event.
pub fn control(epfd: c_int, op: c_int, fd: c_int, events: u32, data: u64) -> Result<(), Errno> {
    let mut event = epoll_event { events, u64: data };
    // SAFETY: the event is a live local; the kernel copies it.
    check(unsafe { libc::epoll_ctl(epfd, op, fd, &raw mut event) }).map(drop)
}

/// Waits at most `timeout` nanoseconds (`None`: for ever) and says how many events were written.
///
/// # Safety
/// `events` points to `capacity` writable entries that nobody else touches meanwhile.
pub unsafe fn wait(
    epfd: c_int,
    events: *mut epoll_event,
    capacity: c_int,
    timeout: Option<u64>,
) -> Result<usize, Errno> {
    match timeout {
        // The common cases need no timespec, and epoll_wait is the cheaper call.
        // SAFETY: the caller vouches for the array.
        None => check(unsafe { libc::epoll_wait(epfd, events, capacity, -1) }),
        // SAFETY: as above.
        Some(0) => check(unsafe { libc::epoll_wait(epfd, events, capacity, 0) }),
        Some(ns) => {
            let ts = super::clock::timespec(ns);
            // SAFETY: as above; the timespec is a live local and no signal mask is passed.
            let n = unsafe {
                libc::syscall(
                    libc::SYS_epoll_pwait2,
                    epfd,
                    events,
                    capacity,
                    &raw const ts,
                    core::ptr::null::<timespec>(),
                    0_usize,
                )
            };
            let n = c_int::try_from(n).unwrap_or(-1);
            if n < 0 && Errno::last().0 == libc::ENOSYS {
                // Kernels before 5.11: whole milliseconds, rounded up so as never to be early.
                let ms = c_int::try_from(ns.div_ceil(1_000_000)).unwrap_or(c_int::MAX);
                // SAFETY: as above.
                return check(unsafe { libc::epoll_wait(epfd, events, capacity, ms) })
                    .map(c_int::unsigned_abs)
                    .map(|n| n as usize);
            }
            check(n)
        }
    }
    .map(|n| n.unsigned_abs() as usize)
}
