//! Heads as long as a server accepts them.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Empty;
use otel_http::HttpServerLayer;
use testkit::Probe;
use tower::{Layer, ServiceExt, service_fn};

#[tokio::test]
async fn no_attribute_of_a_span_is_as_long_as_a_caller_likes() {
    let mut probe = Probe::new();
    let answer = |_: Request<Empty<Bytes>>| async {
        Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
    };
    let server = HttpServerLayer::new(probe.telemetry()).layer(service_fn(answer));
    let long = "a".repeat(60_000);
    let request = Request::builder()
        .method(Method::from_bytes(long.to_uppercase().as_bytes()).unwrap())
        .uri(format!("/{long}"))
        .header("user-agent", &long)
        .header("host", &long)
        .header("x-request-id", &long)
        .header("traceparent", probe.traceparent())
        .header("tracestate", format!("a={long}"))
        .body(Empty::new())
        .unwrap();
    server.oneshot(request).await.unwrap();

    let end = probe.next_end().await.unwrap();
    let span = &probe.verdicts(&end).spans[0];
    for name in [
        "url.path",
        "user_agent.original",
        "http.request.method_original",
    ] {
        assert_eq!(span.attributes[name].len(), 2048, "{name}");
    }
    for (name, value) in &span.attributes {
        assert!(value.len() <= 2048, "{name}");
    }
}
