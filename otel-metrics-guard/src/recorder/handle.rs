//! What a call site holds: the handle of a series, as the facade's traits want it.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use metrics::{CounterFn, GaugeFn, HistogramFn};
use otel_core::registry::{Counter, Gauge, Histogram, Instrument};

use super::known_keys::Spelled;
use super::spelling::Spelling;
use super::totals::{Totals, growth};

pub(super) struct Handle<H> {
    pub(super) spelling: Option<Spelling>,
    pub(super) held: H,
}

/// A series, and the handle of another recorder that hears of it too.
pub(super) struct Held<K, F> {
    pub(super) series: K,
    pub(super) forwarded: Option<F>,
}

/// A counter, and the total that was reported for it if one was.
pub(super) struct HeldCounter {
    pub(super) counter: Counter,
    pub(super) forwarded: Option<metrics::Counter>,
    pub(super) totals: Arc<Totals>,
    pub(super) reported: OnceLock<Option<Arc<AtomicU64>>>,
}

impl<H> Spelled for Handle<H> {
    fn spelling(&self) -> Option<&Spelling> {
        self.spelling.as_ref()
    }
}

impl HeldCounter {
    #[inline]
    fn add(&self, value: u64) {
        self.counter.add(value);
        if let Some(forwarded) = &self.forwarded {
            forwarded.increment(value);
        }
    }
}

impl CounterFn for Handle<HeldCounter> {
    fn increment(&self, value: u64) {
        self.held.add(value);
    }

    fn absolute(&self, value: u64) {
        let HeldCounter {
            totals, reported, ..
        } = &self.held;
        match reported.get_or_init(|| totals.of(self.spelling.as_ref())) {
            Some(reported) => match growth(reported, value) {
                0 => {}
                growth => self.held.add(growth),
            },
            None => totals.count_lost(),
        }
    }
}

impl GaugeFn for Handle<Held<Gauge, metrics::Gauge>> {
    fn increment(&self, value: f64) {
        self.held.series.add(value);
        if let Some(forwarded) = &self.held.forwarded
            && value.is_finite()
        {
            forwarded.increment(value);
        }
    }

    fn decrement(&self, value: f64) {
        self.increment(-value);
    }

    fn set(&self, value: f64) {
        self.held.series.set(value);
        // Of a series that stands for several the last value says nothing.
        if let Some(forwarded) = &self.held.forwarded
            && !value.is_nan()
            && !self.held.series.is_folded()
        {
            forwarded.set(value);
        }
    }
}

impl HistogramFn for Handle<Held<Histogram, metrics::Histogram>> {
    fn record(&self, value: f64) {
        self.held.series.record(value);
        if let Some(forwarded) = &self.held.forwarded
            && (0.0..=f64::MAX).contains(&value)
        {
            forwarded.record(value);
        }
    }
}
