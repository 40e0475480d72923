//! `struct evhttp_request`, as old code reads it.
#![allow(non_camel_case_types, clippy::use_self, reason = "C names")]

use super::types::{evhttp_cmd_type_raw, evhttp_request_error_raw, evhttp_request_kind_raw};
use super::{evhttp_connection, evhttp_uri};
use crate::buffer::evbuffer;
use core::ffi::{c_char, c_void};
use core::mem::{align_of, offset_of, size_of};
use libc::{c_int, c_uint, c_ushort, size_t};

pub use super::keyvalq_raw::evkeyvalq;

/// The request's connection is its own, and ends with it.
pub const EVHTTP_REQ_OWN_CONNECTION: c_int = 0x0001;
/// A request to a proxy.
pub const EVHTTP_PROXY_REQUEST: c_int = 0x0002;
/// The user has taken the request over and frees it.
pub const EVHTTP_USER_OWNED: c_int = 0x0004;
/// The request is freed when its callback returns.
pub const EVHTTP_REQ_DEFER_FREE: c_int = 0x0008;
/// Somebody has freed the request while its callback ran.
pub const EVHTTP_REQ_NEEDS_FREE: c_int = 0x0010;

/// The word with the two bits `chunked` (1) and `userdone` (2).
pub type evhttp_request_bits = c_uint;

/// Links of a request in its connection's queue (private).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evhttp_request_links {
    /// Private.
    pub tqe_next: *mut evhttp_request,
    /// Private.
    pub tqe_prev: *mut *mut evhttp_request,
}

/// A request and its response. Programs read it at most; everything is changed through functions.
#[repr(C)]
pub struct evhttp_request {
    /// Private.
    pub next: evhttp_request_links,
    /// The connection. Read-only.
    pub evcon: *mut evhttp_connection,
    /// `EVHTTP_REQ_OWN_CONNECTION` and so on. Read-only.
    pub flags: c_int,
    /// The headers that came in. Read-only.
    pub input_headers: *mut evkeyvalq,
    /// The headers that go out. Read-only.
    pub output_headers: *mut evkeyvalq,
    /// The peer's address. Read-only.
    pub remote_host: *mut c_char,
    /// The peer's port. Read-only.
    pub remote_port: c_ushort,
    /// What `evhttp_request_get_host` has found (private).
    pub host_cache: *mut c_char,
    /// Which side this is. Read-only.
    pub kind: evhttp_request_kind_raw,
    /// The method. Read-only.
    pub r#type: evhttp_cmd_type_raw,
    /// How many bytes of headers have come. Read-only.
    pub headers_size: size_t,
    /// How many bytes of body have come. Read-only.
    pub body_size: size_t,
    /// The URI as it was sent. Read-only.
    pub uri: *mut c_char,
    /// The URI in parts. Read-only.
    pub uri_elems: *mut evhttp_uri,
    /// The HTTP version before the dot. Read-only.
    pub major: c_char,
    /// The HTTP version after the dot. Read-only.
    pub minor: c_char,
    /// The status of the response. Read-only.
    pub response_code: c_int,
    /// The reason of the response. Read-only.
    pub response_code_line: *mut c_char,
    /// The body that came in. Read-only.
    pub input_buffer: *mut evbuffer,
    /// How much of the body, or of a chunk, is still to come; negative when only the end of the
    /// connection ends it. Read-only.
    pub ntoread: i64,
    /// Two bits of one word: the body comes in chunks; the user has ended the response (private).
    ///
    /// cbindgen:bitfield=1
    pub userdone: evhttp_request_bits,
    /// The body that goes out. Read-only.
    pub output_buffer: *mut evbuffer,
    /// Called when the exchange is complete (private).
    pub cb: Option<unsafe extern "C" fn(req: *mut evhttp_request, arg: *mut c_void)>,
    /// What the callback gets (private).
    pub cb_arg: *mut c_void,
    /// Called with every chunk (private).
    pub chunk_cb: Option<unsafe extern "C" fn(req: *mut evhttp_request, arg: *mut c_void)>,
    /// Called when the headers are there (private).
    pub header_cb:
        Option<unsafe extern "C" fn(req: *mut evhttp_request, arg: *mut c_void) -> c_int>,
    /// Called on an error (private).
    pub error_cb: Option<unsafe extern "C" fn(error: evhttp_request_error_raw, arg: *mut c_void)>,
    /// Called when the response has been sent (private).
    pub on_complete_cb: Option<unsafe extern "C" fn(req: *mut evhttp_request, arg: *mut c_void)>,
    /// What that callback gets (private).
    pub on_complete_cb_arg: *mut c_void,
}

const _: () = {
    assert!(size_of::<evhttp_request>() == 216 && align_of::<evhttp_request>() == 8);
    assert!(offset_of!(evhttp_request, next) == 0);
    assert!(offset_of!(evhttp_request, evcon) == 16);
    assert!(offset_of!(evhttp_request, flags) == 24);
    assert!(offset_of!(evhttp_request, input_headers) == 32);
    assert!(offset_of!(evhttp_request, output_headers) == 40);
    assert!(offset_of!(evhttp_request, remote_host) == 48);
    assert!(offset_of!(evhttp_request, remote_port) == 56);
    assert!(offset_of!(evhttp_request, host_cache) == 64);
    assert!(offset_of!(evhttp_request, kind) == 72);
    assert!(offset_of!(evhttp_request, r#type) == 76);
    assert!(offset_of!(evhttp_request, headers_size) == 80);
    assert!(offset_of!(evhttp_request, body_size) == 88);
    assert!(offset_of!(evhttp_request, uri) == 96);
    assert!(offset_of!(evhttp_request, uri_elems) == 104);
    assert!(offset_of!(evhttp_request, major) == 112);
    assert!(offset_of!(evhttp_request, minor) == 113);
    assert!(offset_of!(evhttp_request, response_code) == 116);
    assert!(offset_of!(evhttp_request, response_code_line) == 120);
    assert!(offset_of!(evhttp_request, input_buffer) == 128);
    assert!(offset_of!(evhttp_request, ntoread) == 136);
    assert!(offset_of!(evhttp_request, userdone) == 144);
    assert!(offset_of!(evhttp_request, output_buffer) == 152);
    assert!(offset_of!(evhttp_request, cb) == 160);
    assert!(offset_of!(evhttp_request, cb_arg) == 168);
    assert!(offset_of!(evhttp_request, chunk_cb) == 176);
    assert!(offset_of!(evhttp_request, header_cb) == 184);
    assert!(offset_of!(evhttp_request, error_cb) == 192);
    assert!(offset_of!(evhttp_request, on_complete_cb) == 200);
    assert!(offset_of!(evhttp_request, on_complete_cb_arg) == 208);
};
