//! gRPC's own metrics, by the names of its proposals, and the attempts of a call.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use http::{Request, Response};
use otel_core::outcome::Outcome;
use otel_grpc::{GrpcCallLayer, GrpcClientLayer, GrpcServerLayer};
use tokio::sync::Semaphore;
use tonic::Code;
use tonic::body::Body;
use tower::retry::{Policy, RetryLayer};
use tower::{Layer, ServiceBuilder};

use crate::echo::{self, Echo, message};
use crate::pipeline::{Pipeline, attributes};
use crate::service::{CHECK, Scripted, Step};
use crate::wire::{self, Call};

/// Families whose original name is gRPC's, with unit and bounds.
fn families(pipeline: &Pipeline) -> Vec<(String, String, usize)> {
    let snapshot = pipeline.telemetry.registry().collect();
    snapshot
        .families()
        .filter(|family| family.original_name().starts_with("grpc."))
        .map(|family| {
            let name = family.original_name().to_owned();
            (name, family.ucum_unit().to_owned(), family.bounds().len())
        })
        .collect()
}

#[tokio::test]
async fn the_names_units_labels_and_buckets_of_a66() {
    let (mut at_server, mut at_client) = (Pipeline::new(), Pipeline::new());
    let layer = GrpcServerLayer::builder(&at_server.telemetry)
        .with_native_metrics()
        .with_methods(["test.v1.Echo/Last"])
        .with_messages()
        .build()
        .unwrap();
    let server = echo::serve_echo(layer, Echo::default()).await;
    let client = GrpcClientLayer::builder(&at_client.telemetry)
        .with_native_metrics()
        .with_target("dns:///echo:50051")
        .with_boxed_messages()
        .build()
        .unwrap()
        .layer(server.channel());
    echo::ask_last(client, vec![message("abc")], false)
        .await
        .unwrap();
    at_client.ended().await;
    at_server.ended().await;

    for (pipeline, prefix, unit, target) in [
        (&at_server, "grpc.server.call", "{call}", ""),
        (
            &at_client,
            "grpc.client.attempt",
            "{attempt}",
            r#","grpc_target="dns:///echo:50051""#,
        ),
    ] {
        let expected = BTreeSet::from([
            (format!("{prefix}.started"), unit.to_owned(), 0),
            (format!("{prefix}.duration"), "s".to_owned(), 41),
            (
                format!("{prefix}.sent_total_compressed_message_size"),
                "By".to_owned(),
                14,
            ),
            (
                format!("{prefix}.rcvd_total_compressed_message_size"),
                "By".to_owned(),
                14,
            ),
        ]);
        assert_eq!(
            families(pipeline).into_iter().collect::<BTreeSet<_>>(),
            expected
        );
        let exposed = prefix.replace('.', "_");
        let target = target.replacen(",\"", ",", 1);
        let started = pipeline.counts(&format!("{exposed}_started"));
        let method = r#"grpc_method="test.v1.Echo/Last""#;
        assert_eq!(started[&format!("{method}{target}")], 1, "{started:?}");
        let durations = pipeline.counts(&format!("{exposed}_duration_seconds"));
        let labels = format!(r#"{method},grpc_status="OK"{target}"#);
        assert_eq!(durations[&labels], 1, "{durations:?}");
    }
}

#[tokio::test]
async fn a_method_nobody_knows_is_other() {
    let mut pipeline = Pipeline::new();
    let layer = GrpcServerLayer::builder(&pipeline.telemetry)
        .with_native_metrics()
        .build()
        .unwrap();
    let server = wire::serve(layer, Scripted::new(&[]), None).await;
    let read = Arc::new(Semaphore::new(0));
    Call::unary("/guess.v1.Guess/Guess")
        .make(server.channel(), read)
        .await;
    pipeline.ended().await;
    let durations = pipeline.counts("grpc_server_call_duration_seconds");
    let labels = r#"grpc_method="other",grpc_status="UNIMPLEMENTED""#;
    assert_eq!(durations[labels], 1, "{durations:?}");
}

/// Tries again what was answered with UNAVAILABLE, up to three times in all.
#[derive(Clone, Default)]
struct ThreeTimes(Arc<AtomicU32>);

impl<B, E> Policy<Request<Body>, Response<B>, E> for ThreeTimes {
    type Future = std::future::Ready<()>;

    fn retry(
        &mut self,
        _request: &mut Request<Body>,
        result: &mut Result<Response<B>, E>,
    ) -> Option<Self::Future> {
        let failed = result.as_ref().is_ok_and(|response| {
            response
                .headers()
                .get("grpc-status")
                .is_some_and(|status| status == "14")
        });
        (failed && self.0.fetch_add(1, Ordering::Relaxed) < 2).then(|| std::future::ready(()))
    }

    fn clone_request(&mut self, request: &Request<Body>) -> Option<Request<Body>> {
        // An empty message; the parts go along with their extensions.
        let bytes = bytes::Bytes::from_static(b"\0\0\0\0\0");
        let mut cloned = Request::new(Body::new(http_body_util::Full::new(bytes)));
        *cloned.method_mut() = request.method().clone();
        *cloned.uri_mut() = request.uri().clone();
        *cloned.version_mut() = request.version();
        *cloned.headers_mut() = request.headers().clone();
        *cloned.extensions_mut() = request.extensions().clone();
        Some(cloned)
    }
}

#[tokio::test]
async fn a_call_holds_its_attempts() {
    let mut pipeline = Pipeline::new();
    let server_side = Pipeline::new();
    let script = Scripted::new(&[Step::Status(Code::Unavailable)]);
    let layer = GrpcServerLayer::new(&server_side.telemetry);
    let server = wire::serve(layer, script, None).await;
    let client = ServiceBuilder::new()
        .layer(GrpcCallLayer::new(&pipeline.telemetry, "dns:///health").unwrap())
        .layer(RetryLayer::new(ThreeTimes::default()))
        .layer(GrpcClientLayer::new(&pipeline.telemetry))
        .service(server.channel());
    let read = Arc::new(Semaphore::new(0));
    let told = Call::unary(CHECK).make(client, read).await;
    assert_eq!(told, (0, Code::Unavailable));
    for _ in 0..4 {
        assert_eq!(pipeline.ended().await.outcome, Outcome::ServerError);
    }
    assert_eq!(pipeline.further_ends(), 0);

    let spans = pipeline.spans();
    let (call, attempts) = spans.split_last().unwrap();
    assert_eq!(attempts.len(), 3);
    assert_eq!(attributes(&call.attributes)["grpc.attempt_count"], "3");
    for (index, attempt) in attempts.iter().enumerate() {
        assert_eq!(attempt.parent_span_id, call.span_context.span_id());
        let of_span = attributes(&attempt.attributes);
        let previous = of_span.get("previous-rpc-attempts").cloned();
        assert_eq!(previous, (index > 0).then(|| index.to_string()));
    }
    let labels = r#"grpc_method="grpc.health.v1.Health/Check",grpc_target="dns:///health""#;
    let retries = pipeline.counts("grpc_client_call_retries");
    assert_eq!(retries[labels], 1, "{retries:?}");
    assert!(pipeline.counts("grpc_client_call_hedges").is_empty());
    let durations = pipeline.counts("grpc_client_call_duration_seconds");
    assert_eq!(durations.values().sum::<u64>(), 1, "{durations:?}");
    // By the names of the conventions the attempts alone are counted.
    let durations = pipeline.counts("rpc_client_call_duration_seconds");
    assert_eq!(durations.values().sum::<u64>(), 3, "{durations:?}");
}
