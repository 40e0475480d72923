//! Seeded runs of the model test, and what a model does not say.

use crate::buffer;

#[path = "model.rs"]
mod model;

/// Operations of one seed; Miri runs a few of them.
const STEPS: usize = if cfg!(miri) { 50 } else { 2000 };
const SEEDS: u64 = if cfg!(miri) { 1 } else { 120 };

#[test]
fn random_operations_match_a_byte_vector() {
    for seed in 0..SEEDS {
        model::run(&mut model::Seeded(seed), STEPS);
    }
}

#[test]
#[cfg_attr(miri, ignore = "asks the allocator for half the address space")]
fn lengths_that_cannot_be() {
    // SAFETY: a live buffer; the lengths are refused before memory is touched.
    unsafe {
        let b = buffer::new().unwrap();
        buffer::add(b, b"abc").unwrap();
        for n in [usize::MAX, usize::MAX - 1, isize::MAX as usize, isize::MAX as usize - 3] {
            assert!(buffer::expand(b, n).is_err());
            assert!(buffer::add_raw(b, b"x".as_ptr(), n).is_err());
            assert!(buffer::prepend(b, b"x".as_ptr(), n).is_err());
            let mut pieces = [libc::iovec { iov_base: core::ptr::null_mut(), iov_len: 0 }; 2];
            assert!(buffer::reserve(b, n, &mut pieces).is_err());
            assert!(buffer::reserve(b, n, &mut pieces[..1]).is_err());
            assert_eq!(buffer::len(b), 3);
        }
        let mut all = [0; 8];
        assert_eq!(buffer::copyout(b, &mut all), Ok(3));
        assert_eq!(&all[..3], b"abc");
        buffer::free(b);
    }
}

#[test]
fn shared_memory_outlives_its_first_buffer() {
    // SAFETY: live buffers.
    unsafe {
        let (a, b, c) = (buffer::new().unwrap(), buffer::new().unwrap(), buffer::new().unwrap());
        buffer::add(a, &[7; 5000]).unwrap();
        buffer::expand(b, 10).unwrap();
        buffer::add_buffer_reference(b, a).unwrap();
        buffer::add_buffer_reference(c, a).unwrap();
        assert!(buffer::add_buffer_reference(c, b).is_err());
        buffer::add(a, b"more").unwrap();
        buffer::free(a);
        for x in [b, c] {
            assert_eq!(buffer::len(x), 5000);
            assert!(
                (*core::ptr::slice_from_raw_parts(buffer::pullup(x, -1), 5000))
                    .iter()
                    .all(|&v| v == 7)
            );
            buffer::free(x);
        }
    }
}

#[test]
fn a_large_part_of_a_block_moves_without_a_copy() {
    // SAFETY: live buffers.
    unsafe {
        let (a, b) = (buffer::new().unwrap(), buffer::new().unwrap());
        buffer::add(a, &[1; 100_000]).unwrap();
        let (before, _) = buffer::first_contiguous(a);
        assert_eq!(buffer::remove_buffer(a, b, 50_000), Ok(50_000));
        assert_eq!(buffer::first_contiguous(b), (before, 50_000));
        assert_eq!(buffer::first_contiguous(a).1, 50_000);
        buffer::free(a);
        assert_eq!(buffer::len(b), 50_000);
        buffer::free(b);
    }
}

#[test]
fn adding_a_buffers_own_bytes() {
    // SAFETY: live buffer.
    unsafe {
        let b = buffer::new().unwrap();
        buffer::add(b, &[b'.'; 900]).unwrap();
        buffer::drain(b, 600).unwrap();
        let (at, n) = buffer::first_contiguous(b);
        buffer::add_raw(b, at, n).unwrap();
        let (at, _) = buffer::first_contiguous(b);
        buffer::add_raw(b, at, 300).unwrap();
        assert_eq!(buffer::len(b), 900);
        let p = buffer::pullup(b, -1);
        assert!((*core::ptr::slice_from_raw_parts(p, 900)).iter().all(|&v| v == b'.'));
        buffer::free(b);
    }
}

#[test]
fn large_blocks_lie_as_their_source_and_hold_as_much() {
    #[repr(align(32))]
    struct Aligned([u8; 8192 + 64]);
    let source = Aligned([5; 8192 + 64]);
    // SAFETY: live buffers; what is written lies in the room that was offered.
    unsafe {
        for skip in [0, 16, 5, 48] {
            let from = source.0.as_ptr().wrapping_add(skip);
            let b = buffer::new().unwrap();
            buffer::add_raw(b, from, 8192).unwrap();
            let mut room = [libc::iovec { iov_base: core::ptr::null_mut(), iov_len: 0 }];
            assert_eq!(buffer::reserve(b, 1, &mut room), Ok(1));
            // A block of 16 KiB less its header, wherever its memory starts.
            assert_eq!(room[0].iov_len, 16384 - 48 - 8192);
            room[0].iov_base.cast::<u8>().write_bytes(6, room[0].iov_len);
            buffer::commit(b, &room).unwrap();
            let (at, n) = buffer::first_contiguous(b);
            assert_eq!(n, 16384 - 48);
            assert_eq!(at.addr() % 16, 0);
            assert_eq!((at.addr() ^ from.addr()) & 16, 0);
            buffer::free(b);
        }
    }
}

#[test]
fn every_size_has_the_least_block_that_holds_it() {
    use super::pool::{LEAST_TOTAL, POOLED_TOTAL, class_of, total_of};
    for total in (1..=POOLED_TOTAL).step_by(if cfg!(miri) { 509 } else { 1 }) {
        assert_eq!(total_of(class_of(total)), total.max(LEAST_TOTAL).next_power_of_two());
    }
    assert_eq!(total_of(class_of(POOLED_TOTAL)), POOLED_TOTAL);
}
