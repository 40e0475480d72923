//! Requests that are out with a server: the table of their numbers, the queue of their deadlines, and
//! what is tried when no answer comes, or none that helps.

use super::base::{evdns_base, from_arg, lock};
use super::request::{Target, evdns_request, finish};
use super::server::{self, Sent, Server};
use super::{tcp, types};
use crate::error::{Error, Result};
use crate::event;
use crate::mem;
use crate::util;
use core::ffi::c_void;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_int, c_short, timeval};

/// Makes the table fit for so many requests in flight.
pub(super) fn size_table(table: &mut mem::Vec<*mut evdns_request>, inflight: usize) -> Result<()> {
    let rows = inflight.clamp(16, 4096).next_power_of_two();
    table.try_reserve_exact(rows.saturating_sub(table.len())).map_err(|_| Error::NoMemory)?;
    table.resize(rows, null_mut());
    Ok(())
}

/// Makes the table of a living resolver fit.
///
/// # Safety
/// `b` is alive and locked.
pub(super) unsafe fn resize_table(b: *mut evdns_base, inflight: usize) -> Result<()> {
    let mut new = mem::Vec::new_in(mem::Heap);
    size_table(&mut new, inflight)?;
    // SAFETY: by contract; all requests in flight go into the new table.
    unsafe {
        (*b).table = new;
        let mut r = (*b).inflight.first;
        while !r.is_null() {
            enter_table(b, r);
            r = (*r).next;
        }
    }
    Ok(())
}

/// The row of a number; there always is one, because the size is a power of two.
unsafe fn row(b: *mut evdns_base, id: u16) -> Option<*mut *mut evdns_request> {
    // SAFETY: alive and locked by contract of the callers.
    let table = unsafe { &mut (*b).table };
    let mask = table.len().checked_sub(1)?;
    table.get_mut(usize::from(id) & mask).map(core::ptr::from_mut)
}

/// Puts a request into the table.
///
/// # Safety
/// Both are alive, the resolver locked.
pub(super) unsafe fn enter_table(b: *mut evdns_base, r: *mut evdns_request) {
    // SAFETY: alive and locked by contract of the callers.
    unsafe {
        if let Some(row) = row(b, (*r).id) {
            (*r).chain = *row;
            *row = r;
        }
    }
}

/// Takes a request out of the table.
///
/// # Safety
/// As [`enter_table`].
pub(super) unsafe fn leave_table(b: *mut evdns_base, r: *mut evdns_request) {
    // SAFETY: alive and locked by contract of the callers; the links lead to living requests.
    unsafe {
        let Some(mut at) = row(b, (*r).id) else { return };
        while !(*at).is_null() {
            if *at == r {
                *at = (*r).chain;
                return;
            }
            at = addr_of_mut!((**at).chain);
        }
    }
}

/// The request in flight with this number.
///
/// # Safety
/// `b` is alive and locked.
pub(super) unsafe fn find(b: *mut evdns_base, id: u16) -> Option<*mut evdns_request> {
    // SAFETY: by contract.
    unsafe {
        let mut r = *row(b, id)?;
        while !r.is_null() {
            if (*r).id == id {
                return Some(r);
            }
            r = (*r).chain;
        }
    }
    None
}

/// A number that no request in flight has and nobody can guess.
///
/// # Safety
/// `b` is alive and locked.
pub(super) unsafe fn pick_id(b: *mut evdns_base) -> u16 {
    loop {
        let mut bytes = [0; 2];
        util::random::secure_rng_bytes(&mut bytes);
        let id = u16::from_ne_bytes(bytes);
        // SAFETY: alive and locked by contract of the caller. At most 65000 are in flight.
        if id != u16::MAX && unsafe { find(b, id) }.is_none() {
            return id;
        }
    }
}

/// Sends the query of a request in flight, and gives it a new deadline.
///
/// # Safety
/// `r` is in flight, and the resolver locked.
pub(super) unsafe fn transmit(r: *mut evdns_request) {
    // SAFETY: alive and locked by contract of the callers.
    unsafe {
        let b = (*r).base;
        let packet = (*r).packet.get(..(*r).len).unwrap_or_default();
        let mut timeout = (*b).options.timeout;
        if (*r).tcp {
            (*r).tx_count = (*r).tx_count.saturating_add(1);
            (*r).unsent = false;
            if tcp::send((*r).server, packet).is_err() {
                // The next attempt is due at once, but not from in here.
                tcp::close((*r).server);
                timeout = 0;
            }
        } else {
            match server::send((*r).server, packet) {
                Sent::Out => {
                    (*r).tx_count = (*r).tx_count.saturating_add(1);
                    (*r).unsent = false;
                }
                Sent::Later => (*r).unsent = true,
            }
        }
        let now = event::cached_monotonic_ns((*b).event_base);
        let deadline = now.saturating_add(timeout.saturating_mul(1000));
        (*r).deadline = deadline;
        if (*b).inflight.last != r || !is_in_order(r) {
            (*b).inflight.remove(r);
            let mut at = (*b).inflight.last;
            // Only after the timeout was made shorter does this go far.
            while !at.is_null() && (*at).deadline > deadline {
                at = (*at).prev;
            }
            (*b).inflight.insert_after(at, r);
        }
        arm(b, now);
    }
}

unsafe fn is_in_order(r: *mut evdns_request) -> bool {
    // SAFETY: alive and queued by contract of the caller.
    unsafe { (*r).prev.is_null() || (*(*r).prev).deadline <= (*r).deadline }
}

/// Sets the timer to the nearest deadline. One that is set to an earlier time stays: it will see
/// that there is nothing to do yet.
///
/// # Safety
/// `b` is alive and locked.
#[inline(never)]
pub(super) unsafe fn arm(b: *mut evdns_base, now: u64) {
    // SAFETY: alive and locked by contract of the callers.
    unsafe {
        let first = (*b).inflight.first;
        let timer = addr_of_mut!((*b).timer);
        if first.is_null() {
            if core::mem::take(&mut (*b).timer_at) != 0 {
                let _ = event::del_noblock(timer);
            }
            return;
        }
        let at = (*first).deadline;
        if (*b).timer_at == 0 || at < (*b).timer_at {
            // Rounded up: too early would be for nothing.
            let micros = at.saturating_sub(now).div_ceil(1000);
            let tv = timeval {
                tv_sec: (micros / 1_000_000).cast_signed(),
                tv_usec: (micros % 1_000_000).cast_signed(),
            };
            (*b).timer_at = at;
            if event::add(timer, Some(&tv)).is_err() {
                super::log::warning!("Error from libevent when adding timer for request");
            }
        }
    }
}

/// The timer's callback.
///
/// # Safety
/// `arg` is a resolver that is alive: `free` deletes the timer, and waits for this.
pub(super) unsafe extern "C" fn timer_fired(_: c_int, _: c_short, arg: *mut c_void) {
    let b: *mut evdns_base = from_arg(arg);
    // SAFETY: by contract.
    unsafe {
        let _guard = lock(b);
        // Not set any more, but not to be set either before all are through.
        (*b).timer_at = 1;
        let now = event::cached_monotonic_ns((*b).event_base);
        // Each request once, also when its new deadline has passed again.
        let mut n = (*b).inflight.len;
        while n > 0 && !(*b).inflight.first.is_null() && (*(*b).inflight.first).deadline <= now {
            n -= 1;
            timed_out((*b).inflight.first);
        }
        (*b).timer_at = 0;
        arm(b, now);
    }
}

/// No answer in time, or a server that says it has failed: the next server's turn, or the end.
///
/// # Safety
/// `r` is in flight, and the resolver locked.
pub(super) unsafe fn timed_out(r: *mut evdns_request) {
    // SAFETY: by contract; servers go only with the lock held.
    unsafe {
        let b = (*r).base;
        if (*r).tcp_again && !(*r).server_failed {
            // The server does answer, but not over TCP.
            finish(r, types::DNS_ERR_TRUNCATED);
            return;
        }
        if (*r).tx_count >= (*b).options.attempts {
            let s = (*r).server;
            let failed = (*r).server_failed;
            finish(r, if failed { types::DNS_ERR_SERVERFAILED } else { types::DNS_ERR_TIMEOUT });
            server::failed(s, format_args!("request timed out."));
            return;
        }
        (*r).server_failed = false;
        swap_server(r);
        transmit(r);
        let s = (*r).server;
        (*s).timeouts = (*s).timeouts.saturating_add(1);
        if (*s).timeouts > (*b).options.max_timeouts {
            (*s).timeouts = 0;
            server::failed(s, format_args!("request timed out."));
        }
    }
}

unsafe fn swap_server(r: *mut evdns_request) {
    // SAFETY: in flight and locked by contract of the callers; while something is in flight there
    // is a server.
    unsafe {
        let new = server::pick((*r).base);
        if new == (*r).server || new.is_null() {
            return;
        }
        server::leave((*r).server);
        (*r).server = new;
        let _ = server::enter(new);
    }
}

/// Asks another server, if there is one to be had and this has not been done too often.
///
/// # Safety
/// `r` is in flight, and the resolver locked.
pub(super) unsafe fn reissue(r: *mut evdns_request) -> bool {
    /// As in the reference.
    const MAX_REISSUES: u32 = 1;
    // SAFETY: by contract.
    unsafe {
        if (*r).reissues >= MAX_REISSUES {
            return false;
        }
        let old = (*r).server;
        swap_server(r);
        if (*r).server == old {
            return false;
        }
        (*r).reissues += 1;
        (*r).tx_count = 0;
        transmit(r);
        true
    }
}

/// Whether [`reissue`] may still be tried.
///
/// # Safety
/// `r` is alive.
pub(super) unsafe fn may_reissue(r: *mut evdns_request) -> bool {
    // SAFETY: by contract.
    unsafe { (*r).reissues == 0 }
}

/// Whether an answer that came `over` a server's TCP connection, or by UDP, can be one to `r`.
///
/// # Safety
/// `r` is in flight, and the resolver locked.
pub(super) unsafe fn is_expected(r: *mut evdns_request, over: Option<*mut Server>) -> bool {
    // SAFETY: by contract.
    unsafe {
        match over {
            Some(s) => (*r).tcp && (*r).server == s,
            None => !(*r).tcp,
        }
    }
}

/// The answer to `r` was cut off: asks the same server again over TCP. False if that has been done, or
/// is not wanted, or cannot be.
///
/// # Safety
/// `r` is in flight, and the resolver locked.
pub(super) unsafe fn over_tcp(r: *mut evdns_request) -> bool {
    // SAFETY: by contract.
    unsafe {
        if (*r).tcp || (*r).tcp_never || matches!((*r).target, Target::Probe(_)) {
            return false;
        }
        (*r).tcp = true;
        (*r).tcp_again = true;
        (*r).tx_count = 0;
        transmit(r);
        true
    }
}

/// Whether a request is out on the TCP connection of `s`.
///
/// # Safety
/// `b` and `s` are alive, and the resolver locked.
pub(super) unsafe fn any_over_tcp(b: *mut evdns_base, s: *mut Server) -> bool {
    // SAFETY: by contract.
    unsafe {
        let mut r = (*b).inflight.first;
        while !r.is_null() {
            if (*r).tcp && (*r).server == s {
                return true;
            }
            r = (*r).next;
        }
    }
    false
}

/// The TCP connection to `s` has broken: requests that were out on it are asked again, or, where only a
/// part of the answer was missing, end with that.
///
/// # Safety
/// `b` and `s` are alive, and the resolver locked.
pub(super) unsafe fn connection_lost(b: *mut evdns_base, s: *mut Server) {
    // SAFETY: by contract. The mark keeps what is sent anew, on a new connection, from being seen
    // again.
    unsafe {
        let mut r = (*b).inflight.first;
        while !r.is_null() {
            (*r).lost = (*r).tcp && (*r).server == s;
            r = (*r).next;
        }
        loop {
            let mut r = (*b).inflight.first;
            while !r.is_null() && !(*r).lost {
                r = (*r).next;
            }
            if r.is_null() {
                return;
            }
            (*r).lost = false;
            timed_out(r);
        }
    }
}

/// Sends what waited for room in the socket of `s`.
///
/// # Safety
/// `b` is alive and locked, and so is `s`.
pub(super) unsafe fn send_unsent(b: *mut evdns_base, s: *mut Server) {
    // SAFETY: by contract. Sending moves a request to the end: so many are looked at.
    unsafe {
        let mut r = (*b).inflight.first;
        let mut n = (*b).inflight.len;
        while !r.is_null() && n > 0 && !(*s).choked {
            let next = (*r).next;
            if (*r).unsent && (*r).server == s {
                transmit(r);
            }
            r = next;
            n -= 1;
        }
    }
}
