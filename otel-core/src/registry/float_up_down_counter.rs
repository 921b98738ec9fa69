//! Up-down counters of what is not counted in whole steps.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::Kind;
use super::any_family::{AnyFamily, Unexposed};
use super::event::Event;
use super::facts::Facts;
use super::family::{Family, Instrument, Sealed};
use super::family_core::Core;
use super::observer::{Absolute, FoldedSums, Sums};
use super::series::{Cell, Series};
use super::sum::add_float;

/// One series of an up-down counter family whose sum is a float.
///
/// Additions fold, exactly as far as a float is exact. What is not finite is refused and counted.
#[derive(Clone, Debug)]
#[must_use = "an up-down counter counts nothing by itself"]
pub struct FloatUpDownCounter {
    core: Arc<Core<FloatUpDownCounterCell>>,
    cell: Arc<FloatUpDownCounterCell>,
    /// The series stands for several label sets.
    folded: bool,
}

impl FloatUpDownCounter {
    /// Adds `amount`, which may be negative.
    #[inline]
    pub fn add(&self, amount: f64) {
        self.cell.add(&self.core, amount);
    }

    /// Replaces the sum by one that is kept elsewhere, as
    /// [`UpDownCounter::set`](super::UpDownCounter::set) does.
    pub fn set(&self, sum: f64) {
        let refused = if self.folded {
            Some(Event::RejectedFoldedSet)
        } else {
            FloatUpDownCounterCell::refuses(sum)
        };
        match refused {
            Some(event) => self.core.events().add(event, 1),
            None => self.cell.report(&self.core, sum),
        }
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
        self.core()
            .with_series(labels, |series| series.cell().add(self.core(), amount));
    }
}

impl Instrument for FloatUpDownCounter {}

impl Sealed for FloatUpDownCounter {
    type Cell = FloatUpDownCounterCell;

    fn from_parts(
        core: Arc<Core<FloatUpDownCounterCell>>,
        cell: Arc<FloatUpDownCounterCell>,
    ) -> Self {
        Self {
            core,
            cell,
            folded: false,
        }
    }

    fn from_series(
        core: Arc<Core<FloatUpDownCounterCell>>,
        series: &Series<FloatUpDownCounterCell>,
    ) -> Self {
        Self {
            core,
            cell: Arc::clone(series.cell()),
            folded: series.is_folded(),
        }
    }
}

/// The bits of a float that is finite.
#[derive(Debug, Default)]
pub(crate) struct FloatUpDownCounterCell(AtomicU64);

impl FloatUpDownCounterCell {
    #[inline]
    fn add(&self, core: &Core<Self>, amount: f64) {
        if let Some(event) = Self::refuses(amount) {
            core.events().add(event, 1);
        } else if !add_float(&self.0, amount) {
            core.events().add(Event::RejectedRange, 1);
        }
    }

    pub(super) fn value(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

impl Cell for FloatUpDownCounterCell {
    const KIND: Kind = Kind::UpDownCounter;

    fn new(_: &Facts, _: bool) -> Self {
        Self::default()
    }

    fn into_family(core: Arc<Core<Self>>) -> AnyFamily {
        AnyFamily::FloatUpDownCounter(core)
    }

    fn from_family(family: &AnyFamily) -> Option<&Arc<Core<Self>>> {
        match family {
            AnyFamily::FloatUpDownCounter(core) => Some(core),
            _ => None,
        }
    }

    fn unexposed(families: &Unexposed) -> &OnceLock<Arc<Core<Self>>> {
        &families.float_up_down_counter
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
        self.value()
    }

    fn folded_sums(sums: &FoldedSums) -> &Sums<Self> {
        &sums.float_up_down_counters
    }
}
