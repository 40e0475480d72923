//! Requests: a name that is asked for, until its callback has run.
//!
//! A request is in one of three states. *Waiting*, it has no server yet, because there is none or too
//! many queries are out. *In flight*, its query is with a server, it has a number, and a deadline in
//! the queue of the base. *Done*, it is in no queue any more, and the loop will run its callback.

use super::base::{
    self, Queue, SharedSearch, evdns_base, from_arg, lock, priority, release, retain,
};
use super::config::MixedCase;
use super::inflight;
use super::lookup::{self, evdns_getaddrinfo_request};
use super::search::Step;
use super::server::{self, Server};
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
use libc::{c_char, c_int};

/// So many addresses of the larger kind, or a name.
const ANSWER: usize = wire::MAX_ADDRESSES * 16;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
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
    pub(super) deferred: event_callback,
    pub(super) base: *mut evdns_base,
    pub(super) next: *mut Self,
    pub(super) prev: *mut Self,
    /// The next one in the same row of the table.
    pub(super) chain: *mut Self,
    pub(super) state: State,
    /// The query could not be handed to the kernel yet.
    pub(super) unsent: bool,
    /// The user wants it to go over TCP, or does not when the answer was cut off.
    pub(super) tcp_first: bool,
    pub(super) tcp_never: bool,
    /// It goes over TCP now, and does so because the answer was cut off.
    pub(super) tcp: bool,
    pub(super) tcp_again: bool,
    /// The connection that it was out on has broken.
    pub(super) lost: bool,
    /// The last answer was that the server has failed.
    pub(super) server_failed: bool,
    pub(super) id: u16,
    pub(super) kind: u16,
    pub(super) server: *mut Server,
    pub(super) tx_count: i32,
    pub(super) reissues: u32,
    /// In nanoseconds of the base's clock.
    pub(super) deadline: u64,
    pub(super) target: Target,
    pub(super) search: *mut SharedSearch,
    pub(super) step: Step,
    /// The name as it was given, while a search list is worked through.
    pub(super) name: mem::Vec<u8>,
    /// The user's callback is to hear the canonical name as well.
    pub(super) tells_cname: bool,
    /// The canonical name, if that is wanted and was given. There is room for a 0 behind it.
    pub(super) cname: mem::Vec<u8>,
    pub(super) result: c_int,
    pub(super) ttl: u32,
    /// How many bytes of the answer there are.
    pub(super) filled: usize,
    pub(super) len: usize,
    // From here on nothing has to be set before it is used: most of the memory.
    pub(super) packet: [u8; wire::MAX_QUERY],
    pub(super) answer: [u8; ANSWER],
}

impl core::fmt::Debug for evdns_request {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("evdns_request").field("id", &self.id).finish_non_exhaustive()
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
        (*r).id = inflight::pick_id(b);
        wire::Writer::new(&mut (*r).packet).patch(0, (*r).id);
        (*r).state = State::Inflight;
        inflight::enter_table(b, r);
        (*r).server = s;
        // Without the event the timeout will tell.
        let _ = server::enter(s);
        let last = (*b).inflight.last;
        (*b).inflight.insert_after(last, r);
        inflight::transmit(r);
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
                inflight::leave_table(b, r);
                (*b).inflight.remove(r);
                let s = core::mem::replace(&mut (*r).server, null_mut());
                server::leave(s);
                if (*b).inflight.first.is_null() {
                    inflight::arm(b, 0);
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
