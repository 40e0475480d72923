//! What libevrs calls: the interface's functions over an `SSL`.

use crate::evrs::keep;
use crate::ffi::{
    BIO_number_read, BIO_number_written, ERR_clear_error, ERR_get_error, ERR_peek_error,
    SSL_ERROR_SSL, SSL_ERROR_SYSCALL, SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE,
    SSL_ERROR_WANT_X509_LOOKUP, SSL_ERROR_ZERO_RETURN, SSL_R_UNEXPECTED_EOF_WHILE_READING,
    SSL_RECEIVED_SHUTDOWN, SSL_clear, SSL_do_handshake, SSL_free, SSL_get_error, SSL_get_rbio,
    SSL_get_shutdown, SSL_get_wbio, SSL_has_pending, SSL_is_init_finished, SSL_pending, SSL_read,
    SSL_renegotiate, SSL_set_accept_state, SSL_set_bio, SSL_set_connect_state, SSL_write, ssl_st,
};
use crate::interface::{
    EVRS_TLS_ACCEPTING, EVRS_TLS_CLOSED, EVRS_TLS_CONNECTING, EVRS_TLS_CUT, EVRS_TLS_DONE,
    EVRS_TLS_FAILED, EVRS_TLS_VERSION, EVRS_TLS_WANT_READ, EVRS_TLS_WANT_WRITE, evrs_tls_ops,
    evrs_tls_session,
};
use crate::wire;
use core::ffi::{c_int, c_uint};

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

unsafe fn ssl(s: *mut evrs_tls_session) -> *mut ssl_st {
    // SAFETY: libevrs calls with a live session; the handle is the one `capi` gave.
    unsafe { (*s).handle.cast() }
}

fn length(n: usize) -> c_int {
    c_int::try_from(n).unwrap_or(c_int::MAX)
}

unsafe extern "C" fn start(s: *mut evrs_tls_session, state: c_int, rewire: c_int) -> c_int {
    // SAFETY: a live session (libevrs); SSL_set_bio takes the BIO over.
    unsafe {
        let ssl = ssl(s);
        if rewire != 0 {
            let below = (*s).below;
            let bio = if below.is_null() {
                wire::over_fd((*s).fd)
            } else {
                wire::over_bufferevent(below.cast())
            };
            if bio.is_null() {
                return -1;
            }
            SSL_set_bio(ssl, bio, bio);
        }
        match state {
            EVRS_TLS_CONNECTING | EVRS_TLS_ACCEPTING => {
                if SSL_clear(ssl) == 0 {
                    return -1;
                }
                if state == EVRS_TLS_CONNECTING {
                    SSL_set_connect_state(ssl);
                } else {
                    SSL_set_accept_state(ssl);
                }
            }
            _ => {}
        }
    }
    0
}

unsafe extern "C" fn handshake(s: *mut evrs_tls_session) -> isize {
    // SAFETY: a live session (libevrs).
    unsafe {
        ERR_clear_error();
        match SSL_do_handshake(ssl(s)) {
            1 => EVRS_TLS_DONE,
            other => why(s, other),
        }
    }
}

unsafe extern "C" fn read(s: *mut evrs_tls_session, to: *mut u8, size: usize) -> isize {
    // SAFETY: a live session and room for `size` bytes (libevrs).
    unsafe {
        ERR_clear_error();
        match SSL_read(ssl(s), to.cast(), length(size)) {
            n if n > 0 => isize::try_from(n).unwrap_or(EVRS_TLS_FAILED),
            other => why(s, other),
        }
    }
}

unsafe extern "C" fn write(s: *mut evrs_tls_session, from: *const u8, size: usize) -> isize {
    // SAFETY: a live session and `size` bytes (libevrs).
    unsafe {
        ERR_clear_error();
        match SSL_write(ssl(s), from.cast(), length(size)) {
            n if n > 0 => isize::try_from(n).unwrap_or(EVRS_TLS_FAILED),
            other => why(s, other),
        }
    }
}

/// Why an operation did not work; keeps the errors, and `errno`.
unsafe fn why(s: *mut evrs_tls_session, result: c_int) -> isize {
    // SAFETY: a live session; the address of this thread's errno.
    unsafe {
        let ssl = ssl(s);
        let errno = libc::__errno_location();
        let before = *errno;
        let code = SSL_get_error(ssl, result);
        let verdict = match code {
            SSL_ERROR_WANT_READ => return EVRS_TLS_WANT_READ,
            SSL_ERROR_WANT_WRITE => return EVRS_TLS_WANT_WRITE,
            SSL_ERROR_ZERO_RETURN => {
                if SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN != 0 {
                    EVRS_TLS_CLOSED
                } else {
                    EVRS_TLS_CUT
                }
            }
            SSL_ERROR_SYSCALL => {
                keep(s, code.unsigned_abs());
                if ERR_peek_error() == 0 { EVRS_TLS_CUT } else { EVRS_TLS_FAILED }
            }
            SSL_ERROR_SSL => {
                // OpenSSL 3 has a reason of its own for what was SSL_ERROR_SYSCALL before.
                let reason = ERR_peek_error() & 0x7f_ffff;
                keep(s, code.unsigned_abs());
                if reason == SSL_R_UNEXPECTED_EOF_WHILE_READING
                    || (result == 0 && SSL_is_init_finished(ssl) == 0)
                {
                    EVRS_TLS_CUT
                } else {
                    EVRS_TLS_FAILED
                }
            }
            SSL_ERROR_WANT_X509_LOOKUP => {
                keep(s, code.unsigned_abs());
                EVRS_TLS_FAILED
            }
            // Asynchronous engines and the like: nobody would tell us when to go on.
            _ => EVRS_TLS_FAILED,
        };
        loop {
            match ERR_get_error() {
                0 => break,
                // OpenSSL uses no more than 32 bits.
                e => keep(s, c_uint::try_from(e).unwrap_or(c_uint::MAX)),
            }
        }
        *errno = before;
        verdict
    }
}

unsafe extern "C" fn pending(s: *mut evrs_tls_session) -> usize {
    // SAFETY: a live session (libevrs).
    unsafe {
        let ssl = ssl(s);
        match usize::try_from(SSL_pending(ssl)) {
            // With SSL_CTX_set_read_ahead whole records may wait undeciphered: worth a try.
            Ok(0) | Err(_) if SSL_has_pending(ssl) != 0 => 4096,
            Ok(n) => n,
            Err(_) => 0,
        }
    }
}

unsafe extern "C" fn moved(s: *mut evrs_tls_session, read: *mut u64, written: *mut u64) {
    // SAFETY: a live session, two numbers (libevrs); without a BIO both are 0.
    unsafe {
        *read = BIO_number_read(SSL_get_rbio(ssl(s)));
        *written = BIO_number_written(SSL_get_wbio(ssl(s)));
    }
}

unsafe extern "C" fn renegotiate(s: *mut evrs_tls_session) -> c_int {
    // SAFETY: a live session (libevrs).
    unsafe { SSL_renegotiate(ssl(s)) }
}

unsafe extern "C" fn wire_fd(s: *mut evrs_tls_session) -> c_int {
    // SAFETY: a live session (libevrs).
    wire::fd_of(unsafe { SSL_get_wbio(ssl(s)) })
}

/// The BIOs stay with the `SSL`, and need nothing of the bufferevent.
unsafe extern "C" fn leave(_: *mut evrs_tls_session) {}

unsafe extern "C" fn free(s: *mut evrs_tls_session) {
    // SAFETY: a live session, for the last time (libevrs).
    unsafe { SSL_free(ssl(s)) }
}
