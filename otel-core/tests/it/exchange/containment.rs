//! Foreign code that panics while an exchange ends: contained, counted, and not asked again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use otel_core::clock::{Clock, ManualClock};
use otel_core::exchange::{Exchange, ExchangeEnd, ExchangeObserver, ExchangeStart, Signals};
use otel_core::opentelemetry::Context;
use otel_core::outcome::{Ending, Outcome};
use otel_core::sampling::{Head, HeadSampler};
use otel_core::telemetry::Telemetry;

use super::{exchange, faults, instrumentation};

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
fn what_an_observer_throws_is_contained_with_its_destructor() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("a payload that panics when dropped");
        }
    }
    struct Throws;
    impl ExchangeObserver for Throws {
        fn on_end(&self, _end: &ExchangeEnd<'_>) {
            std::panic::panic_any(Bomb);
        }
    }
    let telemetry = Telemetry::builder().build().unwrap();
    telemetry.observe(Throws);
    drop(exchange(&telemetry));
    assert_eq!(faults(&telemetry, "observer_panicked"), 1);
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

/// A wall clock at the last second there is; the other one goes on.
#[derive(Debug)]
struct EndOfTime(ManualClock);

impl Clock for EndOfTime {
    fn now(&self) -> Instant {
        self.0.advance(Duration::from_secs(60));
        self.0.now()
    }

    fn wall(&self) -> SystemTime {
        let mut last = UNIX_EPOCH;
        for power in (0..63).rev() {
            last = last
                .checked_add(Duration::from_secs(1 << power))
                .unwrap_or(last);
        }
        last
    }
}

#[test]
fn a_wall_clock_that_cannot_go_on_ends_no_process() {
    let probe = testkit::Probe::with(|builder| builder.with_clock(EndOfTime(ManualClock::new())));
    let outcomes = Arc::<std::sync::Mutex<Vec<_>>>::default();
    let witness = Witness(Arc::clone(&outcomes), Arc::default());
    probe.telemetry().observe(witness);
    let quiet = instrumentation(probe.telemetry(), Signals::ALL.without_log_lines());
    drop(Exchange::open(&quiet, quiet.operation(0, "")).start(|_attributes| {}));
    assert_eq!(*outcomes.lock().unwrap(), [Outcome::ClientDisconnect]);
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
