//! One series: its labels, when it began, and its value.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::facts::Facts;
use super::pulse::Pulse;
use super::{Exemplar, Kind, Value};
use crate::cardinality::{AtomicKey, GaugeFold, Key};

/// One label set of a family, small and in one piece, because there are thousands.
pub(crate) struct Series<C> {
    /// Rendered, escaped, sorted: the only copy of the labels.
    labels: Box<str>,
    key: AtomicKey,
    pulse: Pulse,
    /// Seconds since the registry was built; the top bit is set if the series stands for several
    /// label sets.
    created: AtomicU32,
    /// Seconds since the registry was built; kept for families whose series expire.
    last_seen: AtomicU32,
    cell: C,
}

/// What a series of some kind counts in.
pub(crate) trait Cell: fmt::Debug + Send + Sync + Sized + 'static {
    const KIND: Kind;

    /// `fold` is set if the series stands for several label sets, and says what that means for a
    /// gauge.
    fn new(facts: &Facts, fold: Option<GaugeFold>) -> Self;

    /// Bytes on the heap, beside the cell itself.
    fn heap_bytes(facts: &Facts) -> usize;

    /// How much was measured, where that is a sum that only grows.
    fn amount(&self) -> Option<u64>;

    /// The value now.
    fn value<'a>(&'a self, facts: &'a Facts) -> Value<'a>;

    /// Its exemplar, if the kind has one for the whole series.
    fn exemplar(&self) -> Option<Exemplar> {
        None
    }
}

impl<C> Series<C> {
    pub(super) fn new(
        labels: Box<str>,
        key: Key,
        since_start: Duration,
        folded: bool,
        cell: C,
    ) -> Self {
        let now = seconds(since_start);
        let flag = if folded { FOLDED } else { 0 };
        Self {
            labels,
            key: AtomicKey::new(key),
            pulse: Pulse::new(),
            created: AtomicU32::new(now | flag),
            last_seen: AtomicU32::new(now),
            cell,
        }
    }

    pub(super) fn labels(&self) -> &str {
        &self.labels
    }

    #[inline]
    pub(super) fn key(&self) -> Key {
        self.key.load()
    }

    /// Gives the series its key in another numbering of label names.
    pub(super) fn set_key(&self, key: Key) {
        self.key.store(key);
    }

    #[inline]
    pub(super) const fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    pub(super) fn created(&self) -> Duration {
        let created = self.created.load(Ordering::Relaxed) & !FOLDED;
        Duration::from_secs(created.into())
    }

    /// Whether it stands for several label sets.
    pub(super) fn is_folded(&self) -> bool {
        self.created.load(Ordering::Relaxed) & FOLDED != 0
    }

    /// Begins anew, because the value fell.
    pub(super) fn restart(&self, since_start: Duration) {
        let flag = self.created.load(Ordering::Relaxed) & FOLDED;
        self.created
            .store(seconds(since_start) | flag, Ordering::Relaxed);
    }

    pub(super) fn last_seen(&self) -> Duration {
        Duration::from_secs(self.last_seen.load(Ordering::Relaxed).into())
    }

    pub(super) fn see(&self, since_start: Duration) {
        self.last_seen
            .store(seconds(since_start), Ordering::Relaxed);
    }

    #[inline]
    pub(super) const fn cell(&self) -> &C {
        &self.cell
    }

    /// Bytes on the heap of a series with these labels, its place in the table included.
    pub(super) fn bytes(labels: usize, facts: &Facts) -> usize
    where
        C: Cell,
    {
        /// The two counts of the `Arc`, the pointer in the list, and the slot in the index.
        const AROUND: usize = 16 + 16 + 8;
        size_of::<Self>() + AROUND + labels + C::heap_bytes(facts)
    }
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).map_or(!FOLDED, |seconds| seconds.min(!FOLDED))
}

const FOLDED: u32 = 1 << 31;

impl<C> fmt::Debug for Series<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Series")
            .field("labels", &self.labels)
            .field("pulse", &self.pulse)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, OnceLock};

    use super::*;
    use crate::registry::counter::CounterCell;
    use crate::registry::gauge::GaugeCell;
    use crate::registry::histogram::HistogramCell;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn a_series_is_small() {
        assert_eq!(size_of::<OnceLock<Arc<Series<CounterCell>>>>(), 16);
        // And the two counts of the `Arc`.
        assert_eq!(size_of::<Series<CounterCell>>(), 48);
        assert_eq!(size_of::<Series<GaugeCell>>(), 48);
        // And eight bytes a bucket.
        assert_eq!(size_of::<Series<HistogramCell>>(), 88);
    }
}
