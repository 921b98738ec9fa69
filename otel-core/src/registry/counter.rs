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
use super::observer::{Absolute, FoldedSums, Sums};
use super::series::{Cell, Series};
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
    /// The series stands for several label sets.
    folded: bool,
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

    /// Brings the series up to a total that is counted elsewhere.
    ///
    /// It never falls: a total below the one that is there is refused and counted. So is any total
    /// where the series stands for several label sets ([`OTHER`](crate::cardinality::OTHER)),
    /// because one of them says nothing about the others; a
    /// [source](super::Registry::add_source) has them added up. On one series use this or
    /// [`add`](Self::add), not both.
    pub fn raise_to(&self, total: u64) {
        if self.folded {
            self.core.events().add(Event::RejectedFoldedSet, 1);
        } else {
            self.cell.report(&self.core, total);
        }
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
        Self {
            core,
            cell,
            folded: false,
        }
    }

    fn from_series(core: Arc<Core<CounterCell>>, series: &Series<CounterCell>) -> Self {
        Self {
            core,
            cell: Arc::clone(series.cell()),
            folded: series.is_folded(),
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
        self.value()
    }

    fn folded_sums(sums: &FoldedSums) -> &Sums<Self> {
        &sums.counters
    }
}
