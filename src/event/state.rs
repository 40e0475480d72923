//! The states of an event: assigned, pending, active; and how it gets from one to the other.

use super::base::{base_lock, current_base, in_loop_thread, notify, wait_for_current};
use super::bits::{
    ACTIVE, FINALIZING, INIT, INSERTED, IO, LATER, QUEUED, REPORTED, TIMEOUT, closure,
};
use super::flags::{EV_ET, EV_FINALIZE, EV_PERSIST, EV_SIGNAL, EV_TIMEOUT};
use super::raw::{event, event_callback, event_callback_fns};
pub use super::timers::AtOnce;
use super::{EventFn, debug, event_base, inbox, io, queue, signals, timers};
use crate::error::{Error, Result};
use crate::mem;
use core::ffi::c_void;
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::AtomicU8;
use libc::{c_int, c_short, timeval};

/// Its address is what `event_self_cbarg` gives.
static SELF_ARG: AtomicU8 = AtomicU8::new(0);

/// The argument that means "the event itself" to [`assign`].
pub fn self_cbarg() -> *mut c_void {
    SELF_ARG.as_ptr().cast()
}

/// Whether `event_del` waits for a running callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocking {
    /// Unless the event says that it will be finalized (`EV_FINALIZE`).
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Fills in an event. It must not be pending.
///
/// # Safety
/// `ev` points to writable memory; `base` is null (the current base) or alive.
pub unsafe fn assign(
    ev: *mut event,
    base: *mut event_base,
    fd: c_int,
    events: c_short,
    cb: Option<EventFn>,
    arg: *mut c_void,
) -> Result<()> {
    // SAFETY: the caller's contract. Every field that is read later is written here; what is left
    // of the memory may be garbage.
    unsafe {
        let base = if base.is_null() { current_base() } else { base };
        let arg = if arg == self_cbarg() { ev.cast() } else { arg };
        if debug::enabled() {
            debug::check_assign(ev, fd, events);
        }
        (*ev).ev_base = base;
        (*ev).ev_evcallback.evcb_cb_union = event_callback_fns { evcb_callback: cb };
        (*ev).ev_evcallback.evcb_arg = arg;
        (*ev).ev_evcallback.evcb_flags = INIT;
        inbox::prepare(ev);
        (*ev).ev_evcallback.evcb_pri = 0;
        (*ev).ev_fd = fd;
        (*ev).ev_events = events;
        (*ev).ev_res = 0;
        (*ev).ev_.ev_signal.ev_ncalls = 0;
        (*ev).ev_.ev_signal.ev_pncalls = null_mut();
        if events & EV_SIGNAL != 0 {
            if events & IO != 0 {
                crate::warnx!(
                    "event_assign: EV_SIGNAL is not compatible with EV_READ, EV_WRITE or EV_CLOSED"
                );
                return Err(Error::Invalid);
            }
            (*ev).ev_evcallback.evcb_closure = closure::SIGNAL;
        } else if events & EV_PERSIST != 0 {
            (*ev).ev_.ev_io.ev_timeout = timeval { tv_sec: 0, tv_usec: 0 };
            (*ev).ev_evcallback.evcb_closure = closure::PERSIST;
        } else {
            (*ev).ev_evcallback.evcb_closure = closure::EVENT;
        }
        if !base.is_null() {
            // The middle one; there are 255 at most.
            (*ev).ev_evcallback.evcb_pri = ((*base).priorities / 2) as u8;
        }
        debug::note_setup(ev);
        Ok(())
    }
}

/// A new event on the heap.
///
/// # Safety
/// `base` is null (the current base) or alive.
pub unsafe fn new(
    base: *mut event_base,
    fd: c_int,
    events: c_short,
    cb: Option<EventFn>,
    arg: *mut c_void,
) -> Result<NonNull<event>> {
    let ev = mem::alloc(size_of::<event>()).ok_or(Error::NoMemory)?.cast::<event>();
    // SAFETY: a fresh block of the right size.
    unsafe {
        if let Err(e) = assign(ev.as_ptr(), base, fd, events, cb, arg) {
            mem::free(ev.as_ptr().cast());
            return Err(e);
        }
    }
    Ok(ev)
}

/// Deletes and frees an event of [`new`].
///
/// # Safety
/// `ev` came from [`new`] and is not used any more.
pub unsafe fn free(ev: *mut event) {
    // SAFETY: the caller's contract.
    unsafe {
        let base = (*ev).ev_base;
        if !crate::thread::enabled() || base.is_null() || super::base::is_alive(base) {
            let _ = del(ev);
        }
        debug::note_teardown(ev);
        mem::free(ev.cast());
    }
}

/// Whether the event was filled in.
///
/// # Safety
/// `ev` is readable.
pub unsafe fn initialized(ev: *const event) -> bool {
    // SAFETY: the caller's contract.
    unsafe { (*ev).ev_evcallback.evcb_flags & INIT != 0 }
}

/// Makes an event pending, with a timeout or without.
///
/// # Safety
/// `ev` is initialised, its base alive.
pub unsafe fn add(ev: *mut event, timeout: Option<&timeval>) -> Result<()> {
    // SAFETY: the caller's contract.
    unsafe {
        let base = (*ev).ev_base;
        if base.is_null() {
            no_base("event_add");
            return Err(Error::Invalid);
        }
        let _guard = base_lock(base);
        add_locked(base, ev, timeout)
    }
}

/// [`add`] with a timeout, if it can be done in a few steps. For [`AtOnce::Nearly`], [`add_outside`]
/// does the rest.
///
/// # Safety
/// As [`add`].
#[inline(always)]
pub unsafe fn add_at_once(ev: *mut event, timeout: &timeval) -> AtOnce {
    if crate::log::no_detours() {
        // SAFETY: the caller's contract.
        unsafe { timers::set_plain(ev, timeout) }
    } else {
        AtOnce::No
    }
}

/// [`add`] without a timeout, if it can be done in a few steps; `None`, and nothing done, if not.
///
/// # Safety
/// As [`add`].
#[inline(always)]
pub unsafe fn add_untimed_at_once(ev: *mut event) -> Option<Result<()>> {
    // SAFETY: the caller's contract. A base that is ours is not waiting.
    unsafe {
        if !crate::log::no_detours() {
            return None;
        }
        let base = (*ev).ev_base;
        let unusual = (*ev).ev_evcallback.evcb_flags & (INSERTED | QUEUED | FINALIZING)
            | (*ev).ev_events & EV_SIGNAL;
        if unusual != 0
            || (*ev).ev_events & IO == 0
            || base.is_null()
            || !super::base::is_ours(base)
        {
            return None;
        }
        Some(insert_io(base, ev))
    }
}

/// See [`add_at_once`]. False, with nothing done, if it is no ordinary case.
///
/// # Safety
/// [`add_at_once`] has just said so.
pub unsafe fn add_outside(ev: *mut event, timeout: &timeval) -> bool {
    // SAFETY: the caller's contract.
    unsafe { timers::set_plain_outside(ev, timeout) }
}

/// [`del`] if it can be done in a few steps. False, with nothing done, if not.
///
/// # Safety
/// As [`del`].
#[inline(always)]
pub unsafe fn del_at_once(ev: *mut event) -> AtOnce {
    // SAFETY: the caller's contract. The base is looked at only for events that are pending:
    // programs free others after it. In a base that is ours nobody waits, and no callback runs in
    // another thread.
    unsafe {
        if !crate::log::no_detours() {
            return AtOnce::No;
        }
        let base = (*ev).ev_base;
        let flags = (*ev).ev_evcallback.evcb_flags;
        if flags == TIMEOUT | INIT && super::base::is_ours(base) {
            // A signal's event would be inserted as well.
            timers::clear_plain(base, ev);
            return AtOnce::Done;
        }
        let on_fd = flags == INSERTED | INIT && (*ev).ev_events & EV_SIGNAL == 0;
        if on_fd && super::base::is_ours(base) { AtOnce::Nearly } else { AtOnce::No }
    }
}

/// See [`del_at_once`].
///
/// # Safety
/// [`del_at_once`] has just said so.
pub unsafe fn del_rest(ev: *mut event) {
    // SAFETY: the caller's contract: there is a base.
    unsafe { remove_io((*ev).ev_base, ev) }
}

/// [`add`] with the base's lock held. (`absolute` deadlines are the core's own business.)
///
/// # Safety
/// As [`add`], with the base locked.
pub unsafe fn add_nolock(ev: *mut event, timeout: Option<&timeval>, absolute: bool) -> Result<()> {
    // SAFETY: the caller's contract.
    unsafe {
        let base = (*ev).ev_base;
        let relative;
        let timeout = match timeout {
            Some(tv) if absolute => {
                let at = crate::reactor::clock::from_timeval(tv);
                relative =
                    crate::reactor::clock::timeval(at.saturating_sub(super::base::now(base)));
                Some(&relative)
            }
            timeout => timeout,
        };
        add_locked(base, ev, timeout)
    }
}

/// Makes an event pending.
///
/// # Safety
/// Both are alive; `base` is the event's and locked.
#[inline(always)]
pub(super) unsafe fn add_locked(
    base: *mut event_base,
    ev: *mut event,
    timeout: Option<&timeval>,
) -> Result<()> {
    // SAFETY: the caller's contract.
    unsafe {
        debug::check(ev);
        if crate::log::debug_enabled() {
            log_add(ev, timeout.is_some());
        }
        if (*ev).ev_evcallback.evcb_flags & FINALIZING != 0 {
            return Err(Error::Frozen);
        }
        // What can fail comes first, so that a failure changes nothing.
        if timeout.is_some() {
            timers::reserve(base)?;
        }
        if (*ev).ev_events & (IO | EV_SIGNAL) != 0 {
            insert(base, ev)?;
        }
        if let Some(tv) = timeout {
            timers::set(base, ev, *tv);
        }
        debug::note_added(ev, true);
        Ok(())
    }
}

#[cold]
unsafe fn log_add(ev: *const event, timed: bool) {
    // SAFETY: the callers keep the event alive.
    unsafe {
        crate::debugx!(
            "event_add: event: {ev:p} (fd {}), {}{}{}{}call {:p}",
            (*ev).ev_fd,
            if (*ev).ev_events & super::flags::EV_READ != 0 { "EV_READ " } else { " " },
            if (*ev).ev_events & super::flags::EV_WRITE != 0 { "EV_WRITE " } else { " " },
            if (*ev).ev_events & super::flags::EV_CLOSED != 0 { "EV_CLOSED " } else { " " },
            if timed { "EV_TIMEOUT " } else { " " },
            callback_address(ev)
        );
    }
}

#[cold]
unsafe fn log_del(ev: *const event) {
    // SAFETY: the callers keep the event alive.
    unsafe {
        crate::debugx!(
            "event_del: {ev:p} (fd {}), callback {:p}",
            (*ev).ev_fd,
            callback_address(ev)
        );
    }
}

#[cold]
unsafe fn log_active(ev: *const event, res: c_short) {
    // SAFETY: the callers keep the event alive.
    unsafe {
        crate::debugx!(
            "event_active: {ev:p} (fd {}), res {res}, callback {:p}",
            (*ev).ev_fd,
            callback_address(ev)
        );
    }
}

/// The address of an event's callback, for messages.
pub(super) unsafe fn callback_address(ev: *const event) -> *const c_void {
    // SAFETY: the callers keep the event alive; every member of the union is a pointer.
    unsafe {
        (*ev)
            .ev_evcallback
            .evcb_cb_union
            .evcb_callback
            .map_or(core::ptr::null(), |f| f as *const c_void)
    }
}

/// Puts an event into the table of descriptors or signals, unless it is there or will run anyway.
///
/// # Safety
/// Both are alive; `base` is the event's and locked.
#[inline]
pub(super) unsafe fn insert(base: *mut event_base, ev: *mut event) -> Result<()> {
    // SAFETY: the caller's contract.
    unsafe {
        let flags = (*ev).ev_evcallback.evcb_flags;
        let events = (*ev).ev_events;
        if events & (IO | EV_SIGNAL) == 0 || flags & (INSERTED | QUEUED) != 0 {
            return Ok(());
        }
        if events & IO != 0 {
            return insert_io(base, ev);
        }
        signals::add(base, ev)?;
        queue::count_up(base);
        (*ev).ev_evcallback.evcb_flags |= INSERTED;
        Ok(())
    }
}

/// [`insert`] for an event on a descriptor that has to be.
#[inline(never)]
unsafe fn insert_io(base: *mut event_base, ev: *mut event) -> Result<()> {
    // SAFETY: as in `insert`.
    unsafe {
        io::add(base, ev)?;
        queue::count_up(base);
        (*ev).ev_evcallback.evcb_flags |= INSERTED;
        Ok(())
    }
}

/// The counterpart of [`insert_io`].
#[inline(never)]
unsafe fn remove_io(base: *mut event_base, ev: *mut event) {
    // SAFETY: the callers hold the lock of a live base, in which the event is inserted.
    unsafe {
        queue::count_down(base);
        (*ev).ev_evcallback.evcb_flags &= !INSERTED;
        io::del(base, ev);
    }
}

/// `event_remove_timer`: the event waits on without a timeout.
///
/// # Safety
/// As [`add`].
pub unsafe fn remove_timer(ev: *mut event) -> Result<()> {
    // SAFETY: the caller's contract.
    unsafe {
        let base = (*ev).ev_base;
        if base.is_null() {
            no_base("event_remove_timer");
            return Err(Error::Invalid);
        }
        let _guard = base_lock(base);
        debug::check(ev);
        if (*ev).ev_evcallback.evcb_flags & TIMEOUT != 0 {
            timers::clear(base, ev);
            if (*ev).ev_evcallback.evcb_closure != closure::SIGNAL {
                (*ev).ev_.ev_io.ev_timeout = timeval { tv_sec: 0, tv_usec: 0 };
            }
            notify_if_empty(base);
        }
        Ok(())
    }
}

/// Makes an event not pending and not active; waits as [`Blocking::Auto`] says.
///
/// # Safety
/// `ev` is initialised; its base alive, or the event neither pending nor active.
pub unsafe fn del(ev: *mut event) -> Result<()> {
    // SAFETY: the caller's contract.
    unsafe { del_as(ev, Blocking::Auto) }
}

/// [`del`] that never waits.
///
/// # Safety
/// As [`del`].
pub unsafe fn del_noblock(ev: *mut event) -> Result<()> {
    // SAFETY: the caller's contract.
    unsafe { del_as(ev, Blocking::Never) }
}

/// [`del`] with a choice.
///
/// # Safety
/// As [`del`].
#[inline]
pub unsafe fn del_as(ev: *mut event, blocking: Blocking) -> Result<()> {
    // SAFETY: the caller's contract.
    unsafe {
        let base = (*ev).ev_base;
        if base.is_null() {
            no_base("event_del_");
            return Err(Error::Invalid);
        }
        if debug::enabled() {
            debug::check_del(ev);
        }
        // Nothing to take back, and without locks nobody to wait for. The base is not looked at:
        // programs free events after their base.
        let idle = |ev: *mut event| {
            (*ev).ev_evcallback.evcb_flags == INIT
                && ((*ev).ev_events & EV_SIGNAL == 0 || !super::base::is_alive(base))
        };
        if !crate::thread::enabled() && idle(ev) {
            debug::note_added(ev, false);
            return Ok(());
        }
        let _guard = base_lock(base);
        if (*ev).ev_evcallback.evcb_flags & FINALIZING != 0 {
            return Ok(());
        }
        del_locked(base, ev);
        let waits = match blocking {
            Blocking::Never => false,
            Blocking::Always => true,
            Blocking::Auto => (*ev).ev_events & EV_FINALIZE == 0,
        };
        if waits && (*base).current == &raw mut (*ev).ev_evcallback && !in_loop_thread(base) {
            // With this, the callback's argument may be freed when we return.
            wait_for_current(base);
        }
        Ok(())
    }
}

/// Takes an event out of everything it stands in.
///
/// # Safety
/// Both are alive; `base` is the event's and locked.
#[inline]
pub(super) unsafe fn del_locked(base: *mut event_base, ev: *mut event) {
    // SAFETY: the caller's contract.
    unsafe {
        if crate::log::debug_enabled() {
            log_del(ev);
        }
        stop_repeats(base, ev);
        let flags = (*ev).ev_evcallback.evcb_flags;
        if flags & TIMEOUT != 0 {
            timers::clear(base, ev);
        }
        if flags & QUEUED != 0 {
            queue::remove(base, &raw mut (*ev).ev_evcallback);
        }
        if flags & INSERTED != 0 {
            if (*ev).ev_events & IO != 0 {
                remove_io(base, ev);
            } else {
                queue::count_down(base);
                (*ev).ev_evcallback.evcb_flags &= !INSERTED;
                signals::del(base, ev);
            }
        }
        notify_if_empty(base);
        debug::note_added(ev, false);
    }
}

/// A loop that sleeps with nothing left to wait for has to end.
#[inline]
unsafe fn notify_if_empty(base: *mut event_base) {
    // SAFETY: the callers hold the lock of a live base.
    unsafe {
        if (*base).waiting && !super::base::has_events(base) {
            notify(base);
        }
    }
}

/// A signal event that is being called several times is not called again.
///
/// The repeats are counted in the base, so that the loop need not look at an event that its own
/// callback may have freed.
///
/// # Safety
/// Both are alive; `base` is locked.
#[inline]
pub(super) unsafe fn stop_repeats(base: *mut event_base, ev: *mut event) {
    // SAFETY: the caller's contract.
    unsafe {
        if (*ev).ev_events & EV_SIGNAL != 0 && (*base).current == &raw mut (*ev).ev_evcallback {
            (*base).signal_calls = 0;
        }
    }
}

/// [`active`] if it can be done in a few steps; false, and nothing done, if not.
///
/// # Safety
/// As [`active`].
#[inline(always)]
pub unsafe fn active_at_once(ev: *mut event, res: c_short) -> bool {
    // SAFETY: the caller's contract. A base that is ours is not waiting, so nobody has to be woken.
    unsafe {
        if !crate::log::no_detours() {
            return false;
        }
        let base = (*ev).ev_base;
        let cb = &raw mut (*ev).ev_evcallback;
        let unusual = (*cb).evcb_flags & (QUEUED | FINALIZING) | (*ev).ev_events & EV_SIGNAL;
        if unusual != 0 || base.is_null() || !super::base::is_ours(base) {
            return false;
        }
        (*ev).ev_res = res;
        enqueue(base, cb);
        true
    }
}

/// `event_active`.
///
/// # Safety
/// `ev` is initialised, its base alive.
pub unsafe fn active(ev: *mut event, res: c_short, ncalls: c_short) {
    // SAFETY: the caller's contract.
    unsafe {
        let base = (*ev).ev_base;
        if base.is_null() {
            no_base("event_active");
            return;
        }
        if !(*base).inbox.is_careful() {
            // Without a lock whoever calls this is in the loop's thread: nobody has to be woken.
            activate(base, ev, res, ncalls);
        } else if !inbox::add(ev, res) {
            active_afresh(base, ev, res, ncalls);
        }
    }
}

/// [`active`] with a lock or in debug mode, for an event that other threads have not sent.
#[inline(never)]
unsafe fn active_afresh(base: *mut event_base, ev: *mut event, res: c_short, ncalls: c_short) {
    // SAFETY: as in `active`.
    unsafe {
        debug::check(ev);
        let owner = (*base).inbox.owner();
        let mut marked = false;
        if owner != 0
            && owner != crate::thread::current_id()
            && (*ev).ev_events & EV_SIGNAL == 0
            && !debug::enabled()
            && !crate::log::debug_enabled()
        {
            if inbox::send(base, ev, res) {
                return;
            }
            marked = true;
        }
        let _guard = base_lock(base);
        if marked {
            inbox::arrive(base, ev);
        } else {
            activate(base, ev, res, ncalls);
        }
        // Under the lock: when the callback has run, the base may be gone.
        notify(base);
    }
}

#[cold]
fn no_base(function: &str) {
    crate::warnx!("{function}: event has no event_base set.");
}

/// Puts an event into the active queue, or adds `res` to what it is active for already.
///
/// # Safety
/// Both are alive; `base` is the event's and locked.
#[inline(always)]
pub(super) unsafe fn activate(
    base: *mut event_base,
    ev: *mut event,
    res: c_short,
    ncalls: c_short,
) {
    // SAFETY: the caller's contract.
    unsafe {
        let cb = &raw mut (*ev).ev_evcallback;
        let unusual = (*cb).evcb_flags & (QUEUED | FINALIZING) | (*ev).ev_events & EV_SIGNAL;
        if unusual != 0 || crate::log::debug_enabled() {
            activate_unusual(base, ev, res, ncalls);
            return;
        }
        (*ev).ev_res = res;
        enqueue(base, cb);
    }
}

/// [`activate`] while no callback runs, for an event that is no signal's and when nobody reads
/// debug messages. `count` goes up if the caller has to see to it that it is counted
/// ([`queue::count_activated`]).
///
/// # Safety
/// As [`activate`].
#[inline(always)]
pub(super) unsafe fn activate_uncounted(
    base: *mut event_base,
    ev: *mut event,
    res: c_short,
    count: &mut c_int,
) {
    // SAFETY: the caller's contract.
    unsafe {
        let cb = &raw mut (*ev).ev_evcallback;
        let flags = (*cb).evcb_flags;
        if flags & (QUEUED | FINALIZING) != 0 {
            activate_unusual(base, ev, res, 1);
            return;
        }
        *count += 1;
        (*ev).ev_res = res;
        (*cb).evcb_flags = flags | ACTIVE;
        queue::push(queue::of(base, cb), cb);
    }
}

#[inline(always)]
unsafe fn enqueue(base: *mut event_base, cb: *mut event_callback) {
    // SAFETY: the callers hold the lock; `cb` is in no queue.
    unsafe {
        if c_int::from((*cb).evcb_pri) < (*base).running_priority {
            (*base).attention |= super::base::attention::RESCAN;
        }
        queue::insert_active(base, cb);
    }
}

/// [`activate`] for events that are active already, or signals, or to be logged.
#[inline(never)]
unsafe fn activate_unusual(base: *mut event_base, ev: *mut event, res: c_short, ncalls: c_short) {
    // SAFETY: as in `activate`.
    unsafe {
        if crate::log::debug_enabled() {
            log_active(ev, res);
        }
        let cb = &raw mut (*ev).ev_evcallback;
        let flags = (*cb).evcb_flags;
        if flags & FINALIZING != 0 {
            return;
        }
        if flags & QUEUED != 0 {
            (*ev).ev_res |= res;
            if flags & ACTIVE != 0 {
                return;
            }
            queue::remove_later(base, cb);
        } else {
            (*ev).ev_res = res;
        }
        if (*ev).ev_events & EV_SIGNAL != 0 {
            (*ev).ev_.ev_signal.ev_ncalls = ncalls;
            (*ev).ev_.ev_signal.ev_pncalls = null_mut();
        }
        enqueue(base, cb);
    }
}

/// What of `mask` the event is pending or active for; when its timeout expires goes to `tv`, if
/// that is not null.
///
/// # Safety
/// `ev` is initialised, its base alive; `tv` null or writable.
pub unsafe fn pending(ev: *const event, mask: c_short, tv: *mut timeval) -> c_short {
    // SAFETY: the caller's contract.
    unsafe {
        let base = (*ev).ev_base;
        if base.is_null() {
            no_base("event_pending");
            return 0;
        }
        debug::check(ev);
        let _guard = base_lock(base);
        let state = (*ev).ev_evcallback.evcb_flags;
        let mut flags = inbox::sent(ev).unwrap_or(0);
        if state & INSERTED != 0 {
            flags |= (*ev).ev_events & (IO | EV_SIGNAL);
        }
        if state & QUEUED != 0 {
            flags |= (*ev).ev_res;
        }
        if state & TIMEOUT != 0 {
            flags |= EV_TIMEOUT;
        }
        let asked = mask & REPORTED;
        if !tv.is_null() && flags & asked & EV_TIMEOUT != 0 {
            *tv = timers::wall_deadline(base, ev);
        }
        flags & asked
    }
}

/// Changes an event's priority, unless it is active.
///
/// # Safety
/// `ev` is initialised, its base alive.
pub unsafe fn priority_set(ev: *mut event, priority: c_int) -> Result<()> {
    // SAFETY: the caller's contract.
    unsafe {
        debug::check(ev);
        let base = (*ev).ev_base;
        if base.is_null() {
            return Err(Error::Invalid);
        }
        // Takes in what other threads have sent.
        let _guard = base_lock(base);
        if (*ev).ev_evcallback.evcb_flags & ACTIVE != 0 {
            return Err(Error::Invalid);
        }
        let n = (*base).priorities;
        match u8::try_from(priority) {
            Ok(priority) if usize::from(priority) < n => {
                (*ev).ev_evcallback.evcb_pri = priority;
                Ok(())
            }
            _ => Err(Error::Invalid),
        }
    }
}

/// Moves an event that was never added to another base.
///
/// # Safety
/// `ev` is initialised, `base` alive.
pub unsafe fn base_set(base: *mut event_base, ev: *mut event) -> Result<()> {
    // SAFETY: the caller's contract.
    unsafe {
        if (*ev).ev_evcallback.evcb_flags != INIT || inbox::sent(ev).is_some() {
            return Err(Error::Invalid);
        }
        debug::check(ev);
        (*ev).ev_base = base;
        (*ev).ev_evcallback.evcb_pri = ((*base).priorities / 2) as u8;
        Ok(())
    }
}

/// The event whose callback runs in the calling thread, null if there is none.
///
/// # Safety
/// `base` is alive.
pub unsafe fn running_event(base: *mut event_base) -> *mut event {
    // SAFETY: the caller keeps the base alive; a callback with INIT is the first part of an event.
    unsafe {
        let _guard = base_lock(base);
        let current = (*base).current;
        if !current.is_null() && in_loop_thread(base) && (*current).evcb_flags & INIT != 0 {
            current.cast()
        } else {
            null_mut()
        }
    }
}

const _: () = assert!(LATER | ACTIVE == QUEUED && EV_ET & REPORTED == 0);
