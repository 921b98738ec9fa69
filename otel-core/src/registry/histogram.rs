//! Histograms with explicit buckets, updated in place.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use opentelemetry::Context;

use super::event::Event;
use super::exemplar::{Slot, in_sampled_span, in_sampled_span_of};
use super::facts::Facts;
use super::family::{Family, Instrument, Sealed};
use super::family_core::{Core, Origin};
use super::pulse::Beat;
use super::series::{Cell, Series};
use super::sum::{Sum, SumCell};
use super::value::HistogramValue;
use super::{Exemplar, Kind, Unit, Value};
use crate::cardinality::GaugeFold;

/// One series of a histogram family.
///
/// Values that are not a number, infinite or negative are refused and counted: one of them would
/// spoil the sum for ever. In a family measured in seconds the sum is exact to the nanosecond, and a
/// single value may be at most 145 years.
#[derive(Clone, Debug)]
#[must_use = "a histogram records nothing by itself"]
pub struct Histogram {
    core: Arc<Core<HistogramCell>>,
    series: Arc<Series<HistogramCell>>,
}

impl Histogram {
    /// Records a value, with an exemplar from the current context if that is in a sampled span.
    #[inline]
    pub fn record(&self, value: f64) {
        self.core.record(&self.series, Origin::Handle, value, None);
    }

    /// Records a value, with an exemplar from `cx`: for code that finishes outside the context of
    /// the work it measures.
    #[inline]
    pub fn record_in(&self, value: f64, cx: &Context) {
        self.core
            .record(&self.series, Origin::Handle, value, Some(cx));
    }
}

impl Family<Histogram> {
    /// Records a value in the series of these labels, as [`with`](Self::with) and
    /// [`Histogram::record`] do, without making a handle.
    #[inline]
    pub fn record(&self, labels: &[(&str, &str)], value: f64) {
        let (core, origin) = (self.core(), Origin::Labels(labels));
        core.with_series(labels, 1, |series| core.record(series, origin, value, None));
    }

    /// Records a value in the series of these labels, with an exemplar from `cx`.
    #[inline]
    pub fn record_in(&self, labels: &[(&str, &str)], value: f64, cx: &Context) {
        let (core, origin) = (self.core(), Origin::Labels(labels));
        core.with_series(labels, 1, |series| {
            core.record(series, origin, value, Some(cx))
        });
    }
}

impl Instrument for Histogram {}

impl Sealed for Histogram {
    type Cell = HistogramCell;

    fn from_parts(core: Arc<Core<HistogramCell>>, series: Arc<Series<HistogramCell>>) -> Self {
        Self { core, series }
    }

    fn parts(&self) -> (&Core<HistogramCell>, &Arc<Series<HistogramCell>>) {
        (&self.core, &self.series)
    }
}

impl Core<HistogramCell> {
    #[inline]
    pub(super) fn record(
        &self,
        series: &Series<HistogramCell>,
        origin: Origin<'_>,
        value: f64,
        cx: Option<&Context>,
    ) {
        // One comparison lets through every value that is finite and not negative.
        if !(0.0..=f64::MAX).contains(&value) {
            return self.events().add(why_refused(value), 1);
        }
        let bucket = self.facts().buckets.index_of(value);
        let window = self.shared().window.number();
        let beat = series.pulse().beat(window);
        if beat == Beat::Unsettled && !self.settle(series, origin, true) {
            return self.write_elsewhere(series, origin, 1, |series| {
                self.add(series, bucket, value);
            });
        }
        self.add(series, bucket, value);
        let cell = series.cell();
        if beat != Beat::Settled
            && self.shared().window.wants_exemplars()
            && cell.is_due(bucket, window)
            && cx.map_or_else(in_sampled_span, in_sampled_span_of)
        {
            self.offer_exemplar(cell, bucket, value, cx, window);
        }
    }

    #[inline]
    fn add(&self, series: &Series<HistogramCell>, bucket: usize, value: f64) {
        let cell = series.cell();
        if !cell.sum.add(value) {
            return self.events().add(Event::RejectedRange, 1);
        }
        if let Some(count) = cell.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[cold]
    #[inline(never)]
    fn offer_exemplar(
        &self,
        cell: &HistogramCell,
        bucket: usize,
        value: f64,
        cx: Option<&Context>,
        window: u32,
    ) {
        let clock = &*self.shared().clock;
        let offer = |cx: &Context| {
            let slots = cell
                .exemplars
                .get_or_init(|| cell.counts.iter().map(|_| Slot::default()).collect());
            slots
                .get(bucket)
                .is_none_or(|slot| slot.offer(cx, value, window, clock))
        };
        if !cx.map_or_else(|| Context::map_current(offer), offer) {
            self.events().add(Event::ExemplarSkipped, 1);
        }
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
    fn is_due(&self, bucket: usize, window: u32) -> bool {
        match self.exemplars.get() {
            Some(slots) => slots.get(bucket).is_some_and(|slot| slot.is_due(window)),
            None => true,
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
const fn why_refused(value: f64) -> Event {
    if value.is_nan() {
        Event::RejectedNan
    } else if value.is_infinite() {
        Event::RejectedInfinite
    } else {
        Event::RejectedNegative
    }
}

impl Cell for HistogramCell {
    const KIND: Kind = Kind::Histogram;

    fn new(facts: &Facts, _: Option<GaugeFold>) -> Self {
        let buckets = facts.buckets.bounds().len() + 1;
        Self {
            counts: (0..buckets).map(|_| AtomicU64::new(0)).collect(),
            sum: SumCell::new(facts.unit == Unit::SECONDS),
            exemplars: OnceLock::new(),
        }
    }

    fn heap_bytes(facts: &Facts) -> usize {
        (facts.buckets.bounds().len() + 1) * size_of::<AtomicU64>()
    }

    fn amount(&self) -> Option<u64> {
        Some(self.counts().fold(0, u64::wrapping_add))
    }

    fn value<'a>(&'a self, facts: &'a Facts) -> Value<'a> {
        Value::Histogram(HistogramValue::read(facts.buckets.bounds(), self))
    }
}
