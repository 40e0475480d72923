//! poll: an array of descriptors, handed to the kernel whole with each wait.
//!
//! The array that is waited on is a copy, because another thread may change the interests
//! meanwhile. Edge triggering does not exist here; it is accepted and means level.

use super::{Backend, Call, Interest, Readiness, Report, Wait};
use crate::error::{Error, Result};
use crate::mem::{TryPush, Vec};
use crate::sys::Errno;
use allocator_api2::alloc::Allocator;
use libc::{c_int, c_short, pollfd};

#[derive(Debug)]
pub(in super::super) struct Poll<A: Allocator> {
    fds: Vec<pollfd, A>,
    /// Place in `fds` plus one, by descriptor.
    places: Vec<u32, A>,
    waited: Vec<pollfd, A>,
    next: usize,
}

impl<A: Allocator + Clone> Poll<A> {
    pub(super) fn new(alloc: A) -> Self {
        Self {
            fds: Vec::new_in(alloc.clone()),
            places: Vec::new_in(alloc.clone()),
            waited: Vec::new_in(alloc),
            next: 0,
        }
    }
}

fn kernel_mask(interest: Interest) -> c_short {
    let mut mask = 0;
    for (bit, events) in [
        (Interest::READ, libc::POLLIN),
        (Interest::WRITE, libc::POLLOUT),
        (Interest::CLOSED, libc::POLLRDHUP),
    ] {
        if interest.contains(bit) {
            mask |= events;
        }
    }
    mask
}

impl<A: Allocator> Backend for Poll<A> {
    fn control(
        &mut self,
        fd: c_int,
        _: Interest,
        new: Interest,
        _: u32,
    ) -> core::result::Result<(), Errno> {
        let index = usize::try_from(fd).map_err(|_| Errno(libc::EBADF))?;
        let place = self.places.get(index).copied().unwrap_or(0) as usize;
        if new.is_empty() {
            if place == 0 {
                return Ok(());
            }
            self.fds.swap_remove(place - 1);
            if let Some(slot) = self.places.get_mut(index) {
                *slot = 0;
            }
            let moved = self.fds.get(place - 1).and_then(|p| usize::try_from(p.fd).ok());
            if let Some(slot) = moved.and_then(|m| self.places.get_mut(m)) {
                *slot = place as u32;
            }
            return Ok(());
        }
        if let Some(entry) = place.checked_sub(1).and_then(|p| self.fds.get_mut(p)) {
            entry.events = kernel_mask(new);
            return Ok(());
        }
        if index >= self.places.len() {
            let more = index + 1 - self.places.len();
            self.places.try_reserve(more).map_err(|_| Errno(libc::ENOMEM))?;
            self.places.resize(index + 1, 0);
        }
        self.fds
            .try_push(pollfd { fd, events: kernel_mask(new), revents: 0 })
            .map_err(|_| Errno(libc::ENOMEM))?;
        if let Some(slot) = self.places.get_mut(index) {
            *slot = self.fds.len() as u32;
        }
        Ok(())
    }

    fn begin(&mut self, timeout: Option<u64>) -> Result<Wait> {
        self.waited.clear();
        self.waited.try_reserve(self.fds.len()).map_err(|_| Error::NoMemory)?;
        self.waited.extend_from_slice(&self.fds);
        let call = Call::Poll { fds: self.waited.as_mut_ptr(), count: self.waited.len() };
        Ok(Wait { call, timeout })
    }

    fn end(&mut self, count: usize) {
        self.next = 0;
        if count == 0 {
            self.waited.clear();
        }
    }

    fn report(&mut self) -> Option<Report> {
        let rest = self.waited.get(self.next..)?;
        let skip = rest.iter().position(|p| p.revents != 0)?;
        let found = rest.get(skip)?;
        self.next += skip + 1;
        let readiness = Readiness::of_poll(found.revents);
        Some(Report { fd: found.fd, generation: None, readiness })
    }

    fn reset(&mut self) -> core::result::Result<(), Errno> {
        self.fds.clear();
        self.places.clear();
        self.waited.clear();
        Ok(())
    }
}
