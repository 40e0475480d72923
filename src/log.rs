//! The log and fatal callbacks: how the library speaks, when it has to.
//!
//! Messages are formatted into a fixed buffer on the stack, so that logging never allocates.
//! Without a callback a message goes to stderr as `[warn] text`, as libevent documents.

use crate::sys::Errno;
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use libc::{c_char, c_int};

/// How serious a message is; the numbers are those of the C API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Severity {
    /// Only with `event_enable_debug_logging`.
    Debug = 0,
    /// Informative.
    Msg = 1,
    /// Something is wrong, the library goes on.
    Warn = 2,
    /// Fatal.
    Err = 3,
}

/// The user's log callback: severity and text without newline.
pub type LogFn = unsafe extern "C" fn(c_int, *const c_char);
/// The user's fatal callback: the exit code.
pub type FatalFn = unsafe extern "C" fn(c_int);

static LOG: AtomicUsize = AtomicUsize::new(0);
static FATAL: AtomicUsize = AtomicUsize::new(0);
static DEBUG_MASK: AtomicU32 = AtomicU32::new(0);

/// The exit code that means "abort" when no fatal callback is set.
pub const ERR_ABORT: c_int = 0xdead_dead_u32 as c_int;

/// Sets the log callback; `None` restores stderr.
pub fn set_callback(f: Option<LogFn>) {
    LOG.store(f.map_or(0, |f| f as usize), Relaxed);
}

/// Whether messages go to a function of the user's.
#[inline(always)]
pub fn has_callback() -> bool {
    LOG.load(Relaxed) != 0
}

/// Sets the fatal callback.
pub fn set_fatal_callback(f: Option<FatalFn>) {
    FATAL.store(f.map_or(0, |f| f as usize), Relaxed);
}

/// Sets which debug messages are produced.
pub fn set_debug_mask(mask: u32) {
    DEBUG_MASK.store(mask, Relaxed);
    set_detour(detour::MESSAGES, mask != 0);
}

/// What somebody wants to see that short cuts would leave out.
pub mod detour {
    /// Debug messages.
    pub const MESSAGES: u32 = 1;
    /// Debug mode.
    pub const DEBUG_MODE: u32 = 2;
    /// Structures of libev's emulation of libevent.
    pub const EMULATION: u32 = 4;
}

/// One word for all of them, so that one look is enough.
static DETOURS: AtomicU32 = AtomicU32::new(0);

/// Forbids short cuts for one of the reasons of [`detour`], or allows them again.
pub fn set_detour(reason: u32, wanted: bool) {
    if wanted {
        DETOURS.fetch_or(reason, Relaxed);
    } else {
        DETOURS.fetch_and(!reason, Relaxed);
    }
}

/// Whether short cuts may be taken.
#[inline(always)]
pub fn no_detours() -> bool {
    DETOURS.load(Relaxed) == 0
}

/// Whether debug messages are wanted at all; ask before building one.
#[inline]
pub fn debug_enabled() -> bool {
    DEBUG_MASK.load(Relaxed) != 0
}

/// One message's text; what does not fit is cut off.
struct Text {
    bytes: [u8; 1024],
    len: usize,
}

impl Text {
    fn new() -> Self {
        Self { bytes: [0; 1024], len: 0 }
    }
}

impl Text {
    fn push(&mut self, bytes: &[u8]) {
        // The last byte stays 0 for C.
        let room = (self.bytes.len() - 1).saturating_sub(self.len);
        let n = bytes.len().min(room);
        if let (Some(to), Some(from)) = (self.bytes.get_mut(self.len..self.len + n), bytes.get(..n))
        {
            to.copy_from_slice(from);
            self.len += n;
        }
    }

    /// Appends `: ` and the text of `errno`, in whatever encoding the locale has.
    #[cold]
    #[inline(never)]
    fn push_errno(&mut self, errno: Errno) {
        let mut buf: [c_char; 128] = [0; 128];
        // SAFETY: the buffer and its length are ours.
        if unsafe { libc::strerror_r(errno.0, buf.as_mut_ptr(), buf.len()) } == 0 {
            self.push(b": ");
            // SAFETY: on success the buffer holds a NUL-terminated string.
            self.push(unsafe { core::ffi::CStr::from_ptr(buf.as_ptr()) }.to_bytes());
        }
    }
}

impl Write for Text {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.push(s.as_bytes());
        Ok(())
    }
}

/// Logs one message.
#[cold]
#[inline(never)]
pub fn message(severity: Severity, args: fmt::Arguments<'_>) {
    let mut text = Text::new();
    let _ = text.write_fmt(args);
    emit(severity, &text);
}

/// Logs one message whose text C's `printf` rules make, with the text of `errno` behind it if one is
/// given.
///
/// # Safety
/// `format` is NUL-terminated and `args` is a `va_list` of the arguments it names.
pub unsafe fn message_printf(
    severity: Severity,
    errno: Option<Errno>,
    format: *const c_char,
    args: *mut core::ffi::c_void,
) {
    let mut text = Text::new();
    // SAFETY: the buffer and its length are ours; format and arguments are the caller's promise.
    let wanted = unsafe {
        crate::sys::printf::vsnprintf(
            text.bytes.as_mut_ptr().cast(),
            text.bytes.len(),
            format,
            args,
        )
    };
    text.len = usize::try_from(wanted).unwrap_or(0).min(text.bytes.len() - 1);
    if let Some(errno) = errno {
        text.push_errno(errno);
    }
    emit(severity, &text);
}

/// Logs one message that ends in `: ` and the text of `errno`.
#[cold]
#[inline(never)]
pub fn message_errno(severity: Severity, errno: Errno, args: fmt::Arguments<'_>) {
    let mut text = Text::new();
    let _ = text.write_fmt(args);
    text.push_errno(errno);
    emit(severity, &text);
}

/// Hands a finished message out. Whoever logs in the middle of a failing call finds `errno` as it was.
#[cold]
#[inline(never)]
fn emit(severity: Severity, text: &Text) {
    let errno = Errno::last();
    deliver(severity, text);
    errno.set();
}

fn deliver(severity: Severity, text: &Text) {
    let hook = LOG.load(Relaxed);
    if hook != 0 {
        // SAFETY: `set_callback` stored the address of a function of this type; the text is
        // NUL-terminated and outlives the call.
        unsafe {
            core::mem::transmute::<usize, LogFn>(hook)(
                severity as c_int,
                text.bytes.as_ptr().cast(),
            );
        }
        return;
    }
    let name = match severity {
        Severity::Debug => "debug",
        Severity::Msg => "msg",
        Severity::Warn => "warn",
        Severity::Err => "err",
    };
    let mut line = [0_u8; 1040];
    let mut len = 0;
    let body = text.bytes.get(..text.len).unwrap_or_default();
    for part in [b"[", name.as_bytes(), b"] ", body, b"\n"] {
        if let Some(to) = line.get_mut(len..len + part.len()) {
            to.copy_from_slice(part);
            len += part.len();
        }
    }
    // SAFETY: `len` bytes of `line` are initialised; a short write to stderr is nobody's error.
    unsafe {
        let _ = libc::write(2, line.as_ptr().cast(), len);
    }
}

/// Ends the process as libevent documents for fatal errors: the fatal callback first, then
/// `abort` for [`ERR_ABORT`] without a callback, else `exit(code)`.
pub fn fatal(code: c_int) -> ! {
    let hook = FATAL.load(Relaxed);
    if hook != 0 {
        // SAFETY: `set_fatal_callback` stored the address of a function of this type.
        unsafe { core::mem::transmute::<usize, FatalFn>(hook)(code) };
    } else if code == ERR_ABORT {
        // SAFETY: no precondition; documented behaviour for internal errors.
        unsafe { libc::abort() }
    }
    // SAFETY: no precondition; the reference exits with the code after the callback returns.
    unsafe { libc::exit(code) }
}

/// Logs a fatal error and ends the process as [`fatal`] says.
pub fn errx(code: c_int, args: fmt::Arguments<'_>) -> ! {
    message(Severity::Err, args);
    fatal(code)
}

/// Logs a warning.
#[macro_export]
macro_rules! warnx {
    ($($arg:tt)*) => {
        $crate::log::message($crate::log::Severity::Warn, format_args!($($arg)*))
    };
}

/// Logs a warning that ends in the text of an [`crate::sys::Errno`].
#[macro_export]
macro_rules! warn_errno {
    ($errno:expr, $($arg:tt)*) => {
        $crate::log::message_errno($crate::log::Severity::Warn, $errno, format_args!($($arg)*))
    };
}

/// Logs a message.
#[macro_export]
macro_rules! msgx {
    ($($arg:tt)*) => {
        $crate::log::message($crate::log::Severity::Msg, format_args!($($arg)*))
    };
}

/// Logs a debug message, if any are wanted.
#[macro_export]
macro_rules! debugx {
    ($($arg:tt)*) => {
        if $crate::log::debug_enabled() {
            $crate::log::message($crate::log::Severity::Debug, format_args!($($arg)*))
        }
    };
}
