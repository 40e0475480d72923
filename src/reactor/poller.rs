//! The interest table and the backend under it.
//!
//! # What is told to the kernel, and when
//!
//! - [`Poller::widen`] asks at once, so that the caller learns whether the kernel refuses. A
//!   descriptor that the table holds for registered is asked for again all the same, with one
//!   call: it may have been closed and its number reused behind our back.
//! - [`Poller::narrow`] and [`Poller::defer`] are collected and reach the kernel in
//!   [`Poller::flush`], before the wait.
//! - A descriptor number that the library has just got from the kernel is a new open file
//!   ([`Poller::renew`]): it is registered without asking for the old one.
//! - A descriptor that nobody waits for any more is not told to the kernel at all: mostly it is
//!   closed next, or waited for again. Only if the kernel reports it is it taken out.
//!
//! # Ghosts
//!
//! A registration outlives the closing of its descriptor when a dup or a child still holds the
//! open file. The kernel then reports a number that means something else by now, or nothing.
//! Each registration carries a generation, so such a report is recognised; as nothing can take it
//! out singly, the kernel's set is made afresh.

use super::backend::{Any, Backend, Kind, Report, Wait, epoll};
use super::{Interest, Readiness};
use crate::error::{Error, Result};
use crate::mem::Vec;
use crate::sys::Errno;
use allocator_api2::alloc::Allocator;
use core::ptr::null_mut;
use libc::c_int;

/// Numbers below this are believed; the table does not grow for a larger one that is not open.
const TRUSTED_FD: usize = 1 << 16;

#[derive(Clone, Copy, Debug)]
struct Slot<T> {
    head: *mut T,
    generation: u32,
    /// What somebody waits for.
    wanted: Interest,
    /// What the kernel was told.
    kernel: Interest,
    /// Stands in the list of changes.
    changed: bool,
    /// Tell the kernel again even if nothing seems to differ.
    force: bool,
}

impl<T> Slot<T> {
    const EMPTY: Self = Self {
        head: null_mut(),
        generation: 0,
        wanted: Interest::empty(),
        kernel: Interest::empty(),
        changed: false,
        force: false,
    };
}

/// A descriptor that is ready.
#[derive(Debug)]
pub struct Ready<T> {
    /// The descriptor.
    pub fd: c_int,
    /// What its slot points to.
    pub head: *mut T,
    /// What the kernel said.
    pub readiness: Readiness,
}

/// The interest table: for each descriptor what is waited for, and a pointer of the owner's (the
/// first event or watcher of that descriptor).
#[derive(Debug)]
pub struct Poller<T, A: Allocator + Clone> {
    slots: Vec<Slot<T>, A>,
    changes: Vec<c_int, A>,
    backend: Any<A>,
    /// The waker's descriptor, which is nobody's event.
    waker: c_int,
    ghosts: bool,
}

impl<T, A: Allocator + Clone> Poller<T, A> {
    /// A poller on this backend.
    pub fn new_in(kind: Kind, alloc: A) -> Result<Self> {
        Ok(Self {
            slots: Vec::new_in(alloc.clone()),
            changes: Vec::new_in(alloc.clone()),
            backend: Any::new(kind, alloc)?,
            waker: -1,
            ghosts: false,
        })
    }

    /// Which backend it is.
    pub fn kind(&self) -> Kind {
        self.backend.kind()
    }

    /// The backend's own descriptor (readable when something is ready), if it has one.
    pub fn fd(&self) -> Option<c_int> {
        self.backend.fd()
    }

    /// One more than the largest descriptor that may have an entry.
    pub fn fd_limit(&self) -> c_int {
        c_int::try_from(self.slots.len()).unwrap_or(c_int::MAX)
    }

    /// Whether the wait may go on while another thread widens: true for epoll, whose set is the
    /// kernel's.
    pub fn changes_reach_a_running_wait(&self) -> bool {
        self.kind() == Kind::Epoll
    }

    // Negative numbers become such as no slot has, here and below.
    #[inline]
    fn slot(&self, fd: c_int) -> Option<&Slot<T>> {
        self.slots.get(fd as usize)
    }

    #[inline]
    fn slot_mut(&mut self, fd: c_int) -> Option<&mut Slot<T>> {
        self.slots.get_mut(fd as usize)
    }

    /// Makes room for this descriptor, so that [`Self::set_head`] and [`Self::defer`] cannot fail.
    #[inline]
    pub fn reserve(&mut self, fd: c_int) -> Result<()> {
        if (fd as usize) < self.slots.len() { Ok(()) } else { self.grow(fd) }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, fd: c_int) -> Result<()> {
        let index = usize::try_from(fd).map_err(|_| Errno(libc::EBADF))?;
        if index >= TRUSTED_FD && !crate::sys::is_open(fd) {
            return Err(Error::Os(Errno(libc::EBADF)));
        }
        let len = (index + 1).next_multiple_of(32);
        let more = len - self.slots.len();
        self.slots.try_reserve(more).map_err(|_| Error::NoMemory)?;
        // A descriptor stands in the list of changes once at most.
        let room = len - self.changes.len();
        self.changes.try_reserve(room).map_err(|_| Error::NoMemory)?;
        self.slots.resize_with(len, || Slot::EMPTY);
        Ok(())
    }

    /// The owner's pointer of this descriptor; null if it has none.
    #[inline]
    pub fn head(&self, fd: c_int) -> *mut T {
        self.slot(fd).map_or(null_mut(), |s| s.head)
    }

    /// Stores the owner's pointer; the descriptor must have been [reserved](Self::reserve).
    #[inline]
    pub fn set_head(&mut self, fd: c_int, head: *mut T) {
        if let Some(slot) = self.slot_mut(fd) {
            slot.head = head;
        }
    }

    /// Whether the kernel holds a registration of this descriptor, as far as the table knows.
    pub fn is_registered(&self, fd: c_int) -> bool {
        self.slot(fd).is_some_and(|s| !s.kernel.is_empty())
    }

    /// Whether something waits for [`Self::flush`].
    pub fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    /// What is waited for on this descriptor.
    #[inline]
    pub fn wanted(&self, fd: c_int) -> Interest {
        self.slot(fd).map_or(Interest::empty(), |s| s.wanted)
    }

    /// Waits for `wanted` from now on, and tells the kernel at once; the owner's pointer becomes
    /// `head`. Returns the pointer before. When the kernel refuses, nothing has changed.
    #[inline(always)]
    pub fn widen(&mut self, fd: c_int, head: *mut T, wanted: Interest) -> Result<*mut T> {
        self.reserve(fd)?;
        self.tell(fd, wanted)?;
        let Some(slot) = self.slot_mut(fd) else { return Ok(null_mut()) };
        slot.wanted = wanted;
        Ok(core::mem::replace(&mut slot.head, head))
    }

    /// Waits for less from now on; the kernel learns of it before the next wait.
    pub fn narrow(&mut self, fd: c_int, wanted: Interest) {
        let Some(slot) = self.slot_mut(fd) else { return };
        slot.wanted = wanted;
        if wanted.is_empty() {
            self.leave(fd);
        } else if !slot.changed && wanted != slot.kernel {
            slot.changed = true;
            self.note_change(fd);
        }
    }

    /// The last of the owner's waits for `fd` no more: [`Self::set_head`] to null and
    /// [`Self::narrow`] to nothing in one.
    #[inline]
    pub fn vacate(&mut self, fd: c_int) {
        if let Some(slot) = self.slot_mut(fd) {
            slot.head = null_mut();
            slot.wanted = Interest::empty();
            self.leave(fd);
        }
    }

    /// Nobody waits for `fd` any more. epoll keeps it until it reports it (see the module's
    /// page); the others are handed their whole set each time, so it has to leave that at once.
    #[inline]
    fn leave(&mut self, fd: c_int) {
        if !matches!(self.backend, Any::Epoll(_)) {
            self.leave_set(fd);
        }
    }

    #[cold]
    #[inline(never)]
    fn leave_set(&mut self, fd: c_int) {
        let _ = self.tell(fd, Interest::empty());
    }

    /// Waits for `wanted` from now on; the kernel learns of it in [`Self::flush`], which also
    /// reports its refusal. `force` tells it again even if nothing seems to have changed, for a
    /// descriptor number that may mean a new open file.
    pub fn defer(&mut self, fd: c_int, wanted: Interest, force: bool) -> Result<()> {
        self.change(fd, force, |slot| slot.wanted = wanted)
    }

    /// `fd` is a new open file, whatever the table holds of that number: its registration saves the
    /// call that would find out. (Backends other than epoll make no such calls.)
    #[inline]
    pub fn renew(&mut self, fd: c_int) {
        let epoll = self.kind() == Kind::Epoll;
        if let Some(slot) = self.slot_mut(fd) {
            slot.force |= epoll && !slot.kernel.is_empty();
        }
    }

    /// The owner's pointer becomes `head`, and `more` is waited for beside what is; `force` as in
    /// [`Self::defer`], and the kernel learns of it as there. Returns the pointer before.
    #[inline(always)]
    pub fn attach(
        &mut self,
        fd: c_int,
        head: *mut T,
        more: Interest,
        force: bool,
    ) -> Result<*mut T> {
        let mut before = null_mut();
        self.change(fd, force, |slot| {
            before = core::mem::replace(&mut slot.head, head);
            slot.wanted |= more;
        })?;
        Ok(before)
    }

    /// What [`Self::defer`] and [`Self::attach`] do, with `set` for the slot.
    #[inline(always)]
    fn change(&mut self, fd: c_int, force: bool, set: impl FnOnce(&mut Slot<T>)) -> Result<()> {
        self.reserve(fd)?;
        let Some(slot) = self.slot_mut(fd) else { return Ok(()) };
        set(slot);
        slot.force |= force;
        let wanted = slot.wanted;
        if wanted.is_empty() {
            self.leave(fd);
        } else if !slot.changed && (slot.force || wanted != slot.kernel) {
            slot.changed = true;
            self.note_change(fd);
        }
        Ok(())
    }

    #[inline]
    fn note_change(&mut self, fd: c_int) {
        let len = self.changes.len();
        // Always so: `reserve` keeps room for every descriptor of the table.
        if len < self.changes.capacity() {
            // SAFETY: there is room for one more, which becomes part of the vector only after it
            // is written.
            unsafe {
                self.changes.as_mut_ptr().add(len).write(fd);
                self.changes.set_len(len + 1);
            }
        }
    }

    /// Tells the kernel what is wanted of `fd`.
    #[inline(never)]
    fn tell(&mut self, fd: c_int, wanted: Interest) -> core::result::Result<(), Errno> {
        let Self { slots, backend, .. } = self;
        let Some(slot) = slots.get_mut(fd as usize) else { return Ok(()) };
        // A number that may mean another open file is registered as new at first: mostly the old
        // registration went with the old file.
        let force = slot.force && !wanted.is_empty();
        let old = if force { Interest::empty() } else { slot.kernel };
        // A fresh registration, or one that turns out to be fresh, gets a number of its own, so
        // that whatever the kernel still holds under the old one is recognised as a ghost.
        let mut generation = slot.generation;
        let fresh = generation.wrapping_add(1);
        let mut result = Err(Errno(libc::ENOENT));
        if !old.is_empty() {
            result = backend.control(fd, old, wanted, generation);
        }
        if result == Err(Errno(libc::ENOENT)) && !wanted.is_empty() {
            generation = fresh;
            result = backend.control(fd, Interest::empty(), wanted, generation);
        }
        match result {
            Ok(()) => {
                slot.kernel = wanted;
                slot.generation = generation;
                slot.force = false;
            }
            // Closed, and with it the registration; or a kind of file that is never registered.
            Err(Errno(libc::EBADF | libc::ENOENT | libc::EPERM)) => {
                slot.kernel = Interest::empty();
            }
            Err(_) => {}
        }
        result
    }

    /// Tells the kernel what was deferred. Returns the first descriptor that it refuses, with the
    /// reason; the rest is told by calling again. `None` when all is told.
    pub fn flush(&mut self) -> Option<(c_int, Errno)> {
        if self.ghosts && self.rebuild().is_ok() {
            self.ghosts = false;
        }
        while let Some(fd) = self.changes.pop() {
            let Some(slot) = self.slot_mut(fd) else { continue };
            slot.changed = false;
            let (wanted, kernel, force) = (slot.wanted, slot.kernel, slot.force);
            if wanted.is_empty() || (wanted == kernel && !force) {
                continue;
            }
            if let Err(errno) = self.tell(fd, wanted) {
                return Some((fd, errno));
            }
        }
        None
    }

    /// After the last wait and [`Self::flush`]: what [`Self::fd`] says then, it says of everything.
    pub fn settle(&mut self) {
        self.backend.settle();
    }

    /// Asks for waits that end as precisely as the kernel can, at the price of a system call.
    pub fn set_precise(&mut self) {
        self.backend.set_precise();
    }

    /// Prepares a wait of at most `timeout` nanoseconds (`None`: for ever).
    pub fn begin_wait(&mut self, timeout: Option<u64>) -> Result<Wait> {
        self.backend.begin(timeout)
    }

    /// Takes the result of the wait.
    pub fn end_wait(&mut self, count: usize) {
        self.backend.end(count);
    }

    /// Calls `each` with the head of every descriptor that is ready and that somebody waits for, and
    /// with what the kernel said; `each` must leave the poller alone. False, and nothing done, if
    /// the backend is not epoll: then [`Self::next_ready`] tells.
    ///
    /// epoll is the busy one, and this becomes part of its callers' loops.
    #[inline(always)]
    pub fn each_of_epoll(&mut self, mut each: impl FnMut(*mut T, Readiness)) -> bool {
        let Any::Epoll(epoll) = &mut self.backend else { return false };
        let (mut at, count) = epoll.take_reports();
        // SAFETY: `take_reports` gave an array of so many, which stays as it is until the next
        // wait is prepared.
        let end = unsafe { at.add(count) };
        while at != end {
            // SAFETY: as above, and before its end.
            let report = unsafe { epoll::decode(at) };
            // SAFETY: as above.
            at = unsafe { at.add(1) };
            if let Some(slot) = self.slots.get(report.fd as usize)
                && slot.generation == report.generation
                && !slot.wanted.is_empty()
            {
                each(slot.head, report.readiness);
            } else {
                self.take_unwanted(report.fd, Some(report.generation));
            }
        }
        true
    }

    /// The next descriptor that is ready and that somebody waits for.
    pub fn next_ready(&mut self) -> Option<Ready<T>> {
        while let Some(Report { fd, generation, readiness }) = self.backend.report() {
            if let Some(slot) = self.slots.get(fd as usize)
                && generation.map_or(fd != self.waker, |g| g == slot.generation)
                && !slot.wanted.is_empty()
            {
                return Some(Ready { fd, head: slot.head, readiness });
            }
            self.take_unwanted(fd, generation);
        }
        None
    }

    /// A report that concerns nobody's event.
    #[cold]
    #[inline(never)]
    fn take_unwanted(&mut self, fd: c_int, generation: Option<u32>) {
        if fd == self.waker {
            self.drain_waker();
        } else if let Some(slot) = self.slot(fd) {
            if generation.is_some_and(|g| g != slot.generation) {
                self.ghosts = true;
            } else {
                self.forget(fd);
            }
        }
    }

    /// Takes out a descriptor that nobody waits for and that the kernel reports all the same.
    fn forget(&mut self, fd: c_int) {
        let Some(slot) = self.slot_mut(fd) else { return };
        let (old, generation) = (slot.kernel, slot.generation);
        slot.kernel = Interest::empty();
        if self.backend.control(fd, old, Interest::empty(), generation).is_err() {
            self.ghosts = true;
        }
    }

    /// Makes the kernel's set afresh, after a fork or to lose ghosts; everything that is waited
    /// for is told to it in the next [`Self::flush`].
    pub fn rebuild(&mut self) -> core::result::Result<(), Errno> {
        self.backend.reset()?;
        self.changes.clear();
        for fd in 0..self.fd_limit() {
            let Some(slot) = self.slot_mut(fd) else { continue };
            slot.kernel = Interest::empty();
            slot.changed = !slot.wanted.is_empty();
            slot.generation = slot.generation.wrapping_add(1);
            if slot.changed {
                self.note_change(fd);
            }
        }
        if self.waker >= 0 {
            let fd = self.waker;
            self.waker = -1;
            return self.set_waker(fd).map_err(|e| Errno(e.errno()));
        }
        Ok(())
    }

    /// Also wakes up for this descriptor (of a [`super::wake::Waker`]), without reporting it.
    /// -1: no longer.
    pub fn set_waker(&mut self, fd: c_int) -> Result<()> {
        let wanted = Interest::READ | Interest::EDGE;
        if self.waker >= 0 {
            // The old one may be closed already.
            let _ = self.backend.control(self.waker, wanted, Interest::empty(), 0);
            self.waker = -1;
        }
        if fd >= 0 {
            self.backend.control(fd, Interest::empty(), wanted, 0)?;
            self.waker = fd;
        }
        Ok(())
    }

    /// The waker is no longer there. The kernel is not told, as its set may be shared with the
    /// parent of a fork, which would never be woken again; [`Self::rebuild`] leaves the set behind.
    pub fn forget_waker(&mut self) {
        self.waker = -1;
    }

    /// With epoll each write to the waker is an edge of its own and nothing has to be read.
    fn drain_waker(&self) {
        if self.kind() != Kind::Epoll {
            crate::sys::eventfd::drain(self.waker);
        }
    }
}
