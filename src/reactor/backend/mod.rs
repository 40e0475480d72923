//! The ways to ask the kernel, behind one trait. Which one a poller uses is chosen here, once.

pub(super) mod epoll;
mod linuxaio;
mod oneshot;
mod poll;
mod select;
mod uring;

use super::{Interest, Readiness};
use crate::error::Result;
use crate::sys::Errno;
use allocator_api2::alloc::Allocator;
use libc::c_int;

/// A backend, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `epoll(7)`.
    Epoll,
    /// `poll(2)`.
    Poll,
    /// `select(2)`.
    Select,
    /// io_uring (only for those who ask).
    Uring,
    /// Linux AIO (only for those who ask).
    LinuxAio,
}

/// What one descriptor was found to be.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// The descriptor.
    pub fd: c_int,
    /// The generation it was registered with; `None` where the kernel cannot mix them up.
    pub generation: Option<u32>,
    /// What the kernel said.
    pub readiness: Readiness,
}

/// What every backend provides.
///
/// `control` changes what is waited for; `begin` gives a [`Wait`], which is waited on without the
/// backend (other threads may call `control` meanwhile); `end` takes its result; `report` gives
/// out what it found, one at a time.
pub(super) trait Backend {
    /// Changes the kernel's idea of `fd` from `old` to `new`; `generation` comes back in reports.
    /// `ENOENT` when `old` is not empty and the kernel knows nothing of it.
    fn control(
        &mut self,
        fd: c_int,
        old: Interest,
        new: Interest,
        generation: u32,
    ) -> core::result::Result<(), Errno>;
    /// Prepares a wait of at most `timeout` nanoseconds.
    fn begin(&mut self, timeout: Option<u64>) -> Result<Wait>;
    /// Takes the number of reports that the wait brought.
    fn end(&mut self, count: usize);
    /// The next report.
    fn report(&mut self) -> Option<Report>;
    /// Starts afresh with nothing registered (after a fork, or to lose ghosts).
    fn reset(&mut self) -> core::result::Result<(), Errno>;
    /// The descriptor that becomes readable when anything is ready, for backends that have one.
    fn fd(&self) -> Option<c_int> {
        None
    }
    /// Hands to the kernel what would else wait for the next `begin`, so that [`Self::fd`] tells of
    /// everything.
    fn settle(&mut self) {}
    /// Asks for waits that end as precisely as the kernel can, at a price.
    fn set_precise(&mut self) {}
}

/// One wait, ready to be made. It is a value: it borrows nothing, so that no lock has to be held.
/// The arrays it points to belong to the backend, which leaves them alone until `end`.
#[derive(Debug)]
pub struct Wait {
    pub(super) call: Call,
    pub(super) timeout: Option<u64>,
}

#[derive(Debug)]
pub(super) enum Call {
    Epoll { epfd: c_int, events: *mut libc::epoll_event, capacity: c_int },
    Poll { fds: *mut libc::pollfd, count: usize },
    Select { sets: *mut select::Sets, words: usize },
    Uring { fd: c_int, submit: u32 },
    LinuxAio { context: u64, events: *mut crate::sys::aio::Event, capacity: usize },
}

impl Wait {
    /// Sleeps until something is ready, the time is up or a signal comes (`EINTR`).
    pub fn wait(&self) -> core::result::Result<usize, Errno> {
        match self.call {
            Call::Epoll { epfd, events, capacity } => {
                // SAFETY: the backend keeps the array alive and alone until `end` (see `Wait`).
                unsafe { crate::sys::epoll::wait(epfd, events, capacity, self.timeout) }
            }
            Call::Poll { fds, count } => {
                // SAFETY: as above.
                unsafe { crate::sys::poll::poll(fds, count, self.timeout) }
            }
            Call::Select { sets, words } => {
                // SAFETY: as above.
                unsafe { select::wait(sets, words, self.timeout) }
            }
            Call::Uring { fd, submit } => {
                crate::sys::uring::enter(fd, submit, self.timeout).map(|()| 0)
            }
            Call::LinuxAio { context, events, capacity } => {
                // SAFETY: as above.
                unsafe { crate::sys::aio::wait(context, events, capacity, self.timeout) }
            }
        }
    }
}

/// The chosen backend.
#[derive(Debug)]
pub(super) enum Any<A: Allocator + Clone> {
    Epoll(epoll::Epoll<A>),
    Poll(poll::Poll<A>),
    Select(select::Select<A>),
    Uring(uring::Uring<A>),
    LinuxAio(linuxaio::LinuxAio<A>),
}

impl<A: Allocator + Clone> Any<A> {
    pub(super) fn new(kind: Kind, alloc: A) -> Result<Self> {
        Ok(match kind {
            Kind::Epoll => Self::Epoll(epoll::Epoll::new(alloc)?),
            Kind::Poll => Self::Poll(poll::Poll::new(alloc)),
            Kind::Select => Self::Select(select::Select::new(alloc)),
            Kind::Uring => Self::Uring(uring::Uring::new(alloc)?),
            Kind::LinuxAio => Self::LinuxAio(linuxaio::LinuxAio::new(alloc)?),
        })
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Epoll(_) => Kind::Epoll,
            Self::Poll(_) => Kind::Poll,
            Self::Select(_) => Kind::Select,
            Self::Uring(_) => Kind::Uring,
            Self::LinuxAio(_) => Kind::LinuxAio,
        }
    }
}

macro_rules! dispatch {
    ($self:ident, $b:ident => $call:expr) => {
        match $self {
            Any::Epoll($b) => $call,
            Any::Poll($b) => $call,
            Any::Select($b) => $call,
            Any::Uring($b) => $call,
            Any::LinuxAio($b) => $call,
        }
    };
}

impl<A: Allocator + Clone> Any<A> {
    #[cold]
    #[inline(never)]
    fn control_other(
        &mut self,
        fd: c_int,
        old: Interest,
        new: Interest,
        generation: u32,
    ) -> core::result::Result<(), Errno> {
        dispatch!(self, b => b.control(fd, old, new, generation))
    }
}

impl<A: Allocator + Clone> Backend for Any<A> {
    #[inline]
    fn control(
        &mut self,
        fd: c_int,
        old: Interest,
        new: Interest,
        generation: u32,
    ) -> core::result::Result<(), Errno> {
        // The busy one first, without the table of a `match`.
        if let Self::Epoll(b) = self {
            return b.control(fd, old, new, generation);
        }
        self.control_other(fd, old, new, generation)
    }
    #[inline]
    fn begin(&mut self, timeout: Option<u64>) -> Result<Wait> {
        dispatch!(self, b => b.begin(timeout))
    }
    #[inline]
    fn end(&mut self, count: usize) {
        dispatch!(self, b => b.end(count));
    }
    #[inline]
    fn report(&mut self) -> Option<Report> {
        dispatch!(self, b => b.report())
    }
    fn reset(&mut self) -> core::result::Result<(), Errno> {
        dispatch!(self, b => b.reset())
    }
    fn fd(&self) -> Option<c_int> {
        dispatch!(self, b => b.fd())
    }
    fn set_precise(&mut self) {
        dispatch!(self, b => b.set_precise());
    }
    fn settle(&mut self) {
        dispatch!(self, b => b.settle());
    }
}
