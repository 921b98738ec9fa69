//! Foreign code that panics while an exchange ends: contained, counted, and not asked again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use otel_core::exchange::{ExchangeEnd, ExchangeObserver, ExchangeStart};
use otel_core::opentelemetry::Context;
use otel_core::outcome::{Ending, Outcome};
use otel_core::sampling::{Head, HeadSampler};
use otel_core::telemetry::Telemetry;

use super::{exchange, faults};

/// Panics when told of an end, and counts how often it was told.
struct Broken(Arc<AtomicUsize>);

impl ExchangeObserver for Broken {
    fn on_end(&self, _end: &ExchangeEnd<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
        panic!("a broken observer");
    }
}

/// Remembers the outcomes it was told.
struct Witness(Arc<std::sync::Mutex<Vec<Outcome>>>, Arc<AtomicUsize>);

impl ExchangeObserver for Witness {
    fn on_start(&self, _start: &ExchangeStart<'_>) {
        self.1.fetch_add(1, Ordering::Relaxed);
    }

    fn on_end(&self, end: &ExchangeEnd<'_>) {
        self.0.lock().unwrap().push(end.outcome());
    }
}

#[test]
fn a_panicking_observer_is_disabled_and_the_others_go_on() {
    let telemetry = Telemetry::builder().build().unwrap();
    let (told, outcomes, starts) = Default::default();
    telemetry.observe(Broken(Arc::clone(&told)));
    telemetry.observe(Witness(Arc::clone(&outcomes), Arc::clone(&starts)));

    for _ in 0..3 {
        let mut exchange = exchange(&telemetry);
        exchange.head(200);
        exchange.end(Ending::Complete);
    }

    assert_eq!(told.load(Ordering::Relaxed), 1);
    assert_eq!(*outcomes.lock().unwrap(), [Outcome::Ok; 3]);
    assert_eq!(starts.load(Ordering::Relaxed), 3);
    assert_eq!(faults(&telemetry, "observer_panicked"), 1);
}

#[test]
fn a_panicking_observer_is_contained_while_the_thread_unwinds() {
    let telemetry = Telemetry::builder().build().unwrap();
    let (told, outcomes) = <(Arc<AtomicUsize>, Arc<std::sync::Mutex<Vec<_>>>)>::default();
    telemetry.observe(Broken(Arc::clone(&told)));
    telemetry.observe(Witness(Arc::clone(&outcomes), Arc::default()));

    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let mut exchange = exchange(&telemetry);
        exchange.scope(|| panic!("a broken handler"));
    }));

    let payload = unwound.unwrap_err();
    assert_eq!(
        payload.downcast_ref(),
        Some(&"a broken handler"),
        "the handler's own panic"
    );
    assert_eq!(told.load(Ordering::Relaxed), 1);
    assert_eq!(
        *outcomes.lock().unwrap(),
        [Outcome::Panic],
        "once, though it unwound on"
    );
}

#[test]
fn a_panicking_processor_stops_spans_and_nothing_else() {
    #[derive(Debug)]
    struct Breaks;
    impl SpanProcessor for Breaks {
        fn on_start(&self, _span: &mut Span, _cx: &Context) {}
        fn on_end(&self, _span: SpanData) {
            panic!("a broken processor");
        }
        fn force_flush(&self) -> OTelSdkResult {
            Ok(())
        }
        fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
            Ok(())
        }
    }
    let provider = SdkTracerProvider::builder()
        .with_span_processor(Breaks)
        .build();
    let telemetry = Telemetry::builder()
        .with_tracer_provider(provider)
        .build()
        .unwrap();
    let outcomes = Arc::<std::sync::Mutex<Vec<_>>>::default();
    telemetry.observe(Witness(Arc::clone(&outcomes), Arc::default()));

    let mut exchange = exchange(&telemetry);
    exchange.head(503);
    exchange.end(Ending::Complete);

    assert_eq!(*outcomes.lock().unwrap(), [Outcome::ServerError]);
    assert_eq!(faults(&telemetry, "span_panicked"), 1);
}

#[test]
fn a_panicking_sampler_has_not_refused() {
    #[derive(Debug)]
    struct Breaks;
    impl HeadSampler for Breaks {
        fn sample(&self, _head: &Head<'_>) -> bool {
            panic!("a broken sampler");
        }
    }
    let probe = testkit::Probe::with(|builder| builder.with_head_sampler(Breaks));
    let mut exchange = exchange(probe.telemetry());
    exchange.end(Ending::Complete);
    assert!(exchange.context().has_recorded());
    assert_eq!(faults(probe.telemetry(), "sampler_panicked"), 1);
}

/// Whether a context holds a sampled span.
trait HasRecorded {
    fn has_recorded(&self) -> bool;
}

impl HasRecorded for Context {
    fn has_recorded(&self) -> bool {
        use otel_core::opentelemetry::trace::TraceContextExt;
        self.span().span_context().is_sampled()
    }
}
