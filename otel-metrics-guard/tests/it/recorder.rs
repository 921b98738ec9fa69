//! What the macros of the `metrics` facade measure is what a scrape shows.

use metrics::{Key, KeyName, Label, Metadata, SharedString, counter, gauge, histogram};
use opentelemetry_sdk::trace::SdkTracerProvider;
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use otel_core::registry::{ConflictReason, Event, Registry};
use otel_metrics_guard::Recorder;

use crate::expositions::{registry, samples};

/// Runs `code` with a recorder into a registry of its own.
fn record(code: impl FnOnce(&Recorder)) -> Registry {
    let registry = registry().build().unwrap();
    let recorder = Recorder::new(&registry);
    metrics::with_local_recorder(&recorder, || code(&recorder));
    registry
}

#[test]
fn counters_add_up_whatever_the_order_of_their_labels() {
    let registry = record(|_| {
        for round in 0..3_u32 {
            let round = (round % 2).to_string();
            counter!("http.requests", "method" => "GET", "round" => round.clone()).increment(2);
            counter!("http.requests", "round" => round, "method" => "GET").increment(1);
        }
        counter!("http.requests").increment(5);
    });
    assert_eq!(
        samples(&registry, "http_requests"),
        [
            "http_requests_total 5",
            r#"http_requests_total{method="GET",round="0"} 6"#,
            r#"http_requests_total{method="GET",round="1"} 3"#,
        ]
    );
}

#[test]
fn three_labels_in_any_order_are_one_series() {
    let labels = [("a", "1"), ("b", "2"), ("c", "3")].map(|(k, v)| Label::new(k, v));
    let registry = record(|_| {
        for order in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            let labels: Vec<_> = order.map(|at| labels[at].clone()).into();
            counter!("n", labels).increment(1);
        }
    });
    assert_eq!(samples(&registry, "n"), [r#"n_total{a="1",b="2",c="3"} 6"#]);
}

#[test]
fn a_held_handle_and_the_macro_write_to_one_series() {
    let registry = record(|_| {
        let held = counter!("n", "a" => "1");
        held.increment(1);
        counter!("n", "a" => "1").increment(1);
        held.increment(1);
    });
    assert_eq!(samples(&registry, "n"), [r#"n_total{a="1"} 3"#]);
}

#[test]
fn an_absolute_counter_keeps_the_largest_total() {
    let registry = record(|recorder| {
        for total in [10, 12, 11, 12] {
            counter!("packets", "port" => "1").absolute(total);
        }
        let (one, other) = (
            counter!("packets", "a" => "1", "b" => "2"),
            Labels::swapped(),
        );
        one.absolute(7);
        counter!("packets", other).absolute(9);
        one.absolute(8);
        counter!("idle").absolute(0);
        assert_eq!(recorder.lost_totals(), 0);
    });
    assert_eq!(
        samples(&registry, "packets"),
        [
            r#"packets_total{a="1",b="2"} 9"#,
            r#"packets_total{port="1"} 12"#
        ]
    );
    assert_eq!(samples(&registry, "idle"), ["idle_total 0"]);
}

struct Labels;

impl Labels {
    fn swapped() -> Vec<Label> {
        vec![Label::new("b", "2"), Label::new("a", "1")]
    }
}

#[test]
fn a_total_that_cannot_be_remembered_is_counted() {
    let registry = record(|recorder| {
        counter!("n", "a" => "x".repeat(600)).absolute(7);
        assert_eq!(recorder.lost_totals(), 1);
        for i in 0..4_100 {
            counter!("n", "a" => i.to_string()).absolute(1);
        }
        assert_eq!(recorder.lost_totals(), 1 + 4_100 - 4_096);
    });
    assert_eq!(total(&registry, "n"), 4_096);
}

#[test]
fn gauges_are_set_and_moved() {
    let registry = record(|_| {
        gauge!("load").set(0.75);
        gauge!("queue", "name" => "in").set(4);
        gauge!("queue", "name" => "in").increment(2.5);
        gauge!("queue", "name" => "in").decrement(10);
    });
    assert_eq!(samples(&registry, "load"), ["load 0.75"]);
    assert_eq!(samples(&registry, "queue"), [r#"queue{name="in"} -3.5"#]);
}

#[test]
fn histograms_take_single_values_and_many() {
    let registry = record(|_| {
        histogram!("wait", "queue" => "in").record(0.02);
        histogram!("wait", "queue" => "in").record(std::time::Duration::from_millis(500));
        histogram!("wait", "queue" => "in").record_many(7.0, 3);
    });
    let lines = samples(&registry, "wait");
    assert!(
        lines.contains(&r#"wait_bucket{queue="in",le="0.025"} 1"#.to_owned()),
        "{lines:?}"
    );
    assert!(
        lines.contains(&r#"wait_count{queue="in"} 5"#.to_owned()),
        "{lines:?}"
    );
    assert!(
        lines.contains(&r#"wait_sum{queue="in"} 21.52"#.to_owned()),
        "{lines:?}"
    );
}

#[test]
fn exemplars_are_of_the_current_sampled_span() {
    let tracer = SdkTracerProvider::builder().build().tracer("test");
    let cx = Context::current_with_span(tracer.start("work"));
    let registry = record(|_| {
        let _in_span = cx.clone().attach();
        counter!("orders", "kind" => "book").increment(2);
        histogram!("wait").record(0.3);
        gauge!("load").set(1.0);
    });
    let span = cx.span().span_context().clone();
    let snapshot = registry.collect();
    let first = |name| snapshot.family(name).unwrap().series().next().unwrap();
    let of_orders = first("orders").exemplar().unwrap();
    assert_eq!(of_orders.trace_id(), span.trace_id());
    assert_eq!(of_orders.span_id(), span.span_id());
    assert_eq!(of_orders.value(), 2.0);
    let ids = format!(
        r#" # {{trace_id="{}",span_id="{}"}} 0.3 "#,
        span.trace_id(),
        span.span_id()
    );
    let lines = samples(&registry, "wait_bucket");
    assert!(lines.iter().any(|line| line.contains(&ids)), "{lines:?}");
}

#[test]
fn a_name_of_two_kinds_is_a_conflict_and_no_panic() {
    let registry = record(|_| {
        counter!("jobs").increment(1);
        gauge!("jobs").set(7.0);
        histogram!("jobs").record(7.0);
        counter!("jobs").increment(1);
    });
    assert_eq!(samples(&registry, "jobs"), ["jobs_total 2"]);
    assert_eq!(registry.report().conflict_count(ConflictReason::Kind), 2);
}

#[test]
fn hostile_names_and_labels_are_treated_as_the_registry_does() {
    let registry = record(|_| {
        counter!("").increment(1);
        counter!("otel.guard.folded").increment(1);
        counter!("n\n").increment(1);
        counter!("n", "le" => "1", "__name__" => "x", "" => "y", "empty" => "").increment(1);
        counter!("n", "a" => "1", "a" => "2").increment(1);
        counter!("n", "größe\n\"" => "\0\"\n\\").increment(1);
        counter!("n", "long" => "x".repeat(100_000)).increment(1);
        let many = (0..100).map(|i| Label::new(format!("l{i}"), "v"));
        counter!("n", many.collect::<Vec<_>>()).increment(1);
    });
    let report = registry.report();
    assert_eq!(report.conflict_count(ConflictReason::Name), 3);
    assert_eq!(report.count(Event::LabelReserved), 3);
    assert_eq!(report.count(Event::LabelDuplicate), 1);
    assert_eq!(report.count(Event::LabelTruncated), 1);
    assert!(report.count(Event::LabelSurplus) > 0);
    let lines = samples(&registry, "n");
    for expected in [
        "n_total 1".to_owned(),
        r#"n_total{a="2"} 1"#.to_owned(),
        "n_total{gr__e__=\"\0\\\"\\n\\\\\"} 1".to_owned(),
    ] {
        assert!(lines.contains(&expected), "{expected} in {lines:?}");
    }
    assert_eq!(total(&registry, "n"), 5);
}

/// Adds a label to every key, as the layer that takes labels from `tracing` spans does.
struct Tenant<R>(R);

impl<R> Tenant<R> {
    fn label(key: &Key) -> Key {
        key.with_extra_labels(vec![Label::new("tenant", "t1")])
    }
}

impl<R: metrics::Recorder> metrics::Recorder for Tenant<R> {
    fn describe_counter(&self, key: KeyName, unit: Option<metrics::Unit>, help: SharedString) {
        self.0.describe_counter(key, unit, help);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<metrics::Unit>, help: SharedString) {
        self.0.describe_gauge(key, unit, help);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<metrics::Unit>, help: SharedString) {
        self.0.describe_histogram(key, unit, help);
    }

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> metrics::Counter {
        self.0.register_counter(&Self::label(key), metadata)
    }

    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> metrics::Gauge {
        self.0.register_gauge(&Self::label(key), metadata)
    }

    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> metrics::Histogram {
        self.0.register_histogram(&Self::label(key), metadata)
    }
}

#[test]
fn labels_of_a_layer_above_arrive() {
    let registry = registry().build().unwrap();
    let layered = Tenant(Recorder::new(&registry));
    metrics::with_local_recorder(&layered, || {
        for _ in 0..2 {
            counter!("n", "a" => "1").increment(1);
            histogram!("wait").record(1.0);
        }
    });
    assert_eq!(samples(&registry, "n"), [r#"n_total{a="1",tenant="t1"} 2"#]);
    let waits = samples(&registry, "wait_count");
    assert_eq!(waits, [r#"wait_count{tenant="t1"} 2"#]);
}

/// The sum over all series of a counter.
pub(crate) fn total(registry: &Registry, name: &str) -> u64 {
    let snapshot = registry.collect();
    let series = snapshot.family(name).unwrap().series();
    series.map(|s| s.value().as_counter().unwrap()).sum()
}
