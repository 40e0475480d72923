//! The public names of the variadic functions.
//!
//! Stable Rust cannot define a variadic function. The bodies stand in `variadic.c`, hidden; here
//! each public name is a naked function that jumps there with every argument register and the
//! stack as the caller left them. So the symbol is Rust's, and exported like all others.
//!
//! | public name | body ends in |
//! |---|---|
//! | `evbuffer_add_printf` | `evbuffer_add_vprintf` |
//! | `evutil_snprintf` | `evutil_vsnprintf` |
//! | `event_err`, `event_warn`, … | `evrs_log_v` (hidden) |
//!
//! The prototypes of the first two reach the headers from the files of their headers, with their
//! documentation. The `event_*` ones are declared in no public header of the reference, but
//! generated RPC code calls them.

use core::arch::naked_asm;

unsafe extern "C" {
    fn evrs_shim_add_printf();
    fn evrs_shim_snprintf();
    fn evrs_shim_err();
    fn evrs_shim_errx();
    fn evrs_shim_warn();
    fn evrs_shim_warnx();
    fn evrs_shim_msgx();
    fn evrs_shim_sock_err();
    fn evrs_shim_sock_warn();
}

/// The jump. A macro may stand inside a literal item: the item's name is still there to grep.
macro_rules! jump_to {
    ($shim:path) => {
        naked_asm!(
            #[cfg(target_arch = "x86_64")]
            "jmp {shim}",
            #[cfg(target_arch = "aarch64")]
            "b {shim}",
            shim = sym $shim,
        )
    };
}

/// Appends formatted text: `int evbuffer_add_printf(struct evbuffer *buf, const char *fmt, ...)`.
///
/// # Safety
/// As for `evbuffer_add_vprintf`, with arguments that match the format.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_add_printf() {
    jump_to!(evrs_shim_add_printf)
}

/// `int evutil_snprintf(char *buf, size_t buflen, const char *format, ...)`.
///
/// # Safety
/// As for `evutil_vsnprintf`, with arguments that match the format.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evutil_snprintf() {
    jump_to!(evrs_shim_snprintf)
}

/// Logs an error with the text of `errno` and ends the program:
/// `void event_err(int eval, const char *fmt, ...)`.
///
/// # Safety
/// `fmt` is a format that the arguments match.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_err() {
    jump_to!(evrs_shim_err)
}

/// Logs an error and ends the program: `void event_errx(int eval, const char *fmt, ...)`.
///
/// # Safety
/// `fmt` is a format that the arguments match.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_errx() {
    jump_to!(evrs_shim_errx)
}

/// Logs a warning with the text of `errno`: `void event_warn(const char *fmt, ...)`.
///
/// # Safety
/// `fmt` is a format that the arguments match.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_warn() {
    jump_to!(evrs_shim_warn)
}

/// Logs a warning: `void event_warnx(const char *fmt, ...)`.
///
/// # Safety
/// `fmt` is a format that the arguments match.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_warnx() {
    jump_to!(evrs_shim_warnx)
}

/// Logs a message: `void event_msgx(const char *fmt, ...)`.
///
/// # Safety
/// `fmt` is a format that the arguments match.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_msgx() {
    jump_to!(evrs_shim_msgx)
}

/// As `event_err`, about a socket:
/// `void event_sock_err(int eval, evutil_socket_t sock, const char *fmt, ...)`.
///
/// # Safety
/// `fmt` is a format that the arguments match.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_sock_err() {
    jump_to!(evrs_shim_sock_err)
}

/// As `event_warn`, about a socket:
/// `void event_sock_warn(evutil_socket_t sock, const char *fmt, ...)`.
///
/// # Safety
/// `fmt` is a format that the arguments match.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_sock_warn() {
    jump_to!(evrs_shim_sock_warn)
}
