//! The watchers, as callers allocate them and as the macros of `ev.h` write into them.
//!
//! The macros store `active`, `pending`, `priority`, `cb` and the fields of the type without
//! asking the library, and read `active`, `pending` and `at`. All else about these fields is the
//! library's: a watcher that is active or pending is written by nobody else.
//!
//! `ev.h` spells the structures with macros that programs may know (`EV_WATCHER` and its
//! relatives), so its text is in `capi/ev.head.h`; the assertions below and the layout check hold
//! the two together.
#![allow(non_camel_case_types, reason = "C names")]

use core::ffi::{c_char, c_void};
use core::mem::{align_of, offset_of, size_of};
use libc::{c_int, stat};

pub use super::state::ev_loop;

/// Seconds, as C sees time: a duration, or a point in time since 1970.
pub type ev_tstamp = f64;

/// The callback of a watcher of type `T`.
pub type Callback<T> = Option<unsafe extern "C" fn(*mut ev_loop, *mut T, c_int)>;

/// What every watcher starts with.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_watcher {
    /// 0, or the place where the loop keeps it, plus one (read-only).
    pub active: c_int,
    /// 0, or its place among the pending ones of its priority, plus one (read-only).
    pub pending: c_int,
    /// From -2 to 2; the higher, the earlier (set before the start).
    pub priority: c_int,
    /// The user's.
    pub data: *mut c_void,
    /// What is called.
    pub cb: Callback<Self>,
}

/// What watchers that hang in a list start with.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_watcher_list {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
    /// The next one of the same list (private).
    pub next: *mut Self,
}

/// What watchers that have a due time start with.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_watcher_time {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
    /// When it is due, on the clock of its type (private; `ev_periodic_at` reads it).
    pub at: ev_tstamp,
}

/// Waits until a descriptor is readable or writable.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_io {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
    /// The next watcher of the same descriptor (private).
    pub next: *mut ev_watcher_list,
    /// The descriptor (read-only while active).
    pub fd: c_int,
    /// `EV_READ` and `EV_WRITE` (read-only while active), and `EV__IOFDSET` until the start.
    pub events: c_int,
}

/// Waits for a time on the monotonic clock, once or again and again.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_timer {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
    /// Active: when it is due, on the loop's monotonic clock. Else: after how many seconds.
    pub at: ev_tstamp,
    /// The interval in seconds, 0 for once (may be written at any time).
    pub repeat: ev_tstamp,
}

/// Waits for times of the wall clock.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_periodic {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
    /// When it is due next.
    pub at: ev_tstamp,
    /// The absolute time, or the phase of the interval.
    pub offset: ev_tstamp,
    /// The interval in seconds, or 0.
    pub interval: ev_tstamp,
    /// Computes the next time instead; goes before the other two.
    pub reschedule_cb: Option<unsafe extern "C" fn(*mut Self, ev_tstamp) -> ev_tstamp>,
}

/// Waits for a signal.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_signal {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
    /// The next watcher of the same signal (private).
    pub next: *mut ev_watcher_list,
    /// The signal (read-only while active).
    pub signum: c_int,
}

/// Waits for a change of state of a child process.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_child {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
    /// The next one in the same list (private).
    pub next: *mut ev_watcher_list,
    /// Bit 0: also stops and continuations.
    pub flags: c_int,
    /// The process, 0 for any (read-only while active).
    pub pid: c_int,
    /// Which process it was.
    pub rpid: c_int,
    /// Its status, as `waitpid` gives it.
    pub rstatus: c_int,
}

/// Waits for a change of the attributes of a path.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ev_stat {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
    /// The next one in the same list (private).
    pub next: *mut ev_watcher_list,
    /// Looks again from time to time (private).
    pub timer: ev_timer,
    /// How often it looks, 0 for the default (read-only while active).
    pub interval: ev_tstamp,
    /// The path, which has to stay alive (read-only while active).
    pub path: *const c_char,
    /// What it was before.
    pub prev: stat,
    /// What it is; `st_nlink` is 0 when nothing is there.
    pub attr: stat,
    /// The inotify watch, -1 without one, -2 before the start (private).
    pub wd: c_int,
}

/// Is called when nothing else is to do, and keeps the loop from sleeping.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_idle {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
}

/// Is called in each pass before the wait.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_prepare {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
}

/// Is called in each pass after the wait.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_check {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
}

/// Is called in the child after a fork.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_fork {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
}

/// Is called when the loop is destroyed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_cleanup {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
}

/// Runs another loop inside this one.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_embed {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
    /// The inner loop (read-only while active).
    pub other: *mut ev_loop,
    /// Watches the inner loop's backend (private).
    pub io: ev_io,
    /// Tells the inner loop's changes to its backend (private).
    pub prepare: ev_prepare,
    /// Unused.
    pub check: ev_check,
    /// Unused.
    pub timer: ev_timer,
    /// Unused.
    pub periodic: ev_periodic,
    /// Unused.
    pub idle: ev_idle,
    /// Passes forks on (private).
    pub fork: ev_fork,
    /// Unused.
    pub cleanup: ev_cleanup,
}

/// Is woken from another thread or a signal handler.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ev_async {
    /// As in [`ev_watcher`].
    pub active: c_int,
    /// As in [`ev_watcher`].
    pub pending: c_int,
    /// As in [`ev_watcher`].
    pub priority: c_int,
    /// As in [`ev_watcher`].
    pub data: *mut c_void,
    /// As in [`ev_watcher`].
    pub cb: Callback<Self>,
    /// Non-zero from the sending until the loop notices (atomic; `ev_async_pending` reads it).
    pub sent: c_int,
}

/// `base` and the fields that the three bases share are laid out the same way in `T`.
macro_rules! starts_like {
    ($base:ty: $($t:ty),+; watcher) => {
        $( starts_like!($base: $t; active pending priority data cb;); )+
    };
    ($base:ty: $($t:ty),+; list) => { $( starts_like!($base: $t; next;); )+ };
    ($base:ty: $($t:ty),+; time) => { $( starts_like!($base: $t; at;); )+ };
    ($base:ty: $t:ty; $($field:ident)+;) => {
        $( assert!(offset_of!($t, $field) == offset_of!($base, $field)); )+
    };
}

const _: () = {
    assert!(offset_of!(ev_watcher, active) == 0 && offset_of!(ev_watcher, pending) == 4);
    assert!(offset_of!(ev_watcher, priority) == 8 && offset_of!(ev_watcher, data) == 16);
    assert!(offset_of!(ev_watcher, cb) == 24 && size_of::<ev_watcher>() == 32);
    starts_like!(ev_watcher: ev_watcher_list, ev_watcher_time, ev_io, ev_timer, ev_periodic,
        ev_signal, ev_child, ev_stat, ev_idle, ev_prepare, ev_check, ev_fork, ev_cleanup,
        ev_embed, ev_async; watcher);
    starts_like!(ev_watcher_list: ev_io, ev_signal, ev_child, ev_stat; list);
    starts_like!(ev_watcher_time: ev_timer, ev_periodic; time);
    assert!(offset_of!(ev_watcher_list, next) == 32 && size_of::<ev_watcher_list>() == 40);
    assert!(offset_of!(ev_watcher_time, at) == 32 && size_of::<ev_watcher_time>() == 40);
    assert!(offset_of!(ev_io, fd) == 40 && offset_of!(ev_io, events) == 44);
    assert!(size_of::<ev_io>() == 48);
    assert!(offset_of!(ev_timer, repeat) == 40 && size_of::<ev_timer>() == 48);
    assert!(offset_of!(ev_periodic, offset) == 40 && offset_of!(ev_periodic, interval) == 48);
    assert!(offset_of!(ev_periodic, reschedule_cb) == 56 && size_of::<ev_periodic>() == 64);
    assert!(offset_of!(ev_signal, signum) == 40 && size_of::<ev_signal>() == 48);
    assert!(offset_of!(ev_child, flags) == 40 && offset_of!(ev_child, pid) == 44);
    assert!(offset_of!(ev_child, rpid) == 48 && offset_of!(ev_child, rstatus) == 52);
    assert!(size_of::<ev_child>() == 56);
    assert!(offset_of!(ev_stat, timer) == 40 && offset_of!(ev_stat, interval) == 88);
    assert!(offset_of!(ev_stat, path) == 96 && offset_of!(ev_stat, prev) == 104);
    assert!(offset_of!(ev_stat, attr) == 248 && offset_of!(ev_stat, wd) == 392);
    assert!(size_of::<ev_stat>() == 400);
    assert!(size_of::<ev_idle>() == 32 && size_of::<ev_prepare>() == 32);
    assert!(size_of::<ev_check>() == 32 && size_of::<ev_fork>() == 32);
    assert!(size_of::<ev_cleanup>() == 32);
    assert!(offset_of!(ev_embed, other) == 32 && offset_of!(ev_embed, io) == 40);
    assert!(offset_of!(ev_embed, prepare) == 88 && offset_of!(ev_embed, check) == 120);
    assert!(offset_of!(ev_embed, timer) == 152 && offset_of!(ev_embed, periodic) == 200);
    assert!(offset_of!(ev_embed, idle) == 264 && offset_of!(ev_embed, fork) == 296);
    assert!(offset_of!(ev_embed, cleanup) == 328 && size_of::<ev_embed>() == 360);
    assert!(offset_of!(ev_async, sent) == 32 && size_of::<ev_async>() == 40);
    assert!(align_of::<ev_watcher>() == 8 && align_of::<ev_async>() == 8);
    assert!(align_of::<ev_stat>() == 8 && align_of::<ev_embed>() == 8);
};
