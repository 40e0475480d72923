//! The model test: random operations on evbuffers and on plain byte vectors, compared after each.
//!
//! The file is used twice: by the seeded test of this crate and by the fuzz target
//! (`fuzz/fuzz_targets/buffer.rs`). So it speaks only the public interface, which the including
//! module names `buffer`.

use super::buffer::raw::{
    evbuffer_cb_info, evbuffer_eol_style as eol, evbuffer_ptr, evbuffer_ptr_internal,
};
use super::buffer::{self, evbuffer, evbuffer_cb_entry};
use core::ffi::c_void;
use libc::iovec;
use std::vec::Vec;

/// Where decisions come from: a generator, or the fuzzer's bytes. `None` ends the run.
pub trait Source {
    /// A number below `n`.
    fn below(&mut self, n: usize) -> Option<usize>;
}

#[allow(dead_code, reason = "for the seeded test")]
/// A linear congruential generator, so that a seed names a run.
pub struct Seeded(pub u64);

impl Source for Seeded {
    fn below(&mut self, n: usize) -> Option<usize> {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some(((self.0 >> 33) as usize) % n.max(1))
    }
}

/// The fuzzer's bytes, two for each decision.
#[allow(dead_code, reason = "for the fuzz target")]
pub struct Bytes<'a>(pub &'a [u8]);

impl Source for Bytes<'_> {
    fn below(&mut self, n: usize) -> Option<usize> {
        let (two, rest) = self.0.split_first_chunk::<2>()?;
        self.0 = rest;
        Some(usize::from(u16::from_le_bytes(*two)) % n.max(1))
    }
}

/// What a callback has seen.
#[derive(Default)]
struct Seen {
    added: usize,
    deleted: usize,
    wrong: bool,
}

unsafe extern "C" fn watch(b: *mut evbuffer, info: *const evbuffer_cb_info, arg: *mut c_void) {
    // SAFETY: `arg` is the `Seen` that the callback was registered with; `info` is the library's.
    unsafe {
        let seen = &mut *arg.cast::<Seen>();
        let info = &*info;
        seen.added += info.n_added;
        seen.deleted += info.n_deleted;
        seen.wrong |= info.orig_size + info.n_added - info.n_deleted != buffer::len(b);
        seen.wrong |= info.n_added == 0 && info.n_deleted == 0;
    }
}

unsafe extern "C" fn cleanup(data: *const c_void, len: usize, extra: *mut c_void) {
    // SAFETY: data and length are those of the boxed slice given by reference, `extra` counts.
    unsafe {
        drop(Box::from_raw(core::ptr::slice_from_raw_parts_mut(data.cast::<u8>().cast_mut(), len)));
        *extra.cast::<usize>() -= 1;
    }
}

struct Pair {
    real: *mut evbuffer,
    model: Vec<u8>,
    frozen_start: bool,
    frozen_end: bool,
    /// A boxed `Seen`, which only raw pointers go to: the callback has one, too.
    watcher: Option<(*mut evbuffer_cb_entry, *mut Seen)>,
    /// Whether it holds what must not be referenced again.
    has_references: bool,
}

const BUFFERS: usize = 3;
/// Beyond this a buffer is drained, so that runs stay small.
const LEN_MAX: usize = 60_000;

fn size(s: &mut impl Source) -> Option<usize> {
    Some(match s.below(8)? {
        0 => 0,
        1..=3 => s.below(40)?,
        4 | 5 => s.below(1200)?,
        6 => 4000 + s.below(200)?,
        _ => s.below(20_000)?,
    })
}

fn text(s: &mut impl Source, n: usize) -> Option<Vec<u8>> {
    let seed = s.below(65536)?;
    // A small alphabet, with line ends, so that searches find something.
    let alphabet = b"abcabcab\r\n\0z";
    Some((0..n).map(|i| alphabet[(seed.wrapping_mul(i + 7) >> 3) % alphabet.len()]).collect())
}

fn find(hay: &[u8], what: &[u8], from: usize) -> Option<usize> {
    (from..=hay.len().checked_sub(what.len())?).find(|&i| &hay[i..i + what.len()] == what)
}

fn model_eol(hay: &[u8], style: eol) -> Option<(usize, usize)> {
    match style {
        eol::EVBUFFER_EOL_LF => hay.iter().position(|&c| c == b'\n').map(|i| (i, 1)),
        eol::EVBUFFER_EOL_NUL => hay.iter().position(|&c| c == 0).map(|i| (i, 1)),
        eol::EVBUFFER_EOL_CRLF_STRICT => find(hay, b"\r\n", 0).map(|i| (i, 2)),
        eol::EVBUFFER_EOL_CRLF => {
            let i = hay.iter().position(|&c| c == b'\n')?;
            Some(if i > 0 && hay[i - 1] == b'\r' { (i - 1, 2) } else { (i, 1) })
        }
        eol::EVBUFFER_EOL_ANY => {
            let end = |c: &u8| *c == b'\r' || *c == b'\n';
            let i = hay.iter().position(end)?;
            Some((i, hay[i..].iter().take_while(|c| end(c)).count()))
        }
    }
}

const STYLES: [eol; 5] = [
    eol::EVBUFFER_EOL_ANY,
    eol::EVBUFFER_EOL_CRLF,
    eol::EVBUFFER_EOL_CRLF_STRICT,
    eol::EVBUFFER_EOL_LF,
    eol::EVBUFFER_EOL_NUL,
];

fn position() -> evbuffer_ptr {
    evbuffer_ptr {
        pos: 0,
        internal_: evbuffer_ptr_internal { chain: core::ptr::null_mut(), pos_in_chain: 0 },
    }
}

fn piece() -> iovec {
    iovec { iov_base: core::ptr::null_mut(), iov_len: 0 }
}

/// Runs up to `steps` operations and checks everything after each.
#[allow(clippy::too_many_lines, reason = "one arm for each operation")]
pub fn run(s: &mut impl Source, steps: usize) {
    let mut outstanding = 0_usize;
    let mut pairs: Vec<Pair> = (0..BUFFERS)
        .map(|_| Pair {
            real: buffer::new().unwrap(),
            model: Vec::new(),
            frozen_start: false,
            frozen_end: false,
            watcher: None,
            has_references: false,
        })
        .collect();
    let count = &raw mut outstanding;
    for _ in 0..steps {
        if step(&mut pairs, s, count).is_none() {
            break;
        }
        for p in &mut pairs {
            check(p);
        }
    }
    for p in pairs {
        // SAFETY: each buffer is freed once, and so is what its callback has seen.
        unsafe {
            buffer::free(p.real);
            if let Some((_, seen)) = p.watcher {
                drop(Box::from_raw(seen));
            }
        }
    }
    // SAFETY: our own variable.
    assert_eq!(unsafe { *count }, 0, "every reference is cleaned up");
}

fn check(p: &mut Pair) {
    // SAFETY: the buffer is live.
    unsafe {
        assert_eq!(buffer::len(p.real), p.model.len());
        let n = buffer::peek(p.real, None, None, &mut []);
        let mut pieces = vec![piece(); n];
        assert_eq!(buffer::peek(p.real, None, None, &mut pieces), n);
        let mut rest = &p.model[..];
        for v in &pieces {
            let have = core::slice::from_raw_parts(v.iov_base.cast::<u8>(), v.iov_len);
            assert!(!have.is_empty() && have == &rest[..have.len()], "content");
            rest = &rest[have.len()..];
        }
        assert!(rest.is_empty());
    }
    if let Some((_, seen)) = p.watcher {
        // SAFETY: live while the watcher is set; no callback runs now.
        assert!(!unsafe { (*seen).wrong }, "callback numbers");
    }
}

/// Adds the change of an operation to the model and checks it against what callbacks saw.
fn changed(p: &mut Pair, before: (usize, usize), added: usize, deleted: usize) {
    if p.watcher.is_some() {
        let now = seen(p);
        assert_eq!((now.0 - before.0, now.1 - before.1), (added, deleted), "told");
    }
}

fn seen(p: &Pair) -> (usize, usize) {
    // SAFETY: live while the watcher is set; no callback runs now.
    p.watcher.map_or((0, 0), |(_, s)| unsafe { ((*s).added, (*s).deleted) })
}

#[allow(
    clippy::too_many_lines,
    clippy::cognitive_complexity,
    reason = "one arm for each operation"
)]
fn step(pairs: &mut [Pair], s: &mut impl Source, outstanding: *mut usize) -> Option<()> {
    let i = s.below(BUFFERS)?;
    let j = s.below(BUFFERS)?;
    let op = s.below(27)?;
    if pairs[i].model.len() > LEN_MAX {
        let p = &mut pairs[i];
        let was = seen(p);
        // SAFETY: live.
        unsafe {
            buffer::unfreeze(p.real, true);
            p.frozen_start = false;
            buffer::drain(p.real, usize::MAX).unwrap();
        }
        let n = p.model.len();
        p.model.clear();
        p.has_references = false;
        changed(p, was, 0, n);
        return Some(());
    }
    let p = &mut pairs[i];
    let was = seen(p);
    // SAFETY: every buffer of `pairs` is live; memory given is as long as said.
    unsafe {
        match op {
            0..=2 => {
                let n = size(s)?;
                let data = text(s, n)?;
                let r = buffer::add(p.real, &data);
                assert_eq!(r.is_ok(), !p.frozen_end);
                if r.is_ok() {
                    p.model.extend_from_slice(&data);
                    changed(p, was, data.len(), 0);
                }
            }
            3 => {
                let n = size(s)?;
                let data = text(s, n)?;
                let r = buffer::prepend(p.real, data.as_ptr(), data.len());
                assert_eq!(r.is_ok(), !p.frozen_start || data.is_empty());
                if r.is_ok() {
                    changed(p, was, data.len(), 0);
                    p.model.splice(..0, data);
                }
            }
            4 | 5 => {
                let n = size(s)?;
                let r = buffer::drain(p.real, n);
                assert_eq!(r.is_ok(), !p.frozen_start || p.model.is_empty());
                if r.is_ok() {
                    let n = n.min(p.model.len());
                    p.model.drain(..n);
                    changed(p, was, 0, n);
                }
            }
            6 => {
                let mut to = vec![0; size(s)?];
                let n = to.len().min(p.model.len());
                let r = buffer::remove(p.real, &mut to);
                assert_eq!(r.is_ok(), n == 0 || !p.frozen_start);
                if let Ok(k) = r {
                    assert_eq!(k, n);
                    assert_eq!(to[..n], p.model[..n]);
                    p.model.drain(..n);
                    changed(p, was, 0, n);
                }
            }
            7 => {
                let mut to = vec![0; size(s)?];
                let from = s.below(p.model.len() + 2)?;
                let mut at = position();
                let set = buffer::ptr_set(p.real, &mut at, from, false);
                assert_eq!(set.is_ok(), from <= p.model.len());
                if set.is_ok() {
                    let n = to.len().min(p.model.len() - from);
                    let r = buffer::copyout_from(p.real, Some(&at), to.as_mut_ptr(), to.len());
                    assert_eq!(r.is_ok(), n == 0 || !p.frozen_start);
                    if let Ok(k) = r {
                        assert_eq!(k, n);
                        assert_eq!(to[..n], p.model[from..from + n]);
                    }
                }
            }
            8 => {
                let n = size(s)?;
                let at = buffer::pullup(p.real, n.cast_signed());
                assert_eq!(at.is_null(), n == 0 || n > p.model.len());
                if !at.is_null() {
                    assert_eq!(core::slice::from_raw_parts(at, n), &p.model[..n]);
                }
            }
            9 => {
                assert!(buffer::expand(p.real, size(s)?).is_ok());
            }
            10 | 11 => {
                let n = size(s)?;
                let mut pieces = vec![piece(); 1 + s.below(4)?];
                let r = buffer::reserve(p.real, n, &mut pieces);
                assert_eq!(r.is_ok(), !p.frozen_end);
                if let Ok(used) = r {
                    pieces.truncate(used);
                    let room: usize = pieces.iter().map(|v| v.iov_len).sum();
                    assert!(room >= n);
                    let take = s.below(room.min(n) + 1)?;
                    let data = text(s, take)?;
                    let mut left = &data[..];
                    for v in &mut pieces {
                        let k = left.len().min(v.iov_len);
                        v.iov_base.cast::<u8>().copy_from_nonoverlapping(left.as_ptr(), k);
                        v.iov_len = k;
                        left = &left[k..];
                    }
                    assert!(buffer::commit(p.real, &pieces).is_ok());
                    p.model.extend_from_slice(&data);
                    changed(p, was, take, 0);
                    if used > 0 && take > 0 {
                        // The same room again: no longer there.
                        assert!(buffer::commit(p.real, &pieces).is_err());
                    }
                }
            }
            12 | 13 if i != j => {
                let (from, to) = two(pairs, i, j);
                let (was_from, was_to) = (seen(from), seen(to));
                let front = op == 13;
                let r = if front {
                    buffer::prepend_buffer(to.real, from.real)
                } else {
                    buffer::add_buffer(to.real, from.real)
                };
                let frozen =
                    from.frozen_start || if front { to.frozen_start } else { to.frozen_end };
                assert_eq!(r.is_ok(), from.model.is_empty() || !frozen);
                if r.is_ok() {
                    let moved = core::mem::take(&mut from.model);
                    let n = moved.len();
                    if n > 0 {
                        to.has_references |= from.has_references;
                        from.has_references = false;
                    }
                    if front {
                        to.model.splice(..0, moved);
                    } else {
                        to.model.extend(moved);
                    }
                    changed(from, was_from, 0, n);
                    changed(to, was_to, n, 0);
                }
            }
            14 if i != j => {
                let n = size(s)?;
                let (from, to) = two(pairs, i, j);
                let (was_from, was_to) = (seen(from), seen(to));
                let r = buffer::remove_buffer(from.real, to.real, n);
                assert_eq!(r.is_ok(), n == 0 || !(from.frozen_start || to.frozen_end));
                if let Ok(k) = r {
                    assert_eq!(k, n.min(from.model.len()));
                    to.model.extend(from.model.drain(..k));
                    to.has_references |= from.has_references;
                    changed(from, was_from, 0, k);
                    changed(to, was_to, k, 0);
                }
            }
            15 if i != j => {
                let (from, to) = two(pairs, i, j);
                let was_to = seen(to);
                let r = buffer::add_buffer_reference(to.real, from.real);
                if from.model.is_empty() {
                    assert!(r.is_ok());
                } else if to.frozen_end {
                    assert!(r.is_err());
                } else if !from.has_references {
                    assert!(r.is_ok());
                }
                if r.is_ok() && !from.model.is_empty() {
                    to.model.extend_from_slice(&from.model);
                    to.has_references = true;
                    changed(to, was_to, from.model.len(), 0);
                }
            }
            16 | 17 => {
                let n = size(s)?;
                let data = text(s, n)?.into_boxed_slice();
                let n = data.len();
                let at = Box::into_raw(data);
                let skip = if op == 17 { s.below(n + 1)? } else { 0 };
                *outstanding += 1;
                let r = buffer::add_reference_with_offset(
                    p.real,
                    at.cast(),
                    skip,
                    n - skip,
                    Some(cleanup),
                    outstanding.cast(),
                );
                assert_eq!(r.is_ok(), !p.frozen_end);
                if r.is_ok() {
                    p.model.extend_from_slice(&(&*at)[skip..]);
                    changed(p, was, n - skip, 0);
                } else {
                    *outstanding -= 1;
                    drop(Box::from_raw(at));
                }
            }
            18 | 19 => {
                let n = s.below(7)?;
                let what = text(s, n)?;
                let from = s.below(p.model.len() + 1)?;
                let until = from + s.below(p.model.len() + 1 - from)?;
                let (mut a, mut z) = (position(), position());
                buffer::ptr_set(p.real, &mut a, from, false).unwrap();
                buffer::ptr_set(p.real, &mut z, from, false).unwrap();
                buffer::ptr_set(p.real, &mut z, until - from, true).unwrap();
                let expect = |limit: usize| {
                    if n == 0 { Some(from) } else { find(&p.model[..limit], &what, from) }
                };
                let got = buffer::search_range(p.real, &what, Some(&a), Some(&z));
                assert_eq!(usize::try_from(got.pos).ok(), expect(until));
                let got = buffer::search(p.real, &what, Some(&a));
                assert_eq!(usize::try_from(got.pos).ok(), expect(p.model.len()));
                if got.pos >= 0 {
                    // The hint that came with it.
                    let mut to = vec![0; n];
                    if !p.frozen_start {
                        buffer::copyout_from(p.real, Some(&got), to.as_mut_ptr(), n).unwrap();
                        assert_eq!(to, what);
                    }
                }
            }
            20 => {
                let style = STYLES[s.below(STYLES.len())?];
                let from = s.below(p.model.len() + 1)?;
                let mut a = position();
                buffer::ptr_set(p.real, &mut a, from, false).unwrap();
                let (got, n) = buffer::search_eol(p.real, Some(&a), style);
                let expect = model_eol(&p.model[from..], style).map(|(i, n)| (i + from, n));
                assert_eq!(usize::try_from(got.pos).ok().map(|pos| (pos, n)), expect);
            }
            21 => {
                let style = STYLES[s.below(STYLES.len())?];
                let got = buffer::readln(p.real, style);
                let expect = model_eol(&p.model, style).filter(|_| !p.frozen_start);
                assert_eq!(got.is_some(), expect.is_some());
                if let (Some((line, n)), Some((end, extra))) = (got, expect) {
                    let bytes = core::slice::from_raw_parts(line.as_ptr().cast::<u8>(), n + 1);
                    assert_eq!(bytes[..n], p.model[..end]);
                    assert_eq!(bytes[n], 0);
                    libc::free(line.as_ptr().cast());
                    p.model.drain(..end + extra);
                    changed(p, was, 0, end + extra);
                }
            }
            22 => {
                let (one, two) = (size(s)?.min(3000), size(s)?.min(3000));
                let (a, z) = (text(s, one)?, text(s, two)?);
                let v = [&a, &z]
                    .map(|d| iovec { iov_base: d.as_ptr().cast_mut().cast(), iov_len: d.len() });
                let n = buffer::add_iovec(p.real, &v);
                assert_eq!(n, if p.frozen_end { 0 } else { one + two });
                if n > 0 {
                    p.model.extend(a);
                    p.model.extend(z);
                }
                changed(p, was, n, 0);
            }
            23 => {
                let start = s.below(2)? == 0;
                let on = s.below(3)? == 0;
                if on {
                    buffer::freeze(p.real, start);
                } else {
                    buffer::unfreeze(p.real, start);
                }
                *(if start { &mut p.frozen_start } else { &mut p.frozen_end }) = on;
            }
            24 => match p.watcher.take() {
                Some((entry, seen)) => {
                    assert!(buffer::remove_cb_entry(p.real, entry).is_ok());
                    drop(Box::from_raw(seen));
                }
                None => {
                    let seen = Box::into_raw(Box::new(Seen::default()));
                    let entry = buffer::add_cb(p.real, Some(watch), seen.cast()).unwrap();
                    p.watcher = Some((entry, seen));
                }
            },
            25 => {
                let r =
                    buffer::add_fmt(p.real, format_args!("{:>width$}\r\n", "x", width = size(s)?));
                assert_eq!(r.is_ok(), !p.frozen_end);
                if let Ok(n) = r {
                    let new = p.model.len() + n;
                    p.model.resize(new - 3, b' ');
                    p.model.extend_from_slice(b"x\r\n");
                    changed(p, was, n, 0);
                }
            }
            26 if !p.model.is_empty() => {
                let (at, n) = buffer::first_contiguous(p.real);
                assert!(n > 0);
                assert_eq!(core::slice::from_raw_parts(at, n), &p.model[..n]);
            }
            _ => {}
        }
    }
    if pairs[i].model.is_empty() {
        pairs[i].has_references = false;
    }
    Some(())
}

fn two(pairs: &mut [Pair], i: usize, j: usize) -> (&mut Pair, &mut Pair) {
    let [a, b] = pairs.get_disjoint_mut([i, j]).unwrap();
    (a, b)
}
