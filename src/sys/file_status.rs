//! The attributes of files and file systems.

use super::{Errno, check};
use core::ffi::CStr;
use libc::stat;

/// `lstat`.
pub fn lstat(path: &CStr) -> Result<stat, Errno> {
    // SAFETY: the structure is plain data, for which all zeros is a valid value.
    let mut status: stat = unsafe { core::mem::zeroed() };
    // SAFETY: a C string is read and a live local is written.
    check(unsafe { libc::lstat(path.as_ptr(), &raw mut status) })?;
    Ok(status)
}

/// The kind of file system that a path is on, as `statfs` tells.
pub fn file_system(path: &CStr) -> Result<i64, Errno> {
    // SAFETY: the structure is plain data, for which all zeros is a valid value.
    let mut status: libc::statfs = unsafe { core::mem::zeroed() };
    // SAFETY: a C string is read and a live local is written.
    check(unsafe { libc::statfs(path.as_ptr(), &raw mut status) })?;
    Ok(status.f_type)
}
