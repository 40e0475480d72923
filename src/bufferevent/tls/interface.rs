//! What the core and a TLS package (`tls/openssl`, `tls/mbedtls`) have to say to each other.
//!
//! This file is compiled into both. The core has the bufferevent: buffers, callbacks, watermarks,
//! timeouts, rate limits, locks, and when to call whom. The package has the TLS library: it puts
//! the wire (a descriptor, or the bufferevent below) under a session, and moves bytes. It makes a
//! bufferevent with `evrs_tls_new` (`capi/tls.rs`), and is called through [`evrs_tls_ops`].
//!
//! All calls are made with the bufferevent's state lock held, and none while another one for the
//! same session is under way. A package leaves `errno` as its last failing system call set it.
#![allow(non_camel_case_types, reason = "C names")]

use core::ffi::{c_int, c_uint, c_void};

/// The version of this interface; another one is refused.
pub const EVRS_TLS_VERSION: c_uint = 2;

/// A handshake is over.
pub const EVRS_TLS_DONE: isize = 1;
/// Nothing more before the wire can be read.
pub const EVRS_TLS_WANT_READ: isize = -1;
/// Nothing more before the wire can be written to.
pub const EVRS_TLS_WANT_WRITE: isize = -2;
/// The peer has said that it is done.
pub const EVRS_TLS_CLOSED: isize = -3;
/// The wire has ended although the peer has not said so.
pub const EVRS_TLS_CUT: isize = -4;
/// Any other failure: the session is dead.
pub const EVRS_TLS_FAILED: isize = -5;
/// Nothing more before the peer's data, which has come first, is read: in a handshake on a session that
/// stood before, and in writes while there is one.
pub const EVRS_TLS_DATA: isize = -6;

/// The session stands: `BUFFEREVENT_SSL_OPEN`.
pub const EVRS_TLS_OPEN: c_int = 0;
/// A client that has to shake hands: `BUFFEREVENT_SSL_CONNECTING`.
pub const EVRS_TLS_CONNECTING: c_int = 1;
/// A server that has to shake hands: `BUFFEREVENT_SSL_ACCEPTING`.
pub const EVRS_TLS_ACCEPTING: c_int = 2;

/// One session, as both sides see it. It lives in the bufferevent.
#[repr(C)]
#[derive(Debug)]
pub struct evrs_tls_session {
    /// The TLS library's object. The package's.
    pub handle: *mut c_void,
    /// The `struct bufferevent` below, or null. The core's.
    pub below: *mut c_void,
    /// The descriptor when there is none below; -1 without. The core's.
    pub fd: c_int,
    /// How many of `errors` are there.
    pub error_count: c_uint,
    /// What went wrong, in the TLS library's numbers; the package appends, the program takes from
    /// the end. The first ones are kept.
    pub errors: [c_uint; 3],
    /// The package's, zero at first.
    pub words: [usize; 5],
}

/// What a TLS library can do.
#[repr(C)]
#[derive(Debug)]
pub struct evrs_tls_ops {
    /// [`EVRS_TLS_VERSION`].
    pub version: c_uint,
    /// Makes the session ready for `EVRS_TLS_OPEN`, `_CONNECTING` or `_ACCEPTING` (the last two begin
    /// a new handshake); with `rewire` the wire is another one than before. 0, or -1.
    pub start: unsafe extern "C" fn(s: *mut evrs_tls_session, state: c_int, rewire: c_int) -> c_int,
    /// Goes on with the handshake: `EVRS_TLS_DONE` or a negative `EVRS_TLS_*`.
    pub handshake: unsafe extern "C" fn(s: *mut evrs_tls_session) -> isize,
    /// Reads up to `size` bytes: how many, or a negative `EVRS_TLS_*`. Never 0.
    pub read: unsafe extern "C" fn(s: *mut evrs_tls_session, to: *mut u8, size: usize) -> isize,
    /// Writes up to `size` bytes: how many, or a negative `EVRS_TLS_*`. Never 0. After a "want" the
    /// core comes back with the same bytes, perhaps in another place, after reads perhaps.
    pub write:
        unsafe extern "C" fn(s: *mut evrs_tls_session, from: *const u8, size: usize) -> isize,
    /// How much can be read without asking the wire.
    pub pending: unsafe extern "C" fn(s: *mut evrs_tls_session) -> usize,
    /// How many bytes the wire has carried so far, in and out.
    pub moved: unsafe extern "C" fn(s: *mut evrs_tls_session, read: *mut u64, written: *mut u64),
    /// Asks for a new handshake on a session that stands. Negative if that cannot be.
    pub renegotiate: unsafe extern "C" fn(s: *mut evrs_tls_session) -> c_int,
    /// The descriptor that the session really uses, -1 without.
    pub wire_fd: unsafe extern "C" fn(s: *mut evrs_tls_session) -> c_int,
    /// The bufferevent goes, the TLS library's object stays the program's; the last call.
    pub leave: unsafe extern "C" fn(s: *mut evrs_tls_session),
    /// Frees the TLS library's object; the last call.
    pub free: unsafe extern "C" fn(s: *mut evrs_tls_session),
}

// The package and the core may come from two builds: the layout is part of the version.
const _: () = assert!(size_of::<evrs_tls_session>() == 80 && size_of::<evrs_tls_ops>() == 88);
