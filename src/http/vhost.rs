//! Virtual hosts: servers inside a server, chosen by the request's host.

use super::server::{self, evhttp};
use crate::error::{Error, Result};
use crate::mem::{self, TryPush};
use core::ptr::null_mut;

/// The names of a server, and the servers inside it.
pub(crate) struct Hosts {
    parent: *mut evhttp,
    /// What the parent matches hosts against.
    pattern: mem::Vec<u8>,
    aliases: mem::Vec<mem::Vec<u8>>,
    children: mem::Vec<*mut evhttp>,
}

impl Hosts {
    pub(crate) fn new() -> Self {
        Self {
            parent: null_mut(),
            pattern: mem::Vec::new_in(mem::Heap),
            aliases: mem::Vec::new_in(mem::Heap),
            children: mem::Vec::new_in(mem::Heap),
        }
    }
}

/// Whether `name` matches `pattern`, where `*` stands for any text; case does not matter.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (pattern, name);
    // Where to go on when the rest does not fit behind the last star: that star takes one more.
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        match (p, n) {
            ([b'*', rest @ ..], _) => {
                retry = Some((rest, n));
                p = rest;
                continue;
            }
            ([a, pr @ ..], [b, nr @ ..]) if a.eq_ignore_ascii_case(b) => {
                p = pr;
                n = nr;
                continue;
            }
            ([], []) => return true,
            _ => {}
        }
        match retry {
            Some((rest, [_, shorter @ ..])) => {
                retry = Some((rest, shorter));
                p = rest;
                n = shorter;
            }
            _ => return false,
        }
    }
}

/// The server with this alias, in the whole tree.
unsafe fn by_alias(http: *mut evhttp, name: &[u8]) -> Option<*mut evhttp> {
    // SAFETY: the caller's server and, as long as it lives, its children.
    unsafe {
        let hosts = &(*http).hosts;
        if hosts.aliases.iter().any(|a| a.eq_ignore_ascii_case(name)) {
            return Some(http);
        }
        hosts.children.iter().find_map(|c| by_alias(*c, name))
    }
}

/// Whether every host leads to `http` itself.
///
/// # Safety
/// `http` is live.
pub(crate) unsafe fn is_alone(http: *const evhttp) -> bool {
    // SAFETY: the caller's server.
    unsafe { (*http).hosts.children.is_empty() }
}

/// The innermost server for a host (`http` itself when nothing matches), and whether anything did.
///
/// # Safety
/// `http` is live.
pub(crate) unsafe fn find(http: *mut evhttp, name: &[u8]) -> (*mut evhttp, bool) {
    // SAFETY: the caller's server and its children.
    unsafe {
        if let Some(found) = by_alias(http, name) {
            return (found, true);
        }
        let mut at = http;
        while let Some(next) =
            (*at).hosts.children.iter().copied().find(|c| matches(&(**c).hosts.pattern, name))
        {
            at = next;
        }
        (at, at != http)
    }
}

/// Puts `child` into `http` for hosts that match `pattern`.
///
/// # Safety
/// Both are live.
pub(crate) unsafe fn add(http: *mut evhttp, pattern: &[u8], child: *mut evhttp) -> Result<()> {
    // SAFETY: the caller's servers.
    unsafe {
        let taken = !(*child).hosts.parent.is_null();
        // A ring would be searched forever.
        let mut up = http;
        while !up.is_null() {
            if up == child {
                return Err(Error::Invalid);
            }
            up = (*up).hosts.parent;
        }
        if taken || !(*child).sockets.is_null() {
            return Err(Error::Invalid);
        }
        let mut copy = mem::Vec::new_in(mem::Heap);
        copy.try_reserve_exact(pattern.len()).map_err(|_| Error::NoMemory)?;
        copy.extend_from_slice(pattern);
        let children = &mut (*http).hosts.children;
        children.try_push(child)?;
        (*child).hosts.pattern = copy;
        (*child).hosts.parent = http;
        Ok(())
    }
}

/// Takes `child` out of `http`.
///
/// # Safety
/// Both are live.
pub(crate) unsafe fn remove(http: *mut evhttp, child: *mut evhttp) -> Result<()> {
    // SAFETY: the caller's servers.
    unsafe {
        let children = &mut (*http).hosts.children;
        let i = children.iter().position(|c| *c == child).ok_or(Error::Invalid)?;
        children.remove(i);
        (*child).hosts.pattern = mem::Vec::new_in(mem::Heap);
        (*child).hosts.parent = null_mut();
        Ok(())
    }
}

/// Gives a server another name.
///
/// # Safety
/// `http` is live.
pub(crate) unsafe fn add_alias(http: *mut evhttp, name: &[u8]) -> Result<()> {
    let mut copy = mem::Vec::new_in(mem::Heap);
    copy.try_reserve_exact(name.len()).map_err(|_| Error::NoMemory)?;
    copy.extend_from_slice(name);
    // SAFETY: the caller's server.
    unsafe {
        let aliases = &mut (*http).hosts.aliases;
        aliases.try_push(copy)
    }
}

/// Takes a name away.
///
/// # Safety
/// `http` is live.
pub(crate) unsafe fn remove_alias(http: *mut evhttp, name: &[u8]) -> Result<()> {
    // SAFETY: the caller's server.
    unsafe {
        let aliases = &mut (*http).hosts.aliases;
        let i = aliases.iter().position(|a| a.eq_ignore_ascii_case(name)).ok_or(Error::Invalid)?;
        drop(aliases.remove(i));
        Ok(())
    }
}

/// Frees the servers inside, and takes `http` out of the one it is in.
///
/// # Safety
/// `http` is being freed.
pub(crate) unsafe fn free_all(http: *mut evhttp) {
    // SAFETY: the caller's server; each child is forgotten before it is freed.
    unsafe {
        let parent = (*http).hosts.parent;
        if !parent.is_null() {
            let _ = remove(parent, http);
        }
        loop {
            let children = &mut (*http).hosts.children;
            let Some(child) = children.pop() else { break };
            (*child).hosts.parent = null_mut();
            server::free(child);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, fits) in [
            ("a.example", "A.Example", true),
            ("*.example", "a.example", true),
            ("*.example", "example", false),
            ("*", "", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abde", false),
            ("a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", false),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), fits, "{pattern} {name}");
        }
    }
}
