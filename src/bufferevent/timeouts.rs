//! Read and write timeouts of bufferevents without a descriptor: their `ev_read` and `ev_write`
//! are plain timers.

use super::callbacks::run_event;
use super::common::{Held, Private, is_set};
use super::flags::{BEV_EVENT_READING, BEV_EVENT_TIMEOUT, BEV_EVENT_WRITING};
use crate::buffer;
use crate::error::Result;
use crate::event;
use crate::event::flags::{EV_FINALIZE, EV_READ, EV_TIMEOUT, EV_WRITE};
use core::ffi::c_void;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_int, c_short};

/// Makes the two timers ready.
///
/// # Safety
/// `p` is initialised, the timers are not pending.
pub unsafe fn assign(p: *mut Private) -> Result<()> {
    // SAFETY: by contract; `p` outlives its events.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let base = (*bev).ev_base;
        event::assign(
            addr_of_mut!((*bev).ev_read),
            base,
            -1,
            EV_FINALIZE,
            Some(on_read_timeout),
            p.cast(),
        )?;
        event::assign(
            addr_of_mut!((*bev).ev_write),
            base,
            -1,
            EV_FINALIZE,
            Some(on_write_timeout),
            p.cast(),
        )
    }
}

/// Restarts the timeout of a direction in which something has happened. The write timeout runs
/// only while there is output.
///
/// # Safety
/// `p` is live and locked; the same below.
#[inline(always)]
pub unsafe fn restart(p: *mut Private, direction: c_short) {
    // SAFETY: by contract.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let tv = if direction == EV_READ { (*bev).timeout_read } else { (*bev).timeout_write };
        if is_set(&tv) {
            restart_set(p, direction);
        }
    }
}

#[inline(never)]
unsafe fn restart_set(p: *mut Private, direction: c_short) {
    // SAFETY: by contract.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        if direction == EV_READ {
            let tv = (*bev).timeout_read;
            let _ = event::add(addr_of_mut!((*bev).ev_read), Some(&tv));
        } else {
            if buffer::len((*bev).output) == 0 {
                let _ = event::del(addr_of_mut!((*bev).ev_write));
            } else {
                let tv = (*bev).timeout_write;
                let _ = event::add(addr_of_mut!((*bev).ev_write), Some(&tv));
            }
        }
    }
}

/// Starts the timeout of a direction unless it runs already.
///
/// # Safety
/// As [`restart`].
#[inline]
pub unsafe fn start_if_idle(p: *mut Private, direction: c_short) {
    // SAFETY: by contract.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        if direction == EV_WRITE
            && (*bev).enabled & EV_WRITE != 0
            && is_set(&(*bev).timeout_write)
            && event::pending(addr_of_mut!((*bev).ev_write), EV_TIMEOUT, null_mut()) == 0
        {
            restart(p, EV_WRITE);
        }
    }
}

/// Stops timeouts.
///
/// # Safety
/// As [`restart`].
pub unsafe fn stop(p: *mut Private, what: c_short) {
    // SAFETY: by contract.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        if what & EV_READ != 0 && is_set(&(*bev).timeout_read) {
            let _ = event::del(addr_of_mut!((*bev).ev_read));
        }
        if what & EV_WRITE != 0 && is_set(&(*bev).timeout_write) {
            let _ = event::del(addr_of_mut!((*bev).ev_write));
        }
    }
}

/// The timeouts have been changed.
///
/// # Safety
/// As [`restart`].
pub unsafe fn adjust(p: *mut Private) -> Result<()> {
    // SAFETY: by contract.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let read = addr_of_mut!((*bev).ev_read);
        if (*bev).enabled & EV_READ != 0
            && (*p).read_suspended.is_empty()
            && is_set(&(*bev).timeout_read)
        {
            let tv = (*bev).timeout_read;
            event::add(read, Some(&tv))?;
        } else {
            event::remove_timer(read)?;
        }
        let write = addr_of_mut!((*bev).ev_write);
        if (*bev).enabled & EV_WRITE != 0
            && (*p).write_suspended.is_empty()
            && is_set(&(*bev).timeout_write)
            && buffer::len((*bev).output) != 0
        {
            let tv = (*bev).timeout_write;
            event::add(write, Some(&tv))?;
        } else {
            event::remove_timer(write)?;
        }
    }
    Ok(())
}

unsafe extern "C" fn on_read_timeout(_: c_int, _: c_short, arg: *mut c_void) {
    // SAFETY: the event belongs to `p` and is finalized before `p` is freed.
    unsafe { expire(arg.cast(), EV_READ, BEV_EVENT_READING) }
}

unsafe extern "C" fn on_write_timeout(_: c_int, _: c_short, arg: *mut c_void) {
    // SAFETY: as above.
    unsafe { expire(arg.cast(), EV_WRITE, BEV_EVENT_WRITING) }
}

unsafe fn expire(p: *mut Private, direction: c_short, what: c_short) {
    // SAFETY: `p` is live.
    unsafe {
        let _held = Held::new(p);
        (*p).bev.enabled &= !direction;
        let _ = ((*(*p).bev.be_ops).disable)(p, direction);
        run_event(p, BEV_EVENT_TIMEOUT | what, 0, 0);
    }
}
