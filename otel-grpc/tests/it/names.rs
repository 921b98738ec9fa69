//! The names a call is written under, and what of it may be seen.

use std::sync::Arc;

use otel_core::environment::Environment;
use otel_core::opentelemetry::trace::Status as SpanStatus;
use otel_core::outcome::{GrpcCode, Outcome};
use otel_core::semconv::SemconvMode;
use otel_grpc::{GrpcClientLayer, GrpcServerLayer};
use tokio::sync::Semaphore;
use tonic::Code;
use tower::Layer;

use crate::pipeline::{Pipeline, attributes};
use crate::service::{CHECK, Scripted, Step};
use crate::wire::{self, Call};

async fn call(layer: GrpcServerLayer, step: Step) -> Code {
    let server = wire::serve(layer, Scripted::new(&[step]), None).await;
    let read = Arc::new(Semaphore::new(0));
    Call::unary(CHECK).make(server.channel(), read).await.1
}

#[tokio::test]
async fn each_generation_of_the_conventions_has_its_names() {
    const CURRENT: &str = "rpc_server_call_duration_seconds";
    const LEGACY: &str = "rpc_server_duration_milliseconds";

    for mode in [
        SemconvMode::V1_42,
        SemconvMode::Next,
        SemconvMode::Legacy,
        SemconvMode::Duplicate,
    ] {
        for learned in [false, true] {
            let mut pipeline = Pipeline::new();
            let mut layer = GrpcServerLayer::builder(&pipeline.telemetry).with_semconv(mode);
            if !learned {
                layer = layer.with_methods(["grpc.health.v1.Health/Check"]);
            }
            call(layer.build().unwrap(), Step::Status(Code::NotFound)).await;
            pipeline.ended().await;
            let span = pipeline.span();
            assert_eq!(span.name, "grpc.health.v1.Health/Check", "{mode:?}");
            let schema = span.instrumentation_scope.schema_url();
            assert_eq!(schema, mode.schema_url(), "{mode:?}");
            let span = attributes(&span.attributes);
            let has = |name: &str, value: Option<&str>| {
                let found = span.get(name).map(String::as_str);
                assert_eq!(found, value, "{mode:?} {learned} {name}");
            };
            let current = mode.writes_current();
            let legacy = mode.writes_legacy();
            has("rpc.system.name", current.then_some("grpc"));
            has("rpc.system", legacy.then_some("grpc"));
            has("rpc.service", legacy.then_some("grpc.health.v1.Health"));
            has("rpc.grpc.status_code", legacy.then_some("5"));
            let next = mode == SemconvMode::Next;
            has("rpc.status_code", next.then_some("NOT_FOUND"));
            let in_full = current && !next;
            has("rpc.response.status_code", in_full.then_some("NOT_FOUND"));
            let method = if current {
                "grpc.health.v1.Health/Check"
            } else {
                "Check"
            };
            has("rpc.method", Some(method));

            let durations = pipeline.counts(CURRENT);
            assert_eq!(
                durations.len(),
                usize::from(current),
                "{mode:?} {durations:?}"
            );
            let key = if next {
                "rpc_status_code"
            } else {
                "rpc_response_status_code"
            };
            let status = format!("{key}=\"NOT_FOUND\"");
            assert!(
                durations.keys().all(|labels| labels.contains(&status)),
                "{durations:?}"
            );
            let durations = pipeline.counts(LEGACY);
            let expected = concat!(
                r#"rpc_grpc_status_code="5",rpc_method="Check","#,
                r#"rpc_service="grpc.health.v1.Health",rpc_system="grpc""#,
            );
            let expected = legacy.then(|| (expected.to_owned(), 1));
            assert_eq!(durations, expected.into_iter().collect(), "{mode:?}");
        }
    }
}

#[tokio::test]
async fn the_environment_opts_in_and_the_code_has_the_last_word() {
    let environment = Environment::of([("OTEL_SEMCONV_STABILITY_OPT_IN", "rpc/dup")]);
    for (said, expected) in [(None, true), (Some(SemconvMode::Next), false)] {
        let mut pipeline = Pipeline::new();
        let mut layer =
            GrpcServerLayer::builder(&pipeline.telemetry).with_environment(&environment);
        if let Some(mode) = said {
            layer = layer.with_semconv(mode);
        }
        call(layer.build().unwrap(), Step::Message).await;
        pipeline.ended().await;
        let span = attributes(&pipeline.span().attributes);
        assert_eq!(
            span.contains_key("rpc.grpc.status_code"),
            expected,
            "{said:?}"
        );
    }
}

#[tokio::test]
async fn an_application_may_say_what_an_error_is() {
    let mut pipeline = Pipeline::new();
    let layer = GrpcServerLayer::builder(&pipeline.telemetry)
        .with_error_statuses(|code| code == GrpcCode::ResourceExhausted)
        .build()
        .unwrap();
    for (code, is_error, outcome) in [
        (Code::ResourceExhausted, true, Outcome::ClientError),
        (Code::Internal, false, Outcome::ServerError),
    ] {
        call(layer.clone(), Step::Status(code)).await;
        assert_eq!(pipeline.ended().await.outcome, outcome);
        let spans = pipeline.spans();
        let span = spans.last().unwrap();
        let has_error = matches!(span.status, SpanStatus::Error { .. });
        assert_eq!(has_error, is_error, "{code:?}");
        let error_type = attributes(&span.attributes).get("error.type").cloned();
        assert_eq!(error_type.is_some(), is_error, "{code:?}");
    }
}

#[tokio::test]
async fn the_message_of_an_error_is_kept_only_as_it_was_redacted() {
    for redacts in [false, true] {
        let mut pipeline = Pipeline::new();
        let mut layer = GrpcServerLayer::builder(&pipeline.telemetry);
        if redacts {
            layer = layer.with_error_messages(|message| message.replace("told", "***"));
        }
        call(layer.build().unwrap(), Step::Status(Code::Internal)).await;
        pipeline.ended().await;
        let expected = if redacts { "as ***" } else { "" };
        assert_eq!(pipeline.span().status, SpanStatus::error(expected));
    }
}

#[tokio::test]
async fn metadata_is_captured_by_list() {
    let (mut at_server, mut at_client) = (Pipeline::new(), Pipeline::new());
    let layer = GrpcServerLayer::builder(&at_server.telemetry)
        .with_request_metadata(["user-agent", "x-absent"])
        .build()
        .unwrap();
    let server = wire::serve(layer, Scripted::new(&[Step::Message]), None).await;
    let client = GrpcClientLayer::builder(&at_client.telemetry)
        .with_response_metadata(["content-type"])
        .build()
        .unwrap()
        .layer(server.channel());
    let read = Arc::new(Semaphore::new(0));
    Call::unary(CHECK).make(client, read).await;
    at_client.ended().await;
    at_server.ended().await;
    let span = attributes(&at_server.span().attributes);
    assert!(
        span["rpc.request.metadata.user-agent"].contains("tonic"),
        "{span:?}"
    );
    assert_eq!(span.get("rpc.request.metadata.x-absent"), None);
    let span = attributes(&at_client.span().attributes);
    assert_eq!(
        span["rpc.response.metadata.content-type"],
        r#"["application/grpc"]"#
    );

    for secret in ["authorization", "session-bin", "no such key"] {
        let refused = GrpcServerLayer::builder(&at_server.telemetry)
            .with_request_metadata([secret])
            .build();
        assert_eq!(refused.unwrap_err().setting(), "with_request_metadata");
    }
}

#[tokio::test]
async fn the_target_names_the_server_and_not_its_address() {
    for (target, address, port) in [
        ("dns:///orders.shop:50051", "orders.shop", Some("50051")),
        ("unix:///run/orders.sock", "/run/orders.sock", None),
        ("xds:///orders", "xds:///orders", None),
    ] {
        let mut pipeline = Pipeline::new();
        let client = GrpcClientLayer::builder(&pipeline.telemetry)
            .with_target(target)
            .build()
            .unwrap()
            .layer(wire::channel(wire::nowhere().await));
        let read = Arc::new(Semaphore::new(0));
        Call::unary(CHECK).make(client, read).await;
        pipeline.ended().await;
        let span = attributes(&pipeline.span().attributes);
        assert_eq!(span["server.address"], address);
        assert_eq!(span.get("server.port").map(String::as_str), port);
        let durations = pipeline.counts("rpc_client_call_duration_seconds");
        let labels = durations.keys().next().unwrap();
        assert!(
            labels.contains(&format!("server_address=\"{address}\"")),
            "{labels}"
        );
        assert_eq!(labels.contains("server_port"), port.is_some(), "{labels}");
    }
}

#[tokio::test]
async fn a_descriptor_set_names_the_methods() {
    let mut pipeline = Pipeline::new();
    let layer = GrpcServerLayer::builder(&pipeline.telemetry)
        .with_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .without_learning()
        .build()
        .unwrap();
    // Known before its first answer, which never comes.
    call(layer.clone(), Step::Panic).await;
    assert_eq!(pipeline.ended().await.outcome, Outcome::Panic);
    assert_eq!(pipeline.span().name, "grpc.health.v1.Health/Check");

    // Without learning, what is not in the set stays without a name.
    let server = crate::echo::serve_echo(layer, crate::echo::Echo::default()).await;
    crate::echo::ask_last(server.channel(), Vec::new(), false)
        .await
        .unwrap();
    pipeline.ended().await;
    let spans = pipeline.spans();
    let span = attributes(&spans[1].attributes);
    assert_eq!(span["rpc.method"], "_OTHER");
    assert_eq!(span["rpc.method_original"], "test.v1.Echo/Last");

    let refused = GrpcServerLayer::builder(&pipeline.telemetry)
        .with_descriptor_set(b"\x0a\x05a")
        .build();
    assert_eq!(refused.unwrap_err().setting(), "with_descriptor_set");
}
