//! The wheel against a sorted list.

use super::*;
use core::cell::Cell;
use std::collections::BTreeMap;

#[derive(Default)]
struct Timer {
    deadline: Cell<u64>,
    serial: Cell<u32>,
    key: Cell<Key>,
}

struct ByDeadline;

impl Times<Timer> for ByDeadline {
    fn deadline(&self, timer: NonNull<Timer>) -> u64 {
        // SAFETY: the tests' timers outlive their wheels.
        unsafe { timer.as_ref() }.deadline.get()
    }
    fn rank(&self, timer: NonNull<Timer>) -> u32 {
        // SAFETY: as above.
        unsafe { timer.as_ref() }.serial.get()
    }
}

type Small = Wheel<Timer, 13>;

fn timers(n: usize) -> std::vec::Vec<Timer> {
    (0..n).map(|_| Timer::default()).collect()
}

impl Timer {
    fn add<const SHIFT: u32, A: Allocator + Copy>(
        &self,
        wheel: &mut Wheel<Self, SHIFT, A>,
        deadline: u64,
        serial: u32,
    ) {
        self.deadline.set(deadline);
        self.serial.set(serial);
        self.key.set(wheel.add(NonNull::from(self), deadline).unwrap());
    }
    fn reset(&self, wheel: &mut Small, deadline: u64, serial: u32) {
        self.deadline.set(deadline);
        self.serial.set(serial);
        self.key.set(wheel.reset(self.key.get(), deadline));
    }
}

/// The first timer that is due at `now`, taken out.
fn pop<const SHIFT: u32, A: Allocator + Copy>(
    wheel: &mut Wheel<Timer, SHIFT, A>,
    now: u64,
) -> Option<*const Timer> {
    let popped = wheel.pop().or_else(|| {
        wheel.collect(&ByDeadline, now + 1);
        wheel.pop()
    });
    popped.map(|(key, timer)| {
        wheel.release(key);
        timer.as_ptr().cast_const()
    })
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

/// What every node is for, counted from the outside.
fn check<const SHIFT: u32, A: Allocator + Copy>(wheel: &Wheel<Timer, SHIFT, A>) {
    let mut seen = vec![0; wheel.nodes.len()];
    let mut walk = |mut at: Key, tag: u32, filled: Option<bool>| {
        let mut empty = 0;
        while at != NONE {
            let node = wheel.nodes[at as usize];
            seen[at as usize] += 1;
            assert_eq!(node.next & !LINK, tag);
            assert!(filled.is_none_or(|filled| node.timer.is_some() == filled));
            empty += usize::from(node.timer.is_none());
            at = node.next & LINK;
        }
        empty
    };
    let mut empty = walk(wheel.front, FRONT, None);
    walk(wheel.free, OUT, Some(false));
    for (list, head) in wheel.heads.iter().enumerate() {
        let bit = wheel.occupied[list / SLOTS] >> (list % SLOTS) & 1;
        assert_eq!(bit != 0, *head != NONE);
        empty += walk(*head, 0, None);
    }
    let mut vacant = wheel.vacant;
    while vacant != NONE {
        let node = wheel.nodes[vacant as usize];
        assert!(vacant >= wheel.dealt && node.timer.is_none() && node.next & FRONT != 0);
        vacant = node.tick;
    }
    for due in wheel.due.iter().skip(wheel.taken) {
        if due.key != NONE {
            seen[due.key as usize] += 1;
            empty += usize::from(wheel.get(due.key).is_none());
        }
    }
    // Whoever is in none of these is popped.
    let mut missing = 0;
    for (key, _) in (0..).zip(&seen).skip(1).filter(|(_, n)| **n == 0) {
        missing += 1;
        empty += usize::from(wheel.get(key).is_none());
    }
    assert_eq!(missing, wheel.popped);
    assert_eq!(empty, if wheel.nodes.is_empty() { 0 } else { wheel.empty() });
    let filled = wheel.nodes.iter().filter(|node| node.timer.is_some()).count();
    assert_eq!(filled, wheel.count);
    for node in wheel.nodes.iter().skip(wheel.dealt.max(1) as usize) {
        assert!(node.timer.is_none() || node.next & FRONT != 0);
    }
    assert!(seen.iter().all(|n| *n <= 1));
}

/// Random adds, changes, removals and passes of time.
fn behaves_like_a_sorted_list<const SHIFT: u32>(seed: u64, span: u64) {
    const N: usize = 200;
    let rounds = if cfg!(miri) { 150 } else { 60_000 };
    let mut random = Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
    let all = timers(N);
    let mut wheel: Wheel<Timer, SHIFT> = Wheel::new_in(Heap);
    let mut model: BTreeMap<(u64, u32), usize> = BTreeMap::new();
    let mut place: [Option<(u64, u32)>; N] = [None; N];
    let (mut now, mut serial) = (random.below(1 << 40), 0_u32);
    // How many of four actions are adds.
    let mut eager = 2;
    for round in 0..rounds {
        if round % 1000 == 0 {
            eager = 1 + random.below(3);
        }
        let n = random.below(N as u64) as usize;
        let action = random.below(16);
        match place[n] {
            _ if action == 0 => {
                now += random.below(span / 8 + 1);
                if random.below(2) == 0 {
                    let want = model.keys().next().map(|k| k.0);
                    let next = wheel.next_deadline(&ByDeadline, now);
                    // Exact, but for timers that were put off.
                    assert!(next <= want && next.is_some() == want.is_some());
                }
                // All at once, from either end, or in steps during which others change.
                let how = random.below(4);
                wheel.collect(&ByDeadline, now + 1);
                loop {
                    let popped = if how == 1 { wheel.pop_last() } else { wheel.pop() };
                    let Some((key, timer)) = popped else { break };
                    let (order, n) =
                        if how == 1 { last_due(&mut model, now) } else { model.pop_first() }
                            .unwrap();
                    assert_eq!(timer, NonNull::from(&all[n]));
                    assert!(order.0 <= now);
                    if how == 2 && random.below(2) == 0 {
                        serial += 1;
                        let deadline = now + 1 + random.below(span);
                        all[n].deadline.set(deadline);
                        all[n].serial.set(serial);
                        wheel.requeue(key, deadline);
                        model.insert((deadline, serial), n);
                        place[n] = Some((deadline, serial));
                    } else {
                        wheel.release(key);
                        place[n] = None;
                    }
                    let other = random.below(N as u64) as usize;
                    if how == 3
                        && let Some(order) = place[other]
                    {
                        wheel.remove(all[other].key.get());
                        model.remove(&order).unwrap();
                        place[other] = None;
                    }
                    check(&wheel);
                }
                assert!(model.keys().next().is_none_or(|k| k.0 > now));
            }
            Some(order) if action < 8 => {
                let back = random.below(2) * random.below(span);
                let deadline = (order.0 + random.below(span)).saturating_sub(back);
                serial += 1;
                all[n].deadline.set(deadline);
                all[n].serial.set(serial);
                let key = all[n].key.get();
                if random.below(2) == 0 || !wheel.reset_blindly(key, || order.0, deadline) {
                    all[n].key.set(wheel.reset(key, deadline));
                }
                model.remove(&order).unwrap();
                model.insert((deadline, serial), n);
                place[n] = Some((deadline, serial));
            }
            Some(order) if action % 4 >= eager => {
                wheel.remove(all[n].key.get());
                model.remove(&order).unwrap();
                place[n] = None;
            }
            None if action % 4 < eager => {
                let back = random.below(2) * random.below(span / 64 + 1);
                let deadline = (now + random.below(span)).saturating_sub(back);
                serial += 1;
                all[n].add(&mut wheel, deadline, serial);
                model.insert((deadline, serial), n);
                place[n] = Some((deadline, serial));
            }
            _ => {}
        }
        if round % 50 == 0 {
            check(&wheel);
        }
        if round % 5000 == 4999 {
            // The clock was set back.
            now = now.saturating_sub(random.below(span));
            wheel.rebuild(|timer| ByDeadline.deadline(timer), now);
            check(&wheel);
        }
        assert_eq!(wheel.len(), model.len());
    }
}

fn last_due(model: &mut BTreeMap<(u64, u32), usize>, now: u64) -> Option<((u64, u32), usize)> {
    let last = *model.range(..=(now, u32::MAX)).next_back()?.0;
    model.remove_entry(&last)
}

#[test]
fn behaves_like_a_sorted_list_in_nanoseconds() {
    for (seed, span) in
        [(1, 50_000), (2, 5_000_000), (3, 3_000_000_000), (4, 1 << 44), (5, 1 << 50)]
    {
        behaves_like_a_sorted_list::<13>(seed, span);
    }
}

#[test]
fn behaves_like_a_sorted_list_in_microseconds() {
    for (seed, span) in [(6, 50), (7, 5_000), (8, 3_000_000), (9, 1 << 40)] {
        behaves_like_a_sorted_list::<3>(seed, span);
    }
}

#[test]
fn equal_deadlines_expire_by_rank_across_cascades() {
    let all = timers(100);
    let mut wheel = Small::new_in(Heap);
    for (n, timer) in (0..).zip(&all) {
        timer.add(&mut wheel, 60_000_000_000, n);
    }
    assert_eq!(pop(&mut wheel, 59_999_999_999), None);
    for timer in &all {
        assert_eq!(pop(&mut wheel, 60_000_000_000), Some(&raw const *timer));
    }
}

#[test]
fn what_is_taken_away_while_due_is_not_popped() {
    let all = timers(4);
    let mut wheel = Small::new_in(Heap);
    for (n, timer) in (0..).zip(&all) {
        timer.add(&mut wheel, 1000 + u64::from(n), n);
    }
    assert!(wheel.collect(&ByDeadline, 5000));
    let (key, timer) = wheel.pop().unwrap();
    assert_eq!(timer, NonNull::from(&all[0]));
    wheel.remove(all[1].key.get());
    wheel.remove(key);
    wheel.requeue(key, 9000);
    all[2].reset(&mut wheel, 7000, 9);
    let (key, timer) = wheel.pop().unwrap();
    assert_eq!(timer, NonNull::from(&all[3]));
    wheel.release(key);
    assert!(wheel.pop().is_none());
    check(&wheel);
    assert_eq!(wheel.next_deadline(&ByDeadline, 5000), Some(7000));
    assert_eq!(pop(&mut wheel, 7000), Some(&raw const all[2]));
    assert!(wheel.is_empty());
}

#[test]
fn a_crowded_slot_gives_a_bound_that_is_never_late() {
    let all = timers(SCAN * 2);
    let mut wheel = Small::new_in(Heap);
    for (n, timer) in (0..).zip(&all) {
        timer.add(&mut wheel, 60_000_000_000 + u64::from(n), n);
    }
    wheel.remove(all[0].key.get());
    let (mut wakeups, mut now) = (0, 0);
    loop {
        let next = wheel.next_deadline(&ByDeadline, now).unwrap();
        assert!(next <= 60_000_000_001);
        now = next;
        if let Some(first) = pop(&mut wheel, now) {
            assert_eq!(first, &raw const all[1]);
            break;
        }
        wakeups += 1;
    }
    assert!(wakeups <= LEVELS);
}

#[test]
fn timers_beyond_the_reach_of_a_tick_are_exact() {
    let hour = 3_600_000_000_000;
    let all = timers(3);
    let mut wheel = Small::new_in(Heap);
    all[0].add(&mut wheel, 100 * hour, 0);
    // The wheel has not been looked at for longer than it reaches.
    all[1].add(&mut wheel, 70 * hour + 5, 1);
    all[2].add(&mut wheel, u64::MAX, 2);
    assert_eq!(wheel.next_deadline(&ByDeadline, 70 * hour), Some(70 * hour + 5));
    assert_eq!(pop(&mut wheel, 70 * hour + 4), None);
    assert_eq!(pop(&mut wheel, 70 * hour + 5), Some(&raw const all[1]));
    let mut now = 70 * hour + 5;
    let mut wakeups = 0;
    while now < 100 * hour {
        assert_eq!(pop(&mut wheel, now), None);
        now = wheel.next_deadline(&ByDeadline, now).unwrap();
        wakeups += 1;
    }
    assert!(wakeups < 30);
    assert_eq!(pop(&mut wheel, now), Some(&raw const all[0]));
}

#[test]
fn a_node_moves_when_it_has_to_and_memory_is_bounded() {
    let all = timers(64);
    let mut wheel = Small::new_in(Heap);
    for (n, timer) in (0..).zip(&all) {
        timer.add(&mut wheel, 60_000_000_000, n);
    }
    let mut now = 0;
    for round in 0..if cfg!(miri) { 10 } else { 1000 } {
        // Everything hangs, and then everything comes earlier.
        wheel.remove(all[0].key.get());
        wheel.next_deadline(&ByDeadline, now);
        all[0].add(&mut wheel, now + 50_000_000_000, round);
        wheel.remove(all[0].key.get());
        all[0].add(&mut wheel, now + 50_000_000_000, round);
        for timer in &all {
            timer.reset(&mut wheel, now + 20_000_000_000, round);
        }
        check(&wheel);
        now += 1_000_000;
    }
    assert!(wheel.nodes.len() <= 2 * 64 + EMPTY_ALLOWED + 2);
}

#[test]
fn a_timer_that_comes_earlier_takes_the_place_of_one_that_is_gone() {
    let all = timers(64);
    let mut wheel = Small::new_in(Heap);
    let hung = all.first().unwrap();
    hung.add(&mut wheel, 60_000_000_000, 0);
    wheel.next_deadline(&ByDeadline, 0);
    // The front takes all the room there is, and one place in it is vacant.
    let mut last = hung;
    for timer in all.iter().skip(1) {
        if wheel.nodes.len() == wheel.nodes.capacity() {
            break;
        }
        timer.add(&mut wheel, 70_000_000_000, 0);
        last = timer;
    }
    assert_eq!((wheel.nodes.len(), wheel.free), (wheel.nodes.capacity(), NONE));
    wheel.remove(last.key.get());
    hung.reset(&mut wheel, 1_000_000_000, 1);
    check(&wheel);
    assert_eq!(hung.key.get(), last.key.get());
    assert_eq!(pop(&mut wheel, 1_000_000_000), Some(&raw const *hung));
    check(&wheel);
}

/// Hands out a number of blocks only.
#[derive(Clone, Copy)]
struct Scarce<'a>(&'a Cell<usize>);

// SAFETY: the blocks are those of `Heap`.
unsafe impl Allocator for Scarce<'_> {
    fn allocate(
        &self,
        layout: core::alloc::Layout,
    ) -> core::result::Result<NonNull<[u8]>, allocator_api2::alloc::AllocError> {
        match self.0.get().checked_sub(1) {
            Some(left) => self.0.set(left),
            None => return Err(allocator_api2::alloc::AllocError),
        }
        Heap.allocate(layout)
    }
    unsafe fn deallocate(&self, block: NonNull<u8>, layout: core::alloc::Layout) {
        // SAFETY: as the caller says.
        unsafe { Heap.deallocate(block, layout) }
    }
}

#[test]
fn no_memory_changes_nothing() {
    let left = Cell::new(0);
    let timer = Timer::default();
    for n in 0..3 {
        let mut wheel: Wheel<Timer, 13, Scarce<'_>> = Wheel::new_in(Scarce(&left));
        left.set(n);
        assert_eq!(wheel.add(NonNull::from(&timer), 5), Err(Error::NoMemory));
        assert!(wheel.is_empty());
        assert_eq!(wheel.next_deadline(&ByDeadline, 0), None);
    }
    let mut wheel: Wheel<Timer, 13, Scarce<'_>> = Wheel::new_in(Scarce(&left));
    left.set(3);
    assert!(wheel.reserve().is_ok());
    assert!(wheel.add(NonNull::from(&timer), 5).is_ok());
}

#[test]
fn without_memory_timers_move_and_expire() {
    const N: usize = 33;
    let left = Cell::new(3);
    let all = timers(N - 2);
    let mut wheel: Wheel<Timer, 13, Scarce<'_>> = Wheel::new_in(Scarce(&left));
    for (n, timer) in (0..).zip(&all) {
        timer.add(&mut wheel, 60_000_000_000 + u64::from(n * 7 % 31), n);
    }
    assert_eq!(wheel.next_deadline(&ByDeadline, 0), Some(60_000_000_000));
    assert_eq!(left.get(), 0);
    for timer in &all {
        let deadline = timer.deadline.get() - 1_000_000;
        timer.deadline.set(deadline);
        timer.key.set(wheel.reset(timer.key.get(), deadline));
        check(&wheel);
        wheel.forget_next();
        wheel.next_deadline(&ByDeadline, 0);
    }
    let mut before = 0;
    for _ in &all {
        let timer = pop(&mut wheel, 60_000_000_000).unwrap();
        // SAFETY: the timers are alive.
        let deadline = unsafe { (*timer).deadline.get() };
        assert!(before <= deadline);
        before = deadline;
        check(&wheel);
    }
    assert!(wheel.is_empty());
}
