//! signalfd, and the calling thread's signal mask.

use super::{Errno, check};
use core::mem::size_of;
use libc::{c_int, signalfd_siginfo, sigset_t};

/// The signals whose bits (number minus one) are set.
fn set_of(bits: u64) -> sigset_t {
    // SAFETY: a sigset is plain data, for which all zeros is a valid value.
    let mut set: sigset_t = unsafe { core::mem::zeroed() };
    // SAFETY: the set is a live local, and numbers from 1 to 64 are legal.
    unsafe {
        libc::sigemptyset(&raw mut set);
        for n in 0..64 {
            if bits & (1 << n) != 0 {
                libc::sigaddset(&raw mut set, n + 1);
            }
        }
    }
    set
}

/// A signalfd for these signals, non-blocking and close-on-exec; or, if `fd` is one, changes it.
#[inline(never)]
pub fn set(fd: Option<c_int>, bits: u64) -> Result<c_int, Errno> {
    let set = set_of(bits);
    let flags = libc::SFD_NONBLOCK | libc::SFD_CLOEXEC;
    // SAFETY: the set is a live local.
    check(unsafe { libc::signalfd(fd.unwrap_or(-1), &raw const set, flags) })
}

/// A signalfd for this signal alone, non-blocking and close-on-exec.
pub fn of(signum: c_int) -> Result<c_int, Errno> {
    set(None, 1 << (signum - 1).clamp(0, 63))
}

/// The next signal that it has, or 0.
pub fn next(fd: c_int) -> c_int {
    // SAFETY: the structure is plain data, for which all zeros is a valid value.
    let mut info: signalfd_siginfo = unsafe { core::mem::zeroed() };
    let size = size_of::<signalfd_siginfo>();
    // SAFETY: as many bytes as the live local has are written.
    let n = unsafe { libc::read(fd, (&raw mut info).cast(), size) };
    if usize::try_from(n) == Ok(size) { info.ssi_signo.cast_signed() } else { 0 }
}

/// Blocks or unblocks one signal in the calling thread; whether it was blocked before.
pub fn block(signum: c_int, blocked: bool) -> bool {
    let set = set_of(1 << (signum - 1).clamp(0, 63));
    let mut before = set_of(0);
    let how = if blocked { libc::SIG_BLOCK } else { libc::SIG_UNBLOCK };
    // SAFETY: the sets are live locals.
    unsafe {
        libc::pthread_sigmask(how, &raw const set, &raw mut before);
        libc::sigismember(&raw const before, signum) == 1
    }
}

/// Takes back a blocked signal that is waiting to be delivered.
pub fn discard(signum: c_int) {
    let set = set_of(1 << (signum - 1).clamp(0, 63));
    let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: set and time are live locals, and nothing is written where null is passed.
    while unsafe { libc::sigtimedwait(&raw const set, core::ptr::null_mut(), &raw const now) } > 0 {
    }
}
