//! Requests: a name that is asked for, until its callback has run.
//!
//! A request is in one of three states. *Waiting*, it has no server yet, because there is none or too
//! many queries are out. *In flight*, its query is with a server, it has a number, and a deadline in
//! the queue of the base. *Done*, it is in no queue any more, and the loop will run its callback.

use super::base::{
    self, Queue, SharedSearch, evdns_base, from_arg, lock, priority, release, retain,
};
use super::config::MixedCase;
use super::lookup::{self, evdns_getaddrinfo_request};
use super::search::Step;
use super::server::{self, Sent, Server};
use super::tcp;
use super::types::{self, evdns_callback_type};
use super::wire;
use crate::buffer::pool;
use crate::error::{Error, Result};
use crate::event;
use crate::event::raw::event_callback;
use crate::mem::{self, TryPush};
use crate::util;
use core::ffi::c_void;
use core::mem::size_of;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_char, c_int, c_short, timeval};

/// So many addresses of the larger kind, or a name.
const ANSWER: usize = wire::MAX_ADDRESSES * 16;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Inflight,
    Done,
}

/// Who wants to know.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// A callback of the user.
    User(evdns_callback_type, *mut c_void),
    /// One half of a lookup: for IPv4, else for IPv6.
    Lookup(*mut evdns_getaddrinfo_request, lookup::Family),
    /// The resolver itself, whether a server is up again.
    Probe(*mut Server),
}

/// A running request; opaque to C.
#[repr(C)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evdns_request {
    deferred: event_callback,
    base: *mut evdns_base,
    pub(super) next: *mut Self,
    pub(super) prev: *mut Self,
    /// The next one in the same row of the table.
    chain: *mut Self,
    state: State,
    /// The query could not be handed to the kernel yet.
    unsent: bool,
    /// The user wants it to go over TCP, or does not when the answer was cut off.
    tcp_first: bool,
    tcp_never: bool,
    /// It goes over TCP now, and does so because the answer was cut off.
    tcp: bool,
    tcp_again: bool,
    /// The connection that it was out on has broken.
    lost: bool,
    /// The last answer was that the server has failed.
    pub(super) server_failed: bool,
    id: u16,
    pub(super) kind: u16,
    pub(super) server: *mut Server,
    tx_count: i32,
    reissues: u32,
    /// In nanoseconds of the base's clock.
    deadline: u64,
    pub(super) target: Target,
    search: *mut SharedSearch,
    step: Step,
    /// The name as it was given, while a search list is worked through.
    name: mem::Vec<u8>,
    /// The user's callback is to hear the canonical name as well.
    pub(super) tells_cname: bool,
    /// The canonical name, if that is wanted and was given. There is room for a 0 behind it.
    pub(super) cname: mem::Vec<u8>,
    result: c_int,
    pub(super) ttl: u32,
    /// How many bytes of the answer there are.
    pub(super) filled: usize,
    len: usize,
    // From here on nothing has to be set before it is used: most of the memory.
    packet: [u8; wire::MAX_QUERY],
    pub(super) answer: [u8; ANSWER],
}

impl core::fmt::Debug for evdns_request {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("evdns_request").field("id", &self.id).finish_non_exhaustive()
    }
}

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

unsafe fn enter_table(b: *mut evdns_base, r: *mut evdns_request) {
    // SAFETY: alive and locked by contract of the callers.
    unsafe {
        if let Some(row) = row(b, (*r).id) {
            (*r).chain = *row;
            *row = r;
        }
    }
}

unsafe fn leave_table(b: *mut evdns_base, r: *mut evdns_request) {
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
unsafe fn pick_id(b: *mut evdns_base) -> u16 {
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

/// A new request that asks for `name`; it is in no queue yet.
unsafe fn make(
    b: *mut evdns_base,
    kind: u16,
    name: &[u8],
    target: Target,
) -> Result<*mut evdns_request> {
    // SAFETY: alive and locked by contract of the callers. Zeroes are valid for all that is not
    // written here: numbers, null pointers, byte arrays.
    unsafe {
        let size = size_of::<evdns_request>();
        let spare = pool::take_object(pool::class::QUERY);
        let r: *mut evdns_request = if spare.is_null() {
            mem::zeroed(1, size).ok_or(Error::NoMemory)?.as_ptr().cast()
        } else {
            // The rest was set when the memory was new.
            spare.write_bytes(0, core::mem::offset_of!(evdns_request, packet));
            spare.cast()
        };
        addr_of_mut!((*r).state).write(State::Waiting);
        addr_of_mut!((*r).target).write(target);
        addr_of_mut!((*r).step).write(Step::Plain);
        addr_of_mut!((*r).name).write(mem::Vec::new_in(mem::Heap));
        addr_of_mut!((*r).cname).write(mem::Vec::new_in(mem::Heap));
        (*r).base = b;
        (*r).kind = kind;
        event::callback_init(addr_of_mut!((*r).deferred), priority(b), deliver, r.cast());
        if let Err(e) = encode(r, name) {
            destroy(r);
            return Err(e);
        }
        Ok(r)
    }
}

/// Writes the query; its number comes later.
unsafe fn encode(r: *mut evdns_request, name: &[u8]) -> Result<()> {
    // SAFETY: alive by contract of the callers; nobody else has it.
    unsafe {
        let options = &(*(*r).base).options;
        let packet = &mut (*r).packet;
        let len = wire::write_query(packet, 0, name, (*r).kind, options.edns_size);
        let len = len.map_err(|_| Error::Invalid)?;
        (*r).len = len;
        if options.mixed_case != MixedCase::No
            && let Some(query) = packet.get_mut(..len)
        {
            let mut bits = [0; wire::MAX_NAME.div_ceil(8) + 1];
            // A bit for each byte of the name.
            if let Some(bits) = bits.get_mut(..name.len().saturating_add(2).div_ceil(8)) {
                util::random::secure_rng_bytes(bits);
            }
            wire::mix_case(query, &bits);
        }
    }
    Ok(())
}

/// Frees a request that is in no queue and will not be delivered.
#[inline(never)]
unsafe fn destroy(r: *mut evdns_request) {
    // SAFETY: the callers' contract; the block came from `make`.
    unsafe {
        base::unshare((*r).search);
        core::ptr::drop_in_place(r);
        if !pool::put_object(pool::class::QUERY, r.cast()) {
            mem::free(r.cast());
        }
    }
}

/// Asks for a name.
///
/// # Safety
/// `b` is alive.
pub(super) unsafe fn start(
    b: *mut evdns_base,
    kind: u16,
    name: &[u8],
    flags: c_int,
    target: Target,
) -> Result<*mut evdns_request> {
    // SAFETY: by contract.
    unsafe {
        let _guard = lock(b);
        if (*b).freed {
            return Err(Error::Invalid);
        }
        let search = &(*(*b).search).search;
        let searching =
            flags & types::DNS_QUERY_NO_SEARCH == 0 && kind != wire::TYPE_PTR && !search.is_empty();
        let r = if searching {
            let step = search.first(name);
            let full = search.full_name(step, name).ok_or(Error::Invalid)?;
            let mut copy = mem::Vec::new_in(mem::Heap);
            copy.try_reserve_exact(name.len()).map_err(|_| Error::NoMemory)?;
            copy.extend_from_slice(name);
            let r = make(b, kind, full.as_bytes(), target)?;
            (*r).step = step;
            (*r).name = copy;
            (*r).search = base::share_search(b);
            r
        } else {
            make(b, kind, name, target)?
        };
        let o = (*b).options;
        (*r).tells_cname = flags & types::DNS_CNAME_CALLBACK != 0;
        (*r).tcp_first = flags & types::DNS_QUERY_USEVC != 0 || o.use_tcp;
        (*r).tcp_never = flags & types::DNS_QUERY_IGNTC != 0 || o.ignore_truncation;
        (*r).tcp = (*r).tcp_first;
        submit(r);
        Ok(r)
    }
}

/// Asks for a name and calls the user with what comes of it.
///
/// # Safety
/// `b` is alive.
pub unsafe fn resolve(
    b: *mut evdns_base,
    kind: u16,
    name: &[u8],
    flags: c_int,
    cb: evdns_callback_type,
    arg: *mut c_void,
) -> Result<*mut evdns_request> {
    // SAFETY: by contract.
    unsafe { start(b, kind, name, flags, Target::User(cb, arg)) }
}

/// A question to see whether `s` is up again.
///
/// # Safety
/// `s` is alive, and its resolver locked.
pub(super) unsafe fn probe(s: *mut Server, name: &[u8]) -> Result<*mut evdns_request> {
    // SAFETY: by contract.
    unsafe { make((*s).base, wire::TYPE_A, name, Target::Probe(s)) }
}

/// Ends such a question without consequences.
///
/// # Safety
/// `r` came from [`probe`], is alive, and the resolver locked.
pub(super) unsafe fn drop_probe(r: *mut evdns_request) {
    // SAFETY: by contract.
    unsafe {
        unlink(r);
        destroy(r);
    }
}

/// Sends a request out if that is possible now, else has it wait.
unsafe fn submit(r: *mut evdns_request) {
    // SAFETY: alive, in no queue, and the resolver locked, by contract of the callers.
    unsafe {
        let b = (*r).base;
        let may = (*b).inflight.len < (*b).options.max_inflight;
        let s = if may { server::pick(b) } else { null_mut() };
        if s.is_null() {
            (*r).state = State::Waiting;
            let last = (*b).waiting.last;
            (*b).waiting.insert_after(last, r);
        } else {
            submit_to(r, s);
        }
    }
}

/// Sends a request out to `s`.
///
/// # Safety
/// `r` is in no queue, `s` is alive, the resolver locked.
pub(super) unsafe fn submit_to(r: *mut evdns_request, s: *mut Server) {
    // SAFETY: by contract.
    unsafe {
        let b = (*r).base;
        (*r).id = pick_id(b);
        wire::Writer::new(&mut (*r).packet).patch(0, (*r).id);
        (*r).state = State::Inflight;
        enter_table(b, r);
        (*r).server = s;
        // Without the event the timeout will tell.
        let _ = server::enter(s);
        let last = (*b).inflight.last;
        (*b).inflight.insert_after(last, r);
        transmit(r);
    }
}

/// Sends the query of a request in flight, and gives it a new deadline.
unsafe fn transmit(r: *mut evdns_request) {
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
#[inline(never)]
unsafe fn arm(b: *mut evdns_base, now: u64) {
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

/// Takes a request out of its queue.
unsafe fn unlink(r: *mut evdns_request) {
    // SAFETY: alive and locked by contract of the callers.
    unsafe {
        let b = (*r).base;
        match (*r).state {
            State::Waiting => (*b).waiting.remove(r),
            State::Inflight => {
                leave_table(b, r);
                (*b).inflight.remove(r);
                let s = core::mem::replace(&mut (*r).server, null_mut());
                server::leave(s);
                if (*b).inflight.first.is_null() {
                    arm(b, 0);
                }
            }
            State::Done => {}
        }
    }
}

/// The next name of the search list is asked for, if there is one.
///
/// # Safety
/// `r` is in flight, and the resolver locked.
pub(super) unsafe fn next_in_search(r: *mut evdns_request) -> bool {
    // SAFETY: by contract; the search list is counted.
    unsafe {
        if (*r).search.is_null() {
            return false;
        }
        let search = &(*(*r).search).search;
        let name = &(*r).name;
        let Some(step) = search.next((*r).step, name) else { return false };
        let Some(full) = search.full_name(step, name) else { return false };
        if encode(r, full.as_bytes()).is_err() {
            return false;
        }
        (*r).step = step;
        let b = (*r).base;
        unlink(r);
        (*r).tx_count = 0;
        (*r).reissues = 0;
        (*r).server_failed = false;
        (*r).tcp = (*r).tcp_first;
        (*r).tcp_again = false;
        (*r).filled = 0;
        (*r).cname.clear();
        submit(r);
        send_waiting(b);
        true
    }
}

/// Ends a request: the loop will run its callback. Then it is the turn of those that wait.
///
/// # Safety
/// `r` is alive and not done, and the resolver locked.
#[inline(never)]
pub(super) unsafe fn finish(r: *mut evdns_request, result: c_int) {
    // SAFETY: by contract.
    unsafe {
        let b = (*r).base;
        unlink(r);
        if let Target::Probe(s) = (*r).target {
            destroy(r);
            server::probe_ended(s, result);
        } else {
            complete(r, result);
        }
        send_waiting(b);
    }
}

unsafe fn complete(r: *mut evdns_request, result: c_int) {
    // SAFETY: in no queue, and the resolver locked, by contract of the callers.
    unsafe {
        (*r).state = State::Done;
        (*r).result = result;
        retain((*r).base);
        // As a finalizer it is run, and frees the request, also when the event base is freed before its
        // loop runs again.
        let deferred = addr_of_mut!((*r).deferred);
        event::callback_finalize_many((*(*r).base).event_base, &[deferred], deliver);
    }
}

/// Sends requests out as long as there is room.
///
/// # Safety
/// `b` is alive and locked.
#[inline(never)]
pub(super) unsafe fn send_waiting(b: *mut evdns_base) {
    // SAFETY: by contract.
    unsafe {
        while (*b).inflight.len < (*b).options.max_inflight && !(*b).waiting.first.is_null() {
            let s = server::pick(b);
            if s.is_null() {
                return;
            }
            let r = (*b).waiting.first;
            (*b).waiting.remove(r);
            submit_to(r, s);
        }
    }
}

/// Sends the requests out that wait.
///
/// # Safety
/// `b` is alive and not locked.
pub unsafe fn resume(b: *mut evdns_base) {
    // SAFETY: by contract.
    unsafe {
        let _guard = lock(b);
        send_waiting(b);
    }
}

/// Forgets all servers; requests wait for others, those that were out first.
///
/// # Safety
/// `b` is alive and not locked.
pub unsafe fn suspend(b: *mut evdns_base) {
    // SAFETY: by contract.
    unsafe {
        let servers = {
            let _guard = lock(b);
            let servers = server::detach_all(b);
            loop {
                let r = (*b).inflight.last;
                if r.is_null() {
                    break;
                }
                unlink(r);
                (*r).tx_count = 0;
                (*r).reissues = 0;
                (*r).unsent = false;
                (*r).tcp = (*r).tcp_first;
                (*r).tcp_again = false;
                (*r).state = State::Waiting;
                (*b).waiting.insert_after(null_mut(), r);
            }
            servers
        };
        server::destroy(servers);
    }
}

/// Cancels a request: its callback runs with `DNS_ERR_CANCEL`, unless it was about to run anyway.
///
/// # Safety
/// `r` is alive, which it is until its callback has run.
#[inline(never)]
pub unsafe fn cancel(r: *mut evdns_request) {
    // SAFETY: by contract; a request that is not done keeps its resolver alive, and one that is has
    // a count of its own.
    unsafe {
        let _guard = lock((*r).base);
        if (*r).state != State::Done {
            finish(r, types::DNS_ERR_CANCEL);
        }
    }
}

/// Ends all requests of a resolver that is being freed: with `DNS_ERR_SHUTDOWN`, or silently. Returns
/// the lookups that lost their last request that way, linked, for `lookup::destroy_all`.
///
/// # Safety
/// `b` is alive and locked, its servers detached.
pub(super) unsafe fn end_all(b: *mut evdns_base, fail: bool) -> *mut evdns_getaddrinfo_request {
    let mut dropped = null_mut();
    // SAFETY: by contract.
    unsafe {
        loop {
            let inflight = (*b).inflight.first;
            let r = if inflight.is_null() { (*b).waiting.first } else { inflight };
            if r.is_null() {
                break;
            }
            unlink(r);
            match (*r).target {
                Target::Probe(_) => destroy(r),
                // A bufferevent would wait for ever.
                Target::Lookup(l, _) if lookup::is_internal(l) => {
                    complete(r, types::DNS_ERR_SHUTDOWN);
                }
                _ if fail => complete(r, types::DNS_ERR_SHUTDOWN),
                Target::User(..) => destroy(r),
                Target::Lookup(l, family) => {
                    lookup::forget(l, family, &mut dropped);
                    destroy(r);
                }
            }
        }
    }
    dropped
}

/// What C gets for an answer.
fn answer_type(kind: u16) -> (c_int, usize) {
    match kind {
        wire::TYPE_AAAA => (types::DNS_IPv6_AAAA, 16),
        wire::TYPE_PTR => (types::DNS_PTR, 0),
        _ => (types::DNS_IPv4_A, 4),
    }
}

/// Runs the callback of a request that is done, and frees it. If the event base is being freed there is
/// nobody to be called any more.
unsafe extern "C" fn deliver(_: *mut event_callback, arg: *mut c_void) {
    let r: *mut evdns_request = from_arg(arg);
    // SAFETY: a request that is done is in no queue, and nothing but this frees it; it holds a
    // count of its resolver. The user's callback gets addresses inside the request, which stays
    // until it returns.
    unsafe {
        let b = (*r).base;
        let result = (*r).result;
        let wanted = event::is_running((*b).event_base);
        match (*r).target {
            Target::User(cb, arg) => {
                if let Some(cb) = cb.filter(|_| wanted) {
                    let ttl = c_int::try_from((*r).ttl).unwrap_or(c_int::MAX);
                    let (kind, unit) = answer_type((*r).kind);
                    let mut place: *mut c_void = addr_of_mut!((*r).answer).cast();
                    if result != types::DNS_ERR_NONE {
                        cb(result, 0, 0, ttl, null_mut(), arg);
                    } else {
                        let count = (*r).filled.checked_div(unit);
                        let count = c_int::try_from(count.unwrap_or(1)).unwrap_or(0);
                        let addresses = if unit == 0 { (&raw mut place).cast() } else { place };
                        cb(result, kind as c_char, count, ttl, addresses, arg);
                        if (*r).tells_cname && !(*r).cname.is_empty() {
                            let kind = types::DNS_CNAME as c_char;
                            if (*r).cname.try_push(0).is_ok() {
                                cb(result, kind, 1, ttl, (*r).cname.as_mut_ptr().cast(), arg);
                            }
                        }
                    }
                }
            }
            Target::Lookup(l, family) if wanted => lookup::answered(l, family, r, result),
            Target::Lookup(l, family) => {
                let mut dropped = null_mut();
                {
                    let _guard = lock(b);
                    lookup::forget(l, family, &mut dropped);
                }
                lookup::destroy_all(dropped);
            }
            Target::Probe(_) => {}
        }
        {
            let _guard = lock(b);
            destroy(r);
        }
        release(b);
    }
}

/// The query, as it was sent.
///
/// # Safety
/// `r` is alive and not changed while the bytes are in use.
pub(super) unsafe fn query<'a>(r: *mut evdns_request) -> &'a [u8] {
    // SAFETY: by contract.
    unsafe { (*r).packet.get(..(*r).len).unwrap_or_default() }
}

const _: () = assert!(size_of::<Queue>() == 24);
