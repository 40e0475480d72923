//! The engine of both APIs.
//!
//! | file | what it keeps |
//! |---|---|
//! | [`poller`] | the interest table with its generations, and the backend under it |
//! | [`backend`] | one file for each way to ask the kernel: epoll, poll, select, … |
//! | [`timer`] | the timer queue |
//! | [`signal`] | the signal hub: who is told of which signal |
//! | [`wake`] | waking a sleeping loop from another thread or a signal handler |
//! | [`clock`] | nanoseconds and what C makes of them |
//!
//! # A turn, as `event` and `ev` build it
//!
//! 1. `while let Some((fd, errno)) = poller.flush() { … }`: what was deferred reaches the kernel.
//! 2. `let wait = poller.begin_wait(timeout)`; the lock, if there is one, is released.
//! 3. `let result = wait.wait()`: the only place that sleeps. It touches nothing but its array.
//! 4. lock again; `poller.end_wait(result)`; then `while let Some(ready) = poller.next_ready()`.
//! 5. `while let Some(key) = wheel.pop_due(nodes, now)`.
//! 6. signals: `inbox.take(|signum, count| …)`.
//! 7. run callbacks; no borrow of the reactor lives meanwhile.

pub mod backend;
pub mod clock;
pub mod poller;
pub mod signal;

pub mod timer;
pub mod wake;

use bitflags::bitflags;

bitflags! {
    /// What somebody waits for on a descriptor.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Interest: u8 {
        /// Readable.
        const READ = 1;
        /// Writable.
        const WRITE = 2;
        /// The peer has shut down its sending side.
        const CLOSED = 4;
        /// Told once for each change instead of as long as it lasts.
        const EDGE = 8;
    }
}

bitflags! {
    /// What the kernel said of a descriptor, before an API makes its own events of it. The bits are
    /// the kernel's own, of `poll` and of `epoll`, so that nothing is translated twice.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Readiness: u32 {
        /// Readable.
        const READ = libc::EPOLLIN as u32;
        /// Writable.
        const WRITE = libc::EPOLLOUT as u32;
        /// The peer has shut down its sending side.
        const CLOSED = libc::EPOLLRDHUP as u32;
        /// An error is pending on it.
        const ERROR = libc::EPOLLERR as u32;
        /// Hung up: both directions are closed.
        const HANGUP = libc::EPOLLHUP as u32;
        /// It is no open descriptor (poll only).
        const INVALID = libc::POLLNVAL as u32;
    }
}

impl Readiness {
    /// What `poll` says in `revents`.
    pub(crate) fn of_poll(revents: libc::c_short) -> Self {
        Self::from_bits_truncate(u32::from(revents.cast_unsigned()))
    }
}

const _: () = assert!(
    libc::POLLIN as u32 == Readiness::READ.bits()
        && libc::POLLOUT as u32 == Readiness::WRITE.bits()
        && libc::POLLRDHUP as u32 == Readiness::CLOSED.bits()
        && libc::POLLERR as u32 == Readiness::ERROR.bits()
        && libc::POLLHUP as u32 == Readiness::HANGUP.bits()
);
