//! Which trace, span and request a line names.

use opentelemetry_sdk::trace::SdkTracerProvider;
use otel_core::exchange::{Exchange, Instrumentation, OperationParts};
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use otel_core::outcome::{Classify, Side};
use otel_core::propagation::Extracted;
use otel_core::registry::Descriptor;
use otel_core::request_id::RequestId;
use otel_core::telemetry::Telemetry;
use otel_log_bridge::{CapturedLines, LogGuard};
use serde_json::Value;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{PATIENCE, builder, parse, record_of};

/// `tracing` spans that are OpenTelemetry spans, and the bridge after them.
fn bridged(level: &str) -> (impl Subscriber + Send + Sync, LogGuard, CapturedLines) {
    let tracer = SdkTracerProvider::builder().build().tracer("test");
    let (sink, lines) = otel_log_bridge::JsonSink::memory();
    let (layer, guard) = builder().with_level(level).with_json(sink).build().unwrap();
    let stack = tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(tracer))
        .with(layer);
    (stack, guard, lines)
}

fn ids(cx: &Context) -> (String, String) {
    let span = cx.span().span_context().clone();
    assert!(span.is_valid());
    (span.trace_id().to_string(), span.span_id().to_string())
}

fn ids_of(record: &Value) -> Option<(String, String)> {
    let text = |key: &str| record.get(key)?.as_str().map(str::to_owned);
    Some((text("trace_id")?, text("span_id")?))
}

fn records(guard: &LogGuard, lines: &CapturedLines) -> Vec<Value> {
    guard.flush(PATIENCE);
    lines.lines().iter().map(|line| parse(line)).collect()
}

#[test]
fn an_event_is_of_the_parent_it_names_and_not_of_the_span_around_it() {
    let (stack, guard, lines) = bridged("trace");
    let (a, b) = tracing::subscriber::with_default(stack, || {
        let a = tracing::info_span!(parent: None, "a");
        let b = tracing::info_span!(parent: None, "b");
        let b_ids = b.in_scope(|| ids(&Context::current()));
        let a_ids = a.in_scope(|| {
            tracing::info!("contextual");
            tracing::info!(parent: &b, "of b");
            tracing::info!(parent: None, "of nothing");
            ids(&Context::current())
        });
        tracing::info!("outside");
        (a_ids, b_ids)
    });
    assert_ne!(a.0, b.0);
    let found: Vec<_> = records(&guard, &lines).iter().map(ids_of).collect();
    assert_eq!(found, [Some(a), Some(b), None, None]);
}

#[test]
fn a_span_that_was_never_entered_is_not_started_by_a_line_about_it() {
    let (stack, guard, lines) = bridged("trace");
    let parent = tracing::subscriber::with_default(stack, || {
        let outer = tracing::info_span!("outer");
        outer.in_scope(|| {
            let fresh = tracing::info_span!("fresh");
            tracing::info!(parent: &fresh, "early");
            fresh
                .set_parent(Context::new())
                .expect("reading ids must not start the span");
            ids(&Context::current())
        })
    });
    // Not started, so it has no id of its own: the line takes the nearest span's.
    assert_eq!(ids_of(&records(&guard, &lines)[0]), Some(parent));
}

#[test]
fn a_level_for_events_does_not_hide_the_spans_around_them() {
    let (stack, guard, lines) = bridged("error");
    let expected = tracing::subscriber::with_default(stack, || {
        let span = tracing::debug_span!("quiet");
        let expected = span.in_scope(|| ids(&Context::current()));
        tracing::error!(parent: &span, "loud");
        expected
    });
    assert_eq!(ids_of(&records(&guard, &lines)[0]), Some(expected));
}

#[test]
fn an_attached_context_is_enough() {
    let tracer = SdkTracerProvider::builder().build().tracer("test");
    let cx = Context::current_with_span(tracer.start("native"));
    let expected = ids(&cx);
    let record = record_of(|| {
        let _attached = cx.attach();
        tracing::info!("inside");
    });
    assert_eq!(ids_of(&record), Some(expected));
    assert_eq!(record["trace_flags"], "01");
}

#[test]
fn a_tracing_span_keeps_the_ids_it_was_entered_with() {
    let tracer = SdkTracerProvider::builder().build().tracer("test");
    let contexts = [(); 2].map(|()| Context::new().with_span(tracer.start("native")));
    let expected: Vec<_> = contexts.iter().map(|cx| Some(ids(cx))).collect();
    let lines = crate::support::lines_of(|| {
        let span = tracing::info_span!("worker");
        for cx in contexts {
            let attached = cx.attach();
            let entered = span.enter();
            drop(attached);
            let _child = tracing::info_span!("never inside a context").entered();
            tracing::info!("no context any more");
            drop(entered);
        }
    });
    let found: Vec<_> = lines.iter().map(|line| ids_of(&parse(line))).collect();
    assert_eq!(found, expected);
}

fn exchange(request_id: &[u8]) -> Exchange {
    let telemetry = Telemetry::builder()
        .with_tracer_provider(SdkTracerProvider::builder().build())
        .build()
        .unwrap();
    let server = Instrumentation::builder(
        &telemetry,
        (Classify::Http, Side::Server),
        Descriptor::new("http.server.request.duration"),
        Descriptor::new("http.server.active_requests"),
        |_variant, route| OperationParts::new("GET").with_label("http.route", route),
    )
    .build();
    Exchange::open(&server, server.operation(0, "/"))
        .with_arrival(RequestId::parse(request_id).unwrap(), Extracted::default())
        .start(|_| {})
}

#[test]
fn a_line_inside_an_exchange_has_its_request_id() {
    let (first, second) = (exchange(b"req-1"), exchange(b"req-2"));
    let lines = crate::support::lines_of(|| {
        let attached = first.context().clone().attach();
        let span = tracing::info_span!("of the first");
        span.in_scope(|| tracing::info!("inside"));
        drop(attached);
        let _attached = second.context().clone().attach();
        tracing::info!("contextual");
        tracing::info!(parent: &span, "of the first still");
        tracing::info!(parent: None, "of none");
    });
    let found: Vec<_> = lines
        .iter()
        .map(|line| parse(line))
        .map(|record| {
            let request_id = record.get("request_id").and_then(Value::as_str);
            (ids_of(&record), request_id.map(str::to_owned))
        })
        .collect();
    let first = (Some(ids(first.context())), Some("req-1".to_owned()));
    let second = (Some(ids(second.context())), Some("req-2".to_owned()));
    assert_eq!(found, [first.clone(), second, first, (None, None)]);
}

#[test]
fn seventy_thousand_nested_contexts_do_not_panic() {
    // Past 65 535 the context stack warns while it is mutably borrowed.
    let (stack, guard, lines) = crate::support::stack(builder().with_queue_bytes(16 << 20));
    tracing::subscriber::with_default(stack, || {
        let mut attached: Vec<_> = (0..70_000).map(|_| Context::new().attach()).collect();
        // The warnings about guards that never got a place.
        attached.truncate(65_000);
        drop(attached.remove(0));
        tracing::info!("alive");
    });
    let records = records(&guard, &lines);
    let warned = records
        .iter()
        .filter(|record| record["target"] == "opentelemetry" && ids_of(record).is_none())
        .count() as u64;
    assert!(warned > 0);
    assert_eq!(records.last().unwrap()["body"], "alive");
    assert_eq!(guard.stats().dropped(), 0);
}

#[test]
fn internal_logs_are_written_from_warn_up_or_not_at_all() {
    let log = || {
        let _attached = Context::new()
            .with_span(SdkTracerProvider::builder().build().tracer("t").start("s"))
            .attach();
        tracing::error!(target: "opentelemetry-otlp", "e");
        tracing::warn!(target: "opentelemetry_sdk", "w");
        tracing::info!(target: "opentelemetry", "i");
    };
    for (is_on, written) in [(true, 2), (false, 0)] {
        let (stack, guard, lines) = crate::support::stack(builder().with_internal_logs(is_on));
        tracing::subscriber::with_default(stack, log);
        let records = records(&guard, &lines);
        assert_eq!(records.len() as u64, written);
        assert!(records.iter().all(|record| ids_of(record).is_none()));
        let stats = guard.stats();
        let internal = stats.dropped_for(otel_log_bridge::DropReason::Internal);
        assert_eq!((stats.events(), internal), (3, 3 - written));
    }
}
