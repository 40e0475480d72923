//! The numbers of `ev.h` that the engine looks at. The header's enums are in `capi/ev.head.h`;
//! a C test compares the two.

use libc::{c_int, c_uint};

/// Readable.
pub const EV_READ: c_int = 0x01;
/// Writable.
pub const EV_WRITE: c_int = 0x02;
/// The descriptor of an `ev_io` may be a new one (set by `ev_io_set`).
pub const EV__IOFDSET: c_int = 0x80;
/// A timer is due.
pub const EV_TIMER: c_int = 0x100;
/// A periodic is due.
pub const EV_PERIODIC: c_int = 0x200;
/// A signal came.
pub const EV_SIGNAL: c_int = 0x400;
/// A child changed its state.
pub const EV_CHILD: c_int = 0x800;
/// A path's attributes changed.
pub const EV_STAT: c_int = 0x1000;
/// Nothing else is to do.
pub const EV_IDLE: c_int = 0x2000;
/// About to wait.
pub const EV_PREPARE: c_int = 0x4000;
/// Back from the wait.
pub const EV_CHECK: c_int = 0x8000;
/// An embedded loop has work.
pub const EV_EMBED: c_int = 0x1_0000;
/// The process has forked.
pub const EV_FORK: c_int = 0x2_0000;
/// The loop is destroyed.
pub const EV_CLEANUP: c_int = 0x4_0000;
/// Somebody sent an async.
pub const EV_ASYNC: c_int = 0x8_0000;
/// The user's own.
pub const EV_CUSTOM: c_int = 0x100_0000;
/// The watcher had to be stopped.
pub const EV_ERROR: c_int = c_int::MIN;

/// Check for a fork in each pass.
pub const EVFLAG_FORKCHECK: c_uint = 0x200_0000;
/// Do not look at `LIBEV_FLAGS`.
pub const EVFLAG_NOENV: c_uint = 0x100_0000;
/// Do not use inotify.
pub const EVFLAG_NOINOTIFY: c_uint = 0x10_0000;
/// Use signalfd.
pub const EVFLAG_SIGNALFD: c_uint = 0x20_0000;
/// Unblock a signal when its first watcher starts.
pub const EVFLAG_NOSIGMASK: c_uint = 0x40_0000;
/// Do not make a timerfd.
pub const EVFLAG_NOTIMERFD: c_uint = 0x80_0000;
/// Reap only the children that a watcher names (an addition to libev).
pub const EVFLAG_REAPNAMED: c_uint = 0x400_0000;

/// select.
pub const EVBACKEND_SELECT: c_uint = 0x01;
/// poll.
pub const EVBACKEND_POLL: c_uint = 0x02;
/// epoll.
pub const EVBACKEND_EPOLL: c_uint = 0x04;
/// kqueue, which Linux does not have.
pub const EVBACKEND_KQUEUE: c_uint = 0x08;
/// Event ports, which Linux does not have.
pub const EVBACKEND_PORT: c_uint = 0x20;
/// Linux AIO.
pub const EVBACKEND_LINUXAIO: c_uint = 0x40;
/// io_uring.
pub const EVBACKEND_IOURING: c_uint = 0x80;
/// Every bit that names a backend, now or later.
pub const EVBACKEND_MASK: c_uint = 0xffff;

/// One pass that does not block.
pub const EVRUN_NOWAIT: c_int = 1;
/// One pass that may block.
pub const EVRUN_ONCE: c_int = 2;

/// Go on.
pub const EVBREAK_CANCEL: c_int = 0;
/// Leave the innermost run.
pub const EVBREAK_ONE: c_int = 1;
/// Leave all runs.
pub const EVBREAK_ALL: c_int = 2;

/// The lowest priority.
pub const EV_MINPRI: c_int = -2;
/// The highest priority.
pub const EV_MAXPRI: c_int = 2;
