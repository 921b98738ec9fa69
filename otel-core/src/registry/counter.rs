//! Counters.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use opentelemetry::Context;

use super::any_family::{AnyFamily, Unexposed};
use super::event::Event;
use super::exemplar::{Slot, in_sampled_span, in_sampled_span_of};
use super::facts::Facts;
use super::family::{Family, Instrument, Sealed};
use super::family_core::{Core, Origin};
use super::pulse::Beat;
use super::series::{Cell, Series};
use super::{Exemplar, Kind};
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
        self.core.add(&self.series, Origin::Handle, n, None);
    }

    /// Adds `n`, with an exemplar from `cx`: for code that finishes outside the context of the work
    /// it measures.
    #[inline]
    pub fn add_in(&self, n: u64, cx: &Context) {
        self.core.add(&self.series, Origin::Handle, n, Some(cx));
    }

    /// Brings a total that is counted elsewhere up to date; it never falls.
    pub(super) fn raise_to(&self, total: u64) {
        self.series.cell().value.fetch_max(total, Ordering::Relaxed);
    }
}

impl Family<Counter> {
    /// Adds `n` to the series of these labels, as [`with`](Self::with) and [`Counter::add`] do,
    /// without making a handle.
    #[inline]
    pub fn add(&self, labels: &[(&str, &str)], n: u64) {
        let (core, origin) = (self.core(), Origin::Labels(labels));
        core.with_series(labels, n, |series| core.add(series, origin, n, None));
    }

    /// Adds `n` to the series of these labels, with an exemplar from `cx`.
    #[inline]
    pub fn add_in(&self, labels: &[(&str, &str)], n: u64, cx: &Context) {
        let (core, origin) = (self.core(), Origin::Labels(labels));
        core.with_series(labels, n, |series| core.add(series, origin, n, Some(cx)));
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

impl Core<CounterCell> {
    #[inline]
    fn add(
        &self,
        series: &Series<CounterCell>,
        origin: Origin<'_>,
        n: u64,
        cx: Option<&Context>,
    ) {
        let window = self.shared().window.number();
        match series.pulse().beat(window) {
            Beat::Settled => series.cell().add(n),
            Beat::WantsExemplar => {
                series.cell().add(n);
                if cx.map_or_else(in_sampled_span, in_sampled_span_of) {
                    self.offer_exemplar(series, n, cx, window);
                }
            }
            Beat::Unsettled => self.add_unsettled(series, origin, n, cx, window),
        }
    }

    #[cold]
    #[inline(never)]
    fn add_unsettled(
        &self,
        series: &Series<CounterCell>,
        origin: Origin<'_>,
        n: u64,
        cx: Option<&Context>,
        window: u32,
    ) {
        if !self.settle(series, origin, true) {
            return self.write_elsewhere(series, origin, n, |series| series.cell().add(n));
        }
        series.cell().add(n);
        let wants_exemplar = series.pulse().beat(window) == Beat::WantsExemplar;
        if wants_exemplar && cx.map_or_else(in_sampled_span, in_sampled_span_of) {
            self.offer_exemplar(series, n, cx, window);
        }
    }

    #[cold]
    #[inline(never)]
    fn offer_exemplar(
        &self,
        series: &Series<CounterCell>,
        n: u64,
        cx: Option<&Context>,
        window: u32,
    ) {
        let clock = &*self.shared().clock;
        let slot = &series.cell().exemplar;
        let offer = |cx: &Context| slot.offer(cx, n as f64, window, clock);
        if cx.map_or_else(|| Context::map_current(offer), offer) {
            series.pulse().has_exemplar(window);
        } else {
            self.events().add(Event::ExemplarSkipped, 1);
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct CounterCell {
    value: AtomicU64,
    exemplar: Slot,
}

impl CounterCell {
    #[inline]
    fn add(&self, n: u64) {
        self.value.fetch_add(n, Ordering::Relaxed);
    }

    pub(super) fn value(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }

    pub(super) fn exemplar(&self) -> Option<Exemplar> {
        self.exemplar.get()
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
        Some(self.value())
    }

    fn into_family(core: Arc<Core<Self>>) -> AnyFamily {
        AnyFamily::Counter(core)
    }

    fn from_family(family: &AnyFamily) -> Option<&Arc<Core<Self>>> {
        match family {
            AnyFamily::Counter(core) => Some(core),
            _ => None,
        }
    }

    fn unexposed(families: &Unexposed) -> &OnceLock<Arc<Core<Self>>> {
        &families.counter
    }
}
