//! The series of a family: found without a lock, added under one, listed in order.
//!
//! A series stands in a list that only grows, an index leads to its position, and an exposition
//! reads the positions in the order of their label text. Nothing of what a writer reads is ever
//! replaced. See `docs/adr/0002-lock-free-table.md`.

use std::sync::{Arc, Mutex, PoisonError};

use super::index::Index;
use super::label_text;
use super::series::Series;
use super::series_list::SeriesList;
use crate::cardinality::{Key, LabelSet, Shape};

#[derive(Debug)]
pub(super) struct Table<C> {
    index: Index,
    series: SeriesList<C>,
    /// Positions sorted by label text, as of the last collection.
    order: Mutex<Option<Arc<[u32]>>>,
}

impl<C> Table<C> {
    /// A table of at most `limit` series.
    pub(super) const fn new(limit: u32) -> Self {
        Self {
            index: Index::new(limit),
            series: SeriesList::new(limit),
            order: Mutex::new(None),
        }
    }

    /// The series with this key and the values of the caller's pairs, whose names are those of
    /// `shape`.
    #[inline]
    pub(super) fn find_pairs(
        &self,
        key: Key,
        shape: &Shape,
        pairs: &[(&str, &str)],
    ) -> Option<&Series<C>> {
        self.index.find(key, |position| {
            let series = self.series.get(position)?;
            let same = series.key().same_names_and_hash(key)
                && label_text::has_values(series.labels(), series.key(), shape, pairs);
            same.then_some(series)
        })
    }

    /// The series of a label set in canonical form.
    pub(super) fn find_set(&self, set: &LabelSet<'_>) -> Option<&Series<C>> {
        let key = Key::new(set.hash(), 0);
        self.index.find(key, |position| {
            let series = self.series.get(position)?;
            let same = series.key().same_hash(key)
                && label_text::is_rendering(series.labels(), series.key(), set);
            same.then_some(series)
        })
    }

    /// Adds a series that is not there yet, and tells its position; `None` when the table is full.
    ///
    /// The caller holds the admission lock of the family.
    pub(super) fn push(&self, series: Series<C>) -> Option<(usize, &Series<C>)> {
        let (position, series) = self.series.push(series)?;
        let key_of = |position| self.series.get(position).map(Series::key);
        self.index.insert(series.key(), position, key_of);
        self.series.publish();
        Some((position, series))
    }

    #[inline]
    pub(super) fn get(&self, position: usize) -> Option<&Series<C>> {
        self.series.get(position)
    }

    pub(super) fn len(&self) -> usize {
        self.series.len()
    }

    pub(super) const fn limit(&self) -> usize {
        self.series.limit()
    }

    /// The positions of all series in the order of their label text.
    ///
    /// Kept until a series is added; only collections wait for each other here.
    pub(super) fn order(&self) -> Arc<[u32]> {
        let mut kept = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.as_deref().unwrap_or_default();
        let len = self.len();
        if let Some(order) = &*kept
            && order.len() == len
        {
            return Arc::clone(order);
        }
        let added = known.len() as u32..len as u32;
        let mut series: Vec<_> = known
            .iter()
            .copied()
            .chain(added)
            .filter_map(|position| Some((self.get(position as usize)?.labels(), position)))
            .collect();
        // A merge, in effect: the sort finds the run that is sorted already.
        series.sort_by_key(|(labels, _)| *labels);
        let order: Arc<[u32]> = series.iter().map(|(_, position)| *position).collect();
        *kept = Some(Arc::clone(&order));
        order
    }
}
