//! The timer queue: a hierarchical timing wheel with exact order.
//!
//! # How it works
//!
//! Time is cut into ticks of 2^13 ns (about 8 µs). Eight levels of 64 slots each cover 2^48
//! ticks; a timer hangs in the level of the highest group of six bits in which its tick differs
//! from the current one. So all slots of a lower level come before all of a higher one, adding,
//! moving and removing are O(1) without a comparison, and a slot of level *n* is dealt out to the
//! levels below when the current tick enters it.
//!
//! The wheel orders only to a tick. A slot that becomes due is therefore sorted (merge sort, by
//! [`Nodes::precedes`]) into the *due* list, and a timer is given out only when its own deadline
//! has come: order and time of expiry are exact.
//!
//! Timers that are added at or before the current tick wait in the *fresh* list, which is sorted
//! and merged into the due list when somebody asks.
//!
//! A timer that is put off ([`Wheel::postpone`]) stays where it hangs: only its deadline changes,
//! and it moves on when its slot is emptied. So moving the timeout of a busy connection touches
//! nothing but the timer itself.
//!
//! # What it does not own
//!
//! The nodes are somebody else's (`struct event`, or an array of the libev loop): [`Nodes`] is how
//! the wheel reaches their links. It holds no clock: times are values.

use crate::error::{Error, Result};
use crate::mem::{Heap, Vec};
use allocator_api2::alloc::Allocator;
use core::cmp::Ordering;

const TICK_SHIFT: u32 = 13;
const SLOT_BITS: u32 = 6;
const SLOTS: usize = 1 << SLOT_BITS;
const LEVELS: usize = 8;
const LAST_TICK: u64 = (1 << (SLOT_BITS * LEVELS as u32)) - 1;
/// The list of timers of the current tick and before, sorted.
const DUE: u16 = (LEVELS * SLOTS) as u16;
/// The list of timers added at or before the current tick, not sorted yet.
const FRESH: u16 = DUE + 1;
const LISTS: usize = LEVELS * SLOTS + 2;

/// How many timers of one slot are looked at for the exact next deadline. A slot with more gives
/// the start of its span instead: that costs a wake-up at most once a level, where looking at
/// all of them would cost the whole slot for each wait.
const SCAN: usize = 256;

/// What comes before a node in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prev<K> {
    /// Another node.
    Node(K),
    /// Nothing: the node is the first of this list.
    List(u16),
}

/// Access to the nodes that hang in a wheel. A key names a node and stays valid while the node
/// is in the wheel.
pub trait Nodes {
    /// Names a node.
    type Key: Copy + PartialEq;
    /// When it is due, in nanoseconds.
    fn deadline(&self, key: Self::Key) -> u64;
    /// Whether `a` has to expire before `b`. It agrees with the deadlines, and may order equal ones.
    fn precedes(&self, a: Self::Key, b: Self::Key) -> bool {
        self.deadline(a) < self.deadline(b)
    }
    /// The next node of its list.
    fn next(&self, key: Self::Key) -> Option<Self::Key>;
    /// Stores the next node.
    fn set_next(&mut self, key: Self::Key, next: Option<Self::Key>);
    /// What comes before it.
    fn prev(&self, key: Self::Key) -> Prev<Self::Key>;
    /// Stores what comes before it.
    fn set_prev(&mut self, key: Self::Key, prev: Prev<Self::Key>);
}

/// The timing wheel.
#[derive(Debug)]
pub struct Wheel<K, A: Allocator = Heap> {
    /// First node of each list; empty until the first timer is added.
    heads: Vec<Option<K>, A>,
    /// Which slots of each level are not empty; the last word is for the two lists beside the
    /// levels, so that every list has a bit.
    occupied: [u64; LEVELS + 1],
    current: u64,
    count: usize,
    /// A time before which nothing is due; [`UNKNOWN`] has to be looked up.
    next: u64,
}

/// Before every deadline, so that comparisons with it come out right by themselves.
const UNKNOWN: u64 = 0;

fn tick(deadline: u64) -> u64 {
    (deadline >> TICK_SHIFT).min(LAST_TICK)
}

impl<K: Copy + PartialEq, A: Allocator> Wheel<K, A> {
    /// An empty wheel. It takes memory with the first timer.
    pub const fn new_in(alloc: A) -> Self {
        Self {
            heads: Vec::new_in(alloc),
            occupied: [0; LEVELS + 1],
            current: 0,
            count: 0,
            next: UNKNOWN,
        }
    }

    /// How many timers wait.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Takes the memory that [`Self::add`] needs, so that it cannot fail afterwards.
    #[inline]
    pub fn reserve(&mut self) -> Result<()> {
        if self.heads.is_empty() { self.make_lists() } else { Ok(()) }
    }

    #[cold]
    fn make_lists(&mut self) -> Result<()> {
        self.heads.try_reserve_exact(LISTS).map_err(|_| Error::NoMemory)?;
        self.heads.resize(LISTS, None);
        Ok(())
    }

    /// Adds a node whose deadline is set and that is in no list. `now` is the current time.
    #[inline]
    pub fn add<N: Nodes<Key = K>>(&mut self, nodes: &mut N, key: K, now: u64) -> Result<()> {
        self.reserve()?;
        if self.count == 0 {
            // Nothing hangs anywhere, so the wheel may be turned to the present for free.
            self.current = tick(now);
            self.next = u64::MAX;
        }
        self.count += 1;
        let deadline = nodes.deadline(key);
        self.next = self.next.min(deadline);
        let list = self.list_of(deadline);
        self.push(nodes, list, key);
        Ok(())
    }

    /// Takes a node out. It must be in this wheel, with the deadline it was added with.
    #[inline]
    pub fn remove<N: Nodes<Key = K>>(&mut self, nodes: &mut N, key: K) {
        self.count = self.count.wrapping_sub(1);
        if self.next == nodes.deadline(key) {
            self.next = UNKNOWN;
        }
        self.unlink(nodes, key);
    }

    /// Whether this node, whose deadline is `old`, may get the deadline `new` where it hangs. If so
    /// the caller stores it; if not the node has to be removed and added again.
    #[inline]
    pub fn postpone(&mut self, old: u64, new: u64) -> bool {
        // What is due or fresh is sorted by deadline, or will be with the rest of its list.
        if new < old || tick(old) <= self.current {
            return false;
        }
        if self.next == old {
            self.next = UNKNOWN;
        }
        true
    }

    /// Takes out and returns the first timer whose deadline is at or before `now`.
    pub fn pop_due<N: Nodes<Key = K>>(&mut self, nodes: &mut N, now: u64) -> Option<K> {
        if self.count == 0 || self.next > now {
            return None;
        }
        loop {
            self.sort_fresh(nodes);
            if let Some(first) = self.head(DUE) {
                if nodes.deadline(first) > now {
                    self.next = nodes.deadline(first);
                    return None;
                }
                self.remove(nodes, first);
                return Some(first);
            }
            if !self.turn(nodes, tick(now)) {
                self.next = UNKNOWN;
                return None;
            }
        }
    }

    /// The earliest deadline, or `None` when no timer waits. With very many timers it may be a
    /// little before the earliest deadline, never after it.
    pub fn next_deadline<N: Nodes<Key = K>>(&mut self, nodes: &mut N) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        if self.next != UNKNOWN {
            return Some(self.next);
        }
        self.sort_fresh(nodes);
        let next = match self.head(DUE) {
            Some(first) => nodes.deadline(first),
            None => self.scan_first_slot(nodes)?,
        };
        self.next = next;
        Some(next)
    }

    /// Calls `visit` with each node, in no particular order, until it returns `false`.
    pub fn for_each<N: Nodes<Key = K>>(&self, nodes: &N, mut visit: impl FnMut(&N, K) -> bool) {
        for head in &self.heads {
            let mut at = *head;
            while let Some(key) = at {
                at = nodes.next(key);
                if !visit(nodes, key) {
                    return;
                }
            }
        }
    }

    #[inline]
    fn head(&self, list: u16) -> Option<K> {
        self.heads.get(usize::from(list)).copied().flatten()
    }

    /// Makes `key` the first of a list and returns what was first before.
    #[inline]
    fn replace_head(&mut self, list: u16, key: Option<K>) -> Option<K> {
        let old = match self.heads.get_mut(usize::from(list)) {
            Some(head) => core::mem::replace(head, key),
            None => None,
        };
        if old.is_none() != key.is_none()
            && let Some(bits) = self.occupied.get_mut(usize::from(list) / SLOTS)
        {
            *bits ^= 1 << (usize::from(list) % SLOTS);
        }
        old
    }

    /// Where a timer with this deadline hangs, seen from the current tick.
    #[inline]
    fn list_of(&self, deadline: u64) -> u16 {
        let tick = tick(deadline);
        if tick <= self.current {
            return FRESH;
        }
        let level = (63 - (tick ^ self.current).leading_zeros()) / SLOT_BITS;
        let slot = (tick >> (level * SLOT_BITS)) & (SLOTS as u64 - 1);
        // Both are bounded by the wheel's size: tick and current are below 2^48.
        (level * SLOTS as u32) as u16 + slot as u16
    }

    #[inline]
    fn push<N: Nodes<Key = K>>(&mut self, nodes: &mut N, list: u16, key: K) {
        let second = self.replace_head(list, Some(key));
        nodes.set_next(key, second);
        nodes.set_prev(key, Prev::List(list));
        if let Some(second) = second {
            nodes.set_prev(second, Prev::Node(key));
        }
    }

    #[inline]
    fn unlink<N: Nodes<Key = K>>(&mut self, nodes: &mut N, key: K) {
        let (prev, next) = (nodes.prev(key), nodes.next(key));
        match prev {
            Prev::Node(prev) => nodes.set_next(prev, next),
            Prev::List(list) => {
                self.replace_head(list, next);
            }
        }
        if let Some(next) = next {
            nodes.set_prev(next, prev);
        }
    }

    /// Moves the current tick to the next occupied slot, not past `to`, and deals that slot's
    /// timers out again. False when no slot is due by then.
    fn turn<N: Nodes<Key = K>>(&mut self, nodes: &mut N, to: u64) -> bool {
        let Some((level, slot)) = self.first_slot() else {
            self.current = self.current.max(to);
            return false;
        };
        let start = self.slot_start(level, slot);
        if start > to {
            self.current = self.current.max(to);
            return false;
        }
        self.current = start;
        let list = (level * SLOTS as u32 + slot) as u16;
        // Lists are newest first; reversed, equal deadlines keep their order of insertion.
        let newest_first = self.replace_head(list, None);
        let oldest_first = reverse(nodes, newest_first);
        // Whatever is due in this very tick comes into the fresh list by this, the rest where it
        // belongs by now: those of a higher level, and those that were put off.
        let mut at = oldest_first;
        while let Some(key) = at {
            at = nodes.next(key);
            let list = self.list_of(nodes.deadline(key));
            self.push(nodes, list, key);
        }
        true
    }

    /// The first occupied slot in time: the lowest level that has one, and there the first after
    /// the current tick. (Slots at or before it are empty: they were dealt out on entry.)
    fn first_slot(&self) -> Option<(u32, u32)> {
        first_bit(&self.occupied)
    }

    fn slot_start(&self, level: u32, slot: u32) -> u64 {
        let shift = level * SLOT_BITS;
        let above = self.current >> shift >> SLOT_BITS << SLOT_BITS;
        (above | u64::from(slot)) << shift
    }

    fn scan_first_slot<N: Nodes<Key = K>>(&self, nodes: &N) -> Option<u64> {
        let (level, slot) = self.first_slot()?;
        let mut at = self.head((level * SLOTS as u32 + slot) as u16);
        let mut min = u64::MAX;
        for _ in 0..SCAN {
            let Some(key) = at else {
                // If all of them were put off, the next slot may be earlier.
                return Some(self.slot_after(level, slot).map_or(min, |start| min.min(start)));
            };
            min = min.min(nodes.deadline(key));
            at = nodes.next(key);
        }
        Some(self.slot_start(level, slot) << TICK_SHIFT)
    }

    /// When the next occupied slot after this one begins.
    fn slot_after(&self, level: u32, slot: u32) -> Option<u64> {
        let mut levels = self.occupied;
        *levels.get_mut(level as usize)? &= !(1_u64 << slot);
        let (level, slot) = first_bit(&levels)?;
        Some(self.slot_start(level, slot) << TICK_SHIFT)
    }

    fn sort_fresh<N: Nodes<Key = K>>(&mut self, nodes: &mut N) {
        if self.head(FRESH).is_none() {
            return;
        }
        let fresh = self.replace_head(FRESH, None);
        let oldest_first = reverse(nodes, fresh);
        let sorted = sort(nodes, oldest_first);
        let due = self.head(DUE);
        let merged = merge(nodes, due, sorted);
        self.set_due(nodes, merged);
    }

    /// Makes a list that is linked forwards only the due list.
    fn set_due<N: Nodes<Key = K>>(&mut self, nodes: &mut N, list: Option<K>) {
        self.replace_head(DUE, list);
        let mut prev = Prev::List(DUE);
        let mut at = list;
        while let Some(key) = at {
            nodes.set_prev(key, prev);
            prev = Prev::Node(key);
            at = nodes.next(key);
        }
    }
}

/// The first slot in time that is occupied.
fn first_bit(levels: &[u64; LEVELS + 1]) -> Option<(u32, u32)> {
    let mut levels = levels.iter().take(LEVELS).enumerate();
    let (level, bits) = levels.find(|(_, bits)| **bits != 0)?;
    Some((level as u32, bits.trailing_zeros()))
}

/// Reverses a list's forward links.
fn reverse<N: Nodes>(nodes: &mut N, list: Option<N::Key>) -> Option<N::Key> {
    let (mut at, mut done) = (list, None);
    while let Some(key) = at {
        at = nodes.next(key);
        nodes.set_next(key, done);
        done = Some(key);
    }
    done
}

/// Merges two sorted lists; of equal nodes, those of `a` come first.
fn merge<N: Nodes>(nodes: &mut N, a: Option<N::Key>, b: Option<N::Key>) -> Option<N::Key> {
    let (mut a, mut b) = (a, b);
    let (mut head, mut tail) = (None, None);
    while let (Some(x), Some(y)) = (a, b) {
        let take = if nodes.precedes(y, x) {
            b = nodes.next(y);
            y
        } else {
            a = nodes.next(x);
            x
        };
        match tail {
            Some(tail) => nodes.set_next(tail, Some(take)),
            None => head = Some(take),
        }
        tail = Some(take);
    }
    let rest = a.or(b);
    match tail {
        Some(tail) => nodes.set_next(tail, rest),
        None => head = rest,
    }
    head
}

/// Lists of at least this many nodes are sorted by way of an array.
const MANY: usize = 24;
/// How many nodes of such a list are sorted at a time, where the processor has them at hand; merging
/// alone would go over all of the memory for each doubling.
const BATCH: usize = 256;

/// Stable bottom-up merge sort: run *i* of the array has 2^i times as many nodes as the first.
fn sort<N: Nodes>(nodes: &mut N, list: Option<N::Key>) -> Option<N::Key> {
    // Mostly one or two timers are due in a tick.
    let first = match list {
        Some(first) if nodes.next(first).is_some() => first,
        _ => return list,
    };
    let many = has(nodes, list, MANY);
    let mut runs = [None; 48];
    let mut used = 0;
    let mut at = list;
    while let Some(key) = at {
        let mut run = Some(key);
        if many {
            (run, at) = sort_batch(nodes, key, first);
        } else {
            at = nodes.next(key);
            nodes.set_next(key, None);
        }
        for (i, slot) in runs.iter_mut().enumerate() {
            match slot.take() {
                Some(older) => run = merge(nodes, Some(older), run),
                None => {
                    *slot = run;
                    used = used.max(i + 1);
                    break;
                }
            }
        }
    }
    let mut sorted = None;
    for run in runs.into_iter().take(used).flatten() {
        sorted = merge(nodes, Some(run), sorted);
    }
    sorted
}

/// Whether a list has at least this many nodes.
fn has<N: Nodes>(nodes: &N, list: Option<N::Key>, count: usize) -> bool {
    let mut at = list;
    for _ in 0..count {
        let Some(key) = at else { return false };
        at = nodes.next(key);
    }
    true
}

/// Sorts the first [`BATCH`] nodes of a list; the sorted run, and the rest of the list. (`any` is
/// some key, to fill the array with.)
#[inline(never)]
fn sort_batch<N: Nodes>(
    nodes: &mut N,
    list: N::Key,
    any: N::Key,
) -> (Option<N::Key>, Option<N::Key>) {
    let mut array = [(0_u64, 0_u32, any); BATCH];
    let (mut at, mut count) = (Some(list), 0);
    for (place, entry) in (0..).zip(&mut array) {
        let Some(key) = at else { break };
        at = nodes.next(key);
        *entry = (nodes.deadline(key), place, key);
        count += 1;
    }
    let batch = array.get_mut(..count).unwrap_or_default();
    batch.sort_unstable_by(|a, b| {
        a.0.cmp(&b.0).then_with(|| {
            if nodes.precedes(a.2, b.2) {
                Ordering::Less
            } else if nodes.precedes(b.2, a.2) {
                Ordering::Greater
            } else {
                a.1.cmp(&b.1)
            }
        })
    });
    let mut run = None;
    for (_, _, key) in batch.iter().rev() {
        nodes.set_next(*key, run);
        run = Some(*key);
    }
    (run, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    #[derive(Clone, Copy)]
    struct Node {
        deadline: u64,
        serial: u64,
        next: Option<NonZeroU32>,
        prev: Prev<NonZeroU32>,
    }

    struct Table(std::vec::Vec<Node>);

    impl Nodes for Table {
        type Key = NonZeroU32;
        fn deadline(&self, key: NonZeroU32) -> u64 {
            self.0[key.get() as usize].deadline
        }
        fn precedes(&self, a: NonZeroU32, b: NonZeroU32) -> bool {
            let order = |key: NonZeroU32| {
                let node = &self.0[key.get() as usize];
                (node.deadline, node.serial)
            };
            order(a) < order(b)
        }
        fn next(&self, key: NonZeroU32) -> Option<NonZeroU32> {
            self.0[key.get() as usize].next
        }
        fn set_next(&mut self, key: NonZeroU32, next: Option<NonZeroU32>) {
            self.0[key.get() as usize].next = next;
        }
        fn prev(&self, key: NonZeroU32) -> Prev<NonZeroU32> {
            self.0[key.get() as usize].prev
        }
        fn set_prev(&mut self, key: NonZeroU32, prev: Prev<NonZeroU32>) {
            self.0[key.get() as usize].prev = prev;
        }
    }

    fn key(n: usize) -> NonZeroU32 {
        NonZeroU32::new(n as u32 + 1).unwrap()
    }

    fn table(n: usize) -> Table {
        Table(vec![Node { deadline: 0, serial: 0, next: None, prev: Prev::List(0) }; n + 1])
    }

    /// xorshift: the same sequence each time.
    struct Random(u64);
    impl Random {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }
        fn below(&mut self, n: u64) -> u64 {
            self.next() % n
        }
    }

    /// Random adds, removals and passes of time, against a sorted list.
    #[test]
    fn behaves_like_a_sorted_list() {
        const N: usize = 200;
        let rounds = if cfg!(miri) { 400 } else { 200_000 };
        for (seed, span) in [(1, 50_000), (2, 5_000_000), (3, 3_000_000_000), (4, 1 << 44)] {
            let mut random = Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
            let mut nodes = table(N);
            let mut wheel: Wheel<NonZeroU32> = Wheel::new_in(Heap);
            let mut model: std::collections::BTreeMap<(u64, u64), usize> = Default::default();
            let mut place: [Option<(u64, u64)>; N] = [None; N];
            let (mut now, mut serial) = (random.below(1 << 40), 0_u64);
            for _ in 0..rounds / 4 {
                let n = random.below(N as u64) as usize;
                match (random.below(4), place[n]) {
                    (0, _) => {
                        now += random.below(span / 8 + 1);
                        if random.below(2) == 0 {
                            let want = model.keys().next().map(|k| k.0);
                            let next = wheel.next_deadline(&mut nodes);
                            // Exact, but for timers that were put off.
                            assert!(next <= want && next.is_some() == want.is_some());
                        }
                        while let Some(k) = wheel.pop_due(&mut nodes, now) {
                            let (order, n) = model.pop_first().unwrap();
                            assert_eq!(k, key(n));
                            assert!(order.0 <= now);
                            place[n] = None;
                        }
                        assert!(model.keys().next().is_none_or(|k| k.0 > now));
                    }
                    (1, Some(order)) => {
                        let deadline = order.0 + random.below(span);
                        if wheel.postpone(order.0, deadline) {
                            nodes.0[n + 1].deadline = deadline;
                        } else {
                            wheel.remove(&mut nodes, key(n));
                            nodes.0[n + 1].deadline = deadline;
                            wheel.add(&mut nodes, key(n), now).unwrap();
                        }
                        serial += 1;
                        nodes.0[n + 1].serial = serial;
                        model.remove(&order).unwrap();
                        model.insert((deadline, serial), n);
                        place[n] = Some((deadline, serial));
                    }
                    (_, Some(order)) => {
                        wheel.remove(&mut nodes, key(n));
                        model.remove(&order).unwrap();
                        place[n] = None;
                    }
                    (_, None) => {
                        let back = random.below(2) * random.below(span / 64 + 1);
                        let deadline = (now + random.below(span)).saturating_sub(back);
                        nodes.0[n + 1].deadline = deadline;
                        wheel.add(&mut nodes, key(n), now).unwrap();
                        serial += 1;
                        nodes.0[n + 1].serial = serial;
                        model.insert((deadline, serial), n);
                        place[n] = Some((deadline, serial));
                    }
                }
                assert_eq!(wheel.len(), model.len());
            }
        }
    }

    #[test]
    fn long_lists_are_sorted_and_equal_ones_keep_their_order() {
        let mut nodes = table(1000);
        let mut random = Random(7);
        let mut list = None;
        for n in (0..1000).rev() {
            nodes.0[n + 1].deadline = random.below(50);
            nodes.set_next(key(n), list);
            list = Some(key(n));
        }
        let mut at = sort(&mut nodes, list);
        let (mut seen, mut before) = (0, (0, 0));
        while let Some(key) = at {
            let now = (nodes.deadline(key), key.get());
            assert!(before < now);
            (before, seen) = (now, seen + 1);
            at = nodes.next(key);
        }
        assert_eq!(seen, 1000);
    }

    #[test]
    fn equal_deadlines_expire_in_order_of_insertion_across_cascades() {
        let mut nodes = table(100);
        let mut wheel: Wheel<NonZeroU32> = Wheel::new_in(Heap);
        for n in 0..100 {
            nodes.0[n + 1].deadline = 60_000_000_000;
            wheel.add(&mut nodes, key(n), 0).unwrap();
        }
        assert_eq!(wheel.pop_due(&mut nodes, 59_999_999_999), None);
        for n in 0..100 {
            assert_eq!(wheel.pop_due(&mut nodes, 60_000_000_000), Some(key(n)));
        }
    }

    #[test]
    fn a_crowded_slot_gives_a_bound_that_is_never_late() {
        let mut nodes = table(SCAN * 2);
        let mut wheel: Wheel<NonZeroU32> = Wheel::new_in(Heap);
        for n in 0..SCAN * 2 {
            nodes.0[n + 1].deadline = 60_000_000_000 + n as u64;
            wheel.add(&mut nodes, key(n), 0).unwrap();
        }
        wheel.remove(&mut nodes, key(0));
        let mut wakeups = 0;
        loop {
            let next = wheel.next_deadline(&mut nodes).unwrap();
            assert!(next <= 60_000_000_001);
            if wheel.pop_due(&mut nodes, next) == Some(key(1)) {
                break;
            }
            wakeups += 1;
        }
        assert!(wakeups <= LEVELS);
    }

    #[test]
    fn no_memory_changes_nothing() {
        #[derive(Clone, Copy)]
        struct Empty;
        // SAFETY: it never hands out a block.
        unsafe impl Allocator for Empty {
            fn allocate(
                &self,
                _: core::alloc::Layout,
            ) -> core::result::Result<core::ptr::NonNull<[u8]>, allocator_api2::alloc::AllocError>
            {
                Err(allocator_api2::alloc::AllocError)
            }
            unsafe fn deallocate(&self, _: core::ptr::NonNull<u8>, _: core::alloc::Layout) {}
        }
        let mut wheel: Wheel<NonZeroU32, Empty> = Wheel::new_in(Empty);
        assert_eq!(wheel.add(&mut table(1), key(0), 0), Err(Error::NoMemory));
        assert!(wheel.is_empty());
    }
}
