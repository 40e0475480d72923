//! epoll: one system call for each change of interest, one for each wait.

use super::{Backend, Call, Interest, Readiness, Report, Wait};
use crate::error::{Error, Result};
use crate::mem::Vec;
use crate::sys::{Errno, epoll};
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
}

impl<A: Allocator> Epoll<A> {
    pub(super) fn new(alloc: A) -> Result<Self> {
        let epfd = epoll::create()?;
        Ok(Self { epfd, events: Vec::new_in(alloc), capacity: FIRST_CAPACITY, next: 0 })
    }
}

impl<A: Allocator> Drop for Epoll<A> {
    fn drop(&mut self) {
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

const _: () = assert!(
    Readiness::READ.bits() as c_int == libc::EPOLLIN
        && Readiness::WRITE.bits() as c_int == libc::EPOLLOUT >> 1
);

impl<A: Allocator> Backend for Epoll<A> {
    fn control(
        &mut self,
        fd: c_int,
        old: Interest,
        new: Interest,
        generation: u32,
    ) -> core::result::Result<(), Errno> {
        let ctl = |op| {
            let data = u64::from(generation) << 32 | u64::from(fd.cast_unsigned());
            epoll::control(self.epfd, op, fd, kernel_mask(new), data)
        };
        if new.is_empty() {
            return ctl(libc::EPOLL_CTL_DEL);
        }
        if !old.is_empty() {
            return ctl(libc::EPOLL_CTL_MOD);
        }
        match ctl(libc::EPOLL_CTL_ADD) {
            // The table thought it gone; it was closed and dupped back, say.
            Err(Errno(libc::EEXIST)) => ctl(libc::EPOLL_CTL_MOD),
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

    #[inline]
    fn report(&mut self) -> Option<Report> {
        let event = self.events.get(self.next)?;
        self.next += 1;
        let (events, data) = (event.events.cast_signed(), event.u64);
        // The two usual ones without a branch: IN is 1 on both sides, OUT is 4 and WRITE 2.
        let usual = events & libc::EPOLLIN | (events & libc::EPOLLOUT) >> 1;
        let mut readiness = Readiness::from_bits_retain(usual as u8);
        if events & !(libc::EPOLLIN | libc::EPOLLOUT) != 0 {
            if events & libc::EPOLLRDHUP != 0 {
                readiness |= Readiness::CLOSED;
            }
            if events & libc::EPOLLERR != 0 {
                readiness |= Readiness::ERROR;
            }
            if events & libc::EPOLLHUP != 0 {
                readiness |= Readiness::HANGUP;
            }
        }
        Some(Report {
            fd: (data as u32).cast_signed(),
            generation: Some((data >> 32) as u32),
            readiness,
        })
    }

    fn reset(&mut self) -> core::result::Result<(), Errno> {
        let epfd = epoll::create()?;
        crate::sys::eventfd::close(self.epfd);
        self.epfd = epfd;
        self.events.clear();
        Ok(())
    }

    fn fd(&self) -> Option<c_int> {
        Some(self.epfd)
    }
}
