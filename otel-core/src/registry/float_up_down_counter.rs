//! Up-down counters of what is not counted in whole steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::event::Event;
use super::facts::Facts;
use super::family::{Family, Instrument, Sealed};
use super::family_core::{Core, Origin};
use super::observer::{Absolute, FoldedSums, Sums};
use super::series::{Cell, Series};
use super::sum::add_float;
use super::write::Scalar;
use super::{Kind, Value};
use crate::cardinality::GaugeFold;

/// One series of an up-down counter family whose sum is a float.
///
/// Additions fold, exactly as far as a float is exact. What is not finite is refused and counted.
#[derive(Clone, Debug)]
#[must_use = "an up-down counter counts nothing by itself"]
pub struct FloatUpDownCounter {
    core: Arc<Core<FloatUpDownCounterCell>>,
    series: Arc<Series<FloatUpDownCounterCell>>,
}

impl FloatUpDownCounter {
    /// Adds `amount`, which may be negative.
    #[inline]
    pub fn add(&self, amount: f64) {
        self.core.write(&self.series, Origin::Handle, amount, None);
    }

    /// Replaces the sum by one that is kept elsewhere, as
    /// [`UpDownCounter::set`](super::UpDownCounter::set) does.
    pub fn set(&self, sum: f64) {
        self.core.report(&self.series, sum);
    }
}

impl Family<FloatUpDownCounter> {
    /// Adds `amount` to the series of these labels, without making a handle.
    ///
    /// What goes up must come down in the same series: hold a handle from
    /// [`with`](Self::with) for a pair of writes, because a label set that was folded may find
    /// another place later.
    #[inline]
    pub fn add(&self, labels: &[(&str, &str)], amount: f64) {
        self.core().write_labels(labels, amount, None);
    }
}

impl Instrument for FloatUpDownCounter {}

impl Sealed for FloatUpDownCounter {
    type Cell = FloatUpDownCounterCell;

    fn from_parts(
        core: Arc<Core<FloatUpDownCounterCell>>,
        series: Arc<Series<FloatUpDownCounterCell>>,
    ) -> Self {
        Self { core, series }
    }

    fn parts(
        &self,
    ) -> (
        &Core<FloatUpDownCounterCell>,
        &Arc<Series<FloatUpDownCounterCell>>,
    ) {
        (&self.core, &self.series)
    }
}

/// The bits of a float that is finite.
#[derive(Debug, Default)]
pub(crate) struct FloatUpDownCounterCell(AtomicU64);

impl FloatUpDownCounterCell {
    fn total(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

impl Cell for FloatUpDownCounterCell {
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
        Value::FloatUpDownCounter(self.total())
    }
}

impl Scalar for FloatUpDownCounterCell {
    type Write = f64;

    const COMES_DOWN: bool = true;

    #[inline]
    fn write(&self, amount: f64) -> Result<(), Event> {
        match Self::refuses(amount) {
            Some(event) => Err(event),
            None if add_float(&self.0, amount) => Ok(()),
            None => Err(Event::RejectedRange),
        }
    }

    #[inline]
    fn weight(_: f64) -> u64 {
        0
    }
}

impl Absolute for FloatUpDownCounterCell {
    type Number = f64;

    fn plus(sum: f64, value: f64) -> f64 {
        (sum + value).clamp(f64::MIN, f64::MAX)
    }

    fn refuses(sum: f64) -> Option<Event> {
        if sum.is_finite() {
            None
        } else if sum.is_nan() {
            Some(Event::RejectedNan)
        } else {
            Some(Event::RejectedInfinite)
        }
    }

    fn report(&self, _: &Core<Self>, sum: f64) {
        self.0.store(sum.to_bits(), Ordering::Relaxed);
    }

    fn replace(&self, sum: f64) -> bool {
        self.0.store(sum.to_bits(), Ordering::Relaxed);
        false
    }

    fn current(&self) -> f64 {
        self.total()
    }

    fn folded_sums(sums: &FoldedSums) -> &Sums<Self> {
        &sums.float_up_down_counters
    }
}
