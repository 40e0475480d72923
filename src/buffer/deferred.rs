//! Callbacks from the event loop: once for all changes since the last run.
//!
//! While a run is scheduled it holds a count on the buffer, so that the buffer is there when the
//! loop comes to it. Freeing the buffer takes the run back; one that the loop is starting at that
//! moment in another thread finds no callbacks any more and drops the last count.

use super::callbacks::{ParentCount, deferral, set_deferral, tell_deferred};
use super::{decref_locked, evbuffer, lock};
use crate::error::{Error, Result};
use crate::event::flags::{EVLIST_ACTIVE, EVLIST_ACTIVE_LATER};
use crate::event::raw::event_callback;
use crate::event::{self, event_base};
use crate::mem;
use core::ffi::c_void;
use core::mem::size_of;

/// What a buffer needs to run its callbacks from a loop.
#[repr(C)]
pub(super) struct Deferred {
    /// What the loop queues.
    callback: event_callback,
    base: *mut event_base,
    /// The loop holds a count on the buffer.
    scheduled: bool,
    /// And one on what the buffer is part of.
    parent: ParentCount,
}

/// Runs the callbacks from `base`'s loop from now on.
///
/// # Safety
/// `b` and `base` are live; the base outlives the buffer, or the buffer changes no more.
pub unsafe fn defer_callbacks(b: *mut evbuffer, base: *mut event_base) -> Result<()> {
    // SAFETY: live (caller). The record stays where it is until the buffer is freed.
    unsafe {
        let guard = lock(b);
        let mut d = deferral(b);
        if d.is_null() {
            let p = mem::zeroed(1, size_of::<Deferred>()).ok_or(Error::NoMemory)?;
            d = p.as_ptr().cast();
            (&raw mut (*d).parent).write(ParentCount::NONE);
            if let Err(e) = set_deferral(b, d) {
                mem::free(d.cast());
                return Err(e);
            }
        } else {
            cancel(b);
        }
        (*d).base = base;
        if !(*d).scheduled {
            let pri = event::middle_priority(base);
            event::callback_init(&raw mut (*d).callback, pri, run, b.cast());
        }
        drop(guard);
    }
    Ok(())
}

/// Has the callbacks run by the loop, if that is not on its way already.
///
/// # Safety
/// `b` is live, locked and deferred.
pub(super) unsafe fn schedule(b: *mut evbuffer) {
    // SAFETY: live (caller); the count is dropped by `run` or `cancel`.
    unsafe {
        let d = deferral(b);
        if !(*d).scheduled && event::callback_schedule((*d).base, &raw mut (*d).callback) {
            (*d).scheduled = true;
            (*d).parent = ParentCount::take(b);
            (*b).refs += 1;
        }
    }
}

/// Takes a scheduled run back, unless the loop has started it.
///
/// # Safety
/// `b` is live and locked, and the caller holds a count on it.
pub(super) unsafe fn cancel(b: *mut evbuffer) {
    // SAFETY: live (caller). A run that is in a queue has its flag there; one that has left the
    // queue is the loop's, which still holds its count.
    unsafe {
        let d = deferral(b);
        if d.is_null() || !(*d).scheduled {
            return;
        }
        let queued = EVLIST_ACTIVE | EVLIST_ACTIVE_LATER;
        // A base that was freed has emptied its queues, and must not be touched.
        if i32::from((*d).callback.evcb_flags) & queued == 0 {
            return;
        }
        let guard = event::base_lock((*d).base);
        if i32::from((*d).callback.evcb_flags) & queued != 0 {
            event::callback_cancel((*d).base, &raw mut (*d).callback);
            (*d).scheduled = false;
            (*b).refs -= 1;
            drop(guard);
            core::mem::replace(&mut (*d).parent, ParentCount::NONE).give_back();
        }
    }
}

/// The loop's call.
unsafe extern "C" fn run(_: *mut event_callback, arg: *mut c_void) {
    let b: *mut evbuffer = arg.cast();
    // SAFETY: the scheduled run's count has kept the buffer alive; it ends here.
    unsafe {
        let guard = lock(b);
        let d = deferral(b);
        (*d).scheduled = false;
        let parent = core::mem::replace(&mut (*d).parent, ParentCount::NONE);
        tell_deferred(b);
        decref_locked(b, guard);
        parent.give_back();
    }
}
