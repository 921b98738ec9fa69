//! Where label sets go when a budget is spent.

use otel_core::cardinality::{Budget, OTHER};
use otel_core::registry::{Descriptor, Event, Registry};

use super::{series, sum, texts, total};

fn registry(budget: Budget) -> Registry {
    Registry::builder()
        .with_budget(budget)
        .build()
        .expect("a valid budget")
}

#[test]
fn only_the_label_over_its_budget_is_folded() {
    let registry = registry(Budget::default().with_label_values(2));
    let family = registry.counter("n");
    for path in ["/a", "/b", "/c", "/d"] {
        for status in ["200", "500"] {
            family.add(&[("path", path), ("status", status)], 1);
        }
    }
    assert_eq!(
        texts(&registry, "n"),
        [
            r#"path="/a",status="200""#,
            r#"path="/a",status="500""#,
            r#"path="/b",status="200""#,
            r#"path="/b",status="500""#,
            r#"path="__other__",status="200""#,
            r#"path="__other__",status="500""#,
        ]
    );
    assert_eq!(total(&registry, "n", r#"path="__other__",status="500""#), 2);

    let report = registry.report();
    let report = report.family("n").unwrap();
    assert_eq!(report.count(Event::FoldedLabelValue), 4);
    assert_eq!(report.folded(), 4);
    let labels: Vec<_> = report
        .labels()
        .map(|l| (l.name(), l.admitted(), l.budget(), l.folded()))
        .collect();
    assert_eq!(labels, [("path", 2, 2, 4), ("status", 2, 2, 0)]);
    assert_eq!(
        total(&registry, "otel_guard_folded", r#"reason="label_values""#),
        4
    );
}

#[test]
fn a_label_may_have_a_budget_of_its_own() {
    let registry = registry(Budget::default().with_label_values(2));
    let family = registry.counter(Descriptor::new("n").with_label_budget("http.route", 5));
    for i in 0..10 {
        let value = i.to_string();
        family.add(&[("http.route", &value), ("other", &value)], 1);
    }
    let report = registry.report();
    let report = report.family("n").unwrap();
    let labels: Vec<_> = report
        .labels()
        .map(|l| (l.name(), l.admitted(), l.folded()))
        .collect();
    assert_eq!(labels, [("http.route", 5, 5), ("other", 2, 8)]);
    assert_eq!(sum(&registry, "n"), 10);
}

#[test]
fn a_full_family_folds_into_one_series() {
    let registry = registry(Budget::default().with_family_series(3));
    let family = registry.counter("n");
    for path in ["/a", "/b", "/c", "/d"] {
        family.add(&[("path", path), ("status", "200")], 1);
    }
    family.add(&[("path", "/a")], 1);
    family.add(&[], 1);
    assert_eq!(
        texts(&registry, "n"),
        [
            r#"path="/a",status="200""#,
            r#"path="/b",status="200""#,
            r#"path="__other__",status="__other__""#,
        ]
    );
    assert_eq!(
        total(&registry, "n", r#"path="__other__",status="__other__""#),
        4
    );
    assert_eq!(registry.report().count(Event::FoldedFamily), 4);
}

#[test]
fn an_overflow_series_without_labels_says_what_it_is() {
    let registry = registry(Budget::default().with_family_series(1));
    let family = registry.counter("n");
    family.add(&[], 1);
    family.add(&[("a", "b")], 1);
    assert_eq!(texts(&registry, "n"), [r#"otel_metric_overflow="true""#]);
    assert_eq!(sum(&registry, "n"), 2);
}

#[test]
fn protected_labels_outlive_the_family_budget() {
    let registry = registry(Budget::default());
    let family = registry.counter(
        Descriptor::new("n")
            .with_series_budget(32)
            .with_protected_labels(["http.status"]),
    );
    for i in 0..100 {
        family.add(&[("path", &i.to_string()), ("http.status", "200")], 1);
    }
    family.add(&[("path", "1"), ("http.status", "500")], 1);
    family.add(&[("path", "2"), ("http.status", "500")], 1);
    // 29 of their own, 2 for protected combinations, 1 for everything else.
    assert_eq!(
        total(&registry, "n", r#"http_status="200",path="__other__""#),
        71
    );
    assert_eq!(
        total(&registry, "n", r#"http_status="500",path="__other__""#),
        2
    );
    for status in ["501", "502", "503"] {
        family.add(&[("path", "3"), ("http.status", status)], 1);
    }
    assert_eq!(
        total(
            &registry,
            "n",
            r#"http_status="__other__",path="__other__""#
        ),
        3
    );
    assert_eq!(registry.report().series(), 32);
    assert_eq!(sum(&registry, "n"), 105);
}

#[test]
fn the_process_budget_keeps_a_series_for_every_family() {
    let registry = registry(Budget::default().with_process_series(6));
    let greedy = registry.counter("greedy");
    let late = registry.counter("late");
    for i in 0..100 {
        greedy.add(&[("i", &i.to_string())], 1);
    }
    late.add(&[("a", "1"), ("b", "2")], 1);
    assert_eq!(sum(&registry, "greedy"), 100);
    assert_eq!(texts(&registry, "greedy").len(), 5);
    assert_eq!(texts(&registry, "late"), [r#"a="__other__",b="__other__""#]);
    assert_eq!(registry.report().series(), 6);
    assert_eq!(registry.report().series_budget(), 6);
    assert_eq!(registry.report().count(Event::FoldedProcess), 97);
}

#[test]
fn the_sentinel_may_be_sent_and_uses_no_budget() {
    let registry = registry(Budget::default().with_label_values(1));
    let family = registry.counter("n");
    family.add(&[("path", OTHER)], 1);
    family.add(&[("path", "/a")], 1);
    family.add(&[("path", "/b")], 1);
    assert_eq!(
        texts(&registry, "n"),
        [r#"path="/a""#, r#"path="__other__""#]
    );
    assert_eq!(total(&registry, "n", r#"path="__other__""#), 2);
}

#[test]
fn a_folded_gauge_adds_and_does_not_set() {
    let registry = registry(Budget::default().with_label_values(1));
    let family = registry.gauge("g");
    family.set(&[("queue", "a")], 1.0);
    for queue in ["b", "c"] {
        family.add(&[("queue", queue)], 2.0);
        family.set(&[("queue", queue)], 99.0);
    }
    let snapshot = registry.collect();
    assert_eq!(
        series(&snapshot, "g", r#"queue="a""#).value().as_gauge(),
        Some(1.0)
    );
    assert_eq!(
        series(&snapshot, "g", r#"queue="__other__""#)
            .value()
            .as_gauge(),
        Some(4.0)
    );
    assert_eq!(registry.report().count(Event::RejectedFoldedSet), 2);
}

#[test]
fn a_handle_outlives_everything_around_it() {
    let registry = registry(Budget::default().with_label_values(1));
    let family = registry.counter("n");
    let early = family.with(&[("path", "/a")]);
    let folded = family.with(&[("path", "/b")]);
    for i in 0..1_000 {
        family.add(&[("path", &i.to_string())], 1);
        let _ = registry.collect();
    }
    drop(family);
    early.add(5);
    folded.add(7);
    assert_eq!(total(&registry, "n", r#"path="/a""#), 5);
    assert_eq!(total(&registry, "n", r#"path="__other__""#), 1_007);
    // The handle's fold is counted once, when it was made.
    assert_eq!(registry.report().family("n").unwrap().folded(), 1_001);
}
