//! Connecting a socket bufferevent: to an address, or to a name. A name is looked up here; its
//! addresses are tried by [`race`].

use super::callbacks::{run_event, trigger};
use super::common::{
    Held, Private, State, Suspend, extra, private, resume_read, resume_write, suspend_read,
    suspend_write,
};
use super::flags::{BEV_EVENT_ERROR, BEV_OPT_DEFER_CALLBACKS};
use super::raw::bufferevent;
use super::{race, socket, tls};
use crate::error::{Error, Result};
use crate::event;
use crate::event::flags::{EV_READ, EV_WRITE};
use crate::mem;
use crate::sys::{self, Errno};
use crate::util::types::evutil_addrinfo;
use crate::util::{SockAddr, address, resolve};
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

/// A name that is being looked up.
pub struct Lookup {
    /// For whom; the lookup owns a count.
    p: *mut Private,
    /// What the resolver calls it, or null.
    request: *mut c_void,
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
        let below = tls::bufferevent_below(p);
        if !below.is_null() {
            return connect(below, addr, len);
        }
        if !has_descriptor(p) {
            return Err(Error::Invalid);
        }
        forget(p);
        start(p, addr, len, false).map(drop)
    }
}

/// Whether a bufferevent is one over a descriptor.
unsafe fn has_descriptor(p: *mut Private) -> bool {
    // SAFETY: `p` is live.
    unsafe { socket::is_socket(p) || tls::is_tls(p) }
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

/// Whether a connection is being made on `fd` now, or is there already.
///
/// # Safety
/// `addr` points to `len` bytes.
pub(super) unsafe fn is_under_way(fd: c_int, addr: *const sockaddr, len: socklen_t) -> bool {
    // SAFETY: by contract.
    let outcome = unsafe { connect_fd(fd, addr, len) };
    matches!(outcome, Ok(Outcome::InProgress | Outcome::Connected))
}

/// Starts one attempt; says whether its descriptor was made here. With `by_name` a refusal is an
/// error, so that the next address is tried.
///
/// # Safety
/// `p` is live, counted and locked; `addr` is null or points to `len` bytes.
pub(super) unsafe fn start(
    p: *mut Private,
    addr: *const sockaddr,
    len: socklen_t,
    by_name: bool,
) -> Result<bool> {
    // SAFETY: by contract.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        if let Some(e) = (*p).extra.as_mut() {
            e.target = None;
        }
        let old = (*bev).ev_read.ev_fd;
        if old < 0 && addr.is_null() {
            return Err(Error::Invalid);
        }
        let fd = if old >= 0 {
            old
        } else {
            let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK;
            let new = sys::socket::socket(c_int::from((*addr).sa_family), kind, 0)?;
            event::renew((*bev).ev_base, new);
            new
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
        socket::stop(p);
        if let Err(e) = socket::take_fd(p, fd) {
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
        Ok(own)
    }
}

/// Ends a connection attempt by name, if there is one: the lookup is cancelled, the other
/// addresses are forgotten. The bufferevent's descriptor is left as it is.
///
/// # Safety
/// `p` is live and locked; its events are not pending while a name is looked up.
pub unsafe fn forget(p: *mut Private) {
    // SAFETY: by contract. `resolved` frees the lookup whenever the resolver calls it.
    unsafe {
        race::end(p);
        let e = (*p).extra;
        if e.is_null() || (*e).lookup.is_null() {
            return;
        }
        let lookup = core::mem::replace(&mut (*e).lookup, null_mut());
        if !(*p).state.contains(State::FREED) {
            resume(p);
        }
        let request = (*lookup).request;
        if !request.is_null()
            && let Some(r) = resolver()
        {
            (r.cancel)(request);
        }
    }
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
        let below = tls::bufferevent_below(p);
        if !below.is_null() {
            return connect_hostname(below, dns, hints, host, port);
        }
        if !has_descriptor(p) {
            return Err(Error::Invalid);
        }
        forget(p);
        if dns.is_null()
            && let Some(addr) = numeric(host, port, hints)
        {
            return connect_number(p, addr);
        }
        race::begin(p)?;
        let lookup = match mem::try_box(Lookup { p, request: null_mut() }) {
            Ok(lookup) => mem::Box::into_raw(lookup),
            Err(e) => {
                race::end(p);
                return Err(e);
            }
        };
        let extra = (*p).extra;
        (*extra).lookup = lookup;
        suspend_write(p, Suspend::LOOKUP);
        suspend_read(p, Suspend::LOOKUP);
        (*p).count += 1;
        let service = service.0.as_ptr().cast::<c_char>();
        match resolver() {
            Some(r) if !dns.is_null() => {
                let request =
                    (r.start)(dns, host.as_ptr(), service, hints, resolved, lookup.cast());
                if !request.is_null() {
                    (*lookup).request = request;
                }
            }
            _ => {
                let mut list = null_mut();
                let code = resolve::system(host.as_ptr(), service, hints, &raw mut list);
                resolved(code, list, lookup.cast());
            }
        }
    }
    Ok(())
}

/// The address that `host` writes in full, if `hints` allow it: nobody has to be asked. Other
/// ways to write numbers are libc's business.
unsafe fn numeric(host: &CStr, port: c_int, hints: *const evutil_addrinfo) -> Option<SockAddr> {
    // SAFETY: null or valid (caller).
    let family = unsafe { hints.as_ref() }.map_or(libc::AF_UNSPEC, |h| h.ai_family);
    if !matches!(family, libc::AF_UNSPEC | libc::AF_INET) {
        return None;
    }
    let address = address::parse_plain_ipv4(host.to_bytes())?;
    Some(SockAddr::v4(address, u16::try_from(port).ok()?))
}

/// Connects to the one address that a number stands for, and tells of failures as if it had been
/// looked up.
unsafe fn connect_number(p: *mut Private, addr: SockAddr) -> Result<()> {
    // SAFETY: `p` is live, counted and locked (caller).
    unsafe {
        let e = extra(p)?;
        socket::stop(p);
        match start(p, addr.as_ptr(), addr.len(), true) {
            Ok(_) => (*e).target = Some(addr),
            Err(e) => run_event(p, BEV_EVENT_ERROR, e.errno(), BEV_OPT_DEFER_CALLBACKS),
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

/// The lookup is over.
unsafe extern "C" fn resolved(code: c_int, list: *mut evutil_addrinfo, arg: *mut c_void) {
    let lookup: *mut Lookup = arg.cast();
    // SAFETY: the lookup is ours to free, and so is the list; the count that it owns is given back
    // at the end.
    unsafe {
        let p = (*lookup).p;
        let _held = Held::adopt(p);
        let e = (*p).extra;
        // Another one may have been started since, or none be wanted any more.
        let wanted = !e.is_null() && (*e).lookup == lookup;
        drop(mem::Box::from_raw_in(lookup, mem::Heap));
        let collected = if wanted && code == 0 { race::collect(p, list) } else { Ok(()) };
        if !list.is_null() {
            resolve::free(list);
        }
        if !wanted {
            return;
        }
        (*e).lookup = null_mut();
        resume(p);
        if code != 0 || (*p).state.contains(State::FREED) {
            race::end(p);
            if code != resolve::EAI_CANCEL {
                (*e).dns_error = code;
                run_event(p, BEV_EVENT_ERROR, Errno::last().0, 0);
            }
            return;
        }
        socket::stop(p);
        let errno = match collected.and_then(|()| race::go_on(p)) {
            Ok(true) => return,
            Ok(false) => libc::EADDRNOTAVAIL,
            Err(e) => e.errno(),
        };
        race::end(p);
        run_event(p, BEV_EVENT_ERROR, errno, BEV_OPT_DEFER_CALLBACKS);
    }
}

unsafe fn resume(p: *mut Private) {
    // SAFETY: `p` is live and locked.
    unsafe {
        resume_write(p, Suspend::LOOKUP);
        resume_read(p, Suspend::LOOKUP);
    }
}

/// The address that the last connection by name was made to, where it is known without asking the
/// kernel.
///
/// # Safety
/// `bev` is live.
pub unsafe fn target(bev: *mut bufferevent) -> Option<SockAddr> {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        (*p).extra.as_ref().and_then(|e| e.target)
    }
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
