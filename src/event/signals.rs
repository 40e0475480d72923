//! Events on signals: for each signal a list, linked through `ev_signal_next`; the base's inbox in
//! the signal hub, or its signalfd, says what has come.

use super::base;
use super::config::USE_SIGNALFD;
use super::event_base;
use super::flags::EV_SIGNAL;
use super::raw::event;
use super::signalfd::SignalFds;
use super::state;
use crate::error::{Error, Result};
use crate::mem::{self, Box, Heap};
use crate::reactor::Interest;
use crate::reactor::poller::Poller;
use crate::reactor::signal::{Family, Registered, Restore};
use crate::sys::signal::NSIG;
use core::ptr::{NonNull, null_mut};
use libc::{c_int, c_short};

const COUNT: usize = NSIG as usize;

/// A base's signals; made with the first.
#[derive(Debug)]
pub(super) struct Signals {
    source: Source,
    heads: Box<[*mut event; COUNT]>,
}

/// Where a base hears of signals.
#[derive(Debug)]
enum Source {
    Handler(Registered),
    Descriptors(Box<SignalFds>),
}

impl Source {
    /// Makes what the base is configured for.
    ///
    /// # Safety
    /// `base` is alive and locked; its waker outlives the result.
    unsafe fn new(base: *mut event_base) -> Result<Self> {
        // SAFETY: the caller's contract; the waker is not null.
        unsafe {
            if (*base).flags & USE_SIGNALFD != 0 {
                return Ok(Self::Descriptors(mem::try_box(SignalFds::new())?));
            }
            base::open_waker(base)?;
            let waker = NonNull::new_unchecked(&raw mut (*base).waker);
            let inbox = Registered::new_in(waker, Family::Event, Restore::Previous, Heap)?;
            Ok(Self::Handler(inbox))
        }
    }

    fn watch(&mut self, poller: &mut Poller<event, Heap>, signum: c_int) -> Result<()> {
        match self {
            Self::Handler(inbox) => inbox.watch(signum),
            Self::Descriptors(fds) => {
                // A descriptor without an event: when it is ready the loop wakes up, and
                // `note_ready` is told.
                let fd = fds.watch(signum)?;
                let told = poller.widen(fd, null_mut(), Interest::READ);
                told.map(drop).inspect_err(|_| fds.unwatch(signum))
            }
        }
    }

    fn unwatch(&mut self, poller: &mut Poller<event, Heap>, signum: c_int) {
        match self {
            Self::Handler(inbox) => inbox.unwatch(signum),
            Self::Descriptors(fds) => {
                poller.narrow(fds.fd(signum), Interest::empty());
                fds.unwatch(signum);
            }
        }
    }

    /// Whether [`Self::take`] may find something.
    #[inline]
    fn has_mail(&self) -> bool {
        match self {
            Self::Handler(inbox) => inbox.has_mail(),
            Self::Descriptors(fds) => fds.is_ready(),
        }
    }

    fn take(&self, each: impl FnMut(c_int, u32)) {
        match self {
            Self::Handler(inbox) => inbox.take(each),
            Self::Descriptors(fds) => fds.take(each),
        }
    }
}

/// A descriptor is ready that has no event.
///
/// # Safety
/// `base` is alive and locked.
#[cold]
pub(super) unsafe fn note_ready(base: *mut event_base) {
    // SAFETY: the caller's contract; the borrow ends with the statement.
    if let Some(Signals { source: Source::Descriptors(fds), .. }) = unsafe { &(*base).signals } {
        fds.note_ready();
    }
}

fn index(signum: c_int) -> Option<usize> {
    usize::try_from(signum).ok().filter(|i| *i < COUNT)
}

/// The first event of a signal's list.
///
/// # Safety
/// `base` is alive and locked.
pub(super) unsafe fn head(base: *const event_base, signum: c_int) -> *mut event {
    // SAFETY: the caller's contract.
    let signals = unsafe { (*base).signals.as_ref() };
    let heads = signals.map(|s| &*s.heads);
    index(signum).zip(heads).and_then(|(i, heads)| heads.get(i).copied()).unwrap_or(null_mut())
}

unsafe fn set_head(base: *mut event_base, signum: c_int, ev: *mut event) {
    // SAFETY: the callers hold the lock of a live base; the borrow ends with the statement.
    let signals = unsafe { (*base).signals.as_mut() };
    if let (Some(i), Some(signals)) = (index(signum), signals)
        && let Some(head) = signals.heads.get_mut(i)
    {
        *head = ev;
    }
}

/// Puts an event into its signal's list; the first installs the handler.
///
/// # Safety
/// Both are alive, `base` is locked, the event is not inserted.
pub(super) unsafe fn add(base: *mut event_base, ev: *mut event) -> Result<()> {
    // SAFETY: the caller's contract; the waker is part of the base, which drops `signals` first
    // (`dispose`).
    unsafe {
        let signum = (*ev).ev_fd;
        if index(signum).is_none() {
            return Err(Error::Invalid);
        }
        if (*base).signals.is_none() {
            let heads = mem::try_box([null_mut(); COUNT])?;
            let source = Source::new(base)?;
            (*base).signals = Some(Signals { source, heads });
        }
        let first = head(base, signum);
        if first.is_null()
            && let Some(signals) = &mut (*base).signals
            && let Err(e) = signals.source.watch(&mut (*base).poller, signum)
        {
            if let Error::Os(errno) = e {
                crate::warn_errno!(errno, "sigaction");
            }
            return Err(e);
        }
        (*ev).ev_.ev_signal.ev_signal_next.le_next = first;
        (*ev).ev_.ev_signal.ev_signal_next.le_prev = null_mut();
        if !first.is_null() {
            (*first).ev_.ev_signal.ev_signal_next.le_prev = ev.cast();
        }
        set_head(base, signum, ev);
        Ok(())
    }
}

/// Takes an event out of its signal's list; the last restores the handler that was there before.
///
/// # Safety
/// Both are alive, `base` is locked, the event is inserted.
pub(super) unsafe fn del(base: *mut event_base, ev: *mut event) {
    // SAFETY: the caller's contract; neighbours in a list are alive.
    unsafe {
        let signum = (*ev).ev_fd;
        let links = (*ev).ev_.ev_signal.ev_signal_next;
        let prev = links.le_prev.cast::<event>();
        if !links.le_next.is_null() {
            (*links.le_next).ev_.ev_signal.ev_signal_next.le_prev = links.le_prev;
        }
        if prev.is_null() {
            set_head(base, signum, links.le_next);
        } else {
            (*prev).ev_.ev_signal.ev_signal_next.le_next = links.le_next;
        }
        if head(base, signum).is_null()
            && let Some(signals) = &mut (*base).signals
        {
            signals.source.unwatch(&mut (*base).poller, signum);
        }
    }
}

/// Makes the events of every signal that has come active.
///
/// # Safety
/// `base` is alive and locked.
#[inline]
pub(super) unsafe fn take(base: *mut event_base) {
    // SAFETY: the caller's contract. Activating takes nothing out of the table of signals, so
    // the borrow of the inbox is alone.
    unsafe {
        if let Some(signals) = &(*base).signals
            && signals.source.has_mail()
        {
            signals.source.take(|signum, count| {
                let count = c_short::try_from(count).unwrap_or(c_short::MAX);
                activate(base, signum, count);
            });
        }
    }
}

/// Makes a signal's events active, to be called `count` times each.
///
/// # Safety
/// `base` is alive and locked.
pub(super) unsafe fn activate(base: *mut event_base, signum: c_int, count: c_short) {
    // SAFETY: events stand in a list only while they are alive; activating calls nobody.
    unsafe {
        let mut at = head(base, signum);
        while !at.is_null() {
            let next = (*at).ev_.ev_signal.ev_signal_next.le_next;
            state::activate(base, at, EV_SIGNAL, count);
            at = next;
        }
    }
}

/// `event_base_active_by_signal`.
///
/// # Safety
/// `base` is alive.
pub unsafe fn active_by_signal(base: *mut event_base, signum: c_int) {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = base::base_lock(base);
        activate(base, signum, 1);
        base::notify(base);
    }
}
