//! The resolver: what it holds, how it is made, counted and freed.

use super::cache::Entry;
use super::config::{MixedCase, Setting};
use super::inflight;
use super::request::{self, evdns_request};
use super::search::Search;
use super::server::{self, Server};
use super::{files, lookup, types};
use crate::bufferevent::connect;
use crate::error::{Error, Result};
use crate::event::raw::event as Event;
use crate::event::{self, event_base};
use crate::mem;
use crate::thread::{Guard, Lock};
use crate::util::address::SockAddr;
use core::ffi::c_void;
use core::ptr::{addr_of_mut, null_mut};
use libc::c_int;

/// What can be set by options. Times are in microseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) timeout: u64,
    pub(super) skew: u64,
    pub(super) max_timeouts: i32,
    pub(super) max_inflight: usize,
    pub(super) attempts: i32,
    pub(super) mixed_case: MixedCase,
    pub(super) bind: Option<SockAddr>,
    pub(super) probe_initial: u64,
    pub(super) probe_max: u64,
    pub(super) probe_factor: u64,
    pub(super) receive_buffer: i32,
    pub(super) send_buffer: i32,
    pub(super) tcp_idle: u64,
    pub(super) edns_size: u16,
    pub(super) use_tcp: bool,
    pub(super) ignore_truncation: bool,
}

const SECOND: u64 = 1_000_000;

impl Options {
    const DEFAULT: Self = Self {
        timeout: 5 * SECOND,
        skew: 3 * SECOND,
        max_timeouts: 3,
        max_inflight: 64,
        attempts: 3,
        mixed_case: MixedCase::Yes,
        bind: None,
        probe_initial: 10 * SECOND,
        probe_max: 3600 * SECOND,
        probe_factor: 3,
        receive_buffer: 0,
        send_buffer: 0,
        tcp_idle: 10 * SECOND,
        edns_size: 0,
        use_tcp: false,
        ignore_truncation: false,
    };
}

/// A search list that running requests share with the resolver.
pub(super) struct SharedSearch {
    count: usize,
    pub(super) search: Search,
}

/// One name of the hosts file.
pub(super) struct Host {
    pub(super) name: mem::Vec<u8>,
    pub(super) address: SockAddr,
}

/// Requests in a row.
pub(super) struct Queue {
    pub(super) first: *mut evdns_request,
    pub(super) last: *mut evdns_request,
    pub(super) len: usize,
}

impl Queue {
    const EMPTY: Self = Self { first: null_mut(), last: null_mut(), len: 0 };

    /// Inserts `r` behind `at`, or in front of all.
    ///
    /// # Safety
    /// `r` is in no queue; `at` is null or in this one.
    pub(super) unsafe fn insert_after(&mut self, at: *mut evdns_request, r: *mut evdns_request) {
        // SAFETY: the caller's contract; neighbours are alive as long as they are queued.
        unsafe {
            let next = if at.is_null() { self.first } else { (*at).next };
            (*r).prev = at;
            (*r).next = next;
            if at.is_null() {
                self.first = r;
            } else {
                (*at).next = r;
            }
            if next.is_null() {
                self.last = r;
            } else {
                (*next).prev = r;
            }
        }
        self.len += 1;
    }

    /// Takes `r` out.
    ///
    /// # Safety
    /// `r` is in this queue.
    pub(super) unsafe fn remove(&mut self, r: *mut evdns_request) {
        // SAFETY: the caller's contract.
        unsafe {
            let (prev, next) = ((*r).prev, (*r).next);
            if prev.is_null() {
                self.first = next;
            } else {
                (*prev).next = next;
            }
            if next.is_null() {
                self.last = prev;
            } else {
                (*next).prev = prev;
            }
            (*r).prev = null_mut();
            (*r).next = null_mut();
        }
        self.len -= 1;
    }
}

/// A resolver; opaque to C.
///
/// Everything in it is touched with its lock held. Its lock comes before that of the event base. It
/// is counted: the user holds one count, and so do a request whose callback has not run yet and each
/// lookup.
#[allow(non_camel_case_types, reason = "C name")]
pub struct evdns_base {
    pub(super) lock: Lock,
    pub(super) event_base: *mut event_base,
    count: usize,
    pub(super) freed: bool,
    /// Descriptors are watched only while queries are out.
    pub(super) inactive: bool,
    pub(super) options: Options,
    /// The server that is picked next, in a circle of all of them.
    pub(super) servers: *mut Server,
    /// How many of them are up.
    pub(super) good: usize,
    /// Requests that are out, the one with the nearest deadline first.
    pub(super) inflight: Queue,
    /// Requests that wait for their turn.
    pub(super) waiting: Queue,
    /// The requests that are out, by their number.
    pub(super) table: mem::Vec<*mut evdns_request>,
    /// One timer for all deadlines; they are nearly always in order.
    pub(super) timer: Event,
    /// When the timer is set to, in nanoseconds; 0 while it is not.
    pub(super) timer_at: u64,
    pub(super) search: *mut SharedSearch,
    pub(super) hosts: mem::Vec<Host>,
    pub(super) cache: mem::Vec<Entry>,
    /// Nothing gets into it.
    pub(super) no_cache: bool,
}

impl core::fmt::Debug for evdns_base {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("evdns_base")
            .field("inflight", &self.inflight.len)
            .field("waiting", &self.waiting.len)
            .finish_non_exhaustive()
    }
}

/// Locks a resolver.
///
/// # Safety
/// `b` is alive.
pub(super) unsafe fn lock(b: *mut evdns_base) -> Guard {
    // SAFETY: alive by contract; the borrow of the lock ends here.
    unsafe { (*b).lock.guard() }
}

/// The priority of the resolver's callbacks: the middle one, as events have it.
///
/// # Safety
/// `b` is alive.
pub(super) unsafe fn priority(b: *mut evdns_base) -> u8 {
    // SAFETY: alive by contract, and so is its event base.
    let n = unsafe { event::priorities((*b).event_base) };
    u8::try_from(n / 2).unwrap_or(0)
}

static RESOLVER: connect::Resolver =
    connect::Resolver { start: lookup::start_for_bufferevent, cancel: lookup::cancel_erased };

/// A new resolver without servers.
///
/// # Safety
/// `event_base` is null (then the current one is meant) or alive.
pub unsafe fn new(event_base: *mut event_base, flags: c_int) -> Result<*mut evdns_base> {
    let event_base = event::base::or_current(event_base);
    if event_base.is_null() {
        return Err(Error::Invalid);
    }
    connect::set_resolver(&RESOLVER);
    let known = types::EVDNS_BASE_INITIALIZE_NAMESERVERS
        | types::EVDNS_BASE_DISABLE_WHEN_INACTIVE
        | types::EVDNS_BASE_NAMESERVERS_NO_DEFAULT
        | types::EVDNS_BASE_NO_CACHE;
    let mut flags = flags;
    if flags & !known != 0 {
        flags |= types::EVDNS_BASE_INITIALIZE_NAMESERVERS;
        super::log::warning!(
            "Unrecognized flag passed to evdns_base_new(). Assuming you want EVDNS_BASE_INITIALIZE_NAMESERVERS."
        );
    }
    let search =
        mem::Box::into_raw(mem::try_box(SharedSearch { count: 1, search: Search::new() })?);
    // SAFETY: the search list was made just above and is this resolver's; what `make` returns is
    // alive and known to nobody else.
    unsafe {
        let b = match make(event_base, flags, search) {
            Ok(b) => b,
            Err(e) => {
                unshare(search);
                return Err(e);
            }
        };
        if flags & types::EVDNS_BASE_INITIALIZE_NAMESERVERS != 0 {
            let mut options = types::DNS_OPTIONS_ALL;
            if flags & types::EVDNS_BASE_NAMESERVERS_NO_DEFAULT != 0 {
                options |= types::DNS_OPTION_NAMESERVERS_NO_DEFAULT;
            }
            let code = files::resolv_conf(b, options, Some(c"/etc/resolv.conf"));
            // A configuration without servers is one, too.
            if code != types::EVDNS_ERROR_NONE
                && code != types::EVDNS_ERROR_NO_NAMESERVERS_CONFIGURED
            {
                free(b, false);
                return Err(Error::Invalid);
            }
        }
        Ok(b)
    }
}

unsafe fn make(
    event_base: *mut event_base,
    flags: c_int,
    search: *mut SharedSearch,
) -> Result<*mut evdns_base> {
    let mut table = mem::Vec::new_in(mem::Heap);
    inflight::size_table(&mut table, Options::DEFAULT.max_inflight)?;
    let lock = Lock::new()?;
    let c_lock = lock.as_ptr();
    let made = mem::try_box(evdns_base {
        lock,
        event_base,
        count: 1,
        freed: false,
        inactive: flags & types::EVDNS_BASE_DISABLE_WHEN_INACTIVE != 0,
        options: Options::DEFAULT,
        servers: null_mut(),
        good: 0,
        inflight: Queue::EMPTY,
        waiting: Queue::EMPTY,
        table,
        // SAFETY: an event of zeroes is a value of the plain C structure.
        timer: unsafe { core::mem::zeroed() },
        timer_at: 0,
        search,
        hosts: mem::Vec::new_in(mem::Heap),
        cache: mem::Vec::new_in(mem::Heap),
        no_cache: flags & types::EVDNS_BASE_NO_CACHE != 0,
    });
    match made {
        Ok(made) => {
            let b = mem::Box::into_raw(made);
            // SAFETY: made just above; the event lies in it and does not move.
            unsafe {
                let timer = addr_of_mut!((*b).timer);
                let _ =
                    event::assign(timer, event_base, -1, 0, Some(inflight::timer_fired), b.cast());
            }
            Ok(b)
        }
        Err(e) => {
            // The lock has no destructor: C made it.
            Lock::adopt(c_lock).free();
            Err(e)
        }
    }
}

/// One more count; the lock is held.
///
/// # Safety
/// `b` is alive.
pub(super) unsafe fn retain(b: *mut evdns_base) {
    // SAFETY: alive by contract.
    unsafe { (*b).count += 1 };
}

/// One count less; the last one destroys the resolver.
///
/// # Safety
/// `b` is alive, the count the caller's, and the lock not held.
pub(super) unsafe fn release(b: *mut evdns_base) {
    // SAFETY: by contract; with the last count nobody else can reach the resolver: its requests,
    // servers and lookups are gone, and its timer was deleted by `free`.
    unsafe {
        {
            let _guard = lock(b);
            (*b).count -= 1;
            if (*b).count > 0 {
                return;
            }
        }
        event::debug::note_teardown(addr_of_mut!((*b).timer));
        unshare((*b).search);
        (*b).lock.free();
        drop(mem::Box::from_raw_in(b, mem::Heap));
    }
}

/// Frees a resolver: its requests end with `DNS_ERR_SHUTDOWN` if `fail`, else without a word.
///
/// # Safety
/// `b` is alive, not locked, and not used by the caller any more.
pub unsafe fn free(b: *mut evdns_base, fail: bool) {
    // SAFETY: by contract; the caller's count keeps it alive until the end.
    unsafe {
        let (servers, dropped) = {
            let _guard = lock(b);
            (*b).freed = true;
            // Servers first, so that nothing is sent any more when requests end.
            let servers = server::detach_all(b);
            (servers, request::end_all(b, fail))
        };
        server::destroy(servers);
        lookup::destroy_all(dropped);
        let _ = event::del(addr_of_mut!((*b).timer));
        release(b);
    }
}

/// A count on the present search list.
///
/// # Safety
/// `b` is alive and locked.
pub(super) unsafe fn share_search(b: *mut evdns_base) -> *mut SharedSearch {
    // SAFETY: the resolver holds a count on its search list.
    unsafe {
        (*(*b).search).count += 1;
        (*b).search
    }
}

/// Gives a count on a search list back; null is fine.
///
/// # Safety
/// The count is the caller's.
pub(super) unsafe fn unshare(s: *mut SharedSearch) {
    if s.is_null() {
        return;
    }
    // SAFETY: alive as long as there are counts.
    unsafe {
        (*s).count -= 1;
        if (*s).count == 0 {
            drop(mem::Box::from_raw_in(s, mem::Heap));
        }
    }
}

/// Changes the search list. Requests that use it go on with the old one.
///
/// # Safety
/// `b` is alive and locked.
pub(super) unsafe fn change_search(
    b: *mut evdns_base,
    change: impl FnOnce(&mut Search) -> Result<()>,
) -> Result<()> {
    // SAFETY: the resolver holds a count on its search list; `change` calls nobody.
    unsafe {
        let old = (*b).search;
        if (*old).count > 1 {
            let search = (*old).search.try_clone()?;
            (*b).search = mem::Box::into_raw(mem::try_box(SharedSearch { count: 1, search })?);
            unshare(old);
        }
        change(&mut (*(*b).search).search)
    }
}

/// Empties the search list.
///
/// # Safety
/// `b` is alive and not locked.
pub unsafe fn search_clear(b: *mut evdns_base) {
    // SAFETY: by contract.
    unsafe {
        let _guard = lock(b);
        let _ = change_search(b, |s| {
            *s = Search::new();
            Ok(())
        });
    }
}

/// Puts a domain in front of the search list.
///
/// # Safety
/// `b` is alive and not locked.
pub unsafe fn search_add(b: *mut evdns_base, domain: &[u8]) {
    // SAFETY: by contract.
    unsafe {
        let _guard = lock(b);
        let _ = change_search(b, |s| s.add(domain));
    }
}

/// Says how many dots make a name complete.
///
/// # Safety
/// `b` is alive and not locked.
pub unsafe fn search_ndots(b: *mut evdns_base, ndots: c_int) {
    // SAFETY: by contract.
    unsafe {
        let _guard = lock(b);
        let _ = change_search(b, |s| {
            s.ndots = ndots;
            Ok(())
        });
    }
}

/// Sets an option, if `flags` (`DNS_OPTION_*`) let it be set. Only those that take no value may come
/// without.
///
/// # Safety
/// `b` is alive.
pub unsafe fn set_option(
    b: *mut evdns_base,
    option: &[u8],
    value: Option<&[u8]>,
    flags: c_int,
) -> Result<()> {
    let setting =
        super::config::setting(option, value.unwrap_or_default()).ok_or(Error::Invalid)?;
    if value.is_none() && !matches!(setting, Setting::UseTcp | Setting::IgnoreTruncation) {
        return Err(Error::Invalid);
    }
    let wanted = match setting {
        Setting::Ndots(_) => types::DNS_OPTION_SEARCH,
        _ => types::DNS_OPTION_MISC,
    };
    if flags & wanted == 0 {
        return Ok(());
    }
    // SAFETY: by contract; nobody is called while the options are borrowed.
    unsafe {
        let _guard = lock(b);
        let o = &mut (*b).options;
        match setting {
            Setting::Ndots(n) => change_search(b, |s| {
                s.ndots = n;
                Ok(())
            })?,
            Setting::Timeout(t) => o.timeout = t,
            Setting::Skew(t) => o.skew = t,
            Setting::MaxTimeouts(n) => o.max_timeouts = n,
            Setting::MaxInflight(n) => {
                let n = usize::try_from(n).unwrap_or(1);
                inflight::resize_table(b, n)?;
                (*b).options.max_inflight = n;
            }
            Setting::Attempts(n) => o.attempts = n,
            Setting::RandomizeCase(how) => o.mixed_case = how,
            Setting::BindTo(a) => o.bind = Some(a.0),
            Setting::InitialProbe(t) => o.probe_initial = t,
            Setting::MaxProbe(t) => o.probe_max = t,
            Setting::ProbeFactor(n) => o.probe_factor = u64::from(n.unsigned_abs()),
            Setting::ReceiveBuffer(n) => o.receive_buffer = n,
            Setting::SendBuffer(n) => o.send_buffer = n,
            Setting::TcpIdle(t) => o.tcp_idle = t,
            Setting::EdnsSize(n) => o.edns_size = n,
            Setting::UseTcp => o.use_tcp = true,
            Setting::IgnoreTruncation => o.ignore_truncation = true,
            Setting::Unknown => {}
        }
    }
    Ok(())
}

/// The argument of a callback, typed.
pub(super) fn from_arg<T>(arg: *mut c_void) -> *mut T {
    arg.cast()
}
