//! Answers that the program wants `getaddrinfo` to give without asking (since 2.2).
//!
//! Nothing gets in here by itself. Names are compared without case.

use super::base::{evdns_base, lock};
use crate::error::{Error, Result};
use crate::event;
use crate::mem::{self, TryPush};
use crate::util::address::SockAddr;
use crate::util::resolve::{Hints, List};
use crate::util::types::evutil_addrinfo;
use core::ffi::CStr;
use libc::c_int;

/// The most names; with more, the one that expires first goes.
const MAX: usize = 4096;

/// What is known of a name.
pub(super) struct Entry {
    name: mem::Vec<u8>,
    canonical: mem::Vec<u8>,
    addresses: mem::Vec<SockAddr>,
    /// In nanoseconds of the event base's clock.
    expires: u64,
}

fn copy(bytes: &[u8]) -> Result<mem::Vec<u8>> {
    let mut new = mem::Vec::new_in(mem::Heap);
    new.try_reserve_exact(bytes.len()).map_err(|_| Error::NoMemory)?;
    new.extend_from_slice(bytes);
    Ok(new)
}

/// Keeps the addresses of `list` for `ttl` seconds, in the place of what was known of the name. With a
/// `ttl` of 0 or less, or no address, there is nothing known of it then.
///
/// # Safety
/// `b` is alive and not locked; `list` is null or valid.
pub unsafe fn write(
    b: *mut evdns_base,
    name: &[u8],
    list: *const evutil_addrinfo,
    ttl: c_int,
) -> Result<()> {
    let mut addresses = mem::Vec::<SockAddr>::new_in(mem::Heap);
    let mut canonical = mem::Vec::new_in(mem::Heap);
    let mut at = list;
    // SAFETY: the caller's list: entries are linked by ai_next and hold ai_addrlen bytes, names are
    // strings.
    unsafe {
        while let Some(entry) = at.as_ref() {
            at = entry.ai_next.cast_const();
            if !entry.ai_canonname.is_null() && canonical.is_empty() {
                canonical = copy(CStr::from_ptr(entry.ai_canonname).to_bytes())?;
            }
            let Some(address) = SockAddr::from_raw(entry.ai_addr, entry.ai_addrlen) else {
                continue;
            };
            // One entry for each kind of socket is what lists have.
            let address = address.with_port(0);
            if !addresses.iter().any(|a| a.compare(&address, true).is_eq()) {
                addresses.try_push(address)?;
            }
        }
    }
    let name = copy(name)?;
    // SAFETY: alive and not locked (caller); nobody is called while the entries are borrowed.
    unsafe {
        let _guard = lock(b);
        if (*b).no_cache {
            return Ok(());
        }
        let now = event::cached_monotonic_ns((*b).event_base);
        let cache = &mut (*b).cache;
        cache.retain(|e| e.expires > now && !e.name.eq_ignore_ascii_case(&name));
        let Ok(seconds) = u64::try_from(ttl) else { return Ok(()) };
        if seconds == 0 || addresses.is_empty() {
            return Ok(());
        }
        if cache.len() >= MAX {
            let first = cache.iter().enumerate().min_by_key(|(_, e)| e.expires).map(|(i, _)| i);
            if let Some(first) = first {
                cache.swap_remove(first);
            }
        }
        let expires = now.saturating_add(seconds.saturating_mul(1_000_000_000));
        cache.try_push(Entry { name, canonical, addresses, expires })
    }
}

/// What is known of a name, as `hints` want it; `None` if nothing is.
///
/// # Safety
/// `b` is alive and not locked.
pub unsafe fn lookup(b: *mut evdns_base, name: &[u8], hints: &Hints, port: u16) -> Option<List> {
    let mut list = List::new();
    // SAFETY: alive and not locked (caller); nobody is called while the entries are borrowed.
    unsafe {
        let _guard = lock(b);
        let cache = &(*b).cache;
        if cache.is_empty() {
            return None;
        }
        let now = event::cached_monotonic_ns((*b).event_base);
        let entry = cache.iter().find(|e| e.expires > now && e.name.eq_ignore_ascii_case(name))?;
        // IPv4 first, as answers are put together.
        for v4 in [true, false] {
            for address in &entry.addresses {
                let family = address.family();
                if (family == libc::AF_INET) == v4
                    && (hints.family == libc::AF_UNSPEC || hints.family == family)
                {
                    list.push(&address.with_port(port), hints).ok()?;
                }
            }
        }
        if hints.flags & libc::AI_CANONNAME != 0 && !entry.canonical.is_empty() {
            list.set_canonical_name(&entry.canonical).ok()?;
        }
    }
    (!list.is_empty()).then_some(list)
}
