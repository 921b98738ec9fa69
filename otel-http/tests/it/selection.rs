//! Which requests are instrumented, and what becomes of those that are not.

use axum::Router;
use axum::body::Body;
use axum::routing::get as on_get;
use http::Request;
use otel_core::exchange::Signals;
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::TraceContextExt;
use otel_http::axum::MatchedRoute;
use otel_http::{HttpClientLayer, HttpServerLayer, Rollout};
use testkit::Probe;
use tower::{Layer, ServiceExt};

use crate::ask::{answer, get, samples};

const SERVER: &str = "http_server_request_duration_seconds";

/// A service whose `/healthz` calls its database.
fn service(probe: &Probe) -> Router {
    let database = Router::new().route("/ping", on_get(async || "pong"));
    let client = HttpClientLayer::new(probe.telemetry()).layer(database);
    let check = move || {
        let client = client.clone();
        async move {
            let request = Request::get("http://db.example/ping").body(Body::empty());
            client.oneshot(request.unwrap()).await.unwrap();
            let active = Context::map_current(|cx| cx.span().span_context().trace_id());
            active.to_string()
        }
    };
    Router::new()
        .route("/healthz", on_get(check.clone()))
        .route("/orders", on_get(check))
}

#[tokio::test]
async fn a_filtered_health_check_orphans_nothing() {
    let mut probe = Probe::new();
    let layer = HttpServerLayer::builder(probe.telemetry())
        .with_route(MatchedRoute)
        .with_selection(|_head, route| match route {
            Some("/healthz") => Signals::CONTEXT,
            _ => Signals::ALL,
        })
        .build()
        .unwrap();
    let app = service(&probe).layer(layer);
    let (_, trace_id) = answer(app, get(&probe, "/healthz").map(Body::new)).await;
    assert!(probe.traceparent().contains(&trace_id));

    let child = probe.next_end().await.unwrap();
    let seen = probe.verdicts(&child);
    assert_eq!(seen.spans.len(), 1, "the call alone: {:?}", seen.spans);
    assert_eq!(
        seen.spans[0].parent_id, "00f067aa0ba902b7",
        "a child of the prober's span"
    );
    assert!(samples(probe.telemetry(), SERVER).is_empty());
    assert_eq!(seen.in_flight, 0);
}

#[tokio::test]
async fn one_signal_of_one_request_can_be_left_out() {
    for (signals, spans, durations, lines) in [
        (Signals::ALL, 1, 1, 1),
        (Signals::ALL.without_traces(), 0, 1, 1),
        (Signals::ALL.without_metrics(), 1, 0, 1),
        (Signals::ALL.without_log_lines(), 1, 1, 0),
        (Signals::METRICS, 0, 1, 0),
        (Signals::CONTEXT, 0, 0, 0),
    ] {
        let mut probe = Probe::new();
        let layer = HttpServerLayer::builder(probe.telemetry())
            .with_selection(move |_, _| signals)
            .build()
            .unwrap();
        let app = Router::new().route("/", on_get(async || "ok")).layer(layer);
        answer(app, get(&probe, "/").map(Body::new)).await;
        let end = probe.next_end().await.unwrap();
        let seen = probe.verdicts(&end);
        let found = (seen.spans.len(), seen.durations.len());
        assert_eq!(found, (spans, durations), "{signals:?}");
        if signals.context() {
            assert_eq!(seen.log_lines.len(), lines, "{signals:?}");
        }
        assert_eq!(seen.in_flight, 0, "{signals:?}");
    }
}

#[tokio::test]
async fn no_signal_is_no_exchange() {
    let mut probe = Probe::new();
    for layer in [
        HttpServerLayer::builder(probe.telemetry()).with_selection(|_, _| Signals::NONE),
        HttpServerLayer::builder(probe.telemetry()).with_signals(Signals::NONE),
        HttpServerLayer::builder(probe.telemetry()).with_rollout(&Rollout::new(0.0).unwrap()),
    ] {
        let layer = layer.build().unwrap();
        let app = Router::new().route("/", on_get(async || "ok")).layer(layer);
        let (parts, body) = answer(app, get(&probe, "/").map(Body::new)).await;
        assert_eq!((parts.status.as_u16(), body.as_str()), (200, "ok"));
    }
    assert_eq!(probe.further_ends(), 0);
}

#[tokio::test]
async fn a_selection_that_panics_fails_no_request() {
    let mut probe = Probe::new();
    let layer = HttpServerLayer::builder(probe.telemetry())
        .with_selection(|_, _| panic!("asked to panic"))
        .build()
        .unwrap();
    let app = Router::new().route("/", on_get(async || "ok")).layer(layer);
    let (parts, _) = answer(app, get(&probe, "/").map(Body::new)).await;
    assert_eq!(parts.status.as_u16(), 200);
    assert!(probe.next_end().await.is_some());
    let faults = samples(probe.telemetry(), "telemetry_faults");
    let fault = faults
        .iter()
        .find(|sample| sample.labels["telemetry_fault"] == "hook_panicked");
    assert_eq!(fault.unwrap().count, 1);
}

#[tokio::test]
async fn a_rollout_is_turned_while_requests_are_served() {
    let mut probe = Probe::new();
    let rollout = Rollout::new(0.0).unwrap();
    let layer = HttpServerLayer::builder(probe.telemetry())
        .with_rollout(&rollout)
        .build()
        .unwrap();
    let app = Router::new().route("/", on_get(async || "ok")).layer(layer);
    for (share, expected) in [(0.0, 0), (1.0, 1), (0.0, 0)] {
        rollout.set_share(share).unwrap();
        answer(app.clone(), get(&probe, "/").map(Body::new)).await;
        assert_eq!(probe.further_ends(), expected, "{share}");
    }
}
