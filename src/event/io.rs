//! Events on descriptors: the list that hangs in each slot of the interest table.
//!
//! A list is linked through `ev_io_next`. New events stand first, as in the reference, so that
//! those of one descriptor become active in the same order as there. `le_prev` holds the address
//! of the previous event, null for the first, whose predecessor is the slot.

use super::base::notify;
use super::bits::IO;
use super::flags::{EV_CLOSED, EV_ET, EV_READ, EV_WRITE};
use super::raw::event;
use super::state;
use super::{event_base, queue};
use crate::error::{Error, Result};
use crate::reactor::backend::Kind;
use crate::reactor::poller::Ready;
use crate::reactor::{Interest, Readiness};
use crate::sys::Errno;
use core::ptr::null_mut;
use libc::{c_int, c_short};

/// What an event waits for, as the poller knows it.
#[inline]
fn interest(events: c_short) -> Interest {
    // The bits differ by a shift only: READ 2, WRITE 4 and CLOSED 0x80, ET 0x20.
    let low = (events & (EV_READ | EV_WRITE)) >> 1;
    let closed = (events & EV_CLOSED) >> 5;
    let edge = (events & EV_ET) >> 2;
    Interest::from_bits_truncate((low | closed | edge) as u8)
}

const _: () = assert!(
    Interest::READ.bits() == 1
        && Interest::WRITE.bits() == 2
        && Interest::CLOSED.bits() == 4
        && Interest::EDGE.bits() == 8
        && Readiness::READ.bits() << 1 == EV_READ as u32
        && Readiness::WRITE.bits() == EV_WRITE as u32
);

/// What was found, as an event knows it.
#[inline]
fn found(readiness: Readiness, epoll: bool) -> c_short {
    let usual = Readiness::READ | Readiness::WRITE;
    let bits = readiness.bits() as c_short;
    // IN is 1 and READ 2; OUT and WRITE are 4.
    let mut events = (bits << 1 & EV_READ) | bits & EV_WRITE;
    if !usual.contains(readiness) {
        if readiness.contains(Readiness::CLOSED) {
            events |= EV_CLOSED;
        }
        // Whoever waits for anything has to learn of an error or of the end, or would be asked
        // again for ever. A close that is reported as such is none.
        if readiness.intersects(Readiness::ERROR | Readiness::INVALID) {
            events |= EV_READ | EV_WRITE | EV_CLOSED;
        } else if readiness.contains(Readiness::HANGUP) {
            if !epoll {
                events |= EV_READ | EV_WRITE;
            } else if !readiness.contains(Readiness::CLOSED) {
                events |= EV_READ | EV_WRITE | EV_CLOSED;
            }
        }
    }
    events
}

/// What the events of a list wait for together. Edge-triggered only if all are: an event that
/// expects to be told as long as something is there must be.
unsafe fn wanted(head: *const event, enough: Interest) -> Interest {
    let mut all = Interest::empty();
    let mut edge = Interest::EDGE;
    let mut at = head;
    // SAFETY: events stand in a list only while they are alive.
    unsafe {
        while !at.is_null() {
            let one = interest((*at).ev_events);
            all |= one & !Interest::EDGE;
            edge &= one;
            if all == enough && edge.is_empty() {
                break;
            }
            at = (*at).ev_.ev_io.ev_io_next.le_next;
        }
    }
    all | edge
}

/// Puts an event into the list of its descriptor. When the kernel refuses, nothing has changed.
///
/// # Safety
/// Both are alive, `base` is locked, the event is not inserted.
#[inline(always)]
pub(super) unsafe fn add(base: *mut event_base, ev: *mut event) -> Result<()> {
    // SAFETY: the caller's contract; the event leaves the list before it dies.
    unsafe {
        let fd = (*ev).ev_fd;
        if fd < 0 {
            // Accepted: only its timer can ever fire.
            return Ok(());
        }
        let old = (*base).poller.wanted(fd);
        let own = interest((*ev).ev_events);
        let mut new = old | own;
        if !old.is_empty() && (old ^ own).contains(Interest::EDGE) {
            super::debug::warn_mixed_edges(fd)?;
            new -= Interest::EDGE;
        }
        // Asked even if another event waits for the same already: the number may have been closed
        // and reused since.
        let first = match (*base).poller.widen(fd, ev, new) {
            Ok(first) => first,
            Err(e) => {
                if let Error::Os(errno) = e {
                    let added = (*ev).ev_events & (IO | EV_ET);
                    warn_refused(errno, (*base).poller.kind(), fd, events_of(old), added);
                }
                return Err(e);
            }
        };
        if (*base).waiting && !(*base).poller.changes_reach_a_running_wait() {
            notify(base);
        }
        (*ev).ev_.ev_io.ev_io_next.le_next = first;
        (*ev).ev_.ev_io.ev_io_next.le_prev = null_mut();
        if !first.is_null() {
            (*first).ev_.ev_io.ev_io_next.le_prev = ev.cast();
        }
        Ok(())
    }
}

fn events_of(interest: Interest) -> c_short {
    let bits = c_short::from(interest.bits());
    (bits & 3) << 1 | (bits & 4) << 5
}

/// Tells the base that `fd` is a new open file: the kernel has just given the number out.
///
/// # Safety
/// `base` is alive.
#[inline]
pub unsafe fn renew(base: *mut event_base, fd: c_int) {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = super::base::base_lock(base);
        (*base).poller.renew(fd);
    }
}

/// Takes an event out of the list of its descriptor.
///
/// # Safety
/// Both are alive, `base` is locked, the event is inserted.
#[inline]
pub(super) unsafe fn del(base: *mut event_base, ev: *mut event) {
    // SAFETY: the caller's contract; neighbours in a list are alive.
    unsafe {
        let fd = (*ev).ev_fd;
        if fd < 0 {
            return;
        }
        let links = (*ev).ev_.ev_io.ev_io_next;
        let prev = links.le_prev.cast::<event>();
        if prev.is_null() && links.le_next.is_null() {
            (*base).poller.vacate(fd);
            if (*base).waiting && !(*base).poller.changes_reach_a_running_wait() {
                notify(base);
            }
            return;
        }
        if !links.le_next.is_null() {
            (*links.le_next).ev_.ev_io.ev_io_next.le_prev = links.le_prev;
        }
        if prev.is_null() {
            (*base).poller.set_head(fd, links.le_next);
        } else {
            (*prev).ev_.ev_io.ev_io_next.le_next = links.le_next;
        }
        let old = (*base).poller.wanted(fd);
        let left = wanted((*base).poller.head(fd), old & !Interest::EDGE);
        let left = if left == Interest::EDGE { Interest::empty() } else { left };
        if left != old {
            (*base).poller.narrow(fd, left);
            if (*base).waiting && !(*base).poller.changes_reach_a_running_wait() {
                notify(base);
            }
        }
    }
}

/// Makes the events of everything that the wait found active.
///
/// # Safety
/// `base` is alive and locked.
#[inline]
pub(super) unsafe fn take_ready(base: *mut event_base) {
    // SAFETY: the caller's contract.
    unsafe {
        // Events of descriptors stand in the queues first thing after the wait: no callback runs,
        // and counting them together is enough. Only who wants to read of each of them waits.
        let mut count = 0;
        let done = !crate::log::debug_enabled()
            && (*base).poller.each_of_epoll(|head, readiness| {
                let events = found(readiness, true) | EV_ET;
                let mut at = head;
                if at.is_null() {
                    super::signals::note_ready(base);
                }
                while !at.is_null() {
                    let next = (*at).ev_.ev_io.ev_io_next.le_next;
                    let res = (*at).ev_events & events & (IO | EV_ET);
                    if res & IO != 0 {
                        state::activate_uncounted(base, at, res, &mut count);
                    }
                    at = next;
                }
            });
        queue::count_activated(base, count);
        if !done {
            let epoll = (*base).poller.kind() == Kind::Epoll;
            while let Some(Ready { head, readiness, .. }) = (*base).poller.next_ready() {
                let events = found(readiness, epoll) | if epoll { EV_ET } else { 0 };
                if head.is_null() {
                    super::signals::note_ready(base);
                } else {
                    activate(base, head, events);
                }
            }
        }
    }
}

/// Makes those events of a list active that wait for any of `events`.
#[inline]
unsafe fn activate(base: *mut event_base, head: *mut event, events: c_short) {
    let mut at = head;
    // SAFETY: events stand in a list only while they are alive; activating calls nobody.
    unsafe {
        while !at.is_null() {
            let next = (*at).ev_.ev_io.ev_io_next.le_next;
            if (*at).ev_events & events & IO != 0 {
                state::activate(base, at, (*at).ev_events & events & (IO | EV_ET), 1);
            }
            at = next;
        }
    }
}

/// Logs that the kernel refused something, in the reference's words.
#[cold]
#[inline(never)]
fn warn_refused(errno: Errno, kind: Kind, fd: c_int, old: c_short, added: c_short) {
    if kind != Kind::Epoll {
        return;
    }
    let change = |bit| if added & bit != 0 { 1 | (added & EV_ET) } else { 0 };
    let word = |bit| if added & bit != 0 { "add" } else { "none" };
    let (op, name) = if old == 0 { (1, "ADD") } else { (3, "MOD") };
    crate::warn_errno!(
        errno,
        "Epoll {name}({op}) on fd {fd} failed. Old events were {old}; read change was {} ({}); \
         write change was {} ({}); close change was {} ({})",
        change(EV_READ),
        word(EV_READ),
        change(EV_WRITE),
        word(EV_WRITE),
        change(EV_CLOSED),
        word(EV_CLOSED)
    );
}

/// `event_base_active_by_fd`.
///
/// # Safety
/// `base` is alive.
pub unsafe fn active_by_fd(base: *mut event_base, fd: c_int, events: c_short) {
    use super::bits::TIMEOUT;
    use super::flags::EV_TIMEOUT;
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = super::base::base_lock(base);
        let head = (*base).poller.head(fd);
        // With EV_TIMEOUT it is about timeouts alone, as in the reference.
        if events & EV_TIMEOUT == 0 {
            activate(base, head, events & IO);
        } else {
            let mut at = head;
            while !at.is_null() {
                let next = (*at).ev_.ev_io.ev_io_next.le_next;
                if (*at).ev_evcallback.evcb_flags & TIMEOUT != 0 {
                    state::activate(base, at, EV_TIMEOUT, 1);
                }
                at = next;
            }
        }
    }
}
