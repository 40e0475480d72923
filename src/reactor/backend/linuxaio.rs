//! Linux AIO: each descriptor that is waited for is a poll request (Linux 4.19).
//!
//! A system call for each request and one for the wait: slower than epoll, and there for those who
//! ask for it. Files that cannot be polled are refused with `EPERM`, as epoll does. It knows no
//! edges.

use super::oneshot::{Slots, readiness};
use super::{Backend, Call, Interest, Report, Wait};
use crate::error::{Error, Result};
use crate::mem::{Box, Vec};
use crate::sys::Errno;
use crate::sys::aio::{self, Event, Request};
use allocator_api2::alloc::Allocator;
use libc::c_int;

/// Requests at a time at first; doubled when they do not suffice.
const REQUESTS: u32 = 128;
const MOST_REQUESTS: u32 = 1 << 20;
/// Completions taken in one wait.
const EVENTS: usize = 64;

#[derive(Debug)]
pub(in super::super) struct LinuxAio<A: Allocator + Clone> {
    context: u64,
    requests: u32,
    slots: Slots<A>,
    /// The request of each descriptor, which the kernel points to.
    blocks: Vec<Option<Box<Request, A>>, A>,
    events: Vec<Event, A>,
    next: usize,
    alloc: A,
}

impl<A: Allocator + Clone> LinuxAio<A> {
    pub(super) fn new(alloc: A) -> Result<Self> {
        let context = aio::setup(REQUESTS)?;
        let mut new = Self {
            context,
            requests: REQUESTS,
            slots: Slots::new(alloc.clone()),
            blocks: Vec::new_in(alloc.clone()),
            events: Vec::new_in(alloc.clone()),
            next: 0,
            alloc,
        };
        new.events.try_reserve_exact(EVENTS).map_err(|_| Error::NoMemory)?;
        new.probe()?;
        Ok(new)
    }

    /// Whether the kernel takes poll requests.
    fn probe(&mut self) -> Result<()> {
        let fd = crate::sys::eventfd::create()?;
        let result = self.request(fd, u32::from(libc::POLLOUT.cast_unsigned()), u64::MAX);
        let mut event = Event::default();
        if result.is_ok() {
            // SAFETY: one live local entry. An eventfd is writable, so this is over at once.
            let _ = unsafe { aio::wait(self.context, &raw mut event, 1, Some(0)) };
        }
        crate::sys::eventfd::close(fd);
        Ok(result?)
    }

    fn request(&mut self, fd: c_int, events: u32, data: u64) -> core::result::Result<(), Errno> {
        let index = usize::try_from(fd).map_err(|_| Errno(libc::EBADF))?;
        if index >= self.blocks.len() {
            let more = index + 1 - self.blocks.len();
            self.blocks.try_reserve(more).map_err(|_| Errno(libc::ENOMEM))?;
            self.blocks.resize_with(index + 1, || None);
        }
        let request = Request::poll(fd, events, data);
        let Some(place) = self.blocks.get_mut(index) else { return Ok(()) };
        let block = match place {
            Some(block) => {
                **block = request;
                block
            }
            None => {
                let new = Box::try_new_in(request, self.alloc.clone());
                place.insert(new.map_err(|_| Errno(libc::ENOMEM))?)
            }
        };
        // SAFETY: the block stays where it is until the context, with all its requests, is gone.
        unsafe { aio::submit(self.context, &raw mut **block) }
    }

    /// Makes one request, with a larger context if this one is full.
    fn arm_one(&mut self, fd: c_int, events: u32, data: u64) -> core::result::Result<(), Errno> {
        match self.request(fd, events, data) {
            Err(Errno(libc::EAGAIN)) if self.requests < MOST_REQUESTS => {
                let larger = aio::setup(self.requests * 2)?;
                aio::destroy(self.context);
                self.context = larger;
                self.requests *= 2;
                self.slots.lost();
                Ok(())
            }
            // No file that can be polled.
            Err(Errno(libc::EINVAL)) => Err(Errno(libc::EPERM)),
            result => result,
        }
    }

    fn arm(&mut self) -> core::result::Result<(), Errno> {
        while let Some((fd, events, data)) = self.slots.next_to_arm() {
            match self.arm_one(fd, events, data) {
                Ok(()) => {}
                // Closed meanwhile: nobody is told, as with epoll.
                Err(Errno(libc::EBADF | libc::EPERM)) => self.slots.disarm(fd),
                Err(errno) => {
                    self.slots.disarm(fd);
                    return Err(errno);
                }
            }
        }
        Ok(())
    }
}

impl<A: Allocator + Clone> Drop for LinuxAio<A> {
    fn drop(&mut self) {
        aio::destroy(self.context);
    }
}

impl<A: Allocator + Clone> Backend for LinuxAio<A> {
    fn control(
        &mut self,
        fd: c_int,
        _: Interest,
        new: Interest,
        _: u32,
    ) -> core::result::Result<(), Errno> {
        let before = self.slots.get(fd);
        if before.armed {
            let index = usize::try_from(fd).unwrap_or(usize::MAX);
            if let Some(Some(block)) = self.blocks.get_mut(index) {
                // SAFETY: an armed descriptor's request was submitted.
                unsafe { aio::cancel(self.context, &raw mut **block) };
            }
        }
        if new.is_empty() && before.wanted.is_empty() {
            return Ok(());
        }
        self.slots.set(fd, new)?;
        // At once, so that a refusal is the caller's to hear.
        while let Some((other, events, data)) = self.slots.next_to_arm() {
            if let Err(errno) = self.arm_one(other, events, data) {
                self.slots.disarm(other);
                if other == fd {
                    self.slots.set(fd, Interest::empty())?;
                    return Err(errno);
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, timeout: Option<u64>) -> Result<Wait> {
        self.arm().map_err(Error::Os)?;
        self.events.clear();
        let (context, events) = (self.context, self.events.as_mut_ptr());
        Ok(Wait { call: Call::LinuxAio { context, events, capacity: EVENTS }, timeout })
    }

    fn end(&mut self, count: usize) {
        // SAFETY: the kernel wrote `count` entries into the array that `begin` gave out, whose
        // capacity is EVENTS.
        unsafe { self.events.set_len(count.min(EVENTS)) };
        self.next = 0;
    }

    fn report(&mut self) -> Option<Report> {
        while let Some(event) = self.events.get(self.next).copied() {
            self.next += 1;
            if let Some(fd) = self.slots.answered(event.data) {
                return Some(Report { fd, generation: None, readiness: readiness(event.result) });
            }
        }
        None
    }

    fn reset(&mut self) -> core::result::Result<(), Errno> {
        // A fork does not inherit the context; destroying it then fails, and nothing is lost.
        let context = aio::setup(self.requests)?;
        aio::destroy(self.context);
        self.context = context;
        self.slots.clear();
        self.events.clear();
        Ok(())
    }
}
