//! Where routes come from, in axum and without it, and what requests without one become.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Method, Request};
use http_body_util::BodyExt;
use otel_core::exchange::Signals;
use otel_core::outcome::Outcome;
use otel_http::HttpServerLayer;
use otel_http::axum::{MatchedRoute, RouteRecorder, server_layer};
use otel_http::route::{RequestHead, RouteSource};
use testkit::{End, Probe, Verdicts};
use tower::{Layer, Service, ServiceExt};

/// The same route for every request.
#[derive(Debug)]
pub(crate) struct Fixed(pub(crate) &'static str);

impl RouteSource for Fixed {
    fn route<'a>(&self, _request: RequestHead<'a>) -> Option<&'a str> {
        Some(self.0)
    }
}

/// Sends one request to its end; tells its end and what it left behind.
async fn visit<S, B>(probe: &mut Probe, service: S, method: &str, path: &str) -> (End, Verdicts)
where
    S: Service<Request<Body>, Response = http::Response<B>>,
    S::Error: std::fmt::Debug,
    B: http_body::Body,
    B::Error: std::fmt::Debug,
{
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "shop.example:8443")
        .header("user-agent", "curl/8")
        .header("traceparent", probe.traceparent())
        .body(Body::empty())
        .unwrap();
    let response = service.oneshot(request).await.unwrap();
    response.into_body().collect().await.unwrap();
    let end = probe.next_end().await.unwrap();
    let seen = probe.verdicts(&end);
    assert_eq!(probe.further_ends(), 0, "one exchange, one end");
    (end, seen)
}

/// A router with everything that makes routes hard: nesting, services, parameters, no fallback.
fn shop() -> Router {
    Router::new()
        .route("/orders/{id}", get(async || "an order"))
        .nest(
            "/api",
            Router::new().route("/items/{sku}", get(async || "an item")),
        )
        .nest_service("/files", get(async || "a file"))
}

#[tokio::test]
async fn routes_of_axum_wherever_the_layer_stands() {
    let paths = [
        ("/orders/17", Some("/orders/{id}")),
        ("/api/items/4711", Some("/api/items/{sku}")),
        // axum tells no route to a service that is not a router.
        ("/files/a/b.txt", None),
        ("/no/such/path", None),
    ];
    for (path, route) in paths {
        // Inside the router, where the route is known at once.
        let mut probe = Probe::new();
        let app = shop().layer(server_layer(probe.telemetry()));
        let inside = visit(&mut probe, app, "GET", path).await;
        // Around it, where a recorder tells it late.
        let mut probe = Probe::new();
        let layer = HttpServerLayer::new(probe.telemetry());
        let app = layer.layer(shop().layer(RouteRecorder));
        let around = visit(&mut probe, app, "GET", path).await;

        for (how, (end, seen)) in [("inside", inside), ("around", around)] {
            let span = &seen.spans[0];
            let name = route.map_or_else(|| "GET".to_owned(), |route| format!("GET {route}"));
            let at = format!("{how}, {path}");
            assert_eq!(span.name, name, "{at}");
            assert_eq!(end.name, name, "{at}");
            assert_eq!(
                span.attributes.get("http.route").map(String::as_str),
                route,
                "{at}"
            );
            let labels = &seen.durations[0].labels;
            assert_eq!(labels.get("http_route").map(String::as_str), route, "{at}");
            assert_eq!(seen.durations.len(), 1, "{at}");
            assert!(
                !labels
                    .values()
                    .any(|value| route.is_none() && value.contains("such")),
                "{at}"
            );
            assert_eq!((seen.in_flight, seen.running), (0, 0), "{at}");
            assert!(span.repeated.is_empty(), "{at}: {:?}", span.repeated);
        }
    }
}

#[tokio::test]
async fn a_route_layer_and_a_method_router_work_too() {
    let mut probe = Probe::new();
    let app = Router::new()
        .route("/a/{b}", get(async || "x"))
        .route_layer(server_layer(probe.telemetry()));
    let (_, seen) = visit(&mut probe, app, "GET", "/a/1").await;
    assert_eq!(seen.spans[0].name, "GET /a/{b}");

    let mut probe = Probe::new();
    let method_router = get(async || "x").layer(server_layer(probe.telemetry()));
    let app = Router::new().route("/c/{d}", method_router);
    let (_, seen) = visit(&mut probe, app, "GET", "/c/1").await;
    assert_eq!(seen.spans[0].name, "GET /c/{d}");
}

#[tokio::test]
async fn two_layers_around_one_request_count_it_once() {
    let mut probe = Probe::new();
    let inner = shop().layer(server_layer(probe.telemetry()));
    let app = HttpServerLayer::new(probe.telemetry()).layer(inner);
    let (end, seen) = visit(&mut probe, app, "GET", "/orders/1").await;
    assert_eq!(seen.spans.len(), 1);
    assert_eq!(seen.log_lines.len(), 1);
    assert_eq!(
        seen.durations
            .iter()
            .map(|series| series.count)
            .sum::<u64>(),
        1
    );
    assert_eq!(end.name, "GET /orders/{id}", "the inner one told its route");
}

#[tokio::test]
async fn the_attributes_of_a_span_are_those_of_the_conventions() {
    let mut probe = Probe::new();
    let app = shop().layer(server_layer(probe.telemetry()));
    let (_, seen) = visit(&mut probe, app, "GET", "/orders/17?a=1&sig=secret").await;
    let attributes: Vec<_> = seen.spans[0]
        .attributes
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        attributes,
        [
            ("exchange.outcome", "ok"),
            ("http.request.method", "GET"),
            ("http.response.status_code", "200"),
            ("http.route", "/orders/{id}"),
            ("network.protocol.version", "1.1"),
            ("server.address", "shop.example"),
            ("server.port", "8443"),
            ("url.path", "/orders/17"),
            ("url.query", "a=1&sig=REDACTED"),
            ("url.scheme", "http"),
            ("user_agent.original", "curl/8"),
        ]
    );
}

#[tokio::test]
async fn unknown_methods_and_paths_make_no_series() {
    let mut probe = Probe::new();
    let app = shop().layer(server_layer(probe.telemetry()));
    let mut names = BTreeSet::new();
    for index in 0..200 {
        let (end, seen) = visit(
            &mut probe,
            app.clone(),
            &format!("ODD{index}"),
            &format!("/{index}/x"),
        )
        .await;
        names.insert(end.name);
        let mut original = seen.spans.iter().filter_map(|span| {
            let original = span.attributes.get("http.request.method_original");
            original.map(String::as_str)
        });
        assert_eq!(original.next_back(), Some(format!("ODD{index}").as_str()));
        assert_eq!(seen.durations.len(), 1, "{:?}", seen.durations);
        assert_eq!(seen.durations[0].labels["http_request_method"], "_OTHER");
    }
    assert_eq!(names, BTreeSet::from(["HTTP"]));
}

#[tokio::test]
async fn a_future_dropped_before_its_first_poll_is_a_disconnect() {
    let mut probe = Probe::new();
    let mut app = HttpServerLayer::builder(probe.telemetry())
        .with_route(MatchedRoute)
        .build()
        .unwrap()
        .layer(shop());
    let request = Request::builder()
        .method(Method::GET)
        .uri("/orders/1")
        .header("traceparent", probe.traceparent())
        .body(Body::empty())
        .unwrap();
    drop(app.call(request));

    let end = probe.next_end().await.unwrap();
    let seen = probe.verdicts(&end);
    assert_eq!(end.outcome, Outcome::ClientDisconnect);
    assert_eq!(
        (seen.spans.len(), seen.log_lines.len(), seen.in_flight),
        (1, 1, 0)
    );
    assert_eq!(end.time_to_head, None);
}

#[tokio::test]
async fn metrics_alone_touch_no_context() {
    let mut probe = Probe::new();
    let layer = HttpServerLayer::builder(probe.telemetry())
        .with_route(MatchedRoute)
        .with_signals(Signals::METRICS)
        .build()
        .unwrap();
    let app = shop()
        .route(
            "/context",
            get(async || {
                use otel_core::opentelemetry::Context;
                use otel_core::opentelemetry::trace::TraceContextExt;
                let active = Context::map_current(|cx| cx.has_active_span());
                assert!(!active, "the caller's context was attached");
                "none"
            }),
        )
        .layer(layer);
    let (_, seen) = visit(&mut probe, app, "GET", "/context").await;
    assert_eq!((seen.spans.len(), seen.log_lines.len()), (0, 0));
    assert_eq!(seen.durations[0].count, 1);
}
