//! Lock debugging: every lock is wrapped in one that knows its holder and its depth, and a
//! misuse ends the program where it happens instead of corrupting it later.

use super::callbacks::{has_id, publish as publish_tables, user_conditions, user_locks};
use super::current_id;
use super::raw::{
    EVTHREAD_LOCKTYPE_READWRITE, EVTHREAD_LOCKTYPE_RECURSIVE, EVTHREAD_READ, EVTHREAD_WRITE,
    evthread_condition_callbacks, evthread_lock_callbacks,
};
use crate::{log, mem};
use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicUsize, Ordering::Relaxed};
use libc::{c_int, c_uint, c_ulong, timeval};

/// Marks a live debug lock: a lock made before debugging was enabled does not carry it.
const SIGNATURE: u32 = 0xe75_10c4;
/// What a freed debug lock carries.
const DEAD: u32 = 0xdead_10c4;

static ENABLED: AtomicBool = AtomicBool::new(false);

/// One lock with its bookkeeping. The holder's fields are atomics because a misuse, which is what
/// we are here to see, reads them without holding the lock.
struct DebugLock {
    signature: AtomicU32,
    locktype: c_uint,
    holder: AtomicUsize,
    depth: AtomicI32,
    inner: *mut c_void,
}

macro_rules! require {
    ($cond:expr, $what:literal, $function:literal) => {
        if !$cond {
            log::errx(log::ERR_ABORT, format_args!("Assertion {} failed in {}", $what, $function));
        }
    };
}

unsafe extern "C" fn alloc(locktype: c_uint) -> *mut c_void {
    let Some(p) = mem::alloc(size_of::<DebugLock>()) else { return null_mut() };
    let inner = match user_locks().alloc {
        None => null_mut(),
        Some(f) => {
            // The inner lock is recursive even where the outer is not: the mistake has to reach
            // the check instead of deadlocking.
            // SAFETY: the user's function, called as its contract says.
            let inner = unsafe { f(locktype | EVTHREAD_LOCKTYPE_RECURSIVE) };
            if inner.is_null() {
                // SAFETY: made just above, known to nobody.
                unsafe { mem::free(p.as_ptr()) };
                return null_mut();
            }
            inner
        }
    };
    let lock = DebugLock {
        signature: AtomicU32::new(SIGNATURE),
        locktype,
        holder: AtomicUsize::new(0),
        depth: AtomicI32::new(0),
        inner,
    };
    // SAFETY: the block has the size of a `DebugLock` and is aligned for any C type.
    unsafe { p.as_ptr().cast::<DebugLock>().write(lock) };
    p.as_ptr().cast()
}

unsafe extern "C" fn free(lock: *mut c_void, locktype: c_uint) {
    // SAFETY: a lock of `alloc` that nobody uses any more (contract of the callback).
    let l = unsafe { &*lock.cast::<DebugLock>() };
    require!(l.signature.load(Relaxed) == SIGNATURE, "lock is a debug lock", "debug_lock_free");
    require!(l.depth.load(Relaxed) == 0, "lock->count == 0", "debug_lock_free");
    require!(l.locktype == locktype, "locktype == lock->locktype", "debug_lock_free");
    if let Some(f) = user_locks().free {
        // SAFETY: the inner lock was made by the user's functions with this type.
        unsafe { f(l.inner, locktype | EVTHREAD_LOCKTYPE_RECURSIVE) };
    }
    l.signature.store(DEAD, Relaxed);
    // SAFETY: from `mem::alloc`, not used any more.
    unsafe { mem::free(lock.cast()) };
}

fn mark_locked(l: &DebugLock) {
    let depth = l.depth.load(Relaxed) + 1;
    l.depth.store(depth, Relaxed);
    if l.locktype & EVTHREAD_LOCKTYPE_RECURSIVE == 0 {
        require!(depth == 1, "lock->count == 1", "evthread_debug_lock_mark_locked");
    }
    if has_id() {
        let me = to_word(current_id());
        if depth > 1 {
            let holder = l.holder.load(Relaxed);
            require!(holder == me, "lock->held_by == me", "evthread_debug_lock_mark_locked");
        }
        l.holder.store(me, Relaxed);
    }
}

fn mark_unlocked(l: &DebugLock) {
    if has_id() {
        let me = to_word(current_id());
        let holder = l.holder.load(Relaxed);
        require!(holder == me, "lock->held_by == me", "evthread_debug_lock_mark_unlocked");
        if l.depth.load(Relaxed) == 1 {
            l.holder.store(0, Relaxed);
        }
    }
    let depth = l.depth.load(Relaxed) - 1;
    l.depth.store(depth, Relaxed);
    require!(depth >= 0, "lock->count >= 0", "evthread_debug_lock_mark_unlocked");
}

#[expect(clippy::cast_possible_truncation, reason = "unsigned long and usize are one on Linux")]
fn to_word(id: c_ulong) -> usize {
    id as usize
}

fn check_mode(l: &DebugLock, mode: c_uint) {
    let shared = mode & (EVTHREAD_READ | EVTHREAD_WRITE) != 0;
    let wanted = l.locktype & EVTHREAD_LOCKTYPE_READWRITE != 0;
    require!(shared == wanted, "mode fits the kind of lock", "debug_lock_lock");
}

unsafe extern "C" fn lock(mode: c_uint, lock: *mut c_void) -> c_int {
    // SAFETY: a live lock of `alloc` (contract of the callback).
    let l = unsafe { &*lock.cast::<DebugLock>() };
    require!(l.signature.load(Relaxed) == SIGNATURE, "lock is a debug lock", "debug_lock_lock");
    check_mode(l, mode);
    let r = match user_locks().lock {
        // SAFETY: the inner lock is live as long as the outer.
        Some(f) => unsafe { f(mode, l.inner) },
        None => 0,
    };
    if r == 0 {
        mark_locked(l);
    }
    r
}

unsafe extern "C" fn unlock(mode: c_uint, lock: *mut c_void) -> c_int {
    // SAFETY: a live lock of `alloc` (contract of the callback).
    let l = unsafe { &*lock.cast::<DebugLock>() };
    require!(l.signature.load(Relaxed) == SIGNATURE, "lock is a debug lock", "debug_lock_unlock");
    check_mode(l, mode);
    mark_unlocked(l);
    match user_locks().unlock {
        // SAFETY: the inner lock is live as long as the outer.
        Some(f) => unsafe { f(mode, l.inner) },
        None => 0,
    }
}

unsafe extern "C" fn wait(cond: *mut c_void, lock: *mut c_void, tv: *const timeval) -> c_int {
    // SAFETY: a live lock of `alloc`, held by this thread (contract of the callback).
    let l = unsafe { &*lock.cast::<DebugLock>() };
    require!(l.signature.load(Relaxed) == SIGNATURE, "lock is a debug lock", "debug_cond_wait");
    let Some(f) = user_conditions().wait_condition else { return -1 };
    mark_unlocked(l);
    // SAFETY: the condition is the user's own, the inner lock is live and held.
    let r = unsafe { f(cond, l.inner, tv) };
    mark_locked(l);
    r
}

/// A table the debugging layer puts in force.
#[repr(transparent)]
struct Table<T>(UnsafeCell<T>);

// SAFETY: the lock table is never written; the condition table only by `publish`, which runs
// inside the setters, before other threads use the library.
unsafe impl<T> Sync for Table<T> {}

static LOCKS: Table<evthread_lock_callbacks> = Table(UnsafeCell::new(evthread_lock_callbacks {
    lock_api_version: 1,
    supported_locktypes: EVTHREAD_LOCKTYPE_RECURSIVE,
    alloc: Some(alloc),
    free: Some(free),
    lock: Some(lock),
    unlock: Some(unlock),
}));

static CONDITIONS: Table<evthread_condition_callbacks> =
    Table(UnsafeCell::new(evthread_condition_callbacks {
        condition_api_version: 1,
        alloc_condition: None,
        free_condition: None,
        signal_condition: None,
        wait_condition: Some(wait),
    }));

/// Whether the debugging layer is on.
pub(super) fn enabled() -> bool {
    ENABLED.load(Relaxed)
}

/// Puts the debugging tables in force, over whatever the user has set.
pub(super) fn publish() {
    let user = user_conditions();
    let conditions = if user.alloc_condition.is_some() {
        let table = CONDITIONS.0.get();
        // SAFETY: see the table's `Sync`: set-up time, one thread.
        unsafe {
            (*table).alloc_condition = user.alloc_condition;
            (*table).free_condition = user.free_condition;
            (*table).signal_condition = user.signal_condition;
        }
        table
    } else {
        null_mut()
    };
    publish_tables(LOCKS.0.get(), conditions);
}

/// Wraps all locks made from now on; a second call does nothing.
pub fn enable() {
    if !ENABLED.swap(true, Relaxed) {
        publish();
    }
}

/// Whether the calling thread holds `lock`; yes when that cannot be known (no debugging).
pub fn is_held_by_this_thread(lock: *mut c_void) -> bool {
    if !enabled() || lock.is_null() {
        return true;
    }
    // SAFETY: with debugging on, live locks are debug locks (they were made by `alloc`).
    let l = unsafe { &*lock.cast::<DebugLock>() };
    l.signature.load(Relaxed) == SIGNATURE
        && l.depth.load(Relaxed) > 0
        && (!has_id() || l.holder.load(Relaxed) == to_word(current_id()))
}
