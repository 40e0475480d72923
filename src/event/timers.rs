//! Timers of events: deadlines, common timeouts, and where an event stands in the wheel.
//!
//! Deadlines are whole microseconds on the monotonic clock. Common timeouts need no queues of
//! their own here: the wheel takes and gives every timer in constant time, and equal deadlines keep
//! their order of insertion.

use super::base::{forget_time, now};
use super::bits::{FINALIZING, INIT, INSERTED, IO, QUEUED, TIMEOUT, closure};
use super::event_base;
use super::flags::{EV_PERSIST, EV_SIGNAL, EV_TIMEOUT};
use super::raw::event;
use super::{base, queue, state};
use crate::error::{Error, Result};
use crate::mem::{self, TryPush};
use crate::reactor::timer::{Key, Times, Wheel};
use core::ptr::{NonNull, null};
use libc::timeval;

const USEC_MASK: i64 = 0x000f_ffff;
const MARK_MASK: i64 = 0xf000_0000;
const MARK: i64 = 0x5000_0000;
const INDEX_MASK: i64 = 0x0ff0_0000;
const INDEX_SHIFT: u32 = 20;
const MAX_COMMON: usize = 256;
/// Longer deadlines (317 years) would overflow nanoseconds; they expire then.
const MAX_SEC: i64 = 10_000_000_000;

/// A duration that many timers share; C holds a pointer to it.
#[derive(Debug)]
pub(super) struct CommonTimeout {
    duration: timeval,
}

/// The wheel of a base: in microseconds, with ticks of eight.
pub(super) type Timers = Wheel<event, 3>;

/// What an event keeps of its timer, in the place of the reference's `ev_timeout_pos`: near to
/// everything else that setting a timer looks at.
#[repr(C)]
struct Place {
    key: Key,
    /// Counts the settings of timers: equal deadlines keep that order.
    serial: u32,
    /// The deadline, and below it the common timeout's index plus one, or 0.
    when: u64,
}

const COMMON_BITS: u32 = 9;

const _: () = assert!(
    size_of::<Place>() == size_of::<super::raw::event_timeout_pos>()
        && align_of::<Place>() == align_of::<super::raw::event_timeout_pos>()
        && MAX_COMMON < 1 << COMMON_BITS
        && (MAX_SEC as u64 * 1_000_000) >> (64 - COMMON_BITS) == 0
);

/// The timer part of an event.
#[inline(always)]
unsafe fn place_of(ev: *const event) -> *mut Place {
    // SAFETY: the callers hand in a live event; no reference is made.
    unsafe { (&raw const (*ev).ev_timeout_pos).cast_mut().cast() }
}

/// How the wheel reads the timers of events; holds the serial number that was given last.
pub(super) struct Deadlines(u32);

impl Deadlines {
    /// For a base, which is alive and locked.
    #[inline]
    pub(super) unsafe fn of(base: *const event_base) -> Self {
        // SAFETY: the caller's contract.
        Self(unsafe { (*base).timer_serial })
    }
}

impl Times<event> for Deadlines {
    #[inline]
    fn deadline(&self, ev: NonNull<event>) -> u64 {
        // SAFETY: events in the wheel are alive: `event_del` comes before their death.
        unsafe { (*place_of(ev.as_ptr())).when >> COMMON_BITS }
    }
    #[inline]
    fn rank(&self, ev: NonNull<event>) -> u32 {
        // SAFETY: as in `deadline`. Seen from the last number, older ones are smaller.
        unsafe { (*place_of(ev.as_ptr())).serial.wrapping_sub(self.0.wrapping_add(1)) }
    }
}

/// `from` plus a duration, in microseconds, within what can be stored. Without a duration it is
/// taken back by one, so that it is due in the next pass.
#[inline(always)]
fn after(from: u64, tv: timeval) -> u64 {
    after_ordinary(from, tv).unwrap_or_else(|| after_oddity(from, tv))
}

/// The same for what durations mostly are.
#[inline(always)]
fn after_ordinary(from: u64, tv: timeval) -> Option<u64> {
    let (sec, usec) = (tv.tv_sec.cast_unsigned(), tv.tv_usec.cast_unsigned());
    // Both below a limit in one comparison, which takes a few that are near it for oddities.
    if sec >> 12 | usec >= 1_000_000 {
        return None;
    }
    let us = sec * 1_000_000 + usec;
    Some(from + us - u64::from(us == 0))
}

const _: () = assert!(1_000_000 << 12 <= MAX_SEC / 2);

/// A duration that is negative, denormal or huge.
#[cold]
#[inline(never)]
fn after_oddity(from: u64, tv: timeval) -> u64 {
    let nothing = tv.tv_sec < 0 || (tv.tv_sec == 0 && tv.tv_usec <= 0);
    let from = i128::from(from) - i128::from(nothing);
    let us = from + i128::from(tv.tv_sec) * 1_000_000 + i128::from(tv.tv_usec);
    us.clamp(0, i128::from(MAX_SEC) * 1_000_000) as u64
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
/// The event is alive and has a timer; its base is locked.
pub(super) unsafe fn common_of(ev: *const event) -> Option<usize> {
    // SAFETY: the caller's contract.
    let mark = unsafe { (*place_of(ev)).when } as usize & ((1 << COMMON_BITS) - 1);
    mark.checked_sub(1)
}

/// Splits a duration into the plain one and the mark that it puts on a deadline.
#[inline]
fn unmark(base: *const event_base, tv: timeval) -> (timeval, u64) {
    if tv.tv_usec & MARK_MASK == MARK
        && let Some(index) = common_index(base, tv)
    {
        (timeval { tv_sec: tv.tv_sec, tv_usec: tv.tv_usec & USEC_MASK }, index as u64 + 1)
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
        let (plain, mark) = unmark(base, tv);
        let deadline = after(now_up(base), plain);
        place(base, ev, deadline, mark);
        if (*base).waiting {
            // The loop may be about to sleep too long.
            wake_if_first(base, deadline);
        }
    }
}

/// How far a short cut came. What is left to do is a call at the end of the function, so that
/// the short cut itself has no need to save registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtOnce {
    /// Everything is done.
    Done,
    /// Something is left to do: see there.
    Nearly,
    /// Nothing was done.
    No,
}

/// `event_add` with a timeout, for what is nothing but a timer, in a base that is ours: most of
/// what [`set`] and its callers ask need not be asked. [`AtOnce::Nearly`]: outside of a pass, where
/// the time has to be read; [`set_plain_outside`] does the rest.
///
/// # Safety
/// The event is initialised, its base null or alive.
#[inline(always)]
pub(super) unsafe fn set_plain(ev: *mut event, tv: &timeval) -> AtOnce {
    // SAFETY: the caller's contract.
    unsafe {
        let base = (*ev).ev_base;
        let unusual = (*ev).ev_evcallback.evcb_flags & (QUEUED | FINALIZING)
            | (*ev).ev_events & (IO | EV_SIGNAL | EV_PERSIST);
        if unusual != 0 || base.is_null() || !base::is_ours(base) {
            return AtOnce::No;
        }
        let now = (*base).now_up;
        if now == 0 {
            return AtOnce::Nearly;
        }
        if place_plain(base, ev, now, tv) { AtOnce::Done } else { AtOnce::No }
    }
}

/// See [`set_plain`]. False, with nothing done, if it is no ordinary case.
///
/// # Safety
/// [`set_plain`] has just said so.
pub(super) unsafe fn set_plain_outside(ev: *mut event, tv: &timeval) -> bool {
    // SAFETY: the caller's contract: there is a base.
    unsafe {
        let base = (*ev).ev_base;
        place_plain(base, ev, now_up(base), tv)
    }
}

#[inline(always)]
unsafe fn place_plain(base: *mut event_base, ev: *mut event, now: u64, tv: &timeval) -> bool {
    // SAFETY: as in `set_plain`. As the base is ours, nobody waits in it.
    unsafe {
        let (plain, mark) = unmark(base, *tv);
        let Some(deadline) = after_ordinary(now, plain) else { return false };
        let flags = (*ev).ev_evcallback.evcb_flags;
        let place = place_of(ev);
        if flags & TIMEOUT != 0 {
            let key = (*place).key;
            if !(*base).wheel.reset_blindly(key, || (*place).when >> COMMON_BITS, deadline)
                && !(*base).wheel.reset_in_place(key, deadline)
            {
                return false;
            }
        } else {
            let timer = NonNull::new_unchecked(ev);
            let Some(key) = (*base).wheel.add_at_hand(timer, deadline) else { return false };
            (*place).key = key;
            queue::count_up(base);
            (*ev).ev_evcallback.evcb_flags = flags | TIMEOUT;
        }
        write_down(base, place, deadline, mark);
        true
    }
}

/// Stores a deadline where the wheel reads it.
#[inline(always)]
unsafe fn write_down(base: *mut event_base, place: *mut Place, deadline: u64, mark: u64) {
    // SAFETY: the callers hold the lock of a live base; the place is that of a live event.
    unsafe {
        let serial = (*base).timer_serial.wrapping_add(1);
        (*base).timer_serial = serial;
        (*place).serial = serial;
        (*place).when = deadline << COMMON_BITS | mark;
    }
}

/// The time of this pass in microseconds, rounded up so that no timer is early.
#[inline]
unsafe fn now_up(base: *mut event_base) -> u64 {
    // SAFETY: the callers hold the lock of a live base.
    unsafe {
        match (*base).now_up {
            0 => round_up(now(base)),
            now => now,
        }
    }
}

/// Nanoseconds in microseconds, rounded up.
#[inline]
pub(super) fn round_up(ns: u64) -> u64 {
    ns.div_ceil(1000)
}

/// Gives an event a deadline, whether it has a timer or not. Not for an event without a timer
/// before [`reserve`].
#[inline(always)]
unsafe fn place(base: *mut event_base, ev: *mut event, deadline: u64, mark: u64) {
    // SAFETY: the callers' contract, that of `set`; the event is taken out before it dies.
    unsafe {
        let place = place_of(ev);
        let flags = (*ev).ev_evcallback.evcb_flags;
        if flags & TIMEOUT != 0 {
            let key = (*place).key;
            if !(*base).wheel.reset_blindly(key, || (*place).when >> COMMON_BITS, deadline) {
                (*place).key = (*base).wheel.reset(key, deadline);
            }
        } else {
            let timer = NonNull::new_unchecked(ev);
            let Some(key) = (*base).wheel.add_at_hand(timer, deadline) else { return };
            (*place).key = key;
            queue::count_up(base);
            (*ev).ev_evcallback.evcb_flags = flags | TIMEOUT;
        }
        write_down(base, place, deadline, mark);
    }
}

#[cold]
#[inline(never)]
unsafe fn wake_if_first(base: *mut event_base, deadline: u64) {
    // SAFETY: the callers hold the lock of a live base.
    unsafe {
        let now = crate::reactor::clock::monotonic() / 1000;
        if (*base).wheel.next_deadline(&Deadlines::of(base), now) == Some(deadline) {
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
        let flags = (*ev).ev_evcallback.evcb_flags;
        if flags & TIMEOUT != 0 {
            queue::count_down(base);
            (*ev).ev_evcallback.evcb_flags = flags & !TIMEOUT;
            (*base).wheel.remove((*place_of(ev)).key);
        }
    }
}

/// `event_del` for what is nothing but a timer that waits, in a base that is ours.
///
/// # Safety
/// Both are alive.
#[inline(always)]
pub(super) unsafe fn clear_plain(base: *mut event_base, ev: *mut event) {
    // SAFETY: the caller's contract.
    unsafe {
        queue::count_down(base);
        (*ev).ev_evcallback.evcb_flags = INIT;
        (*base).wheel.remove((*place_of(ev)).key);
    }
}

/// A persistent event with an interval is about to run: sets its timer again, an interval after the
/// last deadline if that is what it runs for, else an interval from now; missed ones are not made
/// up for.
///
/// # Safety
/// As [`set`], without the need for [`reserve`].
#[inline]
pub(super) unsafe fn rearm(base: *mut event_base, ev: *mut event) {
    // SAFETY: the caller's contract.
    unsafe {
        if !put_off(base, ev) {
            // If the timer cannot be set again, the event at least runs now.
            let _ = rearm_unusual(base, ev);
        }
    }
}

/// [`rearm`] for what a timeout beside a descriptor mostly sees: it was not reached, and starts
/// over. False, and nothing done, if it is anything else.
#[inline(always)]
unsafe fn put_off(base: *mut event_base, ev: *mut event) -> bool {
    // SAFETY: as in `rearm`; the closure says that `ev_io` is the live part.
    unsafe {
        let state = (*ev).ev_evcallback.evcb_flags & (TIMEOUT | INSERTED | FINALIZING);
        let now = (*base).now_up;
        if state != TIMEOUT | INSERTED || (*ev).ev_res & EV_TIMEOUT != 0 || now == 0 {
            return false;
        }
        let (plain, mark) = unmark(base, (*ev).ev_.ev_io.ev_timeout);
        let Some(deadline) = after_ordinary(now, plain) else { return false };
        let place = place_of(ev);
        let from = || (*place).when >> COMMON_BITS;
        if !(*base).wheel.reset_blindly((*place).key, from, deadline) {
            return false;
        }
        write_down(base, place, deadline, mark);
        true
    }
}

#[inline(never)]
unsafe fn rearm_unusual(base: *mut event_base, ev: *mut event) -> Result<()> {
    // SAFETY: as in `rearm`; the closure says that `ev_io` is the live part.
    unsafe {
        let interval = (*ev).ev_.ev_io.ev_timeout;
        let flags = (*ev).ev_evcallback.evcb_flags;
        if flags & FINALIZING != 0 {
            return Err(Error::Frozen);
        }
        if flags & TIMEOUT == 0 {
            reserve(base)?;
        }
        let now = now_up(base);
        let (plain, mark) = unmark(base, interval);
        let mut deadline = 0;
        if (*ev).ev_res & EV_TIMEOUT != 0 {
            deadline = after((*place_of(ev)).when >> COMMON_BITS, plain);
        }
        if deadline < now {
            deadline = after(now, plain);
        }
        if flags & INSERTED == 0 {
            // An event that was activated by hand after its deletion comes back, as in the
            // reference.
            state::insert(base, ev)?;
        }
        place(base, ev, deadline, mark);
        Ok(())
    }
}

/// When the event's timer expires, on the wall clock.
///
/// # Safety
/// Both are alive; `base` is locked; the event has a timer.
pub(super) unsafe fn wall_deadline(base: *mut event_base, ev: *const event) -> timeval {
    // SAFETY: the caller's contract.
    unsafe {
        let ns = ((*place_of(ev)).when >> COMMON_BITS) * 1000;
        let ns = ns.cast_signed().wrapping_add(base::clock_diff(base));
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
        if (*base).wheel.is_over() {
            return None;
        }
        // Callbacks took their time: the present counts, not the time of the pass.
        forget_time(base);
        let now = crate::reactor::clock::monotonic();
        let next = (*base).wheel.next_deadline(&Deadlines::of(base), now / 1000)?;
        Some((next * 1000).saturating_sub(now))
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
        let now = now(base) / 1000;
        if (*base).wheel.collect(&Deadlines::of(base), now + 1) {
            activate_due(base);
        }
    }
}

#[inline(never)]
unsafe fn activate_due(base: *mut event_base) {
    // SAFETY: `expire` holds the lock of a live base, and events in the wheel are alive.
    unsafe {
        let plain = crate::log::no_detours();
        // No callback runs: counting those that become active together is enough.
        let mut count = 0;
        while let Some(ev) = (*base).wheel.pop_for_good() {
            let ev = ev.as_ptr();
            let flags = (*ev).ev_evcallback.evcb_flags;
            queue::count_down(base);
            (*ev).ev_evcallback.evcb_flags = flags & !TIMEOUT;
            if plain && flags & INSERTED == 0 && (*ev).ev_events & EV_SIGNAL == 0 {
                state::activate_uncounted(base, ev, EV_TIMEOUT, &mut count);
                continue;
            }
            // An event that is active already gets both results in one call. Others lose their
            // descriptor as well; a persistent one would get it back at once (`rearm`), so it
            // keeps it.
            if flags & QUEUED == 0 && !keeps_descriptor(ev) {
                state::del_locked(base, ev);
            }
            state::activate(base, ev, EV_TIMEOUT, 1);
        }
        queue::count_activated(base, count);
    }
}

/// Takes all timers away, and calls `each` with their events.
///
/// # Safety
/// `base` is alive and locked.
pub(super) unsafe fn clear_all(base: *mut event_base, mut each: impl FnMut(*mut event)) {
    // SAFETY: the caller's contract.
    unsafe {
        for key in 1..(*base).wheel.key_limit() {
            if let Some(ev) = (*base).wheel.get(key) {
                clear(base, ev.as_ptr());
                each(ev.as_ptr());
            }
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
