//! Allocation: the user's hooks, and fallible boxes and vectors on top of them.
//!
//! Every block that the library keeps or hands out comes from here:
//!
//! - [`alloc`], [`zeroed`], [`realloc`], [`free`]: raw blocks; what C frees with `free()` is made
//!   with these. They use the functions given to `event_set_mem_functions`, else libc's.
//! - [`Heap`]: the same as an `allocator_api2` allocator; [`Vec`] and [`Box`] use it.
//! - [`LoopHeap`]: the allocator given to `ev_set_allocator`, for the libev side.
//!
//! Nothing that is sized from outside may use an infallible method: reserve first
//! (`try_reserve`, [`TryPush`]), and give the caller [`Error::NoMemory`].

use crate::error::{Error, Result};
use allocator_api2::alloc::{AllocError, Allocator, Layout};
use core::ffi::c_void;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed};

/// A vector on the user's allocation hooks.
pub type Vec<T, A = Heap> = allocator_api2::vec::Vec<T, A>;
/// A box on the user's allocation hooks.
pub type Box<T, A = Heap> = allocator_api2::boxed::Box<T, A>;

/// `malloc` as a user replaces it.
pub type MallocFn = unsafe extern "C" fn(usize) -> *mut c_void;
/// `realloc` as a user replaces it.
pub type ReallocFn = unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void;
/// `free` as a user replaces it.
pub type FreeFn = unsafe extern "C" fn(*mut c_void);
/// libev's single allocation function: size 0 frees.
pub type LoopAllocFn = unsafe extern "C" fn(*mut c_void, libc::c_long) -> *mut c_void;

// Function addresses, 0 for libc's own. Words rather than locks: the hooks are documented as
// "set before anything else", and a reader must never block.
static MALLOC: AtomicUsize = AtomicUsize::new(0);
static REALLOC: AtomicUsize = AtomicUsize::new(0);
static FREE: AtomicUsize = AtomicUsize::new(0);
static LOOP_ALLOC: AtomicUsize = AtomicUsize::new(0);

/// Replaces the three functions; `None` restores libc's.
pub fn set_functions(malloc: Option<MallocFn>, realloc: Option<ReallocFn>, free: Option<FreeFn>) {
    MALLOC.store(malloc.map_or(0, |f| f as usize), Relaxed);
    REALLOC.store(realloc.map_or(0, |f| f as usize), Relaxed);
    FREE.store(free.map_or(0, |f| f as usize), Relaxed);
    LONE.store((&raw const NOT_LONE).cast_mut(), Relaxed);
}

/// Whether the user's functions are in force rather than libc's.
#[inline]
pub fn hooked() -> bool {
    MALLOC.load(Relaxed) != 0
}

/// Points to a byte that is not 0 while libc's functions are in force and the process has one
/// thread; to one that is 0 before [`watch_threads`].
static LONE: AtomicPtr<u8> = AtomicPtr::new((&raw const NOT_LONE).cast_mut());
static NOT_LONE: u8 = 0;

/// Whether libc's functions are in force and this is the only thread of the process; it stays so
/// while the caller runs no code of the program, for nobody else is there to start a thread.
#[inline]
pub fn lone() -> bool {
    // SAFETY: a static byte of ours, or glibc's variable of the same kind; both live for ever.
    // glibc itself reads its own without more care.
    unsafe { LONE.load(Relaxed).read_volatile() != 0 }
}

/// Finds out where to look. Until the first call [`lone`] says no.
#[cold]
pub fn watch_threads() {
    if !hooked() {
        LONE.store(single_threaded(), Relaxed);
    }
}

/// glibc's `__libc_single_threaded`, which it has since 2.32, else a byte that says no.
fn single_threaded() -> *mut u8 {
    #[cfg(all(target_arch = "x86_64", target_env = "gnu", not(miri)))]
    {
        // The reference is weak, and null in older ones; stable Rust has no other way to write that.
        let found: *mut u8;
        // SAFETY: an address is loaded from the global offset table.
        unsafe {
            core::arch::asm!(
                ".weak __libc_single_threaded",
                "mov {found}, qword ptr [rip + __libc_single_threaded@GOTPCREL]",
                found = out(reg) found,
                options(nostack, preserves_flags, pure, readonly),
            );
        }
        if !found.is_null() {
            return found;
        }
    }
    (&raw const NOT_LONE).cast_mut()
}

/// Replaces libev's allocator; `None` restores libc's `realloc`/`free`.
pub fn set_loop_allocator(alloc: Option<LoopAllocFn>) {
    LOOP_ALLOC.store(alloc.map_or(0, |f| f as usize), Relaxed);
}

/// Asks the processor to have this address at hand soon. Any address is fine, as nothing is read.
#[inline(always)]
pub fn prefetch<T>(p: *const T) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: the instruction ignores addresses that cannot be read.
    unsafe {
        core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(p.cast());
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = p;
}

/// `size` bytes, aligned for any C type. `None` for size 0 and when there is no memory.
#[inline]
pub fn alloc(size: usize) -> Option<NonNull<u8>> {
    if size == 0 {
        return None;
    }
    let hook = MALLOC.load(Relaxed);
    // SAFETY: either libc's malloc, or the user's replacement of the same contract, whose
    // address `set_functions` took from a function pointer of exactly this type.
    let p = unsafe {
        if hook == 0 {
            libc::malloc(size)
        } else {
            core::mem::transmute::<usize, MallocFn>(hook)(size)
        }
    };
    NonNull::new(p.cast())
}

/// `count * size` zeroed bytes; `None` (with `errno` `ENOMEM`) when that overflows.
pub fn zeroed(count: usize, size: usize) -> Option<NonNull<u8>> {
    let Some(total) = count.checked_mul(size) else {
        crate::sys::Errno(libc::ENOMEM).set();
        return None;
    };
    if MALLOC.load(Relaxed) == 0 {
        if total == 0 {
            return None;
        }
        // SAFETY: calloc has no precondition.
        return NonNull::new(unsafe { libc::calloc(count, size) }.cast());
    }
    let p = alloc(total)?;
    // SAFETY: `alloc` returned `total` writable bytes.
    unsafe { p.as_ptr().write_bytes(0, total) };
    Some(p)
}

/// Resizes a block of [`alloc`]; on `None` the old block is unchanged.
///
/// # Safety
/// `block` is null or a live block of this module.
pub unsafe fn realloc(block: *mut u8, size: usize) -> Option<NonNull<u8>> {
    let hook = REALLOC.load(Relaxed);
    // SAFETY: the block came from the hook's family (caller); the address as in `alloc`.
    let p = unsafe {
        if hook == 0 {
            libc::realloc(block.cast(), size)
        } else {
            core::mem::transmute::<usize, ReallocFn>(hook)(block.cast(), size)
        }
    };
    NonNull::new(p.cast())
}

/// Gives a block back; null is ignored.
///
/// # Safety
/// `block` is null or a live block of this module, and nobody uses it any more.
#[inline]
pub unsafe fn free(block: *mut u8) {
    if block.is_null() {
        return;
    }
    let hook = FREE.load(Relaxed);
    // SAFETY: the block came from the hook's family (caller); the address as in `alloc`.
    unsafe {
        if hook == 0 {
            libc::free(block.cast());
        } else {
            core::mem::transmute::<usize, FreeFn>(hook)(block.cast());
        }
    }
}

/// A NUL-terminated copy of `bytes` for C to keep and free.
pub fn c_string(bytes: &[u8]) -> Result<NonNull<libc::c_char>> {
    let size = bytes.len().checked_add(1).ok_or(Error::NoMemory)?;
    let p = alloc(size).ok_or(Error::NoMemory)?;
    // SAFETY: `size` = len + 1 bytes were allocated, and they do not overlap `bytes`.
    unsafe {
        p.as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        p.as_ptr().add(bytes.len()).write(0);
    }
    Ok(p.cast())
}

/// A box of `value`, or [`Error::NoMemory`].
pub fn try_box<T>(value: T) -> Result<Box<T>> {
    Box::try_new_in(value, Heap).map_err(|_| Error::NoMemory)
}

/// Appending that fails instead of aborting.
pub trait TryPush<T> {
    /// Appends `value`, or leaves the vector alone and returns [`Error::NoMemory`].
    fn try_push(&mut self, value: T) -> Result<()>;
}

impl<T, A: Allocator> TryPush<T> for Vec<T, A> {
    fn try_push(&mut self, value: T) -> Result<()> {
        if self.len() == self.capacity() {
            self.try_reserve(1).map_err(|_| Error::NoMemory)?;
        }
        self.push(value);
        Ok(())
    }
}

/// The libevent side's allocator: `event_set_mem_functions`, else libc.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heap;

/// The libev side's allocator: `ev_set_allocator`, else libc.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoopHeap;

/// C allocators align for `max_align_t`; nothing in the library asks for more.
const C_ALIGN: usize = 16;

fn slice(p: NonNull<u8>, len: usize) -> NonNull<[u8]> {
    NonNull::slice_from_raw_parts(p, len)
}

// SAFETY: blocks stay valid until deallocated, all copies of the unit struct are the same
// allocator, and layouts that C alignment cannot serve are refused.
unsafe impl Allocator for Heap {
    fn allocate(&self, layout: Layout) -> core::result::Result<NonNull<[u8]>, AllocError> {
        if layout.align() > C_ALIGN {
            return Err(AllocError);
        }
        alloc(layout.size().max(1)).map(|p| slice(p, layout.size())).ok_or(AllocError)
    }

    unsafe fn deallocate(&self, ptr: NonNull<u8>, _: Layout) {
        // SAFETY: the caller hands back a block of this allocator.
        unsafe { free(ptr.as_ptr()) }
    }

    unsafe fn grow(
        &self,
        ptr: NonNull<u8>,
        _: Layout,
        new: Layout,
    ) -> core::result::Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller hands in a live block of this allocator.
        let p = unsafe { realloc(ptr.as_ptr(), new.size().max(1)) };
        p.map(|p| slice(p, new.size())).ok_or(AllocError)
    }

    unsafe fn shrink(
        &self,
        ptr: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> core::result::Result<NonNull<[u8]>, AllocError> {
        // SAFETY: same contract as `grow`; realloc serves both directions.
        unsafe { self.grow(ptr, old, new) }
    }
}

unsafe fn loop_realloc(block: *mut u8, size: usize) -> Option<NonNull<u8>> {
    let hook = LOOP_ALLOC.load(Relaxed);
    let long = libc::c_long::try_from(size).ok()?;
    // SAFETY: the block is null or of this family (caller); size 0 frees on both paths; the
    // address was taken from a `LoopAllocFn`.
    let p = unsafe {
        if hook != 0 {
            core::mem::transmute::<usize, LoopAllocFn>(hook)(block.cast(), long)
        } else if size == 0 {
            libc::free(block.cast());
            core::ptr::null_mut()
        } else {
            libc::realloc(block.cast(), size)
        }
    };
    NonNull::new(p.cast())
}

// SAFETY: as for `Heap`.
unsafe impl Allocator for LoopHeap {
    fn allocate(&self, layout: Layout) -> core::result::Result<NonNull<[u8]>, AllocError> {
        if layout.align() > C_ALIGN {
            return Err(AllocError);
        }
        // SAFETY: a null block asks for a new one.
        let p = unsafe { loop_realloc(core::ptr::null_mut(), layout.size().max(1)) };
        p.map(|p| slice(p, layout.size())).ok_or(AllocError)
    }

    unsafe fn deallocate(&self, ptr: NonNull<u8>, _: Layout) {
        // SAFETY: the caller hands back a block of this allocator.
        let _ = unsafe { loop_realloc(ptr.as_ptr(), 0) };
    }

    unsafe fn grow(
        &self,
        ptr: NonNull<u8>,
        _: Layout,
        new: Layout,
    ) -> core::result::Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller hands in a live block of this allocator.
        let p = unsafe { loop_realloc(ptr.as_ptr(), new.size().max(1)) };
        p.map(|p| slice(p, new.size())).ok_or(AllocError)
    }

    unsafe fn shrink(
        &self,
        ptr: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> core::result::Result<NonNull<[u8]>, AllocError> {
        // SAFETY: same contract as `grow`.
        unsafe { self.grow(ptr, old, new) }
    }
}
