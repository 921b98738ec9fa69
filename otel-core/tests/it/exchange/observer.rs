//! What an observer may rely on while it is called.

use std::sync::{Arc, Mutex};

use otel_core::exchange::{ExchangeEnd, ExchangeObserver, ExchangeStart};
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{SpanId, TraceContextExt};
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
