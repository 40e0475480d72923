//! The constants and callback shapes of `event2/ws.h` (since 2.2).
#![allow(non_camel_case_types, reason = "C names")]

use super::evws_connection;
use core::ffi::c_void;
use libc::{c_int, c_uchar, size_t};

/// Closing without a reason.
pub const WS_CR_NONE: c_int = 0;
/// The end, as planned.
pub const WS_CR_NORMAL: c_int = 1000;
/// The other side has broken the protocol.
pub const WS_CR_PROTO_ERR: c_int = 1002;
/// A message is too long.
pub const WS_CR_DATA_TOO_BIG: c_int = 1009;

/// The message is text in UTF-8.
pub const WS_TEXT_FRAME: c_int = 0x1;
/// The message is bytes.
pub const WS_BINARY_FRAME: c_int = 0x2;

/// Called with every message, `WS_TEXT_FRAME` or `WS_BINARY_FRAME`.
///
/// The bytes are the library's, and gone when it returns. A NUL follows them, which `len` does not count.
pub type ws_on_msg_cb = Option<
    unsafe extern "C" fn(
        evws: *mut evws_connection,
        r#type: c_int,
        data: *const c_uchar,
        len: size_t,
        arg: *mut c_void,
    ),
>;

/// Called when the connection has closed.
pub type ws_on_close_cb =
    Option<unsafe extern "C" fn(evws: *mut evws_connection, arg: *mut c_void)>;
