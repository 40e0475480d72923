//! The signal hub: which loop is told of which signal.
//!
//! A process has one handler for each signal, and may have many loops. Each loop that watches
//! signals has an [`Inbox`]; the handler counts the signal in every inbox that watches it and
//! rings that loop's [`Waker`], which costs a system call only when the loop sleeps. So any number
//! of loops of both APIs may watch any signals, the same ones too.
//!
//! The handler takes no lock. It finds the inboxes in a list of tables that only grows; an inbox
//! that goes away takes itself out and then waits until no handler runs that may have seen it.

use super::wake::Waker;
use crate::error::{Error, Result};
use crate::mem;
use crate::sys::Errno;
use crate::sys::mutex::{Guard, Mutex};
use crate::sys::signal::{self as kernel, NSIG};
use crate::sys::thread;
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::Ordering::SeqCst;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};
use libc::c_int;

const TABLE: usize = 30;

/// Part of the list of inboxes.
struct Table {
    inboxes: [AtomicPtr<Inbox>; TABLE],
    next: AtomicPtr<Self>,
}

impl Table {
    const fn new() -> Self {
        Self {
            inboxes: [const { AtomicPtr::new(null_mut()) }; TABLE],
            next: AtomicPtr::new(null_mut()),
        }
    }
}

static FIRST: Table = Table::new();
/// How many handlers run right now.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
/// Who watches each signal, and what was installed before. Never locked by the handler.
static DISPOSITIONS: Mutex<[Disposition; NSIG as usize]> =
    Mutex::new([const { Disposition { watchers: 0, previous: None } }; NSIG as usize]);

struct Disposition {
    watchers: u32,
    previous: Option<libc::sigaction>,
}

/// What to leave behind when nobody watches a signal any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restore {
    /// What was there before the first watcher (libevent).
    Previous,
    /// The default action (libev).
    Default,
}

/// Which API an inbox serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// libevent: the loops of event bases.
    Event,
    /// libev: what `ev_feed_signal` reaches.
    Ev,
}

/// One loop's signals.
#[derive(Debug)]
pub struct Inbox {
    family: Family,
    /// Bit n-1: signal n is watched.
    watched: AtomicU64,
    counts: [AtomicU32; NSIG as usize],
    any: AtomicBool,
    waker: NonNull<Waker>,
}

// SAFETY: every field is atomic or constant, and the waker is made for use from any thread.
unsafe impl Sync for Inbox {}
// SAFETY: as above.
unsafe impl Send for Inbox {}

/// A registered [`Inbox`]; dropping it unwatches everything.
#[derive(Debug)]
pub struct Registered<A: allocator_api2::alloc::Allocator = mem::Heap> {
    inbox: mem::Box<Inbox, A>,
    restore: Restore,
}

fn dispositions() -> Guard<[Disposition; NSIG as usize]> {
    DISPOSITIONS.lock()
}

fn bit(signum: c_int) -> Option<u64> {
    (1..NSIG).contains(&signum).then(|| 1_u64 << (signum - 1))
}

impl<A: allocator_api2::alloc::Allocator> Registered<A> {
    /// A new inbox that rings `waker`, and on whose last signal `restore` is done.
    ///
    /// # Safety
    /// The waker stays where it is and outlives the inbox.
    pub unsafe fn new_in(
        waker: NonNull<Waker>,
        family: Family,
        restore: Restore,
        alloc: A,
    ) -> Result<Self> {
        let inbox = Inbox {
            family,
            watched: AtomicU64::new(0),
            counts: [const { AtomicU32::new(0) }; NSIG as usize],
            any: AtomicBool::new(false),
            waker,
        };
        let inbox = mem::Box::try_new_in(inbox, alloc).map_err(|_| Error::NoMemory)?;
        enlist(&inbox)?;
        Ok(Self { inbox, restore })
    }

    /// Watches a signal. `Os(EINVAL)` for numbers that the kernel refuses.
    pub fn watch(&self, signum: c_int) -> Result<()> {
        let bit = bit(signum).ok_or(Errno(libc::EINVAL))?;
        if self.inbox.watched.load(SeqCst) & bit != 0 {
            return Ok(());
        }
        let mut all = dispositions();
        let Some(one) = all.get_mut(signum.unsigned_abs() as usize) else {
            return Err(Error::Invalid);
        };
        if one.watchers == 0 {
            // Watched first, so that a signal right after the installation is not lost.
            self.inbox.watched.fetch_or(bit, SeqCst);
            match kernel::install(signum, handler) {
                Ok(previous) => one.previous = Some(previous),
                Err(errno) => {
                    self.inbox.watched.fetch_and(!bit, SeqCst);
                    return Err(errno.into());
                }
            }
        }
        self.inbox.watched.fetch_or(bit, SeqCst);
        one.watchers += 1;
        Ok(())
    }

    /// Stops watching a signal; what was counted of it is lost.
    pub fn unwatch(&self, signum: c_int) {
        let Some(bit) = bit(signum) else { return };
        if self.inbox.watched.load(SeqCst) & bit == 0 {
            return;
        }
        let mut all = dispositions();
        if let Some(one) = all.get_mut(signum.unsigned_abs() as usize) {
            one.watchers = one.watchers.saturating_sub(1);
            if one.watchers == 0 {
                match (self.restore, one.previous.take()) {
                    (Restore::Previous, Some(previous)) => kernel::restore(signum, &previous),
                    _ => kernel::set_default(signum),
                }
            }
        }
        self.inbox.watched.fetch_and(!bit, SeqCst);
        if let Some(count) = self.inbox.counts.get(signum.unsigned_abs() as usize) {
            count.store(0, SeqCst);
        }
    }

    /// Whether something has come in; a plain load.
    #[inline]
    pub fn has_mail(&self) -> bool {
        self.inbox.any.load(core::sync::atomic::Ordering::Relaxed)
    }

    /// Takes what has come in: signal number and how often, in order of the numbers.
    pub fn take(&self, mut each: impl FnMut(c_int, u32)) {
        if !self.has_mail() || !self.inbox.any.swap(false, SeqCst) {
            return;
        }
        let mut watched = self.inbox.watched.load(SeqCst);
        while watched != 0 {
            let n = watched.trailing_zeros() + 1;
            watched &= watched - 1;
            let count = self.inbox.counts.get(n as usize).map_or(0, |c| c.swap(0, SeqCst));
            if count != 0 {
                each(n.cast_signed(), count);
            }
        }
    }

    /// Counts a signal in this inbox only, as if it had been delivered. Async-signal-safe.
    pub fn post(&self, signum: c_int) {
        self.inbox.post(signum);
    }

    /// Whether this inbox watches the signal.
    pub fn is_watching(&self, signum: c_int) -> bool {
        bit(signum).is_some_and(|bit| self.inbox.watched.load(SeqCst) & bit != 0)
    }
}

impl<A: allocator_api2::alloc::Allocator> Drop for Registered<A> {
    fn drop(&mut self) {
        let mut watched = self.inbox.watched.load(SeqCst);
        while watched != 0 {
            self.unwatch((watched.trailing_zeros() + 1).cast_signed());
            watched &= watched - 1;
        }
        delist(&self.inbox);
    }
}

impl Inbox {
    fn post(&self, signum: c_int) {
        if bit(signum).is_none_or(|bit| self.watched.load(SeqCst) & bit == 0) {
            return;
        }
        if let Some(count) = self.counts.get(signum.unsigned_abs() as usize) {
            count.fetch_add(1, SeqCst);
        }
        self.any.store(true, SeqCst);
        // SAFETY: whoever made the inbox keeps the waker alive until it is gone, and an inbox
        // that a handler can see is not gone (`delist` waits).
        unsafe { self.waker.as_ref() }.wake();
    }
}

/// Calls `each` with every inbox in the list.
fn for_each_inbox(each: impl Fn(&Inbox)) {
    RUNNING.fetch_add(1, SeqCst);
    let mut table: *const Table = &raw const FIRST;
    // SAFETY: tables are never freed while inboxes exist, and an inbox that is still in a table
    // after RUNNING was raised is not freed before it falls again.
    while let Some(t) = unsafe { table.as_ref() } {
        for place in &t.inboxes {
            // SAFETY: as above.
            if let Some(inbox) = unsafe { place.load(SeqCst).as_ref() } {
                each(inbox);
            }
        }
        table = t.next.load(SeqCst);
    }
    RUNNING.fetch_sub(1, SeqCst);
}

extern "C" fn handler(signum: c_int) {
    let errno = Errno::last();
    for_each_inbox(|inbox| inbox.post(signum));
    errno.set();
}

/// Pretends that the signal was delivered, to the loops of one API. Async-signal-safe.
pub fn feed(family: Family, signum: c_int) {
    for_each_inbox(|inbox| {
        if inbox.family == family {
            inbox.post(signum);
        }
    });
}

fn enlist(inbox: &Inbox) -> Result<()> {
    // The lock keeps two threads from adding the same table.
    let _all = dispositions();
    let inbox = core::ptr::from_ref(inbox).cast_mut();
    let mut table: *const Table = &raw const FIRST;
    loop {
        // SAFETY: tables live until `shutdown`, which needs the list to be empty.
        let Some(t) = (unsafe { table.as_ref() }) else { return Err(Error::Invalid) };
        for place in &t.inboxes {
            if place.compare_exchange(null_mut(), inbox, SeqCst, SeqCst).is_ok() {
                return Ok(());
            }
        }
        if t.next.load(SeqCst).is_null() {
            let new = mem::alloc(size_of::<Table>()).ok_or(Error::NoMemory)?.cast::<Table>();
            // SAFETY: freshly allocated, large enough and aligned for C types.
            unsafe { new.write(Table::new()) };
            t.next.store(new.as_ptr(), SeqCst);
        }
        table = t.next.load(SeqCst);
    }
}

#[inline(never)]
fn delist(inbox: &Inbox) {
    let inbox = core::ptr::from_ref(inbox).cast_mut();
    let mut table: *const Table = &raw const FIRST;
    // SAFETY: tables live until `shutdown`, which needs the list to be empty.
    while let Some(t) = unsafe { table.as_ref() } {
        for place in &t.inboxes {
            let _ = place.compare_exchange(inbox, null_mut(), SeqCst, SeqCst);
        }
        table = t.next.load(SeqCst);
    }
    while RUNNING.load(SeqCst) != 0 {
        thread::yield_now();
    }
}

/// Frees the hub's memory. Does nothing while a loop still has an inbox.
pub fn shutdown() {
    let _all = dispositions();
    let mut table = FIRST.next.load(SeqCst);
    let occupied = |t: &Table| t.inboxes.iter().any(|p| !p.load(SeqCst).is_null());
    let mut at: *const Table = &raw const FIRST;
    // SAFETY: as in `delist`.
    while let Some(t) = unsafe { at.as_ref() } {
        if occupied(t) {
            return;
        }
        at = t.next.load(SeqCst);
    }
    FIRST.next.store(null_mut(), SeqCst);
    while RUNNING.load(SeqCst) != 0 {
        thread::yield_now();
    }
    while !table.is_null() {
        // SAFETY: no handler runs and none can reach the tables any more; each came from `alloc`.
        unsafe {
            let next = (*table).next.load(SeqCst);
            mem::free(table.cast());
            table = next;
        }
    }
}

#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;

    #[test]
    fn every_inbox_that_watches_is_told() {
        let (a, b) = (Waker::new(), Waker::new());
        // SAFETY: the wakers are declared before the inboxes and so dropped after them.
        let [a, b] = [&a, &b].map(|w| unsafe {
            Registered::new_in(NonNull::from(w), Family::Event, Restore::Previous, mem::Heap)
                .unwrap()
        });
        a.watch(libc::SIGUSR2).unwrap();
        b.watch(libc::SIGUSR2).unwrap();
        // SAFETY: our own handler is installed.
        unsafe {
            libc::raise(libc::SIGUSR2);
            libc::raise(libc::SIGUSR2);
        }
        for inbox in [&a, &b] {
            let mut seen = vec![];
            inbox.take(|s, n| seen.push((s, n)));
            assert_eq!(seen, [(libc::SIGUSR2, 2)]);
        }
        a.unwatch(libc::SIGUSR2);
        feed(Family::Ev, libc::SIGUSR2);
        assert!(!b.has_mail());
        feed(Family::Event, libc::SIGUSR2);
        assert!(b.has_mail() && !a.has_mail());
        assert_eq!(a.watch(libc::SIGKILL), Err(Error::Os(Errno(libc::EINVAL))));
        assert_eq!(a.watch(0), Err(Error::Os(Errno(libc::EINVAL))));
    }

    #[test]
    fn more_loops_than_one_table_holds() {
        let waker = Waker::new();
        let all: Vec<_> = (0..TABLE * 2 + 1)
            .map(|_| {
                // SAFETY: the waker outlives the vector.
                let inbox = unsafe {
                    Registered::new_in(
                        NonNull::from(&waker),
                        Family::Ev,
                        Restore::Default,
                        mem::Heap,
                    )
                };
                inbox.unwrap()
            })
            .collect();
        for inbox in &all {
            inbox.watch(libc::SIGURG).unwrap();
        }
        feed(Family::Ev, libc::SIGURG);
        assert!(all.iter().all(Registered::has_mail));
        drop(all);
        shutdown();
    }
}
