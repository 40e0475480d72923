//! What a client does: connecting, retrying, sending requests one after the other, reading replies.

use super::asked;
use super::client::{IO_TIMEOUT, stop_timer};
use super::connection::{self, Failure, State, evhttp_connection};
use super::raw::evhttp_request;
use super::reading::CONNECT;
use super::request::{self, Expect};
use super::types::{EVHTTP_CON_READ_ON_WRITE_ERROR, EVHTTP_CON_REUSE_CONNECTED_ADDR};
use super::{framing, head, headers, io};
use crate::bufferevent::types::{
    BEV_EVENT_CONNECTED, BEV_EVENT_EOF, BEV_EVENT_ERROR, BEV_EVENT_READING, BEV_EVENT_TIMEOUT,
};
use crate::error::{Error, Result};
use crate::event::flags::EV_WRITE;
use crate::sys::Errno;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_char, c_int, c_short, sockaddr_un, timeval};

/// Seconds to connect, unless the user says otherwise.
const CONNECT_TIMEOUT: timeval = timeval { tv_sec: 45, tv_usec: 0 };
/// The wait before a retry doubles up to so many seconds.
const LONGEST_RETRY: i64 = 3600;

/// Gives a request to the connection, which sends it when it is its turn. The request is the
/// connection's from here on, and is freed when this fails.
///
/// # Safety
/// Both are live; `req` is in no queue.
pub(crate) unsafe fn make_request(
    conn: *mut evhttp_connection,
    req: *mut evhttp_request,
    method: u32,
    uri: &[u8],
) -> Result<()> {
    // SAFETY: the caller's objects; the connection is entered for the time of the work.
    unsafe {
        let breaks = uri.iter().any(|b| matches!(b, b'\r' | b'\n'));
        let copy = if breaks || connection::is_dead(conn) || connection::is_incoming(conn) {
            Err(Error::Invalid)
        } else {
            request::string(req, uri)
        };
        let copy = match copy {
            Ok(copy) => copy,
            Err(e) => {
                request::free_auto(req);
                return Err(e);
            }
        };
        (*req).kind = super::types::evhttp_request_kind::EVHTTP_REQUEST as u32;
        (*req).r#type = method;
        request::replace_string(req, &raw mut (*req).uri, copy);
        if (*req).major == 0 && (*req).minor == 0 {
            (*req).major = 1;
            (*req).minor = 1;
        }
        if asked::elsewhere(conn) {
            asked::post(conn, req);
            return Ok(());
        }
        connection::enter(conn);
        start(conn, req);
        connection::leave(conn);
        Ok(())
    }
}

/// Puts a request into the queue, and begins with it if it is its turn.
///
/// # Safety
/// The caller entered `conn`; the request is in no queue.
pub(crate) unsafe fn start(conn: *mut evhttp_connection, req: *mut evhttp_request) {
    // SAFETY: the caller's count.
    unsafe {
        connection::push(conn, req);
        match (*conn).state {
            State::Disconnected if !waits_to_retry(conn) => connect(conn),
            State::Idle if connection::current(conn) == req && !(*conn).peer_done => dispatch(conn),
            _ => {}
        }
    }
}

unsafe fn waits_to_retry(conn: *const evhttp_connection) -> bool {
    // SAFETY: the caller entered the connection.
    unsafe { (*conn).client.as_ref().is_some_and(|c| c.timer_set) }
}

/// Begins to connect. What comes of it is told by events, or by callbacks before this returns.
unsafe fn connect(conn: *mut evhttp_connection) {
    // SAFETY: the caller entered the connection.
    unsafe {
        if (*conn).state != State::Disconnected {
            return;
        }
        let c = (*conn).client;
        let bev = (*conn).bev;
        stop_timer(c);
        if !(*c).bind_address.is_null() || (*c).bind_port != 0 {
            let bound = io::bound_socket((*c).bind_address, (*c).bind_port, false);
            let given = bound.and_then(|fd| {
                io::give_fd(bev, fd).inspect_err(|_| {
                    let _ = crate::util::socket::close(fd);
                })
            });
            if given.is_err() {
                (*conn).state = State::Connecting;
                connect_failed(conn);
                return;
            }
        }
        connection::install_callbacks(conn);
        let t = (*c).connect_timeout.unwrap_or(CONNECT_TIMEOUT);
        io::set_timeouts(bev, Some(&t), Some(&t));
        io::enable(bev, EV_WRITE);
        (*conn).state = State::Connecting;
        (*conn).peer_done = false;
        let reached = (*c).reached.filter(|_| (*conn).flags & EVHTTP_CON_REUSE_CONNECTED_ADDR != 0);
        let begun = if !(*c).unix_path.is_null() {
            unix_address(headers::text((*c).unix_path))
                .and_then(|(a, len)| io::connect(bev, (&raw const a).cast(), len))
        } else if let Some(address) = reached {
            io::connect(bev, address.as_ptr(), address.len())
        } else {
            io::connect_name(bev, (*c).dns, (*c).family, (*c).host, (*conn).port)
        };
        // A callback may have run already and have changed everything.
        if begun.is_err() && !connection::is_dead(conn) && (*conn).state == State::Connecting {
            connect_failed(conn);
        }
    }
}

fn unix_address(path: &[u8]) -> Result<(sockaddr_un, libc::socklen_t)> {
    // SAFETY: an all-zero sockaddr_un is valid.
    let mut a: sockaddr_un = unsafe { core::mem::zeroed() };
    if path.len() >= a.sun_path.len() {
        return Err(Error::Invalid);
    }
    a.sun_family = libc::AF_UNIX as libc::sa_family_t;
    for (to, from) in a.sun_path.iter_mut().zip(path) {
        *to = *from as c_char;
    }
    Ok((a, size_of::<sockaddr_un>() as libc::socklen_t))
}

/// The connection stands.
unsafe fn connected(conn: *mut evhttp_connection) {
    // SAFETY: the caller entered the connection.
    unsafe {
        let c = (*conn).client;
        (*c).retries = 0;
        (*c).reached = io::reached((*conn).bev);
        (*conn).state = State::Idle;
        (*conn).scanned = 0;
        let r = (*c).read_timeout.unwrap_or(IO_TIMEOUT);
        let w = (*c).write_timeout.unwrap_or(IO_TIMEOUT);
        io::set_timeouts((*conn).bev, Some(&r), Some(&w));
        dispatch(conn);
    }
}

/// Sends the request at the front of the queue.
unsafe fn dispatch(conn: *mut evhttp_connection) {
    // SAFETY: the caller entered the connection.
    unsafe {
        let req = connection::current(conn);
        if req.is_null() || (*conn).state != State::Idle {
            return;
        }
        (*conn).state = State::Writing;
        (*conn).scanned = 0;
        let state = &raw mut (*request::of(req)).state;
        let waits = headers::value((*req).output_headers, b"Expect")
            .is_some_and(|v| v.eq_ignore_ascii_case(b"100-continue"));
        (*state).withheld = waits && io::len((*req).output_buffer) > 0;
        // User code runs meanwhile: callbacks for methods and of buffers.
        request::hold(req);
        let written = head::request(conn, req).and_then(|()| {
            if (*state).withheld || connection::current(conn) != req {
                return Ok(());
            }
            io::append((*(*conn).bev).output, (*req).output_buffer)
        });
        request::release(req);
        if connection::is_dead(conn)
            || connection::current(conn) != req
            || (*conn).state != State::Writing
        {
            return;
        }
        if written.is_err() {
            fail(conn, Failure::Buffer);
            return;
        }
        io::enable((*conn).bev, io::READ_WRITE);
    }
}

/// All of the request has gone out.
///
/// # Safety
/// The caller entered `conn`.
pub(crate) unsafe fn request_sent(conn: *mut evhttp_connection) {
    // SAFETY: the caller's count.
    unsafe {
        if !connection::current(conn).is_null() {
            (*conn).state = State::FirstLine;
        }
    }
}

/// Whether another reply follows this one: all of 1xx but Switching Protocols.
pub(crate) fn is_interim(code: u16) -> bool {
    (100..200).contains(&code) && code != 101
}

/// An interim reply has been read.
///
/// # Safety
/// The caller entered `conn`; `req` is its current request.
pub(crate) unsafe fn interim(conn: *mut evhttp_connection, req: *mut evhttp_request) {
    // SAFETY: the caller's count.
    unsafe {
        headers::clear((*req).input_headers);
        let state = &raw mut (*request::of(req)).state;
        (*state).framing = framing::Framing::NEW;
        (*state).persistence = framing::Persistence::default();
        (*state).expect = Expect::Nothing;
        (*state).folded = false;
        (*conn).state = State::FirstLine;
        if (*req).response_code == 100 && core::mem::take(&mut (*state).withheld) {
            (*conn).state = State::Writing;
            if io::append((*(*conn).bev).output, (*req).output_buffer).is_err() {
                fail(conn, Failure::Buffer);
                return;
            }
            io::enable((*conn).bev, io::READ_WRITE);
        }
    }
}

/// A whole reply has been read.
///
/// # Safety
/// The caller entered `conn`; `req` is its current request.
pub(crate) unsafe fn complete(conn: *mut evhttp_connection, req: *mut evhttp_request) {
    // SAFETY: the caller's count; the request is held while its callback runs.
    unsafe {
        let state = &raw const (*request::of(req)).state;
        let tunnel = (*req).r#type == CONNECT && (*req).response_code / 100 == 2;
        let asked = headers::value((*req).output_headers, b"Connection")
            .is_some_and(|v| v.eq_ignore_ascii_case(b"close"));
        // Bytes behind the reply, or a body the server still waits for, would be taken for a part
        // of the next exchange.
        let astray = !tunnel && (*req).response_code != 101 && io::len((*(*conn).bev).input) > 0;
        let closes = !tunnel
            && ((*state).close
                || (*state).withheld
                || asked
                || astray
                || (*conn).peer_done
                || (*state).persistence.closes(request::version(req)));
        connection::remove(req);
        (*conn).state = State::Idle;
        (*conn).tunnel = !closes && (tunnel || (*req).response_code == 101);
        request::hold(req);
        // A body that the end of the connection ended: the user hears of the reply first, unless
        // the next request waits for a new connection.
        let ended = (*state).close && (*conn).peer_done && connection::current(conn).is_null();
        if closes && !ended {
            reset(conn);
        }
        let last = connection::current(conn).is_null();
        if !connection::is_dead(conn) && !last {
            next(conn);
        }
        if let Some(f) = (*req).cb
            && !request::is_doomed(req)
        {
            f(req, (*req).cb_arg);
        }
        if request::release(req) && (*req).evcon.is_null() {
            request::free_auto(req);
        }
        if ended && (*conn).state == State::Idle {
            closed_while_idle(conn);
        }
        // Asked for before, or by the callback: nothing else would end a connection that is closed
        // already.
        if last && closes {
            close_if_over(conn);
        }
    }
}

/// Goes on with the queue.
unsafe fn next(conn: *mut evhttp_connection) {
    // SAFETY: the caller entered the connection.
    unsafe {
        match (*conn).state {
            State::Idle => dispatch(conn),
            State::Disconnected if !waits_to_retry(conn) => connect(conn),
            _ => {}
        }
    }
}

/// Bytes that nobody asked for: whatever they are, the next reply must not begin with them.
///
/// # Safety
/// The caller entered `conn`, which is idle.
pub(crate) unsafe fn unexpected_input(conn: *mut evhttp_connection) -> bool {
    // SAFETY: the caller's count.
    unsafe {
        if io::len((*(*conn).bev).input) == 0 || (*conn).tunnel {
            return false;
        }
        closed_while_idle(conn);
        true
    }
}

unsafe fn closed_while_idle(conn: *mut evhttp_connection) {
    // SAFETY: the caller entered the connection.
    unsafe {
        reset(conn);
        go_on(conn);
    }
}

/// Goes on with the queue, or closes a connection that goes with its last request.
unsafe fn go_on(conn: *mut evhttp_connection) {
    // SAFETY: the caller entered the connection.
    unsafe {
        if !connection::is_dead(conn) && !connection::current(conn).is_null() {
            next(conn);
        } else {
            close_if_over(conn);
        }
    }
}

/// Closes a connection that has nothing left to do, if it is to go with its last request.
unsafe fn close_if_over(conn: *mut evhttp_connection) {
    // SAFETY: the caller entered the connection.
    unsafe {
        let over = !connection::is_dead(conn) && connection::current(conn).is_null();
        if over && (*conn).auto_free && !asked::any(conn) {
            connection::close(conn);
        }
    }
}

/// What a bufferevent reports to a client.
///
/// # Safety
/// The caller entered `conn`.
pub(crate) unsafe fn event(conn: *mut evhttp_connection, what: c_short) {
    let reading = what & BEV_EVENT_READING != 0;
    // Read before anything else can change it.
    let refused = Errno::last().0 == libc::ECONNREFUSED;
    // SAFETY: the caller's count.
    unsafe {
        match (*conn).state {
            State::Connecting if what & BEV_EVENT_CONNECTED != 0 => connected(conn),
            State::Connecting
                if what & BEV_EVENT_TIMEOUT != 0 || (refused && !io::dns_failed((*conn).bev)) =>
            {
                connect_failed(conn);
            }
            State::Connecting if what & (BEV_EVENT_ERROR | BEV_EVENT_EOF) != 0 => {
                fail(conn, Failure::Eof)
            }
            State::Idle if what & BEV_EVENT_CONNECTED == 0 => closed_while_idle(conn),
            State::FirstLine | State::Headers | State::Body | State::Writing => {
                if what & BEV_EVENT_TIMEOUT != 0 {
                    fail(conn, Failure::Timeout);
                } else if what & (BEV_EVENT_EOF | BEV_EVENT_ERROR) != 0 {
                    let answered = io::len((*(*conn).bev).input) > 0;
                    let read_on = (*conn).flags & EVHTTP_CON_READ_ON_WRITE_ERROR != 0;
                    if (*conn).state == State::Writing && read_on && (answered || !reading) {
                        // The server has answered without waiting for all of the request.
                        (*conn).state = State::FirstLine;
                        if !connection::current(conn).is_null() {
                            (*request::of(connection::current(conn))).state.close = true;
                        }
                        (*conn).peer_done |= reading;
                        if !reading {
                            io::enable((*conn).bev, crate::event::flags::EV_READ);
                        }
                    } else if reading
                        && what & BEV_EVENT_EOF != 0
                        && (*conn).state != State::Writing
                    {
                        (*conn).peer_done = true;
                    } else {
                        fail(conn, Failure::Eof);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The current exchange failed; later requests go on over a new connection.
///
/// # Safety
/// The caller entered `conn`.
pub(crate) unsafe fn fail(conn: *mut evhttp_connection, why: Failure) {
    // SAFETY: the caller's count; the request is held while callbacks run.
    unsafe {
        if connection::is_dead(conn) {
            return;
        }
        let req = connection::current(conn);
        if req.is_null() {
            closed_while_idle(conn);
            return;
        }
        // Held to the end: whoever gives up waiting meanwhile takes its callbacks away.
        request::hold(req);
        connection::remove(req);
        request::free_auto(req);
        reset(conn);
        go_on(conn);
        if let Some(f) = (*req).error_cb {
            f(why as u32, (*req).cb_arg);
        }
        if let Some(f) = (*req).cb
            && why != Failure::Cancel
        {
            f(null_mut(), (*req).cb_arg);
        }
        request::release(req);
    }
}

/// The connection could not be made: tries again later, or gives all requests back.
unsafe fn connect_failed(conn: *mut evhttp_connection) {
    // SAFETY: the caller entered the connection.
    unsafe {
        reset(conn);
        if connection::is_dead(conn) {
            return;
        }
        let c = (*conn).client;
        if ((*c).max_retries < 0 || (*c).retries < (*c).max_retries) && retry_later(conn).is_ok() {
            (*c).retries = (*c).retries.saturating_add(1);
            return;
        }
        (*c).retries = 0;
        // Only those that are here now: a callback may add a request that deserves its own try.
        let mut n = 0usize;
        let mut req = connection::current(conn);
        while !req.is_null() {
            n = n.saturating_add(1);
            req = (*req).next.tqe_next;
        }
        for _ in 0..n {
            let req = connection::current(conn);
            if connection::is_dead(conn) || req.is_null() {
                break;
            }
            connection::remove(req);
            request::hold(req);
            if let Some(f) = (*req).cb {
                f(req, (*req).cb_arg);
            }
            if request::release(req) && (*req).evcon.is_null() {
                request::free_auto(req);
            }
        }
        close_if_over(conn);
    }
}

unsafe fn retry_later(conn: *mut evhttp_connection) -> Result<()> {
    // SAFETY: the caller entered the connection; the timer is stopped before the client is freed.
    unsafe {
        let c = (*conn).client;
        let mut t = (*c).first_retry;
        for _ in 0..(*c).retries.min(40) {
            t.tv_sec = t.tv_sec.saturating_mul(2);
            t.tv_usec = t.tv_usec.saturating_mul(2);
            if t.tv_usec >= 1_000_000 {
                t.tv_usec = t.tv_usec.wrapping_sub(1_000_000);
                t.tv_sec = t.tv_sec.saturating_add(1);
            }
            if t.tv_sec > LONGEST_RETRY {
                t = timeval { tv_sec: LONGEST_RETRY, tv_usec: 0 };
                break;
            }
        }
        let timer = &raw mut (*c).timer;
        crate::event::assign(timer, (*conn).base, -1, 0, Some(on_retry), conn.cast())?;
        crate::event::add(timer, Some(&t))?;
        (*c).timer_set = true;
        Ok(())
    }
}

unsafe extern "C" fn on_retry(_: c_int, _: c_short, arg: *mut c_void) {
    let conn = arg.cast::<evhttp_connection>();
    // SAFETY: the timer is stopped when the connection dies, so it is live here.
    unsafe {
        connection::enter(conn);
        (*(*conn).client).timer_set = false;
        if (*conn).state == State::Disconnected {
            connect(conn);
        }
        connection::leave(conn);
    }
}

/// Closes the socket and forgets what was read and written; the queue stays.
unsafe fn reset(conn: *mut evhttp_connection) {
    // SAFETY: the caller entered the connection.
    unsafe {
        if connection::is_dead(conn) {
            return;
        }
        let was_connected = connection::is_connected(conn);
        (*conn).state = State::Closing;
        (*conn).peer_done = false;
        (*conn).scanned = 0;
        stop_timer((*conn).client);
        let bev = (*conn).bev;
        io::set_callbacks(bev, None, None, None, null_mut());
        io::disable(bev, io::READ_WRITE);
        if was_connected {
            let closed = (*conn).closed;
            closed.call(conn);
            // A request that the callback took back has done the rest already, and the next one may
            // have begun to connect.
            if (*conn).state != State::Closing {
                return;
            }
        }
        (*conn).state = State::Disconnected;
        io::close_fd(bev);
        for b in [(*bev).input, (*bev).output] {
            io::drain_frozen(b);
        }
    }
}

/// Takes a request back. Its callbacks are not called, except the error callback of one that is
/// under way; the connection of such a one starts anew.
///
/// # Safety
/// `req` is live and not used afterwards.
pub(crate) unsafe fn cancel(req: *mut evhttp_request) {
    // SAFETY: the caller's request; its connection is entered for the time of the work.
    unsafe {
        let conn = (*req).evcon;
        if !conn.is_null() && connection::current(conn) == req {
            connection::enter(conn);
            connection::fail(conn, Failure::Cancel);
            connection::leave(conn);
            return;
        }
        connection::remove(req);
        request::free_auto(req);
    }
}
