//! `event_config`, the environment, and which backend they choose.

use super::flags::event_base_config_flag as flag;
use super::flags::event_method_feature as feature;
use crate::error::{Error, Result};
use crate::mem::{self, Heap, TryPush, Vec};
use crate::reactor::backend::Kind;
use crate::reactor::clock;
use core::ffi::CStr;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};
use libc::{c_char, c_int, timeval};

pub(super) const NOLOCK: c_int = flag::EVENT_BASE_FLAG_NOLOCK as c_int;
pub(super) const IGNORE_ENV: c_int = flag::EVENT_BASE_FLAG_IGNORE_ENV as c_int;
pub(super) const NO_CACHE_TIME: c_int = flag::EVENT_BASE_FLAG_NO_CACHE_TIME as c_int;
pub(super) const CHANGELIST: c_int = flag::EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST as c_int;
pub(super) const USE_SIGNALFD: c_int = flag::EVENT_BASE_FLAG_USE_SIGNALFD as c_int;
const PRECISE_TIMER: c_int = flag::EVENT_BASE_FLAG_PRECISE_TIMER as c_int;
const NO_TIMERFD: c_int = flag::EVENT_BASE_FLAG_EPOLL_DISALLOW_TIMERFD as c_int;

/// A backend: its name, the variable that hides it, its features.
type Method = (Kind, &'static CStr, &'static CStr, c_int);

/// The backends, best first.
const METHODS: [Method; 3] = [
    (
        Kind::Epoll,
        c"epoll",
        c"EVENT_NOEPOLL",
        feature::EV_FEATURE_ET as c_int
            | feature::EV_FEATURE_O1 as c_int
            | feature::EV_FEATURE_EARLY_CLOSE as c_int,
    ),
    (
        Kind::Poll,
        c"poll",
        c"EVENT_NOPOLL",
        feature::EV_FEATURE_FDS as c_int | feature::EV_FEATURE_EARLY_CLOSE as c_int,
    ),
    (Kind::Select, c"select", c"EVENT_NOSELECT", feature::EV_FEATURE_FDS as c_int),
];

/// The name of a backend.
pub(super) fn name(kind: Kind) -> &'static CStr {
    METHODS.iter().find(|m| m.0 == kind).map_or(c"none", |m| m.1)
}

/// What a backend can do.
pub(super) fn features(kind: Kind) -> c_int {
    METHODS.iter().find(|m| m.0 == kind).map_or(0, |m| m.3)
}

/// How a base is to be made.
#[derive(Debug)]
pub struct Config {
    avoid: Vec<Kind>,
    require: c_int,
    /// `EVENT_BASE_FLAG_*`.
    pub flags: c_int,
    /// After this time (ns) in callbacks new events are looked for.
    pub(super) max_interval: Option<u64>,
    /// After this many callbacks new events are looked for.
    pub(super) max_callbacks: c_int,
    min_priority: c_int,
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

impl Config {
    /// The usual.
    pub const fn new() -> Self {
        Self {
            avoid: Vec::new_in(Heap),
            require: 0,
            flags: 0,
            max_interval: None,
            max_callbacks: c_int::MAX,
            min_priority: 1,
        }
    }

    /// Does not use the method of this name; names of no method are accepted.
    pub fn avoid(&mut self, name: &[u8]) -> Result<()> {
        match METHODS.iter().find(|m| m.1.to_bytes() == name) {
            Some(m) if !self.avoid.contains(&m.0) => self.avoid.try_push(m.0),
            _ => Ok(()),
        }
    }

    /// Uses only methods that can all this.
    pub fn require(&mut self, features: c_int) {
        self.require = features;
    }

    /// Limits for priorities from `min_priority` on.
    pub fn limit(&mut self, interval: Option<&timeval>, callbacks: c_int, min_priority: c_int) {
        self.max_interval = interval.filter(|tv| tv.tv_sec >= 0).map(clock::from_timeval);
        self.max_callbacks = if callbacks >= 0 { callbacks } else { c_int::MAX };
        self.min_priority = min_priority.max(0);
    }

    /// The priority from which the limits hold.
    pub(super) fn limit_after(&self) -> c_int {
        if self.max_callbacks == c_int::MAX && self.max_interval.is_none() {
            c_int::MAX
        } else {
            self.min_priority
        }
    }

    fn heeds_environment(&self) -> bool {
        self.flags & IGNORE_ENV == 0
    }

    fn allows(&self, method: &Method) -> bool {
        !self.avoid.contains(&method.0)
            && method.3 & self.require == self.require
            && !(self.heeds_environment() && is_set(method.2))
    }

    /// The best backend that is allowed.
    pub(super) fn choose(&self) -> Option<Kind> {
        METHODS.iter().find(|m| self.allows(m)).map(|m| m.0)
    }

    /// The best backend that is allowed and comes after `kind`.
    pub(super) fn choose_after(&self, kind: Kind) -> Option<Kind> {
        METHODS.iter().skip_while(|m| m.0 != kind).skip(1).find(|m| self.allows(m)).map(|m| m.0)
    }

    /// The flags of a base on `kind`, those set in the environment included.
    pub(super) fn base_flags(&self, kind: Kind) -> c_int {
        let mut flags = self.flags;
        if self.heeds_environment() && is_set(c"EVENT_USE_SIGNALFD") {
            flags |= USE_SIGNALFD;
        }
        if self.heeds_environment() && kind == Kind::Epoll {
            if is_set(c"EVENT_EPOLL_USE_CHANGELIST") {
                flags |= CHANGELIST;
            }
            if is_set(c"EVENT_PRECISE_TIMER") {
                flags |= PRECISE_TIMER;
            }
        }
        flags
    }

    /// Whether these flags of a base ask for waits that a timer descriptor ends.
    pub(super) fn wants_timerfd(flags: c_int) -> bool {
        flags & (PRECISE_TIMER | NO_TIMERFD) == PRECISE_TIMER
    }

    /// Whether the chosen method is to be logged. As in the reference, `IGNORE_ENV` is no
    /// hindrance.
    pub(super) fn shows_method(&self) -> bool {
        is_set(c"EVENT_SHOW_METHOD")
    }
}

/// Whether an environment variable is set; never in a process with raised privileges.
fn is_set(name: &CStr) -> bool {
    // SAFETY: a NUL-terminated name; glibc's function checks AT_SECURE itself, without a system
    // call.
    unsafe { !secure_getenv(name.as_ptr()).is_null() }
}

unsafe extern "C" {
    fn secure_getenv(name: *const c_char) -> *mut c_char;
}

/// A configuration for C.
pub fn config_new() -> Result<core::ptr::NonNull<Config>> {
    let block = mem::alloc(size_of::<Config>()).ok_or(Error::NoMemory)?.cast::<Config>();
    // SAFETY: fresh, large enough, aligned for any C type.
    unsafe { block.write(Config::new()) };
    Ok(block)
}

/// Frees a configuration.
///
/// # Safety
/// `config` came from [`config_new`] and is not used any more.
pub unsafe fn config_free(config: *mut Config) {
    // SAFETY: the caller's contract.
    unsafe {
        config.drop_in_place();
        mem::free(config.cast());
    }
}

/// An array for C to read.
struct Names([AtomicPtr<c_char>; METHODS.len() + 1]);

static NAMES: Names = Names([const { AtomicPtr::new(null_mut()) }; METHODS.len() + 1]);

/// `event_get_supported_methods`: names, best first, then null.
pub fn supported_methods() -> *mut *const c_char {
    // Whoever writes them writes the same.
    for (place, method) in NAMES.0.iter().zip(METHODS) {
        place.store(method.1.as_ptr().cast_mut(), Ordering::Relaxed);
    }
    // An atomic pointer has the layout of a pointer.
    (&raw const NAMES.0).cast_mut().cast()
}
