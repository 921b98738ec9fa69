//! Which labels a set has once a policy was applied.

use otel_core::cardinality::{DerivedLabel, LabelPolicy, OTHER, Policy, ShapeAction};

use super::{policies, preview};

const CALL: [(&str, &str); 4] = [
    ("http.route", "/users"),
    ("http.request.method", "GET"),
    ("tenant", "acme"),
    ("debug.addr", "0x7ffd1234"),
];

#[test]
fn labels_are_kept_and_dropped_by_name_and_by_pattern_in_every_spelling() {
    for (policy, expected) in [
        (
            Policy::new(),
            "debug_addr=0x7ffd1234,http_request_method=GET,http_route=/users,tenant=acme",
        ),
        (
            Policy::new().with_kept_labels(["http_route"]),
            "http_route=/users",
        ),
        (
            Policy::new().with_kept_labels(["http.route"]),
            "http_route=/users",
        ),
        (
            Policy::new().add_kept_pattern("http_.*"),
            "http_request_method=GET,http_route=/users",
        ),
        (
            Policy::new()
                .with_kept_labels(["tenant"])
                .add_kept_pattern("http_r.*"),
            "http_request_method=GET,http_route=/users,tenant=acme",
        ),
        (Policy::new().add_kept_pattern("http"), ""),
        (Policy::new().with_kept_labels([] as [&str; 0]), ""),
        (
            Policy::new().with_dropped_labels(["debug.addr", "tenant"]),
            "http_request_method=GET,http_route=/users",
        ),
        (
            Policy::new().add_dropped_pattern("debug_.*|tenant"),
            "http_request_method=GET,http_route=/users",
        ),
        (
            Policy::new()
                .add_kept_pattern("http_.*")
                .add_dropped_pattern(".*_method"),
            "http_route=/users",
        ),
        (Policy::new().with_max_labels(1), "debug_addr=0x7ffd1234"),
    ] {
        let found = preview(&policies(policy.clone()), &CALL);
        assert_eq!(found, expected, "{policy:?}");
    }
}

#[test]
fn a_renamed_label_goes_by_its_new_name_in_every_other_rule() {
    let policy = Policy::new()
        .add_rename("tenant", "customer")
        .with_kept_labels(["tenant"])
        .with_protected_labels(["customer"])
        .add_label("customer", LabelPolicy::new().with_denied_values(["acme"]));
    assert_eq!(
        preview(&policies(policy), &CALL),
        format!("customer={OTHER}")
    );
}

#[test]
fn two_labels_of_one_name_become_one_with_the_later_value() {
    let policy = Policy::new().add_rename("verb", "method");
    let set = policies(policy);
    assert_eq!(preview(&set, &[("method", "a"), ("verb", "b")]), "method=b");
    assert_eq!(preview(&set, &[("verb", "b"), ("method", "a")]), "method=a");
}

#[test]
fn reserved_names_and_empty_values_are_no_labels() {
    let set = policies(Policy::new());
    assert_eq!(
        preview(&set, &[("le", "1"), ("__x", "1"), ("a", ""), ("b", "1")]),
        "b=1"
    );
}

#[test]
fn a_label_is_derived_from_a_table_or_a_closure_even_where_its_source_is_dropped() {
    let plan = DerivedLabel::table("plan", "tenant", [("acme", "free"), ("acme", "gold")]);
    let area = DerivedLabel::from_fn("area", "http.route", |route| {
        route
            .split('/')
            .nth(1)
            .filter(|area| !area.is_empty())
            .map(Into::into)
    });
    let policy = Policy::new()
        .with_kept_labels([] as [&str; 0])
        .add_derived(plan.clone())
        .add_derived(area)
        .add_label("plan", LabelPolicy::new().with_shapes(ShapeAction::Fold));
    let set = policies(policy);
    assert_eq!(preview(&set, &CALL), "area=users,plan=gold");
    assert_eq!(preview(&set, &[("tenant", "initech")]), "");
    assert_eq!(preview(&set, &[("http_route", "/")]), "");

    let otherwise = policies(Policy::new().add_derived(plan.with_otherwise("none")));
    assert_eq!(
        preview(&otherwise, &[("tenant", "x")]),
        "plan=none,tenant=x"
    );
    assert_eq!(
        preview(&otherwise, &[("plan", "mine"), ("tenant", "acme")]),
        "plan=mine,tenant=acme"
    );
}

#[test]
fn a_derived_value_is_bounded_like_any_other() {
    let copy = DerivedLabel::from_fn("copy", "l", |value| Some(value.into()));
    let policy = Policy::new()
        .with_dropped_labels(["l"])
        .with_shapes(ShapeAction::Replace)
        .add_derived(copy);
    assert_eq!(
        preview(&policies(policy), &[("l", "10.1.2.3")]),
        "copy={ip}"
    );
}

#[test]
fn a_closure_that_panics_folds_the_derived_value() {
    let fails = DerivedLabel::from_fn("d", "l", |_| panic!("of the closure"));
    let set = policies(Policy::new().add_derived(fails));
    assert_eq!(preview(&set, &[("l", "v")]), format!("d={OTHER},l=v"));
}
