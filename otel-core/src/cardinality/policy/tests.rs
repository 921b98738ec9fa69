//! What the registry asks of a policy, which no public function answers.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::derived::Derivation;
use super::plan::{Declared, LabelPlan, Plan};
use super::value_rules::{Judged, Rule, Scratch, ValueRules, Verdict};
use super::*;
use crate::cardinality::{OTHER, ValueShape};

const BUDGETS: &[(Cow<'static, str>, usize)] = &[
    (Cow::Borrowed("http.route"), 200),
    (Cow::Borrowed("tenant"), 30),
];
const PROTECTED: &[Cow<'static, str>] = &[Cow::Borrowed("http.response.status_code")];
const DECLARED: Declared<'static> = Declared {
    label_values: 100,
    budgets: BUDGETS,
    protected: PROTECTED,
};

fn plan(policy: Policy) -> Plan {
    let set = PolicySet::builder().with_default(policy).build().unwrap();
    set.plan("family")
}

fn rules(label: LabelPolicy) -> Arc<ValueRules> {
    let plan = plan(Policy::new().add_label("l", label));
    plan.label("l", &DECLARED).unwrap().rules.unwrap()
}

fn values(plan: &Plan, label: &str) -> usize {
    plan.label(label, &DECLARED).unwrap().values
}

#[test]
fn without_a_policy_the_declaration_and_the_budget_hold() {
    let plan = PolicySet::default().plan("family");
    assert_eq!(values(&plan, "http_route"), 200);
    assert_eq!(values(&plan, "other"), 100);
    let status = plan.label("http.response.status_code", &DECLARED).unwrap();
    assert_eq!(status.name, "http.response.status_code");
    assert!(status.protected && status.rules.is_none() && status.drop_above.is_none());
    assert_eq!(plan.series_budget(), None);
    assert_eq!(plan.max_labels(16), 16);
    assert_eq!(plan.expiry(), Expiry::never());
    assert_eq!(plan.gauge_fold(), GaugeFold::Drop);
    assert!(plan.promotes() && !plan.is_denied() && plan.derived().is_empty());
}

#[test]
fn the_narrower_word_on_a_label_holds() {
    let policy = Policy::new()
        .with_label_values(50)
        .add_rename("tenant", "customer")
        .with_protected_labels(["customer"])
        .with_drop_above(1_000)
        .add_label(
            "http_route",
            LabelPolicy::new().with_values(7).with_drop_above(9),
        );
    let plan = plan(policy);
    assert_eq!(values(&plan, "http.route"), 7, "the policy for the label");
    assert_eq!(
        values(&plan, "tenant"),
        30,
        "the descriptor, by its own name"
    );
    assert_eq!(values(&plan, "other"), 50, "the policy for the family");

    let LabelPlan {
        name,
        protected,
        drop_above,
        rules,
        ..
    } = plan.label("tenant", &DECLARED).unwrap();
    assert_eq!((name, protected, drop_above), ("customer", true, None));
    assert!(rules.is_none());
    let drop_above = |label| plan.label(label, &DECLARED).unwrap().drop_above;
    assert_eq!(drop_above("http.route"), Some(9));
    assert_eq!(drop_above("other"), Some(1_000));
    assert!(
        !plan
            .label("http.response.status_code", &DECLARED)
            .unwrap()
            .protected
    );
}

#[test]
fn a_plan_answers_for_the_family() {
    let policy = Policy::new()
        .with_series_budget(9)
        .with_max_labels(12)
        .with_expiry(Expiry::hide_after(Duration::from_secs(60)))
        .with_gauge_fold(GaugeFold::Max)
        .without_promotion()
        .with_dropped_labels(["debug"])
        .add_derived(DerivedLabel::table("d", "http.route", [("/", "root")]));
    let plan = plan(policy);
    assert_eq!(plan.series_budget(), Some(9));
    assert_eq!((plan.max_labels(16), plan.max_labels(8)), (12, 8));
    assert_eq!(plan.expiry().idle(), Some(Duration::from_secs(60)));
    assert_eq!(plan.expiry().scrapes(), 2);
    assert_eq!(plan.gauge_fold(), GaugeFold::Max);
    assert!(!plan.promotes());
    assert!(plan.label("debug", &DECLARED).is_none());
    let [derived] = plan.derived() else {
        panic!("one derived label");
    };
    assert!(derived.is_from("http_route") && !derived.is_from("d"));
    assert_eq!(derived.name(), "d");
    assert_eq!(derived.derive("/"), Derivation::Value("root".into()));
    assert_eq!(derived.derive("/x"), Derivation::Absent);
    assert_eq!(plan.derived_label(derived, &DECLARED).values, 100);
}

#[test]
fn replacing_a_set_leaves_the_plans_that_say_the_same_equal() {
    let set = |series| {
        PolicySet::builder()
            .with_default(Policy::edge())
            .add(
                FamilyMatch::exact("a"),
                Policy::new().with_series_budget(series),
            )
            .build()
            .unwrap()
    };
    let (old, new) = (set(1), set(2));
    assert_eq!(old.plan("b"), new.plan("b"));
    assert_ne!(old.plan("a"), new.plan("a"));
    assert_eq!(old.plan("a"), set(1).plan("a"));
}

#[test]
fn a_verdict_comes_with_the_rule_behind_it() {
    let judging = rules(
        LabelPolicy::new()
            .with_pinned_values(["pin"])
            .with_denied_values(["no"])
            .add_normalizer(Normalizer::from_fn(|v| match v {
                "panic" => panic!("of the closure"),
                _ => v.trim().into(),
            }))
            .with_shape(ValueShape::Ip, ShapeAction::Fold)
            .with_shape(ValueShape::Uuid, ShapeAction::DropLabel)
            .with_shape(ValueShape::PathWithIds, ShapeAction::Replace),
    );
    let mut scratch = Scratch::default();
    for (value, verdict, rule) in [
        ("v", Verdict::Keep("v"), None),
        (" v", Verdict::Keep("v"), Some(Rule::Normalized)),
        ("pin", Verdict::Pinned("pin"), Some(Rule::Pinned)),
        (" pin", Verdict::Pinned("pin"), Some(Rule::Pinned)),
        ("  ", Verdict::Drop, Some(Rule::Normalized)),
        ("no ", Verdict::Fold, Some(Rule::Denied)),
        ("panic", Verdict::Fold, Some(Rule::Panicked)),
        (OTHER, Verdict::Keep(OTHER), None),
        ("::1", Verdict::Fold, Some(Rule::Shape(ValueShape::Ip))),
        (
            "/a/1",
            Verdict::Keep("/a/{id}"),
            Some(Rule::Shape(ValueShape::PathWithIds)),
        ),
        ("123456789", Verdict::Keep("123456789"), None),
    ] {
        let judged = judging.apply(value, &mut scratch);
        assert_eq!(judged, Judged { verdict, rule }, "{value:?}");
    }
    assert!(judging.is_pinned("pin") && !judging.is_pinned("v"));
    let only = rules(LabelPolicy::new().with_allowed_values(["a"]));
    assert_eq!(only.apply("b", &mut scratch).rule, Some(Rule::NotAllowed));
}

#[test]
fn a_scratch_that_is_large_enough_is_used_again() {
    let rules = rules(
        LabelPolicy::new()
            .add_normalizer(Normalizer::lower_case())
            .add_normalizer(Normalizer::replace("(.)(.*)", "$2$1"))
            .add_normalizer(Normalizer::route_ids()),
    );
    let mut scratch = Scratch::default();
    let at = |scratch: &mut Scratch| {
        let Verdict::Keep(value) = rules.apply("USERS", scratch).verdict else {
            panic!("kept");
        };
        assert_eq!(value, "sersu");
        value.as_ptr()
    };
    // Two buffers, which take turns.
    let first = [at(&mut scratch), at(&mut scratch)];
    for _ in 0..4 {
        assert!(first.contains(&at(&mut scratch)));
    }
}
