//! Counters: one line a series.

use metrics::Label;
use metrics_exporter_prometheus::PrometheusBuilder;
use otel_metrics_guard::exposition::Format;
use prometheus::{Encoder, IntCounterVec, Opts, Registry as TikvRegistry, TextEncoder};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry as ClientRegistry;

use super::{NAMES, registry, render, scrape, series, typed};
use crate::harness::{Case, Meter};

const NAME: &str = "bench_requests";

/// In the form each API takes: `prometheus-client` encodes pairs too.
type Pairs = Vec<(&'static str, String)>;

pub(super) fn cases(job: &'static str, count: usize) -> Vec<Case> {
    vec![
        Case::new(job, "otel-metrics-guard, OpenMetrics", move |meter| {
            ours(meter, count, Format::OpenMetrics);
        }),
        Case::new(job, "otel-metrics-guard, text", move |meter| {
            ours(meter, count, Format::Text);
        }),
        Case::new(job, "prometheus-client", move |meter| {
            let family = Family::<Pairs, Counter>::default();
            let mut registry = ClientRegistry::default();
            registry.register(NAME, "Requests", family.clone());
            for values in series(count) {
                let labels = NAMES.into_iter().zip(values).collect();
                family.get_or_create(&labels).inc();
            }
            render(meter, count, || {
                let mut text = String::new();
                encode(&mut text, &registry).expect("a string takes it");
                text.len()
            });
        }),
        Case::new(job, "measured", move |meter| typed::counters(meter, count)),
        Case::new(job, "prometheus (tikv)", move |meter| {
            let family = IntCounterVec::new(Opts::new(NAME, "Requests."), &NAMES);
            let family = family.expect("a valid name");
            let registry = TikvRegistry::new();
            registry.register(Box::new(family.clone())).expect("new");
            for values in series(count) {
                let values = values.each_ref().map(String::as_str);
                family.with_label_values(&values).inc();
            }
            render(meter, count, || {
                let mut text = Vec::new();
                let encoded = TextEncoder::new().encode(&registry.gather(), &mut text);
                encoded.expect("a vector takes it");
                text.len()
            });
        }),
        Case::new(job, "metrics-exporter-prometheus", move |meter| {
            let recorder = PrometheusBuilder::new().build_recorder();
            let handle = recorder.handle();
            metrics::set_global_recorder(recorder).expect("the first in this process");
            for values in series(count) {
                let labels: Vec<Label> = NAMES
                    .into_iter()
                    .zip(values)
                    .map(|(name, value)| Label::new(name, value))
                    .collect();
                metrics::counter!(NAME, labels).increment(1);
            }
            render(meter, count, || handle.render().len());
        }),
    ]
}

fn ours(meter: &mut Meter, count: usize, format: Format) {
    let registry = registry(count);
    let family = registry.counter(NAME);
    for values in series(count) {
        let [method, route, status] = values.each_ref().map(String::as_str);
        family.add(
            &[(NAMES[0], method), (NAMES[1], route), (NAMES[2], status)],
            1,
        );
    }
    scrape(meter, count, &registry, format);
}
