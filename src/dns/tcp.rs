//! Queries over TCP (RFC 7766): for requests that ask for it, and for answers that were cut off.
//!
//! A server has one connection at most, which all queries to it share; it is made when it is needed
//! and closed when it has not been used for a while. Everything here happens with the resolver's lock
//! held. When a connection breaks, the requests that were out on it take the next attempt.

use super::base::{from_arg, lock};
use super::server::Server;
use super::{reply, request};
use crate::error::{Error, Result};
use crate::event;
use crate::event::flags::{EV_PERSIST, EV_READ, EV_TIMEOUT, EV_WRITE};
use crate::event::raw::event as Event;
use crate::mem;
use crate::sys::{Errno, socket as sys};
use core::ffi::c_void;
use core::ptr::addr_of_mut;
use libc::{c_int, c_short, timeval};

/// How much is read at a time.
const CHUNK: usize = 4096;
/// So many bytes that a server does not take are enough.
const MAX_UNSENT: usize = 1 << 20;

/// The connection to a server; part of it.
pub(super) struct Stream {
    /// -1 while there is none.
    fd: c_int,
    event: Event,
    connecting: bool,
    /// What is to be sent, and how much of it has been.
    out: mem::Vec<u8>,
    sent: usize,
    /// What has come in and is no whole message yet.
    input: mem::Vec<u8>,
}

impl Stream {
    /// No connection.
    pub(super) const fn new() -> Self {
        Self {
            fd: -1,
            // SAFETY: an event of zeroes is a value of the plain C structure.
            event: unsafe { core::mem::zeroed() },
            connecting: false,
            out: mem::Vec::new_in(mem::Heap),
            sent: 0,
            input: mem::Vec::new_in(mem::Heap),
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
        let len = u16::try_from(packet.len()).map_err(|_| Error::Invalid)?;
        let out = &mut (*s).tcp.out;
        if out.len() > MAX_UNSENT {
            return Err(Error::Invalid);
        }
        out.try_reserve(packet.len().saturating_add(2)).map_err(|_| Error::NoMemory)?;
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(packet);
        if !(*s).tcp.connecting {
            flush(s)?;
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
        let ev = addr_of_mut!((*tcp).event);
        let unsent = &(*tcp).out;
        let writing = (*tcp).connecting || !unsent.is_empty();
        let what = EV_READ | EV_PERSIST | if writing { EV_WRITE } else { 0 };
        if event::initialized(ev)
            && event::pending(ev, EV_READ | EV_WRITE, core::ptr::null_mut()) != 0
        {
            if (*ev).ev_events & (EV_READ | EV_WRITE | EV_PERSIST) == what {
                return Ok(());
            }
            let _ = event::del_noblock(ev);
        }
        event::assign(ev, (*b).event_base, (*tcp).fd, what, Some(ready), s.cast())?;
        let micros = (*b).options.tcp_idle;
        let tv = timeval {
            tv_sec: (micros / 1_000_000).cast_signed(),
            tv_usec: (micros % 1_000_000).cast_signed(),
        };
        event::add(ev, Some(&tv))
    }
}

/// Sends as much as the socket takes.
unsafe fn flush(s: *mut Server) -> Result<()> {
    // SAFETY: alive and locked by contract of the callers; nobody is called meanwhile.
    unsafe {
        let tcp = &mut (*s).tcp;
        while let Some(rest) = tcp.out.get(tcp.sent..).filter(|r| !r.is_empty()) {
            match sys::send(tcp.fd, rest, libc::MSG_NOSIGNAL) {
                Ok(n) => tcp.sent = tcp.sent.saturating_add(n),
                Err(e) if e.is_retriable() => return Ok(()),
                Err(e) => return Err(e.into()),
            }
        }
        tcp.out.clear();
        tcp.sent = 0;
    }
    Ok(())
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
        (*tcp).out = mem::Vec::new_in(mem::Heap);
        (*tcp).sent = 0;
        (*tcp).input = mem::Vec::new_in(mem::Heap);
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
            if !request::any_over_tcp(b, s) {
                close(s);
            }
            return;
        }
        if work(s, what).is_err() {
            close(s);
            request::connection_lost(b, s);
        } else if (*b).inactive && !request::any_over_tcp(b, s) {
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
            flush(s)?;
        }
        if what & EV_READ != 0 {
            read(s)?;
        }
        if (*s).tcp.fd >= 0 { watch(s) } else { Ok(()) }
    }
}

/// Reads what is there, and hands out whole messages. The end of the stream is an error.
unsafe fn read(s: *mut Server) -> Result<()> {
    let mut chunk = [0_u8; CHUNK];
    loop {
        // SAFETY: alive and locked by contract of the caller.
        unsafe {
            let got = match sys::recv((*s).tcp.fd, &mut chunk, 0) {
                Ok(0) => return Err(Error::Os(Errno(libc::ECONNRESET))),
                Ok(n) => n,
                Err(e) if e.is_retriable() => return Ok(()),
                Err(e) => return Err(e.into()),
            };
            let new = chunk.get(..got).unwrap_or_default();
            let input = &mut (*s).tcp.input;
            input.try_reserve(new.len()).map_err(|_| Error::NoMemory)?;
            input.extend_from_slice(new);
            messages(s);
            if (*s).tcp.fd < 0 || got < CHUNK {
                return Ok(());
            }
        }
    }
}

/// Takes whole messages off the input. What is kept is less than the longest message.
unsafe fn messages(s: *mut Server) {
    // SAFETY: alive and locked by contract of the caller. The input is taken out while messages are
    // looked at: they may close the connection.
    unsafe {
        let mut input = core::mem::replace(&mut (*s).tcp.input, mem::Vec::new_in(mem::Heap));
        let mut at = 0_usize;
        while let Some((head, rest)) = input.get(at..).and_then(<[u8]>::split_first_chunk::<2>) {
            let len = usize::from(u16::from_be_bytes(*head));
            let Some(message) = rest.get(..len) else { break };
            (*s).timeouts = 0;
            reply::packet((*s).base, message, Some(s));
            at = at.saturating_add(2).saturating_add(len);
        }
        input.drain(..at.min(input.len()));
        if (*s).tcp.fd >= 0 {
            (*s).tcp.input = input;
        }
    }
}
