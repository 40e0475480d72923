//! Watchers with a due time in a timing wheel.
//!
//! Watchers have no room for the wheel's links, so these live in an array of nodes; `active` of
//! the watcher is the number of its node, from 1.

use super::fault;
use super::raw::ev_watcher_time;
use crate::error::Error;
use crate::mem::{LoopHeap, Vec};
use crate::reactor::timer::{Nodes, Prev, Wheel};
use core::num::NonZeroU32;
use core::ptr::null_mut;
use libc::c_int;

/// The number of a node.
pub(super) type Key = NonZeroU32;

/// Numbers from here on stand for the lists of the wheel, in `Node::prev`.
const FIRST_LIST: u32 = 0xffff_0000;

#[derive(Debug, Clone, Copy)]
struct Node {
    /// Null in a free node.
    w: *mut ev_watcher_time,
    deadline: u64,
    /// In a free node: the next free one.
    next: u32,
    prev: u32,
}

#[derive(Debug)]
struct Table(Vec<Node, LoopHeap>);

impl Table {
    #[inline]
    fn node(&self, key: Key) -> &Node {
        debug_assert!(key.get() as usize <= self.0.len());
        // SAFETY: keys come from `Deadlines::insert` or were checked by `Deadlines::key_of`, and
        // nodes are never taken out of the array.
        unsafe { self.0.get_unchecked(key.get() as usize - 1) }
    }

    #[inline]
    fn node_mut(&mut self, key: Key) -> &mut Node {
        debug_assert!(key.get() as usize <= self.0.len());
        // SAFETY: as in `node`.
        unsafe { self.0.get_unchecked_mut(key.get() as usize - 1) }
    }
}

impl Nodes for Table {
    type Key = Key;

    #[inline]
    fn deadline(&self, key: Key) -> u64 {
        self.node(key).deadline
    }

    #[inline]
    fn next(&self, key: Key) -> Option<Key> {
        Key::new(self.node(key).next)
    }

    #[inline]
    fn set_next(&mut self, key: Key, next: Option<Key>) {
        self.node_mut(key).next = next.map_or(0, Key::get);
    }

    #[inline]
    fn prev(&self, key: Key) -> Prev<Key> {
        let prev = self.node(key).prev;
        match Key::new(prev) {
            Some(key) if prev < FIRST_LIST => Prev::Node(key),
            _ => Prev::List(prev as u16),
        }
    }

    #[inline]
    fn set_prev(&mut self, key: Key, prev: Prev<Key>) {
        self.node_mut(key).prev = match prev {
            Prev::Node(key) => key.get(),
            Prev::List(list) => FIRST_LIST | u32::from(list),
        };
    }
}

/// Room for a quarter more: half of the memory for the next timer would be much to ask.
#[cold]
#[inline(never)]
fn more_room(nodes: &mut Vec<Node, LoopHeap>) {
    let more = (nodes.len() / 4).max(32);
    let fits = nodes.len() + more < (FIRST_LIST >> 1) as usize;
    fault::memory(if fits { Ok(()) } else { Err(Error::NoMemory) });
    fault::memory(nodes.try_reserve_exact(more).map_err(|_| Error::NoMemory));
}

/// A queue of watchers by due time.
#[derive(Debug)]
pub(super) struct Deadlines {
    table: Table,
    free: u32,
    /// Nodes that are popped and not yet put back or freed.
    popped: u32,
    wheel: Wheel<Key, LoopHeap>,
}

impl Deadlines {
    pub(super) const fn new() -> Self {
        Self {
            table: Table(Vec::new_in(LoopHeap)),
            free: 0,
            popped: 0,
            wheel: Wheel::new_in(LoopHeap),
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.wheel.is_empty()
    }

    /// Adds a watcher; the result is for its `active`.
    #[inline(always)]
    pub(super) fn insert(&mut self, w: *mut ev_watcher_time, deadline: u64, now: u64) -> c_int {
        let key = match Key::new(self.free) {
            Some(key) => {
                self.free = self.table.node(key).next;
                key
            }
            None => self.grow(),
        };
        let node = self.table.node_mut(key);
        node.w = w;
        node.deadline = deadline;
        fault::memory(self.wheel.add(&mut self.table, key, now));
        key.get().cast_signed()
    }

    #[inline]
    fn grow(&mut self) -> Key {
        let nodes = &mut self.table.0;
        let next = nodes.len() + 1;
        if next > nodes.capacity() {
            more_room(nodes);
        }
        // SAFETY: there is room for one more node, which becomes part of the vector only after it
        // is written. `more_room` keeps the number small and the key above 0.
        unsafe {
            let node = Node { w: null_mut(), deadline: 0, next: 0, prev: 0 };
            nodes.as_mut_ptr().add(next - 1).write(node);
            nodes.set_len(next);
            Key::new_unchecked(next as u32)
        }
    }

    /// The node of an active watcher.
    ///
    /// # Safety
    /// The watcher is live.
    #[inline]
    pub(super) unsafe fn key_of(&self, w: *mut ev_watcher_time) -> Key {
        // SAFETY: the watcher is live (caller).
        let key = Key::new(unsafe { (*w).active }.cast_unsigned());
        let key = key.filter(|k| self.table.0.get(k.get() as usize - 1).is_some_and(|n| n.w == w));
        fault::rule(key.is_some(), c"an active timer is not where the loop keeps it");
        key.unwrap_or(Key::MIN)
    }

    /// Takes a watcher out and frees its node.
    #[inline]
    pub(super) fn remove(&mut self, key: Key) {
        self.wheel.remove(&mut self.table, key);
        self.give_back(key);
    }

    /// Gives a watcher another due time.
    #[inline]
    pub(super) fn reset(&mut self, key: Key, deadline: u64, now: u64) {
        let old = self.table.node(key).deadline;
        if self.wheel.postpone(old, deadline) {
            self.table.node_mut(key).deadline = deadline;
            return;
        }
        self.wheel.remove(&mut self.table, key);
        self.hang(key, deadline, now);
    }

    /// Takes out the first watcher that is due at or before `limit`. Its node stays reserved for
    /// [`Self::requeue`] or [`Self::release`].
    #[inline]
    pub(super) fn pop(&mut self, limit: u64) -> Option<(Key, *mut ev_watcher_time)> {
        let key = self.wheel.pop_due(&mut self.table, limit)?;
        self.popped += 1;
        Some((key, self.table.node(key).w))
    }

    /// Puts a popped watcher back.
    #[inline]
    pub(super) fn requeue(&mut self, key: Key, deadline: u64, now: u64) {
        self.popped = self.popped.saturating_sub(1);
        self.hang(key, deadline, now);
    }

    #[inline]
    fn hang(&mut self, key: Key, deadline: u64, now: u64) {
        self.table.node_mut(key).deadline = deadline;
        fault::memory(self.wheel.add(&mut self.table, key, now));
    }

    /// Frees the node of a popped watcher.
    #[inline]
    pub(super) fn release(&mut self, key: Key) {
        self.popped = self.popped.saturating_sub(1);
        self.give_back(key);
    }

    #[inline]
    fn give_back(&mut self, key: Key) {
        if self.wheel.is_empty() && self.popped == 0 {
            // All are free: start again from the first, so that neighbours in time of starting are
            // neighbours in memory.
            self.table.0.clear();
            self.free = 0;
            return;
        }
        let free = self.free;
        let node = self.table.node_mut(key);
        node.w = null_mut();
        node.next = free;
        self.free = key.get();
    }

    /// The earliest due time; perhaps a little before it, never after.
    #[inline]
    pub(super) fn next(&mut self) -> Option<u64> {
        self.wheel.next_deadline(&mut self.table)
    }

    /// Takes all watchers out of the wheel and hands each to `each`, which may change its due
    /// time; then puts them back by what `deadline` says of them.
    pub(super) fn rebuild(
        &mut self,
        mut deadline: impl FnMut(*mut ev_watcher_time) -> u64,
        now: u64,
    ) {
        self.for_each_key(|this, key| this.wheel.remove(&mut this.table, key));
        self.for_each_key(|this, key| {
            let at = deadline(this.table.node(key).w);
            this.hang(key, at, now);
        });
    }

    fn for_each_key(&mut self, mut each: impl FnMut(&mut Self, Key)) {
        for n in 1..=self.table.0.len() as u32 {
            if let Some(key) = Key::new(n)
                && !self.table.node(key).w.is_null()
            {
                each(self, key);
            }
        }
    }

    /// The nth node's watcher, null for a free one, `None` past the end.
    pub(super) fn watcher(&self, n: usize) -> Option<*mut ev_watcher_time> {
        self.table.0.get(n).map(|node| node.w)
    }
}
