//! The sockets a server listens on, and what happens to the connections they take.

use super::connection::{self, State};
use super::server::{BevFn, DEFAULT_TIMEOUT, evhttp};
use super::types::evhttp_bound_socket_foreach_fn;
use super::{io, reply, server};
use crate::bufferevent::raw::bufferevent;
use crate::error::{Error, Result};
use crate::listener::evconnlistener;
use crate::mem;
use crate::util::SockAddr;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_char, c_int, sockaddr};

/// Connections the kernel may keep ready for us.
const BACKLOG: c_int = 128;

/// A socket that a server listens on; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evhttp_bound_socket {
    pub(crate) next: *mut Self,
    http: *mut evhttp,
    pub(crate) listener: *mut evconnlistener,
    bev: Option<(BevFn, *mut c_void)>,
}

/// Lets `http` take the connections of `listener`, which it owns from now on.
///
/// # Safety
/// Both are live.
pub unsafe fn bind_listener(
    http: *mut evhttp,
    listener: *mut evconnlistener,
) -> Result<*mut evhttp_bound_socket> {
    let bound = mem::try_box(evhttp_bound_socket { next: null_mut(), http, listener, bev: None })?;
    let bound = mem::Box::into_raw(bound);
    // SAFETY: the caller's objects; the list of sockets holds live ones, newest last.
    unsafe {
        let mut link = &raw mut (*http).sockets;
        while !(*link).is_null() {
            link = &raw mut (**link).next;
        }
        *link = bound;
        io::listener_set_callback(listener, Some(on_accept), bound.cast());
    }
    Ok(bound)
}

/// Lets `http` take the connections of a listening socket, which is closed with the server.
///
/// # Safety
/// `http` is live.
pub unsafe fn accept_socket(http: *mut evhttp, fd: c_int) -> Result<*mut evhttp_bound_socket> {
    // SAFETY: the caller's server. On failure the socket stays the caller's.
    unsafe {
        let listener = io::listen((*http).base, fd)?;
        bind_listener(http, listener).inspect_err(|_| io::listener_free(listener))
    }
}

/// Listens on an address (a name, a number, or none for all) and a port.
///
/// # Safety
/// `http` is live; `address` is null or a C string.
pub unsafe fn bind(
    http: *mut evhttp,
    address: *const c_char,
    port: u16,
) -> Result<*mut evhttp_bound_socket> {
    // SAFETY: the caller's server and string.
    unsafe {
        let fd = io::bound_socket(address, port, true)?;
        if libc::listen(fd, BACKLOG) != 0 {
            let e = Error::Os(crate::sys::Errno::last());
            let _ = crate::util::socket::close(fd);
            return Err(e);
        }
        accept_socket(http, fd).inspect_err(|_| {
            let _ = crate::util::socket::close(fd);
        })
    }
}

/// Stops listening on a socket and frees it.
///
/// # Safety
/// Both are live; `bound` is not used afterwards.
pub unsafe fn remove(http: *mut evhttp, bound: *mut evhttp_bound_socket) {
    // SAFETY: the caller's objects.
    unsafe {
        let mut link = &raw mut (*http).sockets;
        while !(*link).is_null() {
            if *link == bound {
                *link = (*bound).next;
                drop_socket(bound);
                return;
            }
            link = &raw mut (**link).next;
        }
    }
}

unsafe fn drop_socket(bound: *mut evhttp_bound_socket) {
    // SAFETY: the socket is in no list any more.
    unsafe {
        io::listener_set_callback((*bound).listener, None, null_mut());
        io::listener_free((*bound).listener);
        mem::free(bound.cast());
    }
}

/// Stops listening at all.
///
/// # Safety
/// `http` is live.
pub(crate) unsafe fn drop_all(http: *mut evhttp) {
    // SAFETY: the caller's server; each socket leaves the list before it is freed.
    unsafe {
        while let Some(bound) = (*http).sockets.as_mut() {
            (*http).sockets = bound.next;
            drop_socket(bound);
        }
    }
}

impl evhttp_bound_socket {
    /// Sets the maker of bufferevents for this socket's connections.
    pub fn set_bev(&mut self, f: Option<BevFn>, arg: *mut c_void) {
        self.bev = f.map(|f| (f, arg));
    }

    /// The listener.
    pub fn listener(&self) -> *mut evconnlistener {
        self.listener
    }
}

/// Calls `f` for each socket; it may remove the one it is called with.
///
/// # Safety
/// `http` is live; `f` may be called with `arg`.
pub unsafe fn for_each(http: *mut evhttp, f: evhttp_bound_socket_foreach_fn, arg: *mut c_void) {
    // SAFETY: the caller's server; the next socket is read before the function runs.
    unsafe {
        let mut at = (*http).sockets;
        while !at.is_null() {
            let next = (*at).next;
            f(at, arg);
            at = next;
        }
    }
}

unsafe extern "C" fn on_accept(
    _: *mut evconnlistener,
    fd: c_int,
    addr: *mut sockaddr,
    len: c_int,
    arg: *mut c_void,
) {
    let bound = arg.cast::<evhttp_bound_socket>();
    // SAFETY: the listener calls with the socket that owns it; the server is entered for the time
    // of user code and looked at again after it.
    unsafe {
        let http = (*bound).http;
        evhttp::enter(http);
        let peer = SockAddr::from_raw(addr, len.max(0) as libc::socklen_t);
        match make_bev(http, bound, fd) {
            Ok(bev) => take(http, bev, &peer.unwrap_or_else(SockAddr::unspecified)),
            Err(_) => {
                let _ = crate::util::socket::close(fd);
            }
        }
        evhttp::leave(http);
    }
}

/// A bufferevent for `fd`: the user's or a plain one.
unsafe fn make_bev(
    http: *mut evhttp,
    bound: *mut evhttp_bound_socket,
    fd: c_int,
) -> Result<*mut bufferevent> {
    // SAFETY: the caller's objects; the callback is copied before it is called.
    unsafe {
        if let Some((f, arg)) = (*bound).bev.or((*http).bev) {
            let bev = f((*http).base, arg);
            if !bev.is_null() {
                let set =
                    if (*http).is_dead() { Err(Error::Invalid) } else { io::give_fd(bev, fd) };
                return set.map(|()| bev).inspect_err(|_| io::bev_free(bev));
            }
            if (*http).is_dead() {
                return Err(Error::Invalid);
            }
        }
        // With the descriptor from the start: setting it later means another change of interest.
        io::bev_new((*http).base, fd)
    }
}

/// Makes a connection of an accepted socket.
unsafe fn take(http: *mut evhttp, bev: *mut bufferevent, peer: &SockAddr) {
    // SAFETY: the caller's objects.
    unsafe {
        let mut text = [0; super::request::ADDRESS_SIZE];
        let address = io::host_text(peer, &mut text);
        let Ok(conn) = connection::new((*http).base, bev, address, peer.port(), true) else {
            return;
        };
        (*conn).max_headers = (*http).max_headers;
        (*conn).max_body = (*http).max_body;
        (*conn).state = State::FirstLine;
        let over = (*http).max_count > 0 && (*http).count >= (*http).max_count;
        evhttp::adopt(http, conn);
        connection::install_callbacks(conn);
        io::set_timeouts(
            bev,
            Some(&(*http).read_timeout.unwrap_or(DEFAULT_TIMEOUT)),
            Some(&(*http).write_timeout.unwrap_or(DEFAULT_TIMEOUT)),
        );
        io::enable(bev, io::READ_WRITE);
        if over {
            connection::enter(conn);
            if server::begin_request(conn).is_err() {
                connection::close(conn);
            } else if !connection::is_dead(conn) {
                reply::refuse(conn, connection::current(conn), 503);
            }
            connection::leave(conn);
        }
    }
}
