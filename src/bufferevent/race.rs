//! Connecting to the first of several addresses that answers (RFC 8305, "Happy Eyeballs").
//!
//! One attempt is always made on the bufferevent's **own** descriptor, as if there were no other
//! address: it is what `bufferevent_getfd` says. When it has not come to an end after [`DELAY`],
//! the next address is tried as well, by a **rival** with a descriptor of its own, and so on; when
//! an attempt fails the next one starts at once. A rival that is connected, and the oldest one when the
//! own attempt has failed, takes the place of the bufferevent's descriptor, and the event callback
//! hears of the end as of that of any connection: once, `BEV_EVENT_CONNECTED`, or the error of the
//! last attempt when all have failed.
//!
//! A descriptor that the program has given connects to the first address and no other.
//!
//! # Who frees it
//!
//! The events of the timer and of the rivals are the base's until it says that they can run no
//! more. From the first of them on the race owns a count of the bufferevent, and [`finished`]
//! frees the one and gives back the other.

use super::common::{Held, Private, extra};
use super::{callbacks, connect, flags::BEV_EVENT_ERROR, socket};
use crate::error::{Error, Result};
use crate::event;
use crate::event::flags::{EV_FINALIZE, EV_PERSIST, EV_WRITE};
use crate::event::raw::event_callback;
use crate::mem::{self, TryPush};
use crate::sys;
use crate::util::SockAddr;
use crate::util::socket::finished_connecting;
use crate::util::types::evutil_addrinfo;
use core::ffi::c_void;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_int, c_short, timeval};

/// How long an attempt is alone: the recommendation of RFC 8305, section 8.
const DELAY: timeval = timeval { tv_sec: 0, tv_usec: 250_000 };
/// So many rivals run at the same time; with more addresses the next one waits until one fails.
const RIVALS: usize = 6;
/// So many addresses of a name are tried.
const ADDRESSES: usize = 64;

/// An attempt beside the bufferevent's own.
struct Rival {
    event: event::raw::event,
    /// -1 when there is none.
    fd: c_int,
    /// Grows with each attempt: the lowest is the oldest.
    age: u32,
}

/// A connection to one of several addresses in the making.
pub struct Race {
    p: *mut Private,
    /// The addresses, in the order in which they are tried.
    addresses: mem::Vec<SockAddr>,
    /// The next one.
    next: usize,
    /// When the first attempt started: the write timeout bounds all of them together.
    since: u64,
    /// The bufferevent's descriptor was made here.
    own_fd: bool,
    /// The events are assigned, and a count of `p` is ours.
    armed: bool,
    /// How [`finished`] is called.
    end: event_callback,
    timer: event::raw::event,
    rivals: [Rival; RIVALS],
}

/// The race of `p`, if there is one.
unsafe fn current(p: *mut Private) -> Option<*mut Race> {
    // SAFETY: `p` is live (callers); the race is its own.
    unsafe {
        let e = (*p).extra;
        (!e.is_null() && !(*e).race.is_null()).then(|| (*e).race)
    }
}

/// Makes the race of a bufferevent that has none; addresses come with [`collect`].
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn begin(p: *mut Private) -> Result<()> {
    // SAFETY: by contract; the block is large enough, aligned for any C type, and the events in it
    // are used only after `arm` has assigned them.
    unsafe {
        let e = extra(p)?;
        let race: *mut Race =
            mem::zeroed(1, size_of::<Race>()).ok_or(Error::NoMemory)?.as_ptr().cast();
        addr_of_mut!((*race).p).write(p);
        addr_of_mut!((*race).addresses).write(mem::Vec::new_in(mem::Heap));
        (*race).since = event::cached_monotonic_ns((*p).bev.ev_base);
        for rival in &mut (*race).rivals {
            rival.fd = -1;
        }
        (*e).race = race;
    }
    Ok(())
}

/// Takes the addresses of a list, the families alternating, starting with the first one's. Without
/// memory the addresses that fit are tried; none at all is an error.
///
/// # Safety
/// `p` is live and locked, and has a race; `list` is a resolver's.
pub unsafe fn collect(p: *mut Private, list: *const evutil_addrinfo) -> Result<()> {
    // SAFETY: by contract; a resolver's list: entries are linked by ai_next and hold ai_addrlen
    // bytes.
    unsafe {
        let Some(race) = current(p) else { return Err(Error::Invalid) };
        (*race).since = event::cached_monotonic_ns((*p).bev.ev_base);
        let most = if socket::fd(p) < 0 { ADDRESSES } else { 1 };
        let addresses = &mut (*race).addresses;
        let Some(first_family) = list.as_ref().map(|first| first.ai_family) else { return Ok(()) };
        let (mut same, mut other) = (list, list);
        let mut turn = true;
        while (!same.is_null() || !other.is_null()) && addresses.len() < most {
            let walk = if turn { &mut same } else { &mut other };
            while let Some(entry) = walk.as_ref() {
                *walk = entry.ai_next;
                if (entry.ai_family == first_family) != turn {
                    continue;
                }
                if let Some(addr) = SockAddr::from_raw(entry.ai_addr, entry.ai_addrlen)
                    && let Err(e) = addresses.try_push(addr)
                {
                    return if addresses.is_empty() { Err(e) } else { Ok(()) };
                }
                break;
            }
            turn = !turn;
        }
    }
    Ok(())
}

/// Whether the bufferevent's own attempt is one of several: its end is then learnt from
/// `ev_write` alone.
///
/// # Safety
/// `p` is live and locked.
#[inline]
pub unsafe fn is_on(p: *mut Private) -> bool {
    // SAFETY: by contract.
    unsafe { current(p).is_some_and(|race| (*race).addresses.len() > 1) }
}

/// Since when a connection is being made, if other addresses were tried before.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn since(p: *mut Private) -> Option<u64> {
    // SAFETY: by contract.
    unsafe { current(p).map(|race| (*race).since) }
}

/// The bufferevent's own attempt has failed, or there was none yet: goes on with the oldest rival or the
/// next address. `Ok(false)` when there was none left, the last failure when all that were left
/// failed at once.
///
/// # Safety
/// `p` is live, counted and locked; its events are not pending.
pub unsafe fn go_on(p: *mut Private) -> Result<bool> {
    let mut result = Ok(false);
    // SAFETY: by contract; no program code runs in here.
    unsafe {
        while let Some(race) = current(p) {
            if let Some(rival) = oldest(race) {
                match take_place(p, race, rival) {
                    Ok(()) => {
                        start_rival(p, race);
                        return Ok(true);
                    }
                    Err(e) => {
                        result = Err(e);
                        continue;
                    }
                }
            }
            let Some(addr) = next_address(race) else {
                end(p);
                break;
            };
            if core::mem::take(&mut (*race).own_fd) {
                socket::drop_fd(p);
            }
            match connect::start(p, addr.as_ptr(), addr.len(), true) {
                Ok(own) => {
                    (*(*p).extra).target = Some(addr);
                    (*race).own_fd = own;
                    set_timer(p, race);
                    return Ok(true);
                }
                Err(e) => result = Err(e),
            }
        }
    }
    result
}

/// Ends the race of a bufferevent, if there is one; its own descriptor is left as it is.
///
/// # Safety
/// `p` is live and locked.
pub unsafe fn end(p: *mut Private) {
    // SAFETY: by contract. An armed race dies when its events are the base's no more.
    unsafe {
        let Some(race) = current(p) else { return };
        (*(*p).extra).race = null_mut();
        if !(*race).armed {
            release(race);
            return;
        }
        drop_rivals(race);
        let mut events = [addr_of_mut!((*race).end); RIVALS + 2];
        let mut at = events.iter_mut().skip(1);
        for event in events_of(race) {
            if let Some(at) = at.next() {
                *at = addr_of_mut!((*event).ev_evcallback);
            }
        }
        event::callback_finalize_many((*race).timer.ev_base, &events, finished);
    }
}

/// The timer's event and the rivals'.
unsafe fn events_of(race: *mut Race) -> [*mut event::raw::event; RIVALS + 1] {
    // SAFETY: the race is live (callers).
    unsafe {
        let mut events = [addr_of_mut!((*race).timer); RIVALS + 1];
        let rivals = addr_of_mut!((*race).rivals).cast::<Rival>();
        for (i, event) in events.iter_mut().skip(1).enumerate() {
            *event = addr_of_mut!((*rivals.add(i)).event);
        }
        events
    }
}

/// The base has let go of the events.
unsafe extern "C" fn finished(_: *mut event_callback, race: *mut c_void) {
    let race: *mut Race = race.cast();
    // SAFETY: runs once, for a race that `end` has taken from its bufferevent; the count keeps that
    // alive until here.
    unsafe {
        let p = (*race).p;
        for event in events_of(race) {
            event::debug::note_teardown(event);
        }
        release(race);
        drop(Held::adopt(p));
    }
}

/// Frees the memory.
unsafe fn release(race: *mut Race) {
    // SAFETY: nobody else knows of it any more (callers).
    unsafe {
        addr_of_mut!((*race).addresses).drop_in_place();
        mem::free(race.cast());
    }
}

unsafe fn next_address(race: *mut Race) -> Option<SockAddr> {
    // SAFETY: the race is live (callers).
    unsafe {
        let addresses = &(*race).addresses;
        let addr = addresses.get((*race).next).copied()?;
        (*race).next += 1;
        Some(addr)
    }
}

/// The oldest rival.
#[inline(never)]
unsafe fn oldest(race: *mut Race) -> Option<*mut Rival> {
    // SAFETY: the race is live (callers).
    let rivals = unsafe { &mut (*race).rivals };
    rivals.iter_mut().filter(|r| r.fd >= 0).min_by_key(|r| r.age).map(core::ptr::from_mut)
}

/// Makes the events ready, if that is not done yet.
unsafe fn arm(p: *mut Private, race: *mut Race) -> Result<()> {
    // SAFETY: both are live, `p` is locked (callers); the events are not pending.
    unsafe {
        if (*race).armed {
            return Ok(());
        }
        let base = (*p).bev.ev_base;
        let pri = (*p).bev.ev_read.ev_evcallback.evcb_pri;
        event::callback_init(addr_of_mut!((*race).end), pri, finished, race.cast());
        for (i, event) in events_of(race).into_iter().enumerate() {
            let (what, f): (c_short, event::EventFn) =
                if i == 0 { (0, on_timer) } else { (EV_WRITE | EV_PERSIST, on_rival) };
            event::assign(event, base, -1, what | EV_FINALIZE, Some(f), race.cast())?;
            let _ = event::priority_set(event, c_int::from(pri));
        }
        (*race).armed = true;
        (*p).count += 1;
    }
    Ok(())
}

/// Has the next address tried after a while, if there is one.
unsafe fn set_timer(p: *mut Private, race: *mut Race) {
    // SAFETY: both are live, `p` is locked (callers). Without memory for the timer the next address
    // waits until an attempt has failed.
    unsafe {
        if (*race).next < (*race).addresses.len() && arm(p, race).is_ok() {
            let _ = event::add(addr_of_mut!((*race).timer), Some(&DELAY));
        }
    }
}

/// Tries the next address beside the attempts that run; those that fail at once are skipped.
unsafe fn start_rival(p: *mut Private, race: *mut Race) {
    // SAFETY: both are live, `p` is locked (callers).
    unsafe {
        let rivals = addr_of_mut!((*race).rivals).cast::<Rival>();
        let Some(slot) = (0..RIVALS).map(|i| rivals.add(i)).find(|&r| (*r).fd < 0) else { return };
        if arm(p, race).is_err() {
            return;
        }
        while let Some(addr) = next_address(race) {
            let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK;
            let Ok(fd) = sys::socket::socket(addr.family(), kind, 0) else { continue };
            let under_way = connect::is_under_way(fd, addr.as_ptr(), addr.len());
            if under_way && watch(p, race, slot, fd).is_ok() {
                (*slot).fd = fd;
                (*slot).age = u32::try_from((*race).next).unwrap_or(u32::MAX);
                set_timer(p, race);
                return;
            }
            let _ = sys::socket::close(fd);
        }
    }
}

/// Waits for the end of a rival's attempt.
unsafe fn watch(p: *mut Private, race: *mut Race, rival: *mut Rival, fd: c_int) -> Result<()> {
    // SAFETY: all are live (caller), the event is not pending.
    unsafe {
        let event = addr_of_mut!((*rival).event);
        let what = EV_WRITE | EV_PERSIST | EV_FINALIZE;
        let pri = (*event).ev_evcallback.evcb_pri;
        event::assign(event, (*p).bev.ev_base, fd, what, Some(on_rival), race.cast())?;
        let _ = event::priority_set(event, c_int::from(pri));
        event::add(event, None)
    }
}

/// Takes a rival's descriptor away from it.
unsafe fn retire(rival: *mut Rival) -> c_int {
    // SAFETY: the rival is live (callers), and its event assigned.
    unsafe {
        let _ = event::del(addr_of_mut!((*rival).event));
        core::mem::replace(&mut (*rival).fd, -1)
    }
}

/// Ends all attempts but the bufferevent's own.
unsafe fn drop_rivals(race: *mut Race) {
    // SAFETY: the race is live and armed (callers).
    unsafe {
        (*race).next = (*race).addresses.len();
        let _ = event::del(addr_of_mut!((*race).timer));
        while let Some(rival) = oldest(race) {
            let _ = sys::socket::close(retire(rival));
        }
    }
}

/// Puts a rival's descriptor in the place of the bufferevent's own.
unsafe fn take_place(p: *mut Private, race: *mut Race, rival: *mut Rival) -> Result<()> {
    // SAFETY: all are live, `p` is counted and locked (callers). A race is on only with a descriptor
    // that was made here.
    unsafe {
        let fd = retire(rival);
        (*(*p).extra).target = None;
        socket::drop_fd(p);
        let placed = socket::take_fd(p, fd).and_then(|()| socket::wait_for_connection(p));
        if placed.is_err() {
            socket::drop_fd(p);
        }
        (*race).own_fd = placed.is_ok();
        placed
    }
}

/// The time has come to try the next address, too.
unsafe extern "C" fn on_timer(_: c_int, _: c_short, race: *mut c_void) {
    let race: *mut Race = race.cast();
    // SAFETY: the base has not let go of the event yet, so the race lives, and its count keeps `p`
    // alive. It may have ended while we waited for the lock.
    unsafe {
        let p = (*race).p;
        let _held = Held::new(p);
        if current(p) == Some(race) {
            start_rival(p, race);
        }
    }
}

/// A rival's attempt has ended.
unsafe extern "C" fn on_rival(fd: c_int, _: c_short, race: *mut c_void) {
    let race: *mut Race = race.cast();
    // SAFETY: as in `on_timer`.
    unsafe {
        let p = (*race).p;
        let _held = Held::new(p);
        if current(p) != Some(race) {
            return;
        }
        let rivals = &mut (*race).rivals;
        let Some(rival) = rivals.iter_mut().find(|r| r.fd == fd).map(core::ptr::from_mut) else {
            return;
        };
        match finished_connecting(fd) {
            Ok(false) => {}
            Ok(true) => {
                // `ev_write` fires at once on the new descriptor, and tells.
                match take_place(p, race, rival) {
                    Ok(()) => drop_rivals(race),
                    Err(e) => go_on_or_tell(p, e),
                }
            }
            Err(_) => {
                let _ = sys::socket::close(retire(rival));
                start_rival(p, race);
            }
        }
    }
}

/// As [`go_on`]; the event callback is told when there is nothing left to try. `e` is how the
/// last attempt has failed.
///
/// # Safety
/// As [`go_on`]. Program code may run.
pub unsafe fn go_on_or_tell(p: *mut Private, e: Error) {
    // SAFETY: by contract.
    unsafe {
        let errno = match go_on(p) {
            Ok(true) => return,
            Ok(false) => e.errno(),
            Err(last) => last.errno(),
        };
        callbacks::run_event(p, BEV_EVENT_ERROR, errno, 0);
    }
}
