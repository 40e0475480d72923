//! Queries over TCP (RFC 7766): for requests that ask for it, and for answers that were cut off.
//!
//! A server has one connection at most, which all queries to it share; it is made when it is needed
//! and closed when it has not been used for a while. Everything here happens with the resolver's lock
//! held. When a connection breaks, the requests that were out on it take the next attempt.

use super::base::{from_arg, lock};
use super::framed::{self, Framed};
use super::server::Server;
use super::{inflight, reply};
use crate::error::{Error, Result};
use crate::event;
use crate::event::flags::{EV_READ, EV_TIMEOUT, EV_WRITE};
use crate::event::raw::event as Event;
use crate::mem;
use crate::sys::{Errno, socket as sys};
use core::ffi::c_void;
use core::ptr::addr_of_mut;
use libc::{c_int, c_short};

/// So many bytes that a server does not take are enough.
const MAX_UNSENT: usize = 1 << 20;

/// The connection to a server; part of it.
pub(super) struct Stream {
    /// -1 while there is none.
    fd: c_int,
    event: Event,
    connecting: bool,
    messages: Framed,
}

impl Stream {
    /// No connection.
    pub(super) const fn new() -> Self {
        Self {
            fd: -1,
            // SAFETY: an event of zeroes is a value of the plain C structure.
            event: unsafe { core::mem::zeroed() },
            connecting: false,
            messages: Framed::new(),
        }
    }
}

/// Sends a query to `s`, over a new connection if there is none. The last part of it may go later.
///
/// # Safety
/// `s` is alive, and its resolver locked.
pub(super) unsafe fn send(s: *mut Server, packet: &[u8]) -> Result<()> {
    // SAFETY: by contract; the buffers are borrowed only while nobody is called.
    unsafe {
        if (*s).tcp.fd < 0 {
            connect(s)?;
        }
        let tcp = &mut (*s).tcp;
        if tcp.messages.unsent() > MAX_UNSENT {
            return Err(Error::Invalid);
        }
        tcp.messages.append(packet.len(), |to| {
            to.copy_from_slice(packet);
            Ok(packet.len())
        })?;
        if !tcp.connecting {
            tcp.messages.flush(tcp.fd)?;
        }
        watch(s)
    }
}

unsafe fn connect(s: *mut Server) -> Result<()> {
    // SAFETY: alive and locked by contract of the caller; the address is the server's.
    unsafe {
        let address = (*s).address;
        let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        let fd = sys::socket(address.family(), kind, 0)?;
        let bound = match (*(*s).base).options.bind {
            Some(from) if !super::server::is_loopback(&address) => {
                let from = from.with_port(0);
                sys::bind(fd, from.as_ptr(), from.len())
            }
            _ => Ok(()),
        };
        let connected = bound.and_then(|()| sys::connect(fd, address.as_ptr(), address.len()));
        match connected {
            Ok(()) => (*s).tcp.connecting = false,
            Err(Errno(libc::EINPROGRESS | libc::EINTR)) => (*s).tcp.connecting = true,
            Err(e) => {
                let _ = sys::close(fd);
                return Err(e.into());
            }
        }
        (*s).tcp.fd = fd;
    }
    Ok(())
}

/// Watches the connection for what is to be waited for.
unsafe fn watch(s: *mut Server) -> Result<()> {
    // SAFETY: alive and locked by contract of the callers.
    unsafe {
        let b = (*s).base;
        let tcp = addr_of_mut!((*s).tcp);
        let messages = &(*tcp).messages;
        let writing = (*tcp).connecting || messages.unsent() > 0;
        let what = EV_READ | if writing { EV_WRITE } else { 0 };
        let micros = Some((*b).options.tcp_idle);
        let call = (Some(ready as _), s.cast());
        framed::watch(addr_of_mut!((*tcp).event), (*b).event_base, (*tcp).fd, what, micros, call)
    }
}

/// Closes the connection, if there is one, and forgets what was in it. Requests are not told.
///
/// # Safety
/// `s` is alive, and its resolver locked (or nobody else has the server).
pub(super) unsafe fn close(s: *mut Server) {
    // SAFETY: by contract. Not waiting: this may be inside the event's callback, or another
    // thread's, which will find no connection.
    unsafe {
        let tcp = addr_of_mut!((*s).tcp);
        if (*tcp).fd < 0 {
            return;
        }
        let _ = event::del_noblock(addr_of_mut!((*tcp).event));
        let _ = sys::close((*tcp).fd);
        (*tcp).fd = -1;
        (*tcp).connecting = false;
        (*tcp).messages = Framed::new();
    }
}

/// Waits for the event's callback in another thread, for the last time.
///
/// # Safety
/// `s` is alive, the lock not held, and nobody else uses the server any more.
pub(super) unsafe fn destroy(s: *mut Server) {
    // SAFETY: by contract.
    unsafe {
        close(s);
        let ev = addr_of_mut!((*s).tcp.event);
        if event::initialized(ev) {
            let _ = event::del(ev);
            event::debug::note_teardown(ev);
        }
    }
}

unsafe extern "C" fn ready(_: c_int, what: c_short, arg: *mut c_void) {
    let s: *mut Server = from_arg(arg);
    // SAFETY: a server's events are deleted, with a wait for their callbacks, before it is freed. The
    // resolver is alive as long as its servers.
    unsafe {
        let b = (*s).base;
        let _guard = lock(b);
        if (*s).dead || (*s).tcp.fd < 0 {
            return;
        }
        if what & EV_TIMEOUT != 0 {
            // Requests that are out have timeouts of their own.
            if !inflight::any_over_tcp(b, s) {
                close(s);
            }
            return;
        }
        if work(s, what).is_err() {
            close(s);
            inflight::connection_lost(b, s);
        } else if (*b).inactive && !inflight::any_over_tcp(b, s) {
            // Nothing may keep the loop alive now.
            close(s);
        }
    }
}

unsafe fn work(s: *mut Server, what: c_short) -> Result<()> {
    // SAFETY: alive and locked by contract of the caller.
    unsafe {
        if what & EV_WRITE != 0 {
            if core::mem::take(&mut (*s).tcp.connecting) {
                match sys::option((*s).tcp.fd, libc::SOL_SOCKET, libc::SO_ERROR)? {
                    0 => {}
                    e => return Err(Errno(e).into()),
                }
            }
            let tcp = &mut (*s).tcp;
            tcp.messages.flush(tcp.fd)?;
        }
        if what & EV_READ != 0 {
            read(s)?;
        }
        if (*s).tcp.fd >= 0 { watch(s) } else { Ok(()) }
    }
}

/// Reads what is there, and hands out whole messages. The end of the stream is an error.
unsafe fn read(s: *mut Server) -> Result<()> {
    loop {
        // SAFETY: alive and locked by contract of the caller; nobody is called while the messages are
        // borrowed.
        unsafe {
            let tcp = &mut (*s).tcp;
            let got = tcp.messages.receive(tcp.fd)?;
            hand_out(s);
            if (*s).tcp.fd < 0 || got < framed::CHUNK {
                return Ok(());
            }
        }
    }
}

/// Takes whole messages off the input. What is kept is less than the longest message.
unsafe fn hand_out(s: *mut Server) {
    // SAFETY: alive and locked by contract of the caller. The input is taken out while messages are
    // looked at: they may close the connection.
    unsafe {
        let mut input =
            core::mem::replace(&mut (*s).tcp.messages.input, mem::Vec::new_in(mem::Heap));
        let mut rest = input.as_slice();
        while let Some((message, behind)) = framed::split(rest) {
            (*s).timeouts = 0;
            reply::packet((*s).base, message, Some(s));
            rest = behind;
        }
        let done = input.len().saturating_sub(rest.len());
        input.drain(..done);
        if (*s).tcp.fd >= 0 {
            (*s).tcp.messages.input = input;
        }
    }
}
