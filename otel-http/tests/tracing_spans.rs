//! `tracing` spans opened inside an exchange are children of its span.
//!
//! Installs a `tracing` subscriber for the process, hence a file of its own.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use otel_core::opentelemetry::trace::TracerProvider;
use otel_core::telemetry::Telemetry;
use otel_http::HttpServerLayer;
use tower::{Layer, ServiceExt, service_fn};
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::test]
async fn they_are_children_in_every_poll_and_on_every_task() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("app")))
        .init();
    let telemetry = Telemetry::builder()
        .with_tracer_provider(provider)
        .build()
        .unwrap();
    let service = HttpServerLayer::new(&telemetry).layer(service_fn(|_: Request<()>| {
        let _in_call = tracing::info_span!("in call").entered();
        async {
            tracing::info_span!("in the first poll").in_scope(|| ());
            tokio::time::sleep(Duration::from_millis(1)).await;
            tracing::info_span!("in a later poll").in_scope(|| ());
            let nested = async { tracing::info_span!("nested").in_scope(|| ()) };
            nested.instrument(tracing::info_span!("around")).await;
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("ok")))
        }
    }));
    let response = service.oneshot(Request::new(())).await.unwrap();
    response.into_body().collect().await.unwrap();

    let spans = exporter.get_finished_spans().unwrap();
    let named = |name: &str| -> &SpanData {
        let found = spans.iter().find(|span| span.name == name);
        found.unwrap_or_else(|| unreachable!("no span {name:?} in {spans:#?}"))
    };
    let server = named("GET");
    for name in ["in call", "in the first poll", "in a later poll", "around"] {
        let span = named(name);
        assert_eq!(
            span.span_context.trace_id(),
            server.span_context.trace_id(),
            "{name}"
        );
        assert_eq!(span.parent_span_id, server.span_context.span_id(), "{name}");
    }
    assert_eq!(
        named("nested").parent_span_id,
        named("around").span_context.span_id()
    );
    assert_eq!(spans.len(), 6);
}
