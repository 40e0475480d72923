//! `event_active` from other threads than the loop's, without the base's lock.
//!
//! A sender marks the event's *word* as sent, and if it was not, pushes the event onto the base's
//! stack; further sends only add to the word. Whoever takes the base's lock next, the loop after
//! each callback at the latest, moves what stands on the stack to the active queues, in the order
//! of sending. So all that is done under the lock finds an event where it belongs, and deleting
//! needs no care of its own. The word stays marked until the callback runs or is taken back.
//!
//! A loop that sleeps has put a mark in the place of the stack. Then senders take the lock, and
//! wake it: on the fast way nothing of the base is touched after the push, for the callback may be
//! the one after which the program frees the base.
//!
//! The word and the link of the stack lie in the three gaps of four bytes that C leaves in `struct
//! event`: they are all of it that other threads reach without the lock.

use super::bits::{FINALIZING, SENT};
use super::event_base;
use super::raw::{event, event_callback};
use super::state;
use core::ffi::{CStr, c_void};
use core::mem::offset_of;
use core::ptr::{null_mut, without_provenance_mut};
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64};
use libc::c_short;

/// What other threads look at, apart from what the loop writes all the time.
#[derive(Debug)]
pub(super) struct Inbox {
    _before: [u64; 8],
    /// What was sent last; null, or [`asleep`] while the loop sleeps.
    top: AtomicPtr<event>,
    /// The thread that runs the loop, 0 while none does.
    owner: AtomicU64,
    /// Activating an event takes more than putting it into its queue: there is a lock, or debug
    /// mode is on.
    careful: bool,
    _after: [u64; 8],
}

impl Inbox {
    pub(super) const fn new(careful: bool) -> Self {
        Self {
            _before: [0; 8],
            top: AtomicPtr::new(null_mut()),
            owner: AtomicU64::new(0),
            careful,
            _after: [0; 8],
        }
    }

    /// The loop runs in this thread from now on; 0: in none.
    pub(super) fn set_owner(&self, thread: u64) {
        self.owner.store(thread, Relaxed);
    }

    /// The thread that runs the loop, 0 while none does.
    #[inline]
    pub(super) fn owner(&self) -> u64 {
        self.owner.load(Relaxed)
    }

    /// Whether [`state::active`] has to take care.
    #[inline]
    pub(super) fn is_careful(&self) -> bool {
        self.careful
    }

    /// Whether anything was sent that has not been moved to the queues.
    #[inline]
    pub(super) fn has_mail(&self) -> bool {
        self.top.load(Relaxed).addr() > asleep().addr()
    }

    /// The loop, which holds the lock, is about to sleep. False if something was sent meanwhile.
    pub(super) fn sleep(&self) -> bool {
        let found = self.top.compare_exchange(null_mut(), asleep(), AcqRel, Relaxed);
        // The mark may be there already in a child that was forked while the loop slept.
        found.is_ok() || found == Err(asleep())
    }

    /// The loop is up again and holds the lock.
    pub(super) fn awake(&self) {
        // Nobody else replaces the mark.
        if self.top.load(Relaxed) == asleep() {
            self.top.store(null_mut(), Relaxed);
        }
    }
}

/// Stands for the stack while the loop sleeps; no event has this address.
#[inline]
const fn asleep() -> *mut event {
    without_provenance_mut(1)
}

/// In the word: sent and not delivered. The low half holds the results.
const IS_SENT: u32 = 1 << 16;
const RESULTS: u32 = 0xffff;

const WORD: usize = 20;
const LINK_LOW: usize = 60;
const LINK_HIGH: usize = 108;

// The gaps are where they are taken for.
const _: () = {
    assert!(offset_of!(event_callback, evcb_closure) + 1 == WORD);
    assert!(offset_of!(event_callback, evcb_cb_union) == WORD + 4);
    assert!(offset_of!(event, ev_evcallback) == 0);
    assert!(offset_of!(event, ev_fd) + 4 == LINK_LOW);
    assert!(offset_of!(event, ev_base) == LINK_LOW + 4);
    assert!(offset_of!(event, ev_res) + 2 == LINK_HIGH);
    assert!(offset_of!(event, ev_timeout) == LINK_HIGH + 4);
};

/// # Safety
/// `ev` is alive for as long as the result is used.
#[inline]
unsafe fn word<'a>(ev: *const event) -> &'a AtomicU32 {
    // SAFETY: the caller's contract; the gap is aligned for four bytes and nothing else uses it.
    unsafe { AtomicU32::from_ptr(ev.cast_mut().byte_add(WORD).cast()) }
}

unsafe fn set_next(ev: *mut event, next: *mut event) {
    let bits = next.expose_provenance() as u64;
    // SAFETY: the callers own the event's link: it is marked as sent by them and not yet pushed.
    unsafe {
        ev.byte_add(LINK_LOW).cast::<u32>().write(bits as u32);
        ev.byte_add(LINK_HIGH).cast::<u32>().write((bits >> 32) as u32);
    }
}

unsafe fn next(ev: *const event) -> *mut event {
    // SAFETY: the callers took the event from the stack, so its link is written and theirs.
    let (low, high) = unsafe {
        (ev.byte_add(LINK_LOW).cast::<u32>().read(), ev.byte_add(LINK_HIGH).cast::<u32>().read())
    };
    core::ptr::with_exposed_provenance_mut((u64::from(high) << 32 | u64::from(low)) as usize)
}

/// Prepares an event's word.
///
/// # Safety
/// `ev` is writable and neither pending nor active.
#[inline]
pub(super) unsafe fn prepare(ev: *mut event) {
    // SAFETY: the caller's contract.
    unsafe { word(ev) }.store(0, Relaxed);
}

/// Adds to what an event was sent already and what has not been delivered; false if there is
/// nothing of the kind.
///
/// # Safety
/// `ev` is alive.
#[inline]
pub(super) unsafe fn add(ev: *mut event, res: c_short) -> bool {
    // SAFETY: the caller's contract.
    let word = unsafe { word(ev) };
    let mut old = word.load(Relaxed);
    while old & IS_SENT != 0 {
        hint(&RELEASE, ev);
        // Written even if nothing changes: this is what orders our caller's writes before the
        // callback that another thread has asked for.
        let new = old | u32::from(res.cast_unsigned());
        match word.compare_exchange_weak(old, new, AcqRel, Relaxed) {
            Ok(_) => return true,
            Err(other) => old = other,
        }
    }
    false
}

/// Makes an event active from another thread than the loop's. False if the loop sleeps: the
/// caller then takes the lock, says [`arrive`] and wakes it.
///
/// # Safety
/// Both are alive; the event is no signal's.
pub(super) unsafe fn send(base: *const event_base, ev: *mut event, res: c_short) -> bool {
    // SAFETY: the caller's contract. Once the event is pushed neither is touched.
    unsafe {
        hint(&RELEASE, ev);
        let sent = IS_SENT | u32::from(res.cast_unsigned());
        if word(ev).fetch_or(sent, AcqRel) & IS_SENT != 0 {
            return true;
        }
        let top = &(*base).inbox.top;
        let mut first = top.load(Relaxed);
        while first != asleep() {
            set_next(ev, first);
            match top.compare_exchange_weak(first, ev, AcqRel, Relaxed) {
                Ok(_) => return true,
                Err(other) => first = other,
            }
        }
        false
    }
}

/// Moves what was sent to the active queues.
///
/// # Safety
/// `base` is alive and locked.
#[cold]
#[inline(never)]
pub(super) unsafe fn take(base: *mut event_base) {
    // SAFETY: the caller's contract; events on the stack are alive, because deleting one takes the
    // lock and comes here first.
    unsafe {
        let mut at = (*base).inbox.top.swap(null_mut(), Acquire);
        let mut in_order: *mut event = null_mut();
        while !at.is_null() {
            let before = next(at);
            set_next(at, in_order);
            in_order = at;
            at = before;
        }
        while !in_order.is_null() {
            let after = next(in_order);
            arrive(base, in_order);
            in_order = after;
        }
    }
}

/// Makes an event that was marked as sent active.
///
/// # Safety
/// Both are alive, `base` is locked; the event was just taken from the stack, or [`send`] said
/// that it has not got there.
pub(super) unsafe fn arrive(base: *mut event_base, ev: *mut event) {
    // SAFETY: the caller's contract.
    unsafe {
        let flags = &raw mut (*ev).ev_evcallback.evcb_flags;
        if *flags & FINALIZING != 0 {
            // It takes nothing any more.
            word(ev).store(0, Relaxed);
            return;
        }
        let sent = word(ev).load(Relaxed);
        if sent & IS_SENT == 0 {
            // The program has assigned it anew meanwhile.
            return;
        }
        state::activate(base, ev, (sent & RESULTS) as c_short, 1);
        *flags |= SENT;
    }
}

/// The event's callback is about to run, or is taken back: what was sent until now has been dealt
/// with. Returns the results.
///
/// # Safety
/// `ev` is alive, its base locked, and its flags say that it was sent.
#[cold]
#[inline(never)]
pub(super) unsafe fn collect(ev: *mut event) -> c_short {
    // SAFETY: the caller's contract.
    unsafe {
        (*ev).ev_evcallback.evcb_flags &= !SENT;
        let results = word(ev).swap(0, AcqRel) & RESULTS;
        hint(&ACQUIRE, ev);
        results as c_short
    }
}

/// What an event was sent that has not been collected; `None` if nothing was.
///
/// # Safety
/// `ev` is alive.
pub(super) unsafe fn sent(ev: *const event) -> Option<c_short> {
    // SAFETY: the caller's contract.
    let sent = unsafe { word(ev) }.load(Relaxed);
    (sent & IS_SENT != 0).then_some((sent & RESULTS) as c_short)
}

// What ThreadSanitizer would have seen of the lock: programs that run under it are instrumented,
// this library is not.

type HintFn = unsafe extern "C" fn(*mut c_void);

/// The sanitizer's functions, null where it is not loaded.
static RELEASE: AtomicPtr<c_void> = AtomicPtr::new(null_mut());
static ACQUIRE: AtomicPtr<c_void> = AtomicPtr::new(null_mut());

/// Looks for the sanitizer, once.
pub(super) fn look_for_sanitizer() {
    static DONE: AtomicBool = AtomicBool::new(false);
    // Two threads may both look here for the first time: they find the same.
    if !DONE.load(Acquire) {
        // SAFETY: a C string is passed; the result is null or the address of the function.
        let find = |name: &CStr| unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
        RELEASE.store(find(c"__tsan_release"), Relaxed);
        ACQUIRE.store(find(c"__tsan_acquire"), Relaxed);
        DONE.store(true, Release);
    }
}

#[inline]
fn hint(function: &AtomicPtr<c_void>, ev: *mut event) {
    let f = function.load(Relaxed);
    if !f.is_null() {
        // SAFETY: the sanitizer's function of this type; it takes any address.
        unsafe { core::mem::transmute::<*mut c_void, HintFn>(f)(ev.cast()) };
    }
}
