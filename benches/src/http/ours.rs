//! The suite's server layer.

use std::io;

use otel_core::exchange::Signals;
use otel_core::resource::Resource;
use otel_core::sampling::ParentBased;
use otel_core::telemetry::{Telemetry, TelemetryBuilder};
use otel_http::HttpServerLayer;
use otel_http::axum::MatchedRoute;
use otel_log_bridge::{JsonSink, LogBridge, LogGuard};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::operation::{measure, router};
use super::pipeline::Spans;
use super::{Job, case};
use crate::harness::{Case, Meter};

pub(super) fn metrics() -> Vec<Case> {
    let with = |signals| {
        move |meter: &mut Meter| {
            let telemetry = build(Telemetry::builder());
            let router = router().layer(layer(&telemetry, signals));
            measure(meter, Job::Metrics, router, &Spans::of(Job::Metrics));
        }
    };
    vec![
        case(Job::Metrics, "otel-http", with(Signals::METRICS)),
        case(
            Job::Metrics,
            "otel-http, every signal off",
            with(Signals::NONE),
        ),
    ]
}

pub(super) fn traced(job: Job) -> Vec<Case> {
    vec![
        case(
            job,
            "otel-http, without facts and log lines",
            move |meter| {
                let spans = Spans::of(job);
                let core = Signals::ALL.without_facts().without_log_lines();
                let router = router().layer(layer(&telemetry(&spans), core));
                measure(meter, job, router, &spans);
            },
        ),
        case(job, "otel-http, without log lines", move |meter| {
            let spans = Spans::of(job);
            let router =
                router().layer(layer(&telemetry(&spans), Signals::ALL.without_log_lines()));
            measure(meter, job, router, &spans);
        }),
        case(job, "otel-http, with a log line each", move |meter| {
            let _guard = log_lines();
            let spans = Spans::of(job);
            let router = router().layer(layer(&telemetry(&spans), Signals::ALL));
            measure(meter, job, router, &spans);
        }),
    ]
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

fn layer(telemetry: &Telemetry, signals: Signals) -> HttpServerLayer<MatchedRoute> {
    HttpServerLayer::builder(telemetry)
        .with_route(MatchedRoute)
        .with_signals(signals)
        .build()
        .expect("a valid configuration")
}

/// Installs the log bridge, onto a sink that takes everything.
fn log_lines() -> LogGuard {
    let resource = Resource::builder().with_service_name("shop").build();
    let (layer, guard) = LogBridge::builder(&resource.expect("a valid resource"))
        .with_json(JsonSink::writer(io::sink()))
        .build()
        .expect("a valid configuration");
    tracing_subscriber::registry().with(layer).init();
    guard
}
