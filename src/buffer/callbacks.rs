//! Who is told when a buffer changes.
//!
//! - The **owner hook**: one function of the library (the bufferevent's), told at once.
//! - **Callbacks**: the program's, newest first. They are told at once, or from the event loop,
//!   once for all changes of a pass, after `evbuffer_defer_callbacks`.
//!
//! A callback may change and free the buffer, add callbacks and remove them, itself included: an
//! entry that is removed while callbacks run is only marked, and unlinked when the last run is
//! over.

use super::block::Dropped;
use super::deferred::{self, Deferred};
use super::raw::{EVBUFFER_CB_ENABLED, evbuffer_cb_func, evbuffer_cb_info};
use super::{HOOKED, WATCHED, decref_locked, evbuffer, lock, share_lock};
use crate::error::{Error, Result};
use crate::mem;
use crate::thread::Guard;
use core::ffi::c_void;
use core::mem::size_of;
use core::ptr::null_mut;

/// Told of each change at once: bytes added and removed. It runs before the callbacks, with the
/// buffer locked.
pub type OwnerHook = unsafe fn(b: *mut evbuffer, arg: *mut c_void, added: usize, deleted: usize);

/// The old style of callback: the length before and after.
#[allow(non_camel_case_types, reason = "C name")]
pub type evbuffer_cb = Option<
    unsafe extern "C" fn(buffer: *mut evbuffer, old_len: usize, new_len: usize, arg: *mut c_void),
>;

/// The object that a buffer is part of, whose lock the buffer may share.
#[derive(Debug)]
pub struct Owner {
    /// Told of every change; see [`OwnerHook`].
    pub hook: Option<OwnerHook>,
    /// Takes a count: a scheduled run of the buffer's callbacks keeps the owner alive.
    pub incref: unsafe fn(*mut c_void),
    /// Gives one back.
    pub decref: unsafe fn(*mut c_void),
}

/// A count on a buffer's parent, if it has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct ParentCount(Option<(&'static Owner, *mut c_void)>);

impl ParentCount {
    /// Takes one.
    ///
    /// # Safety
    /// `b` is live and locked.
    pub(super) unsafe fn take(b: *mut evbuffer) -> Self {
        // SAFETY: live (caller), and so is the parent while it is set.
        unsafe {
            let arg = (*b).callbacks.owner_arg;
            let owner = (*b).callbacks.owner;
            if let Some(owner) = owner {
                (owner.incref)(arg);
            }
            Self(owner.map(|owner| (owner, arg)))
        }
    }

    /// None.
    pub(super) const NONE: Self = Self(None);

    /// Gives it back.
    ///
    /// # Safety
    /// Once for each [`Self::take`], with nothing locked that the parent's end needs.
    pub(super) unsafe fn give_back(self) {
        if let Some((owner, arg)) = self.0 {
            // SAFETY: the count of `take`.
            unsafe { (owner.decref)(arg) }
        }
    }
}

/// Names the object the buffer is part of; `None` for none.
///
/// # Safety
/// `b` is live; `arg` is what the functions of `owner` take, and live until another one is named.
pub unsafe fn set_owner(b: *mut evbuffer, owner: Option<&'static Owner>, arg: *mut c_void) {
    // SAFETY: live (caller).
    unsafe {
        let guard = lock(b);
        (*b).callbacks.owner = owner;
        (*b).callbacks.owner_arg = arg;
        note(b);
        drop(guard);
    }
}

/// Runs at once even when callbacks are deferred.
const NODEFER: u32 = 2;
const BOTH: u32 = NODEFER | EVBUFFER_CB_ENABLED;
/// The flags that the program may set.
const PUBLIC: u32 = 0x0000_ffff;
/// Removed while callbacks were running.
const REMOVED: u32 = 0x0001_0000;

#[derive(Clone, Copy, Debug)]
enum Function {
    New(evbuffer_cb_func),
    Old(evbuffer_cb),
}

/// A registered callback; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evbuffer_cb_entry {
    next: *mut Self,
    function: Function,
    arg: *mut c_void,
    flags: u32,
}

/// What a buffer knows of those who are told.
#[derive(Debug)]
pub(super) struct Callbacks {
    owner: Option<&'static Owner>,
    owner_arg: *mut c_void,
    /// Made with the first callback, else null: most buffers have none.
    watch: *mut Watch,
}

/// The program's callbacks.
#[derive(Debug)]
struct Watch {
    first: *mut evbuffer_cb_entry,
    /// Not yet told to the callbacks.
    added: usize,
    deleted: usize,
    /// Set by `evbuffer_defer_callbacks`, else null.
    deferred: *mut Deferred,
    /// Runs of the callbacks that are under way.
    running: u32,
    /// Whether an entry is marked `REMOVED`.
    removed: bool,
}

impl Callbacks {
    pub(super) const fn new() -> Self {
        Self { owner: None, owner_arg: null_mut(), watch: null_mut() }
    }

    #[inline]
    fn hook(&self) -> Option<OwnerHook> {
        self.owner.and_then(|owner| owner.hook)
    }
}

/// Whether the program has callbacks here.
///
/// # Safety
/// `b` is live.
#[inline]
pub(super) unsafe fn is_watched(b: *mut evbuffer) -> bool {
    // SAFETY: live (caller).
    unsafe { !first(b).is_null() }
}

/// The newest callback, null for none.
#[inline]
unsafe fn first(b: *mut evbuffer) -> *mut evbuffer_cb_entry {
    // SAFETY: live (callers); the record lives as long as the buffer.
    unsafe {
        let watch = (*b).callbacks.watch;
        if watch.is_null() { null_mut() } else { (*watch).first }
    }
}

/// The record of callbacks, made if there is none.
unsafe fn watch(b: *mut evbuffer) -> Result<*mut Watch> {
    // SAFETY: live and locked (callers).
    unsafe {
        if (*b).callbacks.watch.is_null() {
            let p = mem::zeroed(1, size_of::<Watch>()).ok_or(Error::NoMemory)?;
            (*b).callbacks.watch = p.as_ptr().cast();
        }
        Ok((*b).callbacks.watch)
    }
}

/// What `evbuffer_defer_callbacks` has set, or null.
///
/// # Safety
/// `b` is live.
pub(super) unsafe fn deferral(b: *mut evbuffer) -> *mut Deferred {
    // SAFETY: live (caller).
    unsafe {
        let watch = (*b).callbacks.watch;
        if watch.is_null() { null_mut() } else { (*watch).deferred }
    }
}

/// Sets it.
///
/// # Safety
/// `b` is live and locked; `d` is a block of the allocator, which becomes the buffer's.
pub(super) unsafe fn set_deferral(b: *mut evbuffer, d: *mut Deferred) -> Result<()> {
    // SAFETY: live (caller).
    unsafe {
        (*watch(b)?).deferred = d;
    }
    Ok(())
}

/// Ends an operation: frees what left the chain, tells who wants to know, unlocks.
///
/// # Safety
/// `b` is live, `guard` is its lock's, no borrow of it is held.
#[inline]
pub(super) unsafe fn finish(
    b: *mut evbuffer,
    guard: Guard,
    out: Dropped,
    added: usize,
    deleted: usize,
) {
    // SAFETY: live (caller). The owner's hook frees nothing itself: what it lets go of dies in the
    // event loop, so that no count is needed here.
    unsafe {
        if out.is_empty() && (*b).is_quiet(WATCHED) {
            tell_hook(b, added, deleted);
            drop(guard);
            return;
        }
        finish_slowly(b, guard, out, added, deleted);
    }
}

/// Tells the hook, if there is one, of a change. It frees nothing itself: what it lets go of dies in
/// the event loop.
///
/// # Safety
/// `b` is live and locked, no borrow of it is held.
#[inline]
pub(super) unsafe fn tell_hook(b: *mut evbuffer, added: usize, deleted: usize) {
    // SAFETY: live (caller). Function and argument are copied out before the call.
    unsafe {
        if !(*b).is_quiet(HOOKED)
            && (added != 0 || deleted != 0)
            && let Some(hook) = (*b).callbacks.hook()
        {
            hook(b, (*b).callbacks.owner_arg, added, deleted);
        }
    }
}

/// As [`finish`], for an operation of the owner, whose hook is not told.
///
/// # Safety
/// As [`finish`].
#[inline]
pub(super) unsafe fn finish_own(
    b: *mut evbuffer,
    guard: Guard,
    out: Dropped,
    added: usize,
    deleted: usize,
) {
    // SAFETY: live (caller); the count keeps it so while program code runs.
    unsafe {
        if out.is_empty() && (*b).is_quiet(WATCHED) {
            drop(guard);
            return;
        }
        (*b).refs += 1;
        drop(out);
        tell_callbacks(b, added, deleted);
        decref_locked(b, guard);
    }
}

/// As [`finish_two`], for an operation of the owner.
///
/// # Safety
/// As [`finish_two`].
#[inline]
pub(super) unsafe fn finish_own_two(
    first: (*mut evbuffer, Guard, usize, usize),
    second: (*mut evbuffer, Guard, usize, usize),
    out: Dropped,
) {
    let (a, guard_a, added_a, deleted_a) = first;
    let (b, guard_b, added_b, deleted_b) = second;
    // SAFETY: live (caller); the counts keep them so while program code runs.
    unsafe {
        if out.is_empty() && (*a).is_quiet(WATCHED) && (*b).is_quiet(WATCHED) {
            return;
        }
        // A lock that both share is held by one guard only: it stays held for both counts. It is the
        // owner's, so that it outlives the buffers.
        let both = if share_lock(a, b) { lock(a) } else { Guard::none() };
        (*a).refs += 1;
        (*b).refs += 1;
        drop(out);
        tell_callbacks(a, added_a, deleted_a);
        tell_callbacks(b, added_b, deleted_b);
        decref_locked(b, guard_b);
        decref_locked(a, guard_a);
        drop(both);
    }
}

#[inline(never)]
unsafe fn finish_slowly(
    b: *mut evbuffer,
    guard: Guard,
    out: Dropped,
    added: usize,
    deleted: usize,
) {
    // SAFETY: live (caller of `finish`); the count keeps it so while program code runs.
    unsafe {
        (*b).refs += 1;
        drop(out);
        tell(b, added, deleted);
        decref_locked(b, guard);
    }
}

/// As [`finish`], for two buffers: `first` is told first.
///
/// # Safety
/// Both are live, the guards are theirs in this order, no borrow is held.
pub(super) unsafe fn finish_two(
    first: (*mut evbuffer, Guard, usize, usize),
    second: (*mut evbuffer, Guard, usize, usize),
    out: Dropped,
) {
    let (a, guard_a, added_a, deleted_a) = first;
    let (b, guard_b, added_b, deleted_b) = second;
    // SAFETY: live (caller); the counts keep them so while program code runs.
    unsafe {
        if out.is_empty() && (*a).is_quiet(WATCHED) && (*b).is_quiet(WATCHED) {
            tell_hook(a, added_a, deleted_a);
            tell_hook(b, added_b, deleted_b);
            return;
        }
        // A lock that both share is held by one guard only: it stays held for both counts. It is the
        // owner's, so that it outlives the buffers.
        let both = if share_lock(a, b) { lock(a) } else { Guard::none() };
        (*a).refs += 1;
        (*b).refs += 1;
        drop(out);
        tell(a, added_a, deleted_a);
        tell(b, added_b, deleted_b);
        decref_locked(b, guard_b);
        decref_locked(a, guard_a);
        drop(both);
    }
}

/// Tells hook and callbacks of a change.
///
/// # Safety
/// `b` is locked, and the caller holds a count on it.
pub(super) unsafe fn tell(b: *mut evbuffer, added: usize, deleted: usize) {
    if added == 0 && deleted == 0 {
        return;
    }
    // SAFETY: live while the caller's count is held.
    unsafe {
        tell_hook(b, added, deleted);
        tell_callbacks(b, added, deleted);
    }
}

/// Tells the callbacks of a change.
///
/// # Safety
/// As [`tell`].
unsafe fn tell_callbacks(b: *mut evbuffer, added: usize, deleted: usize) {
    if added == 0 && deleted == 0 {
        return;
    }
    // SAFETY: live while the caller's count is held, and the record with it.
    unsafe {
        let watch = (*b).callbacks.watch;
        if watch.is_null() {
            return;
        }
        if (*watch).first.is_null() {
            (*watch).added = 0;
            (*watch).deleted = 0;
            return;
        }
        (*watch).added += added;
        (*watch).deleted += deleted;
        if (*watch).deferred.is_null() {
            run(b, EVBUFFER_CB_ENABLED, EVBUFFER_CB_ENABLED, true);
        } else {
            deferred::schedule(b);
            // Those that do not wait see the sums; the deferred run resets them.
            run(b, BOTH, BOTH, false);
        }
    }
}

/// The run from the loop: tells those that wait of everything since the last one.
///
/// # Safety
/// As [`tell`].
pub(super) unsafe fn tell_deferred(b: *mut evbuffer) {
    // SAFETY: the caller's promises.
    unsafe { run(b, BOTH, EVBUFFER_CB_ENABLED, true) }
}

/// Calls the callbacks whose flags under `mask` are `value`.
///
/// # Safety
/// As [`tell`].
unsafe fn run(b: *mut evbuffer, mask: u32, value: u32, reset: bool) {
    // SAFETY: live while the caller's count is held; entries stay in memory while `running` is
    // not 0. No borrow is held across a call.
    unsafe {
        let watch = (*b).callbacks.watch;
        if watch.is_null() {
            return;
        }
        let (added, deleted) = ((*watch).added, (*watch).deleted);
        if added == 0 && deleted == 0 {
            return;
        }
        if reset {
            (*watch).added = 0;
            (*watch).deleted = 0;
        }
        let new_len = (*b).store.total;
        let info = evbuffer_cb_info {
            orig_size: new_len.wrapping_add(deleted).wrapping_sub(added),
            n_added: added,
            n_deleted: deleted,
        };
        (*watch).running += 1;
        let mut entry = (*watch).first;
        while !entry.is_null() {
            let (function, arg, flags) = ((*entry).function, (*entry).arg, (*entry).flags);
            if flags & (mask | REMOVED) == value {
                match function {
                    Function::New(Some(f)) => f(b, &raw const info, arg),
                    Function::Old(Some(f)) => f(b, info.orig_size, new_len, arg),
                    _ => {}
                }
            }
            entry = (*entry).next;
        }
        (*watch).running -= 1;
        sweep(b);
    }
}

/// Brings the flag up to date that says whether anybody is to be told.
unsafe fn note(b: *mut evbuffer) {
    // SAFETY: live (callers).
    unsafe {
        let mut flags = (*b).flags & !(WATCHED | HOOKED);
        if is_watched(b) {
            flags |= WATCHED;
        }
        if (*b).callbacks.hook().is_some() {
            flags |= HOOKED;
        }
        (*b).flags = flags;
    }
}

/// Frees the entries that were removed during a run, when no run is left.
unsafe fn sweep(b: *mut evbuffer) {
    // SAFETY: live (callers); nobody walks the list when `running` is 0.
    unsafe {
        let watch = (*b).callbacks.watch;
        if watch.is_null() {
            return;
        }
        if (*watch).running > 0 || !(*watch).removed {
            return;
        }
        sweep_now(b, watch);
    }
}

#[cold]
#[inline(never)]
unsafe fn sweep_now(b: *mut evbuffer, watch: *mut Watch) {
    // SAFETY: as in `sweep`.
    unsafe {
        (*watch).removed = false;
        let mut link = &raw mut (*watch).first;
        while !(*link).is_null() {
            let entry = *link;
            if (*entry).flags & REMOVED != 0 {
                *link = (*entry).next;
                mem::free(entry.cast());
            } else {
                link = &raw mut (*entry).next;
            }
        }
        note(b);
    }
}

/// The program has freed the buffer: nobody is told any more.
///
/// # Safety
/// `b` is live and locked.
#[inline]
pub(super) unsafe fn quit(b: *mut evbuffer) {
    // SAFETY: live (caller).
    unsafe {
        if !(*b).callbacks.watch.is_null() {
            remove_all(b);
            deferred::cancel(b);
        }
    }
}

/// Frees what is left of the callbacks' memory.
///
/// # Safety
/// `b` is about to be freed; no callback runs.
pub(super) unsafe fn destroy(b: *mut evbuffer) {
    // SAFETY: as the caller says.
    unsafe {
        let watch = (*b).callbacks.watch;
        if !watch.is_null() {
            (*watch).running = 0;
            sweep(b);
            mem::free((*watch).deferred.cast());
            mem::free(watch.cast());
        }
    }
}

unsafe fn remove_all(b: *mut evbuffer) {
    // SAFETY: live (callers).
    unsafe {
        let watch = (*b).callbacks.watch;
        let mut entry = first(b);
        while !entry.is_null() {
            (*entry).flags |= REMOVED;
            (*watch).removed = true;
            entry = (*entry).next;
        }
        sweep(b);
    }
}

unsafe fn insert(
    b: *mut evbuffer,
    function: Function,
    arg: *mut c_void,
) -> Result<*mut evbuffer_cb_entry> {
    let p = mem::alloc(size_of::<evbuffer_cb_entry>()).ok_or(Error::NoMemory)?;
    let entry: *mut evbuffer_cb_entry = p.as_ptr().cast();
    // SAFETY: freshly allocated and large enough; `b` is live (callers).
    unsafe {
        let guard = lock(b);
        let watch = match watch(b) {
            Ok(watch) => watch,
            Err(e) => {
                mem::free(entry.cast());
                return Err(e);
            }
        };
        entry.write(evbuffer_cb_entry {
            next: (*watch).first,
            function,
            arg,
            flags: EVBUFFER_CB_ENABLED,
        });
        (*watch).first = entry;
        note(b);
        drop(guard);
    }
    Ok(entry)
}

/// Registers a callback.
///
/// # Safety
/// `b` is live.
pub unsafe fn add_cb(
    b: *mut evbuffer,
    f: evbuffer_cb_func,
    arg: *mut c_void,
) -> Result<*mut evbuffer_cb_entry> {
    // SAFETY: live (caller).
    unsafe { insert(b, Function::New(f), arg) }
}

/// Registers a callback of the old style.
///
/// # Safety
/// `b` is live.
pub unsafe fn add_cb_obsolete(
    b: *mut evbuffer,
    f: evbuffer_cb,
    arg: *mut c_void,
) -> Result<*mut evbuffer_cb_entry> {
    // SAFETY: live (caller).
    unsafe { insert(b, Function::Old(f), arg) }
}

/// Removes every callback.
///
/// # Safety
/// `b` is live.
pub unsafe fn remove_all_cbs(b: *mut evbuffer) {
    // SAFETY: live (caller).
    unsafe {
        let guard = lock(b);
        remove_all(b);
        drop(guard);
    }
}

unsafe fn remove_where(
    b: *mut evbuffer,
    is: impl Fn(*mut evbuffer_cb_entry) -> bool,
) -> Result<()> {
    // SAFETY: live (callers); the walk sees live entries.
    unsafe {
        let guard = lock(b);
        let mut result = Err(Error::Invalid);
        let watch = (*b).callbacks.watch;
        let mut entry = first(b);
        while !entry.is_null() {
            if (*entry).flags & REMOVED == 0 && is(entry) {
                (*entry).flags |= REMOVED;
                (*watch).removed = true;
                sweep(b);
                result = Ok(());
                break;
            }
            entry = (*entry).next;
        }
        drop(guard);
        result
    }
}

/// Removes one callback by its handle.
///
/// # Safety
/// `b` is live.
pub unsafe fn remove_cb_entry(b: *mut evbuffer, entry: *mut evbuffer_cb_entry) -> Result<()> {
    // SAFETY: live (caller); the handle is only compared.
    unsafe { remove_where(b, |e| e == entry) }
}

/// Removes the newest callback with this function and argument.
///
/// # Safety
/// `b` is live.
pub unsafe fn remove_cb(b: *mut evbuffer, f: evbuffer_cb_func, arg: *mut c_void) -> Result<()> {
    let address = |f: evbuffer_cb_func| f.map_or(0, |f| f as usize);
    // SAFETY: live (caller); entries are live while they are in the list.
    unsafe {
        remove_where(b, |e| match (*e).function {
            Function::New(g) => address(g) == address(f) && (*e).arg == arg,
            Function::Old(_) => false,
        })
    }
}

/// Sets flags of a callback.
///
/// # Safety
/// `b` is live, and `entry` is one of its callbacks.
pub unsafe fn cb_set_flags(b: *mut evbuffer, entry: *mut evbuffer_cb_entry, flags: u32) {
    // SAFETY: live (caller).
    unsafe {
        let guard = lock(b);
        (*entry).flags |= flags & PUBLIC;
        drop(guard);
    }
}

/// Clears flags of a callback.
///
/// # Safety
/// As [`cb_set_flags`].
pub unsafe fn cb_clear_flags(b: *mut evbuffer, entry: *mut evbuffer_cb_entry, flags: u32) {
    // SAFETY: live (caller).
    unsafe {
        let guard = lock(b);
        (*entry).flags &= !(flags & PUBLIC);
        drop(guard);
    }
}
