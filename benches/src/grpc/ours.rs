//! The suite's server layer.

use otel_core::exchange::Signals;
use otel_core::sampling::ParentBased;
use otel_core::telemetry::{Telemetry, TelemetryBuilder};
use otel_grpc::GrpcServerLayer;
use otel_grpc::server::GrpcServerBuilder;
use tower::Layer;

use super::case;
use super::operation::{measure, service};
use crate::harness::Case;
use crate::http::Job;
use crate::http::pipeline::Spans;

pub(super) fn metrics() -> Vec<Case> {
    vec![
        case(Job::Metrics, "otel-grpc", |meter| {
            let telemetry = build(Telemetry::builder());
            let layer = builder(&telemetry, Signals::METRICS);
            let service = layer
                .build()
                .expect("a valid configuration")
                .layer(service());
            measure(meter, Job::Metrics, service, &Spans::of(Job::Metrics));
        }),
        case(Job::Metrics, "otel-grpc, messages counted", |meter| {
            let telemetry = build(Telemetry::builder());
            let layer = builder(&telemetry, Signals::METRICS).with_messages();
            let service = layer
                .build()
                .expect("a valid configuration")
                .layer(service());
            measure(meter, Job::Metrics, service, &Spans::of(Job::Metrics));
        }),
    ]
}

pub(super) fn traced(job: Job) -> Vec<Case> {
    vec![
        case(job, "otel-grpc", move |meter| {
            let spans = Spans::of(job);
            let layer = builder(&telemetry(&spans), Signals::ALL.without_log_lines());
            let service = layer
                .build()
                .expect("a valid configuration")
                .layer(service());
            measure(meter, job, service, &spans);
        }),
        case(job, "otel-grpc, messages counted", move |meter| {
            let spans = Spans::of(job);
            let layer = builder(&telemetry(&spans), Signals::ALL.without_log_lines());
            let layer = layer.with_messages().with_native_metrics();
            let service = layer
                .build()
                .expect("a valid configuration")
                .layer(service());
            measure(meter, job, service, &spans);
        }),
    ]
}

fn builder(telemetry: &Telemetry, signals: Signals) -> GrpcServerBuilder {
    GrpcServerLayer::builder(telemetry)
        .with_signals(signals)
        .with_methods(["grpc.health.v1.Health/Check"])
}

fn telemetry(spans: &Spans) -> Telemetry {
    build(
        Telemetry::builder()
            .with_tracer_provider(spans.provider())
            .with_head_sampler(ParentBased::ratio(1.0).expect("a share")),
    )
}

fn build(builder: TelemetryBuilder) -> Telemetry {
    builder.build().expect("a valid configuration")
}
