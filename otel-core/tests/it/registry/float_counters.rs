//! Counters of amounts that are not whole.

use std::thread;

use otel_core::registry::{ConflictReason, Event, Kind, Registry};

use super::series;

#[test]
fn amounts_add_up_and_what_is_no_amount_is_refused() {
    let registry = Registry::new();
    let energy = registry.float_counter("energy");
    let held = energy.with(&[("rail", "cpu")]);
    for amount in [0.5, 0.25, -0.25, f64::NAN, f64::INFINITY, 0.0, -0.0] {
        energy.add(&[("rail", "cpu")], amount);
        held.add(amount);
    }
    energy.add(&[("rail", "all")], f64::MAX);
    energy.add(&[("rail", "all")], f64::MAX);

    let snapshot = registry.collect();
    assert_eq!(snapshot.family("energy").unwrap().kind(), Kind::Counter);
    let value = |labels| series(&snapshot, "energy", labels).value();
    assert_eq!(value(r#"rail="cpu""#).as_float_counter(), Some(1.5));
    assert_eq!(value(r#"rail="all""#).as_float_counter(), Some(f64::MAX));
    let report = registry.report();
    for (event, times) in [
        (Event::RejectedNegative, 2),
        (Event::RejectedNan, 2),
        (Event::RejectedInfinite, 2),
        (Event::RejectedRange, 1),
    ] {
        assert_eq!(report.count(event), times, "{event:?}");
    }
}

#[test]
fn no_amount_is_lost_between_threads() {
    let registry = Registry::new();
    let (up, both) = (
        registry.float_counter("up"),
        registry.float_up_down_counter("both"),
    );
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10_000 {
                    up.add(&[], 0.5);
                    both.add(&[], 0.5);
                    both.add(&[], -0.25);
                }
            });
        }
    });
    let snapshot = registry.collect();
    let value = |family| series(&snapshot, family, "").value();
    assert_eq!(value("up").as_float_counter(), Some(20_000.0));
    assert_eq!(value("both").as_float_up_down_counter(), Some(10_000.0));
}

#[test]
fn whole_and_float_counters_of_one_name_conflict() {
    let registry = Registry::new();
    registry.counter("a").add(&[], 1);
    registry.float_counter("a").add(&[], 0.5);
    registry.float_up_down_counter("b").add(&[], 0.5);
    registry.up_down_counter("b").add(&[], 1);
    let snapshot = registry.collect();
    assert_eq!(series(&snapshot, "a", "").value().as_counter(), Some(1));
    let b = series(&snapshot, "b", "").value();
    assert_eq!(b.as_float_up_down_counter(), Some(0.5));
    assert_eq!(registry.report().conflict_count(ConflictReason::Kind), 2);
}
