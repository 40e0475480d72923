//! The loop: one turn as a list of named steps.

use super::base::{self, attention, dispose, forget_time, has_events, now, open_waker};
use super::bits::{END_OF_TURN, INSERTED, TIMEOUT, closure};
use super::flags::{EV_PERSIST, EVLOOP_NO_EXIT_ON_EMPTY, EVLOOP_NONBLOCK, EVLOOP_ONCE};
use super::queue::Queue;
use super::raw::{event, event_callback};
use super::{event_base, finalize, io, queue, signals, state, timers, watch};
use crate::error::{Error, Result};
use crate::sys::Errno;
use crate::thread;
use core::ptr::null_mut;
use libc::c_int;

/// `event_base_loop`: 0 when told to end, 1 when nothing is left to wait for, -1 on failure.
///
/// # Safety
/// `base` is alive.
pub unsafe fn run(base: *mut event_base, flags: c_int) -> c_int {
    // SAFETY: the caller keeps the base alive; one that a callback frees lives until `leave`.
    unsafe {
        base::acquire(base);
        if (*base).running {
            base::release(base);
            crate::warnx!(
                "event_base_loop: reentrant invocation.  Only one event_base_loop can run on each \
                 event_base at once."
            );
            return -1;
        }
        enter(base);
        let result = turns(base, flags);
        // Output goes out before the program goes on; after a break nothing more is called.
        run_end_of_turn(base);
        leave(base);
        result
    }
}

unsafe fn enter(base: *mut event_base) {
    // SAFETY: `run` holds the lock of a live base.
    unsafe {
        (*base).running = true;
        (*base).inbox.set_owner(thread::current_id());
        (*base).attention = 0;
        (*base).exit = false;
        forget_time(base);
    }
}

unsafe fn leave(base: *mut event_base) {
    // SAFETY: `run` holds the lock of a live base; a doomed one is ours alone by now.
    unsafe {
        forget_time(base);
        (*base).running = false;
        (*base).inbox.set_owner(0);
        base::release(base);
        if (*base).doomed {
            dispose(base);
        }
    }
}

unsafe fn turns(base: *mut event_base, flags: c_int) -> c_int {
    // SAFETY: `run` holds the lock of a live base.
    unsafe {
        loop {
            let ended = run_end_of_turn(base);
            (*base).attention &= !attention::RESCAN;
            (*base).deferred_count = 0;
            if (*base).exit || stopped(base) {
                return 0;
            }
            if flags & EVLOOP_NO_EXIT_ON_EMPTY == 0
                && !has_events(base)
                && (*base).end_of_turn.is_empty()
            {
                crate::debugx!("event_base_loop: no events registered.");
                return 1;
            }
            queue::promote_later(base);
            // Work of the turn's end stands for an event that was ready: ONCE is satisfied by it.
            let once = flags & EVLOOP_ONCE != 0 && ended;
            let flags = if once { flags | EVLOOP_NONBLOCK } else { flags };
            let mut timeout = time_to_sleep(base, flags);
            if watch::any_prepare(base) {
                watch::run_prepare(base, timeout);
                timeout = time_to_sleep(base, flags);
            }
            if poll(base, timeout).is_err() {
                crate::debugx!("event_base_loop: dispatch returned unsuccessfully.");
                return -1;
            }
            watch::run_check(base);
            timers::expire(base);
            signals::take(base);
            if (*base).active_count > 0 {
                let ran = run_active(base);
                if flags & EVLOOP_ONCE != 0 && (*base).active_count == 0 && ran {
                    return 0;
                }
            } else if flags & EVLOOP_NONBLOCK != 0 && (once || (*base).end_of_turn.is_empty()) {
                return 0;
            }
        }
    }
}

/// How long the wait may last.
#[inline]
unsafe fn time_to_sleep(base: *mut event_base, flags: c_int) -> Option<u64> {
    // SAFETY: `run` holds the lock of a live base.
    unsafe {
        if (*base).active_count > 0
            || flags & EVLOOP_NONBLOCK != 0
            || !(*base).end_of_turn.is_empty()
        {
            Some(0)
        } else {
            timers::time_left(base)
        }
    }
}

/// Asks the kernel, and makes active what it found.
unsafe fn poll(base: *mut event_base, timeout: Option<u64>) -> Result<()> {
    // SAFETY: `run` holds the lock of a live base; it is released only while the wait, which
    // borrows nothing of the base, sleeps.
    unsafe {
        while let Some((fd, errno)) = (*base).poller.flush() {
            crate::warn_errno!(errno, "could not change what is waited for on fd {fd}");
        }
        let mut timeout = timeout;
        let locked = (*base).lock.is_some();
        if locked && timeout != Some(0) {
            open_waker(base).inspect_err(|e| {
                crate::warn_errno!(Errno(e.errno()), "event_base_loop: no wake-up descriptor");
            })?;
        }
        let guarded = timeout != Some(0) && (locked || (*base).signals.is_some());
        if guarded && !((*base).waker.sleep() && (*base).inbox.sleep()) {
            timeout = Some(0);
        }
        let wait = (*base).poller.begin_wait(timeout).inspect_err(|_| rise(base))?;
        let result = if locked {
            (*base).waiting = guarded;
            base::release(base);
            let result = wait.wait();
            base::acquire(base);
            (*base).waiting = false;
            result
        } else {
            wait.wait()
        };
        if guarded {
            rise(base);
        }
        forget_time(base);
        match result {
            Ok(count) => (*base).poller.end_wait(count),
            Err(errno) => {
                (*base).poller.end_wait(0);
                if errno.0 != libc::EINTR {
                    crate::warn_errno!(errno, "{}_wait", base::method(base));
                    return Err(Error::Os(errno));
                }
            }
        }
        io::take_ready(base);
        Ok(())
    }
}

/// Takes back the announcement of sleep.
unsafe fn rise(base: *mut event_base) {
    // SAFETY: `run` holds the lock of a live base.
    unsafe {
        (*base).inbox.awake();
        (*base).waker.awake();
    }
}

/// Works off the active queues, highest priority first, until one of them had something to call:
/// then it is time to look for new events. Whether there was anything.
unsafe fn run_active(base: *mut event_base) -> bool {
    // SAFETY: `run` holds the lock of a live base; `queues` has `priorities` heads.
    unsafe {
        let end = (*base).max_interval.map(|interval| {
            forget_time(base);
            now(base).saturating_add(interval)
        });
        let mut ran = false;
        let mut priority = 0;
        while !ran && priority < (*base).priorities {
            let queue = (*base).queues.add(priority);
            if !(*queue).is_empty() {
                ran = true;
                (*base).running_priority = priority as c_int;
                if (priority as c_int) < (*base).limit_after {
                    run_queue(base, queue, c_int::MAX, None);
                } else {
                    run_queue(base, queue, (*base).max_callbacks, end);
                }
            }
            priority += 1;
        }
        (*base).running_priority = -1;
        ran
    }
}

/// Works off one queue, until it has called `max` callbacks, or it is `end`.
unsafe fn run_queue(base: *mut event_base, queue: *mut Queue, max: c_int, end: Option<u64>) {
    // How many may run before the limits are looked at: all, or one if the time is limited.
    let step = if end.is_none() { max } else { 1 };
    let (mut max, mut left) = (max, step);
    // SAFETY: `run` holds the lock of a live base. A callback that changes the number of
    // priorities, and with it the queues, asks for attention.
    unsafe {
        loop {
            let cb = (*queue).first();
            if cb.is_null() {
                break;
            }
            queue::take_first(base, queue, cb);
            run_one(base, cb);
            if (*base).attention != 0 && has_to_end(base) {
                break;
            }
            left -= 1;
            if left <= 0 {
                max -= step;
                if max <= 0 || end.is_some_and(|end| is_past(base, end)) {
                    break;
                }
                left = step;
            }
        }
        // Not after each: only without the lock could anybody see it, and then the next one runs.
        (*base).current = null_mut();
    }
}

/// Somebody asked for attention: whether the queue has to be left.
#[inline(never)]
unsafe fn has_to_end(base: *mut event_base) -> bool {
    // SAFETY: `run` holds the lock of a live base.
    unsafe {
        tell_waiters(base);
        (*base).attention & (attention::STOP | attention::RESCAN) != 0
    }
}

#[cold]
unsafe fn is_past(base: *mut event_base, end: u64) -> bool {
    // SAFETY: `run` holds the lock of a live base.
    unsafe {
        forget_time(base);
        now(base) >= end
    }
}

#[inline]
unsafe fn stopped(base: *const event_base) -> bool {
    // SAFETY: the callers hold the lock of a live base.
    unsafe { (*base).attention & attention::STOP != 0 }
}

/// Lets those go on who waited for the callback that has just ended.
unsafe fn tell_waiters(base: *mut event_base) {
    // SAFETY: `run` holds the lock of a live base.
    unsafe {
        if (*base).attention & attention::WAITERS != 0 {
            (*base).attention &= !attention::WAITERS;
            (*base).epoch = (*base).epoch.wrapping_add(1);
            (*base).finished.broadcast();
        }
    }
}

/// Runs a callback that was taken out of its queue.
#[inline(always)]
unsafe fn run_one(base: *mut event_base, cb: *mut event_callback) {
    // SAFETY: `run` holds the lock of a live base, and the callback is alive. What is
    // called gets copies: once it runs, the callback and its event may be gone.
    unsafe {
        let ev = cb.cast::<event>();
        let closure = (*cb).evcb_closure;
        (*base).current = cb;
        if closure == closure::PERSIST {
            let interval = (*ev).ev_.ev_io.ev_timeout;
            if interval.tv_sec != 0 || interval.tv_usec != 0 {
                timers::rearm(base, ev);
            }
            call(base, ev);
        } else if closure == closure::EVENT {
            if (*cb).evcb_flags & (TIMEOUT | INSERTED) != 0 || super::debug::enabled() {
                state::del_locked(base, ev);
            }
            call(base, ev);
        } else {
            run_other(base, cb);
        }
    }
}

/// [`run_one`] for the rarer kinds.
#[inline(never)]
unsafe fn run_other(base: *mut event_base, cb: *mut event_callback) {
    // SAFETY: as in `run_one`.
    unsafe {
        match (*cb).evcb_closure {
            closure::SIGNAL => {
                let ev = cb.cast::<event>();
                if (*ev).ev_events & EV_PERSIST == 0 {
                    // As it is not running yet, this leaves the number of its calls alone.
                    (*base).current = null_mut();
                    state::del_locked(base, ev);
                    (*base).current = cb;
                }
                call_repeatedly(base, ev);
            }
            closure::SELF => {
                let (f, arg) = ((*cb).evcb_cb_union.evcb_selfcb, (*cb).evcb_arg);
                base::release(base);
                if let Some(f) = f {
                    f(cb, arg);
                }
                base::acquire(base);
            }
            _ => {
                // Nobody has to wait for a finalizer.
                (*base).current = null_mut();
                base::release(base);
                finalize::run(cb);
                base::acquire(base);
            }
        }
    }
}

/// Calls an event's callback, without the lock.
#[inline(always)]
unsafe fn call(base: *mut event_base, ev: *mut event) {
    // SAFETY: as in `run_one`; events have a plain callback in the union.
    unsafe {
        if (*base).lock.is_some() {
            return call_unlocked(base, ev);
        }
        if let Some(f) = (*ev).ev_evcallback.evcb_cb_union.evcb_callback {
            f((*ev).ev_fd, (*ev).ev_res, (*ev).ev_evcallback.evcb_arg);
        }
    }
}

/// [`call`] where there is a lock. Apart, because its copies have to be kept over a call.
#[inline(never)]
unsafe fn call_unlocked(base: *mut event_base, ev: *mut event) {
    // SAFETY: as in `call`.
    unsafe {
        let f = (*ev).ev_evcallback.evcb_cb_union.evcb_callback;
        let (fd, res, arg) = ((*ev).ev_fd, (*ev).ev_res, (*ev).ev_evcallback.evcb_arg);
        base::release(base);
        if let Some(f) = f {
            f(fd, res, arg);
        }
        base::acquire(base);
    }
}

/// Calls a signal event's callback as often as the signal came, unless it is deleted meanwhile.
unsafe fn call_repeatedly(base: *mut event_base, ev: *mut event) {
    // SAFETY: as in `run_one`. While calls are left the event has not been deleted, hence not
    // freed: deleting it sets them to 0 (`state::stop_repeats`).
    unsafe {
        (*base).signal_calls = (*ev).ev_.ev_signal.ev_ncalls;
        while (*base).signal_calls > 0 {
            (*base).signal_calls -= 1;
            call(base, ev);
            if stopped(base) {
                break;
            }
        }
        (*base).signal_calls = 0;
    }
}

/// Runs what asked for the end of the turn; what it asks for again comes in the next. True if
/// there was anything.
unsafe fn run_end_of_turn(base: *mut event_base) -> bool {
    // SAFETY: `run` holds the lock of a live base, and callbacks in a queue are alive.
    unsafe {
        let mut left = 0_usize;
        let mut at = (*base).end_of_turn.first();
        while !at.is_null() {
            left += 1;
            at = (*at).evcb_active_next.tqe_next;
        }
        let any = left > 0;
        while left > 0 && !stopped(base) {
            left -= 1;
            let cb = (*base).end_of_turn.first();
            if cb.is_null() {
                break;
            }
            queue::unlink(&raw mut (*base).end_of_turn, cb);
            (*cb).evcb_flags &= !END_OF_TURN;
            let (f, arg) = ((*cb).evcb_cb_union.evcb_selfcb, (*cb).evcb_arg);
            (*base).current = cb;
            base::release(base);
            if let Some(f) = f {
                f(cb, arg);
            }
            base::acquire(base);
            (*base).current = null_mut();
            tell_waiters(base);
        }
        any
    }
}

/// `event_base_loopbreak`.
///
/// # Safety
/// `base` is alive.
pub unsafe fn loop_break(base: *mut event_base) {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = base::base_lock(base);
        (*base).attention |= attention::STOP;
        base::notify(base);
    }
}

/// `event_base_loopcontinue`.
///
/// # Safety
/// `base` is alive.
pub unsafe fn loop_continue(base: *mut event_base) {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = base::base_lock(base);
        (*base).attention |= attention::RESCAN;
        base::notify(base);
    }
}

/// `event_base_loopexit`: the loop ends after the pass in which the timeout expires.
///
/// # Safety
/// `base` is alive.
pub unsafe fn loop_exit(base: *mut event_base, timeout: Option<&libc::timeval>) -> Result<()> {
    // SAFETY: the caller keeps the base alive, and the base outlives its once events.
    unsafe {
        super::once::add(base, -1, super::flags::EV_TIMEOUT, Some(exit_now), base.cast(), timeout)
    }
}

unsafe extern "C" fn exit_now(_: c_int, _: libc::c_short, base: *mut core::ffi::c_void) {
    // SAFETY: the argument is the base whose loop calls this.
    unsafe { (*base.cast::<event_base>()).exit = true }
}

/// `event_base_got_exit`, `event_base_got_break`.
///
/// # Safety
/// `base` is alive.
pub unsafe fn got(base: *mut event_base) -> (bool, bool) {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = base::base_lock(base);
        ((*base).exit, stopped(base))
    }
}
