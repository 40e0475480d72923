//! What servers and pools have in common: hooks, what hooks note down about a call, paused calls.

use super::pool::evrpc_request_wrapper;
use super::raw::evrpc_req_generic;
use super::types::{EVRPC_HOOK_RESULT, EVRPC_HOOK_TYPE};
use crate::buffer::evbuffer;
use crate::error::{Error, Result};
use crate::http::evhttp_connection;
use crate::http::raw::evhttp_request;
use crate::mem::{self, TryPush};
use core::ffi::{CStr, c_void};
use core::ptr::null_mut;
use libc::{c_char, c_int};

/// A hook's verdict that the call goes on.
pub(crate) const CONTINUE: c_int = EVRPC_HOOK_RESULT::EVRPC_CONTINUE as c_int;
/// A hook's verdict that the call waits.
pub(crate) const PAUSE: c_int = EVRPC_HOOK_RESULT::EVRPC_PAUSE as c_int;
/// A hook's verdict that the call ends.
pub(crate) const TERMINATE: c_int = EVRPC_HOOK_RESULT::EVRPC_TERMINATE as c_int;

/// A hook: gets the call, its HTTP request and the message's bytes.
pub type HookFn =
    unsafe extern "C" fn(*mut c_void, *mut evhttp_request, *mut evbuffer, *mut c_void) -> c_int;

/// Goes on with a paused call.
pub(crate) type ResumeFn = unsafe fn(*mut c_void, c_int);

/// A hook in a list; its address is the handle that C gets.
struct Hook {
    next: *mut Self,
    f: HookFn,
    arg: *mut c_void,
    /// Removed while hooks were running.
    dead: bool,
}

struct Paused {
    call: *mut c_void,
    resume: ResumeFn,
}

/// What a server and a pool begin with; C hands over either where hooks are concerned.
#[repr(C)]
pub(crate) struct Owner {
    /// Hooks for what comes in and for what goes out.
    lists: [*mut Hook; 2],
    paused: mem::Vec<Paused>,
    /// Who needs the memory: functions on the stack, and a server's calls.
    inside: u32,
    /// How many runs of hooks are on the stack.
    walks: u32,
    dead: bool,
    /// Gives the memory of the whole object back.
    dispose: unsafe fn(*mut Self),
}

impl Owner {
    pub(crate) fn new(dispose: unsafe fn(*mut Self)) -> Self {
        Self {
            lists: [null_mut(); 2],
            paused: mem::Vec::new_in(mem::Heap),
            inside: 0,
            walks: 0,
            dead: false,
            dispose,
        }
    }

    /// Keeps the memory.
    ///
    /// # Safety
    /// `this` is live or entered.
    pub(crate) unsafe fn enter(this: *mut Self) {
        // SAFETY: live (caller).
        unsafe { (*this).inside = (*this).inside.saturating_add(1) };
    }

    /// Ends an [`Self::enter`].
    ///
    /// # Safety
    /// `this` was entered by the caller.
    pub(crate) unsafe fn leave(this: *mut Self) {
        // SAFETY: the caller's count keeps the memory up to here.
        unsafe {
            (*this).inside = (*this).inside.saturating_sub(1);
            if (*this).dead && (*this).inside == 0 {
                ((*this).dispose)(this);
            }
        }
    }

    /// Whether the program has freed the object.
    ///
    /// # Safety
    /// `this` is live or entered.
    pub(crate) unsafe fn is_dead(this: *const Self) -> bool {
        // SAFETY: live (caller).
        unsafe { (*this).dead }
    }

    /// Marks the object as freed and takes its hooks away.
    ///
    /// # Safety
    /// `this` is entered by the caller.
    pub(crate) unsafe fn kill(this: *mut Self) {
        // SAFETY: entered (caller); nodes of the lists are live.
        unsafe {
            (*this).dead = true;
            for list in [0, 1] {
                let mut hook = Self::list(this, list).read();
                while !hook.is_null() {
                    (*hook).dead = true;
                    hook = (*hook).next;
                }
            }
            Self::sweep(this);
        }
    }

    unsafe fn list(this: *mut Self, which: usize) -> *mut *mut Hook {
        // SAFETY: live (caller); the index is 0 or 1.
        unsafe { (&raw mut (*this).lists).cast::<*mut Hook>().add(which & 1) }
    }

    /// Adds a hook behind the others; the result is its handle.
    ///
    /// # Safety
    /// `this` is live.
    pub(crate) unsafe fn add_hook(
        this: *mut Self,
        kind: EVRPC_HOOK_TYPE,
        f: HookFn,
        arg: *mut c_void,
    ) -> Result<*mut c_void> {
        let hook =
            mem::Box::into_raw(mem::try_box(Hook { next: null_mut(), f, arg, dead: false })?);
        // SAFETY: live (caller); the walk ends at the link of the last node.
        unsafe {
            let mut at = Self::list(this, kind as usize);
            while !(*at).is_null() {
                at = &raw mut (**at).next;
            }
            at.write(hook);
        }
        Ok(hook.cast())
    }

    /// Removes a hook; false when the handle is none of this list. One that is running finishes.
    ///
    /// # Safety
    /// `this` is live.
    pub(crate) unsafe fn remove_hook(
        this: *mut Self,
        kind: EVRPC_HOOK_TYPE,
        handle: *mut c_void,
    ) -> bool {
        // SAFETY: live (caller); the handle is only compared until it is found.
        unsafe {
            let mut hook = Self::list(this, kind as usize).read();
            while !hook.is_null() && (hook.cast() != handle || (*hook).dead) {
                hook = (*hook).next;
            }
            if hook.is_null() {
                return false;
            }
            (*hook).dead = true;
            Self::sweep(this);
            true
        }
    }

    /// Frees removed hooks, unless a run of hooks may stand on one.
    #[inline(never)]
    unsafe fn sweep(this: *mut Self) {
        // SAFETY: live (caller); no walk is under way, so that nobody stands on a node.
        unsafe {
            if (*this).walks > 0 {
                return;
            }
            for list in [0, 1] {
                let mut at = Self::list(this, list);
                while !(*at).is_null() {
                    let hook = *at;
                    if (*hook).dead {
                        at.write((*hook).next);
                        drop(mem::Box::from_raw_in(hook, mem::Heap));
                    } else {
                        at = &raw mut (*hook).next;
                    }
                }
            }
        }
    }

    /// Whether there is a hook.
    ///
    /// # Safety
    /// `this` is live or entered.
    pub(crate) unsafe fn has_hooks(this: *mut Self, kind: EVRPC_HOOK_TYPE) -> bool {
        // SAFETY: live (caller).
        unsafe { !Self::list(this, kind as usize).read().is_null() }
    }

    /// Runs the hooks one after the other until one does not say [`CONTINUE`]. What is neither of
    /// the three verdicts ends the call, as does an owner that dies meanwhile.
    ///
    /// # Safety
    /// `this` is entered by the caller; the other objects are live.
    pub(crate) unsafe fn run(
        this: *mut Self,
        kind: EVRPC_HOOK_TYPE,
        call: *mut c_void,
        req: *mut evhttp_request,
        data: *mut evbuffer,
    ) -> c_int {
        let mut verdict = CONTINUE;
        // SAFETY: entered (caller). While `walks` is up no node is freed, so that the next link of
        // the one that has run is there afterwards.
        unsafe {
            (*this).walks = (*this).walks.saturating_add(1);
            let mut hook = Self::list(this, kind as usize).read();
            while !hook.is_null() && verdict == CONTINUE {
                if !(*hook).dead {
                    verdict = ((*hook).f)(call, req, data, (*hook).arg);
                }
                hook = (*hook).next;
            }
            (*this).walks = (*this).walks.saturating_sub(1);
            Self::sweep(this);
            if (*this).dead || !matches!(verdict, CONTINUE | PAUSE) { TERMINATE } else { verdict }
        }
    }

    /// Puts a call aside.
    ///
    /// # Safety
    /// `this` is live.
    #[inline(never)]
    pub(crate) unsafe fn pause(this: *mut Self, call: *mut c_void, resume: ResumeFn) -> Result<()> {
        // SAFETY: live (caller).
        unsafe { (*this).paused.try_push(Paused { call, resume }) }
    }

    /// Takes a call out of those that were put aside.
    ///
    /// # Safety
    /// `this` is live or entered.
    pub(crate) unsafe fn take_paused(this: *mut Self, call: *mut c_void) -> Option<ResumeFn> {
        // SAFETY: live (caller); the borrow ends here.
        unsafe {
            let paused = &mut (*this).paused;
            let i = paused.iter().position(|p| p.call == call)?;
            Some(paused.remove(i).resume)
        }
    }

    /// The call that was put aside first.
    ///
    /// # Safety
    /// `this` is live or entered.
    pub(crate) unsafe fn first_paused(this: *const Self) -> Option<*mut c_void> {
        // SAFETY: live (caller).
        unsafe { (*this).paused.first().map(|p| p.call) }
    }

    /// Goes on with a call that was put aside; false when it was not.
    ///
    /// # Safety
    /// `this` is live.
    pub(crate) unsafe fn resume(this: *mut Self, call: *mut c_void, verdict: c_int) -> bool {
        // SAFETY: live (caller), and kept while the program's code runs. The call is live because
        // it was put aside and nobody else ends such calls without taking them out.
        unsafe {
            let Some(resume) = Self::take_paused(this, call) else { return false };
            Self::enter(this);
            resume(call, verdict);
            Self::leave(this);
            true
        }
    }
}

/// The call that notes belong to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
    /// None yet: the program has noted something down before a hook ran.
    None,
    Incoming(*mut evrpc_req_generic),
    Outgoing(*mut evrpc_request_wrapper),
}

struct Note {
    key: *mut c_char,
    data: *mut u8,
    size: usize,
}

/// What hooks have noted down about a call; opaque to C.
#[allow(non_camel_case_types, reason = "C name")]
#[allow(missing_debug_implementations, reason = "opaque")]
pub struct evrpc_hook_meta {
    call: Call,
    notes: mem::Vec<Note>,
}

impl evrpc_hook_meta {
    /// The notes in `slot`, made if there are none yet.
    unsafe fn at(slot: *mut *mut Self) -> Result<*mut Self> {
        // SAFETY: the caller's slot, null or live notes.
        unsafe {
            if (*slot).is_null() {
                let new = Self { call: Call::None, notes: mem::Vec::new_in(mem::Heap) };
                slot.write(mem::Box::into_raw(mem::try_box(new)?));
            }
            Ok(*slot)
        }
    }

    /// Says whose notes stand in `slot`, before hooks run.
    ///
    /// # Safety
    /// `slot` is that of the call.
    pub(crate) unsafe fn associate(slot: *mut *mut Self, call: Call) -> Result<()> {
        // SAFETY: the caller's slot.
        unsafe { (*Self::at(slot)?).call = call };
        Ok(())
    }

    /// Notes down a copy of `size` bytes.
    ///
    /// # Safety
    /// `slot` is that of a live call, `data` has `size` bytes.
    pub(crate) unsafe fn add(
        slot: *mut *mut Self,
        key: &CStr,
        data: *const u8,
        size: usize,
    ) -> Result<()> {
        // SAFETY: the caller's slot and bytes; the block has at least `size` bytes.
        unsafe {
            let notes = Self::at(slot)?;
            let key = mem::c_string(key.to_bytes())?.as_ptr();
            let Some(copy) = mem::alloc(size.max(1)) else {
                mem::free(key.cast());
                return Err(Error::NoMemory);
            };
            if size > 0 {
                copy.as_ptr().copy_from_nonoverlapping(data, size);
            }
            let note = Note { key, data: copy.as_ptr(), size };
            (*notes).notes.try_push(note).inspect_err(|_| {
                mem::free(key.cast());
                mem::free(copy.as_ptr());
            })
        }
    }

    /// The first note with this key.
    pub(crate) fn find(&self, key: &CStr) -> Option<(*mut u8, usize)> {
        // SAFETY: keys are strings that live as long as their notes.
        let note = self.notes.iter().find(|n| unsafe { CStr::from_ptr(n.key) } == key)?;
        Some((note.data, note.size))
    }

    /// The connection of the call, while it has one.
    ///
    /// # Safety
    /// The call that the notes belong to is live.
    pub(crate) unsafe fn connection(&self) -> *mut evhttp_connection {
        // SAFETY: live (caller); its HTTP request is held.
        unsafe {
            match self.call {
                Call::None => null_mut(),
                Call::Incoming(call) => (*(*call).http_req).evcon,
                Call::Outgoing(call) => (*call).connection(),
            }
        }
    }

    /// Frees the notes in `slot`, if there are any.
    ///
    /// # Safety
    /// `slot` is that of the call.
    pub(crate) unsafe fn free(slot: *mut *mut Self) {
        // SAFETY: the caller's slot; keys and data are blocks of their own.
        unsafe {
            let notes = slot.replace(null_mut());
            if notes.is_null() {
                return;
            }
            for note in &(*notes).notes {
                mem::free(note.key.cast());
                mem::free(note.data);
            }
            drop(mem::Box::from_raw_in(notes, mem::Heap));
        }
    }
}
