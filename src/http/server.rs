//! `struct evhttp`: a server, its settings and callbacks, and its connections.

use super::connection::{self, State, evhttp_connection};
use super::raw::evhttp_request;
use super::request::{self, RequestFn};
use super::status::{DATE_LEN, DateCache, format_date};
use super::types::{
    EVHTTP_CON_LINGERING_CLOSE, EVHTTP_SERVER_LINGERING_CLOSE, evhttp_ext_method_cb,
};
use super::websocket::{self, evws_connection};
use super::{accept, arena, handover, headers, io, query, reading, reply, uri, vhost};
use crate::buffer::evbuffer;
use crate::bufferevent::raw::bufferevent;
use crate::error::{Error, Result};
use crate::event::event_base;
use crate::event::flags::EV_READ;
use crate::mem::{self, TryPush};
use core::ffi::c_void;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_char, c_int, timeval};

/// Makes the bufferevent of a new connection.
pub type BevFn = unsafe extern "C" fn(*mut event_base, *mut c_void) -> *mut bufferevent;
/// Told of each request before anything of it is read.
pub type NewRequestFn = unsafe extern "C" fn(*mut evhttp_request, *mut c_void) -> c_int;
/// Writes an error page.
pub type ErrorFn = unsafe extern "C" fn(
    *mut evhttp_request,
    *mut evbuffer,
    c_int,
    *const c_char,
    *mut c_void,
) -> c_int;

/// GET, POST, HEAD, PUT, DELETE.
const DEFAULT_METHODS: u32 = 0x1f;
const DEFAULT_CONTENT_TYPE: &[u8] = b"text/html; charset=ISO-8859-1";
/// Seconds that a peer may be silent, or refuse to take data.
pub(crate) const DEFAULT_TIMEOUT: timeval = timeval { tv_sec: 50, tv_usec: 0 };

/// A callback for one path.
struct PathCallback {
    path: mem::Vec<u8>,
    f: RequestFn,
    arg: *mut c_void,
}

/// A server; opaque to C.
#[allow(non_camel_case_types, reason = "C name")]
#[allow(missing_debug_implementations, reason = "opaque")]
pub struct evhttp {
    pub(crate) base: *mut event_base,
    pub(crate) sockets: *mut accept::evhttp_bound_socket,
    callbacks: mem::Vec<PathCallback>,
    generic: Option<(RequestFn, *mut c_void)>,
    pub(crate) bev: Option<(BevFn, *mut c_void)>,
    new_request: Option<(NewRequestFn, *mut c_void)>,
    error: Option<(ErrorFn, *mut c_void)>,
    pub(crate) ext_method: evhttp_ext_method_cb,
    first: *mut evhttp_connection,
    pub(crate) count: c_int,
    pub(crate) max_count: c_int,
    pub(crate) hosts: vhost::Hosts,
    pub(crate) read_timeout: Option<timeval>,
    pub(crate) write_timeout: Option<timeval>,
    pub(crate) max_headers: usize,
    pub(crate) max_body: u64,
    flags: c_int,
    methods: u32,
    /// With a NUL at its end; none when there is to be no such header.
    content_type: Option<mem::Vec<u8>>,
    date: DateCache,
    pool: *mut Pool,
    /// WebSocket sessions that began here.
    pub(crate) sessions: *mut evws_connection,
    inside: u32,
    dead: bool,
}

fn copy(s: &[u8]) -> Result<mem::Vec<u8>> {
    let mut v = mem::Vec::new_in(mem::Heap);
    v.try_reserve_exact(s.len()).map_err(|_| Error::NoMemory)?;
    v.extend_from_slice(s);
    Ok(v)
}

/// A server that listens nowhere yet.
pub fn new(base: *mut event_base) -> Result<*mut evhttp> {
    let content_type = Some(copy(DEFAULT_CONTENT_TYPE)?);
    let pool = Pool::new(base)?;
    let server = mem::try_box(evhttp {
        base,
        sockets: null_mut(),
        callbacks: mem::Vec::new_in(mem::Heap),
        generic: None,
        bev: None,
        new_request: None,
        error: None,
        ext_method: None,
        first: null_mut(),
        count: 0,
        max_count: 0,
        hosts: vhost::Hosts::new(),
        read_timeout: None,
        write_timeout: None,
        max_headers: usize::MAX,
        max_body: u64::MAX,
        flags: 0,
        methods: DEFAULT_METHODS,
        content_type,
        date: DateCache::default(),
        pool,
        sessions: null_mut(),
        inside: 0,
        dead: false,
    });
    match server {
        Ok(server) => Ok(mem::Box::into_raw(server)),
        Err(e) => {
            // SAFETY: nobody knows the pool yet.
            unsafe { Pool::kill(pool) };
            Err(e)
        }
    }
}

/// Frees a server with its sockets, connections and virtual hosts. Requests that the user still
/// has and has taken over live on without a connection.
///
/// # Safety
/// `http` is live and not used afterwards.
pub unsafe fn free(http: *mut evhttp) {
    // SAFETY: the caller's server; `inside` keeps it while one of its functions is on the stack.
    unsafe {
        if (*http).dead {
            return;
        }
        (*http).dead = true;
        evhttp::enter(http);
        accept::drop_all(http);
        while !(*http).first.is_null() {
            connection::close((*http).first);
        }
        websocket::free_all(http);
        vhost::free_all(http);
        evhttp::leave(http);
    }
}

impl evhttp {
    /// Keeps the server's memory while user code runs.
    pub(crate) unsafe fn enter(http: *mut Self) {
        // SAFETY: the caller's server is live.
        unsafe { (*http).inside = (*http).inside.saturating_add(1) };
    }

    /// Ends an [`Self::enter`]; false when the server is dead.
    pub(crate) unsafe fn leave(http: *mut Self) -> bool {
        // SAFETY: the caller's count keeps the memory up to here.
        unsafe {
            (*http).inside = (*http).inside.saturating_sub(1);
            let alive = !(*http).dead;
            if !alive && (*http).inside == 0 {
                Pool::kill((*http).pool);
                drop(mem::Box::from_raw_in(http, mem::Heap));
            }
            alive
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead
    }

    /// Adds a connection to the list.
    ///
    /// # Safety
    /// Both are live.
    pub(crate) unsafe fn adopt(http: *mut Self, conn: *mut evhttp_connection) {
        // SAFETY: the caller's objects; the list's links are only changed here and in `forget`.
        unsafe {
            (*conn).server = http;
            (*conn).next = (*http).first;
            (*conn).prev = addr_of_mut!((*http).first);
            if !(*http).first.is_null() {
                (*(*http).first).prev = addr_of_mut!((*conn).next);
            }
            (*http).first = conn;
            (*http).count = (*http).count.saturating_add(1);
        }
    }

    /// Takes a connection out of its server's list, if it has one.
    ///
    /// # Safety
    /// `conn` is live or entered.
    pub(crate) unsafe fn forget(conn: *mut evhttp_connection) {
        // SAFETY: a connection with a server stands in its list.
        unsafe {
            let http = core::mem::replace(&mut (*conn).server, null_mut());
            if http.is_null() {
                return;
            }
            *(*conn).prev = (*conn).next;
            if !(*conn).next.is_null() {
                (*(*conn).next).prev = (*conn).prev;
            }
            (*http).count = (*http).count.saturating_sub(1);
        }
    }

    /// Sets the callback for a path; false when there is one already.
    pub fn set_callback(&mut self, path: &[u8], f: RequestFn, arg: *mut c_void) -> Result<bool> {
        if self.callbacks.iter().any(|c| c.path == path) {
            return Ok(false);
        }
        let path = copy(path)?;
        self.callbacks.try_push(PathCallback { path, f, arg })?;
        Ok(true)
    }

    /// Removes the callback of a path; false when there is none.
    pub fn remove_callback(&mut self, path: &[u8]) -> bool {
        let Some(i) = self.callbacks.iter().position(|c| c.path == path) else { return false };
        drop(self.callbacks.remove(i));
        true
    }

    /// Removes the callbacks that are this function with this argument.
    pub(crate) fn remove_callbacks_for(&mut self, f: RequestFn, arg: *mut c_void) {
        self.callbacks.retain(|c| !(core::ptr::fn_addr_eq(c.f, f) && c.arg == arg));
    }

    /// Sets the callback for everything else.
    pub fn set_generic(&mut self, f: Option<RequestFn>, arg: *mut c_void) {
        self.generic = f.map(|f| (f, arg));
    }

    /// Sets the maker of bufferevents.
    pub fn set_bev(&mut self, f: Option<BevFn>, arg: *mut c_void) {
        self.bev = f.map(|f| (f, arg));
    }

    /// Sets what is told of new requests.
    pub fn set_new_request(&mut self, f: Option<NewRequestFn>, arg: *mut c_void) {
        self.new_request = f.map(|f| (f, arg));
    }

    /// Sets the maker of error pages.
    pub fn set_error(&mut self, f: Option<ErrorFn>, arg: *mut c_void) {
        self.error = f.map(|f| (f, arg));
    }

    /// Sets what knows further methods.
    pub fn set_ext_method(&mut self, f: evhttp_ext_method_cb) {
        self.ext_method = f;
    }

    /// Sets the methods that reach callbacks.
    pub fn set_methods(&mut self, bits: u32) {
        self.methods = bits;
    }

    /// Sets the limit on the start line and the headers together; negative for none.
    pub fn set_max_headers(&mut self, n: isize) {
        self.max_headers = usize::try_from(n).unwrap_or(usize::MAX);
    }

    /// Sets the limit on bodies; negative for none.
    pub fn set_max_body(&mut self, n: isize) {
        self.max_body = u64::try_from(n).unwrap_or(u64::MAX);
    }

    /// Sets the timeouts; `None` and zero bring the default back.
    pub fn set_timeouts(&mut self, read: Option<Option<timeval>>, write: Option<Option<timeval>>) {
        let set = |t: Option<timeval>| t.filter(|t| t.tv_sec != 0 || t.tv_usec != 0);
        if let Some(t) = read {
            self.read_timeout = set(t);
        }
        if let Some(t) = write {
            self.write_timeout = set(t);
        }
    }

    /// Sets the content type of replies that have none; `None` for no such header.
    pub fn set_content_type(&mut self, value: Option<&[u8]>) -> Result<()> {
        self.content_type = value.map(copy).transpose()?;
        Ok(())
    }

    /// Sets the public flags; false when one is unknown.
    pub fn set_flags(&mut self, flags: c_int) -> bool {
        let known = flags & !EVHTTP_SERVER_LINGERING_CLOSE == 0;
        if known {
            self.flags = flags;
        }
        known
    }

    /// Sets how many connections are served at a time; 0 for any number.
    pub fn set_max_connections(&mut self, n: c_int) {
        self.max_count = n.max(0);
    }

    /// How many connections there are.
    pub fn connections(&self) -> c_int {
        self.count
    }
}

/// The callback of the user's for methods, of the connection or its server.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn ext_method(conn: *const evhttp_connection) -> evhttp_ext_method_cb {
    // SAFETY: the caller's connection; its server is live while it is linked.
    unsafe { (*conn).ext_method.or_else(|| (*conn).server.as_ref().and_then(|s| s.ext_method)) }
}

/// Whether an absolute URI's host is one of this server's names.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn knows_host(conn: *const evhttp_connection, host: &[u8]) -> bool {
    // SAFETY: the caller's connection; its server is live while it is linked.
    unsafe { !(*conn).server.is_null() && vhost::find((*conn).server, host).1 }
}

/// Whether bodies over the limit are read to their end before the refusal.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn lingers(conn: *const evhttp_connection) -> bool {
    // SAFETY: as above.
    unsafe {
        (*conn).flags & EVHTTP_CON_LINGERING_CLOSE != 0
            || (*conn).server.as_ref().is_some_and(|s| s.flags & EVHTTP_SERVER_LINGERING_CLOSE != 0)
    }
}

/// The content type of replies without one.
///
/// # Safety
/// `conn` is live or entered; the result is used before user code runs.
pub(crate) unsafe fn default_content_type<'a>(conn: *const evhttp_connection) -> Option<&'a [u8]> {
    // SAFETY: as above.
    unsafe { (*conn).server.as_ref()?.content_type.as_ref().map(|v| v.as_slice()) }
}

/// The Date header's value now.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn date(conn: *const evhttp_connection) -> [u8; DATE_LEN] {
    let now = io::now();
    // SAFETY: as above.
    unsafe {
        match (*conn).server.as_mut() {
            Some(server) => server.date.at(now),
            None => format_date(now),
        }
    }
}

/// Gives an incoming connection its next request object.
///
/// # Safety
/// The caller entered `conn`.
pub(crate) unsafe fn begin_request(conn: *mut evhttp_connection) -> Result<()> {
    // SAFETY: the caller's count; the request is held while the user is told of it.
    unsafe {
        let server = (*conn).server;
        if server.is_null() {
            return Err(Error::Invalid);
        }
        let req = request::from_pool((*server).pool)?;
        let address = headers::text(connection::address(conn));
        request::set_remote(req, address, (*conn).port);
        connection::push(conn, req);
        if let Some((f, arg)) = (*server).new_request {
            request::hold(req);
            let verdict = f(req, arg);
            let alive = request::release(req);
            if connection::is_dead(conn) {
                return Ok(());
            }
            if verdict < 0 || !alive {
                return Err(Error::Invalid);
            }
        }
        Ok(())
    }
}

/// A whole request is there: finds who answers it.
///
/// # Safety
/// The caller entered `conn`; `req` is its current request.
pub(crate) unsafe fn handle(conn: *mut evhttp_connection, req: *mut evhttp_request) {
    // SAFETY: the caller's count; the server is live while the connection is linked to it.
    unsafe {
        let server = (*conn).server;
        if server.is_null() {
            connection::close(conn);
            return;
        }
        (*conn).state = State::Handling;
        if (*server).methods & (*req).r#type == 0 {
            reply::refuse(conn, req, 501);
            return;
        }
        let target = if vhost::is_alone(server) {
            server
        } else {
            let host = request::host(req);
            if host.is_null() { server } else { vhost::find(server, headers::text(host)).0 }
        };
        let path = reading::uri_path(req).unwrap_or_default();
        let callback = (*target)
            .callbacks
            .iter()
            .find(|c| uri::decodes_to(path, &c.path))
            .map(|c| (c.f, c.arg))
            .or((*target).generic);
        let Some((f, arg)) = callback else {
            not_found(conn, req);
            return;
        };
        request::set_user_done(req, false);
        (*request::of(req)).state.handed_out = true;
        handover::give(req);
        arena::open((*req).output_headers, &raw mut (*request::of(req)).arena);
        let list = (*req).output_headers;
        request::hold(req);
        f(req, arg);
        arena::close(list);
        request::release(req);
        if connection::is_dead(conn) {
            return;
        }
        if connection::current(conn) != req {
            // Freed without an answer: none will ever come.
            connection::close(conn);
        } else if (*conn).state == State::Handling {
            // The answer comes later. Until then the client's silence is not its fault.
            io::disable((*conn).bev, EV_READ);
        }
    }
}

/// The page for paths that nobody answers.
unsafe fn not_found(conn: *mut evhttp_connection, req: *mut evhttp_request) {
    // SAFETY: the caller entered the connection.
    unsafe {
        if (*(*conn).server).error.is_some() {
            reply::refuse(conn, req, 404);
            return;
        }
        let out = (*req).output_buffer;
        let list = (*req).output_headers;
        let page = || -> Result<()> {
            headers::add(list, b"Content-Type", b"text/html")?;
            headers::add(list, b"Connection", b"close")?;
            io::add(out, b"<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1><p>The requested URL ")?;
            let mut rest = headers::text((*req).uri);
            // Runs of harmless bytes go in whole.
            while let Some(i) = rest.iter().position(|b| query::html_entity(*b).is_some()) {
                let (plain, special) = rest.split_at_checked(i).ok_or(Error::Invalid)?;
                io::add(out, plain)?;
                let (first, after) = special.split_first().ok_or(Error::Invalid)?;
                io::add(out, query::html_entity(*first).unwrap_or_default())?;
                rest = after;
            }
            io::add(out, rest)?;
            io::add(out, b" was not found on this server.</p></body></html>\n")
        };
        if page().is_err() {
            connection::close(conn);
            return;
        }
        reply::send(req, 404, None, null_mut());
    }
}

/// Lets the user's callback write an error page into the request's output buffer. True when it
/// did, `None` when it ended the connection.
///
/// # Safety
/// Both are live and belong together.
pub(crate) unsafe fn error_page(
    conn: *mut evhttp_connection,
    req: *mut evhttp_request,
    code: c_int,
    reason: Option<&[u8]>,
) -> Option<bool> {
    // SAFETY: the caller's objects, kept by counts while user code runs.
    unsafe {
        let Some((f, arg)) = (*conn).server.as_ref().and_then(|s| s.error) else {
            return Some(false);
        };
        let list = (*req).output_headers;
        if headers::add(list, b"Content-Type", b"text/html").is_err()
            || headers::add(list, b"Connection", b"close").is_err()
        {
            headers::clear(list);
            return Some(false);
        }
        let text = reason.map(request_text(req)).unwrap_or(null_mut());
        connection::enter(conn);
        request::hold(req);
        let verdict = f(req, (*req).output_buffer, code, text, arg);
        let alive = request::release(req);
        let dead = connection::is_dead(conn);
        connection::leave(conn);
        if dead || !alive {
            return None;
        }
        let out = (*req).output_buffer;
        if verdict < 0 || io::len(out) == 0 {
            headers::clear(list);
            io::drain(out, io::len(out));
            return Some(false);
        }
        Some(true)
    }
}

/// The phrase as a C string: it is in the request already.
fn request_text(req: *mut evhttp_request) -> impl Fn(&[u8]) -> *mut c_char {
    // SAFETY: `error` set the phrase before it asked for a page.
    move |_| unsafe { (*req).response_code_line }
}

/// Dead requests of a server, with their buffers, for the next ones.
///
/// The pool outlives its server while requests of it are still with the user.
#[allow(missing_debug_implementations, reason = "holds a callback of the loop")]
pub(crate) struct Pool {
    first: *mut evhttp_request,
    count: u32,
    lent: usize,
    dead: bool,
    queue: handover::Queue,
}

/// As many as requests of one loop pass usually overlap.
const POOL_MAX: u32 = 64;

impl Pool {
    fn new(base: *mut event_base) -> Result<*mut Self> {
        let queue = handover::Queue::new(base);
        mem::try_box(Self { first: null_mut(), count: 0, lent: 0, dead: false, queue })
            .map(mem::Box::into_raw)
    }

    /// A request, if there is one.
    pub(crate) fn take(&mut self) -> Option<*mut evhttp_request> {
        let req = self.first;
        if req.is_null() {
            return None;
        }
        // SAFETY: requests in the pool are live and nobody else's.
        unsafe {
            self.first = (*req).next.tqe_next;
            (*req).next.tqe_next = null_mut();
        }
        self.count = self.count.saturating_sub(1);
        Some(req)
    }

    pub(crate) fn has_room(&self) -> bool {
        !self.dead && self.count < POOL_MAX
    }

    /// Keeps a request that was reset.
    pub(crate) fn put(&mut self, req: *mut evhttp_request) {
        // SAFETY: the caller gives the request away.
        unsafe { (*req).next.tqe_next = self.first };
        self.first = req;
        self.count = self.count.saturating_add(1);
    }

    /// Counts a request that will come back.
    pub(crate) unsafe fn lend(pool: *mut Self) {
        // SAFETY: the caller's pool.
        unsafe { (*pool).lent = (*pool).lent.saturating_add(1) };
    }

    /// The requests that other threads have answered.
    pub(crate) fn queue(&mut self) -> *mut handover::Queue {
        &raw mut self.queue
    }

    /// A lent request came back, or is gone; the last one frees the pool of a dead server.
    pub(crate) unsafe fn returned(pool: *mut Self) {
        // SAFETY: a pool lives as long as requests are lent.
        unsafe {
            (*pool).lent = (*pool).lent.saturating_sub(1);
            if (*pool).dead && (*pool).lent == 0 {
                drop(mem::Box::from_raw_in(pool, mem::Heap));
            }
        }
    }

    unsafe fn kill(pool: *mut Self) {
        // SAFETY: the server's pool, which it gives up here.
        unsafe {
            Self::lend(pool);
            handover::shut(pool);
            (*pool).dead = true;
            while let Some(req) = (*pool).take() {
                request::dispose(req);
            }
            Self::returned(pool);
        }
    }
}
