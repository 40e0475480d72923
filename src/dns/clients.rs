//! The TCP side of a server port: a listener, and the clients that it has accepted (RFC 7766).
//!
//! Queries come one after the other over a connection, each behind its length, and so do the answers,
//! in any order. A client that does not read its answers is not read from either. Everything here
//! happens with the port's lock held, except for the user's callback. A client is counted: its
//! connection holds one count, each query that has not been answered yet another, and the event's
//! callback one while it runs.

use super::base::from_arg;
use super::framed::{self, Framed};
use super::port::{self, Request, evdns_server_port, lock};
use super::types::evdns_request_callback_fn_type;
use crate::error::{Error, Result};
use crate::event;
use crate::event::event_base;
use crate::event::flags::{EV_READ, EV_TIMEOUT, EV_WRITE};
use crate::event::raw::event as Event;
use crate::listener::{self, evconnlistener};
use crate::mem;
use crate::sys::socket as sys;
use crate::util::address::SockAddr;
use core::ffi::c_void;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_int, c_short, sockaddr, socklen_t};

/// With so many bytes of answers unsent, no more queries are read.
const ENOUGH: usize = 128 << 10;

/// What a port with a listener has besides.
pub(super) struct Tcp {
    pub(super) listener: *mut evconnlistener,
    first: *mut Client,
    len: usize,
    /// So many clients at a time.
    pub(super) max: usize,
    /// After so many microseconds without a query a client is dropped.
    pub(super) idle: u64,
}

impl Tcp {
    /// No clients yet, and the reference's limits.
    pub(super) const fn new(listener: *mut evconnlistener) -> Self {
        Self { listener, first: null_mut(), len: 0, max: 10, idle: 10_000_000 }
    }
}

/// A client.
pub(super) struct Client {
    port: *mut evdns_server_port,
    next: *mut Self,
    prev: *mut Self,
    /// -1 when the connection is closed.
    fd: c_int,
    event: Event,
    count: usize,
    address: SockAddr,
    messages: Framed,
}

/// Has a port take queries from a listener, which it owns from now on.
///
/// # Safety
/// `base` is null (the current one) or alive, `l` is alive.
pub unsafe fn new_port(
    base: *mut event_base,
    l: *mut evconnlistener,
    cb: evdns_request_callback_fn_type,
    arg: *mut c_void,
) -> Result<*mut evdns_server_port> {
    // SAFETY: by contract; the port is alive as long as its listener's callback is set.
    unsafe {
        let p = port::make(base, -1, cb, arg, Some(Tcp::new(l)))?;
        listener::set_cb(l, Some(accepted), p.cast());
        let _ = listener::enable(l);
        Ok(p)
    }
}

/// A port is being closed: no connections any more; clients stay until they have their answers.
///
/// # Safety
/// `p` is alive, not locked, and the caller holds a count.
pub(super) unsafe fn stop(p: *mut evdns_server_port) {
    // SAFETY: by contract. Switched off, the listener runs no callback, also not in another thread.
    unsafe {
        let l = {
            let _guard = lock(p);
            let Some(tcp) = &mut (*p).tcp else { return };
            core::mem::replace(&mut tcp.listener, null_mut())
        };
        if !l.is_null() {
            let _ = listener::disable(l);
            listener::set_cb(l, None, null_mut());
            listener::free(l);
        }
        loop {
            let c = {
                let _guard = lock(p);
                let mut c = (*p).tcp.as_ref().map_or(null_mut(), |t| t.first);
                while !c.is_null() && !is_done(c) {
                    c = (*c).next;
                }
                if c.is_null() {
                    return;
                }
                disconnect(c);
                c
            };
            release(c);
        }
    }
}

/// How many bytes of answers are to be sent.
unsafe fn unsent(c: *mut Client) -> usize {
    // SAFETY: alive and locked by contract of the callers.
    unsafe { (&raw const (*c).messages).as_ref().map_or(0, Framed::unsent) }
}

/// Whether a client waits for nothing.
unsafe fn is_done(c: *mut Client) -> bool {
    // SAFETY: alive and locked by contract of the callers.
    unsafe { (*c).count == 1 && unsent(c) == 0 }
}

unsafe extern "C" fn accepted(
    _: *mut evconnlistener,
    fd: c_int,
    sa: *mut sockaddr,
    len: c_int,
    arg: *mut c_void,
) {
    let p: *mut evdns_server_port = from_arg(arg);
    // SAFETY: the port frees its listener, with a wait for this, before it goes. The address has
    // `len` bytes.
    unsafe {
        let address = SockAddr::from_raw(sa, socklen_t::try_from(len).unwrap_or(0));
        let made = match address {
            Some(address) => {
                let _guard = lock(p);
                add(p, fd, address)
            }
            None => Err(Error::Invalid),
        };
        if made.is_err() {
            let _ = sys::close(fd);
        }
    }
}

unsafe fn add(p: *mut evdns_server_port, fd: c_int, address: SockAddr) -> Result<()> {
    // SAFETY: alive and locked by contract of the caller; the client is new, and does not move once it
    // is boxed.
    unsafe {
        let Some(tcp) = &mut (*p).tcp else { return Err(Error::Invalid) };
        if tcp.len >= tcp.max {
            return Err(Error::Invalid);
        }
        let flags = sys::status_flags(fd)?;
        sys::set_status_flags(fd, flags | libc::O_NONBLOCK)?;
        let c = mem::Box::into_raw(mem::try_box(Client {
            port: p,
            next: tcp.first,
            prev: null_mut(),
            fd,
            event: core::mem::zeroed(),
            count: 1,
            address,
            messages: Framed::new(),
        })?);
        if let Err(e) = watch(c) {
            drop(mem::Box::from_raw_in(c, mem::Heap));
            return Err(e);
        }
        if !tcp.first.is_null() {
            (*tcp.first).prev = c;
        }
        tcp.first = c;
        tcp.len += 1;
        (*p).count += 1;
    }
    Ok(())
}

/// Watches the connection for what is to be waited for.
unsafe fn watch(c: *mut Client) -> Result<()> {
    // SAFETY: alive and locked by contract of the callers.
    unsafe {
        let p = (*c).port;
        let Some(tcp) = &(*p).tcp else { return Err(Error::Invalid) };
        let unsent = unsent(c);
        let reading = unsent < ENOUGH && !(*p).closed;
        let what = if reading { EV_READ } else { 0 } | if unsent > 0 { EV_WRITE } else { 0 };
        let micros = (tcp.idle > 0).then_some(tcp.idle);
        let call = (Some(ready as _), c.cast());
        framed::watch(addr_of_mut!((*c).event), (*p).event_base, (*c).fd, what, micros, call)
    }
}

/// Closes the connection, if it is open still; its count is then the caller's to give back.
unsafe fn disconnect(c: *mut Client) -> bool {
    // SAFETY: alive and locked by contract of the callers.
    unsafe {
        if (*c).fd < 0 {
            return false;
        }
        let _ = event::del_noblock(addr_of_mut!((*c).event));
        let _ = sys::close((*c).fd);
        (*c).fd = -1;
        (*c).messages = Framed::new();
        if let Some(tcp) = &mut (*(*c).port).tcp {
            if (*c).prev.is_null() {
                tcp.first = (*c).next;
            } else {
                (*(*c).prev).next = (*c).next;
            }
            if !(*c).next.is_null() {
                (*(*c).next).prev = (*c).prev;
            }
            tcp.len = tcp.len.saturating_sub(1);
        }
        true
    }
}

/// One more count.
///
/// # Safety
/// `c` is alive, and its port locked.
pub(super) unsafe fn retain(c: *mut Client) {
    // SAFETY: by contract.
    unsafe { (*c).count += 1 };
}

/// Gives a count back. A client of a closed port that has all its answers is disconnected.
///
/// # Safety
/// `c` is alive, the count the caller's, and the port not locked.
pub(super) unsafe fn release(c: *mut Client) {
    // SAFETY: by contract. With the last count nobody but a loop that has picked the event can
    // reach the client, and deleting it waits for that.
    unsafe {
        let p = (*c).port;
        {
            let _guard = lock(p);
            (*c).count -= 1;
            if (*c).count == 1 && (*p).closed && is_done(c) && disconnect(c) {
                (*c).count = 0;
            }
            if (*c).count > 0 {
                return;
            }
        }
        let ev = addr_of_mut!((*c).event);
        let _ = event::del(ev);
        event::debug::note_teardown(ev);
        drop(mem::Box::from_raw_in(c, mem::Heap));
        port::release(p);
    }
}

unsafe extern "C" fn ready(_: c_int, what: c_short, arg: *mut c_void) {
    let c: *mut Client = from_arg(arg);
    // SAFETY: `release` deletes the event, and waits for this, before the client goes; the count
    // keeps it alive when the user's callback ends the connection.
    unsafe {
        let p = (*c).port;
        let (open, cb, arg) = {
            let _guard = lock(p);
            if (*c).count == 0 || (*c).fd < 0 {
                return;
            }
            retain(c);
            let open =
                if what & EV_TIMEOUT != 0 && is_idle(c) { false } else { work(c, what).is_ok() };
            (open, (*p).cb, (*p).arg)
        };
        loop {
            let request = {
                let _guard = lock(p);
                if !open || (*c).fd < 0 || (*p).closed { null_mut() } else { next_query(c) }
            };
            if request.is_null() {
                break;
            }
            port::hand_out(request, cb, arg);
        }
        let ours = {
            let _guard = lock(p);
            let stays = open && (*c).fd >= 0 && watch(c).is_ok();
            !stays && disconnect(c)
        };
        if ours {
            release(c);
        }
        release(c);
    }
}

/// Whether nothing is to be done for a client: all its queries are answered, or nothing of the answers
/// can be sent. This is inside its event's callback, which holds a count.
unsafe fn is_idle(c: *mut Client) -> bool {
    // SAFETY: alive and locked by contract of the caller.
    unsafe { (*c).count == 2 || unsent(c) > 0 }
}

unsafe fn work(c: *mut Client, what: c_short) -> Result<()> {
    // SAFETY: alive and locked by contract of the caller; nobody is called meanwhile.
    unsafe {
        let c = &mut *c;
        if what & EV_WRITE != 0 {
            c.messages.flush(c.fd)?;
        }
        if what & EV_READ != 0 {
            c.messages.receive(c.fd)?;
        }
    }
    Ok(())
}

/// The next query of the input; what makes no sense is passed over. Null if there is none.
unsafe fn next_query(c: *mut Client) -> *mut Request {
    // SAFETY: alive and locked by contract of the caller. The input is taken out while a message is
    // looked at: it may be answered at once.
    unsafe {
        let mut input = core::mem::replace(&mut (*c).messages.input, mem::Vec::new_in(mem::Heap));
        let mut rest = input.as_slice();
        let mut found = null_mut();
        while let Some((message, behind)) = framed::split(rest) {
            rest = behind;
            if let Some(r) = port::parse((*c).port, message, (*c).address, c) {
                found = r;
                break;
            }
        }
        let done = input.len().saturating_sub(rest.len());
        input.drain(..done);
        if (*c).fd >= 0 {
            (*c).messages.input = input;
        }
        found
    }
}

/// Appends an answer, which `write` puts into so many bytes at most, and sends what goes. `Ok(false)`
/// when the rest goes later. An error of the connection is none of the answer's: the event will
/// tell.
///
/// # Safety
/// `c` is alive, and its port locked.
pub(super) unsafe fn respond(
    c: *mut Client,
    room: usize,
    write: impl FnOnce(&mut [u8]) -> Result<usize>,
) -> Result<bool> {
    // SAFETY: by contract; `write` calls nobody.
    unsafe {
        if (*c).fd < 0 {
            return Ok(true);
        }
        let was_empty = unsent(c) == 0;
        let (messages, fd) = (&mut (*c).messages, (*c).fd);
        messages.append(room, write)?;
        if was_empty && messages.flush(fd).is_err() {
            // A closed connection is readable: the event's callback sees to it.
            messages.discard_output();
        }
        let all = messages.unsent() == 0;
        if !all {
            let _ = watch(c);
        }
        Ok(all)
    }
}
