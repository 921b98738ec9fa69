//! Counters.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::Context;

use super::event::Event;
use super::exemplar::ThinSlot;
use super::facts::Facts;
use super::family::{Family, Instrument, Sealed};
use super::family_core::{Core, Origin};
use super::observer::{Absolute, FoldedSums, Sums};
use super::series::{Cell, Series};
use super::write::Scalar;
use super::{Exemplar, Kind, Value};
use crate::cardinality::GaugeFold;

/// One series of a counter family: a sum that only grows.
///
/// A handle stays valid as long as it is held, and its clones write to the same series. A write is
/// one relaxed atomic addition. The sum wraps at 2^64, which Prometheus reads as a reset.
#[derive(Clone, Debug)]
#[must_use = "a counter counts nothing by itself"]
pub struct Counter {
    core: Arc<Core<CounterCell>>,
    series: Arc<Series<CounterCell>>,
}

impl Counter {
    /// Adds one.
    #[inline]
    pub fn inc(&self) {
        self.add(1);
    }

    /// Adds `n`, with an exemplar from the current context if that is in a sampled span.
    #[inline]
    pub fn add(&self, n: u64) {
        self.core.write(&self.series, Origin::Handle, n, None);
    }

    /// Adds `n`, with an exemplar from `cx`: for code that finishes outside the context of the work
    /// it measures.
    #[inline]
    pub fn add_in(&self, n: u64, cx: &Context) {
        self.core.write(&self.series, Origin::Handle, n, Some(cx));
    }

    /// Brings the series up to a total that is counted elsewhere.
    ///
    /// It never falls: a total below the one that is there is refused and counted. So is any total
    /// where the series stands for several label sets ([`OTHER`](crate::cardinality::OTHER)),
    /// because one of them says nothing about the others; a
    /// [source](super::Registry::add_source) has them added up. On one series use this or
    /// [`add`](Self::add), not both.
    pub fn raise_to(&self, total: u64) {
        self.core.report(&self.series, total);
    }
}

impl Family<Counter> {
    /// Adds `n` to the series of these labels, as [`with`](Self::with) and [`Counter::add`] do,
    /// without making a handle.
    #[inline]
    pub fn add(&self, labels: &[(&str, &str)], n: u64) {
        self.core().write_labels(labels, n, None);
    }

    /// Adds `n` to the series of these labels, with an exemplar from `cx`.
    #[inline]
    pub fn add_in(&self, labels: &[(&str, &str)], n: u64, cx: &Context) {
        self.core().write_labels(labels, n, Some(cx));
    }
}

impl Instrument for Counter {}

impl Sealed for Counter {
    type Cell = CounterCell;

    fn from_parts(core: Arc<Core<CounterCell>>, series: Arc<Series<CounterCell>>) -> Self {
        Self { core, series }
    }

    fn parts(&self) -> (&Core<CounterCell>, &Arc<Series<CounterCell>>) {
        (&self.core, &self.series)
    }
}

#[derive(Debug, Default)]
pub(crate) struct CounterCell {
    value: AtomicU64,
    exemplar: ThinSlot,
}

impl CounterCell {
    fn total(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }
}

impl Cell for CounterCell {
    const KIND: Kind = Kind::Counter;

    fn new(_: &Facts, _: Option<GaugeFold>) -> Self {
        Self::default()
    }

    fn heap_bytes(_: &Facts) -> usize {
        0
    }

    fn amount(&self) -> Option<u64> {
        Some(self.total())
    }

    fn value<'a>(&'a self, _: &'a Facts) -> Value<'a> {
        Value::Counter(self.total())
    }

    fn exemplar(&self) -> Option<Exemplar> {
        self.exemplar.get()
    }
}

impl Scalar for CounterCell {
    type Write = u64;

    #[inline]
    fn write(&self, n: u64) -> Result<(), Event> {
        self.value.fetch_add(n, Ordering::Relaxed);
        Ok(())
    }

    #[inline]
    fn weight(n: u64) -> u64 {
        n
    }

    fn exemplar_slot(&self, n: u64) -> Option<(&ThinSlot, f64)> {
        Some((&self.exemplar, n as f64))
    }
}

impl Absolute for CounterCell {
    type Number = u64;

    fn plus(sum: u64, value: u64) -> u64 {
        sum.saturating_add(value)
    }

    fn refuses(_: u64) -> Option<Event> {
        None
    }

    fn report(&self, core: &Core<Self>, total: u64) {
        if self.value.fetch_max(total, Ordering::Relaxed) > total {
            core.events().add(Event::RejectedLowerTotal, 1);
        }
    }

    fn replace(&self, sum: u64) -> bool {
        self.value.swap(sum, Ordering::Relaxed) > sum
    }

    fn current(&self) -> u64 {
        self.total()
    }

    fn folded_sums(sums: &FoldedSums) -> &Sums<Self> {
        &sums.counters
    }
}
