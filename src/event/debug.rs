//! Debug mode: knows every event that was assigned, and whether it is pending, and ends the
//! process when a program uses one that it should not.

use super::raw::event;
use crate::error::{Error, Result};
use crate::log::{self, ERR_ABORT, Severity};
use crate::mem::{Heap, Vec};
use crate::sys::mutex::Mutex;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use libc::{c_int, c_short};

static ENABLED: AtomicBool = AtomicBool::new(false);
static TOO_LATE: AtomicBool = AtomicBool::new(false);
static EVENTS: Mutex<Table> = Mutex::new(Table { slots: Vec::new_in(Heap), used: 0 });

/// Whether debug mode is on.
#[inline]
pub fn enabled() -> bool {
    ENABLED.load(Relaxed)
}

/// A base or an event exists: debug mode cannot be switched on any more.
#[inline]
pub(super) fn too_late() {
    if !TOO_LATE.load(Relaxed) {
        TOO_LATE.store(true, Relaxed);
        if enabled() {
            crate::thread::close_initialisation();
        }
    }
}

/// Whether a base or an event has existed.
pub fn is_too_late() -> bool {
    TOO_LATE.load(Relaxed)
}

/// `event_enable_debug_mode`.
pub fn enable() {
    if enabled() {
        log::errx(1, format_args!("event_enable_debug_mode was called twice!"));
    }
    if is_too_late() {
        log::errx(
            1,
            format_args!(
                "event_enable_debug_mode must be called *before* creating any events or event_bases"
            ),
        );
    }
    ENABLED.store(true, Relaxed);
    log::set_detour(log::detour::DEBUG_MODE, true);
}

/// `event_disable_debug_mode`, and part of `libevent_global_shutdown`.
pub fn disable() {
    ENABLED.store(false, Relaxed);
    log::set_detour(log::detour::DEBUG_MODE, false);
    TOO_LATE.store(false, Relaxed);
    crate::thread::reopen_initialisation();
    let mut events = EVENTS.lock();
    events.slots = Vec::new_in(Heap);
    events.used = 0;
}

/// The events, by address: open addressing with linear probing.
struct Table {
    slots: Vec<Slot>,
    used: usize,
}

#[derive(Clone, Copy)]
struct Slot {
    /// 0: free.
    event: usize,
    added: bool,
}

const FREE: Slot = Slot { event: 0, added: false };

impl Table {
    /// The slot of an event, or the free one where it would stand.
    fn find(&self, event: usize) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        // Fibonacci hashing: addresses differ in the middle bits.
        let mut i = (event as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) as usize >> 16 & mask;
        loop {
            let slot = self.slots.get(i)?;
            if slot.event == event || slot.event == 0 {
                return Some(i);
            }
            i = (i + 1) & mask;
        }
    }

    fn get(&self, event: usize) -> Option<bool> {
        let slot = self.slots.get(self.find(event)?)?;
        (slot.event != 0).then_some(slot.added)
    }

    fn set(&mut self, event: usize, added: bool) -> Result<()> {
        if self.get(event).is_none() {
            if (self.used + 1) * 2 > self.slots.len() {
                self.grow()?;
            }
            self.used += 1;
        }
        if let Some(slot) = self.find(event).and_then(|i| self.slots.get_mut(i)) {
            *slot = Slot { event, added };
        }
        Ok(())
    }

    fn grow(&mut self) -> Result<()> {
        let len = (self.slots.len() * 2).max(64);
        let mut slots = Vec::new_in(Heap);
        slots.try_reserve_exact(len).map_err(|_| Error::NoMemory)?;
        slots.resize(len, FREE);
        let old = core::mem::replace(&mut self.slots, slots);
        for slot in old.iter().filter(|s| s.event != 0) {
            if let Some(place) = self.find(slot.event).and_then(|i| self.slots.get_mut(i)) {
                *place = *slot;
            }
        }
        Ok(())
    }

    fn remove(&mut self, event: usize) {
        if self.get(event).is_none() {
            return;
        }
        let (Some(mut hole), mask) = (self.find(event), self.slots.len() - 1) else { return };
        self.used -= 1;
        // What follows in the same run moves up, so that probing never meets a gap too early.
        let mut i = hole;
        loop {
            if let Some(place) = self.slots.get_mut(hole) {
                *place = FREE;
            }
            loop {
                i = (i + 1) & mask;
                let Some(slot) = self.slots.get(i).copied() else { return };
                if slot.event == 0 {
                    return;
                }
                // With the hole free, the event finds its best place: the hole, or its own slot.
                if self.find(slot.event) == Some(hole) {
                    if let Some(place) = self.slots.get_mut(hole) {
                        *place = slot;
                    }
                    break;
                }
            }
            hole = i;
        }
    }
}

/// Ends the process over an event.
unsafe fn complain(ev: *const event, function: &str, what: &str) -> ! {
    // SAFETY: the callers were handed the event by the program.
    let (events, fd, flags) =
        unsafe { ((*ev).ev_events, (*ev).ev_fd, (*ev).ev_evcallback.evcb_flags) };
    log::message(
        Severity::Err,
        format_args!(
            "{function} {what} event {ev:p} (events: 0x{:x}, fd: {fd}, flags: 0x{:x})",
            c_int::from(events),
            c_int::from(flags)
        ),
    );
    log::fatal(ERR_ABORT)
}

/// Complains about the deletion of an event that was not assigned.
///
/// # Safety
/// `ev` is readable.
#[cold]
pub(super) unsafe fn check_del(ev: *const event) {
    if EVENTS.lock().get(ev.addr()).is_none() {
        // SAFETY: the caller's contract.
        unsafe { complain(ev, "event_debug_note_del_: noting", "a del on a non-setup") }
    }
}

/// Complains about an event that was not assigned, if debug mode is on.
///
/// # Safety
/// `ev` is readable.
#[inline]
pub unsafe fn check(ev: *const event) {
    if enabled() {
        // SAFETY: the caller's contract.
        unsafe { check_setup(ev) }
    }
}

/// Complains about an event that was not assigned.
///
/// # Safety
/// `ev` is readable.
#[cold]
unsafe fn check_setup(ev: *const event) {
    if EVENTS.lock().get(ev.addr()).is_none() {
        // SAFETY: the caller's contract.
        unsafe { complain(ev, "event_debug_assert_is_setup_", "called on a non-initialized") }
    }
}

/// Complains about the assignment of a pending event, or of one on a blocking descriptor.
///
/// # Safety
/// `ev` is writable memory.
#[cold]
pub(super) unsafe fn check_assign(ev: *const event, fd: c_int, events: c_short) {
    use super::flags::EV_SIGNAL;
    if events & EV_SIGNAL == 0 && fd >= 0 {
        // SAFETY: F_GETFL takes no pointer.
        let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
        if flags >= 0 && flags & libc::O_NONBLOCK == 0 {
            log::message(
                Severity::Err,
                format_args!(
                    "event.c:{}: Assertion flags & O_NONBLOCK failed in \
                     event_debug_assert_socket_nonblocking_",
                    line!()
                ),
            );
            log::fatal(ERR_ABORT)
        }
    }
    if EVENTS.lock().get(ev.addr()) == Some(true) {
        // SAFETY: an event that was added is readable.
        unsafe { complain(ev, "event_debug_assert_not_added_", "called on an already added") }
    }
}

/// An event was assigned.
#[inline]
pub(super) fn note_setup(ev: *const event) {
    too_late();
    if enabled() && EVENTS.lock().set(ev.addr(), false).is_err() {
        log::errx(1, format_args!("Out of memory in debugging code"));
    }
}

/// An event was added or deleted.
#[inline]
pub(super) fn note_added(ev: *const event, added: bool) {
    if enabled() {
        let _ = EVENTS.lock().set(ev.addr(), added);
    }
}

/// An event is gone (`event_debug_unassign`).
#[inline]
pub fn note_teardown(ev: *const event) {
    if enabled() {
        EVENTS.lock().remove(ev.addr());
    }
}

/// In debug mode, edge-triggered and other events on one descriptor are refused.
#[cold]
pub(super) fn warn_mixed_edges(fd: c_int) -> Result<()> {
    if !enabled() {
        return Ok(());
    }
    crate::warnx!("Tried to mix edge-triggered and non-edge-triggered events on fd {fd}");
    Err(Error::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_behaves_like_a_map() {
        let mut table = Table { slots: Vec::new_in(Heap), used: 0 };
        let mut model = std::collections::HashMap::new();
        let mut x = 1_u64;
        for _ in 0..20_000 {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let event = ((x >> 33) % 500 + 1) as usize * 128;
            if x >> 60 < 6 {
                table.remove(event);
                model.remove(&event);
            } else {
                table.set(event, x & 1 << 40 != 0).unwrap();
                model.insert(event, x & 1 << 40 != 0);
            }
            assert_eq!(table.used, model.len());
            assert_eq!(table.get(event), model.get(&event).copied());
        }
        for event in 1..=500 {
            assert_eq!(table.get(event * 128), model.get(&(event * 128)).copied());
        }
    }
}
