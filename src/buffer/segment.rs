//! File segments: a range of a file that any number of buffers can hold.
//!
//! The bytes stay in the file as long as possible. A buffer that only drains to descriptors sends
//! them with `sendfile`; whoever wants to see them gets a mapping, or a copy in memory where
//! mapping is disabled or refused. They are loaded at most once.

use super::raw::{
    EVBUF_FS_CLOSE_ON_FREE, EVBUF_FS_DISABLE_LOCKING, EVBUF_FS_DISABLE_MMAP,
    EVBUF_FS_DISABLE_SENDFILE, evbuffer_file_segment_cleanup_cb,
};
use crate::error::{Error, Result};
use crate::sys::file;
use crate::thread::Lock;
use crate::{mem, warn_errno};
use core::ffi::c_void;
use core::mem::size_of;
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicU32, Ordering::AcqRel, Ordering::Relaxed};
use libc::{c_int, c_uint, off_t};

/// A piece of a file; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evbuffer_file_segment {
    refs: AtomicU32,
    flags: c_uint,
    fd: c_int,
    lock: Lock,
    /// Where the range starts in the file, and how long it is.
    start: usize,
    len: usize,
    memory: Memory,
    cleanup: evbuffer_file_segment_cleanup_cb,
    cleanup_arg: *mut c_void,
}

/// Where the bytes are.
#[derive(Clone, Copy, Debug)]
enum Memory {
    /// In the file only.
    None,
    /// In a block of our own.
    Copy(NonNull<u8>),
    /// In a mapping of `len` bytes, `skip` bytes after its start.
    Map { at: NonNull<c_void>, len: usize, skip: usize },
}

/// A segment of `fd`: `length` bytes from `offset` on, -1 for all up to the end of the file.
pub fn new(
    fd: c_int,
    offset: off_t,
    length: off_t,
    flags: c_uint,
) -> Result<*mut evbuffer_file_segment> {
    let start = usize::try_from(offset).map_err(|_| Error::Invalid)?;
    let len = match length {
        -1 => file::size(fd)?.saturating_sub(start),
        n => usize::try_from(n).map_err(|_| Error::Invalid)?,
    };
    if start > super::block::MAX - len {
        return Err(Error::Invalid);
    }
    let p = mem::alloc(size_of::<evbuffer_file_segment>()).ok_or(Error::NoMemory)?;
    let segment: *mut evbuffer_file_segment = p.as_ptr().cast();
    // SAFETY: freshly allocated, large enough, aligned for any C type. On failure the segment
    // goes away without closing the descriptor, which stays the caller's.
    unsafe {
        segment.write(evbuffer_file_segment {
            refs: AtomicU32::new(1),
            flags,
            fd,
            lock: Lock::none(),
            start,
            len,
            memory: Memory::None,
            cleanup: None,
            cleanup_arg: null_mut(),
        });
        if flags & EVBUF_FS_DISABLE_SENDFILE != 0
            && let Err(e) = load(segment)
        {
            mem::free(segment.cast());
            return Err(e);
        }
        if flags & EVBUF_FS_DISABLE_LOCKING == 0 {
            match Lock::new() {
                Ok(lock) => (*segment).lock = lock,
                Err(e) => {
                    forget(segment);
                    mem::free(segment.cast());
                    return Err(e);
                }
            }
        }
    }
    Ok(segment)
}

/// Gives the memory back.
///
/// # Safety
/// The segment is live and nobody uses its bytes any more.
unsafe fn forget(segment: *mut evbuffer_file_segment) {
    // SAFETY: the memory is what `load` made (caller: unused).
    unsafe {
        match (*segment).memory {
            Memory::None => {}
            Memory::Copy(p) => mem::free(p.as_ptr()),
            Memory::Map { at, len, .. } => file::unmap(at, len),
        }
        (*segment).memory = Memory::None;
    }
}

/// Brings the bytes into memory.
///
/// # Safety
/// The segment is live; its lock is held, or nobody else knows it.
unsafe fn load(segment: *mut evbuffer_file_segment) -> Result<()> {
    // SAFETY: live (caller).
    let s = unsafe { &mut *segment };
    if !matches!(s.memory, Memory::None) || s.len == 0 {
        return Ok(());
    }
    if s.flags & EVBUF_FS_DISABLE_MMAP == 0 {
        let skip = s.start % file::page_size();
        match file::map(s.fd, s.len + skip, s.start - skip) {
            Ok(at) => {
                s.memory = Memory::Map { at, len: s.len + skip, skip };
                return Ok(());
            }
            Err(e) => {
                warn_errno!(
                    e,
                    "evbuffer_file_segment_materialize: mmap({}, 0, {}) failed",
                    s.fd,
                    s.start + s.len
                );
            }
        }
    }
    let p = mem::alloc(s.len).ok_or(Error::NoMemory)?;
    // SAFETY: `s.len` bytes were allocated.
    let got = unsafe { file::read_at(s.fd, p.as_ptr(), s.len, s.start) };
    if got != Ok(s.len) {
        // SAFETY: just allocated, and unused.
        unsafe { mem::free(p.as_ptr()) };
        return Err(got.err().map_or(Error::Invalid, Error::Os));
    }
    s.memory = Memory::Copy(p);
    Ok(())
}

impl evbuffer_file_segment {
    /// Where the range starts in the file.
    ///
    /// # Safety
    /// The segment is live.
    pub(super) unsafe fn start(segment: *mut Self) -> usize {
        // SAFETY: live (caller); never changes.
        unsafe { (*segment).start }
    }

    /// The descriptor.
    ///
    /// # Safety
    /// The segment is live.
    pub(super) unsafe fn fd(segment: *mut Self) -> c_int {
        // SAFETY: live (caller); never changes.
        unsafe { (*segment).fd }
    }

    /// The number of bytes.
    ///
    /// # Safety
    /// The segment is live.
    pub(super) unsafe fn len(segment: *mut Self) -> usize {
        // SAFETY: live (caller); never changes.
        unsafe { (*segment).len }
    }

    /// The bytes in memory, loaded now if they are not yet.
    ///
    /// # Safety
    /// The segment is live.
    pub(super) unsafe fn content(segment: *mut Self) -> Result<(*mut u8, usize)> {
        // SAFETY: live (caller); the lock guards `memory`, which never changes again once it is
        // there.
        unsafe {
            let guard = (*segment).lock.guard();
            let loaded = load(segment);
            let s = &*segment;
            let p = match s.memory {
                Memory::None => null_mut(),
                Memory::Copy(p) => p.as_ptr(),
                Memory::Map { at, skip, .. } => at.as_ptr().cast::<u8>().add(skip),
            };
            let len = s.len;
            drop(guard);
            loaded.map(|()| (p, len))
        }
    }

    /// Whether the bytes may stay in the file, and are not in memory already.
    ///
    /// # Safety
    /// The segment is live.
    pub(super) unsafe fn sendable(segment: *mut Self) -> bool {
        // SAFETY: live (caller).
        unsafe { (*segment).flags & EVBUF_FS_DISABLE_SENDFILE == 0 }
    }

    /// The descriptor stays the caller's after all.
    ///
    /// # Safety
    /// The segment is live, and nobody else knows it.
    pub(super) unsafe fn keep_open(segment: *mut Self) {
        // SAFETY: live and ours (caller).
        unsafe { (*segment).flags &= !EVBUF_FS_CLOSE_ON_FREE }
    }

    /// One more user.
    ///
    /// # Safety
    /// The segment is live.
    pub(super) unsafe fn incref(segment: *mut Self) {
        // SAFETY: live (caller).
        unsafe { (*segment).refs.fetch_add(1, Relaxed) };
    }

    /// One user less; the last one frees it, closes the descriptor if asked to, and calls the
    /// cleanup function.
    ///
    /// # Safety
    /// The caller owns one count and uses the segment no more. Program code may run.
    pub(super) unsafe fn decref(segment: *mut Self) {
        // SAFETY: the caller's count keeps it alive; after the last one it is ours alone.
        unsafe {
            if (*segment).refs.fetch_sub(1, AcqRel) != 1 {
                return;
            }
            forget(segment);
            let (flags, fd) = ((*segment).flags, (*segment).fd);
            if flags & EVBUF_FS_CLOSE_ON_FREE != 0 && fd >= 0 {
                file::close(fd);
            }
            if let Some(cleanup) = (*segment).cleanup.take() {
                let arg = (*segment).cleanup_arg;
                cleanup(segment, flags.cast_signed(), arg);
            }
            (*segment).lock.free();
            mem::free(segment.cast());
        }
    }
}

/// Drops the program's count.
///
/// # Safety
/// `segment` is live and the program uses it no more.
pub unsafe fn free(segment: *mut evbuffer_file_segment) {
    // SAFETY: the program's count (caller).
    unsafe { evbuffer_file_segment::decref(segment) }
}

/// Sets the function that is called when the last user is gone.
///
/// # Safety
/// `segment` is live.
pub unsafe fn set_cleanup(
    segment: *mut evbuffer_file_segment,
    cleanup: evbuffer_file_segment_cleanup_cb,
    arg: *mut c_void,
) {
    // SAFETY: live (caller).
    unsafe {
        (*segment).cleanup = cleanup;
        (*segment).cleanup_arg = arg;
    }
}
