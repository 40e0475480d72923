//! The constants and callback shapes of `event2/event.h`; those of `event2/event_struct.h`
//! stand in [`raw`](super::raw) and are at hand here too.
#![allow(non_camel_case_types, reason = "C names")]

use super::event_base;
use super::raw::event;
use core::ffi::{c_char, c_void};
use libc::{c_int, c_short, c_uint};

pub use super::raw::{
    EVLIST_ACTIVE, EVLIST_ACTIVE_LATER, EVLIST_ALL, EVLIST_FINALIZING, EVLIST_INIT,
    EVLIST_INSERTED, EVLIST_INTERNAL, EVLIST_SIGNAL, EVLIST_TIMEOUT,
};

/// The timeout has passed.
pub const EV_TIMEOUT: c_short = 0x01;
/// The descriptor is readable.
pub const EV_READ: c_short = 0x02;
/// The descriptor is writable.
pub const EV_WRITE: c_short = 0x04;
/// The signal has come; the descriptor is a signal number.
pub const EV_SIGNAL: c_short = 0x08;
/// The event stays pending when it becomes active.
pub const EV_PERSIST: c_short = 0x10;
/// Edge-triggered, if the backend can.
pub const EV_ET: c_short = 0x20;
/// `event_del` on this event does not wait for a running callback; see `event_finalize`.
pub const EV_FINALIZE: c_short = 0x40;
/// The peer has closed the connection, seen without reading; needs `EV_FEATURE_EARLY_CLOSE`.
pub const EV_CLOSED: c_short = 0x80;

/// Run the loop until events were active, and run these.
pub const EVLOOP_ONCE: c_int = 0x01;
/// Do not wait: run what is ready now.
pub const EVLOOP_NONBLOCK: c_int = 0x02;
/// Go on although no events are left; `event_base_loopexit` or `_loopbreak` end the loop.
pub const EVLOOP_NO_EXIT_ON_EMPTY: c_int = 0x04;

/// Count the active events (`event_base_get_num_events`).
pub const EVENT_BASE_COUNT_ACTIVE: c_uint = 1u32;
/// Count the virtual events, which only keep the loop alive.
pub const EVENT_BASE_COUNT_VIRTUAL: c_uint = 2u32;
/// Count the added events.
pub const EVENT_BASE_COUNT_ADDED: c_uint = 4u32;

/// A debugging message.
pub const EVENT_LOG_DEBUG: c_int = 0;
/// A message.
pub const EVENT_LOG_MSG: c_int = 1;
/// A warning.
pub const EVENT_LOG_WARN: c_int = 2;
/// An error.
pub const EVENT_LOG_ERR: c_int = 3;

/// `event_enable_debug_logging`: everything.
pub const EVENT_DBG_ALL: c_uint = 0xffff_ffffu32;
/// `event_enable_debug_logging`: nothing.
pub const EVENT_DBG_NONE: c_uint = 0;

/// The version these headers speak for, as `event_get_version_number` gives it.
pub const LIBEVENT_VERSION_NUMBER: c_uint = 0x0201_0c00;

/// The largest number of priorities a base can have.
pub const EVENT_MAX_PRIORITIES: c_int = 256;

/// What a backend can do; bits of an `int`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum event_method_feature {
    /// Edge-triggered events.
    EV_FEATURE_ET = 1,
    /// Adding, deleting and running an event cost the same however many there are.
    EV_FEATURE_O1 = 2,
    /// Descriptors of every kind, not only sockets.
    EV_FEATURE_FDS = 4,
    /// `EV_CLOSED`.
    EV_FEATURE_EARLY_CLOSE = 8,
}

/// How a base is made; bits of an `int`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum event_base_config_flag {
    /// No lock, even if threads are set up: only one thread ever uses the base.
    EVENT_BASE_FLAG_NOLOCK = 0x01,
    /// The `EVENT_*` environment variables are not looked at.
    EVENT_BASE_FLAG_IGNORE_ENV = 0x02,
    /// For Windows; without effect here.
    EVENT_BASE_FLAG_STARTUP_IOCP = 0x04,
    /// The time is asked for whenever it is needed, not once in a turn.
    EVENT_BASE_FLAG_NO_CACHE_TIME = 0x08,
    /// Changes of interest reach epoll in batches. Always so here, and without the trouble that
    /// the original has with duplicated descriptors.
    EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST = 0x10,
    /// The most precise clock and waits there are.
    EVENT_BASE_FLAG_PRECISE_TIMER = 0x20,
    /// No timer descriptor for `EVENT_BASE_FLAG_PRECISE_TIMER` under epoll (since 2.2).
    EVENT_BASE_FLAG_EPOLL_DISALLOW_TIMERFD = 0x40,
    /// Signals come through a signal descriptor: no handler is installed, and a signal with events
    /// is blocked in the thread that adds the first of them (since 2.2). The environment variable
    /// `EVENT_USE_SIGNALFD` does the same for every base.
    EVENT_BASE_FLAG_USE_SIGNALFD = 0x80,
}

/// Called for every message of the library; `severity` is one of `EVENT_LOG_*`.
pub type event_log_cb = Option<unsafe extern "C" fn(severity: c_int, msg: *const c_char)>;

/// Called on an error the library cannot go on after; must not return.
pub type event_fatal_cb = Option<unsafe extern "C" fn(err: c_int)>;

/// The callback of an event: its descriptor or signal, what happened (`EV_*`), its argument.
pub type event_callback_fn =
    Option<unsafe extern "C" fn(fd: c_int, events: c_short, arg: *mut c_void)>;

/// Called when an event's memory may be released.
pub type event_finalize_callback_fn =
    Option<unsafe extern "C" fn(ev: *mut event, arg: *mut c_void)>;

/// Called for an event of a base; anything but 0 ends the walk.
pub type event_base_foreach_event_cb = Option<
    unsafe extern "C" fn(base: *const event_base, ev: *const event, arg: *mut c_void) -> c_int,
>;
