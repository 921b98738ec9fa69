//! A family of series, as its users hold it.

use std::fmt;
use std::sync::Arc;

use super::family_core::Core;
use super::series::{Cell, Series};
use crate::cardinality::Key;

/// A kind of handle a [`Family`] hands out: [`Counter`](super::Counter),
/// [`FloatCounter`](super::FloatCounter), [`UpDownCounter`](super::UpDownCounter),
/// [`FloatUpDownCounter`](super::FloatUpDownCounter), [`Gauge`](super::Gauge) or
/// [`Histogram`](super::Histogram). Sealed.
#[expect(private_bounds, reason = "sealed")]
pub trait Instrument: Sealed {}

pub(crate) trait Sealed: Sized {
    type Cell: Cell;

    fn from_parts(core: Arc<Core<Self::Cell>>, series: Arc<Series<Self::Cell>>) -> Self;

    fn parts(&self) -> (&Core<Self::Cell>, &Arc<Series<Self::Cell>>);
}

/// All series of one name. Cheap to clone; clones are the same family.
///
/// ```
/// use otel_core::registry::Registry;
///
/// let registry = Registry::new();
/// let requests = registry.counter("requests");
/// requests.add(&[("method", "GET"), ("status", "200")], 1);
///
/// let held = requests.with(&[("status", "200"), ("method", "GET")]);
/// held.inc();
/// # let snapshot = registry.collect();
/// # let family = snapshot.family("requests").unwrap();
/// # let series = family.series().next().unwrap();
/// # assert_eq!(series.labels(), r#"method="GET",status="200""#);
/// # assert_eq!(series.value().as_counter(), Some(2));
/// ```
#[must_use = "a family measures nothing by itself"]
pub struct Family<K: Instrument> {
    core: Arc<Core<K::Cell>>,
}

impl<K: Instrument> Family<K> {
    /// The series of these labels.
    ///
    /// The order of the pairs does not matter. A pair with an empty value is as good as absent. Of
    /// a name given twice the later value is taken, a reserved name (`le`, `quantile`, a leading
    /// `__`) is dropped, a long value is cut; all of these are counted. When a budget is spent the
    /// handle leads to the series the label set was folded into, and the fold is counted once, not
    /// for each write through the handle.
    #[must_use]
    pub fn with(&self, labels: &[(&str, &str)]) -> K {
        let series = self.core.series_of(labels).unwrap_or_else(|| {
            let cell = Cell::new(self.core.facts(), None);
            let now = self.core.shared().since_start();
            Arc::new(Series::new(Box::default(), Key::new(0, 0), now, false, cell))
        });
        K::from_parts(Arc::clone(&self.core), series)
    }

    /// The name this family is exposed under, without the suffixes of its samples.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.core.facts().exposed
    }

    pub(super) const fn new(core: Arc<Core<K::Cell>>) -> Self {
        Self { core }
    }

    #[inline]
    pub(super) const fn core(&self) -> &Arc<Core<K::Cell>> {
        &self.core
    }
}

impl<K: Instrument> Clone for Family<K> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.core))
    }
}

impl<K: Instrument> fmt::Debug for Family<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family")
            .field("name", &self.name())
            .field("kind", &self.core.facts().kind)
            .field("series", &self.core.series())
            .finish()
    }
}
