//! Families, their names and their conflicts.

use otel_core::cardinality::Budget;
use otel_core::registry::{Buckets, ConflictReason, Descriptor, Kind, Registry, Unit};

use super::total;

fn conflicts(registry: &Registry) -> Vec<(String, ConflictReason)> {
    let report = registry.report();
    report
        .conflicts()
        .map(|c| (c.name().to_owned(), c.reason()))
        .collect()
}

#[test]
fn registration_is_idempotent_by_exposed_name() {
    let registry = Registry::new();
    registry.counter("http.requests").add(&[], 1);
    registry.counter("http_requests").add(&[], 1);
    registry.clone().counter("http_requests_total").add(&[], 1);
    assert_eq!(total(&registry, "http_requests", ""), 3);
    assert_eq!(registry.report().families().len(), 1);
    assert!(conflicts(&registry).is_empty());
}

#[test]
fn the_facts_of_a_family_are_those_given_first() {
    let registry = Registry::new();
    let first = Descriptor::new("job.duration")
        .with_unit(Unit::SECONDS)
        .with_scope("jobs")
        .with_scope_version("1.2.0");
    let _ = registry.histogram(first.clone(), Buckets::semconv_seconds());
    let second = first.with_help("How long.").with_scope("other");
    let _ = registry.histogram(second.clone(), Buckets::semconv_seconds());
    // Whoever does not name a library claims to be none.
    let _ = registry.histogram(second.with_scope(""), Buckets::semconv_seconds());

    let snapshot = registry.collect();
    let family = snapshot.family("job_duration_seconds").unwrap();
    assert_eq!(family.original_name(), "job.duration");
    assert_eq!(family.kind(), Kind::Histogram);
    assert_eq!((family.unit(), family.ucum_unit()), ("seconds", "s"));
    assert_eq!(family.help(), "How long.");
    assert_eq!((family.scope(), family.scope_version()), ("jobs", "1.2.0"));
    assert_eq!(family.bounds().len(), 14);
    assert!(family.is_empty());
    assert_eq!(
        conflicts(&registry),
        [("job_duration_seconds".to_owned(), ConflictReason::Scope)]
    );
}

#[test]
fn a_second_kind_works_and_is_not_exposed() {
    let registry = Registry::new();
    let counter = registry.counter("x");
    counter.add(&[], 1);
    for _ in 0..3 {
        let gauge = registry.gauge("x");
        gauge.set(&[("a", "b")], 7.0);
        gauge.with(&[]).add(1.0);
    }
    let snapshot = registry.collect();
    assert_eq!(snapshot.family("x").unwrap().kind(), Kind::Counter);
    assert_eq!(snapshot.family("x").unwrap().len(), 1);
    assert_eq!(
        conflicts(&registry),
        [("x".to_owned(), ConflictReason::Kind)]
    );
    assert_eq!(registry.report().conflict_count(ConflictReason::Kind), 3);
    assert_eq!(
        total(&registry, "otel_guard_conflicts", r#"reason="kind""#),
        3
    );
}

#[test]
fn other_buckets_and_units_are_noted_and_the_first_are_kept() {
    let registry = Registry::new();
    let seconds = Descriptor::new("d_seconds").with_unit(Unit::SECONDS);
    let _ = registry.histogram(seconds, Buckets::semconv_seconds());
    let other = registry.histogram("d_seconds", Buckets::explicit(&[1.0]).unwrap());
    other.record(&[], 0.5);
    let unit = Descriptor::new("d.seconds").with_unit(Unit::new("{x}"));
    let _ = registry.histogram(unit, Buckets::semconv_seconds());

    let snapshot = registry.collect();
    assert_eq!(snapshot.family("d_seconds").unwrap().bounds().len(), 14);
    assert_eq!(snapshot.family("d_seconds").unwrap().len(), 1);
    assert_eq!(
        conflicts(&registry),
        [
            ("d_seconds".to_owned(), ConflictReason::Buckets),
            ("d_seconds".to_owned(), ConflictReason::Unit),
        ]
    );
}

#[test]
fn names_that_would_meet_in_the_exposition_conflict() {
    // (first, second): the second is not exposed.
    type Register = fn(&Registry, &'static str);
    let counter: Register = |registry, name| drop(registry.counter(name));
    let gauge: Register = |registry, name| drop(registry.gauge(name));
    let histogram: Register =
        |registry, name| drop(registry.histogram(name, Buckets::semconv_seconds()));
    for (first, a, second, b, clash) in [
        (counter, "a", gauge, "a_total", true),
        (gauge, "a_total", counter, "a", true),
        (counter, "a", gauge, "a_created", true),
        (histogram, "a", counter, "a_count", true),
        (gauge, "a_sum", histogram, "a", true),
        (histogram, "a", gauge, "a_bucket", true),
        (gauge, "a", counter, "a_count", false),
        (counter, "a", counter, "a_count", false),
        (gauge, "a", gauge, "a_total", false),
    ] {
        let registry = Registry::new();
        first(&registry, a);
        second(&registry, b);
        let expected = if clash {
            vec![(b.to_owned(), ConflictReason::Samples)]
        } else {
            vec![]
        };
        assert_eq!(conflicts(&registry), expected, "{a} then {b}");
        assert_eq!(
            registry.report().families().len(),
            if clash { 1 } else { 2 }
        );
    }
}

#[test]
fn a_name_that_cannot_be_exposed_is_reported() {
    let registry = Registry::new();
    for name in ["", "\u{e9}", "a\u{7}b", "otel_guard_folded", "target_info"] {
        registry.gauge(name).set(&[], 1.0);
    }
    assert_eq!(registry.report().families().len(), 0);
    assert_eq!(registry.report().conflict_count(ConflictReason::Name), 5);
}

#[test]
fn names_made_up_at_run_time_are_bounded() {
    let registry = Registry::builder()
        .with_budget(Budget::default().with_families(50))
        .build()
        .unwrap();
    for i in 0..10_000 {
        registry
            .counter(Descriptor::new(format!("name{i}")))
            .add(&[], 1);
        let _ = registry.gauge(Descriptor::new(format!("bad\n{i}")));
    }
    let report = registry.report();
    assert_eq!(report.families().len(), 50);
    assert_eq!(report.conflicts().len(), 64);
    assert_eq!(report.conflict_count(ConflictReason::Budget), 9_950);
    assert_eq!(report.conflict_count(ConflictReason::Name), 10_000);
}

#[test]
fn budgets_and_buckets_out_of_range_are_refused() {
    for (budget, setting) in [
        (Budget::default().with_label_values(0), "with_label_values"),
        (
            Budget::default().with_family_series(0),
            "with_family_series",
        ),
        (
            Budget::default().with_histogram_series(1 << 20),
            "with_histogram_series",
        ),
        (
            Budget::default().with_process_series(0),
            "with_process_series",
        ),
        (Budget::default().with_families(0), "with_families"),
        (Budget::default().with_labels(17), "with_labels"),
        (Budget::default().with_value_bytes(0), "with_value_bytes"),
    ] {
        let error = Registry::builder().with_budget(budget).build().unwrap_err();
        assert!(error.is_invalid());
        assert_eq!(error.setting(), setting);
    }
    let many: Vec<f64> = (0..65).map(f64::from).collect();
    for bounds in [
        &[1.0, 1.0][..],
        &[2.0, 1.0],
        &[f64::NAN],
        &[f64::INFINITY],
        &[-1.0],
        &many,
    ] {
        assert!(Buckets::explicit(bounds).is_err(), "{bounds:?}");
    }
    assert!(Buckets::explicit(&[]).is_ok());
}
