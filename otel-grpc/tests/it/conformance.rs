//! Every name a call leaves behind, against the registry of the conventions.
//!
//! The registry is the crate of constants generated from it, schema 1.42. What it does not have is
//! ours or gRPC's own, and is listed here; anything else would be a name somebody made up in passing.

use std::collections::BTreeSet;

use opentelemetry_semantic_conventions::{SCHEMA_URL, attribute, metric};
use otel_core::semconv::{self, SemconvMode};
use otel_grpc::{GrpcClientLayer, GrpcServerLayer};
use tower::Layer;

use crate::echo::{self, Echo, FORBIDDEN, message};
use crate::pipeline::Pipeline;

#[test]
#[expect(deprecated, reason = "the legacy names are among them")]
fn our_table_repeats_the_registry() {
    for (ours, theirs) in [
        (semconv::SCHEMA_URL, SCHEMA_URL),
        (semconv::RPC_SYSTEM_NAME, attribute::RPC_SYSTEM_NAME),
        (semconv::RPC_METHOD, attribute::RPC_METHOD),
        (semconv::RPC_METHOD_ORIGINAL, attribute::RPC_METHOD_ORIGINAL),
        (
            semconv::RPC_RESPONSE_STATUS_CODE,
            attribute::RPC_RESPONSE_STATUS_CODE,
        ),
        (semconv::RPC_MESSAGE_TYPE, attribute::RPC_MESSAGE_TYPE),
        (semconv::RPC_MESSAGE_ID, attribute::RPC_MESSAGE_ID),
        (
            semconv::RPC_MESSAGE_COMPRESSED_SIZE,
            attribute::RPC_MESSAGE_COMPRESSED_SIZE,
        ),
        (semconv::RPC_SYSTEM, attribute::RPC_SYSTEM),
        (semconv::RPC_SERVICE, attribute::RPC_SERVICE),
        (
            semconv::RPC_GRPC_STATUS_CODE,
            attribute::RPC_GRPC_STATUS_CODE,
        ),
        (semconv::ERROR_TYPE, attribute::ERROR_TYPE),
        (semconv::SERVER_ADDRESS, attribute::SERVER_ADDRESS),
        (semconv::SERVER_PORT, attribute::SERVER_PORT),
        (
            semconv::RPC_SERVER_CALL_DURATION,
            metric::RPC_SERVER_CALL_DURATION,
        ),
        (
            semconv::RPC_CLIENT_CALL_DURATION,
            metric::RPC_CLIENT_CALL_DURATION,
        ),
        (semconv::RPC_SERVER_DURATION, metric::RPC_SERVER_DURATION),
        (semconv::RPC_CLIENT_DURATION, metric::RPC_CLIENT_DURATION),
    ] {
        assert_eq!(ours, theirs);
    }
    let prefixes = [
        semconv::RPC_REQUEST_METADATA,
        semconv::RPC_RESPONSE_METADATA,
    ];
    let of_registry = [
        attribute::RPC_REQUEST_METADATA,
        attribute::RPC_RESPONSE_METADATA,
    ];
    for (ours, theirs) in prefixes.into_iter().zip(of_registry) {
        assert_eq!(ours.strip_suffix('.'), Some(theirs));
    }
}

#[tokio::test]
async fn a_call_with_everything_on_leaves_no_other_names() {
    const ATTRIBUTES: &[&str] = &[
        // The conventions.
        "error.type",
        "rpc.grpc.status_code",
        "rpc.message.compressed_size",
        "rpc.message.id",
        "rpc.message.type",
        "rpc.method",
        "rpc.request.metadata.te",
        "rpc.response.metadata.content-type",
        "rpc.response.status_code",
        "rpc.service",
        "rpc.system",
        "rpc.system.name",
        "server.address",
        "server.port",
        // Ours.
        "exchange.decision.message_index",
        "exchange.decision.name",
        "exchange.decision.reason",
        "exchange.decision.result",
        "exchange.denials",
        "exchange.outcome",
        "grpc.received.compressed_size",
        "grpc.received.message_count",
        "grpc.sent.compressed_size",
        "grpc.sent.message_count",
    ];
    const METRICS: &[&str] = &[
        // The conventions.
        "rpc.client.call.duration",
        "rpc.client.duration",
        "rpc.server.call.duration",
        "rpc.server.duration",
        // gRFC A66.
        "grpc.client.attempt.duration",
        "grpc.client.attempt.rcvd_total_compressed_message_size",
        "grpc.client.attempt.sent_total_compressed_message_size",
        "grpc.client.attempt.started",
        "grpc.server.call.duration",
        "grpc.server.call.rcvd_total_compressed_message_size",
        "grpc.server.call.sent_total_compressed_message_size",
        "grpc.server.call.started",
        // Ours.
        "exchange.decisions",
        "exchange.parents",
        "rpc.client.active_calls",
        "rpc.client.messages",
        "rpc.server.active_calls",
        "rpc.server.messages",
    ];

    let (mut at_server, mut at_client) = (Pipeline::new(), Pipeline::new());
    let layer = GrpcServerLayer::builder(&at_server.telemetry)
        .with_semconv(SemconvMode::Duplicate)
        .with_methods(["test.v1.Echo/Chat"])
        .with_messages()
        .with_message_events(9)
        .with_native_metrics()
        .with_request_metadata(["te"])
        .build()
        .unwrap();
    let server = echo::serve_echo(layer, Echo::default()).await;
    let client = GrpcClientLayer::builder(&at_client.telemetry)
        .with_semconv(SemconvMode::Duplicate)
        .with_target(format!("http://{}", server.address))
        .with_boxed_messages()
        .with_message_events(9)
        .with_native_metrics()
        .with_response_metadata(["content-type"])
        .build()
        .unwrap()
        .layer(server.channel());
    let sending = futures_util::stream::iter(["one", FORBIDDEN].map(message));
    let mut answers = echo::chat_with(client, sending, |_| ()).await.unwrap();
    while let Ok(Some(_)) = answers.message().await {}
    at_client.ended().await;
    at_server.ended().await;

    let mut attributes = BTreeSet::new();
    let mut metrics = BTreeSet::new();
    for pipeline in [&at_server, &at_client] {
        let span = pipeline.span();
        let of_events = span.events.iter().flat_map(|event| &event.attributes);
        let keys = span.attributes.iter().chain(of_events);
        attributes.extend(keys.map(|attribute| attribute.key.to_string()));
        let snapshot = pipeline.telemetry.registry().collect();
        metrics.extend(
            snapshot
                .families()
                .map(|family| family.original_name().to_owned())
                .filter(|name| !name.starts_with("otel.guard") && !name.starts_with("telemetry")),
        );
    }
    let listed = |names: &[&str]| {
        names
            .iter()
            .map(ToString::to_string)
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(attributes, listed(ATTRIBUTES));
    metrics.retain(|name| !name.starts_with("otel_guard") && !name.starts_with("target"));
    assert_eq!(metrics, listed(METRICS));
}
