//! The loop: its parts, and how it comes and goes.
//!
//! A loop has three parts, because three kinds of people reach it at the same time:
//!
//! - [`Shared`]: other threads and signal handlers (`ev_async_send`). Atomics only.
//! - [`Internal`]: the loop's own watchers, which the queues point to like to anybody's.
//! - [`Loop`]: everything else; borrowed briefly, never across a callback.

use super::callback::LoopFn;
use super::child::Children;
use super::deadlines::Deadlines;
use super::fault;
use super::flags::*;
use super::lists::List;
use super::once::Once;
use super::pending::{PRIORITIES, Pending};
use super::periodic::Origin;
use super::raw::{ev_io, ev_stat, ev_watcher};
use super::signals::Signals;
use super::{clock, signals, turn};
use crate::error::{Error, Result};
use crate::mem::{Box, LoopHeap, Vec};
use crate::reactor::Interest;
use crate::reactor::backend::Kind;
use crate::reactor::poller::Poller;
use crate::reactor::wake::Waker;
use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering::Relaxed};
use libc::{c_int, c_uint};

/// The default loop, or null. `ev.h` reads this variable, and finished programs may hold their
/// own copy of it, which the dynamic linker makes everybody use: as it is exported, the compiler
/// reaches it through the global offset table here as well.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "C name")]
pub static ev_default_loop_ptr: AtomicPtr<ev_loop> = AtomicPtr::new(null_mut());

/// An event loop; opaque to C.
#[allow(non_camel_case_types, reason = "C name")]
pub struct ev_loop {
    pub(super) shared: Shared,
    pub(super) internal: UnsafeCell<Internal>,
    own: UnsafeCell<Loop>,
}

/// What other threads and signal handlers touch.
pub(super) struct Shared {
    pub(super) waker: Waker,
    /// Somebody has sent an async that the loop has not looked for yet.
    pub(super) async_pending: AtomicBool,
}

/// The loop's own watchers. They hold no reference to the loop.
pub(super) struct Internal {
    /// Is queued when asyncs or signals have come in.
    pub(super) mail: ev_watcher,
    /// SIGCHLD (default loop).
    pub(super) child: super::raw::ev_signal,
    pub(super) inotify: ev_io,
    pub(super) timerfd: ev_io,
    pub(super) signalfd: ev_io,
}

/// A descriptor that is made on first use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lazy {
    /// The flags forbid it, or the kernel has none.
    Off,
    /// To be made.
    Wanted,
    /// Made.
    Open(c_int),
}

impl Lazy {
    fn wanted(yes: bool) -> Self {
        if yes { Self::Wanted } else { Self::Off }
    }

    #[inline]
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Open(_))
    }
}

/// How many lists the inotify watches are spread over.
pub(super) const STAT_LISTS: usize = 16;

/// The state that only the loop's own thread touches.
pub(super) struct Loop {
    pub(super) clock: clock::Clock,
    /// How many watchers keep the loop running, and what `ev_ref` added.
    pub(super) refs: c_int,
    pub(super) pending: Pending,
    pub(super) poller: Poller<ev_io, LoopHeap>,
    /// Active I/O watchers, the loop's own included.
    pub(super) ios: usize,
    /// Descriptors that epoll refuses because they are always ready (regular files).
    pub(super) always: Vec<c_int, LoopHeap>,
    pub(super) timers: Deadlines,
    pub(super) periodics: Deadlines,
    /// Where the periodics' deadlines count from.
    pub(super) origin: Origin,
    /// The periodics that are due in this pass, in order.
    pub(super) due: Vec<*mut ev_watcher, LoopHeap>,
    pub(super) idles: [List; PRIORITIES],
    /// Active idle watchers of all priorities.
    pub(super) idle_count: usize,
    pub(super) prepares: List,
    pub(super) checks: List,
    pub(super) forks: List,
    pub(super) cleanups: List,
    pub(super) asyncs: List,
    pub(super) signals: Option<Box<Signals, LoopHeap>>,
    pub(super) children: Option<Box<Children, LoopHeap>>,
    pub(super) stats: [*mut ev_stat; STAT_LISTS],
    pub(super) inotify: Lazy,
    pub(super) timerfd: Lazy,
    pub(super) signalfd: Lazy,
    pub(super) signalfd_set: u64,
    /// Where the free `ev_once` records are.
    pub(super) once_free: *mut Once,
    /// The flags as the program gave them.
    pub(super) flags: c_uint,
    pub(super) backend: c_uint,
    /// The process that FORKCHECK saw last, 0 without it.
    pub(super) pid: libc::pid_t,
    /// The kernel's objects are those of another process.
    pub(super) postfork: bool,
    pub(super) done: c_int,
    pub(super) depth: c_uint,
    pub(super) iteration: c_uint,
    pub(super) io_interval: u64,
    pub(super) timeout_interval: u64,
    pub(super) invoke_cb: Option<LoopFn>,
    pub(super) release_cb: Option<LoopFn>,
    pub(super) acquire_cb: Option<LoopFn>,
    pub(super) userdata: *mut c_void,
}

/// The state of a loop. The borrow has to end before the next callback, and before the next call
/// of this function.
///
/// # Safety
/// The loop is live, the caller is its thread, and no other borrow of the state is in use.
#[inline]
pub(super) unsafe fn state<'a>(l: *mut ev_loop) -> &'a mut Loop {
    // SAFETY: `own` is reached through this function only, and the caller holds no other borrow.
    unsafe { &mut *UnsafeCell::raw_get(&raw const (*l).own) }
}

/// What other threads may touch of a loop.
///
/// # Safety
/// The loop is live.
#[inline]
pub(super) unsafe fn shared<'a>(l: *mut ev_loop) -> &'a Shared {
    // SAFETY: the part is never borrowed mutably after the loop is made.
    unsafe { &(*l).shared }
}

/// The loop's own watchers.
///
/// # Safety
/// The loop is live.
#[inline]
pub(super) unsafe fn internal(l: *mut ev_loop) -> *mut Internal {
    // SAFETY: only an address is computed.
    unsafe { UnsafeCell::raw_get(&raw const (*l).internal) }
}

impl Loop {
    /// Marks a watcher as active, with a legal priority.
    ///
    /// # Safety
    /// The watcher is live.
    #[inline]
    pub(super) unsafe fn start(&mut self, w: *mut ev_watcher, active: c_int) {
        // SAFETY: the watcher is live (caller).
        unsafe {
            let priority = (*w).priority;
            if !(EV_MINPRI..=EV_MAXPRI).contains(&priority) {
                (*w).priority = priority.clamp(EV_MINPRI, EV_MAXPRI);
            }
            (*w).active = active;
        }
        self.refs = self.refs.wrapping_add(1);
    }

    /// Marks a watcher as inactive.
    ///
    /// # Safety
    /// The watcher is live.
    #[inline]
    pub(super) unsafe fn stop(&mut self, w: *mut ev_watcher) {
        // SAFETY: the watcher is live (caller).
        unsafe { (*w).active = 0 };
        self.refs = self.refs.wrapping_sub(1);
    }
}

/// The backends that there are.
pub fn supported_backends() -> c_uint {
    BACKENDS.iter().fold(0, |all, (bit, _)| all | bit)
}

/// The backends that are tried when the program names none.
pub fn recommended_backends() -> c_uint {
    EVBACKEND_SELECT | EVBACKEND_POLL | EVBACKEND_EPOLL
}

/// The backends whose loops `ev_embed` takes, on any system.
pub fn embeddable_backends() -> c_uint {
    EVBACKEND_EPOLL | EVBACKEND_KQUEUE | EVBACKEND_PORT | EVBACKEND_IOURING
}

/// The backends in the order in which they are tried.
const BACKENDS: [(c_uint, Kind); 5] = [
    (EVBACKEND_IOURING, Kind::Uring),
    (EVBACKEND_LINUXAIO, Kind::LinuxAio),
    (EVBACKEND_EPOLL, Kind::Epoll),
    (EVBACKEND_POLL, Kind::Poll),
    (EVBACKEND_SELECT, Kind::Select),
];

/// The flags that `LIBEV_FLAGS` sets, unless the program's rights are not its caller's.
fn environment() -> Option<c_uint> {
    // SAFETY: neither function has a precondition.
    if unsafe { libc::getauxval(libc::AT_SECURE) } != 0 {
        return None;
    }
    // SAFETY: a C string is passed; what comes back is null or a C string, read at once.
    unsafe {
        let value = libc::getenv(c"LIBEV_FLAGS".as_ptr());
        if value.is_null() { None } else { Some(libc::atoi(value).cast_unsigned()) }
    }
}

/// A new loop with a backend that the flags allow.
fn make(given: c_uint) -> Result<*mut ev_loop> {
    let flags = if given & EVFLAG_NOENV == 0 { environment().unwrap_or(given) } else { given };
    let allowed = match flags & EVBACKEND_MASK {
        0 => recommended_backends(),
        some => some,
    };
    let mut found = Err(Error::Invalid);
    for (bit, kind) in BACKENDS {
        if allowed & bit != 0 {
            found = Poller::new_in(kind, LoopHeap).map(|poller| (bit, poller));
            if matches!(found, Ok(_) | Err(Error::NoMemory)) {
                break;
            }
        }
    }
    let (backend, poller) = found?;
    let pid = if given & EVFLAG_FORKCHECK != 0 {
        // SAFETY: getpid has no precondition.
        unsafe { libc::getpid() }
    } else {
        0
    };
    let clock = clock::Clock::new();
    let own = Loop {
        origin: Origin::new(clock.wall),
        clock,
        refs: 0,
        pending: Pending::new(),
        poller,
        ios: 0,
        always: Vec::new_in(LoopHeap),
        timers: Deadlines::new_in(LoopHeap),
        periodics: Deadlines::new_in(LoopHeap),
        due: Vec::new_in(LoopHeap),
        idles: [const { List::new() }; PRIORITIES],
        idle_count: 0,
        prepares: List::new(),
        checks: List::new(),
        forks: List::new(),
        cleanups: List::new(),
        asyncs: List::new(),
        signals: None,
        children: None,
        stats: [null_mut(); STAT_LISTS],
        inotify: Lazy::wanted(flags & EVFLAG_NOINOTIFY == 0),
        timerfd: Lazy::wanted(flags & EVFLAG_NOTIMERFD == 0),
        signalfd: Lazy::wanted(flags & EVFLAG_SIGNALFD != 0),
        signalfd_set: 0,
        once_free: null_mut(),
        flags: given | flags & EVFLAG_REAPNAMED,
        backend,
        pid,
        postfork: false,
        done: EVBREAK_CANCEL,
        depth: 0,
        iteration: 0,
        io_interval: 0,
        timeout_interval: 0,
        invoke_cb: None,
        release_cb: None,
        acquire_cb: None,
        userdata: null_mut(),
    };
    // SAFETY: these are C structures for which all zeros is a valid value.
    let mut internal: Internal = unsafe { core::mem::zeroed() };
    internal.mail.cb = Some(signals::mail);
    internal.mail.priority = EV_MAXPRI;
    let l = ev_loop {
        shared: Shared { waker: Waker::new(), async_pending: AtomicBool::new(false) },
        internal: UnsafeCell::new(internal),
        own: UnsafeCell::new(own),
    };
    let boxed = Box::try_new_in(l, LoopHeap).map_err(|_| Error::NoMemory)?;
    Ok(Box::into_raw_with_allocator(boxed).0)
}

/// A new loop, or null when no backend of those allowed works.
pub fn new(flags: c_uint) -> *mut ev_loop {
    match make(flags) {
        Ok(l) => l,
        Err(Error::NoMemory) => fault::memory(Err(Error::NoMemory)),
        Err(_) => null_mut(),
    }
}

/// The default loop, which is made with these flags if there is none.
pub fn default(flags: c_uint) -> *mut ev_loop {
    let l = ev_default_loop_ptr.load(Relaxed);
    if !l.is_null() {
        return l;
    }
    let l = new(flags);
    if !l.is_null() {
        ev_default_loop_ptr.store(l, Relaxed);
        // SAFETY: the loop is new and nobody else's yet.
        unsafe { super::child::enable(l) };
    }
    l
}

/// Destroys a loop.
///
/// # Safety
/// The loop is live and nobody uses it afterwards.
pub unsafe fn destroy(l: *mut ev_loop) {
    // SAFETY: the loop is live and this is its thread (caller); each borrow of the state ends
    // before the callbacks run. Whoever is left after them is freed with the loop.
    unsafe {
        if !state(l).cleanups.is_empty() {
            state(l).queue_all(EV_CLEANUP, |s| &s.cleanups);
            turn::run_callbacks(l);
        }
        super::child::disable(l);
        let s = state(l);
        for fd in [s.inotify, s.timerfd, s.signalfd] {
            if let Lazy::Open(fd) = fd {
                crate::sys::eventfd::close(fd);
            }
        }
        signals::forget(l);
        super::once::free_records(state(l));
        if ev_default_loop_ptr.load(Relaxed) == l {
            ev_default_loop_ptr.store(null_mut(), Relaxed);
        }
        drop(Box::from_raw_in(l, LoopHeap));
    }
}

/// Makes everything afresh that the kernel shares between the processes of a fork.
///
/// # Safety
/// The loop is live and this is its thread.
pub(super) unsafe fn after_fork(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller); no borrow lives across `syserr`.
    unsafe {
        state(l).postfork = false;
        // All old descriptors go before a new one comes: a process that has closed everything on its
        // way into the background gets the same numbers again.
        let woken = shared(l).waker.fd().is_some();
        state(l).poller.forget_waker();
        shared(l).waker.close();
        for fd in [state(l).inotify, state(l).timerfd] {
            if let Lazy::Open(fd) = fd {
                crate::sys::eventfd::close(fd);
            }
        }
        while let Err(errno) = state(l).poller.rebuild() {
            fault::syserr(c"(libev) error creating a new backend descriptor", errno);
        }
        super::stat::after_fork(l);
        clock::after_fork(l);
        if woken {
            signals::open_waker(l);
            // Whatever was sent before has perhaps not been looked at.
            let mail = &raw mut (*internal(l)).mail;
            state(l).pending.feed(mail, EV_CUSTOM);
        }
    }
}

/// `EV_READ` and `EV_WRITE` as the poller has them: the bits are the same.
#[inline]
pub(super) fn interest(events: c_int) -> Interest {
    Interest::from_bits_truncate((events & (EV_READ | EV_WRITE)) as u8)
}

const _: () = assert!(
    Interest::READ.bits() as c_int == EV_READ && Interest::WRITE.bits() as c_int == EV_WRITE
);
