//! The layers of others, with the same signals on the same SDK.

use axum::Router;
use axum_prometheus::PrometheusMetricLayer;
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use opentelemetry::global;
use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::TracerProvider;
use opentelemetry_instrumentation_tower::http::server::LayerBuilder;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Level;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::operation::{measure, router};
use super::pipeline::{Spans, meters};
use super::{Job, case};
use crate::harness::{Case, Meter};

pub(super) fn metrics() -> Vec<Case> {
    let job = Job::Metrics;
    vec![
        case(job, "opentelemetry-instrumentation-tower", move |meter| {
            instrumentation_tower(meter, job);
        }),
        case(job, "tower-otel", move |meter| {
            let layer = tower_otel::metrics::HttpLayer::server(&meters().meter("bench"));
            measure(meter, job, router().layer(layer), &Spans::of(job));
        }),
        case(job, "axum-prometheus", move |meter| {
            in_runtime(|| {
                let (layer, _handle) = PrometheusMetricLayer::pair();
                measure(meter, job, router().layer(layer), &Spans::of(job));
            });
        }),
    ]
}

pub(super) fn traced(job: Job) -> Vec<Case> {
    vec![
        case(job, "opentelemetry-instrumentation-tower", move |meter| {
            instrumentation_tower(meter, job);
        }),
        case(job, "tower-otel", move |meter| {
            through_tracing(meter, job, |router| {
                let meter = meters().meter("bench");
                router
                    .layer(tower_otel::metrics::HttpLayer::server(&meter))
                    .layer(tower_otel::trace::HttpLayer::server(Level::INFO))
            });
        }),
        case(
            job,
            "axum-tracing-opentelemetry, no metrics",
            move |meter| {
                through_tracing(meter, job, |router| router.layer(OtelAxumLayer::default()));
            },
        ),
        case(
            job,
            "axum-tracing-opentelemetry + axum-prometheus",
            move |meter| {
                in_runtime(|| {
                    through_tracing(meter, job, |router| {
                        let (layer, _handle) = PrometheusMetricLayer::pair();
                        router.layer(layer).layer(OtelAxumLayer::default())
                    });
                });
            },
        ),
    ]
}

fn instrumentation_tower(meter: &mut Meter, job: Job) {
    let spans = Spans::of(job);
    install_propagator();
    global::set_tracer_provider(spans.provider());
    global::set_meter_provider(meters());
    let layer = LayerBuilder::builder().with_tracing(job != Job::Metrics);
    let layer = layer.build().expect("a valid configuration");
    measure(meter, job, router().layer(layer), &spans);
}

/// For layers that open a `tracing` span and leave it to `tracing-opentelemetry`.
fn through_tracing(meter: &mut Meter, job: Job, layers: impl FnOnce(Router) -> Router) {
    let spans = Spans::of(job);
    into_tracing(&spans);
    measure(meter, job, layers(router()), &spans);
}

/// Installs what such layers need in the process.
pub(crate) fn into_tracing(spans: &Spans) {
    install_propagator();
    let tracer = spans.provider().tracer("bench");
    tracing_subscriber::registry()
        .with(LevelFilter::INFO)
        .with(tracing_opentelemetry::layer().with_tracer(tracer))
        .init();
}

#[expect(
    clippy::disallowed_methods,
    reason = "these layers find their propagator there and nowhere else"
)]
fn install_propagator() {
    global::set_text_map_propagator(TraceContextPropagator::new());
}

/// `axum-prometheus` starts a task of its own.
fn in_runtime(code: impl FnOnce()) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .expect("a runtime");
    let _entered = runtime.enter();
    code();
}
