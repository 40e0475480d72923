//! The TLS bufferevent: over a descriptor, or on top of another bufferevent.
//!
//! No TLS library is in here: the packages under `tls/` bring one each, behind the table of
//! functions in [`interface`].
//!
//! | file | what stands there |
//! |---|---|
//! | `interface` | what the core and a TLS package say to each other |
//! | `handshake` | shaking hands, first and again; the end of a session |
//! | `traffic` | moving data once the session stands |
//! | this file | the kind itself: making, enabling, freeing, another descriptor |
//!
//! Over a descriptor the TLS library reads and writes it itself, and `ev_read` and `ev_write` wait
//! for it. On top of another bufferevent it moves bytes from that one's input and to its output;
//! the two events are timers then. As for plain sockets, output of a turn goes out at its end,
//! but output for a bufferevent below goes there at once, as through any filter.

pub mod handshake;
pub mod interface;
mod traffic;
pub mod types;

use super::bucket::Direction;
use super::callbacks::{run_event, setcb};
use super::common::{
    self, Held, Private, State, Suspend, bufferevent_ops, check_high_watermark, closes_on_free,
    is_set, private, resume_read, suspend_read, want_flush,
};
use super::flags::{
    BEV_EVENT_CONNECTED, BEV_EVENT_EOF, BEV_EVENT_ERROR, BEV_EVENT_READING, BEV_EVENT_TIMEOUT,
    BEV_EVENT_WRITING, BEV_OPT_THREADSAFE,
};
use super::raw::bufferevent;
use super::{connect, filter, race, ratelimit, timeouts};
use crate::buffer;
use crate::error::{Error, Result};
use crate::event;
use crate::event::flags::{EV_FINALIZE, EV_PERSIST, EV_READ, EV_TIMEOUT, EV_WRITE};
use crate::event::raw::event_base;
use crate::sys::Errno;
use crate::util::socket;
use bitflags::bitflags;
use core::ffi::c_void;
use core::ptr::{addr_of_mut, null_mut};
use interface::{EVRS_TLS_ACCEPTING, EVRS_TLS_OPEN, evrs_tls_ops, evrs_tls_session};
use libc::{c_int, c_short};
use types::{BUFFEREVENT_SSL_BATCH_WRITE, BUFFEREVENT_SSL_DIRTY_SHUTDOWN};

bitflags! {
    /// Where a session stands.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Status: u16 {
        /// The handshake is over.
        const OPEN = 0x01;
        /// Reading goes on when the wire can be written to.
        const READ_NEEDS_WRITE = 0x02;
        /// Writing goes on when the wire can be read.
        const WRITE_NEEDS_READ = 0x04;
        /// The peer has closed, or the session is dead: the end of the wire is no news.
        const ENDED = 0x08;
        /// The session is dead: the TLS library is not asked any more.
        const DEAD = 0x10;
        /// The TLS library is at work, or we are between two calls of it.
        const BUSY = 0x20;
        /// Somebody wanted something while it was busy.
        const AGAIN = 0x40;
        /// The handshake, or writing, goes on when data of the peer has been read.
        const NEEDS_DATA = 0x80;
    }
}

#[repr(C)]
struct Tls {
    p: Private,
    session: evrs_tls_session,
    ops: *const evrs_tls_ops,
    /// What the wire had carried when we last asked.
    read: u64,
    written: u64,
    /// The size of a write that has to be repeated; 0 for none.
    unfinished: usize,
    /// `BUFFEREVENT_SSL_*` flags.
    flags: u64,
    /// The state that another descriptor begins in.
    first_state: c_int,
    /// Counts descriptors: what was begun on an older one is over.
    wire: u32,
    status: Status,
}

static OPS: bufferevent_ops = bufferevent_ops {
    size: size_of::<Tls>(),
    class: buffer::pool::class::NONE,
    enable,
    disable,
    unlink,
    destruct,
    adjust_timeouts,
    flush: |_, _, _| 0,
    // SAFETY: ops are called with a live, locked `p` of their kind.
    getfd: |p| unsafe {
        match below(p) {
            under if under.is_null() => Some((*p).bev.ev_read.ev_fd),
            under => super::fd_of(under),
        }
    },
    setfd,
    replace_fd,
    // SAFETY: as above.
    underlying: |p| unsafe { below(p) },
    output_changed,
    // SAFETY: as above.
    input_changed: |p, _, _| unsafe { check_high_watermark(p) },
    end_of_turn,
};

/// Whether a bufferevent is of this kind.
///
/// # Safety
/// `p` is live.
pub unsafe fn is_tls(p: *mut Private) -> bool {
    // SAFETY: live by contract; only addresses are compared.
    unsafe { core::ptr::eq((*p).bev.be_ops, &OPS) }
}

/// The one below, or null: for other kinds, and over a descriptor.
///
/// # Safety
/// `p` is live.
pub unsafe fn bufferevent_below(p: *mut Private) -> *mut bufferevent {
    // SAFETY: live by contract.
    unsafe { if is_tls(p) { below(p).cast() } else { null_mut() } }
}

unsafe fn below(p: *mut Private) -> *mut Private {
    // SAFETY: `p` is live and of this kind; the field never changes.
    unsafe { (*p.cast::<Tls>()).session.below.cast() }
}

/// A new one for the TLS library's object `handle`, over `fd` or on top of `under`; not both. On
/// failure the object is the caller's still.
///
/// # Safety
/// `base` and `ops` are live, `under` is null or live; `handle` is what `ops` expect.
pub unsafe fn new(
    base: *mut event_base,
    under: *mut bufferevent,
    fd: c_int,
    ops: *const evrs_tls_ops,
    handle: *mut c_void,
    state: c_int,
    options: c_int,
) -> Result<*mut bufferevent> {
    if (!under.is_null() && fd >= 0) || !(EVRS_TLS_OPEN..=EVRS_TLS_ACCEPTING).contains(&state) {
        return Err(Error::Invalid);
    }
    let t: *mut Tls = common::allocate(&OPS)?.cast();
    let p: *mut Private = t.cast();
    // SAFETY: a fresh zeroed block, `Private` is its first field; a failure frees what was made.
    unsafe {
        if let Err(e) = common::init(p, base, &OPS, options & !BEV_OPT_THREADSAFE) {
            common::deallocate(&OPS, p);
            return Err(e);
        }
        (*t).ops = ops;
        (*t).session.handle = handle;
        (*t).session.below = under.cast();
        (*t).session.fd = fd;
        (*t).first_state = state;
        (*t).status = if state == EVRS_TLS_OPEN { Status::OPEN } else { Status::empty() };
        if let Err(e) = prepare(p, fd, options) {
            common::discard(p);
            return Err(e);
        }
        if under.is_null() {
            if fd >= 0 && state != EVRS_TLS_OPEN {
                let enabled = (*p).bev.enabled;
                let _ = super::enable(p.cast(), enabled);
            }
        } else {
            super::incref(under);
            setcb(under, Some(on_below_read), Some(on_below_write), Some(on_below_event), p.cast());
            super::setwatermark(under, EV_READ, 0, 0);
            let _ = super::enable(under, EV_READ | EV_WRITE);
            let _held = Held::new(p);
            if state == EVRS_TLS_OPEN {
                hold_below(p);
            } else {
                want_flush(p);
            }
        }
    }
    Ok(p.cast())
}

/// The part of [`new`] that can fail.
unsafe fn prepare(p: *mut Private, fd: c_int, options: c_int) -> Result<()> {
    let t: *mut Tls = p.cast();
    // SAFETY: nobody else knows of `p` yet; the one below is live.
    unsafe {
        let under = below(p);
        if !under.is_null() {
            filter::share_locks(p, under, options)?;
            timeouts::assign(p)?;
        } else {
            if options & BEV_OPT_THREADSAFE != 0 {
                (*p).options |= u8::try_from(BEV_OPT_THREADSAFE).unwrap_or(0);
                common::enable_locking(p, null_mut())?;
            }
            assign_events(p, fd)?;
        }
        if ((*(*t).ops).start)(addr_of_mut!((*t).session), (*t).first_state, 0) < 0 {
            return Err(Error::Invalid);
        }
        count_afresh(p);
    }
    Ok(())
}

unsafe fn assign_events(p: *mut Private, fd: c_int) -> Result<()> {
    // SAFETY: the events are neither pending nor active; `p` outlives them.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let kind = EV_PERSIST | EV_FINALIZE;
        let (read, write) = (addr_of_mut!((*bev).ev_read), addr_of_mut!((*bev).ev_write));
        event::assign(read, (*bev).ev_base, fd, EV_READ | kind, Some(on_readable), p.cast())?;
        event::assign(write, (*bev).ev_base, fd, EV_WRITE | kind, Some(on_writable), p.cast())
    }
}

/// Takes what the wire carried before out of the account.
unsafe fn count_afresh(p: *mut Private) {
    let t: *mut Tls = p.cast();
    // SAFETY: `p` is live; the session is started.
    unsafe {
        let (read, written) = (addr_of_mut!((*t).read), addr_of_mut!((*t).written));
        ((*(*t).ops).moved)(addr_of_mut!((*t).session), read, written);
    }
}

/// Takes what the wire has carried since the last call out of the rate limits. These are about
/// the network, so that TLS's own bytes count too.
unsafe fn account(p: *mut Private) {
    let t: *mut Tls = p.cast();
    // SAFETY: `p` is live and locked.
    unsafe {
        let before = ((*t).read, (*t).written);
        count_afresh(p);
        for (d, n) in [
            (Direction::Read, (*t).read.wrapping_sub(before.0)),
            (Direction::Write, (*t).written.wrapping_sub(before.1)),
        ] {
            if n != 0 {
                ratelimit::spend(p, d, usize::try_from(n).unwrap_or(usize::MAX));
            }
        }
    }
}

unsafe fn status(p: *mut Private) -> Status {
    // SAFETY: `p` is live and of this kind.
    unsafe { (*p.cast::<Tls>()).status }
}

/// Adds one of the events with its timeout.
unsafe fn wait_for(p: *mut Private, direction: c_short) -> Result<()> {
    // SAFETY: `p` is live and locked, its events are assigned.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let (ev, tv) = if direction == EV_READ {
            (addr_of_mut!((*bev).ev_read), (*bev).timeout_read)
        } else {
            (addr_of_mut!((*bev).ev_write), (*bev).timeout_write)
        };
        event::add(ev, is_set(&tv).then_some(&tv))
    }
}

unsafe fn stop_waiting(p: *mut Private, direction: c_short) {
    // SAFETY: as in `wait_for`.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let ev = if direction == EV_READ {
            addr_of_mut!((*bev).ev_read)
        } else {
            addr_of_mut!((*bev).ev_write)
        };
        let _ = event::del(ev);
    }
}

unsafe fn is_waiting(p: *mut Private, direction: c_short) -> bool {
    // SAFETY: as in `wait_for`.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let ev = if direction == EV_READ {
            addr_of_mut!((*bev).ev_read)
        } else {
            addr_of_mut!((*bev).ev_write)
        };
        event::pending(ev, direction, null_mut()) != 0
    }
}

/// Keeps the one below from reading.
unsafe fn hold_below(p: *mut Private) {
    // SAFETY: `p` is live; its count keeps the one below alive.
    unsafe {
        let under = below(p);
        let _held = Held::new(under);
        suspend_read(under, Suspend::FILTER);
    }
}

/// Lets the one below read again.
unsafe fn release_below(p: *mut Private) {
    // SAFETY: as in `hold_below`.
    unsafe {
        let under = below(p);
        let _held = Held::new(under);
        resume_read(under, Suspend::FILTER);
    }
}

/// Has the wire's input bring us back.
unsafe fn start_reading(p: *mut Private) -> Result<()> {
    // SAFETY: `p` is live and locked.
    unsafe {
        if !below(p).is_null() {
            release_below(p);
            return Ok(());
        }
        wait_for(p, EV_READ)?;
        if status(p).contains(Status::READ_NEEDS_WRITE) {
            wait_for(p, EV_WRITE)?;
        }
    }
    Ok(())
}

/// Has room on the wire bring us back.
unsafe fn start_writing(p: *mut Private) -> Result<()> {
    // SAFETY: as in `start_reading`; who is below calls when it has room.
    unsafe {
        if below(p).is_null() {
            wait_for(p, EV_WRITE)?;
            if status(p).contains(Status::WRITE_NEEDS_READ) {
                wait_for(p, EV_READ)?;
            }
        }
    }
    Ok(())
}

unsafe fn stop_reading(p: *mut Private) {
    // SAFETY: as in `start_reading`.
    unsafe {
        if status(p).contains(Status::WRITE_NEEDS_READ) {
            return;
        }
        if below(p).is_null() {
            stop_waiting(p, EV_READ);
        } else {
            hold_below(p);
        }
    }
}

unsafe fn stop_writing(p: *mut Private) {
    // SAFETY: as in `start_reading`. While a connection is being made ev_write is how we hear of
    // its end.
    unsafe {
        if below(p).is_null()
            && !status(p).contains(Status::READ_NEEDS_WRITE)
            && !(*p).state.contains(State::CONNECTING)
        {
            stop_waiting(p, EV_WRITE);
        }
    }
}

unsafe fn enable(p: *mut Private, what: c_short) -> Result<()> {
    // SAFETY: `p` is live and locked.
    unsafe {
        let on_top = !below(p).is_null();
        if status(p).contains(Status::DEAD) {
            return Ok(());
        }
        if what & EV_READ != 0 {
            start_reading(p)?;
            if on_top {
                timeouts::restart(p, EV_READ);
            }
        }
        if what & EV_WRITE != 0 {
            if on_top {
                timeouts::restart(p, EV_WRITE);
            } else if !status(p).contains(Status::OPEN) {
                start_writing(p)?;
            }
        }
        // What is there already: in the TLS library, below, or in the output.
        if traffic::has_work(p) {
            want_flush(p);
        }
    }
    Ok(())
}

unsafe fn disable(p: *mut Private, what: c_short) -> Result<()> {
    // SAFETY: `p` is live and locked.
    unsafe {
        if what & EV_READ != 0 {
            stop_reading(p);
        }
        if what & EV_WRITE != 0 {
            stop_writing(p);
        }
        if !below(p).is_null() {
            timeouts::stop(p, what);
        }
    }
    Ok(())
}

unsafe fn adjust_timeouts(p: *mut Private) -> Result<()> {
    // SAFETY: `p` is live and locked.
    unsafe {
        if !below(p).is_null() {
            return timeouts::adjust(p);
        }
        let bev = addr_of_mut!((*p).bev);
        for (direction, ev, tv) in [
            (EV_READ, addr_of_mut!((*bev).ev_read), (*bev).timeout_read),
            (EV_WRITE, addr_of_mut!((*bev).ev_write), (*bev).timeout_write),
        ] {
            if is_waiting(p, direction) {
                if is_set(&tv) {
                    event::add(ev, Some(&tv))?;
                } else {
                    event::remove_timer(ev)?;
                }
            }
        }
    }
    Ok(())
}

unsafe fn output_changed(p: *mut Private, added: usize, _: usize) {
    // SAFETY: `p` is live and locked; the count is for callbacks that free it.
    unsafe {
        if added == 0
            || !status(p).contains(Status::OPEN)
            || status(p).contains(Status::DEAD)
            || (*p).state.contains(State::FREED)
        {
            return;
        }
        if below(p).is_null() {
            if !(*p).state.contains(State::WANT_FLUSH)
                && traffic::may_write(p)
                && !is_waiting(p, EV_WRITE)
            {
                want_flush(p);
            }
        } else if !status(p).contains(Status::BUSY) {
            let _held = Held::new(p);
            traffic::write_all(p, true);
            if buffer::len((*p).bev.output) != 0 {
                timeouts::start_if_idle(p, EV_WRITE);
            }
        }
    }
}

unsafe fn end_of_turn(p: *mut Private) {
    // SAFETY: `p` is live, counted and locked.
    unsafe {
        let status = status(p);
        if (*p).state.contains(State::FREED) || status.contains(Status::DEAD) {
            return;
        }
        if !status.contains(Status::OPEN) {
            // Over a descriptor the events drive the handshake.
            if status.contains(Status::NEEDS_DATA) {
                handshake::advance_past_data(p);
            } else if !below(p).is_null() && below_is_there(p) {
                handshake::advance(p);
            }
            return;
        }
        if traffic::may_read(p) && traffic::has_input(p) {
            traffic::read_all(p);
        }
        if !(*p).state.contains(State::FREED) && status_is_open(p) && traffic::may_write(p) {
            traffic::write_all(p, false);
        }
    }
}

unsafe fn status_is_open(p: *mut Private) -> bool {
    // SAFETY: `p` is live.
    unsafe { status(p).contains(Status::OPEN) && !status(p).contains(Status::DEAD) }
}

/// Whether the one below leads anywhere: to a descriptor, or to something that has none.
unsafe fn below_is_there(p: *mut Private) -> bool {
    // SAFETY: `p` is live and has one below, which its count keeps alive.
    unsafe { super::fd_of(below(p)).is_none_or(|fd| fd >= 0) }
}

unsafe extern "C" fn on_readable(_: c_int, what: c_short, arg: *mut c_void) {
    let p: *mut Private = arg.cast();
    // SAFETY: the event belongs to `p` and is finalized before `p` is freed.
    unsafe {
        let _held = Held::new(p);
        if (*p).state.contains(State::CONNECTING) && race::is_on(p) {
            // A failed attempt is readable, too; `on_writable` knows what to do.
        } else if !status(p).contains(Status::OPEN) {
            drive(p, what);
        } else if what == EV_TIMEOUT {
            run_event(p, BEV_EVENT_TIMEOUT | BEV_EVENT_READING, 0, 0);
        } else {
            common::flush_after(p, || traffic::read_all(p));
        }
    }
}

unsafe extern "C" fn on_writable(fd: c_int, what: c_short, arg: *mut c_void) {
    let p: *mut Private = arg.cast();
    // SAFETY: as in `on_readable`.
    unsafe {
        let _held = Held::new(p);
        if !status(p).contains(Status::OPEN) {
            if (*p).state.contains(State::CONNECTING) && what != EV_TIMEOUT && !connected(p, fd) {
                return;
            }
            drive(p, what);
        } else if what == EV_TIMEOUT {
            run_event(p, BEV_EVENT_TIMEOUT | BEV_EVENT_WRITING, 0, 0);
        } else {
            common::flush_after(p, || traffic::write_all(p, false));
        }
    }
}

/// An event during the handshake.
unsafe fn drive(p: *mut Private, what: c_short) {
    // SAFETY: `p` is live, counted and locked.
    unsafe {
        if what == EV_TIMEOUT {
            run_event(p, BEV_EVENT_TIMEOUT, 0, 0);
        } else {
            common::flush_after(p, || handshake::advance(p));
        }
    }
}

/// An attempt to connect has ended; false if another address is tried now. That the last one has
/// failed the handshake finds out.
unsafe fn connected(p: *mut Private, fd: c_int) -> bool {
    // SAFETY: `p` is live, counted and locked.
    unsafe {
        if race::is_on(p) {
            match socket::finished_connecting(fd) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(e) => {
                    (*p).state.remove(State::CONNECTING | State::REFUSED);
                    stop_waiting(p, EV_READ);
                    stop_waiting(p, EV_WRITE);
                    let errno = match race::go_on(p) {
                        Ok(true) => return false,
                        Ok(false) => e.errno(),
                        Err(last) => last.errno(),
                    };
                    run_event(p, BEV_EVENT_ERROR | BEV_EVENT_READING, errno, 0);
                    return false;
                }
            }
        }
        (*p).state.remove(State::CONNECTING | State::REFUSED);
        connect::forget(p);
        true
    }
}

unsafe extern "C" fn on_below_read(_: *mut bufferevent, me: *mut c_void) {
    // SAFETY: see `below_moves`.
    unsafe { below_moves(me.cast(), |p| traffic::read_all(p)) }
}

unsafe extern "C" fn on_below_write(_: *mut bufferevent, me: *mut c_void) {
    // SAFETY: see `below_moves`.
    unsafe { below_moves(me.cast(), |p| traffic::write_all(p, false)) }
}

/// The one below has input, or room: the session uses it if it stands, else the handshake goes on.
unsafe fn below_moves(p: *mut Private, traffic: impl FnOnce(*mut Private)) {
    // SAFETY: these callbacks are taken away from the one below before `p` dies, and the one below
    // keeps the lock they share held while it decides to call (or has no lock and no threads).
    unsafe {
        let Some(_held) = Held::of_living(p) else { return };
        if (*p).state.contains(State::FREED) || status(p).contains(Status::DEAD) {
            return;
        }
        if status(p).contains(Status::OPEN) {
            traffic(p);
        } else {
            handshake::advance(p);
        }
    }
}

unsafe extern "C" fn on_below_event(_: *mut bufferevent, what: c_short, me: *mut c_void) {
    let errno = Errno::last().0;
    let p: *mut Private = me.cast();
    // SAFETY: as in `below_moves`.
    unsafe {
        let Some(_held) = Held::of_living(p) else { return };
        if (*p).state.contains(State::FREED) {
            return;
        }
        if what & BEV_EVENT_EOF != 0 {
            // First what came before it.
            if status_is_open(p) && traffic::may_read(p) {
                traffic::read_all(p);
            }
            if (*p).state.contains(State::FREED) || status(p).contains(Status::ENDED) {
                return;
            }
            let event = if allows_dirty_shutdown(p) { BEV_EVENT_EOF } else { BEV_EVENT_ERROR };
            run_event(p, event, errno, 0);
        } else if what & (BEV_EVENT_TIMEOUT | BEV_EVENT_ERROR) != 0 {
            run_event(p, what, errno, 0);
        } else if what & BEV_EVENT_CONNECTED != 0 && !status(p).contains(Status::OPEN) {
            // Not news for the user, who will hear of the end of the handshake.
            handshake::advance(p);
        }
    }
}

unsafe fn allows_dirty_shutdown(p: *mut Private) -> bool {
    // SAFETY: `p` is live and of this kind.
    unsafe { (*p.cast::<Tls>()).flags & BUFFEREVENT_SSL_DIRTY_SHUTDOWN != 0 }
}

unsafe fn setfd(p: *mut Private, fd: c_int) -> Result<()> {
    // SAFETY: `p` is live and locked.
    unsafe {
        connect::forget(p);
        if below(p).is_null() {
            stop_waiting(p, EV_READ);
            stop_waiting(p, EV_WRITE);
            return replace_fd(p, fd);
        }
        // As with the reference, the one below gets a new descriptor this way but does not lose its own.
        if fd < 0 {
            return rewire(p, -1);
        }
        super::setfd(below(p).cast(), fd)?;
        rewire(p, -1)?;
        // The end of the last connection has switched it off.
        let _ = super::enable(below(p).cast(), EV_READ | EV_WRITE);
        if !status(p).contains(Status::OPEN) {
            release_below(p);
        }
        want_flush(p);
    }
    Ok(())
}

/// Swaps the descriptor, begins anew on it and starts what is enabled.
unsafe fn replace_fd(p: *mut Private, fd: c_int) -> Result<()> {
    // SAFETY: `p` is live and locked, its events are not pending.
    unsafe {
        (*p).state.remove(State::CONNECTING | State::REFUSED);
        let pri = c_int::from((*p).bev.ev_read.ev_evcallback.evcb_pri);
        assign_events(p, fd)?;
        let _ = event::priority_set(addr_of_mut!((*p).bev.ev_read), pri);
        let _ = event::priority_set(addr_of_mut!((*p).bev.ev_write), pri);
        rewire(p, fd)?;
        if fd >= 0 {
            super::start(p, (*p).bev.enabled)?;
        }
    }
    Ok(())
}

/// Puts another wire under the session, which begins in the state it had at first.
unsafe fn rewire(p: *mut Private, fd: c_int) -> Result<()> {
    let t: *mut Tls = p.cast();
    // SAFETY: `p` is live and locked.
    unsafe {
        let busy = (*t).status & (Status::BUSY | Status::AGAIN);
        let open = (*t).first_state == EVRS_TLS_OPEN;
        (*t).session.fd = fd;
        (*t).status = busy | if open { Status::OPEN } else { Status::empty() };
        (*t).unfinished = 0;
        (*t).wire = (*t).wire.wrapping_add(1);
        if ((*(*t).ops).start)(addr_of_mut!((*t).session), (*t).first_state, 1) < 0 {
            return Err(Error::Invalid);
        }
        count_afresh(p);
    }
    Ok(())
}

unsafe fn unlink(p: *mut Private) {
    // SAFETY: `p` is live and locked; its count keeps the one below alive.
    unsafe {
        let under = below(p);
        if under.is_null() {
            return;
        }
        // What has been encrypted goes out if it can, the farewell above all.
        super::flush_now(under.cast());
        if closes_on_free(p) {
            if (*under).count < 2 {
                crate::log::message(
                    crate::log::Severity::Warn,
                    format_args!(
                        "BEV_OPT_CLOSE_ON_FREE set on an bufferevent with too few references"
                    ),
                );
            } else {
                super::free(under.cast());
            }
            return;
        }
        if (*under).bev.cbarg == p.cast() {
            setcb(under.cast(), None, None, None, null_mut());
        }
        release_below(p);
    }
}

unsafe fn destruct(p: *mut Private) {
    let t: *mut Tls = p.cast();
    // SAFETY: `p` is live; its events can no longer run, and this is the last call.
    unsafe {
        let session = addr_of_mut!((*t).session);
        if !closes_on_free(p) {
            ((*(*t).ops).leave)(session);
            return;
        }
        if below(p).is_null() {
            let fd = ((*(*t).ops).wire_fd)(session);
            if fd >= 0 {
                let _ = socket::close(fd);
            }
        }
        ((*(*t).ops).free)(session);
    }
}

/// The session of a bufferevent of this kind and package; null for others. With `ops` null the
/// package does not matter.
///
/// # Safety
/// `bev` is live.
pub unsafe fn session(bev: *mut bufferevent, ops: *const evrs_tls_ops) -> *mut evrs_tls_session {
    let p = private(bev);
    let t: *mut Tls = p.cast();
    // SAFETY: live by contract; neither field changes after `new`.
    unsafe {
        if !is_tls(p) || !(ops.is_null() || core::ptr::eq((*t).ops, ops)) {
            return null_mut();
        }
        addr_of_mut!((*t).session)
    }
}

/// Takes the last error that has not been taken yet; 0 if there is none.
///
/// # Safety
/// `bev` is live.
pub unsafe fn take_error(bev: *mut bufferevent, ops: *const evrs_tls_ops) -> u32 {
    // SAFETY: live by contract; the session is protected by the lock.
    unsafe {
        let _held = Held::new(private(bev));
        let Some(s) = session(bev, ops).as_mut() else { return 0 };
        s.error_count = s.error_count.saturating_sub(1).min(2);
        let at = usize::try_from(s.error_count).unwrap_or(0);
        s.errors.get_mut(at).map_or(0, core::mem::take)
    }
}

/// The flags; `None` for other kinds.
///
/// # Safety
/// `bev` is live.
pub unsafe fn flags(bev: *mut bufferevent) -> Option<u64> {
    // SAFETY: live by contract.
    unsafe { change_flags(bev, 0, 0) }
}

/// Sets and clears flags; gives the former ones, `None` for other kinds.
///
/// # Safety
/// `bev` is live.
pub unsafe fn change_flags(bev: *mut bufferevent, set: u64, clear: u64) -> Option<u64> {
    const ALL: u64 = BUFFEREVENT_SSL_DIRTY_SHUTDOWN | BUFFEREVENT_SSL_BATCH_WRITE;
    let p = private(bev);
    let t: *mut Tls = p.cast();
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(p);
        if !is_tls(p) {
            return None;
        }
        let old = (*t).flags;
        (*t).flags = (old | (set & ALL)) & !clear;
        Some(old)
    }
}
