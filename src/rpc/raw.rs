//! The structures that generated RPC code and `event2/rpc.h`'s macros touch.
#![allow(non_camel_case_types, clippy::use_self, reason = "C names")]

use super::{evrpc_base, evrpc_hook_meta};
use crate::buffer::evbuffer;
use crate::http::raw::evhttp_request;
use core::ffi::{c_char, c_void};
use core::mem::{align_of, offset_of, size_of};
use libc::c_int;

/// The call went well.
pub const EVRPC_STATUS_ERR_NONE: c_int = 0;
/// No answer in time.
pub const EVRPC_STATUS_ERR_TIMEOUT: c_int = 1;
/// The answer could not be read.
pub const EVRPC_STATUS_ERR_BADPAYLOAD: c_int = 2;
/// The call was never made.
pub const EVRPC_STATUS_ERR_UNSTARTED: c_int = 3;
/// A hook has ended the call.
pub const EVRPC_STATUS_ERR_HOOKABORTED: c_int = 4;

/// What the callback of a call gets to know.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evrpc_status {
    /// `EVRPC_STATUS_ERR_*`.
    pub error: c_int,
    /// The HTTP exchange that carried the call.
    pub http_req: *mut evhttp_request,
}

/// A running call on the server's side: what `EVRPC_STRUCT` lays over it in generated code.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evrpc_req_generic {
    /// What hooks have noted down (private).
    pub hook_meta: *mut evrpc_hook_meta,
    /// The message that came in.
    pub request: *mut c_void,
    /// The message that goes out.
    pub reply: *mut c_void,
    /// The procedure.
    pub rpc: *mut evrpc,
    /// The HTTP exchange.
    pub http_req: *mut evhttp_request,
    /// The message that goes out, in bytes.
    pub rpc_data: *mut evbuffer,
}

/// Links of a procedure in its server's list (private).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evrpc_links {
    /// Private.
    pub tqe_next: *mut evrpc,
    /// Private.
    pub tqe_prev: *mut *mut evrpc,
}

/// A procedure that a server knows.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evrpc {
    /// Private.
    pub next: evrpc_links,
    /// Its name.
    pub uri: *const c_char,
    /// Makes an empty message for what comes in.
    pub request_new: Option<unsafe extern "C" fn(arg: *mut c_void) -> *mut c_void>,
    /// What `request_new` gets.
    pub request_new_arg: *mut c_void,
    /// Frees that message.
    pub request_free: Option<unsafe extern "C" fn(request: *mut c_void)>,
    /// Reads that message; 0 when it is complete.
    pub request_unmarshal:
        Option<unsafe extern "C" fn(request: *mut c_void, buffer: *mut evbuffer) -> c_int>,
    /// Makes an empty message for what goes out.
    pub reply_new: Option<unsafe extern "C" fn(arg: *mut c_void) -> *mut c_void>,
    /// What `reply_new` gets.
    pub reply_new_arg: *mut c_void,
    /// Frees that message.
    pub reply_free: Option<unsafe extern "C" fn(reply: *mut c_void)>,
    /// Whether that message is complete: 0 if so.
    pub reply_complete: Option<unsafe extern "C" fn(reply: *mut c_void) -> c_int>,
    /// Writes that message.
    pub reply_marshal: Option<unsafe extern "C" fn(buffer: *mut evbuffer, reply: *mut c_void)>,
    /// Called when a call has come in.
    pub cb: Option<unsafe extern "C" fn(req: *mut evrpc_req_generic, arg: *mut c_void)>,
    /// What the callback gets.
    pub cb_arg: *mut c_void,
    /// The server.
    pub base: *mut evrpc_base,
}

const _: () = {
    assert!(size_of::<evrpc_status>() == 16 && align_of::<evrpc_status>() == 8);
    assert!(offset_of!(evrpc_status, http_req) == 8);
    assert!(size_of::<evrpc_req_generic>() == 48);
    assert!(size_of::<evrpc>() == 120 && align_of::<evrpc>() == 8);
    assert!(offset_of!(evrpc, next) == 0);
    assert!(offset_of!(evrpc, uri) == 16);
    assert!(offset_of!(evrpc, request_new) == 24);
    assert!(offset_of!(evrpc, request_new_arg) == 32);
    assert!(offset_of!(evrpc, request_free) == 40);
    assert!(offset_of!(evrpc, request_unmarshal) == 48);
    assert!(offset_of!(evrpc, reply_new) == 56);
    assert!(offset_of!(evrpc, reply_new_arg) == 64);
    assert!(offset_of!(evrpc, reply_free) == 72);
    assert!(offset_of!(evrpc, reply_complete) == 80);
    assert!(offset_of!(evrpc, reply_marshal) == 88);
    assert!(offset_of!(evrpc, cb) == 96);
    assert!(offset_of!(evrpc, cb_arg) == 104);
    assert!(offset_of!(evrpc, base) == 112);
};
