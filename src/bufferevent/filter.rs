//! A bufferevent on top of another one: user functions transform what is read and written.
//!
//! The filter takes the callbacks of the bufferevent below. Output goes through as soon as it is
//! added; input when the one below calls. Input that the filter had no room for (its high
//! watermark) waits below and is fetched at the end of the turn in which room appeared.

use super::callbacks::{run_event, setcb, trigger};
use super::common::{
    self, Held, Private, State, Suspend, bufferevent_ops, check_high_watermark, closes_on_free,
    private, resume_read, suspend_read, want_flush, watch_input,
};
use super::flags::{BEV_NORMAL, BEV_OPT_DEFER_CALLBACKS, BEV_OPT_THREADSAFE};
use super::raw::bufferevent;
use super::timeouts;
use crate::buffer::{self, evbuffer};
use crate::error::{Error, Result};
use crate::event::flags::{EV_READ, EV_WRITE};
use crate::sys::Errno;
use core::ffi::c_void;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_int, c_short, c_uint, ssize_t};

/// A user's filter function: source, destination, limit (-1 for none), flush mode, context.
pub type FilterFn =
    unsafe extern "C" fn(*mut evbuffer, *mut evbuffer, ssize_t, c_uint, *mut c_void) -> c_uint;

/// What a filter function can say; anything unknown counts as an error.
const BEV_OK: c_uint = 0;
const BEV_NEED_MORE: c_uint = 1;
const BEV_ERROR: c_uint = 2;

#[repr(C)]
struct Filter {
    p: Private,
    below: *mut bufferevent,
    on_input: Option<FilterFn>,
    on_output: Option<FilterFn>,
    free_context: Option<unsafe extern "C" fn(*mut c_void)>,
    context: *mut c_void,
}

static OPS: bufferevent_ops = bufferevent_ops {
    size: size_of::<Filter>(),
    class: buffer::pool::class::NONE,
    enable,
    disable,
    unlink,
    destruct,
    adjust_timeouts: timeouts::adjust,
    flush,
    getfd: |p| {
        // SAFETY: ops are called with a live `p` of their kind.
        unsafe { super::fd_of(private((*p.cast::<Filter>()).below)) }
    },
    setfd: |p, fd| {
        // SAFETY: as above.
        unsafe { super::setfd((*p.cast::<Filter>()).below, fd) }
    },
    replace_fd: |_, _| Err(Error::Invalid),
    underlying: |p| {
        // SAFETY: as above.
        unsafe { private((*p.cast::<Filter>()).below) }
    },
    output_changed,
    input_changed,
    end_of_turn,
};

/// A new filter on top of `below`; takes a count of it.
///
/// # Safety
/// `below` is live; the functions may be called with `context`.
pub unsafe fn new(
    below: *mut bufferevent,
    on_input: Option<FilterFn>,
    on_output: Option<FilterFn>,
    options: c_int,
    free_context: Option<unsafe extern "C" fn(*mut c_void)>,
    context: *mut c_void,
) -> Result<*mut bufferevent> {
    let f: *mut Filter = common::allocate(&OPS)?.cast();
    let p: *mut Private = f.cast();
    let under = private(below);
    // SAFETY: a fresh block, `Private` is its first field; `below` is live by contract.
    unsafe {
        if let Err(e) = common::init(p, (*below).ev_base, &OPS, options & !BEV_OPT_THREADSAFE) {
            common::deallocate(&OPS, f.cast());
            return Err(e);
        }
        (*f).below = below;
        (*f).on_input = on_input;
        (*f).on_output = on_output;
        if let Err(e) = share_locks(p, under, options).and_then(|()| timeouts::assign(p)) {
            common::discard(p);
            return Err(e);
        }
        (*f).free_context = free_context;
        (*f).context = context;
        setcb(below, Some(on_below_read), Some(on_below_write), Some(on_below_event), p.cast());
        super::incref(below);
        let _ = super::enable(below, EV_READ | EV_WRITE);
        let _held = Held::new(under);
        (*under).state.insert(State::FILTERED);
        suspend_read(under, Suspend::FILTER);
    }
    // SAFETY: `f` is live.
    Ok(unsafe { addr_of_mut!((*f).p.bev) })
}

/// Gives one on top of `under` its locks, made if `options` ask for them.
///
/// # Safety
/// Both are live; nobody uses `p` yet.
pub(super) unsafe fn share_locks(
    p: *mut Private,
    under: *mut Private,
    options: c_int,
) -> Result<()> {
    // SAFETY: by contract.
    unsafe {
        if options & BEV_OPT_THREADSAFE != 0 && !(*under).lock.is_some() {
            common::enable_locking(under, null_mut())?;
        }
        if (*under).lock.is_some() {
            (*p).options |= u8::try_from(BEV_OPT_THREADSAFE).unwrap_or(0);
            common::enable_locking(p, under)?;
        }
    }
    Ok(())
}

/// Whether the filter's own input has no room.
unsafe fn input_is_full(p: *mut Private, mode: c_int) -> bool {
    // SAFETY: `p` is live.
    unsafe {
        let high = (*p).bev.wm_read.high;
        mode == BEV_NORMAL && high != 0 && buffer::len((*p).bev.input) >= high
    }
}

/// Whether the output below has no room.
unsafe fn below_is_full(below: *mut bufferevent, mode: c_int) -> bool {
    // SAFETY: the filter's count keeps `below` alive.
    unsafe {
        let high = (*below).wm_write.high;
        mode == BEV_NORMAL && high != 0 && buffer::len((*below).output) >= high
    }
}

/// One call of a filter function; without one, the data moves as it is.
unsafe fn apply(
    f: Option<FilterFn>,
    src: *mut evbuffer,
    dst: *mut evbuffer,
    limit: ssize_t,
    mode: c_int,
    context: *mut c_void,
) -> c_uint {
    // SAFETY: the user's function with its own context; buffers of live bufferevents.
    unsafe {
        if let Some(f) = f {
            return f(src, dst, limit, mode.cast_unsigned(), context);
        }
        if buffer::len(src) == 0 {
            return BEV_NEED_MORE;
        }
        let done = match usize::try_from(limit) {
            Ok(n) => buffer::remove_buffer(src, dst, n).map(|_| ()),
            Err(_) => buffer::add_buffer(dst, src),
        };
        if done.is_ok() { BEV_OK } else { BEV_ERROR }
    }
}

/// The room under a high watermark, as filters are told it.
fn limit(mode: c_int, high: usize, len: usize) -> ssize_t {
    if mode == BEV_NORMAL && high != 0 {
        ssize_t::try_from(high.saturating_sub(len)).unwrap_or(ssize_t::MAX)
    } else {
        -1
    }
}

/// Moves input up; true when the filter made something.
unsafe fn process_input(p: *mut Private, mode: c_int) -> bool {
    let f: *mut Filter = p.cast();
    // SAFETY: `p` is live, counted and locked; the filter function may do anything but take the
    // last count.
    unsafe {
        let below = (*f).below;
        let mut any = false;
        if mode == BEV_NORMAL && ((*p).bev.enabled & EV_READ == 0 || input_is_full(p, mode)) {
            return false;
        }
        loop {
            let (src, dst) = ((*below).input, (*p).bev.input);
            let before = (buffer::len(src), buffer::len(dst));
            let room = limit(mode, (*p).bev.wm_read.high, before.1);
            let status = apply((*f).on_input, src, dst, room, mode, (*f).context);
            any |= status == BEV_OK;
            // A filter that says OK and moves nothing would be asked for ever.
            let moved = before != (buffer::len(src), buffer::len(dst));
            if status != BEV_OK
                || !moved
                || (*p).bev.enabled & EV_READ == 0
                || buffer::len(src) == 0
                || input_is_full(p, mode)
            {
                break;
            }
        }
        if any {
            timeouts::restart(p, EV_READ);
        }
        any
    }
}

/// Moves output down; true when the filter made something. `inside` says that an operation on
/// the output buffer is going on.
unsafe fn process_output(p: *mut Private, mode: c_int, inside: bool) -> bool {
    let f: *mut Filter = p.cast();
    // SAFETY: as in `process_input`.
    unsafe {
        let below = (*f).below;
        if (*p).state.contains(State::FILTERING) {
            return false;
        }
        if mode == BEV_NORMAL
            && ((*p).bev.enabled & EV_WRITE == 0
                || below_is_full(below, mode)
                || buffer::len((*p).bev.output) == 0)
        {
            return false;
        }
        // Inside an operation the buffer's lock is held, and user callbacks cannot have it.
        let options = if inside && (*p).lock.is_some() { BEV_OPT_DEFER_CALLBACKS } else { 0 };
        (*p).state.insert(State::FILTERING);
        let mut any = false;
        loop {
            let mut processed = false;
            let mut more;
            loop {
                let (src, dst) = ((*p).bev.output, (*below).output);
                let before = (buffer::len(src), buffer::len(dst));
                let room = limit(mode, (*below).wm_write.high, before.1);
                let status = apply((*f).on_output, src, dst, room, mode, (*f).context);
                processed |= status == BEV_OK;
                let moved = before != (buffer::len(src), buffer::len(dst));
                more = status == BEV_OK && moved;
                if !more
                    || (mode == BEV_NORMAL && (*p).bev.enabled & EV_WRITE == 0)
                    || buffer::len(src) == 0
                    || below_is_full(below, mode)
                {
                    break;
                }
            }
            any |= processed;
            if !processed {
                break;
            }
            // The write callback may add more, which the hook leaves to us.
            trigger(p, EV_WRITE, options);
            if !more
                || (*p).bev.enabled & EV_WRITE == 0
                || buffer::len((*p).bev.output) == 0
                || below_is_full(below, mode)
            {
                break;
            }
        }
        (*p).state.remove(State::FILTERING);
        if any {
            timeouts::restart(p, EV_WRITE);
        }
        any
    }
}

/// Fetches input and tells the user.
unsafe fn fetch(p: *mut Private) {
    let f: *mut Filter = p.cast();
    // SAFETY: `p` is live, counted and locked.
    unsafe {
        if process_input(p, BEV_NORMAL) {
            trigger(p, EV_READ, 0);
        }
        if buffer::len((*(*f).below).input) != 0 && input_is_full(p, BEV_NORMAL) {
            (*p).state.insert(State::INPUT_WAITS);
            watch_input(p);
        }
    }
}

unsafe extern "C" fn on_below_read(_: *mut bufferevent, me: *mut c_void) {
    let p: *mut Private = me.cast();
    // SAFETY: these callbacks are taken away from the one below before `p` dies, and the one below
    // keeps the lock they share held while it decides to call (or has no lock and no threads).
    unsafe {
        let Some(_held) = Held::of_living(p) else { return };
        fetch(p);
    }
}

unsafe extern "C" fn on_below_write(_: *mut bufferevent, me: *mut c_void) {
    let p: *mut Private = me.cast();
    // SAFETY: as above.
    unsafe {
        let Some(_held) = Held::of_living(p) else { return };
        process_output(p, BEV_NORMAL, false);
    }
}

unsafe extern "C" fn on_below_event(_: *mut bufferevent, what: c_short, me: *mut c_void) {
    let errno = Errno::last().0;
    let p: *mut Private = me.cast();
    // SAFETY: as above.
    unsafe {
        let Some(_held) = Held::of_living(p) else { return };
        run_event(p, what, errno, 0);
    }
}

unsafe fn output_changed(p: *mut Private, added: usize, _: usize) {
    // SAFETY: `p` is live and locked; the count is for callbacks that free it.
    unsafe {
        if added != 0 && !(*p).state.intersects(State::FILTERING | State::FREED) {
            let _held = Held::new(p);
            process_output(p, BEV_NORMAL, true);
            if buffer::len((*p).bev.output) != 0 {
                timeouts::start_if_idle(p, EV_WRITE);
            }
        }
    }
}

unsafe fn input_changed(p: *mut Private, _: usize, deleted: usize) {
    // SAFETY: `p` is live and locked.
    unsafe {
        check_high_watermark(p);
        if deleted != 0
            && (*p).state.contains(State::INPUT_WAITS)
            && !input_is_full(p, BEV_NORMAL)
            && !(*p).state.contains(State::FREED)
        {
            want_flush(p);
        }
    }
}

unsafe fn end_of_turn(p: *mut Private) {
    // SAFETY: `p` is live, counted and locked.
    unsafe {
        if (*p).state.contains(State::INPUT_WAITS) && !(*p).state.contains(State::FREED) {
            (*p).state.remove(State::INPUT_WAITS);
            if buffer::len((*(*p.cast::<Filter>()).below).input) != 0 {
                fetch(p);
            }
        }
    }
}

unsafe fn enable(p: *mut Private, what: c_short) -> Result<()> {
    let f: *mut Filter = p.cast();
    // SAFETY: `p` is live and locked.
    unsafe {
        if what & EV_WRITE != 0 {
            timeouts::restart(p, EV_WRITE);
        }
        if what & EV_READ != 0 {
            timeouts::restart(p, EV_READ);
            let waiting = buffer::len((*(*f).below).input) != 0;
            resume_below(p);
            if waiting {
                // What came while nobody wanted it; nobody will call for it again.
                (*p).state.insert(State::INPUT_WAITS);
                want_flush(p);
            }
        }
    }
    Ok(())
}

unsafe fn resume_below(p: *mut Private) {
    // SAFETY: `p` is live; its count keeps the one below alive.
    unsafe {
        let under = private((*p.cast::<Filter>()).below);
        let _held = Held::new(under);
        resume_read(under, Suspend::FILTER);
    }
}

unsafe fn disable(p: *mut Private, what: c_short) -> Result<()> {
    let f: *mut Filter = p.cast();
    // SAFETY: `p` is live and locked.
    unsafe {
        timeouts::stop(p, what);
        if what & EV_READ != 0 {
            let under = private((*f).below);
            let _held = Held::new(under);
            suspend_read(under, Suspend::FILTER);
        }
    }
    Ok(())
}

unsafe fn unlink(p: *mut Private) {
    let f: *mut Filter = p.cast();
    // SAFETY: `p` is live and locked; its count keeps the one below alive.
    unsafe {
        let below = (*f).below;
        // The output that has come through the filter goes out if it can: the program has seen
        // its own output empty and could not wait for this one.
        super::flush_now(below);
        if closes_on_free(p) {
            if (*private(below)).count < 2 {
                crate::log::message(
                    crate::log::Severity::Warn,
                    format_args!(
                        "BEV_OPT_CLOSE_ON_FREE set on an bufferevent with too few references"
                    ),
                );
            } else {
                super::free(below);
            }
            return;
        }
        if (*below).cbarg == p.cast() {
            setcb(below, None, None, None, null_mut());
        }
        resume_below(p);
    }
}

unsafe fn destruct(p: *mut Private) {
    let f: *mut Filter = p.cast();
    // SAFETY: `p` is live; the last call for it.
    unsafe {
        if let Some(free) = (*f).free_context {
            free((*f).context);
        }
    }
}

unsafe fn flush(p: *mut Private, what: c_short, mode: c_int) -> c_int {
    let f: *mut Filter = p.cast();
    // SAFETY: `p` is live, counted and locked.
    unsafe {
        let mut any = false;
        if what & EV_READ != 0 && process_input(p, mode) {
            any = true;
            trigger(p, EV_READ, BEV_OPT_DEFER_CALLBACKS);
        }
        if what & EV_WRITE != 0 {
            any |= process_output(p, mode, false);
        }
        let _ = super::flush((*f).below, what, mode);
        c_int::from(any)
    }
}
