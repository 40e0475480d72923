//! A server's procedures, and the calls that come in.

use super::hooks::{CONTINUE, Call as Whose, Owner, PAUSE, TERMINATE, evrpc_hook_meta};
use super::path;
use super::raw::{evrpc, evrpc_req_generic};
use super::types::EVRPC_HOOK_TYPE::{EVRPC_INPUT, EVRPC_OUTPUT};
use crate::buffer;
use crate::error::{Error, Result};
use crate::http::evhttp;
use crate::http::raw::evhttp_request;
use crate::http::types::{HTTP_OK, HTTP_SERVUNAVAIL, evhttp_cmd_type};
use crate::http::{headers, reply, request};
use crate::mem::{self, TryPush};
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::c_int;

/// A program's callback for a call.
pub type CallFn = unsafe extern "C" fn(*mut evrpc_req_generic, *mut c_void);

/// A server's procedures; opaque to C.
#[repr(C)]
#[allow(non_camel_case_types, reason = "C name")]
#[allow(missing_debug_implementations, reason = "opaque")]
pub struct evrpc_base {
    owner: Owner,
    http: *mut evhttp,
    procedures: mem::Vec<*mut Procedure>,
}

/// A registered procedure. `struct evrpc` is the program's to lay out; what we count stands here.
struct Procedure {
    rpc: *mut evrpc,
    base: *mut evrpc_base,
    /// Calls that are under way.
    calls: u32,
    registered: bool,
}

/// What the program may do with a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing: hooks and message code are at work, or it is paused.
    Ours,
    /// Answer it.
    Handed,
}

/// A call; C sees the first part.
#[repr(C)]
struct Call {
    c: evrpc_req_generic,
    procedure: *mut Procedure,
    stage: Stage,
}

unsafe fn dispose(owner: *mut Owner) {
    // SAFETY: the owner is the first part of a base that was made by `new` and that nobody needs.
    unsafe { drop(mem::Box::from_raw_in(owner.cast::<evrpc_base>(), mem::Heap)) };
}

/// Procedures for `http`; none yet.
pub(crate) fn new(http: *mut evhttp) -> Result<*mut evrpc_base> {
    mem::try_box(evrpc_base {
        owner: Owner::new(dispose),
        http,
        procedures: mem::Vec::new_in(mem::Heap),
    })
    .map(mem::Box::into_raw)
}

/// Unregisters everything, ends paused calls with an error, and frees the base. Calls that the
/// program has it can still answer.
///
/// # Safety
/// `base` and its server are live; `base` is not used afterwards.
pub(crate) unsafe fn free(base: *mut evrpc_base) {
    // SAFETY: live (caller), and kept by the count. Each round is a short borrow.
    unsafe {
        let owner = &raw mut (*base).owner;
        if Owner::is_dead(owner) {
            return;
        }
        Owner::enter(owner);
        Owner::kill(owner);
        while let Some(&procedure) = (*base).procedures.last() {
            remove(base, procedure);
        }
        while let Some(call) = Owner::first_paused(owner) {
            Owner::resume(owner, call, TERMINATE);
        }
        Owner::leave(owner);
    }
}

unsafe fn name<'a>(rpc: *const evrpc) -> &'a [u8] {
    // SAFETY: a registered procedure has a name, which is a string.
    unsafe { headers::text((*rpc).uri) }
}

/// Makes a procedure known. `rpc` and its name are the base's from then on, and go back to the
/// allocator; on failure they stay the caller's.
///
/// # Safety
/// `base` and its server are live; `rpc` is filled in except for its last three fields.
pub(crate) unsafe fn register(
    base: *mut evrpc_base,
    rpc: *mut evrpc,
    cb: Option<CallFn>,
    arg: *mut c_void,
) -> Result<()> {
    // SAFETY: live (caller).
    unsafe {
        if (*rpc).uri.is_null() || Owner::is_dead(&raw const (*base).owner) {
            return Err(Error::Invalid);
        }
        let path = path(name(rpc))?;
        let new = mem::try_box(Procedure { rpc, base, calls: 0, registered: true })?;
        let procedure = mem::Box::into_raw(new);
        let added = (*base).procedures.try_push(procedure).and_then(|()| {
            match (*(*base).http).set_callback(&path, on_request, procedure.cast()) {
                Ok(true) => Ok(()),
                other => {
                    let _ = (*base).procedures.pop();
                    Err(other.err().unwrap_or(Error::Invalid))
                }
            }
        });
        if let Err(e) = added {
            drop(mem::Box::from_raw_in(procedure, mem::Heap));
            return Err(e);
        }
        (*rpc).cb = cb;
        (*rpc).cb_arg = arg;
        (*rpc).base = base;
        Ok(())
    }
}

/// Makes a procedure unknown again; false when it is unknown already.
///
/// # Safety
/// `base` and its server are live.
pub(crate) unsafe fn unregister(base: *mut evrpc_base, which: &[u8]) -> bool {
    // SAFETY: live (caller).
    unsafe {
        let found = (*base).procedures.iter().find(|p| name((***p).rpc) == which);
        match found.copied() {
            Some(procedure) => {
                remove(base, procedure);
                true
            }
            None => false,
        }
    }
}

unsafe fn remove(base: *mut evrpc_base, procedure: *mut Procedure) {
    // SAFETY: the caller's base and a procedure of it.
    unsafe {
        (*base).procedures.retain(|p| *p != procedure);
        (*procedure).registered = false;
        (*(*base).http).remove_callbacks_for(on_request, procedure.cast());
        release(procedure);
    }
}

/// Frees a procedure that is neither registered nor being called.
unsafe fn release(procedure: *mut Procedure) {
    // SAFETY: the caller's procedure; `struct evrpc` and its name came from the allocator.
    unsafe {
        if (*procedure).registered || (*procedure).calls > 0 {
            return;
        }
        let rpc = (*procedure).rpc;
        mem::free((*rpc).uri.cast_mut().cast());
        mem::free(rpc.cast());
        drop(mem::Box::from_raw_in(procedure, mem::Heap));
    }
}

/// A call has come in.
unsafe extern "C" fn on_request(req: *mut evhttp_request, arg: *mut c_void) {
    let procedure = arg.cast::<Procedure>();
    // SAFETY: the server calls this only while the procedure is registered; the call then counts.
    unsafe {
        let post = (*req).r#type == evhttp_cmd_type::EVHTTP_REQ_POST as u32;
        let call = if post && buffer::len((*req).input_buffer) > 0 {
            begin(procedure, req)
        } else {
            Err(Error::Invalid)
        };
        let Ok(call) = call else {
            reply::error(req, HTTP_SERVUNAVAIL, None);
            return;
        };
        let owner = &raw mut (*(*procedure).base).owner;
        if Owner::has_hooks(owner, EVRPC_INPUT) {
            let slot = &raw mut (*call).c.hook_meta;
            if evrpc_hook_meta::associate(slot, Whose::Incoming(call.cast())).is_err() {
                fail(call);
                return;
            }
            match Owner::run(owner, EVRPC_INPUT, call.cast(), req, (*req).input_buffer) {
                CONTINUE => {}
                PAUSE => {
                    if Owner::pause(owner, call.cast(), resume_request).is_err() {
                        fail(call);
                    }
                    return;
                }
                _ => {
                    fail(call);
                    return;
                }
            }
        }
        hand_out(call);
    }
}

unsafe fn begin(procedure: *mut Procedure, req: *mut evhttp_request) -> Result<*mut Call> {
    // SAFETY: the caller's procedure and request.
    unsafe {
        let call = mem::Box::into_raw(mem::try_box(Call {
            c: evrpc_req_generic {
                hook_meta: null_mut(),
                request: null_mut(),
                reply: null_mut(),
                rpc: (*procedure).rpc,
                http_req: req,
                rpc_data: null_mut(),
            },
            procedure,
            stage: Stage::Ours,
        })?);
        (*procedure).calls = (*procedure).calls.saturating_add(1);
        Owner::enter(&raw mut (*(*procedure).base).owner);
        request::hold(req);
        Ok(call)
    }
}

unsafe fn resume_request(call: *mut c_void, verdict: c_int) {
    let call = call.cast::<Call>();
    // SAFETY: a call that was paused is live.
    unsafe {
        if verdict == TERMINATE {
            fail(call);
        } else {
            hand_out(call);
        }
    }
}

/// Reads the message and gives the call to the program.
unsafe fn hand_out(call: *mut Call) {
    // SAFETY: the caller's call keeps procedure, base and HTTP request. Functions and arguments are
    // copied out before they are called; after the last one the call may be gone.
    unsafe {
        let rpc = (*call).c.rpc;
        let Some(make) = (*rpc).request_new else { return fail(call) };
        let message = make((*rpc).request_new_arg);
        (*call).c.request = message;
        let Some(unmarshal) = (*rpc).request_unmarshal else { return fail(call) };
        if message.is_null() || unmarshal(message, (*(*call).c.http_req).input_buffer) == -1 {
            return fail(call);
        }
        let Some(make) = (*rpc).reply_new else { return fail(call) };
        (*call).c.reply = make((*rpc).reply_new_arg);
        let Some(cb) = (*rpc).cb else { return fail(call) };
        if (*call).c.reply.is_null() {
            return fail(call);
        }
        (*call).stage = Stage::Handed;
        cb(&raw mut (*call).c, (*rpc).cb_arg);
    }
}

/// Answers a call that the program has: with its reply, if that is complete.
///
/// # Safety
/// `c` is a call that the program was given and has not answered yet.
pub(crate) unsafe fn done(c: *mut evrpc_req_generic) {
    let call = c.cast::<Call>();
    // SAFETY: calls are made by `begin` only, and live until they are answered.
    unsafe {
        if (*call).stage != Stage::Handed {
            return;
        }
        (*call).stage = Stage::Ours;
        let rpc = (*c).rpc;
        let owner = &raw mut (*(*(*call).procedure).base).owner;
        if let Some(complete) = (*rpc).reply_complete
            && complete((*c).reply) == -1
        {
            return fail(call);
        }
        let (Some(marshal), Ok(data)) = ((*rpc).reply_marshal, buffer::new()) else {
            return fail(call);
        };
        (*c).rpc_data = data;
        marshal(data, (*c).reply);
        if Owner::has_hooks(owner, EVRPC_OUTPUT) {
            if evrpc_hook_meta::associate(&raw mut (*c).hook_meta, Whose::Incoming(c)).is_err() {
                return fail(call);
            }
            match Owner::run(owner, EVRPC_OUTPUT, c.cast(), (*c).http_req, data) {
                CONTINUE => {}
                PAUSE => {
                    if Owner::pause(owner, c.cast(), resume_reply).is_err() {
                        fail(call);
                    }
                    return;
                }
                _ => return fail(call),
            }
        }
        answer(call);
    }
}

unsafe fn resume_reply(call: *mut c_void, verdict: c_int) {
    let call = call.cast::<Call>();
    // SAFETY: a call that was paused is live.
    unsafe {
        if verdict == TERMINATE {
            fail(call);
        } else {
            answer(call);
        }
    }
}

/// Sends the reply and ends the call.
unsafe fn answer(call: *mut Call) {
    // SAFETY: the caller's call, whose HTTP request is held; once released it is used only if it
    // is alive.
    unsafe {
        let req = (*call).c.http_req;
        if !request::is_doomed(req) {
            let list = (*req).output_headers;
            if headers::find(list, b"Content-Type").is_none()
                && headers::add(list, b"Content-Type", b"application/octet-stream").is_err()
            {
                return fail(call);
            }
        }
        if request::release(req) {
            reply::send(req, HTTP_OK, Some(b"OK"), (*call).c.rpc_data);
        }
        end(call);
    }
}

/// Answers with an error and ends the call.
unsafe fn fail(call: *mut Call) {
    // SAFETY: as in `answer`.
    unsafe {
        let req = (*call).c.http_req;
        end(call);
        if request::release(req) {
            reply::error(req, HTTP_SERVUNAVAIL, None);
        }
    }
}

/// Frees a call; its HTTP request is the caller's business.
unsafe fn end(call: *mut Call) {
    // SAFETY: the caller's call. The message functions run before the counts go.
    unsafe {
        let procedure = (*call).procedure;
        let owner = &raw mut (*(*procedure).base).owner;
        let rpc = (*call).c.rpc;
        evrpc_hook_meta::free(&raw mut (*call).c.hook_meta);
        for (free, message) in
            [((*rpc).request_free, (*call).c.request), ((*rpc).reply_free, (*call).c.reply)]
        {
            if let Some(free) = free
                && !message.is_null()
            {
                free(message);
            }
        }
        if !(*call).c.rpc_data.is_null() {
            buffer::free((*call).c.rpc_data);
        }
        drop(mem::Box::from_raw_in(call, mem::Heap));
        (*procedure).calls = (*procedure).calls.saturating_sub(1);
        release(procedure);
        Owner::leave(owner);
    }
}
