//! Token buckets: the arithmetic of rate limits, without clocks, events or callbacks.
//!
//! Time is counted in ticks of a configured length. A bucket holds, for each direction, how many
//! bytes may still be moved; each tick adds the rate, and the burst is the most a bucket can
//! hold. A bucket may go below zero (one operation moved more than was left, or the program took
//! something out by hand): the debt is paid by the following ticks.

use libc::timeval;

/// The largest rate or burst that can be configured.
pub const RATE_MAX: usize = isize::MAX as usize;

/// One of the two directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the transport to the input buffer.
    Read,
    /// From the output buffer to the transport.
    Write,
}

/// Rates, bursts and tick length; made by `ev_token_bucket_cfg_new`, opaque to C.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct ev_token_bucket_cfg {
    read_rate: isize,
    read_burst: isize,
    write_rate: isize,
    write_burst: isize,
    tick: timeval,
    tick_ms: u64,
}

/// The length of a tick unless the caller wants another.
const DEFAULT_TICK: timeval = timeval { tv_sec: 1, tv_usec: 0 };

impl ev_token_bucket_cfg {
    /// A configuration; `None` if a rate is 0, above its burst or too large, or if the tick is
    /// shorter than a millisecond (ticks are counted in milliseconds: a shorter one would divide
    /// by zero).
    pub fn new(
        read_rate: usize,
        read_burst: usize,
        write_rate: usize,
        write_burst: usize,
        tick: Option<timeval>,
    ) -> Option<Self> {
        if read_rate < 1 || write_rate < 1 || read_rate > read_burst || write_rate > write_burst {
            return None;
        }
        let tick = tick.unwrap_or(DEFAULT_TICK);
        if !(0..1_000_000).contains(&tick.tv_usec) {
            return None;
        }
        let seconds = u64::try_from(tick.tv_sec).ok()?;
        let millis = u64::try_from(tick.tv_usec).ok()? / 1000;
        let tick_ms = seconds.checked_mul(1000)?.checked_add(millis)?;
        // A tick of more than 2^31 ms could not be waited for either.
        if tick_ms == 0 || tick_ms > u64::from(u32::MAX) {
            return None;
        }
        Some(Self {
            read_rate: isize::try_from(read_rate).ok()?,
            read_burst: isize::try_from(read_burst).ok()?,
            write_rate: isize::try_from(write_rate).ok()?,
            write_burst: isize::try_from(write_burst).ok()?,
            tick,
            tick_ms,
        })
    }

    /// How many bytes each tick adds.
    pub fn rate(&self, d: Direction) -> isize {
        match d {
            Direction::Read => self.read_rate,
            Direction::Write => self.write_rate,
        }
    }

    /// How many bytes the bucket holds at most.
    pub fn burst(&self, d: Direction) -> isize {
        match d {
            Direction::Read => self.read_burst,
            Direction::Write => self.write_burst,
        }
    }

    /// The length of a tick.
    pub fn tick(&self) -> timeval {
        self.tick
    }

    /// Whether both have the same tick.
    pub fn same_tick(&self, other: &Self) -> bool {
        self.tick.tv_sec == other.tick.tv_sec && self.tick.tv_usec == other.tick.tv_usec
    }

    /// The number of the tick that `now_ms` lies in.
    pub fn tick_of(&self, now_ms: u64) -> u64 {
        now_ms.checked_div(self.tick_ms).unwrap_or(0)
    }
}

/// How much may still be moved.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bucket {
    read: isize,
    write: isize,
    last: u64,
}

impl Bucket {
    /// A bucket that holds one tick's rate.
    pub fn new(cfg: &ev_token_bucket_cfg, tick: u64) -> Self {
        Self { read: cfg.read_rate, write: cfg.write_rate, last: tick }
    }

    /// Takes over a new configuration: what is above its burst is lost.
    pub fn reconfigure(&mut self, cfg: &ev_token_bucket_cfg) {
        self.read = self.read.min(cfg.read_burst);
        self.write = self.write.min(cfg.write_burst);
    }

    /// Starts counting ticks of another length at `tick`.
    pub fn restart(&mut self, tick: u64) {
        self.last = tick;
    }

    /// What may be moved; zero or less when nothing may.
    pub fn left(&self, d: Direction) -> isize {
        match d {
            Direction::Read => self.read,
            Direction::Write => self.write,
        }
    }

    /// Adds what the ticks up to `tick` give; false when there was none. A tick in the past (a
    /// clock that was set back) gives nothing and becomes the new start.
    pub fn refill(&mut self, cfg: &ev_token_bucket_cfg, tick: u64) -> bool {
        if tick <= self.last {
            self.last = tick;
            return false;
        }
        let ticks = tick - self.last;
        self.read = grow(self.read, cfg.read_rate, cfg.read_burst, ticks);
        self.write = grow(self.write, cfg.write_rate, cfg.write_burst, ticks);
        self.last = tick;
        true
    }

    /// Takes `n` bytes out (puts them back when negative); gives what was there before and what
    /// is there now.
    pub fn take(&mut self, d: Direction, n: isize) -> (isize, isize) {
        let level = match d {
            Direction::Read => &mut self.read,
            Direction::Write => &mut self.write,
        };
        let before = *level;
        *level = before.saturating_sub(n);
        (before, *level)
    }
}

/// `level` after `ticks` ticks, never above `burst`, without overflow on the way.
fn grow(level: isize, rate: isize, burst: isize, ticks: u64) -> isize {
    let Ok(ticks) = isize::try_from(ticks) else { return burst };
    rate.checked_mul(ticks).and_then(|more| level.checked_add(more)).map_or(burst, |n| n.min(burst))
}

/// What one of `members` of a group may move now: an equal part, but not so little that packets
/// get tiny.
pub fn share(left: isize, members: usize, min_share: isize) -> isize {
    let members = isize::try_from(members.max(1)).unwrap_or(isize::MAX);
    left.checked_div(members).unwrap_or(0).max(min_share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cfg(rate: usize, burst: usize) -> ev_token_bucket_cfg {
        ev_token_bucket_cfg::new(rate, burst, rate, burst, None).unwrap()
    }

    #[test]
    fn configurations_that_make_no_sense_are_refused() {
        let tick = |s, us| Some(timeval { tv_sec: s, tv_usec: us });
        let new = ev_token_bucket_cfg::new;
        assert!(new(0, 1, 1, 1, None).is_none());
        assert!(new(1, 1, 0, 1, None).is_none());
        assert!(new(2, 1, 1, 1, None).is_none());
        assert!(new(1, 1, 2, 1, None).is_none());
        assert!(new(RATE_MAX, RATE_MAX, RATE_MAX, RATE_MAX, None).is_some());
        assert!(new(1, RATE_MAX + 1, 1, 1, None).is_none());
        assert!(new(1, usize::MAX, 1, usize::MAX, None).is_none());
        assert!(new(1, 1, 1, 1, tick(0, 0)).is_none());
        assert!(new(1, 1, 1, 1, tick(0, 999)).is_none());
        assert!(new(1, 1, 1, 1, tick(0, 1000)).is_some());
        assert!(new(1, 1, 1, 1, tick(-1, 0)).is_none());
        assert!(new(1, 1, 1, 1, tick(i64::MAX, 0)).is_none());
        assert!(new(1, 1, 1, 1, tick(1, -1)).is_none());
    }

    #[test]
    fn a_bucket_starts_with_one_tick() {
        let c = cfg(1000, 2000);
        let b = Bucket::new(&c, 7);
        assert_eq!((b.left(Direction::Read), b.left(Direction::Write)), (1000, 1000));
    }

    #[test]
    fn ticks_fill_up_to_the_burst() {
        let c = cfg(1000, 2500);
        let mut b = Bucket::new(&c, 0);
        assert!(!b.refill(&c, 0));
        assert!(b.refill(&c, 1));
        assert_eq!(b.left(Direction::Read), 2000);
        assert!(b.refill(&c, 2));
        assert_eq!(b.left(Direction::Read), 2500);
        assert!(b.refill(&c, 1_000_000));
        assert_eq!(b.left(Direction::Read), 2500);
    }

    #[test]
    fn debts_are_paid_by_later_ticks() {
        let c = cfg(1000, 1000);
        let mut b = Bucket::new(&c, 0);
        assert_eq!(b.take(Direction::Write, 3500), (1000, -2500));
        b.refill(&c, 2);
        assert_eq!(b.left(Direction::Write), -500);
        b.refill(&c, 3);
        assert_eq!(b.left(Direction::Write), 500);
        assert_eq!(b.take(Direction::Write, -100), (500, 600));
    }

    #[test]
    fn extremes_do_not_overflow() {
        let c = cfg(RATE_MAX, RATE_MAX);
        let mut b = Bucket::new(&c, 0);
        b.take(Direction::Read, isize::MAX);
        b.take(Direction::Read, isize::MAX);
        b.take(Direction::Read, isize::MAX);
        assert_eq!(b.left(Direction::Read), isize::MIN);
        b.refill(&c, u64::MAX);
        assert_eq!(b.left(Direction::Read), isize::MAX);
        b.take(Direction::Write, isize::MIN);
        assert_eq!(b.left(Direction::Write), isize::MAX);
    }

    #[test]
    fn a_clock_set_back_gives_nothing_and_takes_nothing() {
        let c = cfg(10, 100);
        let mut b = Bucket::new(&c, 50);
        assert!(!b.refill(&c, 40));
        assert_eq!(b.left(Direction::Read), 10);
        assert!(b.refill(&c, 41));
        assert_eq!(b.left(Direction::Read), 20);
    }

    #[test]
    fn a_smaller_burst_cuts_what_is_there() {
        let mut b = Bucket::new(&cfg(1000, 2000), 0);
        b.reconfigure(&cfg(10, 100));
        assert_eq!(b.left(Direction::Read), 100);
    }

    #[test]
    fn shares_are_equal_but_not_tiny() {
        assert_eq!(share(3000, 3, 64), 1000);
        assert_eq!(share(100, 30, 64), 64);
        assert_eq!(share(-10, 3, 64), 64);
        assert_eq!(share(100, 0, 1), 100);
    }

    #[test]
    fn ticks_are_counted_in_their_length() {
        let c = ev_token_bucket_cfg::new(1, 1, 1, 1, Some(timeval { tv_sec: 0, tv_usec: 250_000 }))
            .unwrap();
        assert_eq!(c.tick_of(0), 0);
        assert_eq!(c.tick_of(249), 0);
        assert_eq!(c.tick_of(1000), 4);
    }
}
