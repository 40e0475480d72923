//! Walking over the events of a base, and printing them.

use super::base::real_lock;
use super::bits::{INIT, INSERTED, INTERNAL, LATER, QUEUED, TIMEOUT};
use super::event_base;
use super::flags::{EV_CLOSED, EV_ET, EV_PERSIST, EV_READ, EV_SIGNAL, EV_TIMEOUT, EV_WRITE};
use super::raw::event;
use super::{signals, timers};
use crate::sys::signal::NSIG;
use core::fmt::{self, Write};
use libc::{FILE, c_int, c_short};

/// Calls `visit` with every event: descriptors by number, signals by number, timers, common
/// timeouts, and what is only active. Ends with the first result that is not 0.
///
/// # Safety
/// `base` is alive; `visit` neither adds nor deletes events.
pub unsafe fn for_each(base: *mut event_base, mut visit: impl FnMut(*mut event) -> c_int) -> c_int {
    // SAFETY: the caller keeps the base alive; events stand in its tables only while alive.
    unsafe {
        let _guard = real_lock(base);
        for fd in 0..(*base).poller.fd_limit() {
            let mut ev = (*base).poller.head(fd);
            while !ev.is_null() {
                let r = visit(ev);
                if r != 0 {
                    return r;
                }
                ev = (*ev).ev_.ev_io.ev_io_next.le_next;
            }
        }
        for signum in 0..NSIG {
            let mut ev = signals::head(base, signum);
            while !ev.is_null() {
                let r = visit(ev);
                if r != 0 {
                    return r;
                }
                ev = (*ev).ev_.ev_signal.ev_signal_next.le_next;
            }
        }
        let lists = core::iter::once(None).chain((0..(*base).common.len()).map(Some));
        for list in lists {
            for key in 1..(*base).wheel.key_limit() {
                let Some(ev) = (*base).wheel.get(key) else { continue };
                let ev = ev.as_ptr();
                if (*ev).ev_evcallback.evcb_flags & INSERTED == 0 && timers::common_of(ev) == list {
                    let r = visit(ev);
                    if r != 0 {
                        return r;
                    }
                }
            }
        }
        let mut priority = 0;
        while priority < (*base).priorities {
            let mut cb = (*(*base).queues.add(priority)).first();
            while !cb.is_null() {
                if (*cb).evcb_flags & (INIT | INSERTED | TIMEOUT) == INIT {
                    let r = visit(cb.cast());
                    if r != 0 {
                        return r;
                    }
                }
                cb = (*cb).evcb_active_next.tqe_next;
            }
            priority += 1;
        }
        0
    }
}

/// A line for a C stream.
struct Line {
    bytes: [u8; 256],
    len: usize,
}

impl Write for Line {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let to = self.bytes.get_mut(self.len..self.len + s.len()).ok_or(fmt::Error)?;
        to.copy_from_slice(s.as_bytes());
        self.len += s.len();
        Ok(())
    }
}

unsafe fn print(out: *mut FILE, args: fmt::Arguments<'_>) {
    let mut line = Line { bytes: [0; 256], len: 0 };
    // Longest line: below 200 bytes.
    let _ = line.write_fmt(args);
    // SAFETY: `len` bytes of the array are initialised; the stream is the caller's.
    unsafe {
        libc::fwrite(line.bytes.as_ptr().cast(), 1, line.len, out);
    }
}

/// A word if any of the bits is set.
fn word(bits: c_short, mask: c_short, word: &'static str) -> &'static str {
    if bits & mask != 0 { word } else { "" }
}

/// `event_base_dump_events`.
///
/// # Safety
/// `base` is alive, `out` an open stream.
pub unsafe fn dump(base: *mut event_base, out: *mut FILE) {
    // SAFETY: the caller's contract; printing changes no events.
    unsafe {
        print(out, format_args!("Inserted events:\n"));
        for_each(base, |ev| {
            print_inserted(base, ev, out);
            0
        });
        print(out, format_args!("Active events:\n"));
        for_each(base, |ev| {
            print_active(ev, out);
            0
        });
    }
}

unsafe fn gloss(ev: *const event) -> &'static str {
    // SAFETY: as in `dump`.
    if unsafe { (*ev).ev_events } & EV_SIGNAL != 0 { "sig" } else { "fd " }
}

unsafe fn print_inserted(base: *mut event_base, ev: *mut event, out: *mut FILE) {
    // SAFETY: as in `dump`; the lock is held.
    unsafe {
        let flags = (*ev).ev_evcallback.evcb_flags;
        if flags & (INSERTED | TIMEOUT) == 0 {
            return;
        }
        let events = (*ev).ev_events;
        print(
            out,
            format_args!(
                "  {ev:p} [{} {}]{}{}{}{}{}{}{}",
                gloss(ev),
                (*ev).ev_fd,
                word(events, EV_READ, " Read"),
                word(events, EV_WRITE, " Write"),
                word(events, EV_CLOSED, " EOF"),
                word(events, EV_SIGNAL, " Signal"),
                word(events, EV_PERSIST, " Persist"),
                word(events, EV_ET, " ET"),
                word(flags, INTERNAL, " Internal"),
            ),
        );
        if flags & TIMEOUT != 0 {
            let tv = timers::wall_deadline(base, ev);
            print(out, format_args!(" Timeout={}.{:06}", tv.tv_sec, tv.tv_usec));
        }
        print(out, format_args!("\n"));
    }
}

unsafe fn print_active(ev: *mut event, out: *mut FILE) {
    // SAFETY: as in `dump`.
    unsafe {
        let flags = (*ev).ev_evcallback.evcb_flags;
        if flags & QUEUED == 0 {
            return;
        }
        let res = (*ev).ev_res;
        print(
            out,
            format_args!(
                "  {ev:p} [{} {}, priority={}]{}{}{}{}{} active{}{}\n",
                gloss(ev),
                (*ev).ev_fd,
                (*ev).ev_evcallback.evcb_pri,
                word(res, EV_READ, " Read"),
                word(res, EV_WRITE, " Write"),
                word(res, EV_CLOSED, " EOF"),
                word(res, EV_SIGNAL, " Signal"),
                word(res, EV_TIMEOUT, " Timeout"),
                word(flags, INTERNAL, " [Internal]"),
                word(flags, LATER, " [NextTime]"),
            ),
        );
    }
}
