//! Seeded runs of the properties.

use crate::http;

#[path = "properties.rs"]
mod properties;

/// Pieces that random bytes would hardly make.
const WORDS: [&[u8]; 27] = [
    b"GET / HTTP/1.1",
    b"\r\n",
    b"\n",
    b"\r",
    b"Content-Length: 3",
    b"Transfer-Encoding: chunked",
    b": ",
    b" ",
    b"HTTP/1.1 200 OK",
    b"3\r\nabc\r\n",
    b"0\r\n\r\n",
    b"a",
    b";x=y",
    b"http://",
    b"user@",
    b"[::1]",
    b":80",
    b"/p%41",
    b"?q=1",
    b"&",
    b"#f",
    b"%",
    b"unix:/x:",
    b"+",
    b"\x81\x85",
    b"\x88\x82\x01\x02\x03\x04",
    b"\x82\xfe\x01\x00",
];

#[test]
fn properties_hold_for_random_input() {
    let rounds = if cfg!(miri) { 60 } else { 20_000 };
    // A fixed start: the test is the same each time.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut text = Vec::new();
    for _ in 0..rounds {
        text.clear();
        for _ in 0..random() % 12 {
            let r = random();
            match r % 3 {
                0 => text.push((r >> 8) as u8),
                _ => text.extend_from_slice(WORDS[(r >> 8) as usize % WORDS.len()]),
            }
        }
        properties::all(&text);
    }
}

/// A resolver that answers when the test says so.
mod slow_resolver {
    use crate::bufferevent::connect::{ResolvedFn, Resolver};
    use crate::util::types::evutil_addrinfo;
    use core::ffi::c_void;
    use core::ptr::null_mut;
    use libc::{c_char, c_int};
    use std::sync::Mutex;

    type Waiting = (ResolvedFn, usize);
    /// Lookups that run, and those that were cancelled and whose callback did not come yet.
    pub(super) static RUNNING: Mutex<Vec<Waiting>> = Mutex::new(Vec::new());
    pub(super) static CANCELLED: Mutex<Vec<Waiting>> = Mutex::new(Vec::new());
    pub(super) static RESOLVER: Resolver = Resolver { start, cancel };

    unsafe fn start(
        _: *mut c_void,
        _: *const c_char,
        _: *const c_char,
        _: *const evutil_addrinfo,
        f: ResolvedFn,
        arg: *mut c_void,
    ) -> *mut c_void {
        RUNNING.lock().unwrap().push((f, arg.expose_provenance()));
        arg
    }

    unsafe fn cancel(request: *mut c_void) {
        let mut running = RUNNING.lock().unwrap();
        let at = running.iter().position(|w| w.1 == request.addr()).unwrap();
        CANCELLED.lock().unwrap().push(running.remove(at));
    }

    /// Answers a lookup: with `code`, or the loopback address.
    pub(super) fn answer((f, arg): Waiting, code: c_int) {
        let mut list = null_mut();
        // SAFETY: a lookup of the library's; its arguments are what it gave.
        unsafe {
            if code == 0 {
                let host = c"127.0.0.1".as_ptr();
                assert_eq!(libc::getaddrinfo(host, c"9".as_ptr(), null_mut(), &raw mut list), 0);
            }
            f(code, list.cast(), core::ptr::with_exposed_provenance_mut(arg));
        }
    }
}

/// A request is taken back, or its connection freed, while the name is looked up; the answer comes
/// later, when the next lookup is under way (le#1064).
#[test]
#[cfg_attr(miri, ignore = "an event loop")]
fn answers_of_the_resolver_that_nobody_waits_for() {
    use super::types::evhttp_request_error_raw;
    use super::{client, connection, exchange, raw::evhttp_request, request};
    use core::ffi::c_void;
    use core::ptr::{NonNull, null_mut};
    use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use slow_resolver::{CANCELLED, RUNNING, answer};

    static DONE: AtomicUsize = AtomicUsize::new(0);
    static FAILED: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C" fn done(_: *mut evhttp_request, _: *mut c_void) {
        DONE.fetch_add(1, Relaxed);
    }
    unsafe extern "C" fn failed(_: evhttp_request_error_raw, _: *mut c_void) {
        FAILED.fetch_add(1, Relaxed);
    }

    crate::bufferevent::connect::set_resolver(&slow_resolver::RESOLVER);
    let dns = NonNull::<c_void>::dangling().as_ptr();
    // SAFETY: objects of the library, each used while it lives.
    unsafe {
        let base = crate::event::base_new().unwrap();
        let ask = |conn| {
            let req = request::new(Some(done), null_mut()).unwrap();
            (*req).error_cb = Some(failed);
            exchange::make_request(conn, req, 1, b"/").unwrap();
            req
        };
        let turn = || crate::event::turn::run(base, crate::event::flags::EVLOOP_NONBLOCK);
        for late in [crate::util::resolve::EAI_CANCEL, 0, libc::EAI_FAIL] {
            let target = client::Target::Host(b"far.example", 80);
            let conn = client::new(base, dns, null_mut(), target).unwrap();
            let first = ask(conn);
            assert_eq!(RUNNING.lock().unwrap().len(), 1);
            exchange::cancel(first);
            assert_eq!((FAILED.swap(0, Relaxed), DONE.load(Relaxed)), (1, 0));
            assert_eq!(RUNNING.lock().unwrap().len(), 0);
            // The next one is not touched by the answer for the first.
            ask(conn);
            assert_eq!(RUNNING.lock().unwrap().len(), 1);
            let gone = CANCELLED.lock().unwrap().pop().unwrap();
            answer(gone, late);
            turn();
            assert_eq!((FAILED.load(Relaxed), DONE.load(Relaxed)), (0, 0));
            assert_eq!((*conn).state, connection::State::Connecting);
            // It fails, and is told.
            let lookup = RUNNING.lock().unwrap().pop().unwrap();
            answer(lookup, libc::EAI_NONAME);
            turn();
            assert_eq!((FAILED.swap(0, Relaxed), DONE.swap(0, Relaxed)), (1, 1));
            // The connection goes while a lookup runs.
            ask(conn);
            connection::close(conn);
            let gone = CANCELLED.lock().unwrap().pop().unwrap();
            turn();
            answer(gone, late);
            turn();
            assert_eq!((FAILED.load(Relaxed), DONE.load(Relaxed)), (0, 0));
        }
        crate::event::base::free(base, true);
    }
}
