//! What the resolver says: to its own log callback, or to that of the whole library.

use crate::log::{self, Severity};
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use libc::{c_char, c_int};

type LogFn = unsafe extern "C" fn(c_int, *const c_char);

static LOG: AtomicUsize = AtomicUsize::new(0);

/// Sets the resolver's log callback; `None` has the library's take over.
pub fn set_callback(f: Option<LogFn>) {
    LOG.store(f.map_or(0, |f| f as usize), Relaxed);
}

/// One message with a NUL behind it; what does not fit is cut off.
struct Text {
    bytes: [u8; 512],
    len: usize,
}

impl Write for Text {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        for &b in s.as_bytes() {
            // The last byte stays 0.
            if self.len.saturating_add(1) >= self.bytes.len() {
                break;
            }
            if let Some(to) = self.bytes.get_mut(self.len) {
                *to = b;
                self.len += 1;
            }
        }
        Ok(())
    }
}

/// Says something. The resolver's own callback hears no debug messages.
#[cold]
#[inline(never)]
pub(super) fn say(severity: Severity, args: fmt::Arguments<'_>) {
    let hook = LOG.load(Relaxed);
    if hook == 0 {
        if severity != Severity::Debug || log::debug_enabled() {
            log::message(severity, args);
        }
        return;
    }
    if severity == Severity::Debug {
        return;
    }
    let mut text = Text { bytes: [0; 512], len: 0 };
    let _ = text.write_fmt(args);
    // SAFETY: `set_callback` stored the address of a function of this type; the text is
    // NUL-terminated and outlives the call.
    unsafe {
        core::mem::transmute::<usize, LogFn>(hook)(
            c_int::from(severity == Severity::Warn),
            text.bytes.as_ptr().cast(),
        );
    }
}

/// A warning.
macro_rules! warning {
    ($($arg:tt)*) => {
        $crate::dns::log::say($crate::log::Severity::Warn, format_args!($($arg)*))
    };
}

/// A message.
macro_rules! message {
    ($($arg:tt)*) => {
        $crate::dns::log::say($crate::log::Severity::Msg, format_args!($($arg)*))
    };
}

pub(super) use {message, warning};
