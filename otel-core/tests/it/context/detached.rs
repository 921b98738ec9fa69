//! Work that outlives its request: a root of its own, linked to what caused it.

use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SdkTracerProvider};
use otel_core::context::Carry;
use otel_core::exchange::ExchangeContext;
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::baggage::BaggageExt;
use otel_core::opentelemetry::trace::{SpanId, TraceContextExt};
use otel_core::outcome::Ending;

use super::{request, telemetry};

#[tokio::test]
async fn a_detached_task_has_a_linked_root_and_its_requests_baggage() {
    let spans = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(spans.clone())
        // One that takes any span in the context for a parent.
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
        .build();
    let telemetry = telemetry().with_tracer_provider(provider).build().unwrap();
    let mut exchange = request(&telemetry, 7);
    let caused_by = exchange.context().span().span_context().clone();
    let work = async {
        tokio::task::yield_now().await;
        Context::map_current(|cx| {
            let baggage = cx.baggage().get("n").map(|value| value.as_str().to_owned());
            let request_id = ExchangeContext::of(cx).map(|own| own.request_id().to_string());
            (cx.span().span_context().clone(), baggage, request_id)
        })
    };
    let detached = exchange.scope(|| work.carry_detached(&telemetry, "refresh"));
    exchange.end(Ending::Complete);
    let (own, baggage, request_id) = tokio::spawn(detached).await.unwrap();
    assert_eq!(baggage.as_deref(), Some("7"));
    assert_eq!(request_id.as_deref(), Some("r-7"));
    assert_ne!(own.trace_id(), caused_by.trace_id());

    let spans = spans.get_finished_spans().unwrap();
    let root = spans.iter().find(|span| span.name == "refresh").unwrap();
    assert_eq!(root.span_context, own);
    assert_eq!(root.parent_span_id, SpanId::INVALID);
    let links: Vec<_> = root
        .links
        .iter()
        .map(|link| link.span_context.clone())
        .collect();
    assert_eq!(links, [caused_by]);
}

#[tokio::test]
async fn outside_of_a_request_there_is_nothing_to_link() {
    let spans = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(spans.clone())
        .build();
    let telemetry = telemetry().with_tracer_provider(provider).build().unwrap();
    drop(async {}.carry_detached(&telemetry, "never polled"));
    async {}.carry_detached(&telemetry, "polled").await;
    let _suppressed = Context::enter_telemetry_suppressed_scope();
    async {}.carry_detached(&telemetry, "suppressed").await;
    let spans = spans.get_finished_spans().unwrap();
    let names: Vec<_> = spans.iter().map(|span| span.name.as_ref()).collect();
    assert_eq!(names, ["never polled", "polled"]);
    assert!(spans.iter().all(|span| span.links.is_empty()));
}

#[tokio::test]
async fn without_a_tracer_the_work_stays_in_its_context() {
    let telemetry = telemetry().build().unwrap();
    let work = async { super::seen() };
    let detached = request(&telemetry, 7).scope(|| work.carry_detached(&telemetry, "refresh"));
    assert_eq!(detached.await, Some(7));
}
