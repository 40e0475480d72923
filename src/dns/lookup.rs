//! `getaddrinfo` without waiting: both families asked at once, the answers put together.
//!
//! A lookup has up to two requests. When one has ended, the other is waited for a moment only (the
//! skew). The user's callback is called once; the lookup goes when both requests have ended.

use super::base::{evdns_base, from_arg, lock, release, retain};
use super::request::{self, Target, evdns_request};
use super::types::evdns_getaddrinfo_cb;
use super::{cache, files, types, wire};
use crate::bufferevent::connect::ResolvedFn;
use crate::event;
use crate::event::raw::event as Event;
use crate::mem;
use crate::sys::interfaces;
use crate::util::address::SockAddr;
use crate::util::resolve::{self, EAI_CANCEL, Hints, Known, List};
use crate::util::types::evutil_addrinfo;
use core::ffi::{CStr, c_void};
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_char, c_int, c_short, timeval};

/// Which half of a lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

/// A running lookup; opaque to C.
///
/// Touched with the resolver's lock held, of which it holds a count.
#[allow(non_camel_case_types, reason = "C name")]
pub struct evdns_getaddrinfo_request {
    base: *mut evdns_base,
    /// The next one in the list of those that are to be freed.
    next: *mut Self,
    v4: *mut evdns_request,
    v6: *mut evdns_request,
    /// Waits for the second answer.
    timer: Event,
    /// Taken out when it is called.
    cb: evdns_getaddrinfo_cb,
    arg: *mut c_void,
    hints: Hints,
    port: u16,
    /// The first answer.
    pending: List,
    pending_error: c_int,
    cname: mem::Vec<u8>,
    /// The user has cancelled the lookup.
    cancelled: bool,
    /// It is a bufferevent's, which has to hear of its end in any case.
    internal: bool,
}

impl core::fmt::Debug for evdns_getaddrinfo_request {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("evdns_getaddrinfo_request").finish_non_exhaustive()
    }
}

fn call(cb: evdns_getaddrinfo_cb, code: c_int, list: List, arg: *mut c_void) {
    if let Some(cb) = cb {
        // SAFETY: the user's function, called as its contract says; no lock is held.
        unsafe { cb(code, list.into_raw(), arg) };
    }
}

/// Looks a name up. Null when the callback has been called already.
///
/// # Safety
/// `b` is null (no resolver) or alive; `hints` is null or valid.
pub unsafe fn start(
    b: *mut evdns_base,
    node: Option<&CStr>,
    service: Option<&CStr>,
    hints: *const evutil_addrinfo,
    cb: evdns_getaddrinfo_cb,
    arg: *mut c_void,
) -> *mut evdns_getaddrinfo_request {
    // SAFETY: the same contract.
    unsafe { begin(b, node, service, hints, (cb, arg), false) }
}

unsafe fn begin(
    b: *mut evdns_base,
    node: Option<&CStr>,
    service: Option<&CStr>,
    hints: *const evutil_addrinfo,
    (cb, arg): (evdns_getaddrinfo_cb, *mut c_void),
    internal: bool,
) -> *mut evdns_getaddrinfo_request {
    if b.is_null() {
        super::log::warning!("Call to getaddrinfo_async with no evdns_base configured.");
        call(cb, libc::EAI_FAIL, List::new(), arg);
        return null_mut();
    }
    // SAFETY: null or valid (caller).
    let mut hints = unsafe { Hints::from_raw(hints) };
    if hints.flags & libc::AI_ADDRCONFIG != 0 && hints.family == libc::AF_UNSPEC {
        hints.family = match interfaces::families() {
            (true, false) => libc::AF_INET,
            (false, true) => libc::AF_INET6,
            _ => libc::AF_UNSPEC,
        };
    }
    let (port, hints) = match resolve::known(node, service, hints) {
        Known::Answer(list) => {
            call(cb, 0, list, arg);
            return null_mut();
        }
        Known::Refused(code) => {
            call(cb, code, List::new(), arg);
            return null_mut();
        }
        Known::Ask(port, hints) => (port, hints),
    };
    let name = node.unwrap_or_default().to_bytes();
    // SAFETY: alive (caller), here and below.
    unsafe {
        let known = match from_hosts(b, name, port, &hints) {
            None => cache::lookup(b, name, &hints, port),
            some => some,
        };
        if let Some(list) = known {
            call(cb, 0, list, arg);
            return null_mut();
        }
        let Some(l) = make(b, (cb, arg), hints, port, internal) else {
            call(cb, libc::EAI_MEMORY, List::new(), arg);
            return null_mut();
        };
        let guard = lock(b);
        if hints.family != libc::AF_INET6 {
            let target = Target::Lookup(l, Family::V4);
            (*l).v4 = request::start(b, wire::TYPE_A, name, 0, target).unwrap_or(null_mut());
        }
        if hints.family != libc::AF_INET {
            let target = Target::Lookup(l, Family::V6);
            (*l).v6 = request::start(b, wire::TYPE_AAAA, name, 0, target).unwrap_or(null_mut());
        }
        if (*l).v4.is_null() && (*l).v6.is_null() {
            drop(guard);
            destroy(l);
            call(cb, libc::EAI_FAIL, List::new(), arg);
            return null_mut();
        }
        l
    }
}

unsafe fn make(
    b: *mut evdns_base,
    (cb, arg): (evdns_getaddrinfo_cb, *mut c_void),
    hints: Hints,
    port: u16,
    internal: bool,
) -> Option<*mut evdns_getaddrinfo_request> {
    let made = mem::try_box(evdns_getaddrinfo_request {
        base: b,
        next: null_mut(),
        v4: null_mut(),
        v6: null_mut(),
        // SAFETY: an event of zeroes is a value of the plain C structure.
        timer: unsafe { core::mem::zeroed() },
        cb,
        arg,
        hints,
        port,
        pending: List::new(),
        pending_error: 0,
        cname: mem::Vec::new_in(mem::Heap),
        cancelled: false,
        internal,
    });
    let l = mem::Box::into_raw(made.ok()?);
    // SAFETY: made just above; the event lies in it and does not move.
    unsafe {
        let timer = addr_of_mut!((*l).timer);
        let _ = event::assign(timer, (*b).event_base, -1, 0, Some(too_late), l.cast());
        let _guard = lock(b);
        retain(b);
    }
    Some(l)
}

/// Frees a lookup without requests. Not with the lock held: a running timer callback of another
/// thread is waited for.
unsafe fn destroy(l: *mut evdns_getaddrinfo_request) {
    // SAFETY: by contract of the callers nobody but the timer's callback knows it.
    unsafe {
        let b = (*l).base;
        let _ = event::del(addr_of_mut!((*l).timer));
        event::debug::note_teardown(addr_of_mut!((*l).timer));
        drop(mem::Box::from_raw_in(l, mem::Heap));
        release(b);
    }
}

/// What the hosts file says.
unsafe fn from_hosts(b: *mut evdns_base, name: &[u8], port: u16, hints: &Hints) -> Option<List> {
    let mut list = List::new();
    // SAFETY: alive by contract of the caller; locked while the addresses are in use.
    unsafe {
        let _guard = lock(b);
        for address in files::hosts_of(b, name) {
            if hints.family == libc::AF_UNSPEC || hints.family == address.family() {
                list.push(&address.with_port(port), hints).ok()?;
            }
        }
    }
    (!list.is_empty()).then_some(list)
}

/// Whether a bufferevent waits for it.
///
/// # Safety
/// `l` is alive.
pub(super) unsafe fn is_internal(l: *mut evdns_getaddrinfo_request) -> bool {
    // SAFETY: by contract.
    unsafe { (*l).internal }
}

/// Whether the canonical name is asked for.
///
/// # Safety
/// `l` is alive.
pub(super) unsafe fn wants_cname(l: *mut evdns_getaddrinfo_request) -> bool {
    // SAFETY: by contract.
    unsafe { (*l).hints.flags & libc::AI_CANONNAME != 0 }
}

fn error_of(result: c_int) -> c_int {
    match result {
        types::DNS_ERR_NONE => 0,
        types::DNS_ERR_NOTEXIST => libc::EAI_NONAME,
        types::DNS_ERR_NODATA => libc::EAI_NODATA,
        _ => libc::EAI_FAIL,
    }
}

/// The addresses of an answer as a list.
unsafe fn addresses(
    l: *mut evdns_getaddrinfo_request,
    r: *mut evdns_request,
    family: Family,
) -> crate::error::Result<List> {
    let mut list = List::new();
    // SAFETY: both are alive and locked by contract of the caller.
    unsafe {
        let (port, hints) = ((*l).port, (*l).hints);
        let all = &(*r).answer;
        let answer = all.get(..(*r).filled).unwrap_or_default();
        match family {
            Family::V4 => {
                for a in answer.chunks_exact(4) {
                    if let Ok(a) = a.try_into() {
                        list.push(&SockAddr::v4(a, port), &hints)?;
                    }
                }
            }
            Family::V6 => {
                for a in answer.chunks_exact(16) {
                    if let Ok(a) = a.try_into() {
                        list.push(&SockAddr::v6(a, port, 0), &hints)?;
                    }
                }
            }
        }
    }
    Ok(list)
}

/// What is to be done after an answer.
enum Next {
    /// The other answer is waited for.
    Wait,
    /// The callback is called, or not if it was before; the lookup goes.
    End(evdns_getaddrinfo_cb, c_int, List, *mut c_void),
}

/// One of the requests has ended with `result`.
///
/// # Safety
/// `l` and `r` are alive, `r` is of `l`, the resolver not locked.
pub(super) unsafe fn answered(
    l: *mut evdns_getaddrinfo_request,
    family: Family,
    r: *mut evdns_request,
    result: c_int,
) {
    // SAFETY: by contract; with both requests ended the lookup is this function's.
    unsafe {
        let next = {
            let _guard = lock((*l).base);
            after(l, family, r, result)
        };
        if let Next::End(cb, code, list, arg) = next {
            destroy(l);
            call(cb, code, list, arg);
        }
    }
}

unsafe fn after(
    l: *mut evdns_getaddrinfo_request,
    family: Family,
    r: *mut evdns_request,
    result: c_int,
) -> Next {
    // SAFETY: alive and locked by contract of the caller.
    unsafe {
        let other = match family {
            Family::V4 => {
                (*l).v4 = null_mut();
                (*l).v6
            }
            Family::V6 => {
                (*l).v6 = null_mut();
                (*l).v4
            }
        };
        let mut code = error_of(result);
        let mut list = List::new();
        if code == 0 {
            if (*l).cname.is_empty() {
                (*l).cname = core::mem::replace(&mut (*r).cname, mem::Vec::new_in(mem::Heap));
            }
            match addresses(l, r, family) {
                Ok(new) => list = new,
                Err(_) => code = libc::EAI_MEMORY,
            }
        }
        if !other.is_null() {
            if (*l).cb.is_some() && !(*l).cancelled {
                if code == 0 {
                    (*l).pending = list;
                } else {
                    (*l).pending_error = code;
                }
                if result != types::DNS_ERR_SHUTDOWN {
                    wait_for_other(l);
                }
            }
            return Next::Wait;
        }
        let cb = core::mem::take(&mut (*l).cb);
        let arg = (*l).arg;
        if (*l).cancelled {
            return Next::End(cb, EAI_CANCEL, List::new(), arg);
        }
        let pending = core::mem::take(&mut (*l).pending);
        if code != 0 && !pending.is_empty() {
            code = 0;
        }
        if code != 0 {
            return Next::End(cb, code, List::new(), arg);
        }
        // IPv4 first.
        let list = if family == Family::V4 {
            list.append_list(pending);
            list
        } else {
            let mut all = pending;
            all.append_list(list);
            all
        };
        Next::End(cb, 0, named(l, list), arg)
    }
}

/// The list with the canonical name, if there is one; without memory for it, without.
unsafe fn named(l: *mut evdns_getaddrinfo_request, mut list: List) -> List {
    // SAFETY: alive and locked by contract of the callers.
    unsafe {
        let cname = &(*l).cname;
        if !cname.is_empty() {
            let _ = list.set_canonical_name(cname);
        }
    }
    list
}

unsafe fn wait_for_other(l: *mut evdns_getaddrinfo_request) {
    // SAFETY: alive and locked by contract of the caller.
    unsafe {
        let micros = (*(*l).base).options.skew;
        let tv = timeval {
            tv_sec: (micros / 1_000_000).cast_signed(),
            tv_usec: (micros % 1_000_000).cast_signed(),
        };
        // Without the timer the second answer is awaited as long as it takes.
        let _ = event::add(addr_of_mut!((*l).timer), Some(&tv));
    }
}

/// The second answer takes too long: the first one it is.
unsafe extern "C" fn too_late(_: c_int, _: c_short, arg: *mut c_void) {
    let l: *mut evdns_getaddrinfo_request = from_arg(arg);
    // SAFETY: `destroy` deletes the timer, and waits for this, before the lookup goes.
    unsafe {
        let (cb, code, list, arg) = {
            let _guard = lock((*l).base);
            if (*l).cb.is_none() || (*l).cancelled {
                return;
            }
            cancel_requests(l);
            let pending = core::mem::take(&mut (*l).pending);
            let code = match (pending.is_empty(), (*l).pending_error) {
                (false, _) => 0,
                (true, 0) => libc::EAI_AGAIN,
                (true, code) => code,
            };
            let list = if code == 0 { named(l, pending) } else { pending };
            (core::mem::take(&mut (*l).cb), code, list, (*l).arg)
        };
        // The request's own end will free the lookup.
        call(cb, code, list, arg);
    }
}

unsafe fn cancel_requests(l: *mut evdns_getaddrinfo_request) {
    // SAFETY: alive and locked by contract of the callers.
    unsafe {
        for r in [(*l).v4, (*l).v6] {
            if !r.is_null() {
                request::cancel(r);
            }
        }
    }
}

/// Cancels a lookup: its callback is called with `EVUTIL_EAI_CANCEL`.
///
/// # Safety
/// `l` is alive: its callback has not been called.
pub unsafe fn cancel(l: *mut evdns_getaddrinfo_request) {
    // SAFETY: by contract.
    unsafe {
        let _guard = lock((*l).base);
        if (*l).cb.is_none() || is_decided(l) {
            return;
        }
        (*l).cancelled = true;
        let _ = event::del_noblock(addr_of_mut!((*l).timer));
        cancel_requests(l);
    }
}

/// Whether all answers are there, and the callback is about to be called.
unsafe fn is_decided(l: *mut evdns_getaddrinfo_request) -> bool {
    // SAFETY: alive and locked by contract of the caller.
    unsafe { [(*l).v4, (*l).v6].into_iter().all(|r| r.is_null()) }
}

/// A request of `l` was dropped without an answer. Was it the last one, `l` goes to `list`.
///
/// # Safety
/// `l` is alive, and the resolver locked.
pub(super) unsafe fn forget(
    l: *mut evdns_getaddrinfo_request,
    family: Family,
    list: &mut *mut evdns_getaddrinfo_request,
) {
    // SAFETY: by contract.
    unsafe {
        match family {
            Family::V4 => (*l).v4 = null_mut(),
            Family::V6 => (*l).v6 = null_mut(),
        }
        if (*l).v4.is_null() && (*l).v6.is_null() {
            if !(*l).internal {
                (*l).cb = None;
            }
            (*l).next = *list;
            *list = l;
        }
    }
}

/// Frees lookups that lost their requests.
///
/// # Safety
/// `list` was made by [`forget`]; the resolver is not locked, and the caller holds a count of it.
pub(super) unsafe fn destroy_all(list: *mut evdns_getaddrinfo_request) {
    let mut l = list;
    // SAFETY: by contract.
    unsafe {
        while !l.is_null() {
            let next = (*l).next;
            let (cb, arg) = ((*l).cb, (*l).arg);
            destroy(l);
            call(cb, EAI_CANCEL, List::new(), arg);
            l = next;
        }
    }
}

/// [`start`], as bufferevents know it.
///
/// # Safety
/// `dns` is a resolver that is alive; the others as there.
pub(super) unsafe fn start_for_bufferevent(
    dns: *mut c_void,
    host: *const c_char,
    service: *const c_char,
    hints: *const evutil_addrinfo,
    cb: ResolvedFn,
    arg: *mut c_void,
) -> *mut c_void {
    // SAFETY: strings or null (caller).
    unsafe {
        let text = |p: *const c_char| (!p.is_null()).then(|| CStr::from_ptr(p));
        begin(dns.cast(), text(host), text(service), hints, (Some(cb), arg), true).cast()
    }
}

/// [`cancel`], as bufferevents know it.
///
/// # Safety
/// As there.
pub(super) unsafe fn cancel_erased(l: *mut c_void) {
    // SAFETY: as the caller promises.
    unsafe { cancel(l.cast()) }
}
