//! Where layers may stand: twice, around one service, over several channels, beside other protocols.

use std::sync::Arc;

use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use otel_core::outcome::Outcome;
use otel_core::propagation::{Format, Propagator};
use otel_grpc::{GrpcClientLayer, GrpcServerLayer};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tonic::Code;
use tonic::service::LayerExt;
use tonic::transport::{Channel, Endpoint, Server};
use tonic_health::pb::health_server::HealthServer;
use tower::Layer;

use crate::echo::{self, Echo};
use crate::pipeline::{Pipeline, attributes};
use crate::service::{CHECK, Scripted, Step, WATCH};
use crate::wire::{self, Bare, Call};

async fn told<S>(service: S, call: Call) -> Code
where
    S: tonic::client::GrpcService<tonic::body::Body>,
    S::ResponseBody: tonic::codegen::Body<Data = bytes::Bytes, Error: Into<tonic::codegen::StdError>>
        + Send
        + 'static,
{
    call.make(service, Arc::new(Semaphore::new(0))).await.1
}

#[tokio::test]
async fn layers_put_on_twice_count_once() {
    let (mut at_server, mut at_client) = (Pipeline::new(), Pipeline::new());
    let layer = GrpcServerLayer::new(&at_server.telemetry);
    let health = HealthServer::new(Scripted::new(&[Step::Message]));
    let router = Server::builder()
        .layer(layer.clone())
        .layer(layer)
        .add_service(health);
    let server = echo::serve(router).await;
    let layer = GrpcClientLayer::new(&at_client.telemetry);
    for call in [Call::unary(CHECK), Call::stream(WATCH)] {
        let client = layer.layer(layer.layer(server.channel()));
        assert_eq!(told(client, call).await, Code::Ok);
        at_client.ended().await;
        at_server.ended().await;
    }
    for pipeline in [&mut at_server, &mut at_client] {
        assert_eq!(pipeline.further_ends(), 0);
        assert_eq!(pipeline.spans().len(), 2);
    }
    // The outer layer at the client is the one that is followed.
    let (sent, received) = (at_client.spans(), at_server.spans());
    assert_eq!(received[0].parent_span_id, sent[0].span_context.span_id());
}

#[tokio::test]
async fn one_service_alone_keeps_its_name() {
    let mut pipeline = Pipeline::new();
    let layer = GrpcServerLayer::new(&pipeline.telemetry);
    let health = HealthServer::new(Scripted::new(&[Step::Message]));
    let router = Server::builder()
        .add_service(layer.named_layer(health))
        .add_service(Echo::default());
    let server = echo::serve(router).await;
    assert_eq!(told(server.channel(), Call::unary(CHECK)).await, Code::Ok);
    echo::ask_last(server.channel(), Vec::new(), false)
        .await
        .unwrap();
    pipeline.ended().await;
    assert_eq!(pipeline.span().name, "grpc.health.v1.Health/Check");
    assert_eq!(pipeline.further_ends(), 0);
}

#[tokio::test]
async fn a_balanced_channel_is_one_target() {
    let (mut pipeline, server_side) = (Pipeline::new(), Pipeline::new());
    let mut servers = Vec::new();
    for _ in 0..2 {
        let layer = GrpcServerLayer::new(&server_side.telemetry);
        servers.push(wire::serve(layer, Scripted::new(&[Step::Message]), None).await);
    }
    let endpoints = servers
        .iter()
        .map(|server| Endpoint::from_shared(format!("http://{}", server.address)).unwrap());
    let client = GrpcClientLayer::builder(&pipeline.telemetry)
        .with_target("dns:///orders:50051")
        .build()
        .unwrap()
        .layer(Channel::balance_list(endpoints));
    for _ in 0..4 {
        assert_eq!(told(client.clone(), Call::unary(CHECK)).await, Code::Ok);
        pipeline.ended().await;
    }
    let durations = pipeline.counts("rpc_client_call_duration_seconds");
    assert_eq!(
        durations.values().copied().collect::<Vec<_>>(),
        [4],
        "{durations:?}"
    );
}

#[tokio::test]
async fn an_endpoint_names_the_server() {
    let pipeline = Pipeline::new();
    let endpoint = Endpoint::from_static("https://orders.shop:8443");
    let layer = GrpcClientLayer::builder(&pipeline.telemetry).with_endpoint(&endpoint);
    assert!(layer.build().is_ok());
    let refused = GrpcClientLayer::builder(&pipeline.telemetry).with_target("");
    assert_eq!(refused.build().unwrap_err().setting(), "with_target");
}

#[tokio::test]
async fn a_call_that_is_left_out_orphans_nothing() {
    let (mut at_server, mut at_client) = (Pipeline::new(), Pipeline::new());
    let mut behind = Pipeline::new();
    // A health check that calls another service, as one of a gateway does.
    let layer = GrpcServerLayer::new(&behind.telemetry);
    let far = echo::serve_echo(layer, Echo::default()).await;
    let onward = GrpcClientLayer::new(&at_server.telemetry).layer(far.channel());
    let script = Scripted::new(&[Step::Message]).on_arrival(move || {
        // Inside the handler, in the context the layer let through.
        let call = echo::ask_last(onward.clone(), Vec::new(), false);
        let cx = otel_core::opentelemetry::Context::current();
        tokio::spawn(otel_core::opentelemetry::trace::FutureExt::with_context(
            call, cx,
        ));
    });
    let layer = GrpcServerLayer::builder(&at_server.telemetry)
        .without_health()
        .build()
        .unwrap();
    let server = wire::serve(layer, script, None).await;
    let client = GrpcClientLayer::new(&at_client.telemetry).layer(server.channel());
    assert_eq!(told(client, Call::unary(CHECK)).await, Code::Ok);

    at_client.ended().await;
    // The call behind the check, at its client; of the check itself nothing.
    at_server.ended().await;
    behind.ended().await;
    let (first, second, third) = (at_client.span(), at_server.span(), behind.span());
    assert_eq!(second.name, "test.v1.Echo/Last");
    assert_eq!(second.parent_span_id, first.span_context.span_id());
    assert_eq!(third.parent_span_id, second.span_context.span_id());
    assert!(
        at_server
            .counts("rpc_server_call_duration_seconds")
            .is_empty()
    );
}

#[tokio::test]
async fn a_client_that_leaves_a_call_out_still_passes_its_context_on() {
    let (mut at_server, at_client) = (Pipeline::new(), Pipeline::new());
    let layer = GrpcServerLayer::new(&at_server.telemetry);
    let server = wire::serve(layer, Scripted::new(&[Step::Message]), None).await;
    let client = GrpcClientLayer::builder(&at_client.telemetry)
        .with_filter(|method| method != "grpc.health.v1.Health/Check")
        .build()
        .unwrap()
        .layer(server.channel());
    let around = otel_core::opentelemetry::trace::SpanContext::new(
        7_u128.into(),
        9_u64.into(),
        otel_core::opentelemetry::trace::TraceFlags::SAMPLED,
        false,
        otel_core::opentelemetry::trace::TraceState::NONE,
    );
    use otel_core::opentelemetry::trace::{FutureExt, TraceContextExt};
    let cx = otel_core::opentelemetry::Context::new().with_remote_span_context(around.clone());
    let code = told(client, Call::unary(CHECK)).with_context(cx).await;
    assert_eq!(code, Code::Ok);
    at_server.ended().await;
    assert_eq!(at_server.span().parent_span_id, around.span_id());
    assert!(at_client.spans().is_empty());
}

#[tokio::test]
async fn the_context_may_go_in_a_binary_header() {
    let binary = || {
        Pipeline::with(|builder| {
            builder.with_propagator(Propagator::ordered([Format::GrpcTraceBin]))
        })
    };
    let (mut at_server, mut at_client) = (binary(), binary());
    let layer = GrpcServerLayer::new(&at_server.telemetry);
    let server = wire::serve(layer, Scripted::new(&[Step::Message]), None).await;
    let client = GrpcClientLayer::new(&at_client.telemetry).layer(server.channel());
    assert_eq!(told(client, Call::unary(CHECK)).await, Code::Ok);
    at_client.ended().await;
    at_server.ended().await;
    let sent = at_client.span().span_context;
    assert_eq!(at_server.span().parent_span_id, sent.span_id());
    assert_eq!(at_server.span().span_context.trace_id(), sent.trace_id());
}

#[tokio::test]
async fn grpc_web_has_its_status_in_its_body() {
    for (body, outcome, status) in [
        ("\0\0\0\0\x01a\u{80}", Outcome::ServerError, "UNKNOWN"),
        ("\0\0\0\0\x01a", Outcome::ServerError, "UNKNOWN"),
    ] {
        let seen = web(body.as_bytes()).await;
        assert_eq!(seen, (outcome, status.to_owned()));
    }
    let ok = b"\0\0\0\0\x01a\x80\0\0\0\x0fgrpc-status:0\r\n";
    assert_eq!(web(ok).await, (Outcome::Ok, "OK".to_owned()));
    let gone = b"\x80\0\0\0\x25grpc-status: 5\r\ngrpc-message: gone\r\n";
    assert_eq!(
        web(gone).await,
        (Outcome::ClientError, "NOT_FOUND".to_owned())
    );
}

/// What a layer outside of a translator sees of a call that is answered with `body`.
async fn web(body: &'static [u8]) -> (Outcome, String) {
    let mut pipeline = Pipeline::new();
    let layer = GrpcServerLayer::builder(&pipeline.telemetry)
        .with_web()
        .with_error_messages(str::to_owned)
        .build()
        .unwrap();
    let server = wire::serve_bare(layer, Bare::of_bytes(body)).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = Request::post(format!("http://{}{CHECK}", server.address))
        .header("content-type", "application/grpc-web+proto")
        .body(Full::new(bytes::Bytes::new()))
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(
        response.into_body().collect().await.unwrap().to_bytes(),
        body
    );
    let outcome = pipeline.ended().await.outcome;
    let status = attributes(&pipeline.span().attributes)["rpc.response.status_code"].clone();
    (outcome, status)
}

#[tokio::test]
async fn calls_that_are_shed_are_those_that_arrived_and_were_not_admitted() {
    let pipeline = Pipeline::new();
    let layer = GrpcServerLayer::builder(&pipeline.telemetry)
        .with_methods(["grpc.health.v1.Health/Check"])
        .with_arrivals()
        .build()
        .unwrap();
    let arrivals = layer.arrivals();
    let script = Scripted::new(&[Step::Hang]);
    let arrived = script.arrived();
    let router = Server::builder()
        .trace_fn(move |request| {
            arrivals(request);
            tracing::Span::none()
        })
        .load_shed(true)
        .concurrency_limit_per_connection(1)
        .layer(layer)
        .add_service(HealthServer::new(script));
    let server = echo::serve(router).await;
    let channel = server.channel();
    let hanging = tokio::spawn(told(channel.clone(), Call::unary(CHECK)));
    arrived.notified().await;
    for _ in 0..3 {
        let code = told(channel.clone(), Call::unary(CHECK)).await;
        assert_eq!(code, Code::ResourceExhausted);
    }
    let method = r#"rpc_method="grpc.health.v1.Health/Check""#;
    assert_eq!(pipeline.counts("rpc_server_arrivals")[method], 4);
    assert_eq!(pipeline.counts("rpc_server_admissions")[method], 1);
    hanging.abort();
}
