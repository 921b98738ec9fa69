//! The values of one label that were admitted.
//!
//! Only their hashes are kept: the text is in the series already, and a false match, one in 2^64
//! for each value held, would admit one value too many and nothing else. Readers take no lock. The
//! writer, which holds the admission lock of the family, fills a level in place and links another,
//! twice as large, when it is full. Nothing is ever moved or removed, so nothing is kept twice.

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
    /// Zero is an empty slot.
    slots: Box<[AtomicU64]>,
    next: OnceLock<Box<Self>>,
}

impl AdmittedValues {
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
        if self.levels().any(|level| level.contains(hash)) {
            Standing::Admitted
        } else if full {
            Standing::Full
        } else {
            Standing::Room
        }
    }

    /// Adds a value whose standing is [`Standing::Room`]; the caller holds the admission lock.
    pub(crate) fn admit(&self, hash: u64) {
        let mut end = &self.first;
        let (mut held, mut size) = (0, FIRST_LEVEL);
        while let Some(level) = end.get() {
            held += level.room();
            if self.len() < held {
                break;
            }
            size = level.slots.len() * 2;
            end = &level.next;
        }
        let enough = (self.budget() - self.len().min(self.budget())) * 4 / 3 + 2;
        let level = end.get_or_init(|| Box::new(Level::new(size.min(enough))));
        level.insert(non_zero(hash));
        self.len.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire) as usize
    }

    pub(crate) const fn budget(&self) -> usize {
        self.budget as usize
    }

    fn levels(&self) -> impl Iterator<Item = &Level> {
        iter::successors(self.first.get(), |level| level.next.get()).map(|level| &**level)
    }
}

impl Level {
    fn new(capacity: usize) -> Self {
        Self {
            slots: (0..capacity).map(|_| AtomicU64::new(0)).collect(),
            next: OnceLock::new(),
        }
    }

    /// How many values it takes: three quarters, and always less than all.
    const fn room(&self) -> usize {
        self.slots.len() - self.slots.len().div_ceil(4)
    }

    fn contains(&self, hash: u64) -> bool {
        self.probe(hash)
            .map(|slot| slot.load(Ordering::Acquire))
            .take_while(|&found| found != 0)
            .any(|found| found == hash)
    }

    fn insert(&self, hash: u64) {
        if let Some(slot) = self
            .probe(hash)
            .find(|slot| slot.load(Ordering::Relaxed) == 0)
        {
            slot.store(hash, Ordering::Release);
        }
    }

    /// Every slot once, starting where the hash belongs.
    fn probe(&self, hash: u64) -> impl Iterator<Item = &AtomicU64> {
        let home = ((hash >> 32) * self.slots.len() as u64) >> 32;
        let (before, after) = self.slots.split_at(home as usize);
        after.iter().chain(before)
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
                slots <= budget * 2 + FIRST_LEVEL,
                "{slots} slots for {budget} values"
            );
        }
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
