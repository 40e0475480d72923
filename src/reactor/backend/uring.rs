//! io_uring: each descriptor that is waited for is a poll request in the ring; changes and the
//! wait are one system call together.
//!
//! Measured, it gains nothing over epoll for what a reactor does (readiness, then read and write
//! by the program), and is forbidden in many containers; so it is used only by those who ask. It
//! knows no edges.

use super::oneshot::{Slots, readiness};
use super::{Backend, Call, Interest, Report, Wait};
use crate::error::{Error, Result};
use crate::sys::Errno;
use crate::sys::uring::Ring;
use allocator_api2::alloc::Allocator;
use libc::c_int;

/// Submissions at a time; more take more than one system call.
const ENTRIES: u32 = 256;

#[derive(Debug)]
pub(in super::super) struct Uring<A: Allocator> {
    ring: Ring,
    slots: Slots<A>,
}

impl<A: Allocator + Clone> Uring<A> {
    pub(super) fn new(alloc: A) -> Result<Self> {
        Ok(Self { ring: Ring::new(ENTRIES)?, slots: Slots::new(alloc) })
    }
}

impl<A: Allocator> Uring<A> {
    /// Makes the requests that are missing.
    #[inline(never)]
    fn arm(&mut self) -> core::result::Result<(), Errno> {
        while let Some((fd, events, data)) = self.slots.next_to_arm() {
            self.ring.poll_add(fd, events, data)?;
        }
        Ok(())
    }
}

impl<A: Allocator> Backend for Uring<A> {
    fn control(
        &mut self,
        fd: c_int,
        _: Interest,
        new: Interest,
        _: u32,
    ) -> core::result::Result<(), Errno> {
        if self.slots.get(fd).armed {
            let data = self.slots.data(fd);
            self.ring.poll_remove(data)?;
        }
        if new.is_empty() && self.slots.get(fd).wanted.is_empty() {
            return Ok(());
        }
        self.slots.set(fd, new)
    }

    fn begin(&mut self, timeout: Option<u64>) -> Result<Wait> {
        self.arm().map_err(Error::Os)?;
        let call = Call::Uring { fd: self.ring.fd(), submit: self.ring.unsubmitted() };
        Ok(Wait { call, timeout })
    }

    fn end(&mut self, _: usize) {}

    fn report(&mut self) -> Option<Report> {
        while let Some((data, result)) = self.ring.completion() {
            if let Some(fd) = self.slots.answered(data) {
                let readiness = readiness(i64::from(result));
                return Some(Report { fd, generation: None, readiness });
            }
        }
        None
    }

    fn reset(&mut self) -> core::result::Result<(), Errno> {
        // As with epoll: the new one may get the old one's number.
        self.ring.close();
        self.ring = Ring::new(ENTRIES)?;
        self.slots.clear();
        Ok(())
    }

    fn fd(&self) -> Option<c_int> {
        Some(self.ring.fd())
    }

    fn settle(&mut self) {
        // What cannot be handed over now is handed over with the next wait.
        if self.arm().is_ok() && self.ring.unsubmitted() != 0 {
            let _ = self.ring.submit();
        }
    }
}
