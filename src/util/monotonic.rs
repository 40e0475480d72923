//! A clock that never runs backwards (`evutil_monotonic_timer`).

use super::types::{EV_MONOT_FALLBACK, EV_MONOT_PRECISE};
use core::cell::Cell;
use libc::{c_int, clockid_t, timespec, timeval};

/// Where a timer takes its time from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Clock(clockid_t),
    /// The wall clock, with what it jumped back added on.
    Wall,
}

/// A monotonic clock and what it needs to stay one.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evutil_monotonic_timer {
    source: Source,
    /// What the wall clock lost by jumping back, in microseconds.
    adjustment: Cell<i64>,
    last: Cell<i64>,
}

fn read(clock: clockid_t) -> Option<timespec> {
    let mut ts = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to our own storage.
    (unsafe { libc::clock_gettime(clock, &raw mut ts) } == 0).then_some(ts)
}

fn micros(ts: timespec) -> i64 {
    ts.tv_sec.saturating_mul(1_000_000).saturating_add(ts.tv_nsec / 1000)
}

/// Milliseconds of the coarse clock: for intervals where some milliseconds more or less are nothing.
pub fn coarse_millis() -> u64 {
    let us = read(libc::CLOCK_MONOTONIC_COARSE).map_or(0, micros);
    u64::try_from(us / 1000).unwrap_or(0)
}

impl Default for evutil_monotonic_timer {
    fn default() -> Self {
        Self::new(0)
    }
}

impl evutil_monotonic_timer {
    /// A timer with the given flags; unknown flags are ignored.
    pub fn new(flags: c_int) -> Self {
        let mut timer =
            Self { source: Source::Wall, adjustment: Cell::new(0), last: Cell::new(i64::MIN) };
        timer.configure(flags);
        timer
    }

    /// Chooses the clock anew.
    pub fn configure(&mut self, flags: c_int) {
        let fallback = flags & EV_MONOT_FALLBACK != 0;
        let precise = flags & EV_MONOT_PRECISE != 0;
        let usable = |clock| !fallback && read(clock).is_some();
        self.source = if !precise && usable(libc::CLOCK_MONOTONIC_COARSE) {
            Source::Clock(libc::CLOCK_MONOTONIC_COARSE)
        } else if usable(libc::CLOCK_MONOTONIC) {
            Source::Clock(libc::CLOCK_MONOTONIC)
        } else {
            Source::Wall
        };
        self.adjustment.set(0);
        self.last.set(i64::MIN);
    }

    /// The time now, on a scale of the timer's own.
    pub fn now(&self) -> timeval {
        let us = match self.source {
            Source::Clock(clock) => read(clock).map_or(0, micros),
            Source::Wall => self.adjust(read(libc::CLOCK_REALTIME).map_or(0, micros)),
        };
        timeval { tv_sec: us.div_euclid(1_000_000), tv_usec: us.rem_euclid(1_000_000) }
    }

    /// Adds to a wall-clock reading what the clock has jumped back so far.
    fn adjust(&self, wall: i64) -> i64 {
        let mut now = wall.saturating_add(self.adjustment.get());
        let last = self.last.get();
        if now < last {
            self.adjustment.set(self.adjustment.get().saturating_add(last - now));
            now = last;
        }
        self.last.set(now);
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_clock_never_goes_back() {
        let timer = evutil_monotonic_timer::new(EV_MONOT_FALLBACK);
        assert_eq!(timer.adjust(1000), 1000);
        assert_eq!(timer.adjust(900), 1000);
        assert_eq!(timer.adjust(950), 1050);
        assert_eq!(timer.adjust(2000), 2100);
    }
}
