//! Contexts made of what is left when the headers are gone.

use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry_sdk::trace::SdkTracerProvider;
use otel_core::exchange::{Exchange, ExchangeContext, Signals};
use otel_core::outcome::Ending;
use otel_core::propagation::{
    Admission, Boundary, Caller, Format, Propagator, Reconstruction, ReconstructionSource,
};
use otel_core::resource::Resource;
use otel_core::sampling::ParentBased;
use otel_core::telemetry::{Telemetry, TelemetryBuilder};
use proptest::prelude::*;
use testkit::Probe;

use super::header_map;
use crate::exchange::instrumentation;

const KEY: &[u8] = b"sixteen bytes ok";

fn reconstruction() -> Reconstruction {
    Reconstruction::new(KEY).unwrap()
}

fn service(name: &str, reconstruction: Reconstruction) -> TelemetryBuilder {
    let resource = Resource::builder().with_service_name(name).build().unwrap();
    Telemetry::builder()
        .with_resource(resource)
        .with_propagator(Propagator::ordered([Format::W3c, Format::XRay]))
        .with_reconstruction(reconstruction)
}

fn made(telemetry: &Telemetry, headers: &HeaderMap) -> Option<(ReconstructionSource, SpanContext)> {
    let arrival = telemetry.arrive(&Caller::new(headers).with_path("/orders"));
    let made = arrival.reconstructed()?;
    assert_eq!(arrival.parent(), Some(made.span_context()));
    Some((made.source(), made.span_context().clone()))
}

fn of_request_id(telemetry: &Telemetry, request_id: &str) -> SpanContext {
    let (source, found) = made(telemetry, &header_map([("x-request-id", request_id)])).unwrap();
    assert_eq!(source, ReconstructionSource::RequestId);
    assert!(found.is_valid() && found.is_remote());
    found
}

#[test]
fn services_that_share_the_key_come_to_the_same() {
    let cart = service("cart", reconstruction()).build().unwrap();
    let stock = service("stock", reconstruction()).build().unwrap();
    let other_key = Reconstruction::new(b"another sixteen b").unwrap();
    let stranger = service("cart", other_key).build().unwrap();
    for request_id in ["r-1", "7b0c1f4e", "A:b.c_d-e"] {
        let here = of_request_id(&cart, request_id);
        assert_eq!(here, of_request_id(&stock, request_id));
        assert_eq!(
            here,
            of_request_id(&cart, request_id),
            "a retry is the same"
        );
        let elsewhere = of_request_id(&stranger, request_id);
        assert_ne!(here.trace_id(), elsewhere.trace_id());
        assert_ne!(here.span_id(), elsewhere.span_id());
    }
    assert_ne!(of_request_id(&cart, "r-1"), of_request_id(&cart, "r-2"));
}

#[test]
fn what_envoy_writes_into_a_uuid_makes_no_difference() {
    let telemetry = service("cart", reconstruction()).build().unwrap();
    let plain = of_request_id(&telemetry, "125891a7-0c9e-4d6b-8f4e-2a1b3c4d5e6f");
    for hop in [
        "125891a7-0c9e-9d6b-8f4e-2a1b3c4d5e6f",
        "125891a7-0c9e-ad6b-8f4e-2a1b3c4d5e6f",
        "125891a7-0c9e-bd6b-8f4e-2a1b3c4d5e6f",
        "125891A7-0C9E-4D6B-8F4E-2A1B3C4D5E6F",
    ] {
        assert_eq!(of_request_id(&telemetry, hop), plain, "{hop}");
    }
    for other in [
        "125891a7-0c9e-4d6b-8f4e-2a1b3c4d5e6e",
        "125891a7-0c9f-4d6b-8f4e-2a1b3c4d5e6f",
        "125891a7-0c9e-4d6b-8f4e-2a1b3c4d5e6g",
    ] {
        assert_ne!(of_request_id(&telemetry, other), plain, "{other}");
    }
}

#[test]
fn sources_are_tried_in_order() {
    let telemetry = service("cart", reconstruction()).build().unwrap();
    const ROOT: &str = "Root=1-80e1afed-08e019fc1110464cfa66635c";
    let request_id = ("x-request-id", "r-1");
    let cases: &[(&str, &super::Lines, Option<ReconstructionSource>)] = &[
        (
            "a context is not reconstructed",
            &[("traceparent", "00-{trace}-{parent}-01"), request_id],
            None,
        ),
        (
            "a trace id without a span",
            &[("x-amzn-trace-id", ROOT), request_id],
            Some(ReconstructionSource::TraceId),
        ),
        (
            "a correlation id",
            &[request_id],
            Some(ReconstructionSource::RequestId),
        ),
        (
            "the other header of correlation ids",
            &[("x-correlation-id", "c-1")],
            Some(ReconstructionSource::RequestId),
        ),
        (
            "an id of two lines is none",
            &[request_id, ("x-request-id", "r-2")],
            None,
        ),
        ("nothing", &[], None),
    ];
    for &(why, incoming, source) in cases {
        let headers = header_map(incoming.iter().copied());
        let found = made(&telemetry, &headers).map(|(source, _)| source);
        assert_eq!(found, source, "{why}");
    }
    let (_, of_root) = made(&telemetry, &header_map([("x-amzn-trace-id", ROOT)])).unwrap();
    assert_eq!(of_root.trace_id().to_string(), super::TRACE);

    let _current = Context::new()
        .with_remote_span_context(of_root.clone())
        .attach();
    let (source, found) = made(&telemetry, &header_map([request_id])).unwrap();
    assert_eq!(source, ReconstructionSource::Context);
    assert_eq!(found, of_root);
}

#[test]
fn a_local_one_is_for_one_request_and_never_for_two() {
    let local = || reconstruction().with_local_fallback();
    let telemetry = service("cart", local()).build().unwrap();
    let twin = service("cart", local()).build().unwrap();
    let mut seen = Vec::new();
    for telemetry in [&telemetry, &telemetry, &twin, &twin] {
        let (source, found) = made(telemetry, &HeaderMap::new()).unwrap();
        assert_eq!(source, ReconstructionSource::Local);
        assert_eq!(source.scope().as_str(), "local");
        assert!(!seen.contains(&found.trace_id()));
        seen.push(found.trace_id());
    }
}

#[test]
fn a_caller_that_is_not_believed_chooses_no_trace() {
    let headers = header_map([
        ("x-request-id", "r-1"),
        (
            "x-amzn-trace-id",
            "Root=1-80e1afed-08e019fc1110464cfa66635c",
        ),
    ]);
    for admission in [Admission::link(), Admission::nothing()] {
        let boundary = Boundary::builder().with_callers(admission).build().unwrap();
        let telemetry = service("edge", reconstruction())
            .with_boundary(boundary)
            .build()
            .unwrap();
        assert_eq!(made(&telemetry, &headers), None);
    }
    let careful = reconstruction().without_request_ids();
    let telemetry = service("edge", careful).build().unwrap();
    assert_eq!(
        made(&telemetry, &header_map([("x-request-id", "r-1")])),
        None
    );
}

#[tokio::test]
async fn the_span_says_so_and_everything_else_agrees() {
    let policy = reconstruction().with_alias();
    let mut probe = Probe::with(|builder| builder.with_reconstruction(policy));
    let telemetry = probe.telemetry().clone();
    let instrumentation = instrumentation(&telemetry, Signals::ALL);
    let headers = header_map([("x-request-id", "r-1")]);
    let arrival = telemetry.arrive(&Caller::new(&headers));
    let parent = arrival.parent().unwrap().clone();
    let mut exchange = Exchange::open(&instrumentation, instrumentation.operation(0, "/r"))
        .arriving(arrival)
        .start(|_attributes| {});
    let mut sent = HeaderMap::new();
    telemetry.inject(exchange.context(), &mut sent);
    assert!(
        ExchangeContext::of(exchange.context())
            .unwrap()
            .remote()
            .is_none()
    );
    exchange.end(Ending::Complete);

    let end = probe.next_end().await.unwrap();
    assert_eq!(end.trace_id, parent.trace_id());
    let span = &probe.verdicts(&end).spans[0];
    assert_eq!(span.parent_id, parent.span_id().to_string());
    for (name, value) in [
        ("trace.reconstructed", "true"),
        ("trace.reconstructed.source", "request_id"),
        ("trace.reconstructed.scope", "global"),
        ("isReconstructed", "true"),
    ] {
        assert_eq!(span.attributes[name], value);
    }
    let traceparent = format!("00-{}-{}-03", end.trace_id, span.span_id);
    assert_eq!(sent["traceparent"], traceparent);
    let snapshot = telemetry.registry().collect();
    let series = snapshot.family("exchange_parents").unwrap().series().next();
    assert_eq!(
        series.unwrap().labels(),
        "exchange_parent=\"reconstructed\",http_route=\"/r\""
    );
}

#[test]
fn services_with_a_head_sampler_decide_alike() {
    let service = |name: &str| {
        service(name, reconstruction())
            .with_tracer_provider(SdkTracerProvider::builder().build())
            .with_head_sampler(ParentBased::ratio(0.5).unwrap())
            .build()
            .unwrap()
    };
    let (cart, stock) = (service("cart"), service("stock"));
    let is_sampled = |telemetry: &Telemetry, request_id: &str| {
        let headers = header_map([("x-request-id", request_id)]);
        let instrumentation = instrumentation(telemetry, Signals::ALL);
        let exchange = Exchange::open(&instrumentation, instrumentation.operation(0, ""))
            .arriving(telemetry.arrive(&Caller::new(&headers)))
            .start(|_attributes| {});
        let cx = exchange.context().clone();
        let span = cx.span().span_context().clone();
        assert_eq!(
            span.trace_id(),
            of_request_id(telemetry, request_id).trace_id()
        );
        span.is_sampled()
    };
    let decisions: Vec<_> = (0..64)
        .map(|n| {
            let request_id = format!("r-{n}");
            let here = is_sampled(&cart, &request_id);
            assert_eq!(here, is_sampled(&stock, &request_id));
            here
        })
        .collect();
    assert!(decisions.contains(&true) && decisions.contains(&false));
}

#[test]
fn a_short_key_is_refused() {
    assert!(Reconstruction::new(b"fifteen bytes..").is_err());
    let shown = format!("{:?}", reconstruction());
    assert!(!shown.contains("sixteen"), "{shown}");
}

proptest! {
    #[test]
    fn any_id_makes_a_valid_context(request_id in "[A-Za-z0-9._:-]{1,64}") {
        let telemetry = service("cart", reconstruction()).build().unwrap();
        let found = of_request_id(&telemetry, &request_id);
        prop_assert!(found.is_sampled());
        prop_assert_eq!(found.trace_flags().to_u8(), 0x03);
    }
}
