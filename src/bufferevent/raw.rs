//! `struct bufferevent`, as old code reads it.
#![allow(non_camel_case_types, clippy::use_self, reason = "C names")]

use crate::buffer::evbuffer;
use crate::event::raw::{event, event_base};
use core::ffi::c_void;
use core::mem::{align_of, offset_of, size_of};
use libc::{c_short, size_t, timeval};

/// The functions of one kind of bufferevent; opaque to C.
pub use super::bufferevent_ops;

/// How much has to be there before a callback is called, and how much may be.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct event_watermark {
    /// The lower bound.
    pub low: size_t,
    /// The upper bound; 0 is none.
    pub high: size_t,
}

/// A transport with an input and an output buffer. Programs read it at most; everything is
/// changed through functions.
#[repr(C)]
pub struct bufferevent {
    /// The base it runs on. Read-only.
    pub ev_base: *mut event_base,
    /// Private.
    pub be_ops: *const bufferevent_ops,
    /// The read event (private).
    pub ev_read: event,
    /// The write event (private).
    pub ev_write: event,
    /// The input buffer. Read-only.
    pub input: *mut evbuffer,
    /// The output buffer. Read-only.
    pub output: *mut evbuffer,
    /// The read watermarks. Read-only.
    pub wm_read: event_watermark,
    /// The write watermarks. Read-only.
    pub wm_write: event_watermark,
    /// The read callback. Read-only.
    pub readcb: Option<unsafe extern "C" fn(bev: *mut bufferevent, ctx: *mut c_void)>,
    /// The write callback. Read-only.
    pub writecb: Option<unsafe extern "C" fn(bev: *mut bufferevent, ctx: *mut c_void)>,
    /// The event callback. Read-only.
    pub errorcb:
        Option<unsafe extern "C" fn(bev: *mut bufferevent, what: c_short, ctx: *mut c_void)>,
    /// What the callbacks get. Read-only.
    pub cbarg: *mut c_void,
    /// The read timeout. Read-only.
    pub timeout_read: timeval,
    /// The write timeout. Read-only.
    pub timeout_write: timeval,
    /// What is enabled: `EV_READ`, `EV_WRITE`. Read-only.
    pub enabled: c_short,
}

const _: () = {
    assert!(size_of::<event_watermark>() == 16 && align_of::<event_watermark>() == 8);
    assert!(offset_of!(event_watermark, low) == 0 && offset_of!(event_watermark, high) == 8);
    assert!(size_of::<bufferevent>() == 392 && align_of::<bufferevent>() == 8);
    assert!(offset_of!(bufferevent, ev_base) == 0);
    assert!(offset_of!(bufferevent, be_ops) == 8);
    assert!(offset_of!(bufferevent, ev_read) == 16);
    assert!(offset_of!(bufferevent, ev_write) == 144);
    assert!(offset_of!(bufferevent, input) == 272);
    assert!(offset_of!(bufferevent, output) == 280);
    assert!(offset_of!(bufferevent, wm_read) == 288);
    assert!(offset_of!(bufferevent, wm_write) == 304);
    assert!(offset_of!(bufferevent, readcb) == 320);
    assert!(offset_of!(bufferevent, writecb) == 328);
    assert!(offset_of!(bufferevent, errorcb) == 336);
    assert!(offset_of!(bufferevent, cbarg) == 344);
    assert!(offset_of!(bufferevent, timeout_read) == 352);
    assert!(offset_of!(bufferevent, timeout_write) == 368);
    assert!(offset_of!(bufferevent, enabled) == 384);
};
