//! Two bufferevents that are each other's peer: what goes out of one comes in at the other,
//! without a descriptor in between. Callbacks are always deferred.

use super::callbacks::{run_event, trigger};
use super::common::{self, Held, Private, State, bufferevent_ops, check_high_watermark, private};
use super::flags::{
    BEV_EVENT_EOF, BEV_EVENT_READING, BEV_EVENT_WRITING, BEV_FINISHED, BEV_NORMAL,
    BEV_OPT_DEFER_CALLBACKS, BEV_OPT_THREADSAFE,
};
use super::raw::bufferevent;
use super::timeouts;
use crate::buffer;
use crate::error::{Error, Result};
use crate::event;
use crate::event::flags::{EV_READ, EV_WRITE};
use crate::event::raw::event_base;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_int, c_short};

/// One end.
#[repr(C)]
struct End {
    p: Private,
    /// The other end; null once one of them is freed.
    partner: *mut Self,
    /// The former other end, as long as one of the two has to hand the locks on.
    unlinked: *mut Self,
}

static OPS: bufferevent_ops = bufferevent_ops {
    size: size_of::<End>(),
    class: buffer::pool::class::PAIR_END,
    enable,
    disable,
    unlink,
    destruct,
    adjust_timeouts: timeouts::adjust,
    flush,
    getfd: |_| None,
    setfd: |_, _| Err(Error::Invalid),
    replace_fd: |_, _| Err(Error::Invalid),
    underlying: |_| null_mut(),
    output_changed,
    // SAFETY: ops are called with a live, locked `p`.
    input_changed: |p, _, _| unsafe { check_high_watermark(p) },
    end_of_turn: |_| {},
};

/// Makes the two ends.
///
/// # Safety
/// `base` is null (the current base is meant) or live.
pub unsafe fn new(base: *mut event_base, options: c_int) -> Result<[*mut bufferevent; 2]> {
    let base = event::or_current(base);
    if base.is_null() {
        return Err(Error::Invalid);
    }
    let deferred = options | BEV_OPT_DEFER_CALLBACKS;
    // SAFETY: live by contract; both blocks are ours until they are handed out.
    unsafe {
        let a = new_end(base, deferred)?;
        let b = match new_end(base, deferred & !BEV_OPT_THREADSAFE) {
            Ok(b) => b,
            Err(e) => {
                common::discard(a.cast());
                return Err(e);
            }
        };
        if options & BEV_OPT_THREADSAFE != 0
            && let Err(e) = share_locks(a, b)
        {
            common::discard(b.cast());
            common::discard(a.cast());
            return Err(e);
        }
        (*a).partner = b;
        (*b).partner = a;
        for end in [a, b] {
            buffer::freeze((*end).p.bev.input, false);
            buffer::freeze((*end).p.bev.output, true);
        }
        Ok([addr_of_mut!((*a).p.bev), addr_of_mut!((*b).p.bev)])
    }
}

unsafe fn share_locks(a: *mut End, b: *mut End) -> Result<()> {
    // SAFETY: both are live.
    unsafe {
        if (*a).p.lock.is_some() {
            common::enable_locking(b.cast(), a.cast())?;
        }
    }
    Ok(())
}

unsafe fn new_end(base: *mut event_base, options: c_int) -> Result<*mut End> {
    let end: *mut End = common::allocate(&OPS)?.cast();
    // SAFETY: a fresh block of the right size; `Private` is its first field.
    unsafe {
        if let Err(e) = common::init(end.cast(), base, &OPS, options) {
            common::deallocate(&OPS, end.cast());
            return Err(e);
        }
        if let Err(e) = timeouts::assign(end.cast()) {
            common::discard(end.cast());
            return Err(e);
        }
    }
    Ok(end)
}

unsafe fn wants_to_talk(src: *mut End, dst: *mut End) -> bool {
    // SAFETY: both are live; they share one lock, which is held.
    unsafe {
        (*src).p.bev.enabled & EV_WRITE != 0
            && (*src).p.write_suspended.is_empty()
            && (*dst).p.bev.enabled & EV_READ != 0
            && (*dst).p.read_suspended.is_empty()
            && buffer::len((*src).p.bev.output) != 0
    }
}

/// Moves output of `src` to the input of `dst`, as far as the high watermark (unless
/// `ignore_mark`) and rate limits allow.
unsafe fn transfer(src: *mut End, dst: *mut End, ignore_mark: bool) {
    // SAFETY: as in `wants_to_talk`.
    unsafe {
        let output = (*src).p.bev.output;
        let input = (*dst).p.bev.input;
        let mut n = buffer::len(output);
        let high = (*dst).p.bev.wm_read.high;
        if high != 0 && !ignore_mark {
            n = n.min(high.saturating_sub(buffer::len(input)));
        }
        if n == 0 {
            return;
        }
        if buffer::owner::transfer(output, input, n).unwrap_or(0) == 0 {
            return;
        }
        if (*dst).p.state.contains(State::INPUT_HOOK) {
            check_high_watermark(dst.cast());
        }
        timeouts::restart(dst.cast(), EV_READ);
        timeouts::restart(src.cast(), EV_WRITE);
        trigger(dst.cast(), EV_READ, 0);
        trigger(src.cast(), EV_WRITE, 0);
    }
}

unsafe fn output_changed(p: *mut Private, added: usize, deleted: usize) {
    let end: *mut End = p.cast();
    // SAFETY: `p` is live and locked.
    unsafe {
        let partner = (*end).partner;
        if added > deleted && !partner.is_null() && wants_to_talk(end, partner) {
            transfer(end, partner, false);
        } else if added > deleted {
            timeouts::start_if_idle(p, EV_WRITE);
        }
    }
}

unsafe fn enable(p: *mut Private, what: c_short) -> Result<()> {
    let end: *mut End = p.cast();
    // SAFETY: `p` is live and locked.
    unsafe {
        if what & EV_READ != 0 {
            timeouts::restart(p, EV_READ);
        }
        if what & EV_WRITE != 0 && buffer::len((*p).bev.output) != 0 {
            timeouts::restart(p, EV_WRITE);
        }
        let partner = (*end).partner;
        if partner.is_null() {
            return Ok(());
        }
        if what & EV_READ != 0 && wants_to_talk(partner, end) {
            transfer(partner, end, false);
        }
        if what & EV_WRITE != 0 && wants_to_talk(end, partner) {
            transfer(end, partner, false);
        }
    }
    Ok(())
}

unsafe fn disable(p: *mut Private, what: c_short) -> Result<()> {
    // SAFETY: `p` is live and locked.
    unsafe { timeouts::stop(p, what) };
    Ok(())
}

unsafe fn unlink(p: *mut Private) {
    let end: *mut End = p.cast();
    // SAFETY: `p` is live and locked, and so is its partner, with the same lock.
    unsafe {
        let partner = (*end).partner;
        if !partner.is_null() {
            (*end).partner = null_mut();
            (*partner).partner = null_mut();
            (*end).unlinked = partner;
            (*partner).unlinked = end;
        }
    }
}

unsafe fn destruct(p: *mut Private) {
    let end: *mut End = p.cast();
    // SAFETY: `p` is live; its former partner tells us when it goes first (below).
    unsafe {
        let other = (*end).unlinked;
        if other.is_null() {
            return;
        }
        (*end).unlinked = null_mut();
        (*other).unlinked = null_mut();
        // The locks are shared: whoever goes last frees them.
        if (*p).state.contains(State::OWN_LOCK) {
            (*p).state.remove(State::OWN_LOCK);
            (*other).p.state.insert(State::OWN_LOCK);
        }
    }
}

unsafe fn flush(p: *mut Private, what: c_short, mode: c_int) -> c_int {
    let end: *mut End = p.cast();
    // SAFETY: `p` is live, counted and locked.
    unsafe {
        let partner = (*end).partner;
        if partner.is_null() {
            return -1;
        }
        if mode == BEV_NORMAL {
            return 0;
        }
        if what & EV_READ != 0 {
            transfer(partner, end, true);
        }
        if what & EV_WRITE != 0 {
            transfer(end, partner, true);
        }
        if mode == BEV_FINISHED {
            let mut event = BEV_EVENT_EOF;
            if what & EV_READ != 0 {
                event |= BEV_EVENT_WRITING;
            }
            if what & EV_WRITE != 0 {
                event |= BEV_EVENT_READING;
            }
            run_event(partner.cast(), event, 0, 0);
        }
    }
    0
}

/// The other end, or null.
///
/// # Safety
/// `bev` is live.
pub unsafe fn partner(bev: *mut bufferevent) -> *mut bufferevent {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        if !core::ptr::eq((*p).bev.be_ops, &OPS) {
            return null_mut();
        }
        (*p.cast::<End>()).partner.cast()
    }
}
