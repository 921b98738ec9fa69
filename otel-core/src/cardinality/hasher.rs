//! The hash of a label set, and the 32 bits of it that a table keeps.
//!
//! The hash of a set is the sum of the hashes of its values, each seeded by its label, so the order
//! of the labels does not enter it. Everything is seeded per process: what collides here does not
//! collide elsewhere.

use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};

use foldhash::SharedSeed;
use foldhash::fast::{FoldHasher, RandomState};

use super::bytes::ends;

/// Hashes names and values under random seeds.
#[derive(Clone, Debug)]
pub(crate) struct LabelHasher {
    seed: u64,
    /// Keeps the second word of a short string apart from its first.
    second: u64,
    shared: &'static SharedSeed,
}

impl LabelHasher {
    /// The hash of a label name as it is spelled.
    #[inline]
    pub(crate) fn name(&self, name: &str) -> u64 {
        self.value(self.seed, name)
    }

    /// The hash of a value of the label with this seed; that of a set is the wrapping sum.
    ///
    /// Most values are at most sixteen bytes, and two words and a length are all there is to know
    /// of such a one: it takes one multiplication.
    #[inline(always)]
    pub(crate) fn value(&self, seed: u64, value: &str) -> u64 {
        let bytes = value.as_bytes();
        if bytes.len() <= 16 {
            let (first, last) = ends(bytes);
            let first = seed ^ first ^ last.rotate_left(32);
            let second = self.second.wrapping_add(bytes.len() as u64) ^ last;
            let wide = u128::from(first).wrapping_mul(second.into());
            return wide as u64 ^ (wide >> 64) as u64;
        }
        self.long_value(seed, bytes)
    }

    #[inline(never)]
    fn long_value(&self, seed: u64, bytes: &[u8]) -> u64 {
        let mut hasher = FoldHasher::with_seed(seed, self.shared);
        hasher.write(bytes);
        hasher.finish()
    }
}

impl Default for LabelHasher {
    fn default() -> Self {
        let random = RandomState::default();
        Self {
            seed: random.hash_one(()),
            second: random.hash_one(0_u64),
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

/// A key that may be given anew, when the label names of a family are numbered anew.
#[derive(Debug)]
pub(crate) struct AtomicKey(AtomicU32);

impl AtomicKey {
    pub(crate) const fn new(key: Key) -> Self {
        Self(AtomicU32::new(key.0))
    }

    #[inline]
    pub(crate) fn load(&self) -> Key {
        Key(self.0.load(Ordering::Relaxed))
    }

    pub(crate) fn store(&self, key: Key) {
        self.0.store(key.0, Ordering::Relaxed);
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    /// What label values look like: numbers, padded numbers, paths. One that shares its hash with
    /// another would be admitted in its place.
    #[test]
    fn values_that_are_much_alike_have_hashes_of_their_own() {
        for _ in 0..5 {
            let hasher = LabelHasher::default();
            let seed = hasher.name("path");
            let alike: [fn(u32) -> String; 5] = [
                |i| i.to_string(),
                |i| format!("{i:08}"),
                |i| format!("/orders/{i}"),
                |i| format!("{i:x}-{i:x}"),
                |i| format!("a-somewhat-longer-value-{i}"),
            ];
            for value in alike {
                let mut hashes: Vec<_> =
                    (0..20_000).map(|i| hasher.value(seed, &value(i))).collect();
                hashes.sort_unstable();
                hashes.dedup();
                assert_eq!(hashes.len(), 20_000, "{}", value(7));
                let upper = |hash: &u64| hash >> (u64::BITS - Key::HASH_BITS);
                hashes.dedup_by_key(|hash| upper(hash));
                // Three in 20,000 meet by chance in 26 bits.
                assert!(hashes.len() > 19_900, "{} {}", hashes.len(), value(7));
            }
        }
    }
}
