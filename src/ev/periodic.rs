//! Periodics: on the wall clock, once, at regular times, or whenever a callback says.

use super::callback;
use super::clock;
use super::deadlines;
use super::fault;
use super::flags::EV_PERIODIC;
use super::raw::{ev_loop, ev_periodic, ev_tstamp};
use super::state::{Loop, state};
use crate::mem::TryPush;

/// Shorter intervals are taken for this one, when whole ones are counted.
const SHORTEST: ev_tstamp = 1.0 / 8192.0;
/// Deadlines count from ten years before the loop's time, to fit the wheel.
const BEFORE: ev_tstamp = 315_360_000.0;

/// The periodics of a loop.
#[derive(Debug)]
pub(super) struct Origin(ev_tstamp);

impl Origin {
    pub(super) fn new(wall: ev_tstamp) -> Self {
        Self(wall - BEFORE)
    }

    /// A wall-clock time as the wheel has it.
    #[inline]
    pub(super) fn deadline(&self, at: ev_tstamp) -> u64 {
        clock::deadline(at - self.0)
    }
}

/// The largest whole number that is not above `x`. (std has it from libm, which is not needed for
/// this.)
fn floor(x: f64) -> f64 {
    /// 2^52: numbers from here on are whole.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    if x.abs() < WHOLE {
        // In range: what is cut off is the fraction.
        let cut = x as i64 as f64;
        if cut > x { cut - 1.0 } else { cut }
    } else {
        x
    }
}

/// The next time at `offset` plus a multiple of `interval` that is after `now`.
fn next_time(offset: ev_tstamp, interval: ev_tstamp, now: ev_tstamp) -> ev_tstamp {
    let step = if interval > SHORTEST { interval } else { SHORTEST };
    let mut at = offset + step * floor((now - offset) / step);
    // Rounding may have led to before now, or to now itself.
    while at <= now {
        let next = at + interval;
        if next == at {
            // The interval is too small to make a difference in numbers of this size.
            return now;
        }
        at = next;
    }
    at
}

/// Computes the next time of a periodic.
///
/// # Safety
/// Loop and watcher are live; no borrow of the loop lives, as the reschedule callback may run.
unsafe fn compute(l: *mut ev_loop, w: *mut ev_periodic) -> ev_tstamp {
    // SAFETY: loop and watcher are live (caller).
    unsafe {
        let now = state(l).clock.wall;
        if (*w).reschedule_cb.is_some() {
            return callback::reschedule(w, now);
        }
        if (*w).interval == 0.0 {
            return (*w).offset;
        }
        next_time((*w).offset, (*w).interval, now)
    }
}

/// Starts a periodic.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn start(l: *mut ev_loop, w: *mut ev_periodic) {
    // SAFETY: loop and watcher are live (caller); the borrow starts after the callback.
    unsafe {
        if (*w).active != 0 {
            return;
        }
        clock::watch_wall_clock(l);
        if (*w).reschedule_cb.is_none() {
            let kept = (*w).interval >= 0.0;
            fault::rule(kept, c"ev_periodic_start called with negative interval value");
        }
        (*w).at = compute(l, w);
        let s = state(l);
        let at = s.origin.deadline((*w).at);
        let active = deadlines::insert(&mut s.periodics, w.cast(), at);
        s.start(w.cast(), active);
    }
}

/// Stops a periodic.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn stop(l: *mut ev_loop, w: *mut ev_periodic) {
    // SAFETY: loop and watcher are live (caller); no callback runs.
    unsafe {
        let s = state(l);
        s.pending.clear(w.cast());
        if (*w).active == 0 {
            return;
        }
        let key = deadlines::key_of(&s.periodics, w.cast());
        s.periodics.remove(key);
        s.stop(w.cast());
    }
}

/// Stops and starts a periodic, which computes its time anew.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn again(l: *mut ev_loop, w: *mut ev_periodic) {
    // SAFETY: as the caller says.
    unsafe {
        stop(l, w);
        start(l, w);
    }
}

/// Queues the periodics that are due, so that the earliest is called first.
///
/// # Safety
/// The loop is live; no borrow of it lives, as reschedule callbacks may run.
pub(super) unsafe fn queue(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller), active watchers are; no borrow lives across `compute`.
    unsafe {
        let Loop { periodics, origin, clock, .. } = state(l);
        if periodics.is_empty() || !periodics.collect(origin, origin.deadline(clock.wall)) {
            return;
        }
        while let Some((key, popped)) = state(l).periodics.pop() {
            let w: *mut ev_periodic = popped.as_ptr().cast();
            if (*w).reschedule_cb.is_some() || (*w).interval != 0.0 {
                let at = compute(l, w);
                let s = state(l);
                if s.periodics.get(key) != Some(popped) {
                    // Stopped by its own reschedule callback, which may not do that.
                    s.periodics.requeue(key, 0);
                    continue;
                }
                let kept = at >= s.clock.wall;
                fault::rule(kept, c"ev_periodic reschedule callback returned time in the past");
                (*w).at = at;
                s.periodics.requeue(key, s.origin.deadline(at));
            } else {
                let s = state(l);
                s.periodics.release(key);
                s.pending.clear(w.cast());
                s.stop(w.cast());
            }
            let s = state(l);
            fault::memory(s.due.try_push(w.cast()));
        }
        // As the last that is queued is called first.
        let Loop { due, pending, .. } = state(l);
        while let Some(w) = due.pop() {
            pending.feed(w, EV_PERIODIC);
        }
    }
}

/// Computes all times anew, after the wall clock has been set.
///
/// # Safety
/// The loop is live; no borrow of it lives, as reschedule callbacks may run.
pub(super) unsafe fn reschedule_all(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller), active watchers are; no borrow lives across `compute`.
    unsafe {
        let mut n = 1;
        while let Some(w) = deadlines::watcher(&state(l).periodics, n) {
            n += 1;
            let w: *mut ev_periodic = w.cast();
            if !w.is_null() && ((*w).reschedule_cb.is_some() || (*w).interval != 0.0) {
                (*w).at = compute(l, w);
            }
        }
        let s = state(l);
        s.origin = Origin::new(s.clock.wall);
        let now = s.origin.deadline(s.clock.wall);
        let Loop { periodics, origin, .. } = s;
        periodics.rebuild(|w| origin.deadline((*w.as_ptr()).at), now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floor_is_the_mathematical_one() {
        let ends = [4_503_599_627_370_495.5, 4_503_599_627_370_496.0, 9.3e18, 1e300, f64::INFINITY];
        for x in [0.0, 0.1, 0.999_999_999, 1.0, 1.5, 2.0, 1e9 + 0.7].into_iter().chain(ends) {
            assert_eq!(floor(x), x.floor());
            assert_eq!(floor(-x), (-x).floor());
        }
        assert!(floor(f64::NAN).is_nan());
    }

    #[test]
    fn next_times_are_multiples_after_now() {
        assert_eq!(next_time(0.0, 10.0, 25.0), 30.0);
        assert_eq!(next_time(0.0, 10.0, 30.0), 40.0);
        assert_eq!(next_time(3.0, 10.0, 1.0), 3.0);
        assert_eq!(next_time(0.0, 1e-9, 1e9), 1e9);
        assert_eq!(next_time(1e300, 1.0, 1e300), 1e300);
    }
}
