//! Requests that other threads make (le#217).
//!
//! `evhttp_make_request` may be called while another thread runs the connection's loop, which may be
//! about to use, end or free the connection. Such a request is only noted down under the base's lock;
//! the loop takes it from there. A connection that goes with its last request
//! (`evhttp_connection_free_on_completion`) does not go while there is one here.
//!
//! Without locks (`evthread_use_pthreads`), or while no loop runs, requests are made at once.

use super::connection::{self, evhttp_connection};
use super::raw::evhttp_request;
use super::{client, exchange, request};
use crate::event;
use crate::event::event_base;
use crate::event::raw::event_callback;
use core::ffi::c_void;
use core::ptr::null_mut;

/// A request's place among those of its connection that other threads made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    /// Null if it does not wait.
    conn: *mut evhttp_connection,
    next: *mut evhttp_request,
}

impl Link {
    pub(crate) const NONE: Self = Self { conn: null_mut(), next: null_mut() };
}

/// The requests of a connection that other threads made, and what makes the loop look at them. All
/// of it is touched under the lock of the base only.
#[allow(missing_debug_implementations, reason = "holds a callback of the loop")]
pub(crate) struct Asked {
    first: *mut evhttp_request,
    work: event_callback,
    scheduled: bool,
}

impl Asked {
    pub(crate) fn new() -> Self {
        // SAFETY: an all-zero callback is one that was never initialised; see `post`.
        Self { first: null_mut(), work: unsafe { core::mem::zeroed() }, scheduled: false }
    }
}

unsafe fn base_of(conn: *const evhttp_connection) -> *mut event_base {
    // SAFETY: the callers' connection; its bufferevent, if there is one, is live.
    unsafe { (*conn).bev.as_ref().map_or(null_mut(), |bev| bev.ev_base) }
}

/// Whether another thread runs the connection's loop just now.
///
/// # Safety
/// `conn` is live.
pub(crate) unsafe fn elsewhere(conn: *const evhttp_connection) -> bool {
    // SAFETY: the caller's connection and its base.
    unsafe {
        let base = base_of(conn);
        !(*conn).client.is_null() && !base.is_null() && event::runs_elsewhere(base)
    }
}

/// Leaves a request for the loop, which it belongs to from here on.
///
/// # Safety
/// Both are live; the request is in no queue; [`elsewhere`] has said so.
pub(crate) unsafe fn post(conn: *mut evhttp_connection, req: *mut evhttp_request) {
    // SAFETY: the caller's objects: a client's connection with a base, whose lock is held.
    unsafe {
        let base = base_of(conn);
        let _guard = event::base_lock(base);
        let asked = client::asked(conn);
        (*req).evcon = conn;
        (*request::of(req)).asked = Link { conn, next: null_mut() };
        let mut link = &raw mut (*asked).first;
        while !(*link).is_null() {
            link = &raw mut (*request::of(*link)).asked.next;
        }
        *link = req;
        if !(*asked).scheduled {
            (*asked).scheduled = true;
            let pri = event::middle_priority(base);
            event::callback_init(&raw mut (*asked).work, pri, run, conn.cast());
            event::callback_schedule(base, &raw mut (*asked).work);
        }
    }
}

/// Takes the first of the requests that wait.
unsafe fn take(conn: *mut evhttp_connection) -> *mut evhttp_request {
    // SAFETY: the caller entered the connection of a client; requests that wait are live.
    unsafe {
        let _guard = event::base_lock(base_of(conn));
        let asked = client::asked(conn);
        let req = (*asked).first;
        if !req.is_null() {
            let link = core::mem::replace(&mut (*request::of(req)).asked, Link::NONE);
            (*asked).first = link.next;
            (*req).evcon = null_mut();
        }
        req
    }
}

unsafe extern "C" fn run(_: *mut event_callback, arg: *mut c_void) {
    let conn = arg.cast::<evhttp_connection>();
    // SAFETY: a connection takes the callback back before it dies, and is entered from here on; a
    // dead one has given back all its requests.
    unsafe {
        connection::enter(conn);
        let guard = event::base_lock(base_of(conn));
        (*client::asked(conn)).scheduled = false;
        drop(guard);
        while !connection::is_dead(conn) {
            let req = take(conn);
            if req.is_null() {
                break;
            }
            exchange::start(conn, req);
        }
        connection::leave(conn);
    }
}

/// Whether requests wait that the loop has not looked at.
///
/// # Safety
/// The caller entered `conn`, a client's.
pub(crate) unsafe fn any(conn: *mut evhttp_connection) -> bool {
    // SAFETY: the caller's connection.
    unsafe {
        let base = base_of(conn);
        if base.is_null() {
            return false;
        }
        let _guard = event::base_lock(base);
        !(*client::asked(conn)).first.is_null()
    }
}

/// The connection dies: takes the callback back, and frees the requests as those in its queue.
///
/// # Safety
/// `conn` is a client's, entered, and still has its bufferevent.
pub(crate) unsafe fn stop(conn: *mut evhttp_connection) {
    // SAFETY: the caller's connection. Only where something waits is the base touched: it may be
    // gone before a connection that has nothing to do.
    unsafe {
        let asked = client::asked(conn);
        if core::mem::take(&mut (*asked).scheduled) {
            event::callback_cancel(base_of(conn), &raw mut (*asked).work);
        }
        while !(*asked).first.is_null() {
            let req = take(conn);
            request::free_auto(req);
        }
    }
}

/// The request is about to be destroyed.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn forget(req: *mut evhttp_request) {
    // SAFETY: the caller's request; a connection has no request waiting when it is freed.
    unsafe {
        let conn = (*request::of(req)).asked.conn;
        if conn.is_null() {
            return;
        }
        let _guard = event::base_lock(base_of(conn));
        let mut link = &raw mut (*client::asked(conn)).first;
        while !(*link).is_null() && *link != req {
            link = &raw mut (*request::of(*link)).asked.next;
        }
        if *link == req {
            *link = (*request::of(req)).asked.next;
        }
        (*request::of(req)).asked = Link::NONE;
    }
}
