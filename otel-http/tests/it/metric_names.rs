//! The names of metrics, and the metrics that are off until asked for.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use http::{Request, Response};
use http_body_util::{Full, StreamBody};
use otel_core::exchange::Measure;
use otel_core::telemetry::Telemetry;
use otel_http::axum::MatchedRoute;
use otel_http::server::RequestBodyLayer;
use otel_http::{HttpServerLayer, MetricNames};
use testkit::Probe;
use tower::{Layer, ServiceExt, service_fn};

use crate::ask::{answer, ask, get, samples};
use crate::routes::Fixed;

const STANDARD: &str = "http_server_request_duration_seconds";
const CLASSIC: [&str; 2] = ["http_requests", "http_request_duration_seconds"];

#[tokio::test]
async fn one_record_under_the_names_that_are_asked_for() {
    for (names, standard, classic) in [
        (MetricNames::Conventions, 1, 0),
        (MetricNames::Classic, 0, 1),
        (MetricNames::Both, 1, 1),
    ] {
        let mut probe = Probe::new();
        let layer = HttpServerLayer::builder(probe.telemetry())
            .with_route(Fixed("/orders/{id}"))
            .with_metric_names(names)
            .build()
            .unwrap();
        let app = layer.layer(service_fn(|_| async {
            Response::builder()
                .status(503)
                .body(Full::<bytes::Bytes>::default())
        }));
        let request = get(&probe, "/orders/1");
        ask(&mut probe, app, request).await;
        assert_eq!(
            samples(probe.telemetry(), STANDARD).len(),
            standard,
            "{names:?}"
        );
        for family in CLASSIC {
            let found = samples(probe.telemetry(), family);
            assert_eq!(found.len(), classic, "{names:?} {family}");
            for sample in found {
                let labels: Vec<_> = sample.labels.iter().collect();
                let expected = [
                    ("method", "GET"),
                    ("route", "/orders/{id}"),
                    ("status", "503"),
                ];
                let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
                assert_eq!(
                    labels,
                    expected.each_ref().map(|(name, value)| (name, value))
                );
                assert_eq!(sample.count, 1);
            }
        }
    }
}

#[tokio::test]
async fn an_exchange_without_a_status_has_its_outcome_there() {
    let mut probe = Probe::new();
    let layer = HttpServerLayer::builder(probe.telemetry())
        .with_metric_names(MetricNames::Classic)
        .build()
        .unwrap();
    let app = layer.layer(service_fn(|_: Request<Full<bytes::Bytes>>| {
        std::future::pending::<Result<Response<Full<bytes::Bytes>>, Infallible>>()
    }));
    let mut call = Box::pin(app.oneshot(get(&probe, "/")));
    let waker = std::task::Waker::noop();
    let polled = call
        .as_mut()
        .poll(&mut std::task::Context::from_waker(waker));
    assert!(polled.is_pending());
    drop(call);
    assert!(probe.next_end().await.is_some());
    let found = samples(probe.telemetry(), "http_requests");
    assert_eq!(found[0].labels["status"], "client_disconnect");
}

/// A layer that records all there is to record.
fn recording(telemetry: &Telemetry, streams: Measure) -> HttpServerLayer<MatchedRoute> {
    HttpServerLayer::builder(telemetry)
        .with_route(MatchedRoute)
        .with_handle()
        .with_body_sizes()
        .with_time_to_head()
        .with_streams(streams)
        .build()
        .unwrap()
}

#[tokio::test]
async fn bodies_are_counted_as_they_were_transferred() {
    // The service reads all of the request, or its first frame alone.
    for (reads_all, received) in [(true, 11.0), (false, 5.0)] {
        let mut probe = Probe::new();
        let handler = move |body: Body| async move {
            use http_body_util::BodyExt;
            let mut body = body;
            while let Some(Ok(_)) = body.frame().await {
                if !reads_all {
                    break;
                }
            }
            "an answer"
        };
        let app = Router::new()
            .route("/upload", post(handler))
            .layer(RequestBodyLayer)
            .layer(recording(probe.telemetry(), Measure::Whole));
        let frames = ["hello", " world"].map(|text| {
            Ok::<_, Infallible>(http_body::Frame::data(bytes::Bytes::from_static(
                text.as_bytes(),
            )))
        });
        let body = Body::new(StreamBody::new(futures_util::stream::iter(frames)));
        let request = Request::post("/upload").body(body).unwrap();
        ask(&mut probe, app, request).await;
        for (family, bytes) in [
            ("http_server_request_body_size_bytes", received),
            ("http_server_response_body_size_bytes", 9.0),
        ] {
            let found = samples(probe.telemetry(), family);
            assert_eq!((found.len(), found[0].count), (1, 1), "{family}");
            assert!(
                (found[0].sum - bytes).abs() < 0.01,
                "{family}: {}",
                found[0].sum
            );
            assert_eq!(found[0].labels["http_route"], "/upload");
        }
        let time = samples(
            probe.telemetry(),
            "http_server_request_time_to_head_seconds",
        );
        assert_eq!(time[0].count, 1);
    }
}

#[tokio::test]
async fn a_stream_is_as_long_as_it_is_told_to_be() {
    for (streams, content_type, count, is_short) in [
        (Measure::Whole, "text/event-stream", 1, false),
        (Measure::ToHead, "text/event-stream; charset=utf-8", 1, true),
        (Measure::Nothing, "text/event-stream", 0, true),
        (Measure::ToHead, "text/html", 1, false),
    ] {
        let mut probe = Probe::new();
        let layer = recording(probe.telemetry(), streams);
        let app = layer.layer(service_fn(move |_| async move {
            let events = futures_util::stream::unfold(0, |sent| async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                let frame = http_body::Frame::data(bytes::Bytes::from_static(b"data: x\n\n"));
                (sent < 2).then_some((Ok::<_, Infallible>(frame), sent + 1))
            });
            Response::builder()
                .header("content-type", content_type)
                .body(Body::new(StreamBody::new(events)))
        }));
        let (_, body) = answer(app, get(&probe, "/").map(Body::new)).await;
        assert_eq!(body.len(), 18);
        let end = probe.next_end().await.unwrap();
        let seen = probe.verdicts(&end);
        assert!(
            seen.spans[0].duration >= Duration::from_millis(40),
            "the span is whole"
        );
        let found = samples(probe.telemetry(), STANDARD);
        let counted: u64 = found.iter().map(|sample| sample.count).sum();
        assert_eq!(counted, count, "{streams:?}");
        if count > 0 {
            let whole = end.duration.as_secs_f64();
            let head = end.time_to_head.unwrap().as_secs_f64();
            let expected = if is_short { head } else { whole };
            assert!(
                (found[0].sum - expected).abs() < 1e-6,
                "{streams:?} {content_type}"
            );
        }
    }
}
