//! `struct event` and `struct event_callback`, as callers allocate and old code reads them.
#![allow(non_camel_case_types, clippy::use_self, reason = "C names")]

use core::ffi::c_void;
use core::mem::{align_of, offset_of, size_of};
use libc::{c_int, c_short, c_uchar, timeval};

/// In the timer queue.
pub const EVLIST_TIMEOUT: c_int = 0x01;
/// Added.
pub const EVLIST_INSERTED: c_int = 0x02;
/// Reserved.
pub const EVLIST_SIGNAL: c_int = 0x04;
/// Queued to run.
pub const EVLIST_ACTIVE: c_int = 0x08;
/// The library's own.
pub const EVLIST_INTERNAL: c_int = 0x10;
/// Queued to run in the next pass.
pub const EVLIST_ACTIVE_LATER: c_int = 0x20;
/// On its way out, see `event_finalize`.
pub const EVLIST_FINALIZING: c_int = 0x40;
/// Initialised.
pub const EVLIST_INIT: c_int = 0x80;
/// All of them.
pub const EVLIST_ALL: c_int = 0xff;

/// Links of an event callback in a queue (private).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct event_callback_links {
    /// Private.
    pub tqe_next: *mut event_callback,
    /// Private.
    pub tqe_prev: *mut *mut event_callback,
}

/// What runs when an event callback runs; which one is said by `evcb_closure` (private).
#[repr(C)]
#[derive(Clone, Copy)]
pub union event_callback_fns {
    /// An event's callback.
    pub evcb_callback: Option<unsafe extern "C" fn(c_int, c_short, *mut c_void)>,
    /// Deferred work of the library.
    pub evcb_selfcb: Option<unsafe extern "C" fn(*mut event_callback, *mut c_void)>,
    /// The finalizer of an event.
    pub evcb_evfinalize: Option<unsafe extern "C" fn(*mut event, *mut c_void)>,
    /// The finalizer of deferred work.
    pub evcb_cbfinalize: Option<unsafe extern "C" fn(*mut event_callback, *mut c_void)>,
}

/// Something a base can run: the first part of every event, and of deferred work.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct event_callback {
    /// Private.
    pub evcb_active_next: event_callback_links,
    /// `EVLIST_*`. Read-only.
    pub evcb_flags: c_short,
    /// The priority; lower runs first. Read-only.
    pub evcb_pri: c_uchar,
    /// Private.
    pub evcb_closure: c_uchar,
    /// The callback. Read-only.
    pub evcb_cb_union: event_callback_fns,
    /// What the callback gets. Read-only.
    pub evcb_arg: *mut c_void,
}

/// Links of an event in a queue of events (private).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct event_queue_links {
    /// Private.
    pub tqe_next: *mut event,
    /// Private.
    pub tqe_prev: *mut *mut event,
}

/// Links of an event in a list of events (private).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct event_list_links {
    /// Private.
    pub le_next: *mut event,
    /// Private.
    pub le_prev: *mut *mut event,
}

/// Where an event stands in the timer queue (private).
#[repr(C)]
#[derive(Clone, Copy)]
pub union event_timeout_pos {
    /// Private.
    pub ev_next_with_common_timeout: event_queue_links,
    /// Private.
    pub min_heap_idx: c_int,
}

/// The part of an event that waits for a descriptor (private).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct event_io_part {
    /// Private.
    pub ev_io_next: event_list_links,
    /// The interval of a persistent event.
    pub ev_timeout: timeval,
}

/// The part of an event that waits for a signal (private).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct event_signal_part {
    /// Private.
    pub ev_signal_next: event_list_links,
    /// How often the callback still runs.
    pub ev_ncalls: c_short,
    /// Lets the callback's event be deleted while it runs.
    pub ev_pncalls: *mut c_short,
}

/// Either of the two (private).
#[repr(C)]
#[derive(Clone, Copy)]
pub union event_parts {
    /// For descriptors.
    pub ev_io: event_io_part,
    /// For signals.
    pub ev_signal: event_signal_part,
}

/// An event: what a program waits for, and what is called then. Programs may allocate it;
/// `event_assign` or `event_set` fills it in, and functions and macros do the rest.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct event {
    /// What runs.
    pub ev_evcallback: event_callback,
    /// Private.
    pub ev_timeout_pos: event_timeout_pos,
    /// The descriptor or the signal number. Read-only.
    pub ev_fd: c_int,
    /// The base. Read-only.
    pub ev_base: *mut event_base,
    /// Private.
    pub ev_: event_parts,
    /// What is waited for: `EV_*`. Read-only.
    pub ev_events: c_short,
    /// What has happened: `EV_*`. Read-only.
    pub ev_res: c_short,
    /// When the timeout passes. Private.
    pub ev_timeout: timeval,
}

/// A queue of events, of no use to programs any more.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct event_list {
    /// The first event.
    pub tqh_first: *mut event,
    /// The link that the next event goes to.
    pub tqh_last: *mut *mut event,
}

/// A list of events, of no use to programs any more.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct event_dlist {
    /// The first event.
    pub lh_first: *mut event,
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
    assert!(offset_of!(event_io_part, ev_timeout) == 16);
    assert!(offset_of!(event_signal_part, ev_ncalls) == 16);
    assert!(offset_of!(event_signal_part, ev_pncalls) == 24);
    assert!(size_of::<event_list>() == 16 && size_of::<event_dlist>() == 8);
};
