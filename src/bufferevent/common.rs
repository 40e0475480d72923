//! What all kinds of bufferevents share: the private part behind the public structure, its
//! counts, locks, suspensions and deferred work.
//!
//! # Locks
//!
//! A thread-safe bufferevent has two recursive locks, shared with its filters or its partner:
//!
//! - the **state lock**, which is also the lock of both evbuffers, protects everything below. It
//!   is released while a user callback runs.
//! - the **callback lock** is held while a callback runs (unless `BEV_OPT_UNLOCK_CALLBACKS`).
//!   The operations of `event2/bufferevent.h` that change something take it first, so that they
//!   wait for a callback that runs in another thread, as the reference makes them: what a
//!   callback does is one step, and after `bufferevent_free` it is over. They do not when they
//!   are called from inside some bufferevent's callback.
//!
//! So a callback that writes to another bufferevent needs only that one's state lock, which
//! nobody keeps: two bufferevents whose callbacks write to each other from two threads cannot
//! wait for each other. Order: callback lock, state lock, the base's lock.
//!
//! # Counts
//!
//! A bufferevent lives as long as its count; the creator has one, queued work has one, and so
//! has whoever runs one of its callbacks ([`Held`]). The last one sends it to the loop, where
//! [`finalize`] frees it once none of its events can run any more.

use super::flags::{
    BEV_OPT_CLOSE_ON_FREE, BEV_OPT_DEFER_CALLBACKS, BEV_OPT_THREADSAFE, BEV_OPT_UNLOCK_CALLBACKS,
};
use super::raw::bufferevent;
use super::{callbacks, ratelimit};
use crate::buffer::{self, evbuffer};
use crate::error::{Error, Result};
use crate::event;
use crate::event::flags::{EV_READ, EV_WRITE};
use crate::event::raw::{event_base, event_callback};
use crate::mem;
use crate::thread::Lock;
use crate::util::SockAddr;
use bitflags::bitflags;
use core::ffi::c_void;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_int, c_short, timeval};

bitflags! {
    /// Why a direction is suspended although it is enabled.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Suspend: u8 {
        /// The input has reached its high watermark.
        const WATERMARK = 0x01;
        /// The bufferevent's own rate limit is used up.
        const BANDWIDTH = 0x02;
        /// The rate limit of its group is used up.
        const GROUP = 0x04;
        /// The name to connect to is being looked up.
        const LOOKUP = 0x08;
        /// The filter on top does not want input.
        const FILTER = 0x10;
    }
}

bitflags! {
    /// Where a bufferevent stands.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct State: u16 {
        /// A connection is being made; writability means that the attempt has ended.
        const CONNECTING = 0x0001;
        /// The attempt was refused at once; told when the loop runs.
        const REFUSED = 0x0002;
        /// A deferred read callback waits.
        const READ_PENDING = 0x0004;
        /// A deferred write callback waits.
        const WRITE_PENDING = 0x0008;
        /// `work` is queued to run deferred callbacks.
        const DEFERRED = 0x0010;
        /// `work` is queued for the end of the turn.
        const END_OF_TURN = 0x0020;
        /// There is something to do at the end of the turn.
        const WANT_FLUSH = 0x0040;
        /// The locks are this one's to free.
        const OWN_LOCK = 0x0080;
        /// `bufferevent_free` has been called.
        const FREED = 0x0100;
        /// The owner hook of the input buffer is in place.
        const INPUT_HOOK = 0x0200;
        /// A filter is at work on the output: changes of it are its own.
        const FILTERING = 0x0400;
        /// The filter's input is full and the underlying one holds more.
        const INPUT_WAITS = 0x0800;
        /// The loop runs callbacks of this bufferevent and calls `end_of_turn` right after them.
        const RUNNING = 0x1000;
        /// `setfd` has opened the frozen ends of the buffers until the next read or write.
        const OPENED = 0x2000;
        /// The callbacks are those of a filter on top, which is the callbacks' argument.
        const FILTERED = 0x4000;
    }
}

/// The functions of one kind of bufferevent. All are called with the state lock held, and with
/// the direction bits (`EV_READ`, `EV_WRITE`) that really change.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct bufferevent_ops {
    /// The size of the structure that begins with a [`Private`].
    pub size: usize,
    /// The list of spare memory of this size (`buffer::pool::class`).
    pub class: u8,
    /// Starts reading or writing.
    pub enable: unsafe fn(*mut Private, c_short) -> Result<()>,
    /// Stops reading or writing.
    pub disable: unsafe fn(*mut Private, c_short) -> Result<()>,
    /// Lets go of other bufferevents; called by `bufferevent_free`.
    pub unlink: unsafe fn(*mut Private),
    /// Releases what only this kind has; the last call.
    pub destruct: unsafe fn(*mut Private),
    /// The timeouts have been changed.
    pub adjust_timeouts: unsafe fn(*mut Private) -> Result<()>,
    /// `bufferevent_flush`.
    pub flush: unsafe fn(*mut Private, c_short, c_int) -> c_int,
    /// The descriptor, -1 if there is none.
    pub getfd: unsafe fn(*mut Private) -> Option<c_int>,
    /// Takes another descriptor.
    pub setfd: unsafe fn(*mut Private, c_int) -> Result<()>,
    /// Takes the descriptor of a connection attempt, or -1 after one; no event is pending.
    pub replace_fd: unsafe fn(*mut Private, c_int) -> Result<()>,
    /// The bufferevent below, or null.
    pub underlying: unsafe fn(*mut Private) -> *mut Private,
    /// The output buffer has changed: bytes added, bytes removed.
    pub output_changed: unsafe fn(*mut Private, usize, usize),
    /// The input buffer has changed; called only while [`State::INPUT_HOOK`] is set.
    pub input_changed: unsafe fn(*mut Private, usize, usize),
    /// The end of a turn for which [`want_flush`] was called.
    pub end_of_turn: unsafe fn(*mut Private),
}

/// A bufferevent as the library sees it: the public structure, and what C does not see.
#[repr(C)]
pub struct Private {
    /// What C sees.
    pub bev: bufferevent,
    /// Queued in the loop for deferred callbacks, or for the end of the turn.
    pub work: event_callback,
    /// The state lock.
    pub lock: Lock,
    /// The callback lock.
    pub callback_lock: Lock,
    /// What few bufferevents need, made when it is needed; null before.
    pub extra: *mut Extra,
    /// Who keeps this alive.
    pub count: u32,
    /// The `errno` that goes with `pending_events`.
    pub pending_errno: c_int,
    /// Deferred events for the event callback.
    pub pending_events: c_short,
    /// Where it stands.
    pub state: State,
    /// The `BEV_OPT_*` it was made with.
    pub options: u8,
    /// Why reading is suspended.
    pub read_suspended: Suspend,
    /// Why writing is suspended.
    pub write_suspended: Suspend,
}

// 472 bytes are the last size that malloc serves from a block of 480.
const _: () = assert!(size_of::<Private>() <= 472);

/// The rarely needed part of a bufferevent.
pub struct Extra {
    /// The most that one read moves.
    pub max_single_read: usize,
    /// The most that one write moves.
    pub max_single_write: usize,
    /// The rate limit, or null.
    pub limit: *mut ratelimit::Limit,
    /// The running lookup of a name to connect to, or null.
    pub lookup: *mut super::connect::Lookup,
    /// The connection to one of a name's addresses in the making, or null.
    pub race: *mut super::race::Race,
    /// The result of the last failed name lookup.
    pub dns_error: c_int,
    /// The address that the last attempt of a connection by name went to; none when a rival's won.
    pub target: Option<SockAddr>,
}

/// What one read or write moves at most, unless the program says otherwise.
pub const MAX_SINGLE_DEFAULT: usize = 16384;

/// The common part of a bufferevent.
///
/// # Safety
/// `bev` came from this library: it is the first field of a [`Private`].
#[inline]
pub fn private(bev: *mut bufferevent) -> *mut Private {
    bev.cast()
}

/// The state lock and a count, for as long as this lives.
#[derive(Debug)]
#[must_use]
pub struct Held(*mut Private);

impl Held {
    /// Takes the lock and a count.
    ///
    /// # Safety
    /// `p` is live.
    #[inline]
    pub unsafe fn new(p: *mut Private) -> Self {
        // SAFETY: live by contract; the count is touched under the lock.
        unsafe {
            (*p).lock.acquire();
            (*p).count += 1;
        }
        Self(p)
    }

    /// As [`Self::new`], unless the last count is gone already and `p` only waits to be freed.
    ///
    /// # Safety
    /// `p` has not been freed.
    #[inline]
    pub unsafe fn of_living(p: *mut Private) -> Option<Self> {
        // SAFETY: not freed by contract.
        unsafe {
            (*p).lock.acquire();
            if (*p).count == 0 {
                (*p).lock.release();
                return None;
            }
            (*p).count += 1;
        }
        Some(Self(p))
    }

    /// Takes the lock, and over a count that somebody left behind.
    ///
    /// # Safety
    /// `p` is live and the caller owns a count of it.
    #[inline]
    pub unsafe fn adopt(p: *mut Private) -> Self {
        // SAFETY: live by contract.
        unsafe { (*p).lock.acquire() };
        Self(p)
    }
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this value owns one count and one level of the lock.
        unsafe { release(self.0) };
    }
}

/// Zeroed memory for a bufferevent of this kind.
pub fn allocate(ops: &'static bufferevent_ops) -> Result<*mut Private> {
    let p: *mut u8 = if ops.class == buffer::pool::class::NONE {
        null_mut()
    } else {
        buffer::pool::take_object(ops.class)
    };
    if p.is_null() {
        return Ok(mem::zeroed(1, ops.size).ok_or(Error::NoMemory)?.as_ptr().cast());
    }
    // SAFETY: spare memory of this class has this size, and is nobody's.
    unsafe { p.write_bytes(0, ops.size) };
    Ok(p.cast())
}

/// Gives the memory of [`allocate`] back.
///
/// # Safety
/// `p` came from there and is not used any more.
pub unsafe fn deallocate(ops: *const bufferevent_ops, p: *mut Private) {
    // SAFETY: the caller's promise; the class says the size.
    unsafe {
        let class = (*ops).class;
        if class == buffer::pool::class::NONE || !buffer::pool::put_object(class, p.cast()) {
            mem::free(p.cast());
        }
    }
}

/// Fills in the common part. On error nothing is left behind.
///
/// # Safety
/// `p` is a zeroed block of at least `size_of::<Private>()` bytes; `base` is a live base.
pub unsafe fn init(
    p: *mut Private,
    base: *mut event_base,
    ops: &'static bufferevent_ops,
    options: c_int,
) -> Result<()> {
    if options & (BEV_OPT_DEFER_CALLBACKS | BEV_OPT_UNLOCK_CALLBACKS) == BEV_OPT_UNLOCK_CALLBACKS {
        crate::log::message(
            crate::log::Severity::Warn,
            format_args!("UNLOCK_CALLBACKS requires DEFER_CALLBACKS"),
        );
        return Err(Error::Invalid);
    }
    // SAFETY: the block is ours alone until it is handed out; buffers made here are freed on the
    // one path that fails after them.
    unsafe {
        let input = buffer::new()?;
        let output = match buffer::new() {
            Ok(b) => b,
            Err(e) => {
                buffer::free(input);
                return Err(e);
            }
        };
        let bev = addr_of_mut!((*p).bev);
        (*bev).ev_base = base;
        (*bev).be_ops = ops;
        (*bev).input = input;
        (*bev).output = output;
        // As in the reference, writing is enabled from the start and reading is not.
        (*bev).enabled = EV_WRITE;
        (*p).count = 1;
        (*p).options = u8::try_from(options & 0xff).unwrap_or(0);
        (*p).lock = Lock::none();
        (*p).callback_lock = Lock::none();
        (*p).state = State::empty();
        (*p).read_suspended = Suspend::empty();
        (*p).write_suspended = Suspend::empty();
        let pri = event::middle_priority(base);
        event::callback_init(addr_of_mut!((*p).work), pri, run_work, p.cast());
        if options & BEV_OPT_THREADSAFE != 0
            && let Err(e) = enable_locking(p, null_mut())
        {
            buffer::free(input);
            buffer::free(output);
            return Err(e);
        }
        buffer::set_owner(input, Some(&UNHOOKED), p.cast());
        buffer::set_owner(output, Some(&OUTPUT), p.cast());
    }
    Ok(())
}

/// Undoes [`init`] for a bufferevent that nobody has seen yet, and frees the block.
///
/// # Safety
/// As said; no event of it is added.
#[inline(never)]
pub unsafe fn discard(p: *mut Private) {
    // SAFETY: nobody else knows of `p`.
    unsafe {
        let ops = (*p).bev.be_ops;
        free_parts(p);
        deallocate(ops, p);
    }
}

/// Gives a bufferevent its locks: those of `other` if that is not null, else new ones.
///
/// # Safety
/// `p` is live and not in use by another thread; `other` is null or live.
pub unsafe fn enable_locking(p: *mut Private, other: *mut Private) -> Result<()> {
    // SAFETY: live by contract.
    unsafe {
        if (*p).lock.is_some() {
            return Err(Error::Invalid);
        }
        if !other.is_null() && (*other).lock.is_some() {
            (*p).lock = Lock::adopt((*other).lock.as_ptr());
            if c_int::from((*p).options) & BEV_OPT_UNLOCK_CALLBACKS == 0 {
                (*p).callback_lock = Lock::adopt((*other).callback_lock.as_ptr());
            }
        } else {
            let lock = Lock::new()?;
            let serial = c_int::from((*p).options) & BEV_OPT_UNLOCK_CALLBACKS == 0;
            let callback_lock = if serial {
                match Lock::new() {
                    Ok(l) => l,
                    Err(e) => {
                        lock.free();
                        return Err(e);
                    }
                }
            } else {
                Lock::none()
            };
            (*p).lock = lock;
            (*p).callback_lock = callback_lock;
            (*p).state.insert(State::OWN_LOCK);
        }
        if (*p).lock.is_some() {
            buffer::set_lock((*p).bev.input, (*p).lock.as_ptr());
            buffer::set_lock((*p).bev.output, (*p).lock.as_ptr());
        }
    }
    Ok(())
}

/// The rarely needed part, made if it is not there.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn extra(p: *mut Private) -> Result<*mut Extra> {
    // SAFETY: live by contract; the block belongs to `p` from here on.
    unsafe {
        if (*p).extra.is_null() {
            let e = mem::alloc(size_of::<Extra>()).ok_or(Error::NoMemory)?.cast::<Extra>();
            e.write(Extra {
                max_single_read: MAX_SINGLE_DEFAULT,
                max_single_write: MAX_SINGLE_DEFAULT,
                limit: null_mut(),
                lookup: null_mut(),
                race: null_mut(),
                dns_error: 0,
                target: None,
            });
            (*p).extra = e.as_ptr();
        }
        Ok((*p).extra)
    }
}

/// Gives a count and the lock back; true when that was the last count.
///
/// # Safety
/// The caller owns a count and holds the state lock once.
#[inline]
pub unsafe fn release(p: *mut Private) -> bool {
    // SAFETY: by contract.
    unsafe {
        (*p).count -= 1;
        if (*p).count != 0 {
            (*p).lock.release();
            return false;
        }
        die(p);
    }
    true
}

/// Sends a bufferevent whose last count is gone to the loop, and unlocks.
#[cold]
#[inline(never)]
unsafe fn die(p: *mut Private) {
    // SAFETY: the lock is held; nobody but the loop's finalizer, which takes the lock first, can
    // reach `p`, so it is still there for the unlock.
    unsafe {
        let refill = ratelimit::refill_callback(p);
        let mut events = [
            addr_of_mut!((*p).work),
            addr_of_mut!((*p).bev.ev_read.ev_evcallback),
            addr_of_mut!((*p).bev.ev_write.ev_evcallback),
            refill,
        ];
        let n = if refill.is_null() { 3 } else { 4 };
        let lock = (*p).lock.as_ptr();
        if let Some(events) = events.get_mut(..n) {
            event::callback_finalize_many((*p).bev.ev_base, events, finalize);
        }
        // A copy of the lock's address: `finalize` waits for the lock and then frees `p`.
        Lock::adopt(lock).release();
    }
}

/// Frees a bufferevent whose last count is gone; runs in the loop.
unsafe extern "C" fn finalize(_: *mut event_callback, arg: *mut c_void) {
    let p: *mut Private = arg.cast();
    // SAFETY: the event core runs this once, when no callback of `p` can run any more, and `work`,
    // whose argument is `p`, is the first of the callbacks in `release`.
    unsafe {
        // Whoever gave the last count back, or waited for the last callback, is past its locks.
        (*p).callback_lock.acquire();
        (*p).lock.acquire();
        let ops = (*p).bev.be_ops;
        let below = ((*ops).underlying)(p);
        ((*ops).destruct)(p);
        (*p).lock.release();
        (*p).callback_lock.release();
        free_parts(p);
        deallocate(ops, p);
        // Only now: the lock is shared with the one below.
        if !below.is_null() {
            drop(Held::adopt(below));
        }
    }
}

/// Frees what [`init`] and [`extra`] made.
unsafe fn free_parts(p: *mut Private) {
    // SAFETY: called once, when nobody else uses `p`.
    unsafe {
        // In debug mode somebody keeps a list of events.
        event::debug::note_teardown(addr_of_mut!((*p).bev.ev_read));
        event::debug::note_teardown(addr_of_mut!((*p).bev.ev_write));
        ratelimit::forget(p);
        super::connect::forget(p);
        for b in [(*p).bev.input, (*p).bev.output] {
            buffer::set_owner(b, None, null_mut());
            buffer::free(b);
        }
        if (*p).state.contains(State::OWN_LOCK) {
            (*p).lock.free();
            (*p).callback_lock.free();
        }
        mem::free((*p).extra.cast());
    }
}

/// What the buffers know of us. Few inputs need their hook.
static UNHOOKED: buffer::Owner =
    buffer::Owner { hook: None, incref: incref_owner, decref: decref_owner };
static INPUT: buffer::Owner =
    buffer::Owner { hook: Some(input_hook), incref: incref_owner, decref: decref_owner };
static OUTPUT: buffer::Owner =
    buffer::Owner { hook: Some(output_hook), incref: incref_owner, decref: decref_owner };

unsafe fn incref_owner(p: *mut c_void) {
    // SAFETY: a buffer's owner is live as long as it is named.
    unsafe { super::incref(p.cast()) }
}

unsafe fn decref_owner(p: *mut c_void) {
    // SAFETY: the count of `incref_owner`.
    unsafe { super::decref(p.cast()) };
}

/// Something changed the output buffer.
unsafe fn output_hook(_: *mut evbuffer, arg: *mut c_void, added: usize, deleted: usize) {
    let p: *mut Private = arg.cast();
    // SAFETY: the hook is removed before `p` dies; the evbuffer's lock, which is ours, is held.
    unsafe { ((*(*p).bev.be_ops).output_changed)(p, added, deleted) }
}

/// Something changed the input buffer.
unsafe fn input_hook(_: *mut evbuffer, arg: *mut c_void, added: usize, deleted: usize) {
    let p: *mut Private = arg.cast();
    // SAFETY: as in `output_hook`.
    unsafe { ((*(*p).bev.be_ops).input_changed)(p, added, deleted) }
}

/// Asks for `input_changed` calls.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn watch_input(p: *mut Private) {
    // SAFETY: live by contract.
    unsafe {
        if !(*p).state.contains(State::INPUT_HOOK) {
            (*p).state.insert(State::INPUT_HOOK);
            buffer::set_owner((*p).bev.input, Some(&INPUT), p.cast());
        }
    }
}

/// The part of `input_changed` that all kinds share: reading stops at the high watermark and
/// goes on below it.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn check_high_watermark(p: *mut Private) {
    // SAFETY: live by contract.
    unsafe {
        let high = (*p).bev.wm_read.high;
        if high == 0 {
            return;
        }
        if buffer::len((*p).bev.input) >= high {
            suspend_read(p, Suspend::WATERMARK);
        } else {
            resume_read(p, Suspend::WATERMARK);
        }
    }
}

/// Stops reading for a reason, whatever is enabled.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn suspend_read(p: *mut Private, why: Suspend) {
    // SAFETY: live by contract.
    unsafe {
        if (*p).read_suspended.is_empty() {
            let _ = ((*(*p).bev.be_ops).disable)(p, EV_READ);
        }
        (*p).read_suspended.insert(why);
    }
}

/// Takes a reason away; reading goes on when it was the last one.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn resume_read(p: *mut Private, why: Suspend) {
    // SAFETY: live by contract.
    unsafe {
        if !(*p).read_suspended.intersects(why) {
            return;
        }
        (*p).read_suspended.remove(why);
        if (*p).read_suspended.is_empty() && (*p).bev.enabled & EV_READ != 0 {
            let _ = ((*(*p).bev.be_ops).enable)(p, EV_READ);
        }
    }
}

/// Stops writing for a reason, whatever is enabled.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn suspend_write(p: *mut Private, why: Suspend) {
    // SAFETY: live by contract.
    unsafe {
        if (*p).write_suspended.is_empty() {
            let _ = ((*(*p).bev.be_ops).disable)(p, EV_WRITE);
        }
        (*p).write_suspended.insert(why);
    }
}

/// Takes a reason away; writing goes on when it was the last one.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn resume_write(p: *mut Private, why: Suspend) {
    // SAFETY: live by contract.
    unsafe {
        if !(*p).write_suspended.intersects(why) {
            return;
        }
        (*p).write_suspended.remove(why);
        if (*p).write_suspended.is_empty() && (*p).bev.enabled & EV_WRITE != 0 {
            let _ = ((*(*p).bev.be_ops).enable)(p, EV_WRITE);
        }
    }
}

/// Has `end_of_turn` called when the callbacks of this turn have run, before the loop waits.
///
/// # Safety
/// `p` is live and locked.
#[inline]
pub unsafe fn want_flush(p: *mut Private) {
    // SAFETY: live by contract; the queue owns one count.
    unsafe {
        (*p).state.insert(State::WANT_FLUSH);
        if (*p).state.intersects(State::DEFERRED | State::END_OF_TURN | State::RUNNING) {
            return;
        }
        (*p).state.insert(State::END_OF_TURN);
        (*p).count += 1;
        event::end_of_turn((*p).bev.ev_base, addr_of_mut!((*p).work));
    }
}

/// Has the pending callbacks called from the loop.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn want_callbacks(p: *mut Private) {
    // SAFETY: live by contract; the queue owns one count, whichever queue it is.
    unsafe {
        if (*p).state.contains(State::DEFERRED) {
            return;
        }
        let work = addr_of_mut!((*p).work);
        if (*p).state.contains(State::END_OF_TURN) {
            // It moves to the other queue; the output goes out after the callbacks then, see
            // `run_work`.
            (*p).state.remove(State::END_OF_TURN);
        } else {
            (*p).count += 1;
        }
        (*p).state.insert(State::DEFERRED);
        event::callback_schedule((*p).bev.ev_base, work);
    }
}

/// Takes `work` off its queue: there is nothing left to run for a bufferevent that is freed.
///
/// # Safety
/// `p` is live and locked, and the caller has a count.
pub unsafe fn cancel_work(p: *mut Private) {
    // SAFETY: by contract; see `run_work` for the run that may just be starting.
    unsafe {
        if (*p).state.intersects(State::DEFERRED | State::END_OF_TURN) {
            (*p).state.remove(State::DEFERRED | State::END_OF_TURN);
            event::callback_cancel((*p).bev.ev_base, addr_of_mut!((*p).work));
            (*p).count -= 1;
        }
        (*p).state.remove(State::WANT_FLUSH);
    }
}

/// Runs `callbacks`, and what they want done at the end of the turn right after them: the data is
/// still in the processor's cache then, and its memory is free for the next bufferevent.
///
/// # Safety
/// `p` is live, counted and locked; called by the loop.
#[inline]
pub unsafe fn flush_after(p: *mut Private, callbacks: impl FnOnce()) {
    // SAFETY: by contract; the state is read afresh after the callbacks.
    unsafe {
        (*p).state.insert(State::RUNNING);
        callbacks();
        (*p).state.remove(State::RUNNING);
        if (*p).state.contains(State::WANT_FLUSH)
            && !(*p).state.intersects(State::DEFERRED | State::END_OF_TURN)
        {
            (*p).state.remove(State::WANT_FLUSH);
            ((*(*p).bev.be_ops).end_of_turn)(p);
        }
    }
}

/// The loop runs `work`.
unsafe extern "C" fn run_work(_: *mut event_callback, arg: *mut c_void) {
    let p: *mut Private = arg.cast();
    // SAFETY: a queued `work` owns a count of `p`, which the bit of its queue stands for. When the
    // loop had already taken `work` off one queue while another thread moved it to the other, it
    // runs twice: the second run finds no bit and owns nothing, and it cannot come after the end
    // of `p`, because finalizing takes callbacks off all queues.
    unsafe {
        let _held = Held::new(p);
        let bit = if (*p).state.contains(State::DEFERRED) {
            State::DEFERRED
        } else if (*p).state.contains(State::END_OF_TURN) {
            State::END_OF_TURN
        } else {
            return;
        };
        (*p).state.remove(bit);
        (*p).count -= 1;
        if bit == State::DEFERRED {
            flush_after(p, || callbacks::run_pending(p));
        } else if (*p).state.contains(State::WANT_FLUSH) {
            (*p).state.remove(State::WANT_FLUSH);
            ((*(*p).bev.be_ops).end_of_turn)(p);
        }
    }
}

/// Whether a timeout is set.
#[inline]
pub fn is_set(tv: &timeval) -> bool {
    tv.tv_sec != 0 || tv.tv_usec != 0
}

/// Whether freeing closes what is below.
///
/// # Safety
/// `p` is live.
pub unsafe fn closes_on_free(p: *mut Private) -> bool {
    // SAFETY: live by contract.
    c_int::from(unsafe { (*p).options }) & BEV_OPT_CLOSE_ON_FREE != 0
}
