//! The client layer: one CLIENT span, the context sent along, and ends of its own.

use std::convert::Infallible;
use std::io;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use otel_core::outcome::Outcome;
use otel_core::propagation::{Admission, Boundary, Release};
use otel_core::telemetry::Telemetry;
use otel_http::client::ClientEnd;
use otel_http::{HttpClientLayer, HttpServerLayer};
use testkit::Probe;
use tokio::sync::mpsc;
use tower::{Layer, ServiceExt, service_fn};

fn request(uri: &str) -> Request<Full<Bytes>> {
    Request::builder().uri(uri).body(Full::default()).unwrap()
}

#[tokio::test]
async fn a_client_inside_a_server_continues_its_trace() {
    let mut probe = Probe::new();
    let (tell, mut told) = mpsc::unbounded_channel::<HeaderMap>();
    let wire = service_fn(move |request: Request<Full<Bytes>>| {
        tell.send(request.headers().clone()).unwrap();
        async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("answer"))) }
    });
    let client = HttpClientLayer::new(probe.telemetry()).layer(wire);
    let server = HttpServerLayer::new(probe.telemetry()).layer(service_fn(move |_| {
        client
            .clone()
            .oneshot(request("http://me:pw@shop.example/x?sig=s&a=b"))
    }));
    let mut incoming = request("/");
    let traceparent = probe.traceparent().parse().unwrap();
    incoming.headers_mut().insert("traceparent", traceparent);
    let response = server.oneshot(incoming).await.unwrap();
    response.into_body().collect().await.unwrap();

    let client_end = probe.next_end().await.unwrap();
    let server_end = probe.next_end().await.unwrap();
    assert_eq!(client_end.trace_id, server_end.trace_id);
    let seen = probe.verdicts(&client_end);
    let [client, server] = seen.spans.as_slice() else {
        panic!("{:?}", seen.spans)
    };
    assert_eq!((client.name.as_str(), server.name.as_str()), ("GET", "GET"));
    assert_eq!(client.attributes["server.address"], "shop.example");
    assert_eq!(client.attributes["server.port"], "80");
    assert_eq!(
        client.attributes["url.full"],
        "http://REDACTED:REDACTED@shop.example/x?sig=REDACTED&a=b"
    );
    let sent = told.recv().await.unwrap();
    let traceparent = sent["traceparent"].to_str().unwrap();
    assert!(
        traceparent.contains(&client_end.trace_id.to_string()),
        "{traceparent}"
    );
    assert!(
        !traceparent.contains("00f067aa0ba902b7"),
        "the parent is the client's span"
    );
    assert!(sent.contains_key("x-request-id"));
}

#[tokio::test]
async fn verdicts_of_a_client() {
    type Answer = fn() -> io::Result<Response<Full<Bytes>>>;
    let table: [(&str, Answer, Outcome, Option<&str>); 3] = [
        ("200", || Ok(Response::default()), Outcome::Ok, None),
        (
            "404",
            || {
                let mut response = Response::default();
                *response.status_mut() = http::StatusCode::NOT_FOUND;
                Ok(response)
            },
            Outcome::ClientError,
            Some("404"),
        ),
        (
            "refused",
            || Err(io::ErrorKind::ConnectionRefused.into()),
            Outcome::ServerError,
            Some("connection_refused"),
        ),
    ];
    for (name, answer, outcome, error_type) in table {
        let mut probe = Probe::new();
        let wire = service_fn(move |_: Request<Full<Bytes>>| async move { answer() });
        let client = HttpClientLayer::new(probe.telemetry()).layer(wire);
        let _ = client.oneshot(request("http://shop.example:81/")).await;
        let end = probe.next_end().await.unwrap();
        let seen = probe.verdicts(&end);
        assert_eq!(end.outcome, outcome, "{name}");
        assert_eq!(seen.spans[0].error_type.as_deref(), error_type, "{name}");
        assert_eq!(seen.spans[0].is_error, error_type.is_some(), "{name}");
        assert_eq!(seen.durations[0].labels["server_port"], "81", "{name}");
        assert_eq!(seen.in_flight, 0, "{name}");
    }
}

#[tokio::test]
async fn an_upgrade_ends_at_the_head_with_the_verdict_of_its_server() {
    for end in [ClientEnd::Head, ClientEnd::Body] {
        let mut probe = Probe::new();
        let wire = service_fn(|_: Request<Full<Bytes>>| async {
            Response::builder()
                .status(101)
                .body(Full::<Bytes>::default())
        });
        let client = HttpClientLayer::builder(probe.telemetry())
            .with_end(end)
            .build()
            .unwrap()
            .layer(wire);
        let response = client.oneshot(request("http://shop.example/")).await;
        let told = probe.next_end().await.unwrap();
        assert_eq!(told.outcome, Outcome::Upgrade, "{end:?}");
        drop(response);
        assert_eq!(probe.further_ends(), 0, "{end:?}");
    }
}

#[tokio::test]
async fn a_caller_that_changes_its_mind_has_not_failed() {
    let mut probe = Probe::new();
    let wire = service_fn(|_: Request<Full<Bytes>>| {
        std::future::pending::<io::Result<Response<Full<Bytes>>>>()
    });
    let client = HttpClientLayer::new(probe.telemetry()).layer(wire);
    let mut call = Box::pin(client.oneshot(request("http://shop.example/")));
    assert!(futures_poll(&mut call).is_pending());
    drop(call);
    let end = probe.next_end().await.unwrap();
    let seen = probe.verdicts(&end);
    assert_eq!(end.outcome, Outcome::ClientDisconnect);
    assert!(!seen.spans[0].is_error);
    assert_eq!(seen.spans[0].error_type, None);
}

#[tokio::test]
async fn an_exchange_may_last_to_the_end_of_the_body() {
    for (end, before_the_body, after_it) in [(ClientEnd::Head, 1, 0), (ClientEnd::Body, 0, 1)] {
        let mut probe = Probe::new();
        let wire = service_fn(|_: Request<Full<Bytes>>| async {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("answer")))
        });
        let client = HttpClientLayer::builder(probe.telemetry())
            .with_end(end)
            .build()
            .unwrap()
            .layer(wire);
        let response = client
            .oneshot(request("http://shop.example/"))
            .await
            .unwrap();
        assert_eq!(probe.further_ends(), before_the_body, "{end:?}");
        response.into_body().collect().await.unwrap();
        assert_eq!(probe.further_ends(), after_it, "{end:?}");
    }
}

#[tokio::test]
async fn a_server_called_inside_the_process_is_a_request_of_its_own() {
    let untraced = Telemetry::builder().build().unwrap();
    let traced = Probe::new();
    for telemetry in [&untraced, traced.telemetry()] {
        let inner =
            HttpServerLayer::new(telemetry).layer(service_fn(|_: Request<Full<Bytes>>| async {
                Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("inner")))
            }));
        let client = HttpClientLayer::new(telemetry).layer(inner);
        let outer = HttpServerLayer::new(telemetry).layer(service_fn(move |_| {
            client.clone().oneshot(request("http://shop.example/"))
        }));
        let response = outer.oneshot(request("/")).await.unwrap();
        response.into_body().collect().await.unwrap();

        let snapshot = telemetry.registry().collect();
        let counted = |name| -> u64 {
            let family = snapshot.family(name).unwrap();
            let counts = family.series().map(|series| series.value());
            counts
                .filter_map(|value| Some(value.as_histogram()?.count()))
                .sum()
        };
        assert_eq!(counted("http_server_request_duration_seconds"), 2);
        assert_eq!(counted("http_client_request_duration_seconds"), 1);
    }
}

fn futures_poll<F: Future + Unpin>(future: &mut F) -> std::task::Poll<F::Output> {
    let waker = std::task::Waker::noop();
    std::pin::Pin::new(future).poll(&mut std::task::Context::from_waker(waker))
}

#[tokio::test]
async fn a_boundary_knows_callers_and_callees() {
    let boundary = Boundary::builder()
        .with_callers(Admission::link())
        .with_callees(Release::nothing())
        .add_callee(".shop.internal", Release::everything())
        .build()
        .unwrap();
    let mut probe = Probe::with(|builder| builder.with_boundary(boundary));
    let (tell, mut told) = mpsc::unbounded_channel::<HeaderMap>();
    let wire = service_fn(move |request: Request<Full<Bytes>>| {
        tell.send(request.headers().clone()).unwrap();
        async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) }
    });
    let client = HttpClientLayer::new(probe.telemetry()).layer(wire);
    let server = HttpServerLayer::new(probe.telemetry()).layer(service_fn(
        move |incoming: Request<Full<Bytes>>| {
            // As a proxy does it: what came in goes out.
            let mut outgoing = request(incoming.uri().path().trim_start_matches('/'));
            *outgoing.headers_mut() = incoming.headers().clone();
            client.clone().oneshot(outgoing)
        },
    ));
    for (target, is_told) in [
        ("/http://cart.shop.internal:8080", true),
        ("/http://shop.example", false),
    ] {
        let mut incoming = request(target);
        let traceparent = probe.traceparent();
        incoming
            .headers_mut()
            .insert("traceparent", traceparent.parse().unwrap());
        incoming
            .headers_mut()
            .insert("x-forwarded-client-cert", "Hash=0".parse().unwrap());
        let response = server.clone().oneshot(incoming).await.unwrap();
        response.into_body().collect().await.unwrap();

        let _client = probe.next_end().await.unwrap();
        let end = probe.next_end().await.unwrap();
        let linked = traceparent.replace("00-", "").replace("-01", "");
        assert!(!linked.starts_with(&end.trace_id.to_string()), "{target}");
        let spans = probe.verdicts(&end).spans;
        let links: Vec<_> = spans.iter().flat_map(|span| &span.links).collect();
        assert_eq!(links, [&linked], "{target}");

        let sent = told.recv().await.unwrap();
        assert!(!sent.contains_key("x-forwarded-client-cert"), "{target}");
        assert_eq!(sent.contains_key("traceparent"), is_told, "{target}");
        assert_eq!(sent.contains_key("x-request-id"), is_told, "{target}");
    }
}
