//! A caller that sends a new label value every time.

use otel_core::registry::{Buckets, Registry};

use super::{sum, total};

#[test]
fn a_million_values_of_one_label_leave_the_bound_and_the_total() {
    let registry = Registry::new();
    let family = registry.counter("requests");
    for i in 0..1_000_000_u32 {
        let path = i.to_string();
        family.add(&[("method", "GET"), ("path", &path), ("status", "200")], 1);
    }
    assert_eq!(registry.report().series(), 101);
    assert_eq!(sum(&registry, "requests"), 1_000_000);
    let other = r#"method="GET",path="__other__",status="200""#;
    assert_eq!(total(&registry, "requests", other), 999_900);
}

#[test]
fn values_of_every_label_leave_the_bound_of_the_family() {
    let registry = Registry::new();
    let counters = registry.counter("c");
    let histograms = registry.histogram("h", Buckets::semconv_seconds());
    for i in 0..100_000_u32 {
        let (a, b, c) = (format!("{}", i % 97), format!("{}", i % 89), format!("{i}"));
        counters.add(&[("a", &a), ("b", &b), ("c", &c)], 1);
        histograms.record(&[("a", &a), ("b", &b), ("c", &c)], 0.1);
    }
    let report = registry.report();
    assert_eq!(report.family("c").unwrap().series(), 1_000);
    assert_eq!(report.family("h").unwrap().series(), 200);
    assert_eq!(sum(&registry, "c"), 100_000);
    let snapshot = registry.collect();
    let counts = snapshot.family("h").unwrap().series();
    let counts = counts.map(|series| series.value().as_histogram().unwrap().count());
    assert_eq!(counts.sum::<u64>(), 100_000);
}
