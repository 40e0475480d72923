//! Reading a message from a connection's input: start line, headers, body.
//!
//! [`step`] does as much as one state allows. Lines are looked at where they lie in the buffer and
//! dropped together; text that must last is copied once, into the request.

use super::arena::Arena;
use super::chunked::Piece;
use super::connection::{self, Failure, State, evhttp_connection};
use super::framing::{Body, Framing, Persistence};
use super::headers;
use super::message::{HeaderLine, Malformed, RequestLine, StatusLine, field, is_named, line, trim};
use super::raw::{EVHTTP_PROXY_REQUEST, evhttp_request};
use super::request::{self, Expect};
use super::types::evhttp_ext_method;
use super::uri::{Flags, Parts};
use super::uri_object::{Component, evhttp_uri};
use super::{exchange, io, reply, server, status};
use crate::error::{Error, Result};
use crate::mem;

/// A chunk up to this size reaches the chunk callback in one piece, as programs that count on
/// "one callback for each chunk" expect; larger ones come as they arrive, so that memory is bounded.
const WHOLE_CHUNK: i64 = 256 * 1024;

/// Trailer sections are dropped; this is how long one may be while headers are not limited.
const MAX_TRAILER: usize = 64 * 1024;

/// Does the next thing. False when there is nothing to do until more input or an answer comes.
///
/// # Safety
/// The caller entered `conn`.
pub(super) unsafe fn step(conn: *mut evhttp_connection) -> bool {
    // SAFETY: the caller's count keeps the connection's memory; each function reads it afresh. The
    // request is held, so that what they still have of it lasts until they look at the connection.
    unsafe {
        let req = connection::current(conn);
        if !req.is_null() {
            request::hold(req);
        }
        let more = match (*conn).state {
            State::FirstLine => first_line(conn),
            State::Headers => header_lines(conn),
            State::Body => body(conn),
            State::Idle => exchange::unexpected_input(conn),
            State::Disconnected
            | State::Connecting
            | State::Handling
            | State::Writing
            | State::Closing
            | State::Dead => false,
        };
        if !req.is_null() {
            request::release(req);
        }
        more
    }
}

/// Whether `req` is still what the connection is about. Callbacks of the user's on buffers, which
/// any change of these calls, may have ended either.
unsafe fn is_current(conn: *const evhttp_connection, req: *const evhttp_request) -> bool {
    // SAFETY: the caller entered the connection.
    unsafe { !connection::is_dead(conn) && connection::current(conn).cast_const() == req }
}

/// What became of looking for a line.
enum Line<'a> {
    /// Its content, and how many bytes to drop with it.
    Whole(&'a [u8], usize),
    /// More bytes are needed.
    Part,
    /// It is, or will be, over the limit.
    TooLong,
}

/// The next line of the input.
///
/// # Safety
/// The caller entered `conn`; the line is used before the input changes.
unsafe fn next_line<'a>(conn: *mut evhttp_connection, used_before: usize) -> Line<'a> {
    // SAFETY: the connection and its bufferevent live; nothing changes the input meanwhile.
    unsafe {
        let input = (*(*conn).bev).input;
        let limit = (*conn).max_headers.saturating_sub(used_before);
        let mut front = io::front(input);
        let mut found = line(front, (*conn).scanned);
        let total = io::len(input);
        if found.is_none() && front.len() < total {
            // It goes on in another block: pull it together, if it is whole or if what is there is
            // already too long to wait for the rest.
            let from = (*conn).scanned.max(front.len());
            if let Some(lf) = io::find_lf(input, from) {
                if !io::pullup(input, lf.saturating_add(1)) {
                    return Line::TooLong;
                }
                front = io::front(input);
                found = line(front, from.min(lf));
            }
        }
        match found {
            Some((content, _)) if content.len() > limit => Line::TooLong,
            Some((content, len)) => {
                (*conn).scanned = 0;
                Line::Whole(content, len)
            }
            None if total > limit => Line::TooLong,
            None => {
                (*conn).scanned = total;
                Line::Part
            }
        }
    }
}

unsafe fn first_line(conn: *mut evhttp_connection) -> bool {
    // SAFETY: the caller entered the connection.
    unsafe {
        let input = (*(*conn).bev).input;
        if io::len(input) == 0 {
            return false;
        }
        let incoming = connection::is_incoming(conn);
        if connection::current(conn).is_null() {
            if !incoming {
                return false;
            }
            if server::begin_request(conn).is_err() {
                connection::close(conn);
                return true;
            }
            // The user's new-request callback ran and may have closed the connection.
            if connection::is_dead(conn) {
                return true;
            }
        }
        let req = connection::current(conn);
        if req.is_null() {
            return false;
        }
        match next_line(conn, 0) {
            Line::Part => false,
            Line::TooLong => {
                connection::fail(conn, Failure::InvalidHeader);
                true
            }
            Line::Whole(content, len) => {
                request::hold(req);
                (*req).headers_size = content.len();
                let done = if incoming {
                    take_request_line(conn, req, content)
                } else {
                    take_status_line(req, content)
                };
                // The input is there even if the connection is dead, see `connection::leave`.
                io::drain(input, len);
                let current = is_current(conn, req);
                request::release(req);
                match done {
                    Ok(()) if current => (*conn).state = State::Headers,
                    Ok(()) => connection::close(conn),
                    Err(_) => connection::fail(conn, Failure::InvalidHeader),
                }
                true
            }
        }
    }
}

unsafe fn take_request_line(
    conn: *mut evhttp_connection,
    req: *mut evhttp_request,
    content: &[u8],
) -> Result<()> {
    let l = RequestLine::parse(content).map_err(|Malformed| Error::Invalid)?;
    // SAFETY: both are live; `content` lies in the input, which nothing here touches.
    unsafe {
        let bit = method(conn, l.method);
        if !is_current(conn, req) {
            return Err(Error::Invalid);
        }
        (*req).r#type = bit;
        (*req).major = l.version.major as i8;
        (*req).minor = l.version.minor as i8;
        let connect = (*req).r#type == CONNECT;
        let parts = if connect {
            Parts::parse_authority(l.target)
        } else {
            Parts::parse(l.target, Flags::NONCONFORMANT)
        };
        let parts = parts.map_err(|_| Error::Invalid)?;
        let uri = request::string(req, l.target)?;
        request::replace_string(req, &raw mut (*req).uri, uri);
        set_uri(req, &parts, l.target.len())?;
        // An absolute URI names this server, or another one that we are to be a proxy for.
        if matches!(parts.scheme, Some(s) if s.eq_ignore_ascii_case(b"http") || s.eq_ignore_ascii_case(b"https"))
            && let Some(host) = parts.host
            && !server::knows_host(conn, host)
        {
            (*req).flags |= EVHTTP_PROXY_REQUEST;
        }
        Ok(())
    }
}

/// The bit of CONNECT.
pub(super) const CONNECT: u32 = 0x80;
/// The bit of HEAD.
pub(super) const HEAD: u32 = 0x04;

/// The bit of a method; those we do not know may be known to the user. 0 for unknown ones.
unsafe fn method(conn: *const evhttp_connection, name: &[u8]) -> u32 {
    // SAFETY: the caller entered the connection; the user's function gets a copy of the name.
    unsafe {
        let Some(f) = server::ext_method(conn) else { return status::method_bit(name) };
        let mut text = [0u8; 64];
        let known = status::method_bit(name);
        match text.get_mut(..name.len()) {
            Some(place) if known == 0 && name.len() < 64 => place.copy_from_slice(name),
            _ => return known,
        }
        let mut m = evhttp_ext_method { method: text.as_ptr().cast(), r#type: 0, flags: 0 };
        if f(&raw mut m) < 0 { 0 } else { m.r#type }
    }
}

/// Makes the parts the request's URI, which is `len` bytes long.
unsafe fn set_uri(req: *mut evhttp_request, parts: &Parts<'_>, len: usize) -> Result<()> {
    // SAFETY: the caller's request; the storage has the size asked for and lives as long as it.
    unsafe {
        let r = request::of(req);
        (*r).uri.free_parts();
        let text = (*req).uri;
        if parts.path.len() == len && Arena::contains(&raw const (*r).arena, text.cast()) {
            // Nothing but a path: the URI's own text serves.
            (*r).uri.fill_with_path(text, len, Flags::NONCONFORMANT);
            (*req).uri_elems = &raw mut (*r).uri;
            return Ok(());
        }
        let size = evhttp_uri::storage_len(parts);
        let in_arena = Arena::take(&raw mut (*r).arena, size);
        let storage = match in_arena {
            Some(at) => at,
            // Too long for the arena: as a C string of its own, which `host_cache` keeps for us.
            None => mem::alloc(size).ok_or(Error::NoMemory)?.as_ptr(),
        };
        (*r).uri.fill(parts, Flags::NONCONFORMANT, storage);
        if in_arena.is_none() {
            (*r).uri.own_block();
        }
        (*req).uri_elems = &raw mut (*r).uri;
        Ok(())
    }
}

unsafe fn take_status_line(req: *mut evhttp_request, content: &[u8]) -> Result<()> {
    let l = StatusLine::parse(content).map_err(|Malformed| Error::Invalid)?;
    // SAFETY: the caller's request; `content` lies in the input, which nothing here touches.
    unsafe {
        (*req).major = l.version.major as i8;
        (*req).minor = l.version.minor as i8;
        (*req).response_code = i32::from(l.code);
        let reason = request::string(req, l.reason)?;
        request::replace_string(req, &raw mut (*req).response_code_line, reason);
        Ok(())
    }
}

/// Reads header lines until the empty one; lines of one block are dropped together.
unsafe fn header_lines(conn: *mut evhttp_connection) -> bool {
    // SAFETY: the caller entered the connection and holds the request.
    unsafe {
        let req = connection::current(conn);
        let input = (*(*conn).bev).input;
        loop {
            // Fast path: all lines that lie whole in the front block.
            let front = io::front(input);
            let mut used = 0usize;
            let mut outcome = Ok(false);
            while (*conn).scanned == 0 && matches!(outcome, Ok(false)) {
                if (*request::of(req)).fold.is_empty()
                    && let Some(field) = field(front, used)
                {
                    used = field.end;
                    outcome = count_header(conn, req, field.len)
                        .and_then(|()| take_field(req, field.name, field.value))
                        .map(|()| false);
                } else if let Some((content, len)) =
                    front.get(used..).and_then(|rest| line(rest, 0))
                {
                    used = used.saturating_add(len);
                    outcome = take_header(conn, req, content);
                } else {
                    break;
                }
            }
            io::drain(input, used);
            if !is_current(conn, req) {
                return true;
            }
            if matches!(outcome, Ok(false)) {
                match next_line(conn, (*req).headers_size) {
                    Line::Part => return false,
                    Line::TooLong => outcome = Err(Malformed),
                    Line::Whole(content, len) => {
                        outcome = take_header(conn, req, content);
                        io::drain(input, len);
                        if !is_current(conn, req) {
                            return true;
                        }
                    }
                }
            }
            match outcome {
                Ok(false) => {}
                Ok(true) => {
                    head_complete(conn, req);
                    return true;
                }
                Err(Malformed) => {
                    connection::fail(conn, Failure::InvalidHeader);
                    return true;
                }
            }
        }
    }
}

/// Takes one header line; true for the empty one.
unsafe fn take_header(
    conn: *const evhttp_connection,
    req: *mut evhttp_request,
    content: &[u8],
) -> core::result::Result<bool, Malformed> {
    // SAFETY: both are live; `content` lies in the input, which nothing here touches.
    unsafe {
        count_header(conn, req, content.len())?;
        let parsed = HeaderLine::parse(content)?;
        if let HeaderLine::Fold(more) = parsed {
            return fold(req, more).map(|()| false).map_err(|_| Malformed);
        }
        unfold(req).map_err(|_| Malformed)?;
        match parsed {
            HeaderLine::Field(name, value) => take_field(req, name, value).map(|()| false),
            _ => {
                if (*request::of(req)).state.folded {
                    note_all_again(req);
                }
                Ok(true)
            }
        }
    }
}

/// Counts a header line of `len` bytes against the limit.
unsafe fn count_header(
    conn: *const evhttp_connection,
    req: *mut evhttp_request,
    len: usize,
) -> core::result::Result<(), Malformed> {
    // SAFETY: both are live.
    unsafe {
        (*req).headers_size = (*req).headers_size.saturating_add(len);
        if (*req).headers_size > (*conn).max_headers { Err(Malformed) } else { Ok(()) }
    }
}

/// Takes a header.
unsafe fn take_field(
    req: *mut evhttp_request,
    name: &[u8],
    value: &[u8],
) -> core::result::Result<(), Malformed> {
    // SAFETY: the request is live; the strings lie in the input, which nothing here touches.
    unsafe {
        let r = request::of(req);
        note_header(&raw mut (*r).state, name, value);
        let node = match Arena::node(&raw mut (*r).arena, name, value) {
            Some(node) => node,
            None => headers::make(name, value).map_err(|_| Malformed)?,
        };
        headers::push((*req).input_headers, node);
        Ok(())
    }
}

/// Remembers a folded header's further text; copies grow by doubling, however many lines come.
unsafe fn fold(req: *mut evhttp_request, more: &[u8]) -> Result<()> {
    // SAFETY: the caller's request; its last node's value is a C string.
    unsafe {
        let last = headers::last((*req).input_headers).ok_or(Error::Invalid)?;
        let value = &mut (*request::of(req)).fold;
        let mut put = |s: &[u8]| {
            value.try_reserve(s.len()).map_err(|_| Error::NoMemory)?;
            value.extend_from_slice(s);
            Ok(())
        };
        (*request::of(req)).state.folded = true;
        if (*request::of(req)).fold.is_empty() {
            put(headers::text((*last).value))?;
        }
        put(b" ")?;
        put(more)
    }
}

/// Gives a folded header its whole value.
unsafe fn unfold(req: *mut evhttp_request) -> Result<()> {
    // SAFETY: the caller's request; a fold has a header in front of it.
    unsafe {
        let r = request::of(req);
        if (*r).fold.is_empty() {
            return Ok(());
        }
        let value = core::mem::replace(&mut (*r).fold, mem::Vec::new_in(mem::Heap));
        headers::replace_last((*req).input_headers, trim(&value))
    }
}

/// Looks at a header that may matter to the protocol.
unsafe fn note_header(state: *mut request::State, name: &[u8], value: &[u8]) {
    // SAFETY: the caller's request's state.
    unsafe {
        match name.len() {
            6 if is_named(name, b"Expect") => {
                (*state).expect = if value.eq_ignore_ascii_case(b"100-continue") {
                    Expect::Continue
                } else {
                    Expect::Other
                };
            }
            10 if is_named(name, b"Connection") => (*state).persistence.note(value),
            16 if is_named(name, b"Proxy-Connection") => {
                (*state).proxy_keep_alive = value.eq_ignore_ascii_case(b"keep-alive");
            }
            14 | 17 => (*state).framing.note(name, value),
            _ => {}
        }
    }
}

/// Looks at all headers anew: one of them turned out to be longer than its first line.
unsafe fn note_all_again(req: *mut evhttp_request) {
    // SAFETY: the caller's request; keys and values are C strings.
    unsafe {
        let state = &raw mut (*request::of(req)).state;
        (*state).framing = Framing::NEW;
        (*state).persistence = Persistence::default();
        (*state).proxy_keep_alive = false;
        (*state).expect = Expect::Nothing;
        for node in headers::Nodes::of((*req).input_headers) {
            note_header(state, headers::text((*node).key), headers::text((*node).value));
        }
    }
}

/// All headers are there: what kind of body follows?
unsafe fn head_complete(conn: *mut evhttp_connection, req: *mut evhttp_request) {
    // SAFETY: the caller entered the connection; the request is held while its callback runs.
    unsafe {
        (*conn).state = State::Body;
        let incoming = connection::is_incoming(conn);
        if let Some(f) = (*req).header_cb {
            request::hold(req);
            let verdict = f(req, (*req).cb_arg);
            let alive = request::release(req);
            if connection::is_dead(conn) || !alive || connection::current(conn) != req {
                return;
            }
            if verdict < 0 {
                connection::fail(conn, Failure::Eof);
                return;
            }
        }
        let state = &raw mut (*request::of(req)).state;
        let version = request::version(req);
        let body = if incoming {
            (*state).framing.request(version)
        } else {
            let code = u16::try_from((*req).response_code).unwrap_or(0);
            if exchange::is_interim(code) {
                exchange::interim(conn, req);
                return;
            }
            let to_head = (*req).r#type == HEAD || ((*req).r#type == CONNECT && code / 100 == 2);
            (*state).framing.reply(version, code, to_head)
        };
        let Ok(body) = body else {
            connection::fail(conn, Failure::InvalidHeader);
            return;
        };
        match body {
            Body::None => {
                (*req).ntoread = 0;
                complete(conn, req);
                return;
            }
            Body::Length(n) => {
                (*req).ntoread = n;
                if n.unsigned_abs() > (*conn).max_body {
                    too_long(conn, req);
                    return;
                }
            }
            Body::Chunked => {
                (*req).ntoread = -1;
                request::set_chunked(req, true);
            }
            Body::UntilClose => (*req).ntoread = -1,
        }
        if incoming {
            match (*state).expect {
                Expect::Other => reply::refuse(conn, req, 417),
                Expect::Continue if version.is_modern() && io::len((*(*conn).bev).input) == 0 => {
                    let _ = io::add((*(*conn).bev).output, b"HTTP/1.1 100 Continue\r\n\r\n");
                }
                _ => {}
            }
        }
    }
}

/// The body is over the limit: now, or (with lingering close) when the client has sent it all.
unsafe fn too_long(conn: *mut evhttp_connection, req: *mut evhttp_request) {
    // SAFETY: the caller entered the connection.
    unsafe {
        if connection::is_incoming(conn) && server::lingers(conn) {
            (*request::of(req)).state.discard = true;
            let buffer = (*req).input_buffer;
            io::drain(buffer, io::len(buffer));
        } else {
            connection::fail(conn, Failure::TooLong);
        }
    }
}

unsafe fn body(conn: *mut evhttp_connection) -> bool {
    // SAFETY: the caller entered the connection.
    unsafe {
        let req = connection::current(conn);
        if req.is_null() {
            // Freed by the user before it was there: what comes now is nobody's.
            connection::close(conn);
            return true;
        }
        let incoming_chunks = (*request::of(req)).state.decoder != super::chunked::Decoder::NEW
            || (request::is_chunked(req) && (*req).ntoread < 0);
        if incoming_chunks { chunked_body(conn, req) } else { plain_body(conn, req) }
    }
}

unsafe fn plain_body(conn: *mut evhttp_connection, req: *mut evhttp_request) -> bool {
    // SAFETY: the caller entered the connection.
    unsafe {
        let input = (*(*conn).bev).input;
        let have = io::len(input);
        let left = (*req).ntoread;
        let n = usize::try_from(left).map_or(have, |left| have.min(left));
        if n == 0 {
            return false;
        }
        let Some(n) = take_body(conn, req, n) else { return true };
        if left >= 0 {
            (*req).ntoread = left.saturating_sub(n as i64);
        }
        if !deliver(conn, req) {
            return true;
        }
        if left >= 0 && (*req).ntoread == 0 {
            complete(conn, req);
        }
        true
    }
}

/// Moves `n` bytes of body from the input to the request, or drops them; `None` when the exchange
/// failed over it.
unsafe fn take_body(
    conn: *mut evhttp_connection,
    req: *mut evhttp_request,
    n: usize,
) -> Option<usize> {
    // SAFETY: the caller entered the connection.
    unsafe {
        let input = (*(*conn).bev).input;
        let state = &raw mut (*request::of(req)).state;
        (*req).body_size = (*req).body_size.saturating_add(n);
        if !(*state).discard && (*req).body_size as u64 > (*conn).max_body {
            too_long(conn, req);
            if connection::is_dead(conn) || !(*state_of(conn, req)?).discard {
                return None;
            }
        }
        if (*state).discard {
            io::drain(input, n);
            return Some(n);
        }
        let moved = io::transfer(input, (*req).input_buffer, n);
        if moved == 0 {
            connection::fail(conn, Failure::Buffer);
            return None;
        }
        Some(moved)
    }
}

/// The state of `req`, if it is still the connection's current request.
unsafe fn state_of(
    conn: *const evhttp_connection,
    req: *mut evhttp_request,
) -> Option<*const request::State> {
    // SAFETY: the caller entered the connection; a request in its queue is live.
    unsafe {
        (connection::current(conn) == req && (*conn).state == State::Body)
            .then(|| &raw const (*request::of(req)).state)
    }
}

/// Shows the user what has come, if a chunk callback wants it, and drops it. False when the
/// exchange ended over it.
unsafe fn deliver(conn: *mut evhttp_connection, req: *mut evhttp_request) -> bool {
    // SAFETY: the caller entered the connection; the request is held while its callback runs.
    unsafe {
        if !is_current(conn, req) || (*conn).state != State::Body {
            return false;
        }
        let Some(f) = (*req).chunk_cb else { return true };
        let buffer = (*req).input_buffer;
        if io::len(buffer) == 0 {
            return true;
        }
        request::hold(req);
        f(req, (*req).cb_arg);
        if !request::is_doomed(req) {
            let buffer = (*req).input_buffer;
            io::drain(buffer, io::len(buffer));
        }
        let alive = request::release(req);
        alive
            && !connection::is_dead(conn)
            && connection::current(conn) == req
            && (*conn).state == State::Body
    }
}

unsafe fn chunked_body(conn: *mut evhttp_connection, req: *mut evhttp_request) -> bool {
    // SAFETY: the caller entered the connection; the decoder is used in short borrows.
    unsafe {
        let input = (*(*conn).bev).input;
        let max_trailer = (*conn).max_headers.min(MAX_TRAILER);
        let decoder = &raw mut (*request::of(req)).state.decoder;
        loop {
            let front = io::front(input);
            match (*decoder).next(front, max_trailer) {
                Err(Malformed) => {
                    connection::fail(conn, Failure::InvalidHeader);
                    return true;
                }
                Ok(Piece::More(0)) => return false,
                Ok(Piece::More(n)) => {
                    io::drain(input, n);
                    if !is_current(conn, req) {
                        return true;
                    }
                }
                Ok(Piece::End(n)) => {
                    io::drain(input, n);
                    if is_current(conn, req) {
                        complete(conn, req);
                    }
                    return true;
                }
                Ok(Piece::Data { skip, len }) => {
                    io::drain(input, skip);
                    if !is_current(conn, req) {
                        return true;
                    }
                    let have = io::len(input);
                    let n = have.min(usize::try_from(len).unwrap_or(usize::MAX));
                    let whole = (*req).chunk_cb.is_some() && len <= WHOLE_CHUNK;
                    if n == 0 || (whole && (n as i64) < len) {
                        // Too long a chunk is refused before it has come.
                        let coming = ((*req).body_size as u64).saturating_add(len.unsigned_abs());
                        if coming > (*conn).max_body && !(*request::of(req)).state.discard {
                            too_long(conn, req);
                            return true;
                        }
                        return false;
                    }
                    let Some(n) = take_body(conn, req, n) else { return true };
                    (*decoder).taken(n as i64);
                    if !deliver(conn, req) {
                        return true;
                    }
                }
            }
        }
    }
}

/// The message is complete.
unsafe fn complete(conn: *mut evhttp_connection, req: *mut evhttp_request) {
    // SAFETY: the caller entered the connection.
    unsafe {
        if (*request::of(req)).state.discard {
            (*request::of(req)).state.discard = false;
            connection::fail(conn, Failure::TooLong);
        } else if connection::is_incoming(conn) {
            server::handle(conn, req);
        } else {
            exchange::complete(conn, req);
        }
    }
}

/// The peer has closed and all its bytes are read.
///
/// # Safety
/// The caller entered `conn`, whose state is one of reading.
pub(super) unsafe fn eof(conn: *mut evhttp_connection) {
    // SAFETY: the caller's count.
    unsafe {
        let req = connection::current(conn);
        let until_close = (*conn).state == State::Body
            && !connection::is_incoming(conn)
            && !req.is_null()
            && (*req).ntoread < 0
            && !request::is_chunked(req);
        if until_close {
            (*request::of(req)).state.close = true;
            complete(conn, req);
        } else {
            connection::fail(conn, Failure::Eof);
        }
    }
}

/// The host that a request names in its URI or Host header.
///
/// # Safety
/// `req` is live.
pub(super) unsafe fn uri_path<'a>(req: *mut evhttp_request) -> Option<&'a [u8]> {
    // SAFETY: the caller's request; its URI lives as long as it does.
    unsafe {
        let uri = (*req).uri_elems;
        if uri.is_null() {
            return None;
        }
        let path = (*uri).get(Component::Path);
        (!path.is_null()).then(|| headers::text(path))
    }
}
