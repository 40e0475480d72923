//! inotify.

use super::{Errno, check, check_size};
use core::ffi::CStr;
use core::mem::{offset_of, size_of};
use libc::{c_int, inotify_event};

/// A new inotify instance, non-blocking and close-on-exec.
pub fn create() -> Result<c_int, Errno> {
    // SAFETY: no pointers are passed.
    check(unsafe { libc::inotify_init1(libc::IN_CLOEXEC | libc::IN_NONBLOCK) })
}

/// Watches a path.
pub fn add(fd: c_int, path: &CStr, mask: u32) -> Result<c_int, Errno> {
    // SAFETY: a C string is passed.
    check(unsafe { libc::inotify_add_watch(fd, path.as_ptr(), mask) })
}

/// Drops a watch.
pub fn remove(fd: c_int, wd: c_int) {
    // SAFETY: no pointers are passed.
    unsafe { libc::inotify_rm_watch(fd, wd) };
}

/// What inotify tells of one watch.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// The watch, -1 when events were lost.
    pub wd: c_int,
    /// What happened.
    pub mask: u32,
}

/// Room for some events and the longest file name.
pub type Buffer = [u8; 4096];

/// Reads events; the length of what was read.
pub fn read(fd: c_int, buffer: &mut Buffer) -> Result<usize, Errno> {
    // SAFETY: as many bytes as the buffer has are written.
    check_size(unsafe { libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len()) })
}

/// The events in what was read.
pub fn events(bytes: &[u8]) -> impl Iterator<Item = Event> {
    let mut rest = bytes;
    core::iter::from_fn(move || {
        let word = |at: usize| {
            let bytes = rest.get(at..at + 4)?;
            Some(u32::from_ne_bytes(bytes.try_into().ok()?))
        };
        let event = Event {
            wd: word(offset_of!(inotify_event, wd))?.cast_signed(),
            mask: word(offset_of!(inotify_event, mask))?,
        };
        let name = word(offset_of!(inotify_event, len))? as usize;
        rest = rest.get(size_of::<inotify_event>() + name..).unwrap_or_default();
        Some(event)
    })
}
