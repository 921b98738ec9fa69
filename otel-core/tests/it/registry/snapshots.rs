//! What an exposition sees.

use std::time::Duration;

use otel_core::clock::{Clock, ManualClock};
use otel_core::registry::{Kind, Registry};

use super::{series, texts};

#[test]
fn families_and_series_come_in_a_stable_order() {
    let registry = Registry::new();
    let family = registry.counter("b");
    let _ = registry.gauge("c");
    let _ = registry.gauge("a");
    for i in (0..50).rev() {
        family.add(&[("i", &format!("{i:02}"))], 1);
        if i % 7 == 0 {
            let _ = registry.collect();
        }
    }
    let snapshot = registry.collect();
    let names: Vec<_> = snapshot.families().map(|family| family.name()).collect();
    assert!(names.is_sorted());
    assert!(["a", "b", "c"].iter().all(|name| names.contains(name)));
    let sorted = texts(&registry, "b");
    assert_eq!(sorted.len(), 50);
    assert!(sorted.is_sorted());
}

#[test]
fn values_are_read_when_asked_for() {
    let registry = Registry::new();
    let counter = registry.counter("n").with(&[]);
    counter.inc();
    let snapshot = registry.collect();
    let series = series(&snapshot, "n", "");
    assert_eq!(series.value().as_counter(), Some(1));
    counter.inc();
    assert_eq!(series.value().as_counter(), Some(2));
}

#[test]
fn a_snapshot_keeps_the_series_it_was_taken_with() {
    let registry = Registry::new();
    let family = registry.counter("n");
    family.add(&[("a", "1")], 1);
    let snapshot = registry.collect();
    family.add(&[("a", "2")], 1);
    assert_eq!(snapshot.family("n").unwrap().len(), 1);
    assert_eq!(registry.collect().family("n").unwrap().len(), 2);
}

#[test]
fn a_series_knows_when_it_began() {
    #[derive(Debug)]
    struct Shared(std::sync::Arc<ManualClock>);
    impl Clock for Shared {
        fn now(&self) -> std::time::Instant {
            self.0.now()
        }
        fn wall(&self) -> std::time::SystemTime {
            self.0.wall()
        }
    }
    let clock = std::sync::Arc::new(ManualClock::new());
    let registry = Registry::builder()
        .with_clock(Shared(std::sync::Arc::clone(&clock)))
        .build()
        .unwrap();
    let family = registry.counter("n");
    let start = clock.wall();
    family.add(&[("a", "1")], 1);
    clock.advance(Duration::from_secs(90));
    family.add(&[("a", "2")], 1);
    family.add(&[("a", "1")], 1);

    let snapshot = registry.collect();
    assert_eq!(snapshot.taken(), start + Duration::from_secs(90));
    assert_eq!(series(&snapshot, "n", r#"a="1""#).created(), start);
    assert_eq!(
        series(&snapshot, "n", r#"a="2""#).created(),
        start + Duration::from_secs(90)
    );
}

#[test]
fn the_registry_exposes_what_it_did_under_fixed_names() {
    let registry = Registry::new();
    let snapshot = registry.collect();
    let own: Vec<_> = snapshot
        .families()
        .map(|family| (family.name(), family.kind(), family.len()))
        .collect();
    assert_eq!(
        own,
        [
            ("otel_guard_conflicts", Kind::Counter, 7),
            ("otel_guard_exemplars_skipped", Kind::Counter, 1),
            ("otel_guard_folded", Kind::Counter, 4),
            ("otel_guard_labels_altered", Kind::Counter, 4),
            ("otel_guard_orphan_writes", Kind::Counter, 1),
            ("otel_guard_policy_acts", Kind::Counter, 3),
            ("otel_guard_rejected", Kind::Counter, 7),
            ("otel_guard_series", Kind::Gauge, 1),
            ("otel_guard_series_limit", Kind::Gauge, 1),
            ("otel_guard_source_faults", Kind::Counter, 3),
        ]
    );
    assert_eq!(registry.report().series(), 0);
}
