//! The constants and callback shapes of `event2/dns.h`.
#![allow(non_camel_case_types, non_upper_case_globals, reason = "C names")]

use super::raw::evdns_server_request;
use core::ffi::{c_char, c_void};
use libc::{addrinfo, c_int, c_uint};

/// No error.
pub const DNS_ERR_NONE: c_int = 0;
/// The server could not read the query.
pub const DNS_ERR_FORMAT: c_int = 1;
/// Something went wrong in the server.
pub const DNS_ERR_SERVERFAILED: c_int = 2;
/// There is no such name.
pub const DNS_ERR_NOTEXIST: c_int = 3;
/// The server does not know this kind of query.
pub const DNS_ERR_NOTIMPL: c_int = 4;
/// The server does not want to.
pub const DNS_ERR_REFUSED: c_int = 5;
/// The answer was cut off.
pub const DNS_ERR_TRUNCATED: c_int = 65;
/// Something unknown.
pub const DNS_ERR_UNKNOWN: c_int = 66;
/// No answer in time.
pub const DNS_ERR_TIMEOUT: c_int = 67;
/// The resolver is being shut down.
pub const DNS_ERR_SHUTDOWN: c_int = 68;
/// The request was cancelled.
pub const DNS_ERR_CANCEL: c_int = 69;
/// There is such a name, but no record of this type.
pub const DNS_ERR_NODATA: c_int = 70;

/// The answer has IPv4 addresses (`struct in_addr`).
pub const DNS_IPv4_A: c_int = 1;
/// The answer is a name (`char **`).
pub const DNS_PTR: c_int = 2;
/// The answer has IPv6 addresses (`struct in6_addr`).
pub const DNS_IPv6_AAAA: c_int = 3;
/// The answer is the name that the asked one stands for (`char *`; since 2.2).
pub const DNS_CNAME: c_int = 4;

/// The name is taken as it is: no search list.
pub const DNS_QUERY_NO_SEARCH: c_int = 0x01;
/// The query goes over TCP (since 2.2).
pub const DNS_QUERY_USEVC: c_int = 0x02;
/// Truncated answers are taken as they are (since 2.2).
pub const DNS_QUERY_IGNTC: c_int = 0x04;
/// The callback is called a second time, with the canonical name, when the answer has one (since 2.2).
pub const DNS_CNAME_CALLBACK: c_int = 0x80;

/// Read `domain`, `search` and the like from the configuration.
pub const DNS_OPTION_SEARCH: c_int = 1;
/// Read the name servers from the configuration.
pub const DNS_OPTION_NAMESERVERS: c_int = 2;
/// Read everything else from the configuration.
pub const DNS_OPTION_MISC: c_int = 4;
/// Read the hosts file.
pub const DNS_OPTION_HOSTSFILE: c_int = 8;
/// All of them.
pub const DNS_OPTIONS_ALL: c_int = 15;
/// Without name servers in the configuration do not ask the local host.
pub const DNS_OPTION_NAMESERVERS_NO_DEFAULT: c_int = 16;

/// The old name of `DNS_QUERY_NO_SEARCH`.
pub const DNS_NO_SEARCH: c_int = 1;

/// `evdns_base_new`: read the system's configuration.
pub const EVDNS_BASE_INITIALIZE_NAMESERVERS: c_int = 1;
/// `evdns_base_new`: keep no descriptor open and do not keep the loop alive while nothing is asked.
pub const EVDNS_BASE_DISABLE_WHEN_INACTIVE: c_int = 0x8000;
/// `evdns_base_new`: without name servers in the configuration do not ask the local host.
pub const EVDNS_BASE_NAMESERVERS_NO_DEFAULT: c_int = 0x10000;
/// `evdns_base_new`: `evdns_cache_write` does nothing (since 2.2).
pub const EVDNS_BASE_NO_CACHE: c_int = 0x10;

/// Reading a configuration file went well (since 2.2).
pub const EVDNS_ERROR_NONE: c_int = 0;
/// It could not be opened (since 2.2).
pub const EVDNS_ERROR_FAILED_TO_OPEN_FILE: c_int = 1;
/// Its size could not be found (since 2.2).
pub const EVDNS_ERROR_FAILED_TO_STAT_FILE: c_int = 2;
/// It is too large (since 2.2).
pub const EVDNS_ERROR_FILE_TOO_LARGE: c_int = 3;
/// Out of memory (since 2.2).
pub const EVDNS_ERROR_OUT_OF_MEMORY: c_int = 4;
/// It could not be read to its end (since 2.2).
pub const EVDNS_ERROR_SHORT_READ_FROM_FILE: c_int = 5;
/// It names no server (since 2.2).
pub const EVDNS_ERROR_NO_NAMESERVERS_CONFIGURED: c_int = 6;

/// The section of answers.
pub const EVDNS_ANSWER_SECTION: c_int = 0;
/// The section of authorities.
pub const EVDNS_AUTHORITY_SECTION: c_int = 1;
/// The section of additional records.
pub const EVDNS_ADDITIONAL_SECTION: c_int = 2;

/// An IPv4 address.
pub const EVDNS_TYPE_A: c_int = 1;
/// A name server.
pub const EVDNS_TYPE_NS: c_int = 2;
/// A canonical name.
pub const EVDNS_TYPE_CNAME: c_int = 5;
/// A start of authority.
pub const EVDNS_TYPE_SOA: c_int = 6;
/// A pointer to a name.
pub const EVDNS_TYPE_PTR: c_int = 12;
/// A mail exchanger.
pub const EVDNS_TYPE_MX: c_int = 15;
/// Text.
pub const EVDNS_TYPE_TXT: c_int = 16;
/// An IPv6 address.
pub const EVDNS_TYPE_AAAA: c_int = 28;

/// A transfer of a whole zone.
pub const EVDNS_QTYPE_AXFR: c_int = 252;
/// Records of all types.
pub const EVDNS_QTYPE_ALL: c_int = 255;

/// The Internet.
pub const EVDNS_CLASS_INET: c_int = 1;

/// `evdns_server_request_set_flags`: the answer is authoritative.
pub const EVDNS_FLAGS_AA: c_int = 0x400;
/// `evdns_server_request_set_flags`: recursion was asked for.
pub const EVDNS_FLAGS_RD: c_int = 0x080;

/// What `evdns_server_port_set_option` sets (since 2.2).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum evdns_server_option {
    /// How many TCP clients there may be at a time.
    EVDNS_SOPT_TCP_MAX_CLIENTS = 0,
    /// After how many seconds an idle TCP client is dropped.
    EVDNS_SOPT_TCP_IDLE_TIMEOUT = 1,
}

/// An `enum evdns_server_option` as C hands it over: any value.
pub type evdns_server_option_raw = c_uint;

/// Called with the result of a request: `DNS_ERR_*`, the kind of answer (`DNS_IPv4_A` ...), how
/// many addresses there are, how many seconds they are good for, and where they are.
pub type evdns_callback_type = Option<
    unsafe extern "C" fn(
        result: c_int,
        r#type: c_char,
        count: c_int,
        ttl: c_int,
        addresses: *mut c_void,
        arg: *mut c_void,
    ),
>;

/// Called with the messages of the resolver.
pub type evdns_debug_log_fn_type =
    Option<unsafe extern "C" fn(is_warning: c_int, msg: *const c_char)>;

/// Called with a query that has come in to a server port; it is answered with
/// `evdns_server_request_respond`.
pub type evdns_request_callback_fn_type =
    Option<unsafe extern "C" fn(req: *mut evdns_server_request, arg: *mut c_void)>;

/// Called with the result of `evdns_getaddrinfo`: an `EVUTIL_EAI_*` code and a list that
/// `evutil_freeaddrinfo` frees.
pub type evdns_getaddrinfo_cb =
    Option<unsafe extern "C" fn(result: c_int, res: *mut addrinfo, arg: *mut c_void)>;
