//! `ev.h`: libev.
//!
//! What all functions have in common: a loop is used by one thread at a time, and everything but
//! `ev_async_send`, `ev_feed_signal` and `ev_time` is for that thread. Starting an active watcher
//! and stopping an inactive one do nothing. NULL for a loop or a watcher does nothing, where libev
//! would crash. Times are seconds as `double`.

pub mod watchers;

use crate::ev::raw::*;
use crate::ev::{control, fault, once, signals, state, verify};
use crate::mem;
use core::ffi::c_void;
use libc::{c_char, c_int, c_long, c_uint};

/// cbindgen:ignore
pub const EV_VERSION_MAJOR: c_int = 4;
/// cbindgen:ignore
pub const EV_VERSION_MINOR: c_int = 33;

/// cbindgen:ignore
#[allow(non_camel_case_types, reason = "C name")]
pub type ev_loop_callback = Option<unsafe extern "C" fn(*mut ev_loop)>;

/// Replaces the function that all memory of loops comes from. It is called like `realloc`; size 0
/// frees. When it returns NULL for another size, the library says so and aborts. NULL restores
/// `realloc` and `free`. Call it before the first loop is made.
///
/// cbindgen:postfix=EV_NOEXCEPT
/// evrs:noexcept cb
///
/// # Safety
/// The function keeps the contract, and gets back only what it has given out.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_set_allocator(
    cb: Option<unsafe extern "C" fn(ptr: *mut c_void, size: c_long) -> *mut c_void>,
) {
    mem::set_loop_allocator(cb);
}

/// Installs a function that is called when a system call fails that the loop cannot do without,
/// with the call's name and `errno` set. It has to repair the cause or not return. NULL restores
/// the usual: a message and `abort`.
///
/// cbindgen:postfix=EV_NOEXCEPT
/// evrs:noexcept cb
///
/// # Safety
/// The function may be called from any thread that runs a loop.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_set_syserr_cb(cb: Option<unsafe extern "C" fn(msg: *const c_char)>) {
    fault::set_syserr(cb);
}

/// Installs functions that are called right before and right after each wait, so that other threads
/// may use the loop meanwhile; what they change is seen by the next wait only. NULL for none.
///
/// cbindgen:postfix=EV_NOEXCEPT
/// evrs:noexcept release acquire
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_set_loop_release_cb(
    loop_: *mut ev_loop,
    release: Option<unsafe extern "C" fn(loop_: *mut ev_loop)>,
    acquire: Option<unsafe extern "C" fn(loop_: *mut ev_loop)>,
) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::set_release(loop_, release, acquire) }
}

/// Calls `cb` with every active watcher of these types: event bits, such as `EV_TIMER`, or all. The
/// callback gets the type and the watcher; it may stop that watcher and do nothing else with the
/// loop. Declared by `ev.h` when `EV_WALK_ENABLE` is 1.
///
/// cbindgen:ignore
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; active watchers are live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_walk(
    loop_: *mut ev_loop,
    types: c_int,
    cb: Option<unsafe extern "C" fn(loop_: *mut ev_loop, kind: c_int, w: *mut c_void)>,
) {
    let Some(cb) = cb else { return };
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { verify::walk(loop_, types, cb) }
}

/// The major version of libev's API that the library has: 4.
///
/// cbindgen:postfix=EV_NOEXCEPT
#[unsafe(no_mangle)]
pub extern "C" fn ev_version_major() -> c_int {
    EV_VERSION_MAJOR
}

/// The minor version of libev's API that the library has: 33.
///
/// cbindgen:postfix=EV_NOEXCEPT
#[unsafe(no_mangle)]
pub extern "C" fn ev_version_minor() -> c_int {
    EV_VERSION_MINOR
}

/// The `EVBACKEND_` bits of the backends in this library, whether they work on this machine or not.
///
/// cbindgen:postfix=EV_NOEXCEPT
#[unsafe(no_mangle)]
pub extern "C" fn ev_supported_backends() -> c_uint {
    state::supported_backends()
}

/// The `EVBACKEND_` bits of the backends that are tried when the flags of a loop name none.
///
/// cbindgen:postfix=EV_NOEXCEPT
#[unsafe(no_mangle)]
pub extern "C" fn ev_recommended_backends() -> c_uint {
    state::recommended_backends()
}

/// The `EVBACKEND_` bits of the backends whose loops can be embedded into another (`ev_embed`), on
/// any system. Take what this has in common with `ev_supported_backends`.
///
/// cbindgen:postfix=EV_NOEXCEPT
#[unsafe(no_mangle)]
pub extern "C" fn ev_embeddable_backends() -> c_uint {
    state::embeddable_backends()
}

/// The wall-clock time in seconds since 1970, read from the clock. `ev_now` is cheaper, and mostly
/// what is wanted. From any thread.
///
/// cbindgen:postfix=EV_NOEXCEPT
#[unsafe(no_mangle)]
pub extern "C" fn ev_time() -> ev_tstamp {
    control::time()
}

/// Blocks the calling thread for `delay` seconds, or until a signal comes. A delay of 0 or less
/// returns at once. From any thread.
///
/// cbindgen:postfix=EV_NOEXCEPT
#[unsafe(no_mangle)]
pub extern "C" fn ev_sleep(delay: ev_tstamp) {
    control::sleep(delay);
}

/// The default loop: the one that watches children and that all parts of a program share. The first
/// call makes it with these flags (`EVFLAG_` and `EVBACKEND_` bits, 0 for the usual choice); later
/// calls return it whatever the flags. NULL when no backend of those allowed works.
///
/// The call that makes it installs a handler for SIGCHLD. Not to be called from two threads at once.
///
/// cbindgen:postfix=EV_NOEXCEPT
/// evrs:default flags = 0
#[unsafe(no_mangle)]
pub extern "C" fn ev_default_loop(flags: c_uint) -> *mut ev_loop {
    state::default(flags)
}

/// A new loop, independent of all others but for signals, of which each belongs to one loop. NULL
/// when no backend of those that the flags allow works.
///
/// `flags` are `EVFLAG_` and `EVBACKEND_` bits. Without a backend bit the recommended ones are tried,
/// the best first. The environment variable LIBEV_FLAGS (a decimal number) takes the place of the
/// flags, unless they contain `EVFLAG_NOENV` or the program is set-uid or set-gid.
///
/// Different loops may be used in different threads; one loop by one thread at a time.
///
/// cbindgen:postfix=EV_NOEXCEPT
/// evrs:default flags = 0
#[unsafe(no_mangle)]
pub extern "C" fn ev_loop_new(flags: c_uint) -> *mut ev_loop {
    state::new(flags)
}

/// The time of the loop: the wall-clock time in seconds since 1970 when it last woke up. It stays
/// the same while callbacks run, and is what relative timers count from. 0 for NULL.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_now(loop_: *mut ev_loop) -> ev_tstamp {
    if loop_.is_null() {
        return 0.0;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::now(loop_) }
}

/// Destroys a loop: runs its cleanup watchers and frees everything that it holds. Watchers are not
/// stopped, and must not be used with the loop any more. The next `ev_default_loop` makes a new one if
/// it was the default loop. Not to be called from a callback of the same loop. NULL is ignored.
///
/// # Safety
/// `loop` is null or a live loop, and nobody uses it afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_loop_destroy(loop_: *mut ev_loop) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { state::destroy(loop_) }
}

/// Says that the process has forked and that the loop is used in the child: the next pass makes
/// everything afresh that the kernel shares between the two, and runs the fork watchers. All watchers
/// stay. With `EVFLAG_FORKCHECK` the loop notices by itself.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_loop_fork(loop_: *mut ev_loop) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::forked(loop_) }
}

/// The `EVBACKEND_` bit of the backend that the loop uses. 0 for NULL.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_backend(loop_: *mut ev_loop) -> c_uint {
    if loop_.is_null() {
        return 0;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::backend(loop_) }
}

/// Reads the clock into the loop's time. Useful in a callback that takes long, before it starts
/// timers.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_now_update(loop_: *mut ev_loop) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::now_update(loop_) }
}

/// Runs the loop: waits for events and calls the watchers' callbacks, until no watcher is active any
/// more, or `ev_break` is called. With `EVRUN_NOWAIT` it makes one pass without blocking, with
/// `EVRUN_ONCE` one pass that may block.
///
/// Returns the number of references that still keep the loop running: 0 when it ended for want of
/// active watchers. May be called from a callback. 0 for NULL.
/// evrs:default flags = 0
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_run(loop_: *mut ev_loop, flags: c_int) -> c_int {
    if loop_.is_null() {
        return 0;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::run(loop_, flags) }
}

/// Makes the innermost `ev_run` (`EVBREAK_ONE`) or all of them (`EVBREAK_ALL`) return after the
/// callbacks that are pending. `EVBREAK_CANCEL` takes that back. Outside of a run it does nothing.
///
/// cbindgen:postfix=EV_NOEXCEPT
/// evrs:default how = EVBREAK_ONE
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_break(loop_: *mut ev_loop, how: c_int) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::break_run(loop_, how) }
}

/// Adds a reference, which keeps `ev_run` running like an active watcher does.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_ref(loop_: *mut ev_loop) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::add_ref(loop_) }
}

/// Takes a reference away, so that a watcher that stays active does not keep `ev_run` running. Call
/// it after starting the watcher, and `ev_ref` before stopping it.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_unref(loop_: *mut ev_loop) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::unref(loop_) }
}

/// Calls `cb` once, when `fd` is ready for one of `events` (`EV_READ`, `EV_WRITE`) or `timeout`
/// seconds have passed, whichever comes first. A negative `fd` waits for the time only, a negative
/// `timeout` for the descriptor only.
///
/// `cb` gets the events (`EV_READ`, `EV_WRITE`, `EV_TIMER`, `EV_ERROR`), more than one if they came
/// together, and `arg`.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; `arg` is what `cb` expects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_once(
    loop_: *mut ev_loop,
    fd: c_int,
    events: c_int,
    timeout: ev_tstamp,
    cb: Option<unsafe extern "C" fn(revents: c_int, arg: *mut c_void)>,
    arg: *mut c_void,
) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { once::once(loop_, fd, events, timeout, cb, arg) }
}

/// Calls the callbacks of all pending watchers, by priority. For use in a function installed with
/// `ev_set_invoke_pending_cb`.
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_invoke_pending(loop_: *mut ev_loop) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::invoke_pending(loop_) }
}

/// How often the loop has waited for events since it was made.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_iteration(loop_: *mut ev_loop) -> c_uint {
    if loop_.is_null() {
        return 0;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::iteration(loop_) }
}

/// How many calls of `ev_run` are on the stack: 0 outside. Leaving a run by `longjmp` or an exception
/// leaves it counted.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_depth(loop_: *mut ev_loop) -> c_uint {
    if loop_.is_null() {
        return 0;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::depth(loop_) }
}

/// Checks the loop's data and that of its watchers, and aborts with a message if something is wrong,
/// mostly because a watcher was overwritten while it was active.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; active and pending watchers are live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_verify(loop_: *mut ev_loop) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { verify::verify(loop_) }
}

/// Lets the loop collect I/O for this many seconds before each wait: fewer passes, at the price of
/// latency. 0, the default, for none.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_set_io_collect_interval(loop_: *mut ev_loop, interval: ev_tstamp) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::set_io_interval(loop_, interval) }
}

/// Lets timers be up to this many seconds late, so that more of them are called in one pass. 0, the
/// default, for as exact as possible.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_set_timeout_collect_interval(loop_: *mut ev_loop, interval: ev_tstamp) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::set_timeout_interval(loop_, interval) }
}

/// Stores a pointer of the program's with the loop.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_set_userdata(loop_: *mut ev_loop, data: *mut c_void) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::set_userdata(loop_, data) }
}

/// What `ev_set_userdata` stored, NULL at first.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_userdata(loop_: *mut ev_loop) -> *mut c_void {
    if loop_.is_null() {
        return core::ptr::null_mut();
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::userdata(loop_) }
}

/// Installs a function that is called wherever the loop would call the pending callbacks. It has to
/// see to it that `ev_invoke_pending` is called, now or elsewhere. `ev_invoke_pending` itself restores
/// the usual.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_set_invoke_pending_cb(
    loop_: *mut ev_loop,
    invoke_pending_cb: ev_loop_callback,
) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::set_invoke_pending(loop_, invoke_pending_cb) }
}

/// How many callbacks are pending.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_pending_count(loop_: *mut ev_loop) -> c_uint {
    if loop_.is_null() {
        return 0;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::pending_count(loop_) }
}

/// Call this before a pause in which the loop does not run and which its timers shall not see, and
/// `ev_resume` after it; nothing else may be called with the loop in between.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_suspend(loop_: *mut ev_loop) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::suspend(loop_) }
}

/// Ends the pause that `ev_suspend` began: timers are moved by its length, periodics computed
/// anew.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_resume(loop_: *mut ev_loop) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::resume(loop_) }
}

/// Makes a watcher of any type pending, with these events, as if they had happened. The watcher need
/// not be active, and may not be freed before its callback ran or `ev_clear_pending` or its stop
/// function was called.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_feed_event(loop_: *mut ev_loop, w: *mut c_void, revents: c_int) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::feed_event(loop_, w.cast(), revents) }
}

/// Makes the I/O watchers of `fd` pending that wait for one of these events.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_feed_fd_event(loop_: *mut ev_loop, fd: c_int, revents: c_int) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::feed_fd_event(loop_, fd, revents) }
}

/// Has the same effect as the signal: its watchers become pending, in whatever loop they are. From any
/// thread or signal handler.
///
/// cbindgen:postfix=EV_NOEXCEPT
#[unsafe(no_mangle)]
pub extern "C" fn ev_feed_signal(signum: c_int) {
    signals::feed(signum);
}

/// Makes the watchers of a signal in this loop pending. From the loop's thread only.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_feed_signal_event(loop_: *mut ev_loop, signum: c_int) {
    if loop_.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::feed_signal_event(loop_, signum) }
}

/// Calls a watcher's callback at once, with these events. The watcher may be inactive.
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_invoke(loop_: *mut ev_loop, w: *mut c_void, revents: c_int) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::invoke(loop_, w.cast(), revents) }
}

/// If the watcher is pending, makes it not pending and returns its events; else returns 0.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_clear_pending(loop_: *mut ev_loop, w: *mut c_void) -> c_int {
    if loop_.is_null() || w.is_null() {
        return 0;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { control::clear_pending(loop_, w.cast()) }
}
