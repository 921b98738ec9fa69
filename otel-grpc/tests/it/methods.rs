//! Which methods get a name, and what becomes of those that do not.
//!
//! A server cannot be asked what methods it has, and a caller may ask for any. So a name has to be
//! earned by an answer; until then it is on the span alone, cut to a fixed length.

use std::sync::Arc;

use otel_grpc::GrpcServerLayer;
use testkit::Probe;
use tokio::sync::Semaphore;
use tonic::Code;

use crate::service::{CHECK, Scripted, Step, WATCH};
use crate::wire::{self, Call, Running};

async fn serve(probe: &Probe, step: Step) -> Running {
    let layer = GrpcServerLayer::new(probe.telemetry());
    wire::serve(layer, Scripted::new(&[step]), None).await
}

async fn told(server: &Running, path: &str) -> Code {
    let read = Arc::new(Semaphore::new(0));
    Call::unary(path).make(server.channel(), read).await.1
}

#[tokio::test]
async fn a_method_is_learned_from_its_first_answer() {
    let mut probe = Probe::new();
    let server = serve(&probe, Step::Message).await;
    for round in ["learning", "learned"] {
        assert_eq!(told(&server, CHECK).await, Code::Ok);
        let end = probe.next_end().await.expect("an end");
        let seen = probe.verdicts(&end);
        let span = &seen.spans[0];
        assert_eq!(span.name, "grpc.health.v1.Health/Check", "{round}");
        assert_eq!(span.attributes["rpc.method"], "grpc.health.v1.Health/Check");
        assert_eq!(span.attributes.get("rpc.method_original"), None, "{round}");
        assert!(span.repeated.is_empty(), "{round}: {:?}", span.repeated);
        assert_eq!(seen.durations.len(), 1, "{round}: {:?}", seen.durations);
        assert_eq!(
            seen.durations[0].labels["rpc_method"],
            "grpc.health.v1.Health/Check"
        );
        assert_eq!(seen.in_flight, 0, "{round}");
    }
}

#[tokio::test]
async fn an_error_of_the_service_proves_its_method_too() {
    let mut probe = Probe::new();
    for code in [Code::NotFound, Code::Unimplemented] {
        let server = serve(&probe, Step::Status(code)).await;
        assert_eq!(told(&server, CHECK).await, code);
        let end = probe.next_end().await.expect("an end");
        assert_eq!(end.name, "grpc.health.v1.Health/Check", "{code:?}");
    }
}

#[tokio::test]
async fn methods_a_caller_thinks_of_make_no_series() {
    const CALLS: u64 = 1000;

    let mut probe = Probe::new();
    let server = serve(&probe, Step::Message).await;
    for guess in 0..CALLS {
        let path = match guess % 3 {
            0 => format!("/grpc.health.v1.Health/Guess{guess}"),
            1 => format!("/guess{guess}.v1.Guess/Guess"),
            _ => format!("/not/a/method/{guess}"),
        };
        assert_eq!(told(&server, &path).await, Code::Unimplemented);
        let end = probe.next_end().await.expect("an end");
        assert_eq!(end.name, "grpc");
        if guess < 3 {
            let span = &probe.verdicts(&end).spans[0];
            assert_eq!(span.attributes["rpc.method"], "_OTHER");
            assert_eq!(span.attributes["rpc.method_original"], path[1..]);
        }
    }
    assert_eq!(told(&server, CHECK).await, Code::Ok);
    let end = probe.next_end().await.expect("an end");
    let counts: Vec<_> = probe
        .verdicts(&end)
        .durations
        .into_iter()
        .map(|series| (series.labels["rpc_method"].clone(), series.count))
        .collect();
    assert_eq!(
        counts,
        [
            ("_OTHER".to_owned(), CALLS),
            ("grpc.health.v1.Health/Check".to_owned(), 1)
        ]
    );
}

#[tokio::test]
async fn an_unproven_method_stays_on_the_span_when_its_call_is_not_answered() {
    let mut probe = Probe::new();
    let server = serve(&probe, Step::Panic).await;
    assert_eq!(told(&server, CHECK).await, Code::Cancelled);
    let end = probe.next_end().await.expect("an end");
    let span = &probe.verdicts(&end).spans[0];
    assert_eq!(span.attributes["rpc.method"], "_OTHER");
    assert_eq!(
        span.attributes["rpc.method_original"],
        "grpc.health.v1.Health/Check"
    );
}

#[tokio::test]
async fn the_method_as_sent_is_cut() {
    let mut probe = Probe::new();
    let server = serve(&probe, Step::Message).await;
    for path in [
        format!("/long.v1.Guess/{}", "a".repeat(1000)),
        format!("/not/a/method/{}", "a".repeat(1000)),
    ] {
        assert_eq!(told(&server, &path).await, Code::Unimplemented);
        let end = probe.next_end().await.expect("an end");
        let span = &probe.verdicts(&end).spans[0];
        assert_eq!(span.attributes["rpc.method"], "_OTHER");
        assert_eq!(span.attributes["rpc.method_original"], path[1..=256]);
    }
}

#[tokio::test]
async fn past_its_bound_a_layer_learns_no_more() {
    let mut probe = Probe::new();
    let layer = GrpcServerLayer::builder(probe.telemetry())
        .with_max_methods(std::num::NonZeroUsize::MIN)
        .build()
        .unwrap();
    let server = wire::serve(layer, Scripted::new(&[Step::Message]), None).await;
    assert_eq!(told(&server, CHECK).await, Code::Ok);
    let end = probe.next_end().await.expect("an end");
    assert_eq!(end.name, "grpc.health.v1.Health/Check");

    assert_eq!(told(&server, WATCH).await, Code::Ok);
    let end = probe.next_end().await.expect("an end");
    let seen = probe.verdicts(&end);
    assert_eq!(seen.spans[0].name, "grpc");
    assert_eq!(seen.spans[0].attributes["rpc.method"], "_OTHER");
    assert_eq!(
        seen.spans[0].attributes["rpc.method_original"],
        "grpc.health.v1.Health/Watch"
    );
    assert_eq!(seen.durations[0].labels["rpc_method"], "_OTHER");
}

#[test]
fn what_is_no_method_is_refused_at_build_time() {
    let probe = Probe::new();
    let builder = || GrpcServerLayer::builder(probe.telemetry());
    for bad in ["", "Get", "a/b/c", "/shop.v1.Orders/Get", "a b/c"] {
        let refused = builder().with_methods([bad]).build().unwrap_err();
        assert_eq!(refused.setting(), "with_methods", "{bad:?}");
    }
    let refused = builder().with_timeout(std::time::Duration::ZERO).build();
    assert_eq!(refused.unwrap_err().setting(), "with_timeout");
}
