//! What a set of policies refuses to be built with.

use std::time::Duration;

use otel_core::ConfigError;
use otel_core::cardinality::{
    DerivedLabel, Expiry, FamilyMatch, LabelPolicy, Normalizer, Policy, PolicySet,
};

fn refusal(policy: &Policy) -> ConfigError {
    let built = PolicySet::builder()
        .add(FamilyMatch::prefix("a"), policy.clone())
        .build();
    built.expect_err(&format!("{policy:?}"))
}

#[test]
fn a_policy_that_cannot_hold_names_the_setting_at_fault() {
    let new = Policy::new;
    let label = |label: LabelPolicy| Policy::new().add_label("l", label);
    let rules = LabelPolicy::new;
    let steps = |step: Normalizer| label(LabelPolicy::new().add_normalizer(step));
    let derived = |name: &'static str| DerivedLabel::table(name, "s", [("a", "b")]);
    let cases: Vec<(&str, Policy)> = vec![
        ("with_series_budget", new().with_series_budget(0)),
        ("with_series_budget", new().with_series_budget(usize::MAX)),
        ("with_label_values", new().with_label_values(0)),
        ("with_max_labels", new().with_max_labels(0)),
        ("with_max_labels", new().with_max_labels(17)),
        ("with_drop_above", new().with_drop_above(0)),
        (
            "with_expiry",
            new().with_expiry(Expiry::hide_after(Duration::ZERO)),
        ),
        (
            "with_expiry",
            new().with_expiry(Expiry::hide_after(Duration::from_secs(1)).with_scrapes(0)),
        ),
        ("add_kept_pattern", new().add_kept_pattern("(")),
        ("add_dropped_pattern", new().add_dropped_pattern("a)|(b")),
        (
            "with_kept_labels",
            new()
                .with_kept_labels(["http.route"])
                .with_dropped_labels(["http_route"]),
        ),
        (
            "with_kept_labels",
            new().with_kept_labels(["ab"]).add_dropped_pattern("a."),
        ),
        (
            "with_protected_labels",
            new()
                .with_protected_labels(["l"])
                .with_dropped_labels(["l"]),
        ),
        (
            "with_protected_labels",
            new().with_protected_labels(["l"]).with_kept_labels(["m"]),
        ),
        (
            "with_protected_labels",
            new().with_protected_labels(["l"]).add_rename("l", "m"),
        ),
        (
            "add_rename",
            new().add_rename("a", "b").add_rename("a", "c"),
        ),
        ("add_rename", new().add_rename("a.b", "a_b")),
        ("add_rename", new().add_rename("a", "le")),
        ("add_rename", new().add_rename("a", "")),
        (
            "add_rename",
            new().add_rename("a", "b").with_dropped_labels(["a"]),
        ),
        ("add_derived", new().add_derived(derived("s"))),
        (
            "add_derived",
            new().add_derived(derived("d")).add_derived(derived("d")),
        ),
        ("add_derived", new().add_derived(derived("__x"))),
        ("add_label", label(rules()).add_label("l", rules())),
        ("add_label", label(rules()).with_dropped_labels(["l"])),
        ("add_label", label(rules()).add_rename("l", "m")),
        ("add_label", new().add_label("quantile", rules())),
        ("with_values", label(rules().with_values(0))),
        (
            "with_values",
            label(rules().with_values(1).with_pinned_values(["a", "b"])),
        ),
        ("with_drop_above", label(rules().with_drop_above(0))),
        (
            "with_drop_above",
            label(rules().with_drop_above(9)).with_protected_labels(["l"]),
        ),
        (
            "with_pinned_values",
            label(rules().with_pinned_values(["a"]).with_denied_values(["a"])),
        ),
        (
            "with_pinned_values",
            label(
                rules()
                    .with_pinned_values(["a1"])
                    .add_denied_pattern("a[0-9]"),
            ),
        ),
        (
            "with_pinned_values",
            label(rules().with_pinned_values([""])),
        ),
        (
            "with_allowed_values",
            label(rules().with_allowed_values(["a"]).with_denied_values(["a"])),
        ),
        (
            "add_allowed_pattern",
            label(rules().add_allowed_pattern("[a")),
        ),
        ("add_denied_pattern", label(rules().add_denied_pattern("*"))),
        ("Normalizer::replace", steps(Normalizer::replace("(", "x"))),
        (
            "Normalizer::replace",
            steps(Normalizer::replace("(a)", "$2")),
        ),
        (
            "Normalizer::replace",
            steps(Normalizer::replace("a", "${b}")),
        ),
        ("Normalizer::replace", steps(Normalizer::replace("a", "$"))),
        ("Normalizer::truncate", steps(Normalizer::truncate(15))),
        ("Normalizer::truncate", steps(Normalizer::truncate(4_097))),
    ];
    for (setting, policy) in cases {
        let error = refusal(&policy);
        assert_eq!(error.setting(), setting, "{error}");
        assert!(error.is_invalid());
    }
}

#[test]
fn a_default_is_checked_as_well_and_families_are_told_apart() {
    let default = PolicySet::builder().with_default(Policy::new().with_label_values(0));
    assert!(default.build().is_err());
    let empty = PolicySet::builder().add(FamilyMatch::exact(""), Policy::new());
    assert!(empty.build().is_err());
    let twice = PolicySet::builder()
        .add(FamilyMatch::prefix("a."), Policy::new())
        .add(FamilyMatch::prefix("a_"), Policy::new());
    assert_eq!(twice.build().unwrap_err().setting(), "add");
    let apart = PolicySet::builder()
        .add(FamilyMatch::prefix("a"), Policy::new())
        .add(FamilyMatch::exact("a"), Policy::new());
    assert!(apart.build().is_ok());
}

#[test]
fn what_looks_like_a_contradiction_and_is_none_is_built() {
    let policy = Policy::new()
        .with_kept_labels(["verb"])
        .add_rename("verb", "method")
        .with_protected_labels(["method", "plan"])
        .add_derived(DerivedLabel::table("plan", "tenant", [("a", "b")]))
        .add_label("method", LabelPolicy::new().with_pinned_values(["GET"]))
        .with_drop_above(10);
    assert!(PolicySet::builder().with_default(policy).build().is_ok());
}
