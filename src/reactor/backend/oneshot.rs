//! What io_uring and Linux AIO have in common: a request for a descriptor is answered once. As
//! long as the descriptor is waited for, a new one is made before the next wait; if it is still
//! ready, that is answered at once. So readiness is reported for as long as it lasts.

use super::{Interest, Readiness};
use crate::mem::{TryPush, Vec};
use crate::sys::Errno;
use allocator_api2::alloc::Allocator;
use libc::c_int;

/// What is known of a descriptor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// What is waited for.
    pub(super) wanted: Interest,
    /// Counts the requests, so that a late answer to an old one is recognised.
    serial: u32,
    /// The kernel has a request.
    pub(super) armed: bool,
    /// Stands in the list of those to be armed.
    listed: bool,
}

const EMPTY: Slot = Slot { wanted: Interest::empty(), serial: 0, armed: false, listed: false };

/// The descriptors.
#[derive(Debug)]
pub(super) struct Slots<A: Allocator> {
    slots: Vec<Slot, A>,
    /// Descriptors to be armed before the next wait.
    list: Vec<c_int, A>,
}

/// The events of poll(2) for these interests.
pub(super) fn poll_events(interest: Interest) -> u32 {
    let mut events = 0;
    for (bit, event) in [
        (Interest::READ, libc::POLLIN),
        (Interest::WRITE, libc::POLLOUT),
        (Interest::CLOSED, libc::POLLRDHUP),
    ] {
        if interest.contains(bit) {
            events |= event;
        }
    }
    u32::from(events.cast_unsigned())
}

/// What the events of poll(2) say; a negative number is an error.
pub(super) fn readiness(result: i64) -> Readiness {
    u32::try_from(result).map_or(Readiness::INVALID, Readiness::from_bits_truncate)
}

impl<A: Allocator + Clone> Slots<A> {
    pub(super) fn new(alloc: A) -> Self {
        Self { slots: Vec::new_in(alloc.clone()), list: Vec::new_in(alloc) }
    }
}

impl<A: Allocator> Slots<A> {
    fn slot_mut(&mut self, fd: c_int) -> Option<&mut Slot> {
        usize::try_from(fd).ok().and_then(|i| self.slots.get_mut(i))
    }

    pub(super) fn get(&self, fd: c_int) -> Slot {
        usize::try_from(fd).ok().and_then(|i| self.slots.get(i)).copied().unwrap_or(EMPTY)
    }

    /// Changes what is waited for, and lists the descriptor for arming. A request that the kernel
    /// has becomes an old one: the caller takes it back.
    pub(super) fn set(&mut self, fd: c_int, wanted: Interest) -> Result<(), Errno> {
        let index = usize::try_from(fd).map_err(|_| Errno(libc::EBADF))?;
        if index >= self.slots.len() {
            let len = (index + 1).next_multiple_of(32);
            let more = len - self.slots.len();
            self.slots.try_reserve(more).map_err(|_| Errno(libc::ENOMEM))?;
            // A descriptor stands in the list once at most.
            let room = len - self.list.len();
            self.list.try_reserve(room).map_err(|_| Errno(libc::ENOMEM))?;
            self.slots.resize(len, EMPTY);
        }
        if let Some(slot) = self.slot_mut(fd) {
            slot.wanted = wanted;
            slot.armed = false;
            slot.serial = slot.serial.wrapping_add(1);
        }
        self.enlist(fd);
        Ok(())
    }

    fn enlist(&mut self, fd: c_int) {
        let Some(slot) = self.slot_mut(fd) else { return };
        if !slot.listed && !slot.wanted.is_empty() {
            slot.listed = true;
            // Cannot fail: `set` has made room.
            let _ = self.list.try_push(fd);
        }
    }

    /// The next descriptor to be armed, what for, and what the request carries. It counts as
    /// armed from then on.
    #[inline(never)]
    pub(super) fn next_to_arm(&mut self) -> Option<(c_int, u32, u64)> {
        while let Some(fd) = self.list.pop() {
            let Some(slot) = self.slot_mut(fd) else { continue };
            slot.listed = false;
            if !slot.armed && !slot.wanted.is_empty() {
                slot.armed = true;
                slot.serial = slot.serial.wrapping_add(1);
                return Some((fd, poll_events(slot.wanted), data(fd, slot.serial)));
            }
        }
        None
    }

    /// What the request of an armed descriptor carries.
    pub(super) fn data(&self, fd: c_int) -> u64 {
        data(fd, self.get(fd).serial)
    }

    /// The kernel does not have the request after all.
    pub(super) fn disarm(&mut self, fd: c_int) {
        if let Some(slot) = self.slot_mut(fd) {
            slot.armed = false;
        }
    }

    /// The descriptor that an answer is for, which is to be armed again; `None` for an answer to
    /// an old request.
    pub(super) fn answered(&mut self, data: u64) -> Option<c_int> {
        let (fd, serial) = ((data as u32).cast_signed(), (data >> 32) as u32);
        let slot = self.slot_mut(fd)?;
        if !slot.armed || slot.serial != serial {
            return None;
        }
        slot.armed = false;
        self.enlist(fd);
        Some(fd)
    }

    /// All requests are gone; everything is to be armed again.
    pub(super) fn lost(&mut self) {
        for fd in 0..self.slots.len() {
            let Ok(fd) = c_int::try_from(fd) else { return };
            self.disarm(fd);
            self.enlist(fd);
        }
    }

    /// Nothing is waited for.
    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.list.clear();
    }
}

fn data(fd: c_int, serial: u32) -> u64 {
    u64::from(serial) << 32 | u64::from(fd.cast_unsigned())
}
