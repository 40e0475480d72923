//! Answers that other threads give: they are noted down, and the loop gives them.
//!
//! Programs take requests to worker threads and answer there, which libevent neither documents nor
//! survives: a piece of a reply added while the loop writes the one before is memory corruption.
//! Here a request remembers the thread that its callback ran on. What any other thread says about it
//! is queued with the request under the base's lock, in order, and the loop is woken. Without locks
//! (`evthread_use_pthreads`) threads have no names, and everything is done at once, as ever.
//!
//! A thread that has said the last word about a request must not use it any more, as always; nor may
//! the server be freed while threads have requests of it.

use super::connection::{self, ConnectionFn};
use super::raw::evhttp_request;
use super::request;
use super::server::Pool;
use super::{io, reply};
use crate::buffer::evbuffer;
use crate::error::{Error, Result};
use crate::event::event_base;
use crate::event::raw::event_callback;
use crate::mem;
use crate::{event, thread};
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_int, c_ulong};

/// Something that was said about a request.
enum Word {
    Send(c_int, Option<mem::Vec<u8>>),
    Start(c_int, Option<mem::Vec<u8>>),
    Chunk(Option<ConnectionFn>, *mut c_void),
    End,
    Error(c_int, Option<mem::Vec<u8>>),
    Free,
}

impl Word {
    /// Whether the one who says it is done with the request.
    fn is_last(&self) -> bool {
        !matches!(self, Self::Start(..) | Self::Chunk(..))
    }
}

struct Note {
    next: *mut Self,
    word: Word,
    /// The bytes that belong to it; null for none.
    body: *mut evbuffer,
}

/// The part of a request that other threads touch, under the base's lock.
#[derive(Debug)]
pub(crate) struct Notes {
    /// The thread that the request was given to; 0 for nobody.
    thread: c_ulong,
    first: *mut c_void,
    last: *mut c_void,
    /// The next request with notes.
    next: *mut evhttp_request,
    /// A note could not be made: what follows would be out of place.
    broken: bool,
    /// The last word was said, and there is no note of it.
    over: bool,
}

impl Notes {
    pub(crate) const NONE: Self = Self {
        thread: 0,
        first: null_mut(),
        last: null_mut(),
        next: null_mut(),
        broken: false,
        over: false,
    };

    fn are_there(&self) -> bool {
        !self.first.is_null() || self.broken || self.over
    }
}

/// The requests of a server that have notes, and what makes the loop look at them.
#[allow(missing_debug_implementations, reason = "holds a callback of the loop")]
pub(crate) struct Queue {
    base: *mut event_base,
    first: *mut evhttp_request,
    work: event_callback,
    /// The loop knows; until it has looked the callback must stay where it is.
    scheduled: bool,
}

impl Queue {
    pub(crate) fn new(base: *mut event_base) -> Self {
        let base = if base.is_null() { event::current_base() } else { base };
        // SAFETY: an all-zero callback is one that was never initialised; see `post`.
        let work = unsafe { core::mem::zeroed() };
        Self { base, first: null_mut(), work, scheduled: false }
    }
}

/// The request goes to the user, on this thread.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn give(req: *mut evhttp_request) {
    if thread::enabled() {
        // SAFETY: the caller's request.
        unsafe { (*request::of(req)).notes.thread = thread::current_id() };
    }
}

/// Whether this call has to wait for the loop, and which queue it goes to.
unsafe fn elsewhere(req: *mut evhttp_request) -> Option<*mut Pool> {
    // SAFETY: the caller's request, with its pool if it has one.
    unsafe {
        let r = request::of(req);
        let owner = (*r).notes.thread;
        if owner == 0 || (*r).pool().is_null() {
            return None;
        }
        if (*(*(*r).pool()).queue()).base.is_null() {
            return None;
        }
        let foreign = owner != thread::current_id() || (*r).notes.are_there();
        foreign.then_some((*r).pool())
    }
}

/// A copy of a phrase; an error beside it when there is no memory for it.
fn copy(reason: Option<&[u8]>) -> (Option<mem::Vec<u8>>, Result<()>) {
    let Some(s) = reason else { return (None, Ok(())) };
    let mut v = mem::Vec::new_in(mem::Heap);
    if v.try_reserve_exact(s.len()).is_err() {
        return (None, Err(Error::NoMemory));
    }
    v.extend_from_slice(s);
    (Some(v), Ok(()))
}

/// A note of `word`, with what is in `body`.
unsafe fn note(word: Word, body: *mut evbuffer) -> Result<*mut Note> {
    let mut note = mem::try_box(Note { next: null_mut(), word, body: null_mut() })?;
    // SAFETY: the caller's buffer; the copy is the note's.
    unsafe {
        if !body.is_null() {
            let own = io::buffer_new()?;
            if let Err(e) = io::append(own, body) {
                io::buffer_free(own);
                return Err(e);
            }
            note.body = own;
        }
    }
    Ok(mem::Box::into_raw(note))
}

/// Frees a note that nobody has acted on, or will.
unsafe fn drop_note(note: *mut Note) {
    // SAFETY: the caller's note, in no list.
    unsafe {
        if !(*note).body.is_null() {
            io::buffer_free((*note).body);
        }
        drop(mem::Box::from_raw_in(note, mem::Heap));
    }
}

/// Leaves a note with the request. Without memory the exchange is broken off.
unsafe fn post(
    pool: *mut Pool,
    req: *mut evhttp_request,
    word: Word,
    made: Result<()>,
    body: *mut evbuffer,
) {
    // SAFETY: the request is the caller's until its last word is acted on, and its pool lives as
    // long as it; both are changed under the lock of the base, which outlives its servers.
    unsafe {
        let last = word.is_last();
        let made = made.and_then(|()| note(word, body)).inspect_err(|_| {
            if !body.is_null() {
                io::drain(body, io::len(body));
            }
        });
        let queue = (*pool).queue();
        let _guard = event::base_lock((*queue).base);
        let notes = &raw mut (*request::of(req)).notes;
        let first = !(*notes).are_there();
        match made {
            Ok(note) if (*notes).broken => {
                drop_note(note);
                (*notes).over |= last;
            }
            Ok(note) if (*notes).first.is_null() => {
                (*notes).first = note.cast();
                (*notes).last = note.cast();
            }
            Ok(note) => {
                (*(*notes).last.cast::<Note>()).next = note;
                (*notes).last = note.cast();
            }
            Err(_) => {
                (*notes).broken = true;
                (*notes).over |= last;
            }
        }
        if first {
            let mut link = &raw mut (*queue).first;
            while !(*link).is_null() {
                link = &raw mut (*request::of(*link)).notes.next;
            }
            *link = req;
        }
        if !(*queue).scheduled {
            (*queue).scheduled = true;
            let base = (*queue).base;
            let pri = event::middle_priority(base);
            event::callback_init(&raw mut (*queue).work, pri, run, pool.cast());
            event::callback_schedule(base, &raw mut (*queue).work);
        }
    }
}

unsafe extern "C" fn run(_: *mut event_callback, arg: *mut c_void) {
    let pool = arg.cast::<Pool>();
    // SAFETY: a pool takes the callback back before it is freed; it is kept while requests of it
    // are at work, which may be the last ones.
    unsafe {
        Pool::lend(pool);
        (*(*pool).queue()).scheduled = false;
        act_on_all(pool);
        Pool::returned(pool);
    }
}

/// Acts on all notes there are.
///
/// # Safety
/// `pool` is live, and stays so.
unsafe fn act_on_all(pool: *mut Pool) {
    // SAFETY: requests in the queue are live: one that is destroyed leaves it. The one at work is
    // held; its notes are taken one by one, since user code may run for each.
    unsafe {
        let queue = (*pool).queue();
        loop {
            let guard = event::base_lock((*queue).base);
            let req = (*queue).first;
            if req.is_null() {
                break;
            }
            let notes = &raw mut (*request::of(req)).notes;
            let note = (*notes).first.cast::<Note>();
            if !note.is_null() {
                (*notes).first = (*note).next.cast();
            }
            let (mut broken, mut over) = (false, false);
            if note.is_null() {
                broken = core::mem::take(&mut (*notes).broken);
                over = core::mem::take(&mut (*notes).over);
            }
            if !(*notes).are_there() {
                (*queue).first = core::mem::replace(&mut (*notes).next, null_mut());
            }
            drop(guard);
            request::hold(req);
            if broken {
                break_off(req);
            }
            if over {
                request::free_auto(req);
            }
            if !note.is_null() {
                act(req, note);
            }
            request::release(req);
        }
    }
}

unsafe fn act(req: *mut evhttp_request, note: *mut Note) {
    // SAFETY: the caller holds the request, and gives the note away.
    unsafe {
        let body = (*note).body;
        match &(*note).word {
            Word::Send(code, reason) => reply::send(req, *code, reason.as_deref(), body),
            Word::Start(code, reason) => reply::start(req, *code, reason.as_deref()),
            Word::Chunk(cb, arg) if !body.is_null() => reply::chunk(req, body, *cb, *arg),
            Word::Chunk(..) => {}
            Word::End => reply::end(req),
            Word::Error(code, reason) => reply::error(req, *code, reason.as_deref()),
            Word::Free => connection::free_request(req),
        }
        drop_note(note);
    }
}

/// Ends the connection of a request that its user still has.
unsafe fn break_off(req: *mut evhttp_request) {
    // SAFETY: the caller holds the request.
    unsafe {
        let conn = (*req).evcon;
        if !conn.is_null() {
            connection::remove(req);
            connection::close(conn);
        }
    }
}

/// The request is about to be destroyed: nobody acts on what was said about it.
///
/// # Safety
/// `req` is live.
pub(crate) unsafe fn forget(req: *mut evhttp_request) {
    // SAFETY: the caller's request; a request with notes stands in its pool's queue.
    unsafe {
        let r = request::of(req);
        if !(*r).notes.are_there() {
            return;
        }
        let queue = (*(*r).pool()).queue();
        let _guard = event::base_lock((*queue).base);
        let mut link = &raw mut (*queue).first;
        while !(*link).is_null() && *link != req {
            link = &raw mut (*request::of(*link)).notes.next;
        }
        if *link == req {
            *link = (*r).notes.next;
        }
        let mut note = (*r).notes.first.cast::<Note>();
        while !note.is_null() {
            let next = (*note).next;
            drop_note(note);
            note = next;
        }
        (*r).notes = Notes::NONE;
    }
}

/// The server is gone, and its base may follow: acts on what there is, and takes the callback back.
///
/// # Safety
/// `pool` is live, and stays so.
pub(crate) unsafe fn shut(pool: *mut Pool) {
    // SAFETY: the caller's pool.
    unsafe {
        let queue = (*pool).queue();
        // Without notes the base is not touched: there may be none, or it is gone already.
        if !(*queue).first.is_null() {
            act_on_all(pool);
        }
        if core::mem::take(&mut (*queue).scheduled) {
            event::callback_cancel((*queue).base, &raw mut (*queue).work);
        }
        // What is said from now on is said at once: there is nothing to say it to.
        (*queue).base = null_mut();
    }
}

/// [`reply::send`] from any thread.
///
/// # Safety
/// As there.
pub(crate) unsafe fn send(
    req: *mut evhttp_request,
    code: c_int,
    reason: Option<&[u8]>,
    body: *mut evbuffer,
) {
    // SAFETY: the caller's objects.
    unsafe {
        match elsewhere(req) {
            Some(pool) => {
                let (reason, made) = copy(reason);
                post(pool, req, Word::Send(code, reason), made, body);
            }
            None => reply::send(req, code, reason, body),
        }
    }
}

/// [`reply::start`] from any thread.
///
/// # Safety
/// As there.
pub(crate) unsafe fn start(req: *mut evhttp_request, code: c_int, reason: Option<&[u8]>) {
    // SAFETY: the caller's objects.
    unsafe {
        match elsewhere(req) {
            Some(pool) => {
                let (reason, made) = copy(reason);
                post(pool, req, Word::Start(code, reason), made, null_mut());
            }
            None => reply::start(req, code, reason),
        }
    }
}

/// [`reply::chunk`] from any thread.
///
/// # Safety
/// As there.
pub(crate) unsafe fn chunk(
    req: *mut evhttp_request,
    piece: *mut evbuffer,
    cb: Option<ConnectionFn>,
    arg: *mut c_void,
) {
    // SAFETY: the caller's objects.
    unsafe {
        match elsewhere(req) {
            Some(pool) => post(pool, req, Word::Chunk(cb, arg), Ok(()), piece),
            None => reply::chunk(req, piece, cb, arg),
        }
    }
}

/// [`reply::end`] from any thread.
///
/// # Safety
/// As there.
pub(crate) unsafe fn end(req: *mut evhttp_request) {
    // SAFETY: the caller's objects.
    unsafe {
        match elsewhere(req) {
            Some(pool) => post(pool, req, Word::End, Ok(()), null_mut()),
            None => reply::end(req),
        }
    }
}

/// [`reply::error`] from any thread.
///
/// # Safety
/// As there.
pub(crate) unsafe fn error(req: *mut evhttp_request, code: c_int, reason: Option<&[u8]>) {
    // SAFETY: the caller's objects.
    unsafe {
        match elsewhere(req) {
            Some(pool) => {
                let (reason, made) = copy(reason);
                post(pool, req, Word::Error(code, reason), made, null_mut());
            }
            None => reply::error(req, code, reason),
        }
    }
}

/// [`connection::free_request`] from any thread.
///
/// # Safety
/// As there.
pub(crate) unsafe fn free(req: *mut evhttp_request) {
    // SAFETY: the caller's request. One without a connection and notes is nobody else's.
    unsafe {
        match elsewhere(req) {
            Some(pool) => post(pool, req, Word::Free, Ok(()), null_mut()),
            None => connection::free_request(req),
        }
    }
}
