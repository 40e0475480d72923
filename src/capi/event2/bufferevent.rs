//! `event2/bufferevent.h`: bufferevents.
//!
//! A bufferevent moves bytes between a transport (a socket, another bufferevent) and two evbuffers,
//! and calls back when there is something to do. Unless said otherwise the functions may be
//! called from inside any callback, the bufferevent's own included, and, for bufferevents made with
//! `BEV_OPT_THREADSAFE`, from any thread. NULL for a bufferevent gives the error return.

pub mod filter;
pub mod ratelim;
pub mod socket;

use crate::buffer::evbuffer;
use crate::bufferevent::raw::bufferevent;
use crate::bufferevent::types::{
    bufferevent_data_cb, bufferevent_event_cb, bufferevent_flush_mode_raw,
};
use crate::bufferevent::{self as bevs};
use crate::capi::convert::status;
use crate::error::Error;
use crate::event::event_base;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_int, c_short, size_t, timeval};

/// The base a bufferevent runs on.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_base(bev: *mut bufferevent) -> *mut event_base {
    if bev.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    unsafe { bevs::base(bev) }
}

/// Frees a bufferevent.
///
/// None of its callbacks starts any more. Called from a thread that is not inside a bufferevent's
/// callback, it waits for a callback of `bufev` that is running in another one. The memory goes, and
/// the descriptor or the bufferevent below is closed if `BEV_OPT_CLOSE_ON_FREE` was given, when the
/// event loop next runs. Output that has not been written is dropped. NULL is ignored.
///
/// # Safety
/// `bufev` is NULL or live, and owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_free(bufev: *mut bufferevent) {
    if !bufev.is_null() {
        // SAFETY: live (caller).
        unsafe { bevs::free(bufev) }
    }
}

/// Sets the callbacks and their common argument; NULL for those that are not wanted.
///
/// `readcb` runs when something was read and the input has at least the low read watermark;
/// `writecb` when something was written and the output has at most the low write watermark;
/// `eventcb` at the end of the stream, on errors and timeouts, and when a connection stands.
///
/// # Safety
/// `bufev` is NULL or live; the callbacks may be called with `cbarg` until they are replaced.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_setcb(
    bufev: *mut bufferevent,
    readcb: bufferevent_data_cb,
    writecb: bufferevent_data_cb,
    eventcb: bufferevent_event_cb,
    cbarg: *mut c_void,
) {
    if !bufev.is_null() {
        // SAFETY: live (caller).
        unsafe { bevs::setcb(bufev, readcb, writecb, eventcb, cbarg) }
    }
}

/// Gives the callbacks and their argument; each pointer may be NULL.
///
/// # Safety
/// `bufev` is NULL or live; the other pointers are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_getcb(
    bufev: *mut bufferevent,
    readcb_ptr: *mut bufferevent_data_cb,
    writecb_ptr: *mut bufferevent_data_cb,
    eventcb_ptr: *mut bufferevent_event_cb,
    cbarg_ptr: *mut *mut c_void,
) {
    if bufev.is_null() {
        return;
    }
    // SAFETY: live, and NULL or writable (caller).
    unsafe {
        let now = bevs::callbacks::getcb(bufev);
        if let Some(p) = readcb_ptr.as_mut() {
            *p = now.0;
        }
        if let Some(p) = writecb_ptr.as_mut() {
            *p = now.1;
        }
        if let Some(p) = eventcb_ptr.as_mut() {
            *p = now.2;
        }
        if let Some(p) = cbarg_ptr.as_mut() {
            *p = now.3;
        }
    }
}

/// Appends `size` bytes to the output. They leave at the end of the loop's turn, or when the
/// descriptor takes them.
///
/// Returns 0, or -1 without memory or for a size no buffer can have; the output is unchanged then.
/// Errors of the transport come through the event callback.
///
/// # Safety
/// `bufev` is NULL or live; `data` points to `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_write(
    bufev: *mut bufferevent,
    data: *const c_void,
    size: size_t,
) -> c_int {
    if bufev.is_null() || (data.is_null() && size != 0) {
        return -1;
    }
    if size == 0 {
        return 0;
    }
    if size > isize::MAX.cast_unsigned() {
        return -1;
    }
    // SAFETY: live, `size` readable bytes (caller), and no more than a slice can have.
    status(unsafe { bevs::write(bufev, core::slice::from_raw_parts(data.cast(), size)) })
}

/// Moves all of `buf` to the output, without copying. 0, or -1 on failure.
///
/// # Safety
/// Both are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_write_buffer(
    bufev: *mut bufferevent,
    buf: *mut evbuffer,
) -> c_int {
    if bufev.is_null() || buf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::write_buffer(bufev, buf) })
}

/// Takes up to `size` bytes out of the input; returns how many.
///
/// # Safety
/// `bufev` is NULL or live; `data` has room for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_read(
    bufev: *mut bufferevent,
    data: *mut c_void,
    size: size_t,
) -> size_t {
    if bufev.is_null() || data.is_null() || size == 0 {
        return 0;
    }
    let size = size.min(isize::MAX.cast_unsigned());
    // SAFETY: live, `size` writable bytes (caller).
    unsafe {
        let out = core::slice::from_raw_parts_mut(data.cast::<u8>(), size);
        // A frozen input gives nothing.
        bevs::read(bufev, out).unwrap_or(0)
    }
}

/// Moves all of the input to `buf`, without copying. 0, or -1 on failure.
///
/// # Safety
/// Both are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_read_buffer(
    bufev: *mut bufferevent,
    buf: *mut evbuffer,
) -> c_int {
    if bufev.is_null() || buf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::read_buffer(bufev, buf) })
}

/// The input buffer: drain it, but do not add to it. It belongs to the bufferevent.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_input(bufev: *mut bufferevent) -> *mut evbuffer {
    if bufev.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    unsafe { bevs::input(bufev) }
}

/// The output buffer: add to it, but do not drain it. It belongs to the bufferevent.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_output(bufev: *mut bufferevent) -> *mut evbuffer {
    if bufev.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    unsafe { bevs::output(bufev) }
}

/// Starts reading (`EV_READ`), writing (`EV_WRITE`) or both. A new bufferevent has writing enabled.
///
/// Enabling writing while the output is empty gives one write callback as soon as the transport
/// can be written to. 0, or -1 on failure.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_enable(bufev: *mut bufferevent, event: c_short) -> c_int {
    if bufev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::enable(bufev, event) })
}

/// Stops reading, writing or both; what is in the buffers stays. 0, or -1 on failure.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_disable(bufev: *mut bufferevent, event: c_short) -> c_int {
    if bufev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::disable(bufev, event) })
}

/// What is enabled: `EV_READ`, `EV_WRITE`.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_enabled(bufev: *mut bufferevent) -> c_short {
    if bufev.is_null() {
        return 0;
    }
    // SAFETY: live (caller).
    unsafe { bevs::enabled(bufev) }
}

/// Sets the read and the write timeout; NULL or zero for none.
///
/// The time counts from the last progress, while the bufferevent is willing to read, or has output
/// and is willing to write. When it is over that direction is disabled, and the event callback gets
/// `BEV_EVENT_TIMEOUT` with `BEV_EVENT_READING` or `BEV_EVENT_WRITING`. 0, or -1 on failure.
///
/// # Safety
/// `bufev` is NULL or live; the times are NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_set_timeouts(
    bufev: *mut bufferevent,
    timeout_read: *const timeval,
    timeout_write: *const timeval,
) -> c_int {
    if bufev.is_null() {
        return -1;
    }
    // SAFETY: live, NULL or valid (caller).
    status(unsafe {
        bevs::set_timeouts(bufev, timeout_read.as_ref().copied(), timeout_write.as_ref().copied())
    })
}

/// Sets watermarks, for reading (`EV_READ`), writing (`EV_WRITE`) or both.
///
/// Reading: the read callback waits for `lowmark` bytes, and reading stops at `highmark` bytes
/// (0: never) until some are drained. Writing: the write callback runs at `lowmark` bytes or fewer;
/// a filter on top stops at `highmark`.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_setwatermark(
    bufev: *mut bufferevent,
    events: c_short,
    lowmark: size_t,
    highmark: size_t,
) {
    if !bufev.is_null() {
        // SAFETY: live (caller).
        unsafe { bevs::setwatermark(bufev, events, lowmark, highmark) }
    }
}

/// Gives the watermarks of `EV_READ` or of `EV_WRITE`; the pointers may be NULL. 0, or -1 for any
/// other `events`.
///
/// # Safety
/// `bufev` is NULL or live; the other pointers are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_getwatermark(
    bufev: *mut bufferevent,
    events: c_short,
    lowmark: *mut size_t,
    highmark: *mut size_t,
) -> c_int {
    if bufev.is_null() {
        return -1;
    }
    // SAFETY: live, NULL or writable (caller).
    unsafe {
        status(bevs::watermark(bufev, events).map(|marks| {
            if let Some(p) = lowmark.as_mut() {
                *p = marks.low;
            }
            if let Some(p) = highmark.as_mut() {
                *p = marks.high;
            }
        }))
    }
}

/// Locks a bufferevent: until `bufferevent_unlock` no callback of it runs and no other thread
/// changes it, and it is not freed. Without `BEV_OPT_THREADSAFE` only the last is true.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_lock(bufev: *mut bufferevent) {
    if !bufev.is_null() {
        // SAFETY: live (caller).
        unsafe { bevs::lock(bufev) }
    }
}

/// Undoes `bufferevent_lock`.
///
/// # Safety
/// `bufev` is NULL or was locked by this thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_unlock(bufev: *mut bufferevent) {
    if !bufev.is_null() {
        // SAFETY: locked (caller).
        unsafe { bevs::unlock(bufev) }
    }
}

/// Takes a count: the bufferevent stays in memory until `bufferevent_decref`, even if it is freed
/// meanwhile.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_incref(bufev: *mut bufferevent) {
    if !bufev.is_null() {
        // SAFETY: live (caller).
        unsafe { bevs::incref(bufev) }
    }
}

/// Gives a count of `bufferevent_incref` back. 1 if that was the last one, so that the bufferevent
/// is gone, else 0.
///
/// # Safety
/// `bufev` is NULL or live, and the caller owns a count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_decref(bufev: *mut bufferevent) -> c_int {
    if bufev.is_null() {
        return 0;
    }
    // SAFETY: a count of the caller.
    c_int::from(unsafe { bevs::decref(bufev) })
}

/// Presses data through: `BEV_NORMAL` as far as it makes sense, `BEV_FLUSH` all there is,
/// `BEV_FINISHED` with the end of the stream after it. `iotype` is `EV_READ`, `EV_WRITE` or both.
///
/// Socket bufferevents have nothing to press and return 0. Pairs and filters return 1 when a filter
/// made something, 0 when nothing had to be told, -1 on failure (a pair whose other end is gone).
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_flush(
    bufev: *mut bufferevent,
    iotype: c_short,
    mode: bufferevent_flush_mode_raw,
) -> c_int {
    if bufev.is_null() || mode > 2 {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::flush(bufev, iotype, mode.cast_signed()) }
}

/// Calls the read callback (`EV_READ`), the write callback (`EV_WRITE`) or both, if the watermarks
/// allow it.
///
/// `options`: `BEV_TRIG_IGNORE_WATERMARKS` calls whatever the watermarks say,
/// `BEV_TRIG_DEFER_CALLBACKS` leaves the calls to the event loop.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_trigger(
    bufev: *mut bufferevent,
    iotype: c_short,
    options: c_int,
) {
    if !bufev.is_null() {
        // SAFETY: live (caller).
        unsafe { bevs::trigger(bufev, iotype, options) }
    }
}

/// Calls the event callback with `what`, now or, with `BEV_TRIG_DEFER_CALLBACKS`, from the event
/// loop.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_trigger_event(
    bufev: *mut bufferevent,
    what: c_short,
    options: c_int,
) {
    if !bufev.is_null() {
        // SAFETY: live (caller).
        unsafe { bevs::trigger_event(bufev, what, options) }
    }
}

/// The descriptor; -1 when there is none (yet), and for kinds without one.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_getfd(
    bufev: *mut bufferevent,
) -> crate::util::types::evutil_socket_t {
    if bufev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::getfd(bufev) }
}

/// Takes another descriptor, which must be non-blocking; the old one stays open. A connection that
/// is being made is forgotten. 0, or -1 on failure and for kinds without a descriptor.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_setfd(
    bufev: *mut bufferevent,
    fd: crate::util::types::evutil_socket_t,
) -> c_int {
    if bufev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::setfd(bufev, fd) })
}

/// As `bufferevent_setfd`, but closes the old descriptor (since 2.2).
///
/// # Safety
/// `bufev` is NULL or live; its descriptor is its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_replacefd(
    bufev: *mut bufferevent,
    fd: crate::util::types::evutil_socket_t,
) -> c_int {
    if bufev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::replacefd(bufev, fd) })
}

/// The bufferevent below a filter; NULL for other kinds.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_underlying(bufev: *mut bufferevent) -> *mut bufferevent {
    if bufev.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    unsafe { bevs::underlying(bufev) }
}

/// Makes two bufferevents that are each other's peer: what is written to `pair[0]` is read from
/// `pair[1]`, and the other way round, without a descriptor. Their callbacks are always deferred;
/// bytes move while the writer has `EV_WRITE` enabled and the reader `EV_READ`. NULL for a base is the
/// one that `event_init` made last. 0, or -1 on failure.
///
/// # Safety
/// `base` is NULL or live; `pair` is NULL or has room for two pointers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_pair_new(
    base: *mut event_base,
    options: c_int,
    pair: *mut *mut bufferevent,
) -> c_int {
    if pair.is_null() {
        return status(Err(Error::Invalid));
    }
    // SAFETY: NULL or live, room for two (caller).
    unsafe {
        status(bevs::pair::new(base, options).map(|[a, b]| {
            pair.write(a);
            pair.add(1).write(b);
        }))
    }
}

/// The other end of a pair; NULL when it has been freed, and for other kinds.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_pair_get_partner(bev: *mut bufferevent) -> *mut bufferevent {
    if bev.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    unsafe { bevs::pair::partner(bev) }
}
