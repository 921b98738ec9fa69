//! Labels whose names are given once.

use otel_core::registry::{Buckets, Registry};

use super::{sum, total};

#[test]
fn columns_and_pairs_are_the_same_series() {
    let registry = Registry::new();
    let family = registry.counter("n");
    let columns = family.columns(["status", "http.route", "method"]);
    for round in 0..3 {
        for route in ["/a", "/b\"\\", "/a-route-that-is-longer-than-sixteen-bytes"] {
            columns.add(["200", route, "GET"], 1);
            family.add(
                &[("method", "GET"), ("http.route", route), ("status", "200")],
                1,
            );
        }
        assert_eq!(registry.report().series(), 3, "round {round}");
    }
    assert_eq!(sum(&registry, "n"), 18);
    assert_eq!(
        total(
            &registry,
            "n",
            r#"http_route="/a",method="GET",status="200""#
        ),
        6
    );
}

#[test]
fn an_empty_value_is_an_absent_label() {
    let registry = Registry::new();
    let columns = registry.counter("n").columns(["a", "b"]);
    for _ in 0..3 {
        columns.add(["1", ""], 1);
        columns.add(["1", "2"], 1);
    }
    assert_eq!(total(&registry, "n", r#"a="1""#), 3);
    assert_eq!(total(&registry, "n", r#"a="1",b="2""#), 3);
}

#[test]
fn a_value_cannot_pass_for_two() {
    let registry = Registry::new();
    let columns = registry.counter("n").columns(["a", "b"]);
    columns.add(["x", "ZZZZyyyy"], 1);
    columns.add(["x\",b=\"ZZ", "yyyy"], 1);
    columns.add(["x\",b=", "yyyy"], 1);
    assert_eq!(registry.report().series(), 3);
}

#[test]
fn columns_record_under_a_budget_and_after_a_policy_change() {
    let registry = Registry::new();
    let columns = registry
        .histogram("h", Buckets::semconv_seconds())
        .columns(["path"]);
    for i in 0..1_000 {
        columns.record([&i.to_string()], 0.1);
    }
    let policy = otel_core::cardinality::Policy::new().with_dropped_labels(["path"]);
    let policies = otel_core::cardinality::PolicySet::builder()
        .with_default(policy)
        .build()
        .unwrap();
    registry.set_policies(policies);
    columns.record(["1"], 0.1);
    let snapshot = registry.collect();
    let series = super::series(&snapshot, "h", "");
    assert_eq!(series.value().as_histogram().unwrap().count(), 1);
    let hidden = registry.report().family("h").unwrap().hidden_amount();
    assert_eq!(hidden, 1_000);
}
