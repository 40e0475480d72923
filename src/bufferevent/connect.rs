//! Connecting a socket bufferevent: to an address, or to a name whose addresses are tried in
//! turn.
//!
//! A name may have addresses of both families, of which one may lead nowhere: they are tried
//! alternately (RFC 8305), the resolver's first choice first, and only when the last one has
//! failed does the event callback hear of it.

use super::callbacks::{run_event, trigger};
use super::common::{
    Held, Private, State, Suspend, extra, private, resume_read, resume_write, suspend_read,
    suspend_write,
};
use super::flags::{BEV_EVENT_ERROR, BEV_OPT_DEFER_CALLBACKS};
use super::raw::bufferevent;
use super::socket;
use crate::error::{Error, Result};
use crate::event::flags::{EV_READ, EV_WRITE};
use crate::mem::{self, TryPush};
use crate::sys::{self, Errno};
use crate::util::types::evutil_addrinfo;
use crate::util::{SockAddr, resolve};
use core::ffi::{CStr, c_void};
use core::fmt::Write;
use core::ptr::{addr_of_mut, null_mut};
use core::sync::atomic::{AtomicPtr, Ordering};
use libc::{c_char, c_int, sockaddr, socklen_t};

/// What a resolver calls with its result: an `EVUTIL_EAI_*` code, and a list to be freed by
/// `evutil_freeaddrinfo`.
pub type ResolvedFn = unsafe extern "C" fn(c_int, *mut evutil_addrinfo, *mut c_void);

/// An asynchronous resolver: evdns hangs itself in here, because it stands above bufferevents.
#[derive(Debug)]
pub struct Resolver {
    /// Starts a lookup. Returns the request, or null when the callback has run already.
    pub start: unsafe fn(
        *mut c_void,
        *const c_char,
        *const c_char,
        *const evutil_addrinfo,
        ResolvedFn,
        *mut c_void,
    ) -> *mut c_void,
    /// Ends a lookup; its callback runs with `EVUTIL_EAI_CANCEL`, now or from the loop.
    pub cancel: unsafe fn(*mut c_void),
}

static RESOLVER: AtomicPtr<Resolver> = AtomicPtr::new(null_mut());

/// Makes the asynchronous resolver known.
pub fn set_resolver(r: &'static Resolver) {
    RESOLVER.store(core::ptr::from_ref(r).cast_mut(), Ordering::Release);
}

fn resolver() -> Option<&'static Resolver> {
    // SAFETY: `set_resolver` is given references that live forever.
    unsafe { RESOLVER.load(Ordering::Acquire).as_ref() }
}

/// A connection by name in the making.
pub struct Attempt {
    /// The addresses, in the order in which they are tried.
    addresses: mem::Vec<SockAddr>,
    /// The next one.
    next: usize,
    /// The running lookup, or null.
    request: *mut c_void,
    /// The descriptor was made here: the next attempt makes another one.
    own_fd: bool,
}

/// Connects to an address, or waits for the connection that is being made on the descriptor.
///
/// # Safety
/// `bev` is live; `addr` is null or points to `len` bytes.
pub unsafe fn connect(bev: *mut bufferevent, addr: *const sockaddr, len: socklen_t) -> Result<()> {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        if !socket::is_socket(p) {
            return Err(Error::Invalid);
        }
        forget(p);
        start(p, addr, len, false)
    }
}

/// How an attempt can stand right after `connect`.
enum Outcome {
    InProgress,
    Connected,
    Refused,
}

unsafe fn connect_fd(fd: c_int, addr: *const sockaddr, len: socklen_t) -> Result<Outcome> {
    // SAFETY: the caller's address.
    match unsafe { sys::socket::connect(fd, addr, len) } {
        Ok(()) => Ok(Outcome::Connected),
        Err(Errno(libc::EINPROGRESS | libc::EINTR)) => Ok(Outcome::InProgress),
        Err(Errno(libc::ECONNREFUSED)) => Ok(Outcome::Refused),
        Err(e) => Err(Error::Os(e)),
    }
}

/// Starts one attempt. With `by_name` a refusal is an error, so that the next address is tried.
unsafe fn start(
    p: *mut Private,
    addr: *const sockaddr,
    len: socklen_t,
    by_name: bool,
) -> Result<()> {
    // SAFETY: `p` is live, counted and locked; the caller's address.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let old = (*bev).ev_read.ev_fd;
        if old < 0 && addr.is_null() {
            return Err(Error::Invalid);
        }
        let fd = if old >= 0 {
            old
        } else {
            let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK;
            sys::socket::socket(c_int::from((*addr).sa_family), kind, 0)?
        };
        let own = fd != old;
        let outcome =
            if addr.is_null() { Ok(Outcome::InProgress) } else { connect_fd(fd, addr, len) };
        let outcome = match outcome {
            Ok(Outcome::Refused) if by_name => Err(Error::Os(Errno(libc::ECONNREFUSED))),
            other => other,
        };
        let outcome = match outcome {
            Ok(o) => o,
            Err(e) => {
                if own {
                    let _ = sys::socket::close(fd);
                }
                return Err(e);
            }
        };
        if let Some(a) = attempt(p) {
            (*a).own_fd = own;
        }
        socket::stop(p);
        if let Err(e) = socket::replace_fd(p, fd) {
            if own {
                let _ = sys::socket::close(fd);
            }
            return Err(e);
        }
        match outcome {
            Outcome::InProgress => socket::wait_for_connection(p)?,
            Outcome::Connected => {
                socket::wait_for_connection(p)?;
                if !by_name {
                    // The reference has the write callback come before the connected event here.
                    trigger(p, EV_WRITE, BEV_OPT_DEFER_CALLBACKS);
                }
            }
            Outcome::Refused => {
                run_event(p, BEV_EVENT_ERROR, libc::ECONNREFUSED, BEV_OPT_DEFER_CALLBACKS);
                (*bev).enabled &= !(EV_READ | EV_WRITE);
                socket::stop(p);
            }
        }
    }
    Ok(())
}

unsafe fn attempt(p: *mut Private) -> Option<*mut Attempt> {
    // SAFETY: `p` is live; the block belongs to it.
    unsafe {
        let e = (*p).extra;
        (!e.is_null() && !(*e).connect.is_null()).then(|| (*e).connect)
    }
}

/// Ends a connection attempt by name, if there is one: the lookup is cancelled, the remaining
/// addresses are forgotten.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn forget(p: *mut Private) {
    // SAFETY: by contract; the block came from `begin`.
    unsafe {
        let Some(a) = attempt(p) else { return };
        (*(*p).extra).connect = null_mut();
        let request = (*a).request;
        drop(mem::Box::from_raw_in(a, mem::Heap));
        if !request.is_null()
            && let Some(r) = resolver()
        {
            (r.cancel)(request);
        }
    }
}

/// Starts the next attempt. `Ok(false)` when there was none left to start, the last failure when
/// all that were left failed at once.
///
/// # Safety
/// `p` is live, counted and locked; its events are not pending.
pub unsafe fn try_next(p: *mut Private) -> Result<bool> {
    let mut result = Ok(false);
    // SAFETY: by contract; the attempt is looked up afresh in each round.
    unsafe {
        while let Some(a) = attempt(p) {
            let next = (*a).next;
            let addresses = &(*a).addresses;
            let Some(addr) = addresses.get(next).copied() else {
                forget(p);
                break;
            };
            (*a).next = next + 1;
            if (*a).own_fd {
                socket::drop_fd(p);
                (*a).own_fd = false;
            }
            match start(p, addr.as_ptr(), addr.len(), true) {
                Ok(()) => return Ok(true),
                Err(e) => result = Err(e),
            }
        }
    }
    result
}

/// Looks a name up and connects to its addresses.
///
/// # Safety
/// `bev` is live; `dns` is null or a live `evdns_base`; `hints` is null or valid.
pub unsafe fn connect_hostname(
    bev: *mut bufferevent,
    dns: *mut c_void,
    hints: *const evutil_addrinfo,
    host: &CStr,
    port: c_int,
) -> Result<()> {
    let p = private(bev);
    if !(1..=65535).contains(&port) {
        return Err(Error::Invalid);
    }
    let mut service = Digits([0; 8], 0);
    if write!(service, "{port}").is_err() {
        return Err(Error::Invalid);
    }
    // SAFETY: live by contract; the count that the lookup holds is given back by `resolved`.
    unsafe {
        let _held = Held::new(p);
        if !socket::is_socket(p) {
            return Err(Error::Invalid);
        }
        forget(p);
        begin(p)?;
        suspend_write(p, Suspend::LOOKUP);
        suspend_read(p, Suspend::LOOKUP);
        (*p).count += 1;
        let service = service.0.as_ptr().cast::<c_char>();
        match resolver() {
            Some(r) if !dns.is_null() => {
                let request = (r.start)(dns, host.as_ptr(), service, hints, resolved, bev.cast());
                if let (false, Some(a)) = (request.is_null(), attempt(p)) {
                    (*a).request = request;
                }
            }
            _ => {
                let mut list = null_mut();
                let code = resolve::system(host.as_ptr(), service, hints, &raw mut list);
                resolved(code, list, bev.cast());
            }
        }
    }
    Ok(())
}

/// A number as a C string.
struct Digits([u8; 8], usize);

impl Write for Digits {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        for &b in s.as_bytes() {
            // The last byte stays the NUL.
            let at = self.0.get_mut(self.1).filter(|_| self.1 < 7).ok_or(core::fmt::Error)?;
            *at = b;
            self.1 += 1;
        }
        Ok(())
    }
}

unsafe fn begin(p: *mut Private) -> Result<()> {
    // SAFETY: `p` is live and locked, and has no attempt.
    unsafe {
        let e = extra(p)?;
        let a = Attempt {
            addresses: mem::Vec::new_in(mem::Heap),
            next: 0,
            request: null_mut(),
            own_fd: false,
        };
        (*e).connect = mem::Box::into_raw(mem::try_box(a)?);
    }
    Ok(())
}

/// The lookup is over.
unsafe extern "C" fn resolved(code: c_int, list: *mut evutil_addrinfo, arg: *mut c_void) {
    let bev: *mut bufferevent = arg.cast();
    let p = private(bev);
    // SAFETY: the lookup owns a count of `p`, which is given back here; the list is ours to free.
    unsafe {
        let _held = Held::adopt(p);
        let freed = (*p).state.contains(State::FREED);
        if let Some(a) = attempt(p) {
            (*a).request = null_mut();
            if code == 0 && !freed {
                // Without memory the addresses that fit are tried.
                let _ = collect(&mut (*a).addresses, list);
            }
        }
        if !list.is_null() {
            resolve::free(list);
        }
        resume(p);
        if freed || code == resolve::EAI_CANCEL {
            return;
        }
        if code != 0 {
            if let Some(e) = (*p).extra.as_mut() {
                e.dns_error = code;
            }
            forget(p);
            run_event(p, BEV_EVENT_ERROR, Errno::last().0, 0);
            return;
        }
        socket::stop(p);
        match try_next(p) {
            Ok(true) => {}
            Ok(false) => {
                run_event(p, BEV_EVENT_ERROR, libc::EADDRNOTAVAIL, BEV_OPT_DEFER_CALLBACKS)
            }
            Err(e) => run_event(p, BEV_EVENT_ERROR, e.errno(), BEV_OPT_DEFER_CALLBACKS),
        }
    }
}

unsafe fn resume(p: *mut Private) {
    // SAFETY: `p` is live and locked.
    unsafe {
        resume_write(p, Suspend::LOOKUP);
        resume_read(p, Suspend::LOOKUP);
    }
}

/// Takes the addresses of a list, the families alternating, starting with the first one's.
unsafe fn collect(out: &mut mem::Vec<SockAddr>, list: *mut evutil_addrinfo) -> Result<()> {
    let mut first_family = None;
    let mut same = list.cast_const();
    let mut other = list.cast_const();
    // SAFETY: a resolver's list: entries are linked by ai_next and hold ai_addrlen bytes.
    unsafe {
        if let Some(first) = list.as_ref() {
            first_family = Some(first.ai_family);
        }
        let mut turn = true;
        while !same.is_null() || !other.is_null() {
            let walk = if turn { &mut same } else { &mut other };
            while let Some(entry) = walk.as_ref() {
                let fits = (Some(entry.ai_family) == first_family) == turn;
                *walk = entry.ai_next.cast_const();
                if fits {
                    if let Some(addr) = SockAddr::from_raw(entry.ai_addr, entry.ai_addrlen) {
                        out.try_push(addr)?;
                    }
                    break;
                }
            }
            turn = !turn;
        }
    }
    Ok(())
}

/// The result of the last failed lookup.
///
/// # Safety
/// `bev` is live.
pub unsafe fn dns_error(bev: *mut bufferevent) -> c_int {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        (*p).extra.as_ref().map_or(0, |e| e.dns_error)
    }
}
