//! What a measurement through the OTel metrics API asks of the allocator.

use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::{Array, KeyValue, Value};
use otel_core::registry::Registry;
use otel_metrics_guard::MeterProvider;

use crate::ALLOCATOR;

#[test]
fn a_measurement_in_a_known_series_allocates_nothing() {
    let registry = Registry::new();
    let meter = MeterProvider::new(&registry).meter("shop");
    let (n, x) = (
        meter.u64_counter("n").build(),
        meter.f64_counter("x").build(),
    );
    let wait = meter.f64_histogram("wait").build();
    let array = Value::Array(Array::String(vec!["a".into(), "b".into()]));
    let of = |number: i64| KeyValue::new(format!("k{number}"), number);
    let sets: Vec<Vec<KeyValue>> = vec![
        vec![],
        vec![
            KeyValue::new("route", String::from("/orders/{id}")),
            KeyValue::new("status", 200),
            KeyValue::new("cached", false),
        ],
        vec![
            KeyValue::new("cached", false),
            KeyValue::new("status", 200),
            KeyValue::new("route", "/orders/{id}"),
        ],
        vec![KeyValue::new("ratio", 0.25), KeyValue::new("tags", array)],
        // The later value wins.
        vec![of(1), of(2), KeyValue::new("k1", "x")],
        (0..16).map(of).collect(),
    ];
    let measure = || {
        for set in &sets {
            n.add(1, set);
            x.add(0.5, set);
            wait.record(0.5, set);
        }
    };
    measure();
    let ((), made) = ALLOCATOR.allocations_of(measure);
    assert_eq!(made.count(), 0);

    let (bound, made) = ALLOCATOR.allocations_of(|| n.bind(&sets[1]));
    assert_eq!(made.count(), 2, "the box of the API, and its `Arc`");
    let ((), made) = ALLOCATOR.allocations_of(|| (0..100).for_each(|_| bound.add(1)));
    assert_eq!(made.count(), 0);
}

#[test]
fn a_folded_measurement_allocates_nothing() {
    let registry = Registry::new();
    let n = MeterProvider::new(&registry)
        .meter("shop")
        .u64_counter("n")
        .build();
    let sets: Vec<_> = (0..500).map(|id| [KeyValue::new("id", id)]).collect();
    let measure = || sets.iter().for_each(|set| n.add(1, set));
    measure();
    let ((), made) = ALLOCATOR.allocations_of(measure);
    assert_eq!(made.count(), 0);
}
