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
    /// What the kernel said of a descriptor, before an API makes its own events of it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Readiness: u8 {
        /// Readable.
        const READ = 1;
        /// Writable.
        const WRITE = 2;
        /// The peer has shut down its sending side.
        const CLOSED = 4;
        /// An error is pending on it.
        const ERROR = 8;
        /// Hung up: both directions are closed.
        const HANGUP = 16;
        /// It is no open descriptor (poll only).
        const INVALID = 32;
    }
}
