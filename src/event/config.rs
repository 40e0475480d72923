//! `event_config`, the environment, and which backend they choose.

use super::flags::event_base_config_flag as flag;
use super::flags::event_method_feature as feature;
use crate::error::{Error, Result};
use crate::mem::{self, Heap, TryPush, Vec};
use crate::reactor::backend::Kind;
use crate::reactor::clock;
use core::ffi::CStr;
use libc::{c_int, timeval};

pub(super) const NOLOCK: c_int = flag::EVENT_BASE_FLAG_NOLOCK as c_int;
pub(super) const IGNORE_ENV: c_int = flag::EVENT_BASE_FLAG_IGNORE_ENV as c_int;
pub(super) const NO_CACHE_TIME: c_int = flag::EVENT_BASE_FLAG_NO_CACHE_TIME as c_int;
pub(super) const CHANGELIST: c_int = flag::EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST as c_int;
const PRECISE_TIMER: c_int = flag::EVENT_BASE_FLAG_PRECISE_TIMER as c_int;

/// The backends, best first.
const METHODS: [(Kind, &str, &CStr, c_int); 3] = [
    (
        Kind::Epoll,
        "epoll",
        c"EVENT_NOEPOLL",
        feature::EV_FEATURE_ET as c_int
            | feature::EV_FEATURE_O1 as c_int
            | feature::EV_FEATURE_EARLY_CLOSE as c_int,
    ),
    (
        Kind::Poll,
        "poll",
        c"EVENT_NOPOLL",
        feature::EV_FEATURE_FDS as c_int | feature::EV_FEATURE_EARLY_CLOSE as c_int,
    ),
    (Kind::Select, "select", c"EVENT_NOSELECT", feature::EV_FEATURE_FDS as c_int),
];

/// The name of a backend.
pub(super) fn name(kind: Kind) -> &'static str {
    METHODS.iter().find(|m| m.0 == kind).map_or("none", |m| m.1)
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
        match METHODS.iter().find(|m| m.1.as_bytes() == name) {
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

    fn allows(&self, method: &(Kind, &str, &CStr, c_int)) -> bool {
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
    fn secure_getenv(name: *const libc::c_char) -> *mut libc::c_char;
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
