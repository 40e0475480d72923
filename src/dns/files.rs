//! `resolv.conf` and the hosts file, read into a resolver.

use super::base::{self, Host, evdns_base, lock};
use super::config::{self, Line};
use super::{server, types};
use crate::error::{Error, Result};
use crate::mem::{self, TryPush};
use crate::sys::file;
use crate::util::address::SockAddr;
use core::ffi::CStr;
use libc::c_int;

/// No configuration is that large; what is, is something else.
const MAX_SIZE: usize = 16 << 20;

/// The whole content of a file, or `EVDNS_ERROR_*`.
fn read(path: &CStr) -> core::result::Result<mem::Vec<u8>, c_int> {
    let fd = file::open_read(path).map_err(|_| types::EVDNS_ERROR_FAILED_TO_OPEN_FILE)?;
    let result = read_fd(fd);
    file::close(fd);
    result
}

fn read_fd(fd: c_int) -> core::result::Result<mem::Vec<u8>, c_int> {
    let size = file::size(fd).map_err(|_| types::EVDNS_ERROR_FAILED_TO_STAT_FILE)?;
    if size > MAX_SIZE {
        return Err(types::EVDNS_ERROR_FILE_TOO_LARGE);
    }
    let mut content = mem::Vec::new_in(mem::Heap);
    content.try_reserve_exact(size).map_err(|_| types::EVDNS_ERROR_OUT_OF_MEMORY)?;
    // SAFETY: `size` bytes were reserved, and as many as were read are initialised.
    unsafe {
        let n = file::read_at(fd, content.as_mut_ptr(), size, 0)
            .map_err(|_| types::EVDNS_ERROR_SHORT_READ_FROM_FILE)?;
        content.set_len(n);
    }
    Ok(content)
}

/// Reads a `resolv.conf`, as far as `flags` (`DNS_OPTION_*`) say. Returns `EVDNS_ERROR_*`.
///
/// # Safety
/// `b` is alive and not locked.
pub unsafe fn resolv_conf(b: *mut evdns_base, flags: c_int, path: Option<&CStr>) -> c_int {
    // SAFETY: by contract, here and below.
    unsafe {
        let _guard = lock(b);
        if flags & types::DNS_OPTION_HOSTSFILE != 0 {
            let _ = load_hosts(b, Some(c"/etc/hosts"));
        }
        let add_default = flags & types::DNS_OPTION_NAMESERVERS != 0
            && flags & types::DNS_OPTION_NAMESERVERS_NO_DEFAULT == 0;
        let content = match path.ok_or(types::EVDNS_ERROR_FAILED_TO_OPEN_FILE).and_then(read) {
            Ok(content) => content,
            Err(code) => {
                if code == types::EVDNS_ERROR_FAILED_TO_OPEN_FILE {
                    // No file: a resolver on this host is the best guess.
                    if flags & types::DNS_OPTION_SEARCH != 0 {
                        search_from_host_name(b);
                    }
                    if add_default {
                        server::add_text(b, b"127.0.0.1");
                    }
                }
                return code;
            }
        };
        for line in config::lines(&content) {
            resolv_line(b, line, flags);
        }
        let mut code = types::EVDNS_ERROR_NONE;
        if (*b).servers.is_null() && add_default {
            server::add_text(b, b"127.0.0.1");
            code = types::EVDNS_ERROR_NO_NAMESERVERS_CONFIGURED;
        }
        if flags & types::DNS_OPTION_SEARCH != 0 && (*(*b).search).search.is_empty() {
            search_from_host_name(b);
        }
        code
    }
}

unsafe fn resolv_line(b: *mut evdns_base, line: &[u8], flags: c_int) {
    let servers = flags & types::DNS_OPTION_NAMESERVERS != 0;
    let search = flags & types::DNS_OPTION_SEARCH != 0;
    // SAFETY: alive and locked by contract. Without memory a line has no effect.
    unsafe {
        match Line::parse(line) {
            Line::Nameserver(address) if servers => {
                server::add_text(b, address);
            }
            Line::Domain(domain) if search => {
                base::search_clear(b);
                base::search_add(b, domain);
            }
            Line::Search(domains) if search => {
                base::search_clear(b);
                for domain in config::words(domains) {
                    base::search_add(b, domain);
                }
                let _ = base::change_search(b, |s| {
                    s.reverse();
                    Ok(())
                });
            }
            Line::Options(options) => {
                for option in config::words(options) {
                    let _ = base::set_option(b, option, Some(config::option_value(option)), flags);
                }
            }
            _ => {}
        }
    }
}

/// The domain of this host is where short names are looked for.
#[inline(never)]
unsafe fn search_from_host_name(b: *mut evdns_base) {
    let mut name = [0_u8; 256];
    // SAFETY: the buffer and its length are ours; the last byte stays 0.
    let failed = unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) } != 0;
    // SAFETY: alive and locked by contract.
    unsafe {
        base::search_clear(b);
        if failed {
            return;
        }
        let end = name.iter().position(|&c| c == 0).unwrap_or(name.len());
        let name = name.get(..end).unwrap_or_default();
        if let Some(dot) = name.iter().position(|&c| c == b'.') {
            base::search_add(b, name.get(dot..).unwrap_or_default());
        }
    }
}

/// Reads a hosts file; without one, `localhost` is known at least.
///
/// # Safety
/// `b` is alive.
pub unsafe fn load_hosts(b: *mut evdns_base, path: Option<&CStr>) -> Result<()> {
    // SAFETY: by contract.
    unsafe {
        let _guard = lock(b);
        match path.map(read) {
            Some(Ok(content)) => {
                for line in config::lines(&content) {
                    add_line(b, line)?;
                }
                Ok(())
            }
            other => {
                add_line(b, b"127.0.0.1 localhost")?;
                add_line(b, b"::1 localhost")?;
                if other.is_some() { Err(Error::Invalid) } else { Ok(()) }
            }
        }
    }
}

unsafe fn add_line(b: *mut evdns_base, line: &[u8]) -> Result<()> {
    let Some((address, names)) = config::hosts_line(line) else { return Ok(()) };
    for name in names {
        let mut copy = mem::Vec::new_in(mem::Heap);
        copy.try_reserve_exact(name.len()).map_err(|_| Error::NoMemory)?;
        copy.extend_from_slice(name);
        // SAFETY: alive and locked by contract.
        unsafe { (*b).hosts.try_push(Host { name: copy, address }) }?;
    }
    Ok(())
}

/// Forgets what the hosts file said.
///
/// # Safety
/// `b` is alive and not locked.
pub unsafe fn clear_hosts(b: *mut evdns_base) {
    // SAFETY: by contract.
    unsafe {
        let _guard = lock(b);
        (*b).hosts.clear();
    }
}

/// The addresses that the hosts file gives a name.
///
/// # Safety
/// `b` is alive and locked, and stays so while the addresses are in use.
pub(super) unsafe fn hosts_of<'a>(
    b: *mut evdns_base,
    name: &'a [u8],
) -> impl Iterator<Item = SockAddr> + 'a {
    // SAFETY: by contract.
    let hosts: &'a mem::Vec<Host> = unsafe { &(*b).hosts };
    hosts.iter().filter(move |h| h.name.eq_ignore_ascii_case(name)).map(|h| h.address)
}
