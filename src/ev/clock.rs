//! The loop's time: monotonic for timers, and the wall clock beside it.
//!
//! The monotonic clock is read once or twice a pass. The wall clock is that plus a difference,
//! which is measured anew every half second; when it then differs by more than [`JUMP`], somebody
//! has set the clock, and the periodics are computed anew. With a timerfd the kernel tells of this
//! at once.

use super::flags::{EV_MINPRI, EV_READ};
use super::raw::{ev_io, ev_loop, ev_tstamp};
use super::state::{Lazy, internal, state};
use super::{io, periodic};
use crate::reactor::clock as ns;
use crate::sys::timerfd;
use libc::c_int;

/// How far the wall clock may move against the monotonic one without having been set.
const JUMP: f64 = 1.0;
/// How long the difference between the clocks is believed.
const BELIEVED: u64 = 500_000_000;

/// The loop's time.
#[derive(Debug)]
pub(super) struct Clock {
    /// The monotonic time, in nanoseconds and in seconds.
    pub(super) ns: u64,
    pub(super) mono: ev_tstamp,
    /// The wall-clock time: `ev_now`.
    pub(super) wall: ev_tstamp,
    /// Wall-clock minus monotonic time.
    difference: ev_tstamp,
    /// When the difference was measured.
    measured: u64,
}

/// The wall-clock time: `ev_time`.
pub fn time() -> ev_tstamp {
    ns::to_seconds(ns::realtime())
}

impl Clock {
    pub(super) fn new() -> Self {
        let now = ns::monotonic();
        let (wall, mono) = (time(), ns::to_seconds(now));
        Self { ns: now, mono, wall, difference: wall - mono, measured: now }
    }

    /// Reads the clocks; true when the wall clock has been set.
    #[inline]
    fn update(&mut self) -> bool {
        self.ns = ns::monotonic();
        self.mono = ns::to_seconds(self.ns);
        if self.ns.wrapping_sub(self.measured) < BELIEVED {
            self.wall = self.difference + self.mono;
            return false;
        }
        self.measure()
    }

    #[cold]
    fn measure(&mut self) -> bool {
        let before = self.difference;
        // Being put aside by the scheduler between the two readings looks like a jump; that
        // does not happen three times in a row.
        for _ in 0..4 {
            self.measured = self.ns;
            self.wall = time();
            self.difference = self.wall - self.mono;
            if (self.difference - before).abs() < JUMP {
                return false;
            }
            self.ns = ns::monotonic();
            self.mono = ns::to_seconds(self.ns);
        }
        true
    }
}

/// Seconds on the monotonic clock as a deadline in nanoseconds.
#[inline(always)]
pub(super) fn deadline(at: ev_tstamp) -> u64 {
    /// 292 years.
    const LAST: f64 = 9.2e18;
    let ns = at * 1e9 + 0.5;
    // This way round NaN becomes 0.
    let ns = if ns > 0.0 { ns } else { 0.0 };
    let ns = if ns < LAST { ns } else { LAST };
    // SAFETY: between 0 and 9.2e18, which an i64 can hold. (`as` would ask all that again.)
    unsafe { ns.to_int_unchecked::<i64>() }.cast_unsigned()
}

/// Brings the loop's time up to date.
///
/// # Safety
/// The loop is live and this is its thread. The periodics' reschedule callbacks may run.
#[inline]
pub(super) unsafe fn update(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller); the borrow ends before the callbacks.
    unsafe {
        if state(l).clock.update() {
            periodic::reschedule_all(l);
        }
    }
}

/// Makes the timerfd that tells of changes of the wall clock, if it is wanted.
///
/// # Safety
/// The loop is live and this is its thread.
pub(super) unsafe fn watch_wall_clock(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller); no callback runs.
    unsafe {
        if state(l).timerfd != Lazy::Wanted {
            return;
        }
        let Ok(fd) = timerfd::create_realtime() else {
            state(l).timerfd = Lazy::Off;
            return;
        };
        state(l).timerfd = Lazy::Open(fd);
        let w = &raw mut (*internal(l)).timerfd;
        io::start_internal(l, w, fd, EV_MINPRI, wall_clock_set);
        timerfd::arm_for_changes(fd);
    }
}

unsafe extern "C" fn wall_clock_set(l: *mut ev_loop, w: *mut ev_io, _: c_int) {
    // SAFETY: the loop calls this with itself and its own watcher; no borrow lives across the
    // reschedule callbacks.
    unsafe {
        timerfd::arm_for_changes((*w).fd);
        let clock = &mut state(l).clock;
        clock.update();
        // Measured now, however fresh the last measurement is.
        clock.measured = clock.ns;
        clock.wall = time();
        clock.difference = clock.wall - clock.mono;
        periodic::reschedule_all(l);
    }
}

/// Gives the child of a fork a timerfd of its own; the old one is closed already.
///
/// # Safety
/// The loop is live and this is its thread.
pub(super) unsafe fn after_fork(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller); no callback runs.
    unsafe {
        if !state(l).timerfd.is_open() {
            return;
        }
        let w = &raw mut (*internal(l)).timerfd;
        io::stop_internal(l, w);
        state(l).timerfd = Lazy::Wanted;
        watch_wall_clock(l);
        // What was set meanwhile went unnoticed.
        if state(l).timerfd.is_open() {
            state(l).pending.feed(w.cast(), EV_READ);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::deadline;

    #[test]
    fn odd_times_become_the_nearest_deadline() {
        assert_eq!(deadline(1.5), 1_500_000_000);
        assert_eq!(deadline(0.0), 0);
        assert_eq!(deadline(-1.0), 0);
        assert_eq!(deadline(f64::NAN), 0);
        assert_eq!(deadline(f64::NEG_INFINITY), 0);
        assert_eq!(deadline(f64::INFINITY), 9_200_000_000_000_000_000);
        assert_eq!(deadline(1e300), 9_200_000_000_000_000_000);
        assert_eq!(deadline(1.000_000_123), 1_000_000_123);
    }
}
