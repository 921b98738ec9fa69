//! Histograms with explicit buckets, updated in place.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use opentelemetry::Context;

use super::any_family::{AnyFamily, Unexposed};
use super::event::Event;
use super::exemplar::{Slot, in_sampled_span, in_sampled_span_of};
use super::facts::Facts;
use super::family::{Family, Instrument, Sealed};
use super::family_core::Core;
use super::series::Cell;
use super::sum::{Sum, SumCell};
use super::{Exemplar, Kind, Unit};

/// One series of a histogram family.
///
/// Values that are not a number, infinite or negative are refused and counted: one of them would
/// spoil the sum for ever. In a family measured in seconds the sum is exact to the nanosecond, and a
/// single value may be at most 145 years.
#[derive(Clone, Debug)]
#[must_use = "a histogram records nothing by itself"]
pub struct Histogram {
    core: Arc<Core<HistogramCell>>,
    cell: Arc<HistogramCell>,
}

impl Histogram {
    /// Records a value, with an exemplar from the current context if that is in a sampled span.
    #[inline]
    pub fn record(&self, value: f64) {
        self.cell.record(&self.core, value, None);
    }

    /// Records a value, with an exemplar from `cx`: for code that finishes outside the context of
    /// the work it measures.
    #[inline]
    pub fn record_in(&self, value: f64, cx: &Context) {
        self.cell.record(&self.core, value, Some(cx));
    }
}

impl Family<Histogram> {
    /// Records a value in the series of these labels, as [`with`](Self::with) and
    /// [`Histogram::record`] do, without making a handle.
    #[inline]
    pub fn record(&self, labels: &[(&str, &str)], value: f64) {
        self.core().with_series(labels, |series| {
            series.cell().record(self.core(), value, None)
        });
    }

    /// Records a value in the series of these labels, with an exemplar from `cx`.
    #[inline]
    pub fn record_in(&self, labels: &[(&str, &str)], value: f64, cx: &Context) {
        self.core().with_series(labels, |series| {
            series.cell().record(self.core(), value, Some(cx))
        });
    }
}

impl Instrument for Histogram {}

impl Sealed for Histogram {
    type Cell = HistogramCell;

    fn from_parts(core: Arc<Core<HistogramCell>>, cell: Arc<HistogramCell>) -> Self {
        Self { core, cell }
    }
}

#[derive(Debug)]
pub(crate) struct HistogramCell {
    /// Not cumulative; the last is above every bound.
    counts: Box<[AtomicU64]>,
    sum: SumCell,
    exemplars: OnceLock<Box<[Slot]>>,
}

impl HistogramCell {
    #[inline]
    fn record(&self, core: &Core<Self>, value: f64, cx: Option<&Context>) {
        // One comparison lets through every value that is finite and not negative.
        if !(0.0..=f64::MAX).contains(&value) {
            return reject(core, value);
        }
        let bucket = core.facts().buckets.index_of(value);
        if !self.sum.add(value) {
            return core.events().add(Event::RejectedRange, 1);
        }
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let window = core.shared().window.number();
        if self.is_due(bucket, window) && cx.map_or_else(in_sampled_span, in_sampled_span_of) {
            self.offer(core, bucket, value, cx, window);
        }
    }

    #[inline]
    fn is_due(&self, bucket: usize, window: u32) -> bool {
        match self.exemplars.get() {
            Some(slots) => slots.get(bucket).is_some_and(|slot| slot.is_due(window)),
            None => window != 0,
        }
    }

    #[cold]
    #[inline(never)]
    fn offer(
        &self,
        core: &Core<Self>,
        bucket: usize,
        value: f64,
        cx: Option<&Context>,
        window: u32,
    ) {
        let clock = &*core.shared().clock;
        let offer = |cx: &Context| {
            let slots = self
                .exemplars
                .get_or_init(|| self.counts.iter().map(|_| Slot::default()).collect());
            slots
                .get(bucket)
                .is_none_or(|slot| slot.offer(cx, value, window, clock))
        };
        if !cx.map_or_else(|| Context::map_current(offer), offer) {
            core.events().add(Event::ExemplarSkipped, 1);
        }
    }

    /// Copies the counts out, each read once.
    pub(super) fn counts(&self) -> impl Iterator<Item = u64> {
        self.counts
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
    }

    pub(super) fn sum(&self) -> Sum {
        self.sum.get()
    }

    pub(super) fn exemplar(&self, bucket: usize) -> Option<Exemplar> {
        self.exemplars.get()?.get(bucket)?.get()
    }
}

#[cold]
fn reject(core: &Core<HistogramCell>, value: f64) {
    let event = if value.is_nan() {
        Event::RejectedNan
    } else if value.is_infinite() {
        Event::RejectedInfinite
    } else {
        Event::RejectedNegative
    };
    core.events().add(event, 1);
}

impl Cell for HistogramCell {
    const KIND: Kind = Kind::Histogram;

    fn new(facts: &Facts, _: bool) -> Self {
        let buckets = facts.buckets.bounds().len() + 1;
        Self {
            counts: (0..buckets).map(|_| AtomicU64::new(0)).collect(),
            sum: SumCell::new(facts.unit == Unit::SECONDS),
            exemplars: OnceLock::new(),
        }
    }

    fn into_family(core: Arc<Core<Self>>) -> AnyFamily {
        AnyFamily::Histogram(core)
    }

    fn from_family(family: &AnyFamily) -> Option<&Arc<Core<Self>>> {
        match family {
            AnyFamily::Histogram(core) => Some(core),
            _ => None,
        }
    }

    fn unexposed(families: &Unexposed) -> &OnceLock<Arc<Core<Self>>> {
        &families.histogram
    }
}
