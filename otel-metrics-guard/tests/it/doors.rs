//! One name is one family behind every door, whichever is used first.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider as _;
use otel_core::registry::{ConflictReason, Descriptor, Kind, Registry, Unit};
use otel_metrics_guard::{MeterProvider, Recorder};

use crate::expositions::{registry, samples, scrape};

/// Writes to `http.requests` through one door.
type Door = fn(&Registry);

fn native(registry: &Registry) {
    let requests = Descriptor::new("http.requests").with_help("Requests.");
    registry.counter(requests).add(&[("method", "GET")], 1);
}

fn facade(registry: &Registry) {
    metrics::with_local_recorder(&Recorder::new(registry), || {
        metrics::describe_counter!("http_requests_total", "Requests.");
        metrics::counter!("http_requests_total", "method" => "GET").increment(10);
    });
}

fn api(registry: &Registry) {
    let meter = MeterProvider::new(registry).meter("web");
    let requests = meter.u64_counter("http.requests");
    let requests = requests.with_description("Requests.").build();
    requests.add(100, &[KeyValue::new("method", "GET")]);
    requests.bind(&[KeyValue::new("method", "GET")]).add(1_000);
}

const DOORS: [Door; 3] = [native, facade, api];

#[test]
fn a_name_is_one_family_with_one_total_in_every_order_of_doors() {
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let registry = registry().build().unwrap();
        for door in order {
            DOORS[door](&registry);
        }
        let text = scrape(
            &registry,
            otel_metrics_guard::exposition::Format::OpenMetrics,
        );
        let lines: Vec<_> = text.lines().filter(|line| line.contains("http_")).collect();
        assert_eq!(
            lines,
            [
                "# TYPE http_requests counter",
                "# HELP http_requests Requests.",
                r#"http_requests_total{method="GET"} 1111"#,
            ],
            "{order:?}"
        );
        assert_eq!(registry.report().conflicts().len(), 0);
    }
}

#[test]
fn gauges_and_histograms_meet_too() {
    let registry = registry().build().unwrap();
    let meter = MeterProvider::new(&registry).meter("web");
    metrics::with_local_recorder(&Recorder::new(&registry), || {
        metrics::describe_histogram!("wait", metrics::Unit::Seconds, "Waiting.");
        metrics::histogram!("wait").record(0.3);
        metrics::gauge!("temperature").set(20.0);
    });
    meter
        .f64_histogram("wait")
        .with_unit("s")
        .build()
        .record(0.2, &[]);
    meter.f64_gauge("temperature").build().record(21.5, &[]);
    let wait = Descriptor::new("wait").with_unit(Unit::SECONDS);
    let buckets = otel_core::registry::Buckets::semconv_seconds();
    registry.histogram(wait, buckets).record(&[], 0.5);

    assert_eq!(samples(&registry, "temperature"), ["temperature 21.5"]);
    assert_eq!(
        samples(&registry, "wait_seconds_sum"),
        ["wait_seconds_sum 1"]
    );
    assert_eq!(
        samples(&registry, "wait_seconds_count"),
        ["wait_seconds_count 3"]
    );
    assert_eq!(registry.report().conflicts().len(), 0);
}

#[test]
fn a_counter_used_as_a_gauge_and_back_is_reported_at_whichever_door_comes_second() {
    type Write = fn(&Registry, &'static str);
    let counts: [Write; 3] = [
        |registry, name| registry.counter(name).add(&[], 1),
        |registry, name| {
            let recorder = Recorder::new(registry);
            metrics::with_local_recorder(&recorder, || metrics::counter!(name).increment(1));
        },
        |registry, name| {
            let meter = MeterProvider::new(registry).meter("web");
            meter.u64_counter(name).build().add(1, &[]);
        },
    ];
    let sets: [Write; 3] = [
        |registry, name| registry.gauge(name).set(&[], 7.0),
        |registry, name| {
            let recorder = Recorder::new(registry);
            metrics::with_local_recorder(&recorder, || metrics::gauge!(name).set(7.0));
        },
        |registry, name| {
            let meter = MeterProvider::new(registry).meter("web");
            meter.f64_gauge(name).build().record(7.0, &[]);
        },
    ];
    for (first, second, kind, exposed) in [
        (&counts, &sets, Kind::Counter, "in_use_total 1"),
        (&sets, &counts, Kind::Gauge, "in_use 7"),
    ] {
        for (one, other) in first
            .iter()
            .flat_map(|one| second.iter().map(move |o| (one, o)))
        {
            let registry = registry().build().unwrap();
            one(&registry, "in.use");
            other(&registry, "in.use");
            assert_eq!(samples(&registry, "in_use"), [exposed]);
            assert_eq!(registry.collect().family("in_use").unwrap().kind(), kind);
            let report = registry.report();
            let conflicts: Vec<_> = report.conflicts().collect();
            assert_eq!(conflicts.len(), 1);
            assert_eq!(conflicts[0].name(), "in_use");
            assert_eq!(conflicts[0].reason(), ConflictReason::Kind);
            let guard = samples(&registry, r#"otel_guard_conflicts_total{reason="kind"}"#);
            assert_eq!(guard, [r#"otel_guard_conflicts_total{reason="kind"} 1"#]);
        }
    }
}

#[test]
fn a_registry_is_let_go_with_its_doors() {
    let alive = Arc::new(());
    let registry = registry().build().unwrap();
    let meter = MeterProvider::new(&registry).meter("web");
    let held = Arc::clone(&alive);
    let gauge = meter.u64_observable_gauge("g");
    gauge
        .with_callback(move |g| g.observe(Arc::strong_count(&held) as u64, &[]))
        .build();
    assert_eq!(samples(&registry, "g"), ["g 2"]);
    drop(meter);
    drop(registry);
    assert_eq!(Arc::strong_count(&alive), 1);
}
