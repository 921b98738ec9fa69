//! Up-down counters: sums that may fall.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::event::Event;
use super::facts::Facts;
use super::family::{Family, Instrument, Sealed};
use super::family_core::{Core, Origin};
use super::observer::{Absolute, FoldedSums, Sums};
use super::series::{Cell, Series};
use super::write::Scalar;
use super::{Kind, Value};
use crate::cardinality::GaugeFold;

/// One series of an up-down counter family: a number of things in existence, such as requests in
/// flight. Additions fold exactly.
///
/// What goes up through a handle comes down in the same series, whatever becomes of that meanwhile.
#[derive(Clone, Debug)]
#[must_use = "an up-down counter counts nothing by itself"]
pub struct UpDownCounter {
    core: Arc<Core<UpDownCounterCell>>,
    series: Arc<Series<UpDownCounterCell>>,
}

impl UpDownCounter {
    /// Adds one.
    #[inline]
    pub fn inc(&self) {
        self.add(1);
    }

    /// Takes one away.
    #[inline]
    pub fn dec(&self) {
        self.add(-1);
    }

    /// Adds `n`, which may be negative.
    #[inline]
    pub fn add(&self, n: i64) {
        self.core.write(&self.series, Origin::Handle, n, None);
    }

    /// Replaces the sum by one that is kept elsewhere.
    ///
    /// Refused and counted where the series stands for several label sets
    /// ([`OTHER`](crate::cardinality::OTHER)), because one of them says nothing about the others; a
    /// [source](super::Registry::add_source) has them added up.
    pub fn set(&self, sum: i64) {
        self.core.report(&self.series, sum);
    }
}

impl Family<UpDownCounter> {
    /// Adds `n` to the series of these labels, without making a handle.
    ///
    /// What goes up must come down in the same series: hold a handle from
    /// [`with`](Self::with) for a pair of writes, because a label set that was folded may find
    /// another place later.
    #[inline]
    pub fn add(&self, labels: &[(&str, &str)], n: i64) {
        self.core().write_labels(labels, n, None);
    }
}

impl Instrument for UpDownCounter {}

impl Sealed for UpDownCounter {
    type Cell = UpDownCounterCell;

    fn from_parts(
        core: Arc<Core<UpDownCounterCell>>,
        series: Arc<Series<UpDownCounterCell>>,
    ) -> Self {
        Self { core, series }
    }

    fn parts(&self) -> (&Core<UpDownCounterCell>, &Arc<Series<UpDownCounterCell>>) {
        (&self.core, &self.series)
    }
}

#[derive(Debug, Default)]
pub(crate) struct UpDownCounterCell(AtomicI64);

impl UpDownCounterCell {
    fn total(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Cell for UpDownCounterCell {
    const KIND: Kind = Kind::UpDownCounter;

    fn new(_: &Facts, _: Option<GaugeFold>) -> Self {
        Self::default()
    }

    fn heap_bytes(_: &Facts) -> usize {
        0
    }

    fn amount(&self) -> Option<u64> {
        None
    }

    fn value<'a>(&'a self, _: &'a Facts) -> Value<'a> {
        Value::UpDownCounter(self.total())
    }
}

impl Scalar for UpDownCounterCell {
    type Write = i64;

    const COMES_DOWN: bool = true;

    #[inline]
    fn write(&self, n: i64) -> Result<(), Event> {
        self.0.fetch_add(n, Ordering::Relaxed);
        Ok(())
    }

    #[inline]
    fn weight(_: i64) -> u64 {
        0
    }
}

impl Absolute for UpDownCounterCell {
    type Number = i64;

    fn plus(sum: i64, value: i64) -> i64 {
        sum.saturating_add(value)
    }

    fn refuses(_: i64) -> Option<Event> {
        None
    }

    fn report(&self, _: &Core<Self>, sum: i64) {
        self.0.store(sum, Ordering::Relaxed);
    }

    fn replace(&self, sum: i64) -> bool {
        self.0.store(sum, Ordering::Relaxed);
        false
    }

    fn current(&self) -> i64 {
        self.total()
    }

    fn folded_sums(sums: &FoldedSums) -> &Sums<Self> {
        &sums.up_down_counters
    }
}
