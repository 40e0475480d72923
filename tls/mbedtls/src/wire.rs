//! The functions under a context, which mbedTLS calls for its bytes.
//!
//! While a bufferevent uses the context they get its session, and count. A context that outlives its
//! bufferevent gets functions that need nothing of it: a program may still say goodbye on it.

use crate::evrs::bufferevent;
use crate::ffi::{
    CODE_RECV_FAILED, CODE_RESET, CODE_SEND_FAILED, CODE_WANT_READ, CODE_WANT_WRITE,
    evrs_mbedtls_code, evrs_mbedtls_fd, mbedtls_ssl_context, mbedtls_ssl_set_bio,
};
use crate::interface::evrs_tls_session;
use crate::io::{self, Io};
use core::ffi::{c_int, c_void};

/// Places in `evrs_tls_session.words`.
pub const READ: usize = 0;
pub const WRITTEN: usize = 1;

/// Puts the wire of a session under its context.
///
/// # Safety
/// Both are live.
pub unsafe fn attach(ssl: *mut mbedtls_ssl_context, s: *mut evrs_tls_session) {
    // SAFETY: by contract.
    unsafe { mbedtls_ssl_set_bio(ssl, s.cast(), Some(send), Some(receive), None) }
}

/// The same wire without the session.
///
/// # Safety
/// Both are live.
pub unsafe fn detach(ssl: *mut mbedtls_ssl_context, s: *mut evrs_tls_session) {
    // SAFETY: by contract. A descriptor's pointer is a number: its own plus one, null is none.
    unsafe {
        if !(*s).below.is_null() {
            mbedtls_ssl_set_bio(ssl, (*s).below, Some(send_below), Some(receive_below), None);
            return;
        }
        let number = usize::try_from(i64::from((*s).fd) + 1).unwrap_or(0);
        let bio = core::ptr::without_provenance_mut(number);
        mbedtls_ssl_set_bio(ssl, bio, Some(send_fd), Some(receive_fd), None);
    }
}

/// The descriptor that is under a context; -1 without, -2 for what we do not know.
///
/// # Safety
/// It is live.
pub unsafe fn fd_of(ssl: *const mbedtls_ssl_context) -> c_int {
    // SAFETY: by contract.
    unsafe { evrs_mbedtls_fd(ssl, send_fd) }
}

/// What a transfer comes to for mbedTLS.
fn outcome(io: Io, want: c_int, failed: c_int) -> c_int {
    let what = match io {
        Io::Bytes(n) => return c_int::try_from(n).unwrap_or(c_int::MAX),
        Io::Retry => want,
        // SAFETY: the address of this thread's errno.
        Io::Failed => match unsafe { *libc::__errno_location() } {
            libc::ECONNRESET | libc::EPIPE => CODE_RESET,
            _ => failed,
        },
    };
    // SAFETY: one of its constants.
    unsafe { evrs_mbedtls_code(what) }
}

fn sent(io: Io) -> c_int {
    outcome(io, CODE_WANT_WRITE, CODE_SEND_FAILED)
}

fn received(io: Io) -> c_int {
    outcome(io, CODE_WANT_READ, CODE_RECV_FAILED)
}

/// Counts what a session's wire has carried.
unsafe fn count(s: *mut evrs_tls_session, word: usize, result: c_int) -> c_int {
    // SAFETY: a live session, which nobody else uses during the call.
    let words = unsafe { &mut (*s).words };
    if let (Some(sum), Ok(n)) = (words.get_mut(word), usize::try_from(result)) {
        *sum = sum.wrapping_add(n);
    }
    result
}

unsafe extern "C" fn send(bio: *mut c_void, from: *const u8, n: usize) -> c_int {
    let s: *mut evrs_tls_session = bio.cast();
    // SAFETY: mbedTLS hands what `attach` gave it and `n` bytes; the bufferevent keeps the one below
    // alive.
    unsafe {
        let io = match (*s).below {
            below if below.is_null() => io::write_fd((*s).fd, from, n),
            below => io::write_below(below.cast(), from, n),
        };
        count(s, WRITTEN, sent(io))
    }
}

unsafe extern "C" fn receive(bio: *mut c_void, to: *mut u8, n: usize) -> c_int {
    let s: *mut evrs_tls_session = bio.cast();
    // SAFETY: as in `send`, with room for `n` bytes.
    unsafe {
        let io = match (*s).below {
            below if below.is_null() => io::read_fd((*s).fd, to, n),
            below => io::read_below(below.cast(), to, n),
        };
        count(s, READ, received(io))
    }
}

/// The descriptor that `detach` made a pointer of.
fn number(bio: *mut c_void) -> c_int {
    c_int::try_from(bio.addr()).unwrap_or(0) - 1
}

unsafe extern "C" fn send_fd(bio: *mut c_void, from: *const u8, n: usize) -> c_int {
    // SAFETY: mbedTLS hands `n` bytes.
    sent(unsafe { io::write_fd(number(bio), from, n) })
}

unsafe extern "C" fn receive_fd(bio: *mut c_void, to: *mut u8, n: usize) -> c_int {
    // SAFETY: mbedTLS hands room for `n` bytes.
    received(unsafe { io::read_fd(number(bio), to, n) })
}

unsafe extern "C" fn send_below(bio: *mut c_void, from: *const u8, n: usize) -> c_int {
    let below: *mut bufferevent = bio.cast();
    // SAFETY: mbedTLS hands `n` bytes; the program lets the one below live as long as it uses the
    // context.
    sent(unsafe { io::write_below(below, from, n) })
}

unsafe extern "C" fn receive_below(bio: *mut c_void, to: *mut u8, n: usize) -> c_int {
    let below: *mut bufferevent = bio.cast();
    // SAFETY: as in `send_below`, with room for `n` bytes.
    received(unsafe { io::read_below(below, to, n) })
}
