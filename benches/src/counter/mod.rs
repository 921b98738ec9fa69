//! A counter with three labels whose values are known only at run time.

mod attributes;
mod folded;
mod held;
mod known;

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusBuilder;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, MeterProvider};
use opentelemetry_sdk::metrics::{ManualReader, SdkMeterProvider};
use otel_core::registry::Registry;

use crate::harness::Comparison;

pub(crate) fn comparison() -> Comparison {
    let mut cases = Vec::new();
    for threads in [1, 2] {
        cases.extend(known::cases(threads));
    }
    for threads in [1, 2] {
        cases.extend(attributes::cases(threads));
    }
    for threads in [1, 2] {
        cases.extend(held::cases(threads));
    }
    for threads in [1, 2] {
        cases.extend(folded::cases(threads));
    }
    Comparison {
        name: "counter",
        operation: "add one to a counter with method, route and status, one of 100 label sets",
        parts: 1,
        has_reference: false,
        counted: 5_000,
        cases,
    }
}

const NAME: &str = "bench_requests";
const NAMES: [&str; 3] = ["method", "route", "status"];

/// The values of a label set, not known when the program was built.
type Values = [String; 3];

/// 100 label sets.
fn label_sets() -> Arc<[Values]> {
    let mut sets = Vec::new();
    for method in ["GET", "PUT", "POST", "DELETE"] {
        for route in ["users", "orders", "items", "carts", "quotes"] {
            for status in [200, 201, 404, 409, 500] {
                sets.push([
                    method.to_owned(),
                    format!("/{route}/{{id}}"),
                    status.to_string(),
                ]);
            }
        }
    }
    sets.into()
}

/// Takes the label sets in turn; threads start apart.
struct Turn {
    next: usize,
    of: usize,
}

impl Turn {
    const fn new(thread: usize, of: usize) -> Self {
        Self {
            next: thread * of / 2,
            of,
        }
    }

    fn next(&mut self) -> usize {
        self.next += 1;
        if self.next >= self.of {
            self.next = 0;
        }
        self.next
    }
}

fn pairs(values: &Values) -> [(&str, &str); 3] {
    let [method, route, status] = values;
    [(NAMES[0], method), (NAMES[1], route), (NAMES[2], status)]
}

/// As its API wants them: owned, or of the program.
fn key_values(values: &Values) -> [KeyValue; 3] {
    let [method, route, status] = values;
    [
        KeyValue::new(NAMES[0], method.clone()),
        KeyValue::new(NAMES[1], route.clone()),
        KeyValue::new(NAMES[2], status.clone()),
    ]
}

fn otel_counter() -> (SdkMeterProvider, Counter<u64>) {
    let provider = SdkMeterProvider::builder()
        .with_reader(ManualReader::builder().build())
        .build();
    let counter = provider.meter("bench").u64_counter(NAME).build();
    (provider, counter)
}

fn guard_counter() -> (otel_metrics_guard::MeterProvider, Counter<u64>) {
    let provider = otel_metrics_guard::MeterProvider::new(&Registry::new());
    let counter = provider.meter("bench").u64_counter(NAME).build();
    (provider, counter)
}

fn install_metrics_recorder() {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::set_global_recorder(recorder).expect("the first in this process");
}

fn job(what: [&'static str; 2], threads: usize) -> &'static str {
    what[usize::from(threads > 1)]
}
