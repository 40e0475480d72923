//! The time of a pass: read from the clock when it is first asked for, then the same until the
//! loop has waited again.

use super::base::base_lock;
use super::{config, event_base};
use libc::timeval;

/// The time of this pass, read from the clock when first asked for.
///
/// # Safety
/// `base` is alive and locked.
#[inline]
pub(super) unsafe fn now(base: *mut event_base) -> u64 {
    // SAFETY: the caller's contract.
    unsafe {
        if (*base).now != 0 {
            return (*base).now;
        }
        let now = crate::reactor::clock::monotonic();
        // Outside a loop nobody would tell when the time gets old.
        if (*base).running && !(*base).waiting && (*base).flags & config::NO_CACHE_TIME == 0 {
            (*base).now = now;
            (*base).now_up = super::timers::round_up(now);
        }
        now
    }
}

/// Wall-clock minus monotonic time; the same all through a pass.
///
/// # Safety
/// `base` is alive and locked.
pub(super) unsafe fn clock_diff(base: *mut event_base) -> i64 {
    // SAFETY: the caller's contract.
    unsafe {
        if let Some(diff) = (*base).clock_diff {
            return diff;
        }
        let (wall, mono) = (crate::reactor::clock::realtime(), crate::reactor::clock::monotonic());
        // Both are far below 2^63 ns (292 years).
        let diff = wall.cast_signed().wrapping_sub(mono.cast_signed());
        if (*base).now != 0 {
            (*base).clock_diff = Some(diff);
        }
        diff
    }
}

/// The time of this pass on the monotonic clock.
///
/// # Safety
/// `base` is alive.
pub unsafe fn cached_monotonic_ns(base: *mut event_base) -> u64 {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = base_lock(base);
        now(base)
    }
}

/// The wall-clock time of this pass; outside a loop the present.
///
/// # Safety
/// `base` is alive.
pub unsafe fn cached_time(base: *mut event_base) -> timeval {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = base_lock(base);
        if !(*base).running || (*base).flags & config::NO_CACHE_TIME != 0 {
            return crate::reactor::clock::timeval(crate::reactor::clock::realtime());
        }
        let now = now(base);
        let wall = now.wrapping_add_signed(clock_diff(base));
        crate::reactor::clock::timeval(wall)
    }
}

/// Inside a loop: lets the time of the pass be the present.
///
/// # Safety
/// `base` is alive.
pub unsafe fn update_cache_time(base: *mut event_base) {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = base_lock(base);
        if (*base).running {
            forget_time(base);
            now(base);
        }
    }
}

/// The time will be read again when it is next asked for.
///
/// # Safety
/// `base` is alive and locked.
#[inline]
pub(super) unsafe fn forget_time(base: *mut event_base) {
    // SAFETY: the caller's contract.
    unsafe {
        (*base).now = 0;
        (*base).now_up = 0;
        (*base).clock_diff = None;
    }
}
