//! The trace id back to the caller.

use std::convert::Infallible;

use http::Response;
use http_body_util::Full;
use otel_core::exchange::Signals;
use otel_http::{HttpServerLayer, TraceHeader};
use testkit::Probe;
use tower::{Layer, service_fn};

use crate::ask::{ask, get};

async fn own_timing(
    _: http::Request<crate::ask::Body>,
) -> Result<Response<crate::ask::Body>, http::Error> {
    Response::builder()
        .header("server-timing", "db;dur=5")
        .header("x-own", "kept")
        .body(Full::default())
}

#[tokio::test]
async fn the_id_goes_back_in_the_headers_that_are_asked_for() {
    let mut probe = Probe::new();
    let layer = HttpServerLayer::builder(probe.telemetry())
        .add_trace_header(TraceHeader::server_timing())
        .add_trace_header(TraceHeader::trace_id("x-trace-id").unwrap())
        .add_trace_header(TraceHeader::trace_id("x-own").unwrap())
        .build()
        .unwrap();
    let request = get(&probe, "/");
    let (headers, end, seen) = ask(&mut probe, layer.layer(service_fn(own_timing)), request).await;
    let timings: Vec<_> = headers.get_all("server-timing").iter().collect();
    let span = &seen.spans[0];
    let expected = format!("trace;desc=00-{}-{}-01", end.trace_id, span.span_id);
    assert_eq!(timings, ["db;dur=5", expected.as_str()]);
    assert_eq!(headers["x-trace-id"], end.trace_id.to_string());
    assert_eq!(headers["x-own"], "kept");
    assert!(TraceHeader::trace_id("not a name").is_err());
}

#[tokio::test]
async fn without_a_context_there_is_no_id_to_give() {
    let mut probe = Probe::new();
    let layer = HttpServerLayer::builder(probe.telemetry())
        .with_signals(Signals::METRICS)
        .add_trace_header(TraceHeader::trace_id("x-trace-id").unwrap())
        .build()
        .unwrap();
    let app = layer.layer(service_fn(|_| async {
        Ok::<_, Infallible>(Response::new(Full::<bytes::Bytes>::default()))
    }));
    let request = get(&probe, "/");
    let (headers, ..) = ask(&mut probe, app, request).await;
    assert!(!headers.contains_key("x-trace-id"));
}
