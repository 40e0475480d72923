//! The base: what it holds, how it is made and counted.
//!
//! A base lives on the heap and is reached through raw pointers, because callbacks of the user run
//! in the middle of everything. Every function here that takes a base expects it to be alive, and
//! locked where it says so; borrows of fields are as short as the statement they stand in.

use super::config::{self, Config};
use super::flags::{
    EVENT_BASE_COUNT_ACTIVE, EVENT_BASE_COUNT_ADDED, EVENT_BASE_COUNT_VIRTUAL, EVENT_MAX_PRIORITIES,
};
use super::inbox::{self, Inbox};
use super::queue::Queue;
use super::raw::{event, event_callback};
use super::signals::Signals;
use super::timers::{CommonTimeout, Timers};
use super::{debug, once, watch};
use crate::error::{Error, Result};
use crate::mem::{self, Box, Heap, Vec};
use crate::reactor::backend::Kind;
use crate::reactor::poller::Poller;
use crate::reactor::wake::Waker;
use crate::sys::mutex::Mutex;
use crate::thread::{self, Condition, Guard, Lock};
use core::ffi::CStr;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};
use libc::{c_int, c_short, c_uint};

/// An event loop; opaque to C.
#[allow(non_camel_case_types, missing_debug_implementations, reason = "C name, C contents")]
pub struct event_base {
    // What a turn touches stands first.
    pub(super) poller: Poller<event, Heap>,
    pub(super) wheel: Timers,
    /// Counts the timers that were set.
    pub(super) timer_serial: u32,
    /// The active queues, one for each priority: `one_queue` or an array of their own.
    pub(super) queues: *mut Queue,
    pub(super) priorities: usize,
    pub(super) one_queue: Queue,
    /// Active from the next pass on.
    pub(super) later: Queue,
    /// Runs after the callbacks of a pass, before the wait.
    pub(super) end_of_turn: Queue,
    pub(super) lock: Lock,
    /// [`acquire`] has really taken the lock.
    held: bool,
    /// The callback that runs now, null between callbacks and while a finalizer runs.
    pub(super) current: *mut event_callback,
    /// Counts the ends of callbacks that somebody waited for.
    pub(super) epoch: u64,
    /// The queue that is worked off; -1 outside.
    pub(super) running_priority: c_int,
    /// What the loop has to look at after a callback: a set of `attention` bits.
    pub(super) attention: u8,
    /// Stop the loop after this pass.
    pub(super) exit: bool,
    pub(super) running: bool,
    /// The loop sleeps in the kernel, or is about to, without the lock.
    pub(super) waiting: bool,
    /// Freed by a callback of its own loop: the loop frees the memory when it ends.
    pub(super) doomed: bool,
    /// How many events are inserted, and how many have a timer.
    pub(super) added_count: c_int,
    /// The peak of those and the active ones together.
    pub(super) event_count_max: c_int,
    pub(super) active_count: c_int,
    pub(super) active_count_max: c_int,
    pub(super) virtual_count: c_int,
    pub(super) virtual_count_max: c_int,
    /// Deferred work started since the pass began.
    pub(super) deferred_count: u32,
    /// The monotonic time of this pass, when it has been asked for; 0 otherwise.
    pub(super) now: u64,
    /// The same for `timers`, in microseconds, rounded up.
    pub(super) now_up: u64,
    /// Wall-clock minus monotonic time, in nanoseconds, if known for this pass.
    pub(super) clock_diff: Option<i64>,
    /// Repeats that the running signal event still has to do.
    pub(super) signal_calls: c_short,
    pub(super) inbox: Inbox,
    /// Tells threads that wait for the running callback that it has ended.
    pub(super) finished: Condition,
    pub(super) waker: Waker,
    pub(super) signals: Option<Signals>,
    pub(super) common: Vec<Box<CommonTimeout>>,
    pub(super) once: *mut once::Once,
    pub(super) spare_once: *mut once::Once,
    pub(super) watchers: watch::Watchers,
    /// `EVENT_BASE_FLAG_*`.
    pub(super) flags: c_int,
    /// The next in the list of bases.
    next_alive: *mut Self,
    /// Limits on what is run without looking for new events.
    pub(super) max_interval: Option<u64>,
    pub(super) max_callbacks: c_int,
    pub(super) limit_after: c_int,
}

pub use super::time::{cached_monotonic_ns, cached_time, update_cache_time};
pub(super) use super::time::{clock_diff, forget_time, now};

/// Bits of `event_base::attention`.
pub(super) mod attention {
    /// Stop the loop at once (`event_base_loopbreak`).
    pub(crate) const STOP: u8 = 1;
    /// Start over with the highest priority after this callback.
    pub(crate) const RESCAN: u8 = 2;
    /// Another thread waits until this callback has ended.
    pub(crate) const WAITERS: u8 = 4;
}

/// The base of `event_init`, for the functions without one. No header declares it, but programs
/// declare it themselves, read it and set it (libverto's module for libevent does): it is exported.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "C name")]
pub static event_global_current_base_: AtomicPtr<event_base> = AtomicPtr::new(null_mut());

/// The first of all bases. Programs free events after their base; with locks in play the base has
/// to be looked at then, and this list says whether it is still there.
static ALIVE: Mutex<First> = Mutex::new(First(null_mut()));

struct First(*mut event_base);

// SAFETY: the pointer is followed under the mutex only.
unsafe impl Send for First {}

/// Whether this is the address of a base that has not been freed.
pub(super) fn is_alive(base: *const event_base) -> bool {
    let first = ALIVE.lock();
    let mut at = first.0.cast_const();
    // SAFETY: bases stand in the list from their making to their freeing.
    unsafe {
        while !at.is_null() && at != base {
            at = (*at).next_alive;
        }
    }
    !at.is_null()
}

/// Takes a base out of the list.
unsafe fn delist(base: *mut event_base) {
    let mut first = ALIVE.lock();
    let mut link = &raw mut first.0;
    // SAFETY: as in `is_alive`; the callers hand in a live base.
    unsafe {
        while !(*link).is_null() && *link != base {
            link = &raw mut (**link).next_alive;
        }
        if !(*link).is_null() {
            *link = (*base).next_alive;
        }
    }
}

/// The base that `event_init` made last.
pub fn current_base() -> *mut event_base {
    event_global_current_base_.load(Ordering::Acquire)
}

/// Makes `base` the one that functions without a base use.
pub fn set_current_base(base: *mut event_base) {
    event_global_current_base_.store(base, Ordering::Release);
}

/// `base`, or the current one for null.
pub fn or_current(base: *mut event_base) -> *mut event_base {
    if base.is_null() { current_base() } else { base }
}

/// A base with the usual configuration.
pub fn base_new() -> Result<*mut event_base> {
    new_with(&Config::new())
}

/// A base as configured.
pub fn new_with(config: &Config) -> Result<*mut event_base> {
    debug::too_late();
    let Some(kind) = config.choose() else {
        crate::warnx!("event_base_new_with_config: no event mechanism available");
        return Err(Error::Invalid);
    };
    let mut poller = Poller::new_in(kind, Heap);
    if let Err(Error::Os(errno)) = poller {
        // The kernel may refuse one method (no epoll in some sandboxes) and allow another.
        if let Some(kind) = config.choose_after(kind) {
            poller = Poller::new_in(kind, Heap);
        } else {
            crate::warn_errno!(errno, "event_base_new_with_config");
        }
    }
    let locking = thread::enabled() && config.flags & config::NOLOCK == 0;
    let (lock, finished) = if locking {
        inbox::look_for_sanitizer();
        mem::watch_threads();
        let lock = Lock::new()?;
        match Condition::new() {
            Ok(condition) => (lock, condition),
            Err(e) => {
                lock.free();
                return Err(e);
            }
        }
    } else {
        (Lock::none(), Condition::none())
    };
    let waker = Waker::new();
    // A base that other threads may use has what wakes it from the beginning: in the loop there may
    // be no descriptor left.
    let ready = poller.and_then(|mut poller| {
        if locking {
            poller.set_waker(waker.open()?)?;
        }
        Ok(poller)
    });
    let base = event_base {
        poller: match ready {
            Ok(poller) => poller,
            Err(e) => {
                lock.free();
                finished.free();
                return Err(e);
            }
        },
        wheel: Timers::new_in(Heap),
        timer_serial: 0,
        queues: null_mut(),
        priorities: 1,
        one_queue: Queue::UNPLACED,
        later: Queue::UNPLACED,
        end_of_turn: Queue::UNPLACED,
        lock,
        held: false,
        current: null_mut(),
        epoch: 0,
        running_priority: -1,
        attention: 0,
        exit: false,
        running: false,
        waiting: false,
        doomed: false,
        added_count: 0,
        event_count_max: 0,
        active_count: 0,
        active_count_max: 0,
        virtual_count: 0,
        virtual_count_max: 0,
        deferred_count: 0,
        now: 0,
        now_up: 0,
        clock_diff: None,
        signal_calls: 0,
        inbox: Inbox::new(locking || debug::enabled()),
        finished,
        waker,
        signals: None,
        common: Vec::new_in(Heap),
        once: null_mut(),
        spare_once: null_mut(),
        watchers: watch::Watchers::new(),
        next_alive: null_mut(),
        flags: config.base_flags(kind),
        max_interval: config.max_interval,
        max_callbacks: config.max_callbacks,
        limit_after: config.limit_after(),
    };
    let Some(block) = mem::alloc(size_of::<event_base>()) else {
        base.lock.free();
        base.finished.free();
        return Err(Error::NoMemory);
    };
    let p = block.cast::<event_base>().as_ptr();
    // SAFETY: the block is fresh and large enough, and C allocators align for any field of it.
    unsafe {
        p.write(base);
        (*p).queues = &raw mut (*p).one_queue;
        Queue::clear(&raw mut (*p).one_queue);
        Queue::clear(&raw mut (*p).later);
        Queue::clear(&raw mut (*p).end_of_turn);
        if Config::wants_timerfd((*p).flags) {
            (*p).poller.set_precise();
        }
        let mut first = ALIVE.lock();
        (*p).next_alive = first.0;
        first.0 = p;
        drop(first);
        if config.shows_method() {
            crate::msgx!("libevent using: {}", method(p));
        }
    }
    Ok(p)
}

/// Takes the base's lock, if it has one, until the guard is dropped. No code of the program may
/// run meanwhile (see [`thread::alone`]).
///
/// # Safety
/// `base` is alive.
#[inline]
pub(super) unsafe fn base_lock(base: *mut event_base) -> Guard {
    // SAFETY: the caller keeps the base alive.
    unsafe { if thread::alone() { taking_mail(base, Guard::none()) } else { real_lock(base) } }
}

/// [`base_lock`] for those who run code of the program while they hold the lock.
///
/// # Safety
/// `base` is alive.
#[inline]
pub unsafe fn real_lock(base: *mut event_base) -> Guard {
    // SAFETY: the caller keeps the base alive; the guard holds no borrow of it.
    unsafe { taking_mail(base, (*base).lock.guard()) }
}

#[inline(always)]
unsafe fn taking_mail(base: *mut event_base, guard: Guard) -> Guard {
    // SAFETY: the callers have the lock of a live base.
    unsafe {
        if (*base).inbox.has_mail() {
            inbox::take(base);
        }
        guard
    }
}

/// [`base_lock`] for the loop, which releases the lock by hand.
///
/// # Safety
/// `base` is alive.
#[inline(always)]
pub(super) unsafe fn acquire(base: *mut event_base) {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        // Not with `base_lock`'s branches: nothing can be sent where there is no lock.
        if (*base).lock.is_some() {
            let held = !thread::alone();
            if held {
                (*base).lock.acquire();
            }
            (*base).held = held;
            if (*base).inbox.has_mail() {
                inbox::take(base);
            }
        }
    }
}

/// The counterpart of [`acquire`].
///
/// # Safety
/// `base` is alive.
#[inline(always)]
pub(super) unsafe fn release(base: *mut event_base) {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        if (*base).held {
            (*base).lock.release();
        }
    }
}

/// Whether the base is the caller's, lock or no lock, and nothing was sent that comes first.
///
/// # Safety
/// `base` is alive.
#[inline(always)]
pub(super) unsafe fn is_ours(base: *const event_base) -> bool {
    // SAFETY: the caller keeps the base alive.
    unsafe { !(*base).lock.is_some() || (thread::alone() && !(*base).inbox.has_mail()) }
}

/// The name of the base's method.
///
/// # Safety
/// `base` is alive.
pub unsafe fn method_name(base: *const event_base) -> &'static CStr {
    // SAFETY: the caller keeps the base alive.
    let (kind, flags) = unsafe { ((*base).poller.kind(), (*base).flags) };
    match kind {
        Kind::Epoll if flags & config::CHANGELIST != 0 => c"epoll (with changelist)",
        kind => config::name(kind),
    }
}

/// How the base hears of signals.
///
/// # Safety
/// `base` is alive.
pub unsafe fn signal_method(base: *const event_base) -> &'static CStr {
    // SAFETY: the caller keeps the base alive.
    if unsafe { (*base).flags } & config::USE_SIGNALFD != 0 {
        c"signalfd_signal"
    } else {
        c"signal"
    }
}

/// The same for messages.
///
/// # Safety
/// `base` is alive.
pub(super) unsafe fn method(base: *const event_base) -> &'static str {
    // SAFETY: the caller keeps the base alive.
    unsafe { method_name(base) }.to_str().unwrap_or_default()
}

/// What the base's method can do.
///
/// # Safety
/// `base` is alive.
pub unsafe fn features(base: *const event_base) -> c_int {
    // SAFETY: the caller keeps the base alive.
    config::features(unsafe { (*base).poller.kind() })
}

/// How many priorities there are.
///
/// # Safety
/// `base` is alive.
pub unsafe fn priorities(base: *mut event_base) -> c_int {
    // SAFETY: the caller keeps the base alive; there are 255 at most.
    unsafe { (*base).priorities as c_int }
}

/// The priority of whatever nobody has given one.
///
/// # Safety
/// `base` is alive.
pub unsafe fn middle_priority(base: *mut event_base) -> u8 {
    // SAFETY: the caller keeps the base alive.
    u8::try_from(unsafe { priorities(base) } / 2).unwrap_or(u8::MAX)
}

/// Sets the number of priorities, while nothing is active.
///
/// # Safety
/// `base` is alive.
pub unsafe fn priority_init(base: *mut event_base, n: c_int) -> Result<()> {
    // SAFETY: the caller keeps the base alive; the queues are empty, so their heads may move.
    unsafe {
        let _guard = base_lock(base);
        if (*base).active_count != 0 || !(1..EVENT_MAX_PRIORITIES).contains(&n) {
            return Err(Error::Invalid);
        }
        let n = n.unsigned_abs() as usize;
        if n == (*base).priorities {
            return Ok(());
        }
        let queues = if n == 1 {
            &raw mut (*base).one_queue
        } else {
            let block = mem::alloc(n * size_of::<Queue>()).ok_or(Error::NoMemory)?;
            let queues = block.cast::<Queue>().as_ptr();
            for i in 0..n {
                Queue::clear(queues.add(i));
            }
            queues
        };
        free_queues(base);
        (*base).queues = queues;
        (*base).priorities = n;
        // A loop that works off a queue must not go on with it.
        (*base).attention |= attention::RESCAN;
        Ok(())
    }
}

/// Frees the array of queue heads, if there is one.
///
/// # Safety
/// `base` is alive and nothing is active.
pub(super) unsafe fn free_queues(base: *mut event_base) {
    // SAFETY: `queues` points to `one_queue` or to a block of ours.
    unsafe {
        if (*base).queues != &raw mut (*base).one_queue {
            mem::free((*base).queues.cast());
            (*base).queues = &raw mut (*base).one_queue;
            (*base).priorities = 1;
        }
    }
}

/// `event_base_get_num_events`.
///
/// # Safety
/// `base` is alive.
pub unsafe fn num_events(base: *mut event_base, kinds: c_uint) -> c_int {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = base_lock(base);
        let mut n = 0;
        if kinds & EVENT_BASE_COUNT_ACTIVE != 0 {
            n += (*base).active_count;
        }
        if kinds & EVENT_BASE_COUNT_VIRTUAL != 0 {
            n += (*base).virtual_count;
        }
        if kinds & EVENT_BASE_COUNT_ADDED != 0 {
            n += (*base).added_count + (*base).active_count;
        }
        n
    }
}

/// `event_base_get_max_events`: the sum of the peaks, which start over at 0 if `clear`.
///
/// # Safety
/// `base` is alive.
pub unsafe fn max_events(base: *mut event_base, kinds: c_uint, clear: bool) -> c_int {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = base_lock(base);
        let mut n = 0;
        for (kind, peak) in [
            (EVENT_BASE_COUNT_ACTIVE, &raw mut (*base).active_count_max),
            (EVENT_BASE_COUNT_VIRTUAL, &raw mut (*base).virtual_count_max),
            (EVENT_BASE_COUNT_ADDED, &raw mut (*base).event_count_max),
        ] {
            if kinds & kind != 0 {
                n += *peak;
                if clear {
                    *peak = 0;
                }
            }
        }
        n
    }
}

/// Keeps the loop alive until [`del_virtual`].
///
/// # Safety
/// `base` is alive.
pub unsafe fn add_virtual(base: *mut event_base) {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = base_lock(base);
        (*base).virtual_count += 1;
        (*base).virtual_count_max = (*base).virtual_count_max.max((*base).virtual_count);
    }
}

/// The counterpart of [`add_virtual`].
///
/// # Safety
/// `base` is alive.
pub unsafe fn del_virtual(base: *mut event_base) {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = base_lock(base);
        (*base).virtual_count -= 1;
        if (*base).virtual_count == 0 {
            notify(base);
        }
    }
}

/// Whether the base's loop is running.
///
/// # Safety
/// `base` is alive.
pub unsafe fn is_running(base: *mut event_base) -> bool {
    // SAFETY: the caller's contract.
    unsafe {
        let _guard = base_lock(base);
        (*base).running
    }
}

/// Whether anything keeps the loop going.
///
/// # Safety
/// `base` is alive and locked.
#[inline]
pub(super) unsafe fn has_events(base: *const event_base) -> bool {
    // SAFETY: the caller's contract.
    unsafe { (*base).added_count > 0 || (*base).virtual_count > 0 || (*base).active_count > 0 }
}

/// Whether the calling thread runs the loop, or nobody could tell.
///
/// # Safety
/// `base` is alive and locked.
#[inline]
pub(super) unsafe fn in_loop_thread(base: *const event_base) -> bool {
    // SAFETY: the caller's contract.
    unsafe { !(*base).lock.is_some() || (*base).inbox.owner() == thread::current_id() }
}

/// Whether a thread other than the calling one runs the loop at this moment.
///
/// # Safety
/// `base` is alive.
pub unsafe fn runs_elsewhere(base: *const event_base) -> bool {
    // SAFETY: the caller's contract.
    let owner = unsafe { (*base).inbox.owner() };
    owner != 0 && owner != thread::current_id()
}

/// Wakes the loop if it sleeps; a loop that is up will see the change by itself.
///
/// # Safety
/// `base` is alive and locked.
#[inline]
pub(super) unsafe fn notify(base: *mut event_base) {
    // SAFETY: the caller's contract.
    unsafe {
        if (*base).waiting {
            (*base).waker.wake();
        }
    }
}

/// Makes sure that other threads can wake the loop.
///
/// # Safety
/// `base` is alive and locked.
pub(super) unsafe fn open_waker(base: *mut event_base) -> Result<()> {
    // SAFETY: the caller's contract.
    unsafe {
        if (*base).waker.fd().is_some() {
            return Ok(());
        }
        let fd = (*base).waker.open()?;
        if let Err(e) = (*base).poller.set_waker(fd) {
            (*base).waker.close();
            return Err(e);
        }
        Ok(())
    }
}

/// `evthread_make_base_notifiable`.
///
/// # Safety
/// `base` is alive.
pub unsafe fn make_notifiable(base: *mut event_base) -> Result<()> {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = base_lock(base);
        open_waker(base)
    }
}

/// Waits, in another thread than the loop's, until the callback that runs now has ended.
///
/// # Safety
/// `base` is alive and locked exactly once by this thread.
#[cold]
pub(super) unsafe fn wait_for_current(base: *mut event_base) {
    // SAFETY: the caller's contract; the condition gives the lock back meanwhile.
    unsafe {
        let (current, epoch) = ((*base).current, (*base).epoch);
        while (*base).current == current && (*base).epoch == epoch {
            (*base).attention |= attention::WAITERS;
            if (*base).finished.wait(&(*base).lock, None) == thread::Wake::Failed {
                return;
            }
        }
    }
}

/// Rebuilds what a fork made the child share with its parent.
///
/// # Safety
/// `base` is alive.
pub unsafe fn reinit(base: *mut event_base) -> Result<()> {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        let _guard = base_lock(base);
        let had_waker = (*base).waker.fd().is_some();
        (*base).poller.forget_waker();
        (*base).waker.close();
        (*base).poller.rebuild().map_err(|errno| {
            crate::warn_errno!(
                errno,
                "event_reinit: could not make the method's descriptor afresh"
            );
            Error::from(errno)
        })?;
        if had_waker {
            open_waker(base)?;
        }
        let mut result = Ok(());
        while let Some((fd, errno)) = (*base).poller.flush() {
            // A descriptor that did not survive the fork takes nobody else with it.
            crate::warn_errno!(errno, "event_reinit: could not register descriptor {fd} again");
            result = Err(Error::Os(errno));
        }
        result
    }
}

/// Frees a base. With `finalizers`, those that wait are run first.
///
/// # Safety
/// `base` is null (the current one) or alive, and nobody uses it afterwards.
pub unsafe fn free(base: *mut event_base, finalizers: bool) {
    let base = or_current(base);
    if base.is_null() {
        crate::warnx!("event_base_free_: no base to free");
        return;
    }
    if base == current_base() {
        set_current_base(null_mut());
    }
    // SAFETY: the caller's contract; a loop that is still running (we are in one of its
    // callbacks) frees the rest when it ends.
    unsafe {
        super::teardown::detach(base, finalizers);
        if (*base).running {
            (*base).doomed = true;
            (*base).attention |= attention::STOP;
        } else {
            dispose(base);
        }
    }
}

/// Gives the memory of a detached base back.
///
/// # Safety
/// `base` was detached, and nobody uses it any more.
pub(super) unsafe fn dispose(base: *mut event_base) {
    // SAFETY: the caller's contract.
    unsafe {
        delist(base);
        once::free_all(base);
        watch::free_all(base);
        free_queues(base);
        (*base).signals = None;
        (*base).finished.free();
        (*base).lock.free();
        base.drop_in_place();
        mem::free(base.cast());
    }
}

/// The core's part of `libevent_global_shutdown`.
pub fn global_shutdown() {
    debug::disable();
    crate::reactor::signal::shutdown();
    set_current_base(null_mut());
}
