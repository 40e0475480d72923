//! The timer queue: a hierarchical timing wheel with exact order.
//!
//! # How it works
//!
//! Every timer has a *node* of 16 bytes in an array: where the timer is, the tick it is due in, and
//! the next node of its list. What is done to one timer touches the timer and its node; the
//! neighbours in its list are left alone, as each of them would be a cache miss.
//!
//! A timer that is added goes into one list, the *front*, whatever its deadline. While it is there
//! it can be moved to any other time for free. The front is dealt out only when somebody needs to
//! know what is due, or what comes next; most timeouts have been taken away again by then.
//!
//! It is dealt out into a wheel. Time is cut into ticks of about 8 µs; eight levels of 64 slots
//! each cover 2^48 of them. A node hangs in the level of the highest group of six bits in which its
//! tick differs from the current one. So all slots of a lower level come before all of a higher
//! one, and a slot is dealt out again when the current tick enters it. A timer that is put off
//! stays where it hangs: only the tick in its node changes, and it moves on when its slot is
//! dealt out.
//!
//! Lists are linked one way. A timer that is taken away leaves an empty node behind: its node is
//! written without being read, so that nobody waits for it. In the front the empty nodes are the
//! next to be used. Others are freed when somebody comes past them, or all at once when there is no
//! room for another timer and many of them.
//!
//! The wheel orders only to a tick. What is due ([`Wheel::collect`]) is therefore sorted by the
//! timers' own deadlines (`order`): order and time of expiry are exact.
//!
//! # What it does not own
//!
//! The timers are somebody else's (`struct event`, `ev_timer`): [`Times`] is how the wheel reads
//! their deadlines. It holds no clock: times are values, in the unit of the caller; a tick is
//! `2^SHIFT` of them. Ticks are stored in 32 bits, which reach some hours: later timers are looked
//! at once on the way.

use crate::error::{Error, Result};
use crate::mem::{Heap, Vec, prefetch};
use allocator_api2::alloc::Allocator;
use core::hint::cold_path;
use core::ptr::NonNull;

mod order;
#[cfg(test)]
mod tests;

const SLOT_BITS: u32 = 6;
const SLOTS: usize = 1 << SLOT_BITS;
const LEVELS: usize = 8;
const LAST_TICK: u64 = (1 << (SLOT_BITS * LEVELS as u32)) - 1;
/// How far ahead of the current tick a node's tick can be.
const REACH: u64 = (1 << 31) - 1;

/// How many timers of one slot are looked at for the exact next deadline. A slot with more gives
/// the start of its span instead: that costs a wake-up at most once a level, where looking at
/// all of them would cost the whole slot for each wait.
const SCAN: usize = 256;

/// There may be this many more empty nodes than half the number of timers, before they are freed
/// rather than memory is taken.
const EMPTY_ALLOWED: usize = 64;

/// Room for this many due timers is kept; more is given back after use.
const DUE_KEPT: usize = 1024;

/// Room for this many due timers is there before the first timer, so that some can always expire.
const DUE_MIN: usize = 16;

/// How many due timers ahead the memory is fetched.
const AHEAD: usize = 8;

/// Names a timer in the wheel: the number of its node, from 1.
pub type Key = u32;

/// No key, and the end of a list.
const NONE: Key = 0;

/// What the wheel has to know about its timers.
pub trait Times<T> {
    /// When a timer is due.
    fn deadline(&self, timer: NonNull<T>) -> u64;
    /// The order of timers with equal deadlines.
    fn rank(&self, timer: NonNull<T>) -> u32 {
        let _ = timer;
        0
    }
}

// What list a node is in stands in the two highest bits of its link; none of the two: in the wheel.
/// In the front.
const FRONT: u32 = 1 << 31;
/// In no list: due, or in the hands of who popped it, or free.
const OUT: u32 = 1 << 30;
const LINK: u32 = OUT - 1;

#[derive(Debug)]
struct Node<T> {
    /// `None` in an empty node.
    timer: Option<NonNull<T>>,
    /// When it is due, or earlier; in a vacant node: the next such.
    tick: u32,
    /// The next node of the list.
    next: u32,
}

impl<T> Clone for Node<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Node<T> {}

/// A timer that is due.
#[derive(Clone, Copy, Debug)]
struct Due {
    deadline: u64,
    rank: u32,
    key: Key,
}

impl Due {
    #[inline]
    fn order(self) -> u128 {
        u128::from(self.deadline) << 64 | u128::from(self.rank) << 32 | u128::from(self.key)
    }
}

/// The timing wheel.
#[derive(Debug)]
pub struct Wheel<T, const SHIFT: u32, A: Allocator + Copy = Heap> {
    /// The nodes; the first stands for [`NONE`]. Empty until the first timer is added.
    nodes: Vec<Node<T>, A>,
    /// A time before which nothing is due; [`UNKNOWN`] has to be looked up.
    next: u64,
    /// The timer that `next` is the deadline of.
    next_key: Key,
    /// The front.
    front: Key,
    /// Timers with this key or a higher one were added after the front was last dealt out: they are
    /// still in it.
    dealt: Key,
    /// Empty nodes among those.
    vacant: Key,
    /// Nodes in no list.
    free: Key,
    /// How many ticks after the current one a node's can be.
    reach: u64,
    current: u64,
    /// Timers, those that are due or popped included.
    count: usize,
    /// How many nodes are free.
    free_count: usize,
    /// Timers that are popped and neither put back nor released.
    popped: usize,
    /// First node of each slot.
    heads: Vec<Key, A>,
    /// Which slots of each level are not empty.
    occupied: [u64; LEVELS],
    /// What [`Self::collect`] found, in order, and how much of it is popped.
    due: Vec<Due, A>,
    taken: usize,
}

/// Before every deadline, so that comparisons with it come out right by themselves.
const UNKNOWN: u64 = 0;

impl<T, const SHIFT: u32, A: Allocator + Copy> Wheel<T, SHIFT, A> {
    /// An empty wheel. It takes memory with the first timer.
    pub const fn new_in(alloc: A) -> Self {
        Self {
            nodes: Vec::new_in(alloc),
            next: u64::MAX,
            next_key: NONE,
            front: NONE,
            dealt: NONE,
            vacant: NONE,
            free: NONE,
            reach: REACH,
            current: 0,
            count: 0,
            free_count: 0,
            popped: 0,
            heads: Vec::new_in(alloc),
            occupied: [0; LEVELS],
            due: Vec::new_in(alloc),
            taken: 0,
        }
    }

    /// How many timers there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether there is none, now that the loop is about to wait: then everything starts over.
    #[inline]
    pub fn is_over(&mut self) -> bool {
        if self.count == 0 && self.nodes.len() > 1 {
            self.clear_if_empty();
        }
        self.count == 0
    }

    /// Takes the memory that [`Self::add`] needs, so that it cannot fail the next time.
    #[inline]
    pub fn reserve(&mut self) -> Result<()> {
        if self.vacant | self.free != NONE || self.nodes.len() < self.nodes.capacity() {
            return Ok(());
        }
        self.more_room()
    }

    /// Room that is found again, or else for a quarter more: half of the memory for the next timer
    /// would be much to ask.
    #[cold]
    #[inline(never)]
    fn more_room(&mut self) -> Result<()> {
        if self.empty() > self.count / 2 + EMPTY_ALLOWED {
            self.sweep();
            if self.free != NONE {
                return Ok(());
            }
        }
        if self.heads.is_empty() {
            self.heads.try_reserve_exact(LEVELS * SLOTS).map_err(|_| Error::NoMemory)?;
            self.heads.resize(LEVELS * SLOTS, NONE);
        }
        if self.due.capacity() == 0 {
            self.due.try_reserve_exact(DUE_MIN).map_err(|_| Error::NoMemory)?;
        }
        let more = (self.nodes.len() / 4).max(32);
        if self.nodes.len() + more > LINK as usize {
            return Err(Error::NoMemory);
        }
        self.nodes.try_reserve_exact(more).map_err(|_| Error::NoMemory)?;
        if self.nodes.is_empty() {
            self.nodes.push(Node { timer: None, tick: 0, next: OUT });
        }
        Ok(())
    }

    /// Adds a timer, which stays alive until it is taken away or popped.
    #[inline(always)]
    pub fn add(&mut self, timer: NonNull<T>, deadline: u64) -> Result<Key> {
        match self.add_at_hand(timer, deadline) {
            Some(key) => Ok(key),
            None => self.add_with_more_room(timer, deadline),
        }
    }

    #[cold]
    #[inline(never)]
    fn add_with_more_room(&mut self, timer: NonNull<T>, deadline: u64) -> Result<Key> {
        self.more_room()?;
        self.add_at_hand(timer, deadline).ok_or(Error::NoMemory)
    }

    /// [`Self::add`] if that takes no memory.
    #[inline(always)]
    pub fn add_at_hand(&mut self, timer: NonNull<T>, deadline: u64) -> Option<Key> {
        let tick = self.tick(deadline) as u32;
        let key = self.place_in_front(Some(timer), tick)?;
        self.count += 1;
        self.note_next(key, deadline);
        Some(key)
    }

    /// Puts a timer into a node of the front: a vacant one, or another that becomes part of it. There
    /// is one after [`Self::reserve`].
    #[inline(always)]
    fn place_in_front(&mut self, timer: Option<NonNull<T>>, tick: u32) -> Option<Key> {
        let vacant = self.vacant;
        if vacant != NONE {
            let node = self.nodes.get_mut(vacant as usize)?;
            self.vacant = node.tick;
            node.timer = timer;
            node.tick = tick;
            return Some(vacant);
        }
        let key = self.place(Node { timer, tick, next: self.front | FRONT })?;
        self.front = key;
        Some(key)
    }

    /// Finds a free place for a node.
    #[inline(always)]
    fn place(&mut self, node: Node<T>) -> Option<Key> {
        let key = self.free;
        if key != NONE {
            let place = self.nodes.get_mut(key as usize)?;
            self.free = place.next & LINK;
            self.free_count = self.free_count.wrapping_sub(1);
            *place = node;
            return Some(key);
        }
        let len = self.nodes.len();
        if len == self.nodes.capacity() {
            return None;
        }
        // SAFETY: there is room for one more node, which becomes part of the vector only after it
        // is written.
        unsafe {
            self.nodes.as_mut_ptr().add(len).write(node);
            self.nodes.set_len(len + 1);
        }
        // `more_room` keeps the number small.
        Some(len as Key)
    }

    /// Takes a timer away.
    #[inline(always)]
    pub fn remove(&mut self, key: Key) {
        if let Some(node) = self.nodes.get_mut(key as usize) {
            node.timer = None;
            self.count = self.count.wrapping_sub(1);
            if key >= self.dealt {
                node.tick = self.vacant;
                self.vacant = key;
            }
        }
        if key == self.next_key {
            self.forget_next();
        }
        if self.count == 0 {
            cold_path();
            self.clear_front();
        }
    }

    /// Gives a timer another deadline, which may change its key.
    #[inline(always)]
    pub fn reset(&mut self, key: Key, deadline: u64) -> Key {
        if self.reset_in_place(key, deadline) { key } else { self.move_to_front(key, deadline) }
    }

    /// [`Self::reset`] if the timer can stay where it is.
    #[inline(always)]
    pub fn reset_in_place(&mut self, key: Key, deadline: u64) -> bool {
        let tick = self.tick(deadline) as u32;
        let Some(node) = self.nodes.get_mut(key as usize) else { return false };
        let later = tick.wrapping_sub(node.tick).cast_signed() >= 0;
        if node.next & FRONT == 0 && !(later && node.next & OUT == 0) {
            return false;
        }
        node.tick = tick;
        if key == self.next_key {
            self.forget_next();
        } else {
            self.note_next(key, deadline);
        }
        true
    }

    /// [`Self::reset`] for a timer that is not due, if nobody has to wait for its node: it is
    /// written without being read. It stays where it is if it is in the front, or put off. `from`
    /// tells the present deadline; it is asked last, as which of two is later nobody can predict.
    #[inline(always)]
    pub fn reset_blindly(&mut self, key: Key, from: impl FnOnce() -> u64, deadline: u64) -> bool {
        if key < self.dealt && deadline < from() {
            return false;
        }
        let tick = self.tick(deadline) as u32;
        if let Some(node) = self.nodes.get_mut(key as usize) {
            node.tick = tick;
        }
        if key == self.next_key {
            self.forget_next();
        } else {
            self.note_next(key, deadline);
        }
        true
    }

    /// Moves a timer that cannot stay where it hangs, or is due already.
    #[inline(never)]
    fn move_to_front(&mut self, key: Key, deadline: u64) -> Key {
        let tick = self.tick(deadline) as u32;
        let Some(node) = self.nodes.get_mut(key as usize) else { return key };
        let (timer, out) = (node.timer, node.next & OUT != 0);
        let mut new = key;
        if out {
            if let Some(due) = self.due.iter_mut().find(|due| due.key == key) {
                due.key = NONE;
            }
            self.push_front(key, tick);
        } else {
            // It leaves an empty node behind.
            node.timer = None;
            if self.reserve().is_err() {
                // This frees one node at least.
                self.sweep();
            }
            let Some(place) = self.place_in_front(timer, tick) else { return key };
            new = place;
        }
        if key == self.next_key {
            self.forget_next();
        }
        self.note_next(new, deadline);
        new
    }

    /// Looks for timers that are due before `limit`, for [`Self::pop`]. False if there are none.
    #[inline]
    pub fn collect(&mut self, times: &impl Times<T>, limit: u64) -> bool {
        self.next < limit && self.collect_due(times, limit)
    }

    #[inline(never)]
    fn collect_due(&mut self, times: &impl Times<T>, limit: u64) -> bool {
        self.turn(times, limit);
        self.next = UNKNOWN;
        self.next_key = NONE;
        order::sort(&mut self.due);
        !self.due.is_empty()
    }

    /// The first timer that is due and not popped yet. It has to be put back or released.
    #[inline]
    pub fn pop(&mut self) -> Option<(Key, NonNull<T>)> {
        loop {
            let Some(due) = self.due.get(self.taken) else {
                self.drained();
                return None;
            };
            let key = due.key;
            self.taken += 1;
            if let Some(ahead) = self.due.get(self.taken + AHEAD) {
                self.fetch(ahead.key);
            }
            if let Some(timer) = self.take(key) {
                return Some((key, timer));
            }
        }
    }

    /// The last timer that is due and not popped yet. It has to be put back or released.
    #[inline]
    pub fn pop_last(&mut self) -> Option<(Key, NonNull<T>)> {
        while self.due.len() > self.taken {
            let key = self.due.pop()?.key;
            if let Some(ahead) = self.due.len().checked_sub(AHEAD)
                && let Some(ahead) = self.due.get(ahead)
            {
                self.fetch(ahead.key);
            }
            if let Some(timer) = self.take(key) {
                return Some((key, timer));
            }
        }
        self.drained();
        None
    }

    /// The first timer that is due, which is let go at once: [`Self::pop`] and [`Self::release`] in
    /// one.
    #[inline(always)]
    pub fn pop_for_good(&mut self) -> Option<NonNull<T>> {
        loop {
            let Some(&Due { key, .. }) = self.due.get(self.taken) else {
                self.drained();
                return None;
            };
            self.taken += 1;
            if let Some(ahead) = self.due.get(self.taken + AHEAD) {
                self.fetch(ahead.key);
            }
            if key == NONE {
                continue;
            }
            let timer = self.get(key);
            self.free_node(key);
            if timer.is_some() {
                self.count = self.count.wrapping_sub(1);
                return timer;
            }
        }
    }

    /// The timer of a due node; a node that is empty by now is freed.
    #[inline]
    fn take(&mut self, key: Key) -> Option<NonNull<T>> {
        let timer = self.nodes.get(key as usize)?.timer;
        if timer.is_some() {
            self.popped += 1;
        } else if key != NONE {
            self.free_node(key);
        }
        timer
    }

    #[inline]
    fn fetch(&self, key: Key) {
        if let Some(Node { timer: Some(timer), .. }) = self.nodes.get(key as usize) {
            prefetch(timer.as_ptr());
        }
    }

    #[inline]
    fn drained(&mut self) {
        self.due.clear();
        self.taken = 0;
        if self.due.capacity() > DUE_KEPT {
            self.give_back();
        }
        self.clear_if_empty();
    }

    #[cold]
    #[inline(never)]
    fn give_back(&mut self) {
        let mut small = Vec::new_in(*self.due.allocator());
        if small.try_reserve_exact(DUE_MIN).is_ok() {
            self.due = small;
        }
    }

    /// Puts a popped timer back with another deadline, unless it was taken away meanwhile.
    #[inline]
    pub fn requeue(&mut self, key: Key, deadline: u64) {
        self.popped = self.popped.wrapping_sub(1);
        if self.get(key).is_none() {
            self.free_node(key);
            return;
        }
        let tick = self.tick(deadline) as u32;
        self.push_front(key, tick);
        self.note_next(key, deadline);
    }

    /// Lets a popped timer go.
    #[inline]
    pub fn release(&mut self, key: Key) {
        self.popped = self.popped.wrapping_sub(1);
        if self.get(key).is_some() {
            self.count = self.count.wrapping_sub(1);
        }
        self.free_node(key);
    }

    /// The earliest deadline, or `None` when no timer waits. With very many timers it may be a
    /// little before the earliest deadline, never after it. `now` is the current time.
    #[inline]
    pub fn next_deadline(&mut self, times: &impl Times<T>, now: u64) -> Option<u64> {
        if self.is_over() {
            return None;
        }
        if self.next == UNKNOWN {
            self.find_next(times, now);
        }
        Some(self.next)
    }

    /// The timer of a key, `None` if the key is no timer's.
    #[inline]
    pub fn get(&self, key: Key) -> Option<NonNull<T>> {
        self.nodes.get(key as usize)?.timer
    }

    /// All keys are below this number.
    pub fn key_limit(&self) -> Key {
        self.nodes.len() as Key
    }

    /// Puts all timers to the deadlines that `deadline` gives, at the time `now`, which may be
    /// before all times seen so far.
    pub fn rebuild(&mut self, mut deadline: impl FnMut(NonNull<T>) -> u64, now: u64) {
        self.clear_lists();
        self.current = 0;
        self.enter(tick::<SHIFT>(now));
        for key in 1..self.key_limit() {
            let Some(node) = self.nodes.get(key as usize) else { break };
            let in_list = node.next & OUT == 0;
            match node.timer {
                Some(timer) if in_list => {
                    let tick = self.tick(deadline(timer)) as u32;
                    self.push_front(key, tick);
                }
                None if in_list => self.free_node(key),
                _ => {}
            }
        }
    }

    /// The tick of a deadline, or what of it a node can store.
    #[inline]
    fn tick(&self, deadline: u64) -> u64 {
        let tick = deadline >> SHIFT;
        if tick.wrapping_sub(self.current) <= self.reach {
            return tick;
        }
        cold_path();
        if tick < self.current { self.current } else { self.current + self.reach }
    }

    /// A node's tick at full length.
    #[inline]
    fn full(&self, tick: u32) -> u64 {
        let ahead = tick.wrapping_sub(self.current as u32).cast_signed();
        self.current.wrapping_add_signed(i64::from(ahead))
    }

    /// Makes a tick the current one. False if it is so far ahead that the ticks in the nodes say
    /// nothing any more.
    fn enter(&mut self, tick: u64) -> bool {
        let ahead = tick.saturating_sub(self.current);
        self.current += ahead;
        self.reach = LAST_TICK.saturating_sub(self.current).min(REACH);
        ahead <= REACH / 2
    }

    #[inline]
    fn note_next(&mut self, key: Key, deadline: u64) {
        if deadline < self.next {
            self.next = deadline;
            self.next_key = key;
        }
    }

    #[inline]
    fn forget_next(&mut self) {
        self.next = UNKNOWN;
        self.next_key = NONE;
    }

    #[inline]
    fn push_front(&mut self, key: Key, tick: u32) {
        if let Some(node) = self.nodes.get_mut(key as usize) {
            node.tick = tick;
            node.next = self.front | FRONT;
            self.front = key;
        }
    }

    #[inline]
    fn free_node(&mut self, key: Key) {
        if let Some(node) = self.nodes.get_mut(key as usize) {
            *node = Node { timer: None, tick: 0, next: self.free | OUT };
            self.free = key;
            self.free_count += 1;
        }
    }

    /// How many nodes are empty but not free.
    fn empty(&self) -> usize {
        self.nodes.len().wrapping_sub(1 + self.free_count + self.count)
    }

    /// Hangs a node that is in no list into a slot after the current tick.
    #[inline]
    fn hang(&mut self, key: Key, tick: u64) {
        let level = (63 - ((tick ^ self.current) | 1).leading_zeros()) / SLOT_BITS;
        let slot = (tick >> (level * SLOT_BITS)) as usize % SLOTS;
        // Ticks are below 2^48.
        let list = level as usize * SLOTS + slot;
        let (Some(head), Some(bits), Some(node)) = (
            self.heads.get_mut(list),
            self.occupied.get_mut(level as usize),
            self.nodes.get_mut(key as usize),
        ) else {
            return;
        };
        node.tick = tick as u32;
        node.next = *head;
        *head = key;
        *bits |= 1 << slot;
    }

    /// With no timer left everything starts over: from the first node, so that neighbours in time
    /// of adding are neighbours in memory.
    #[inline]
    fn clear_if_empty(&mut self) {
        if self.count == 0 && self.popped == 0 {
            self.clear();
        }
    }

    #[inline(never)]
    fn clear(&mut self) {
        self.clear_lists();
        self.due.clear();
        self.taken = 0;
        self.clear_nodes();
    }

    /// The same if all nodes are in the front or free. It stands in the way of short functions: no
    /// call, so that these need not save registers.
    #[inline(always)]
    fn clear_front(&mut self) {
        if self.popped == 0
            && self.due.is_empty()
            && self.occupied.iter().fold(0, |all, bits| all | bits) == 0
        {
            self.front = NONE;
            self.vacant = NONE;
            self.next_key = NONE;
            self.clear_nodes();
        }
    }

    #[inline(always)]
    fn clear_nodes(&mut self) {
        self.nodes.truncate(1);
        self.dealt = NONE;
        self.free = NONE;
        self.free_count = 0;
        self.next = u64::MAX;
    }

    fn clear_lists(&mut self) {
        for (bits, heads) in self.occupied.iter_mut().zip(self.heads.chunks_exact_mut(SLOTS)) {
            if core::mem::take(bits) != 0 {
                heads.fill(NONE);
            }
        }
        self.front = NONE;
        self.vacant = NONE;
        self.forget_next();
    }

    /// Deals out the front, and the slots that begin before `limit`, which is the new time.
    fn turn(&mut self, times: &impl Times<T>, limit: u64) {
        let (from, to) = (self.current, tick::<SHIFT>(limit));
        let near = self.enter(to);
        self.deal_front(times, limit, near);
        if to <= from {
            return;
        }
        for level in 0..LEVELS {
            let shift = SLOT_BITS * level as u32;
            // In the same span of the level above only the slots up to the current one are past.
            let last = (from ^ to) >> shift >> SLOT_BITS == 0;
            let slots =
                if last { u64::MAX >> (63 - (to >> shift) % SLOTS as u64) } else { u64::MAX };
            let mut past = self.occupied.get(level).map_or(0, |bits| bits & slots);
            while past != 0 {
                let slot = past.trailing_zeros() as usize;
                past &= past - 1;
                let list = self.take_slot(level, slot);
                self.deal(times, list, limit, near);
            }
            if last {
                return;
            }
        }
    }

    fn take_slot(&mut self, level: usize, slot: usize) -> Key {
        if let Some(bits) = self.occupied.get_mut(level) {
            *bits &= !(1 << slot);
        }
        self.heads.get_mut(level * SLOTS + slot).map_or(NONE, core::mem::take)
    }

    fn deal_front(&mut self, times: &impl Times<T>, limit: u64, near: bool) {
        let front = core::mem::take(&mut self.front);
        self.dealt = self.key_limit();
        self.vacant = NONE;
        self.deal(times, front, limit, near);
    }

    /// Puts each node of a list where it belongs: among what is due before `limit`, into a slot, or
    /// back to the front if it is due in the current tick. (For `near` see [`Self::enter`].)
    fn deal(&mut self, times: &impl Times<T>, list: Key, limit: u64, near: bool) {
        let mut at = list;
        while let Some(&Node { timer, tick, next }) = self.nodes.get(at as usize)
            && at != NONE
        {
            let key = at;
            at = next & LINK;
            let Some(timer) = timer else {
                self.free_node(key);
                continue;
            };
            let tick = self.full(tick);
            if tick > self.current && near {
                self.hang(key, tick);
                continue;
            }
            let deadline = times.deadline(timer);
            let tick = self.tick(deadline);
            if deadline < limit {
                self.add_due(key, Due { deadline, rank: times.rank(timer), key });
            } else if tick > self.current {
                self.hang(key, tick);
            } else {
                self.push_front(key, tick as u32);
            }
        }
    }

    #[inline]
    fn add_due(&mut self, key: Key, due: Due) {
        let len = self.due.len();
        if len == self.due.capacity() && self.due.try_reserve(len.max(DUE_MIN)).is_err() {
            self.add_due_without_memory(due);
            return;
        }
        self.due.push(due);
        if let Some(node) = self.nodes.get_mut(key as usize) {
            node.next = OUT;
        }
    }

    /// There is no room for all that is due: the earliest are popped now, the others wait in the
    /// front until the next time.
    #[cold]
    fn add_due_without_memory(&mut self, due: Due) {
        self.due.sort_unstable_by_key(|due| due.order());
        let late = match self.due.last_mut() {
            Some(last) if due.order() < last.order() => core::mem::replace(last, due).key,
            _ => due.key,
        };
        if late != due.key
            && let Some(node) = self.nodes.get_mut(due.key as usize)
        {
            node.next = OUT;
        }
        self.push_front(late, self.current as u32);
    }

    /// The first occupied slot in time: the lowest level that has one, and there the first after
    /// the current tick. (Slots at or before it are empty: they were dealt out on entry.)
    fn first_slot(&self) -> Option<(usize, usize)> {
        first_bit(&self.occupied)
    }

    /// When a slot begins.
    fn slot_start(&self, (level, slot): (usize, usize)) -> u64 {
        let shift = SLOT_BITS * level as u32;
        let above = self.current >> shift >> SLOT_BITS << SLOT_BITS;
        (above | slot as u64) << shift << SHIFT
    }

    #[inline(never)]
    fn find_next(&mut self, times: &impl Times<T>, now: u64) {
        // If nothing hangs anywhere, the wheel may be turned to the present for free.
        let near = self.first_slot().is_some() || self.enter(tick::<SHIFT>(now));
        self.deal_front(times, 0, near);
        let mut best = (u64::MAX, NONE);
        // What is left in the front is due in this very tick.
        let mut at = self.front;
        while let Some(&Node { timer, next, .. }) = self.nodes.get(at as usize)
            && let Some(timer) = timer
        {
            best = best.min((times.deadline(timer), at));
            at = next & LINK;
        }
        while let Some(slot) = self.first_slot() {
            if self.scan_slot(times, slot, &mut best) {
                break;
            }
        }
        (self.next, self.next_key) = best;
    }

    /// Looks for an earlier deadline in a slot, the first one. False if it had only empty nodes.
    fn scan_slot(
        &mut self,
        times: &impl Times<T>,
        (level, slot): (usize, usize),
        best: &mut (u64, Key),
    ) -> bool {
        let mut at = self.take_slot(level, slot);
        let (mut first, mut last, mut seen) = (NONE, NONE, 0);
        while let Some(&Node { timer, tick, next }) = self.nodes.get(at as usize)
            && at != NONE
            && seen < SCAN
        {
            let key = at;
            at = next;
            let Some(timer) = timer else {
                self.free_node(key);
                continue;
            };
            seen += 1;
            if first == NONE {
                first = key;
            }
            self.link(last, key);
            last = key;
            // Never before its tick, whatever the program may have done to the timer.
            let start = self.full(tick) << SHIFT;
            if start < best.0 {
                let deadline = times.deadline(timer).max(start);
                *best = (*best).min((deadline, key));
            }
        }
        self.link(last, at);
        if last == NONE {
            return false;
        }
        if let (Some(head), Some(bits)) =
            (self.heads.get_mut(level * SLOTS + slot), self.occupied.get_mut(level))
        {
            *head = first;
            *bits |= 1 << slot;
        }
        let mut bound = u64::MAX;
        if at != NONE {
            bound = self.slot_start((level, slot));
        } else {
            // If all of them were put off, the next slot may be earlier.
            let mut levels = self.occupied;
            if let Some(bits) = levels.get_mut(level) {
                *bits &= !(1 << slot);
            }
            if let Some(after) = first_bit(&levels) {
                bound = self.slot_start(after);
            }
        }
        *best = (*best).min((bound, NONE));
        true
    }

    #[inline]
    fn link(&mut self, key: Key, next: Key) {
        if key != NONE
            && let Some(node) = self.nodes.get_mut(key as usize)
        {
            node.next = next;
        }
    }

    /// Frees the empty nodes. All lists are made anew, in the order of memory: to follow them to
    /// what is empty would be a cache miss for each node.
    #[cold]
    #[inline(never)]
    fn sweep(&mut self) {
        self.clear_lists();
        for key in (1..self.key_limit()).rev() {
            let Some(&Node { timer, tick, next }) = self.nodes.get(key as usize) else { break };
            if next & OUT != 0 {
                continue;
            }
            if timer.is_none() {
                self.free_node(key);
            } else if next & FRONT != 0 {
                self.push_front(key, tick);
            } else {
                self.hang(key, self.full(tick));
            }
        }
    }
}

#[inline]
fn tick<const SHIFT: u32>(time: u64) -> u64 {
    (time >> SHIFT).min(LAST_TICK)
}

/// The first slot in time that is occupied.
fn first_bit(levels: &[u64; LEVELS]) -> Option<(usize, usize)> {
    let (level, bits) = levels.iter().enumerate().find(|(_, bits)| **bits != 0)?;
    Some((level, bits.trailing_zeros() as usize))
}
