//! A family of series, as its users hold it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::family_core::Core;
use super::label_text;
use super::series::{Cell, Series};
use crate::cardinality::{Key, same_label};

/// A kind of handle a [`Family`] hands out: [`Counter`](super::Counter),
/// [`FloatCounter`](super::FloatCounter), [`UpDownCounter`](super::UpDownCounter),
/// [`FloatUpDownCounter`](super::FloatUpDownCounter), [`Gauge`](super::Gauge),
/// [`Histogram`](super::Histogram), [`Info`](super::Info) or [`State`](super::State). Sealed.
#[expect(private_bounds, reason = "sealed")]
pub trait Instrument: Sealed {
    /// The labels of the series, by exposed name; those it was folded into, if it was.
    fn labels(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let (_, series) = self.parts();
        label_text::pairs(series.labels())
    }

    /// Whether the series stands for several label sets.
    fn is_folded(&self) -> bool {
        let (_, series) = self.parts();
        series.is_folded()
    }

    /// Takes the series out of the exposition; whether it was there.
    ///
    /// Whoever holds it goes on writing; such writes are counted as
    /// [orphans](super::Event::OrphanWrite). When the labels are registered or written again by name
    /// the series comes back with the total it has by then, unless its room was needed meanwhile. A
    /// family's series of last resort stays.
    fn remove(&self) -> bool {
        let (core, series) = self.parts();
        core.remove(series)
    }
}

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
            Arc::new(Series::new(
                Box::default(),
                Key::new(0, 0),
                now,
                false,
                cell,
            ))
        });
        K::from_parts(Arc::clone(&self.core), series)
    }

    /// Makes the series of these label sets, at zero, so that a rate has something to rise from.
    pub fn preset<'l>(&self, sets: impl IntoIterator<Item = &'l [(&'l str, &'l str)]>) {
        for labels in sets {
            let _ = self.core.series_of(labels);
        }
    }

    /// [Removes](Instrument::remove) the series of exactly these labels; whether it was there.
    #[expect(clippy::must_use_candidate, reason = "done for what it does")]
    pub fn remove(&self, labels: &[(&str, &str)]) -> bool {
        let is_same = |series: &Series<K::Cell>| {
            label_text::pairs(series.labels()).count() == labels.len() && has(series, labels)
        };
        self.core.remove_where(is_same) > 0
    }

    /// [Removes](Instrument::remove) every series that has these labels among its own; how many
    /// there were.
    #[expect(clippy::must_use_candidate, reason = "done for what it does")]
    pub fn remove_matching(&self, labels: &[(&str, &str)]) -> usize {
        self.core.remove_where(|series| has(series, labels))
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

/// Whether a series has all of these labels.
fn has<C>(series: &Series<C>, labels: &[(&str, &str)]) -> bool {
    labels.iter().all(|(name, value)| {
        label_text::pairs(series.labels())
            .any(|(exposed, held)| same_label(exposed, name) && held == *value)
    })
}
