//! `struct evws_connection`: a WebSocket that began as a request to a server.
//!
//! The session takes the bufferevent over from the HTTP connection, which ends. As there, ways in
//! are counted, and a session that is freed inside a callback loses its memory when the last of
//! them is left; every callback, those of the user's on buffers as well, may free everything.
//!
//! Payloads are copied out of the input as they arrive, whatever its blocks are, and unmasked in the
//! copy; a message is bounded, so that its memory is.
//!
//! A session ends in steps (RFC 6455, 7.1): our close frame goes out, then the other side's is waited
//! for, or what it still sends is thrown away, so that closing the socket does not make the kernel
//! drop what is on its way there. Either takes [`PATIENCE`] at most.

use super::connection::{self, State as HttpState};
use super::raw::evhttp_request;
use super::server::evhttp;
use super::ws_frame::{self, Close, Header, MAX_MESSAGE, Refused, mask, opcode};
use super::ws_types::{ws_on_close_cb, ws_on_msg_cb};
use super::{head, headers, io, message, reply, request};
use crate::bufferevent::flags::BEV_OPT_THREADSAFE;
use crate::bufferevent::raw::bufferevent;
use crate::bufferevent::types::{BEV_EVENT_EOF, BEV_EVENT_ERROR, BEV_EVENT_TIMEOUT};
use crate::error::{Error, Result};
use crate::event::flags::EV_READ;
use crate::event::raw::event;
use crate::{mem, thread};
use core::ffi::c_void;
use core::ptr::{addr_of_mut, null_mut};
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};
use libc::{c_int, c_short, timeval};

/// The other side has broken the protocol.
const PROTOCOL_ERROR: u16 = 1002;
/// Text that is not UTF-8.
const BAD_TEXT: u16 = 1007;
/// A message is too long.
const TOO_BIG: u16 = 1009;

/// How long the other side has for its part in the end.
const PATIENCE: timeval = timeval { tv_sec: 5, tv_usec: 0 };
/// With more output than this waiting, pings are not answered: who does not read gets no more.
const PONG_LIMIT: usize = 64 * 1024;
/// Memory for messages up to this size is kept for the next one.
const KEPT: usize = 4096;
/// The most that a control frame holds.
const CONTROL: usize = 125;

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum State {
    /// Messages go either way.
    Open,
    /// Our close frame is out; the other side's is waited for.
    Closing,
    /// Both are out, or there is nothing to wait for: what is left to write goes, then the end comes.
    Flushing,
    /// The other side broke the rules: as `Flushing`, then `Deaf`.
    Failing,
    /// Nothing more is said, and whatever comes is thrown away, until the other side closes.
    Deaf,
    /// Only memory is left.
    Dead,
}

/// A session's state. With a lock (`BEV_OPT_THREADSAFE`) other threads may send and close: `Open` is
/// left under the bufferevent's lock, together with the close frame.
struct Shared(AtomicU8);

impl Shared {
    fn get(&self) -> State {
        let n = self.0.load(Relaxed);
        [State::Open, State::Closing, State::Flushing, State::Failing, State::Deaf]
            .into_iter()
            .find(|s| *s as u8 == n)
            .unwrap_or(State::Dead)
    }

    fn set(&self, s: State) {
        self.0.store(s as u8, Relaxed);
    }

    /// Whether what the other side says still matters.
    fn listens(&self) -> bool {
        matches!(self.get(), State::Open | State::Closing)
    }
}

/// A frame that is being read.
#[derive(Clone, Copy, Debug)]
struct Frame {
    header: Header,
    /// Bytes of payload so far.
    taken: usize,
}

/// A WebSocket connection; opaque to C.
#[allow(non_camel_case_types, reason = "C name")]
#[allow(missing_debug_implementations, reason = "opaque")]
pub struct evws_connection {
    /// Links in the server's list.
    next: *mut Self,
    prev: *mut *mut Self,
    server: *mut evhttp,
    bev: *mut bufferevent,
    message: ws_on_msg_cb,
    arg: *mut c_void,
    closed: ws_on_close_cb,
    closed_arg: *mut c_void,
    /// How long a message may be.
    limit: usize,
    frame: Option<Frame>,
    /// The payload of a control frame, which may come between the frames of a message.
    control: [u8; CONTROL],
    /// The message so far, and the opcode it began with; 0 for none.
    parts: mem::Vec<u8>,
    begun: u8,
    timer: event,
    timer_set: bool,
    inside: u32,
    state: Shared,
}

/// What is to be said to somebody who asks for a WebSocket.
enum Handshake<'a> {
    /// Welcome; the key.
    Fine(&'a [u8]),
    /// This is none.
    Malformed,
    /// Another version of the protocol than the one there is.
    OtherVersion,
}

/// The values of the headers called `name`.
unsafe fn values<'a>(req: *mut evhttp_request, name: &[u8]) -> impl Iterator<Item = &'a [u8]> {
    // SAFETY: the caller's request; keys and values are C strings.
    unsafe {
        headers::Nodes::of((*req).input_headers)
            .filter(move |n| headers::text((**n).key).eq_ignore_ascii_case(name))
            .map(|n| headers::text((*n).value))
    }
}

/// Whether any header called `name` lists `value`.
unsafe fn lists(req: *mut evhttp_request, name: &[u8], value: &[u8]) -> bool {
    // SAFETY: the caller's request; keys and values are C strings.
    unsafe {
        headers::Nodes::of((*req).input_headers).any(|n| {
            headers::text((*n).key).eq_ignore_ascii_case(name)
                && message::list(headers::text((*n).value)).any(|e| e.eq_ignore_ascii_case(value))
        })
    }
}

/// Looks at a request (RFC 6455, 4.2.1).
unsafe fn handshake<'a>(req: *mut evhttp_request) -> Handshake<'a> {
    // GET
    const METHOD: u32 = 1;
    // SAFETY: the caller's request.
    unsafe {
        let asks = (*req).r#type == METHOD
            && request::version(req).is_modern()
            && lists(req, b"Upgrade", b"websocket")
            && lists(req, b"Connection", b"upgrade");
        let mut keys = values(req, b"Sec-WebSocket-Key");
        match (keys.next(), keys.next()) {
            (Some(key), None) if asks && ws_frame::is_key(key) => {
                // A client that says nothing means this one: libevent does not ask for the header.
                let mut versions = values(req, b"Sec-WebSocket-Version");
                match (versions.next(), versions.next()) {
                    (None | Some(b"13"), None) => Handshake::Fine(key),
                    _ => Handshake::OtherVersion,
                }
            }
            _ => Handshake::Malformed,
        }
    }
}

/// Turns a request into a session; one that cannot become one is answered.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn new(
    req: *mut evhttp_request,
    message: ws_on_msg_cb,
    arg: *mut c_void,
    options: c_int,
) -> Result<*mut evws_connection> {
    // SAFETY: the caller's request and its connection; both are kept while callbacks of the user's
    // on the output may run.
    unsafe {
        let conn = (*req).evcon;
        if conn.is_null() || (*conn).server.is_null() {
            // The client is gone.
            reply::send(req, 400, None, null_mut());
            return Err(Error::Invalid);
        }
        let at_work = connection::current(conn) == req
            && (*conn).state == HttpState::Handling
            && (*request::of(req)).state.handed_out
            && !(*request::of(req)).state.replied;
        if !at_work {
            return Err(Error::Invalid);
        }
        let key = match handshake(req) {
            Handshake::Fine(key) => key,
            Handshake::Malformed => {
                reply::send(req, 400, None, null_mut());
                return Err(Error::Invalid);
            }
            Handshake::OtherVersion => {
                let list = (*req).output_headers;
                let _ = headers::add(list, b"Sec-WebSocket-Version", b"13");
                let _ = headers::add(list, b"Upgrade", b"websocket");
                reply::send(req, 426, None, null_mut());
                return Err(Error::Invalid);
            }
        };
        connection::enter(conn);
        request::hold(req);
        let made = upgrade(conn, req, key, options);
        if made.is_err() {
            // Half an answer may be out already.
            connection::close(conn);
        }
        request::release(req);
        connection::leave(conn);
        let ws = made?;
        (*ws).message = message;
        (*ws).arg = arg;
        Ok(ws)
    }
}

unsafe fn upgrade(
    conn: *mut connection::evhttp_connection,
    req: *mut evhttp_request,
    key: &[u8],
    options: c_int,
) -> Result<*mut evws_connection> {
    // SAFETY: the caller entered the connection and holds the request.
    unsafe {
        let ws = mem::Box::into_raw(mem::try_box(evws_connection {
            next: null_mut(),
            prev: null_mut(),
            server: null_mut(),
            bev: null_mut(),
            message: None,
            arg: null_mut(),
            closed: None,
            closed_arg: null_mut(),
            limit: usize::try_from((*conn).max_body.min(MAX_MESSAGE)).unwrap_or(usize::MAX),
            frame: None,
            control: [0; CONTROL],
            parts: mem::Vec::new_in(mem::Heap),
            begun: 0,
            // An all-zero event is one that was never assigned.
            timer: core::mem::zeroed(),
            timer_set: false,
            inside: 0,
            state: Shared(AtomicU8::new(State::Open as u8)),
        })?);
        let said = head::switching(conn, req, &ws_frame::accept_key(key));
        let gone = connection::is_dead(conn) || connection::current(conn) != req;
        if said.is_err() || gone {
            drop(mem::Box::from_raw_in(ws, mem::Heap));
            return said.and(Err(Error::Invalid));
        }
        let server = (*conn).server;
        let mut bev = connection::give_up(conn);
        if options & BEV_OPT_THREADSAFE != 0 && thread::enabled() {
            match io::replace(bev, options) {
                Ok(None) => {}
                Ok(Some(new)) => {
                    io::bev_free(bev);
                    bev = new;
                }
                Err(e) => {
                    io::drop_bev(bev);
                    drop(mem::Box::from_raw_in(ws, mem::Heap));
                    return Err(e);
                }
            }
        }
        (*ws).bev = bev;
        link(ws, server);
        io::set_callbacks(bev, Some(on_read), Some(on_write), Some(on_event), ws.cast());
        io::enable(bev, io::READ_WRITE);
        // Frames may have come with the request; the user needs to know of the session first.
        if io::len((*bev).input) > 0 {
            io::read_again(bev);
        }
        Ok(ws)
    }
}

/// Adds a session to a server, among whose connections it counts.
unsafe fn link(ws: *mut evws_connection, server: *mut evhttp) {
    // SAFETY: both are live; the list's links are only changed here and in `unlink`.
    unsafe {
        (*ws).server = server;
        (*ws).next = (*server).sessions;
        (*ws).prev = addr_of_mut!((*server).sessions);
        if !(*ws).next.is_null() {
            (*(*ws).next).prev = addr_of_mut!((*ws).next);
        }
        (*server).sessions = ws;
        (*server).count = (*server).count.saturating_add(1);
    }
}

unsafe fn unlink(ws: *mut evws_connection) {
    // SAFETY: a session that is not dead stands in the list of its server, which is live.
    unsafe {
        *(*ws).prev = (*ws).next;
        if !(*ws).next.is_null() {
            (*(*ws).next).prev = (*ws).prev;
        }
        let server = core::mem::replace(&mut (*ws).server, null_mut());
        (*server).count = (*server).count.saturating_sub(1);
    }
}

unsafe fn enter(ws: *mut evws_connection) {
    // SAFETY: the caller's session.
    unsafe { (*ws).inside = (*ws).inside.saturating_add(1) };
}

unsafe fn leave(ws: *mut evws_connection) {
    // SAFETY: the caller's count keeps the session, and with it its bufferevent, up to here.
    unsafe {
        (*ws).inside = (*ws).inside.saturating_sub(1);
        if (*ws).inside == 0 && (*ws).state.get() == State::Dead {
            let bev = (*ws).bev;
            drop(mem::Box::from_raw_in(ws, mem::Heap));
            io::end(bev);
            io::drop_bev(bev);
        }
    }
}

/// Ends a session at once; the close callback is called.
///
/// # Safety
/// `ws` is live or entered.
pub(crate) unsafe fn free(ws: *mut evws_connection) {
    // SAFETY: the caller's session, entered for the time of the callback.
    unsafe {
        if (*ws).state.get() == State::Dead {
            return;
        }
        enter(ws);
        (*ws).state.set(State::Dead);
        unlink(ws);
        stop_timer(ws);
        io::set_callbacks((*ws).bev, None, None, None, null_mut());
        io::disable((*ws).bev, io::READ_WRITE);
        if let Some(f) = (*ws).closed {
            f(ws, (*ws).closed_arg);
        }
        leave(ws);
    }
}

/// Ends the sessions of a server.
///
/// # Safety
/// `http` is live.
pub(crate) unsafe fn free_all(http: *mut evhttp) {
    // SAFETY: the caller's server; each session leaves the list before its callback runs.
    unsafe {
        while !(*http).sessions.is_null() {
            free((*http).sessions);
        }
    }
}

/// Sends a message.
///
/// # Safety
/// `ws` is live.
pub(crate) unsafe fn send(ws: *mut evws_connection, opcode: u8, data: &[u8]) -> Result<()> {
    // SAFETY: the caller's session.
    unsafe {
        let _held = io::hold((*ws).bev);
        if (*ws).state.get() != State::Open {
            return Err(Error::Invalid);
        }
        put(ws, opcode, data)
    }
}

/// Writes a frame: all of it, or nothing. Callbacks of the user's on the output, which may free the
/// session, come last.
unsafe fn put(ws: *mut evws_connection, opcode: u8, data: &[u8]) -> Result<()> {
    // SAFETY: the caller's session, whose bufferevent it has counted.
    unsafe {
        let (header, n) = ws_frame::header(opcode, data.len());
        let header = header.get(..n).unwrap_or_default();
        let out = (*(*ws).bev).output;
        let size = n.checked_add(data.len()).ok_or(Error::NoMemory)?;
        if data.len() <= CONTROL {
            // In one piece: a callback on the output sees no half of it.
            let mut frame = [0; CONTROL + 10];
            let (first, rest) = frame.split_at_mut_checked(n).ok_or(Error::Invalid)?;
            first.copy_from_slice(header);
            rest.get_mut(..data.len()).ok_or(Error::Invalid)?.copy_from_slice(data);
            return io::add(out, frame.get(..size).unwrap_or_default());
        }
        io::expand(out, size)?;
        io::add(out, header)?;
        io::add(out, data)
    }
}

/// Sends a close frame, and waits for the other side's.
///
/// # Safety
/// `ws` is live.
pub(crate) unsafe fn close(ws: *mut evws_connection, reason: u16) {
    // SAFETY: the caller's session.
    unsafe {
        // If the frame finds no memory, the timer ends the session all the same.
        let _ = leave_open(ws, State::Closing, reason);
    }
}

/// Goes on to `state`, and sends a close frame if none is out. Reasons that no frame may hold are
/// none.
unsafe fn leave_open(ws: *mut evws_connection, state: State, reason: u16) -> Result<()> {
    let code = reason.to_be_bytes();
    // SAFETY: the caller's session; nothing is done with it after the frame is written.
    unsafe {
        let _held = io::hold((*ws).bev);
        let open = (*ws).state.get() == State::Open;
        if !open && (state == State::Closing || !(*ws).state.listens()) {
            return Ok(());
        }
        (*ws).state.set(state);
        start_timer(ws);
        if !open {
            return Ok(());
        }
        put(ws, opcode::CLOSE, if ws_frame::is_reason(reason) { &code } else { &[] })
    }
}

/// Sets the callback for the end.
///
/// # Safety
/// `ws` is live.
pub(crate) unsafe fn set_closed(ws: *mut evws_connection, f: ws_on_close_cb, arg: *mut c_void) {
    // SAFETY: the caller's session.
    unsafe {
        (*ws).closed = f;
        (*ws).closed_arg = arg;
    }
}

/// The bufferevent.
///
/// # Safety
/// `ws` is live.
pub(crate) unsafe fn bev(ws: *const evws_connection) -> *mut bufferevent {
    // SAFETY: the caller's session.
    unsafe { (*ws).bev }
}

unsafe fn start_timer(ws: *mut evws_connection) {
    // SAFETY: the caller entered the session; the timer is stopped before it dies.
    unsafe {
        if (*ws).timer_set {
            return;
        }
        let timer = &raw mut (*ws).timer;
        let base = (*(*ws).bev).ev_base;
        let set = crate::event::assign(timer, base, -1, 0, Some(on_timer), ws.cast())
            .and_then(|()| crate::event::add(timer, Some(&PATIENCE)));
        // Without a timer the connection's own timeouts have to do.
        (*ws).timer_set = set.is_ok();
    }
}

unsafe fn stop_timer(ws: *mut evws_connection) {
    // SAFETY: a timer that is set was assigned.
    unsafe {
        if core::mem::take(&mut (*ws).timer_set) {
            let _ = crate::event::del(&raw mut (*ws).timer);
        }
    }
}

unsafe extern "C" fn on_timer(_: c_int, _: c_short, arg: *mut c_void) {
    let ws = arg.cast::<evws_connection>();
    // SAFETY: the timer is stopped when the session dies, so that it is live here.
    unsafe {
        (*ws).timer_set = false;
        free(ws);
    }
}

unsafe extern "C" fn on_read(_: *mut bufferevent, arg: *mut c_void) {
    let ws = arg.cast::<evws_connection>();
    // SAFETY: the callbacks are taken away before the session dies.
    unsafe {
        enter(ws);
        while (*ws).state.listens() && step(ws) {}
        if matches!((*ws).state.get(), State::Flushing | State::Failing | State::Deaf) {
            let input = (*(*ws).bev).input;
            io::drain(input, io::len(input));
        }
        leave(ws);
    }
}

unsafe extern "C" fn on_write(_: *mut bufferevent, arg: *mut c_void) {
    let ws = arg.cast::<evws_connection>();
    // SAFETY: as in `on_read`.
    unsafe {
        enter(ws);
        flushed(ws);
        leave(ws);
    }
}

unsafe extern "C" fn on_event(_: *mut bufferevent, what: c_short, arg: *mut c_void) {
    // SAFETY: as in `on_read`. Nothing more will come, or go.
    unsafe {
        if what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT) != 0 {
            free(arg.cast());
        }
    }
}

/// Goes on with the end when there is nothing left to write.
unsafe fn flushed(ws: *mut evws_connection) {
    // SAFETY: the caller entered the session.
    unsafe {
        if io::len((*(*ws).bev).output) > 0 {
            return;
        }
        match (*ws).state.get() {
            State::Flushing => free(ws),
            State::Failing => {
                (*ws).state.set(State::Deaf);
                io::end((*ws).bev);
            }
            _ => {}
        }
    }
}

/// The other side has broken the rules: says so, and listens no more.
#[inline(never)]
unsafe fn fail(ws: *mut evws_connection, reason: u16) {
    // SAFETY: the caller entered the session.
    unsafe {
        (*ws).parts = mem::Vec::new_in(mem::Heap);
        end_with(ws, State::Failing, reason);
    }
}

/// Says the last thing there is to say.
unsafe fn end_with(ws: *mut evws_connection, state: State, reason: u16) {
    // SAFETY: the caller entered the session; the state is read afresh after each change of a buffer.
    unsafe {
        if leave_open(ws, state, reason).is_err() {
            free(ws);
        }
        if (*ws).state.get() != State::Dead {
            flushed(ws);
        }
    }
}

/// Reads on: a header, or as much of a payload as there is. False when nothing is.
unsafe fn step(ws: *mut evws_connection) -> bool {
    // SAFETY: the caller entered the session. Each change of a buffer may run callbacks of the
    // user's, after which the state is read afresh.
    unsafe {
        let input = (*(*ws).bev).input;
        let mut frame = match (*ws).frame {
            Some(frame) => frame,
            None => {
                let Some(header) = next_header(ws) else { return false };
                match header {
                    Ok(header) => Frame { header, taken: 0 },
                    Err(reason) => {
                        fail(ws, reason);
                        return false;
                    }
                }
            }
        };
        let h = frame.header;
        let n = h.len.saturating_sub(frame.taken).min(io::len(input));
        if n == 0 && frame.taken < h.len {
            return false;
        }
        if !store(ws, &frame, n) {
            fail(ws, TOO_BIG);
            return false;
        }
        frame.taken = frame.taken.saturating_add(n);
        let whole = frame.taken == h.len;
        (*ws).frame = if whole { None } else { Some(frame) };
        io::drain(input, n);
        if whole {
            complete(ws, h);
        }
        true
    }
}

/// Takes the next header from the input; `None` while it is not whole.
unsafe fn next_header(ws: *mut evws_connection) -> Option<core::result::Result<Header, u16>> {
    // SAFETY: as for `step`.
    unsafe {
        let input = (*(*ws).bev).input;
        let mut bytes = [0; 14];
        let n = io::peek(input, &mut bytes);
        let h = match Header::parse(bytes.get(..n).unwrap_or_default()) {
            Ok(header) => header?,
            Err(Refused::Protocol) => return Some(Err(PROTOCOL_ERROR)),
            Err(Refused::TooLong) => return Some(Err(TOO_BIG)),
        };
        match h.opcode {
            opcode::CONTINUATION if (*ws).begun == 0 => return Some(Err(PROTOCOL_ERROR)),
            opcode::TEXT | opcode::BINARY if (*ws).begun != 0 => return Some(Err(PROTOCOL_ERROR)),
            opcode::TEXT | opcode::BINARY => (*ws).begun = h.opcode,
            _ => {}
        }
        let message = (*ws).parts.len().saturating_add(h.len);
        if !h.is_control() && message > (*ws).limit {
            return Some(Err(TOO_BIG));
        }
        // The frame is there before callbacks can run.
        (*ws).frame = Some(Frame { header: h, taken: 0 });
        io::drain(input, h.size);
        (*ws).state.listens().then_some(Ok(h))
    }
}

/// Unmasks `n` more bytes of a frame's payload, from the front of the input, to where they belong.
unsafe fn store(ws: *mut evws_connection, frame: &Frame, n: usize) -> bool {
    // SAFETY: the caller entered the session; nobody else has its memory.
    unsafe {
        let input = (*(*ws).bev).input;
        let h = frame.header;
        if h.is_control() {
            let end = frame.taken.saturating_add(n);
            let control = &mut (*ws).control;
            let Some(place) = control.get_mut(frame.taken..end) else { return false };
            let copied = io::peek(input, place) == n;
            mask(place, h.mask, frame.taken);
            return copied;
        }
        if (*ws).state.get() != State::Open {
            // After our close frame, what comes is of no interest.
            return true;
        }
        let parts = &mut (*ws).parts;
        let start = parts.len();
        if !io::copy_to(input, parts, n) {
            return false;
        }
        mask(parts.get_mut(start..).unwrap_or_default(), h.mask, frame.taken);
        true
    }
}

/// A frame is whole.
unsafe fn complete(ws: *mut evws_connection, h: Header) {
    // SAFETY: the caller entered the session.
    unsafe {
        if !(*ws).state.listens() {
            return;
        }
        if !h.is_control() {
            if h.fin {
                let kind = core::mem::take(&mut (*ws).begun);
                deliver(ws, kind);
            }
            return;
        }
        let control = (*ws).control;
        let payload = control.get(..h.len).unwrap_or_default();
        match h.opcode {
            opcode::PING
                if (*ws).state.get() == State::Open
                    && io::len((*(*ws).bev).output) < PONG_LIMIT =>
            {
                let _ = send(ws, opcode::PONG, payload);
            }
            opcode::CLOSE => match ws_frame::close(payload) {
                Close::Malformed => fail(ws, PROTOCOL_ERROR),
                Close::BadText => fail(ws, BAD_TEXT),
                // The same reason goes back.
                Close::Plain => answer_close(ws, 0),
                Close::Reason(code) => answer_close(ws, code),
            },
            _ => {}
        }
    }
}

/// The other side's close frame is there: it is answered if it was not the answer, and the server is
/// the one to close the socket.
unsafe fn answer_close(ws: *mut evws_connection, reason: u16) {
    // SAFETY: the caller entered the session.
    unsafe {
        io::disable((*ws).bev, EV_READ);
        end_with(ws, State::Flushing, reason);
    }
}

/// A message is whole.
unsafe fn deliver(ws: *mut evws_connection, kind: u8) {
    // SAFETY: the caller entered the session; the message is ours while the user's function runs,
    // whatever it does to the session.
    unsafe {
        let mut data = core::mem::replace(&mut (*ws).parts, mem::Vec::new_in(mem::Heap));
        if (*ws).state.get() != State::Open {
            return;
        }
        if kind == opcode::TEXT && core::str::from_utf8(&data).is_err() {
            fail(ws, BAD_TEXT);
            return;
        }
        let len = data.len();
        // For programs that take it for a C string.
        if data.try_reserve(1).is_err() {
            fail(ws, TOO_BIG);
            return;
        }
        data.push(0);
        if let Some(f) = (*ws).message {
            f(ws, c_int::from(kind), data.as_ptr(), len, (*ws).arg);
        }
        if (*ws).state.get() == State::Open
            && data.capacity() <= KEPT
            && (*ws).parts.capacity() == 0
        {
            data.clear();
            (*ws).parts = data;
        }
    }
}
