//! `event2/watch.h`: watchers of the loop.
#![allow(non_camel_case_types, reason = "C names")]

use core::ffi::c_void;

/// What a prepare watcher may ask about; opaque to C.
#[derive(Debug)]
pub struct evwatch_prepare_cb_info {
    _private: (),
}

/// What a check watcher may ask about; opaque to C.
#[derive(Debug)]
pub struct evwatch_check_cb_info {
    _private: (),
}

/// A watcher; opaque to C.
#[derive(Debug)]
pub struct evwatch {
    _private: (),
}

/// Called before the loop waits.
pub type evwatch_prepare_cb = Option<
    unsafe extern "C" fn(
        watcher: *mut evwatch,
        info: *const evwatch_prepare_cb_info,
        arg: *mut c_void,
    ),
>;

/// Called after the loop has waited, before callbacks run.
pub type evwatch_check_cb = Option<
    unsafe extern "C" fn(
        watcher: *mut evwatch,
        info: *const evwatch_check_cb_info,
        arg: *mut c_void,
    ),
>;
