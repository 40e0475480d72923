//! Messages over TCP, each behind its length (RFC 1035, section 4.2.2): what the connection to a server
//! and that of a client have in common.

use crate::error::{Error, Result};
use crate::event;
use crate::event::event_base;
use crate::event::flags::{EV_PERSIST, EV_READ, EV_WRITE, event_callback_fn};
use crate::event::raw::event as Event;
use crate::mem;
use crate::sys::{Errno, clock, socket as sys};
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_int, c_short};

/// How much is read at a time.
pub(super) const CHUNK: usize = 4096;

/// What has come in and is no whole message yet, and what is to be sent.
pub(super) struct Framed {
    pub(super) input: mem::Vec<u8>,
    out: mem::Vec<u8>,
    /// How much of `out` has gone.
    sent: usize,
}

impl Framed {
    /// Nothing either way.
    pub(super) const fn new() -> Self {
        Self { input: mem::Vec::new_in(mem::Heap), out: mem::Vec::new_in(mem::Heap), sent: 0 }
    }

    /// How many bytes are to be sent; 0 only when all has gone.
    pub(super) fn unsent(&self) -> usize {
        self.out.len()
    }

    /// Appends a message, which `write` puts into so many bytes at most. Nothing is appended when that
    /// fails.
    pub(super) fn append(
        &mut self,
        room: usize,
        write: impl FnOnce(&mut [u8]) -> Result<usize>,
    ) -> Result<()> {
        let start = self.out.len();
        let body = start.saturating_add(2);
        self.out.try_reserve(room.saturating_add(2)).map_err(|_| Error::NoMemory)?;
        self.out.resize(body.saturating_add(room), 0);
        let written = self.out.get_mut(body..).ok_or(Error::Invalid).and_then(write);
        let len = written.and_then(|n| u16::try_from(n).map_err(|_| Error::Invalid));
        match len {
            Ok(len) => {
                if let Some(head) = self.out.get_mut(start..body) {
                    head.copy_from_slice(&len.to_be_bytes());
                }
                self.out.truncate(body.saturating_add(usize::from(len)));
                Ok(())
            }
            Err(e) => {
                self.out.truncate(start);
                Err(e)
            }
        }
    }

    /// Sends as much as the socket takes.
    #[inline(never)]
    pub(super) fn flush(&mut self, fd: c_int) -> Result<()> {
        while let Some(rest) = self.out.get(self.sent..).filter(|r| !r.is_empty()) {
            match sys::send(fd, rest, libc::MSG_NOSIGNAL) {
                Ok(n) => self.sent = self.sent.saturating_add(n),
                Err(e) if e.is_retriable() => return Ok(()),
                Err(e) => return Err(e.into()),
            }
        }
        self.discard_output();
        Ok(())
    }

    /// Forgets what was to be sent.
    pub(super) fn discard_output(&mut self) {
        self.out.clear();
        self.sent = 0;
    }

    /// Reads up to [`CHUNK`] bytes; says how many, 0 when there are none now. The end of the stream is
    /// an error.
    pub(super) fn receive(&mut self, fd: c_int) -> Result<usize> {
        let mut chunk = [0_u8; CHUNK];
        let got = match sys::recv(fd, &mut chunk, 0) {
            Ok(0) => return Err(Error::Os(Errno(libc::ECONNRESET))),
            Ok(n) => n,
            Err(e) if e.is_retriable() => return Ok(0),
            Err(e) => return Err(e.into()),
        };
        let new = chunk.get(..got).unwrap_or_default();
        self.input.try_reserve(new.len()).map_err(|_| Error::NoMemory)?;
        self.input.extend_from_slice(new);
        Ok(got)
    }
}

/// The first message of the input, and what comes behind it; `None` when it is not there as a whole.
pub(super) fn split(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = input.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*head)))
}

/// Has a connection's event wait for `what`, unless it does already. With no `micros` there is no
/// timeout.
///
/// # Safety
/// `ev` is all zeroes or was assigned here, and lives until it is deleted; `base` is alive, and `cb`
/// takes `arg`.
#[inline(never)]
pub(super) unsafe fn watch(
    ev: *mut Event,
    base: *mut event_base,
    fd: c_int,
    what: c_short,
    micros: Option<u64>,
    (cb, arg): (event_callback_fn, *mut c_void),
) -> Result<()> {
    // SAFETY: by contract. Not waiting: this may be inside the event's callback.
    unsafe {
        let what = what | EV_PERSIST;
        if event::initialized(ev) {
            let pending = event::pending(ev, EV_READ | EV_WRITE, null_mut()) != 0;
            if pending && (*ev).ev_events & (EV_READ | EV_WRITE | EV_PERSIST) == what {
                return Ok(());
            }
            let _ = event::del_noblock(ev);
        }
        let tv = micros.map(|n| clock::timeval(n.saturating_mul(1000)));
        event::assign(ev, base, fd, what, cb, arg)?;
        event::add(ev, tv.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_after_the_other() {
        let mut f = Framed::new();
        f.append(5, |to| {
            to[..3].copy_from_slice(b"abc");
            Ok(3)
        })
        .unwrap();
        assert_eq!(f.append(9, |_| Err(Error::Invalid)), Err(Error::Invalid));
        assert_eq!(f.append(70_000, |to| Ok(to.len())), Err(Error::Invalid));
        f.append(0, |_| Ok(0)).unwrap();
        f.append(65_535, |to| Ok(to.len())).unwrap();
        assert_eq!(f.unsent(), 5 + 2 + 65_537);

        let (first, rest) = split(&f.out).unwrap();
        assert_eq!(first, b"abc");
        let (second, rest) = split(rest).unwrap();
        assert!(second.is_empty());
        assert_eq!(split(rest).unwrap().0.len(), 65_535);
        assert!(split(rest).unwrap().1.is_empty());
        for cut in 0..5 {
            assert!(split(&f.out[..cut]).is_none());
        }
        f.discard_output();
        assert_eq!(f.unsent(), 0);
    }
}
