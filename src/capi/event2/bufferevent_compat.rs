//! `event2/bufferevent_compat.h`: names of bufferevents' functions before 2.0.

use crate::bufferevent::raw::bufferevent;
use crate::bufferevent::types::{bufferevent_data_cb, bufferevent_event_cb};
use crate::bufferevent::{self as bevs};
use crate::capi::convert::set_errno;
use crate::util::types::evutil_socket_t;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_int, timeval};

/// A bufferevent over `fd` on the current base, with its callbacks. The descriptor is not closed
/// when it is freed. NULL on failure.
///
/// Deprecated: use `bufferevent_socket_new` and `bufferevent_setcb`, which name the base.
///
/// # Safety
/// The callbacks may be called with `cbarg`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_new(
    fd: evutil_socket_t,
    readcb: bufferevent_data_cb,
    writecb: bufferevent_data_cb,
    errorcb: bufferevent_event_cb,
    cbarg: *mut c_void,
) -> *mut bufferevent {
    // SAFETY: NULL is the current base; the new bufferevent is live.
    unsafe {
        match bevs::socket_new(null_mut(), fd, 0) {
            Ok(bev) => {
                bevs::setcb(bev, readcb, writecb, errorcb, cbarg);
                bev
            }
            Err(e) => {
                set_errno(e);
                null_mut()
            }
        }
    }
}

/// Sets the timeouts in seconds; 0 for none.
///
/// Deprecated: use `bufferevent_set_timeouts`.
///
/// # Safety
/// `bufev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_settimeout(
    bufev: *mut bufferevent,
    timeout_read: c_int,
    timeout_write: c_int,
) {
    let seconds = |n: c_int| (n != 0).then(|| timeval { tv_sec: n.into(), tv_usec: 0 });
    if !bufev.is_null() {
        // SAFETY: live (caller).
        let _ = unsafe { bevs::set_timeouts(bufev, seconds(timeout_read), seconds(timeout_write)) };
    }
}
