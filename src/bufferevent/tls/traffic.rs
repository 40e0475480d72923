//! Moving data once the session stands.

use super::handshake::close;
use super::interface::{EVRS_TLS_DATA, EVRS_TLS_FAILED, EVRS_TLS_WANT_READ, EVRS_TLS_WANT_WRITE};
use super::{
    Status, Tls, account, below, is_waiting, start_reading, status, status_is_open, stop_reading,
    stop_waiting, stop_writing, wait_for,
};
use crate::buffer;
use crate::bufferevent::bucket::Direction;
use crate::bufferevent::callbacks::trigger;
use crate::bufferevent::common::{Private, State, want_flush};
use crate::bufferevent::flags::{BEV_EVENT_READING, BEV_EVENT_WRITING, BEV_OPT_DEFER_CALLBACKS};
use crate::bufferevent::{ratelimit, timeouts};
use crate::event::flags::{EV_READ, EV_WRITE};
use crate::sys::Errno;
use core::mem::MaybeUninit;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_int, iovec};

/// What a TLS record holds at most (RFC 8446, section 5.1).
const RECORD: usize = 16384;

/// How one operation ended.
enum Step {
    /// It moved something.
    Moved,
    /// It has to wait: for the wire, a limit, memory.
    Blocked,
    /// The TLS library's verdict, and the `errno` beside it.
    Ended(isize, c_int),
    /// The user has freed the bufferevent, or given it another descriptor.
    Gone,
}

/// Whether reading is enabled, and nothing suspends it.
///
/// # Safety
/// `p` is live and locked; the same for all functions here.
pub(super) unsafe fn may_read(p: *mut Private) -> bool {
    // SAFETY: by contract.
    unsafe { (*p).bev.enabled & EV_READ != 0 && (*p).read_suspended.is_empty() }
}

/// Whether writing is enabled, and nothing suspends it or has to come first.
///
/// # Safety
/// As [`may_read`].
pub(super) unsafe fn may_write(p: *mut Private) -> bool {
    // SAFETY: by contract.
    unsafe {
        (*p).bev.enabled & EV_WRITE != 0
            && (*p).write_suspended.is_empty()
            && !status(p).contains(Status::NEEDS_DATA)
    }
}

unsafe fn pending(p: *mut Private) -> usize {
    let t: *mut Tls = p.cast();
    // SAFETY: by contract.
    unsafe { ((*(*t).ops).pending)(addr_of_mut!((*t).session)) }
}

/// Whether there is input that no event will tell of.
///
/// # Safety
/// As [`may_read`].
pub(super) unsafe fn has_input(p: *mut Private) -> bool {
    // SAFETY: by contract; the one below is alive as long as `p`.
    unsafe {
        let under = below(p);
        !status(p).contains(Status::ENDED)
            && ((!under.is_null() && buffer::len((*under).bev.input) != 0) || pending(p) != 0)
    }
}

/// Whether there is something that the end of the turn should do.
///
/// # Safety
/// As [`may_read`].
pub(super) unsafe fn has_work(p: *mut Private) -> bool {
    // SAFETY: by contract.
    unsafe {
        if !status(p).contains(Status::OPEN) {
            return !below(p).is_null() || status(p).contains(Status::NEEDS_DATA);
        }
        (may_read(p) && has_input(p))
            || (may_write(p) && buffer::len((*p).bev.output) != 0 && !is_waiting(p, EV_WRITE))
    }
}

/// Takes the session; false if it is in use. The work is done later then.
unsafe fn begin(p: *mut Private) -> bool {
    let t: *mut Tls = p.cast();
    // SAFETY: by contract.
    unsafe {
        if (*t).status.contains(Status::DEAD) {
            return false;
        }
        if (*t).status.contains(Status::BUSY) {
            (*t).status.insert(Status::AGAIN);
            return false;
        }
        (*t).status.insert(Status::BUSY);
    }
    true
}

/// Lets the session go.
unsafe fn end(p: *mut Private) {
    let t: *mut Tls = p.cast();
    // SAFETY: by contract.
    unsafe {
        let again = (*t).status.contains(Status::AGAIN);
        (*t).status.remove(Status::BUSY | Status::AGAIN);
        if again && !(*p).state.contains(State::FREED) {
            want_flush(p);
        }
    }
}

/// Whether what was begun on descriptor number `wire` is over.
unsafe fn gone(p: *mut Private, wire: u32) -> bool {
    // SAFETY: by contract.
    unsafe { (*p).state.contains(State::FREED) || (*p.cast::<Tls>()).wire != wire }
}

/// How much to read next; 0 for nothing.
unsafe fn room(p: *mut Private) -> usize {
    // SAFETY: by contract.
    unsafe {
        if !may_read(p) {
            return 0;
        }
        let high = (*p).bev.wm_read.high;
        let most =
            if high == 0 { RECORD } else { high.saturating_sub(buffer::len((*p).bev.input)) };
        // Asking may find the group's limit used up, and suspend.
        let limit = ratelimit::max(p, Direction::Read);
        if (*p).read_suspended.is_empty() { most.min(limit) } else { 0 }
    }
}

/// Reads up to `n` bytes.
unsafe fn read_some(p: *mut Private, n: usize) -> Step {
    let t: *mut Tls = p.cast();
    // SAFETY: by contract. The lock keeps everybody away from the input while there is a hole in
    // it; callbacks run in `commit` at the earliest.
    unsafe {
        let input = (*p).bev.input;
        let mut piece = [iovec { iov_base: null_mut(), iov_len: 0 }];
        if !matches!(buffer::reserve(input, n, &mut piece), Ok(1)) {
            return Step::Ended(EVRS_TLS_FAILED, libc::ENOMEM);
        }
        let [mut piece] = piece;
        let wire = (*t).wire;
        let session = addr_of_mut!((*t).session);
        let got = ((*(*t).ops).read)(session, piece.iov_base.cast(), n.min(piece.iov_len));
        let errno = Errno::last().0;
        account(p);
        if let Ok(got) = usize::try_from(got) {
            piece.iov_len = got;
            let _ = buffer::commit(input, &[piece]);
        }
        if gone(p, wire) {
            return Step::Gone;
        }
        if status(p).contains(Status::OPEN | Status::NEEDS_DATA) {
            // What writing waited for.
            (*t).status.remove(Status::NEEDS_DATA);
            if buffer::len((*p).bev.output) != 0 {
                want_flush(p);
            }
        }
        match got {
            EVRS_TLS_WANT_READ => {
                resume_reading(p);
                Step::Blocked
            }
            EVRS_TLS_WANT_WRITE => {
                if !status(p).contains(Status::READ_NEEDS_WRITE) {
                    if below(p).is_null() {
                        stop_reading(p);
                        let _ = wait_for(p, EV_WRITE);
                    }
                    (*t).status.insert(Status::READ_NEEDS_WRITE);
                }
                Step::Blocked
            }
            got if got > 0 => {
                resume_reading(p);
                Step::Moved
            }
            result => Step::Ended(result, errno),
        }
    }
}

/// Reading does not need the wire's room any more.
unsafe fn resume_reading(p: *mut Private) {
    let t: *mut Tls = p.cast();
    // SAFETY: by contract.
    unsafe {
        if status(p).contains(Status::READ_NEEDS_WRITE) {
            (*t).status.remove(Status::READ_NEEDS_WRITE);
            if (*p).bev.enabled & EV_WRITE == 0 {
                stop_writing(p);
            }
            if may_read(p) {
                let _ = start_reading(p);
            }
        }
    }
}

/// Writes one record, or what is left of the limits.
unsafe fn write_some(p: *mut Private) -> Step {
    let t: *mut Tls = p.cast();
    // SAFETY: by contract; what is peeked at stays in place until the drain, because of the lock.
    unsafe {
        let output = (*p).bev.output;
        let mut most = (*t).unfinished;
        if most == 0 {
            most = ratelimit::max(p, Direction::Write);
            if !(*p).write_suspended.is_empty() {
                return Step::Blocked;
            }
        }
        let most = most.min(buffer::len(output));
        let mut piece = [iovec { iov_base: null_mut(), iov_len: 0 }];
        if most == 0 || buffer::peek(output, None, None, &mut piece) == 0 {
            return Step::Blocked;
        }
        let [piece] = piece;
        let (mut from, mut n): (*const u8, usize) = (piece.iov_base.cast(), piece.iov_len);
        let mut record = MaybeUninit::<[u8; RECORD]>::uninit();
        if n >= most {
            n = most;
        } else if most <= RECORD {
            // Several pieces: one record for all of them, not one for each.
            let to: *mut u8 = record.as_mut_ptr().cast();
            n = buffer::copyout_from(output, None, to, most).unwrap_or(0);
            from = to;
        } else if (*t).unfinished != 0 {
            from = buffer::pullup(output, isize::try_from(most).unwrap_or(isize::MAX));
            n = most;
        }
        if n == 0 || from.is_null() {
            return Step::Ended(EVRS_TLS_FAILED, libc::ENOMEM);
        }
        let wire = (*t).wire;
        let done = ((*(*t).ops).write)(addr_of_mut!((*t).session), from, n);
        let errno = Errno::last().0;
        account(p);
        if let Ok(done) = usize::try_from(done) {
            (*t).unfinished = 0;
            buffer::owner::drain(output, done);
        }
        if gone(p, wire) {
            return Step::Gone;
        }
        match done {
            EVRS_TLS_WANT_WRITE => {
                resume_writing(p);
                (*t).unfinished = n;
                Step::Blocked
            }
            EVRS_TLS_WANT_READ => {
                if !status(p).contains(Status::WRITE_NEEDS_READ) {
                    stop_writing(p);
                    (*t).status.insert(Status::WRITE_NEEDS_READ);
                    let _ = start_reading(p);
                }
                (*t).unfinished = n;
                Step::Blocked
            }
            EVRS_TLS_DATA => {
                resume_writing(p);
                (*t).status.insert(Status::NEEDS_DATA);
                (*t).unfinished = n;
                if may_read(p) {
                    // No event tells of it.
                    want_flush(p);
                }
                Step::Blocked
            }
            done if done > 0 => {
                resume_writing(p);
                Step::Moved
            }
            result => {
                (*t).unfinished = 0;
                Step::Ended(result, errno)
            }
        }
    }
}

/// Writing does not need the wire's input any more.
unsafe fn resume_writing(p: *mut Private) {
    let t: *mut Tls = p.cast();
    // SAFETY: by contract.
    unsafe {
        if status(p).contains(Status::WRITE_NEEDS_READ) {
            (*t).status.remove(Status::WRITE_NEEDS_READ);
            if !may_read(p) {
                stop_reading(p);
            }
        }
    }
}

/// Whether the one below takes more.
unsafe fn wire_has_room(p: *mut Private) -> bool {
    // SAFETY: by contract; the one below is alive as long as `p`.
    unsafe {
        let under = below(p);
        if under.is_null() {
            return true;
        }
        let high = (*under).bev.wm_write.high;
        high == 0 || buffer::len((*under).bev.output) < high
    }
}

/// Writes until the output is empty or something is in the way; says whether something went out.
unsafe fn pour(p: *mut Private) -> (bool, Step) {
    let mut any = false;
    // SAFETY: by contract.
    unsafe {
        while may_write(p) && buffer::len((*p).bev.output) != 0 && wire_has_room(p) {
            match write_some(p) {
                Step::Moved => any = true,
                other => return (any, other),
            }
        }
    }
    (any, Step::Moved)
}

/// Fetches until there is no more input or something is in the way; says whether something came.
unsafe fn fetch(p: *mut Private, first: usize) -> (bool, Step) {
    let mut any = false;
    let mut n = first;
    // SAFETY: by contract.
    unsafe {
        while n != 0 {
            match read_some(p, n) {
                Step::Moved => any = true,
                other => return (any, other),
            }
            // Over a descriptor one record at a time, but all of it: nobody calls for the rest. The
            // one below has called for all it has.
            n = room(p);
            if below(p).is_null() {
                n = n.min(pending(p));
            }
        }
    }
    (any, Step::Moved)
}

/// Something came in, or reading starts again.
///
/// # Safety
/// As [`may_read`], and `p` is counted.
pub(super) unsafe fn read_all(p: *mut Private) {
    // SAFETY: by contract; state is read afresh after the callbacks.
    unsafe {
        if !begin(p) {
            return;
        }
        let mut wrote = false;
        let mut step = Step::Moved;
        let repeated = status(p).contains(Status::WRITE_NEEDS_READ);
        if repeated {
            (wrote, step) = pour_unfinished(p);
        }
        let mut got = false;
        let mut when = BEV_EVENT_WRITING;
        if matches!(step, Step::Moved) && !status(p).contains(Status::WRITE_NEEDS_READ) {
            when = BEV_EVENT_READING;
            let n = room(p);
            (got, step) = fetch(p, n);
        }
        end(p);
        if repeated {
            // It may need room now.
            wait_if_needed(p, &step);
        }
        report(p, wrote, got, when, step, 0);
        if status_is_open(p)
            && below(p).is_null()
            && !may_read(p)
            && !status(p).contains(Status::WRITE_NEEDS_READ)
        {
            stop_waiting(p, EV_READ);
        }
    }
}

/// Repeats the write that waited for input.
unsafe fn pour_unfinished(p: *mut Private) -> (bool, Step) {
    let mut any = false;
    // SAFETY: by contract.
    unsafe {
        while status(p).contains(Status::WRITE_NEEDS_READ) {
            if buffer::len((*p).bev.output) == 0 {
                resume_writing(p);
                break;
            }
            match write_some(p) {
                Step::Moved => any = true,
                Step::Blocked if !status(p).contains(Status::WRITE_NEEDS_READ) => {
                    return (any, Step::Moved);
                }
                other => return (any, other),
            }
        }
        match pour(p) {
            (more, Step::Blocked) => (any | more, Step::Moved),
            (more, step) => (any | more, step),
        }
    }
}

/// There is output, or room on the wire. `inside` says that an operation on the output buffer is
/// going on: with locks, user callbacks have to wait.
///
/// # Safety
/// As [`may_read`], and `p` is counted.
pub(super) unsafe fn write_all(p: *mut Private, inside: bool) {
    // SAFETY: by contract; state is read afresh after the callbacks.
    unsafe {
        if !begin(p) {
            return;
        }
        let (mut got, mut wrote) = (false, false);
        let mut step = Step::Moved;
        let mut when = BEV_EVENT_READING;
        if status(p).contains(Status::READ_NEEDS_WRITE) {
            match room(p) {
                // Nobody wants it any more.
                0 => resume_reading(p),
                n => (got, step) = fetch(p, n),
            }
        }
        if !status(p).contains(Status::READ_NEEDS_WRITE)
            && !matches!(step, Step::Gone | Step::Ended(..))
        {
            when = BEV_EVENT_WRITING;
            (wrote, step) = pour(p);
        }
        end(p);
        wait_if_needed(p, &step);
        let options = if inside && (*p).lock.is_some() { BEV_OPT_DEFER_CALLBACKS } else { 0 };
        report(p, wrote, got, when, step, options);
    }
}

/// Waits for room on the wire, if something has to wait for it.
unsafe fn wait_if_needed(p: *mut Private, step: &Step) {
    // SAFETY: by contract.
    unsafe {
        if !below(p).is_null() || matches!(step, Step::Gone) || !status_is_open(p) {
            return;
        }
        let left = buffer::len((*p).bev.output) != 0;
        let waits = status(p).contains(Status::READ_NEEDS_WRITE)
            || (left && may_write(p) && !status(p).contains(Status::WRITE_NEEDS_READ));
        if !waits {
            stop_waiting(p, EV_WRITE);
        } else if !is_waiting(p, EV_WRITE) {
            let _ = wait_for(p, EV_WRITE);
        }
    }
}

/// Tells the user what has happened: data first, then its end.
unsafe fn report(
    p: *mut Private,
    wrote: bool,
    got: bool,
    when: libc::c_short,
    step: Step,
    options: c_int,
) {
    let t: *mut Tls = p.cast();
    // SAFETY: `p` is live, counted and locked; state is read afresh after each callback.
    unsafe {
        let wire = (*t).wire;
        if (*p).state.contains(State::FREED) {
            return;
        }
        let on_top = !below(p).is_null();
        if wrote {
            if on_top {
                timeouts::restart(p, EV_WRITE);
            }
            trigger(p, EV_WRITE, BEV_OPT_DEFER_CALLBACKS);
        }
        if got {
            if on_top {
                timeouts::restart(p, EV_READ);
            }
            trigger(p, EV_READ, options);
        }
        if let Step::Ended(result, errno) = step
            && !gone(p, wire)
        {
            close(p, when, result, errno, options);
        }
    }
}
