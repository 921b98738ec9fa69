//! What an observer may rely on while it is called.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use otel_core::exchange::{Exchange, ExchangeEnd, ExchangeObserver, ExchangeStart};
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{SpanId, TraceContextExt};
use otel_core::telemetry::Telemetry;
use testkit::Probe;

use super::exchange;

/// Remembers, at each call, the current span and the one of the exchange.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<(SpanId, SpanId)>>>);

impl Spans {
    fn note(&self, own: &Context) {
        let span_id = |cx: &Context| cx.span().span_context().span_id();
        let current = Context::map_current(span_id);
        self.0.lock().unwrap().push((current, span_id(own)));
    }
}

impl ExchangeObserver for Spans {
    fn on_start(&self, start: &ExchangeStart<'_>) {
        self.note(start.context());
    }

    fn on_end(&self, end: &ExchangeEnd<'_>) {
        self.note(end.context());
    }
}

#[test]
fn the_context_of_the_exchange_is_current_at_its_start_and_its_end() {
    let probe = Probe::new();
    let spans = Spans::default();
    probe.telemetry().observe(spans.clone());
    drop(exchange(probe.telemetry()));
    let seen = spans.0.lock().unwrap();
    assert_eq!(seen.len(), 2);
    for (current, own) in seen.iter() {
        assert_ne!(*own, SpanId::INVALID);
        assert_eq!(current, own);
    }
    assert!(!Context::map_current(Context::has_active_span));
}

/// Makes an exchange of its own whenever it is told of one, and counts what it is told.
struct SetsItselfOff(Telemetry, Arc<AtomicUsize>);

/// Where the recursion that must not be would be cut off, before the stack is.
const FAR_TOO_MANY: usize = 100;

impl SetsItselfOff {
    fn told(&self) {
        if self.1.fetch_add(1, Ordering::Relaxed) < FAR_TOO_MANY {
            drop(exchange(&self.0));
        }
    }
}

impl ExchangeObserver for SetsItselfOff {
    fn on_start(&self, _start: &ExchangeStart<'_>) {
        self.told();
    }

    fn on_end(&self, _end: &ExchangeEnd<'_>) {
        self.told();
    }
}

#[test]
fn an_observer_that_starts_exchanges_is_not_told_of_them() {
    let telemetry = Telemetry::builder().with_in_flight(64).build().unwrap();
    let told = Arc::new(AtomicUsize::new(0));
    telemetry.observe(SetsItselfOff(telemetry.clone(), Arc::clone(&told)));
    for round in 1..=3 {
        drop(exchange(&telemetry));
        assert_eq!(told.load(Ordering::Relaxed), 2 * round);
    }
    assert!(telemetry.in_flight().unwrap().running().is_empty());
}

/// Ends, when told of an end, an exchange that started outside.
struct EndsAnother(Mutex<Option<Exchange>>, Arc<AtomicUsize>);

impl ExchangeObserver for EndsAnother {
    fn on_end(&self, _end: &ExchangeEnd<'_>) {
        self.1.fetch_add(1, Ordering::Relaxed);
        let held = self.0.lock().unwrap().take();
        drop(held);
    }
}

#[test]
fn an_exchange_that_started_outside_ends_inside_an_observer_like_any_other() {
    let telemetry = Telemetry::builder().build().unwrap();
    let ends = Arc::new(AtomicUsize::new(0));
    let held = Mutex::new(Some(exchange(&telemetry)));
    telemetry.observe(EndsAnother(held, Arc::clone(&ends)));
    drop(exchange(&telemetry));
    assert_eq!(ends.load(Ordering::Relaxed), 2);
    drop(exchange(&telemetry));
    assert_eq!(ends.load(Ordering::Relaxed), 3);
}
