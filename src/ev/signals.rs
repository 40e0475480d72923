//! What reaches a loop from outside: signals, and asyncs from other threads.
//!
//! Both are noted in atomics, and the loop's waker is rung. After the wait the loop queues its
//! mail watcher, at the highest priority; when that is called, it queues the watchers of whatever
//! has come in. So these run in the pass that was woken, before others of their priority.

use super::fault;
use super::flags::*;
use super::io;
use super::raw::*;
use super::state::{Lazy, Loop, internal, shared, state};
use crate::mem::{Box, LoopHeap};
use crate::reactor::signal::{self, Family, Registered, Restore};
use crate::sys::signal::NSIG;
use crate::sys::signalfd;
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicI32, AtomicPtr, Ordering::SeqCst};
use libc::c_int;

/// Which loop watches each signal: only one may.
static OWNERS: [AtomicPtr<ev_loop>; NSIG as usize] =
    [const { AtomicPtr::new(null_mut()) }; NSIG as usize];

/// The signal watchers of a loop.
pub(super) struct Signals {
    inbox: Registered<LoopHeap>,
    heads: [*mut ev_signal; NSIG as usize],
}

fn index(signum: c_int) -> Option<usize> {
    usize::try_from(signum).ok().filter(|n| (1..NSIG as usize).contains(n))
}

/// Lets other threads and signal handlers wake the loop.
///
/// # Safety
/// The loop is live and this is its thread; no borrow of it lives.
pub(super) unsafe fn open_waker(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller); no borrow lives across `syserr`.
    unsafe {
        let waker = &shared(l).waker;
        if waker.fd().is_some() {
            return;
        }
        const TEXT: &core::ffi::CStr = c"(libev) error creating signal/async pipe";
        let fd = loop {
            match waker.open() {
                Ok(fd) => break fd,
                Err(errno) => fault::syserr(TEXT, errno),
            }
        };
        while let Err(error) = state(l).poller.set_waker(fd) {
            fault::syserr(TEXT, crate::sys::Errno(error.errno()));
        }
    }
}

/// Whether something has come in that the mail watcher has to look at.
///
/// # Safety
/// The loop is live.
#[inline]
pub(super) unsafe fn has_mail(l: *mut ev_loop) -> bool {
    // SAFETY: the loop is live (caller).
    unsafe {
        shared(l).async_pending.load(core::sync::atomic::Ordering::Relaxed)
            || state(l).signals.as_ref().is_some_and(|s| s.inbox.has_mail())
    }
}

/// The mail watcher's callback: queues the watchers of what has come in.
pub(super) unsafe extern "C" fn mail(l: *mut ev_loop, _: *mut ev_watcher, _: c_int) {
    // SAFETY: the loop calls this with itself; active watchers are live; no callback runs.
    unsafe {
        let mut arrived = 0_u64;
        if let Some(signals) = &state(l).signals {
            signals.inbox.take(|signum, _| arrived |= 1 << (signum - 1));
        }
        // Downwards, so that the lowest is called first.
        while arrived != 0 {
            let n = arrived.ilog2();
            arrived &= !(1 << n);
            state(l).feed_signal(n.cast_signed() + 1);
        }
        if shared(l).async_pending.swap(false, SeqCst) {
            let s = state(l);
            for n in (0..s.asyncs.len()).rev() {
                let Some(w) = s.asyncs.get(n) else { break };
                if sent(w.cast()).swap(0, SeqCst) != 0 {
                    s.pending.feed(w, EV_ASYNC);
                }
            }
        }
    }
}

/// `sent` of an async watcher, which other threads write.
///
/// # Safety
/// The watcher is live.
#[inline]
unsafe fn sent<'a>(w: *mut ev_async) -> &'a AtomicI32 {
    // SAFETY: the watcher is live (caller), and everybody writes the field through this.
    unsafe { AtomicI32::from_ptr(&raw mut (*w).sent) }
}

/// Starts an async watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn async_start(l: *mut ev_loop, w: *mut ev_async) {
    // SAFETY: loop and watcher are live (caller); no borrow lives across `open_waker`.
    unsafe {
        if (*w).active != 0 {
            return;
        }
        sent(w).store(0, SeqCst);
        open_waker(l);
        state(l).start_in(w.cast(), |s| &mut s.asyncs);
    }
}

/// Stops an async watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn async_stop(l: *mut ev_loop, w: *mut ev_async) {
    // SAFETY: as the caller says.
    unsafe { state(l).stop_in(w.cast(), |s| &mut s.asyncs) };
}

/// Wakes the loop for an async watcher. From any thread or signal handler; no system call when
/// the loop does not sleep.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn async_send(l: *mut ev_loop, w: *mut ev_async) {
    // SAFETY: loop and watcher are live (caller); only shared parts are touched.
    unsafe {
        sent(w).store(1, SeqCst);
        let shared = shared(l);
        if !shared.async_pending.swap(true, SeqCst) {
            shared.waker.wake();
        }
    }
}

/// Starts a signal watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn signal_start(l: *mut ev_loop, w: *mut ev_signal) {
    // SAFETY: loop and watcher are live (caller); borrows end before `open_waker`.
    unsafe {
        if (*w).active != 0 {
            return;
        }
        let signum = (*w).signum;
        let legal = index(signum);
        fault::rule(legal.is_some(), c"ev_signal_start called with illegal signal number");
        let Some(n) = legal else { return };
        if let Some(owner) = OWNERS.get(n) {
            let before = owner.compare_exchange(null_mut(), l, SeqCst, SeqCst);
            let ours = before.is_ok() || before == Err(l);
            fault::rule(ours, c"a signal must not be attached to two different loops");
        }
        if state(l).signals.is_none() {
            make(l);
        }
        if state(l).signalfd == Lazy::Wanted {
            make_signalfd(l);
        }
        let s = state(l);
        s.start(w.cast(), 1);
        let Some(head) = s.signals.as_mut().and_then(|s| s.heads.get_mut(n)) else { return };
        (*w).next = head.cast();
        let first = head.is_null();
        *head = w;
        if first {
            watch(l, signum);
        }
    }
}

/// Stops a signal watcher; the last of a signal restores its default action.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn signal_stop(l: *mut ev_loop, w: *mut ev_signal) {
    // SAFETY: loop and watcher are live (caller), so are other active watchers; no callback runs.
    unsafe {
        let s = state(l);
        s.pending.clear(w.cast());
        if (*w).active == 0 {
            return;
        }
        let n = index((*w).signum);
        let head = s.signals.as_mut().and_then(|s| s.heads.get_mut(n?));
        if let Some(head) = head {
            unlink(head, w);
            if head.is_null() {
                unwatch(l, (*w).signum);
            }
        }
        state(l).stop(w.cast());
    }
}

/// Takes a watcher out of a list.
///
/// # Safety
/// All watchers of the list are live.
unsafe fn unlink(head: &mut *mut ev_signal, w: *mut ev_signal) {
    // SAFETY: the watchers are live (caller).
    unsafe {
        if *head == w {
            *head = (*w).next.cast();
            return;
        }
        let mut at = *head;
        while !at.is_null() {
            if (*at).next.cast() == w {
                (*at).next = (*w).next;
                return;
            }
            at = (*at).next.cast();
        }
    }
}

unsafe fn make(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller); its waker stays where it is and outlives the inbox.
    unsafe {
        let waker = NonNull::from(&shared(l).waker);
        let inbox =
            fault::memory(Registered::new_in(waker, Family::Ev, Restore::Default, LoopHeap));
        let signals = Signals { inbox, heads: [null_mut(); NSIG as usize] };
        let boxed = Box::try_new_in(signals, LoopHeap).map_err(|_| crate::error::Error::NoMemory);
        state(l).signals = Some(fault::memory(boxed));
    }
}

/// Takes delivery of a signal.
unsafe fn watch(l: *mut ev_loop, signum: c_int) {
    // SAFETY: the loop is live (caller); borrows end before `open_waker`.
    unsafe {
        if let Lazy::Open(fd) = state(l).signalfd {
            let s = state(l);
            s.signalfd_set |= 1 << (signum - 1);
            signalfd::block(signum, true);
            let _ = signalfd::set(Some(fd), s.signalfd_set);
            return;
        }
        open_waker(l);
        let s = state(l);
        if let Some(signals) = &s.signals {
            // A signal that the kernel gives nobody simply never comes.
            let _ = signals.inbox.watch(signum);
        }
        if s.flags & EVFLAG_NOSIGMASK != 0 {
            signalfd::block(signum, false);
        }
    }
}

unsafe fn unwatch(l: *mut ev_loop, signum: c_int) {
    // SAFETY: the loop is live (caller); no callback runs.
    unsafe {
        let s = state(l);
        if let Lazy::Open(fd) = s.signalfd {
            s.signalfd_set &= !(1 << (signum - 1));
            let _ = signalfd::set(Some(fd), s.signalfd_set);
            signalfd::block(signum, false);
        } else if let Some(signals) = &s.signals {
            signals.inbox.unwatch(signum);
        }
        disown(l, signum);
    }
}

fn disown(l: *mut ev_loop, signum: c_int) {
    if let Some(owner) = index(signum).and_then(|n| OWNERS.get(n)) {
        let _ = owner.compare_exchange(l, null_mut(), SeqCst, SeqCst);
    }
}

unsafe fn make_signalfd(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller); no callback runs.
    unsafe {
        let Ok(fd) = signalfd::set(None, 0) else {
            state(l).signalfd = Lazy::Off;
            return;
        };
        state(l).signalfd = Lazy::Open(fd);
        let w = &raw mut (*internal(l)).signalfd;
        io::start_internal(l, w, fd, EV_MAXPRI, signalfd_ready);
    }
}

unsafe extern "C" fn signalfd_ready(l: *mut ev_loop, w: *mut ev_io, _: c_int) {
    // SAFETY: the loop calls this with itself and its own watcher; no callback runs.
    unsafe {
        loop {
            match signalfd::next((*w).fd) {
                0 => return,
                signum => state(l).feed_signal(signum),
            }
        }
    }
}

impl Loop {
    /// Queues the watchers of a signal.
    ///
    /// # Safety
    /// Active watchers are live.
    pub(super) unsafe fn feed_signal(&mut self, signum: c_int) {
        let Some(n) = index(signum) else { return };
        let mut w = self.signals.as_ref().and_then(|s| s.heads.get(n)).map_or(null_mut(), |h| *h);
        while !w.is_null() {
            // SAFETY: active watchers are live (caller).
            unsafe {
                self.pending.feed(w.cast(), EV_SIGNAL);
                w = (*w).next.cast();
            }
        }
    }

    /// The watchers of a signal, for checks and walks.
    pub(super) fn signal_head(&self, signum: c_int) -> *mut ev_signal {
        let heads = self.signals.as_ref().map(|s| &s.heads);
        heads.and_then(|h| h.get(index(signum)?)).map_or(null_mut(), |h| *h)
    }
}

/// Pretends that a signal came, to the loop that watches it. From any thread or signal handler.
pub fn feed(signum: c_int) {
    signal::feed(Family::Ev, signum);
}

/// Gives the loop's signals back, when it is destroyed. Dispositions of signals whose watchers
/// are still active become the default ones.
///
/// # Safety
/// The loop is live and this is its thread.
pub(super) unsafe fn forget(l: *mut ev_loop) {
    for signum in 1..NSIG {
        disown(l, signum);
    }
    // SAFETY: the loop is live (caller). Dropping the inbox waits for handlers that may see it.
    unsafe { state(l).signals = None };
}
