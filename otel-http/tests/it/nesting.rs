//! One request, one exchange, however many layers it passes.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::routing::get as on_get;
use http::{Request, Response};
use http_body_util::Full;
use otel_core::exchange::Signals;
use otel_core::telemetry::Telemetry;
use otel_http::axum::{MatchedRoute, server_layer};
use otel_http::{HttpClientLayer, HttpServerLayer};
use testkit::Probe;
use tower::{Layer, ServiceExt, service_fn};

use crate::ask::{answer, ask, get, samples};

const SERVER: &str = "http_server_request_duration_seconds";

fn counted(telemetry: &Telemetry) -> u64 {
    let samples = samples(telemetry, SERVER);
    samples.iter().map(|sample| sample.count).sum()
}

fn metrics_alone(telemetry: &Telemetry) -> HttpServerLayer<MatchedRoute> {
    HttpServerLayer::builder(telemetry)
        .with_route(MatchedRoute)
        .with_signals(Signals::METRICS)
        .build()
        .unwrap()
}

fn shop() -> Router {
    Router::new().route("/orders/{id}", on_get(async || "an order"))
}

#[tokio::test]
async fn two_layers_that_make_metrics_alone_count_once() {
    let probe = Probe::new();
    let telemetry = probe.telemetry();
    let app = shop()
        .layer(metrics_alone(telemetry))
        .layer(server_layer(telemetry))
        .layer(metrics_alone(telemetry));
    let app = metrics_alone(telemetry).layer(app);
    answer(app, get(&probe, "/orders/1").map(Body::new)).await;
    assert_eq!(counted(telemetry), 1);
}

#[tokio::test]
async fn so_do_two_whose_contexts_hold_no_facts() {
    let mut probe = Probe::new();
    let bare = |telemetry| {
        let builder = HttpServerLayer::builder(telemetry).with_route(MatchedRoute);
        let builder = builder.with_signals(Signals::ALL.without_facts());
        builder.build().unwrap()
    };
    let inner = shop().layer(bare(probe.telemetry()));
    let app = bare(probe.telemetry()).layer(inner);
    let request = get(&probe, "/orders/1").map(Body::new);
    let (_, _, seen) = ask(&mut probe, app, request).await;
    assert_eq!((seen.spans.len(), seen.durations.len()), (1, 1));
    assert_eq!(seen.spans[0].parent_id, "00f067aa0ba902b7");
}

#[tokio::test]
async fn a_handle_tells_the_inner_layer_even_across_a_task() {
    let mut probe = Probe::new();
    let outer = HttpServerLayer::builder(probe.telemetry())
        .with_handle()
        .build()
        .unwrap();
    let inner = shop().layer(server_layer(probe.telemetry()));
    // As a buffer does, this leaves the thread and the context behind.
    let elsewhere = service_fn(move |request: Request<Body>| {
        let asked = tokio::spawn(inner.clone().oneshot(request));
        async move { asked.await.unwrap() }
    });
    let request = get(&probe, "/orders/1").map(Body::new);
    let (_, end, seen) = ask(&mut probe, outer.layer(elsewhere), request).await;
    assert_eq!(end.name, "GET /orders/{id}", "the inner one told its route");
    assert_eq!(seen.durations.len(), 1);
}

#[tokio::test]
async fn a_call_in_between_is_a_request_of_its_own() {
    let probe = Probe::new();
    let telemetry = probe.telemetry();
    let inner = shop().layer(metrics_alone(telemetry));
    let client = HttpClientLayer::builder(telemetry)
        .with_signals(Signals::METRICS)
        .build()
        .unwrap()
        .layer(inner);
    let app = metrics_alone(telemetry).layer(service_fn(move |_: Request<Body>| {
        let request = Request::get("http://shop.example/orders/1").body(Body::empty());
        client.clone().oneshot(request.unwrap())
    }));
    answer(app, get(&probe, "/").map(Body::new)).await;
    assert_eq!(counted(telemetry), 2);
}

#[tokio::test]
async fn a_request_that_is_passed_on_is_counted_where_it_arrives() {
    let probe = Probe::new();
    let telemetry = probe.telemetry();
    let with_handle = || {
        let builder = HttpServerLayer::builder(telemetry).with_handle();
        builder.build().unwrap()
    };
    let backend = with_handle().layer(shop());
    let client = HttpClientLayer::new(telemetry).layer(backend);
    let proxy = with_handle().layer(service_fn(move |request: Request<Body>| {
        client.clone().oneshot(request)
    }));
    answer(proxy, get(&probe, "/orders/1").map(Body::new)).await;
    assert_eq!(counted(telemetry), 2);
}

#[tokio::test]
async fn grpc_is_left_to_its_own_layer() {
    for (content_type, passed_by, counted_anyway) in [
        ("application/grpc", 0, 1),
        ("application/grpc+proto", 0, 1),
        ("application/grpc;charset=x", 0, 1),
        ("application/grpc-web", 1, 1),
        ("application/json", 1, 1),
    ] {
        for (counts_grpc, expected) in [(false, passed_by), (true, counted_anyway)] {
            let probe = Probe::new();
            let builder = HttpServerLayer::builder(probe.telemetry());
            let layer = match counts_grpc {
                true => builder.with_grpc_counted(),
                false => builder,
            };
            let app = layer.build().unwrap().layer(service_fn(|_| async {
                Ok::<_, Infallible>(Response::new(Full::<bytes::Bytes>::default()))
            }));
            let mut request = get(&probe, "/shop.Orders/Get");
            *request.method_mut() = http::Method::POST;
            let content_type = content_type.parse().unwrap();
            request.headers_mut().insert("content-type", content_type);
            answer(app, request).await;
            assert_eq!(counted(probe.telemetry()), expected, "{counts_grpc}");
        }
    }
}
