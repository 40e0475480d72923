//! The functions of mbedTLS that are used here, all public ones, and those of `shape.c`.
#![allow(non_camel_case_types, reason = "C names")]

use crate::evrs::opaque;
use core::ffi::{c_int, c_void};

opaque! {
    /// mbedTLS's, a session.
    mbedtls_ssl_context
    /// mbedTLS's, what sessions have in common.
    mbedtls_ssl_config
}

pub type Send = unsafe extern "C" fn(*mut c_void, *const u8, usize) -> c_int;
pub type Receive = unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> c_int;
pub type ReceiveInTime = unsafe extern "C" fn(*mut c_void, *mut u8, usize, u32) -> c_int;

unsafe extern "C" {
    pub fn mbedtls_ssl_init(ssl: *mut mbedtls_ssl_context);
    pub fn mbedtls_ssl_setup(
        ssl: *mut mbedtls_ssl_context,
        conf: *const mbedtls_ssl_config,
    ) -> c_int;
    pub fn mbedtls_ssl_free(ssl: *mut mbedtls_ssl_context);
    pub fn mbedtls_ssl_session_reset(ssl: *mut mbedtls_ssl_context) -> c_int;
    pub fn mbedtls_ssl_set_bio(
        ssl: *mut mbedtls_ssl_context,
        bio: *mut c_void,
        send: Option<Send>,
        receive: Option<Receive>,
        receive_in_time: Option<ReceiveInTime>,
    );
    pub fn mbedtls_ssl_handshake(ssl: *mut mbedtls_ssl_context) -> c_int;
    pub fn mbedtls_ssl_write(ssl: *mut mbedtls_ssl_context, from: *const u8, n: usize) -> c_int;
    pub fn mbedtls_ssl_send_alert_message(
        ssl: *mut mbedtls_ssl_context,
        level: u8,
        message: u8,
    ) -> c_int;
}

/// What [`evrs_mbedtls_code`] is asked for.
pub const CODE_WANT_READ: c_int = 0;
pub const CODE_WANT_WRITE: c_int = 1;
pub const CODE_RECV_FAILED: c_int = 2;
pub const CODE_SEND_FAILED: c_int = 3;
pub const CODE_RESET: c_int = 4;

/// Of [`evrs_mbedtls_verdict`], beside the interface's: the same call again, at once.
pub const AGAIN: isize = -100;
/// Of [`evrs_mbedtls_unsent`]: the record holds data of the program.
pub const UNSENT_DATA: c_int = 2;

// shape.c
unsafe extern "C" {
    pub fn evrs_mbedtls_verdict(code: c_int) -> c_int;
    pub fn evrs_mbedtls_code(what: c_int) -> c_int;
    pub fn evrs_mbedtls_size() -> usize;
    pub fn evrs_mbedtls_unsent(ssl: *const mbedtls_ssl_context) -> c_int;
    pub fn evrs_mbedtls_unfinished(ssl: *const mbedtls_ssl_context, size: usize) -> usize;
    pub fn evrs_mbedtls_finished(ssl: *mut mbedtls_ssl_context);
    pub fn evrs_mbedtls_pending(ssl: *const mbedtls_ssl_context) -> usize;
    pub fn evrs_mbedtls_fd(ssl: *const mbedtls_ssl_context, left: Send) -> c_int;
    pub fn evrs_mbedtls_read(ssl: *mut mbedtls_ssl_context, to: *mut u8, n: usize) -> c_int;
    pub fn evrs_mbedtls_renegotiate(ssl: *mut mbedtls_ssl_context) -> c_int;
}

// libevrs, for packages that make their objects.
unsafe extern "C" {
    pub fn evrs_tls_allocate(size: usize) -> *mut c_void;
    pub fn evrs_tls_release(block: *mut c_void);
    pub fn bufferevent_ssl_renegotiate(bev: *mut crate::evrs::bufferevent) -> c_int;
}
