//! epoll: one system call for each change of interest, one for each wait.

use super::{Backend, Call, Interest, Readiness, Report, Wait};
use crate::error::{Error, Result};
use crate::mem::Vec;
use crate::sys::{Errno, epoll, timerfd};
use allocator_api2::alloc::Allocator;
use libc::{c_int, epoll_event};

/// Reports taken in one wait at first, and at most: the array doubles when it comes back full.
const FIRST_CAPACITY: usize = 32;
const MAX_CAPACITY: usize = 4096;
/// The kernel's own limit is a little above INT_MAX ms; an hour-long wait shows no difference,
/// and older kernels mistake very long ones for negative.
const LONGEST_WAIT: u64 = 35 * 60 * 1_000_000_000;

#[derive(Debug)]
pub(in super::super) struct Epoll<A: Allocator> {
    epfd: c_int,
    events: Vec<epoll_event, A>,
    capacity: usize,
    next: usize,
    precise: bool,
    /// With `precise`: ends the waits, as a wait by itself ends up to 50 µs late, so that the
    /// kernel may wake up for several at once. -1 until it is needed.
    timer: c_int,
    /// The timer is set.
    armed: bool,
}

/// What comes with reports of the timer: the descriptor -1, in which nobody is interested.
const TIMER: u64 = u64::MAX;

impl<A: Allocator> Epoll<A> {
    pub(super) fn new(alloc: A) -> Result<Self> {
        let epfd = epoll::create()?;
        Ok(Self {
            epfd,
            events: Vec::new_in(alloc),
            capacity: FIRST_CAPACITY,
            next: 0,
            precise: false,
            timer: -1,
            armed: false,
        })
    }

    /// Has the timer end the coming wait, and returns what the wait itself need not wait beyond.
    fn set_timer(&mut self, timeout: Option<u64>) -> Option<u64> {
        match timeout {
            Some(0) => return timeout,
            Some(ns) => {
                if self.timer < 0 && !self.make_timer() {
                    return timeout;
                }
                self.armed = timerfd::arm(self.timer, ns).is_ok();
                if !self.armed {
                    return timeout;
                }
            }
            None if self.armed => self.armed = timerfd::arm(self.timer, 0).is_err(),
            None => {}
        }
        None
    }

    #[cold]
    fn make_timer(&mut self) -> bool {
        let Ok(fd) = timerfd::create_monotonic() else { return false };
        // Each expiration is an edge of its own, so that nothing has to be read.
        let mask = kernel_mask(Interest::READ | Interest::EDGE);
        if epoll::control(self.epfd, libc::EPOLL_CTL_ADD, fd, mask, TIMER).is_err() {
            crate::sys::eventfd::close(fd);
            return false;
        }
        self.timer = fd;
        true
    }

    fn close_timer(&mut self) {
        if self.timer >= 0 {
            crate::sys::eventfd::close(self.timer);
        }
        self.timer = -1;
        self.armed = false;
    }
}

impl<A: Allocator> Epoll<A> {
    /// All reports that [`Backend::report`] has not given yet, for [`decode`]; they count as given.
    #[inline]
    pub(in super::super) fn take_reports(&mut self) -> (*const epoll_event, usize) {
        let left = self.events.get(self.next..).unwrap_or_default();
        self.next = self.events.len();
        (left.as_ptr(), left.len())
    }
}

/// A report of epoll.
pub(in super::super) struct Decoded {
    pub(in super::super) fd: c_int,
    pub(in super::super) generation: u32,
    pub(in super::super) readiness: Readiness,
}

/// Reads a report.
///
/// # Safety
/// `event` is readable.
#[inline(always)]
pub(in super::super) unsafe fn decode(event: *const epoll_event) -> Decoded {
    // SAFETY: the caller's contract.
    let (events, data) = unsafe { ((*event).events, (*event).u64) };
    Decoded {
        fd: (data as u32).cast_signed(),
        generation: (data >> 32) as u32,
        // Unknown ones hurt nobody: readers ask for those that they know.
        readiness: Readiness::from_bits_retain(events),
    }
}

impl<A: Allocator> Drop for Epoll<A> {
    fn drop(&mut self) {
        self.close_timer();
        crate::sys::eventfd::close(self.epfd);
    }
}

fn kernel_mask(interest: Interest) -> u32 {
    let mut mask = 0;
    for (bit, events) in [
        (Interest::READ, libc::EPOLLIN),
        (Interest::WRITE, libc::EPOLLOUT),
        (Interest::CLOSED, libc::EPOLLRDHUP),
        (Interest::EDGE, libc::EPOLLET),
    ] {
        if interest.contains(bit) {
            mask |= events;
        }
    }
    mask.cast_unsigned()
}

impl<A: Allocator> Backend for Epoll<A> {
    #[inline(always)]
    fn control(
        &mut self,
        fd: c_int,
        old: Interest,
        new: Interest,
        generation: u32,
    ) -> core::result::Result<(), Errno> {
        let op = if new.is_empty() {
            libc::EPOLL_CTL_DEL
        } else if old.is_empty() {
            libc::EPOLL_CTL_ADD
        } else {
            libc::EPOLL_CTL_MOD
        };
        let data = u64::from(generation) << 32 | u64::from(fd.cast_unsigned());
        let mask = kernel_mask(new);
        match epoll::control(self.epfd, op, fd, mask, data) {
            // The table thought it gone; it was closed and dupped back, say.
            Err(Errno(libc::EEXIST)) => {
                epoll::control(self.epfd, libc::EPOLL_CTL_MOD, fd, mask, data)
            }
            result => result,
        }
    }

    fn begin(&mut self, timeout: Option<u64>) -> Result<Wait> {
        if self.events.capacity() < self.capacity {
            self.events.clear();
            let grown = self.events.try_reserve_exact(self.capacity);
            if grown.is_err() && self.events.capacity() == 0 {
                return Err(Error::NoMemory);
            }
        }
        self.events.clear();
        let timeout = if self.precise { self.set_timer(timeout) } else { timeout };
        let call = Call::Epoll {
            epfd: self.epfd,
            events: self.events.as_mut_ptr(),
            capacity: self.events.capacity().min(MAX_CAPACITY) as c_int,
        };
        Ok(Wait { call, timeout: timeout.map(|t| t.min(LONGEST_WAIT)) })
    }

    fn end(&mut self, count: usize) {
        let count = count.min(self.events.capacity());
        // SAFETY: the kernel wrote `count` entries into the array that `begin` gave out, whose
        // capacity is not smaller.
        unsafe { self.events.set_len(count) };
        self.next = 0;
        if count == self.events.capacity() && count < MAX_CAPACITY {
            self.capacity = (count * 2).min(MAX_CAPACITY);
        }
    }

    fn report(&mut self) -> Option<Report> {
        let event = self.events.get(self.next)?;
        self.next += 1;
        // SAFETY: a reference is a valid pointer.
        let Decoded { fd, generation, readiness } = unsafe { decode(event) };
        Some(Report { fd, generation: Some(generation), readiness })
    }

    fn reset(&mut self) -> core::result::Result<(), Errno> {
        // The old ones go first: a process that has closed everything on its way into the background
        // gets the same numbers again, and would lose the new ones.
        self.close_timer();
        crate::sys::eventfd::close(self.epfd);
        self.epfd = -1;
        self.events.clear();
        self.epfd = epoll::create()?;
        Ok(())
    }

    fn set_precise(&mut self) {
        self.precise = true;
    }

    fn fd(&self) -> Option<c_int> {
        Some(self.epfd)
    }
}
