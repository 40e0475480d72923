//! What every TLS package uses of libevrs: public functions, the interface for TLS packages, and what
//! follows from it.
#![allow(non_camel_case_types, reason = "C names")]

use crate::interface::{evrs_tls_ops, evrs_tls_session};
use core::ffi::{c_int, c_uint, c_ulong, c_void};

/// An object that is only pointed to.
macro_rules! opaque {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[repr(C)]
        pub struct $name {
            _data: [u8; 0],
            _marker: core::marker::PhantomData<(*mut u8, core::marker::PhantomPinned)>,
        }
    )*};
}
pub(crate) use opaque;

opaque! {
    /// libevrs's.
    bufferevent
    /// libevrs's.
    event_base
    /// libevrs's.
    evbuffer
}

/// A socket.
pub type evutil_socket_t = c_int;
/// An `enum bufferevent_ssl_state` as C hands it over: any value.
pub type bufferevent_ssl_state_raw = c_uint;

pub const BEV_OPT_CLOSE_ON_FREE: c_int = 1;
pub const EV_WRITE: i16 = 4;
/// `BUFFEREVENT_SSL_DIRTY_SHUTDOWN`.
const DIRTY_SHUTDOWN: u64 = 1;

unsafe extern "C" {
    pub fn bufferevent_get_input(bev: *mut bufferevent) -> *mut evbuffer;
    pub fn bufferevent_get_output(bev: *mut bufferevent) -> *mut evbuffer;
    pub fn bufferevent_getwatermark(
        bev: *mut bufferevent,
        events: i16,
        low: *mut usize,
        high: *mut usize,
    ) -> c_int;
    fn bufferevent_ssl_get_flags(bev: *mut bufferevent) -> u64;
    fn bufferevent_ssl_set_flags(bev: *mut bufferevent, flags: u64) -> u64;
    fn bufferevent_ssl_clear_flags(bev: *mut bufferevent, flags: u64) -> u64;
    pub fn evbuffer_get_length(b: *const evbuffer) -> usize;
    pub fn evbuffer_remove(b: *mut evbuffer, to: *mut c_void, n: usize) -> c_int;
    pub fn evbuffer_add(b: *mut evbuffer, from: *const c_void, n: usize) -> c_int;
    pub fn evrs_tls_new(
        base: *mut event_base,
        below: *mut bufferevent,
        fd: c_int,
        ops: *const evrs_tls_ops,
        handle: *mut c_void,
        state: c_int,
        options: c_int,
    ) -> *mut bufferevent;
    #[link_name = "evrs_tls_session"]
    pub fn evrs_tls_session_of(
        bev: *mut bufferevent,
        ops: *const evrs_tls_ops,
    ) -> *mut evrs_tls_session;
    pub fn evrs_tls_take_error(bev: *mut bufferevent, ops: *const evrs_tls_ops) -> c_ulong;
}

/// A state as the interface has it; what is none stays none.
pub fn state(raw: bufferevent_ssl_state_raw) -> c_int {
    c_int::try_from(raw).unwrap_or(-1)
}

/// Whether a cut off connection is `BEV_EVENT_EOF`: 1 or 0, -1 for other kinds.
///
/// # Safety
/// `bev` is NULL or live.
pub unsafe fn allows_dirty_shutdown(bev: *mut bufferevent) -> c_int {
    // SAFETY: NULL or live (caller).
    match unsafe { bufferevent_ssl_get_flags(bev) } {
        u64::MAX => -1,
        flags => c_int::from(flags & DIRTY_SHUTDOWN != 0),
    }
}

/// Says whether it is.
///
/// # Safety
/// `bev` is NULL or live.
pub unsafe fn allow_dirty_shutdown(bev: *mut bufferevent, allow: bool) {
    // SAFETY: NULL or live (caller).
    unsafe {
        if allow {
            bufferevent_ssl_set_flags(bev, DIRTY_SHUTDOWN);
        } else {
            bufferevent_ssl_clear_flags(bev, DIRTY_SHUTDOWN);
        }
    }
}

/// Keeps an error for the program, if there is room.
///
/// # Safety
/// A live session, which nobody else uses during the call.
pub unsafe fn keep(s: *mut evrs_tls_session, error: c_uint) {
    // SAFETY: by contract.
    let s = unsafe { &mut *s };
    let at = usize::try_from(s.error_count).unwrap_or(usize::MAX);
    if let Some(slot) = s.errors.get_mut(at) {
        *slot = error;
        s.error_count += 1;
    }
}

/// Nothing here panics; what the compiler cannot know ends the process, as in libevrs.
#[cfg(not(test))]
#[panic_handler]
fn on_panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // SAFETY: ends the process, takes nothing.
    unsafe { libc::abort() }
}
