//! Whole expositions against the files in `tests/golden`.
//!
//! Run with `REWRITE_GOLDEN=1` to write the files anew after an intended change. The families that
//! the registry keeps about itself are left out: their number is its own affair.

use std::{env, fs};

use otel_core::registry::{Buckets, Descriptor, Registry, Unit};
use otel_metrics_guard::exposition::Format;

use crate::expositions;

#[test]
fn openmetrics_is_written_to_the_letter() {
    compare("openmetrics.txt", Format::OpenMetrics);
}

#[test]
fn text_is_written_to_the_letter() {
    compare("text.txt", Format::Text);
}

fn compare(file: &str, format: Format) {
    let path = format!("{}/tests/golden/{file}", env!("CARGO_MANIFEST_DIR"));
    let found: String = expositions::scrape(&shop(), format)
        .split_inclusive('\n')
        .filter(|line| !line.contains("otel_guard_"))
        .collect();
    if env::var_os("REWRITE_GOLDEN").is_some() {
        fs::write(&path, &found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    assert_eq!(found, expected, "{path}");
}

fn shop() -> Registry {
    let registry = expositions::registry().build().unwrap();
    let cx = expositions::sampled();

    let orders = Descriptor::new("shop.orders").with_help("Orders, by \"kind\".\nC:\\shop");
    let orders = registry.counter(orders);
    orders.add_in(&[("kind", "book")], 3, &cx);
    orders.add(&[("kind", "back\\slash"), ("note", "\"quoted\"\nline")], 1);
    orders.add(&[("kind", "größe {x=\"1\"} # no exemplar")], u64::MAX);

    let cpu = Descriptor::new("process.cpu.time").with_unit(Unit::SECONDS);
    let cpu = registry.counter(cpu.with_help("Processor time."));
    cpu.add(&[], 42);

    let duration = Descriptor::new("http.server.request.duration")
        .with_unit(Unit::SECONDS)
        .with_help("Duration of HTTP server requests.");
    let buckets = Buckets::explicit(&[0.0, 0.005, 0.1, 1.0, 1e6]).unwrap();
    let duration = registry.histogram(duration, buckets);
    for seconds in [0.0, 0.0049, 0.1, 0.100_000_001, 2.5] {
        duration.record_in(&[("http.route", "/orders/{id}")], seconds, &cx);
    }
    duration.record(&[], 1e9);

    let size = Descriptor::new("http.server.request.body.size").with_unit(Unit::BYTES);
    let size = registry.histogram(size, Buckets::explicit(&[]).unwrap());
    size.record(&[("http.route", "/upload")], 1536.25);

    let in_flight = Descriptor::new("shop.in_flight").with_unit(Unit::new("{request}"));
    let in_flight = registry.up_down_counter(in_flight);
    in_flight.add(&[], -2);

    let load = registry.gauge(Descriptor::new("load").with_help("Load average."));
    load.set(&[("over", "1m")], 0.1 + 0.2);
    load.set(&[("over", "5m")], f64::INFINITY);
    load.set(&[("over", "15m")], f64::NEG_INFINITY);

    let uptime = Descriptor::new("seconds").with_unit(Unit::SECONDS);
    registry.gauge(uptime).set(&[], 1e21);

    let failures = Descriptor::new("shop.failures").with_help("Nothing failed yet.");
    let _ = registry.counter(failures);
    registry
}
