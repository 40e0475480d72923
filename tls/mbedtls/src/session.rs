//! What libevrs calls: the interface's functions over an `mbedtls_ssl_context`.
//!
//! Two habits of mbedTLS decide how this looks.
//!
//! It has one buffer for output. A record that did not go out as a whole stays in it, and goes on with
//! whatever is called next, a read that answers the peer's request among them; `mbedtls_ssl_write` takes
//! what it finds there for the record of an earlier call, and the bytes it is given for written. So we look
//! into the buffer before each write: a record of ours that somebody else has sent must not be written
//! again, and somebody else's must be sent first.
//!
//! And a handshake on a session that stands may be interrupted by the peer's data, which has to be
//! read before it goes on: `EVRS_TLS_DATA`.

use crate::evrs::keep;
use crate::ffi::{
    AGAIN, UNSENT_DATA, evrs_mbedtls_finished, evrs_mbedtls_pending, evrs_mbedtls_read,
    evrs_mbedtls_renegotiate, evrs_mbedtls_unfinished, evrs_mbedtls_unsent, evrs_mbedtls_verdict,
    evrs_tls_release, mbedtls_ssl_context, mbedtls_ssl_free, mbedtls_ssl_handshake,
    mbedtls_ssl_send_alert_message, mbedtls_ssl_session_reset, mbedtls_ssl_write,
};
use crate::interface::{
    EVRS_TLS_CUT, EVRS_TLS_DATA, EVRS_TLS_DONE, EVRS_TLS_FAILED, EVRS_TLS_OPEN, EVRS_TLS_VERSION,
    EVRS_TLS_WANT_READ, EVRS_TLS_WANT_WRITE, evrs_tls_ops, evrs_tls_session,
};
use crate::wire::{self, READ, WRITTEN};
use core::ffi::c_int;

/// Places in `evrs_tls_session.words`, after `wire`'s: how many of the program's bytes the record holds
/// that has not gone out yet, or had not when we last looked.
const UNFINISHED: usize = 2;
/// Whether the context has been used, and has to be reset before it begins anew.
const USED: usize = 3;
/// Whether a new handshake is asked for, and waits for room on the wire.
const ASKED: usize = 4;

/// The functions.
pub static OPS: evrs_tls_ops = evrs_tls_ops {
    version: EVRS_TLS_VERSION,
    start,
    handshake,
    read,
    write,
    pending,
    moved,
    renegotiate,
    wire_fd,
    leave,
    free,
};

unsafe fn context(s: *mut evrs_tls_session) -> *mut mbedtls_ssl_context {
    // SAFETY: libevrs calls with a live session; the handle is the one `capi` gave.
    unsafe { (*s).handle.cast() }
}

unsafe extern "C" fn start(s: *mut evrs_tls_session, state: c_int, _rewire: c_int) -> c_int {
    // SAFETY: a live session (libevrs).
    unsafe {
        let ssl = context(s);
        // A fresh one is not: the program may have given it a session to resume.
        if state != EVRS_TLS_OPEN && (*s).words[USED] != 0 && mbedtls_ssl_session_reset(ssl) != 0 {
            return -1;
        }
        if state != EVRS_TLS_OPEN {
            (*s).words[USED] = 0;
        }
        (*s).words[UNFINISHED] = 0;
        (*s).words[ASKED] = 0;
        wire::attach(ssl, s);
    }
    0
}

/// Why an operation did not work; keeps the error.
unsafe fn why(s: *mut evrs_tls_session, code: c_int) -> isize {
    // SAFETY: a live session.
    unsafe {
        let verdict = isize::try_from(evrs_mbedtls_verdict(code)).unwrap_or(EVRS_TLS_FAILED);
        let goes_on =
            matches!(verdict, EVRS_TLS_WANT_READ | EVRS_TLS_WANT_WRITE | EVRS_TLS_DATA | AGAIN);
        if !goes_on {
            keep(s, code.cast_unsigned());
        }
        verdict
    }
}

/// Sends what is in the output buffer: 0, or an error.
unsafe fn flush(ssl: *mut mbedtls_ssl_context) -> c_int {
    // SAFETY: live. mbedTLS has no function for this alone, but this one begins with it, and makes an
    // alert (a warning, user_canceled) only when there was nothing to send.
    unsafe {
        if evrs_mbedtls_unsent(ssl) == 0 { 0 } else { mbedtls_ssl_send_alert_message(ssl, 1, 90) }
    }
}

unsafe extern "C" fn handshake(s: *mut evrs_tls_session) -> isize {
    // SAFETY: a live session (libevrs).
    unsafe {
        let ssl = context(s);
        (*s).words[USED] = 1;
        loop {
            let mut result = 0;
            if (*s).words[ASKED] != 0 {
                result = flush(ssl);
                if result == 0 {
                    (*s).words[ASKED] = 0;
                    result = evrs_mbedtls_renegotiate(ssl);
                }
            }
            if result == 0 {
                result = mbedtls_ssl_handshake(ssl);
            }
            if result == 0 {
                // A server has asked, and that is all it can do: the client may decline.
                result = flush(ssl);
            }
            if result == 0 {
                return EVRS_TLS_DONE;
            }
            match why(s, result) {
                AGAIN => {}
                verdict => return verdict,
            }
        }
    }
}

unsafe extern "C" fn read(s: *mut evrs_tls_session, to: *mut u8, size: usize) -> isize {
    // SAFETY: a live session and room for `size` bytes (libevrs).
    unsafe {
        (*s).words[USED] = 1;
        loop {
            match evrs_mbedtls_read(context(s), to, size) {
                0 => return EVRS_TLS_CUT,
                n if n > 0 => return isize::try_from(n).unwrap_or(EVRS_TLS_FAILED),
                code => match why(s, code) {
                    AGAIN => {}
                    verdict => return verdict,
                },
            }
        }
    }
}

unsafe extern "C" fn write(s: *mut evrs_tls_session, from: *const u8, size: usize) -> isize {
    // SAFETY: a live session and `size` bytes (libevrs).
    unsafe {
        let ssl = context(s);
        (*s).words[USED] = 1;
        if (*s).words[UNFINISHED] == 0 {
            match flush(ssl) {
                0 => {}
                code => return why(s, code),
            }
        } else if evrs_mbedtls_unsent(ssl) != UNSENT_DATA {
            return gone_out(s);
        }
        loop {
            let result = mbedtls_ssl_write(ssl, from, size);
            if result >= 0 {
                (*s).words[UNFINISHED] = 0;
                return isize::try_from(result).unwrap_or(EVRS_TLS_FAILED);
            }
            let verdict = match why(s, result) {
                AGAIN => continue,
                verdict => verdict,
            };
            if !matches!(verdict, EVRS_TLS_WANT_READ | EVRS_TLS_WANT_WRITE | EVRS_TLS_DATA) {
                return verdict;
            }
            if evrs_mbedtls_unsent(ssl) == UNSENT_DATA {
                (*s).words[UNFINISHED] = evrs_mbedtls_unfinished(ssl, size);
            } else if (*s).words[UNFINISHED] != 0 {
                // A handshake was in the way, and has sent our record first.
                return gone_out(s);
            }
            return verdict;
        }
    }
}

/// The record that was not finished is now.
unsafe fn gone_out(s: *mut evrs_tls_session) -> isize {
    // SAFETY: a live session.
    let unfinished = unsafe {
        evrs_mbedtls_finished(context(s));
        core::mem::take(&mut (*s).words[UNFINISHED])
    };
    isize::try_from(unfinished).unwrap_or(EVRS_TLS_FAILED)
}

unsafe extern "C" fn pending(s: *mut evrs_tls_session) -> usize {
    // SAFETY: a live session (libevrs).
    unsafe { evrs_mbedtls_pending(context(s)) }
}

unsafe extern "C" fn moved(s: *mut evrs_tls_session, read: *mut u64, written: *mut u64) {
    // SAFETY: a live session, two numbers (libevrs).
    unsafe {
        *read = u64::try_from((*s).words[READ]).unwrap_or(0);
        *written = u64::try_from((*s).words[WRITTEN]).unwrap_or(0);
    }
}

unsafe extern "C" fn renegotiate(s: *mut evrs_tls_session) -> c_int {
    // SAFETY: a live session (libevrs).
    unsafe {
        let ssl = context(s);
        // A server's takes what is in the buffer for its own request.
        let result = match flush(ssl) {
            0 => evrs_mbedtls_renegotiate(ssl),
            code => {
                (*s).words[ASKED] = 1;
                code
            }
        };
        if result == 0 || why(s, result) != EVRS_TLS_FAILED {
            return 0;
        }
        (*s).words[ASKED] = 0;
    }
    -1
}

unsafe extern "C" fn wire_fd(s: *mut evrs_tls_session) -> c_int {
    // SAFETY: a live session (libevrs).
    unsafe { (*s).fd }
}

unsafe extern "C" fn leave(s: *mut evrs_tls_session) {
    // SAFETY: a live session (libevrs), and the context of the program.
    unsafe { wire::detach(context(s), s) }
}

unsafe extern "C" fn free(s: *mut evrs_tls_session) {
    // SAFETY: a live session, for the last time (libevrs).
    unsafe { release(context(s)) }
}

/// Frees a context that `bufferevent_mbedtls_dyncontext_new` has made.
///
/// # Safety
/// As said, and it is not in use.
pub unsafe fn release(ssl: *mut mbedtls_ssl_context) {
    // SAFETY: by contract.
    unsafe {
        mbedtls_ssl_free(ssl);
        evrs_tls_release(ssl.cast());
    }
}
