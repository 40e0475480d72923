//! Rate limits of bufferevents and of groups of them, on the arithmetic of
//! [`bucket`](super::bucket).
//!
//! Every byte read or written is taken out of the bufferevent's bucket and its group's. An empty
//! bucket suspends the direction; a timer of one tick refills it.

use super::bucket::{Bucket, Direction, ev_token_bucket_cfg, share};
use super::common::{
    Held, MAX_SINGLE_DEFAULT, Private, Suspend, extra, private, resume_read, resume_write,
    suspend_read, suspend_write,
};
use super::group::{self, bufferevent_rate_limit_group};
use super::raw::bufferevent;
use crate::error::{Error, Result};
use crate::event;
use crate::event::flags::EV_FINALIZE;
use crate::event::raw::{event as Event, event_base, event_callback};
use crate::mem;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ptr::{addr_of_mut, null, null_mut};
use libc::{c_int, c_short};

/// The rate limit of one bufferevent.
pub struct Limit {
    /// Its own configuration, which is the caller's; null without one.
    cfg: *const ev_token_bucket_cfg,
    /// Its own bucket; means something only with `cfg`.
    bucket: Bucket,
    /// Fires when the bucket may be filled again.
    refill: Event,
    /// Its group, or null.
    pub group: *mut bufferevent_rate_limit_group,
    /// The neighbours in the group's list.
    pub next: *mut Private,
    /// See `next`.
    pub prev: *mut Private,
}

/// The limit of `p`, or null.
///
/// # Safety
/// `p` is live.
#[inline]
pub unsafe fn limit(p: *mut Private) -> *mut Limit {
    // SAFETY: live by contract.
    unsafe { if (*p).extra.is_null() { null_mut() } else { (*(*p).extra).limit } }
}

/// The limit of `p`, made if there is none.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn limit_of(p: *mut Private) -> Result<*mut Limit> {
    // SAFETY: by contract; the event is assigned before anybody can see the block.
    unsafe {
        let e = extra(p)?;
        if (*e).limit.is_null() {
            let block = mem::alloc(size_of::<Limit>()).ok_or(Error::NoMemory)?.cast::<Limit>();
            block.write(Limit {
                cfg: null(),
                bucket: Bucket::default(),
                refill: MaybeUninit::zeroed().assume_init(),
                group: null_mut(),
                next: null_mut(),
                prev: null_mut(),
            });
            let l = block.as_ptr();
            let ev = addr_of_mut!((*l).refill);
            if let Err(e) =
                event::assign(ev, (*p).bev.ev_base, -1, EV_FINALIZE, Some(on_refill), p.cast())
            {
                mem::free(l.cast());
                return Err(e);
            }
            (*e).limit = l;
        }
        Ok((*e).limit)
    }
}

/// The timer's callback, to be finalized with the bufferevent; null without a limit.
///
/// # Safety
/// `p` is live.
pub unsafe fn refill_callback(p: *mut Private) -> *mut event_callback {
    // SAFETY: live by contract.
    unsafe {
        let l = limit(p);
        if l.is_null() { null_mut() } else { addr_of_mut!((*l).refill.ev_evcallback) }
    }
}

/// Frees the limit of a dying bufferevent, which leaves its group.
///
/// # Safety
/// `p` is live, its events can no longer run.
pub unsafe fn forget(p: *mut Private) {
    // SAFETY: by contract.
    unsafe {
        let l = limit(p);
        if !l.is_null() {
            group::leave(p);
            (*(*p).extra).limit = null_mut();
            event::debug::note_teardown(addr_of_mut!((*l).refill));
            mem::free(l.cast());
        }
    }
}

/// The base's clock in milliseconds.
///
/// # Safety
/// `base` is live.
pub unsafe fn now_ms(base: *mut event_base) -> u64 {
    // SAFETY: live by contract.
    unsafe { event::cached_monotonic_ns(base) / 1_000_000 }
}

#[inline(never)]
unsafe fn refill(p: *mut Private, l: *mut Limit) {
    // SAFETY: both are live; a configuration outlives its use (its owner's promise).
    unsafe {
        if let Some(cfg) = (*l).cfg.as_ref() {
            let bucket = addr_of_mut!((*l).bucket);
            (*bucket).refill(cfg, cfg.tick_of(now_ms((*p).bev.ev_base)));
        }
    }
}

fn single(extra: &super::common::Extra, d: Direction) -> usize {
    match d {
        Direction::Read => extra.max_single_read,
        Direction::Write => extra.max_single_write,
    }
}

/// How much the next operation may move. Asking may suspend the direction, when the group's
/// limit is used up.
///
/// # Safety
/// `p` is live and locked.
#[inline]
pub unsafe fn max(p: *mut Private, d: Direction) -> usize {
    // SAFETY: by contract.
    unsafe { if (*p).extra.is_null() { MAX_SINGLE_DEFAULT } else { limited_max(p, d) } }
}

unsafe fn limited_max(p: *mut Private, d: Direction) -> usize {
    // SAFETY: `p` is live, locked and has an extra part.
    unsafe {
        let mut most = single(&*(*p).extra, d);
        let l = limit(p);
        if l.is_null() {
            return most;
        }
        if !(*l).cfg.is_null() {
            refill(p, l);
            // As in the reference the bucket replaces the size of single operations.
            most = usize::try_from((*l).bucket.left(d)).unwrap_or(0);
        }
        if !(*l).group.is_null() {
            let (suspended, left, members, least) = group::look((*l).group, d);
            if suspended {
                suspend(p, d, Suspend::GROUP);
                return 0;
            }
            most = most.min(usize::try_from(share(left, members, least)).unwrap_or(0));
        }
        most
    }
}

/// Suspends one direction.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn suspend(p: *mut Private, d: Direction, why: Suspend) {
    // SAFETY: by contract.
    unsafe {
        match d {
            Direction::Read => suspend_read(p, why),
            Direction::Write => suspend_write(p, why),
        }
    }
}

/// Lifts a suspension of one direction.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn resume(p: *mut Private, d: Direction, why: Suspend) {
    // SAFETY: by contract.
    unsafe {
        match d {
            Direction::Read => resume_read(p, why),
            Direction::Write => resume_write(p, why),
        }
    }
}

unsafe fn suspended(p: *mut Private) -> bool {
    // SAFETY: `p` is live.
    unsafe {
        (*p).read_suspended.contains(Suspend::BANDWIDTH)
            || (*p).write_suspended.contains(Suspend::BANDWIDTH)
    }
}

/// Takes moved bytes out of the buckets.
///
/// # Safety
/// `p` is live and locked.
#[inline]
pub unsafe fn spend(p: *mut Private, d: Direction, n: usize) {
    // SAFETY: by contract.
    unsafe {
        if !(*p).extra.is_null() {
            spend_limit(p, d, n);
        }
    }
}

#[inline(never)]
unsafe fn spend_limit(p: *mut Private, d: Direction, n: usize) {
    // SAFETY: as in `spend`.
    unsafe {
        let l = limit(p);
        if !l.is_null() {
            let n = isize::try_from(n).unwrap_or(isize::MAX);
            if !(*l).cfg.is_null() {
                take(p, l, d, n);
            }
            if !(*l).group.is_null() {
                group::spend((*l).group, d, n);
            }
        }
    }
}

/// Changes the bucket by `n` and suspends or resumes accordingly.
unsafe fn take(p: *mut Private, l: *mut Limit, d: Direction, n: isize) {
    // SAFETY: both are live, `p` is locked, the limit has a configuration.
    unsafe {
        let bucket = addr_of_mut!((*l).bucket);
        let (_, now) = (*bucket).take(d, n);
        if now <= 0 {
            suspend(p, d, Suspend::BANDWIDTH);
            start_timer(l);
        } else {
            resume(p, d, Suspend::BANDWIDTH);
            if !suspended(p) {
                let _ = event::del(addr_of_mut!((*l).refill));
            }
        }
    }
}

unsafe fn start_timer(l: *mut Limit) {
    // SAFETY: the limit is live and has a configuration.
    unsafe {
        if let Some(cfg) = (*l).cfg.as_ref() {
            let ev = addr_of_mut!((*l).refill);
            if event::pending(ev, event::flags::EV_TIMEOUT, null_mut()) == 0 {
                let _ = event::add(ev, Some(&cfg.tick()));
            }
        }
    }
}

unsafe extern "C" fn on_refill(_: c_int, _: c_short, arg: *mut c_void) {
    let p: *mut Private = arg.cast();
    // SAFETY: the timer is finalized before `p` is freed.
    unsafe {
        let _held = Held::new(p);
        let l = limit(p);
        if l.is_null() || (*l).cfg.is_null() {
            return;
        }
        refill(p, l);
        for d in [Direction::Read, Direction::Write] {
            if (*l).bucket.left(d) > 0 {
                resume(p, d, Suspend::BANDWIDTH);
            }
        }
        if suspended(p) {
            start_timer(l);
        }
    }
}

/// `bufferevent_set_rate_limit`; null takes the limit away.
///
/// # Safety
/// `bev` is live; `cfg` is null or lives as long as the limit.
pub unsafe fn set(bev: *mut bufferevent, cfg: *const ev_token_bucket_cfg) -> Result<()> {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        let Some(new) = cfg.as_ref() else {
            let l = limit(p);
            if !l.is_null() {
                (*l).cfg = null();
                let _ = event::del(addr_of_mut!((*l).refill));
                resume(p, Direction::Read, Suspend::BANDWIDTH);
                resume(p, Direction::Write, Suspend::BANDWIDTH);
            }
            return Ok(());
        };
        let l = limit_of(p)?;
        if core::ptr::eq((*l).cfg, cfg) {
            return Ok(());
        }
        let tick = new.tick_of(now_ms((*p).bev.ev_base));
        if (*l).cfg.is_null() {
            (*l).bucket = Bucket::new(new, tick);
        } else {
            let bucket = addr_of_mut!((*l).bucket);
            (*bucket).reconfigure(new);
            (*bucket).restart(tick);
            let _ = event::del(addr_of_mut!((*l).refill));
        }
        (*l).cfg = cfg;
        for d in [Direction::Read, Direction::Write] {
            if (*l).bucket.left(d) > 0 {
                resume(p, d, Suspend::BANDWIDTH);
            } else {
                suspend(p, d, Suspend::BANDWIDTH);
                start_timer(l);
            }
        }
    }
    Ok(())
}

/// What is left in the bufferevent's own bucket; `isize::MAX` without a limit.
///
/// # Safety
/// `bev` is live.
pub unsafe fn left(bev: *mut bufferevent, d: Direction) -> isize {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        let l = limit(p);
        if l.is_null() || (*l).cfg.is_null() {
            return isize::MAX;
        }
        refill(p, l);
        (*l).bucket.left(d)
    }
}

/// `bufferevent_get_max_to_read` and its sister.
///
/// # Safety
/// `bev` is live.
pub unsafe fn max_to_move(bev: *mut bufferevent, d: Direction) -> usize {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        max(p, d)
    }
}

/// Takes `n` bytes out by hand.
///
/// # Safety
/// `bev` is live.
pub unsafe fn decrement(bev: *mut bufferevent, d: Direction, n: isize) -> Result<()> {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        let l = limit(p);
        if l.is_null() || (*l).cfg.is_null() {
            return Err(Error::Invalid);
        }
        take(p, l, d, n);
    }
    Ok(())
}

/// The configuration, or null.
///
/// # Safety
/// `bev` is live.
pub unsafe fn cfg(bev: *const bufferevent) -> *const ev_token_bucket_cfg {
    let p = private(bev.cast_mut());
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        let l = limit(p);
        if l.is_null() { null() } else { (*l).cfg }
    }
}

/// Sets the most that a single operation moves; 0 and impossible sizes mean the default.
///
/// # Safety
/// `bev` is live.
pub unsafe fn set_max_single(bev: *mut bufferevent, d: Direction, size: usize) -> Result<()> {
    let p = private(bev);
    let size = match isize::try_from(size) {
        Ok(n) if n > 0 => size,
        _ => MAX_SINGLE_DEFAULT,
    };
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        if (*p).extra.is_null() && size == MAX_SINGLE_DEFAULT {
            return Ok(());
        }
        let e = extra(p)?;
        match d {
            Direction::Read => (*e).max_single_read = size,
            Direction::Write => (*e).max_single_write = size,
        }
    }
    Ok(())
}

/// The most that a single operation moves.
///
/// # Safety
/// `bev` is live.
pub unsafe fn max_single(bev: *mut bufferevent, d: Direction) -> usize {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        (*p).extra.as_ref().map_or(MAX_SINGLE_DEFAULT, |e| single(e, d))
    }
}
