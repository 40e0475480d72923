//! Answering a request: whole, in pieces, or with an error page.

use super::connection::{self, Callback, ConnectionFn, State, evhttp_connection};
use super::head::{self, ReplyBody};
use super::raw::evhttp_request;
use super::server::{self, evhttp};
use super::{headers, io, request, status};
use crate::buffer::evbuffer;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::c_int;

/// The reply, or its first part, goes out from here on.
unsafe fn begin_writing(conn: *mut evhttp_connection) {
    // SAFETY: the caller's connection is live.
    unsafe {
        if connection::is_dead(conn) {
            return;
        }
        (*conn).state = State::Writing;
        // The other side's end is watched meanwhile, unless it is known already.
        let reading = if (*conn).peer_done { 0 } else { crate::event::flags::EV_READ };
        io::enable((*conn).bev, crate::event::flags::EV_WRITE | reading);
    }
}

/// Does something with a request and its connection (null if it has none). Both, and the server,
/// last until it is done, whatever callbacks of buffers do meanwhile.
unsafe fn guarded(req: *mut evhttp_request, work: impl FnOnce(*mut evhttp_connection)) {
    // SAFETY: the caller's request; what it belongs to is live, and counted until the end.
    unsafe {
        let conn = (*req).evcon;
        request::hold(req);
        if conn.is_null() {
            work(conn);
            request::release(req);
            return;
        }
        let http = (*conn).server;
        connection::enter(conn);
        if !http.is_null() {
            evhttp::enter(http);
        }
        work(conn);
        request::release(req);
        connection::leave(conn);
        if !http.is_null() {
            evhttp::leave(http);
        }
    }
}

/// Sends the whole reply: `body` (emptied, whatever happens) after what the request's own output
/// buffer holds.
///
/// # Safety
/// `req` is live; `body` is null or live.
pub(crate) unsafe fn send(
    req: *mut evhttp_request,
    code: c_int,
    reason: Option<&[u8]>,
    body: *mut evbuffer,
) {
    // SAFETY: the caller's objects.
    unsafe {
        guarded(req, |conn| {
            if conn.is_null() || !can_reply(conn, req) {
                discard(body);
                if conn.is_null() {
                    request::free_auto(req);
                }
                return;
            }
            request::set_code(req, code, reason);
            send_coded(conn, req, body);
        });
    }
}

/// As [`send`], with the code in the request already.
unsafe fn send_coded(conn: *mut evhttp_connection, req: *mut evhttp_request, body: *mut evbuffer) {
    // SAFETY: the caller's objects.
    unsafe {
        request::set_user_done(req, true);
        (*request::of(req)).state.handed_out = false;
        (*request::of(req)).state.replied = true;
        if !body.is_null() && io::len((*req).output_buffer) > 0 {
            let _ = io::append((*req).output_buffer, body);
        }
        let own = (*req).output_buffer;
        let body = if body.is_null() || io::len(own) > 0 { own } else { body };
        let written = head::reply(conn, req, ReplyBody::Whole(io::len(body)));
        let output = (*(*conn).bev).output;
        let written = if head::reply_has_body(req) {
            written.and_then(|()| io::append(output, body))
        } else {
            discard(body);
            written
        };
        if written.is_err() {
            abandon(conn, req);
            return;
        }
        begin_writing(conn);
    }
}

unsafe fn discard(body: *mut evbuffer) {
    if !body.is_null() {
        // SAFETY: the caller's buffer.
        unsafe { io::drain(body, io::len(body)) };
    }
}

/// Whether a reply to `req` can begin now: it is the one to be answered, and was not answered yet.
unsafe fn can_reply(conn: *const evhttp_connection, req: *mut evhttp_request) -> bool {
    // SAFETY: the caller's objects.
    unsafe {
        connection::current(conn) == req
            && !connection::is_dead(conn)
            && !(*request::of(req)).state.replied
    }
}

/// A reply that cannot be completed: the connection is of no more use.
unsafe fn abandon(conn: *mut evhttp_connection, req: *mut evhttp_request) {
    // SAFETY: the caller's objects; `close` frees the request with the connection.
    unsafe {
        (*request::of(req)).state.handed_out = false;
        connection::close(conn);
    }
}

/// Sends the head of a reply that comes in pieces.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn start(req: *mut evhttp_request, code: c_int, reason: Option<&[u8]>) {
    // SAFETY: the caller's request.
    unsafe {
        guarded(req, |conn| {
            if conn.is_null() || !can_reply(conn, req) {
                return;
            }
            request::set_code(req, code, reason);
            (*request::of(req)).state.replied = true;
            if head::reply(conn, req, ReplyBody::Pieces).is_err() {
                abandon(conn, req);
                return;
            }
            begin_writing(conn);
        });
    }
}

/// Sends a piece; `cb` is called when it has gone out.
///
/// # Safety
/// `req` and `piece` are live.
pub(crate) unsafe fn chunk(
    req: *mut evhttp_request,
    piece: *mut evbuffer,
    cb: Option<ConnectionFn>,
    arg: *mut c_void,
) {
    // SAFETY: the caller's objects.
    unsafe {
        guarded(req, |conn| {
            let n = io::len(piece);
            if conn.is_null() || n == 0 {
                return;
            }
            let started = connection::current(conn) == req && (*request::of(req)).state.replied;
            if !started || !head::reply_has_body(req) {
                discard(piece);
                return;
            }
            let output = (*(*conn).bev).output;
            let sent = if request::is_chunked(req) {
                let mut line = [0u8; 18];
                io::add(output, chunk_line(n, &mut line))
                    .and_then(|()| io::append(output, piece))
                    .and_then(|()| io::add(output, b"\r\n"))
            } else {
                io::append(output, piece)
            };
            if sent.is_err() {
                abandon(conn, req);
                return;
            }
            (*conn).written = Callback { f: cb, arg };
            begin_writing(conn);
        });
    }
}

/// The size of a chunk in hexadecimal, and CRLF.
fn chunk_line(n: usize, line: &mut [u8; 18]) -> &[u8] {
    let mut at = line.len();
    let mut put = |b: u8| {
        at = at.saturating_sub(1);
        if let Some(place) = line.get_mut(at) {
            *place = b;
        }
    };
    put(b'\n');
    put(b'\r');
    let mut left = n;
    loop {
        let digit = (left & 0x0f) as u8;
        put(if digit < 10 {
            b'0'.wrapping_add(digit)
        } else {
            b'a'.wrapping_sub(10).wrapping_add(digit)
        });
        left >>= 4;
        if left == 0 {
            break;
        }
    }
    line.get(at..).unwrap_or_default()
}

/// Ends a reply in pieces.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn end(req: *mut evhttp_request) {
    // SAFETY: the caller's request; the connection is entered for the time of the work.
    unsafe {
        guarded(req, |conn| {
            if conn.is_null() {
                request::free_auto(req);
                return;
            }
            if connection::current(conn) != req
                || !(*request::of(req)).state.replied
                || request::is_user_done(req)
            {
                return;
            }
            request::set_user_done(req, true);
            (*request::of(req)).state.handed_out = false;
            // The piece that waits for its callback goes out with the end; nobody waits any more.
            (*conn).written = Callback::NONE;
            let output = (*(*conn).bev).output;
            if request::is_chunked(req) {
                request::set_chunked(req, false);
                if head::reply_has_body(req) && io::add(output, b"0\r\n\r\n").is_err() {
                    abandon(conn, req);
                    return;
                }
            }
            if io::len(output) > 0 {
                begin_writing(conn);
            } else {
                connection::enter(conn);
                (*conn).finished = true;
                connection::process(conn);
                connection::leave(conn);
            }
        });
    }
}

/// Answers with a page that names the error and ends the connection.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn error(req: *mut evhttp_request, code: c_int, reason: Option<&[u8]>) {
    // SAFETY: the caller's request.
    unsafe {
        guarded(req, |conn| {
            if conn.is_null() {
                request::free_auto(req);
                return;
            }
            if !can_reply(conn, req) {
                return;
            }
            let list = (*req).output_headers;
            headers::clear(list);
            let own = (*req).output_buffer;
            io::drain(own, io::len(own));
            request::set_code(req, code, reason);
            let page = match server::error_page(conn, req, code, reason) {
                Some(true) => Ok(()),
                // The callback ended the connection or the request.
                None => return,
                Some(false) => standard_page(list, own, code, reason),
            };
            if page.is_err() {
                abandon(conn, req);
                return;
            }
            // Errors are told in 1.1 whatever the client spoke, as its version may be what was wrong.
            (*req).major = 1;
            (*req).minor = 1;
            send_coded(conn, req, null_mut());
        });
    }
}

unsafe fn standard_page(
    list: *mut super::keyvalq_raw::evkeyvalq,
    own: *mut evbuffer,
    code: c_int,
    reason: Option<&[u8]>,
) -> crate::error::Result<()> {
    let title = status::reason(code).as_bytes();
    // SAFETY: the caller's list and buffer.
    unsafe {
        headers::add(list, b"Content-Type", b"text/html")?;
        headers::add(list, b"Connection", b"close")?;
        io::add(own, b"<HTML><HEAD>\n<TITLE>")?;
        io::add(own, status::Decimal::new(code.unsigned_abs().into()).as_bytes())?;
        io::add(own, b" ")?;
        io::add(own, reason.unwrap_or(title))?;
        io::add(own, b"</TITLE>\n</HEAD><BODY>\n<H1>")?;
        io::add(own, reason.unwrap_or(title))?;
        io::add(own, b"</H1>\n</BODY></HTML>\n")
    }
}

/// Answers a request that the user never gets to see.
///
/// # Safety
/// The caller entered `conn`; `req` is its current request.
pub(crate) unsafe fn refuse(conn: *mut evhttp_connection, req: *mut evhttp_request, code: c_int) {
    // SAFETY: the caller's objects.
    unsafe {
        (*conn).state = State::Handling;
        // What follows a broken message cannot be trusted to be a message.
        (*request::of(req)).state.close = true;
        (*request::of(req)).state.replied = false;
        request::hold(req);
        let input = (*req).input_buffer;
        io::drain(input, io::len(input));
        error(req, code, None);
        request::release(req);
    }
}

/// The reply has gone out: ends the exchange and begins the next one, or the end.
///
/// # Safety
/// The caller entered `conn`.
pub(crate) unsafe fn finish(conn: *mut evhttp_connection) {
    // SAFETY: the caller's count; the request is held while its callback runs.
    unsafe {
        let req = connection::current(conn);
        if req.is_null() {
            connection::close(conn);
            return;
        }
        let closes = (*request::of(req)).state.close;
        if let Some(f) = (*req).on_complete_cb {
            request::hold(req);
            f(req, (*req).on_complete_cb_arg);
            request::release(req);
            if connection::is_dead(conn) {
                return;
            }
        }
        if connection::current(conn) == req {
            connection::remove(req);
            request::free_auto(req);
        }
        if closes {
            connection::close(conn);
            return;
        }
        (*conn).state = State::FirstLine;
        (*conn).scanned = 0;
        if !(*conn).peer_done {
            io::enable((*conn).bev, crate::event::flags::EV_READ);
        }
    }
}
