//! A server, a client and a WebSocket session, whole, on the fuzzer's bytes.
//!
//! The first byte says which of them gets the rest. A server says the same however its bytes arrive;
//! each request of a client ends once; nothing is left over when the sockets are closed.
#![no_main]
#![allow(clippy::missing_safety_doc, reason = "a fuzz target")]

use core::ffi::c_void;
use core::ptr::{null, null_mut};
use evrs::capi::event2::{buffer, event, http, ws};
use evrs::event::event_base;
use evrs::http::raw::evhttp_request;
use evrs::http::{evhttp, evhttp_connection, evws_connection};
use libc::{c_char, c_int};
use std::io::{Read, Write};
use std::os::fd::IntoRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;

const NONBLOCK: c_int = 2;

struct World {
    base: *mut event_base,
    http: *mut evhttp,
    server_path: PathBuf,
    client_path: PathBuf,
    client_end: UnixListener,
}

static mut LATER: *mut evhttp_request = null_mut();
static mut ANSWERS: usize = 0;
/// Something was freed before its time: what waited to be written is lost, or is not.
static mut FREED: bool = false;

unsafe extern "C" fn quiet(_: c_int, _: *const c_char) {}

/// Answers in the way that the path's second byte asks for.
unsafe extern "C" fn handler(req: *mut evhttp_request, _: *mut c_void) {
    unsafe {
        let uri = http::request::evhttp_request_get_uri(req);
        let kind = if uri.is_null() || *uri == 0 { 0 } else { *uri.add(1) as u8 };
        let body = buffer::evbuffer_new();
        buffer::evbuffer_add_buffer(body, http::request::evhttp_request_get_input_buffer(req));
        match kind {
            b'c' => {
                http::server::evhttp_send_reply_start(req, 200, c"OK".as_ptr());
                http::server::evhttp_send_reply_chunk(req, body);
                http::server::evhttp_send_reply_end(req);
            }
            b'e' => http::server::evhttp_send_error(req, 500, null()),
            b'f' => {
                FREED = true;
                http::request::evhttp_request_free(req);
            }
            b'l' if (&raw const LATER).read().is_null() => LATER = req,
            b'w' => {
                let s = ws::evws_new_session(req, Some(message), null_mut(), 0);
                ws::evws_connection_set_closecb(s, None, null_mut());
            }
            _ => http::server::evhttp_send_reply(req, 200, c"OK".as_ptr(), body),
        }
        buffer::evbuffer_free(body);
    }
}

unsafe extern "C" fn message(
    session: *mut evws_connection,
    kind: c_int,
    data: *const u8,
    len: usize,
    _: *mut c_void,
) {
    unsafe {
        assert_eq!(*data.add(len), 0);
        let bytes = core::slice::from_raw_parts(data, len);
        assert!(kind != 1 || core::str::from_utf8(bytes).is_ok());
        match bytes.first() {
            Some(b'f') => {
                FREED = true;
                ws::evws_connection_free(session);
            }
            Some(b'c') => ws::evws_close(session, 1000),
            _ => ws::evws_send_binary(session, data.cast(), len),
        }
    }
}

unsafe extern "C" fn answered(_: *mut evhttp_request, _: *mut c_void) {
    unsafe { ANSWERS += 1 };
}

unsafe extern "C" fn chunk(_: *mut evhttp_request, _: *mut c_void) {}

fn world() -> World {
    // Hooks switch the library's own pools off, which the sanitizer could not see into.
    unsafe {
        event::log::event_set_mem_functions(
            Some(libc::malloc),
            Some(libc::realloc),
            Some(libc::free),
        );
        event::log::event_set_log_callback(Some(quiet));
        let base = event::base::event_base_new();
        let http = http::server::evhttp_new(base);
        http::server::evhttp_set_gencb(http, Some(handler), null_mut());
        http::server::evhttp_set_allowed_methods(http, 0xffff);
        http::server::evhttp_set_max_headers_size(http, 4096);
        http::server::evhttp_set_max_body_size(http, 65536);
        let dir = std::env::temp_dir();
        let id = std::process::id();
        let server_path = dir.join(format!("evrs-fuzz-{id}-s"));
        let client_path = dir.join(format!("evrs-fuzz-{id}-c"));
        let _ = std::fs::remove_file(&server_path);
        let _ = std::fs::remove_file(&client_path);
        let listener = UnixListener::bind(&server_path).unwrap();
        listener.set_nonblocking(true).unwrap();
        assert_eq!(http::server::evhttp_accept_socket(http, listener.into_raw_fd()), 0);
        let client_end = UnixListener::bind(&client_path).unwrap();
        client_end.set_nonblocking(true).unwrap();
        World { base, http, server_path, client_path, client_end }
    }
}

fn turn(w: &World) {
    unsafe { event::run::event_base_loop(w.base, NONBLOCK) };
}

/// What has come, without the parts that depend on time.
fn drain(s: &mut UnixStream, out: &mut Vec<u8>) -> bool {
    let mut buf = [0; 65536];
    loop {
        match s.read(&mut buf) {
            Ok(0) => return false,
            Ok(n) => out.extend_from_slice(&buf[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => return true,
            Err(_) => return false,
        }
    }
}

fn without(text: Vec<u8>, start: &[u8], end: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = &text[..];
    while let Some(i) = rest.windows(start.len()).position(|w| w == start) {
        out.extend_from_slice(&rest[..i]);
        rest = &rest[i..];
        let n =
            rest.windows(end.len()).position(|w| w == end).map_or(rest.len(), |n| n + end.len());
        rest = &rest[n..];
    }
    out.extend_from_slice(rest);
    out
}

/// Sends `bytes` to the server in pieces of `step`; what it says.
fn serve(w: &World, bytes: &[u8], step: usize) -> Vec<u8> {
    let mut s = UnixStream::connect(&w.server_path).unwrap();
    s.set_nonblocking(true).unwrap();
    turn(w);
    let mut out = Vec::new();
    let mut open = true;
    for piece in bytes.chunks(step) {
        if !open || s.write_all(piece).is_err() {
            break;
        }
        turn(w);
        unsafe {
            let later = (&raw const LATER).read();
            if !later.is_null() {
                LATER = null_mut();
                http::server::evhttp_send_reply(later, 202, null(), null_mut());
                turn(w);
            }
        }
        open = drain(&mut s, &mut out);
    }
    for _ in 0..4 {
        turn(w);
        unsafe {
            let later = (&raw const LATER).read();
            if !later.is_null() {
                LATER = null_mut();
                http::server::evhttp_send_reply(later, 202, null(), null_mut());
            }
        }
        drain(&mut s, &mut out);
    }
    drop(s);
    for _ in 0..3 {
        turn(w);
    }
    assert_eq!(unsafe { http::server::evhttp_get_connection_count(w.http) }, 0);
    without(without(out, b"HTTP/1.1 100 Continue\r\n", b"\r\n\r\n"), b"Date: ", b"\r\n")
}

fn ask(w: &World, bytes: &[u8], step: usize, kind: u8) {
    unsafe {
        let path = std::ffi::CString::new(w.client_path.to_str().unwrap()).unwrap();
        let conn: *mut evhttp_connection =
            http::connection::evhttp_connection_base_bufferevent_unix_new(
                w.base,
                null_mut(),
                path.as_ptr(),
            );
        http::connection::evhttp_connection_set_max_headers_size(conn, 4096);
        http::connection::evhttp_connection_set_max_body_size(conn, 65536);
        ANSWERS = 0;
        let methods = [1u32, 4, 128, 2];
        for i in 0..2 {
            let req = http::request::evhttp_request_new(Some(answered), null_mut());
            if kind & 4 != 0 {
                http::request::evhttp_request_set_chunked_cb(req, Some(chunk));
            }
            let method = methods[usize::from(kind >> (3 + i)) & 3];
            http::connection::evhttp_make_request(conn, req, method, c"/x".as_ptr());
        }
        turn(w);
        let mut peers = Vec::new();
        let mut sink = Vec::new();
        for piece in bytes.chunks(step) {
            while let Ok((p, _)) = w.client_end.accept() {
                p.set_nonblocking(true).unwrap();
                peers.push(p);
            }
            if let Some(p) = peers.last_mut() {
                let _ = p.write_all(piece);
                drain(p, &mut sink);
            }
            turn(w);
        }
        for _ in 0..6 {
            while let Ok((p, _)) = w.client_end.accept() {
                peers.push(p);
            }
            peers.clear();
            turn(w);
        }
        assert_eq!((&raw const ANSWERS).read(), 2);
        http::connection::evhttp_connection_free(conn);
        turn(w);
    }
}

fn same(w: &World, bytes: &[u8], step: usize) {
    unsafe { FREED = false };
    let whole = serve(w, bytes, bytes.len().max(1));
    let pieces = serve(w, bytes, step);
    if unsafe { !(&raw const FREED).read() } {
        assert_eq!(String::from_utf8_lossy(&whole), String::from_utf8_lossy(&pieces));
    }
}

const UPGRADE: &[u8] = b"GET /w HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    static WORLD: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    let w =
        *WORLD.get_or_init(|| std::ptr::from_ref(Box::leak(Box::new(world()))).expose_provenance());
    let w: &World = unsafe { &*std::ptr::with_exposed_provenance(w) };
    let [kind, rest @ ..] = data else { return };
    let step = [1, 2, 5, 16][usize::from(kind & 3)];
    match kind >> 6 {
        0 => same(w, rest, step),
        1 | 2 => ask(w, rest, step, *kind),
        _ => {
            same(w, &[UPGRADE, rest].concat(), step);
        }
    }
});
