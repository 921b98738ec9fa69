//! The hash of a label set, and the 32 bits of it that a table keeps.
//!
//! The hash of a set is the sum of the hashes of its values, each seeded by its label, so the order
//! of the labels does not enter it. Everything is seeded per process: what collides here does not
//! collide elsewhere.

use std::hash::{BuildHasher, Hasher};

use foldhash::SharedSeed;
use foldhash::fast::{FoldHasher, RandomState};

/// Hashes names and values under one random seed.
#[derive(Clone, Debug)]
pub(crate) struct LabelHasher {
    seed: u64,
    shared: &'static SharedSeed,
}

impl LabelHasher {
    /// The hash of a label name as it is spelled.
    #[inline]
    pub(crate) fn name(&self, name: &str) -> u64 {
        self.value(self.seed, name)
    }

    /// The hash of a value of the label with this seed; that of a set is the wrapping sum.
    #[inline]
    pub(crate) fn value(&self, seed: u64, value: &str) -> u64 {
        let mut hasher = FoldHasher::with_seed(seed, self.shared);
        hasher.write(value.as_bytes());
        hasher.finish()
    }
}

impl Default for LabelHasher {
    fn default() -> Self {
        Self {
            seed: RandomState::default().hash_one(()),
            shared: SharedSeed::global_random(),
        }
    }
}

/// What tells series apart before their text is compared: 26 bits of hash, 5 bits that number the
/// set of label names, and one bit that says whether the rendered text contains an escape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key(u32);

impl Key {
    /// From the summed hash and the number of the name set, below 32.
    #[inline]
    pub(crate) const fn new(sum: u64, names: u8) -> Self {
        let hash = (sum >> (u64::BITS - Self::HASH_BITS)) as u32;
        Self(hash << 6 | (names as u32 & 0x1f) << 1)
    }

    /// The same key, of a series whose rendered text is known.
    pub(crate) const fn with_escapes(self, escapes: bool) -> Self {
        Self(self.0 & !1 | escapes as u32)
    }

    #[inline]
    pub(crate) const fn has_escapes(self) -> bool {
        self.0 & 1 == 1
    }

    /// Whether both have the same hash and the same numbered set of names.
    #[inline]
    pub(crate) const fn same_names_and_hash(self, other: Self) -> bool {
        (self.0 ^ other.0) >> 1 == 0
    }

    /// Whether both have the same numbered set of names.
    #[cfg(test)]
    pub(crate) const fn same_names(self, other: Self) -> bool {
        (self.0 ^ other.0) >> 1 & 0x1f == 0
    }

    /// Whether both have the same hash.
    pub(crate) const fn same_hash(self, other: Self) -> bool {
        (self.0 ^ other.0) >> 6 == 0
    }

    /// The segment of an index of `segments`, any number, and a hash for the place in there.
    #[inline]
    pub(crate) const fn place(self, segments: usize) -> (usize, u32) {
        let spread = (self.0 >> 6) as u64 * segments as u64;
        let within = spread as u32 & ((1 << Self::HASH_BITS) - 1);
        ((spread >> Self::HASH_BITS) as usize, within)
    }

    /// Where the search starts among `slots`, any number, for a hash from [`place`](Self::place).
    #[inline]
    pub(crate) const fn home(within: u32, slots: usize) -> usize {
        ((within as u64 * slots as u64) >> Self::HASH_BITS) as usize
    }

    /// 12 bits for a slot, independent of its place in an index of up to 16,384.
    #[inline]
    pub(crate) const fn tag(self) -> u32 {
        self.0 >> 6 & 0xfff
    }

    const HASH_BITS: u32 = 26;
}
