//! Name servers: their sockets, whether they are up, and how one that is down is asked again.

use super::base::{evdns_base, from_arg, lock};
use super::inflight;
use super::request::{self, evdns_request};
use super::{reply, tcp, types};
use crate::error::{Error, Result};
use crate::event;
use crate::event::flags::{EV_PERSIST, EV_READ, EV_WRITE};
use crate::event::raw::event as Event;
use crate::mem;
use crate::sys::{Errno, socket as sys};
use crate::util::address::{SockAddr, format_sockaddr, parse_sockaddr_port};
use core::ffi::c_void;
use core::fmt;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_int, c_short, timeval};

/// Where name servers listen.
pub const PORT: u16 = 53;
/// The name that a server that is down is asked for, as in the reference.
const PROBE_NAME: &[u8] = b"google.com";

/// One name server.
pub(super) struct Server {
    pub(super) base: *mut evdns_base,
    next: *mut Self,
    prev: *mut Self,
    pub(super) address: SockAddr,
    pub(super) fd: c_int,
    /// Readiness of the socket.
    event: Event,
    /// When the server is asked whether it is up again.
    probe_timer: Event,
    pub(super) up: bool,
    /// It is going: its callbacks do nothing any more.
    pub(super) dead: bool,
    /// The connection for queries over TCP.
    pub(super) tcp: tcp::Stream,
    /// The socket's buffer is full: queries wait until it is writable.
    pub(super) choked: bool,
    /// The socket knows the server: the kernel need not look for the way with every query, and keeps
    /// strangers out. Not while the server is down, for the way to it may have changed.
    connected: bool,
    failed_times: u32,
    /// Timeouts in a row.
    pub(super) timeouts: i32,
    /// The question whether it is up again.
    pub(super) probe: *mut evdns_request,
    /// How many queries are out there.
    pub(super) inflight: usize,
}

/// A server's address, as messages show it.
pub(super) struct Shown(pub(super) SockAddr);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 128];
        f.write_str(format_sockaddr(&mut text, &self.0))
    }
}

/// Why a server was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No memory.
    NoMemory,
    /// No socket.
    Socket,
    /// The socket could not be bound or watched, or the address is too long.
    Setup,
    /// It is known already.
    Duplicate,
    /// The address makes no sense.
    Address,
}

impl Refusal {
    /// The number that C gets.
    pub fn code(self) -> c_int {
        match self {
            Self::NoMemory => -1,
            Self::Socket => 1,
            Self::Setup => 2,
            Self::Duplicate => 3,
            Self::Address => 4,
        }
    }
}

/// Adds a server given as text, with the usual port if there is none. Returns 0 or a number that
/// says why not.
///
/// # Safety
/// `b` is alive.
pub unsafe fn add_text(b: *mut evdns_base, text: &[u8]) -> c_int {
    let Ok(address) = parse_sockaddr_port(text) else {
        super::log::warning!("Unable to parse nameserver address {}", text.escape_ascii());
        return Refusal::Address.code();
    };
    let address = if address.port() == 0 { address.with_port(PORT) } else { address };
    // SAFETY: by contract.
    unsafe { add(b, address) }.map_or_else(Refusal::code, |()| 0)
}

/// Adds a server with this address.
///
/// # Safety
/// `b` is alive.
pub unsafe fn add(b: *mut evdns_base, address: SockAddr) -> core::result::Result<(), Refusal> {
    // SAFETY: by contract; servers are alive as long as they are in the circle.
    unsafe {
        let _guard = lock(b);
        let mut found = false;
        each(b, |s| found |= (*s).address.compare(&address, true).is_eq());
        if found {
            return Err(Refusal::Duplicate);
        }
        let fd = open(b, &address)?;
        let Ok(s) = make(b, address, fd) else {
            let _ = sys::close(fd);
            return Err(Refusal::NoMemory);
        };
        if !(*b).inactive && event::add(addr_of_mut!((*s).event), None).is_err() {
            destroy_one(s);
            return Err(Refusal::Setup);
        }
        let head = (*b).servers;
        if head.is_null() {
            (*b).servers = s;
        } else {
            (*s).prev = head;
            (*s).next = (*head).next;
            (*(*head).next).prev = s;
            (*head).next = s;
        }
        (*b).good += 1;
        connect(s);
        Ok(())
    }
}

/// Connects the socket, if that is possible.
unsafe fn connect(s: *mut Server) {
    // SAFETY: alive and locked by contract of the callers; the address is the server's.
    unsafe {
        let address = &(*s).address;
        (*s).connected = sys::connect((*s).fd, address.as_ptr(), address.len()).is_ok();
    }
}

unsafe fn open(b: *mut evdns_base, address: &SockAddr) -> core::result::Result<c_int, Refusal> {
    let kind = libc::SOCK_DGRAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    let fd = sys::socket(address.family(), kind, 0).map_err(|_| Refusal::Socket)?;
    // SAFETY: alive and locked by contract; the address to bind to is a copy.
    let bound = unsafe {
        let o = &(*b).options;
        for (name, size) in [(libc::SO_RCVBUF, o.receive_buffer), (libc::SO_SNDBUF, o.send_buffer)]
        {
            if size > 0 && sys::set_option(fd, libc::SOL_SOCKET, name, size).is_err() {
                let _ = sys::close(fd);
                return Err(Refusal::Setup);
            }
        }
        match o.bind {
            Some(from) if !is_loopback(address) => sys::bind(fd, from.as_ptr(), from.len()),
            _ => Ok(()),
        }
    };
    if bound.is_err() {
        super::log::warning!("Couldn't bind to outgoing address");
        let _ = sys::close(fd);
        return Err(Refusal::Setup);
    }
    Ok(fd)
}

pub(super) fn is_loopback(a: &SockAddr) -> bool {
    if let Some(v4) = a.as_v4() {
        return v4.sin_addr.s_addr.to_ne_bytes().first() == Some(&127);
    }
    a.as_v6()
        .is_some_and(|v6| v6.sin6_addr.s6_addr == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
}

unsafe fn make(b: *mut evdns_base, address: SockAddr, fd: c_int) -> Result<*mut Server> {
    // SAFETY: events of zeroes are values of the plain C structure; the server does not move once
    // it is boxed.
    unsafe {
        let s = mem::Box::into_raw(mem::try_box(Server {
            base: b,
            next: null_mut(),
            prev: null_mut(),
            address,
            fd,
            event: core::mem::zeroed(),
            probe_timer: core::mem::zeroed(),
            up: true,
            dead: false,
            tcp: tcp::Stream::new(),
            choked: false,
            connected: false,
            failed_times: 0,
            timeouts: 0,
            probe: null_mut(),
            inflight: 0,
        })?);
        (*s).next = s;
        (*s).prev = s;
        let base = (*b).event_base;
        let ev = addr_of_mut!((*s).event);
        let _ = event::assign(ev, base, fd, EV_READ | EV_PERSIST, Some(ready), s.cast());
        let timer = addr_of_mut!((*s).probe_timer);
        let _ = event::assign(timer, base, -1, 0, Some(probe_due), s.cast());
        Ok(s)
    }
}

/// Calls `f` for each server, from the one that is picked next on.
///
/// # Safety
/// `b` is alive and locked; `f` adds and removes none.
pub(super) unsafe fn each(b: *mut evdns_base, mut f: impl FnMut(*mut Server)) {
    // SAFETY: by contract.
    unsafe {
        let first = (*b).servers;
        let mut s = first;
        while !s.is_null() {
            f(s);
            s = (*s).next;
            if s == first {
                break;
            }
        }
    }
}

/// How many servers there are.
///
/// # Safety
/// `b` is alive and not locked.
pub unsafe fn count(b: *mut evdns_base) -> c_int {
    let mut n: c_int = 0;
    // SAFETY: by contract.
    unsafe {
        let _guard = lock(b);
        each(b, |_| n = n.saturating_add(1));
    }
    n
}

/// The address and the descriptor of a server.
///
/// # Safety
/// `b` is alive and not locked.
#[inline(never)]
pub unsafe fn nth(b: *mut evdns_base, index: c_int) -> Option<(SockAddr, c_int)> {
    let mut at: c_int = 0;
    let mut found = None;
    // SAFETY: by contract.
    unsafe {
        let _guard = lock(b);
        each(b, |s| {
            if at == index {
                found = Some(((*s).address, (*s).fd));
            }
            at = at.saturating_add(1);
        });
    }
    found
}

/// The server for the next query: they take turns, those that are down are passed over unless all
/// of them are. Null if there is none.
///
/// # Safety
/// `b` is alive and locked.
pub(super) unsafe fn pick(b: *mut evdns_base) -> *mut Server {
    // SAFETY: by contract.
    unsafe {
        let start = (*b).servers;
        if start.is_null() {
            return start;
        }
        if (*b).good == 0 {
            (*b).servers = (*start).next;
            return (*b).servers;
        }
        loop {
            let s = (*b).servers;
            (*b).servers = (*s).next;
            if (*s).up {
                return s;
            }
            if (*b).servers == start {
                return start;
            }
        }
    }
}

/// A query goes out to `s`: where descriptors are only watched while there are any, they are now.
///
/// # Safety
/// `s` is alive, and its resolver locked.
pub(super) unsafe fn enter(s: *mut Server) -> Result<()> {
    // SAFETY: by contract.
    unsafe {
        (*s).inflight += 1;
        if (*s).inflight == 1 && (*(*s).base).inactive {
            event::add(addr_of_mut!((*s).event), None)?;
        }
    }
    Ok(())
}

/// A query is no longer out there.
///
/// # Safety
/// `s` is alive, and its resolver locked.
pub(super) unsafe fn leave(s: *mut Server) {
    // SAFETY: by contract. Not waiting: this may be inside the event's callback, or another
    // thread's.
    unsafe {
        (*s).inflight = (*s).inflight.saturating_sub(1);
        if (*s).inflight == 0 && (*(*s).base).inactive {
            let _ = event::del_noblock(addr_of_mut!((*s).event));
        }
    }
}

/// Watches for room in the socket's buffer, or stops it.
unsafe fn watch_writing(s: *mut Server, on: bool) {
    // SAFETY: alive and locked by contract.
    unsafe {
        (*s).choked = on;
        let ev = addr_of_mut!((*s).event);
        let _ = event::del_noblock(ev);
        let what = EV_READ | EV_PERSIST | if on { EV_WRITE } else { 0 };
        let base = (*(*s).base).event_base;
        let _ = event::assign(ev, base, (*s).fd, what, Some(ready), s.cast());
        if !(*(*s).base).inactive || (*s).inflight > 0 {
            let _ = event::add(ev, None);
        }
    }
}

/// What became of a packet.
pub(super) enum Sent {
    /// It is on its way, or lost: the timeout will tell.
    Out,
    /// The buffer is full; it goes out later.
    Later,
}

/// Sends a query.
///
/// # Safety
/// `s` is alive, and its resolver locked.
pub(super) unsafe fn send(s: *mut Server, packet: &[u8]) -> Sent {
    // SAFETY: by contract; the kernel reads the packet and the address.
    unsafe {
        if (*s).choked {
            return Sent::Later;
        }
        let send = || match (*s).connected {
            true => sys::send((*s).fd, packet, 0),
            false => sys::sendto((*s).fd, packet, 0, (*s).address.as_ptr(), (*s).address.len()),
        };
        // That nobody listened there is news of an earlier query: it says nothing of this one.
        let sent = match send() {
            Err(Errno(libc::ECONNREFUSED)) => send(),
            other => other,
        };
        match sent {
            Ok(_) | Err(Errno(libc::ECONNREFUSED)) => {}
            Err(e) if e.is_retriable() => {
                watch_writing(s, true);
                return Sent::Later;
            }
            Err(e) => failed(s, format_args!("{}", Reason(e))),
        }
    }
    Sent::Out
}

/// The text of an errno.
struct Reason(Errno);

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0 as libc::c_char; 128];
        // SAFETY: the buffer and its length are ours; on success it holds a string.
        let text = unsafe {
            if libc::strerror_r(self.0.0, text.as_mut_ptr(), text.len()) != 0 {
                return f.write_str("unknown error");
            }
            core::ffi::CStr::from_ptr(text.as_ptr())
        };
        f.write_str(text.to_str().unwrap_or("unknown error"))
    }
}

unsafe extern "C" fn ready(_: c_int, what: c_short, arg: *mut c_void) {
    let s: *mut Server = from_arg(arg);
    // SAFETY: a server's event is deleted, with a wait for its callback, before the server is freed.
    unsafe {
        let b = (*s).base;
        let _guard = lock(b);
        if (*s).dead {
            return;
        }
        if what & EV_WRITE != 0 {
            watch_writing(s, false);
            inflight::send_unsent(b, s);
        }
        if what & EV_READ != 0 {
            read(s);
        }
    }
}

/// Takes the packets that are there, until no answer is missing any more. If something else is there
/// then, the loop says so again.
unsafe fn read(s: *mut Server) {
    // SAFETY: alive and locked by contract; no user code runs in here, so the server stays.
    unsafe {
        loop {
            let n = (*s).inflight.clamp(1, sys::BATCH);
            let got = if n == 1 {
                sys::recv_one((*s).fd, |packet, fact| take(s, packet, fact))
            } else {
                read_many(s, n)
            };
            match got {
                // Without an answer the timeout will tell, as it does for servers that are silent.
                Err(Errno(libc::ECONNREFUSED)) => {}
                Ok(got) if got == n && (*s).inflight > 0 => {}
                Ok(_) => return,
                Err(e) => {
                    if !e.is_retriable() {
                        failed(s, format_args!("{}", Reason(e)));
                    }
                    return;
                }
            }
        }
    }
}

/// Takes up to `n` packets. Apart from `read`, because of what it has to make room for.
#[inline(never)]
unsafe fn read_many(s: *mut Server, n: usize) -> core::result::Result<usize, Errno> {
    let mut buffers = [const { sys::Packet::uninit() }; sys::BATCH];
    let mut facts = [sys::Received::NONE; sys::BATCH];
    let (Some(room), Some(facts)) = (buffers.get_mut(..n), facts.get_mut(..n)) else {
        return Ok(0);
    };
    // SAFETY: as in `read`.
    unsafe { sys::recv_many((*s).fd, room, facts, |packet, fact| take(s, packet, fact)) }
}

/// Takes one packet.
unsafe fn take(s: *mut Server, packet: &[u8], fact: &sys::Received) {
    // SAFETY: as in `read`.
    unsafe {
        let from = SockAddr::from_storage(fact.from, fact.from_len);
        if from.compare(&(*s).address, true).is_eq() {
            (*s).timeouts = 0;
            reply::packet((*s).base, packet, None);
        } else {
            super::log::warning!(
                "Address mismatch on received DNS packet.  Apparent source was {}",
                Shown(from)
            );
        }
    }
}

/// A server does not do what it should: it is down from now on, and asked now and then.
///
/// # Safety
/// `s` is alive, and its resolver locked.
pub(super) unsafe fn failed(s: *mut Server, why: fmt::Arguments<'_>) {
    // SAFETY: by contract.
    unsafe {
        if !(*s).up {
            return;
        }
        let b = (*s).base;
        super::log::message!("Nameserver {} has failed: {why}", Shown((*s).address));
        (*b).good = (*b).good.saturating_sub(1);
        if (*b).good == 0 {
            super::log::message!("All nameservers have failed");
        }
        (*s).up = false;
        if core::mem::take(&mut (*s).connected) {
            sys::disconnect((*s).fd);
        }
        (*s).failed_times = 1;
        set_probe_timer(s, (*b).options.probe_initial);
    }
}

unsafe fn set_probe_timer(s: *mut Server, micros: u64) {
    let tv = timeval {
        tv_sec: (micros / 1_000_000).cast_signed(),
        tv_usec: (micros % 1_000_000).cast_signed(),
    };
    // SAFETY: alive and locked by contract.
    unsafe {
        if event::add(addr_of_mut!((*s).probe_timer), Some(&tv)).is_err() {
            super::log::warning!(
                "Error from libevent when adding timer event for {}",
                Shown((*s).address)
            );
        }
    }
}

unsafe extern "C" fn probe_due(_: c_int, _: c_short, arg: *mut c_void) {
    let s: *mut Server = from_arg(arg);
    // SAFETY: as for `ready`.
    unsafe {
        let _guard = lock((*s).base);
        if (*s).dead || (*s).up || !(*s).probe.is_null() {
            return;
        }
        if let Ok(r) = request::probe(s, PROBE_NAME) {
            (*s).probe = r;
            request::submit_to(r, s);
        } else {
            probe_ended(s, types::DNS_ERR_UNKNOWN);
        }
    }
}

/// The answer to the question whether a server is up again.
///
/// # Safety
/// `s` is alive, and its resolver locked.
pub(super) unsafe fn probe_ended(s: *mut Server, result: c_int) {
    // SAFETY: by contract.
    unsafe {
        (*s).probe = null_mut();
        match result {
            types::DNS_ERR_CANCEL => {}
            types::DNS_ERR_NONE | types::DNS_ERR_NOTEXIST => is_up(s),
            _ if (*s).up => {}
            _ => {
                let o = (*(*s).base).options;
                let mut wait = o.probe_initial;
                for _ in 0..(*s).failed_times {
                    if wait >= o.probe_max {
                        break;
                    }
                    wait = wait.saturating_mul(o.probe_factor);
                }
                (*s).failed_times = (*s).failed_times.saturating_add(1);
                set_probe_timer(s, wait.min(o.probe_max));
            }
        }
    }
}

/// A server has given a sensible answer.
///
/// # Safety
/// `s` is alive, and its resolver locked.
#[inline(never)]
pub(super) unsafe fn is_up(s: *mut Server) {
    // SAFETY: by contract.
    unsafe {
        if (*s).up {
            return;
        }
        super::log::message!("Nameserver {} is back up", Shown((*s).address));
        let _ = event::del_noblock(addr_of_mut!((*s).probe_timer));
        (*s).up = true;
        connect(s);
        (*s).failed_times = 0;
        (*s).timeouts = 0;
        (*(*s).base).good += 1;
        let probe = core::mem::replace(&mut (*s).probe, null_mut());
        if !probe.is_null() {
            request::drop_probe(probe);
        }
    }
}

/// Takes all servers out, for [`destroy`]. Their questions end; requests that are out keep pointing
/// to them until the caller has seen to that.
///
/// # Safety
/// `b` is alive and locked.
pub(super) unsafe fn detach_all(b: *mut evdns_base) -> *mut Server {
    // SAFETY: by contract.
    unsafe {
        let first = core::mem::replace(&mut (*b).servers, null_mut());
        let mut s = first;
        while !s.is_null() {
            (*s).dead = true;
            let _ = event::del_noblock(addr_of_mut!((*s).event));
            let _ = event::del_noblock(addr_of_mut!((*s).probe_timer));
            tcp::close(s);
            let probe = core::mem::replace(&mut (*s).probe, null_mut());
            if !probe.is_null() {
                request::drop_probe(probe);
            }
            s = (*s).next;
            if s == first {
                break;
            }
        }
        (*b).good = 0;
        first
    }
}

/// Frees servers that were taken out, waiting for their callbacks in other threads.
///
/// # Safety
/// `first` is null or of [`detach_all`], no request points to them, and the lock is not held.
pub(super) unsafe fn destroy(first: *mut Server) {
    // SAFETY: by contract.
    unsafe {
        let mut s = first;
        while !s.is_null() {
            let next = (*s).next;
            destroy_one(s);
            s = if next == first { null_mut() } else { next };
        }
    }
}

unsafe fn destroy_one(s: *mut Server) {
    // SAFETY: nobody but an event's callback, for which `del` waits, can reach the server.
    unsafe {
        for ev in [addr_of_mut!((*s).event), addr_of_mut!((*s).probe_timer)] {
            let _ = event::del(ev);
            event::debug::note_teardown(ev);
        }
        tcp::destroy(s);
        let _ = sys::close((*s).fd);
        drop(mem::Box::from_raw_in(s, mem::Heap));
    }
}

impl From<Refusal> for Error {
    fn from(r: Refusal) -> Self {
        if r == Refusal::NoMemory { Self::NoMemory } else { Self::Invalid }
    }
}
