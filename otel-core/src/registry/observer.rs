//! What a source reports: totals and sums that are kept elsewhere, and come whole.
//!
//! A series of its own takes what is reported. A series that stands for several label sets cannot:
//! the reports that fold into it are added up over one collection, and the sum replaces the value
//! when all sources have spoken. The guard's promise of exact totals is for additions. Of totals it
//! promises that a kept series never falls, and that a folded one is the sum of the last reports.
//!
//! Invariant: what one collection adds up is bounded by the number of series.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use foldhash::fast::RandomState;

use super::counter::CounterCell;
use super::event::Event;
use super::family_core::Core;
use super::float_counter::FloatCounterCell;
use super::float_up_down_counter::FloatUpDownCounterCell;
use super::series::{Cell, Series};
use super::up_down_counter::UpDownCounterCell;
use super::{Counter, Family, FloatCounter, FloatUpDownCounter, Gauge, UpDownCounter};

/// Takes the reports of one collection; a [source](super::Registry::add_source) gets it when it is
/// called.
///
/// What is not a number or infinite, and a total that is negative or below the one before, is
/// refused and counted. A label set that is not reported again keeps its last value, as long as
/// the registry does: Prometheus has no way to say "not observed".
#[derive(Default)]
pub struct Observer {
    folded: FoldedSums,
}

impl Observer {
    /// Reports the total of a counter since the process, or whatever counts it, began.
    ///
    /// The total of a series that stands for several label sets is the sum of what was reported for
    /// them in this collection; when that sum falls, the series begins anew with a later
    /// [start](super::SeriesView::created).
    pub fn total(&self, family: &Family<Counter>, labels: &[(&str, &str)], total: u64) {
        self.report(family.core(), labels, total);
    }

    /// Reports the total of a counter of floats.
    pub fn float_total(&self, family: &Family<FloatCounter>, labels: &[(&str, &str)], total: f64) {
        self.report(family.core(), labels, total);
    }

    /// Reports the sum of an up-down counter: how much there is now.
    ///
    /// The sum of a series that stands for several label sets is the sum of what was reported for
    /// them in this collection.
    pub fn sum(&self, family: &Family<UpDownCounter>, labels: &[(&str, &str)], sum: i64) {
        self.report(family.core(), labels, sum);
    }

    /// Reports the sum of an up-down counter of floats.
    pub fn float_sum(
        &self,
        family: &Family<FloatUpDownCounter>,
        labels: &[(&str, &str)],
        sum: f64,
    ) {
        self.report(family.core(), labels, sum);
    }

    /// Reports the value of a gauge, as [`Gauge::set`] does.
    pub fn value(&self, family: &Family<Gauge>, labels: &[(&str, &str)], value: f64) {
        family.set(labels, value);
    }

    fn report<C: Absolute>(&self, core: &Arc<Core<C>>, labels: &[(&str, &str)], value: C::Number) {
        if let Some(event) = C::refuses(value) {
            return core.events().add(event, 1);
        }
        let Some(series) = core.series_of(labels) else {
            return;
        };
        if series.is_folded() {
            C::folded_sums(&self.folded).add(series, value);
        } else {
            core.keep_alive(&series);
            series.cell().report(core, value);
        }
    }

    /// Brings the folded series up to date. `complete`: every source came to its end; if not, what
    /// it did not report is no reason to fall.
    pub(super) fn settle(self, complete: bool, since_start: Duration) {
        let FoldedSums {
            counters,
            float_counters,
            up_down_counters,
            float_up_down_counters,
        } = self.folded;
        counters.settle(complete, since_start);
        float_counters.settle(complete, since_start);
        up_down_counters.settle(complete, since_start);
        float_up_down_counters.settle(complete, since_start);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").finish_non_exhaustive()
    }
}

/// A cell whose value can be reported whole.
pub(crate) trait Absolute: Cell {
    type Number: Copy + Default + PartialOrd + Send;

    fn plus(sum: Self::Number, value: Self::Number) -> Self::Number;

    /// Why a number cannot be taken, if it cannot.
    fn refuses(value: Self::Number) -> Option<Event>;

    /// Takes what was reported for the one label set of the series.
    fn report(&self, core: &Core<Self>, value: Self::Number);

    /// Takes the sum of what was reported for several; whether that is a fall that must be marked.
    fn replace(&self, sum: Self::Number) -> bool;

    /// The value a reader would see.
    fn current(&self) -> Self::Number;

    fn folded_sums(sums: &FoldedSums) -> &Sums<Self>;
}

impl<C: Absolute> Core<C> {
    /// Takes a number that someone reports who holds the series.
    pub(super) fn report(&self, series: &Arc<Series<C>>, value: C::Number) {
        let refused = if series.is_folded() {
            Some(Event::RejectedFoldedSet)
        } else {
            C::refuses(value)
        };
        match refused {
            Some(event) => self.events().add(event, 1),
            None => {
                self.keep_alive(series);
                series.cell().report(self, value);
            }
        }
    }
}

/// What was reported for label sets that share a series, added up over one collection.
#[derive(Default)]
pub(crate) struct FoldedSums {
    pub(super) counters: Sums<CounterCell>,
    pub(super) float_counters: Sums<FloatCounterCell>,
    pub(super) up_down_counters: Sums<UpDownCounterCell>,
    pub(super) float_up_down_counters: Sums<FloatUpDownCounterCell>,
}

/// By series, known by its address: the map keeps it alive.
pub(crate) struct Sums<C: Absolute>(Mutex<HashMap<usize, FoldedSum<C>, RandomState>>);

type FoldedSum<C> = (Arc<Series<C>>, <C as Absolute>::Number);

impl<C: Absolute> Sums<C> {
    fn add(&self, series: Arc<Series<C>>, value: C::Number) {
        let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, sum) = sums
            .entry(Arc::as_ptr(&series).addr())
            .or_insert_with(|| (series, C::Number::default()));
        *sum = C::plus(*sum, value);
    }

    fn settle(self, complete: bool, since_start: Duration) {
        let sums = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (series, sum) in sums.into_values() {
            let cell = series.cell();
            if !complete && sum < cell.current() {
                continue;
            }
            if cell.replace(sum) {
                series.restart(since_start);
            }
        }
    }
}

impl<C: Absolute> Default for Sums<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}
