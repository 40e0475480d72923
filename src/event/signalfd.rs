//! Signals that come through descriptors (`EVENT_BASE_FLAG_USE_SIGNALFD`).
//!
//! No handler is installed: a signal that has an event is blocked, in the thread that adds the
//! first, and read from a signalfd that the poller waits for. What other threads do with the signal
//! is up to their masks. When the last event goes, the signal is what it was before; one that has
//! come and has not been read is lost then, as it is with a handler, instead of hitting a process
//! that did not expect it any more.
//!
//! Each signal has a descriptor of its own, which is never changed: a child of a fork shares it with
//! its parent.

use crate::error::{Error, Result};
use crate::sys::signal::NSIG;
use crate::sys::{Errno, eventfd, signalfd};
use core::cell::Cell;
use libc::c_int;

/// A base's signalfds. Numbers of signals are 1 to NSIG-1 here.
#[derive(Debug)]
pub(super) struct SignalFds {
    one: [One; NSIG as usize],
    /// A descriptor was ready since [`SignalFds::take`] looked.
    ready: Cell<bool>,
}

#[derive(Clone, Copy, Debug)]
struct One {
    /// -1: the signal is not watched.
    fd: c_int,
    blocked_before: bool,
}

impl SignalFds {
    pub(super) const fn new() -> Self {
        let none = One { fd: -1, blocked_before: false };
        Self { one: [none; NSIG as usize], ready: Cell::new(false) }
    }

    /// Blocks a signal and makes its descriptor, which the caller adds to its poller.
    pub(super) fn watch(&mut self, signum: c_int) -> Result<c_int> {
        let Some(one) = self.one.get_mut(signum.unsigned_abs() as usize) else {
            return Err(Error::Invalid);
        };
        // The kernel takes the first two and never gives them; the others belong to the C library.
        if matches!(signum, libc::SIGKILL | libc::SIGSTOP | 32 | 33) {
            return Err(Error::Os(Errno(libc::EINVAL)));
        }
        let fd = signalfd::of(signum)?;
        *one = One { fd, blocked_before: signalfd::block(signum, true) };
        Ok(fd)
    }

    /// The descriptor of a watched signal, -1 without.
    pub(super) fn fd(&self, signum: c_int) -> c_int {
        self.one.get(signum.unsigned_abs() as usize).map_or(-1, |one| one.fd)
    }

    /// The counterpart of [`Self::watch`]; the poller has let go of the descriptor.
    pub(super) fn unwatch(&mut self, signum: c_int) {
        let Some(one) = self.one.get_mut(signum.unsigned_abs() as usize) else { return };
        eventfd::close(one.fd);
        one.fd = -1;
        if !one.blocked_before {
            signalfd::discard(signum);
            signalfd::block(signum, false);
        }
    }

    /// A descriptor is ready.
    pub(super) fn note_ready(&self) {
        self.ready.set(true);
    }

    /// Whether [`Self::take`] may find something.
    #[inline]
    pub(super) fn is_ready(&self) -> bool {
        self.ready.get()
    }

    /// Reads what has come: signal number and how often, in order of the numbers.
    pub(super) fn take(&self, mut each: impl FnMut(c_int, u32)) {
        self.ready.set(false);
        for (signum, one) in (0..NSIG).zip(&self.one) {
            let mut count = 0_u32;
            while one.fd >= 0 && signalfd::next(one.fd) != 0 {
                count = count.saturating_add(1);
            }
            if count != 0 {
                each(signum, count);
            }
        }
    }
}

impl Drop for SignalFds {
    fn drop(&mut self) {
        for signum in 1..NSIG {
            if self.fd(signum) >= 0 {
                self.unwatch(signum);
            }
        }
    }
}
