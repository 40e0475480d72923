//! Names to addresses: what can be answered without asking anybody, the system's resolver, and
//! the lists that C gets.
//!
//! A list comes from libc, or is our own (made by [`List`]); a bit in its flags tells which, so that
//! one function frees both.

use super::address::{self, SockAddr};
use super::number;
use super::types::evutil_addrinfo;
use crate::error::{Error, Result};
use crate::mem;
use core::ffi::CStr;
use core::ptr::{NonNull, null_mut};
use libc::{c_char, c_int};

/// In `ai_flags`: the list is ours, not libc's. The reference's value, which its users have seen.
const OURS: c_int = 0x8000_0000_u32.cast_signed();

/// A request was cancelled; what `evdns_getaddrinfo` reports.
pub const EAI_CANCEL: c_int = -90001;

/// Asks the system's resolver, and waits for it.
///
/// # Safety
/// `node` and `service` are strings or null, `hints` is null or valid, `res` is writable.
pub unsafe fn system(
    node: *const c_char,
    service: *const c_char,
    hints: *const evutil_addrinfo,
    res: *mut *mut evutil_addrinfo,
) -> c_int {
    // SAFETY: the caller's promises are those of the C function.
    unsafe { libc::getaddrinfo(node, service, hints, res) }
}

/// Frees a list of libc's or ours.
///
/// # Safety
/// `list` is null or such a list, and nobody uses it any more.
#[inline(never)]
pub unsafe fn free(list: *mut evutil_addrinfo) {
    let mut next = list;
    while !next.is_null() {
        // SAFETY: an entry of the list, not freed yet.
        let entry = unsafe { next.read() };
        if entry.ai_flags & OURS == 0 {
            // The rest is libc's: it frees what follows as well.
            // SAFETY: a list of `getaddrinfo`.
            unsafe { libc::freeaddrinfo(next) };
            return;
        }
        // SAFETY: entry (with its address) and name are blocks of ours (see `Entry::new`).
        unsafe {
            mem::free(entry.ai_canonname.cast());
            mem::free(next.cast());
        }
        next = entry.ai_next;
    }
}

/// A list of ours under construction; dropped, it frees what it holds.
#[derive(Debug)]
pub struct List {
    first: *mut evutil_addrinfo,
    last: *mut evutil_addrinfo,
}

impl Default for List {
    fn default() -> Self {
        Self::new()
    }
}

impl List {
    /// An empty list.
    pub const fn new() -> Self {
        Self { first: null_mut(), last: null_mut() }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.first.is_null()
    }

    /// Appends an address as `hints` ask for it: once, or, when they leave the kind of socket
    /// open, once for TCP and once for UDP.
    #[inline(never)]
    pub fn push(&mut self, addr: &SockAddr, hints: &Hints) -> Result<()> {
        let old = self.last;
        let both = [(libc::SOCK_STREAM, libc::IPPROTO_TCP), (libc::SOCK_DGRAM, libc::IPPROTO_UDP)];
        let one = [(hints.socktype, hints.protocol)];
        let kinds: &[_] = if hints.socktype == 0 && hints.protocol == 0 { &both } else { &one };
        for (socktype, protocol) in kinds {
            match entry(addr, *socktype, *protocol) {
                Ok(new) => self.append(new.as_ptr()),
                Err(e) => {
                    self.cut_after(old);
                    return Err(e);
                }
            }
        }
        Ok(())
    }

    fn append(&mut self, new: *mut evutil_addrinfo) {
        if self.last.is_null() {
            self.first = new;
        } else {
            // SAFETY: the last entry of this list, which we own.
            unsafe { (*self.last).ai_next = new };
        }
        self.last = new;
    }

    /// Frees everything behind `entry` (null: everything).
    fn cut_after(&mut self, entry: *mut evutil_addrinfo) {
        let rest = if entry.is_null() {
            core::mem::replace(&mut self.first, null_mut())
        } else {
            // SAFETY: an entry of this list, which we own.
            unsafe { core::mem::replace(&mut (*entry).ai_next, null_mut()) }
        };
        self.last = entry;
        // SAFETY: cut off just now, known to nobody else.
        unsafe { free(rest) };
    }

    /// Moves all entries of `other` to the end.
    pub fn append_list(&mut self, mut other: Self) {
        if other.first.is_null() {
            return;
        }
        self.append(other.first);
        self.last = other.last;
        other.first = null_mut();
        other.last = null_mut();
    }

    /// Gives the first entry the canonical name.
    pub fn set_canonical_name(&mut self, name: &[u8]) -> Result<()> {
        if self.first.is_null() {
            return Ok(());
        }
        let new = mem::c_string(name)?;
        // SAFETY: the first entry of this list, which we own; its old name is ours, too.
        unsafe {
            mem::free((*self.first).ai_canonname.cast());
            (*self.first).ai_canonname = new.as_ptr();
        }
        Ok(())
    }

    /// Hands the list to C, which frees it with `evutil_freeaddrinfo`.
    pub fn into_raw(mut self) -> *mut evutil_addrinfo {
        core::mem::replace(&mut self.first, null_mut())
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // SAFETY: ours, and nobody else has it.
        unsafe { free(self.first) };
    }
}

/// One entry, with its address behind it in the same block.
fn entry(addr: &SockAddr, socktype: c_int, protocol: c_int) -> Result<NonNull<evutil_addrinfo>> {
    let (head, len) = (size_of::<evutil_addrinfo>(), addr.len() as usize);
    let block = mem::alloc(head + len).ok_or(Error::NoMemory)?;
    // SAFETY: the block has `head + len` bytes; the address is `len` bytes of our own.
    let place = unsafe {
        let place = block.as_ptr().add(head);
        place.copy_from_nonoverlapping(addr.as_ptr().cast(), len);
        place
    };
    let new = evutil_addrinfo {
        ai_flags: OURS,
        ai_family: addr.family(),
        ai_socktype: socktype,
        ai_protocol: protocol,
        ai_addrlen: addr.len(),
        ai_addr: place.cast(),
        ai_canonname: null_mut(),
        ai_next: null_mut(),
    };
    // SAFETY: room for the entry at the block's start, aligned as any C allocation is.
    unsafe { block.as_ptr().cast::<evutil_addrinfo>().write(new) };
    Ok(block.cast())
}

/// What a caller wants to get.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints {
    /// `AI_*`.
    pub flags: c_int,
    /// `AF_UNSPEC`, `AF_INET` or `AF_INET6`.
    pub family: c_int,
    /// `SOCK_STREAM`, `SOCK_DGRAM`, or 0 for both.
    pub socktype: c_int,
    /// `IPPROTO_TCP`, `IPPROTO_UDP`, or 0.
    pub protocol: c_int,
}

impl Hints {
    /// The caller's hints; none mean anything goes.
    ///
    /// # Safety
    /// `hints` is null or valid.
    pub unsafe fn from_raw(hints: *const evutil_addrinfo) -> Self {
        // SAFETY: null or valid (caller).
        match unsafe { hints.as_ref() } {
            None => Self::default(),
            Some(h) => Self {
                flags: h.ai_flags,
                family: h.ai_family,
                socktype: h.ai_socktype,
                protocol: h.ai_protocol,
            },
        }
    }

    /// Fills in the protocol from the kind of socket, or the other way round.
    fn infer(&mut self) {
        match (self.socktype, self.protocol) {
            (0, libc::IPPROTO_TCP) => self.socktype = libc::SOCK_STREAM,
            (0, libc::IPPROTO_UDP) => self.socktype = libc::SOCK_DGRAM,
            (libc::SOCK_STREAM, 0) => self.protocol = libc::IPPROTO_TCP,
            (libc::SOCK_DGRAM, 0) => self.protocol = libc::IPPROTO_UDP,
            _ => {}
        }
    }
}

/// What can be said about a name without asking anybody.
#[derive(Debug)]
pub enum Known {
    /// The whole answer.
    Answer(List),
    /// Somebody has to be asked; the service's port and the completed hints are known.
    Ask(u16, Hints),
    /// An `EAI_*` code.
    Refused(c_int),
}

/// Answers for numeric addresses and for no name at all ("this host"), the way `getaddrinfo`
/// does; for anything else the port of the service is found at least.
pub fn known(node: Option<&CStr>, service: Option<&CStr>, mut hints: Hints) -> Known {
    if node.is_none() && service.is_none() {
        return Known::Refused(libc::EAI_NONAME);
    }
    if !matches!(hints.family, libc::AF_UNSPEC | libc::AF_INET | libc::AF_INET6) {
        return Known::Refused(libc::EAI_FAMILY);
    }
    hints.infer();
    let port = match service.map(|s| port_of(s, &hints)) {
        None => 0,
        Some(Some(port)) => port,
        Some(None) => return Known::Refused(libc::EAI_NONAME),
    };
    let mut list = List::new();
    let result = match node {
        None => this_host(&mut list, port, &hints),
        Some(name) => numeric(&mut list, name.to_bytes(), port, &hints),
    };
    match result {
        Err(_) => Known::Refused(libc::EAI_MEMORY),
        Ok(()) if !list.is_empty() => Known::Answer(list),
        Ok(()) if hints.flags & libc::AI_NUMERICHOST != 0 => Known::Refused(libc::EAI_NONAME),
        Ok(()) => Known::Ask(port, hints),
    }
}

/// The wildcard addresses for somebody who wants to listen, else the loopback ones.
fn this_host(list: &mut List, port: u16, hints: &Hints) -> Result<()> {
    let passive = hints.flags & libc::AI_PASSIVE != 0;
    if hints.family != libc::AF_INET6 {
        let address = if passive { [0; 4] } else { [127, 0, 0, 1] };
        list.push(&SockAddr::v4(address, port), hints)?;
    }
    if hints.family != libc::AF_INET {
        let last = u8::from(!passive);
        let address = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
        list.push(&SockAddr::v6(address, port, 0), hints)?;
    }
    Ok(())
}

fn numeric(list: &mut List, name: &[u8], port: u16, hints: &Hints) -> Result<()> {
    if hints.family != libc::AF_INET
        && let Some((address, scope)) = address::parse_ipv6_scoped(name)
    {
        return list.push(&SockAddr::v6(address, port, scope), hints);
    }
    if hints.family != libc::AF_INET6
        && let Some(address) = address::parse_ipv4(name)
    {
        return list.push(&SockAddr::v4(address, port), hints);
    }
    Ok(())
}

/// The port of a service: a number, or a name that `/etc/services` knows.
fn port_of(service: &CStr, hints: &Hints) -> Option<u16> {
    if let Some(port) = number::decimal(service.to_bytes(), 0..=65535) {
        return u16::try_from(port).ok();
    }
    if hints.flags & libc::AI_NUMERICSERV != 0 {
        return None;
    }
    // getservbyname keeps its answer in static storage; the system's getaddrinfo does the same
    // search and is safe with threads.
    // SAFETY: an all-zero addrinfo is a valid value of a plain C struct.
    let mut wanted: libc::addrinfo = unsafe { core::mem::zeroed() };
    wanted.ai_flags = libc::AI_NUMERICHOST;
    wanted.ai_family = libc::AF_INET;
    wanted.ai_socktype = hints.socktype;
    wanted.ai_protocol = hints.protocol;
    let mut res: *mut libc::addrinfo = null_mut();
    // SAFETY: strings, valid hints, and a place of our own for the result.
    let r = unsafe {
        libc::getaddrinfo(c"127.0.0.1".as_ptr(), service.as_ptr(), &raw const wanted, &raw mut res)
    };
    let list = NonNull::new(res)?;
    let mut port = None;
    if r == 0 {
        // SAFETY: a successful call returns at least one entry with an address of `ai_addrlen`
        // bytes.
        port = unsafe {
            let first = list.as_ref();
            SockAddr::from_raw(first.ai_addr, first.ai_addrlen).map(|a| a.port())
        };
    }
    // SAFETY: the list of this call, not used any more.
    unsafe { libc::freeaddrinfo(res) };
    port
}

/// The text for an `EAI_*` code: the same under every locale.
pub fn strerror(err: c_int) -> &'static CStr {
    match err {
        0 => c"No error",
        EAI_CANCEL => c"Request canceled",
        libc::EAI_BADFLAGS => c"invalid value for ai_flags",
        libc::EAI_NONAME => c"nodename nor servname provided, or not known",
        libc::EAI_AGAIN => c"temporary failure in name resolution",
        libc::EAI_FAIL => c"non-recoverable failure in name resolution",
        libc::EAI_NODATA => c"no address associated with nodename",
        libc::EAI_FAMILY => c"ai_family not supported",
        libc::EAI_SOCKTYPE => c"ai_socktype not supported",
        libc::EAI_SERVICE => c"servname not supported for ai_socktype",
        EAI_ADDRFAMILY => c"address family for nodename not supported",
        libc::EAI_MEMORY => c"memory allocation failure",
        libc::EAI_SYSTEM => c"system error",
        _ => {
            // SAFETY: glibc returns a static string for every number.
            unsafe { CStr::from_ptr(libc::gai_strerror(err)) }
        }
    }
}

/// glibc's value, which libc's crate does not have.
const EAI_ADDRFAMILY: c_int = -9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_names_need_nobody() {
        let hints = Hints::default();
        match known(Some(c"1.2.3.4"), Some(c"80"), hints) {
            Known::Answer(list) => {
                let raw = list.into_raw();
                // SAFETY: our own list of two entries.
                unsafe {
                    let first = raw.read();
                    assert_eq!(first.ai_socktype, libc::SOCK_STREAM);
                    assert_eq!(
                        SockAddr::from_raw(first.ai_addr, first.ai_addrlen).unwrap().port(),
                        80
                    );
                    assert_eq!(first.ai_next.read().ai_socktype, libc::SOCK_DGRAM);
                    free(raw);
                }
            }
            other => panic!("{other:?}"),
        }
        let stream = Hints { socktype: libc::SOCK_STREAM, ..hints };
        assert!(matches!(known(Some(c"host"), Some(c"80"), stream), Known::Ask(80, _)));
        assert!(matches!(known(None, None, hints), Known::Refused(libc::EAI_NONAME)));
        let unix = Hints { family: libc::AF_UNIX, ..hints };
        assert!(matches!(known(Some(c"x"), None, unix), Known::Refused(libc::EAI_FAMILY)));
        let numeric = Hints { flags: libc::AI_NUMERICHOST, ..hints };
        assert!(matches!(known(Some(c"x"), None, numeric), Known::Refused(libc::EAI_NONAME)));
    }
}
