//! The one error type of the engine; `capi` turns it into the C return value and `errno`.

use crate::sys::Errno;

/// Why an operation was refused. Whatever is refused has changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The allocator (the user's or libc's) gave no memory.
    NoMemory,
    /// An argument or the state of the object does not allow the operation.
    Invalid,
    /// The object is frozen, being finalized or otherwise closed to this change.
    Frozen,
    /// The kernel refused.
    Os(Errno),
}

impl Error {
    /// The `errno` value that a C caller may look at.
    pub fn errno(self) -> i32 {
        match self {
            Self::NoMemory => libc::ENOMEM,
            Self::Invalid | Self::Frozen => libc::EINVAL,
            Self::Os(e) => e.0,
        }
    }
}

impl From<Errno> for Error {
    fn from(e: Errno) -> Self {
        Self::Os(e)
    }
}

/// The result of an engine operation.
pub type Result<T> = core::result::Result<T, Error>;
