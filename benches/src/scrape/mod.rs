//! A scrape of a registry with ten thousand series, and with a hundred thousand.

mod counters;
mod histograms;
pub(crate) mod large;
mod typed;

use otel_core::cardinality::Budget;
use otel_core::registry::Registry;
use otel_core::resource::Resource;
use otel_metrics_guard::exposition::{Exposition, Format};

use crate::harness::{Comparison, Meter};

pub(crate) fn comparison() -> Comparison {
    let mut cases = counters::cases("10,000 counters", SERIES);
    cases.extend(histograms::cases());
    Comparison {
        name: "scrape",
        operation: "render 10,000 series as text; figures are for one series, out/op is its bytes",
        parts: SERIES as u64,
        has_reference: false,
        counted: 5,
        cases,
    }
}

const SERIES: usize = 10_000;
const NAMES: [&str; 3] = ["method", "route", "status"];
const BOUNDS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// The label values of each series.
fn series(count: usize) -> impl Iterator<Item = [String; 3]> {
    (0..count).map(|n| ["GET".to_owned(), format!("/route/{n}"), "200".to_owned()])
}

/// The values recorded in a histogram.
const RECORDED: [f64; 3] = [0.003, 0.2, 3.75];

/// A registry of ours with room for them all.
fn registry(count: usize) -> Registry {
    let budget = Budget::default()
        .with_label_values(count * 2)
        .with_family_series(count * 2)
        .with_histogram_series(count * 2)
        .with_process_series(count * 3);
    Registry::builder()
        .with_budget(budget)
        .build()
        .expect("a valid budget")
}

/// Scrapes of our registry, handed on chunk by chunk as the HTTP body is.
fn scrape(meter: &mut Meter, series: usize, registry: &Registry, format: Format) {
    let resource = Resource::builder().with_service_name("shop").build();
    let resource = resource.expect("a valid resource");
    render(meter, series, || {
        Exposition::new(registry.collect(), &resource, format)
            .map(|chunk| chunk.len())
            .sum()
    });
}

/// Measures `scrape`, which gives the number of bytes it wrote.
fn render(meter: &mut Meter, series: usize, mut scrape: impl FnMut() -> usize) {
    let bytes = scrape();
    // Name, three labels and a number: less would mean that series are missing.
    assert!(series > 0 && bytes > series * 60, "{bytes} bytes");
    meter.run(scrape);
    meter.output(bytes as u64, series as u64);
}
