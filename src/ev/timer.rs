//! Timers: on the monotonic clock, once or again and again.

use super::clock::deadline;
use super::deadlines::{self, Monotonic};
use super::fault;
use super::flags::EV_TIMER;
use super::raw::{ev_loop, ev_timer, ev_tstamp};
use super::state::{Loop, state};
use core::ptr::NonNull;

/// Starts a timer.
///
/// # Safety
/// Loop and watcher are live.
#[inline(always)]
pub unsafe fn start(l: *mut ev_loop, w: *mut ev_timer) {
    // SAFETY: as the caller says.
    unsafe { state(l).timer_start(w) }
}

/// Stops a timer.
///
/// # Safety
/// Loop and watcher are live.
#[inline(always)]
pub unsafe fn stop(l: *mut ev_loop, w: *mut ev_timer) {
    // SAFETY: as the caller says.
    unsafe { state(l).timer_stop(w) }
}

/// Moves a timer's due time to `repeat` seconds from now, or stops it if it does not repeat.
///
/// # Safety
/// Loop and watcher are live.
#[inline(always)]
pub unsafe fn again(l: *mut ev_loop, w: *mut ev_timer) {
    // SAFETY: loop and watcher are live (caller); no callback runs.
    unsafe {
        let s = state(l);
        if (*w).pending != 0 {
            return again_not_pending(l, w);
        }
        let repeat = (*w).repeat;
        if (*w).active != 0 {
            if repeat != 0.0 {
                (*w).at = s.clock.mono + repeat;
                let key = deadlines::key_of(&s.timers, w.cast());
                if !s.timers.reset_in_place(key, deadline((*w).at)) {
                    s.timer_move(w);
                }
            } else {
                s.timer_stop_for_good(w);
            }
        } else if repeat != 0.0 {
            (*w).at = repeat;
            s.timer_start_anew(w);
        }
    }
}

/// [`again`] for a watcher that is pending, and is so no more.
#[inline(never)]
unsafe fn again_not_pending(l: *mut ev_loop, w: *mut ev_timer) {
    // SAFETY: loop and watcher are live (caller).
    unsafe {
        state(l).pending.clear(w.cast());
        again(l, w);
    }
}

/// How long a timer still has: what it was started with, if it is not active.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn remaining(l: *mut ev_loop, w: *mut ev_timer) -> ev_tstamp {
    // SAFETY: loop and watcher are live (caller).
    unsafe {
        let now = if (*w).active != 0 { state(l).clock.mono } else { 0.0 };
        (*w).at - now
    }
}

// Rare work is a call at the end of a function, so that it need not save registers.
impl Loop {
    #[inline(always)]
    unsafe fn timer_start(&mut self, w: *mut ev_timer) {
        // SAFETY: the watcher is live (caller), hence not null.
        unsafe {
            if (*w).active != 0 {
                return;
            }
            fault::rule((*w).repeat >= 0.0, c"ev_timer_start called with negative repeat value");
            let at = (*w).at + self.clock.mono;
            (*w).at = at;
            match self.timers.add_at_hand(NonNull::new_unchecked(w.cast()), deadline(at)) {
                Some(key) => self.start(w.cast(), key.cast_signed()),
                None => self.timer_start_with_more_room(w),
            }
        }
    }

    #[inline(never)]
    unsafe fn timer_start_anew(&mut self, w: *mut ev_timer) {
        // SAFETY: the watcher is live (caller).
        unsafe { self.timer_start(w) }
    }

    #[inline(never)]
    unsafe fn timer_stop_for_good(&mut self, w: *mut ev_timer) {
        // SAFETY: the watcher is live (caller).
        unsafe {
            self.pending.clear(w.cast());
            self.timer_stop(w);
        }
    }

    #[cold]
    #[inline(never)]
    unsafe fn timer_start_with_more_room(&mut self, w: *mut ev_timer) {
        // SAFETY: the watcher is live (caller).
        unsafe {
            let key = deadlines::insert(&mut self.timers, w.cast(), deadline((*w).at));
            self.start(w.cast(), key);
        }
    }

    #[inline(always)]
    unsafe fn timer_stop(&mut self, w: *mut ev_timer) {
        // SAFETY: the watcher is live (caller).
        unsafe {
            if (*w).pending != 0 {
                return self.timer_stop_for_good(w);
            }
            if (*w).active == 0 {
                return;
            }
            let key = deadlines::key_of(&self.timers, w.cast());
            self.stop(w.cast());
            (*w).at -= self.clock.mono;
            self.timers.remove(key);
        }
    }

    /// Gives an active timer another place by its due time.
    #[inline(never)]
    unsafe fn timer_move(&mut self, w: *mut ev_timer) {
        // SAFETY: the watcher is live (caller).
        unsafe {
            let key = deadlines::key_of(&self.timers, w.cast());
            (*w).active = self.timers.reset(key, deadline((*w).at)).cast_signed();
        }
    }

    /// Queues the timers that are due: the latest first, as the last that is queued is called first.
    ///
    /// # Safety
    /// Active watchers are live.
    #[inline]
    pub(super) unsafe fn queue_timers(&mut self) {
        // Due means before now: a timer for this very moment waits for the next pass.
        if self.timers.collect(&Monotonic, self.clock.ns) {
            // SAFETY: as the caller says.
            unsafe { self.queue_due_timers() };
        }
    }

    #[inline(never)]
    unsafe fn queue_due_timers(&mut self) {
        while let Some((key, w)) = self.timers.pop_last() {
            let w: *mut ev_timer = w.as_ptr().cast();
            // SAFETY: active watchers are live (caller).
            unsafe {
                if (*w).repeat != 0.0 {
                    fault::rule((*w).repeat > 0.0, c"a timer has a negative repeat value");
                    let at = (*w).at + (*w).repeat;
                    // A loop that is late gets one call, not one for each interval missed.
                    (*w).at = if at < self.clock.mono { self.clock.mono } else { at };
                    self.timers.requeue(key, deadline((*w).at));
                } else {
                    self.timers.release(key);
                    self.pending.clear(w.cast());
                    self.stop(w.cast());
                    (*w).at -= self.clock.mono;
                }
                self.pending.feed(w.cast(), EV_TIMER);
            }
        }
    }

    /// Moves all timers by a number of seconds.
    ///
    /// # Safety
    /// Active watchers are live.
    pub(super) unsafe fn shift_timers(&mut self, seconds: ev_tstamp) {
        let shifted = |w: NonNull<super::raw::ev_watcher_time>| {
            let w = w.as_ptr();
            // SAFETY: active watchers are live (caller).
            unsafe {
                (*w).at += seconds;
                deadline((*w).at)
            }
        };
        self.timers.rebuild(shifted, self.clock.ns);
    }
}
