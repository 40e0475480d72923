//! Sorting what is due.
//!
//! Of some thousand timers that are due together most of the work is bringing them into order: a
//! sort that compares needs some fourteen steps for each of 20,000. Their deadlines lie close
//! together, though, and evenly: so they are first dealt out into buckets, in place, by the leading
//! bits of the time from the earliest one, and only each bucket is sorted.

use super::Due;
use core::ops::Range;

/// So many are. With fewer the buckets themselves are too much work; with more they do not lie in
/// the processor's cache, and to go to and fro between buckets is slower than the ordinary sort.
const MANY: Range<usize> = 512..32 << 10;

const BUCKETS: usize = 1024;

/// Sorts by deadline, rank and key.
pub(super) fn sort(due: &mut [Due]) {
    if MANY.contains(&due.len()) && !is_in_order(due) {
        return sort_many(due);
    }
    due.sort_unstable_by_key(|due| due.order());
}

/// In order, forwards or backwards: the ordinary sort sees that and has little to do. Timers that
/// were all set to the same duration are.
fn is_in_order(due: &[Due]) -> bool {
    due.is_sorted_by(|a, b| a.order() <= b.order())
        || due.is_sorted_by(|a, b| a.order() >= b.order())
}

#[inline(never)]
fn sort_many(due: &mut [Due]) {
    let (mut first, mut last) = (u64::MAX, 0);
    for due in due.iter() {
        first = first.min(due.deadline);
        last = last.max(due.deadline);
    }
    let bits = u64::BITS - last.wrapping_sub(first).leading_zeros();
    let shift = bits.saturating_sub(BUCKETS.ilog2());
    // Below `BUCKETS` by itself; the remainder lets the compiler know.
    let bucket = |due: &Due| (due.deadline.wrapping_sub(first) >> shift) as usize % BUCKETS;

    let mut next = [0_u32; BUCKETS];
    for due in due.iter() {
        if let Some(count) = next.get_mut(bucket(due)) {
            *count += 1;
        }
    }
    // From how many to where each one begins, and ends.
    let mut ends = next;
    let mut sum = 0;
    for (next, end) in next.iter_mut().zip(&mut ends) {
        *next = sum;
        sum += *end;
        *end = sum;
    }

    let mut begin = 0;
    for (own, end) in ends.into_iter().enumerate() {
        // Whatever stands here and belongs elsewhere changes places with what stands there, until
        // something comes that belongs here.
        while let Some(&at) = next.get(own)
            && at < end
        {
            let Some(&(mut due_here)) = due.get(at as usize) else { return };
            loop {
                let home = bucket(&due_here);
                if home == own {
                    break;
                }
                let Some(place) = next.get_mut(home) else { return };
                let Some(there) = due.get_mut(*place as usize) else { return };
                core::mem::swap(&mut due_here, there);
                *place += 1;
            }
            if let (Some(here), Some(place)) = (due.get_mut(at as usize), next.get_mut(own)) {
                *here = due_here;
                *place += 1;
            }
        }
        if let Some(bucket) = due.get_mut(begin as usize..end as usize)
            && bucket.len() > 1
        {
            bucket.sort_unstable_by_key(|due| due.order());
        }
        begin = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sorts a copy the ordinary way, and compares.
    fn check(mut due: Vec<Due>) {
        let mut expected = due.clone();
        expected.sort_by_key(|due| due.order());
        sort(&mut due);
        let keys = |due: &[Due]| due.iter().map(|due| due.key).collect::<Vec<_>>();
        assert_eq!(keys(&due), keys(&expected));
    }

    fn pseudo_random(n: u32, deadline: impl Fn(u64) -> u64) -> Vec<Due> {
        let mut state = 12345_u64;
        let due = |key| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            Due { deadline: deadline(state >> 20), rank: (state >> 40) as u32 % 64, key }
        };
        (1..=n).map(due).collect()
    }

    #[test]
    fn like_the_ordinary_sort() {
        for n in [0, 1, 2, 511, 512, 600, 1500] {
            check(pseudo_random(n, |r| r % 2500));
            check(pseudo_random(n, |r| 7_000_000 + r % 3));
            check(pseudo_random(n, |_| 5));
            check(pseudo_random(n, |r| r));
            check(pseudo_random(n, |r| if r % 100 == 0 { u64::MAX - r % 7 } else { r % 1000 }));
            check((1..=n).map(|key| Due { deadline: 9, rank: n - key, key }).collect());
            check((1..=n).map(|key| Due { deadline: u64::from(key), rank: 0, key }).collect());
        }
    }
}
