//! The calling thread: what it has of its own, and giving way to others.

use core::cell::Cell;
use core::ffi::c_void;

/// What each thread has of its own. It begins as zeros and needs nothing done when the thread ends.
#[repr(C)]
#[derive(Debug)]
pub struct Local {
    /// For `bufferevent::callbacks`: how many callback locks this thread holds.
    pub callback_locks: Cell<usize>,
    /// For `http::arena`: the list of headers that grows in an arena.
    pub headers: Cell<*mut c_void>,
    /// And that arena.
    pub arena: Cell<*mut c_void>,
}

/// Calls `f` with what the calling thread has of its own.
#[cfg(not(miri))]
#[inline]
pub fn with_local<R>(f: impl FnOnce(&Local) -> R) -> R {
    unsafe extern "C" {
        /// In `thread.c`: without std, stable Rust has no variables of a thread.
        fn evrs_shim_thread() -> *const Local;
    }
    // SAFETY: the address of a variable of this thread, with this layout and made of zeros, which
    // are valid values; nothing but the thread itself reaches it, and it lives as long as that does.
    f(unsafe { &*evrs_shim_thread() })
}

/// Miri does not run C.
#[cfg(miri)]
pub fn with_local<R>(f: impl FnOnce(&Local) -> R) -> R {
    use core::ptr::null_mut;
    std::thread_local! {
        static LOCAL: Local = const {
            Local {
                callback_locks: Cell::new(0),
                headers: Cell::new(null_mut()),
                arena: Cell::new(null_mut()),
            }
        };
    }
    LOCAL.with(f)
}

/// Lets other threads run.
pub fn yield_now() {
    // SAFETY: takes nothing.
    unsafe { libc::sched_yield() };
}
