//! Deferred work: callbacks of the library itself that run from the loop.

use super::base::{base_lock, is_ours, notify, or_current};
use super::bits::{END_OF_TURN, FINALIZING, INIT, QUEUED, SENT, closure};
use super::raw::{event_callback, event_callback_fns};
use super::{event_base, queue, state};
use core::ffi::c_void;
use core::ptr::null_mut;

/// So many start at once; the others wait for the next pass, so that a chain of deferred work
/// cannot keep the loop from its descriptors.
const MAX_AT_ONCE: u32 = 32;

/// The function of deferred work.
pub type SelfFn = unsafe extern "C" fn(*mut event_callback, *mut c_void);

/// Fills in a piece of deferred work.
///
/// # Safety
/// `cb` is writable and scheduled nowhere.
pub unsafe fn callback_init(cb: *mut event_callback, pri: u8, f: SelfFn, arg: *mut c_void) {
    // SAFETY: the caller's contract.
    unsafe {
        cb.write(event_callback {
            evcb_active_next: super::raw::event_callback_links {
                tqe_next: null_mut(),
                tqe_prev: null_mut(),
            },
            evcb_flags: 0,
            evcb_pri: pri,
            evcb_closure: closure::SELF,
            evcb_cb_union: event_callback_fns { evcb_selfcb: Some(f) },
            evcb_arg: arg,
        });
    }
}

/// Makes deferred work run from the loop. True unless it was scheduled already.
///
/// # Safety
/// `base` is null (the current one) or alive; `cb` is initialised and stays where it is until it
/// has run or was cancelled.
pub unsafe fn callback_schedule(base: *mut event_base, cb: *mut event_callback) -> bool {
    let base = or_current(base);
    // SAFETY: the caller's contract.
    unsafe {
        // The common case: nobody else, and the work is in no queue.
        if is_ours(base)
            && (*cb).evcb_flags & (QUEUED | FINALIZING | SENT | END_OF_TURN) == 0
            && (*base).deferred_count <= MAX_AT_ONCE
        {
            queue::insert_active(base, cb);
            (*base).deferred_count += 1;
            return true;
        }
        schedule_slowly(base, cb)
    }
}

#[inline(never)]
unsafe fn schedule_slowly(base: *mut event_base, cb: *mut event_callback) -> bool {
    // SAFETY: as in `callback_schedule`.
    unsafe {
        let _guard = base_lock(base);
        if (*cb).evcb_flags & (QUEUED | FINALIZING) != 0 {
            return false;
        }
        // From the end of the turn it moves to the front.
        queue::remove(base, cb);
        if (*base).deferred_count > MAX_AT_ONCE {
            queue::insert_later(base, cb);
        } else {
            queue::insert_active(base, cb);
            (*base).deferred_count += 1;
        }
        notify(base);
        true
    }
}

/// Makes `cb` run after the callbacks of this pass, before the loop waits.
///
/// # Safety
/// As [`callback_schedule`].
pub unsafe fn end_of_turn(base: *mut event_base, cb: *mut event_callback) {
    let base = or_current(base);
    // SAFETY: the caller's contract.
    unsafe {
        let _guard = base_lock(base);
        if (*cb).evcb_flags & (QUEUED | FINALIZING | END_OF_TURN) != 0 {
            return;
        }
        (*cb).evcb_flags |= END_OF_TURN;
        queue::push(&raw mut (*base).end_of_turn, cb);
        notify(base);
    }
}

/// Takes deferred work back (or deletes the event that `cb` is part of).
///
/// # Safety
/// As [`callback_schedule`].
pub unsafe fn callback_cancel(base: *mut event_base, cb: *mut event_callback) {
    let base = or_current(base);
    // SAFETY: the caller's contract.
    unsafe {
        let _guard = base_lock(base);
        cancel_locked(base, cb, false);
    }
}

/// [`callback_cancel`], if `even_finalizing` of what waits for its finalizer as well.
///
/// # Safety
/// As [`callback_cancel`], with the base locked.
pub(super) unsafe fn cancel_locked(
    base: *mut event_base,
    cb: *mut event_callback,
    even_finalizing: bool,
) {
    // SAFETY: the caller's contract; with INIT the callback is the first part of an event.
    unsafe {
        if (*cb).evcb_flags & FINALIZING != 0 && !even_finalizing {
            return;
        }
        if (*cb).evcb_flags & INIT != 0 {
            state::del_locked(base, cb.cast());
        } else {
            queue::remove(base, cb);
        }
    }
}
