//! URIs, queries and escapes of `event2/http.h`.
//!
//! These functions work on their arguments alone and may be called from any thread. Strings that
//! they return are freed with `free` (or what `event_set_mem_functions` has set).

use crate::capi::convert::{bytes, set_errno, status};
use crate::error::Result;
use crate::http::escape::{self, QueryRules};
use crate::http::evhttp_uri;
use crate::http::keyvalq_raw::evkeyvalq;
use crate::http::types::{EVHTTP_URI_QUERY_LAST_VAL, EVHTTP_URI_QUERY_NONCONFORMANT};
use crate::http::uri::{Flags, Plus};
use crate::http::uri_object::{self, Component};
use core::ptr::{NonNull, null, null_mut};
use libc::{c_char, c_int, c_uint, size_t, ssize_t};

fn string(result: Result<NonNull<c_char>>) -> *mut c_char {
    match result {
        Ok(p) => p.as_ptr(),
        Err(e) => {
            set_errno(e);
            null_mut()
        }
    }
}

/// Percent-encodes everything but letters, digits, `-`, `.`, `_`, `~`.
///
/// The caller frees the result with `free`. NULL for NULL or without memory.
///
/// # Safety
/// `str` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_encode_uri(str: *const c_char) -> *mut c_char {
    // SAFETY: the same contract.
    unsafe { evhttp_uriencode(str, -1, 0) }
}

/// As `evhttp_encode_uri`; `size` bytes, which may hold NUL, or up to the NUL when it is negative.
///
/// With `space_to_plus` blanks become `+`. The caller frees the result. NULL for NULL or without memory.
///
/// # Safety
/// `str` is NULL, or has `size` bytes, or is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uriencode(
    str: *const c_char,
    size: ssize_t,
    space_to_plus: c_int,
) -> *mut c_char {
    if str.is_null() {
        return null_mut();
    }
    let text = match usize::try_from(size) {
        // SAFETY: `size` readable bytes (caller).
        Ok(n) => unsafe { core::slice::from_raw_parts(str.cast::<u8>(), n) },
        // SAFETY: a C string (caller).
        Err(_) => unsafe { bytes(str) }.unwrap_or_default(),
    };
    string(escape::encode(text, space_to_plus != 0))
}

/// Decodes percent escapes, and `+` to a blank behind the first `?`.
///
/// An old rule that fits neither URIs nor their parts: `evhttp_uridecode` is better. Escapes that are
/// none stay as they are, and so does `%00`, which would cut the string. The caller frees the result.
///
/// # Safety
/// `uri` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_decode_uri(uri: *const c_char) -> *mut c_char {
    // SAFETY: NULL or a C string.
    let Some(text) = (unsafe { bytes(uri) }) else { return null_mut() };
    string(escape::decode(text, Plus::BlankInQuery, false).map(|(p, _)| p))
}

/// Decodes percent escapes; with `decode_plus` also `+` to a blank.
///
/// The length goes to `size_out`. Only when that is not NULL is `%00` decoded, since the string would
/// seem cut else. Escapes that are none stay as they are. The caller frees the result.
///
/// # Safety
/// `uri` is NULL or a C string. `size_out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uridecode(
    uri: *const c_char,
    decode_plus: c_int,
    size_out: *mut size_t,
) -> *mut c_char {
    // SAFETY: NULL or a C string.
    let Some(text) = (unsafe { bytes(uri) }) else { return null_mut() };
    let plus = if decode_plus != 0 { Plus::Blank } else { Plus::Keep };
    let decoded = escape::decode(text, plus, !size_out.is_null());
    // SAFETY: NULL or writable.
    if let (Ok((_, n)), Some(to)) = (&decoded, unsafe { size_out.as_mut() }) {
        *to = *n;
    }
    string(decoded.map(|(p, _)| p))
}

/// Makes `headers` the list of the parameters in a URI's query. `evhttp_parse_query_str` is better.
///
/// A URI without `?` has none. Returns 0, or -1 when the URI or its query is malformed.
///
/// # Safety
/// `uri` is NULL or a C string. `headers` is NULL or writable; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_parse_query(uri: *const c_char, headers: *mut evkeyvalq) -> c_int {
    // SAFETY: NULL or a C string.
    match unsafe { bytes(uri) } {
        Some(text) if !headers.is_null() => {
            // SAFETY: writable.
            status(unsafe { escape::parse_uri_query(text, headers) })
        }
        _ => -1,
    }
}

/// Makes `headers` the list of the parameters in a query.
///
/// `q=test&s=some+thing` gives "q", "test" and "s", "some thing". Keys are not decoded; `%00` in
/// values is not either. `evhttp_clear_headers` frees the list. Returns 0, or -1, with an empty list,
/// when a parameter has no `=` or no key.
///
/// # Safety
/// `uri` is NULL or a C string. `headers` is NULL or writable; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_parse_query_str(
    uri: *const c_char,
    headers: *mut evkeyvalq,
) -> c_int {
    // SAFETY: the same contract.
    unsafe { evhttp_parse_query_str_flags(uri, headers, 0) }
}

/// As `evhttp_parse_query_str`.
///
/// `EVHTTP_URI_QUERY_NONCONFORMANT` takes parameters without a value and skips those without a key;
/// with `EVHTTP_URI_QUERY_LAST_VAL` the last of several values of a key counts.
///
/// # Safety
/// `uri` is NULL or a C string. `headers` is NULL or writable; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_parse_query_str_flags(
    uri: *const c_char,
    headers: *mut evkeyvalq,
    flags: c_uint,
) -> c_int {
    let rules = QueryRules {
        lenient: flags & EVHTTP_URI_QUERY_NONCONFORMANT != 0,
        last_value: flags & EVHTTP_URI_QUERY_LAST_VAL != 0,
    };
    // SAFETY: NULL or a C string.
    match unsafe { bytes(uri) } {
        Some(text) if !headers.is_null() => {
            // SAFETY: writable.
            status(unsafe { escape::parse_query(text, headers, rules) })
        }
        _ => -1,
    }
}

/// Replaces `<`, `>`, `"`, `'` and `&` by their entities. The caller frees the result.
///
/// NULL for NULL or without memory.
///
/// # Safety
/// `html` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_htmlescape(html: *const c_char) -> *mut c_char {
    // SAFETY: NULL or a C string.
    let Some(text) = (unsafe { bytes(html) }) else { return null_mut() };
    string(escape::html(text))
}

/// A URI without parts; `evhttp_uri_free` frees it. NULL without memory.
#[unsafe(no_mangle)]
pub extern "C" fn evhttp_uri_new() -> *mut evhttp_uri {
    uri_object::new().unwrap_or_else(|e| {
        set_errno(e);
        null_mut()
    })
}

/// Takes a URI or a relative reference apart (RFC 3986). No escapes are decoded.
///
/// `flags` are `EVHTTP_URI_*`. Parts that are missing are NULL, the port -1; the path is never NULL.
/// `evhttp_uri_free` frees the result. NULL when the text is no URI reference, or without memory.
///
/// # Safety
/// `source_uri` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_parse_with_flags(
    source_uri: *const c_char,
    flags: c_uint,
) -> *mut evhttp_uri {
    // SAFETY: NULL or a C string.
    let Some(text) = (unsafe { bytes(source_uri) }) else { return null_mut() };
    uri_object::parse(text, Flags::from_bits_retain(flags)).unwrap_or_else(|e| {
        set_errno(e);
        null_mut()
    })
}

/// As `evhttp_uri_parse_with_flags` without flags.
///
/// # Safety
/// `source_uri` is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_parse(source_uri: *const c_char) -> *mut evhttp_uri {
    // SAFETY: the same contract.
    unsafe { evhttp_uri_parse_with_flags(source_uri, 0) }
}

/// Frees a URI of `evhttp_uri_new` or `evhttp_uri_parse`. NULL is fine.
///
/// # Safety
/// `uri` is NULL or such a URI, not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_free(uri: *mut evhttp_uri) {
    if !uri.is_null() {
        // SAFETY: given up by the caller.
        unsafe { uri_object::free(uri) };
    }
}

/// Writes a URI into `buf`, with a NUL. Nothing is escaped.
///
/// Returns `buf`, or NULL when it does not fit into `limit` bytes, or when there is a host and a path
/// that does not begin with `/`.
///
/// # Safety
/// `uri` is NULL or live; `buf` is NULL or has room for `limit` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_join(
    uri: *mut evhttp_uri,
    buf: *mut c_char,
    limit: size_t,
) -> *mut c_char {
    // SAFETY: NULL or live.
    let Some(u) = (unsafe { uri.as_ref() }) else { return null_mut() };
    if buf.is_null() {
        return null_mut();
    }
    // SAFETY: `limit` writable bytes (caller).
    let out = unsafe { core::slice::from_raw_parts_mut(buf.cast::<u8>(), limit) };
    if u.join(out).is_ok() { buf } else { null_mut() }
}

/// Sets the `EVHTTP_URI_*` flags that later checks of this URI obey.
///
/// # Safety
/// `uri` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_set_flags(uri: *mut evhttp_uri, flags: c_uint) {
    // SAFETY: NULL or live.
    if let Some(u) = unsafe { uri.as_mut() } {
        u.set_flags(Flags::from_bits_retain(flags));
    }
}

/// The scheme. NULL when there is none. It lives until it is replaced.
///
/// # Safety
/// `uri` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_get_scheme(uri: *const evhttp_uri) -> *const c_char {
    // SAFETY: NULL or live.
    unsafe { uri.as_ref() }.map_or(null(), |u| u.get(Component::Scheme))
}

/// What stands before the `@`. NULL when there is none. It lives until it is replaced.
///
/// # Safety
/// `uri` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_get_userinfo(uri: *const evhttp_uri) -> *const c_char {
    // SAFETY: NULL or live.
    unsafe { uri.as_ref() }.map_or(null(), |u| u.get(Component::UserInfo))
}

/// The host: a name, an address, or a bracketed address, possibly empty; NULL when there is no authority. It lives until it is replaced.
///
/// # Safety
/// `uri` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_get_host(uri: *const evhttp_uri) -> *const c_char {
    // SAFETY: NULL or live.
    unsafe { uri.as_ref() }.map_or(null(), |u| u.get(Component::Host))
}

/// The path. NULL when there is none. It lives until it is replaced.
///
/// # Safety
/// `uri` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_get_path(uri: *const evhttp_uri) -> *const c_char {
    // SAFETY: NULL or live.
    unsafe { uri.as_ref() }.map_or(null(), |u| u.get(Component::Path))
}

/// The query, without `?`. NULL when there is none. It lives until it is replaced.
///
/// # Safety
/// `uri` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_get_query(uri: *const evhttp_uri) -> *const c_char {
    // SAFETY: NULL or live.
    unsafe { uri.as_ref() }.map_or(null(), |u| u.get(Component::Query))
}

/// The fragment, without `#`. NULL when there is none. It lives until it is replaced.
///
/// # Safety
/// `uri` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_get_fragment(uri: *const evhttp_uri) -> *const c_char {
    // SAFETY: NULL or live.
    unsafe { uri.as_ref() }.map_or(null(), |u| u.get(Component::Fragment))
}

/// The path of the Unix socket. NULL when there is none. It lives until it is replaced.
///
/// # Safety
/// `uri` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_get_unixsocket(uri: *const evhttp_uri) -> *const c_char {
    // SAFETY: NULL or live.
    unsafe { uri.as_ref() }.map_or(null(), |u| u.get(Component::UnixSocket))
}

/// Sets the scheme, or removes it with NULL. Returns 0, or -1 when the text cannot be that.
///
/// # Safety
/// `uri` is NULL or live; the text is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_set_scheme(
    uri: *mut evhttp_uri,
    scheme: *const c_char,
) -> c_int {
    // SAFETY: NULL or live; NULL or a C string.
    match unsafe { (uri.as_mut(), bytes(scheme)) } {
        (Some(u), text) => status(u.set(Component::Scheme, text)),
        (None, _) => -1,
    }
}

/// Sets the user info, or removes it with NULL. Returns 0, or -1 when the text cannot be that.
///
/// # Safety
/// `uri` is NULL or live; the text is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_set_userinfo(
    uri: *mut evhttp_uri,
    userinfo: *const c_char,
) -> c_int {
    // SAFETY: NULL or live; NULL or a C string.
    match unsafe { (uri.as_mut(), bytes(userinfo)) } {
        (Some(u), text) => status(u.set(Component::UserInfo, text)),
        (None, _) => -1,
    }
}

/// Sets the host, or removes it with NULL. Returns 0, or -1 when the text cannot be that.
///
/// # Safety
/// `uri` is NULL or live; the text is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_set_host(uri: *mut evhttp_uri, host: *const c_char) -> c_int {
    // SAFETY: NULL or live; NULL or a C string.
    match unsafe { (uri.as_mut(), bytes(host)) } {
        (Some(u), text) => status(u.set(Component::Host, text)),
        (None, _) => -1,
    }
}

/// Sets the path, or removes it with NULL. Returns 0, or -1 when the text cannot be that.
///
/// # Safety
/// `uri` is NULL or live; the text is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_set_path(uri: *mut evhttp_uri, path: *const c_char) -> c_int {
    // SAFETY: NULL or live; NULL or a C string.
    match unsafe { (uri.as_mut(), bytes(path)) } {
        (Some(u), text) => status(u.set(Component::Path, text)),
        (None, _) => -1,
    }
}

/// Sets the query, or removes it with NULL. Returns 0, or -1 when the text cannot be that.
///
/// # Safety
/// `uri` is NULL or live; the text is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_set_query(uri: *mut evhttp_uri, query: *const c_char) -> c_int {
    // SAFETY: NULL or live; NULL or a C string.
    match unsafe { (uri.as_mut(), bytes(query)) } {
        (Some(u), text) => status(u.set(Component::Query, text)),
        (None, _) => -1,
    }
}

/// Sets the fragment, or removes it with NULL. Returns 0, or -1 when the text cannot be that.
///
/// # Safety
/// `uri` is NULL or live; the text is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_set_fragment(
    uri: *mut evhttp_uri,
    fragment: *const c_char,
) -> c_int {
    // SAFETY: NULL or live; NULL or a C string.
    match unsafe { (uri.as_mut(), bytes(fragment)) } {
        (Some(u), text) => status(u.set(Component::Fragment, text)),
        (None, _) => -1,
    }
}

/// Sets the path of the Unix socket, or removes it with NULL. Returns 0, or -1 when the text cannot be that.
///
/// # Safety
/// `uri` is NULL or live; the text is NULL or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_set_unixsocket(
    uri: *mut evhttp_uri,
    unixsocket: *const c_char,
) -> c_int {
    // SAFETY: NULL or live; NULL or a C string.
    match unsafe { (uri.as_mut(), bytes(unixsocket)) } {
        (Some(u), text) => status(u.set(Component::UnixSocket, text)),
        (None, _) => -1,
    }
}

/// The port, -1 when there is none.
///
/// # Safety
/// `uri` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_get_port(uri: *const evhttp_uri) -> c_int {
    // SAFETY: NULL or live.
    unsafe { uri.as_ref() }.map_or(-1, evhttp_uri::port)
}

/// Sets the port; -1 removes it. Returns 0, or -1 for a smaller number.
///
/// # Safety
/// `uri` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evhttp_uri_set_port(uri: *mut evhttp_uri, port: c_int) -> c_int {
    // SAFETY: NULL or live.
    unsafe { uri.as_mut() }.map_or(-1, |u| status(u.set_port(port)))
}
