//! Shaking hands, and the end of a session.

use super::interface::{
    EVRS_TLS_CLOSED, EVRS_TLS_CUT, EVRS_TLS_DATA, EVRS_TLS_DONE, EVRS_TLS_WANT_READ,
    EVRS_TLS_WANT_WRITE,
};
use super::{
    Status, Tls, account, allows_dirty_shutdown, below, hold_below, is_tls, start_reading,
    start_writing, status, stop_reading, stop_waiting, stop_writing, traffic,
};
use crate::bufferevent::callbacks::run_event;
use crate::bufferevent::common::{Held, Private, State, private, want_flush};
use crate::bufferevent::connect;
use crate::bufferevent::flags::{
    BEV_EVENT_CONNECTED, BEV_EVENT_EOF, BEV_EVENT_ERROR, BEV_EVENT_READING,
};
use crate::bufferevent::raw::bufferevent;
use crate::error::{Error, Result};
use crate::event::flags::{EV_READ, EV_WRITE};
use crate::sys::Errno;
use core::ptr::addr_of_mut;
use libc::{c_int, c_short};

/// Goes on with the handshake as far as the wire allows.
///
/// # Safety
/// `p` is live, counted and locked, and of this kind.
pub(super) unsafe fn advance(p: *mut Private) {
    let t: *mut Tls = p.cast();
    // SAFETY: by contract; state is read afresh after everything that may call the user.
    unsafe {
        if (*t).status.contains(Status::BUSY) {
            (*t).status.insert(Status::AGAIN);
        }
        if (*t).status.intersects(Status::BUSY | Status::DEAD | Status::NEEDS_DATA) {
            return;
        }
        let wire = (*t).wire;
        (*t).status.insert(Status::BUSY);
        let result = ((*(*t).ops).handshake)(addr_of_mut!((*t).session));
        let errno = Errno::last().0;
        account(p);
        let again = (*t).status.contains(Status::AGAIN);
        (*t).status.remove(Status::BUSY | Status::AGAIN);
        if (*p).state.contains(State::FREED) || (*t).wire != wire {
            return;
        }
        match result {
            EVRS_TLS_DONE => open(p),
            EVRS_TLS_WANT_READ => {
                stop_writing(p);
                let _ = start_reading(p);
            }
            EVRS_TLS_WANT_WRITE => {
                stop_reading(p);
                let _ = start_writing(p);
            }
            EVRS_TLS_DATA => {
                stop_writing(p);
                stop_reading(p);
                (*t).status.insert(Status::NEEDS_DATA);
                // From there, because the user is called.
                want_flush(p);
            }
            end => {
                close(p, BEV_EVENT_READING, end, errno, 0);
                return;
            }
        }
        if again && !(*p).state.contains(State::FREED) {
            want_flush(p);
        }
    }
}

/// Goes on with a handshake that data of the peer has come into: reads that first, as soon as the
/// user reads at all.
///
/// # Safety
/// As [`advance`].
pub(super) unsafe fn advance_past_data(p: *mut Private) {
    let t: *mut Tls = p.cast();
    // SAFETY: by contract; state is read afresh after the callbacks.
    unsafe {
        if !traffic::may_read(p) {
            return;
        }
        (*t).status.remove(Status::NEEDS_DATA);
        traffic::read_all(p);
        // Whatever it waited for, the handshake knows better.
        (*t).status.remove(Status::READ_NEEDS_WRITE);
        if !(*p).state.contains(State::FREED)
            && !status(p).intersects(Status::OPEN | Status::ENDED | Status::DEAD)
        {
            advance(p);
        }
    }
}

/// The session stands.
unsafe fn open(p: *mut Private) {
    let t: *mut Tls = p.cast();
    // SAFETY: as in `advance`.
    unsafe {
        (*t).status.insert(Status::OPEN);
        if below(p).is_null() {
            stop_waiting(p, EV_READ);
            stop_waiting(p, EV_WRITE);
        }
        let wire = (*t).wire;
        // The user hears of it before the first data, and decides what is enabled.
        run_event(p, BEV_EVENT_CONNECTED, 0, 0);
        if (*p).state.contains(State::FREED)
            || (*t).wire != wire
            || !(*t).status.contains(Status::OPEN)
            || (*t).status.contains(Status::DEAD)
        {
            return;
        }
        if (*p).bev.enabled & EV_READ != 0 && (*p).read_suspended.is_empty() {
            let _ = start_reading(p);
        } else if !below(p).is_null() {
            hold_below(p);
        }
        // The output, and what came with the end of the handshake.
        want_flush(p);
    }
}

/// The session is over, in one direction at least: tells why.
///
/// # Safety
/// `p` is live, counted and locked, and of this kind.
pub(super) unsafe fn close(
    p: *mut Private,
    when: c_short,
    result: isize,
    errno: c_int,
    options: c_int,
) {
    let t: *mut Tls = p.cast();
    // SAFETY: by contract.
    unsafe {
        (*t).status
            .remove(Status::READ_NEEDS_WRITE | Status::WRITE_NEEDS_READ | Status::NEEDS_DATA);
        (*t).status.insert(Status::ENDED);
        (*p).state.remove(State::CONNECTING | State::REFUSED);
        connect::forget(p);
        let event = match result {
            EVRS_TLS_CLOSED => BEV_EVENT_EOF,
            EVRS_TLS_CUT if allows_dirty_shutdown(p) => BEV_EVENT_EOF,
            _ => BEV_EVENT_ERROR,
        };
        if result != EVRS_TLS_CLOSED {
            // Nothing good comes of asking again, and a closed wire stays readable.
            (*t).status.insert(Status::DEAD);
        }
        stop_reading(p);
        stop_writing(p);
        run_event(p, when | event, errno, options);
    }
}

/// `bufferevent_ssl_renegotiate`: shakes hands again. True when that is over already.
///
/// # Safety
/// `bev` is live.
pub unsafe fn renegotiate(bev: *mut bufferevent) -> Result<bool> {
    let p = private(bev);
    let t: *mut Tls = p.cast();
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        if !is_tls(p)
            || status(p).intersects(Status::DEAD | Status::BUSY)
            || ((*(*t).ops).renegotiate)(addr_of_mut!((*t).session)) < 0
        {
            return Err(Error::Invalid);
        }
        (*t).status.remove(Status::OPEN);
        if below(p).is_null() {
            advance(p);
            return match status(p) {
                s if s.contains(Status::DEAD) => Err(Error::Invalid),
                s => Ok(s.contains(Status::OPEN)),
            };
        }
        want_flush(p);
    }
    Ok(false)
}
