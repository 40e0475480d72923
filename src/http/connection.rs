//! `struct evhttp_connection`: what server and client connections have in common.
//!
//! A connection is entered from its bufferevent's callbacks and from the user's calls, and each
//! way in counts ([`enter`], [`leave`]). Closing marks it dead at once, takes everything away from
//! it, and the last one to leave frees bufferevent and memory. After each call of user code, which
//! callbacks of buffers are as well, the mark is looked at before anything else.

use super::client::Client;
use super::raw::{evhttp_request, evhttp_request_links};
use super::request;
use super::server::evhttp;
use super::types::evhttp_ext_method_cb;
use super::{client, exchange, headers, io, reading, reply};
use crate::bufferevent::raw::bufferevent;
use crate::bufferevent::types::{
    BEV_EVENT_EOF, BEV_EVENT_ERROR, BEV_EVENT_READING, BEV_EVENT_TIMEOUT, BEV_EVENT_WRITING,
};
use crate::error::{Error, Result};
use crate::event::event_base;
use crate::event::flags::EV_READ;
use crate::mem;
use crate::util::address::parse_sockaddr_port;
use core::ffi::c_void;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_char, c_int, c_short, sockaddr, sockaddr_storage};

/// A callback on a connection.
pub type ConnectionFn = unsafe extern "C" fn(*mut evhttp_connection, *mut c_void);

/// A connection callback and its argument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Callback {
    pub(crate) f: Option<ConnectionFn>,
    pub(crate) arg: *mut c_void,
}

impl Callback {
    pub(crate) const NONE: Self = Self { f: None, arg: null_mut() };

    /// Calls it, if there is one. The caller holds the connection.
    pub(crate) unsafe fn call(self, conn: *mut evhttp_connection) {
        if let Some(f) = self.f {
            // SAFETY: the user's function with the user's argument; no borrow is held.
            unsafe { f(conn, self.arg) };
        }
    }
}

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// A client without a socket.
    Disconnected,
    /// A client that connects, or waits before it tries again.
    Connecting,
    /// A client without a request.
    Idle,
    /// Reading a start line; a server is here between requests.
    FirstLine,
    /// Reading headers.
    Headers,
    /// Reading a body.
    Body,
    /// A server whose user has the request.
    Handling,
    /// A server's reply, a client's request is going out.
    Writing,
    /// A client whose close callback runs: requests that it makes wait until the socket is gone.
    Closing,
    /// Closed; only memory is left.
    Dead,
}

/// Why an exchange failed; the numbers are those of `enum evhttp_request_error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Failure {
    Timeout = 0,
    Eof = 1,
    InvalidHeader = 2,
    Buffer = 3,
    Cancel = 4,
    TooLong = 5,
}

/// More input than this while a reply is still being made stops reading.
const INPUT_HIGH: usize = 64 * 1024;

/// A connection; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evhttp_connection {
    /// Links in the server's list.
    pub(crate) next: *mut Self,
    pub(crate) prev: *mut *mut Self,
    /// The server; null for clients and after the server is gone.
    pub(crate) server: *mut evhttp,
    pub(crate) base: *mut event_base,
    pub(crate) bev: *mut bufferevent,
    /// The queue of requests, linked through their `next`.
    first: *mut evhttp_request,
    last: *mut *mut evhttp_request,
    /// Called when what was written has gone out.
    pub(crate) written: Callback,
    pub(crate) closed: Callback,
    pub(crate) max_headers: usize,
    pub(crate) max_body: u64,
    /// What only clients have.
    pub(crate) client: *mut Client,
    pub(crate) ext_method: evhttp_ext_method_cb,
    /// Filled in when somebody asks.
    peer: *mut sockaddr_storage,
    /// Bytes of an incomplete line that were searched already.
    pub(crate) scanned: usize,
    inside: u32,
    /// Who needs nothing but the memory.
    kept: u32,
    /// Public flags, `EVHTTP_CON_*`.
    pub(crate) flags: c_int,
    pub(crate) state: State,
    /// The peer sends no more.
    pub(crate) peer_done: bool,
    /// The reply that a client has just read ends HTTP here: what came behind it is the program's.
    pub(crate) tunnel: bool,
    /// The reply is complete and its bytes are gone: the next exchange may begin.
    pub(crate) finished: bool,
    /// `process` is at work further up the stack.
    processing: bool,
    /// The bufferevent closes its descriptor itself.
    owns_fd: bool,
    /// Freed when the last request of a client is done.
    pub(crate) auto_free: bool,
    pub(crate) port: u16,
    // The peer's address as text stands behind the structure, in the same block.
}

/// A connection that has `bev` and nothing else. `bev` is its own from then on; on failure it is
/// freed, and its socket closed, if it is `ours`, else it stays the caller's.
///
/// # Safety
/// `bev` is live.
pub(crate) unsafe fn new(
    base: *mut event_base,
    bev: *mut bufferevent,
    address: &[u8],
    port: u16,
    ours: bool,
) -> Result<*mut evhttp_connection> {
    let size = size_of::<evhttp_connection>().saturating_add(address.len()).saturating_add(1);
    let Some(block) = mem::alloc(size) else {
        if ours {
            // SAFETY: the caller's bufferevent was handed over.
            unsafe { io::drop_bev(bev) };
        }
        return Err(Error::NoMemory);
    };
    let conn = block.as_ptr().cast::<evhttp_connection>();
    // SAFETY: a fresh block that holds the structure and, behind it, the text and its NUL.
    unsafe {
        headers::put_string(conn.add(1).cast(), address);
        conn.write(evhttp_connection {
            next: null_mut(),
            prev: null_mut(),
            server: null_mut(),
            base,
            bev,
            first: null_mut(),
            last: null_mut(),
            written: Callback::NONE,
            closed: Callback::NONE,
            max_headers: usize::MAX,
            max_body: u64::MAX,
            client: null_mut(),
            ext_method: None,
            peer: null_mut(),
            scanned: 0,
            inside: 0,
            kept: 0,
            flags: 0,
            state: State::Disconnected,
            peer_done: false,
            tunnel: false,
            finished: false,
            processing: false,
            owns_fd: io::closes_fd(bev),
            auto_free: false,
            port,
        });
        (*conn).last = addr_of_mut!((*conn).first);
    }
    Ok(conn)
}

/// Counts a way in.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn enter(conn: *mut evhttp_connection) {
    // SAFETY: the caller's connection.
    unsafe { (*conn).inside = (*conn).inside.saturating_add(1) };
}

/// Ends an [`enter`]; frees the bufferevent and the memory of a dead connection when it was the last.
///
/// # Safety
/// The caller entered `conn`.
pub(crate) unsafe fn leave(conn: *mut evhttp_connection) {
    // SAFETY: the caller's count keeps the memory alive up to here.
    unsafe {
        (*conn).inside = (*conn).inside.saturating_sub(1);
        if (*conn).inside == 0 && (*conn).state == State::Dead {
            left_dead(conn);
        }
    }
}

#[cold]
#[inline(never)]
unsafe fn left_dead(conn: *mut evhttp_connection) {
    // SAFETY: as in `leave`.
    unsafe {
        keep(conn);
        let bev = core::mem::replace(&mut (*conn).bev, null_mut());
        if !bev.is_null() {
            io::bev_free(bev);
        }
        unkeep(conn);
    }
}

/// Keeps the memory of the connection, so that it can be asked whether it is dead.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn keep(conn: *mut evhttp_connection) {
    // SAFETY: the caller's connection.
    unsafe { (*conn).kept = (*conn).kept.saturating_add(1) };
}

/// Ends a [`keep`].
///
/// # Safety
/// The caller kept `conn`.
pub(crate) unsafe fn unkeep(conn: *mut evhttp_connection) {
    // SAFETY: the caller's count keeps the memory up to here.
    unsafe {
        (*conn).kept = (*conn).kept.saturating_sub(1);
        if (*conn).kept == 0 && (*conn).inside == 0 && (*conn).state == State::Dead {
            free_block(conn);
        }
    }
}

/// Frees a connection that is dead and that nobody keeps.
#[cold]
#[inline(never)]
unsafe fn free_block(conn: *mut evhttp_connection) {
    // SAFETY: the caller's connection, not used any more.
    unsafe {
        client::dispose(conn);
        mem::free((*conn).peer.cast());
        mem::free(conn.cast());
    }
}

/// Whether the connection was closed.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn is_dead(conn: *const evhttp_connection) -> bool {
    // SAFETY: the caller's connection.
    unsafe { (*conn).state == State::Dead }
}

/// Whether there is a socket that is connected.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn is_connected(conn: *const evhttp_connection) -> bool {
    // SAFETY: the caller's connection.
    !matches!(
        unsafe { (*conn).state },
        State::Disconnected | State::Connecting | State::Closing | State::Dead
    )
}

/// The request at the front of the queue.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn current(conn: *const evhttp_connection) -> *mut evhttp_request {
    // SAFETY: the caller's connection.
    unsafe { (*conn).first }
}

/// Puts a request at the end of the queue.
///
/// # Safety
/// Both are live; the request is in no queue.
pub(crate) unsafe fn push(conn: *mut evhttp_connection, req: *mut evhttp_request) {
    // SAFETY: the caller's objects; `last` is always the link that the next request goes to.
    unsafe {
        (*req).evcon = conn;
        (*req).next = evhttp_request_links { tqe_next: null_mut(), tqe_prev: (*conn).last };
        *(*conn).last = req;
        (*conn).last = addr_of_mut!((*req).next.tqe_next);
    }
}

/// Takes a request out of its connection's queue, if it is in one.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn remove(req: *mut evhttp_request) {
    // SAFETY: a request with a connection stands in its queue, with the links of `push`.
    unsafe {
        let conn = (*req).evcon;
        if conn.is_null() || (*req).next.tqe_prev.is_null() {
            return;
        }
        let links = (*req).next;
        if links.tqe_next.is_null() {
            (*conn).last = links.tqe_prev;
        } else {
            (*links.tqe_next).next.tqe_prev = links.tqe_prev;
        }
        *links.tqe_prev = links.tqe_next;
        (*req).next = evhttp_request_links { tqe_next: null_mut(), tqe_prev: null_mut() };
        (*req).evcon = null_mut();
    }
}

/// Whether the connection serves rather than asks.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn is_incoming(conn: *const evhttp_connection) -> bool {
    // SAFETY: the caller's connection.
    unsafe { (*conn).client.is_null() }
}

/// Sets the callbacks of the bufferevent to those of an established connection.
///
/// # Safety
/// `conn` is live.
pub(crate) unsafe fn install_callbacks(conn: *mut evhttp_connection) {
    // SAFETY: the bufferevent belongs to the connection, which takes its callbacks away before it
    // dies.
    unsafe {
        io::set_callbacks((*conn).bev, Some(on_read), Some(on_write), Some(on_event), conn.cast());
    }
}

unsafe extern "C" fn on_read(_: *mut bufferevent, arg: *mut c_void) {
    let conn = arg.cast::<evhttp_connection>();
    // SAFETY: see `install_callbacks`; `enter` keeps it alive until `leave`.
    unsafe {
        enter(conn);
        process(conn);
        leave(conn);
    }
}

unsafe extern "C" fn on_write(bev: *mut bufferevent, arg: *mut c_void) {
    let conn = arg.cast::<evhttp_connection>();
    // SAFETY: as in `on_read`.
    unsafe {
        // With a watermark of the user's the callback may come before the last byte is gone.
        if io::len((*bev).output) > 0 {
            return;
        }
        enter(conn);
        flushed(conn);
        process(conn);
        leave(conn);
    }
}

/// All output is gone.
///
/// # Safety
/// The caller entered `conn`.
unsafe fn flushed(conn: *mut evhttp_connection) {
    // SAFETY: the caller's count; user code runs only through `Callback::call`.
    unsafe {
        if (*conn).state != State::Writing {
            return;
        }
        let req = current(conn);
        if is_incoming(conn) {
            let written = core::mem::replace(&mut (*conn).written, Callback::NONE);
            if written.f.is_some() {
                written.call(conn);
            } else if req.is_null() || request::is_user_done(req) {
                (*conn).finished = true;
            }
        } else {
            exchange::request_sent(conn);
        }
    }
}

/// Takes as many steps as the input and the state allow. Calls from further down the stack only
/// leave work for the one that runs already, so pipelined requests do not nest.
///
/// # Safety
/// The caller entered `conn`.
pub(crate) unsafe fn process(conn: *mut evhttp_connection) {
    // SAFETY: the caller's count keeps the memory alive; the state is read afresh after each step.
    unsafe {
        if (*conn).processing {
            return;
        }
        (*conn).processing = true;
        loop {
            if is_dead(conn) {
                break;
            }
            if (*conn).finished {
                (*conn).finished = false;
                reply::finish(conn);
                continue;
            }
            if !reading::step(conn) {
                break;
            }
        }
        (*conn).processing = false;
        (*conn).tunnel = false;
        if is_dead(conn) {
            return;
        }
        match (*conn).state {
            State::Handling | State::Writing
                if is_incoming(conn) && io::len((*(*conn).bev).input) > INPUT_HIGH =>
            {
                io::disable((*conn).bev, EV_READ);
            }
            State::FirstLine | State::Headers | State::Body if (*conn).peer_done => {
                reading::eof(conn);
            }
            _ => {}
        }
    }
}

unsafe extern "C" fn on_event(_: *mut bufferevent, what: c_short, arg: *mut c_void) {
    let conn = arg.cast::<evhttp_connection>();
    // SAFETY: as in `on_read`.
    unsafe {
        enter(conn);
        if is_incoming(conn) {
            server_event(conn, what);
        } else {
            exchange::event(conn, what);
        }
        if !is_dead(conn) {
            process(conn);
        }
        leave(conn);
    }
}

/// Whether a reply has begun that the program has not ended yet.
unsafe fn in_pieces(conn: *const evhttp_connection) -> bool {
    // SAFETY: the caller entered the connection; its current request is live.
    unsafe {
        let req = current(conn);
        !req.is_null() && (*request::of(req)).state.replied && !request::is_user_done(req)
    }
}

unsafe fn server_event(conn: *mut evhttp_connection, what: c_short) {
    let reading = what & BEV_EVENT_READING != 0;
    // SAFETY: the caller entered the connection.
    unsafe {
        match (*conn).state {
            // A client that has sent its request and says no more still gets the reply, and so
            // does one that is slow to say more: sending has its own timeout.
            // Only a reply in pieces, which may go on for ever, ends with the client.
            State::Handling | State::Writing if reading && what & BEV_EVENT_ERROR == 0 => {
                let ended = what & BEV_EVENT_EOF != 0;
                if in_pieces(conn) {
                    if ended {
                        fail(conn, Failure::Eof);
                    } else {
                        // The timeout ended reading, which has to tell when the client leaves.
                        io::enable((*conn).bev, EV_READ);
                    }
                    return;
                }
                (*conn).peer_done |= ended;
                io::disable((*conn).bev, EV_READ);
            }
            _ if what & BEV_EVENT_TIMEOUT != 0 => fail(conn, Failure::Timeout),
            _ if what & (BEV_EVENT_EOF | BEV_EVENT_ERROR) != 0 => {
                if what & BEV_EVENT_EOF != 0 && what & BEV_EVENT_WRITING == 0 {
                    // Bytes that came before the end are read first; `process` sees the mark.
                    (*conn).peer_done = true;
                } else {
                    fail(conn, Failure::Eof);
                }
            }
            _ => {}
        }
    }
}

/// The exchange cannot go on.
///
/// # Safety
/// The caller entered `conn`.
pub(crate) unsafe fn fail(conn: *mut evhttp_connection, why: Failure) {
    // SAFETY: the caller's count.
    unsafe {
        if is_dead(conn) {
            return;
        }
        if !is_incoming(conn) {
            exchange::fail(conn, why);
            return;
        }
        let req = current(conn);
        match why {
            Failure::Timeout | Failure::Eof => {
                // The user still has the request: it lives on without a connection.
                if !req.is_null() && (*request::of(req)).state.handed_out {
                    remove(req);
                }
                close(conn);
            }
            _ if req.is_null() => close(conn),
            _ => {
                let code = if why == Failure::TooLong { 413 } else { 400 };
                reply::refuse(conn, req, code);
            }
        }
    }
}

/// Ends the connection and everything in it. What others still count on is only the memory.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn close(conn: *mut evhttp_connection) {
    // SAFETY: the caller's connection; it is entered for the time of the close callback.
    unsafe {
        if is_dead(conn) {
            return;
        }
        enter(conn);
        let was_connected = is_connected(conn);
        (*conn).state = State::Dead;
        while let Some(req) = current(conn).as_mut() {
            remove(req);
            request::free_auto(req);
        }
        evhttp::forget(conn);
        client::stop(conn);
        if was_connected {
            let closed = core::mem::replace(&mut (*conn).closed, Callback::NONE);
            closed.call(conn);
        }
        // Freed by the last to leave: functions further up the stack use its buffers.
        let bev = (*conn).bev;
        if bev.is_null() {
            leave(conn);
            return;
        }
        io::set_callbacks(bev, None, None, None, null_mut());
        if (*conn).owns_fd {
            io::end(bev);
        } else {
            io::close_fd(bev);
        }
        leave(conn);
    }
}

/// Ends the connection and keeps its bufferevent, for another protocol. The close callback is not
/// called: the socket lives on.
///
/// # Safety
/// `conn` is live, and the user has its current request: nobody else is at work on its buffers.
pub(crate) unsafe fn give_up(conn: *mut evhttp_connection) -> *mut bufferevent {
    // SAFETY: the caller's connection.
    unsafe {
        let bev = (*conn).bev;
        io::set_callbacks(bev, None, None, None, null_mut());
        (*conn).bev = null_mut();
        (*conn).closed = Callback::NONE;
        close(conn);
        bev
    }
}

/// The peer's address as text: numeric for servers, what it was made with for clients.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn address(conn: *mut evhttp_connection) -> *mut c_char {
    // SAFETY: the caller's connection.
    unsafe {
        match (*conn).client.as_ref() {
            Some(c) => c.host(),
            None => conn.add(1).cast(),
        }
    }
}

/// The peer's socket address; when the connection has ended the last one that is known, null
/// if none is. It lives as long as the connection.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn peer(conn: *mut evhttp_connection) -> *const sockaddr {
    // SAFETY: the caller's connection; the block holds an address of any family.
    unsafe {
        let now = if is_connected(conn) { io::peer_address(io::fd((*conn).bev)) } else { None };
        let known = now.or_else(|| match (*conn).client.as_ref() {
            Some(c) => c.reached(),
            None => parse_sockaddr_port(headers::text(address(conn)))
                .map(|a| a.with_port((*conn).port))
                .ok(),
        });
        if let Some(known) = known {
            if (*conn).peer.is_null() {
                let block = mem::zeroed(1, size_of::<sockaddr_storage>());
                (*conn).peer = block.map_or(null_mut(), |b| b.as_ptr().cast());
            }
            if !(*conn).peer.is_null() {
                known
                    .as_ptr()
                    .cast::<u8>()
                    .copy_to_nonoverlapping((*conn).peer.cast(), known.len() as usize);
            }
        }
        (*conn).peer.cast()
    }
}

/// The peer's port.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn port(conn: *const evhttp_connection) -> u16 {
    // SAFETY: the caller's connection.
    unsafe { (*conn).port }
}

/// Lets another base run a connection that has no socket yet.
///
/// # Safety
/// Both are live.
pub(crate) unsafe fn set_base(conn: *mut evhttp_connection, base: *mut event_base) {
    // SAFETY: the caller's objects.
    unsafe {
        if (*conn).state == State::Disconnected {
            (*conn).base = base;
            io::set_base((*conn).bev, base);
        }
    }
}

/// Frees a request that the user gives up. If its connection still counts on it, that has come to
/// nothing: a server's connection ends, a client's goes on with the next request.
///
/// # Safety
/// `req` is live and not used afterwards.
pub(crate) unsafe fn free_request(req: *mut evhttp_request) {
    // SAFETY: the caller's request; its connection is entered for the time of the work.
    unsafe {
        let conn = (*req).evcon;
        if conn.is_null() {
            request::free(req);
            return;
        }
        enter(conn);
        if !is_incoming(conn) && current(conn) == req {
            (*req).cb = None;
            (*req).error_cb = None;
            (*req).flags &= !super::raw::EVHTTP_USER_OWNED;
            fail(conn, Failure::Cancel);
        } else {
            let ends = current(conn) == req && (*request::of(req)).state.handed_out;
            remove(req);
            request::free(req);
            // `handle`, if it is on the stack, sees the same and does it then.
            if ends && !(*conn).processing {
                close(conn);
            }
        }
        leave(conn);
    }
}

impl evhttp_connection {
    /// The bufferevent.
    pub fn bufferevent(&self) -> *mut bufferevent {
        self.bev
    }

    /// The server, null for clients.
    pub fn server(&self) -> *mut evhttp {
        self.server
    }

    /// The base.
    pub fn base(&self) -> *mut event_base {
        self.base
    }

    /// Frees the connection when its last request is done and it is closed.
    pub fn set_auto_free(&mut self) {
        self.auto_free = true;
    }

    /// Sets what knows further methods.
    pub fn set_ext_method(&mut self, f: evhttp_ext_method_cb) {
        self.ext_method = f;
    }

    /// Sets the limit on the start line and the headers; negative for none.
    pub fn set_max_headers(&mut self, n: isize) {
        self.max_headers = usize::try_from(n).unwrap_or(usize::MAX);
    }

    /// Sets the limit on bodies; negative for none.
    pub fn set_max_body(&mut self, n: isize) {
        self.max_body = u64::try_from(n).unwrap_or(u64::MAX);
    }

    /// Sets the callback for the end of the connection.
    pub fn set_close_callback(&mut self, f: Option<ConnectionFn>, arg: *mut c_void) {
        self.closed = Callback { f, arg };
    }
}
