//! `event2/bufferevent.h`: filters.

use crate::bufferevent::raw::bufferevent;
use crate::bufferevent::types::bufferevent_filter_cb;
use crate::bufferevent::{self as bevs};
use crate::capi::convert::set_errno;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::c_int;

/// Puts a filter on top of a bufferevent, whose callbacks it takes.
///
/// What is read below goes through `input_filter` to the filter's input, what is added to the
/// filter's output through `output_filter` to the output below; without a function bytes go through
/// as they are. `free_context`, if not NULL, is called with `ctx` when the filter is gone. With
/// `BEV_OPT_CLOSE_ON_FREE` freeing the filter frees `underlying` as well. The input of the new filter
/// is not read before `bufferevent_enable`.
///
/// Returns the filter, or NULL on failure; `free_context` is not called then.
///
/// # Safety
/// `underlying` is NULL or live; the functions may be called with `ctx` as long as the filter lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_filter_new(
    underlying: *mut bufferevent,
    input_filter: bufferevent_filter_cb,
    output_filter: bufferevent_filter_cb,
    options: c_int,
    free_context: Option<unsafe extern "C" fn(*mut c_void)>,
    ctx: *mut c_void,
) -> *mut bufferevent {
    if underlying.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    unsafe {
        bevs::filter::new(underlying, input_filter, output_filter, options, free_context, ctx)
    }
    .unwrap_or_else(|e| {
        set_errno(e);
        null_mut()
    })
}
