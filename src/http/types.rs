//! The constants and callback shapes of `event2/http.h`.
#![allow(non_camel_case_types, reason = "C names")]

use super::evhttp_bound_socket;
use core::ffi::{c_char, c_void};
use libc::{c_int, c_uint};

/// The client may go on with its request.
pub const HTTP_CONTINUE: c_int = 100;
/// The protocol changes.
pub const HTTP_SWITCH_PROTOCOLS: c_int = 101;
/// The request is being worked on.
pub const HTTP_PROCESSING: c_int = 102;
/// Some headers ahead of the response.
pub const HTTP_EARLYHINTS: c_int = 103;
/// All is well.
pub const HTTP_OK: c_int = 200;
/// Something was created.
pub const HTTP_CREATED: c_int = 201;
/// Accepted, not done yet.
pub const HTTP_ACCEPTED: c_int = 202;
/// Not what the origin has said.
pub const HTTP_NONAUTHORITATIVE: c_int = 203;
/// All is well, and there is no body.
pub const HTTP_NOCONTENT: c_int = 204;
/// Moved for good.
pub const HTTP_MOVEPERM: c_int = 301;
/// Moved for now.
pub const HTTP_MOVETEMP: c_int = 302;
/// What the client has is current.
pub const HTTP_NOTMODIFIED: c_int = 304;
/// The request makes no sense.
pub const HTTP_BADREQUEST: c_int = 400;
/// The client has to say who it is.
pub const HTTP_UNAUTHORIZED: c_int = 401;
/// The client has to pay.
pub const HTTP_PAYMENTREQUIRED: c_int = 402;
/// Not for this client.
pub const HTTP_FORBIDDEN: c_int = 403;
/// There is no such thing.
pub const HTTP_NOTFOUND: c_int = 404;
/// Not with this method.
pub const HTTP_BADMETHOD: c_int = 405;
/// The request's body is too large.
pub const HTTP_ENTITYTOOLARGE: c_int = 413;
/// An expectation of the client cannot be met.
pub const HTTP_EXPECTATIONFAILED: c_int = 417;
/// Something went wrong in the server.
pub const HTTP_INTERNAL: c_int = 500;
/// The server does not know the method.
pub const HTTP_NOTIMPLEMENTED: c_int = 501;
/// The next server has sent nonsense.
pub const HTTP_BADGATEWAY: c_int = 502;
/// Not now.
pub const HTTP_SERVUNAVAIL: c_int = 503;

/// `evhttp_set_flags`: read the whole request before an early error is answered, so that the
/// client gets to see the answer.
pub const EVHTTP_SERVER_LINGERING_CLOSE: c_int = 0x0001;
/// `evhttp_connection_set_flags`: connect again to the address that last worked.
pub const EVHTTP_CON_REUSE_CONNECTED_ADDR: c_int = 0x0008;
/// `evhttp_connection_set_flags`: when writing fails, read what the server may have answered.
pub const EVHTTP_CON_READ_ON_WRITE_ERROR: c_int = 0x0010;
/// `evhttp_connection_set_flags`: as `EVHTTP_SERVER_LINGERING_CLOSE`, for one connection.
pub const EVHTTP_CON_LINGERING_CLOSE: c_int = 0x0020;
/// All public flags of a connection are below this one.
pub const EVHTTP_CON_PUBLIC_FLAGS_END: c_int = 0x0010_0000;

/// `evhttp_uri_parse_with_flags`: take what RFC 3986 forbids but everybody sends.
pub const EVHTTP_URI_NONCONFORMANT: c_uint = 0x01;
/// `evhttp_uri_get_host` gives an IPv6 address without its brackets (since 2.2).
pub const EVHTTP_URI_HOST_STRIP_BRACKETS: c_uint = 0x04;
/// Understand `unix:` paths in the host part (since 2.2).
pub const EVHTTP_URI_UNIX_SOCKET: c_uint = 0x08;

/// `evhttp_parse_query_str_flags`: take keys without a value (since 2.2).
pub const EVHTTP_URI_QUERY_NONCONFORMANT: c_uint = 0x01;
/// `evhttp_parse_query_str_flags`: of several values of a key the last one counts (since 2.2).
pub const EVHTTP_URI_QUERY_LAST_VAL: c_uint = 0x02;

/// `struct evhttp_ext_method`: requests with this method have a body (since 2.2).
pub const EVHTTP_METHOD_HAS_BODY: c_uint = 0x0001;

/// The methods; bits, so that `evhttp_set_allowed_methods` can take several.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum evhttp_cmd_type {
    /// GET
    EVHTTP_REQ_GET = 0x0001,
    /// POST
    EVHTTP_REQ_POST = 0x0002,
    /// HEAD
    EVHTTP_REQ_HEAD = 0x0004,
    /// PUT
    EVHTTP_REQ_PUT = 0x0008,
    /// DELETE
    EVHTTP_REQ_DELETE = 0x0010,
    /// OPTIONS
    EVHTTP_REQ_OPTIONS = 0x0020,
    /// TRACE
    EVHTTP_REQ_TRACE = 0x0040,
    /// CONNECT
    EVHTTP_REQ_CONNECT = 0x0080,
    /// PATCH
    EVHTTP_REQ_PATCH = 0x0100,
    /// PROPFIND (since 2.2)
    EVHTTP_REQ_PROPFIND = 0x0200,
    /// PROPPATCH (since 2.2)
    EVHTTP_REQ_PROPPATCH = 0x0400,
    /// MKCOL (since 2.2)
    EVHTTP_REQ_MKCOL = 0x0800,
    /// LOCK (since 2.2)
    EVHTTP_REQ_LOCK = 0x1000,
    /// UNLOCK (since 2.2)
    EVHTTP_REQ_UNLOCK = 0x2000,
    /// COPY (since 2.2)
    EVHTTP_REQ_COPY = 0x4000,
    /// MOVE (since 2.2)
    EVHTTP_REQ_MOVE = 0x8000,
}

/// An `enum evhttp_cmd_type` as C hands it over: any value.
pub type evhttp_cmd_type_raw = c_uint;

/// Which side of an exchange a request object is.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum evhttp_request_kind {
    /// A request: the object stands in a server.
    EVHTTP_REQUEST = 0,
    /// A response: the object stands in a client.
    EVHTTP_RESPONSE = 1,
}

/// An `enum evhttp_request_kind` as C hands it over: any value.
pub type evhttp_request_kind_raw = c_uint;

/// Why a client's request has failed.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum evhttp_request_error {
    /// A timeout.
    EVREQ_HTTP_TIMEOUT = 0,
    /// The connection has ended.
    EVREQ_HTTP_EOF = 1,
    /// A header that cannot be read, or is too long.
    EVREQ_HTTP_INVALID_HEADER = 2,
    /// Reading or writing has failed.
    EVREQ_HTTP_BUFFER_ERROR = 3,
    /// `evhttp_cancel_request` was called.
    EVREQ_HTTP_REQUEST_CANCEL = 4,
    /// The body is longer than `evhttp_connection_set_max_body_size` allows.
    EVREQ_HTTP_DATA_TOO_LONG = 5,
}

/// An `enum evhttp_request_error` as C hands it over: any value.
pub type evhttp_request_error_raw = c_uint;

/// A method that `evhttp_set_ext_method_cmp` and its kin teach (since 2.2).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evhttp_ext_method {
    /// Its name.
    pub method: *const c_char,
    /// Its bit, as in `enum evhttp_cmd_type`.
    pub r#type: u32,
    /// `EVHTTP_METHOD_HAS_BODY` or 0.
    pub flags: u16,
}

/// Called for a socket that a server listens on.
pub type evhttp_bound_socket_foreach_fn =
    unsafe extern "C" fn(bound: *mut evhttp_bound_socket, arg: *mut c_void);

/// Fills in the part of a method that is missing: its name (null) or its bit. 0 when the method
/// is known, -1 when not (since 2.2).
pub type evhttp_ext_method_cb =
    Option<unsafe extern "C" fn(method: *mut evhttp_ext_method) -> c_int>;

const _: () = {
    assert!(size_of::<evhttp_ext_method>() == 16);
};
