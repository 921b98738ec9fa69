//! What becomes of a label value.

use otel_core::cardinality::{LabelPolicy, Normalizer, OTHER, Policy, ShapeAction, ValueShape};
use proptest::prelude::*;

use super::{for_label, policies, preview, value};

fn normalized(normalizer: Normalizer, sent: &str) -> String {
    value(
        &for_label(LabelPolicy::new().add_normalizer(normalizer)),
        sent,
    )
}

#[test]
fn normalizers_bring_values_into_fewer() {
    let cases = [
        (
            Normalizer::map([("GET", "read"), ("PUT", "write")]),
            "GET",
            "read",
        ),
        (Normalizer::map([("GET", "read")]), "POST", "POST"),
        (
            Normalizer::from_fn(|v| v.split('@').next().unwrap_or(v).into()),
            "a@b",
            "a",
        ),
        (Normalizer::from_fn(|v| v.repeat(2).into()), "ab", "abab"),
        (
            Normalizer::replace("/u/([^/]+)/(?P<rest>.*)", "$2 ${rest} $1$$"),
            "/u/x/y",
            "y y x$",
        ),
        (Normalizer::replace("b+", "-"), "abc", "abc"),
        (Normalizer::replace("a|b", "-"), "ab", "ab"),
        (Normalizer::lower_case(), "GeT É", "get É"),
        (Normalizer::trim(), " \ta b ", "a b"),
        (Normalizer::trim(), "  ", "-"),
        (Normalizer::status_class(), "404", "4xx"),
        (Normalizer::status_class(), "200", "2xx"),
        (Normalizer::status_class(), "600", "600"),
        (Normalizer::status_class(), "20", "20"),
        (Normalizer::status_class(), "OK", "OK"),
        (Normalizer::route_ids(), "/users/42", "/users/{id}"),
        (Normalizer::route_ids(), "/v1/users", "/v1/users"),
        (Normalizer::route_ids(), "/v1/users?page=2#top", "/v1/users"),
        (
            Normalizer::route_ids(),
            "/a/2f1e4c1a-7d58-4b55-9c39-6d8e4f0a1b2c/b/7/",
            "/a/{uuid}/b/{id}/",
        ),
        (
            Normalizer::route_ids(),
            "/u/a@b.org/2026-11-21T04:01:07Z",
            "/u/{email}/{time}",
        ),
        (Normalizer::truncate(16), "short", "short"),
        (
            Normalizer::truncate(16),
            "0123456789abcdef",
            "0123456789abcdef",
        ),
        (
            Normalizer::truncate(16),
            "0123456789abcdefg",
            "0123456~0744d6ae",
        ),
        (Normalizer::truncate(16), "äöüäöüäöü", "äöü~"),
    ];
    for (normalizer, sent, expected) in cases {
        let found = normalized(normalizer.clone(), sent);
        if expected.ends_with('~') {
            assert!(found.starts_with(expected) && found.len() <= 16, "{found}");
        } else {
            assert_eq!(found, expected, "{normalizer:?} {sent}");
        }
    }
}

#[test]
fn normalizers_run_in_order() {
    let steps = LabelPolicy::new()
        .add_normalizer(Normalizer::trim())
        .add_normalizer(Normalizer::lower_case())
        .add_normalizer(Normalizer::map([("get", "read")]));
    assert_eq!(value(&for_label(steps), " GET "), "read");
}

#[test]
fn a_closure_that_panics_folds_the_value_and_nothing_else() {
    let fails = Normalizer::from_fn(|v| if v == "bad" { panic!("{v}") } else { v.into() });
    let set = for_label(LabelPolicy::new().add_normalizer(fails));
    assert_eq!(
        preview(&set, &[("l", "bad"), ("m", "v")]),
        format!("l={OTHER},m=v")
    );
    assert_eq!(value(&set, "good"), "good");
}

#[test]
fn values_are_allowed_and_denied_after_they_are_normalized() {
    let allowed = for_label(
        LabelPolicy::new()
            .add_normalizer(Normalizer::lower_case())
            .with_allowed_values(["get", "10.0.0.1"])
            .add_allowed_pattern("p.t")
            .with_shapes(ShapeAction::DropLabel),
    );
    for (sent, expected) in [
        ("GET", "get"),
        ("put", "put"),
        ("puts", OTHER),
        ("post", OTHER),
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.2", OTHER),
        (OTHER, OTHER),
    ] {
        assert_eq!(value(&allowed, sent), expected, "{sent}");
    }
    let denied = for_label(
        LabelPolicy::new()
            .with_denied_values(["a"])
            .add_denied_pattern("[0-9]+"),
    );
    for (sent, expected) in [("a", OTHER), ("aa", "aa"), ("12", OTHER), ("12a", "12a")] {
        assert_eq!(value(&denied, sent), expected, "{sent}");
    }
}

#[test]
fn a_pinned_value_is_what_it_was_whatever_else_is_said() {
    let set = for_label(
        LabelPolicy::new()
            .with_pinned_values(["GET", "10.0.0.1", "x"])
            .add_normalizer(Normalizer::lower_case())
            .add_normalizer(Normalizer::map([("y", "x")]))
            .with_allowed_values(["post"])
            .with_shapes(ShapeAction::DropLabel),
    );
    for (sent, expected) in [
        ("GET", "GET"),
        ("10.0.0.1", "10.0.0.1"),
        ("Y", "x"),
        ("POST", "post"),
        ("get", OTHER),
    ] {
        assert_eq!(value(&set, sent), expected, "{sent}");
    }
}

#[test]
fn each_shape_has_its_action() {
    let policy = Policy::new()
        .with_shapes(ShapeAction::Fold)
        .with_shape(ValueShape::Uuid, ShapeAction::Replace)
        .add_label("port", LabelPolicy::new().with_numbers())
        .add_label("open", LabelPolicy::new().with_shapes(ShapeAction::Report))
        .add_label(
            "l",
            LabelPolicy::new()
                .with_shape(ValueShape::Email, ShapeAction::DropLabel)
                .with_shape(ValueShape::PathWithIds, ShapeAction::Replace),
        );
    let set = policies(policy);
    for (name, sent, expected) in [
        ("x", "word", "x=word"),
        ("x", "123456789", "x=__other__"),
        ("x", "2f1e4c1a-7d58-4b55-9c39-6d8e4f0a1b2c", "x={uuid}"),
        ("port", "123456789", "port=123456789"),
        ("port", "1700000000", "port=1700000000"),
        ("port", "10.0.0.1:80", "port=__other__"),
        ("open", "123456789", "open=123456789"),
        ("l", "a@example.org", ""),
        ("l", "/users/7?x=1", "l=/users/{id}"),
        ("l", "2f1e4c1a-7d58-4b55-9c39-6d8e4f0a1b2c", "l={uuid}"),
        ("l", "10.0.0.1", "l=__other__"),
    ] {
        assert_eq!(preview(&set, &[(name, sent)]), expected, "{name} {sent}");
    }
}

proptest! {
    #[test]
    fn no_value_grows_without_bound_and_none_of_them_panics(sent in "\\PC{0,200}|[/0-9a-f-]{0,80}") {
        let set = for_label(
            LabelPolicy::new()
                .add_normalizer(Normalizer::trim())
                .add_normalizer(Normalizer::replace("(.*)", "$1$1$1$1"))
                .add_normalizer(Normalizer::from_fn(|v| v.repeat(64).into()))
                .add_normalizer(Normalizer::route_ids())
                .with_shapes(ShapeAction::Replace),
        );
        prop_assert!(value(&set, &sent).len() <= 4_096);
    }

    #[test]
    fn a_truncated_value_fits_and_keeps_its_head(sent in "\\PC{0,80}", bytes in 16..60_usize) {
        let found = normalized(Normalizer::truncate(bytes), &sent);
        prop_assert!(found.len() <= bytes || sent.is_empty());
        let head = found.rsplit_once('~').map_or(found.as_str(), |(head, _)| head);
        prop_assert!(sent.is_empty() || sent.starts_with(head));
    }

    #[test]
    fn a_route_is_normal_after_one_time(path in "(/[a-z0-9@.-]{0,12}){0,5}") {
        let once = normalized(Normalizer::route_ids(), &path);
        prop_assume!(!path.is_empty());
        prop_assert_eq!(normalized(Normalizer::route_ids(), &once), once);
    }
}
