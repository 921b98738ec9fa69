//! Messages counted on both sides as they pass, and what is decided in the light of them.

use futures_util::stream::{self, StreamExt};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use otel_core::outcome::Outcome;
use otel_grpc::{GrpcClientLayer, GrpcServerLayer, Traffic};
use tokio::net::TcpStream;
use tower::Layer;

use crate::echo::{self, Echo, FORBIDDEN, message};
use crate::pipeline::{Pipeline, attributes};
use crate::service::{CHECK, Scripted, Step};
use crate::wire;

/// Bytes of an encoded message: a field of text, or nothing if that is empty.
fn encoded(len: usize) -> u64 {
    let prefix = match len {
        0 => 0,
        1..128 => 2,
        128..16_384 => 3,
        _ => 4,
    };
    u64::try_from(len + prefix).unwrap()
}

fn traffic((traffic, sizes): (Traffic, &[u64])) {
    assert_eq!(traffic.messages(), u64::try_from(sizes.len()).unwrap());
    assert_eq!(traffic.bytes(), sizes.iter().sum::<u64>());
}

#[tokio::test]
async fn both_sides_count_the_same_messages_in_both_directions() {
    let (mut at_server, mut at_client) = (Pipeline::new(), Pipeline::new());
    let layer = GrpcServerLayer::builder(&at_server.telemetry)
        .with_messages()
        .build()
        .unwrap();
    let server = echo::serve_echo(layer, Echo::default()).await;
    let client = GrpcClientLayer::builder(&at_client.telemetry)
        .with_boxed_messages()
        .build()
        .unwrap()
        .layer(server.channel());
    // Many frames to a message, no bytes in another, several messages to a frame.
    let lengths = [300_000, 0, 7, 7];
    let messages = lengths.map(|len| message(&"a".repeat(len)));
    let answer = echo::ask_last(client, messages.to_vec(), false).await;
    assert_eq!(answer.unwrap().service.len(), 7);

    let sizes = lengths.map(encoded);
    let at = (at_client.ended().await, at_server.ended().await);
    let (sent, received) = at.0.traffic.expect("counts");
    traffic((sent, &sizes));
    traffic((received, &sizes[3..]));
    let (sent, received) = at.1.traffic.expect("counts");
    traffic((sent, &sizes[3..]));
    traffic((received, &sizes));

    let total: u64 = sizes.iter().sum();
    let span = attributes(&at_server.span().attributes);
    assert_eq!(span["grpc.received.message_count"], "4");
    assert_eq!(span["grpc.received.compressed_size"], total.to_string());
    assert_eq!(span["grpc.sent.message_count"], "1");
    let counts = at_server.counts("rpc_server_messages");
    let direction =
        |name: &str| format!(r#"rpc_message_direction="{name}",rpc_method="test.v1.Echo/Last""#);
    assert_eq!(counts[&direction("received")], 4);
    assert_eq!(counts[&direction("sent")], 1);
    let counts = at_client.counts("rpc_client_messages");
    assert_eq!(counts[&direction("sent")], 4);
}

#[tokio::test]
async fn compressed_messages_count_as_they_are_sent() {
    let mut at_server = Pipeline::new();
    let layer = GrpcServerLayer::builder(&at_server.telemetry)
        .with_messages()
        .build()
        .unwrap();
    let server = echo::serve_echo(layer, Echo { compresses: true }).await;
    let messages = vec![message(&"a".repeat(300_000))];
    let answer = echo::ask_last(server.channel(), messages, true).await;
    assert_eq!(answer.unwrap().service.len(), 300_000);
    let (sent, received) = at_server.ended().await.traffic.expect("counts");
    for traffic in [sent, received] {
        assert_eq!(traffic.messages(), 1);
        assert!((1..10_000).contains(&traffic.bytes()), "{traffic:?}");
    }
}

#[tokio::test]
async fn events_of_messages_are_capped() {
    let mut at_client = Pipeline::new();
    let server_side = Pipeline::new();
    let layer = GrpcServerLayer::new(&server_side.telemetry);
    let server = echo::serve_echo(layer, Echo::default()).await;
    let client = GrpcClientLayer::builder(&at_client.telemetry)
        .with_boxed_messages()
        .with_message_events(3)
        .build()
        .unwrap()
        .layer(server.channel());
    let messages = vec![message("abc"); 10];
    echo::ask_last(client, messages, false).await.unwrap();
    let uncounted = GrpcClientLayer::builder(&at_client.telemetry).with_message_events(3);
    let refused = uncounted.build().unwrap_err();
    assert_eq!(refused.setting(), "with_message_events");
    at_client.ended().await;
    let span = at_client.span();
    let events: Vec<_> = span.events.iter().collect();
    assert_eq!(events.len(), 3, "{events:?}");
    for (index, event) in events.iter().enumerate() {
        let of_event = attributes(&event.attributes);
        assert_eq!(event.name, "rpc.message");
        assert_eq!(of_event["rpc.message.type"], "SENT");
        assert_eq!(of_event["rpc.message.id"], (index + 1).to_string());
        assert_eq!(of_event["rpc.message.compressed_size"], "5");
    }
}

#[tokio::test]
async fn a_decision_inside_a_stream_names_the_message_it_was_taken_at() {
    let mut at_server = Pipeline::new();
    let layer = GrpcServerLayer::builder(&at_server.telemetry)
        .with_messages()
        .build()
        .unwrap();
    let server = echo::serve_echo(layer, Echo::default()).await;
    let messages = ["one", "two", FORBIDDEN].map(message);
    let (send, receive) = tokio::sync::mpsc::unbounded_channel();
    let sending = tokio_stream::wrappers::UnboundedReceiverStream::new(receive);
    let mut answers = echo::chat_with(server.channel(), sending, |_| ())
        .await
        .unwrap();
    for (index, message) in messages.into_iter().enumerate() {
        send.send(message).unwrap();
        match answers.message().await {
            Ok(answer) => assert!(answer.is_some() && index < 2),
            Err(status) => assert_eq!((status.code(), index), (tonic::Code::PermissionDenied, 2)),
        }
    }
    assert_eq!(at_server.ended().await.outcome, Outcome::Denied);

    let span = at_server.span();
    let decisions: Vec<_> = span
        .events
        .iter()
        .map(|event| {
            assert_eq!(event.name, "exchange.decision");
            let of_event = attributes(&event.attributes);
            assert_eq!(of_event["exchange.decision.name"], "authorization");
            (
                of_event["exchange.decision.message_index"].clone(),
                of_event["exchange.decision.result"].clone(),
                of_event.get("exchange.decision.reason").cloned(),
            )
        })
        .collect();
    let allowed = |index: &str| (index.to_owned(), "allow".to_owned(), None);
    let denied = ("3".to_owned(), "deny".to_owned(), Some("scope".to_owned()));
    assert_eq!(decisions, [allowed("1"), allowed("2"), denied]);
    assert_eq!(attributes(&span.attributes)["exchange.denials"], "1");
    let counts = at_server.counts("exchange_decisions");
    assert_eq!(counts.values().sum::<u64>(), 3, "{counts:?}");
}

#[tokio::test]
async fn a_reset_that_looks_like_a_missing_message_is_not_an_error_of_the_server() {
    let mut at_server = Pipeline::new();
    let layer = GrpcServerLayer::builder(&at_server.telemetry)
        .with_messages()
        .build()
        .unwrap();
    let server = wire::serve(layer, Scripted::new(&[Step::Message]), None).await;
    // What is left of a reset in the eyes of the server: a request that ends without a message.
    let empty = stream::empty::<Result<http_body::Frame<bytes::Bytes>, hyper::Error>>();
    let body = http_body_util::StreamBody::new(empty.boxed());
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = Request::post(format!("http://{}{CHECK}", server.address))
        .header("content-type", "application/grpc")
        .body(body)
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.headers()["grpc-status"], "13");
    let _ = response.into_body().collect().await;
    assert_eq!(at_server.ended().await.outcome, Outcome::ClientDisconnect);
    let span = attributes(&at_server.span().attributes);
    assert_eq!(span["rpc.response.status_code"], "CANCELLED");
    assert_eq!(span.get("error.type"), None);
}

#[tokio::test]
async fn a_request_body_that_is_no_stream_of_messages_harms_nobody() {
    let mut at_server = Pipeline::new();
    let layer = GrpcServerLayer::builder(&at_server.telemetry)
        .with_messages()
        .build()
        .unwrap();
    let server = wire::serve(layer, Scripted::new(&[Step::Message]), None).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = Request::post(format!("http://{}{CHECK}", server.address))
        .header("content-type", "application/grpc")
        .body(Full::new(bytes::Bytes::from_static(
            b"\xff\xff\xff\xff\xff garbage",
        )))
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_ne!(response.headers()["grpc-status"], "0");
    at_server.ended().await;
}
