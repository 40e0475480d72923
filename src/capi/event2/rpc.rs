//! `event2/rpc.h`: RPC over HTTP.
//!
//! Generated code and the `EVRPC_*` macros call most of these functions. A server (`evrpc_base`)
//! stands on an HTTP server, a pool (`evrpc_pool`) on HTTP client connections; both, and all their
//! calls, belong to the thread that runs their event base. Every function may be called from within
//! any callback of RPC.

use super::super::convert::{bytes, status};
use crate::buffer::evbuffer;
use crate::event::event_base;
use crate::http::raw::evhttp_request;
use crate::http::{evhttp, evhttp_connection};
use crate::log::{self, Severity};
use crate::mem;
use crate::rpc::hooks::Owner;
use crate::rpc::pool::{self, Messages};
use crate::rpc::raw::{evrpc, evrpc_req_generic, evrpc_status};
use crate::rpc::types::{EVRPC_HOOK_RESULT_raw, EVRPC_HOOK_TYPE, EVRPC_HOOK_TYPE_raw};
use crate::rpc::{evrpc_base, evrpc_hook_meta, evrpc_pool, evrpc_request_wrapper, server};
use core::ffi::{CStr, c_void};
use core::ptr::null_mut;
use libc::{c_char, c_int, size_t};

/// A hook's kind as C hands it over.
fn kind(kind: EVRPC_HOOK_TYPE_raw) -> Option<EVRPC_HOOK_TYPE> {
    match kind {
        0 => Some(EVRPC_HOOK_TYPE::EVRPC_INPUT),
        1 => Some(EVRPC_HOOK_TYPE::EVRPC_OUTPUT),
        _ => None,
    }
}

/// Makes an RPC server out of an HTTP server: procedures are found at `/.rpc.NAME`, and other
/// callbacks of the HTTP server are not disturbed.
///
/// Returns the server, or NULL for a NULL argument and without memory. The program frees it with
/// `evrpc_free`, before it frees the HTTP server.
///
/// # Safety
/// `server` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_init(server: *mut evhttp) -> *mut evrpc_base {
    if server.is_null() {
        return null_mut();
    }
    server::new(server).unwrap_or(null_mut())
}

/// Frees an RPC server with its procedures and hooks. Calls that a hook has paused are answered
/// with an error. Calls that the program has been given it can still answer. The HTTP server, which
/// has to be live still, is not freed.
///
/// # Safety
/// `base` is NULL or live, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_free(base: *mut evrpc_base) {
    if !base.is_null() {
        // SAFETY: live (caller).
        unsafe { server::free(base) };
    }
}

/// Makes a procedure known to a server. Programs use EVRPC_REGISTER(), which fills in `rpc`.
///
/// `rpc` and its `uri`, both from `malloc()` (or the function given to `event_set_mem_functions`),
/// are the server's from then on. With every call the server makes a request with `request_new`,
/// reads it with `request_unmarshal`, makes a reply with `reply_new`, and calls `cb`; the program
/// answers with EVRPC_REQUEST_DONE(), at once or later. Requests other than POST, without a body,
/// or with one that cannot be read are answered with 503.
///
/// Returns 0, or -1 for NULL, without memory, and when the name is taken; then `rpc` stays the
/// caller's.
///
/// # Safety
/// `base` is NULL or live; `rpc` is NULL or filled in except for its last three fields.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_register_rpc(
    base: *mut evrpc_base,
    rpc: *mut evrpc,
    cb: Option<unsafe extern "C" fn(req: *mut evrpc_req_generic, arg: *mut c_void)>,
    arg: *mut c_void,
) -> c_int {
    if base.is_null() || rpc.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { server::register(base, rpc, cb, arg) })
}

/// Makes a procedure known to a server. Programs use EVRPC_REGISTER(); see `evrpc_register_rpc`.
///
/// Returns 0, or -1 for NULL, without memory, and when the name is taken.
///
/// # Safety
/// `base` is NULL or live, `name` NULL or a string; the functions belong to the messages.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_register_generic(
    base: *mut evrpc_base,
    name: *const c_char,
    callback: Option<unsafe extern "C" fn(req: *mut evrpc_req_generic, arg: *mut c_void)>,
    cbarg: *mut c_void,
    req_new: Option<unsafe extern "C" fn(arg: *mut c_void) -> *mut c_void>,
    req_new_arg: *mut c_void,
    req_free: Option<unsafe extern "C" fn(request: *mut c_void)>,
    req_unmarshal: Option<
        unsafe extern "C" fn(request: *mut c_void, buffer: *mut evbuffer) -> c_int,
    >,
    rpl_new: Option<unsafe extern "C" fn(arg: *mut c_void) -> *mut c_void>,
    rpl_new_arg: *mut c_void,
    rpl_free: Option<unsafe extern "C" fn(reply: *mut c_void)>,
    rpl_complete: Option<unsafe extern "C" fn(reply: *mut c_void) -> c_int>,
    rpl_marshal: Option<unsafe extern "C" fn(buffer: *mut evbuffer, reply: *mut c_void)>,
) -> c_int {
    // SAFETY: NULL or a string (caller).
    let Some(text) = (unsafe { bytes(name) }) else { return -1 };
    if base.is_null() {
        return -1;
    }
    let Ok(uri) = mem::c_string(text) else { return -1 };
    let Some(block) = mem::zeroed(1, size_of::<evrpc>()) else {
        // SAFETY: nobody has the string.
        unsafe { mem::free(uri.as_ptr().cast()) };
        return -1;
    };
    let rpc = block.as_ptr().cast::<evrpc>();
    // SAFETY: a zeroed block of the right size, which is a valid `evrpc`; live base (caller). On
    // failure block and string are still ours.
    unsafe {
        (*rpc).uri = uri.as_ptr();
        (*rpc).request_new = req_new;
        (*rpc).request_new_arg = req_new_arg;
        (*rpc).request_free = req_free;
        (*rpc).request_unmarshal = req_unmarshal;
        (*rpc).reply_new = rpl_new;
        (*rpc).reply_new_arg = rpl_new_arg;
        (*rpc).reply_free = rpl_free;
        (*rpc).reply_complete = rpl_complete;
        (*rpc).reply_marshal = rpl_marshal;
        let result = server::register(base, rpc, callback, cbarg);
        if result.is_err() {
            mem::free(uri.as_ptr().cast());
            mem::free(rpc.cast());
        }
        status(result)
    }
}

/// Makes a procedure unknown again. Calls of it that are under way can still be answered.
///
/// Returns 0, or -1 when the server has no such procedure.
///
/// # Safety
/// `base` is NULL or live, `name` NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_unregister_rpc(base: *mut evrpc_base, name: *const c_char) -> c_int {
    // SAFETY: NULL or a string (caller).
    let Some(name) = (unsafe { bytes(name) }) else { return -1 };
    // SAFETY: live (caller).
    if !base.is_null() && unsafe { server::unregister(base, name) } { 0 } else { -1 }
}

/// Answers a call with its reply. Programs use EVRPC_REQUEST_DONE().
///
/// A reply that is not complete becomes an error 503. The call, its request and its reply are freed.
///
/// # Safety
/// `req` is NULL or a call that a server's callback was given and that was not answered yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_request_done(req: *mut evrpc_req_generic) {
    if !req.is_null() {
        // SAFETY: a live call (caller).
        unsafe { server::done(req) };
    }
}

/// The request of a call in a server; it lives until the call is answered.
///
/// # Safety
/// `req` is NULL or a call that was not answered yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_get_request(req: *mut evrpc_req_generic) -> *mut c_void {
    // SAFETY: NULL or live (caller).
    unsafe { req.as_ref() }.map_or(null_mut(), |r| r.request)
}

/// The reply of a call in a server, for the program to fill in.
///
/// # Safety
/// As for `evrpc_get_request`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_get_reply(req: *mut evrpc_req_generic) -> *mut c_void {
    // SAFETY: NULL or live (caller).
    unsafe { req.as_ref() }.map_or(null_mut(), |r| r.reply)
}

/// Makes a pool of connections that calls go out on. `base` may be NULL: then connections keep
/// their own.
///
/// Returns the pool, or NULL without memory. The program frees it with `evrpc_pool_free`.
///
/// # Safety
/// `base` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_pool_new(base: *mut event_base) -> *mut evrpc_pool {
    pool::new(base).unwrap_or(null_mut())
}

/// Frees a pool with its connections. Calls that are not done end without their callback.
///
/// # Safety
/// `pool` is NULL or live, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_pool_free(pool: *mut evrpc_pool) {
    if !pool.is_null() {
        // SAFETY: live (caller).
        unsafe { pool::free(pool) };
    }
}

/// Gives a client connection to a pool, which uses its base and its timeout (unless the connection
/// has one already) and frees it in the end. Calls that wait for a connection begin.
///
/// Without memory the connection stays out of the pool, and a warning is logged.
///
/// # Safety
/// Both are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_pool_add_connection(
    pool: *mut evrpc_pool,
    evcon: *mut evhttp_connection,
) {
    if !pool.is_null() && !evcon.is_null() {
        // SAFETY: live (caller).
        unsafe { pool::add_connection(pool, evcon) };
    }
}

/// Takes a connection out of a pool: it is the caller's again. A call that it carries goes on.
///
/// # Safety
/// Both are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_pool_remove_connection(
    pool: *mut evrpc_pool,
    evcon: *mut evhttp_connection,
) {
    if !pool.is_null() && !evcon.is_null() {
        // SAFETY: live (caller).
        unsafe { pool::remove_connection(pool, evcon) };
    }
}

/// Sets how many seconds a call may take from when it is sent, and the timeouts of the pool's
/// connections. -1, as at the start, sets none for calls, and 50 seconds for the connections.
///
/// A call that takes longer ends with `EVRPC_STATUS_ERR_TIMEOUT`.
///
/// # Safety
/// `pool` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_pool_set_timeout(pool: *mut evrpc_pool, timeout_in_secs: c_int) {
    if !pool.is_null() {
        // SAFETY: live (caller).
        unsafe { pool::set_timeout(pool, timeout_in_secs) };
    }
}

/// Makes a call that `evrpc_make_request` starts. Programs use EVRPC_MAKE_CTX().
///
/// `req_marshal` writes `request`; `rpl_unmarshal` reads the answer into `reply`, and returns -1
/// when it cannot; `rpl_clear` then empties it. Both messages stay the program's, and have to
/// live until `cb`, which is called once.
///
/// Returns the call, or NULL without memory, and when a name or function is missing.
///
/// # Safety
/// `pool` is NULL or live, `rpcname` NULL or a string; the functions belong to the messages.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_make_request_ctx(
    pool: *mut evrpc_pool,
    request: *mut c_void,
    reply: *mut c_void,
    rpcname: *const c_char,
    req_marshal: Option<unsafe extern "C" fn(buffer: *mut evbuffer, request: *mut c_void)>,
    rpl_clear: Option<unsafe extern "C" fn(reply: *mut c_void)>,
    rpl_unmarshal: Option<unsafe extern "C" fn(reply: *mut c_void, buffer: *mut evbuffer) -> c_int>,
    cb: Option<
        unsafe extern "C" fn(
            status: *mut evrpc_status,
            request: *mut c_void,
            reply: *mut c_void,
            arg: *mut c_void,
        ),
    >,
    cbarg: *mut c_void,
) -> *mut evrpc_request_wrapper {
    // SAFETY: NULL or a string (caller).
    let name = unsafe { bytes(rpcname) };
    let (Some(name), Some(marshal), Some(clear), Some(unmarshal)) =
        (name, req_marshal, rpl_clear, rpl_unmarshal)
    else {
        return null_mut();
    };
    let messages = Messages { marshal, clear, unmarshal };
    pool::new_call(pool, request, reply, name, &messages, cb, cbarg).unwrap_or(null_mut())
}

/// Starts a call of EVRPC_MAKE_CTX(). When all connections of the pool are busy, or there are none
/// yet, the call waits.
///
/// The call is freed when it is done. What goes wrong from here on is told to its callback, maybe
/// before this function returns.
///
/// Returns 0, or -1 for NULL and for a call without a pool; such a call is freed.
///
/// # Safety
/// `ctx` is NULL or a call that was not started.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_make_request(ctx: *mut evrpc_request_wrapper) -> c_int {
    if ctx.is_null() {
        return -1;
    }
    // SAFETY: not started (caller).
    status(unsafe { pool::make(ctx) })
}

/// Makes and starts a call. The functions of EVRPC_GENERATE() call it; see `evrpc_make_request_ctx`
/// and `evrpc_make_request`.
///
/// Returns 0, or -1 when the call could not be made; then the callback is not called.
///
/// # Safety
/// As for `evrpc_make_request_ctx`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_send_request_generic(
    pool: *mut evrpc_pool,
    request: *mut c_void,
    reply: *mut c_void,
    cb: Option<
        unsafe extern "C" fn(
            status: *mut evrpc_status,
            request: *mut c_void,
            reply: *mut c_void,
            arg: *mut c_void,
        ),
    >,
    cb_arg: *mut c_void,
    rpcname: *const c_char,
    req_marshal: Option<unsafe extern "C" fn(buffer: *mut evbuffer, request: *mut c_void)>,
    rpl_clear: Option<unsafe extern "C" fn(reply: *mut c_void)>,
    rpl_unmarshal: Option<unsafe extern "C" fn(reply: *mut c_void, buffer: *mut evbuffer) -> c_int>,
) -> c_int {
    // SAFETY: the contracts are the same.
    unsafe {
        evrpc_make_request(evrpc_make_request_ctx(
            pool,
            request,
            reply,
            rpcname,
            req_marshal,
            rpl_clear,
            rpl_unmarshal,
            cb,
            cb_arg,
        ))
    }
}

/// The pool of a call.
///
/// # Safety
/// `ctx` is NULL or a live call of a client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_request_get_pool(
    ctx: *mut evrpc_request_wrapper,
) -> *mut evrpc_pool {
    // SAFETY: NULL or live (caller).
    unsafe { ctx.as_ref() }.map_or(null_mut(), evrpc_request_wrapper::pool)
}

/// Sets the pool of a call that was not started; a started one keeps its pool.
///
/// # Safety
/// `ctx` is NULL or a live call of a client, `pool` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_request_set_pool(
    ctx: *mut evrpc_request_wrapper,
    pool: *mut evrpc_pool,
) {
    // SAFETY: NULL or live (caller).
    if let Some(call) = unsafe { ctx.as_mut() } {
        call.set_pool(pool);
    }
}

/// Sets the callback of a call.
///
/// # Safety
/// `ctx` is NULL or a live call of a client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_request_set_cb(
    ctx: *mut evrpc_request_wrapper,
    cb: Option<
        unsafe extern "C" fn(
            status: *mut evrpc_status,
            request: *mut c_void,
            reply: *mut c_void,
            arg: *mut c_void,
        ),
    >,
    cb_arg: *mut c_void,
) {
    // SAFETY: NULL or live (caller).
    if let Some(call) = unsafe { ctx.as_mut() } {
        call.set_callback(cb, cb_arg);
    }
}

/// Adds a hook to a server or a pool: `cb` is called with every message that comes in
/// (`EVRPC_INPUT`) or before it goes out (`EVRPC_OUTPUT`), in the order in which hooks were added.
///
/// It gets the call, the HTTP request, the bytes of the message, which it may change, and `cb_arg`,
/// and returns an `enum EVRPC_HOOK_RESULT`. `EVRPC_PAUSE` puts the call aside until
/// `evrpc_resume_request`, with the hooks behind this one left out. `EVRPC_TERMINATE`, or any other
/// value, ends it: a server answers with 503, a client's callback gets `EVRPC_STATUS_ERR_UNSTARTED`
/// or `EVRPC_STATUS_ERR_HOOKABORTED`.
///
/// Returns a handle for `evrpc_remove_hook`, or NULL for NULL, for another type, and without memory.
///
/// # Safety
/// `vbase` is NULL or a live server or pool.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_add_hook(
    vbase: *mut c_void,
    hook_type: EVRPC_HOOK_TYPE_raw,
    cb: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            req: *mut evhttp_request,
            data: *mut evbuffer,
            arg: *mut c_void,
        ) -> c_int,
    >,
    cb_arg: *mut c_void,
) -> *mut c_void {
    let (Some(kind), Some(f)) = (kind(hook_type), cb) else { return null_mut() };
    if vbase.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller); servers and pools begin with an owner.
    unsafe { Owner::add_hook(vbase.cast(), kind, f, cb_arg) }.unwrap_or(null_mut())
}

/// Removes a hook. One that is running finishes.
///
/// Returns 1, or 0 when the server or pool has no such hook of this type.
///
/// # Safety
/// `vbase` is NULL or a live server or pool.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_remove_hook(
    vbase: *mut c_void,
    hook_type: EVRPC_HOOK_TYPE_raw,
    handle: *mut c_void,
) -> c_int {
    let Some(kind) = kind(hook_type) else { return 0 };
    if vbase.is_null() {
        return 0;
    }
    // SAFETY: live (caller); as in `evrpc_add_hook`.
    c_int::from(unsafe { Owner::remove_hook(vbase.cast(), kind, handle) })
}

/// Goes on with a call that a hook has paused, from where the hooks were; `EVRPC_TERMINATE` ends it.
///
/// Returns 0, or -1 when the server or pool has no such paused call. Afterwards the call may be gone.
///
/// # Safety
/// `vbase` is NULL or a live server or pool; `ctx` is what the hook was given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_resume_request(
    vbase: *mut c_void,
    ctx: *mut c_void,
    res: EVRPC_HOOK_RESULT_raw,
) -> c_int {
    if vbase.is_null() {
        return -1;
    }
    // SAFETY: live (caller); as in `evrpc_add_hook`. The call is only compared until it is found.
    if unsafe { Owner::resume(vbase.cast(), ctx, res) } { 0 } else { -1 }
}

/// Notes down something about a call: a copy of `data_size` bytes under a name, for later hooks of
/// the same call. Without memory nothing is noted down, and a warning is logged.
///
/// # Safety
/// `ctx` is NULL or what a hook is given; `key` is NULL or a string; `data` has `data_size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_hook_add_meta(
    ctx: *mut c_void,
    key: *const c_char,
    data: *const c_void,
    data_size: size_t,
) {
    if ctx.is_null() || key.is_null() || (data.is_null() && data_size > 0) {
        return;
    }
    // SAFETY: calls of both kinds begin with their notes; string and bytes are the caller's.
    let added =
        unsafe { evrpc_hook_meta::add(ctx.cast(), CStr::from_ptr(key), data.cast(), data_size) };
    if added.is_err() {
        log::message(Severity::Warn, format_args!("evrpc_hook_add_meta: no memory"));
    }
}

/// Finds what was noted down about a call: the first note of this name. The bytes are the call's.
///
/// Returns 0, or -1 when there is none.
///
/// # Safety
/// `ctx` is NULL or what a hook is given; `key` is NULL or a string; `data` and `data_size` are NULL
/// or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_hook_find_meta(
    ctx: *mut c_void,
    key: *const c_char,
    data: *mut *mut c_void,
    data_size: *mut size_t,
) -> c_int {
    if ctx.is_null() || key.is_null() {
        return -1;
    }
    // SAFETY: as in `evrpc_hook_add_meta`; the places are writable unless NULL.
    unsafe {
        let notes = *ctx.cast::<*mut evrpc_hook_meta>();
        let found = notes.as_ref().and_then(|n| n.find(CStr::from_ptr(key)));
        let Some((at, size)) = found else { return -1 };
        if !data.is_null() {
            data.write(at.cast());
        }
        if !data_size.is_null() {
            data_size.write(size);
        }
        0
    }
}

/// The connection of the call that a hook is given; NULL outside of hooks and when it is closed.
///
/// # Safety
/// `ctx` is NULL or what a hook is given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evrpc_hook_get_connection(ctx: *mut c_void) -> *mut evhttp_connection {
    if ctx.is_null() {
        return null_mut();
    }
    // SAFETY: as in `evrpc_hook_add_meta`.
    unsafe {
        let notes = *ctx.cast::<*mut evrpc_hook_meta>();
        notes.as_ref().map_or(null_mut(), |n| n.connection())
    }
}
