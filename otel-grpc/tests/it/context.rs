//! What goes over the wire besides the call, and what is not a call at all.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{SpanContext, TraceContextExt};
use otel_core::propagation::{Format, Propagator};
use otel_core::telemetry::Telemetry;
use otel_grpc::{GrpcClientLayer, GrpcServerLayer};
use testkit::Probe;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tonic::Code;
use tonic::metadata::MetadataMap;
use tower::Layer;

use crate::service::{CHECK, Scripted, Step, WATCH};
use crate::wire::{self, Bare, Call};

#[tokio::test]
async fn the_context_goes_from_client_to_server() {
    let (mut at_server, mut at_client) = (Probe::new(), Probe::new());
    let layer = GrpcServerLayer::new(at_server.telemetry());
    let server = wire::serve(layer, Scripted::new(&[Step::Message]), None).await;
    for call in [Call::unary(CHECK), Call::stream(WATCH)] {
        let client = GrpcClientLayer::new(at_client.telemetry()).layer(server.channel());
        let read = Arc::new(Semaphore::new(0));
        assert_eq!(call.make(client, read).await, (1, Code::Ok));

        let sent = at_client.next_end().await.expect("an end at the client");
        let arrived = at_server.next_end().await.expect("an end at the server");
        assert_eq!(sent.trace_id, arrived.trace_id);
        let sent = &at_client.verdicts(&sent).spans[0];
        let arrived = &at_server.verdicts(&arrived).spans[0];
        assert_eq!(arrived.parent_id, sent.span_id);
        assert_eq!(arrived.attributes["server.address"], "127.0.0.1");
        assert_eq!(
            arrived.attributes["server.port"],
            server.address.port().to_string()
        );
    }
}

#[tokio::test]
async fn a_request_that_is_not_grpc_passes_untouched() {
    let mut probe = Probe::new();
    let layer = GrpcServerLayer::new(probe.telemetry());
    let server = wire::serve_bare(layer, Bare::new(200, "plain")).await;

    let stream = TcpStream::connect(server.address)
        .await
        .expect("a connection");
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("a handshake");
    let connection = tokio::spawn(connection);
    let request = |content_type: Option<&str>| {
        let mut request = Request::get(format!("http://{}{CHECK}", server.address))
            .header("traceparent", probe.traceparent());
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        request.body(Empty::<Bytes>::new()).expect("a request")
    };
    for content_type in [
        None,
        Some("application/json"),
        Some("application/grpc-web+proto"),
    ] {
        let response = sender.send_request(request(content_type)).await;
        let body = response.expect("a response").into_body().collect().await;
        assert_eq!(body.expect("a body").to_bytes(), "plain");
    }

    // A call after them is the first thing the signals know of.
    let call = sender
        .send_request(request(Some("application/grpc+proto")))
        .await;
    let body = call.expect("a response").into_body().collect().await;
    assert_eq!(body.expect("a body").to_bytes(), "plain");
    let end = probe.next_end().await.expect("an end");
    let seen = probe.verdicts(&end);
    assert_eq!(seen.spans.len(), 1);
    assert_eq!(seen.log_lines.len(), 1);
    assert_eq!(seen.durations.len(), 1);
    assert_eq!(seen.durations[0].count, 1);
    assert_eq!((seen.in_flight, seen.running), (0, 0));
    assert_eq!(probe.further_ends(), 0);
    connection.abort();
}

/// The metadata of tonic are headers: no adapter stands between them and the propagator.
#[test]
fn a_context_passes_through_metadata() {
    let telemetry = Telemetry::builder()
        .with_propagator(Propagator::ordered([Format::W3c, Format::GrpcTraceBin]))
        .build()
        .unwrap();
    let caller = SpanContext::new(
        1.into(),
        2.into(),
        Default::default(),
        true,
        Default::default(),
    );
    let cx = Context::new().with_remote_span_context(caller.clone());
    let mut metadata = MetadataMap::new();
    telemetry.inject(&cx, metadata.as_mut());
    assert!(
        metadata
            .get_bin("grpc-trace-bin")
            .unwrap()
            .to_bytes()
            .is_ok()
    );

    let extracted = telemetry.propagator().extract(metadata.as_ref());
    assert_eq!(extracted.span_context(), Some(&caller));
}
