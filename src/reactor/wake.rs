//! Waking a sleeping loop from another thread or from a signal handler.
//!
//! The descriptor is written only when the loop sleeps or is about to. The state word makes that
//! safe: whoever has work for the loop stores the work first and then says [`Waker::wake`]; the
//! loop says [`Waker::sleep`] before it looks at its work for the last time, and
//! [`Waker::awake`] before it takes the work.

use crate::sys::{Errno, eventfd};
use core::sync::atomic::{AtomicI32, AtomicU32, Ordering::SeqCst};
use libc::c_int;

const AWAKE: u32 = 0;
const SLEEPING: u32 = 1;
const NOTIFIED: u32 = 2;

/// The bell of one loop.
#[derive(Debug)]
pub struct Waker {
    state: AtomicU32,
    fd: AtomicI32,
}

impl Default for Waker {
    fn default() -> Self {
        Self::new()
    }
}

impl Waker {
    /// A waker without a descriptor: enough for a loop that never sleeps while others work.
    pub const fn new() -> Self {
        Self { state: AtomicU32::new(AWAKE), fd: AtomicI32::new(-1) }
    }

    /// The descriptor, if [`Self::open`] made one.
    #[inline]
    pub fn fd(&self) -> Option<c_int> {
        let fd = self.fd.load(SeqCst);
        (fd >= 0).then_some(fd)
    }

    /// Makes the descriptor, which the caller adds to its poller.
    pub fn open(&self) -> Result<c_int, Errno> {
        if let Some(fd) = self.fd() {
            return Ok(fd);
        }
        let fd = eventfd::create()?;
        self.fd.store(fd, SeqCst);
        Ok(fd)
    }

    /// Closes the descriptor.
    pub fn close(&self) {
        let fd = self.fd.swap(-1, SeqCst);
        if fd >= 0 {
            eventfd::close(fd);
        }
    }

    /// Announces that the loop will sleep. False when somebody called meanwhile: the loop must
    /// not block then.
    #[inline]
    pub fn sleep(&self) -> bool {
        self.state.compare_exchange(AWAKE, SLEEPING, SeqCst, SeqCst).is_ok()
    }

    /// The loop is up; what was stored before a [`Self::wake`] is visible to it now.
    #[inline]
    pub fn awake(&self) {
        self.state.swap(AWAKE, SeqCst);
    }

    /// Wakes the loop. Safe in a signal handler and from any thread; one system call when the loop
    /// sleeps, none otherwise.
    #[inline]
    pub fn wake(&self) {
        if let Some(fd) = self.claim() {
            eventfd::signal(fd);
        }
    }

    /// The first half of [`Self::wake`]: the descriptor that the caller now has to signal. Who
    /// holds a lock that the woken loop needs does so after releasing it.
    #[inline]
    #[must_use]
    pub fn claim(&self) -> Option<c_int> {
        if self.state.swap(NOTIFIED, SeqCst) == SLEEPING { self.fd() } else { None }
    }

    /// Whether a wake-up is on its way that the loop has not seen.
    pub fn is_notified(&self) -> bool {
        self.state.load(SeqCst) == NOTIFIED
    }
}

impl Drop for Waker {
    fn drop(&mut self) {
        self.close();
    }
}
