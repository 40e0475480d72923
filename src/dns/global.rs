//! The one resolver that the functions before 2.0 work on.

use super::base::{self, evdns_base};
use super::types;
use crate::error::Result;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};

static CURRENT: AtomicPtr<evdns_base> = AtomicPtr::new(null_mut());

/// The global resolver, or null.
pub fn current() -> *mut evdns_base {
    CURRENT.load(Ordering::Acquire)
}

/// `b`, or for null the global resolver.
pub fn or_current(b: *mut evdns_base) -> *mut evdns_base {
    if b.is_null() { current() } else { b }
}

/// Makes the global resolver from the system's configuration. One that there was already is no
/// longer the global one, but lives on, as in the reference.
pub fn init() -> Result<()> {
    // SAFETY: null stands for the current event base.
    let b = unsafe { base::new(null_mut(), types::EVDNS_BASE_INITIALIZE_NAMESERVERS) }?;
    CURRENT.store(b, Ordering::Release);
    Ok(())
}

/// The global resolver; if there is none, a new one without servers. Null if that fails.
pub fn current_or_new() -> *mut evdns_base {
    let b = current();
    if !b.is_null() {
        return b;
    }
    // SAFETY: null stands for the current event base.
    let b = unsafe { base::new(null_mut(), 0) }.unwrap_or(null_mut());
    CURRENT.store(b, Ordering::Release);
    b
}

/// Frees the global resolver, if there is one, and forgets the log callback.
pub fn shutdown(fail: bool) {
    let b = CURRENT.swap(null_mut(), Ordering::AcqRel);
    if !b.is_null() {
        // SAFETY: whoever replaces the pointer owns the resolver's count.
        unsafe { base::free(b, fail) };
    }
    super::log::set_callback(None);
}

/// If `b` is the global resolver it is not any more.
pub fn forget(b: *mut evdns_base) {
    let _ = CURRENT.compare_exchange(b, null_mut(), Ordering::AcqRel, Ordering::Acquire);
}
