//! What a call site holds: the handle of a series, as the facade's traits want it.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use metrics::{CounterFn, GaugeFn, HistogramFn};
use otel_core::registry::{Counter, Gauge, Histogram};

use super::known_keys::Spelled;
use super::spelling::Spelling;
use super::totals::{Totals, growth};

#[derive(Debug)]
pub(super) struct Handle<H> {
    pub(super) spelling: Option<Spelling>,
    pub(super) held: H,
}

/// A counter, and the total that was reported for it if one was.
#[derive(Debug)]
pub(super) struct HeldCounter {
    pub(super) counter: Counter,
    pub(super) totals: Arc<Totals>,
    pub(super) reported: OnceLock<Option<Arc<AtomicU64>>>,
}

impl<H> Spelled for Handle<H> {
    fn spelling(&self) -> Option<&Spelling> {
        self.spelling.as_ref()
    }
}

impl CounterFn for Handle<HeldCounter> {
    fn increment(&self, value: u64) {
        self.held.counter.add(value);
    }

    fn absolute(&self, value: u64) {
        let HeldCounter {
            counter,
            totals,
            reported,
        } = &self.held;
        match reported.get_or_init(|| totals.of(self.spelling.as_ref())) {
            Some(reported) => match growth(reported, value) {
                0 => {}
                growth => counter.add(growth),
            },
            None => totals.count_lost(),
        }
    }
}

impl GaugeFn for Handle<Gauge> {
    fn increment(&self, value: f64) {
        self.held.add(value);
    }

    fn decrement(&self, value: f64) {
        self.held.add(-value);
    }

    fn set(&self, value: f64) {
        self.held.set(value);
    }
}

impl HistogramFn for Handle<Histogram> {
    fn record(&self, value: f64) {
        self.held.record(value);
    }
}
