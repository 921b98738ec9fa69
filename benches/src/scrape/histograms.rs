//! Histograms of twelve buckets: fifteen lines a series.

use metrics::Label;
use metrics_exporter_prometheus::PrometheusBuilder;
use otel_core::registry::Buckets;
use otel_metrics_guard::exposition::Format;
use prometheus::{Encoder, HistogramOpts, HistogramVec, Registry as TikvRegistry, TextEncoder};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry as ClientRegistry;

use super::{BOUNDS, NAMES, RECORDED, SERIES, registry, render, scrape, series, typed};
use crate::harness::{Case, Meter};

const JOB: &str = "10,000 histograms, 12 buckets";
const NAME: &str = "bench_duration";

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
            let make: fn() -> Histogram = || Histogram::new(BOUNDS);
            let family = Family::<Pairs, Histogram>::new_with_constructor(make);
            let mut registry = ClientRegistry::default();
            registry.register(NAME, "Durations", family.clone());
            for values in series(SERIES) {
                let labels = NAMES.into_iter().zip(values).collect();
                let histogram = family.get_or_create_owned(&labels);
                RECORDED.iter().for_each(|value| histogram.observe(*value));
            }
            render(meter, SERIES, || {
                let mut text = String::new();
                encode(&mut text, &registry).expect("a string takes it");
                text.len()
            });
        }),
        Case::new(JOB, "measured", typed::histograms),
        Case::new(JOB, "prometheus (tikv)", |meter| {
            let options = HistogramOpts::new(NAME, "Durations.").buckets(BOUNDS.to_vec());
            let family = HistogramVec::new(options, &NAMES).expect("a valid name");
            let registry = TikvRegistry::new();
            registry.register(Box::new(family.clone())).expect("new");
            for values in series(SERIES) {
                let values = values.each_ref().map(String::as_str);
                let histogram = family.with_label_values(&values);
                RECORDED.iter().for_each(|value| histogram.observe(*value));
            }
            render(meter, SERIES, || {
                let mut text = Vec::new();
                let encoded = TextEncoder::new().encode(&registry.gather(), &mut text);
                encoded.expect("a vector takes it");
                text.len()
            });
        }),
        Case::new(JOB, "metrics-exporter-prometheus", |meter| {
            let builder = PrometheusBuilder::new().set_buckets(&BOUNDS);
            let recorder = builder.expect("valid buckets").build_recorder();
            let handle = recorder.handle();
            metrics::set_global_recorder(recorder).expect("the first in this process");
            for values in series(SERIES) {
                let labels: Vec<Label> = NAMES
                    .into_iter()
                    .zip(values)
                    .map(|(name, value)| Label::new(name, value))
                    .collect();
                let histogram = metrics::histogram!(NAME, labels);
                RECORDED.iter().for_each(|value| histogram.record(*value));
            }
            render(meter, SERIES, || handle.render().len());
        }),
    ]
}

fn ours(meter: &mut Meter, format: Format) {
    let registry = registry(SERIES);
    let buckets = Buckets::explicit(&BOUNDS).expect("ascending bounds");
    let family = registry.histogram(NAME, buckets);
    for values in series(SERIES) {
        let [method, route, status] = values.each_ref().map(String::as_str);
        let histogram = family.with(&[(NAMES[0], method), (NAMES[1], route), (NAMES[2], status)]);
        RECORDED.iter().for_each(|value| histogram.record(*value));
    }
    scrape(meter, SERIES, &registry, format);
}
