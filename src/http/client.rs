//! The client's half of a connection: how it is made, and what the program sets. What it does is in
//! `exchange`.

use super::asked::{self, Asked};
use super::connection::{self, State, evhttp_connection};
use super::request;
use super::types::{
    EVHTTP_CON_READ_ON_WRITE_ERROR, EVHTTP_CON_REUSE_CONNECTED_ADDR, evhttp_ext_method,
};
use super::{headers, io};
use crate::bufferevent::raw::bufferevent;
use crate::error::{Error, Result};
use crate::event::event_base;
use crate::event::raw::event;
use crate::mem;
use crate::util::SockAddr;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_char, c_int, timeval};

/// Seconds of silence, unless the user says otherwise.
pub(super) const IO_TIMEOUT: timeval = super::server::DEFAULT_TIMEOUT;
/// Seconds before the first retry; each later one waits twice as long, up to an hour.
const FIRST_RETRY: timeval = timeval { tv_sec: 2, tv_usec: 0 };

/// What only clients have.
#[allow(missing_debug_implementations, reason = "holds an event")]
pub(crate) struct Client {
    pub(super) host: *mut c_char,
    pub(super) dns: *mut c_void,
    pub(super) family: c_int,
    pub(super) bind_address: *mut c_char,
    pub(super) bind_port: u16,
    /// The path of a Unix socket, in the place of host and port.
    pub(super) unix_path: *mut c_char,
    /// Where the last connection went.
    pub(super) reached: Option<SockAddr>,
    pub(super) retries: c_int,
    pub(super) max_retries: c_int,
    pub(super) first_retry: timeval,
    pub(super) timer: event,
    pub(super) timer_set: bool,
    pub(super) connect_timeout: Option<timeval>,
    pub(super) read_timeout: Option<timeval>,
    pub(super) write_timeout: Option<timeval>,
    pub(super) asked: Asked,
}

impl Client {
    pub(crate) fn host(&self) -> *mut c_char {
        self.host
    }

    /// Where the last connection went.
    pub(crate) fn reached(&self) -> Option<SockAddr> {
        self.reached
    }
}

/// Where a client connects to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    /// A host and a port.
    Host(&'a [u8], u16),
    /// A Unix socket.
    Unix(&'a [u8]),
}

/// A client connection; `bev` null for one of our own. On failure `bev` stays the caller's.
///
/// # Safety
/// `base` is null or live, `bev` null or live, `dns` null or live.
pub(crate) unsafe fn new(
    base: *mut event_base,
    dns: *mut c_void,
    bev: *mut bufferevent,
    target: Target<'_>,
) -> Result<*mut evhttp_connection> {
    let (text, port) = match target {
        Target::Host(host, port) => (host, port),
        Target::Unix(path) => (path, 0),
    };
    let host = mem::c_string(text)?.as_ptr();
    let unix_path = match target {
        Target::Unix(path) => mem::c_string(path).map(core::ptr::NonNull::as_ptr),
        Target::Host(..) => Ok(null_mut()),
    };
    // SAFETY: an all-zero event is one that was never initialised; the strings are ours until the
    // client has them.
    unsafe {
        let client = unix_path.and_then(|unix_path| {
            mem::try_box(Client {
                host,
                dns,
                family: libc::AF_UNSPEC,
                bind_address: null_mut(),
                bind_port: 0,
                unix_path,
                reached: None,
                retries: 0,
                max_retries: 0,
                first_retry: FIRST_RETRY,
                timer: core::mem::zeroed(),
                timer_set: false,
                connect_timeout: None,
                read_timeout: None,
                write_timeout: None,
                asked: Asked::new(),
            })
            .inspect_err(|_| mem::free(unix_path.cast()))
        });
        let client = match client {
            Ok(client) => mem::Box::into_raw(client),
            Err(e) => {
                mem::free(host.cast());
                return Err(e);
            }
        };
        let ours = bev.is_null();
        let made = if ours { io::bev_new(base, -1) } else { Ok(bev) };
        let conn = made.and_then(|bev| connection::new(base, bev, b"", port, ours));
        match conn {
            Ok(conn) => {
                (*conn).client = client;
                if !base.is_null() && !ours {
                    io::set_base(bev, base);
                }
                Ok(conn)
            }
            Err(e) => {
                free_client(client);
                Err(e)
            }
        }
    }
}

/// A client connection over a bufferevent that is connected. On failure `bev` stays the caller's.
///
/// # Safety
/// `base` and `dns` are null or live, `bev` is live.
pub(crate) unsafe fn from_connected(
    base: *mut event_base,
    dns: *mut c_void,
    bev: *mut bufferevent,
) -> Result<*mut evhttp_connection> {
    // SAFETY: the caller's objects.
    unsafe {
        let peer = io::peer_address(io::fd(bev)).ok_or(Error::Invalid)?;
        let mut text = [0; request::ADDRESS_SIZE];
        let host = io::host_text(&peer, &mut text);
        let conn = new(base, dns, bev, Target::Host(host, peer.port()))?;
        (*conn).state = State::Idle;
        connection::install_callbacks(conn);
        io::set_timeouts(bev, Some(&IO_TIMEOUT), Some(&IO_TIMEOUT));
        Ok(conn)
    }
}

/// Whether the user has set a timeout for reading or writing.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn has_io_timeouts(conn: *const evhttp_connection) -> bool {
    // SAFETY: the caller's connection.
    unsafe {
        (*conn)
            .client
            .as_ref()
            .is_some_and(|c| c.read_timeout.is_some() || c.write_timeout.is_some())
    }
}

unsafe fn free_client(client: *mut Client) {
    // SAFETY: the caller's client, which nobody uses any more.
    unsafe {
        for s in [(*client).host, (*client).bind_address, (*client).unix_path] {
            mem::free(s.cast());
        }
        mem::free(client.cast());
    }
}

/// Frees what only clients have. The address stays until the connection's memory goes, since the
/// close callback may ask for it.
///
/// # Safety
/// `conn` is entered and dead.
pub(crate) unsafe fn stop(conn: *mut evhttp_connection) {
    // SAFETY: the caller's connection.
    unsafe {
        if !(*conn).client.is_null() {
            stop_timer((*conn).client);
            asked::stop(conn);
        }
    }
}

/// Frees the client's part with the connection's memory.
///
/// # Safety
/// `conn` is dead and left by everybody.
pub(crate) unsafe fn dispose(conn: *mut evhttp_connection) {
    // SAFETY: the caller's connection.
    unsafe {
        if !(*conn).client.is_null() {
            free_client((*conn).client);
        }
    }
}

/// Stops the timer that would try again.
///
/// # Safety
/// `client` is live.
pub(super) unsafe fn stop_timer(client: *mut Client) {
    // SAFETY: the caller's client; a timer that is set was assigned.
    unsafe {
        if core::mem::take(&mut (*client).timer_set) {
            let _ = crate::event::del(&raw mut (*client).timer);
        }
    }
}

/// The requests that other threads made.
///
/// # Safety
/// `conn` is a client's, and not freed yet.
pub(crate) unsafe fn asked(conn: *mut evhttp_connection) -> *mut Asked {
    // SAFETY: a client part lives as long as its connection.
    unsafe { &raw mut (*(*conn).client).asked }
}

impl evhttp_connection {
    fn client(&mut self) -> Option<&mut Client> {
        // SAFETY: a client part lives as long as its connection; `&mut self` stands for both.
        unsafe { self.client.as_mut() }
    }

    /// Sets the address family for names.
    pub fn set_family(&mut self, family: c_int) {
        if let Some(c) = self.client() {
            c.family = family;
        }
    }

    /// Sets the address that connections are made from.
    pub fn set_local_address(&mut self, address: Option<&[u8]>) -> Result<()> {
        let copy = address.map(mem::c_string).transpose()?.map_or(null_mut(), |p| p.as_ptr());
        match self.client() {
            Some(c) => {
                let old = core::mem::replace(&mut c.bind_address, copy);
                // SAFETY: both strings are ours; the old one is not used any more.
                unsafe { mem::free(old.cast()) };
            }
            // SAFETY: nobody has the copy.
            None => unsafe { mem::free(copy.cast()) },
        }
        Ok(())
    }

    /// Sets the port that connections are made from.
    pub fn set_local_port(&mut self, port: u16) {
        if let Some(c) = self.client() {
            c.bind_port = port;
        }
    }

    /// Sets how often connecting is tried again; negative for ever.
    pub fn set_retries(&mut self, n: c_int) {
        if let Some(c) = self.client() {
            c.max_retries = n;
        }
    }

    /// Sets the time before the first retry; `None` for the default.
    pub fn set_first_retry(&mut self, t: Option<timeval>) {
        if let Some(c) = self.client() {
            c.first_retry = t.unwrap_or(FIRST_RETRY);
        }
    }

    /// Sets the time that connecting may take.
    pub fn set_connect_timeout(&mut self, t: Option<timeval>) {
        if let Some(c) = self.client() {
            c.connect_timeout = t;
        }
    }

    /// Sets the times the peer may be silent, or not take data.
    ///
    /// # Safety
    /// The connection is live.
    #[inline(never)]
    pub unsafe fn set_io_timeouts(
        &mut self,
        read: Option<Option<timeval>>,
        write: Option<Option<timeval>>,
    ) {
        let connecting = self.state == State::Connecting;
        let bev = self.bev;
        if let Some(c) = self.client() {
            if let Some(t) = read {
                c.read_timeout = t;
            }
            if let Some(t) = write {
                c.write_timeout = t;
            }
            if connecting {
                return;
            }
            let r = c.read_timeout.unwrap_or(IO_TIMEOUT);
            let w = c.write_timeout.unwrap_or(IO_TIMEOUT);
            // SAFETY: a live connection has a bufferevent.
            unsafe { io::set_timeouts(bev, Some(&r), Some(&w)) };
        } else if !bev.is_null() {
            let own = |new: Option<Option<timeval>>, old: timeval| match new {
                Some(t) => t.unwrap_or(IO_TIMEOUT),
                None => old,
            };
            // SAFETY: as above.
            unsafe {
                let r = own(read, (*bev).timeout_read);
                let w = own(write, (*bev).timeout_write);
                io::set_timeouts(bev, Some(&r), Some(&w));
            }
        }
    }

    /// Sets the public flags; false when one is unknown.
    pub fn set_flags(&mut self, flags: c_int) -> bool {
        let known = EVHTTP_CON_REUSE_CONNECTED_ADDR
            | EVHTTP_CON_READ_ON_WRITE_ERROR
            | super::types::EVHTTP_CON_LINGERING_CLOSE;
        if flags & !known != 0 {
            return false;
        }
        self.flags = flags;
        true
    }
}

/// The user's method for `bit`, if its callback knows one.
unsafe fn ext_method(conn: *const evhttp_connection, bit: u32) -> Option<evhttp_ext_method> {
    // SAFETY: the caller entered the connection; the user's function fills in our local.
    unsafe {
        let f = (*conn).ext_method?;
        let mut m = evhttp_ext_method { method: core::ptr::null(), r#type: bit, flags: 0 };
        (f(&raw mut m) >= 0 && !m.method.is_null()).then_some(m)
    }
}

/// Whether the user's method has a body.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn ext_method_has_body(conn: *const evhttp_connection, bit: u32) -> bool {
    // SAFETY: the caller's connection.
    super::status::method_name(bit).is_none()
        && unsafe { ext_method(conn, bit) }.is_some_and(|m| m.flags & 1 != 0)
}

/// The name of the user's method, as a token.
///
/// # Safety
/// `conn` is live or entered.
pub(crate) unsafe fn ext_method_name(
    conn: *const evhttp_connection,
    bit: u32,
    out: &mut [u8],
) -> Option<&[u8]> {
    // SAFETY: the caller's connection; the user's name is a C string.
    unsafe {
        let m = ext_method(conn, bit)?;
        let name = headers::text(m.method);
        let place = out.get_mut(..name.len())?;
        place.copy_from_slice(name);
        (!name.is_empty() && name.iter().all(|b| b.is_ascii_graphic())).then_some(place)
    }
}
