//! Counters.

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
use super::{Exemplar, Kind};

/// One series of a counter family: a sum that only grows.
///
/// A handle stays valid as long as it is held, and its clones write to the same series. A write is
/// one relaxed atomic addition. The sum wraps at 2^64, which Prometheus reads as a reset.
#[derive(Clone, Debug)]
#[must_use = "a counter counts nothing by itself"]
pub struct Counter {
    core: Arc<Core<CounterCell>>,
    cell: Arc<CounterCell>,
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
        self.cell.add(&self.core, n, None);
    }

    /// Adds `n`, with an exemplar from `cx`: for code that finishes outside the context of the work
    /// it measures.
    #[inline]
    pub fn add_in(&self, n: u64, cx: &Context) {
        self.cell.add(&self.core, n, Some(cx));
    }

    /// Brings a total that is counted elsewhere up to date; it never falls.
    pub(super) fn raise_to(&self, total: u64) {
        self.cell.value.fetch_max(total, Ordering::Relaxed);
    }
}

impl Family<Counter> {
    /// Adds `n` to the series of these labels, as [`with`](Self::with) and [`Counter::add`] do,
    /// without making a handle.
    #[inline]
    pub fn add(&self, labels: &[(&str, &str)], n: u64) {
        self.core()
            .with_series(labels, |series| series.cell().add(self.core(), n, None));
    }

    /// Adds `n` to the series of these labels, with an exemplar from `cx`.
    #[inline]
    pub fn add_in(&self, labels: &[(&str, &str)], n: u64, cx: &Context) {
        self.core()
            .with_series(labels, |series| series.cell().add(self.core(), n, Some(cx)));
    }
}

impl Instrument for Counter {}

impl Sealed for Counter {
    type Cell = CounterCell;

    fn from_parts(core: Arc<Core<CounterCell>>, cell: Arc<CounterCell>) -> Self {
        Self { core, cell }
    }
}

#[derive(Debug, Default)]
pub(crate) struct CounterCell {
    value: AtomicU64,
    exemplar: Slot,
}

impl CounterCell {
    #[inline]
    fn add(&self, core: &Core<Self>, n: u64, cx: Option<&Context>) {
        self.value.fetch_add(n, Ordering::Relaxed);
        let window = core.shared().window.number();
        if self.exemplar.is_due(window) && cx.map_or_else(in_sampled_span, in_sampled_span_of) {
            self.offer(core, n, cx, window);
        }
    }

    #[cold]
    #[inline(never)]
    fn offer(&self, core: &Core<Self>, n: u64, cx: Option<&Context>, window: u32) {
        let clock = &*core.shared().clock;
        let offer = |cx: &Context| self.exemplar.offer(cx, n as f64, window, clock);
        if !cx.map_or_else(|| Context::map_current(offer), offer) {
            core.events().add(Event::ExemplarSkipped, 1);
        }
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

    fn new(_: &Facts, _: bool) -> Self {
        Self::default()
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
