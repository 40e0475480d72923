//! Finalizers: functions that run from the loop once an event, or deferred work, can run no more.

use super::base::{base_lock, notify, or_current};
use super::bits::{FINALIZING, INIT, closure};
use super::deferred::{SelfFn, cancel_locked};
use super::flags::EV_FINALIZE;
use super::raw::{event, event_callback, event_callback_fns};
use super::{event_base, queue, state};
use crate::error::{Error, Result};
use core::ffi::c_void;

/// The finalizer of an event.
pub type FinalizeFn = unsafe extern "C" fn(*mut event, *mut c_void);

/// `event_finalize` and `event_free_finalize`: the event cannot be added any more, and `f` runs
/// when its callback can run no more; with `free` the event is freed afterwards.
///
/// # Safety
/// `ev` is initialised, its base alive; with `free` it came from [`state::new`].
pub unsafe fn finalize(ev: *mut event, f: Option<FinalizeFn>, free: bool) -> Result<()> {
    // SAFETY: the caller's contract.
    unsafe {
        let base = (*ev).ev_base;
        if base.is_null() {
            crate::warnx!("event_finalize_impl_: event has no event_base set.");
            return Err(Error::Invalid);
        }
        let _guard = base_lock(base);
        let cb = &raw mut (*ev).ev_evcallback;
        // A second finalizer replaces the first, if that has not run.
        if (*cb).evcb_flags & FINALIZING == 0 {
            state::del_locked(base, ev);
        }
        (*cb).evcb_closure =
            if free { closure::EVENT_FINALIZE_FREE } else { closure::EVENT_FINALIZE };
        (*cb).evcb_cb_union = event_callback_fns { evcb_evfinalize: f };
        state::activate(base, ev, EV_FINALIZE, 1);
        (*cb).evcb_flags |= FINALIZING;
        notify(base);
        Ok(())
    }
}

/// Cancels all of `cbs`, and runs `f` on the first from the loop, when none of them runs any more.
///
/// # Safety
/// `base` is null (the current one) or alive, the callbacks are initialised and stay where they
/// are until `f` has run.
pub unsafe fn callback_finalize_many(
    base: *mut event_base,
    cbs: &[*mut event_callback],
    f: SelfFn,
) {
    let base = or_current(base);
    // SAFETY: the caller's contract. The loop runs one callback at a time, so once `f` runs from
    // the loop none of the others does.
    unsafe {
        let _guard = base_lock(base);
        for &cb in cbs {
            cancel_locked(base, cb, false);
        }
        let Some(&first) = cbs.first() else { return };
        if (*first).evcb_flags & FINALIZING != 0 {
            return;
        }
        (*first).evcb_closure = closure::CB_FINALIZE;
        (*first).evcb_cb_union = event_callback_fns { evcb_cbfinalize: Some(f) };
        queue::insert_active(base, first);
        (*first).evcb_flags |= FINALIZING;
        notify(base);
    }
}

/// Runs the finalizer that a callback taken out of its queue waits for.
///
/// # Safety
/// `cb` is finalizing and in no queue; the base is not locked by this thread.
pub(super) unsafe fn run(cb: *mut event_callback) {
    // SAFETY: the closure says which member of the union is live, and whether `cb` is the first
    // part of an event.
    unsafe {
        let (kind, f) = ((*cb).evcb_closure, (*cb).evcb_cb_union);
        match kind {
            closure::EVENT_FINALIZE | closure::EVENT_FINALIZE_FREE => {
                let ev = cb.cast::<event>();
                // Forgotten first: the finalizer may assign it anew.
                super::debug::note_teardown(ev);
                if let Some(f) = f.evcb_evfinalize {
                    f(ev, (*cb).evcb_arg);
                }
                if kind == closure::EVENT_FINALIZE_FREE {
                    crate::mem::free(ev.cast());
                }
            }
            closure::CB_FINALIZE => {
                if let Some(f) = f.evcb_cbfinalize {
                    f(cb, (*cb).evcb_arg);
                }
            }
            _ => {}
        }
    }
}

const _: () = assert!(INIT != FINALIZING);
