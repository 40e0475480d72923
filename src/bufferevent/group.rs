//! Groups of bufferevents that share one rate limit.
//!
//! The group's lock is the innermost one: a bufferevent that spends takes it with its own lock
//! held. Whoever walks the members must therefore not wait for their locks; a member whose lock
//! another thread holds is left alone, and finds out itself when it next asks what it may move
//! (suspending), or at the next refill (resuming).

use super::bucket::{Bucket, Direction, ev_token_bucket_cfg};
use super::common::{Held, Private, Suspend, private};
use super::ratelimit::{limit, limit_of, now_ms, resume, suspend};
use super::raw::bufferevent;
use crate::error::{Error, Result};
use crate::event;
use crate::event::flags::EV_PERSIST;
use crate::event::raw::{event as Event, event_base};
use crate::mem;
use crate::thread::Lock;
use core::ffi::c_void;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_int, c_short};

/// The least that a member may move at once, unless the program says otherwise.
const MIN_SHARE_DEFAULT: usize = 64;

/// A group; opaque to C.
#[allow(non_camel_case_types, reason = "C name")]
pub struct bufferevent_rate_limit_group {
    lock: Lock,
    base: *mut event_base,
    cfg: ev_token_bucket_cfg,
    bucket: Bucket,
    /// The first of the members, linked through their limits.
    first: *mut Private,
    members: usize,
    /// What the program asked for, and what the rates allow of it.
    asked_min_share: usize,
    min_share: isize,
    read: Side,
    write: Side,
    refill: Event,
    /// The state of the generator that picks the member to begin with.
    seed: u32,
}

/// One direction of a group.
#[derive(Clone, Copy, Default)]
struct Side {
    suspended: bool,
    /// Some members could not be resumed, because another thread held them.
    unfinished: bool,
    total: u64,
}

unsafe fn side(g: *mut bufferevent_rate_limit_group, d: Direction) -> *mut Side {
    // SAFETY: the caller's live group.
    unsafe {
        match d {
            Direction::Read => addr_of_mut!((*g).read),
            Direction::Write => addr_of_mut!((*g).write),
        }
    }
}

/// A new group.
///
/// # Safety
/// `base` is live.
pub unsafe fn new(
    base: *mut event_base,
    cfg: &ev_token_bucket_cfg,
) -> Result<*mut bufferevent_rate_limit_group> {
    let g: *mut bufferevent_rate_limit_group =
        mem::zeroed(1, size_of::<bufferevent_rate_limit_group>())
            .ok_or(Error::NoMemory)?
            .as_ptr()
            .cast();
    // SAFETY: a fresh block, filled in before anybody sees it; undone on failure.
    unsafe {
        let lock = match Lock::new() {
            Ok(l) => l,
            Err(e) => {
                mem::free(g.cast());
                return Err(e);
            }
        };
        addr_of_mut!((*g).lock).write(lock);
        (*g).base = base;
        (*g).cfg = *cfg;
        (*g).bucket = Bucket::new(cfg, cfg.tick_of(now_ms(base)));
        (*g).seed = (now_ms(base) as u32) | 1;
        let _ = set_min_share(g, MIN_SHARE_DEFAULT);
        let ev = addr_of_mut!((*g).refill);
        let made = event::assign(ev, base, -1, EV_PERSIST, Some(on_refill), g.cast())
            .and_then(|()| event::add(ev, Some(&cfg.tick())));
        if let Err(e) = made {
            (*g).lock.free();
            mem::free(g.cast());
            return Err(e);
        }
    }
    Ok(g)
}

/// Frees a group. Members that are left, which is an error of the program, are let go.
///
/// # Safety
/// `g` is live and not used any more.
pub unsafe fn free(g: *mut bufferevent_rate_limit_group) {
    // SAFETY: by contract.
    unsafe {
        if (*g).members != 0 {
            crate::log::message(
                crate::log::Severity::Warn,
                format_args!("bufferevent_rate_limit_group_free: the group still has members"),
            );
            while !(*g).first.is_null() {
                let p = (*g).first;
                let _held = Held::new(p);
                remove(p);
            }
        }
        // The callback may be running in the loop's thread; it is over when this returns.
        let _ = event::del(addr_of_mut!((*g).refill));
        event::debug::note_teardown(addr_of_mut!((*g).refill));
        (*g).lock.free();
        mem::free(g.cast());
    }
}

/// Takes over a new configuration.
///
/// # Safety
/// `g` is live.
pub unsafe fn set_cfg(
    g: *mut bufferevent_rate_limit_group,
    cfg: &ev_token_bucket_cfg,
) -> Result<()> {
    // SAFETY: live by contract.
    unsafe {
        let _guard = (*g).lock.guard();
        let same_tick = (*g).cfg.same_tick(cfg);
        if !same_tick {
            event::add(addr_of_mut!((*g).refill), Some(&cfg.tick()))?;
        }
        (*g).cfg = *cfg;
        let bucket = addr_of_mut!((*g).bucket);
        (*bucket).reconfigure(cfg);
        if !same_tick {
            (*bucket).restart(cfg.tick_of(now_ms((*g).base)));
        }
        let asked = (*g).asked_min_share;
        set_min_share(g, asked)
    }
}

/// The least that a member may move at once; never more than one tick gives.
///
/// # Safety
/// `g` is live.
#[inline(never)]
pub unsafe fn set_min_share(g: *mut bufferevent_rate_limit_group, bytes: usize) -> Result<()> {
    let wanted = isize::try_from(bytes).map_err(|_| Error::Invalid)?;
    // SAFETY: live by contract.
    unsafe {
        let _guard = (*g).lock.guard();
        (*g).asked_min_share = bytes;
        let cfg = (*g).cfg;
        (*g).min_share = wanted.min(cfg.rate(Direction::Read)).min(cfg.rate(Direction::Write));
    }
    Ok(())
}

/// Makes `bev` a member of `g` (of no group, if null).
///
/// # Safety
/// `bev` is live; `g` is null or live.
pub unsafe fn join(bev: *mut bufferevent, g: *mut bufferevent_rate_limit_group) -> Result<()> {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        if g.is_null() {
            remove(p);
            return Ok(());
        }
        let l = limit_of(p)?;
        if (*l).group == g {
            return Ok(());
        }
        remove(p);
        let guard = (*g).lock.guard();
        (*l).group = g;
        (*l).prev = null_mut();
        (*l).next = (*g).first;
        if !(*l).next.is_null() {
            (*limit((*l).next)).prev = p;
        }
        (*g).first = p;
        (*g).members += 1;
        let (read, write) = ((*g).read.suspended, (*g).write.suspended);
        drop(guard);
        if read {
            suspend(p, Direction::Read, Suspend::GROUP);
        }
        if write {
            suspend(p, Direction::Write, Suspend::GROUP);
        }
    }
    Ok(())
}

/// `bufferevent_remove_from_rate_limit_group`.
///
/// # Safety
/// `bev` is live.
pub unsafe fn quit(bev: *mut bufferevent) {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        remove(p);
    }
}

/// Takes `p` out of its group, whose limit no longer holds for it.
unsafe fn remove(p: *mut Private) {
    // SAFETY: `p` is live and locked.
    unsafe {
        leave(p);
        resume(p, Direction::Read, Suspend::GROUP);
        resume(p, Direction::Write, Suspend::GROUP);
    }
}

/// Takes a bufferevent out of its group's list.
///
/// # Safety
/// `p` is live, and locked or dying.
pub unsafe fn leave(p: *mut Private) {
    // SAFETY: the members of a group have limits; the list is changed under the group's lock.
    unsafe {
        let l = limit(p);
        if l.is_null() || (*l).group.is_null() {
            return;
        }
        let g = (*l).group;
        let _guard = (*g).lock.guard();
        if (*l).prev.is_null() {
            (*g).first = (*l).next;
        } else {
            (*limit((*l).prev)).next = (*l).next;
        }
        if !(*l).next.is_null() {
            (*limit((*l).next)).prev = (*l).prev;
        }
        (*g).members -= 1;
        (*l).group = null_mut();
        (*l).next = null_mut();
        (*l).prev = null_mut();
    }
}

/// What a member needs to know: suspended, bytes left, number of members, least share.
///
/// # Safety
/// `g` is live.
pub unsafe fn look(
    g: *mut bufferevent_rate_limit_group,
    d: Direction,
) -> (bool, isize, usize, isize) {
    // SAFETY: live by contract.
    unsafe {
        let _guard = (*g).lock.guard();
        ((*side(g, d)).suspended, (*g).bucket.left(d), (*g).members, (*g).min_share)
    }
}

/// A member has moved bytes.
///
/// # Safety
/// `g` is live.
pub unsafe fn spend(g: *mut bufferevent_rate_limit_group, d: Direction, n: isize) {
    // SAFETY: live by contract.
    unsafe {
        let _guard = (*g).lock.guard();
        let s = side(g, d);
        (*s).total = (*s).total.wrapping_add(u64::try_from(n).unwrap_or(0));
        change(g, d, n);
    }
}

/// Takes `n` bytes out of the bucket; suspends or resumes the members when that empties or fills
/// it.
unsafe fn change(g: *mut bufferevent_rate_limit_group, d: Direction, n: isize) {
    // SAFETY: the group is live and locked.
    unsafe {
        let bucket = addr_of_mut!((*g).bucket);
        let (_, now) = (*bucket).take(d, n);
        if now <= 0 {
            suspend_members(g, d);
        } else if (*side(g, d)).suspended {
            resume_members(g, d);
        }
    }
}

/// Locks a member if nobody else has it locked.
unsafe fn try_lock(p: *mut Private) -> bool {
    // SAFETY: members are live while they stand in the list: they leave before they die.
    unsafe { (*p).lock.try_acquire() }
}

unsafe fn suspend_members(g: *mut bufferevent_rate_limit_group, d: Direction) {
    // SAFETY: the group is live and locked.
    unsafe {
        let s = side(g, d);
        (*s).suspended = true;
        (*s).unfinished = false;
        let mut p = (*g).first;
        while !p.is_null() {
            if try_lock(p) {
                suspend(p, d, Suspend::GROUP);
                (*p).lock.release();
            }
            p = (*limit(p)).next;
        }
    }
}

unsafe fn resume_members(g: *mut bufferevent_rate_limit_group, d: Direction) {
    // SAFETY: the group is live and locked. Resuming runs no user code: it changes interests and
    // queues work. The walk is bounded by the number of members and starts anywhere, so that the
    // same members are not always first.
    unsafe {
        let s = side(g, d);
        (*s).suspended = false;
        (*s).unfinished = false;
        let mut p = (*g).first;
        for _ in 0..random(g) {
            p = (*limit(p)).next;
        }
        for _ in 0..(*g).members {
            if p.is_null() {
                p = (*g).first;
            }
            if try_lock(p) {
                resume(p, d, Suspend::GROUP);
                (*p).lock.release();
            } else {
                (*s).unfinished = true;
            }
            p = (*limit(p)).next;
        }
    }
}

/// A number below the number of members.
unsafe fn random(g: *mut bufferevent_rate_limit_group) -> usize {
    // SAFETY: the group is live and locked.
    unsafe {
        // xorshift: quality does not matter here, only that the start moves.
        let mut x = (*g).seed;
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        (*g).seed = x;
        (x as usize).checked_rem((*g).members).unwrap_or(0)
    }
}

unsafe extern "C" fn on_refill(_: c_int, _: c_short, arg: *mut c_void) {
    let g: *mut bufferevent_rate_limit_group = arg.cast();
    // SAFETY: the event is deleted before the group is freed.
    unsafe {
        let _guard = (*g).lock.guard();
        let cfg = (*g).cfg;
        let bucket = addr_of_mut!((*g).bucket);
        (*bucket).refill(&cfg, cfg.tick_of(now_ms((*g).base)));
        for d in [Direction::Read, Direction::Write] {
            let s = *side(g, d);
            if s.unfinished || (s.suspended && (*g).bucket.left(d) >= (*g).min_share) {
                resume_members(g, d);
            }
        }
    }
}

/// What is left in the group's bucket.
///
/// # Safety
/// `g` is live.
pub unsafe fn left(g: *mut bufferevent_rate_limit_group, d: Direction) -> isize {
    // SAFETY: live by contract.
    unsafe {
        let _guard = (*g).lock.guard();
        (*g).bucket.left(d)
    }
}

/// Takes `n` bytes out by hand.
///
/// # Safety
/// `g` is live.
pub unsafe fn decrement(g: *mut bufferevent_rate_limit_group, d: Direction, n: isize) {
    // SAFETY: live by contract.
    unsafe {
        let _guard = (*g).lock.guard();
        change(g, d, n);
    }
}

/// The bytes read and written since the last reset.
///
/// # Safety
/// `g` is live.
pub unsafe fn totals(g: *mut bufferevent_rate_limit_group) -> (u64, u64) {
    // SAFETY: live by contract.
    unsafe {
        let _guard = (*g).lock.guard();
        ((*g).read.total, (*g).write.total)
    }
}

/// Starts counting anew.
///
/// # Safety
/// `g` is live.
pub unsafe fn reset_totals(g: *mut bufferevent_rate_limit_group) {
    // SAFETY: live by contract.
    unsafe {
        let _guard = (*g).lock.guard();
        (*g).read.total = 0;
        (*g).write.total = 0;
    }
}
