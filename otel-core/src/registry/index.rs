//! Where the series of a label set stands: a hash index in segments that never has to be rebuilt.
//!
//! The index is split by hash into as many segments as the budget of the family asks for, each of at
//! most 1,024 slots. A segment starts small. When it fills up, its slots are copied into a level four
//! times as large, which then takes its place; so an admission copies at most one segment, and
//! never a series. The smaller levels stay, a third of the largest together, because a reader may
//! still be in one of them.
//!
//! A slot, once set, never changes, and every level keeps empty slots; so a search ends, and what it
//! finds is whole. A reader in a level that was replaced misses what came later, and asks again
//! under the admission lock. See `docs/adr/0002-lock-free-table.md`.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::cardinality::Key;

/// Finds positions by key: lock-free to read, filled under the admission lock.
#[derive(Debug)]
pub(super) struct Index {
    segments: OnceLock<Box<[Segment]>>,
    /// The most positions it will have to hold.
    limit: u32,
}

#[derive(Debug)]
struct Segment {
    levels: [OnceLock<Level>; LEVELS],
    /// The level that holds everything.
    current: AtomicU32,
    used: AtomicU32,
    /// Slots of the last level but one, which takes all that a good hash can send here.
    top: u32,
}

/// 12 bits of tag, 20 bits of position plus one; zero is empty.
type Level = Box<[AtomicU32]>;

impl Index {
    pub(super) const fn new(limit: u32) -> Self {
        Self {
            segments: OnceLock::new(),
            limit,
        }
    }

    /// Bytes that the first position takes.
    pub(super) const fn first_bytes(&self) -> usize {
        self.limit.div_ceil(MOST_EXPECTED) as usize * size_of::<Segment>() + 32
    }

    /// The first answer of `check` to a position that may have this key.
    #[inline]
    pub(super) fn find<T>(&self, key: Key, check: impl Fn(usize) -> Option<T>) -> Option<T> {
        let segments = self.segments.get()?;
        let (segment, home) = key.place(segments.len());
        segments.get(segment)?.find(key, home, check)
    }

    /// Adds a position that is not there yet; the caller holds the admission lock.
    ///
    /// `key_of` tells the key of a position that was added before.
    pub(super) fn insert(&self, key: Key, position: usize, key_of: impl Fn(usize) -> Option<Key>) {
        let segments = self.segments.get_or_init(|| Segment::for_limit(self.limit));
        let (segment, _) = key.place(segments.len());
        if let Some(held) = segments.get(segment) {
            held.insert(key, position, |position| {
                let key = key_of(position)?;
                Some((key, key.place(segments.len()).1))
            });
        }
    }
}

impl Segment {
    fn for_limit(limit: u32) -> Box<[Self]> {
        let segments = limit.div_ceil(MOST_EXPECTED).max(1);
        let expected = limit.div_ceil(segments);
        // One segment gets exactly what was counted; of several, one may get more than its share.
        let top = if segments == 1 {
            expected * 3 / 2 + 2
        } else {
            expected * 8 / 5
        };
        let segment = || Self {
            levels: [const { OnceLock::new() }; LEVELS],
            current: AtomicU32::new(0),
            used: AtomicU32::new(0),
            top,
        };
        (0..segments).map(|_| segment()).collect()
    }

    #[inline]
    fn find<T>(&self, key: Key, home: u32, check: impl Fn(usize) -> Option<T>) -> Option<T> {
        let current = self.current.load(Ordering::Acquire);
        let level = &**self.levels.get(current as usize)?.get()?;
        let mut at = Key::home(home, level.len());
        loop {
            let slot = level.get(at)?.load(Ordering::Acquire);
            if slot == 0 {
                return None;
            }
            if slot >> POSITION_BITS == key.tag()
                && let Some(found) = check((slot & POSITION_MASK) as usize - 1)
            {
                return Some(found);
            }
            at += 1;
            if at == level.len() {
                at = 0;
            }
        }
    }

    fn insert(&self, key: Key, position: usize, place_of: impl Fn(usize) -> Option<(Key, u32)>) {
        let mut number = self.current.load(Ordering::Relaxed) as usize;
        let used = self.used.load(Ordering::Relaxed) as usize;
        let full = self.level(number);
        let before = number;
        // Of a small budget the first levels have the same size: take the first with room.
        while used >= self.room(number) && number + 1 < LEVELS {
            number += 1;
        }
        if number > before {
            let larger = self.level(number);
            for slot in full {
                let slot = slot.load(Ordering::Relaxed);
                if let Some(place) = slot.checked_sub(1)
                    && let Some((_, home)) = place_of((place & POSITION_MASK) as usize)
                {
                    put(larger, home, slot);
                }
            }
            self.current.store(number as u32, Ordering::Release);
        }
        if let Some((_, home)) = place_of(position) {
            let slot = key.tag() << POSITION_BITS | (position as u32 + 1) & POSITION_MASK;
            put(self.level(number), home, slot);
            self.used.store(used as u32 + 1, Ordering::Relaxed);
        }
    }

    /// The level with this number, made now if it was not.
    fn level(&self, number: usize) -> &[AtomicU32] {
        match self.levels.get(number) {
            Some(level) => level.get_or_init(|| {
                let slots = self.slots(number);
                (0..slots).map(|_| AtomicU32::new(0)).collect()
            }),
            None => &[],
        }
    }

    const fn slots(&self, number: usize) -> usize {
        let top = self.top as usize;
        let slots = if number < LEVELS - 1 {
            top >> (2 * (LEVELS - 2 - number))
        } else {
            top * 4
        };
        if slots < 8 { 8 } else { slots }
    }

    /// How many positions a level takes before the next is made.
    const fn room(&self, number: usize) -> usize {
        let slots = self.slots(number);
        if number < LEVELS - 2 {
            slots * 3 / 4
        } else {
            slots - slots / 16 - 1
        }
    }
}

/// Sets the first free slot for a home.
fn put(level: &[AtomicU32], home: u32, slot: u32) {
    let (before, after) = level.split_at(Key::home(home, level.len()));
    let free = after
        .iter()
        .chain(before)
        .find(|slot| slot.load(Ordering::Relaxed) == 0);
    if let Some(free) = free {
        free.store(slot, Ordering::Release);
    }
}

const POSITION_BITS: u32 = 20;
const POSITION_MASK: u32 = (1 << POSITION_BITS) - 1;

/// The last is there for a segment that gets ten standard deviations more than its share.
const LEVELS: usize = 5;

/// Positions a segment gets on average at most: 1,024 slots with every second or third free.
const MOST_EXPECTED: u32 = 640;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_is_found_and_every_search_ends_whatever_the_limit() {
        let key = |at: usize| Key::new((at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15), 0);
        for limit in (1..100).chain([640, 641, 1_000, 5_000]) {
            let index = Index::new(limit);
            for at in 0..limit as usize {
                index.insert(key(at), at, |position| Some(key(position)));
                assert_eq!(
                    index.find(key(at), |found| (found == at).then_some(at)),
                    Some(at)
                );
                assert_eq!(index.find(key(at + 1), |_| None::<()>), None);
            }
            let segments = index.segments.get().unwrap();
            assert!(
                segments
                    .iter()
                    .all(|segment| segment.slots(LEVELS - 2) <= 1_024)
            );
        }
    }
}
