//! The BIOs under a session: over a descriptor, and over another bufferevent.
//!
//! OpenSSL has one for sockets, but it writes with `write()`, and a peer that is gone would end the
//! process with `SIGPIPE`. Ours is the same otherwise: `SSL_get_fd` finds its descriptor.

use crate::evrs::{
    bufferevent, bufferevent_get_input, bufferevent_get_output, evbuffer_get_length,
};
use crate::ffi::{
    BIO, BIO_C_GET_FD, BIO_C_SET_FD, BIO_CTRL_DUP, BIO_CTRL_FLUSH, BIO_CTRL_GET_CLOSE,
    BIO_CTRL_PENDING, BIO_CTRL_SET_CLOSE, BIO_CTRL_WPENDING, BIO_FLAGS_READ, BIO_FLAGS_RWS,
    BIO_FLAGS_SHOULD_RETRY, BIO_FLAGS_WRITE, BIO_METHOD, BIO_TYPE_DESCRIPTOR, BIO_TYPE_SOURCE_SINK,
    BIO_clear_flags, BIO_ctrl, BIO_get_data, BIO_get_init, BIO_get_new_index, BIO_get_shutdown,
    BIO_meth_free, BIO_meth_new, BIO_meth_set_create, BIO_meth_set_ctrl, BIO_meth_set_destroy,
    BIO_meth_set_puts, BIO_meth_set_read, BIO_meth_set_write, BIO_new, BIO_set_data, BIO_set_flags,
    BIO_set_init, BIO_set_shutdown, BioCtrl, BioRead, BioWrite,
};
use crate::io::{self, Io};
use core::ffi::{CStr, c_char, c_int, c_long, c_void};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};

static SOCKET: AtomicPtr<BIO_METHOD> = AtomicPtr::new(null_mut());
static BELOW: AtomicPtr<BIO_METHOD> = AtomicPtr::new(null_mut());

/// A BIO for a descriptor, which stays open when the BIO goes; null without memory.
pub fn over_fd(fd: c_int) -> *mut BIO {
    let m = method(&SOCKET, BIO_TYPE_DESCRIPTOR, c"evrs socket", read_fd, write_fd, ctrl_fd);
    // SAFETY: null or a method that is never freed; the BIO is ours.
    unsafe {
        let bio = if m.is_null() { null_mut() } else { BIO_new(m) };
        if !bio.is_null() {
            set_fd(bio, fd);
        }
        bio
    }
}

/// A BIO for a bufferevent, which has to outlive its use; null without memory.
pub fn over_bufferevent(below: *mut bufferevent) -> *mut BIO {
    let m = method(&BELOW, 0, c"evrs bufferevent", read_below, write_below, ctrl_below);
    // SAFETY: as in `over_fd`.
    unsafe {
        let bio = if m.is_null() { null_mut() } else { BIO_new(m) };
        if !bio.is_null() {
            BIO_set_data(bio, below.cast());
            BIO_set_init(bio, 1);
        }
        bio
    }
}

/// The descriptor under a BIO, which may be null or of any kind; -1 without.
pub fn fd_of(bio: *mut BIO) -> c_int {
    if bio.is_null() {
        return -1;
    }
    // SAFETY: a live BIO; kinds that do not know the command say 0 or less.
    let fd = unsafe {
        let mut fd: c_int = -1;
        // The answer is in `fd` and the return value, of a program's own BIO perhaps in the latter
        // alone; those that know nothing write nothing and return 0.
        match BIO_ctrl(bio, BIO_C_GET_FD, 0, (&raw mut fd).cast()) {
            r if r < 0 => -1,
            r if fd < 0 && r > 0 => c_int::try_from(r).unwrap_or(-1),
            _ => fd,
        }
    };
    fd.max(-1)
}

/// The method in `slot`, made at the first call. Methods live as long as the process: BIOs that
/// programs have kept may still use them.
fn method(
    slot: &AtomicPtr<BIO_METHOD>,
    kind: c_int,
    name: &CStr,
    read: BioRead,
    write: BioWrite,
    ctrl: BioCtrl,
) -> *mut BIO_METHOD {
    let made = slot.load(Ordering::Acquire);
    if !made.is_null() {
        return made;
    }
    // SAFETY: plain constructors; the method is ours until it is in the slot.
    unsafe {
        let index = BIO_get_new_index();
        if index == -1 {
            return null_mut();
        }
        let m = BIO_meth_new(index | BIO_TYPE_SOURCE_SINK | kind, name.as_ptr());
        if m.is_null() {
            return m;
        }
        BIO_meth_set_read(m, read);
        BIO_meth_set_write(m, write);
        BIO_meth_set_puts(m, puts);
        BIO_meth_set_ctrl(m, ctrl);
        BIO_meth_set_create(m, create);
        BIO_meth_set_destroy(m, destroy);
        match slot.compare_exchange(null_mut(), m, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => m,
            Err(other) => {
                BIO_meth_free(m);
                other
            }
        }
    }
}

unsafe extern "C" fn create(b: *mut BIO) -> c_int {
    // SAFETY: OpenSSL's fresh BIO.
    unsafe {
        BIO_set_init(b, 0);
        BIO_set_data(b, null_mut());
        BIO_set_shutdown(b, 0);
    }
    1
}

unsafe extern "C" fn destroy(b: *mut BIO) -> c_int {
    if b.is_null() {
        return 0;
    }
    // SAFETY: OpenSSL's BIO, for the last time. Whether a descriptor is closed with it the program
    // may have changed (BIO_set_close).
    unsafe {
        let fd = fd_of(b);
        if BIO_get_shutdown(b) != 0 && BIO_get_init(b) != 0 && fd >= 0 {
            libc::close(fd);
        }
        BIO_set_init(b, 0);
        BIO_set_data(b, null_mut());
    }
    1
}

unsafe extern "C" fn puts(b: *mut BIO, text: *const c_char) -> c_int {
    // SAFETY: OpenSSL hands a live BIO and a C string.
    unsafe {
        let len = c_int::try_from(libc::strlen(text)).unwrap_or(c_int::MAX);
        crate::ffi::BIO_write(b, text.cast(), len)
    }
}

/// What a transfer comes to for the caller of a BIO: a count, or -1, with a flag to try again.
unsafe fn outcome(b: *mut BIO, direction: c_int, io: Io) -> c_int {
    match io {
        Io::Bytes(n) => return c_int::try_from(n).unwrap_or(-1),
        // SAFETY: a live BIO.
        Io::Retry => unsafe { BIO_set_flags(b, direction | BIO_FLAGS_SHOULD_RETRY) },
        Io::Failed => {}
    }
    -1
}

unsafe fn clear_retry(b: *mut BIO) {
    // SAFETY: a live BIO.
    unsafe { BIO_clear_flags(b, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY) }
}

// --- over a descriptor: its number plus one is the BIO's data, so that null means none.

unsafe fn set_fd(b: *mut BIO, fd: c_int) {
    let number = usize::try_from(i64::from(fd) + 1).unwrap_or(0);
    // SAFETY: a live BIO; the pointer is a number.
    unsafe {
        BIO_set_data(b, core::ptr::without_provenance_mut(number));
        BIO_set_init(b, 1);
    }
}

unsafe fn fd(b: *mut BIO) -> c_int {
    // SAFETY: a live BIO of this kind.
    let number = unsafe { BIO_get_data(b) }.addr();
    c_int::try_from(number).unwrap_or(0) - 1
}

unsafe extern "C" fn read_fd(b: *mut BIO, to: *mut c_char, n: c_int) -> c_int {
    let Ok(size) = usize::try_from(n) else { return 0 };
    if to.is_null() || size == 0 {
        return 0;
    }
    // SAFETY: OpenSSL hands a live BIO of this kind and room for `n` bytes.
    unsafe {
        clear_retry(b);
        let got = outcome(b, BIO_FLAGS_READ, io::read_fd(fd(b), to.cast(), size));
        if got == 0 {
            BIO_set_flags(b, BIO_FLAGS_IN_EOF);
        }
        got
    }
}

unsafe extern "C" fn write_fd(b: *mut BIO, from: *const c_char, n: c_int) -> c_int {
    let Ok(size) = usize::try_from(n) else { return 0 };
    // SAFETY: OpenSSL hands a live BIO of this kind and `n` bytes.
    unsafe {
        clear_retry(b);
        outcome(b, BIO_FLAGS_WRITE, io::write_fd(fd(b), from.cast(), size))
    }
}

/// Set by a read that met the end, asked by `BIO_eof`.
const BIO_FLAGS_IN_EOF: c_int = 0x800;
const BIO_CTRL_EOF: c_int = 2;

unsafe extern "C" fn ctrl_fd(b: *mut BIO, cmd: c_int, num: c_long, ptr: *mut c_void) -> c_long {
    // SAFETY: OpenSSL hands a live BIO of this kind, and for these two commands a pointer to an int.
    unsafe {
        match cmd {
            BIO_C_SET_FD => {
                if let Some(new) = ptr.cast::<c_int>().as_ref() {
                    set_fd(b, *new);
                    BIO_set_shutdown(b, c_int::from(num != 0));
                    return 1;
                }
                0
            }
            BIO_C_GET_FD => {
                if BIO_get_init(b) == 0 {
                    return -1;
                }
                if let Some(out) = ptr.cast::<c_int>().as_mut() {
                    *out = fd(b);
                }
                c_long::from(fd(b))
            }
            BIO_CTRL_EOF => c_long::from(crate::ffi::BIO_test_flags(b, BIO_FLAGS_IN_EOF) != 0),
            _ => ctrl_common(b, cmd, num),
        }
    }
}

unsafe fn ctrl_common(b: *mut BIO, cmd: c_int, num: c_long) -> c_long {
    // SAFETY: a live BIO.
    unsafe {
        match cmd {
            BIO_CTRL_GET_CLOSE => c_long::from(BIO_get_shutdown(b)),
            BIO_CTRL_SET_CLOSE => {
                BIO_set_shutdown(b, c_int::from(num != 0));
                1
            }
            BIO_CTRL_DUP | BIO_CTRL_FLUSH => 1,
            _ => 0,
        }
    }
}

// --- over a bufferevent.

unsafe extern "C" fn read_below(b: *mut BIO, to: *mut c_char, n: c_int) -> c_int {
    let Ok(size) = usize::try_from(n) else { return 0 };
    // SAFETY: OpenSSL hands a live BIO of this kind and room for `n` bytes; the bufferevent above
    // keeps the one below alive.
    unsafe {
        clear_retry(b);
        let below: *mut bufferevent = BIO_get_data(b).cast();
        if to.is_null() || size == 0 || below.is_null() {
            return if below.is_null() { -1 } else { 0 };
        }
        outcome(b, BIO_FLAGS_READ, io::read_below(below, to.cast(), size))
    }
}

unsafe extern "C" fn write_below(b: *mut BIO, from: *const c_char, n: c_int) -> c_int {
    let Ok(size) = usize::try_from(n) else { return 0 };
    // SAFETY: as in `read_below`, with `n` bytes to read.
    unsafe {
        clear_retry(b);
        let below: *mut bufferevent = BIO_get_data(b).cast();
        if below.is_null() {
            return -1;
        }
        outcome(b, BIO_FLAGS_WRITE, io::write_below(below, from.cast(), size))
    }
}

unsafe extern "C" fn ctrl_below(b: *mut BIO, cmd: c_int, num: c_long, _: *mut c_void) -> c_long {
    // SAFETY: OpenSSL hands a live BIO of this kind; the one below is alive while it is used.
    unsafe {
        let below: *mut bufferevent = BIO_get_data(b).cast();
        let len = |n: usize| c_long::try_from(n).unwrap_or(c_long::MAX);
        match cmd {
            BIO_CTRL_PENDING if !below.is_null() => {
                len(evbuffer_get_length(bufferevent_get_input(below)))
            }
            BIO_CTRL_WPENDING if !below.is_null() => {
                len(evbuffer_get_length(bufferevent_get_output(below)))
            }
            _ => ctrl_common(b, cmd, num),
        }
    }
}
