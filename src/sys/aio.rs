//! Linux AIO: as much as polling descriptors needs.

use super::{Errno, check};
use core::mem::size_of;
use libc::{c_int, c_long, timespec};

/// `IOCB_CMD_POLL`.
const POLL: u16 = 5;

/// A request, which stays where it is while the kernel has it.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct Request {
    data: u64,
    key: u32,
    rw_flags: u32,
    opcode: u16,
    priority: i16,
    fd: u32,
    events: u64,
    bytes: u64,
    offset: i64,
    reserved: u64,
    flags: u32,
    result_fd: u32,
}

/// A completion.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct Event {
    /// What came with the request.
    pub data: u64,
    request: u64,
    /// The events found, or a negative error number.
    pub result: i64,
    result2: i64,
}

const _: () = assert!(size_of::<Request>() == 64 && size_of::<Event>() == 32);

impl Request {
    /// Asks to be told once when one of `events` (of poll) is there.
    pub fn poll(fd: c_int, events: u32, data: u64) -> Self {
        let (fd, events) = (fd.cast_unsigned(), u64::from(events));
        Self { data, opcode: POLL, fd, events, ..Self::default() }
    }
}

fn result(n: c_long) -> Result<usize, Errno> {
    check(c_int::try_from(n).unwrap_or(-1)).map(|n| n.unsigned_abs() as usize)
}

/// A context for this many requests at a time.
pub fn setup(requests: u32) -> Result<u64, Errno> {
    let mut context = 0_u64;
    // SAFETY: a live local is written.
    result(unsafe { libc::syscall(libc::SYS_io_setup, requests, &raw mut context) })?;
    Ok(context)
}

/// Ends a context and all its requests.
pub fn destroy(context: u64) {
    // SAFETY: no pointers of ours are passed.
    unsafe { libc::syscall(libc::SYS_io_destroy, context) };
}

/// Hands a request to the kernel.
///
/// # Safety
/// The request stays where it is until its completion has been taken.
pub unsafe fn submit(context: u64, request: *mut Request) -> Result<(), Errno> {
    // SAFETY: the array of one pointer is a live local; the caller vouches for the request.
    result(unsafe { libc::syscall(libc::SYS_io_submit, context, 1, &raw const request) }).map(drop)
}

/// Takes a request back; its completion comes all the same.
///
/// # Safety
/// The request is one that was submitted.
pub unsafe fn cancel(context: u64, request: *mut Request) {
    let mut event = Event::default();
    // SAFETY: the event is a live local; the caller vouches for the request.
    unsafe { libc::syscall(libc::SYS_io_cancel, context, request, &raw mut event) };
}

/// Waits at most `timeout` nanoseconds (`None`: for ever) and says how many events were written.
///
/// # Safety
/// `events` points to `capacity` writable entries that nobody else touches meanwhile.
pub unsafe fn wait(
    context: u64,
    events: *mut Event,
    capacity: usize,
    timeout: Option<u64>,
) -> Result<usize, Errno> {
    let mut ts = timeout.map(super::clock::timespec);
    let ts: *mut timespec = ts.as_mut().map_or(core::ptr::null_mut(), core::ptr::from_mut);
    // SAFETY: the caller vouches for the array; the timespec is a live local or null.
    result(unsafe { libc::syscall(libc::SYS_io_getevents, context, 1_i64, capacity, events, ts) })
}
