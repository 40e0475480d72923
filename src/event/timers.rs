//! Timers of events: deadlines, common timeouts, and the links in the wheel.
//!
//! `ev_timeout` holds the deadline on the monotonic clock, in whole microseconds; the bits above
//! the microseconds mark a common timeout, as in the reference, and number the insertions. Common timeouts need no queues of
//! their own here: the wheel takes and gives every timer in constant time, and keeps the order of
//! insertion among equal deadlines.

use super::base::{forget_time, now};
use super::bits::{QUEUED, TIMEOUT, closure};
use super::event_base;
use super::flags::{EV_PERSIST, EV_SIGNAL, EV_TIMEOUT};
use super::raw::{event, event_queue_links};
use super::{base, queue, state};
use crate::error::{Error, Result};
use crate::mem::{self, TryPush};
use crate::reactor::timer::{Nodes, Prev};
use core::ptr::{NonNull, null, null_mut};
use libc::timeval;

const USEC_MASK: i64 = 0x000f_ffff;
const MARK_MASK: i64 = 0xf000_0000;
const MARK: i64 = 0x5000_0000;
const INDEX_MASK: i64 = 0x0ff0_0000;
const INDEX_SHIFT: u32 = 20;
/// Above the mark: a serial number, by which equal deadlines keep their order of insertion.
const SERIAL_SHIFT: u32 = 32;
const MAX_COMMON: usize = 256;
/// Longer deadlines (317 years) would overflow nanoseconds; they expire then.
const MAX_SEC: i64 = 10_000_000_000;

/// A duration that many timers share; C holds a pointer to it.
#[derive(Debug)]
pub(super) struct CommonTimeout {
    duration: timeval,
}

/// Access of the wheel to the links in `struct event`.
pub(super) struct Links;

/// The low bit of `tqe_prev` tells a list number from an event, which is aligned.
const LIST_TAG: usize = 1;

impl Links {
    fn links(key: NonNull<event>) -> *mut event_queue_links {
        // SAFETY: keys are events that stand in the wheel, hence alive (`event_del` comes before
        // their death); no reference is made.
        unsafe { &raw mut (*key.as_ptr()).ev_timeout_pos.ev_next_with_common_timeout }
    }
}

impl Nodes for Links {
    type Key = NonNull<event>;

    #[inline]
    fn deadline(&self, key: NonNull<event>) -> u64 {
        // SAFETY: as in `links`.
        nanoseconds(unsafe { (*key.as_ptr()).ev_timeout })
    }
    #[inline]
    fn precedes(&self, a: NonNull<event>, b: NonNull<event>) -> bool {
        let (x, y) = (self.deadline(a), self.deadline(b));
        if x != y {
            return x < y;
        }
        // SAFETY: as in `links`.
        let serial = |key: NonNull<event>| unsafe {
            ((*key.as_ptr()).ev_timeout.tv_usec >> SERIAL_SHIFT) as i32
        };
        serial(a).wrapping_sub(serial(b)) < 0
    }
    #[inline]
    fn next(&self, key: NonNull<event>) -> Option<NonNull<event>> {
        // SAFETY: as in `links`.
        NonNull::new(unsafe { (*Self::links(key)).tqe_next })
    }
    #[inline]
    fn set_next(&mut self, key: NonNull<event>, next: Option<NonNull<event>>) {
        // SAFETY: as in `links`.
        unsafe { (*Self::links(key)).tqe_next = next.map_or(null_mut(), NonNull::as_ptr) }
    }
    #[inline]
    fn prev(&self, key: NonNull<event>) -> Prev<NonNull<event>> {
        // SAFETY: as in `links`.
        let prev = unsafe { (*Self::links(key)).tqe_prev };
        match NonNull::new(prev.cast::<event>()) {
            Some(node) if prev.addr() & LIST_TAG == 0 => Prev::Node(node),
            _ => Prev::List((prev.addr() >> 1) as u16),
        }
    }
    #[inline]
    fn set_prev(&mut self, key: NonNull<event>, prev: Prev<NonNull<event>>) {
        let prev = match prev {
            Prev::Node(node) => node.as_ptr().cast(),
            Prev::List(list) => {
                core::ptr::without_provenance_mut(usize::from(list) << 1 | LIST_TAG)
            }
        };
        // SAFETY: as in `links`.
        unsafe { (*Self::links(key)).tqe_prev = prev }
    }
}

/// A stored deadline in nanoseconds.
#[inline]
fn nanoseconds(tv: timeval) -> u64 {
    // Stored deadlines have 0..=MAX_SEC seconds and below 10^6 microseconds under the mask.
    tv.tv_sec as u64 * 1_000_000_000 + (tv.tv_usec & USEC_MASK) as u64 * 1000
}

/// Nanoseconds in microseconds, rounded up.
#[inline]
pub(super) fn round_up(ns: u64) -> timeval {
    let us = ns.div_ceil(1000);
    timeval { tv_sec: (us / 1_000_000) as i64, tv_usec: (us % 1_000_000) as i64 }
}

/// `from` plus a duration, within what can be stored. `from` is rounded up to the microsecond, so
/// that no timer is early; without a duration it is taken back, so that it is due in the next pass.
#[inline]
fn after(from: timeval, tv: timeval) -> timeval {
    if (0..MAX_SEC / 2).contains(&tv.tv_sec) && (1..1_000_000).contains(&tv.tv_usec) {
        let (mut sec, mut usec) = (from.tv_sec + tv.tv_sec, from.tv_usec + tv.tv_usec);
        if usec >= 1_000_000 {
            sec += 1;
            usec -= 1_000_000;
        }
        return timeval { tv_sec: sec, tv_usec: usec };
    }
    if (1..MAX_SEC / 2).contains(&tv.tv_sec) && tv.tv_usec == 0 {
        return timeval { tv_sec: from.tv_sec + tv.tv_sec, tv_usec: from.tv_usec };
    }
    after_oddity(from, tv)
}

#[cold]
fn after_oddity(from: timeval, tv: timeval) -> timeval {
    let us = from.tv_sec * 1_000_000 + from.tv_usec;
    let nothing = tv.tv_sec < 0 || (tv.tv_sec == 0 && tv.tv_usec <= 0);
    let us = if nothing { us - 1 } else { us };
    // Negative, denormal or huge.
    let us = i128::from(us) + i128::from(tv.tv_sec) * 1_000_000 + i128::from(tv.tv_usec);
    let us = us.clamp(0, i128::from(MAX_SEC) * 1_000_000) as i64;
    timeval { tv_sec: us / 1_000_000, tv_usec: us % 1_000_000 }
}

/// The index of the common timeout that a duration is marked with.
fn common_index(base: *const event_base, tv: timeval) -> Option<usize> {
    if tv.tv_usec & MARK_MASK != MARK {
        return None;
    }
    let index = ((tv.tv_usec & INDEX_MASK) >> INDEX_SHIFT) as usize;
    // SAFETY: the callers hold the lock of a live base.
    (index < unsafe { (*base).common.len() }).then_some(index)
}

/// The index of the common timeout an event's timer belongs to.
///
/// # Safety
/// Both are alive; `base` is locked.
pub(super) unsafe fn common_of(base: *const event_base, ev: *const event) -> Option<usize> {
    // SAFETY: the caller's contract.
    common_index(base, unsafe { (*ev).ev_timeout })
}

/// Splits a duration into the plain one and the mark it carries.
#[inline]
fn unmark(base: *const event_base, tv: timeval) -> (timeval, i64) {
    if tv.tv_usec & MARK_MASK == MARK && common_index(base, tv).is_some() {
        let plain = timeval { tv_sec: tv.tv_sec, tv_usec: tv.tv_usec & USEC_MASK };
        (plain, tv.tv_usec & !USEC_MASK)
    } else {
        (tv, 0)
    }
}

/// `event_base_init_common_timeout`: a marked copy of `duration`, null when there is no room.
///
/// # Safety
/// `base` is alive.
pub unsafe fn init_common(base: *mut event_base, duration: timeval) -> *const timeval {
    // SAFETY: the caller keeps the base alive; the boxes live as long as the base.
    unsafe {
        let _guard = base::base_lock(base);
        let mut tv = duration;
        if common_index(base, tv).is_some() {
            tv.tv_usec &= USEC_MASK;
        }
        if tv.tv_usec >= 1_000_000 {
            tv.tv_sec = tv.tv_sec.saturating_add(tv.tv_usec / 1_000_000);
            tv.tv_usec %= 1_000_000;
        }
        for one in &(*base).common {
            if one.duration.tv_sec == tv.tv_sec && one.duration.tv_usec & USEC_MASK == tv.tv_usec {
                return &raw const one.duration;
            }
        }
        let index = (*base).common.len();
        if index == MAX_COMMON {
            crate::warnx!(
                "event_base_init_common_timeout: Too many common timeouts already in use; we only \
                 support {MAX_COMMON} per event_base"
            );
            return null();
        }
        tv.tv_usec |= MARK | (index as i64) << INDEX_SHIFT;
        let Ok(one) = mem::try_box(CommonTimeout { duration: tv }) else { return null() };
        let p = &raw const one.duration;
        if (*base).common.try_push(one).is_err() { null() } else { p }
    }
}

/// Makes sure that [`set`] cannot fail.
///
/// # Safety
/// `base` is alive and locked.
#[inline]
pub(super) unsafe fn reserve(base: *mut event_base) -> Result<()> {
    // SAFETY: the caller's contract.
    unsafe { (*base).wheel.reserve() }
}

/// Sets an event's timer anew, `tv` from now; a timeout that waits to be delivered is taken back.
///
/// # Safety
/// Both are alive, `base` is locked, [`reserve`] was called.
#[inline]
pub(super) unsafe fn set(base: *mut event_base, ev: *mut event, tv: timeval) {
    // SAFETY: the caller's contract.
    unsafe {
        if (*ev).ev_evcallback.evcb_closure == closure::PERSIST {
            (*ev).ev_.ev_io.ev_timeout = tv;
        }
        let cb = &raw mut (*ev).ev_evcallback;
        if (*cb).evcb_flags & QUEUED != 0 && (*ev).ev_res & EV_TIMEOUT != 0 {
            state::stop_repeats(base, ev);
            queue::remove(base, cb);
        }
        let now = now(base);
        let (plain, mark) = unmark(base, tv);
        place(base, ev, after(rounded(base, now), plain), mark, now);
    }
}

/// The time that [`now`] gave, in microseconds.
#[inline]
unsafe fn rounded(base: *const event_base, now: u64) -> timeval {
    // SAFETY: the callers hold the lock of a live base.
    unsafe { if (*base).now == now { (*base).now_up } else { round_up(now) } }
}

/// Gives an event a deadline, whether it has a timer or not.
#[inline]
unsafe fn place(base: *mut event_base, ev: *mut event, mut deadline: timeval, mark: i64, now: u64) {
    // SAFETY: the callers' contract, that of `set`.
    unsafe {
        (*base).timer_serial = (*base).timer_serial.wrapping_add(1);
        deadline.tv_usec |= mark | i64::from((*base).timer_serial) << SERIAL_SHIFT;
        if (*ev).ev_evcallback.evcb_flags & TIMEOUT != 0 {
            let (old, new) = (nanoseconds((*ev).ev_timeout), nanoseconds(deadline));
            if (*base).wheel.postpone(old, new) {
                (*ev).ev_timeout = deadline;
                return;
            }
            clear(base, ev);
        }
        insert(base, ev, deadline, now);
    }
}

/// Hangs an event without a timer into the wheel, and wakes the loop if it would sleep too long.
///
/// # Safety
/// As [`set`].
#[inline]
unsafe fn insert(base: *mut event_base, ev: *mut event, deadline: timeval, now: u64) {
    // SAFETY: the caller's contract; the event is taken out before it dies.
    unsafe {
        (*ev).ev_timeout = deadline;
        queue::count_up(base, (*ev).ev_evcallback.evcb_flags);
        (*ev).ev_evcallback.evcb_flags |= TIMEOUT;
        let key = NonNull::new_unchecked(ev);
        // Cannot fail after `reserve`.
        let _ = (*base).wheel.add(&mut Links, key, now);
        if (*base).waiting && (*base).wheel.next_deadline(&mut Links) == Some(nanoseconds(deadline))
        {
            base::notify(base);
        }
    }
}

/// Takes an event's timer away, if it has one.
///
/// # Safety
/// Both are alive; `base` is locked.
#[inline]
pub(super) unsafe fn clear(base: *mut event_base, ev: *mut event) {
    // SAFETY: the flag says that the event stands in the wheel.
    unsafe {
        if (*ev).ev_evcallback.evcb_flags & TIMEOUT != 0 {
            queue::count_down(base, (*ev).ev_evcallback.evcb_flags);
            (*ev).ev_evcallback.evcb_flags &= !TIMEOUT;
            (*base).wheel.remove(&mut Links, NonNull::new_unchecked(ev));
        }
    }
}

/// A persistent event is about to run: sets its timer again, an interval after the last deadline
/// if that is what it runs for, else an interval from now; missed ones are not made up for.
///
/// # Safety
/// As [`set`], without the need for [`reserve`]: a persistent event with an interval was in the
/// wheel before.
#[inline]
pub(super) unsafe fn rearm(base: *mut event_base, ev: *mut event) -> Result<()> {
    // SAFETY: the caller's contract; the closure says that `ev_io` is the live part.
    unsafe {
        let interval = (*ev).ev_.ev_io.ev_timeout;
        if interval.tv_sec == 0 && interval.tv_usec == 0 {
            return Ok(());
        }
        if (*ev).ev_evcallback.evcb_flags & super::bits::FINALIZING != 0 {
            return Err(Error::Frozen);
        }
        reserve(base)?;
        let now = now(base);
        let (plain, mark) = unmark(base, interval);
        let mut deadline = if (*ev).ev_res & EV_TIMEOUT != 0 {
            let last = (*ev).ev_timeout;
            after(timeval { tv_sec: last.tv_sec, tv_usec: last.tv_usec & USEC_MASK }, plain)
        } else {
            after(rounded(base, now), plain)
        };
        if nanoseconds(deadline) < now {
            deadline = after(rounded(base, now), plain);
        }
        // An event that was activated by hand after its deletion comes back, as in the reference.
        state::insert(base, ev)?;
        place(base, ev, deadline, mark, now);
        Ok(())
    }
}

/// When the event's timer expires, on the wall clock.
///
/// # Safety
/// Both are alive; `base` is locked.
pub(super) unsafe fn wall_deadline(base: *mut event_base, ev: *const event) -> timeval {
    // SAFETY: the caller's contract.
    unsafe {
        let ns = nanoseconds((*ev).ev_timeout).cast_signed().wrapping_add(base::clock_diff(base));
        // To the nearest microsecond: the difference of the clocks has nanoseconds.
        crate::reactor::clock::timeval(ns.wrapping_add(500).cast_unsigned())
    }
}

/// How long the loop may sleep, in nanoseconds.
///
/// # Safety
/// `base` is alive and locked.
#[inline]
pub(super) unsafe fn time_left(base: *mut event_base) -> Option<u64> {
    // SAFETY: the caller's contract.
    unsafe {
        let next = (*base).wheel.next_deadline(&mut Links)?;
        // Callbacks took their time: the present counts, not the time of the pass.
        forget_time(base);
        Some(next.saturating_sub(crate::reactor::clock::monotonic()))
    }
}

/// Makes every event active whose time has come.
///
/// # Safety
/// `base` is alive and locked.
#[inline]
pub(super) unsafe fn expire(base: *mut event_base) {
    // SAFETY: the caller's contract.
    unsafe {
        if (*base).wheel.is_empty() {
            return;
        }
        let now = now(base);
        while let Some(key) = (*base).wheel.pop_due(&mut Links, now) {
            let ev = key.as_ptr();
            let flags = (*ev).ev_evcallback.evcb_flags;
            queue::count_down(base, flags);
            (*ev).ev_evcallback.evcb_flags &= !TIMEOUT;
            // An event that is active already gets both results in one call. Others lose their
            // descriptor as well; a persistent one would get it back at once (`rearm`), so it
            // keeps it.
            if flags & QUEUED == 0 && !keeps_descriptor(ev) {
                state::del_locked(base, ev);
            }
            state::activate(base, ev, EV_TIMEOUT, 1);
        }
    }
}

/// Whether the event would be added again when it runs for its timeout.
#[inline]
unsafe fn keeps_descriptor(ev: *const event) -> bool {
    // SAFETY: the caller keeps the event alive; not a signal, so `ev_io` is the live part.
    unsafe {
        if (*ev).ev_events & (EV_PERSIST | EV_SIGNAL) != EV_PERSIST {
            return false;
        }
        let interval = (*ev).ev_.ev_io.ev_timeout;
        interval.tv_sec != 0 || interval.tv_usec != 0
    }
}
