//! A pass of the loop: what happens in which order.

use super::callback;
use super::clock;
use super::deadlines::Monotonic;
use super::flags::*;
use super::periodic;
use super::raw::{ev_loop, ev_tstamp};
use super::signals;
use super::state::{after_fork, internal, shared, state};
use crate::reactor::clock as ns;
use crate::sys::Errno;
use libc::c_int;

/// How long a loop with periodics sleeps at most when nobody tells it that the wall clock has been
/// set. An odd number, so that many loops do not wake up together.
const LONGEST_BLIND_SLEEP: u64 = 59_743_000_000;

/// Runs the loop until nothing keeps it running, somebody breaks out, or, with flags, for one pass.
/// Returns how many references are left.
///
/// # Safety
/// The loop is live and this is its thread; no borrow of it lives.
pub unsafe fn run(l: *mut ev_loop, flags: c_int) -> c_int {
    // SAFETY: the loop is live (caller) and stays so until `run` returns; each borrow of the state
    // ends before callbacks run.
    unsafe {
        let s = state(l);
        s.depth = s.depth.wrapping_add(1);
        s.done = EVBREAK_CANCEL;
        // What was queued outside or by an outer run goes first.
        run_callbacks(l);
        loop {
            notice_fork(l);
            if !state(l).forks.is_empty() && state(l).postfork {
                state(l).queue_all(EV_FORK, |s| &s.forks);
                run_callbacks(l);
            }
            if !state(l).prepares.is_empty() {
                state(l).queue_all(EV_PREPARE, |s| &s.prepares);
                run_callbacks(l);
            }
            if state(l).done != EVBREAK_CANCEL {
                break;
            }
            if state(l).postfork {
                after_fork(l);
            }
            state(l).flush();
            let timeout = plan(l, flags);
            let s = state(l);
            s.iteration = s.iteration.wrapping_add(1);
            wait(l, timeout);
            let s = state(l);
            if !s.timers.is_empty() {
                s.queue_timers();
            }
            periodic::queue(l);
            let s = state(l);
            s.queue_idles();
            if !s.checks.is_empty() {
                s.queue_all(EV_CHECK, |s| &s.checks);
            }
            run_callbacks(l);
            let s = state(l);
            let one_pass = flags & (EVRUN_ONCE | EVRUN_NOWAIT) != 0;
            if s.refs == 0 || s.done != EVBREAK_CANCEL || one_pass {
                break;
            }
        }
        let s = state(l);
        if s.done == EVBREAK_ONE {
            s.done = EVBREAK_CANCEL;
        }
        s.depth = s.depth.wrapping_sub(1);
        s.refs
    }
}

/// With FORKCHECK: whether this is another process by now.
#[inline]
unsafe fn notice_fork(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller); no callback runs.
    unsafe {
        let s = state(l);
        if s.pid != 0 {
            let now = libc::getpid();
            if now != s.pid {
                s.pid = now;
                s.postfork = true;
            }
        }
    }
}

/// Calls what is pending, or lets the program's own function do it.
///
/// # Safety
/// The loop is live; no borrow of it lives.
#[inline]
pub(super) unsafe fn run_callbacks(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller); the borrow ends before the callbacks.
    unsafe {
        match state(l).invoke_cb {
            Some(f) => callback::of_loop(Some(f), l),
            None => invoke_pending(l),
        }
    }
}

/// Calls what is pending.
///
/// # Safety
/// The loop is live; no borrow of it lives.
#[inline]
pub unsafe fn invoke_pending(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller), pending watchers are; the borrow ends before each
    // callback, and what it has queued is seen afterwards.
    unsafe {
        while let Some((w, revents)) = state(l).pending.take() {
            callback::invoke(l, w, revents);
        }
    }
}

/// How long this pass may sleep; makes the pause that an I/O collect interval asks for.
#[inline]
unsafe fn plan(l: *mut ev_loop, flags: c_int) -> Option<u64> {
    // SAFETY: the loop is live (caller); no borrow lives across `update`.
    unsafe {
        let before = state(l).clock.ns;
        clock::update(l);
        let s = state(l);
        if flags & EVRUN_NOWAIT != 0
            || s.idle_count != 0
            || s.refs == 0
            || !s.always.is_empty()
            || signals::has_mail(l)
        {
            return Some(0);
        }
        let s = state(l);
        let mut until = u64::MAX;
        if let Some(deadline) = s.timers.next_deadline(&Monotonic, s.clock.ns) {
            // Due is what lies before now, so sleep one more.
            until = deadline.saturating_add(1).saturating_sub(s.clock.ns);
        }
        let now = s.origin.deadline(s.clock.wall);
        if let Some(deadline) = s.periodics.next_deadline(&s.origin, now) {
            until = until.min(deadline.saturating_add(1).saturating_sub(now));
            if !s.timerfd.is_open() {
                until = until.min(LONGEST_BLIND_SLEEP);
            }
        }
        if until < s.timeout_interval {
            until = s.timeout_interval;
        }
        if s.io_interval != 0 {
            let spent = s.clock.ns.wrapping_sub(before);
            let pause = s.io_interval.saturating_sub(spent).min(until);
            if pause != 0 {
                sleep(ns::to_seconds(pause));
                until -= if until == u64::MAX { 0 } else { pause };
            }
        }
        if until == u64::MAX { None } else { Some(until) }
    }
}

/// Sleeps until something is ready, and queues it.
#[inline]
unsafe fn wait(l: *mut ev_loop, timeout: Option<u64>) {
    // SAFETY: the loop is live (caller); no borrow lives across the callbacks, and none across the
    // wait, which touches nothing but the backend's array.
    unsafe {
        let s = state(l);
        let (release, acquire) = (s.release_cb, s.acquire_cb);
        if timeout == Some(0) && s.ios == 0 {
            // Nothing can be ready.
            callback::of_loop(release, l);
            callback::of_loop(acquire, l);
            let waker = &shared(l).waker;
            if waker.is_notified() {
                waker.awake();
            }
        } else {
            let waker = &shared(l).waker;
            let reachable = waker.fd().is_some();
            let announced = reachable && timeout != Some(0);
            let may_sleep = !announced || waker.sleep() || {
                // Somebody has called meanwhile, but perhaps what for has been looked at already.
                waker.awake();
                !signals::has_mail(l) && waker.sleep()
            };
            let timeout = if may_sleep { timeout } else { Some(0) };
            let prepared = super::fault::memory(state(l).poller.begin_wait(timeout));
            callback::of_loop(release, l);
            let result = prepared.wait();
            callback::of_loop(acquire, l);
            if reachable && (announced || waker.is_notified()) {
                waker.awake();
            }
            match result {
                Ok(count) => {
                    let s = state(l);
                    s.poller.end_wait(count);
                    s.queue_ready();
                }
                Err(errno) => failed(l, errno),
            }
        }
        if !state(l).always.is_empty() {
            state(l).queue_always();
        }
        if signals::has_mail(l) {
            let mail = &raw mut (*internal(l)).mail;
            state(l).pending.feed(mail.cast(), EV_CUSTOM);
        }
        clock::update(l);
    }
}

/// The wait failed.
#[cold]
unsafe fn failed(l: *mut ev_loop, errno: Errno) {
    // SAFETY: the loop is live (caller); no borrow lives across `syserr`.
    unsafe {
        state(l).poller.end_wait(0);
        match errno.0 {
            libc::EINTR => {}
            // Only select tells of closed descriptors this way.
            libc::EBADF if state(l).backend == EVBACKEND_SELECT => state(l).kill_closed(),
            _ => {
                let text = match state(l).backend {
                    EVBACKEND_SELECT => c"(libev) select",
                    EVBACKEND_POLL => c"(libev) poll",
                    EVBACKEND_EPOLL => c"(libev) epoll_wait",
                    EVBACKEND_LINUXAIO => c"(libev) linuxaio io_getevents",
                    _ => c"(libev) iouring wait",
                };
                super::fault::syserr(text, errno);
            }
        }
    }
}

/// Sleeps for some seconds, unless a signal comes.
pub fn sleep(seconds: ev_tstamp) {
    if seconds > 0.0 {
        let time = crate::sys::clock::timespec(ns::from_seconds(seconds));
        // SAFETY: a live local is read.
        unsafe { libc::nanosleep(&raw const time, core::ptr::null_mut()) };
    }
}
