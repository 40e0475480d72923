//! Reading and writing descriptors: vectors, files by position, mappings, `sendfile`.

use super::{Errno, check, check_size};
use core::ffi::c_void;
use core::ptr::{NonNull, null_mut};
use libc::{c_int, iovec};

/// How many pieces one `readv` or `writev` takes.
pub const IOV_MAX: usize = 1024;

/// Reads into the pieces in order; 0 is the end of the file.
///
/// # Safety
/// Each piece is writable memory.
pub unsafe fn readv(fd: c_int, pieces: &[iovec]) -> Result<usize, Errno> {
    let n = c_int::try_from(pieces.len()).unwrap_or(c_int::MAX);
    // SAFETY: writable memory (caller); plain reads for the common single piece are cheaper.
    check_size(unsafe {
        match pieces {
            [one] => libc::read(fd, one.iov_base, one.iov_len),
            _ => libc::readv(fd, pieces.as_ptr(), n),
        }
    })
}

/// Writes the pieces in order.
///
/// # Safety
/// Each piece is readable memory.
pub unsafe fn writev(fd: c_int, pieces: &[iovec]) -> Result<usize, Errno> {
    let n = c_int::try_from(pieces.len()).unwrap_or(c_int::MAX);
    // SAFETY: readable memory (caller).
    check_size(unsafe {
        match pieces {
            [one] => libc::write(fd, one.iov_base, one.iov_len),
            _ => libc::writev(fd, pieces.as_ptr(), n),
        }
    })
}

/// As [`writev`], for sockets without `SIGPIPE` when the peer is gone; other descriptors are written
/// to all the same.
///
/// # Safety
/// Each piece is readable memory.
pub unsafe fn sendv(fd: c_int, pieces: &[iovec]) -> Result<usize, Errno> {
    // SAFETY: readable memory (caller); the header is a local variable whose other fields may be
    // zero, and `sendmsg` only reads the pieces.
    let sent = check_size(unsafe {
        match pieces {
            [one] => libc::send(fd, one.iov_base, one.iov_len, libc::MSG_NOSIGNAL),
            _ => {
                let mut header: libc::msghdr = core::mem::zeroed();
                header.msg_iov = pieces.as_ptr().cast_mut();
                header.msg_iovlen = pieces.len();
                libc::sendmsg(fd, &raw const header, libc::MSG_NOSIGNAL)
            }
        }
    });
    match sent {
        // SAFETY: as the caller promises.
        Err(Errno(libc::ENOTSOCK)) => unsafe { writev(fd, pieces) },
        other => other,
    }
}

/// Sends up to `n` bytes of file `from`, from position `offset` on, without copying them here.
pub fn sendfile(to: c_int, from: c_int, offset: usize, n: usize) -> Result<usize, Errno> {
    let mut at = libc::off_t::try_from(offset).map_err(|_| Errno(libc::EINVAL))?;
    // SAFETY: the position is a local variable.
    check_size(unsafe { libc::sendfile(to, from, &raw mut at, n) })
}

/// Fills `to` from position `offset` on; says how much there was before the end of the file.
///
/// # Safety
/// `to` has `n` writable bytes.
pub unsafe fn read_at(fd: c_int, to: *mut u8, n: usize, offset: usize) -> Result<usize, Errno> {
    let mut done = 0;
    while done < n {
        let at = libc::off_t::try_from(offset + done).map_err(|_| Errno(libc::EINVAL))?;
        // SAFETY: `n - done` bytes from `to + done` are writable (caller).
        let got = check_size(unsafe { libc::pread(fd, to.add(done).cast(), n - done, at) });
        match got {
            Ok(0) => break,
            Ok(k) => done += k,
            Err(Errno(libc::EINTR)) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(done)
}

/// Opens a file for reading.
pub fn open_read(path: &core::ffi::CStr) -> Result<c_int, Errno> {
    // SAFETY: the path is NUL-terminated.
    check(unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) })
}

/// The size of a file.
pub fn size(fd: c_int) -> Result<usize, Errno> {
    let mut st = core::mem::MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the kernel fills the structure in when it returns 0, and only then it is read.
    let st = unsafe {
        check(libc::fstat(fd, st.as_mut_ptr()))?;
        st.assume_init()
    };
    usize::try_from(st.st_size).map_err(|_| Errno(libc::EINVAL))
}

/// The size of a page.
pub fn page_size() -> usize {
    // SAFETY: no precondition.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

/// Maps `n` bytes of a file from `offset` (a multiple of the page size) on, for reading.
pub fn map(fd: c_int, n: usize, offset: usize) -> Result<NonNull<c_void>, Errno> {
    let at = libc::off_t::try_from(offset).map_err(|_| Errno(libc::EINVAL))?;
    // SAFETY: a new mapping at an address of the kernel's choice disturbs nothing.
    let p = unsafe { libc::mmap(null_mut(), n, libc::PROT_READ, libc::MAP_PRIVATE, fd, at) };
    match NonNull::new(p) {
        Some(p) if p.as_ptr() != libc::MAP_FAILED => Ok(p),
        _ => Err(Errno::last()),
    }
}

/// Gives a mapping back.
///
/// # Safety
/// `n` bytes at `p` are a mapping of [`map`] that nobody uses any more.
pub unsafe fn unmap(p: NonNull<c_void>, n: usize) {
    // SAFETY: our own mapping (caller); with right arguments it cannot fail.
    let _ = unsafe { libc::munmap(p.as_ptr(), n) };
}

/// Closes a descriptor that we own.
pub fn close(fd: c_int) {
    // SAFETY: no memory is involved; the descriptor is closed once, by its owner.
    let _ = unsafe { libc::close(fd) };
}
