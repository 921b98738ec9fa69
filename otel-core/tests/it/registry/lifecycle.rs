//! Series that go and come back: removed, scoped, idle.

use std::sync::Arc;
use std::time::Duration;

use otel_core::cardinality::{Budget, Expiry, FamilyMatch, Policy, PolicySet};
use otel_core::clock::ManualClock;
use otel_core::registry::{Event, Instrument, Registry};

use super::{sum, texts, total};

fn expiring(clock: &Arc<ManualClock>, idle: u64) -> Registry {
    let expiry = Expiry::hide_after(Duration::from_secs(idle));
    let policies = PolicySet::builder()
        .add(FamilyMatch::prefix("n"), Policy::new().with_expiry(expiry))
        .build()
        .unwrap();
    Registry::builder()
        .with_clock(Arc::clone(clock))
        .with_policies(policies)
        .build()
        .unwrap()
}

#[test]
fn a_removed_series_is_not_exposed_and_resumes_its_total() {
    let registry = Registry::new();
    let family = registry.counter("n");
    family.add(&[("a", "1")], 3);
    family.add(&[("a", "2")], 5);
    let held = family.with(&[("a", "1")]);

    assert!(family.remove(&[("a", "1")]));
    assert!(!family.remove(&[("a", "1")]));
    assert!(!held.remove());
    assert_eq!(texts(&registry, "n"), [r#"a="2""#]);

    held.add(4);
    assert_eq!(registry.report().count(Event::OrphanWrite), 1);
    assert_eq!(texts(&registry, "n"), [r#"a="2""#]);

    family.add(&[("a", "1")], 1);
    assert_eq!(total(&registry, "n", r#"a="1""#), 8);
    held.add(1);
    assert_eq!(total(&registry, "n", r#"a="1""#), 9);
    assert_eq!(registry.report().count(Event::OrphanWrite), 1);
}

#[test]
fn series_are_removed_by_some_of_their_labels() {
    let registry = Registry::new();
    let family = registry.counter("n");
    for tenant in ["a", "b"] {
        for status in ["200", "500"] {
            family.add(&[("http.tenant", tenant), ("status", status)], 1);
        }
    }
    assert!(!family.remove(&[("http.tenant", "a")]));
    assert_eq!(family.remove_matching(&[("http.tenant", "a")]), 2);
    assert_eq!(family.remove_matching(&[("http.tenant", "a")]), 0);
    assert_eq!(
        texts(&registry, "n"),
        [
            r#"http_tenant="b",status="200""#,
            r#"http_tenant="b",status="500""#
        ]
    );
}

#[test]
fn a_removed_series_gives_its_budgets_back() {
    let budget = Budget::default()
        .with_label_values(3)
        .with_family_series(4)
        .with_process_series(8);
    let registry = Registry::builder().with_budget(budget).build().unwrap();
    let family = registry.counter("n");
    for id in 0..10_000_u32 {
        let id = id.to_string();
        let connection = family.scoped(&[("connection", &id)]);
        connection.inc();
        assert_eq!(registry.report().series(), 1);
    }
    assert_eq!(registry.report().count(Event::FoldedLabelValue), 0);
    let report = registry.report();
    let report = report.family("n").unwrap();
    assert_eq!(
        report.series() + report.labels().map(|l| l.admitted()).sum::<usize>(),
        0
    );
    assert_eq!(report.hidden_amount(), 10_000);
    assert!(report.resting_series() <= 4, "{}", report.resting_series());
}

#[test]
fn a_scoped_series_goes_with_its_last_guard() {
    let registry = Registry::new();
    let family = registry.up_down_counter("n");
    let first = family.scoped(&[("tenant", "a")]);
    let second = family.scoped(&[("tenant", "a")]);
    first.inc();
    drop(first);
    assert_eq!(texts(&registry, "n"), [r#"tenant="a""#]);
    drop(second);
    assert!(texts(&registry, "n").is_empty());
}

#[test]
fn a_guard_of_a_folded_series_does_not_take_it_from_others() {
    let budget = Budget::default().with_label_values(1);
    let registry = Registry::builder().with_budget(budget).build().unwrap();
    let family = registry.counter("n");
    family.add(&[("a", "1")], 1);
    family.add(&[("a", "2")], 1);
    drop(family.scoped(&[("a", "3")]));
    assert_eq!(total(&registry, "n", r#"a="__other__""#), 1);
}

#[test]
fn an_idle_series_is_hidden_and_comes_back_with_its_total() {
    let clock = Arc::new(ManualClock::new());
    let registry = expiring(&clock, 60);
    let family = registry.counter("n");
    let (held, busy) = (family.with(&[("a", "held")]), family.with(&[("a", "busy")]));
    held.add(7);
    let mut hidden_after = None;
    for second in (0..120).step_by(15) {
        busy.inc();
        if texts(&registry, "n").len() == 1 && hidden_after.is_none() {
            hidden_after = Some(second);
        }
        clock.advance(Duration::from_secs(15));
    }
    // Seen as written by the collection at zero seconds, idle for a minute at sixty.
    assert_eq!(hidden_after, Some(60));
    assert_eq!(sum(&registry, "n"), 8);
    assert_eq!(registry.report().family("n").unwrap().hidden_amount(), 7);

    held.add(1);
    assert_eq!(total(&registry, "n", r#"a="held""#), 8);
    assert_eq!(registry.report().count(Event::OrphanWrite), 0);
    assert_eq!(registry.report().family("n").unwrap().hidden_amount(), 0);
}

#[test]
fn a_series_nobody_read_is_not_hidden() {
    let clock = Arc::new(ManualClock::new());
    let registry = expiring(&clock, 60);
    let family = registry.counter("n");
    family.add(&[("a", "1")], 1);
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(sum(&registry, "n"), 1);
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(sum(&registry, "n"), 1, "one scrape has seen it");
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(sum(&registry, "n"), 0);
}

#[test]
fn a_family_can_be_taken_out_and_comes_back_as_it_was() {
    let registry = Registry::new();
    let family = registry.counter("n");
    family.add(&[("a", "1")], 3);
    let held = family.with(&[("a", "1")]);
    assert!(registry.unregister("n"));
    assert!(!registry.unregister("n"));
    assert!(!registry.unregister("other"));
    assert!(registry.collect().family("n").is_none());

    held.inc();
    family.add(&[("a", "1")], 1);
    family.add(&[("a", "2")], 1);
    assert_eq!(registry.report().count(Event::OrphanWrite), 3);
    assert!(!registry.report().family("n").unwrap().is_exposed());

    let again = registry.counter("n");
    again.add(&[("a", "1")], 1);
    assert_eq!(total(&registry, "n", r#"a="1""#), 6);
    assert_eq!(total(&registry, "n", r#"a="2""#), 1);
    held.inc();
    assert_eq!(registry.report().count(Event::OrphanWrite), 3);
}

#[test]
fn preset_series_begin_at_zero() {
    let registry = Registry::new();
    let family = registry.counter("n");
    family.preset([&[("result", "ok")][..], &[("result", "error")]]);
    assert_eq!(
        texts(&registry, "n"),
        [r#"result="error""#, r#"result="ok""#]
    );
    assert_eq!(sum(&registry, "n"), 0);
}
