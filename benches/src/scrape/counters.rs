//! Counters: one line a series.

use metrics::Label;
use metrics_exporter_prometheus::PrometheusBuilder;
use otel_metrics_guard::exposition::Format;
use prometheus::{Encoder, IntCounterVec, Opts, Registry as TikvRegistry, TextEncoder};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry as ClientRegistry;

use super::{NAMES, registry, render, scrape, series};
use crate::harness::{Case, Meter};

const JOB: &str = "10,000 counters";
const NAME: &str = "bench_requests";

/// In the form each API takes: `prometheus-client` encodes pairs too.
type Pairs = Vec<(&'static str, String)>;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(JOB, "otel-metrics-guard, OpenMetrics", |meter| {
            ours(meter, Format::OpenMetrics);
        }),
        Case::new(JOB, "otel-metrics-guard, text", |meter| {
            ours(meter, Format::Text);
        }),
        Case::new(JOB, "prometheus-client", |meter| {
            let family = Family::<Pairs, Counter>::default();
            let mut registry = ClientRegistry::default();
            registry.register(NAME, "Requests", family.clone());
            for values in series() {
                let labels = NAMES.into_iter().zip(values).collect();
                family.get_or_create(&labels).inc();
            }
            render(meter, || {
                let mut text = String::new();
                encode(&mut text, &registry).expect("a string takes it");
                text.len()
            });
        }),
        Case::new(JOB, "prometheus (tikv)", |meter| {
            let family = IntCounterVec::new(Opts::new(NAME, "Requests."), &NAMES);
            let family = family.expect("a valid name");
            let registry = TikvRegistry::new();
            registry.register(Box::new(family.clone())).expect("new");
            for values in series() {
                let values = values.each_ref().map(String::as_str);
                family.with_label_values(&values).inc();
            }
            render(meter, || {
                let mut text = Vec::new();
                let encoded = TextEncoder::new().encode(&registry.gather(), &mut text);
                encoded.expect("a vector takes it");
                text.len()
            });
        }),
        Case::new(JOB, "metrics-exporter-prometheus", |meter| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            metrics::set_global_recorder(recorder).expect("the first in this process");
            for values in series() {
                let labels: Vec<Label> = NAMES
                    .into_iter()
                    .zip(values)
                    .map(|(name, value)| Label::new(name, value))
                    .collect();
                metrics::counter!(NAME, labels).increment(1);
            }
            render(meter, || handle.render().len());
        }),
    ]
}

fn ours(meter: &mut Meter, format: Format) {
    let registry = registry();
    let family = registry.counter(NAME);
    for values in series() {
        let [method, route, status] = values.each_ref().map(String::as_str);
        family.add(
            &[(NAMES[0], method), (NAMES[1], route), (NAMES[2], status)],
            1,
        );
    }
    scrape(meter, &registry, format);
}
