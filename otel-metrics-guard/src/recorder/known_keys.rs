//! The handles of keys seen before: found without a lock, forgotten when others need the room.
//!
//! A set-associative cache. A key has one segment of eight places, so neither finding nor keeping
//! one ever looks further, whatever keys an attacker invents (the facade hashes with a fixed seed).
//! Of a full segment the first place goes that was not used since it was last passed over; keys that
//! are seen once therefore push each other out and leave those in use alone.
//!
//! Invariant: a handle is returned only for the key it was made for. The tags are hints; the
//! spelling decides.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use arc_swap::{ArcSwapOption, Guard};
use metrics::Key;

use super::spelling::Spelling;

/// Something kept for a key.
pub(super) trait Spelled {
    /// `None` if it is not to be kept.
    fn spelling(&self) -> Option<&Spelling>;
}

#[derive(Debug)]
pub(super) struct KnownKeys<T> {
    /// Segments are allocated when a key needs them.
    segments: Box<[OnceLock<Box<Segment<T>>>]>,
    seed: u64,
}

#[derive(Debug)]
struct Segment<T> {
    /// 30 bits of hash, whether the place is taken, whether it was used of late.
    tags: [AtomicU32; PLACES],
    kept: [ArcSwapOption<T>; PLACES],
    /// The place to look at next when one is needed. Held while a key is added.
    hand: Mutex<usize>,
}

impl<T: Spelled> KnownKeys<T> {
    /// Room for at least `keys` keys.
    pub(super) fn new(keys: usize) -> Self {
        let segments = keys.clamp(1, MAX_KEYS).div_ceil(PLACES).next_power_of_two();
        Self {
            segments: (0..segments).map(|_| OnceLock::new()).collect(),
            seed: std::hash::RandomState::new().hash_one(segments),
        }
    }

    /// What is kept for a key.
    #[inline]
    pub(super) fn get(&self, key: &Key) -> Option<Arc<T>> {
        let hash = self.mix(key.get_hash());
        self.segment(hash)?.get()?.get(tag(hash), key)
    }

    /// Keeps a handle for its key, unless another thread is adding to the segment; the handle that
    /// is kept, which is another when another thread was first.
    pub(super) fn keep(&self, key: &Key, handle: Arc<T>) -> Arc<T> {
        let hash = self.mix(key.get_hash());
        match self.segment(hash) {
            Some(segment) if handle.spelling().is_some() => segment
                .get_or_init(|| Box::new(Segment::new()))
                .keep(tag(hash), key, handle),
            _ => handle,
        }
    }

    fn segment(&self, hash: u64) -> Option<&OnceLock<Box<Segment<T>>>> {
        // The upper half picks the segment, the lower half is the tag.
        self.segments
            .get((hash >> 32) as usize & (self.segments.len() - 1))
    }

    /// So that which keys share a segment differs from process to process.
    const fn mix(&self, hash: u64) -> u64 {
        // 2^64 divided by the golden ratio, as in Fibonacci hashing.
        let wide = (hash ^ self.seed) as u128 * 0x9e37_79b9_7f4a_7c15;
        wide as u64 ^ (wide >> 64) as u64
    }
}

impl<T: Spelled> Segment<T> {
    fn new() -> Self {
        Self {
            tags: Default::default(),
            kept: Default::default(),
            hand: Mutex::new(0),
        }
    }

    #[inline]
    fn get(&self, tag: u32, key: &Key) -> Option<Arc<T>> {
        for (held, kept) in self.tags.iter().zip(&self.kept) {
            let found = held.load(Ordering::Acquire);
            if found & !USED != tag {
                continue;
            }
            let kept = kept.load();
            let is_of_key = |kept: &Arc<T>| kept.spelling().is_some_and(|s| s.is_of(key));
            if kept.as_ref().is_some_and(is_of_key) {
                if found & USED == 0 {
                    held.fetch_or(USED, Ordering::Relaxed);
                }
                return Guard::into_inner(kept);
            }
        }
        None
    }

    fn keep(&self, tag: u32, key: &Key, handle: Arc<T>) -> Arc<T> {
        let Ok(mut hand) = self.hand.try_lock() else {
            return handle;
        };
        if let Some(first) = self.get(tag, key) {
            return first;
        }
        // In the second round every place has been passed over.
        for _ in 0..2 * PLACES {
            let place = *hand % PLACES;
            *hand = place + 1;
            let (Some(held), Some(kept)) = (self.tags.get(place), self.kept.get(place)) else {
                continue;
            };
            if held.fetch_and(!USED, Ordering::Relaxed) & USED == 0 {
                kept.store(Some(Arc::clone(&handle)));
                held.store(tag, Ordering::Release);
                break;
            }
        }
        handle
    }
}

const fn tag(hash: u64) -> u32 {
    hash as u32 & !USED | TAKEN
}

const PLACES: usize = 8;
const TAKEN: u32 = 2;
const USED: u32 = 1;

/// The directory of segments stays below 2 MiB.
const MAX_KEYS: usize = 1 << 20;
