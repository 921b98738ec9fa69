//! The values of one label that were admitted.
//!
//! Only their hashes are kept: the text is in the series already, and a false match, one in 2^64
//! a lookup, would admit one value too many and nothing else. Readers take no lock. The writer, which
//! holds the admission lock of the family, fills a level in place and links a larger one when it
//! is full; a level is never removed, so all of them together hold less than twice the last.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// A bounded set of hashes: lock-free to read, filled under the admission lock.
#[derive(Debug)]
pub(crate) struct AdmittedValues {
    budget: u32,
    len: AtomicU32,
    levels: OnceLock<Box<Level>>,
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
            levels: OnceLock::new(),
        }
    }

    pub(crate) fn standing(&self, hash: u64) -> Standing {
        // Fullness first: whoever sees a full set then sees everything that is in it.
        let full = self.len() >= self.budget();
        if self
            .newest()
            .is_some_and(|level| level.contains(non_zero(hash)))
        {
            Standing::Admitted
        } else if full {
            Standing::Full
        } else {
            Standing::Room
        }
    }

    /// Adds a value whose standing is [`Standing::Room`]; the caller holds the admission lock.
    pub(crate) fn admit(&self, hash: u64) {
        let hash = non_zero(hash);
        let len = self.len();
        match self.newest() {
            Some(level) if len < level.slots.len() / 4 * 3 => level.insert(hash),
            Some(level) => {
                let larger = Level::new(level.slots.len() * 2);
                for slot in &level.slots {
                    larger.insert(slot.load(Ordering::Relaxed));
                }
                larger.insert(hash);
                level.next.get_or_init(|| Box::new(larger));
            }
            None => self
                .levels
                .get_or_init(|| Box::new(Level::new(8)))
                .insert(hash),
        }
        self.len.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire) as usize
    }

    pub(crate) const fn budget(&self) -> usize {
        self.budget as usize
    }

    fn newest(&self) -> Option<&Level> {
        let mut level = self.levels.get()?;
        while let Some(next) = level.next.get() {
            level = next;
        }
        Some(level)
    }
}

impl Level {
    fn new(capacity: usize) -> Self {
        Self {
            slots: (0..capacity).map(|_| AtomicU64::new(0)).collect(),
            next: OnceLock::new(),
        }
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

    /// Every slot once, starting where the hash belongs. The length is a power of two.
    fn probe(&self, hash: u64) -> impl Iterator<Item = &AtomicU64> {
        let home = hash as usize & (self.slots.len() - 1);
        let (before, after) = self.slots.split_at(home);
        after.iter().chain(before)
    }
}

const fn non_zero(hash: u64) -> u64 {
    if hash == 0 { 1 } else { hash }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admits_up_to_its_budget_and_remembers_all_of_it() {
        let values = AdmittedValues::new(100);
        let hash = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for i in 0..100 {
            assert_eq!(values.standing(hash(i)), Standing::Room);
            values.admit(hash(i));
        }
        for i in 0..100 {
            assert_eq!(values.standing(hash(i)), Standing::Admitted);
        }
        assert_eq!(values.standing(hash(100)), Standing::Full);
        assert_eq!(values.len(), 100);
    }

    #[test]
    fn survives_hashes_that_share_their_low_bits() {
        let values = AdmittedValues::new(50);
        for i in 0..50_u64 {
            values.admit(i << 32);
        }
        assert!((0..50_u64).all(|i| values.standing(i << 32) == Standing::Admitted));
        assert_eq!(values.standing(50 << 32), Standing::Full);
    }
}
