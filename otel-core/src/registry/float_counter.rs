//! Counters of what is not counted in whole steps: seconds, joules, currency.

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
use super::sum::add_float;
use super::write::Scalar;
use super::{Exemplar, Kind, Value};
use crate::cardinality::GaugeFold;

/// One series of a counter family whose sum is a float. It only grows.
///
/// A [`Counter`](super::Counter) is exact and cheaper; this is for amounts that are not whole. What
/// is not a number, infinite or negative is refused and counted. An addition loses the digits that
/// a float of the size of the sum does not have: below 2^53, none of the integer part.
#[derive(Clone, Debug)]
#[must_use = "a counter counts nothing by itself"]
pub struct FloatCounter {
    core: Arc<Core<FloatCounterCell>>,
    series: Arc<Series<FloatCounterCell>>,
}

impl FloatCounter {
    /// Adds `amount`, with an exemplar from the current context if that is in a sampled span.
    #[inline]
    pub fn add(&self, amount: f64) {
        self.core.write(&self.series, Origin::Handle, amount, None);
    }

    /// Adds `amount`, with an exemplar from `cx`: for code that finishes outside the context of the
    /// work it measures.
    #[inline]
    pub fn add_in(&self, amount: f64, cx: &Context) {
        self.core
            .write(&self.series, Origin::Handle, amount, Some(cx));
    }

    /// Brings the series up to a total that is counted elsewhere, as
    /// [`Counter::raise_to`](super::Counter::raise_to) does.
    pub fn raise_to(&self, total: f64) {
        self.core.report(&self.series, total);
    }
}

impl Family<FloatCounter> {
    /// Adds `amount` to the series of these labels, as [`with`](Self::with) and
    /// [`FloatCounter::add`] do, without making a handle.
    #[inline]
    pub fn add(&self, labels: &[(&str, &str)], amount: f64) {
        self.core().write_labels(labels, amount, None);
    }

    /// Adds `amount` to the series of these labels, with an exemplar from `cx`.
    #[inline]
    pub fn add_in(&self, labels: &[(&str, &str)], amount: f64, cx: &Context) {
        self.core().write_labels(labels, amount, Some(cx));
    }
}

impl Instrument for FloatCounter {}

impl Sealed for FloatCounter {
    type Cell = FloatCounterCell;

    fn from_parts(
        core: Arc<Core<FloatCounterCell>>,
        series: Arc<Series<FloatCounterCell>>,
    ) -> Self {
        Self { core, series }
    }

    fn parts(&self) -> (&Core<FloatCounterCell>, &Arc<Series<FloatCounterCell>>) {
        (&self.core, &self.series)
    }
}

#[derive(Debug, Default)]
pub(crate) struct FloatCounterCell {
    /// The bits of a float that is finite and not negative.
    value: AtomicU64,
    exemplar: ThinSlot,
}

impl FloatCounterCell {
    fn total(&self) -> f64 {
        f64::from_bits(self.value.load(Ordering::Relaxed))
    }
}

impl Cell for FloatCounterCell {
    const KIND: Kind = Kind::Counter;

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
        Value::FloatCounter(self.total())
    }

    fn exemplar(&self) -> Option<Exemplar> {
        self.exemplar.get()
    }
}

impl Scalar for FloatCounterCell {
    type Write = f64;

    #[inline]
    fn write(&self, amount: f64) -> Result<(), Event> {
        match Self::refuses(amount) {
            Some(event) => Err(event),
            None if add_float(&self.value, amount) => Ok(()),
            None => Err(Event::RejectedRange),
        }
    }

    #[inline]
    fn weight(_: f64) -> u64 {
        1
    }

    fn exemplar_slot(&self, amount: f64) -> Option<(&ThinSlot, f64)> {
        Some((&self.exemplar, amount))
    }
}

impl Absolute for FloatCounterCell {
    type Number = f64;

    fn plus(sum: f64, value: f64) -> f64 {
        (sum + value).min(f64::MAX)
    }

    fn refuses(total: f64) -> Option<Event> {
        if (0.0..=f64::MAX).contains(&total) {
            None
        } else if total.is_nan() {
            Some(Event::RejectedNan)
        } else if total.is_infinite() {
            Some(Event::RejectedInfinite)
        } else {
            Some(Event::RejectedNegative)
        }
    }

    fn report(&self, core: &Core<Self>, total: f64) {
        // The bits of floats that are not negative are in the order of the floats; adding zero
        // takes the sign off a negative zero.
        let bits = (total + 0.0).to_bits();
        if self.value.fetch_max(bits, Ordering::Relaxed) > bits {
            core.events().add(Event::RejectedLowerTotal, 1);
        }
    }

    fn replace(&self, sum: f64) -> bool {
        let bits = (sum + 0.0).to_bits();
        self.value.swap(bits, Ordering::Relaxed) > bits
    }

    fn current(&self) -> f64 {
        self.total()
    }

    fn folded_sums(sums: &FoldedSums) -> &Sums<Self> {
        &sums.float_counters
    }
}
