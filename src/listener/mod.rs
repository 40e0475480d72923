//! evconnlistener: sockets that take connections.
//!
//! | file | what it holds |
//! |---|---|
//! | this one | the listener: making it, switching it on and off, freeing it |
//! | [`bind`] | making the socket |
//! | `accept` | the event's callback: accepting until the queue is empty, and what to do when that fails |
//!
//! # Counting and waiting
//!
//! The caller holds one count, and the accept loop one more while it runs, so that a callback may
//! free its listener; whoever gives the last count back destroys it. No lock is held while a callback runs.
//!
//! Another thread may switch a listener off or free it at any time. The event may then just have
//! been picked by the loop, with the accept loop not begun. So the destroyer deletes the event
//! *after* it has let go of the listener's lock: that waits for the accept loop, which finds the
//! listener freed and returns at once. Switching off waits likewise: after it, no callback runs.
//!
//! The listener's lock comes before the base's: events are added and deleted with it held.

mod accept;
mod bind;
pub mod types;

pub use bind::new_bind;

use crate::error::Result;
use crate::event::raw;
use crate::event::{self, event_base, flags as ev};
use crate::mem;
use crate::sys::socket as sys;
use crate::thread::Lock;
use crate::util;
use core::cell::{Cell, UnsafeCell};
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use libc::{c_int, c_uint};
use types::*;

/// The length of the queue of connections when the caller leaves it to us, as in the reference.
const DEFAULT_BACKLOG: c_int = 128;

/// A listener; opaque to C.
#[allow(non_camel_case_types, reason = "C name")]
pub struct evconnlistener {
    /// The descriptor's readiness.
    event: UnsafeCell<MaybeUninit<raw::event>>,
    /// Ends a pause after the process ran out of descriptors.
    retry: UnsafeCell<MaybeUninit<raw::event>>,
    lock: Lock,
    /// The callbacks and their argument: under the lock, if there is one.
    cb: Cell<evconnlistener_cb>,
    errorcb: Cell<evconnlistener_errorcb>,
    arg: Cell<*mut c_void>,
    flags: c_uint,
    counts: AtomicU32,
    enabled: AtomicBool,
    freed: AtomicBool,
    /// Accepting waits for the retry timer.
    pausing: AtomicBool,
    /// When the last warning about a failure was logged, in milliseconds; 0 for never.
    warned_at: Cell<u64>,
}

impl core::fmt::Debug for evconnlistener {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("evconnlistener")
            .field("flags", &self.flags)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

impl evconnlistener {
    fn event(&self) -> *mut raw::event {
        self.event.get().cast()
    }

    fn retry(&self) -> *mut raw::event {
        self.retry.get().cast()
    }
}

/// A listener on a descriptor, which is bound already; with a `backlog` of 0 it listens already,
/// too, and a negative one stands for the default. On failure the descriptor stays the caller's.
///
/// # Safety
/// `base` is null (then the current one is meant) or alive; `cb` and `arg` fit together.
pub unsafe fn new(
    base: *mut event_base,
    cb: evconnlistener_cb,
    arg: *mut c_void,
    flags: c_uint,
    backlog: c_int,
    fd: c_int,
) -> Result<*mut evconnlistener> {
    if backlog != 0 {
        sys::listen(fd, if backlog < 0 { DEFAULT_BACKLOG } else { backlog })?;
    }
    // A blocking socket would stop the whole loop as soon as its queue is empty. What is no
    // socket fails when it is used, as in the reference.
    if let Ok(status) = sys::status_flags(fd)
        && status & libc::O_NONBLOCK == 0
    {
        let _ = sys::set_status_flags(fd, status | libc::O_NONBLOCK);
    }
    let lock = if flags & LEV_OPT_THREADSAFE != 0 { Lock::new()? } else { Lock::none() };
    let c_lock = lock.as_ptr();
    let boxed = mem::try_box(evconnlistener {
        event: UnsafeCell::new(MaybeUninit::zeroed()),
        retry: UnsafeCell::new(MaybeUninit::zeroed()),
        lock,
        cb: Cell::new(cb),
        errorcb: Cell::new(None),
        arg: Cell::new(arg),
        flags,
        counts: AtomicU32::new(1),
        enabled: AtomicBool::new(false),
        freed: AtomicBool::new(false),
        pausing: AtomicBool::new(false),
        warned_at: Cell::new(0),
    });
    // A failed box has dropped the listener, but a lock has no destructor: C made it.
    let lev = match boxed {
        Ok(b) => mem::Box::into_raw(b),
        Err(e) => {
            Lock::adopt(c_lock).free();
            return Err(e);
        }
    };
    // SAFETY: made just above; the events lie in it and do not move. Without a base the event
    // cannot be added, and neither can it in the reference.
    unsafe {
        let (read, timer) = ((*lev).event(), (*lev).retry());
        let _ = event::assign(
            read,
            base,
            fd,
            ev::EV_READ | ev::EV_PERSIST,
            Some(accept::ready),
            lev.cast(),
        );
        let _ = event::assign(timer, base, -1, 0, Some(accept::resume), lev.cast());
        if flags & LEV_OPT_DISABLED == 0 {
            let _ = enable(lev);
        }
    }
    Ok(lev)
}

/// Takes connections from now on (as soon as there is a callback).
///
/// # Safety
/// `lev` is alive.
#[inline(never)]
pub unsafe fn enable(lev: *mut evconnlistener) -> Result<()> {
    // SAFETY: the caller's promise; no callback runs in here.
    let l = unsafe { &*lev };
    let _guard = l.lock.guard();
    enable_locked(l)
}

fn enable_locked(l: &evconnlistener) -> Result<()> {
    l.enabled.store(true, Ordering::Relaxed);
    // While a pause lasts the timer will add the event.
    if l.cb.get().is_none() || l.pausing.load(Ordering::Relaxed) {
        return Ok(());
    }
    // SAFETY: the event was assigned when the listener was made.
    unsafe { event::add(l.event(), None) }
}

/// Takes no more connections; they wait in the kernel. In another thread than the loop's this
/// waits for a callback that is running.
///
/// # Safety
/// `lev` is alive.
pub unsafe fn disable(lev: *mut evconnlistener) -> Result<()> {
    // SAFETY: the caller's promise; the reference ends before a callback is waited for.
    let (read, result) = unsafe {
        let l = &*lev;
        let _guard = l.lock.guard();
        l.enabled.store(false, Ordering::Relaxed);
        end_pause(l);
        (l.event(), event::del_noblock(l.event()))
    };
    result?;
    // SAFETY: as above; the lock is free, so that a running callback can come to its end.
    unsafe {
        event::del(read)?;
        let l = &*lev;
        let _guard = l.lock.guard();
        // Somebody may have switched it on while we waited.
        if l.enabled.load(Ordering::Relaxed) {
            return enable_locked(l);
        }
    }
    Ok(())
}

/// The pause is over or pointless.
fn end_pause(l: &evconnlistener) {
    if l.pausing.swap(false, Ordering::Relaxed) {
        // SAFETY: the event was assigned when the listener was made.
        let _ = unsafe { event::del_noblock(l.retry()) };
    }
}

/// Gives the caller's count back: no callback begins from now on, and the listener goes as soon as
/// its accept loop has ended.
///
/// # Safety
/// `lev` is alive, and the caller does not use it any more.
pub unsafe fn free(lev: *mut evconnlistener) {
    // SAFETY: the caller's promise.
    unsafe {
        {
            let l = &*lev;
            let _guard = l.lock.guard();
            l.freed.store(true, Ordering::Relaxed);
            l.enabled.store(false, Ordering::Relaxed);
            l.cb.set(None);
            l.errorcb.set(None);
            end_pause(l);
            // Without a base it never was added, and deleting would warn.
            if !(*l.event()).ev_base.is_null() {
                let _ = event::del_noblock(l.event());
            }
        }
        give_back(lev);
    }
}

/// Gives one count back, and destroys the listener with the last one.
///
/// # Safety
/// `lev` is alive, its lock not held by this thread, and the count is the caller's.
unsafe fn give_back(lev: *mut evconnlistener) {
    // SAFETY: the count keeps it alive until here.
    if unsafe { (*lev).counts.fetch_sub(1, Ordering::AcqRel) } != 1 {
        return;
    }
    // SAFETY: the last count: nobody but a loop that has picked one of the events can reach the
    // listener, and deleting the events waits for that.
    unsafe {
        for ev in [(*lev).event(), (*lev).retry()] {
            if !(*ev).ev_base.is_null() {
                let _ = event::del(ev);
            }
            event::debug::note_teardown(ev);
        }
        if (*lev).flags & LEV_OPT_CLOSE_ON_FREE != 0 {
            let _ = util::close((*(*lev).event()).ev_fd);
        }
        (*lev).lock.free();
        drop(mem::Box::from_raw_in(lev, mem::Heap));
    }
}

/// Replaces the callback and its argument. The first callback puts an enabled listener to work.
///
/// # Safety
/// `lev` is alive; `cb` and `arg` fit together.
#[inline(never)]
pub unsafe fn set_cb(lev: *mut evconnlistener, cb: evconnlistener_cb, arg: *mut c_void) {
    // SAFETY: the caller's promise; no callback runs in here.
    let l = unsafe { &*lev };
    let _guard = l.lock.guard();
    let first = l.cb.get().is_none();
    l.cb.set(cb);
    l.arg.set(arg);
    if first && l.enabled.load(Ordering::Relaxed) {
        let _ = enable_locked(l);
    }
}

/// Replaces the error callback.
///
/// # Safety
/// `lev` is alive.
pub unsafe fn set_error_cb(lev: *mut evconnlistener, errorcb: evconnlistener_errorcb) {
    // SAFETY: the caller's promise; no callback runs in here.
    let l = unsafe { &*lev };
    let _guard = l.lock.guard();
    l.errorcb.set(errorcb);
}

/// The descriptor.
///
/// # Safety
/// `lev` is alive.
pub unsafe fn fd(lev: *const evconnlistener) -> c_int {
    // SAFETY: the caller's promise; the descriptor is set once and never changes.
    unsafe { (*(*lev).event()).ev_fd }
}

/// The base.
///
/// # Safety
/// `lev` is alive.
pub unsafe fn base(lev: *const evconnlistener) -> *mut event_base {
    // SAFETY: the caller's promise; the base is set once and never changes.
    unsafe { (*(*lev).event()).ev_base }
}
