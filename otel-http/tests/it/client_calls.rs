//! What a client's span says of a call, over real connections where the wire matters.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{Empty, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use otel_core::opentelemetry::Context;
use otel_core::outcome::Outcome;
use otel_http::client::{AttemptsLayer, UrlTemplate};
use otel_http::{HttpClientLayer, HttpServerLayer};
use testkit::Probe;
use tokio::net::TcpStream;
use tower::retry::{Policy, RetryLayer};
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};

use crate::ask::answer;
use crate::wire::{self, Wire};

fn request(uri: &str) -> Request<Full<Bytes>> {
    Request::builder().uri(uri).body(Full::default()).unwrap()
}

async fn ok(_: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::default())
}

#[tokio::test]
async fn the_version_is_the_one_that_was_negotiated() {
    for (over, version) in [(Wire::Http1, "1.1"), (Wire::Http2, "2")] {
        let mut probe = Probe::new();
        let server = service_fn(|_: Request<Incoming>| async {
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"x"))))
        });
        let address = wire::serve(over, server).await;
        let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
        // The request says 1.1 on both, as requests do.
        let request = Request::builder()
            .uri(format!("http://{address}/"))
            .body(Empty::<Bytes>::new())
            .unwrap();
        let layer = HttpClientLayer::new(probe.telemetry());
        match over {
            Wire::Http1 => {
                let (sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
                tokio::spawn(connection);
                let sender = std::sync::Mutex::new(sender);
                let client = layer.layer(service_fn(move |request| {
                    sender.lock().unwrap().send_request(request)
                }));
                answer(client, request).await;
            }
            Wire::Http2 => {
                let executor = TokioExecutor::new();
                let (sender, connection) = hyper::client::conn::http2::handshake(executor, io)
                    .await
                    .unwrap();
                tokio::spawn(connection);
                let client = layer.layer(service_fn(move |request| {
                    sender.clone().send_request(request)
                }));
                answer(client, request).await;
            }
        }
        let end = probe.next_end().await.unwrap();
        let seen = probe.verdicts(&end);
        let span = &seen.spans[0];
        assert_eq!(span.attributes["network.protocol.version"], version);
        assert_eq!(span.attributes["server.port"], address.port().to_string());
        assert!(span.repeated.is_empty(), "{:?}", span.repeated);
        let labels = &seen.durations[0].labels;
        assert_eq!(labels["network_protocol_version"], version);
        assert_eq!(seen.in_flight, 0);
    }
}

#[tokio::test]
async fn a_template_names_the_span_and_a_label() {
    let mut probe = Probe::new();
    let client = HttpClientLayer::new(probe.telemetry()).layer(service_fn(ok));
    let mut request = request("http://shop.example/orders/17");
    let template = UrlTemplate::new("/orders/{id}");
    request.extensions_mut().insert(template);
    answer(client, request).await;
    let end = probe.next_end().await.unwrap();
    assert_eq!(end.name, "GET /orders/{id}");
    let seen = probe.verdicts(&end);
    assert_eq!(seen.spans[0].attributes["url.template"], "/orders/{id}");
    assert_eq!(seen.spans[0].attributes["server.address"], "shop.example");
    assert_eq!(seen.durations[0].labels["url_template"], "/orders/{id}");
}

/// Asks twice more.
#[derive(Clone)]
struct Twice(u32);

impl<E> Policy<Request<Full<Bytes>>, Response<otel_core::exchange::ExchangeBody<Full<Bytes>>>, E>
    for Twice
{
    type Future = std::future::Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<Full<Bytes>>,
        result: &mut Result<Response<otel_core::exchange::ExchangeBody<Full<Bytes>>>, E>,
    ) -> Option<Self::Future> {
        let has_failed = result
            .as_ref()
            .is_ok_and(|response| response.status() == 503);
        (has_failed && self.0 > 0).then(|| {
            self.0 -= 1;
            std::future::ready(())
        })
    }

    fn clone_request(&mut self, request: &Request<Full<Bytes>>) -> Option<Request<Full<Bytes>>> {
        Some(request.clone())
    }
}

#[tokio::test]
async fn attempts_are_spans_of_their_own_and_numbered() {
    let mut probe = Probe::new();
    let client = ServiceBuilder::new()
        .layer(AttemptsLayer)
        .layer(RetryLayer::new(Twice(2)))
        .layer(HttpClientLayer::new(probe.telemetry()))
        .service(service_fn(|_: Request<Full<Bytes>>| async {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Response::builder().status(status).body(Full::default())
        }));
    client
        .oneshot(request("http://shop.example/"))
        .await
        .unwrap();
    let mut counts = Vec::new();
    let mut trace_ids = Vec::new();
    for _ in 0..3 {
        let end = probe.next_end().await.unwrap();
        assert_eq!(end.outcome, Outcome::ServerError);
        let span = probe.verdicts(&end).spans.swap_remove(0);
        counts.push(span.attributes.get("http.request.resend_count").cloned());
        trace_ids.push(end.trace_id);
    }
    assert_eq!(counts, [None, Some("1".to_owned()), Some("2".to_owned())]);
    assert_eq!(probe.further_ends(), 0);
}

#[tokio::test]
async fn redirects_are_attempts_too() {
    use tower_http::follow_redirect::FollowRedirectLayer;

    let mut probe = Probe::new();
    let client = ServiceBuilder::new()
        .layer(AttemptsLayer)
        .layer(FollowRedirectLayer::new())
        .layer(HttpClientLayer::new(probe.telemetry()))
        .service(service_fn(|request: Request<Full<Bytes>>| async move {
            let builder = match request.uri().path() {
                "/old" => Response::builder().status(302).header("location", "/new"),
                _ => Response::builder(),
            };
            builder.body(Full::<Bytes>::default())
        }));
    client
        .oneshot(request("http://shop.example/old"))
        .await
        .unwrap();
    for (status, resent) in [(302, None), (200, Some("1"))] {
        let end = probe.next_end().await.unwrap();
        let seen = probe.verdicts(&end);
        assert_eq!(seen.spans[0].status, Some(status));
        let count = seen.spans[0].attributes.get("http.request.resend_count");
        assert_eq!(count.map(String::as_str), resent);
    }
}

#[tokio::test]
async fn what_telemetry_sends_is_not_touched() {
    let mut probe = Probe::new();
    let client = HttpClientLayer::new(probe.telemetry()).layer(service_fn(
        |request: Request<Full<Bytes>>| async move {
            assert!(request.headers().is_empty(), "{:?}", request.headers());
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        },
    ));
    let suppressed = Context::current().with_telemetry_suppressed();
    let call = {
        let _current = suppressed.attach();
        let mut client = client;
        tower::Service::call(&mut client, request("http://collector.example/"))
    };
    call.await.unwrap();
    assert_eq!(probe.further_ends(), 0);
}

#[tokio::test]
async fn a_timeout_that_is_known_is_one() {
    for (timeout, outcome, error_type) in [
        (
            Some(Duration::from_millis(20)),
            Outcome::Timeout,
            Some("timeout"),
        ),
        (None, Outcome::ClientDisconnect, None),
    ] {
        let mut probe = Probe::new();
        let mut builder = HttpClientLayer::builder(probe.telemetry());
        if let Some(timeout) = timeout {
            builder = builder.with_timeout(timeout);
        }
        let client = builder
            .build()
            .unwrap()
            .layer(service_fn(|_: Request<Full<Bytes>>| {
                std::future::pending::<Result<Response<Full<Bytes>>, Infallible>>()
            }));
        let call = client.oneshot(request("http://shop.example/"));
        let given = Duration::from_millis(20);
        assert!(tokio::time::timeout(given, call).await.is_err());
        let end = probe.next_end().await.unwrap();
        assert_eq!(end.outcome, outcome);
        let span = probe.verdicts(&end).spans.swap_remove(0);
        assert_eq!(span.error_type.as_deref(), error_type);
        assert_eq!(span.is_error, error_type.is_some());
    }
}

#[tokio::test]
async fn a_client_inside_a_client_is_counted_once_where_asked() {
    for (marks, expected) in [(true, 1), (false, 2)] {
        let mut probe = Probe::new();
        let inner = HttpClientLayer::new(probe.telemetry());
        let builder = HttpClientLayer::builder(probe.telemetry());
        let outer = if marks {
            builder.without_nested()
        } else {
            builder
        };
        let outer = outer.build().unwrap();
        let client = outer.layer(inner.layer(service_fn(ok)));
        answer(client, request("http://shop.example/")).await;
        assert_eq!(probe.further_ends(), expected);
    }
}

#[tokio::test]
async fn headers_are_captured_by_list_on_both_sides() {
    let mut probe = Probe::new();
    let wire = service_fn(|_: Request<Full<Bytes>>| async {
        Response::builder()
            .header("x-cache", "hit")
            .header("set-cookie", "id=secret")
            .body(Full::<Bytes>::default())
    });
    let server = HttpServerLayer::builder(probe.telemetry())
        .with_request_headers(["x-tenant"])
        .with_response_headers(["x-cache"])
        .build()
        .unwrap()
        .layer(wire);
    let client = HttpClientLayer::builder(probe.telemetry())
        .with_request_headers(["x-tenant"])
        .with_response_headers(["x-cache"])
        .build()
        .unwrap()
        .layer(server);
    let mut request = request("http://shop.example/");
    for (name, value) in [("x-tenant", "acme"), ("authorization", "Bearer secret")] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    answer(client, request).await;
    let end = probe.next_end().await.unwrap();
    probe.next_end().await.unwrap();
    let seen = probe.verdicts(&end);
    assert_eq!(seen.spans.len(), 2);
    for span in &seen.spans {
        assert_eq!(
            span.attributes["http.request.header.x-tenant"],
            "[\"acme\"]"
        );
        assert_eq!(span.attributes["http.response.header.x-cache"], "[\"hit\"]");
        assert!(
            !span
                .attributes
                .values()
                .any(|value| value.contains("secret"))
        );
    }
    for refused in ["authorization", "Cookie", "X-Api-Key"] {
        let client = HttpClientLayer::builder(probe.telemetry()).with_request_headers([refused]);
        assert!(client.build().is_err(), "{refused}");
        let server = HttpServerLayer::builder(probe.telemetry()).with_response_headers([refused]);
        assert!(server.build().is_err(), "{refused}");
    }
}
