//! The request object: `struct evhttp_request` with the private part behind it.
//!
//! A request has one owner, a connection or the user, who frees it once; `holds` counts the
//! callbacks that run with it, and the last of them destroys a request that was freed meanwhile.
//! A server keeps some dead requests with their buffers and uses them again.

use super::arena::{self, Arena};
use super::asked::{self, Link};
use super::chunked::Decoder;
use super::framing::{Framing, Persistence};
use super::handover::{self, Notes};
use super::headers;
use super::io;
use super::keyvalq_raw::evkeyvalq;
use super::message::Version;
use super::raw::{EVHTTP_USER_OWNED, evhttp_request};
use super::server::Pool;
use super::types::evhttp_request_kind;
use super::uri_object::evhttp_uri;
use crate::buffer::pool;
use crate::error::{Error, Result};
use crate::mem;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_char, c_int};

/// A completion or chunk callback.
pub type RequestFn = unsafe extern "C" fn(*mut evhttp_request, *mut c_void);

/// Long enough for any numeric address with its scope.
pub(crate) const ADDRESS_SIZE: usize = 64;

const CHUNKED: u32 = 1;
const USER_DONE: u32 = 2;

/// What the client expects before it sends the body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Expect {
    #[default]
    Nothing,
    Continue,
    Other,
}

/// State of a request beyond what C sees; reset as a whole.
#[derive(Debug)]
pub(crate) struct State {
    /// What the incoming headers say about the body.
    pub(crate) framing: Framing,
    /// What the incoming `Connection` headers say.
    pub(crate) persistence: Persistence,
    /// What the incoming `Proxy-Connection` header says.
    pub(crate) proxy_keep_alive: bool,
    pub(crate) expect: Expect,
    pub(crate) decoder: Decoder,
    /// A header was folded: what the headers say has to be read off again.
    pub(crate) folded: bool,
    /// The body is read only to be thrown away; then the request fails as too long.
    pub(crate) discard: bool,
    /// The connection ends with this exchange, whatever the headers say.
    pub(crate) close: bool,
    /// A client's body waits for `100 Continue`.
    pub(crate) withheld: bool,
    /// The user's callback has the request, and has not answered yet.
    pub(crate) handed_out: bool,
    /// The status line is out; a second one would be rubbish.
    pub(crate) replied: bool,
    /// Told, with `cb_arg`, when the request is freed. It may only leave word for later.
    pub(crate) freed: Option<unsafe fn(*mut c_void)>,
}

impl State {
    const NEW: Self = Self {
        framing: Framing::NEW,
        persistence: Persistence { close: false, keep_alive: false },
        proxy_keep_alive: false,
        expect: Expect::Nothing,
        decoder: Decoder::NEW,
        folded: false,
        discard: false,
        close: false,
        withheld: false,
        handed_out: false,
        replied: false,
        freed: None,
    };
}

/// A request; C sees the first part.
#[repr(C)]
pub(crate) struct Request {
    pub(crate) c: evhttp_request,
    input: evkeyvalq,
    output: evkeyvalq,
    pub(crate) uri: evhttp_uri,
    remote: [u8; ADDRESS_SIZE],
    holds: u32,
    /// Freed, but a callback still runs.
    doomed: bool,
    /// Where it goes when destroyed; null for the heap.
    pool: *mut Pool,
    pub(crate) state: State,
    /// What other threads have said about the request.
    pub(crate) notes: Notes,
    /// Where it waits if another thread made it.
    pub(crate) asked: Link,
    /// The value of a folded header, until its last line has come.
    pub(crate) fold: mem::Vec<u8>,
    pub(crate) arena: Arena,
}

impl Request {
    /// Where it goes when destroyed; null for the heap.
    pub(crate) fn pool(&self) -> *mut Pool {
        self.pool
    }
}

/// Our view of a request of C's. All are made by [`new`].
pub(crate) fn of(req: *mut evhttp_request) -> *mut Request {
    req.cast()
}

/// A new request that calls `cb` when it is complete.
pub(crate) fn new(cb: Option<RequestFn>, arg: *mut c_void) -> Result<*mut evhttp_request> {
    let spare = pool::take_object(pool::class::REQUEST);
    let r = if spare.is_null() {
        mem::alloc(size_of::<Request>()).ok_or(Error::NoMemory)?.as_ptr()
    } else {
        spare
    };
    let r = r.cast::<Request>();
    // SAFETY: a block of the right size that is nobody's; zero is a valid value of the C part, of the
    // counters and links, and what is not valid as zeroes is written here. The arena, which is most of
    // it, need not be written.
    unsafe {
        r.cast::<u8>().write_bytes(0, core::mem::offset_of!(Request, arena));
        Arena::reset(&raw mut (*r).arena);
        (&raw mut (*r).state).write(State::NEW);
        (&raw mut (*r).notes).write(Notes::NONE);
        (&raw mut (*r).asked).write(Link::NONE);
        (&raw mut (*r).fold).write(mem::Vec::new_in(mem::Heap));
        (&raw mut (*r).uri).write(evhttp_uri::EMPTY);
        let buffers = io::buffer_new()
            .and_then(|i| io::buffer_new().map(|o| (i, o)).inspect_err(|_| io::buffer_free(i)));
        match buffers {
            Ok((input, output)) => {
                (*r).c.input_buffer = input;
                (*r).c.output_buffer = output;
            }
            Err(e) => {
                free_block(r);
                return Err(e);
            }
        }
        prepare(r, cb, arg);
        Ok(&raw mut (*r).c)
    }
}

/// Fills in what every fresh request has; the buffers are there already.
unsafe fn prepare(r: *mut Request, cb: Option<RequestFn>, arg: *mut c_void) {
    // SAFETY: the caller's request, which nobody else knows yet.
    unsafe {
        headers::init(&raw mut (*r).input);
        headers::init(&raw mut (*r).output);
        (*r).c.input_headers = &raw mut (*r).input;
        (*r).c.output_headers = &raw mut (*r).output;
        (*r).c.kind = evhttp_request_kind::EVHTTP_RESPONSE as u32;
        (*r).c.userdone = 0;
        (*r).c.cb = cb;
        (*r).c.cb_arg = arg;
    }
}

/// A request for a server's connection, from its pool if there is one.
///
/// # Safety
/// `pool` is live.
pub(crate) unsafe fn from_pool(pool: *mut Pool) -> Result<*mut evhttp_request> {
    // SAFETY: the caller's pool holds requests that were reset.
    unsafe {
        let r = match (*pool).take() {
            Some(r) => r,
            None => new(None, null_mut())?,
        };
        (*of(r)).pool = pool;
        Pool::lend(pool);
        (*r).kind = evhttp_request_kind::EVHTTP_REQUEST as u32;
        set_user_done(r, true);
        Ok(r)
    }
}

/// Keeps the request alive while a callback runs with it.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn hold(req: *mut evhttp_request) {
    // SAFETY: the caller's request.
    unsafe { (*of(req)).holds = (*of(req)).holds.saturating_add(1) };
}

/// Ends a [`hold`]; destroys the request if it was freed meanwhile. Returns whether it is alive.
///
/// # Safety
/// `req` is held by the caller.
pub(crate) unsafe fn release(req: *mut evhttp_request) -> bool {
    // SAFETY: the caller's hold keeps it alive up to here.
    unsafe {
        let r = of(req);
        (*r).holds = (*r).holds.saturating_sub(1);
        let doomed = (*r).doomed;
        if doomed && (*r).holds == 0 {
            destroy(r);
        }
        !doomed
    }
}

/// Whether somebody has freed the request.
///
/// # Safety
/// `req` is live or held.
pub(crate) unsafe fn is_doomed(req: *mut evhttp_request) -> bool {
    // SAFETY: the caller's request.
    unsafe { (*of(req)).doomed }
}

/// Frees the request, which is in no queue any more.
///
/// # Safety
/// `req` is live and the caller owns it.
#[inline(never)]
pub(crate) unsafe fn free(req: *mut evhttp_request) {
    // SAFETY: the caller's request; a running callback postpones the end.
    unsafe {
        let r = of(req);
        if (*r).doomed {
            return;
        }
        (*r).c.evcon = null_mut();
        arena::close((*r).c.output_headers);
        if let Some(f) = (*r).state.freed.take() {
            f((*r).c.cb_arg);
        }
        if (*r).holds > 0 {
            (*r).doomed = true;
        } else {
            destroy(r);
        }
    }
}

/// Frees the request unless the user has taken it over.
///
/// # Safety
/// As for [`free`].
pub(crate) unsafe fn free_auto(req: *mut evhttp_request) {
    // SAFETY: the caller's request.
    unsafe {
        if (*req).flags & EVHTTP_USER_OWNED == 0 {
            free(req);
        } else {
            (*req).evcon = null_mut();
        }
    }
}

/// Frees a string of the request unless it stands in its own block.
unsafe fn free_string(r: *mut Request, s: *mut c_char) {
    // SAFETY: strings of a request stand in its block or have one of their own.
    unsafe {
        let start = r.addr();
        if !(start..start.wrapping_add(size_of::<Request>())).contains(&s.addr()) {
            mem::free(s.cast());
        }
    }
}

/// Back to the state after [`new`], buffers kept.
unsafe fn reset(r: *mut Request) {
    // SAFETY: the caller's request, with no owner and no callback.
    unsafe {
        let c = &raw mut (*r).c;
        // Lists that the user has put in the place of ours are cleared too, as the reference does.
        for list in [(*c).input_headers, (*c).output_headers] {
            if !list.is_null() {
                headers::clear_all_but(list, &raw const (*r).arena);
            }
        }
        for s in [(*c).uri, (*c).response_code_line, (*c).host_cache, (*c).remote_host] {
            free_string(r, s);
        }
        (*r).uri.free_parts();
        (*r).fold = mem::Vec::new_in(mem::Heap);
        (&raw mut (*r).state).write(State::NEW);
        (&raw mut (*r).notes).write(Notes::NONE);
        (&raw mut (*r).asked).write(Link::NONE);
        Arena::reset(&raw mut (*r).arena);
        let (input, output) = ((*c).input_buffer, (*c).output_buffer);
        c.write_bytes(0, 1);
        (*c).input_buffer = input;
        (*c).output_buffer = output;
        (*r).doomed = false;
    }
}

unsafe fn destroy(r: *mut Request) {
    // SAFETY: nobody owns or holds the request any more.
    unsafe {
        let pool = (*r).pool;
        handover::forget(&raw mut (*r).c);
        asked::forget(&raw mut (*r).c);
        (*r).pool = null_mut();
        reset(r);
        if !pool.is_null() {
            let keep = (*pool).has_room()
                && io::reuse((*r).c.input_buffer)
                && io::reuse((*r).c.output_buffer);
            if keep {
                prepare(r, None, null_mut());
                (*pool).put(&raw mut (*r).c);
            } else {
                dispose(&raw mut (*r).c);
            }
            Pool::returned(pool);
            return;
        }
        dispose(&raw mut (*r).c);
    }
}

/// Gives the memory of a reset request back.
///
/// # Safety
/// `req` is one that was reset, and is not used afterwards.
pub(crate) unsafe fn dispose(req: *mut evhttp_request) {
    // SAFETY: the caller's request; the vector's own memory is given back by dropping it.
    unsafe {
        let r = of(req);
        io::buffer_free((*req).input_buffer);
        io::buffer_free((*req).output_buffer);
        core::ptr::drop_in_place(&raw mut (*r).fold);
        free_block(r);
    }
}

/// Gives the block of a request back.
unsafe fn free_block(r: *mut Request) {
    // SAFETY: the caller's block, which nobody uses any more.
    unsafe {
        if !pool::put_object(pool::class::REQUEST, r.cast()) {
            mem::free(r.cast());
        }
    }
}

/// A copy of `s` in the request's arena or in a block of its own.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn string(req: *mut evhttp_request, s: &[u8]) -> Result<*mut c_char> {
    let size = s.len().checked_add(1).ok_or(Error::NoMemory)?;
    // SAFETY: the caller's request; what the arena gives has `size` bytes.
    unsafe {
        match Arena::take(&raw mut (*of(req)).arena, size) {
            Some(at) => {
                headers::put_string(at, s);
                Ok(at.cast())
            }
            None => mem::c_string(s).map(core::ptr::NonNull::as_ptr),
        }
    }
}

/// Replaces a string of the request.
///
/// # Safety
/// `req` is live, `slot` one of its strings.
pub(crate) unsafe fn replace_string(
    req: *mut evhttp_request,
    slot: *mut *mut c_char,
    new: *mut c_char,
) {
    // SAFETY: the caller's request and slot.
    unsafe {
        let old = slot.replace(new);
        free_string(of(req), old);
    }
}

/// Writes down where the peer is.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn set_remote(req: *mut evhttp_request, address: &[u8], port: u16) {
    // SAFETY: the caller's request; the copy leaves room for the NUL that is written behind it.
    unsafe {
        let r = of(req);
        let n = address.len().min(ADDRESS_SIZE.saturating_sub(1));
        let to = (&raw mut (*r).remote).cast::<u8>();
        to.copy_from_nonoverlapping(address.as_ptr(), n);
        to.add(n).write(0);
        (*req).remote_host = to.cast();
        (*req).remote_port = port;
    }
}

/// The HTTP version.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn version(req: *const evhttp_request) -> Version {
    // SAFETY: the caller's request.
    unsafe { Version { major: (*req).major as u8, minor: (*req).minor as u8 } }
}

/// Whether the exchange's outgoing or incoming body is in chunks, as C sees it.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn is_chunked(req: *const evhttp_request) -> bool {
    // SAFETY: the caller's request.
    unsafe { (*req).userdone & CHUNKED != 0 }
}

/// See [`is_chunked`].
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn set_chunked(req: *mut evhttp_request, on: bool) {
    // SAFETY: the caller's request.
    unsafe { (*req).userdone = ((*req).userdone & !CHUNKED) | if on { CHUNKED } else { 0 } };
}

/// Whether the user has said all about the reply.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn is_user_done(req: *const evhttp_request) -> bool {
    // SAFETY: the caller's request.
    unsafe { (*req).userdone & USER_DONE != 0 }
}

/// See [`is_user_done`].
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn set_user_done(req: *mut evhttp_request, on: bool) {
    // SAFETY: the caller's request.
    unsafe { (*req).userdone = ((*req).userdone & !USER_DONE) | if on { USER_DONE } else { 0 } };
}

/// The host that the request is for: that of an absolute URI, else that of the Host header
/// without its port. Kept in the request; null when there is none.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn host(req: *mut evhttp_request) -> *const c_char {
    use super::uri_object::Component;
    // SAFETY: the caller's request and what belongs to it.
    unsafe {
        if !(*req).host_cache.is_null() {
            return (*req).host_cache;
        }
        if let Some(uri) = (*req).uri_elems.as_ref() {
            let host = uri.get(Component::Host);
            if !host.is_null() {
                return host;
            }
        }
        let Some(value) = headers::value((*req).input_headers, b"Host") else {
            return core::ptr::null();
        };
        // The port is what follows the last colon, if that is digits only.
        let digits = value.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let name = value
            .get(..value.len().saturating_sub(digits))
            .and_then(|v| v.strip_suffix(b":"))
            .unwrap_or(value);
        let copy = string(req, name).unwrap_or(null_mut());
        (*req).host_cache = copy;
        copy
    }
}

/// Sets the status and its phrase; without one, the standard phrase.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn set_code(req: *mut evhttp_request, code: c_int, reason: Option<&[u8]>) {
    let phrase = reason.unwrap_or_else(|| super::status::reason(code).as_bytes());
    // SAFETY: the caller's request. Without memory the phrase is missing, which HTTP allows.
    unsafe {
        (*req).kind = evhttp_request_kind::EVHTTP_RESPONSE as u32;
        (*req).response_code = code;
        let line = string(req, phrase).unwrap_or(null_mut());
        // A line break in the user's phrase would begin another header.
        let mut p = if reason.is_some() { line } else { null_mut() };
        while !p.is_null() && *p != 0 {
            if *p == b'\r' as c_char || *p == b'\n' as c_char {
                *p = b' ' as c_char;
            }
            p = p.add(1);
        }
        replace_string(req, &raw mut (*req).response_code_line, line);
    }
}
