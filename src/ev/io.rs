//! I/O watchers: any number for each descriptor, in a list that the poller's table holds.
//!
//! Starting and stopping only notes the change; the kernel learns of it before the next wait, so
//! that stop and start between two waits cost no system call.

use super::fault;
use super::flags::*;
use super::pending::Pending;
use super::raw::{Callback, ev_io, ev_loop};
use super::state::{Loop, interest, state};
use crate::error::Error;
use crate::mem::TryPush;
use crate::reactor::Readiness;
use crate::sys::Errno;
use core::ptr::null_mut;
use libc::c_int;

/// Starts an I/O watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn start(l: *mut ev_loop, w: *mut ev_io) {
    // SAFETY: loop and watcher are live (caller); no callback runs.
    unsafe {
        if (*w).active != 0 {
            return;
        }
        let (fd, events) = ((*w).fd, (*w).events);
        fault::rule(fd >= 0, c"ev_io_start called with negative fd");
        let legal = EV__IOFDSET | EV_READ | EV_WRITE;
        fault::rule(events & !legal == 0, c"ev_io_start called with illegal event mask");
        (*w).events = events & !EV__IOFDSET;
        let s = state(l);
        s.start(w.cast(), 1);
        s.ios += 1;
        let fresh = events & EV__IOFDSET != 0;
        match s.poller.attach(fd, w, interest(events), fresh) {
            Ok(next) => (*w).next = next.cast(),
            Err(Error::NoMemory) => fault::memory(Err(Error::NoMemory)),
            // A number so large that the table grows for it only if it is open, and it is not.
            Err(_) => {
                s.stop(w.cast());
                s.ios -= 1;
                s.pending.feed(w.cast(), EV_ERROR | EV_READ | EV_WRITE);
            }
        }
    }
}

/// Stops an I/O watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn stop(l: *mut ev_loop, w: *mut ev_io) {
    // SAFETY: as the caller says.
    unsafe { state(l).io_stop(w) }
}

impl Loop {
    /// Stops an I/O watcher.
    ///
    /// # Safety
    /// The watcher is live, and so are the others of its descriptor.
    unsafe fn io_stop(&mut self, w: *mut ev_io) {
        // SAFETY: active watchers are live (caller).
        unsafe {
            self.pending.clear(w.cast());
            if (*w).active == 0 {
                return;
            }
            let fd = (*w).fd;
            let known = fd >= 0 && fd < self.poller.fd_limit();
            fault::rule(known, c"ev_io_stop called with another fd than ev_io_start");
            self.stop(w.cast());
            self.ios = self.ios.saturating_sub(1);
            if self.poller.head(fd) == w && (*w).next.is_null() {
                self.poller.vacate(fd);
            } else {
                self.leave_others(w);
            }
        }
    }

    /// Takes a watcher out of the list of its descriptor, in which there are others.
    ///
    /// # Safety
    /// As [`Self::io_stop`].
    #[inline(never)]
    unsafe fn leave_others(&mut self, w: *mut ev_io) {
        // SAFETY: active watchers are live (caller).
        unsafe {
            let fd = (*w).fd;
            let mut rest = 0;
            let mut before: *mut ev_io = null_mut();
            let mut at = self.poller.head(fd);
            while !at.is_null() {
                let next = (*at).next.cast();
                if at == w {
                    if before.is_null() {
                        self.poller.set_head(fd, next);
                    } else {
                        (*before).next = next.cast();
                    }
                } else {
                    rest |= (*at).events;
                    before = at;
                }
                at = next;
            }
            // Cannot fail: the table has the descriptor.
            let _ = self.poller.defer(fd, interest(rest), false);
        }
    }

    /// Queues the watchers of a descriptor.
    ///
    /// # Safety
    /// Active watchers are live.
    pub(super) unsafe fn feed_fd(&mut self, fd: c_int, events: c_int) {
        // SAFETY: as the caller says.
        unsafe { io_queue(&mut self.pending, self.poller.head(fd), events) };
    }

    /// Stops all watchers of a descriptor and tells them that it is no good.
    ///
    /// # Safety
    /// Active watchers are live.
    #[cold]
    unsafe fn kill_fd(&mut self, fd: c_int) {
        loop {
            let w = self.poller.head(fd);
            if w.is_null() {
                return;
            }
            // SAFETY: active watchers are live (caller); each turn takes one out of the list.
            unsafe {
                self.io_stop(w);
                self.pending.feed(w.cast(), EV_ERROR | EV_READ | EV_WRITE);
            }
        }
    }

    /// Tells the kernel what has changed. A descriptor that it refuses is either always ready
    /// (epoll and regular files), or its watchers are stopped and told.
    ///
    /// # Safety
    /// Active watchers are live.
    #[inline]
    pub(super) unsafe fn flush(&mut self) {
        while let Some((fd, errno)) = self.poller.flush() {
            // SAFETY: active watchers are live (caller).
            unsafe { self.refused(fd, errno) };
        }
    }

    #[cold]
    unsafe fn refused(&mut self, fd: c_int, errno: Errno) {
        match errno.0 {
            libc::EPERM => {
                if !self.always.contains(&fd) {
                    fault::memory(self.always.try_push(fd));
                }
            }
            // SAFETY: active watchers are live (caller).
            _ => unsafe { self.kill_fd(fd) },
        }
    }

    /// Queues the watchers of all descriptors that the wait found ready.
    ///
    /// # Safety
    /// Active watchers are live.
    #[inline]
    pub(super) unsafe fn queue_ready(&mut self) {
        let pending = &mut self.pending;
        let done = self.poller.each_of_epoll(|head, readiness| {
            // SAFETY: active watchers are live (caller).
            unsafe { io_queue(pending, head, found(readiness)) };
        });
        while !done && let Some(ready) = self.poller.next_ready() {
            // SAFETY: active watchers are live (caller).
            unsafe {
                if ready.readiness.contains(Readiness::INVALID) {
                    self.kill_fd(ready.fd);
                } else {
                    io_queue(&mut self.pending, ready.head, found(ready.readiness));
                }
            }
        }
    }

    /// Queues the watchers of the descriptors that are always ready.
    ///
    /// # Safety
    /// Active watchers are live.
    #[cold]
    pub(super) unsafe fn queue_always(&mut self) {
        let mut n = 0;
        while let Some(&fd) = self.always.get(n) {
            // Stopped, or the number means something else by now that the kernel has taken.
            if self.poller.wanted(fd).is_empty() || self.poller.is_registered(fd) {
                self.always.swap_remove(n);
                continue;
            }
            // SAFETY: active watchers are live (caller).
            unsafe { self.feed_fd(fd, EV_READ | EV_WRITE) };
            n += 1;
        }
    }

    /// After a wait that failed with `EBADF`: finds the descriptors that are closed.
    ///
    /// # Safety
    /// Active watchers are live.
    #[cold]
    pub(super) unsafe fn kill_closed(&mut self) {
        for fd in 0..self.poller.fd_limit() {
            if !self.poller.wanted(fd).is_empty() && !crate::sys::is_open(fd) {
                // SAFETY: active watchers are live (caller).
                unsafe { self.kill_fd(fd) };
            }
        }
    }
}

/// Queues the watchers of a descriptor for those of these events that they wait for.
///
/// # Safety
/// Active watchers are live.
#[inline]
unsafe fn io_queue(pending: &mut Pending, head: *mut ev_io, events: c_int) {
    let mut w = head;
    while !w.is_null() {
        // SAFETY: active watchers are live (caller).
        unsafe {
            let seen = (*w).events & events;
            if seen != 0 {
                pending.feed(w.cast(), seen);
            }
            w = (*w).next.cast();
        }
    }
}

/// What was found, as a watcher knows it: an error is for everybody to see.
#[inline]
fn found(readiness: Readiness) -> c_int {
    if readiness.intersects(Readiness::ERROR.union(Readiness::HANGUP)) {
        return EV_READ | EV_WRITE;
    }
    // IN is READ; OUT is 4 and WRITE 2.
    let bits = readiness.bits().cast_signed();
    bits & EV_READ | bits >> 1 & EV_WRITE
}

const _: () = assert!(
    Readiness::READ.bits() as c_int == EV_READ && Readiness::WRITE.bits() as c_int >> 1 == EV_WRITE
);

/// Starts one of the loop's own watchers, which holds no reference.
///
/// # Safety
/// The loop is live and `w` is part of it.
pub(super) unsafe fn start_internal(
    l: *mut ev_loop,
    w: *mut ev_io,
    fd: c_int,
    priority: c_int,
    cb: unsafe extern "C" fn(*mut ev_loop, *mut ev_io, c_int),
) {
    let cb: Callback<ev_io> = Some(cb);
    let (active, pending, data, next) = (0, 0, null_mut(), null_mut());
    let events = EV_READ | EV__IOFDSET;
    // SAFETY: loop and watcher are live (caller).
    unsafe {
        w.write(ev_io { active, pending, priority, data, cb, next, fd, events });
        start(l, w);
        state(l).refs -= 1;
    }
}

/// Stops one of the loop's own watchers.
///
/// # Safety
/// The loop is live and `w` is part of it, started by [`start_internal`].
pub(super) unsafe fn stop_internal(l: *mut ev_loop, w: *mut ev_io) {
    // SAFETY: loop and watcher are live (caller).
    unsafe {
        state(l).refs += 1;
        state(l).io_stop(w);
    }
}
