//! The constants and callback shapes of `event2/bufferevent.h`.
#![allow(non_camel_case_types, reason = "C names")]

use super::raw::bufferevent;
use crate::buffer::evbuffer;
use core::ffi::c_void;
use libc::{c_int, c_short, c_uint, ssize_t};

/// A rate limit's configuration; opaque to C.
pub use super::ev_token_bucket_cfg;

/// A set of bufferevents that share a rate limit; opaque to C.
pub use super::bufferevent_rate_limit_group;

/// The event concerns reading.
pub const BEV_EVENT_READING: c_short = 0x01;
/// The event concerns writing.
pub const BEV_EVENT_WRITING: c_short = 0x02;
/// The other side has closed.
pub const BEV_EVENT_EOF: c_short = 0x10;
/// An error that the bufferevent cannot recover from.
pub const BEV_EVENT_ERROR: c_short = 0x20;
/// A timeout of `bufferevent_set_timeouts` has passed.
pub const BEV_EVENT_TIMEOUT: c_short = 0x40;
/// A connection asked for by `bufferevent_socket_connect` stands.
pub const BEV_EVENT_CONNECTED: c_short = 0x80;

/// What a bufferevent does besides moving bytes; bits of an `int`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum bufferevent_options {
    /// Freeing the bufferevent closes the descriptor (or frees the underlying bufferevent).
    BEV_OPT_CLOSE_ON_FREE = 1,
    /// The bufferevent has a lock; needs `evthread_use_pthreads` before.
    BEV_OPT_THREADSAFE = 2,
    /// Callbacks run from the event loop, never from inside another call.
    BEV_OPT_DEFER_CALLBACKS = 4,
    /// Callbacks run without the bufferevent's lock; needs `BEV_OPT_DEFER_CALLBACKS`.
    BEV_OPT_UNLOCK_CALLBACKS = 8,
}

/// How much `bufferevent_flush` presses out.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum bufferevent_flush_mode {
    /// As much as makes sense.
    BEV_NORMAL = 0,
    /// Everything there is.
    BEV_FLUSH = 1,
    /// Everything, and there will be no more.
    BEV_FINISHED = 2,
}

/// An `enum bufferevent_flush_mode` as C hands it over: any value.
pub type bufferevent_flush_mode_raw = c_uint;

/// How `bufferevent_trigger` calls the callbacks; bits of an `int`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum bufferevent_trigger_options {
    /// Whatever the watermarks say.
    BEV_TRIG_IGNORE_WATERMARKS = 0x10000,
    /// From the event loop, even if the bufferevent does not defer its callbacks.
    BEV_TRIG_DEFER_CALLBACKS = 4,
}

/// What a filter has achieved.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum bufferevent_filter_result {
    /// Something was written.
    BEV_OK = 0,
    /// Nothing can be written before more input is there.
    BEV_NEED_MORE = 1,
    /// The data cannot be processed.
    BEV_ERROR = 2,
}

/// An `enum bufferevent_filter_result` as C hands it over: any value.
pub type bufferevent_filter_result_raw = c_uint;

/// Called when there is input to read, or when the output has been written.
pub type bufferevent_data_cb =
    Option<unsafe extern "C" fn(bev: *mut bufferevent, ctx: *mut c_void)>;

/// Called at the end of the stream, on an error, on a timeout and when a connection stands;
/// `what` is made of `BEV_EVENT_*`.
pub type bufferevent_event_cb =
    Option<unsafe extern "C" fn(bev: *mut bufferevent, what: c_short, ctx: *mut c_void)>;

/// Moves data from `src` to `dst` through a filter; no more than `dst_limit` bytes unless that
/// is negative.
pub type bufferevent_filter_cb = Option<
    unsafe extern "C" fn(
        src: *mut evbuffer,
        dst: *mut evbuffer,
        dst_limit: ssize_t,
        mode: bufferevent_flush_mode_raw,
        ctx: *mut c_void,
    ) -> bufferevent_filter_result_raw,
>;

const _: () = {
    assert!(
        bufferevent_trigger_options::BEV_TRIG_DEFER_CALLBACKS as c_int
            == bufferevent_options::BEV_OPT_DEFER_CALLBACKS as c_int
    );
};
