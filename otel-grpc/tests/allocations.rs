//! What the server layer allocates for each unary call, over a layer that only wraps the body.
//!
//! The service is a generated one, driven as a connection drives it. Calls repeat, so what is counted
//! is the steady state, and it is exact.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use otel_core::exchange::Signals;
use otel_core::opentelemetry;
use otel_core::sampling::ParentBased;
use otel_core::telemetry::{Telemetry, TelemetryBuilder};
use otel_grpc::GrpcServerLayer;
use testkit::alloc::CountingAllocator;
use tonic::body::Body;
use tonic::{Response, Status};
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tower::{Layer, Service};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const UNSAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

#[test]
fn allocations_per_call_stay_within_budget() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    // A body that is wrapped without a box allocates nothing, so the service alone is the reference.
    let reference = measure(&runtime, service(), SAMPLED);

    let built = |builder: TelemetryBuilder| builder.build().unwrap();
    let traced = || Telemetry::builder().with_tracer_provider(provider());
    let metrics = built(Telemetry::builder());
    let unsampled = built(traced().with_head_sampler(ParentBased::ratio(1.0).unwrap()));
    let recorded = built(traced());
    let layer = |telemetry: &Telemetry, signals| {
        GrpcServerLayer::builder(telemetry)
            .with_signals(signals)
            .with_methods(["grpc.health.v1.Health/Check"])
            .build()
            .unwrap()
    };
    for (what, layer, parent, budget) in [
        (
            "metrics alone",
            layer(&metrics, Signals::METRICS),
            SAMPLED,
            0,
        ),
        (
            "unsampled parent",
            layer(&unsampled, Signals::ALL),
            UNSAMPLED,
            4,
        ),
        ("recorded span", layer(&recorded, Signals::ALL), SAMPLED, 7),
    ] {
        let measured = measure(&runtime, layer.layer(service()), parent);
        println!("{what}: {} over the reference", measured - reference);
        assert!(
            measured <= reference + budget,
            "{what}: {measured} allocations, the reference {reference}, allowed {budget} more"
        );
    }

    // With messages counted: the shared state, the handle's place in the request, and what follows
    // the response.
    let counting = GrpcServerLayer::builder(&metrics)
        .with_signals(Signals::METRICS)
        .with_messages()
        .build()
        .unwrap();
    let measured = measure(&runtime, counting.layer(service()), SAMPLED);
    println!(
        "metrics and messages: {} over the reference",
        measured - reference
    );
    assert!(
        measured <= reference + 6,
        "{measured}, the reference {reference}"
    );
}

/// Allocations of one call, after enough of them to have met everything once.
fn measure<S, B>(runtime: &tokio::runtime::Runtime, mut service: S, traceparent: &str) -> u64
where
    S: Service<Request<Body>, Response = http::Response<B>, Error: std::fmt::Debug>,
    B: http_body::Body<Data = Bytes, Error: std::fmt::Debug>,
{
    let mut once = || {
        let request = Request::post("http://shop.example/grpc.health.v1.Health/Check")
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("user-agent", "tonic/0.14")
            .header("x-request-id", "7b0c1f4e")
            .header("traceparent", traceparent)
            .body(Body::new(Full::new(Bytes::from_static(b"\0\0\0\0\0"))))
            .unwrap();
        let ((), made) = ALLOCATOR.allocations_of(|| {
            runtime.block_on(async {
                let response = service.call(request).await.unwrap();
                let body = response.into_body().collect().await.unwrap();
                assert_eq!(body.trailers().unwrap()["grpc-status"], "0");
            });
        });
        made.count()
    };
    for _ in 0..100 {
        once();
    }
    let mut counts: Vec<u64> = (0..100).map(|_| once()).collect();
    // A table may grow now and then; the steady state is what most calls cost.
    counts.sort_unstable();
    counts[counts.len() / 2]
}

#[derive(Clone)]
struct Serving;

fn service() -> HealthServer<Serving> {
    HealthServer::new(Serving)
}

#[tonic::async_trait]
impl Health for Serving {
    async fn check(
        &self,
        _request: tonic::Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(HealthCheckResponse::default()))
    }

    type WatchStream = futures_util::stream::Empty<Result<HealthCheckResponse, Status>>;

    async fn watch(
        &self,
        _request: tonic::Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Ok(Response::new(futures_util::stream::empty()))
    }
}

fn provider() -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_span_processor(Nowhere)
        .build()
}

#[derive(Debug)]
struct Nowhere;

impl SpanProcessor for Nowhere {
    fn on_start(&self, _span: &mut Span, _cx: &opentelemetry::Context) {}
    fn on_end(&self, _span: SpanData) {}
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }
    fn shutdown_with_timeout(&self, _timeout: std::time::Duration) -> OTelSdkResult {
        Ok(())
    }
}
