//! Writing message heads: status or request line, the user's headers, the automatic ones.
//!
//! Text is collected in a small buffer on the stack and reaches the output in one piece.

use super::connection::{self, State, evhttp_connection};
use super::message::is_named;
use super::raw::{EVHTTP_PROXY_REQUEST, evhttp_request};
use super::reading::{CONNECT, HEAD};
use super::status::{Decimal, method_name};
use super::{framing, headers, io, request, server};
use crate::buffer::evbuffer;
use crate::error::{Error, Result};
use crate::mem;
use core::mem::MaybeUninit;

/// Longer heads are collected on the heap; most fit here.
const ROOM: usize = 1024;

/// Collects a head, and gives it to a buffer when it is complete and not before: a callback of the
/// user's on that buffer may change the headers.
struct Sink {
    result: Result<()>,
    len: usize,
    text: MaybeUninit<[u8; ROOM]>,
    /// What came before the text.
    spilled: mem::Vec<u8>,
}

impl Sink {
    fn new() -> Self {
        Self {
            result: Ok(()),
            len: 0,
            text: MaybeUninit::uninit(),
            spilled: mem::Vec::new_in(mem::Heap),
        }
    }

    #[inline]
    fn put(&mut self, s: &[u8]) {
        if s.len() > ROOM.saturating_sub(self.len) {
            self.spill();
            if s.len() > ROOM {
                self.keep(s);
                return;
            }
        }
        // SAFETY: `len + s.len() <= ROOM`.
        unsafe { self.put_where_it_fits(s) };
    }

    /// # Safety
    /// There is room for `s`.
    #[inline(always)]
    unsafe fn put_where_it_fits(&mut self, s: &[u8]) {
        // SAFETY: the caller's room; a slice from outside does not overlap the sink.
        unsafe {
            let to = self.text.as_mut_ptr().cast::<u8>().add(self.len);
            to.copy_from_nonoverlapping(s.as_ptr(), s.len());
        }
        self.len = self.len.wrapping_add(s.len());
    }

    fn header(&mut self, name: &[u8], value: &[u8]) {
        // Lengths of texts in memory do not wrap.
        let len = name.len().wrapping_add(value.len()).wrapping_add(4);
        if len <= ROOM.saturating_sub(self.len) {
            // SAFETY: there is room for the four together.
            unsafe {
                self.put_where_it_fits(name);
                self.put_where_it_fits(b": ");
                self.put_where_it_fits(value);
                self.put_where_it_fits(b"\r\n");
            }
            return;
        }
        self.put(name);
        self.put(b": ");
        self.put(value);
        self.put(b"\r\n");
    }

    fn keep(&mut self, s: &[u8]) {
        if self.result.is_ok() {
            self.result = self.spilled.try_reserve(s.len()).map_err(|_| Error::NoMemory);
        }
        if self.result.is_ok() {
            self.spilled.extend_from_slice(s);
        }
    }

    #[cold]
    fn spill(&mut self) {
        let len = core::mem::take(&mut self.len);
        // SAFETY: the first `len` bytes of the text are written, and `keep` does not touch it.
        let text = unsafe { core::slice::from_raw_parts(self.text.as_ptr().cast::<u8>(), len) };
        self.keep(text);
    }

    /// Ends the head and appends it to `out`.
    ///
    /// # Safety
    /// `out` is live.
    unsafe fn finish(mut self, out: *mut evbuffer) -> Result<()> {
        self.put(b"\r\n");
        if !self.spilled.is_empty() {
            self.spill();
        }
        self.result?;
        // SAFETY: the caller's buffer; the first `len` bytes of the text are written.
        unsafe {
            let text = core::slice::from_raw_parts(self.text.as_ptr().cast::<u8>(), self.len);
            io::add(out, if self.spilled.is_empty() { text } else { &self.spilled })
        }
    }
}

/// Headers that the user may set and that otherwise are made here.
#[derive(Default)]
struct Given {
    date: bool,
    length: bool,
    content_type: bool,
    transfer_encoding: bool,
    connection: bool,
    host: bool,
}

impl Given {
    fn note(&mut self, name: &[u8]) {
        match name.len() {
            4 if is_named(name, b"Date") => self.date = true,
            4 if is_named(name, b"Host") => self.host = true,
            10 if is_named(name, b"Connection") => self.connection = true,
            12 if is_named(name, b"Content-Type") => self.content_type = true,
            14 if is_named(name, b"Content-Length") => self.length = true,
            17 if is_named(name, b"Transfer-Encoding") => self.transfer_encoding = true,
            _ => {}
        }
    }
}

/// How the body of a reply goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReplyBody {
    /// All of it is known: that many bytes.
    Whole(usize),
    /// It comes piece by piece.
    Pieces,
}

/// Whether the reply to `req` has a body.
///
/// # Safety
/// `req` is live.
pub(super) unsafe fn reply_has_body(req: *const evhttp_request) -> bool {
    // SAFETY: the caller's request.
    unsafe {
        let code = u16::try_from((*req).response_code).unwrap_or(0);
        framing::code_allows_body(code) && (*req).r#type != HEAD
    }
}

/// Whether the client of `req` asked for the connection to end after the reply.
///
/// # Safety
/// `req` is live.
unsafe fn asked_to_close(req: *mut evhttp_request) -> bool {
    // SAFETY: the caller's request.
    unsafe {
        let state = &raw const (*request::of(req)).state;
        if (*req).flags & EVHTTP_PROXY_REQUEST != 0 {
            !(*state).proxy_keep_alive
        } else {
            (*state).persistence.close
        }
    }
}

/// Writes the head of the reply and decides whether the connection ends with it.
///
/// # Safety
/// Both are live and belong together.
pub(super) unsafe fn reply(
    conn: *mut evhttp_connection,
    req: *mut evhttp_request,
    body: ReplyBody,
) -> Result<()> {
    // SAFETY: the caller's objects; keys and values are C strings.
    unsafe {
        let state = &raw mut (*request::of(req)).state;
        let version = request::version(req);
        let mut sink = Sink::new();
        let has_body = reply_has_body(req);
        let tunnel = (*req).r#type == CONNECT && (*req).response_code / 100 == 2;
        let client_closes = asked_to_close(req);
        let old = version.minor == 0;
        let keep_alive = old && (*state).persistence.keep_alive && !client_closes;

        sink.put(b"HTTP/");
        sink.put(&[b'0'.wrapping_add(version.major), b'.', b'0'.wrapping_add(version.minor), b' ']);
        sink.put(Decimal::new((*req).response_code.unsigned_abs().into()).as_bytes());
        sink.put(b" ");
        sink.put(headers::text((*req).response_code_line));
        sink.put(b"\r\n");

        let mut given = Given::default();
        let mut user_closes = false;
        for node in headers::Nodes::of((*req).output_headers) {
            let (name, value) = (headers::text((*node).key), headers::text((*node).value));
            given.note(name);
            if is_named(name, b"Connection") {
                user_closes |= value.eq_ignore_ascii_case(b"close");
                if client_closes {
                    continue;
                }
            } else if client_closes && is_named(name, b"Proxy-Connection") {
                continue;
            }
            sink.header(name, value);
        }

        // Where an old client cannot be told the length, only the end of the connection can.
        let mut closes = client_closes || user_closes || (old && !keep_alive);
        let mut says_close = client_closes && (*req).flags & EVHTTP_PROXY_REQUEST == 0;
        request::set_chunked(req, false);
        match body {
            ReplyBody::Pieces if has_body && !given.length && !tunnel => {
                if old || given.transfer_encoding {
                    says_close |= keep_alive && !given.connection;
                    closes |= old;
                } else {
                    request::set_chunked(req, true);
                    sink.header(b"Transfer-Encoding", b"chunked");
                }
            }
            _ => {}
        }
        if keep_alive && !closes && !given.connection {
            sink.header(b"Connection", b"keep-alive");
        }
        if !old && !given.date {
            sink.header(b"Date", &server::date(conn));
        }
        if has_body && !tunnel {
            if let ReplyBody::Whole(n) = body
                && !given.length
                && !given.transfer_encoding
                && (!old || keep_alive)
            {
                sink.header(b"Content-Length", Decimal::new(n as u64).as_bytes());
            }
            if !given.content_type
                && let Some(value) = server::default_content_type(conn)
            {
                sink.header(b"Content-Type", value);
            }
        }
        if says_close {
            sink.header(b"Connection", b"close");
        }
        (*state).close |= closes;
        sink.finish((*(*conn).bev).output)
    }
}

/// Headers of the answer to a WebSocket handshake that are not the user's to set.
const HANDSHAKE: [&[u8]; 6] = [
    b"Upgrade",
    b"Connection",
    b"Sec-WebSocket-Accept",
    b"Sec-WebSocket-Extensions",
    b"Content-Length",
    b"Transfer-Encoding",
];

/// Writes the head that turns the connection into a WebSocket.
///
/// # Safety
/// Both are live and belong together.
pub(super) unsafe fn switching(
    conn: *mut evhttp_connection,
    req: *mut evhttp_request,
    accept: &[u8],
) -> Result<()> {
    // SAFETY: the caller's objects; keys and values are C strings.
    unsafe {
        let mut sink = Sink::new();
        sink.put(b"HTTP/1.1 101 Switching Protocols\r\n");
        sink.header(b"Upgrade", b"websocket");
        sink.header(b"Connection", b"Upgrade");
        sink.header(b"Sec-WebSocket-Accept", accept);
        for node in headers::Nodes::of((*req).output_headers) {
            let (name, value) = (headers::text((*node).key), headers::text((*node).value));
            if !HANDSHAKE.iter().any(|ours| ours.eq_ignore_ascii_case(name)) {
                sink.header(name, value);
            }
        }
        // The first protocol that the client offers, unless the user chose one.
        let protocol = b"Sec-WebSocket-Protocol";
        if headers::find((*req).output_headers, protocol).is_none()
            && let Some(offer) = headers::value((*req).input_headers, protocol)
            && let Some(first) = super::message::list(offer).next()
        {
            sink.header(protocol, first);
        }
        sink.finish((*(*conn).bev).output)
    }
}

/// Whether requests with this method carry a Content-Length even when they have no body.
fn method_has_body(conn: *const evhttp_connection, bit: u32) -> bool {
    // POST and PUT; of the user's own methods those that say so.
    // SAFETY: the caller entered the connection.
    bit & (0x002 | 0x008) != 0 || unsafe { super::client::ext_method_has_body(conn, bit) }
}

/// Writes the head of a client's request.
///
/// # Safety
/// Both are live and belong together.
pub(super) unsafe fn request(conn: *mut evhttp_connection, req: *mut evhttp_request) -> Result<()> {
    // SAFETY: the caller's objects; keys and values are C strings.
    unsafe {
        let mut sink = Sink::new();
        let mut name = [0u8; 64];
        let name: &[u8] = match method_name((*req).r#type) {
            Some(known) => known.as_bytes(),
            None => super::client::ext_method_name(conn, (*req).r#type, &mut name)
                .ok_or(Error::Invalid)?,
        };
        sink.put(name);
        sink.put(b" ");
        sink.put(headers::text((*req).uri));
        sink.put(b" HTTP/");
        let version = request::version(req);
        sink.put(&[b'0'.wrapping_add(version.major), b'.', b'0'.wrapping_add(version.minor)]);
        sink.put(b"\r\n");
        let mut given = Given::default();
        for node in headers::Nodes::of((*req).output_headers) {
            let (name, value) = (headers::text((*node).key), headers::text((*node).value));
            given.note(name);
            sink.header(name, value);
        }
        let n = io::len((*req).output_buffer);
        let has_body = n > 0 || method_has_body(conn, (*req).r#type);
        // The user's callback for methods may have taken the request back.
        if connection::current(conn) != req || (*conn).state != State::Writing {
            return Err(Error::Invalid);
        }
        if !given.length && !given.transfer_encoding && has_body {
            sink.header(b"Content-Length", Decimal::new(n as u64).as_bytes());
        }
        sink.finish((*(*conn).bev).output)
    }
}
