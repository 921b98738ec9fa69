//! One series: its labels, when it began, and its value.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::Kind;
use super::any_family::{AnyFamily, Unexposed};
use super::facts::Facts;
use super::family_core::Core;
use crate::cardinality::Key;

/// One label set of a family, small, because there are thousands.
///
/// What every lookup reads stands apart from the cell that every write changes: on one cache line a
/// lookup would wait for the write of another thread to some series beside its own.
pub(crate) struct Series<C> {
    /// Rendered, escaped, sorted: the only copy of the labels.
    labels: Box<str>,
    key: Key,
    /// Seconds since the registry was built; the highest bit says that it stands for several label
    /// sets, because a field of its own would cost eight bytes a series.
    created: AtomicU32,
    cell: Arc<C>,
}

/// What a series of some kind counts in.
pub(crate) trait Cell: fmt::Debug + Send + Sync + Sized + 'static {
    const KIND: Kind;

    /// `folded`: the series stands for several label sets.
    fn new(facts: &Facts, folded: bool) -> Self;

    fn into_family(core: Arc<Core<Self>>) -> AnyFamily;

    fn from_family(family: &AnyFamily) -> Option<&Arc<Core<Self>>>;

    /// Where a registry keeps the one family of this kind that takes writes and is not exposed.
    fn unexposed(families: &Unexposed) -> &OnceLock<Arc<Core<Self>>>;
}

impl<C> Series<C> {
    /// `folded`: the series stands for several label sets.
    pub(super) fn new(
        labels: Box<str>,
        key: Key,
        since_start: Duration,
        folded: bool,
        cell: C,
    ) -> Self {
        let flag = if folded { FOLDED } else { 0 };
        Self {
            labels,
            key,
            created: AtomicU32::new(seconds(since_start) | flag),
            cell: Arc::new(cell),
        }
    }

    pub(super) fn labels(&self) -> &str {
        &self.labels
    }

    #[inline]
    pub(super) const fn key(&self) -> Key {
        self.key
    }

    pub(super) fn created(&self) -> Duration {
        let seconds = self.created.load(Ordering::Relaxed) & !FOLDED;
        Duration::from_secs(seconds.into())
    }

    pub(super) fn is_folded(&self) -> bool {
        self.created.load(Ordering::Relaxed) & FOLDED != 0
    }

    /// Begins anew: what is counted from here on has no relation to what was.
    pub(super) fn restart(&self, since_start: Duration) {
        let flag = self.created.load(Ordering::Relaxed) & FOLDED;
        let created = seconds(since_start) | flag;
        self.created.store(created, Ordering::Relaxed);
    }

    #[inline]
    pub(super) const fn cell(&self) -> &Arc<C> {
        &self.cell
    }
}

impl<C> fmt::Debug for Series<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Series")
            .field("labels", &self.labels)
            .finish_non_exhaustive()
    }
}

fn seconds(since_start: Duration) -> u32 {
    let most = !FOLDED;
    u32::try_from(since_start.as_secs()).map_or(most, |seconds| seconds.min(most))
}

/// Leaves 68 years for the age.
const FOLDED: u32 = 1 << 31;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::counter::CounterCell;
    use crate::registry::gauge::GaugeCell;
    use crate::registry::histogram::HistogramCell;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn a_series_is_small() {
        assert_eq!(size_of::<OnceLock<Series<CounterCell>>>(), 40);
        // And the two counts of the `Arc`.
        assert_eq!(size_of::<CounterCell>(), 24);
        assert_eq!(size_of::<GaugeCell>(), 16);
        // And eight bytes a bucket.
        assert_eq!(size_of::<HistogramCell>(), 56);
    }
}
