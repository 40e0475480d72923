//! The structures, constants and callback shapes of `event2/buffer.h`.
#![allow(non_camel_case_types, clippy::use_self, reason = "C names")]

use core::ffi::c_void;
use core::mem::{align_of, offset_of, size_of};
use libc::{c_int, c_uint, c_ulong, size_t, ssize_t};

/// A queue of bytes; opaque to C.
pub use super::evbuffer;

/// A callback registered on an evbuffer, as [`evbuffer_cb_func`]s are removed and switched by;
/// opaque to C.
pub use super::evbuffer_cb_entry;

/// A piece of a file that evbuffers can share; opaque to C.
pub use super::evbuffer_file_segment;

/// Bytes are only ever taken out of this buffer by writing them to a descriptor
/// (`evbuffer_set_flags`): data may stay in the kernel, as with `sendfile`.
pub const EVBUFFER_FLAG_DRAINS_TO_FD: c_ulong = 1;

/// The descriptor is closed when the file segment dies.
pub const EVBUF_FS_CLOSE_ON_FREE: c_uint = 0x01;
/// The file is never mapped into memory.
pub const EVBUF_FS_DISABLE_MMAP: c_uint = 0x02;
/// The file is never sent with `sendfile`.
pub const EVBUF_FS_DISABLE_SENDFILE: c_uint = 0x04;
/// The segment takes no lock: only one thread ever uses it.
pub const EVBUF_FS_DISABLE_LOCKING: c_uint = 0x08;

/// The callback is called (`evbuffer_cb_set_flags`); set from the start.
pub const EVBUFFER_CB_ENABLED: c_uint = 1;

/// What ends a line.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum evbuffer_eol_style {
    /// Any sequence of CR and LF characters; for old protocols only.
    EVBUFFER_EOL_ANY = 0,
    /// An LF, optionally with one CR before it.
    EVBUFFER_EOL_CRLF = 1,
    /// A CR and an LF, nothing less.
    EVBUFFER_EOL_CRLF_STRICT = 2,
    /// An LF.
    EVBUFFER_EOL_LF = 3,
    /// A NUL byte.
    EVBUFFER_EOL_NUL = 4,
}

/// An `enum evbuffer_eol_style` as C hands it over: any value.
pub type evbuffer_eol_style_raw = c_uint;

impl TryFrom<evbuffer_eol_style_raw> for evbuffer_eol_style {
    type Error = crate::error::Error;

    fn try_from(style: evbuffer_eol_style_raw) -> Result<Self, Self::Error> {
        Ok(match style {
            0 => Self::EVBUFFER_EOL_ANY,
            1 => Self::EVBUFFER_EOL_CRLF,
            2 => Self::EVBUFFER_EOL_CRLF_STRICT,
            3 => Self::EVBUFFER_EOL_LF,
            4 => Self::EVBUFFER_EOL_NUL,
            _ => return Err(crate::error::Error::Invalid),
        })
    }
}

/// How `evbuffer_ptr_set` moves a position.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum evbuffer_ptr_how {
    /// To the given offset from the start of the buffer.
    EVBUFFER_PTR_SET = 0,
    /// Forward by the given number of bytes.
    EVBUFFER_PTR_ADD = 1,
}

/// An `enum evbuffer_ptr_how` as C hands it over: any value.
pub type evbuffer_ptr_how_raw = c_uint;

impl TryFrom<evbuffer_ptr_how_raw> for evbuffer_ptr_how {
    type Error = crate::error::Error;

    fn try_from(how: evbuffer_ptr_how_raw) -> Result<Self, Self::Error> {
        match how {
            0 => Ok(Self::EVBUFFER_PTR_SET),
            1 => Ok(Self::EVBUFFER_PTR_ADD),
            _ => Err(crate::error::Error::Invalid),
        }
    }
}

/// Where a position lies in the chain (private).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evbuffer_ptr_internal {
    /// Private.
    pub chain: *mut c_void,
    /// Private.
    pub pos_in_chain: size_t,
}

/// A position in an evbuffer. Any change of the buffer makes it invalid.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evbuffer_ptr {
    /// The offset from the start of the buffer; -1 when nothing was found. Read-only.
    pub pos: ssize_t,
    /// Private.
    pub internal_: evbuffer_ptr_internal,
}

/// One piece of memory of an evbuffer: the system's `struct iovec`.
pub type evbuffer_iovec = libc::iovec;

/// What has changed since a callback was last called.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evbuffer_cb_info {
    /// The length of the buffer at the last call.
    pub orig_size: size_t,
    /// The number of bytes added since.
    pub n_added: size_t,
    /// The number of bytes removed since.
    pub n_deleted: size_t,
}

/// Called when a buffer with data added by reference is done with that data.
pub type evbuffer_ref_cleanup_cb =
    Option<unsafe extern "C" fn(data: *const c_void, datalen: size_t, extra: *mut c_void)>;

/// Called when a file segment is about to die.
pub type evbuffer_file_segment_cleanup_cb = Option<
    unsafe extern "C" fn(segment: *const evbuffer_file_segment, flags: c_int, arg: *mut c_void),
>;

/// Called when the content of a buffer has changed.
pub type evbuffer_cb_func = Option<
    unsafe extern "C" fn(buffer: *mut evbuffer, info: *const evbuffer_cb_info, arg: *mut c_void),
>;

const _: () = {
    assert!(size_of::<evbuffer_ptr>() == 24 && align_of::<evbuffer_ptr>() == 8);
    assert!(offset_of!(evbuffer_ptr, pos) == 0 && offset_of!(evbuffer_ptr, internal_) == 8);
    assert!(offset_of!(evbuffer_ptr_internal, chain) == 0);
    assert!(offset_of!(evbuffer_ptr_internal, pos_in_chain) == 8);
    assert!(size_of::<evbuffer_cb_info>() == 24 && align_of::<evbuffer_cb_info>() == 8);
    assert!(offset_of!(evbuffer_cb_info, orig_size) == 0);
    assert!(offset_of!(evbuffer_cb_info, n_added) == 8);
    assert!(offset_of!(evbuffer_cb_info, n_deleted) == 16);
    assert!(size_of::<evbuffer_iovec>() == 16);
};
