//! `struct event` and `struct event_callback`, as callers allocate and old code reads them.
#![allow(non_camel_case_types, reason = "C names")]

use core::ffi::c_void;
use core::mem::{align_of, offset_of, size_of};
use libc::{c_int, c_short, c_uchar, timeval};

/// Links of an [`event_callback`] in a queue (private).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct evcb_active_next {
    pub tqe_next: *mut event_callback,
    pub tqe_prev: *mut *mut event_callback,
}

/// What runs when an [`event_callback`] runs; which one is said by `evcb_closure` (private).
#[repr(C)]
#[derive(Clone, Copy)]
pub union evcb_cb_union {
    pub evcb_callback: Option<unsafe extern "C" fn(c_int, c_short, *mut c_void)>,
    pub evcb_selfcb: Option<unsafe extern "C" fn(*mut event_callback, *mut c_void)>,
    pub evcb_evfinalize: Option<unsafe extern "C" fn(*mut event, *mut c_void)>,
    pub evcb_cbfinalize: Option<unsafe extern "C" fn(*mut event_callback, *mut c_void)>,
}

/// Something a base can run: the first part of every event, and of deferred work.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct event_callback {
    pub evcb_active_next: evcb_active_next,
    pub evcb_flags: c_short,
    pub evcb_pri: c_uchar,
    pub evcb_closure: c_uchar,
    pub evcb_cb_union: evcb_cb_union,
    pub evcb_arg: *mut c_void,
}

/// Links of an event in a list of events (private).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct event_links {
    pub next: *mut event,
    pub prev: *mut *mut event,
}

/// Where an event stands in the timer queue (private).
#[repr(C)]
#[derive(Clone, Copy)]
pub union ev_timeout_pos {
    pub ev_next_with_common_timeout: event_links,
    pub min_heap_idx: c_int,
}

/// The part of an event that waits for a descriptor (private).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ev_io {
    pub ev_io_next: event_links,
    pub ev_timeout: timeval,
}

/// The part of an event that waits for a signal (private).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ev_signal {
    pub ev_signal_next: event_links,
    pub ev_ncalls: c_short,
    pub ev_pncalls: *mut c_short,
}

/// Either of the two.
#[repr(C)]
#[derive(Clone, Copy)]
pub union ev_ {
    pub ev_io: ev_io,
    pub ev_signal: ev_signal,
}

/// An event: what a program waits for, and what is called then.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct event {
    pub ev_evcallback: event_callback,
    pub ev_timeout_pos: ev_timeout_pos,
    pub ev_fd: c_int,
    pub ev_base: *mut event_base,
    pub ev_: ev_,
    pub ev_events: c_short,
    pub ev_res: c_short,
    pub ev_timeout: timeval,
}

/// An event loop; opaque to C.
pub use super::event_base;

const _: () = {
    assert!(size_of::<event_callback>() == 40 && size_of::<event>() == 128);
    assert!(align_of::<event>() == 8);
    assert!(offset_of!(event_callback, evcb_flags) == 16);
    assert!(offset_of!(event_callback, evcb_pri) == 18);
    assert!(offset_of!(event_callback, evcb_closure) == 19);
    assert!(offset_of!(event_callback, evcb_cb_union) == 24);
    assert!(offset_of!(event_callback, evcb_arg) == 32);
    assert!(offset_of!(event, ev_timeout_pos) == 40);
    assert!(offset_of!(event, ev_fd) == 56);
    assert!(offset_of!(event, ev_base) == 64);
    assert!(offset_of!(event, ev_) == 72);
    assert!(offset_of!(event, ev_events) == 104);
    assert!(offset_of!(event, ev_res) == 106);
    assert!(offset_of!(event, ev_timeout) == 112);
    assert!(offset_of!(ev_io, ev_timeout) == 16 && offset_of!(ev_signal, ev_ncalls) == 16);
    assert!(offset_of!(ev_signal, ev_pncalls) == 24);
};
