//! `event2/buffer_compat.h`: names of evbuffer's functions before 2.0.
#![allow(non_camel_case_types, reason = "C names")]

use crate::buffer::evbuffer;
use core::ffi::c_void;
use libc::size_t;

/// Called when the length of a buffer has changed.
pub type evbuffer_cb = Option<
    unsafe extern "C" fn(buffer: *mut evbuffer, old_len: size_t, new_len: size_t, arg: *mut c_void),
>;
