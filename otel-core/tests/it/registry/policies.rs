//! What a policy does to label sets, and that it can be replaced while others write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use otel_core::cardinality::{
    Budget, DerivedLabel, FamilyMatch, GaugeFold, LabelPolicy, Normalizer, OTHER, Policy,
    PolicySet, ShapeAction,
};
use otel_core::registry::{Descriptor, Event, Registry};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{sum, texts, total};

fn registry(policy: Policy) -> Registry {
    Registry::builder()
        .with_policies(all(policy))
        .build()
        .unwrap()
}

fn all(policy: Policy) -> PolicySet {
    PolicySet::builder().with_default(policy).build().unwrap()
}

#[test]
fn labels_are_kept_dropped_and_renamed() {
    let registry = registry(
        Policy::new()
            .with_kept_labels(["path", "http.method"])
            .add_rename("path", "http.route"),
    );
    let family = registry.counter("n");
    for request in 0..1_000 {
        let id = request.to_string();
        family.add(
            &[("path", "/a"), ("request.id", &id), ("http.method", "GET")],
            1,
        );
        family.add(&[("http_method", "GET"), ("path", "/a")], 1);
    }
    let only = r#"http_method="GET",http_route="/a""#;
    assert_eq!(total(&registry, "n", only), 2_000);
    assert_eq!(texts(&registry, "n"), [only]);
    assert_eq!(registry.report().count(Event::LabelSurplus), 0);
    let snapshot = registry.collect();
    let family = snapshot.family("n").unwrap();
    assert_eq!(family.original_label_name("http_route"), "http.route");
}

#[test]
fn values_are_normalized_before_they_are_counted() {
    let registry = registry(
        Policy::new()
            .add_label(
                "route",
                LabelPolicy::new().add_normalizer(Normalizer::route_ids()),
            )
            .add_label(
                "status",
                LabelPolicy::new().add_normalizer(Normalizer::status_class()),
            ),
    );
    let family = registry.counter("n");
    for order in 0..500 {
        family.add(
            &[("route", &format!("/orders/{order}")), ("status", "204")],
            1,
        );
    }
    assert_eq!(
        texts(&registry, "n"),
        [r#"route="/orders/{id}",status="2xx""#]
    );
    assert_eq!(sum(&registry, "n"), 500);
}

#[test]
fn shapes_are_replaced_folded_or_left_out() {
    for (action, expected) in [
        (ShapeAction::Replace, r#"job="x",run="{uuid}""#),
        (ShapeAction::Fold, r#"job="x",run="__other__""#),
        (ShapeAction::DropLabel, r#"job="x""#),
    ] {
        let registry = registry(Policy::new().with_shapes(action));
        let family = registry.counter("n");
        for run in 0..300_u32 {
            let run = format!("8c0b2f3e-7f5d-4f5e-9d54-{run:012x}");
            family.add(&[("run", &run), ("job", "x")], 1);
        }
        assert_eq!(texts(&registry, "n"), [expected]);
        assert_eq!(sum(&registry, "n"), 300);
        let folded = registry.report().count(Event::FoldedByPolicy);
        assert_eq!(folded, if action == ShapeAction::Fold { 300 } else { 0 });
    }
}

#[test]
fn labels_are_derived_and_bounded_like_any_other() {
    let plan = DerivedLabel::table("plan", "tenant", [("acme", "gold")]).with_otherwise("free");
    let registry = registry(
        Policy::new()
            .add_derived(plan)
            .with_dropped_labels(["tenant"]),
    );
    let family = registry.counter("n");
    for tenant in ["acme", "initech", "globex"] {
        family.add(&[("tenant", tenant)], 1);
    }
    family.add(&[], 1);
    assert_eq!(
        texts(&registry, "n"),
        ["", r#"plan="free""#, r#"plan="gold""#]
    );
    assert_eq!(total(&registry, "n", r#"plan="free""#), 2);
}

#[test]
fn a_rule_that_panics_folds_and_is_counted() {
    let broken = Normalizer::from_fn(|_| panic!("a rule of the user"));
    let registry =
        registry(Policy::new().add_label("a", LabelPolicy::new().add_normalizer(broken)));
    registry.counter("n").add(&[("a", "1"), ("b", "2")], 1);
    assert_eq!(texts(&registry, "n"), [r#"a="__other__",b="2""#]);
    assert_eq!(registry.report().count(Event::RulePanicked), 1);
}

#[test]
fn a_denied_family_takes_writes_and_is_not_exposed() {
    let policies = PolicySet::builder()
        .add(FamilyMatch::glob("tmp_*"), Policy::new().denied())
        .build()
        .unwrap();
    let registry = Registry::builder().with_policies(policies).build().unwrap();
    let family = registry.counter("tmp.debug");
    for i in 0..1_000 {
        family.add(&[("i", &i.to_string())], 1);
    }
    assert!(registry.collect().family("tmp_debug").is_none());
    assert!(registry.report().family("tmp_debug").unwrap().series() <= 1);
    registry.set_policies(PolicySet::default());
    family.add(&[("i", "1")], 1);
    assert!(registry.collect().family("tmp_debug").is_some());
}

#[test]
fn folded_gauges_do_as_the_policy_says() {
    for (fold, expected) in [
        (GaugeFold::Drop, 0.0),
        (GaugeFold::Last, 2.0),
        (GaugeFold::Max, 9.0),
        (GaugeFold::Min, 2.0),
    ] {
        let registry = registry(Policy::new().with_label_values(1).with_gauge_fold(fold));
        let family = registry.gauge("n");
        for (i, value) in [5.0, 7.0, 9.0, 2.0].into_iter().enumerate() {
            family.set(&[("i", &i.to_string())], value);
        }
        let snapshot = registry.collect();
        let other = super::series(&snapshot, "n", r#"i="__other__""#);
        assert_eq!(other.value().as_gauge(), Some(expected), "{fold:?}");
    }
}

#[test]
fn pinned_values_are_never_folded() {
    let pinned = LabelPolicy::new().with_pinned_values(["/healthz", "/pay"]);
    let policies = all(Policy::new()
        .with_label_values(3)
        .add_label("route", pinned));
    let budget = Budget::default()
        .with_family_series(20)
        .with_process_series(25);
    let registry = Registry::builder()
        .with_budget(budget)
        .with_policies(policies)
        .build()
        .unwrap();
    let family = registry.counter("n");
    for i in 0..2_000 {
        let (route, status) = (format!("/{i}"), (i % 7).to_string());
        family.add(&[("route", &route), ("status", &status)], 1);
        registry.counter("m").add(&[("route", &route)], 1);
    }
    for status in 0..50 {
        family.add(&[("route", "/pay"), ("status", &status.to_string())], 1);
    }
    let snapshot = registry.collect();
    let paid = snapshot.family("n").unwrap();
    let paid = paid
        .series()
        .filter(|s| s.labels().contains(r#"route="/pay""#));
    assert_eq!(paid.filter_map(|s| s.value().as_counter()).sum::<u64>(), 50);
    assert_eq!(sum(&registry, "n"), 2_050);
}

#[test]
fn a_tighter_policy_displaces_and_a_wider_one_lets_in() {
    let registry = Registry::new();
    let family = registry.counter("n");
    for path in 0..10 {
        family.add(&[("path", &path.to_string()), ("status", "200")], 1);
    }
    let held = family.with(&[("path", "7"), ("status", "200")]);
    let without = all(Policy::new().with_dropped_labels(["path"]));
    assert_eq!(registry.set_policies(without.clone()), 1);
    assert_eq!(registry.set_policies(without), 0);
    assert!(texts(&registry, "n").is_empty());
    assert_eq!(registry.report().family("n").unwrap().hidden_amount(), 10);

    held.add(5);
    family.add(&[("path", "3"), ("status", "200")], 1);
    assert_eq!(texts(&registry, "n"), [r#"status="200""#]);
    assert_eq!(sum(&registry, "n"), 6);

    registry.set_policies(PolicySet::default());
    held.add(1);
    assert_eq!(
        texts(&registry, "n"),
        [r#"path="7",status="200""#, r#"status="200""#]
    );
    let hidden = registry.report().family("n").unwrap().hidden_amount();
    assert_eq!(hidden + sum(&registry, "n"), 17);
}

#[test]
fn a_label_with_too_many_values_is_left_out() {
    let clock = Arc::new(otel_core::clock::ManualClock::new());
    let registry = Registry::builder()
        .with_clock(Arc::clone(&clock))
        .with_policies(all(Policy::new().with_drop_above(5_000)))
        .build()
        .unwrap();
    let family = registry.counter("n");
    for i in 0..20_000 {
        family.add(&[("id", &i.to_string()), ("status", "200")], 1);
    }
    let _ = registry.collect();
    family.add(&[("id", "1"), ("status", "200")], 1);
    assert_eq!(texts(&registry, "n"), [r#"status="200""#]);
    assert_eq!(registry.report().count(Event::LabelOvergrown), 1);
    let hidden = registry.report().family("n").unwrap().hidden_amount();
    assert_eq!(hidden + sum(&registry, "n"), 20_001);
}

#[test]
fn a_descriptor_is_the_default_and_a_policy_overrides_it() {
    let policies = PolicySet::builder()
        .add(FamilyMatch::exact("a"), Policy::new().with_series_budget(7))
        .build()
        .unwrap();
    let registry = Registry::builder().with_policies(policies).build().unwrap();
    for name in ["a", "b"] {
        let _ = registry.counter(Descriptor::new(name).with_series_budget(5));
    }
    let report = registry.report();
    let budgets = ["a", "b"].map(|name| report.family(name).unwrap().series_budget());
    assert_eq!(budgets, [7, 5]);
}

/// Eight policies that have little in common.
fn some_policies() -> Vec<PolicySet> {
    let policies = [
        Policy::new(),
        Policy::new().with_dropped_labels(["path"]),
        Policy::new().with_label_values(2),
        Policy::new().with_series_budget(3),
        Policy::new().add_rename("path", "route"),
        Policy::new().with_kept_labels(["status"]),
        Policy::new().add_label("path", LabelPolicy::new().with_pinned_values(["1"])),
        Policy::new().denied(),
    ];
    policies.map(all).into()
}

#[test]
fn totals_are_conserved_while_policies_change_under_eight_threads() {
    const THREADS: usize = 8;
    const WRITES: usize = 10_000;
    let registry = Registry::new();
    let family = registry.counter("n");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..THREADS)
            .map(|thread| {
                let family = &family;
                scope.spawn(move || {
                    let held = family.with(&[("path", "1"), ("status", "0")]);
                    for i in 0..WRITES {
                        let (path, status) = ((i * 7 + thread) % 50, i % 3);
                        let (path, status) = (path.to_string(), status.to_string());
                        family.add(&[("path", &path), ("status", &status)], 1);
                        held.inc();
                    }
                })
            })
            .collect();
        let changer = scope.spawn(|| {
            let policies = some_policies();
            for policies in policies.iter().cycle() {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                registry.set_policies(policies.clone());
                let _ = registry.collect();
                family.remove_matching(&[("status", "2")]);
            }
        });
        let ended: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        done.store(true, Ordering::Relaxed);
        assert!(ended.iter().all(Result::is_ok));
        changer.join().unwrap();
    });
    registry.set_policies(PolicySet::default());
    let hidden = registry.report().family("n").unwrap().hidden_amount();
    assert_eq!(sum(&registry, "n") + hidden, (THREADS * WRITES * 2) as u64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_exposed_series_falls_and_no_bound_is_passed_whatever_the_policies(
        steps in vec((0..12_usize, "[a-f]", "[0-4]", 1..9_u64), 1..120),
    ) {
        let policies = some_policies();
        let budget = Budget::default().with_label_values(4).with_family_series(9);
        let registry = Registry::builder().with_budget(budget).build().unwrap();
        let family = registry.counter("n");
        let held = family.with(&[("path", "a"), ("status", "0")]);
        let mut written = 0;
        let mut seen = std::collections::HashMap::<String, u64>::new();
        for (action, path, status, n) in steps {
            match policies.get(action) {
                Some(policies) => { registry.set_policies(policies.clone()); }
                None if action == 8 => { family.remove(&[("path", &path), ("status", &status)]); }
                None if action == 9 => { held.add(n); written += n; }
                None => { family.add(&[("path", &path), ("status", &status)], n); written += n; }
            }
            let snapshot = registry.collect();
            for series in snapshot.family("n").into_iter().flat_map(|family| family.series()) {
                let total = series.value().as_counter().unwrap();
                let before = seen.insert(series.labels().to_owned(), total).unwrap_or(0);
                // A series that was let go begins anew; nothing else may fall.
                let family = registry.report();
                let let_go = family.family("n").unwrap().hidden_amount() > 0;
                prop_assert!(total >= before || let_go, "{} fell", series.labels());
            }
            let report = registry.report();
            let report = report.family("n").unwrap();
            prop_assert!(report.series() <= report.series_budget());
            prop_assert!(report.labels().all(|label| label.admitted() <= label.budget()));
            let exposed: u64 = snapshot
                .family("n")
                .map_or(0, |family| family.series().filter_map(|s| s.value().as_counter()).sum());
            if report.is_exposed() {
                prop_assert_eq!(exposed + report.hidden_amount(), written);
            }
        }
    }
}

#[test]
fn the_sentinel_may_be_sent_by_a_caller() {
    let registry = registry(Policy::new().with_label_values(1));
    let family = registry.counter("n");
    for value in ["a", "b", OTHER] {
        family.add(&[("a", value)], 1);
    }
    assert_eq!(total(&registry, "n", r#"a="__other__""#), 2);
}
