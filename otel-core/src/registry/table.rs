//! The series of a family: found without a lock, added under one, listed in order.
//!
//! A series stands in a list that only grows, an index leads to its position, and an exposition
//! reads the positions in the order of their label text. Nothing of what a writer reads is ever
//! replaced. See `docs/adr/0002-lock-free-table.md`.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::index::Index;
use super::label_text;
use super::series::Series;
use super::series_list::SeriesList;
use crate::cardinality::{Column, Key, LabelSet, Shape};

#[derive(Debug)]
pub(super) struct Table<C> {
    index: Index,
    series: SeriesList<C>,
    /// Series that are not live.
    resting: AtomicU32,
    /// How often a series came to rest or was resumed.
    changes: AtomicU32,
    order: Mutex<Option<Box<Order>>>,
}

/// Positions of the live series sorted by label text, as of a collection.
#[derive(Debug)]
struct Order {
    positions: Arc<[u32]>,
    /// Series there were, live or not.
    len: usize,
    changes: u32,
}

impl<C> Table<C> {
    /// A table of at most `limit` series.
    pub(super) const fn new(limit: u32) -> Self {
        Self {
            index: Index::new(limit),
            series: SeriesList::new(limit),
            resting: AtomicU32::new(0),
            changes: AtomicU32::new(0),
            order: Mutex::new(None),
        }
    }

    /// Bytes that the first series takes apart from itself.
    pub(super) const fn first_bytes(&self) -> usize {
        self.index.first_bytes() + self.series.first_bytes()
    }

    /// The series with this key and the values of the caller's pairs, whose names are those of
    /// `shape`.
    #[inline]
    pub(super) fn find_pairs(
        &self,
        key: Key,
        shape: &Shape,
        pairs: &[(&str, &str)],
    ) -> Option<&Arc<Series<C>>> {
        self.index.find(key, |position| {
            let series = self.series.get(position)?;
            let same = series.key().same_names_and_hash(key)
                && label_text::has_values(series.labels(), series.key(), shape, pairs);
            same.then_some(series)
        })
    }

    /// The series with this key and these values of labels whose names are given once.
    #[inline]
    pub(super) fn find_columns<const N: usize>(
        &self,
        key: Key,
        columns: &[Column; N],
        values: &[&str; N],
    ) -> Option<&Arc<Series<C>>> {
        self.index.find(key, |position| {
            let series = self.series.get(position)?;
            let same = series.key().same_names_and_hash(key)
                && label_text::has_columns(series.labels(), series.key(), columns, values);
            same.then_some(series)
        })
    }

    /// The live series of a label set in canonical form.
    pub(super) fn find_live(&self, set: &LabelSet<'_>) -> Option<&Arc<Series<C>>> {
        let found = self.find_set(set);
        found.filter(|series| series.pulse().is_live())
    }

    /// The series of a label set in canonical form, live or not.
    pub(super) fn find_set(&self, set: &LabelSet<'_>) -> Option<&Arc<Series<C>>> {
        let key = Key::new(set.hash(), 0);
        self.index.find(key, |position| {
            let series = self.series.get(position)?;
            let same = series.key().same_hash(key)
                && label_text::is_rendering(series.labels(), series.key(), set);
            same.then_some(series)
        })
    }

    /// Adds a series that is not there yet; `None` when the table is full.
    ///
    /// The caller holds the admission lock of the family.
    pub(super) fn push(&self, series: Arc<Series<C>>) -> Option<&Arc<Series<C>>> {
        if !series.pulse().is_live() {
            self.resting.fetch_add(1, Ordering::Release);
        }
        let (position, series) = self.series.push(series)?;
        let key_of = |position| self.series.get(position).map(|series| series.key());
        self.index.insert(series.key(), position, key_of);
        self.series.publish();
        Some(series)
    }

    /// Takes note of a series that came to rest.
    pub(super) fn rested(&self) {
        self.resting.fetch_add(1, Ordering::Release);
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// Takes note of a series that is live again.
    pub(super) fn resumed(&self) {
        self.resting.fetch_sub(1, Ordering::Release);
        self.changes.fetch_add(1, Ordering::Release);
    }

    #[inline]
    pub(super) fn get(&self, position: usize) -> Option<&Arc<Series<C>>> {
        self.series.get(position)
    }

    /// Every series, live or not, in order of arrival.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Series<C>>> {
        (0..self.len()).filter_map(|position| self.get(position))
    }

    /// Series, live or not.
    pub(super) fn len(&self) -> usize {
        self.series.len()
    }

    /// Series that are exposed.
    pub(super) fn live(&self) -> usize {
        self.len().saturating_sub(self.resting())
    }

    pub(super) fn resting(&self) -> usize {
        self.resting.load(Ordering::Acquire) as usize
    }

    pub(super) const fn limit(&self) -> usize {
        self.series.limit()
    }

    /// The positions of the live series in the order of their label text.
    ///
    /// Kept until that changes; only collections wait for each other here.
    pub(super) fn order(&self) -> Arc<[u32]> {
        let mut kept = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        let (len, changes) = (self.len(), self.changes.load(Ordering::Acquire));
        if let Some(order) = &*kept
            && (order.len, order.changes) == (len, changes)
        {
            return Arc::clone(&order.positions);
        }
        // What was sorted already comes first: the sort finds the run, and merges in effect.
        let sorted = kept.as_ref().filter(|order| order.changes == changes);
        let (known, seen) = sorted.map_or((&[][..], 0), |order| (&*order.positions, order.len));
        let live = |position: u32| {
            let series = self.get(position as usize)?;
            let live = series.pulse().is_live();
            live.then(|| (series.labels(), position))
        };
        let positions = known.iter().copied().chain(seen as u32..len as u32);
        let mut series: Vec<_> = positions.filter_map(live).collect();
        series.sort_by_key(|(labels, _)| *labels);
        let positions: Arc<[u32]> = series.iter().map(|(_, position)| *position).collect();
        *kept = Some(Box::new(Order {
            positions: Arc::clone(&positions),
            len,
            changes,
        }));
        positions
    }
}
