//! Connections to servers, and the calls that go out.
//!
//! A call stands in its pool's list from `evrpc_make_request` until its callback: queued, until a
//! connection has nothing to do; then running; paused, if a hook says so. `inside` counts the
//! functions on the stack that work with a call, so that a pool which is freed from within leaves
//! it to the last of them.

use super::hooks::{CONTINUE, Call, Owner, PAUSE, TERMINATE, evrpc_hook_meta};
use super::path;
use super::raw::{
    EVRPC_STATUS_ERR_BADPAYLOAD, EVRPC_STATUS_ERR_HOOKABORTED, EVRPC_STATUS_ERR_NONE,
    EVRPC_STATUS_ERR_TIMEOUT, EVRPC_STATUS_ERR_UNSTARTED, evrpc_status,
};
use super::types::EVRPC_HOOK_TYPE::{EVRPC_INPUT, EVRPC_OUTPUT};
use crate::buffer::evbuffer;
use crate::error::{Error, Result};
use crate::event::event_base;
use crate::event::raw::event;
use crate::http::connection::{self, Failure};
use crate::http::evhttp_connection;
use crate::http::raw::evhttp_request;
use crate::http::types::evhttp_cmd_type;
use crate::http::{client, exchange, request};
use crate::log::{self, Severity};
use crate::mem::{self, TryPush};
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_char, c_int, c_short, timeval};

/// A program's callback for the end of a call.
pub type DoneFn = unsafe extern "C" fn(*mut evrpc_status, *mut c_void, *mut c_void, *mut c_void);
/// Writes a request.
pub type MarshalFn = unsafe extern "C" fn(*mut evbuffer, *mut c_void);
/// Empties a reply.
pub type ClearFn = unsafe extern "C" fn(*mut c_void);
/// Reads a reply; -1 when it cannot be read.
pub type UnmarshalFn = unsafe extern "C" fn(*mut c_void, *mut evbuffer) -> c_int;

/// Connections to servers; opaque to C.
#[repr(C)]
#[allow(non_camel_case_types, reason = "C name")]
#[allow(missing_debug_implementations, reason = "opaque")]
pub struct evrpc_pool {
    owner: Owner,
    base: *mut event_base,
    /// Seconds for a call; not positive for any time.
    timeout: c_int,
    /// Kept, so that one which is closed behind our back is still there to be looked at.
    connections: mem::Vec<*mut evhttp_connection>,
    first: *mut evrpc_request_wrapper,
    last: *mut evrpc_request_wrapper,
    /// `schedule` is on the stack.
    scheduling: bool,
}

/// Where a call stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Made, not started.
    Fresh,
    /// Waits for a connection.
    Queued,
    /// Its connection has the HTTP request.
    Running,
    /// Hooks or message code are at work, or it is paused.
    Ours,
}

/// A call that goes out; opaque to C, but for what hooks do with it.
#[repr(C)]
#[allow(non_camel_case_types, reason = "C name")]
#[allow(missing_debug_implementations, reason = "opaque")]
pub struct evrpc_request_wrapper {
    /// The first field, as in `struct evrpc_req_generic`: hooks get either.
    hook_meta: *mut evrpc_hook_meta,
    next: *mut Self,
    prev: *mut Self,
    pool: *mut evrpc_pool,
    /// Kept.
    conn: *mut evhttp_connection,
    /// Held; null before and after.
    http: *mut evhttp_request,
    name: *mut c_char,
    request: *mut c_void,
    reply: *mut c_void,
    marshal: MarshalFn,
    clear: ClearFn,
    unmarshal: UnmarshalFn,
    cb: Option<DoneFn>,
    arg: *mut c_void,
    timer: event,
    timer_set: bool,
    /// The HTTP request is still ours rather than the connection's.
    owned: bool,
    listed: bool,
    stage: Stage,
    inside: u32,
    dead: bool,
}

/// The functions of a call's messages.
pub(crate) struct Messages {
    pub(crate) marshal: MarshalFn,
    pub(crate) clear: ClearFn,
    pub(crate) unmarshal: UnmarshalFn,
}

unsafe fn dispose(owner: *mut Owner) {
    // SAFETY: the owner is the first part of a pool that was made by `new` and that nobody needs.
    unsafe { drop(mem::Box::from_raw_in(owner.cast::<evrpc_pool>(), mem::Heap)) };
}

/// A pool without connections.
pub(crate) fn new(base: *mut event_base) -> Result<*mut evrpc_pool> {
    mem::try_box(evrpc_pool {
        owner: Owner::new(dispose),
        base,
        timeout: -1,
        connections: mem::Vec::new_in(mem::Heap),
        first: null_mut(),
        last: null_mut(),
        scheduling: false,
    })
    .map(mem::Box::into_raw)
}

/// Frees a pool with its connections and calls, whose callbacks are not called.
///
/// # Safety
/// `pool` is live and not used afterwards.
pub(crate) unsafe fn free(pool: *mut evrpc_pool) {
    // SAFETY: live (caller), and kept by the count; each round reads the lists afresh.
    unsafe {
        let owner = &raw mut (*pool).owner;
        if Owner::is_dead(owner) {
            return;
        }
        Owner::enter(owner);
        Owner::kill(owner);
        while let Some(call) = (*pool).first.as_mut() {
            let call = &raw mut *call;
            unlink(call);
            Owner::take_paused(owner, call.cast());
            (*call).dead = true;
            (*call).inside = (*call).inside.saturating_add(1);
            leave(call);
        }
        while let Some(conn) = (*pool).connections.pop() {
            connection::close(conn);
            connection::unkeep(conn);
        }
        Owner::leave(owner);
    }
}

/// Gives a connection to the pool, which closes it when it is freed. Calls that wait begin.
///
/// # Safety
/// Both are live.
pub(crate) unsafe fn add_connection(pool: *mut evrpc_pool, conn: *mut evhttp_connection) {
    // SAFETY: live (caller); the pool counts the connection from here on.
    unsafe {
        if connection::is_incoming(conn) || (*pool).connections.contains(&conn) {
            log::message(
                Severity::Warn,
                format_args!(
                    "evrpc_pool_add_connection: a server's connection, or in the pool already"
                ),
            );
            return;
        }
        if (*pool).connections.try_push(conn).is_err() {
            log::message(Severity::Warn, format_args!("evrpc_pool_add_connection: no memory"));
            return;
        }
        connection::keep(conn);
        if !(*pool).base.is_null() {
            connection::set_base(conn, (*pool).base);
        }
        if (*pool).timeout >= 0 && !client::has_io_timeouts(conn) {
            set_timeout_of(conn, (*pool).timeout);
        }
        schedule(pool);
    }
}

/// Takes a connection out of the pool; it is the caller's again.
///
/// # Safety
/// `pool` is live, `conn` is live or one of the pool.
pub(crate) unsafe fn remove_connection(pool: *mut evrpc_pool, conn: *mut evhttp_connection) {
    // SAFETY: live (caller); the count is that of `add_connection`.
    unsafe {
        let found = (*pool).connections.iter().position(|c| *c == conn);
        if let Some(i) = found {
            let _ = (*pool).connections.remove(i);
            connection::unkeep(conn);
        }
    }
}

/// Sets how many seconds a call may take.
///
/// # Safety
/// `pool` is live.
pub(crate) unsafe fn set_timeout(pool: *mut evrpc_pool, seconds: c_int) {
    // SAFETY: live (caller); the connections are kept.
    unsafe {
        (*pool).timeout = seconds;
        for &conn in &(*pool).connections {
            if !connection::is_dead(conn) {
                set_timeout_of(conn, seconds);
            }
        }
    }
}

unsafe fn set_timeout_of(conn: *mut evhttp_connection, seconds: c_int) {
    let tv = (seconds >= 0).then_some(timeval { tv_sec: seconds.into(), tv_usec: 0 });
    // SAFETY: the caller's connection is live.
    unsafe { (*conn).set_io_timeouts(Some(tv), Some(tv)) };
}

/// A call of procedure `name`, not started.
pub(crate) fn new_call(
    pool: *mut evrpc_pool,
    request: *mut c_void,
    reply: *mut c_void,
    name: &[u8],
    messages: &Messages,
    cb: Option<DoneFn>,
    arg: *mut c_void,
) -> Result<*mut evrpc_request_wrapper> {
    let name = mem::c_string(name)?.as_ptr();
    let call = mem::try_box(evrpc_request_wrapper {
        hook_meta: null_mut(),
        next: null_mut(),
        prev: null_mut(),
        pool,
        conn: null_mut(),
        http: null_mut(),
        name,
        request,
        reply,
        marshal: messages.marshal,
        clear: messages.clear,
        unmarshal: messages.unmarshal,
        cb,
        arg,
        // SAFETY: an all-zero event is one that was never assigned.
        timer: unsafe { core::mem::zeroed() },
        timer_set: false,
        owned: false,
        listed: false,
        stage: Stage::Fresh,
        inside: 0,
        dead: false,
    });
    // SAFETY: nobody has the name yet.
    call.map(mem::Box::into_raw).inspect_err(|_| unsafe { mem::free(name.cast()) })
}

impl evrpc_request_wrapper {
    /// The pool.
    pub(crate) fn pool(&self) -> *mut evrpc_pool {
        self.pool
    }

    /// Sets the pool of a call that was not started.
    pub(crate) fn set_pool(&mut self, pool: *mut evrpc_pool) {
        if self.stage == Stage::Fresh {
            self.pool = pool;
        }
    }

    /// Sets the callback.
    pub(crate) fn set_callback(&mut self, cb: Option<DoneFn>, arg: *mut c_void) {
        self.cb = cb;
        self.arg = arg;
    }

    /// The connection, while it is open.
    pub(crate) unsafe fn connection(&self) -> *mut evhttp_connection {
        // SAFETY: a connection that is set is kept.
        if self.conn.is_null() || unsafe { connection::is_dead(self.conn) } {
            null_mut()
        } else {
            self.conn
        }
    }
}

/// Starts a call, or has it wait for a connection. The call is the pool's from then on; when this
/// fails it is gone.
///
/// # Safety
/// `call` was made by [`new_call`] and not started; its pool is null or live.
pub(crate) unsafe fn make(call: *mut evrpc_request_wrapper) -> Result<()> {
    // SAFETY: the caller's call, its pool live.
    unsafe {
        let pool = (*call).pool;
        if (*call).stage != Stage::Fresh {
            return Err(Error::Invalid);
        }
        if pool.is_null() || Owner::is_dead(&raw const (*pool).owner) {
            dispose_call(call);
            return Err(Error::Invalid);
        }
        (*call).stage = Stage::Queued;
        (*call).listed = true;
        (*call).prev = (*pool).last;
        if (*pool).last.is_null() {
            (*pool).first = call;
        } else {
            (*(*pool).last).next = call;
        }
        (*pool).last = call;
        schedule(pool);
        Ok(())
    }
}

unsafe fn unlink(call: *mut evrpc_request_wrapper) {
    // SAFETY: a listed call stands in its pool's list, which is live.
    unsafe {
        if !core::mem::take(&mut (*call).listed) {
            return;
        }
        let pool = (*call).pool;
        let (next, prev) = ((*call).next, (*call).prev);
        if prev.is_null() {
            (*pool).first = next;
        } else {
            (*prev).next = next;
        }
        if next.is_null() {
            (*pool).last = prev;
        } else {
            (*next).prev = prev;
        }
        (*call).next = null_mut();
        (*call).prev = null_mut();
    }
}

/// Begins the calls that wait while there are connections with nothing to do. Calls from further
/// down the stack leave it to the one that runs already, so that failing calls do not nest.
unsafe fn schedule(pool: *mut evrpc_pool) {
    // SAFETY: the caller's pool, kept by the count; lists are read afresh in each round.
    unsafe {
        let owner = &raw mut (*pool).owner;
        if (*pool).scheduling {
            return;
        }
        Owner::enter(owner);
        (*pool).scheduling = true;
        while !Owner::is_dead(owner) {
            forget_closed(pool);
            let mut call = (*pool).first;
            while !call.is_null() && (*call).stage != Stage::Queued {
                call = (*call).next;
            }
            let idle = (*pool).connections.iter().find(|c| connection::current(**c).is_null());
            let Some(&conn) = idle else { break };
            if call.is_null() {
                break;
            }
            begin(call, conn);
        }
        (*pool).scheduling = false;
        Owner::leave(owner);
    }
}

/// Lets go of connections that the program has freed without taking them out.
unsafe fn forget_closed(pool: *mut evrpc_pool) {
    // SAFETY: the caller's pool; its connections are kept.
    unsafe {
        (*pool).connections.retain(|&conn| {
            let keep = !connection::is_dead(conn);
            if !keep {
                connection::unkeep(conn);
            }
            keep
        });
    }
}

/// Writes the message of a queued call and sends it.
unsafe fn begin(call: *mut evrpc_request_wrapper, conn: *mut evhttp_connection) {
    // SAFETY: the caller's call, counted while the program's code runs.
    unsafe {
        (*call).inside = (*call).inside.saturating_add(1);
        (*call).stage = Stage::Ours;
        let verdict = prepare(call, conn);
        if !(*call).dead {
            match verdict {
                PAUSE => {
                    let owner = &raw mut (*(*call).pool).owner;
                    if Owner::pause(owner, call.cast(), resume_start).is_err() {
                        finish(call, EVRPC_STATUS_ERR_UNSTARTED);
                    }
                }
                verdict => resume_start(call.cast(), verdict),
            }
        }
        leave(call);
    }
}

/// Everything up to the verdict of the hooks.
unsafe fn prepare(call: *mut evrpc_request_wrapper, conn: *mut evhttp_connection) -> c_int {
    // SAFETY: the caller's call, which is counted; its pool is kept by `schedule`.
    unsafe {
        connection::keep(conn);
        (*call).conn = conn;
        let Ok(req) = request::new(Some(on_reply), call.cast()) else { return TERMINATE };
        request::hold(req);
        (*call).http = req;
        (*call).owned = true;
        ((*call).marshal)((*req).output_buffer, (*call).request);
        let owner = &raw mut (*(*call).pool).owner;
        if (*call).dead || !Owner::has_hooks(owner, EVRPC_OUTPUT) {
            return CONTINUE;
        }
        if evrpc_hook_meta::associate(&raw mut (*call).hook_meta, Call::Outgoing(call)).is_err() {
            return TERMINATE;
        }
        Owner::run(owner, EVRPC_OUTPUT, call.cast(), req, (*req).output_buffer)
    }
}

/// Sends the message.
unsafe fn resume_start(call: *mut c_void, verdict: c_int) {
    let call = call.cast::<evrpc_request_wrapper>();
    // SAFETY: the caller's call is live, and is counted while the connection works; its pool is
    // entered by the caller.
    unsafe {
        (*call).inside = (*call).inside.saturating_add(1);
        if verdict == TERMINATE || start(call).is_err() {
            finish(call, EVRPC_STATUS_ERR_UNSTARTED);
        }
        leave(call);
    }
}

/// Gives the HTTP request to the connection. After success the call may have come to its end.
unsafe fn start(call: *mut evrpc_request_wrapper) -> Result<()> {
    // SAFETY: the caller's call and what it counts.
    unsafe {
        let (conn, req, pool) = ((*call).conn, (*call).http, (*call).pool);
        if connection::is_dead(conn) || req.is_null() {
            return Err(Error::Invalid);
        }
        let path = path(crate::http::headers::text((*call).name))?;
        if (*pool).timeout > 0 {
            let base = if (*pool).base.is_null() { (*conn).base() } else { (*pool).base };
            let timer = &raw mut (*call).timer;
            crate::event::assign(timer, base, -1, 0, Some(on_timeout), call.cast())?;
            let tv = timeval { tv_sec: (*pool).timeout.into(), tv_usec: 0 };
            crate::event::add(timer, Some(&tv))?;
            (*call).timer_set = true;
        }
        // On failure, too, the request is freed.
        (*call).owned = false;
        (*call).stage = Stage::Running;
        (*request::of(req)).state.freed = Some(on_freed);
        exchange::make_request(conn, req, evhttp_cmd_type::EVHTTP_REQ_POST as u32, &path)
            .inspect_err(|_| (*call).stage = Stage::Ours)
    }
}

/// The HTTP request of a call was freed. If its callback does not come either, which is so when the
/// program frees the connection, the loop ends the call.
unsafe fn on_freed(arg: *mut c_void) {
    let call = arg.cast::<evrpc_request_wrapper>();
    // SAFETY: a call that ends takes this callback away from its request, so that it is live here;
    // its connection is kept.
    unsafe {
        if (*call).stage != Stage::Running {
            return;
        }
        stop_timer(call);
        let pool = (*call).pool;
        let base = if (*pool).base.is_null() { (*(*call).conn).base() } else { (*pool).base };
        let timer = &raw mut (*call).timer;
        if crate::event::assign(timer, base, -1, 0, Some(on_timeout), call.cast()).is_ok() {
            crate::event::active(timer, crate::event::flags::EV_TIMEOUT, 1);
            (*call).timer_set = true;
        }
    }
}

/// A call has taken too long.
unsafe extern "C" fn on_timeout(_: c_int, _: c_short, arg: *mut c_void) {
    let call = arg.cast::<evrpc_request_wrapper>();
    // SAFETY: the timer is stopped before its call ends, so that the call is live; it is counted
    // while others work. The HTTP request is held.
    unsafe {
        (*call).timer_set = false;
        let req = (*call).http;
        if (*call).stage != Stage::Running || req.is_null() {
            return;
        }
        let conn = (*req).evcon;
        if !conn.is_null() && connection::current(conn) == req {
            // Ends in `on_reply`.
            connection::enter(conn);
            connection::fail(conn, Failure::Timeout);
            connection::leave(conn);
            return;
        }
        if !conn.is_null() {
            connection::remove(req);
            request::free_auto(req);
        }
        on_reply(null_mut(), arg);
    }
}

/// The reply is there, or none will come.
unsafe extern "C" fn on_reply(req: *mut evhttp_request, arg: *mut c_void) {
    let call = arg.cast::<evrpc_request_wrapper>();
    // SAFETY: a running call is live until this, and a dead one has no callback any more; call and
    // pool are counted while the program's code runs.
    unsafe {
        if (*call).stage != Stage::Running {
            return;
        }
        let owner = &raw mut (*(*call).pool).owner;
        Owner::enter(owner);
        (*call).inside = (*call).inside.saturating_add(1);
        (*call).stage = Stage::Ours;
        stop_timer(call);
        if req.is_null() {
            finish(call, EVRPC_STATUS_ERR_TIMEOUT);
        } else {
            let mut verdict = CONTINUE;
            if Owner::has_hooks(owner, EVRPC_INPUT) {
                let slot = &raw mut (*call).hook_meta;
                verdict = match evrpc_hook_meta::associate(slot, Call::Outgoing(call)) {
                    Ok(()) => Owner::run(owner, EVRPC_INPUT, call.cast(), req, (*req).input_buffer),
                    Err(_) => TERMINATE,
                };
            }
            if verdict == PAUSE && Owner::pause(owner, call.cast(), resume_reply).is_err() {
                verdict = TERMINATE;
            }
            if verdict != PAUSE && !(*call).dead {
                resume_reply(call.cast(), verdict);
            }
        }
        leave(call);
        Owner::leave(owner);
    }
}

/// Reads the reply.
unsafe fn resume_reply(call: *mut c_void, verdict: c_int) {
    let call = call.cast::<evrpc_request_wrapper>();
    // SAFETY: the caller's call is live, and its HTTP request held.
    unsafe {
        if verdict == TERMINATE {
            finish(call, EVRPC_STATUS_ERR_HOOKABORTED);
            return;
        }
        (*call).inside = (*call).inside.saturating_add(1);
        let input = (*(*call).http).input_buffer;
        let bad = ((*call).unmarshal)((*call).reply, input) == -1;
        if !(*call).dead {
            finish(call, if bad { EVRPC_STATUS_ERR_BADPAYLOAD } else { EVRPC_STATUS_ERR_NONE });
        }
        leave(call);
    }
}

/// Tells the program how a call has ended, frees the call, and begins others.
unsafe fn finish(call: *mut evrpc_request_wrapper, error: c_int) {
    // SAFETY: the caller's call, not dead, and its pool, both kept by counts.
    unsafe {
        let pool = (*call).pool;
        let owner = &raw mut (*pool).owner;
        Owner::enter(owner);
        (*call).inside = (*call).inside.saturating_add(1);
        unlink(call);
        stop_timer(call);
        let unstarted = error == EVRPC_STATUS_ERR_UNSTARTED;
        let replied = error != EVRPC_STATUS_ERR_TIMEOUT && !unstarted;
        if error != EVRPC_STATUS_ERR_NONE && !unstarted {
            // What was read of a broken reply is not for the program.
            ((*call).clear)((*call).reply);
        }
        let mut status =
            evrpc_status { error, http_req: if replied { (*call).http } else { null_mut() } };
        if let Some(cb) = (*call).cb {
            cb(&raw mut status, (*call).request, (*call).reply, (*call).arg);
        }
        (*call).dead = true;
        leave(call);
        if !Owner::is_dead(owner) {
            schedule(pool);
        }
        Owner::leave(owner);
    }
}

unsafe fn stop_timer(call: *mut evrpc_request_wrapper) {
    // SAFETY: a timer that is set was assigned.
    unsafe {
        if core::mem::take(&mut (*call).timer_set) {
            let _ = crate::event::del(&raw mut (*call).timer);
        }
    }
}

/// Ends a count of `inside`; the last one frees a dead call.
unsafe fn leave(call: *mut evrpc_request_wrapper) {
    // SAFETY: the caller's count keeps the call up to here.
    unsafe {
        (*call).inside = (*call).inside.saturating_sub(1);
        if (*call).dead && (*call).inside == 0 {
            dispose_call(call);
        }
    }
}

/// Frees a call, and takes its HTTP request back if it has not come to its end.
unsafe fn dispose_call(call: *mut evrpc_request_wrapper) {
    // SAFETY: nobody is inside any more. The HTTP request is held, so that it can be looked at; it
    // has no callback any more when others work.
    unsafe {
        stop_timer(call);
        evrpc_hook_meta::free(&raw mut (*call).hook_meta);
        let req = (*call).http;
        if !req.is_null() {
            (*req).cb = None;
            (*request::of(req)).state.freed = None;
            if (*call).owned {
                request::free(req);
            } else if (*call).stage == Stage::Running && !request::is_doomed(req) {
                exchange::cancel(req);
            }
            request::release(req);
        }
        if !(*call).conn.is_null() {
            connection::unkeep((*call).conn);
        }
        mem::free((*call).name.cast());
        drop(mem::Box::from_raw_in(call, mem::Heap));
    }
}
