//! bufferevents: transports with an input and an output buffer.
//!
//! | file | what stands there |
//! |---|---|
//! | `common` | the private part, counts, locks, suspensions, work in the loop |
//! | `callbacks` | calling the user, at once or deferred |
//! | `socket` | over a descriptor |
//! | `connect`, `race` | connecting to addresses and names; trying the addresses of a name |
//! | `pair` | two that are each other's peer |
//! | `filter` | on top of another one |
//! | `tls` | over a descriptor or another one, encrypted; the packages in `tls/` bring the library |
//! | `timeouts` | timeouts of those without a descriptor |
//! | `bucket` | token buckets (pure) |
//! | `ratelimit`, `group` | rate limits of one and of many |
//! | this file | the operations that are the same for all kinds |

pub mod bucket;
pub mod callbacks;
pub mod common;
pub mod connect;
pub mod filter;
pub mod group;
pub mod pair;
mod race;
pub mod ratelimit;
pub mod raw;
pub mod socket;
pub mod timeouts;
pub mod tls;
pub mod types;

pub use bucket::ev_token_bucket_cfg;
pub use callbacks::setcb;
pub use common::bufferevent_ops;
pub use connect::{connect as socket_connect, connect_hostname as socket_connect_hostname};
pub use group::bufferevent_rate_limit_group;
pub use socket::new as socket_new;

use crate::buffer::{self, evbuffer};
use crate::error::{Error, Result};
use crate::event::flags::{EV_READ, EV_WRITE};
use crate::event::raw::event_base;
use common::{Held, Private, State, Suspend, private, resume_read, suspend_read, watch_input};
use core::ptr::{addr_of_mut, null_mut};
use flags::BEV_TRIG_ALL;
use libc::{c_int, c_short, timeval};
use raw::{bufferevent, event_watermark};

/// The options and modes as the `int`s that C passes.
pub mod flags {
    pub use super::types::{
        BEV_EVENT_CONNECTED, BEV_EVENT_EOF, BEV_EVENT_ERROR, BEV_EVENT_READING, BEV_EVENT_TIMEOUT,
        BEV_EVENT_WRITING,
    };
    use super::types::{bufferevent_flush_mode, bufferevent_options, bufferevent_trigger_options};
    use libc::c_int;

    /// See [`bufferevent_options`].
    pub const BEV_OPT_CLOSE_ON_FREE: c_int = bufferevent_options::BEV_OPT_CLOSE_ON_FREE as c_int;
    /// See [`bufferevent_options`].
    pub const BEV_OPT_THREADSAFE: c_int = bufferevent_options::BEV_OPT_THREADSAFE as c_int;
    /// See [`bufferevent_options`].
    pub const BEV_OPT_DEFER_CALLBACKS: c_int =
        bufferevent_options::BEV_OPT_DEFER_CALLBACKS as c_int;
    /// See [`bufferevent_options`].
    pub const BEV_OPT_UNLOCK_CALLBACKS: c_int =
        bufferevent_options::BEV_OPT_UNLOCK_CALLBACKS as c_int;
    /// See [`bufferevent_trigger_options`].
    pub const BEV_TRIG_IGNORE_WATERMARKS: c_int =
        bufferevent_trigger_options::BEV_TRIG_IGNORE_WATERMARKS as c_int;
    /// The options that triggering knows.
    pub const BEV_TRIG_ALL: c_int = BEV_TRIG_IGNORE_WATERMARKS | BEV_OPT_DEFER_CALLBACKS;
    /// See [`bufferevent_flush_mode`].
    pub const BEV_NORMAL: c_int = bufferevent_flush_mode::BEV_NORMAL as c_int;
    /// See [`bufferevent_flush_mode`].
    pub const BEV_FLUSH: c_int = bufferevent_flush_mode::BEV_FLUSH as c_int;
    /// See [`bufferevent_flush_mode`].
    pub const BEV_FINISHED: c_int = bufferevent_flush_mode::BEV_FINISHED as c_int;
}

/// The input buffer.
///
/// # Safety
/// `bev` is live; the same for all functions below.
#[inline]
pub unsafe fn input(bev: *mut bufferevent) -> *mut evbuffer {
    // SAFETY: live by contract; the field never changes.
    unsafe { (*bev).input }
}

/// The output buffer.
///
/// # Safety
/// `bev` is live.
#[inline]
pub unsafe fn output(bev: *mut bufferevent) -> *mut evbuffer {
    // SAFETY: live by contract; the field never changes.
    unsafe { (*bev).output }
}

/// The base.
///
/// # Safety
/// `bev` is live.
pub unsafe fn base(bev: *mut bufferevent) -> *mut event_base {
    // SAFETY: live by contract.
    unsafe { (*bev).ev_base }
}

/// Appends to the output. Outside of callbacks it waits for a running callback, so that what a
/// callback writes in several pieces stays together; the same for the three functions below.
///
/// # Safety
/// `bev` is live.
#[inline(always)]
pub unsafe fn write(bev: *mut bufferevent, data: &[u8]) -> Result<()> {
    // SAFETY: live by contract.
    unsafe {
        if (*private(bev)).callback_lock.is_some() {
            return write_quietly(bev, data);
        }
        buffer::add((*bev).output, data)
    }
}

#[inline(never)]
unsafe fn write_quietly(bev: *mut bufferevent, data: &[u8]) -> Result<()> {
    // SAFETY: live by contract.
    unsafe {
        let _quiet = callbacks::quiesce(private(bev));
        buffer::add((*bev).output, data)
    }
}

/// Takes from the input; says how much.
///
/// # Safety
/// `bev` is live.
pub unsafe fn read(bev: *mut bufferevent, to: &mut [u8]) -> Result<usize> {
    // SAFETY: live by contract.
    unsafe {
        let _quiet = callbacks::quiesce(private(bev));
        buffer::remove((*bev).input, to)
    }
}

/// Moves all of the input to `to`.
///
/// # Safety
/// Both are live.
pub unsafe fn read_buffer(bev: *mut bufferevent, to: *mut evbuffer) -> Result<()> {
    // SAFETY: live by contract.
    unsafe {
        let _quiet = callbacks::quiesce(private(bev));
        buffer::add_buffer(to, (*bev).input)
    }
}

/// Moves all of `data` to the output.
///
/// # Safety
/// Both are live.
pub unsafe fn write_buffer(bev: *mut bufferevent, data: *mut evbuffer) -> Result<()> {
    // SAFETY: live by contract.
    unsafe {
        let _quiet = callbacks::quiesce(private(bev));
        buffer::add_buffer((*bev).output, data)
    }
}

/// Starts reading, writing or both.
///
/// # Safety
/// `bev` is live.
pub unsafe fn enable(bev: *mut bufferevent, what: c_short) -> Result<()> {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _quiet = callbacks::quiesce(p);
        let _held = Held::new(p);
        (*bev).enabled |= what;
        start(p, what)
    }
}

/// Starts what is not suspended of two directions that are enabled.
///
/// # Safety
/// `p` is live and locked.
#[inline]
unsafe fn start(p: *mut Private, what: c_short) -> Result<()> {
    // SAFETY: by contract.
    unsafe {
        let mut start = what & (EV_READ | EV_WRITE);
        if !(*p).read_suspended.is_empty() {
            start &= !EV_READ;
        }
        if !(*p).write_suspended.is_empty() {
            start &= !EV_WRITE;
        }
        if start == 0 {
            return Ok(());
        }
        ((*(*p).bev.be_ops).enable)(p, start)
    }
}

/// Stops reading, writing or both. Outside of callbacks it waits for a running callback.
///
/// # Safety
/// `bev` is live.
pub unsafe fn disable(bev: *mut bufferevent, what: c_short) -> Result<()> {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _quiet = callbacks::quiesce(p);
        let _held = Held::new(p);
        (*bev).enabled &= !what;
        ((*(*bev).be_ops).disable)(p, what)
    }
}

/// What is enabled.
///
/// # Safety
/// `bev` is live.
pub unsafe fn enabled(bev: *mut bufferevent) -> c_short {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        (*bev).enabled
    }
}

/// Lets go of a bufferevent: no callback starts any more, and it is freed by the loop when
/// nothing uses it. Outside of callbacks it waits for a running callback.
///
/// # Safety
/// `bev` is live, and the caller owns it.
pub unsafe fn free(bev: *mut bufferevent) {
    let p = private(bev);
    // SAFETY: live by contract; the caller's count is given back at the end.
    unsafe {
        setcb(bev, None, None, None, null_mut());
        let _held = Held::adopt(p);
        (*p).state.insert(State::FREED);
        common::cancel_work(p);
        connect::forget(p);
        ((*(*bev).be_ops).unlink)(p);
    }
}

/// Takes a count.
///
/// # Safety
/// `bev` is live.
pub unsafe fn incref(bev: *mut bufferevent) {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        (*p).lock.acquire();
        (*p).count += 1;
        (*p).lock.release();
    }
}

/// Gives a count back; true when it was the last one.
///
/// # Safety
/// `bev` is live, and the caller owns a count.
pub unsafe fn decref(bev: *mut bufferevent) -> bool {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        (*p).lock.acquire();
        common::release(p)
    }
}

/// `bufferevent_lock`: keeps callbacks and other threads away, and the bufferevent alive.
///
/// # Safety
/// `bev` is live.
pub unsafe fn lock(bev: *mut bufferevent) {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        (*p).callback_lock.acquire();
        // Released by `unlock`.
        let _locked = core::mem::ManuallyDrop::new(Held::new(p));
    }
}

/// `bufferevent_unlock`.
///
/// # Safety
/// `bev` was locked by this thread.
pub unsafe fn unlock(bev: *mut bufferevent) {
    let p = private(bev);
    // SAFETY: the count of `lock` keeps `p` alive until here. The finalizer waits for the
    // callback lock, of which we keep a copy.
    unsafe {
        let serial = crate::thread::Lock::adopt((*p).callback_lock.as_ptr());
        common::release(p);
        serial.release();
    }
}

/// Sets both timeouts; `None` and zero mean none.
///
/// # Safety
/// `bev` is live.
pub unsafe fn set_timeouts(
    bev: *mut bufferevent,
    read: Option<timeval>,
    write: Option<timeval>,
) -> Result<()> {
    const NONE: timeval = timeval { tv_sec: 0, tv_usec: 0 };
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _quiet = callbacks::quiesce(p);
        let _held = Held::new(p);
        (*bev).timeout_read = read.unwrap_or(NONE);
        (*bev).timeout_write = write.unwrap_or(NONE);
        ((*(*bev).be_ops).adjust_timeouts)(p)
    }
}

/// Sets the watermarks of reading, of writing or of both.
///
/// # Safety
/// `bev` is live.
pub unsafe fn setwatermark(bev: *mut bufferevent, what: c_short, low: usize, high: usize) {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _quiet = callbacks::quiesce(p);
        let _held = Held::new(p);
        if what & EV_WRITE != 0 {
            (*bev).wm_write = event_watermark { low, high };
        }
        if what & EV_READ != 0 {
            (*bev).wm_read = event_watermark { low, high };
            if high == 0 {
                resume_read(p, Suspend::WATERMARK);
                return;
            }
            watch_input(p);
            if buffer::len((*bev).input) >= high {
                suspend_read(p, Suspend::WATERMARK);
            } else {
                resume_read(p, Suspend::WATERMARK);
            }
        }
    }
}

/// The watermarks of reading or of writing.
///
/// # Safety
/// `bev` is live.
pub unsafe fn watermark(bev: *mut bufferevent, what: c_short) -> Result<event_watermark> {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        match what {
            EV_READ => Ok((*bev).wm_read),
            EV_WRITE => Ok((*bev).wm_write),
            _ => Err(Error::Invalid),
        }
    }
}

/// `bufferevent_flush`: -1, 0 (nothing moved), 1.
///
/// # Safety
/// `bev` is live.
pub unsafe fn flush(bev: *mut bufferevent, what: c_short, mode: c_int) -> c_int {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _quiet = callbacks::quiesce(p);
        let _held = Held::new(p);
        ((*(*bev).be_ops).flush)(p, what, mode)
    }
}

/// Writes output at once, as far as the descriptor takes it, instead of at the end of the turn.
///
/// # Safety
/// `bev` is live.
pub unsafe fn flush_now(bev: *mut bufferevent) {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        if socket::is_socket(p) || tls::is_tls(p) {
            (*p).state.remove(State::WANT_FLUSH);
            ((*(*bev).be_ops).end_of_turn)(p);
        }
    }
}

/// Runs the data callbacks, as watermarks and options say.
///
/// # Safety
/// `bev` is live.
pub unsafe fn trigger(bev: *mut bufferevent, what: c_short, options: c_int) {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _quiet = callbacks::quiesce(p);
        let _held = Held::new(p);
        callbacks::trigger(p, what, options & BEV_TRIG_ALL);
    }
}

/// Runs the event callback.
///
/// # Safety
/// `bev` is live.
pub unsafe fn trigger_event(bev: *mut bufferevent, what: c_short, options: c_int) {
    let errno = crate::sys::Errno::last().0;
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _quiet = callbacks::quiesce(p);
        let _held = Held::new(p);
        callbacks::run_event(p, what, errno, options & BEV_TRIG_ALL);
    }
}

/// The descriptor; -1 if there is none.
///
/// # Safety
/// `bev` is live.
pub unsafe fn getfd(bev: *mut bufferevent) -> c_int {
    // SAFETY: live by contract.
    unsafe { fd_of(private(bev)).unwrap_or(-1) }
}

/// The descriptor (-1 included), or nothing if the kind has none.
///
/// # Safety
/// `p` is live.
pub unsafe fn fd_of(p: *mut Private) -> Option<c_int> {
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        ((*(*p).bev.be_ops).getfd)(p)
    }
}

/// Takes another descriptor; the old one stays open.
///
/// # Safety
/// `bev` is live.
pub unsafe fn setfd(bev: *mut bufferevent, fd: c_int) -> Result<()> {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        ((*(*bev).be_ops).setfd)(p, fd)
    }
}

/// Closes the descriptor and takes another one.
///
/// # Safety
/// `bev` is live.
pub unsafe fn replacefd(bev: *mut bufferevent, fd: c_int) -> Result<()> {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        let ops = (*bev).be_ops;
        let old = ((*ops).getfd)(p).ok_or(Error::Invalid)?;
        if old >= 0 {
            // Out of the loop first: the number may be given to another file at once.
            ((*ops).disable)(p, EV_READ | EV_WRITE)?;
            crate::util::socket::close(old)?;
        }
        ((*ops).setfd)(p, fd)
    }
}

/// The bufferevent below a filter, or null.
///
/// # Safety
/// `bev` is live.
pub unsafe fn underlying(bev: *mut bufferevent) -> *mut bufferevent {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        let below = ((*(*bev).be_ops).underlying)(p);
        if below.is_null() { null_mut() } else { addr_of_mut!((*below).bev) }
    }
}

/// The priority of a socket or TLS bufferevent; the base's middle one for the other kinds.
///
/// # Safety
/// `bev` is live.
pub unsafe fn priority(bev: *mut bufferevent) -> c_int {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        if socket::is_socket(p) || tls::is_tls(p) {
            c_int::from((*bev).ev_read.ev_evcallback.evcb_pri)
        } else {
            c_int::from(crate::event::middle_priority((*bev).ev_base))
        }
    }
}
