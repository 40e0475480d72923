//! Logging, fatal errors and memory: the part of `event2/event.h` that needs no base.

use crate::event::flags::{event_fatal_cb, event_log_cb};
use crate::log::{self, Severity};
use crate::mem;
use crate::sys::Errno;
use crate::util::types::va_list;
use core::ffi::c_void;
use libc::{c_char, c_int};

/// Sets who gets log messages; NULL restores the default, which is standard error.
///
/// The callback must not call back into the library: it may run in the middle of anything, with
/// locks held.
///
/// # Safety
/// `cb` is NULL or may be called at any time, from any thread that uses the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_set_log_callback(cb: event_log_cb) {
    log::set_callback(cb);
}

/// Sets who hears of a fatal error in the library; NULL restores the default.
///
/// The callback should end the process (it must not use the library any more). If it returns,
/// the process ends with the code as its exit status. Without a callback the process ends in the
/// same way, or by `abort` when the library has found itself or its user to be wrong.
///
/// # Safety
/// `cb` is NULL or may be called at any time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_set_fatal_callback(cb: event_fatal_cb) {
    log::set_fatal_callback(cb);
}

/// Says which debug messages are logged: `EVENT_DBG_NONE`, the default, or `EVENT_DBG_ALL`.
#[unsafe(no_mangle)]
pub extern "C" fn event_enable_debug_logging(which: u32) {
    log::set_debug_mask(which);
}

/// Replaces the functions that the library gets its memory from; NULL restores one of them to
/// the C library's.
///
/// To be called before anything else: a block is freed by the functions in force at that time,
/// not by those that made it. Blocks that the library hands out for the caller to free come from
/// these functions, too. The functions have to align blocks for any type.
///
/// # Safety
/// The functions keep the contracts of `malloc`, `realloc` and `free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_set_mem_functions(
    malloc_fn: Option<unsafe extern "C" fn(sz: usize) -> *mut c_void>,
    realloc_fn: Option<unsafe extern "C" fn(ptr: *mut c_void, sz: usize) -> *mut c_void>,
    free_fn: Option<unsafe extern "C" fn(ptr: *mut c_void)>,
) {
    mem::set_functions(malloc_fn, realloc_fn, free_fn);
}

/// What the C shims of `event_err`, `event_warn` and the like call; the numbers of `kind` are those
/// of `capi/variadic.c`.
///
/// cbindgen:ignore
///
/// # Safety
/// `format` is a string or NULL, `args` has the arguments it names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrs_log_v(
    kind: c_int,
    code: c_int,
    format: *const c_char,
    args: va_list,
) {
    let errno = Errno::last();
    let (severity, with_errno, is_fatal) = match kind {
        0 | 5 => (Severity::Err, true, true),
        1 => (Severity::Err, false, true),
        2 | 6 => (Severity::Warn, true, false),
        3 => (Severity::Warn, false, false),
        4 => (Severity::Msg, false, false),
        _ => (Severity::Debug, false, false),
    };
    if severity == Severity::Debug && !log::debug_enabled() {
        return;
    }
    let format = if format.is_null() { c"".as_ptr() } else { format };
    // SAFETY: a string with its arguments (caller), or an empty one that needs none.
    unsafe { log::message_printf(severity, with_errno.then_some(errno), format, args.0) };
    if is_fatal {
        log::fatal(code);
    }
}
