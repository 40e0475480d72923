//! Making, asking and freeing bases: part of `event2/event.h`.

use super::super::super::convert::{bytes, status};
use crate::capi::ev_event;
use crate::event::base as bases;
use crate::event::config::{self, Config as event_config};
use crate::event::event_base;
use crate::event::flags::event_base_foreach_event_cb;
use crate::event::raw::event;
use crate::event::{dump, io, signals, state, timers};
use core::ffi::c_void;
use core::ptr::{null, null_mut};
use libc::{FILE, c_char, c_int, c_short, c_uint, timeval};

/// Makes a base on the best method there is. NULL if there is none, or no memory.
#[unsafe(no_mangle)]
pub extern "C" fn event_base_new() -> *mut event_base {
    if ev_event::wanted() {
        return ev_event::event_base_new().cast();
    }
    bases::base_new().unwrap_or(null_mut())
}

/// Makes a configuration for `event_base_new_with_config`, which says nothing yet; to be freed
/// with `event_config_free`. NULL if there is no memory.
#[unsafe(no_mangle)]
pub extern "C" fn event_config_new() -> *mut event_config {
    config::config_new().map_or(null_mut(), |c| c.as_ptr())
}

/// Frees a configuration; bases made from it do not mind. NULL is ignored.
///
/// # Safety
/// `cfg` is NULL or came from `event_config_new`, and is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_config_free(cfg: *mut event_config) {
    if !cfg.is_null() {
        // SAFETY: this function's contract.
        unsafe { config::config_free(cfg) }
    }
}

/// Does not use the method of this name (`epoll`, `poll`, `select`); any other name is accepted
/// and means nothing. 0, or -1 if there is no memory.
///
/// # Safety
/// `cfg` is NULL or alive; `method` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_config_avoid_method(
    cfg: *mut event_config,
    method: *const c_char,
) -> c_int {
    // SAFETY: this function's contract.
    match unsafe { (cfg.as_mut(), bytes(method)) } {
        (Some(cfg), Some(method)) => status(cfg.avoid(method)),
        _ => -1,
    }
}

/// Uses only methods that have all these features (`EV_FEATURE_*`). 0, or -1 for NULL.
///
/// # Safety
/// `cfg` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_config_require_features(
    cfg: *mut event_config,
    feature: c_int,
) -> c_int {
    // SAFETY: this function's contract.
    let Some(cfg) = (unsafe { cfg.as_mut() }) else { return -1 };
    cfg.require(feature);
    0
}

/// Sets flags (`EVENT_BASE_FLAG_*`) of the bases that will be made. 0, or -1 for NULL.
///
/// # Safety
/// `cfg` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_config_set_flag(cfg: *mut event_config, flag: c_int) -> c_int {
    // SAFETY: this function's contract.
    let Some(cfg) = (unsafe { cfg.as_mut() }) else { return -1 };
    cfg.flags |= flag;
    0
}

/// Tells how many processors there are; of no effect here. 0, or -1 for NULL.
///
/// # Safety
/// `cfg` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_config_set_num_cpus_hint(
    cfg: *mut event_config,
    cpus: c_int,
) -> c_int {
    let _ = cpus;
    if cfg.is_null() { -1 } else { 0 }
}

/// Limits how long callbacks run before the base looks for new events of a higher priority: for
/// `max_interval` (NULL: no limit), and `max_callbacks` of them (negative: no limit). Callbacks
/// of priorities above `min_priority` are not limited. 0, or -1 for NULL.
///
/// # Safety
/// `cfg` is NULL or alive; `max_interval` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_config_set_max_dispatch_interval(
    cfg: *mut event_config,
    max_interval: *const timeval,
    max_callbacks: c_int,
    min_priority: c_int,
) -> c_int {
    // SAFETY: this function's contract.
    let (Some(cfg), interval) = (unsafe { (cfg.as_mut(), max_interval.as_ref()) }) else {
        return -1;
    };
    cfg.limit(interval, max_callbacks, min_priority);
    0
}

/// Makes a base as configured; NULL as configuration says nothing. NULL if no method fulfils the
/// wishes, or there is no memory.
///
/// # Safety
/// `cfg` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_new_with_config(cfg: *const event_config) -> *mut event_base {
    // SAFETY: this function's contract.
    match unsafe { cfg.as_ref() } {
        Some(cfg) => bases::new_with(cfg),
        None => bases::base_new(),
    }
    .unwrap_or(null_mut())
}

/// Frees a base; its events stop being pending but stay the caller's. Finalizers that wait are
/// run first. NULL means the base of `event_init`.
///
/// # Safety
/// `base` is NULL or alive, and is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_free(base: *mut event_base) {
    if ev_event::wanted() {
        // SAFETY: this function's contract, in a process that means libev's structures.
        return unsafe { ev_event::event_base_free(base.cast()) };
    }
    // SAFETY: this function's contract.
    unsafe { bases::free(base, true) }
}

/// `event_base_free` that does not run finalizers.
///
/// # Safety
/// As `event_base_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_free_nofinalize(base: *mut event_base) {
    // SAFETY: this function's contract.
    unsafe { bases::free(base, false) }
}

/// Makes a base usable in the child after a `fork`; all its events are kept. Without it, parent
/// and child would disturb each other. 0, or -1 if not everything could be registered again.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_reinit(base: *mut event_base) -> c_int {
    if base.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    status(unsafe { bases::reinit(base) })
}

/// The name of the method that a base uses.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_get_method(base: *const event_base) -> *const c_char {
    if ev_event::wanted() {
        return ev_event::event_base_get_method(base.cast());
    }
    if base.is_null() {
        return null();
    }
    // SAFETY: this function's contract.
    unsafe { bases::method_name(base) }.as_ptr()
}

/// The names of the methods that this library has, best first, and NULL. The array belongs to the
/// library.
#[unsafe(no_mangle)]
pub extern "C" fn event_get_supported_methods() -> *mut *const c_char {
    config::supported_methods()
}

/// The features (`EV_FEATURE_*`) of the method that a base uses.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_get_features(base: *const event_base) -> c_int {
    if base.is_null() {
        return 0;
    }
    // SAFETY: this function's contract.
    unsafe { bases::features(base) }
}

/// How the base hears of signals (since 2.2): "signalfd_signal" with
/// `EVENT_BASE_FLAG_USE_SIGNALFD`, else "signal".
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_get_signal_method(base: *const event_base) -> *const c_char {
    if base.is_null() {
        return null();
    }
    // SAFETY: this function's contract.
    unsafe { bases::signal_method(base) }.as_ptr()
}

/// How many events of the given kinds (`EVENT_BASE_COUNT_*`) a base has. Internal ones are not
/// counted; an event that waits for a descriptor and a timeout counts twice.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_get_num_events(base: *mut event_base, kinds: c_uint) -> c_int {
    if base.is_null() {
        return 0;
    }
    // SAFETY: this function's contract.
    unsafe { bases::num_events(base, kinds) }
}

/// How many events of the given kinds a base has had at most; `clear` starts over at 0.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_get_max_events(
    base: *mut event_base,
    kinds: c_uint,
    clear: c_int,
) -> c_int {
    if base.is_null() {
        return 0;
    }
    // SAFETY: this function's contract.
    unsafe { bases::max_events(base, kinds, clear != 0) }
}

/// Sets the number of priorities of a base, 1 to 255. Events assigned from now on get the middle
/// one. 0, or -1 if the number is out of range or something is active.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_priority_init(
    base: *mut event_base,
    npriorities: c_int,
) -> c_int {
    if ev_event::wanted() {
        return ev_event::event_base_priority_init(base.cast(), 0);
    }
    if base.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    status(unsafe { bases::priority_init(base, npriorities) })
}

/// The number of priorities of a base; NULL means the base of `event_init`.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_get_npriorities(base: *mut event_base) -> c_int {
    let base = bases::or_current(base);
    if base.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    unsafe { bases::priorities(base) }
}

/// The event whose callback runs now, in the calling thread; NULL if there is none.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_get_running_event(base: *mut event_base) -> *mut event {
    if base.is_null() {
        return null_mut();
    }
    // SAFETY: this function's contract.
    unsafe { state::running_event(base) }
}

/// Prepares a base for very many timeouts of one duration. The result, used as timeout of
/// `event_add` instead of `duration`, marks them. It belongs to the base, which has room for 256.
/// NULL if there is no more room, or no memory.
///
/// Timeouts cost the same with and without it here; programs written for libevent need it.
///
/// # Safety
/// `base` is NULL or alive; `duration` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_init_common_timeout(
    base: *mut event_base,
    duration: *const timeval,
) -> *const timeval {
    // SAFETY: this function's contract.
    match unsafe { duration.as_ref() } {
        // SAFETY: as above.
        Some(duration) if !base.is_null() => unsafe { timers::init_common(base, *duration) },
        _ => null(),
    }
}

/// Prints all events of a base, pending ones and active ones, a line each. For people: the format
/// may change.
///
/// # Safety
/// `base` is NULL or alive; `out` is NULL or an open stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_dump_events(base: *mut event_base, out: *mut FILE) {
    if !base.is_null() && !out.is_null() {
        // SAFETY: this function's contract.
        unsafe { dump::dump(base, out) }
    }
}

/// Makes the events of a descriptor active that wait for any of `events`; with `EV_TIMEOUT` those
/// that have a timeout, and no others. NULL means the base of `event_init`.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_active_by_fd(
    base: *mut event_base,
    fd: c_int,
    events: c_short,
) {
    let base = bases::or_current(base);
    if !base.is_null() {
        // SAFETY: this function's contract.
        unsafe { io::active_by_fd(base, fd, events) }
    }
}

/// Makes the events of a signal active. NULL means the base of `event_init`.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_active_by_signal(base: *mut event_base, sig: c_int) {
    let base = bases::or_current(base);
    if !base.is_null() {
        // SAFETY: this function's contract.
        unsafe { signals::active_by_signal(base, sig) }
    }
}

/// Calls `fn` for every event of a base, until it returns something else than 0, which is
/// returned. -1 for NULL. `fn` must not add, delete or change events; the base stays locked.
///
/// # Safety
/// `base` is NULL or alive; `fn` is NULL or may be called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_foreach_event(
    base: *mut event_base,
    r#fn: event_base_foreach_event_cb,
    arg: *mut c_void,
) -> c_int {
    let Some(f) = r#fn.filter(|_| !base.is_null()) else { return -1 };
    // SAFETY: this function's contract.
    unsafe { dump::for_each(base, |ev| f(base, ev, arg)) }
}

/// The time of day; in a callback as it was when the base last looked, which costs no system
/// call. NULL means the base of `event_init`, or none. 0, or -1 if `tv` is NULL.
///
/// # Safety
/// `base` is NULL or alive; `tv` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_gettimeofday_cached(
    base: *mut event_base,
    tv: *mut timeval,
) -> c_int {
    if tv.is_null() {
        return -1;
    }
    let base = bases::or_current(base);
    // SAFETY: this function's contract.
    unsafe {
        *tv = if base.is_null() {
            crate::reactor::clock::timeval(crate::reactor::clock::realtime())
        } else {
            bases::cached_time(base)
        };
    }
    0
}

/// In a callback that runs long: makes the cached time the present. Does nothing outside the
/// loop. NULL means the base of `event_init`. 0, or -1 if there is none.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_update_cache_time(base: *mut event_base) -> c_int {
    let base = bases::or_current(base);
    if base.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    unsafe { bases::update_cache_time(base) }
    0
}

/// The time of the base's clock, which never jumps; in a callback as of this pass. 0, or -1 for
/// NULL.
///
/// # Safety
/// `base` is NULL or alive; `tv` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_gettime_monotonic(base: *mut event_base, tv: *mut timeval) -> c_int {
    if base.is_null() || tv.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    unsafe { *tv = crate::reactor::clock::timeval(bases::cached_monotonic_ns(base)) }
    0
}
