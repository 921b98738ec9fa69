//! Values: buckets, sums, and what is refused.

use otel_core::registry::{Buckets, Descriptor, Event, Registry, Sum, Unit};

use super::{series, total};

#[test]
fn bounds_are_inclusive() {
    let registry = Registry::new();
    let buckets = Buckets::explicit(&[0.0, 1.0, 2.5]).unwrap();
    let family = registry.histogram("h", buckets);
    let just_above = f64::from_bits(1.0_f64.to_bits() + 1);
    for value in [0.0, -0.0, 0.5, 1.0, just_above, 2.5, 2.6, f64::MAX / 2.0] {
        family.record(&[], value);
    }
    let snapshot = registry.collect();
    let value = series(&snapshot, "h", "").value();
    let value = value.as_histogram().unwrap();
    let found: Vec<_> = value
        .buckets()
        .map(|b| (b.upper_bound(), b.count(), b.cumulative()))
        .collect();
    assert_eq!(
        found,
        [(0.0, 2, 2), (1.0, 2, 4), (2.5, 2, 6), (f64::INFINITY, 2, 8)]
    );
    assert_eq!(value.count(), 8);
}

#[test]
fn durations_are_summed_exactly() {
    let registry = Registry::new();
    let seconds = Descriptor::new("d").with_unit(Unit::SECONDS);
    let family = registry.histogram(seconds, Buckets::semconv_seconds());
    let held = family.with(&[]);
    for _ in 0..1_000_000 {
        held.record(0.000_000_1);
    }
    held.record(1e9);
    let snapshot = registry.collect();
    let value = series(&snapshot, "d_seconds", "").value();
    let expected = Sum::Nanoseconds(1_000_000_000_100_000_000);
    assert_eq!(value.as_histogram().unwrap().sum(), expected);
    assert_eq!(expected.as_f64(), 1_000_000_000.1);
}

#[test]
fn other_units_are_summed_as_floats() {
    let registry = Registry::new();
    let bytes = Descriptor::new("size").with_unit(Unit::BYTES);
    let family = registry.histogram(bytes, Buckets::explicit(&[100.0]).unwrap());
    family.record(&[], 50.0);
    family.record(&[], 150.5);
    let snapshot = registry.collect();
    let value = series(&snapshot, "size_bytes", "").value();
    assert_eq!(value.as_histogram().unwrap().sum(), Sum::Float(200.5));
}

#[test]
fn values_that_would_spoil_a_histogram_are_refused_and_counted() {
    let registry = Registry::new();
    let seconds = Descriptor::new("d").with_unit(Unit::SECONDS);
    let family = registry.histogram(seconds, Buckets::semconv_seconds());
    family.record(&[], 0.25);
    for value in [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -1.0,
        -1e-300,
        1e10,
        f64::MAX,
    ] {
        family.record(&[], value);
    }
    let snapshot = registry.collect();
    let value = series(&snapshot, "d_seconds", "").value();
    let value = value.as_histogram().unwrap();
    assert_eq!(
        (value.count(), value.sum()),
        (1, Sum::Nanoseconds(250_000_000))
    );

    let report = registry.report();
    assert_eq!(report.count(Event::RejectedNan), 1);
    assert_eq!(report.count(Event::RejectedInfinite), 2);
    assert_eq!(report.count(Event::RejectedNegative), 2);
    assert_eq!(report.count(Event::RejectedRange), 2);
    assert_eq!(
        total(&registry, "otel_guard_rejected", r#"reason="range""#),
        2
    );
}

#[test]
fn gauges_and_up_down_counters_move_both_ways() {
    let registry = Registry::new();
    let gauge = registry.gauge("g").with(&[("a", "1")]);
    gauge.set(4.0);
    gauge.add(-1.5);
    gauge.set(f64::NAN);
    gauge.add(f64::INFINITY);
    gauge.add(f64::NAN);
    let in_flight = registry.up_down_counter("in_flight");
    let held = in_flight.with(&[]);
    held.inc();
    held.inc();
    held.dec();
    in_flight.add(&[], -3);

    let snapshot = registry.collect();
    assert_eq!(
        series(&snapshot, "g", r#"a="1""#).value().as_gauge(),
        Some(2.5)
    );
    assert_eq!(
        series(&snapshot, "in_flight", "")
            .value()
            .as_up_down_counter(),
        Some(-2)
    );
    assert_eq!(registry.report().count(Event::RejectedNan), 2);
    assert_eq!(registry.report().count(Event::RejectedInfinite), 1);
}
