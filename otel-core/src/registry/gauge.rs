//! Gauges: values at an instant.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::event::Event;
use super::facts::Facts;
use super::family::{Family, Instrument, Sealed};
use super::family_core::{Core, Origin};
use super::series::{Cell, Series};
use super::sum::add_float;
use super::write::Scalar;
use super::{Kind, Value};
use crate::cardinality::GaugeFold;

/// One series of a gauge family.
///
/// A gauge is not additive. On a series that stands for several label sets
/// ([`OTHER`](crate::cardinality::OTHER)) the last write would say nothing about any of them, so
/// [`set`](Self::set) is dropped there and counted, unless the policy of the family names another
/// [`GaugeFold`]; [`add`](Self::add) folds exactly.
#[derive(Clone, Debug)]
#[must_use = "a gauge shows nothing by itself"]
pub struct Gauge {
    core: Arc<Core<GaugeCell>>,
    series: Arc<Series<GaugeCell>>,
}

impl Gauge {
    /// Replaces the value. A value that is not a number is refused and counted.
    #[inline]
    pub fn set(&self, value: f64) {
        self.core
            .write(&self.series, Origin::Handle, GaugeWrite::Set(value), None);
    }

    /// Adds to the value. What is not finite is refused and counted.
    #[inline]
    pub fn add(&self, value: f64) {
        self.core
            .write(&self.series, Origin::Handle, GaugeWrite::Add(value), None);
    }
}

impl Family<Gauge> {
    /// Replaces the value of the series of these labels, without making a handle.
    #[inline]
    pub fn set(&self, labels: &[(&str, &str)], value: f64) {
        self.core()
            .write_labels(labels, GaugeWrite::Set(value), None);
    }

    /// Adds to the value of the series of these labels, without making a handle.
    #[inline]
    pub fn add(&self, labels: &[(&str, &str)], value: f64) {
        self.core()
            .write_labels(labels, GaugeWrite::Add(value), None);
    }
}

impl Instrument for Gauge {}

impl Sealed for Gauge {
    type Cell = GaugeCell;

    fn from_parts(core: Arc<Core<GaugeCell>>, series: Arc<Series<GaugeCell>>) -> Self {
        Self { core, series }
    }

    fn parts(&self) -> (&Core<GaugeCell>, &Arc<Series<GaugeCell>>) {
        (&self.core, &self.series)
    }
}

/// What is done to a gauge.
#[derive(Clone, Copy)]
pub(crate) enum GaugeWrite {
    Set(f64),
    Add(f64),
}

#[derive(Debug)]
pub(crate) struct GaugeCell {
    /// The bits of a float.
    value: AtomicU64,
    /// The series stands for several label sets; what a write to it means.
    fold: Option<GaugeFold>,
}

impl GaugeCell {
    #[inline]
    fn set(&self, value: f64) -> Result<(), Event> {
        if value.is_nan() {
            return Err(Event::RejectedNan);
        }
        match self.fold {
            None | Some(GaugeFold::Last) => self.value.store(value.to_bits(), Ordering::Relaxed),
            Some(GaugeFold::Drop) => return Err(Event::RejectedFoldedSet),
            Some(GaugeFold::Max) => self.keep_if(|held| value > held, value),
            Some(GaugeFold::Min) => self.keep_if(|held| value < held, value),
        }
        Ok(())
    }

    fn keep_if(&self, better: impl Fn(f64) -> bool, value: f64) {
        let keep = |held| better(f64::from_bits(held)).then(|| value.to_bits());
        let _ = self
            .value
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, keep);
    }

    #[inline]
    fn add(&self, value: f64) -> Result<(), Event> {
        if value.is_nan() {
            Err(Event::RejectedNan)
        } else if value.is_infinite() {
            Err(Event::RejectedInfinite)
        } else if add_float(&self.value, value) {
            Ok(())
        } else {
            Err(Event::RejectedRange)
        }
    }

    fn total(&self) -> f64 {
        f64::from_bits(self.value.load(Ordering::Relaxed))
    }
}

impl Cell for GaugeCell {
    const KIND: Kind = Kind::Gauge;

    fn new(_: &Facts, fold: Option<GaugeFold>) -> Self {
        // The first value beats what is there before it.
        let empty = match fold {
            Some(GaugeFold::Max) => f64::NEG_INFINITY,
            Some(GaugeFold::Min) => f64::INFINITY,
            _ => 0.0,
        };
        Self {
            value: AtomicU64::new(empty.to_bits()),
            fold,
        }
    }

    fn heap_bytes(_: &Facts) -> usize {
        0
    }

    fn amount(&self) -> Option<u64> {
        None
    }

    fn value<'a>(&'a self, _: &'a Facts) -> Value<'a> {
        Value::Gauge(self.total())
    }
}

impl Scalar for GaugeCell {
    type Write = GaugeWrite;

    #[inline]
    fn write(&self, write: GaugeWrite) -> Result<(), Event> {
        match write {
            GaugeWrite::Set(value) => self.set(value),
            GaugeWrite::Add(value) => self.add(value),
        }
    }

    #[inline]
    fn weight(_: GaugeWrite) -> u64 {
        0
    }
}
