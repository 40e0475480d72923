//! What programs ask a loop, and tell it.

use super::callback::{self, LoopFn};
use super::clock;
use super::flags::*;
use super::raw::*;
use super::state::state;
use super::{periodic, turn};
use crate::reactor::clock as ns;
use core::ffi::c_void;
use libc::{c_int, c_uint};

pub use super::clock::time;

/// The loop's wall-clock time.
///
/// # Safety
/// The loop is live.
#[inline]
pub unsafe fn now(l: *mut ev_loop) -> ev_tstamp {
    // SAFETY: the loop is live (caller).
    unsafe { state(l).clock.wall }
}

/// Reads the clocks anew.
///
/// # Safety
/// The loop is live.
pub unsafe fn now_update(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller).
    unsafe { clock::update(l) }
}

/// The backend in use.
///
/// # Safety
/// The loop is live.
pub unsafe fn backend(l: *mut ev_loop) -> c_uint {
    // SAFETY: the loop is live (caller).
    unsafe { state(l).backend }
}

/// How many waits there were.
///
/// # Safety
/// The loop is live.
pub unsafe fn iteration(l: *mut ev_loop) -> c_uint {
    // SAFETY: the loop is live (caller).
    unsafe { state(l).iteration }
}

/// How many runs are nested.
///
/// # Safety
/// The loop is live.
pub unsafe fn depth(l: *mut ev_loop) -> c_uint {
    // SAFETY: the loop is live (caller).
    unsafe { state(l).depth }
}

/// How many callbacks are pending.
///
/// # Safety
/// The loop is live.
pub unsafe fn pending_count(l: *mut ev_loop) -> c_uint {
    // SAFETY: the loop is live (caller).
    unsafe { c_uint::try_from(state(l).pending.len()).unwrap_or(c_uint::MAX) }
}

/// Asks the innermost run, or all, to end.
///
/// # Safety
/// The loop is live.
pub unsafe fn break_run(l: *mut ev_loop, how: c_int) {
    // SAFETY: the loop is live (caller).
    unsafe { state(l).done = how };
}

/// One reference more.
///
/// # Safety
/// The loop is live.
pub unsafe fn add_ref(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller).
    unsafe {
        let s = state(l);
        s.refs = s.refs.wrapping_add(1);
    }
}

/// One reference less.
///
/// # Safety
/// The loop is live.
pub unsafe fn unref(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller).
    unsafe {
        let s = state(l);
        s.refs = s.refs.wrapping_sub(1);
    }
}

/// Before a pause that the timers shall not see.
///
/// # Safety
/// The loop is live.
pub unsafe fn suspend(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller).
    unsafe { clock::update(l) }
}

/// After it.
///
/// # Safety
/// The loop is live.
pub unsafe fn resume(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller); borrows end before reschedule callbacks may run.
    unsafe {
        let before = state(l).clock.mono;
        clock::update(l);
        let s = state(l);
        let paused = s.clock.mono - before;
        s.shift_timers(paused);
        periodic::reschedule_all(l);
    }
}

/// How long the loop collects I/O, and how much later timers may be, in seconds.
///
/// # Safety
/// The loop is live.
pub unsafe fn set_io_interval(l: *mut ev_loop, seconds: ev_tstamp) {
    // SAFETY: the loop is live (caller).
    unsafe { state(l).io_interval = ns::from_seconds(seconds) };
}

/// As [`set_io_interval`], for timers.
///
/// # Safety
/// The loop is live.
pub unsafe fn set_timeout_interval(l: *mut ev_loop, seconds: ev_tstamp) {
    // SAFETY: the loop is live (caller).
    unsafe { state(l).timeout_interval = ns::from_seconds(seconds) };
}

/// The program's pointer.
///
/// # Safety
/// The loop is live.
pub unsafe fn userdata(l: *mut ev_loop) -> *mut c_void {
    // SAFETY: the loop is live (caller).
    unsafe { state(l).userdata }
}

/// Stores the program's pointer.
///
/// # Safety
/// The loop is live.
pub unsafe fn set_userdata(l: *mut ev_loop, data: *mut c_void) {
    // SAFETY: the loop is live (caller).
    unsafe { state(l).userdata = data };
}

/// What is called instead of running the callbacks; `None` for running them.
///
/// # Safety
/// The loop is live.
pub unsafe fn set_invoke_pending(l: *mut ev_loop, f: Option<LoopFn>) {
    // SAFETY: the loop is live (caller).
    unsafe { state(l).invoke_cb = f };
}

/// What is called before and after each wait.
///
/// # Safety
/// The loop is live.
pub unsafe fn set_release(l: *mut ev_loop, release: Option<LoopFn>, acquire: Option<LoopFn>) {
    // SAFETY: the loop is live (caller).
    unsafe {
        let s = state(l);
        s.release_cb = release;
        s.acquire_cb = acquire;
    }
}

/// Says that the process has forked: the next pass makes everything afresh.
///
/// # Safety
/// The loop is live.
pub unsafe fn forked(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller).
    unsafe { state(l).postfork = true };
}

/// Queues a watcher of any type.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn feed_event(l: *mut ev_loop, w: *mut ev_watcher, revents: c_int) {
    // SAFETY: loop and watcher are live (caller).
    unsafe { state(l).pending.feed(w, revents) };
}

/// Queues the watchers of a descriptor.
///
/// # Safety
/// The loop is live.
pub unsafe fn feed_fd_event(l: *mut ev_loop, fd: c_int, revents: c_int) {
    // SAFETY: the loop is live (caller), active watchers are.
    unsafe { state(l).feed_fd(fd, revents & (EV_READ | EV_WRITE)) };
}

/// Queues the watchers of a signal.
///
/// # Safety
/// The loop is live.
pub unsafe fn feed_signal_event(l: *mut ev_loop, signum: c_int) {
    // SAFETY: the loop is live (caller), active watchers are.
    unsafe { state(l).feed_signal(signum) };
}

/// Calls a watcher's callback now.
///
/// # Safety
/// Loop and watcher are live; no borrow of the loop lives.
pub unsafe fn invoke(l: *mut ev_loop, w: *mut ev_watcher, revents: c_int) {
    // SAFETY: as the caller says.
    unsafe { callback::invoke(l, w, revents) };
}

/// Takes a watcher out of the pending ones and returns its events.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn clear_pending(l: *mut ev_loop, w: *mut ev_watcher) -> c_int {
    // SAFETY: loop and watcher are live (caller).
    unsafe { state(l).pending.clear(w) }
}

pub use turn::{invoke_pending, run, sleep};
