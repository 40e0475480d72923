//! The one place of the libev side that calls the user's functions. Whoever calls these holds no
//! borrow of the loop, and reads its state afresh afterwards.

use super::raw::{ev_loop, ev_periodic, ev_tstamp, ev_watcher};
use core::ffi::c_void;
use libc::c_int;

/// A function that is told of a loop.
pub type LoopFn = unsafe extern "C" fn(*mut ev_loop);
/// What `ev_once` calls.
pub type OnceFn = unsafe extern "C" fn(c_int, *mut c_void);

/// Calls a watcher's callback; nothing for a watcher without one.
///
/// # Safety
/// Loop and watcher are live.
#[inline]
pub unsafe fn invoke(l: *mut ev_loop, w: *mut ev_watcher, revents: c_int) {
    // SAFETY: the watcher is live (caller); callbacks of all watcher types differ only in the
    // type that the second pointer points to.
    unsafe {
        if let Some(cb) = (*w).cb {
            cb(l, w, revents);
        }
    }
}

/// Asks a periodic for its next time.
///
/// # Safety
/// The watcher is live and has a reschedule callback.
pub(super) unsafe fn reschedule(w: *mut ev_periodic, now: ev_tstamp) -> ev_tstamp {
    // SAFETY: the watcher is live (caller).
    unsafe { (*w).reschedule_cb.map_or(now, |cb| cb(w, now)) }
}

/// Calls a function of the loop, if there is one.
///
/// # Safety
/// The loop is live.
#[inline]
pub(super) unsafe fn of_loop(f: Option<LoopFn>, l: *mut ev_loop) {
    if let Some(f) = f {
        // SAFETY: the user's function, called as documented.
        unsafe { f(l) };
    }
}

/// Calls what `ev_once` was given.
///
/// # Safety
/// `arg` is what came with `f`.
pub(super) unsafe fn once(f: Option<OnceFn>, revents: c_int, arg: *mut c_void) {
    if let Some(f) = f {
        // SAFETY: the user's function and its argument.
        unsafe { f(revents, arg) };
    }
}
