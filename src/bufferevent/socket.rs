//! The socket bufferevent: buffers over a stream descriptor.
//!
//! # When output leaves
//!
//! What a turn of the loop adds to the output buffer is written at the end of that turn, before
//! the loop waits ([`end_of_turn`]); only when the kernel does not take all of it does
//! `ev_write` start to wait for writability. The reference waits first and writes then: the same
//! bytes and callbacks in the same order, with two more changes of interest and one more wait
//! for each message. Where the wait itself can be seen it is made here too: `EV_WRITE` enabled
//! with an empty output gives one write callback once the descriptor is writable, or a timeout.

use super::callbacks::{run_event, trigger};
use super::common::{
    self, Held, Private, State, Suspend, bufferevent_ops, check_high_watermark, closes_on_free,
    is_set, private, want_flush,
};
use super::flags::{
    BEV_EVENT_CONNECTED, BEV_EVENT_EOF, BEV_EVENT_ERROR, BEV_EVENT_READING, BEV_EVENT_TIMEOUT,
    BEV_EVENT_WRITING,
};
use super::raw::bufferevent;
use super::{bucket::Direction, connect, race, ratelimit};
use crate::buffer;
use crate::error::{Error, Result};
use crate::event;
use crate::event::flags::{
    EV_FINALIZE, EV_PERSIST, EV_READ, EV_TIMEOUT, EV_WRITE, EVLIST_ACTIVE, EVLIST_ACTIVE_LATER,
    EVLIST_INSERTED,
};
use crate::event::raw::event_base;
use crate::util::socket;
use core::ffi::c_void;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_int, c_short, timeval};

/// The functions of socket bufferevents.
pub static OPS: bufferevent_ops = bufferevent_ops {
    size: size_of::<Private>(),
    class: buffer::pool::class::SOCKET,
    enable,
    disable,
    unlink: |_| {},
    destruct,
    adjust_timeouts,
    flush: |_, _, _| 0,
    // SAFETY: ops are called with a live, locked `p`.
    getfd: |p| Some(unsafe { fd(p) }),
    setfd,
    replace_fd,
    underlying: |_| null_mut(),
    output_changed,
    // SAFETY: as above.
    input_changed: |p, _, _| unsafe { check_high_watermark(p) },
    end_of_turn,
};

/// Whether a bufferevent is a socket bufferevent.
///
/// # Safety
/// `p` is live.
pub unsafe fn is_socket(p: *mut Private) -> bool {
    // SAFETY: live by contract; only addresses are compared.
    unsafe { core::ptr::eq((*p).bev.be_ops, &OPS) }
}

/// A new socket bufferevent over `fd` (which may be -1).
///
/// # Safety
/// `base` is null (the current base is meant) or live.
pub unsafe fn new(base: *mut event_base, fd: c_int, options: c_int) -> Result<*mut bufferevent> {
    let p = common::allocate(&OPS)?;
    // SAFETY: a fresh zeroed block, which nobody else knows; a failure frees what was made.
    unsafe {
        let base = event::or_current(base);
        if base.is_null() {
            common::deallocate(&OPS, p);
            return Err(Error::Invalid);
        }
        if let Err(e) = common::init(p, base, &OPS, options) {
            common::deallocate(&OPS, p);
            return Err(e);
        }
        let bev = addr_of_mut!((*p).bev);
        if let Err(e) = assign_events(p, fd) {
            common::discard(p);
            return Err(e);
        }
        buffer::set_drains_to_fd((*bev).output, true);
        freeze(p);
        Ok(bev)
    }
}

unsafe fn assign_events(p: *mut Private, fd: c_int) -> Result<()> {
    // SAFETY: the events are neither pending nor active; `p` outlives them.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let kind = EV_PERSIST | EV_FINALIZE;
        let base = (*bev).ev_base;
        event::assign(
            addr_of_mut!((*bev).ev_read),
            base,
            fd,
            EV_READ | kind,
            Some(on_readable),
            p.cast(),
        )?;
        event::assign(
            addr_of_mut!((*bev).ev_write),
            base,
            fd,
            EV_WRITE | kind,
            Some(on_writable),
            p.cast(),
        )
    }
}

/// Users may not add to the input's end, nor take from the output's start.
unsafe fn freeze(p: *mut Private) {
    // SAFETY: the buffers live as long as `p`.
    unsafe {
        buffer::freeze((*p).bev.input, false);
        buffer::freeze((*p).bev.output, true);
    }
}

/// Ends what `setfd` has begun.
#[inline]
unsafe fn close_ends(p: *mut Private) {
    // SAFETY: `p` is live and locked.
    unsafe {
        if (*p).state.contains(State::OPENED) {
            (*p).state.remove(State::OPENED);
            freeze(p);
        }
    }
}

/// The descriptor.
///
/// # Safety
/// `p` is live.
pub(super) unsafe fn fd(p: *mut Private) -> c_int {
    // SAFETY: by contract.
    unsafe { (*p).bev.ev_read.ev_fd }
}

unsafe fn add_read(p: *mut Private) -> Result<()> {
    // SAFETY: `p` is live and locked; its events are assigned.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let tv = (*bev).timeout_read;
        event::add(addr_of_mut!((*bev).ev_read), is_set(&tv).then_some(&tv))
    }
}

unsafe fn add_write(p: *mut Private) -> Result<()> {
    // SAFETY: as in `add_read`.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let tv = (*bev).timeout_write;
        event::add(addr_of_mut!((*bev).ev_write), is_set(&tv).then_some(&tv))
    }
}

unsafe fn del_read(p: *mut Private) -> Result<()> {
    // SAFETY: as in `add_read`.
    unsafe { event::del(addr_of_mut!((*p).bev.ev_read)) }
}

unsafe fn del_write(p: *mut Private) -> Result<()> {
    // SAFETY: as in `add_read`.
    unsafe { event::del(addr_of_mut!((*p).bev.ev_write)) }
}

/// Whether `ev_write` waits for writability already.
unsafe fn waits_for_writability(p: *mut Private) -> bool {
    // SAFETY: `p` is live. The flags word belongs to the base: with locks we have to ask, without
    // them nobody else can be writing it.
    unsafe {
        if (*p).lock.is_some() {
            event::pending(addr_of_mut!((*p).bev.ev_write), EV_WRITE, null_mut()) != 0
        } else {
            let flags = c_int::from((*p).bev.ev_write.ev_evcallback.evcb_flags);
            flags & (EVLIST_INSERTED | EVLIST_ACTIVE | EVLIST_ACTIVE_LATER) != 0
        }
    }
}

unsafe fn enable(p: *mut Private, what: c_short) -> Result<()> {
    // SAFETY: `p` is live and locked.
    unsafe {
        if what & EV_READ != 0 {
            add_read(p)?;
        }
        if what & EV_WRITE != 0 {
            if (*p).state.contains(State::CONNECTING) || waits_for_writability(p) {
                add_write(p)?;
            } else {
                want_flush(p);
            }
        }
    }
    Ok(())
}

unsafe fn disable(p: *mut Private, what: c_short) -> Result<()> {
    // SAFETY: `p` is live and locked.
    unsafe {
        if what & EV_READ != 0 {
            del_read(p)?;
        }
        // While a connection is being made ev_write is how we hear of its end.
        if what & EV_WRITE != 0 && !(*p).state.contains(State::CONNECTING) {
            del_write(p)?;
        }
    }
    Ok(())
}

unsafe fn output_changed(p: *mut Private, added: usize, _: usize) {
    // SAFETY: `p` is live and locked.
    unsafe {
        if added != 0
            && (*p).bev.enabled & EV_WRITE != 0
            && (*p).write_suspended.is_empty()
            && !(*p).state.intersects(State::WANT_FLUSH | State::CONNECTING)
            && !waits_for_writability(p)
        {
            want_flush(p);
        }
    }
}

unsafe fn end_of_turn(p: *mut Private) {
    // SAFETY: `p` is live, counted and locked.
    unsafe {
        if (*p).state.contains(State::FREED) {
            return;
        }
        if fd(p) < 0 {
            // Nothing to write to yet, but the write timeout runs.
            if is_set(&(*p).bev.timeout_write) && (*p).bev.enabled & EV_WRITE != 0 {
                let _ = add_write(p);
            }
            return;
        }
        if (*p).bev.enabled & EV_WRITE == 0
            || !(*p).write_suspended.is_empty()
            || (*p).state.contains(State::CONNECTING)
            || waits_for_writability(p)
        {
            return;
        }
        if buffer::owner::len((*p).bev.output, (*p).lock.as_ptr()) == 0 {
            // Only a callback or a timeout could tell that we did not wait.
            if (*p).bev.writecb.is_some() || is_set(&(*p).bev.timeout_write) {
                let _ = add_write(p);
            }
            return;
        }
        write_some(p, false);
    }
}

/// Writes what the limits allow and tells the user. `waited` says that `ev_write` is pending.
unsafe fn write_some(p: *mut Private, waited: bool) {
    // SAFETY: `p` is live, counted and locked.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let output = (*bev).output;
        let most = ratelimit::max(p, Direction::Write);
        // Asking may have found the group's limit used up.
        if !(*p).write_suspended.is_empty() || most == 0 {
            return;
        }
        let (written, left) = match buffer::owner::write(output, (*p).lock.as_ptr(), fd(p), most) {
            Ok(done) if done.0 > 0 => done,
            Err(Error::Os(e)) if e.is_retriable() => {
                if !waited {
                    let _ = add_write(p);
                }
                return;
            }
            Ok(_) => return fail(p, EV_WRITE, BEV_EVENT_WRITING | BEV_EVENT_EOF, 0),
            Err(e) => {
                return fail(p, EV_WRITE, BEV_EVENT_WRITING | BEV_EVENT_ERROR, e.errno());
            }
        };
        ratelimit::spend(p, Direction::Write, written);
        close_ends(p);
        if left == 0 {
            if waited {
                let _ = del_write(p);
            }
        } else if !waited && (*p).write_suspended.is_empty() {
            if written < most {
                let _ = add_write(p);
            } else {
                // The kernel took all it was offered; the rest goes in the next turn.
                want_flush(p);
            }
        }
        if (*bev).writecb.is_some() {
            trigger(p, EV_WRITE, 0);
        }
    }
}

/// Switches a direction off and tells why.
#[inline(never)]
unsafe fn fail(p: *mut Private, direction: c_short, what: c_short, errno: c_int) {
    // SAFETY: `p` is live, counted and locked.
    unsafe {
        (*p).bev.enabled &= !direction;
        let _ = disable(p, direction);
        run_event(p, what, errno, 0);
    }
}

unsafe extern "C" fn on_readable(fd: c_int, what: c_short, arg: *mut c_void) {
    let p: *mut Private = arg.cast();
    // SAFETY: the event belongs to `p` and is finalized before `p` is freed.
    unsafe {
        let _held = Held::new(p);
        if what == EV_TIMEOUT {
            return fail(p, EV_READ, BEV_EVENT_READING | BEV_EVENT_TIMEOUT, 0);
        }
        if (*p).state.contains(State::CONNECTING) && race::is_on(p) {
            // Reading would take the error away from `on_writable`, which is about to run.
            return;
        }
        common::flush_after(p, || read_some(p, fd));
    }
}

unsafe fn read_some(p: *mut Private, fd: c_int) {
    // SAFETY: `p` is live, counted and locked.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let input = (*bev).input;
        let mut most = ratelimit::max(p, Direction::Read);
        let high = (*bev).wm_read.high;
        if high != 0 {
            let room = high.saturating_sub(buffer::len(input));
            if room == 0 {
                // The mark was lowered behind our back (old code writes the field).
                common::watch_input(p);
                common::suspend_read(p, Suspend::WATERMARK);
                return;
            }
            most = most.min(room);
        }
        if !(*p).read_suspended.is_empty() || most == 0 {
            return;
        }
        match buffer::owner::read(input, (*p).lock.as_ptr(), fd, most) {
            Ok(0) => fail(p, EV_READ, BEV_EVENT_READING | BEV_EVENT_EOF, 0),
            Ok(n) => {
                close_ends(p);
                ratelimit::spend(p, Direction::Read, n);
                if (*p).state.contains(State::INPUT_HOOK) {
                    check_high_watermark(p);
                }
                trigger(p, EV_READ, 0);
            }
            Err(Error::Os(e)) if e.is_retriable() => {}
            Err(Error::Os(e))
                if e.0 == libc::ECONNREFUSED && (*p).state.contains(State::CONNECTING) =>
            {
                // Told by on_writable, which is about to run.
                (*p).state.insert(State::REFUSED);
            }
            Err(e) => fail(p, EV_READ, BEV_EVENT_READING | BEV_EVENT_ERROR, e.errno()),
        }
    }
}

unsafe extern "C" fn on_writable(fd: c_int, what: c_short, arg: *mut c_void) {
    let p: *mut Private = arg.cast();
    // SAFETY: as in `on_readable`.
    unsafe {
        let _held = Held::new(p);
        if what == EV_TIMEOUT {
            // An attempt to connect that takes too long is over, too.
            (*p).state.remove(State::CONNECTING | State::REFUSED);
            connect::forget(p);
            return fail(p, EV_WRITE, BEV_EVENT_WRITING | BEV_EVENT_TIMEOUT, 0);
        }
        let mut waits = true;
        if (*p).state.contains(State::CONNECTING) {
            let result = if (*p).state.contains(State::REFUSED) {
                Err(Error::Os(crate::sys::Errno(libc::ECONNREFUSED)))
            } else {
                socket::finished_connecting(fd)
            };
            match result {
                Ok(false) => return,
                Ok(true) => {
                    (*p).state.remove(State::CONNECTING | State::REFUSED);
                    waits = false;
                    connect::forget(p);
                    // What the callback writes goes out right behind it: the kernel is asked about
                    // writability again only when it takes no more.
                    let _ = del_write(p);
                    (*p).state.insert(State::RUNNING);
                    run_event(p, BEV_EVENT_CONNECTED, 0, 0);
                    (*p).state.remove(State::RUNNING);
                    let wanted = (*p).state.contains(State::WANT_FLUSH);
                    (*p).state.remove(State::WANT_FLUSH);
                    if self::fd(p) != fd {
                        // The program has put another socket in the place of this one.
                        if wanted {
                            end_of_turn(p);
                        }
                        return;
                    }
                    if (*p).bev.enabled & EV_WRITE == 0
                        || !(*p).write_suspended.is_empty()
                        || (*p).state.contains(State::FREED)
                        || (*p).state.contains(State::CONNECTING)
                        || waits_for_writability(p)
                    {
                        return;
                    }
                }
                Err(e) => {
                    (*p).state.remove(State::CONNECTING | State::REFUSED);
                    let _ = del_write(p);
                    let _ = del_read(p);
                    race::go_on_or_tell(p, e);
                    return;
                }
            }
        }
        if !(*p).write_suspended.is_empty() {
            return;
        }
        if buffer::len((*p).bev.output) != 0 {
            write_some(p, waits);
            return;
        }
        let _ = del_write(p);
        if waits {
            trigger(p, EV_WRITE, 0);
        }
    }
}

unsafe fn adjust_timeouts(p: *mut Private) -> Result<()> {
    // SAFETY: `p` is live and locked.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let read = addr_of_mut!((*bev).ev_read);
        if event::pending(read, EV_READ, null_mut()) != 0 {
            if is_set(&(*bev).timeout_read) {
                add_read(p)?;
            } else {
                event::remove_timer(read)?;
            }
        }
        let write = addr_of_mut!((*bev).ev_write);
        if event::pending(write, EV_WRITE, null_mut()) != 0 {
            if is_set(&(*bev).timeout_write) {
                add_write(p)?;
            } else {
                event::remove_timer(write)?;
            }
        }
    }
    Ok(())
}

unsafe fn setfd(p: *mut Private, fd: c_int) -> Result<()> {
    // SAFETY: `p` is live and locked.
    unsafe {
        connect::forget(p);
        stop(p);
        // The reference opens both buffers here, until the next read and write; there are
        // programs that put back what another layer had read.
        buffer::unfreeze((*p).bev.input, false);
        buffer::unfreeze((*p).bev.output, true);
        (*p).state.insert(State::OPENED);
        replace_fd(p, fd)
    }
}

/// Takes the events out of the loop, whatever they wait for.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn stop(p: *mut Private) {
    // SAFETY: by contract.
    unsafe {
        let _ = del_read(p);
        let _ = del_write(p);
    }
}

/// Closes the descriptor of a failed attempt.
///
/// # Safety
/// `p` is live and locked; the descriptor was made by the library.
pub unsafe fn drop_fd(p: *mut Private) {
    // SAFETY: by contract.
    unsafe {
        stop(p);
        let fd = fd(p);
        if fd >= 0 {
            let _ = socket::close(fd);
        }
        let _ = take_fd(p, -1);
    }
}

/// Assigns the events anew; they keep their priority.
unsafe fn assign_anew(p: *mut Private, fd: c_int) -> Result<()> {
    // SAFETY: `p` is live and locked, its events are not pending (callers).
    unsafe {
        let pri = c_int::from((*p).bev.ev_read.ev_evcallback.evcb_pri);
        assign_events(p, fd)?;
        let _ = event::priority_set(addr_of_mut!((*p).bev.ev_read), pri);
        let _ = event::priority_set(addr_of_mut!((*p).bev.ev_write), pri);
    }
    Ok(())
}

/// Swaps the descriptor of a bufferevent that has one, and starts what is enabled on it.
///
/// # Safety
/// `p` is live and locked, its events are not pending.
pub unsafe fn take_fd(p: *mut Private, fd: c_int) -> Result<()> {
    // SAFETY: by contract.
    unsafe { ((*(*p).bev.be_ops).replace_fd)(p, fd) }
}

unsafe fn replace_fd(p: *mut Private, fd: c_int) -> Result<()> {
    // SAFETY: as in `take_fd`.
    unsafe {
        (*p).state.remove(State::CONNECTING | State::REFUSED);
        assign_anew(p, fd)?;
        if fd >= 0 {
            super::start(p, (*p).bev.enabled)?;
        }
    }
    Ok(())
}

/// Waits for the end of a connection attempt on the descriptor. The write timeout bounds all
/// attempts for a name together: a later one has what the earlier ones have left of it.
///
/// # Safety
/// `p` is live and locked.
#[inline(never)]
pub unsafe fn wait_for_connection(p: *mut Private) -> Result<()> {
    // SAFETY: by contract.
    unsafe {
        (*p).state.insert(State::CONNECTING);
        (*p).state.remove(State::WANT_FLUSH);
        let mut tv = (*p).bev.timeout_write;
        if is_set(&tv)
            && let Some(since) = race::since(p)
        {
            let spent = event::cached_monotonic_ns((*p).bev.ev_base).saturating_sub(since) / 1000;
            tv = shortened(tv, spent);
        }
        event::add(addr_of_mut!((*p).bev.ev_write), is_set(&tv).then_some(&tv))
            .inspect_err(|_| (*p).state.remove(State::CONNECTING))
    }
}

/// What `spent` microseconds leave of a timeout; never nothing, which would be no timeout.
fn shortened(tv: timeval, spent: u64) -> timeval {
    let spent = libc::time_t::try_from(spent).unwrap_or(libc::time_t::MAX);
    let whole = tv.tv_sec.saturating_mul(1_000_000).saturating_add(tv.tv_usec);
    let left = whole.saturating_sub(spent).max(1);
    timeval { tv_sec: left / 1_000_000, tv_usec: left % 1_000_000 }
}

unsafe fn destruct(p: *mut Private) {
    // SAFETY: `p` is live; its events can no longer run.
    unsafe {
        let fd = fd(p);
        if closes_on_free(p) && fd >= 0 {
            let _ = socket::close(fd);
        }
    }
}

/// The priorities of a socket or TLS bufferevent, or -1 as in `event_priority_set`.
///
/// # Safety
/// `bev` is live.
pub unsafe fn priority_set(bev: *mut bufferevent, pri: c_int) -> Result<()> {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        if !is_socket(p) && !super::tls::is_tls(p) {
            return Err(Error::Invalid);
        }
        event::priority_set(addr_of_mut!((*bev).ev_read), pri)?;
        event::priority_set(addr_of_mut!((*bev).ev_write), pri)?;
        if let Ok(pri) = u8::try_from(pri)
            && !(*p).state.intersects(State::DEFERRED | State::END_OF_TURN)
        {
            (*p).work.evcb_pri = pri;
        }
    }
    Ok(())
}

/// `bufferevent_base_set`.
///
/// # Safety
/// `bev` and `base` are live.
pub unsafe fn base_set(base: *mut event_base, bev: *mut bufferevent) -> Result<()> {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        if !is_socket(p) {
            return Err(Error::Invalid);
        }
        let queued = (*p).state.intersection(State::DEFERRED | State::END_OF_TURN);
        let old = (*bev).ev_base;
        event::base_set(base, addr_of_mut!((*bev).ev_read))?;
        if let Err(e) = event::base_set(base, addr_of_mut!((*bev).ev_write)) {
            let _ = event::base_set(old, addr_of_mut!((*bev).ev_read));
            return Err(e);
        }
        if !queued.is_empty() {
            event::callback_cancel(old, addr_of_mut!((*p).work));
        }
        (*bev).ev_base = base;
        if queued.contains(State::DEFERRED) {
            event::callback_schedule(base, addr_of_mut!((*p).work));
        } else if queued.contains(State::END_OF_TURN) {
            event::end_of_turn(base, addr_of_mut!((*p).work));
        }
    }
    Ok(())
}
