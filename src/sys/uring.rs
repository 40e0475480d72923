//! io_uring: as much as polling descriptors needs.

use super::{Errno, check};
use core::ffi::c_void;
use core::mem::size_of;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU32, Ordering};
use libc::c_int;

const SETUP_CQSIZE: u32 = 1 << 3;
const FEATURE_SINGLE_MMAP: u32 = 1;
const FEATURE_NODROP: u32 = 1 << 1;
const FEATURE_EXT_ARG: u32 = 1 << 8;
const ENTER_GETEVENTS: u32 = 1;
const ENTER_EXT_ARG: u32 = 1 << 3;
const OFFSET_SQES: libc::off_t = 0x1000_0000;
const OP_POLL_ADD: u8 = 6;
const OP_POLL_REMOVE: u8 = 7;
/// What a removal's own completion carries.
const REMOVAL: u64 = u64::MAX;

#[repr(C)]
#[derive(Default)]
struct Params {
    sq_entries: u32,
    cq_entries: u32,
    flags: u32,
    sq_thread_cpu: u32,
    sq_thread_idle: u32,
    features: u32,
    wq_fd: u32,
    reserved: [u32; 3],
    sq: SqOffsets,
    cq: CqOffsets,
}

#[repr(C)]
#[derive(Default)]
struct SqOffsets {
    head: u32,
    tail: u32,
    ring_mask: u32,
    ring_entries: u32,
    flags: u32,
    dropped: u32,
    array: u32,
    reserved: u32,
    user_addr: u64,
}

#[repr(C)]
#[derive(Default)]
struct CqOffsets {
    head: u32,
    tail: u32,
    ring_mask: u32,
    ring_entries: u32,
    overflow: u32,
    cqes: u32,
    flags: u32,
    reserved: u32,
    user_addr: u64,
}

#[repr(C)]
struct Sqe {
    opcode: u8,
    flags: u8,
    priority: u16,
    fd: i32,
    offset: u64,
    address: u64,
    len: u32,
    poll_events: u32,
    user_data: u64,
    rest: [u64; 3],
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Cqe {
    user_data: u64,
    result: i32,
    flags: u32,
}

#[repr(C)]
struct GetEventsArg {
    sigmask: u64,
    sigmask_size: u32,
    reserved: u32,
    timespec: u64,
}

const _: () = assert!(size_of::<Params>() == 120 && size_of::<Sqe>() == 64);
const _: () = assert!(size_of::<Cqe>() == 16 && size_of::<GetEventsArg>() == 24);

/// A ring with its mappings.
#[derive(Debug)]
pub struct Ring {
    fd: c_int,
    rings: *mut u8,
    rings_size: usize,
    sqes: *mut u8,
    sqes_size: usize,
    sq_head: *mut u32,
    sq_tail: *mut u32,
    sq_array: *mut u32,
    sq_entries: u32,
    cq_head: *mut u32,
    cq_tail: *mut u32,
    cqes: *mut u8,
    cq_mask: u32,
}

fn map(fd: c_int, size: usize, offset: libc::off_t) -> Result<*mut u8, Errno> {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_SHARED | libc::MAP_POPULATE;
    // SAFETY: a new mapping at an address of the kernel's choice harms nobody.
    let p = unsafe { libc::mmap(null_mut(), size, access, flags, fd, offset) };
    if p == libc::MAP_FAILED { Err(Errno::last()) } else { Ok(p.cast()) }
}

impl Ring {
    /// A ring with room for this many submissions at a time.
    pub fn new(entries: u32) -> Result<Self, Errno> {
        let mut p = Params { flags: SETUP_CQSIZE, cq_entries: entries * 4, ..Params::default() };
        // SAFETY: the kernel reads and writes the live local.
        let fd = unsafe { libc::syscall(libc::SYS_io_uring_setup, entries, &raw mut p) };
        let fd = check(c_int::try_from(fd).unwrap_or(-1))?;
        let needed = FEATURE_SINGLE_MMAP | FEATURE_NODROP | FEATURE_EXT_ARG;
        if p.features & needed != needed {
            super::eventfd::close(fd);
            return Err(Errno(libc::ENOSYS));
        }
        let sq_end = p.sq.array as usize + p.sq_entries as usize * size_of::<u32>();
        let cq_end = p.cq.cqes as usize + p.cq_entries as usize * size_of::<Cqe>();
        let rings_size = sq_end.max(cq_end);
        let sqes_size = p.sq_entries as usize * size_of::<Sqe>();
        let mapped = map(fd, rings_size, 0).and_then(|rings| {
            map(fd, sqes_size, OFFSET_SQES).map(|sqes| (rings, sqes)).inspect_err(|_| {
                // SAFETY: the mapping was just made and nobody uses it.
                unsafe { libc::munmap(rings.cast(), rings_size) };
            })
        });
        let (rings, sqes) = match mapped {
            Ok(pair) => pair,
            Err(errno) => {
                super::eventfd::close(fd);
                return Err(errno);
            }
        };
        let at = |offset: u32| rings.wrapping_add(offset as usize);
        Ok(Self {
            fd,
            rings,
            rings_size,
            sqes,
            sqes_size,
            sq_head: at(p.sq.head).cast(),
            sq_tail: at(p.sq.tail).cast(),
            sq_array: at(p.sq.array).cast(),
            sq_entries: p.sq_entries,
            cq_head: at(p.cq.head).cast(),
            cq_tail: at(p.cq.tail).cast(),
            cqes: at(p.cq.cqes),
            cq_mask: p.cq_entries - 1,
        })
    }

    /// The ring's descriptor, readable when completions wait.
    pub fn fd(&self) -> c_int {
        self.fd
    }

    /// Closes the descriptor before the rest goes: the number is free then for another ring's.
    pub fn close(&mut self) {
        if self.fd >= 0 {
            super::eventfd::close(self.fd);
            self.fd = -1;
        }
    }

    fn load(&self, word: *mut u32) -> u32 {
        // SAFETY: the word lies in our mapping, which lives as long as the ring; the kernel
        // accesses it atomically.
        unsafe { AtomicU32::from_ptr(word) }.load(Ordering::Acquire)
    }

    fn store(&self, word: *mut u32, value: u32) {
        // SAFETY: as in `load`.
        unsafe { AtomicU32::from_ptr(word) }.store(value, Ordering::Release);
    }

    /// How many submissions the kernel has not taken.
    pub fn unsubmitted(&self) -> u32 {
        self.load(self.sq_tail).wrapping_sub(self.load(self.sq_head))
    }

    fn push(&mut self, sqe: Sqe) -> Result<(), Errno> {
        while self.unsubmitted() >= self.sq_entries {
            self.submit()?;
        }
        let tail = self.load(self.sq_tail);
        let index = tail & (self.sq_entries - 1);
        // SAFETY: the index is within both arrays, whose sizes were mapped for that many entries,
        // and the kernel does not look at an entry before the tail has passed it.
        unsafe {
            self.sqes.cast::<Sqe>().add(index as usize).write(sqe);
            self.sq_array.add(index as usize).write(index);
        }
        self.store(self.sq_tail, tail.wrapping_add(1));
        Ok(())
    }

    /// Asks to be told once when one of `events` (of poll) is there.
    pub fn poll_add(&mut self, fd: c_int, events: u32, user_data: u64) -> Result<(), Errno> {
        self.push(Sqe {
            opcode: OP_POLL_ADD,
            flags: 0,
            priority: 0,
            fd,
            offset: 0,
            address: 0,
            len: 0,
            poll_events: if cfg!(target_endian = "big") { events.rotate_left(16) } else { events },
            user_data,
            rest: [0; 3],
        })
    }

    /// Takes that back.
    pub fn poll_remove(&mut self, user_data: u64) -> Result<(), Errno> {
        self.push(Sqe {
            opcode: OP_POLL_REMOVE,
            flags: 0,
            priority: 0,
            fd: -1,
            offset: 0,
            address: user_data,
            len: 0,
            poll_events: 0,
            user_data: REMOVAL,
            rest: [0; 3],
        })
    }

    /// Hands everything over, without waiting.
    pub fn submit(&mut self) -> Result<(), Errno> {
        match enter(self.fd, self.unsubmitted(), Some(0)) {
            Err(errno) if errno.0 != libc::EINTR => Err(errno),
            _ => Ok(()),
        }
    }

    /// The next completion: what came with the request, and its result.
    pub fn completion(&mut self) -> Option<(u64, i32)> {
        loop {
            let head = self.load(self.cq_head);
            if head == self.load(self.cq_tail) {
                return None;
            }
            // SAFETY: the index is within the array, and the kernel has written the entry before
            // it moved the tail past it.
            let cqe = unsafe { self.cqes.cast::<Cqe>().add((head & self.cq_mask) as usize).read() };
            self.store(self.cq_head, head.wrapping_add(1));
            if cqe.user_data != REMOVAL {
                return Some((cqe.user_data, cqe.result));
            }
        }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the mappings are ours and nobody uses them any more.
        unsafe {
            libc::munmap(self.rings.cast(), self.rings_size);
            libc::munmap(self.sqes.cast(), self.sqes_size);
        }
        self.close();
    }
}

/// Hands over `submit` submissions and waits at most `timeout` nanoseconds (`None`: for ever) for a
/// completion.
pub fn enter(fd: c_int, submit: u32, timeout: Option<u64>) -> Result<(), Errno> {
    let ts = super::clock::timespec(timeout.unwrap_or(0));
    let timespec = if timeout.is_some() { (&raw const ts).expose_provenance() as u64 } else { 0 };
    let arg = GetEventsArg { sigmask: 0, sigmask_size: 8, reserved: 0, timespec };
    let wanted = u32::from(timeout != Some(0));
    let arg: *const c_void = (&raw const arg).cast();
    let flags = ENTER_GETEVENTS | ENTER_EXT_ARG;
    let size = size_of::<GetEventsArg>();
    // SAFETY: the argument and the timespec it points to are live locals.
    let n =
        unsafe { libc::syscall(libc::SYS_io_uring_enter, fd, submit, wanted, flags, arg, size) };
    if n >= 0 {
        return Ok(());
    }
    match Errno::last() {
        // Time is up, or completions have to be taken first.
        Errno(libc::ETIME | libc::EBUSY | libc::EAGAIN) => Ok(()),
        errno => Err(errno),
    }
}
