//! The accept loop.
//!
//! Every readiness drains the queue: one more call that answers `EAGAIN` is cheaper than one more
//! turn of the loop for each connection.
//!
//! When the process (or the system) is out of descriptors, the connection stays in the queue and
//! the descriptor stays readable: a loop that goes on waiting for it spins. Here the listener
//! pauses instead, and tries again after a while; the error callback is called for each
//! try, and without one a warning is logged at most once a second.

use super::types::*;
use super::{enable_locked, evconnlistener, give_back};
use crate::event;
use crate::sys::{Errno, socket as sys};
use crate::warn_errno;
use core::ffi::c_void;
use core::sync::atomic::Ordering;
use libc::{c_int, c_short, timeval};

/// How long a pause lasts: short for a person, long for a processor.
const PAUSE: timeval = timeval { tv_sec: 0, tv_usec: 50_000 };
/// How far apart two warnings are at least, in milliseconds.
const WARNING_INTERVAL: u64 = 1000;

/// Whether trying again at once would fail again.
fn is_exhausted(errno: Errno) -> bool {
    matches!(errno.0, libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM)
}

/// The descriptor's event: connections are waiting.
///
/// # Safety
/// `arg` is the listener the event lies in.
pub(super) unsafe extern "C" fn ready(fd: c_int, _: c_short, arg: *mut c_void) {
    let lev: *mut evconnlistener = arg.cast();
    // SAFETY: the listener lives at least until this call returns: whoever destroys it deletes the
    // event first, and that waits for us.
    unsafe {
        {
            let l = &*lev;
            let _guard = l.lock.guard();
            if l.freed.load(Ordering::Relaxed) {
                return;
            }
            l.counts.fetch_add(1, Ordering::Relaxed);
        }
        if let Err(errno) = drain(lev, fd) {
            failed(lev, errno);
        }
        give_back(lev);
    }
}

/// Accepts until nothing is left, or a callback has switched the listener off or freed it.
///
/// # Safety
/// The caller holds a count on `lev`.
unsafe fn drain(lev: *mut evconnlistener, fd: c_int) -> Result<(), Errno> {
    // SAFETY: the count keeps the listener alive; the flags never change.
    let flags = unsafe { (*lev).flags };
    let mut accept_flags = 0;
    if flags & LEV_OPT_LEAVE_SOCKETS_BLOCKING == 0 {
        accept_flags |= libc::SOCK_NONBLOCK;
    }
    if flags & LEV_OPT_CLOSE_ON_EXEC != 0 {
        accept_flags |= libc::SOCK_CLOEXEC;
    }
    loop {
        let (new, mut addr, len) = match sys::accept4(fd, accept_flags) {
            Ok(accepted) => accepted,
            Err(Errno(libc::EAGAIN)) => return Ok(()),
            // A peer that went away while it waited; the next one may be there.
            Err(Errno(libc::EINTR | libc::ECONNABORTED)) => continue,
            Err(e) => return Err(e),
        };
        // SAFETY: as above; the borrow ends before the callback runs.
        let (cb, arg) = unsafe {
            let l = &*lev;
            let _guard = l.lock.guard();
            // Mostly the connection is watched on the listener's own base. Without a base there
            // would be no event to run in.
            event::renew((*l.event()).ev_base, new);
            (l.cb.get(), l.arg.get())
        };
        match cb {
            // Some kernels report connections that are gone already with no address at all.
            Some(cb) if len > 0 => {
                let len = c_int::try_from(len).unwrap_or(0);
                // SAFETY: the user's function with the arguments it was set with; the address
                // is ours and lives through the call; nothing of ours is borrowed or locked.
                unsafe { cb(lev, new, (&raw mut addr).cast(), len, arg) };
            }
            _ => {
                let _ = sys::close(new);
            }
        }
        // SAFETY: the count keeps the listener alive, whatever the callback did.
        if unsafe { !(*lev).enabled.load(Ordering::Relaxed) } {
            return Ok(());
        }
    }
}

/// Accepting has failed.
///
/// # Safety
/// The caller holds a count on `lev`.
unsafe fn failed(lev: *mut evconnlistener, errno: Errno) {
    if is_exhausted(errno) {
        // Before the callback, which may disable the listener, and so end the pause.
        // SAFETY: the count keeps the listener alive.
        unsafe { pause(lev) };
    }
    // SAFETY: as above; the borrow ends before the callback runs.
    let (errorcb, arg) = unsafe {
        let l = &*lev;
        let _guard = l.lock.guard();
        (l.errorcb.get(), l.arg.get())
    };
    match errorcb {
        Some(errorcb) => {
            errno.set();
            // SAFETY: the user's function with its argument; nothing is borrowed or locked.
            unsafe { errorcb(lev, arg) };
        }
        // SAFETY: the count keeps the listener alive.
        None if unsafe { may_warn(lev) } => {
            warn_errno!(errno, "Error from accept() call");
        }
        None => {}
    }
}

/// Whether the last warning is long enough ago.
///
/// # Safety
/// `lev` is alive, and this is the thread that runs its loop.
unsafe fn may_warn(lev: *mut evconnlistener) -> bool {
    let now = crate::util::monotonic::coarse_millis();
    // SAFETY: the caller's promise; only the loop's thread touches the field.
    let last = unsafe { (*lev).warned_at.get() };
    if last != 0 && now.saturating_sub(last) < WARNING_INTERVAL {
        return false;
    }
    // SAFETY: as above.
    unsafe { (*lev).warned_at.set(now.max(1)) };
    true
}

/// Stops waiting for connections until the timer has run.
///
/// # Safety
/// `lev` is alive.
unsafe fn pause(lev: *mut evconnlistener) {
    // SAFETY: the caller's promise; no callback runs in here.
    let l = unsafe { &*lev };
    let _guard = l.lock.guard();
    if !l.enabled.load(Ordering::Relaxed) {
        return;
    }
    // SAFETY: the events were assigned when the listener was made.
    unsafe {
        // Without the timer nobody would end the pause; then rather spin.
        if event::add(l.retry(), Some(&PAUSE)).is_ok() {
            l.pausing.store(true, Ordering::Relaxed);
            let _ = event::del_noblock(l.event());
        }
    }
}

/// The timer's event: the pause is over.
///
/// # Safety
/// `arg` is the listener the event lies in.
pub(super) unsafe extern "C" fn resume(_: c_int, _: c_short, arg: *mut c_void) {
    // SAFETY: as in `ready`; no callback runs in here.
    let l = unsafe { &*arg.cast::<evconnlistener>() };
    let _guard = l.lock.guard();
    if l.pausing.swap(false, Ordering::Relaxed) && l.enabled.load(Ordering::Relaxed) {
        let _ = enable_locked(l);
    }
}
