//! What the server layer allocates for each request, over a layer that only wraps the body.
//!
//! The router is finalised once, as `axum::serve` does; the reference pays the same boxing that
//! any layer on an axum router does. Requests and their answers repeat, so what is counted is the
//! steady state, and it is exact.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use otel_core::exchange::Signals;
use otel_core::opentelemetry;
use otel_core::sampling::ParentBased;
use otel_core::telemetry::Telemetry;
use otel_http::HttpServerLayer;
use otel_http::axum::MatchedRoute;
use testkit::alloc::CountingAllocator;
use tower::{Layer, Service};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const UNSAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

#[test]
fn allocations_per_request_stay_within_budget() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let reference = measure(&runtime, router().layer(WrapsTheBody), SAMPLED);

    let silent = Telemetry::builder().build().unwrap();
    let traced = || Telemetry::builder().with_tracer_provider(provider());
    let unsampled = traced()
        .with_head_sampler(ParentBased::ratio(1.0).unwrap())
        .build()
        .unwrap();
    let recorded = traced().build().unwrap();

    let core = Signals::ALL.without_facts();
    for (what, telemetry, signals, has_handle, parent, budget) in [
        (
            "metrics alone",
            &silent,
            Signals::METRICS,
            false,
            SAMPLED,
            0,
        ),
        ("unsampled, core", &unsampled, core, false, UNSAMPLED, 1),
        ("recorded, core", &recorded, core, false, SAMPLED, 6),
        ("unsampled", &unsampled, Signals::ALL, false, UNSAMPLED, 4),
        ("recorded", &recorded, Signals::ALL, false, SAMPLED, 9),
        (
            "metrics, handle",
            &silent,
            Signals::METRICS,
            true,
            SAMPLED,
            5,
        ),
        (
            "unsampled, handle",
            &unsampled,
            Signals::ALL,
            true,
            UNSAMPLED,
            6,
        ),
        (
            "recorded, handle",
            &recorded,
            Signals::ALL,
            true,
            SAMPLED,
            11,
        ),
        (
            "every signal off",
            &recorded,
            Signals::NONE,
            false,
            SAMPLED,
            0,
        ),
    ] {
        let mut builder = HttpServerLayer::builder(telemetry)
            .with_route(MatchedRoute)
            .with_signals(signals);
        if has_handle {
            builder = builder.with_handle();
        }
        let layer = builder.build().unwrap();
        let measured = measure(&runtime, router().layer(layer), parent);
        println!(
            "{what}: {} over the reference",
            measured.cast_signed() - reference.cast_signed()
        );
        assert!(
            measured <= reference + budget,
            "{what}: {measured} allocations, the reference {reference}, allowed {budget} more"
        );
    }
}

/// Allocations of one request, after enough of them to have met everything once.
fn measure(runtime: &tokio::runtime::Runtime, router: Router, traceparent: &str) -> u64 {
    let mut service = router.with_state(());
    let mut once = || {
        let request = Request::get("/users/42")
            .header("host", "shop.example")
            .header("user-agent", "curl/8.5.0")
            .header("accept", "*/*")
            .header("accept-encoding", "gzip")
            .header("x-request-id", "7b0c1f4e")
            .header("traceparent", traceparent)
            .body(Body::empty())
            .unwrap();
        let ((), made) = ALLOCATOR.allocations_of(|| {
            runtime.block_on(async {
                let response = service.call(request).await.unwrap();
                let body = response.into_body().collect().await.unwrap();
                assert_eq!(body.to_bytes(), Bytes::from_static(b"ok"));
            });
        });
        made.count()
    };
    for _ in 0..100 {
        once();
    }
    let counts: Vec<u64> = (0..100).map(|_| once()).collect();
    // A table may grow now and then; the steady state is what most requests cost.
    let mut sorted = counts;
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

fn router() -> Router {
    Router::new().route("/users/{id}", get(async || "ok"))
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

/// The reference: a layer that wraps the response body and does nothing else.
#[derive(Clone, Copy)]
struct WrapsTheBody;

#[derive(Clone)]
struct Wrapping<S>(S);

struct Wrapped<B>(B);

impl<S> Layer<S> for WrapsTheBody {
    type Service = Wrapping<S>;
    fn layer(&self, inner: S) -> Wrapping<S> {
        Wrapping(inner)
    }
}

impl<S, A, B> Service<Request<A>> for Wrapping<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    S::Future: Send + 'static,
{
    type Response = Response<Wrapped<B>>;
    type Error = S::Error;
    type Future = WrappingFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        WrappingFuture {
            inner: self.0.call(request),
        }
    }
}

pin_project_lite::pin_project! {
    struct WrappingFuture<F> {
        #[pin]
        inner: F,
    }
}

impl<F, B, E> Future for WrappingFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<Wrapped<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project()
            .inner
            .poll(cx)
            .map_ok(|response| response.map(Wrapped))
    }
}

impl<B: HttpBody + Unpin> HttpBody for Wrapped<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
