//! What the TLS packages (`tls/`) call: private to evrs, and in no header. The other half is
//! [`interface`](crate::bufferevent::tls::interface), whose version says whether the two fit.

use super::convert::set_errno;
use crate::bufferevent::raw::bufferevent;
use crate::bufferevent::tls;
use crate::bufferevent::tls::interface::{EVRS_TLS_VERSION, evrs_tls_ops, evrs_tls_session};
use crate::error::Error;
use crate::event::raw::event_base;
use crate::mem;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_int, c_ulong};

/// A bufferevent for a session of a TLS library, over `fd` or on top of `below`. NULL on failure;
/// `handle` is the caller's still then, else it belongs to the bufferevent.
///
/// # Safety
/// The pointers are NULL or live; `handle` is what `ops` work on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrs_tls_new(
    base: *mut event_base,
    below: *mut bufferevent,
    fd: c_int,
    ops: *const evrs_tls_ops,
    handle: *mut c_void,
    state: c_int,
    options: c_int,
) -> *mut bufferevent {
    // SAFETY: NULL or live (caller).
    unsafe {
        if base.is_null() || handle.is_null() || ops.is_null() || (*ops).version != EVRS_TLS_VERSION
        {
            set_errno(Error::Invalid);
            return null_mut();
        }
        tls::new(base, below, fd, ops, handle, state, options).unwrap_or_else(|e| {
            set_errno(e);
            null_mut()
        })
    }
}

/// The session of a bufferevent that was made with these `ops`; NULL for any other.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrs_tls_session(
    bev: *mut bufferevent,
    ops: *const evrs_tls_ops,
) -> *mut evrs_tls_session {
    if bev.is_null() || ops.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    unsafe { tls::session(bev, ops) }
}

/// Takes the newest error out of a session of these `ops`; 0 when there is none.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrs_tls_take_error(
    bev: *mut bufferevent,
    ops: *const evrs_tls_ops,
) -> c_ulong {
    if bev.is_null() {
        return 0;
    }
    // SAFETY: live (caller).
    c_ulong::from(unsafe { tls::take_error(bev, ops) })
}

/// Zeroed memory for an object of a package, from where all of the library's comes; NULL without.
#[unsafe(no_mangle)]
pub extern "C" fn evrs_tls_allocate(size: usize) -> *mut c_void {
    mem::zeroed(1, size).map_or(null_mut(), |block| block.as_ptr().cast())
}

/// Gives it back.
///
/// # Safety
/// `block` is NULL or of `evrs_tls_allocate`, and not in use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrs_tls_release(block: *mut c_void) {
    if !block.is_null() {
        // SAFETY: by contract.
        unsafe { mem::free(block.cast()) }
    }
}
