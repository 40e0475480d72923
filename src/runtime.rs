//! What has to be there once in a library that ends in C programs, in the place of std. Rust
//! programs (the tests, the fuzz targets) get all of it from std.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::global_asm;
use core::panic::PanicInfo;
use core::ptr::null_mut;

/// A panic ends the process. None is reachable, so a release says nothing: the text would take
/// more room than all other constants. Builds with overflow checks are the developers'.
#[panic_handler]
fn on_panic(info: &PanicInfo<'_>) -> ! {
    if cfg!(debug_assertions) {
        use core::fmt::Write as _;
        let _ = writeln!(Stderr, "{info}");
    }
    abort()
}

extern "C" fn abort() -> ! {
    // SAFETY: ends the process, takes nothing.
    unsafe { libc::abort() }
}

struct Stderr;

impl core::fmt::Write for Stderr {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        // SAFETY: the text has its length. What cannot be written is lost.
        unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
        Ok(())
    }
}

// core as it is distributed can unwind, and names the routines for that. Nothing unwinds here.
// Hidden: they are no exports of ours, and may not replace those of another Rust library. In Rust
// itself they would be exported.
global_asm!(
    ".globl rust_eh_personality, _Unwind_Resume",
    ".hidden rust_eh_personality, _Unwind_Resume",
    "rust_eh_personality:",
    "_Unwind_Resume:",
    #[cfg(target_arch = "x86_64")]
    "jmp {abort}",
    #[cfg(target_arch = "aarch64")]
    "b {abort}",
    abort = sym abort,
);

/// allocator-api2 knows the alloc crate, which wants a global allocator to be there. Nothing uses
/// it, see [`crate::mem`], so it has no memory.
#[global_allocator]
static NOTHING: Nothing = Nothing;

struct Nothing;

// SAFETY: no memory is a valid answer, so there is nothing to be freed.
unsafe impl GlobalAlloc for Nothing {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
