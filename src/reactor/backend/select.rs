//! select: bit sets by descriptor, of any size (the kernel has no 1024 limit, only glibc's type).
//!
//! It knows no edges and no closing of the peer; both are accepted and never reported.

use super::{Backend, Call, Interest, Readiness, Report, Wait};
use crate::error::{Error, Result};
use crate::mem::Vec;
use crate::sys::Errno;
use allocator_api2::alloc::Allocator;
use libc::c_int;

/// What is waited for, or was found, of 64 descriptors.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Word {
    read: u64,
    write: u64,
}

/// The sets as the kernel takes them: read words, then write words.
pub(in super::super) type Sets = u64;

#[derive(Debug)]
pub(in super::super) struct Select<A: Allocator> {
    words: Vec<Word, A>,
    waited: Vec<Sets, A>,
    found: usize,
    next: usize,
}

impl<A: Allocator + Clone> Select<A> {
    pub(super) fn new(alloc: A) -> Self {
        Self { words: Vec::new_in(alloc.clone()), waited: Vec::new_in(alloc), found: 0, next: 0 }
    }
}

/// Waits on sets of `words` words each.
///
/// # Safety
/// `sets` points to `2 * words` words that nobody else touches meanwhile.
pub(in super::super) unsafe fn wait(
    sets: *mut Sets,
    words: usize,
    timeout: Option<u64>,
) -> core::result::Result<usize, Errno> {
    let nfds = c_int::try_from(words * 64).map_err(|_| Errno(libc::EINVAL))?;
    // SAFETY: the second half is the write set; the caller vouches for the array.
    unsafe { crate::sys::poll::select(nfds, sets, sets.add(words), core::ptr::null_mut(), timeout) }
}

impl<A: Allocator> Backend for Select<A> {
    fn control(
        &mut self,
        fd: c_int,
        _: Interest,
        new: Interest,
        _: u32,
    ) -> core::result::Result<(), Errno> {
        let index = usize::try_from(fd).map_err(|_| Errno(libc::EBADF))?;
        let (word, bit) = (index / 64, 1_u64 << (index % 64));
        if word >= self.words.len() {
            if new.is_empty() {
                return Ok(());
            }
            let more = word + 1 - self.words.len();
            self.words.try_reserve(more).map_err(|_| Errno(libc::ENOMEM))?;
            self.words.resize(word + 1, Word::default());
        }
        if let Some(w) = self.words.get_mut(word) {
            w.read = if new.contains(Interest::READ) { w.read | bit } else { w.read & !bit };
            w.write = if new.contains(Interest::WRITE) { w.write | bit } else { w.write & !bit };
        }
        Ok(())
    }

    fn begin(&mut self, timeout: Option<u64>) -> Result<Wait> {
        let words = self.words.len();
        self.waited.clear();
        self.waited.try_reserve(words * 2).map_err(|_| Error::NoMemory)?;
        self.waited.extend(self.words.iter().map(|w| w.read));
        self.waited.extend(self.words.iter().map(|w| w.write));
        Ok(Wait { call: Call::Select { sets: self.waited.as_mut_ptr(), words }, timeout })
    }

    fn end(&mut self, count: usize) {
        self.next = 0;
        self.found = if count == 0 { 0 } else { self.waited.len() / 2 * 64 };
    }

    fn report(&mut self) -> Option<Report> {
        let words = self.waited.len() / 2;
        while self.next < self.found {
            let fd = self.next;
            let (word, bit) = (fd / 64, fd % 64);
            let read = self.waited.get(word).copied().unwrap_or(0) >> bit;
            let write = self.waited.get(words + word).copied().unwrap_or(0) >> bit;
            if read | write == 0 {
                // Nothing in the rest of this word.
                self.next = (word + 1) * 64;
                continue;
            }
            self.next += 1;
            let mut readiness = Readiness::empty();
            if read & 1 != 0 {
                readiness |= Readiness::READ;
            }
            if write & 1 != 0 {
                readiness |= Readiness::WRITE;
            }
            if !readiness.is_empty() {
                let fd = c_int::try_from(fd).ok()?;
                return Some(Report { fd, generation: None, readiness });
            }
        }
        None
    }

    fn reset(&mut self) -> core::result::Result<(), Errno> {
        self.words.clear();
        self.waited.clear();
        Ok(())
    }
}
