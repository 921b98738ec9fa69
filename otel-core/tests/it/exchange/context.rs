//! What of the caller's context goes in, and what goes out.

use http::{HeaderMap, HeaderValue};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use otel_core::exchange::{Exchange, ExchangeContext, Signals};
use otel_core::opentelemetry::trace::{SpanContext, TraceContextExt};
use otel_core::opentelemetry::{Context, KeyValue};
use otel_core::outcome::Ending;
use otel_core::propagation::{Format, Propagator};
use otel_core::request_id::RequestId;
use otel_core::sampling::ParentBased;
use otel_core::telemetry::{Telemetry, TelemetryBuilder};

use super::instrumentation;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

fn headers(flags: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let traceparent = format!("00-{TRACE}-{PARENT}-{flags}");
    headers.insert("traceparent", traceparent.parse().unwrap());
    // A key that is legal at level 2 and not at level 1, which the SDK's type refuses.
    headers.insert("tracestate", HeaderValue::from_static("foo@=1,bar=2"));
    headers.insert("x-request-id", HeaderValue::from_static("r-1"));
    headers
}

fn open(telemetry: &Telemetry, headers: &HeaderMap) -> Exchange {
    let instrumentation = instrumentation(telemetry, Signals::ALL);
    let operation = instrumentation.operation(0, "");
    Exchange::open(&instrumentation, operation)
        .with_arrival(
            RequestId::from_headers(headers),
            telemetry.propagator().extract(headers),
        )
        .start(|_attributes| {})
}

fn own(exchange: &Exchange) -> SpanContext {
    exchange.context().span().span_context().clone()
}

fn outgoing(telemetry: &Telemetry, exchange: &Exchange) -> HeaderMap {
    let mut headers = HeaderMap::new();
    telemetry.inject(exchange.context(), &mut headers);
    headers
}

fn traced() -> TelemetryBuilder {
    Telemetry::builder().with_tracer_provider(SdkTracerProvider::builder().build())
}

fn never() -> TelemetryBuilder {
    let provider = SdkTracerProvider::builder()
        .with_sampler(Sampler::AlwaysOff)
        .build();
    Telemetry::builder().with_tracer_provider(provider)
}

fn head_sampled() -> TelemetryBuilder {
    traced().with_head_sampler(ParentBased::ratio(1.0).unwrap())
}

#[test]
fn the_callers_state_and_random_flag_survive_every_sampler() {
    let cases = [
        // pipeline, flags in, flags out
        ("recorded", traced(), "03", "03"),
        ("dropped by the SDK", never(), "02", "02"),
        ("unsampled by the head sampler", head_sampled(), "02", "02"),
        ("without a tracer", Telemetry::builder(), "03", "03"),
        ("a caller without the random flag", traced(), "01", "01"),
    ];
    for (name, builder, flags_in, flags_out) in cases {
        let telemetry = builder.build().unwrap();
        let exchange = open(&telemetry, &headers(flags_in));
        let sent = outgoing(&telemetry, &exchange);

        let span_id = own(&exchange).span_id().to_string();
        assert_eq!(
            sent["traceparent"],
            format!("00-{TRACE}-{span_id}-{flags_out}"),
            "{name}"
        );
        assert_eq!(sent["tracestate"], "foo@=1,bar=2", "{name}");
        assert_eq!(sent["x-request-id"], "r-1", "{name}");
    }
}

#[test]
fn an_unsampled_exchange_has_a_span_id_of_its_own_in_its_callers_trace() {
    let telemetry = head_sampled().build().unwrap();
    let mut asked = false;
    let instrumentation = instrumentation(&telemetry, Signals::ALL);
    let exchange = Exchange::open(&instrumentation, instrumentation.operation(0, ""))
        .with_arrival(
            RequestId::random(),
            telemetry.propagator().extract(&headers("00")),
        )
        .start(|attributes| {
            asked = true;
            attributes.push(KeyValue::new("a", "b"));
        });
    let own = own(&exchange);
    assert!(!asked, "no attribute is built for a span nobody will see");
    assert_eq!(own.trace_id().to_string(), TRACE);
    assert_ne!(own.span_id().to_string(), PARENT);
    assert!(own.is_valid() && !own.is_sampled() && !own.is_remote());
}

#[test]
fn without_a_caller_an_unsampled_root_has_a_random_trace() {
    let telemetry = traced()
        .with_head_sampler(ParentBased::ratio(0.0).unwrap())
        .build()
        .unwrap();
    let (first, second) = (
        open(&telemetry, &HeaderMap::new()),
        open(&telemetry, &HeaderMap::new()),
    );
    assert!(own(&first).is_valid());
    assert_ne!(own(&first).trace_id(), own(&second).trace_id());
    let sent = outgoing(&telemetry, &first);
    assert!(
        sent["traceparent"].to_str().unwrap().ends_with("-02"),
        "{sent:?}"
    );
    assert!(!sent.contains_key("tracestate"));
}

#[test]
fn the_context_is_current_inside_and_gone_outside() {
    let telemetry = traced().build().unwrap();
    let mut exchange = open(&telemetry, &headers("01"));
    let own = own(&exchange);
    let (inside, request_id) = exchange.scope(|| {
        Context::map_current(|cx| {
            let request_id = ExchangeContext::of(cx).map(|exchange| *exchange.request_id());
            (cx.span().span_context().clone(), request_id)
        })
    });
    assert_eq!(inside, own);
    assert_eq!(request_id.unwrap().as_str(), "r-1");
    assert!(!Context::map_current(|cx| cx.has_active_span()));
}

#[test]
fn a_suppressed_context_leaves_nothing() {
    let telemetry = traced().with_in_flight(8).build().unwrap();
    let mut exchange = {
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        open(&telemetry, &headers("01"))
    };
    exchange.end(Ending::Complete);
    let snapshot = telemetry.registry().collect();
    assert!(
        snapshot
            .family("test_request_duration_seconds")
            .unwrap()
            .is_empty()
    );
    assert!(telemetry.in_flight().unwrap().running().is_empty());
    assert!(!own(&exchange).is_valid());
}

#[test]
fn an_existing_request_id_is_not_replaced() {
    let telemetry = traced().build().unwrap();
    let exchange = open(&telemetry, &headers("01"));
    let mut sent = HeaderMap::new();
    sent.insert("x-request-id", HeaderValue::from_static("mine"));
    telemetry.inject(exchange.context(), &mut sent);
    assert_eq!(sent["x-request-id"], "mine");
}

#[test]
fn a_decision_that_came_without_a_span_is_followed() {
    let never = || ParentBased::ratio(0.0).unwrap();
    let cases = [
        // the header, whether the head sampler would take a root, whether it is recorded
        ("0", true, false),
        ("1", false, true),
        ("d", false, true),
    ];
    for (b3, takes_roots, recorded) in cases {
        let builder = traced().with_propagator(Propagator::ordered([Format::B3Single]));
        let telemetry = if takes_roots {
            builder.build().unwrap()
        } else {
            builder.with_head_sampler(never()).build().unwrap()
        };
        let mut headers = HeaderMap::new();
        headers.insert("b3", HeaderValue::from_static(b3));
        let own = own(&open(&telemetry, &headers));
        assert!(own.is_valid(), "b3: {b3}");
        assert_eq!(own.is_sampled(), recorded, "b3: {b3}");
    }
}
