//! `struct evhttp_uri`: a URI in parts, as C programs hold it.

use super::headers::{put_string, text};
use super::uri::{self, Flags, Parts};
use crate::error::{Error, Result};
use crate::mem;
use crate::util::scan::memchr;
use core::ptr::null_mut;
use libc::{c_char, c_int};

/// A URI in parts; opaque to C.
///
/// Parts made by the parser stand in one block behind the object (`block`), parts set later have
/// blocks of their own; which is which is told by their addresses.
#[derive(Debug)]
#[repr(C)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evhttp_uri {
    flags: u32,
    port: c_int,
    scheme: *mut c_char,
    userinfo: *mut c_char,
    host: *mut c_char,
    unix_socket: *mut c_char,
    path: *mut c_char,
    query: *mut c_char,
    fragment: *mut c_char,
    block: *mut u8,
    block_len: usize,
    /// The block is freed with the parts.
    owns_block: bool,
    /// A part may have a block of its own.
    loose: bool,
}

/// A component that is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// `http`
    Scheme,
    /// `user:password`
    UserInfo,
    /// A name or an address.
    Host,
    /// The path of a Unix socket.
    UnixSocket,
    /// `/a/b`
    Path,
    /// What follows `?`.
    Query,
    /// What follows `#`.
    Fragment,
}

impl evhttp_uri {
    /// No parts.
    pub(super) const EMPTY: Self = Self {
        flags: 0,
        port: -1,
        scheme: null_mut(),
        userinfo: null_mut(),
        host: null_mut(),
        unix_socket: null_mut(),
        path: null_mut(),
        query: null_mut(),
        fragment: null_mut(),
        block: null_mut(),
        block_len: 0,
        owns_block: false,
        loose: false,
    };

    fn slot(&mut self, which: Component) -> &mut *mut c_char {
        match which {
            Component::Scheme => &mut self.scheme,
            Component::UserInfo => &mut self.userinfo,
            Component::Host => &mut self.host,
            Component::UnixSocket => &mut self.unix_socket,
            Component::Path => &mut self.path,
            Component::Query => &mut self.query,
            Component::Fragment => &mut self.fragment,
        }
    }

    /// A component as a C string, null when it is absent.
    pub fn get(&self, which: Component) -> *const c_char {
        match which {
            Component::Scheme => self.scheme,
            Component::UserInfo => self.userinfo,
            Component::Host => self.host,
            Component::UnixSocket => self.unix_socket,
            Component::Path => self.path,
            Component::Query => self.query,
            Component::Fragment => self.fragment,
        }
    }

    /// A component as bytes.
    pub fn bytes(&self, which: Component) -> Option<&[u8]> {
        let p = self.get(which);
        // SAFETY: every component is null or a C string that lives until it is replaced, which
        // needs `&mut self`.
        (!p.is_null()).then(|| unsafe { text(p) })
    }

    /// The port, -1 when there is none.
    pub fn port(&self) -> c_int {
        self.port
    }

    /// The parser's flags.
    pub fn flags(&self) -> Flags {
        Flags::from_bits_retain(self.flags)
    }

    /// Sets the flags that checks of later parts obey.
    pub fn set_flags(&mut self, flags: Flags) {
        self.flags = flags.bits();
    }

    /// Sets the port; -1 for none.
    pub fn set_port(&mut self, port: c_int) -> Result<()> {
        if port < -1 {
            return Err(Error::Invalid);
        }
        self.port = port;
        Ok(())
    }

    /// Sets or removes a component; text that cannot be that component is refused.
    pub fn set(&mut self, which: Component, value: Option<&[u8]>) -> Result<()> {
        let fresh = match value {
            None => null_mut(),
            Some(v) => {
                let flags = self.flags();
                let valid = match which {
                    Component::Scheme => uri::scheme_is_valid(v),
                    Component::UserInfo => uri::userinfo_is_valid(v),
                    Component::Host => uri::host_is_valid(v),
                    Component::UnixSocket => true,
                    Component::Path => uri::path_is_valid(v, flags),
                    Component::Query => uri::query_is_valid(v, flags),
                    Component::Fragment => uri::fragment_is_valid(v, flags),
                };
                if !valid {
                    return Err(Error::Invalid);
                }
                let v = if which == Component::Host { uri::bare_host(v, flags) } else { v };
                mem::c_string(v)?.as_ptr()
            }
        };
        self.loose = true;
        let old = core::mem::replace(self.slot(which), fresh);
        self.free_part(old);
        Ok(())
    }

    fn free_part(&self, p: *mut c_char) {
        let start = self.block.addr();
        if !p.is_null() && !(start..start.wrapping_add(self.block_len)).contains(&p.addr()) {
            // SAFETY: parts outside the block were made by `set`, with a block of their own, and
            // nothing points to this one any more.
            unsafe { mem::free(p.cast()) };
        }
    }

    /// Frees what parts own; the object itself stays.
    pub(super) fn free_parts(&mut self) {
        if self.loose {
            for which in [
                Component::Scheme,
                Component::UserInfo,
                Component::Host,
                Component::UnixSocket,
                Component::Path,
                Component::Query,
                Component::Fragment,
            ] {
                let old = core::mem::replace(self.slot(which), null_mut());
                self.free_part(old);
            }
        }
        if self.owns_block {
            // SAFETY: `own_block` said that the block is ours; no part points into it any more.
            unsafe { mem::free(self.block) };
        }
        *self = Self { flags: self.flags, ..Self::EMPTY };
    }

    /// The storage given to `fill` is a block of [`crate::mem`] that goes with the parts.
    pub(super) fn own_block(&mut self) {
        self.owns_block = true;
    }

    /// How many bytes the parts of `p` take as C strings.
    pub(super) fn storage_len(p: &Parts<'_>) -> usize {
        // Each part is a piece of one text that is in memory; the sum cannot wrap.
        let one = |s: Option<&[u8]>| s.map_or(0, |s| s.len().wrapping_add(1));
        [p.scheme, p.userinfo, p.host, p.unix_socket, Some(p.path), p.query, p.fragment]
            .into_iter()
            .map(one)
            .fold(0, usize::wrapping_add)
    }

    /// Puts the parts into `storage`.
    ///
    /// # Safety
    /// `storage` has room for [`Self::storage_len`] bytes and outlives the object.
    pub(super) unsafe fn fill(&mut self, p: &Parts<'_>, flags: Flags, storage: *mut u8) {
        let mut at = storage;
        let mut put = |s: Option<&[u8]>| {
            let Some(s) = s else { return null_mut() };
            let start = at;
            // SAFETY: `storage_len` counted this part and its terminator.
            at = unsafe { put_string(at, s) };
            start.cast::<c_char>()
        };
        *self = Self {
            flags: flags.bits(),
            port: p.port.map_or(-1, c_int::from),
            scheme: put(p.scheme),
            userinfo: put(p.userinfo),
            host: put(p.host),
            unix_socket: put(p.unix_socket),
            path: put(Some(p.path)),
            query: put(p.query),
            fragment: put(p.fragment),
            block: storage,
            block_len: Self::storage_len(p),
            owns_block: false,
            loose: false,
        };
    }

    /// A URI that is nothing but a path: the C string `path` of `len` bytes.
    ///
    /// # Safety
    /// The string outlives the object.
    pub(super) unsafe fn fill_with_path(&mut self, path: *mut c_char, len: usize, flags: Flags) {
        *self = Self {
            flags: flags.bits(),
            path,
            block: path.cast(),
            block_len: len.wrapping_add(1),
            ..Self::EMPTY
        };
    }

    /// Writes the URI with a NUL into `out`; its length without the NUL.
    pub fn join(&self, out: &mut [u8]) -> Result<usize> {
        let get = |w| self.bytes(w);
        let path = get(Component::Path).unwrap_or_default();
        let mut at = 0usize;
        let mut put = |s: &[u8]| -> Result<()> {
            let end = at.checked_add(s.len()).ok_or(Error::Invalid)?;
            out.get_mut(at..end).ok_or(Error::Invalid)?.copy_from_slice(s);
            at = end;
            Ok(())
        };
        if let Some(scheme) = get(Component::Scheme) {
            put(scheme)?;
            put(b":")?;
        }
        if let Some(socket) = get(Component::UnixSocket) {
            put(b"//")?;
            if let Some(userinfo) = get(Component::UserInfo) {
                put(userinfo)?;
                put(b"@")?;
            }
            put(b"unix:")?;
            put(socket)?;
            put(b":")?;
        } else if let Some(host) = get(Component::Host) {
            put(b"//")?;
            if let Some(userinfo) = get(Component::UserInfo) {
                put(userinfo)?;
                put(b"@")?;
            }
            // A host stripped of its brackets gets them back.
            let strip = self.flags().contains(Flags::HOST_STRIP_BRACKETS);
            let bare = strip && memchr(b':', host).is_some();
            if bare {
                put(b"[")?;
            }
            put(host)?;
            if bare {
                put(b"]")?;
            }
            if let Ok(port) = u64::try_from(self.port) {
                put(b":")?;
                put(super::status::Decimal::new(port).as_bytes())?;
            }
            // Else the path would become part of the authority.
            if !matches!(path, [] | [b'/', ..]) {
                return Err(Error::Invalid);
            }
        }
        put(path)?;
        if let Some(query) = get(Component::Query) {
            put(b"?")?;
            put(query)?;
        }
        if let Some(fragment) = get(Component::Fragment) {
            put(b"#")?;
            put(fragment)?;
        }
        put(b"\0")?;
        Ok(at.saturating_sub(1))
    }
}

/// A URI without parts, for C to free with [`free`].
pub fn new() -> Result<*mut evhttp_uri> {
    let p =
        mem::alloc(size_of::<evhttp_uri>()).ok_or(Error::NoMemory)?.as_ptr().cast::<evhttp_uri>();
    // SAFETY: a fresh block of the right size; C alignment covers pointers.
    unsafe { p.write(evhttp_uri::EMPTY) };
    Ok(p)
}

/// Parses a URI reference into a new object.
pub fn parse(source: &[u8], flags: Flags) -> Result<*mut evhttp_uri> {
    let parts = Parts::parse(source, flags).map_err(|_| Error::Invalid)?;
    let size = size_of::<evhttp_uri>()
        .checked_add(evhttp_uri::storage_len(&parts))
        .ok_or(Error::NoMemory)?;
    let p = mem::alloc(size).ok_or(Error::NoMemory)?.as_ptr().cast::<evhttp_uri>();
    // SAFETY: the block holds the object and, behind it, the storage of the parts.
    unsafe {
        p.write(evhttp_uri::EMPTY);
        (*p).fill(&parts, flags, p.add(1).cast());
    }
    Ok(p)
}

/// Frees an object of [`new`] or [`parse`].
///
/// # Safety
/// `uri` is such an object and not used afterwards.
pub unsafe fn free(uri: *mut evhttp_uri) {
    // SAFETY: the caller's object; its parts are freed before the block they may stand in.
    unsafe {
        (*uri).free_parts();
        mem::free(uri.cast());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(u: &evhttp_uri) -> Option<String> {
        let mut out = [0; 200];
        let n = u.join(&mut out).ok()?;
        Some(core::str::from_utf8(&out[..n]).unwrap().to_owned())
    }

    #[test]
    fn round_trip_and_setters() {
        for text in ["", "http://u@h:80/p?q#f", "a:b", "//h", "?q", "file:///x", "http://[::1]:1/"]
        {
            let p = parse(text.as_bytes(), Flags::empty()).unwrap();
            // SAFETY: `p` is the object just made, freed once at the end.
            unsafe {
                assert_eq!(joined(&*p).as_deref(), Some(text));
                let u = &mut *p;
                u.set(Component::Host, Some(b"other")).unwrap();
                u.set(Component::Host, Some(b"again")).unwrap();
                assert_eq!(u.set(Component::Host, Some(b"a b")), Err(Error::Invalid));
                u.set(Component::Path, Some(b"/x")).unwrap();
                u.set(Component::Query, None).unwrap();
                u.set(Component::Fragment, None).unwrap();
                u.set_port(65536).unwrap();
                assert_eq!(u.set_port(-2), Err(Error::Invalid));
                assert!(joined(u).unwrap().ends_with("again:65536/x"));
                assert!(u.join(&mut [0; 3]).is_err());
                u.set(Component::Path, Some(b"x")).unwrap();
                assert_eq!(joined(u), None);
                free(p);
            }
        }
        let p = parse(b"ftp://[::1]/", Flags::HOST_STRIP_BRACKETS).unwrap();
        // SAFETY: as above.
        unsafe {
            let host = |u: &evhttp_uri| {
                core::ffi::CStr::from_ptr(u.get(Component::Host)).to_bytes().to_vec()
            };
            assert_eq!(host(&*p), b"::1");
            (*p).set(Component::Host, Some(b"[ff00::2]")).unwrap();
            assert_eq!(host(&*p), b"ff00::2");
            assert_eq!(joined(&*p).as_deref(), Some("ftp://[ff00::2]/"));
            free(p);
        }
        let p = new().unwrap();
        // SAFETY: as above.
        unsafe {
            assert_eq!(joined(&*p).as_deref(), Some(""));
            free(p);
        }
    }
}
