//! The values of one label that were admitted.
//!
//! Only their hashes are kept: the text is in the series already, and a false match, one in 2^64
//! for each value held, would admit one value too many and nothing else. Beside each hash stands how
//! many series have the value; with the last of them it gives its room back. Readers take no lock.
//! The writer, which holds the admission lock of the family, fills a level in place and links
//! another, eight times as large or as large as the budget, when it is full. Nothing is ever moved, so nothing is kept twice; a
//! place whose value has gone keeps its hash until another value takes it.

use std::iter;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// A bounded set of hashes: lock-free to read, filled under the admission lock.
#[derive(Debug)]
pub(crate) struct AdmittedValues {
    budget: u32,
    len: AtomicU32,
    first: OnceLock<Box<Level>>,
}

/// What the set says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It was admitted before.
    Admitted,
    /// It was not, and there is room for it.
    Room,
    /// It was not, and the budget is spent.
    Full,
}

#[derive(Debug)]
struct Level {
    slots: Box<[AtomicU64]>,
    /// Series that have the value, at the place of its hash.
    uses: Box<[AtomicU32]>,
    /// Slots that are not empty.
    taken: AtomicU32,
    next: OnceLock<Box<Self>>,
}

/// The place of a hash in a level.
#[derive(Clone, Copy)]
struct Slot<'a> {
    hash: &'a AtomicU64,
    uses: &'a AtomicU32,
}

impl AdmittedValues {
    /// Of the first level, about.
    pub(crate) const FIRST_BYTES: usize =
        size_of::<Level>() + FIRST_LEVEL * (size_of::<u64>() + size_of::<u32>());

    pub(crate) fn new(budget: usize) -> Self {
        Self {
            budget: u32::try_from(budget).unwrap_or(u32::MAX),
            len: AtomicU32::new(0),
            first: OnceLock::new(),
        }
    }

    pub(crate) fn standing(&self, hash: u64) -> Standing {
        // Fullness first: whoever sees a full set then sees everything that is in it.
        let full = self.len() >= self.budget();
        let hash = non_zero(hash);
        let slot = self.slot(hash);
        if slot.is_some_and(|slot| slot.uses.load(Ordering::Acquire) > 0) {
            Standing::Admitted
        } else if full {
            Standing::Full
        } else {
            Standing::Room
        }
    }

    /// Counts one more series with this value, which is admitted or for which there is room; the
    /// caller holds the admission lock.
    pub(crate) fn admit(&self, hash: u64) {
        let hash = non_zero(hash);
        if let Some(slot) = self.slot(hash) {
            if slot.uses.fetch_add(1, Ordering::Release) == 0 {
                self.len.fetch_add(1, Ordering::Release);
            }
            return;
        }
        let keep = || self.levels().any(|level| level.keep(hash, 1));
        let kept = keep() || (self.clear() && keep()) || self.grow().keep(hash, 1);
        if kept {
            self.len.fetch_add(1, Ordering::Release);
        }
    }

    /// Counts one series less with this value; whether it was the last. The caller holds the
    /// admission lock.
    pub(crate) fn release(&self, hash: u64) -> bool {
        let Some(slot) = self.slot(non_zero(hash)) else {
            return false;
        };
        let uses = slot.uses.load(Ordering::Relaxed);
        slot.uses.store(uses.saturating_sub(1), Ordering::Release);
        if uses == 1 {
            self.len.fetch_sub(1, Ordering::Release);
        }
        uses == 1
    }

    /// Every value that is admitted, by its hash.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = u64> {
        self.levels().flat_map(|level| {
            let slots = level.slots.iter().zip(&level.uses);
            let used = slots.filter(|(_, uses)| uses.load(Ordering::Acquire) > 0);
            used.map(|(hash, _)| hash.load(Ordering::Acquire))
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire) as usize
    }

    pub(crate) const fn budget(&self) -> usize {
        self.budget as usize
    }

    #[inline]
    fn slot(&self, hash: u64) -> Option<Slot<'_>> {
        let mut level = self.first.get()?;
        loop {
            if let Some(slot) = level.find(hash) {
                return Some(slot);
            }
            level = level.next.get()?;
        }
    }

    /// Empties the places of values that have gone, if those are the greater part.
    ///
    /// A reader may meanwhile take a value for new that is not: it then asks again under the
    /// admission lock, or folds one write.
    fn clear(&self) -> bool {
        let taken = |level: &Level| level.taken.load(Ordering::Relaxed) as usize;
        let taken: usize = self.levels().map(taken).sum();
        if taken <= self.len() * 2 {
            return false;
        }
        let used: Vec<_> = self.levels().flat_map(Level::take_all).collect();
        for (hash, uses) in used {
            let _ = self.levels().any(|level| level.keep(hash, uses));
        }
        true
    }

    /// Links a level at the end, larger than the one before it and no larger than needed.
    fn grow(&self) -> &Level {
        let (mut end, mut size, mut held) = (&self.first, FIRST_LEVEL, 0);
        while let Some(level) = end.get() {
            held += level.room();
            size = level.slots.len() * 8;
            end = &level.next;
        }
        let enough = self.budget().saturating_sub(held) * 4 / 3 + 2;
        end.get_or_init(|| Box::new(Level::new(size.min(enough))))
    }

    fn levels(&self) -> impl Iterator<Item = &Level> {
        iter::successors(self.first.get(), |level| level.next.get()).map(|level| &**level)
    }
}

impl Level {
    fn new(capacity: usize) -> Self {
        Self {
            slots: (0..capacity).map(|_| AtomicU64::new(0)).collect(),
            uses: (0..capacity).map(|_| AtomicU32::new(0)).collect(),
            taken: AtomicU32::new(0),
            next: OnceLock::new(),
        }
    }

    /// How many values it takes: three quarters, and always less than all.
    const fn room(&self) -> usize {
        self.slots.len() - self.slots.len().div_ceil(4)
    }

    #[inline]
    fn find(&self, hash: u64) -> Option<Slot<'_>> {
        let mut at = self.home(hash);
        loop {
            let found = self.slots.get(at)?;
            match found.load(Ordering::Acquire) {
                0 => return None,
                held if held == hash => {
                    let uses = self.uses.get(at)?;
                    return Some(Slot { hash: found, uses });
                }
                _ => {}
            }
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
    }

    /// Takes a place for a hash that is in no level: one whose value has gone, or an empty one
    /// while enough of them are left for every search to end.
    fn keep(&self, hash: u64, uses: u32) -> bool {
        let free = |slot: &Slot<'_>| slot.uses.load(Ordering::Relaxed) == 0;
        let Some(slot) = self.probe(hash).find(free) else {
            return false;
        };
        if slot.hash.load(Ordering::Relaxed) == 0 {
            let taken = self.taken.load(Ordering::Relaxed);
            if taken as usize >= self.room() {
                return false;
            }
            self.taken.store(taken + 1, Ordering::Relaxed);
        }
        slot.hash.store(hash, Ordering::Release);
        slot.uses.store(uses, Ordering::Release);
        true
    }

    #[inline]
    const fn home(&self, hash: u64) -> usize {
        (((hash >> 32) * self.slots.len() as u64) >> 32) as usize
    }

    /// The values it has, which it has no longer.
    fn take_all(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        self.taken.store(0, Ordering::Relaxed);
        let slots = self.slots.iter().zip(&self.uses);
        let taken = slots.map(|(hash, uses)| {
            (
                hash.swap(0, Ordering::AcqRel),
                uses.swap(0, Ordering::AcqRel),
            )
        });
        taken.filter(|(_, uses)| *uses > 0)
    }

    /// Every slot once, starting where the hash belongs.
    fn probe(&self, hash: u64) -> impl Iterator<Item = Slot<'_>> {
        let home = self.home(hash);
        let (before, after) = self.slots.split_at(home);
        let (uses_before, uses_after) = self.uses.split_at(home);
        let slots = after.iter().chain(before);
        let uses = uses_after.iter().chain(uses_before);
        slots.zip(uses).map(|(hash, uses)| Slot { hash, uses })
    }
}

const fn non_zero(hash: u64) -> u64 {
    if hash == 0 { 1 } else { hash }
}

const FIRST_LEVEL: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admits_up_to_its_budget_and_remembers_all_of_it() {
        let hash = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for budget in [1, 2, 11, 12, 13, 100, 1_000] {
            let values = AdmittedValues::new(budget);
            for i in 0..budget as u64 {
                assert_eq!(values.standing(hash(i)), Standing::Room);
                values.admit(hash(i));
            }
            let remembered = |i: u64| values.standing(hash(i)) == Standing::Admitted;
            assert!((0..budget as u64).all(remembered));
            assert_eq!(values.standing(hash(budget as u64)), Standing::Full);
            assert_eq!(values.len(), budget);
            let slots: usize = values.levels().map(|level| level.slots.len()).sum();
            assert!(
                slots <= budget * 4 / 3 + FIRST_LEVEL,
                "{slots} slots for {budget} values"
            );
        }
    }

    #[test]
    fn a_value_gives_its_room_back_with_its_last_series() {
        let hash = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let values = AdmittedValues::new(3);
        for round in 0..10_000_u64 {
            let three = [1, 2, 3].map(|i| hash(round * 3 + i));
            for value in three {
                values.admit(value);
                values.admit(value);
            }
            assert_eq!(values.standing(hash(0)), Standing::Full);
            for value in three {
                assert!(!values.release(value));
                assert_eq!(values.standing(value), Standing::Admitted);
                assert!(values.release(value));
                assert_eq!(values.standing(value), Standing::Room);
            }
        }
        assert_eq!(values.len(), 0);
        let slots: usize = values.levels().map(|level| level.slots.len()).sum();
        assert!(slots <= 16, "{slots} slots for 3 values");
    }

    #[test]
    fn survives_hashes_that_share_their_high_bits() {
        let values = AdmittedValues::new(50);
        for i in 0..50_u64 {
            values.admit(i + 1);
        }
        assert!((0..50_u64).all(|i| values.standing(i + 1) == Standing::Admitted));
        assert_eq!(values.standing(51), Standing::Full);
    }
}
