//! Gauges: values at an instant.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::Kind;
use super::any_family::{AnyFamily, Unexposed};
use super::event::Event;
use super::facts::Facts;
use super::family::{Family, Instrument, Sealed};
use super::family_core::Core;
use super::series::Cell;
use super::sum::add_float;

/// One series of a gauge family.
///
/// A gauge is not additive. On a series that stands for several label sets
/// ([`OTHER`](crate::cardinality::OTHER)) the last write would say nothing about any of them, so
/// [`set`](Self::set) is dropped there and counted; [`add`](Self::add) folds exactly.
#[derive(Clone, Debug)]
#[must_use = "a gauge shows nothing by itself"]
pub struct Gauge {
    core: Arc<Core<GaugeCell>>,
    cell: Arc<GaugeCell>,
}

impl Gauge {
    /// Replaces the value. A value that is not a number is refused and counted.
    #[inline]
    pub fn set(&self, value: f64) {
        self.cell.set(&self.core, value);
    }

    /// Adds to the value. What is not finite is refused and counted.
    #[inline]
    pub fn add(&self, value: f64) {
        self.cell.add(&self.core, value);
    }
}

impl Family<Gauge> {
    /// Replaces the value of the series of these labels, without making a handle.
    #[inline]
    pub fn set(&self, labels: &[(&str, &str)], value: f64) {
        self.core()
            .with_series(labels, |series| series.cell().set(self.core(), value));
    }

    /// Adds to the value of the series of these labels, without making a handle.
    #[inline]
    pub fn add(&self, labels: &[(&str, &str)], value: f64) {
        self.core()
            .with_series(labels, |series| series.cell().add(self.core(), value));
    }
}

impl Instrument for Gauge {}

impl Sealed for Gauge {
    type Cell = GaugeCell;

    fn from_parts(core: Arc<Core<GaugeCell>>, cell: Arc<GaugeCell>) -> Self {
        Self { core, cell }
    }
}

#[derive(Debug)]
pub(crate) struct GaugeCell {
    /// The bits of a float.
    value: AtomicU64,
    folded: bool,
}

impl GaugeCell {
    #[inline]
    fn set(&self, core: &Core<Self>, value: f64) {
        if self.folded {
            core.events().add(Event::RejectedFoldedSet, 1);
        } else if value.is_nan() {
            core.events().add(Event::RejectedNan, 1);
        } else {
            self.value.store(value.to_bits(), Ordering::Relaxed);
        }
    }

    #[inline]
    fn add(&self, core: &Core<Self>, value: f64) {
        if value.is_nan() {
            core.events().add(Event::RejectedNan, 1);
        } else if value.is_infinite() {
            core.events().add(Event::RejectedInfinite, 1);
        } else if !add_float(&self.value, value) {
            core.events().add(Event::RejectedRange, 1);
        }
    }

    pub(super) fn value(&self) -> f64 {
        f64::from_bits(self.value.load(Ordering::Relaxed))
    }
}

impl Cell for GaugeCell {
    const KIND: Kind = Kind::Gauge;

    fn new(_: &Facts, folded: bool) -> Self {
        Self {
            value: AtomicU64::new(0),
            folded,
        }
    }

    fn into_family(core: Arc<Core<Self>>) -> AnyFamily {
        AnyFamily::Gauge(core)
    }

    fn from_family(family: &AnyFamily) -> Option<&Arc<Core<Self>>> {
        match family {
            AnyFamily::Gauge(core) => Some(core),
            _ => None,
        }
    }

    fn unexposed(families: &Unexposed) -> &OnceLock<Arc<Core<Self>>> {
        &families.gauge
    }
}
