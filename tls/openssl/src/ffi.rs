//! The functions of OpenSSL (1.1 and 3) that are used here.
#![allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "C names")]

use crate::evrs::opaque;
use core::ffi::{c_char, c_int, c_long, c_ulong, c_void};

opaque! {
    /// OpenSSL's `SSL`.
    ssl_st
    /// OpenSSL's `BIO`.
    BIO
    /// OpenSSL's `BIO_METHOD`.
    BIO_METHOD
}

pub const SSL_ERROR_SSL: c_int = 1;
pub const SSL_ERROR_WANT_READ: c_int = 2;
pub const SSL_ERROR_WANT_WRITE: c_int = 3;
pub const SSL_ERROR_WANT_X509_LOOKUP: c_int = 4;
pub const SSL_ERROR_SYSCALL: c_int = 5;
pub const SSL_ERROR_ZERO_RETURN: c_int = 6;
pub const SSL_RECEIVED_SHUTDOWN: c_int = 2;
pub const SSL_CTRL_MODE: c_int = 33;
pub const SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER: c_long = 2;
/// Of OpenSSL 3: what was a system error without `errno` before.
pub const SSL_R_UNEXPECTED_EOF_WHILE_READING: c_ulong = 294;

pub const BIO_NOCLOSE: c_long = 0;
pub const BIO_CTRL_GET_CLOSE: c_int = 8;
pub const BIO_CTRL_SET_CLOSE: c_int = 9;
pub const BIO_CTRL_PENDING: c_int = 10;
pub const BIO_CTRL_FLUSH: c_int = 11;
pub const BIO_CTRL_DUP: c_int = 12;
pub const BIO_CTRL_WPENDING: c_int = 13;
pub const BIO_C_SET_FD: c_int = 104;
pub const BIO_C_GET_FD: c_int = 105;
pub const BIO_FLAGS_READ: c_int = 1;
pub const BIO_FLAGS_WRITE: c_int = 2;
pub const BIO_FLAGS_RWS: c_int = 7;
pub const BIO_FLAGS_SHOULD_RETRY: c_int = 8;
pub const BIO_TYPE_DESCRIPTOR: c_int = 0x100;
pub const BIO_TYPE_SOURCE_SINK: c_int = 0x400;

pub type BioRead = unsafe extern "C" fn(*mut BIO, *mut c_char, c_int) -> c_int;
pub type BioWrite = unsafe extern "C" fn(*mut BIO, *const c_char, c_int) -> c_int;
pub type BioPuts = unsafe extern "C" fn(*mut BIO, *const c_char) -> c_int;
pub type BioCtrl = unsafe extern "C" fn(*mut BIO, c_int, c_long, *mut c_void) -> c_long;
pub type BioNew = unsafe extern "C" fn(*mut BIO) -> c_int;

unsafe extern "C" {
    pub fn SSL_do_handshake(ssl: *mut ssl_st) -> c_int;
    pub fn SSL_read(ssl: *mut ssl_st, buf: *mut c_void, num: c_int) -> c_int;
    pub fn SSL_write(ssl: *mut ssl_st, buf: *const c_void, num: c_int) -> c_int;
    pub fn SSL_pending(ssl: *const ssl_st) -> c_int;
    pub fn SSL_has_pending(ssl: *const ssl_st) -> c_int;
    pub fn SSL_get_error(ssl: *const ssl_st, ret: c_int) -> c_int;
    pub fn SSL_get_shutdown(ssl: *const ssl_st) -> c_int;
    pub fn SSL_is_init_finished(ssl: *const ssl_st) -> c_int;
    pub fn SSL_get_rbio(ssl: *const ssl_st) -> *mut BIO;
    pub fn SSL_get_wbio(ssl: *const ssl_st) -> *mut BIO;
    pub fn SSL_set_bio(ssl: *mut ssl_st, rbio: *mut BIO, wbio: *mut BIO);
    pub fn SSL_clear(ssl: *mut ssl_st) -> c_int;
    pub fn SSL_set_connect_state(ssl: *mut ssl_st);
    pub fn SSL_set_accept_state(ssl: *mut ssl_st);
    pub fn SSL_renegotiate(ssl: *mut ssl_st) -> c_int;
    pub fn SSL_ctrl(ssl: *mut ssl_st, cmd: c_int, larg: c_long, parg: *mut c_void) -> c_long;
    pub fn SSL_free(ssl: *mut ssl_st);

    pub fn ERR_clear_error();
    pub fn ERR_get_error() -> c_ulong;
    pub fn ERR_peek_error() -> c_ulong;

    pub fn BIO_get_new_index() -> c_int;
    pub fn BIO_meth_new(kind: c_int, name: *const c_char) -> *mut BIO_METHOD;
    pub fn BIO_meth_free(m: *mut BIO_METHOD);
    pub fn BIO_meth_set_read(m: *mut BIO_METHOD, f: BioRead) -> c_int;
    pub fn BIO_meth_set_write(m: *mut BIO_METHOD, f: BioWrite) -> c_int;
    pub fn BIO_meth_set_puts(m: *mut BIO_METHOD, f: BioPuts) -> c_int;
    pub fn BIO_meth_set_ctrl(m: *mut BIO_METHOD, f: BioCtrl) -> c_int;
    pub fn BIO_meth_set_create(m: *mut BIO_METHOD, f: BioNew) -> c_int;
    pub fn BIO_meth_set_destroy(m: *mut BIO_METHOD, f: BioNew) -> c_int;
    pub fn BIO_new(m: *const BIO_METHOD) -> *mut BIO;
    pub fn BIO_ctrl(b: *mut BIO, cmd: c_int, larg: c_long, parg: *mut c_void) -> c_long;
    pub fn BIO_set_data(b: *mut BIO, data: *mut c_void);
    pub fn BIO_get_data(b: *mut BIO) -> *mut c_void;
    pub fn BIO_set_init(b: *mut BIO, init: c_int);
    pub fn BIO_get_init(b: *mut BIO) -> c_int;
    pub fn BIO_set_shutdown(b: *mut BIO, shutdown: c_int);
    pub fn BIO_get_shutdown(b: *mut BIO) -> c_int;
    pub fn BIO_set_flags(b: *mut BIO, flags: c_int);
    pub fn BIO_clear_flags(b: *mut BIO, flags: c_int);
    pub fn BIO_test_flags(b: *const BIO, flags: c_int) -> c_int;
    pub fn BIO_write(b: *mut BIO, from: *const c_void, n: c_int) -> c_int;
    pub fn BIO_number_read(b: *mut BIO) -> u64;
    pub fn BIO_number_written(b: *mut BIO) -> u64;
}
