//! Nanoseconds inside, and what C makes of them: `timeval` and seconds as a double.

use libc::timeval;

pub use crate::sys::clock::{monotonic, realtime, timeval};

const SECOND: u64 = 1_000_000_000;

/// A duration of C as nanoseconds: negative ones are 0, what does not fit is the longest one.
#[inline]
pub fn from_timeval(tv: &timeval) -> u64 {
    let ns = i128::from(tv.tv_sec) * i128::from(SECOND) + i128::from(tv.tv_usec) * 1000;
    u64::try_from(ns.max(0)).unwrap_or(u64::MAX)
}

/// Seconds as nanoseconds: negative ones and NaN are 0, what does not fit is the longest time.
#[inline]
pub fn from_seconds(seconds: f64) -> u64 {
    // `as` saturates, and makes 0 of NaN.
    (seconds * 1e9) as u64
}

/// Nanoseconds as seconds.
#[inline]
pub fn to_seconds(ns: u64) -> f64 {
    ns as f64 * 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_durations_saturate() {
        let ns = |tv_sec, tv_usec| from_timeval(&timeval { tv_sec, tv_usec });
        assert_eq!(ns(1, 500_000), 1_500_000_000);
        assert_eq!(ns(-1, 0), 0);
        assert_eq!(ns(1, -500_000), 500_000_000);
        assert_eq!(ns(0, 3_000_000), 3 * SECOND);
        assert_eq!(ns(i64::MAX, i64::MAX), u64::MAX);
        assert_eq!(ns(i64::MIN, i64::MIN), 0);
        assert_eq!(from_seconds(-1.0), 0);
        assert_eq!(from_seconds(f64::NAN), 0);
        assert_eq!(from_seconds(1e300), u64::MAX);
    }
}
