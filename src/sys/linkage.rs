//! Under which names this library and its like were linked, as the dynamic loader knows it.

use core::ffi::{CStr, c_char, c_int, c_void};
use libc::dl_phdr_info;

const DT_NULL: i64 = 0;
const DT_NEEDED: i64 = 1;
const DT_STRTAB: i64 = 5;

/// Whether the loader mapped this library from a file called `name`, while nothing in the process
/// was linked with a library whose name begins with `other`. Programs reach a library through the
/// name they were linked with, so this tells what they take it for.
///
/// (Not with `dladdr`: it goes through all symbols of the library, a twelfth of what a small program
/// does before its `main`.)
pub fn loaded_only_as(name: &CStr, other: &CStr) -> bool {
    let mut own =
        Own { address: (loaded_only_as as *const c_void).addr() as u64, name, found: false };
    // SAFETY: `visit_own` gets our `Own` back, which outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(visit_own), (&raw mut own).cast()) };
    if !own.found {
        return false;
    }
    let mut search = Search { other, found: false };
    // SAFETY: `visit` gets our `Search` back, which outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut search).cast()) };
    !search.found
}

struct Own<'a> {
    address: u64,
    name: &'a CStr,
    found: bool,
}

/// Looks whether an object is the one with the address, and which name it has; 1 ends the search.
unsafe extern "C" fn visit_own(info: *mut dl_phdr_info, _: usize, own: *mut c_void) -> c_int {
    // SAFETY: the loader passes a live description of a mapped object, whose name is a
    // NUL-terminated string, and our own `Own`.
    unsafe {
        let (info, own) = (&*info, &mut *own.cast::<Own<'_>>());
        for n in 0..usize::from(info.dlpi_phnum) {
            let header = &*info.dlpi_phdr.add(n);
            let offset = own.address.wrapping_sub(info.dlpi_addr.wrapping_add(header.p_vaddr));
            if header.p_type == libc::PT_LOAD && offset < header.p_memsz {
                let path = CStr::from_ptr(info.dlpi_name).to_bytes();
                own.found = path.rsplit(|b| *b == b'/').next() == Some(own.name.to_bytes());
                return 1;
            }
        }
    }
    0
}

/// An entry of a dynamic section (`Elf64_Dyn` of elf.h).
#[repr(C)]
struct Entry {
    tag: i64,
    value: u64,
}

struct Search<'a> {
    other: &'a CStr,
    found: bool,
}

/// Looks through one object's list of needed libraries; 1 ends the search.
unsafe extern "C" fn visit(info: *mut dl_phdr_info, _: usize, search: *mut c_void) -> c_int {
    // SAFETY: the loader passes a live description of a mapped object, and our own `Search`. The
    // dynamic section ends with DT_NULL, and glibc has put the string table's address into it
    // (for all but the vDSO, which needs nothing).
    unsafe {
        let (info, search) = (&*info, &mut *search.cast::<Search<'_>>());
        for n in 0..usize::from(info.dlpi_phnum) {
            let header = &*info.dlpi_phdr.add(n);
            if header.p_type != libc::PT_DYNAMIC {
                continue;
            }
            let dynamic = (info.dlpi_addr + header.p_vaddr) as *const Entry;
            let Some(strings) = find(dynamic, DT_STRTAB) else { continue };
            let mut at = dynamic;
            while (*at).tag != DT_NULL {
                if (*at).tag == DT_NEEDED && strings > info.dlpi_addr {
                    let needed = CStr::from_ptr((strings + (*at).value) as *const c_char);
                    if needed.to_bytes().starts_with(search.other.to_bytes()) {
                        search.found = true;
                        return 1;
                    }
                }
                at = at.add(1);
            }
        }
    }
    0
}

/// The value of the first entry with this tag.
unsafe fn find(dynamic: *const Entry, tag: i64) -> Option<u64> {
    let mut at = dynamic;
    // SAFETY: the caller's section ends with DT_NULL.
    unsafe {
        while (*at).tag != DT_NULL {
            if (*at).tag == tag {
                return Some((*at).value);
            }
            at = at.add(1);
        }
    }
    None
}
