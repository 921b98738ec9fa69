//! The series of a family: found without a lock, added under one.
//!
//! An index of `AtomicU32` slots, open-addressed with linear probing, points into two arrays: the
//! series that were there when the table was built, sorted by label text as an exposition wants
//! them, and those added since, each set once in its `OnceLock`. A full table is replaced by a
//! larger one with everything sorted. Whoever reads holds an `Arc` of the table it started with.
//!
//! A slot, once set, never changes, and one slot is always empty; so a search ends, and what it
//! finds is whole. See `docs/adr/0002-lock-free-table.md`.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use super::label_text;
use super::series::Series;
use crate::cardinality::{Key, LabelHasher, LabelSet, Shape};

#[derive(Debug)]
pub(super) struct Table<C> {
    /// 12 bits of tag, 20 bits of position plus one; zero is empty.
    index: Box<[AtomicU32]>,
    sorted: Box<[Arc<Series<C>>]>,
    recent: Box<[OnceLock<Arc<Series<C>>>]>,
    used: AtomicU32,
}

impl<C> Table<C> {
    pub(super) fn empty() -> Self {
        Self {
            index: Box::default(),
            sorted: Box::default(),
            recent: Box::default(),
            used: AtomicU32::new(0),
        }
    }

    /// The series of the caller's pairs, whose names are those of `shape`.
    #[inline]
    pub(super) fn find_pairs(
        &self,
        hasher: &LabelHasher,
        shape: &Shape,
        pairs: &[(&str, &str)],
    ) -> Option<&Arc<Series<C>>> {
        let mut sum = 0_u64;
        for label in shape.labels() {
            let (_, value) = pairs.get(label.at())?;
            sum = sum.wrapping_add(hasher.value(label.seed, value));
        }
        let key = Key::new(sum, shape.set());
        self.find(key, |series| {
            series.key().same_names_and_hash(key)
                && label_text::has_values(series.labels(), series.key(), shape, pairs)
        })
    }

    /// The series of a label set in canonical form.
    pub(super) fn find_set(&self, set: &LabelSet<'_>) -> Option<&Arc<Series<C>>> {
        let key = Key::new(set.hash(), 0);
        self.find(key, |series| {
            series.key().same_hash(key)
                && label_text::is_rendering(series.labels(), series.key(), set)
        })
    }

    /// Adds a series that is not there yet; `false` when the table is full.
    ///
    /// The caller holds the admission lock of the family.
    pub(super) fn push(&self, series: &Arc<Series<C>>) -> bool {
        let used = self.used.load(Ordering::Relaxed);
        let Some(place) = self.recent.get(used as usize) else {
            return false;
        };
        place.get_or_init(|| Arc::clone(series));
        self.index(series.key(), self.sorted.len() + used as usize);
        self.used.store(used + 1, Ordering::Release);
        true
    }

    /// A table with the same series, all sorted, and with room for half as many again, but for no
    /// more than `limit` in total.
    pub(super) fn rebuilt(&self, limit: usize) -> Self {
        let mut series: Vec<_> = self
            .sorted
            .iter()
            .chain(self.recent())
            .map(Arc::clone)
            .collect();
        // A merge, in effect: the sort finds the run that is sorted already.
        series.sort_by(|a, b| a.labels().cmp(b.labels()));
        let room = (series.len() / 2)
            .max(4)
            .min(limit.saturating_sub(series.len()));
        let capacity = (series.len() + room) * 3 / 2 + 1;
        let table = Self {
            index: (0..capacity).map(|_| AtomicU32::new(0)).collect(),
            sorted: series.into(),
            recent: (0..room).map(|_| OnceLock::new()).collect(),
            used: AtomicU32::new(0),
        };
        for (position, series) in table.sorted.iter().enumerate() {
            table.index(series.key(), position);
        }
        table
    }

    pub(super) fn len(&self) -> usize {
        self.sorted.len() + self.used.load(Ordering::Acquire) as usize
    }

    /// Whether [`sorted`](Self::sorted) is all there is.
    pub(super) fn is_sorted(&self) -> bool {
        self.used.load(Ordering::Acquire) == 0
    }

    pub(super) fn sorted(&self) -> &[Arc<Series<C>>] {
        &self.sorted
    }

    fn recent(&self) -> impl Iterator<Item = &Arc<Series<C>>> {
        let used = self.used.load(Ordering::Acquire) as usize;
        self.recent.iter().take(used).filter_map(OnceLock::get)
    }

    #[inline]
    fn find(&self, key: Key, same: impl Fn(&Series<C>) -> bool) -> Option<&Arc<Series<C>>> {
        let mut at = key.home(self.index.len());
        loop {
            let slot = self.index.get(at)?.load(Ordering::Acquire);
            if slot == 0 {
                return None;
            }
            if slot >> POSITION_BITS == key.tag()
                && let Some(series) = self.at((slot & POSITION_MASK) as usize - 1)
                && same(series)
            {
                return Some(series);
            }
            at += 1;
            if at == self.index.len() {
                at = 0;
            }
        }
    }

    #[inline]
    fn at(&self, position: usize) -> Option<&Arc<Series<C>>> {
        match self.sorted.get(position) {
            Some(series) => Some(series),
            None => self.recent.get(position - self.sorted.len())?.get(),
        }
    }

    /// Points the first free slot of the key at a position.
    fn index(&self, key: Key, position: usize) {
        let slot = key.tag() << POSITION_BITS | (position as u32 + 1) & POSITION_MASK;
        let (before, after) = self.index.split_at(key.home(self.index.len()));
        let free = after
            .iter()
            .chain(before)
            .find(|slot| slot.load(Ordering::Relaxed) == 0);
        if let Some(free) = free {
            free.store(slot, Ordering::Release);
        }
    }
}

const POSITION_BITS: u32 = 20;
const POSITION_MASK: u32 = (1 << POSITION_BITS) - 1;
