//! Which policy is for which family.

use otel_core::cardinality::{
    Budget, FamilyMatch, LabelPolicy, Normalizer, Policy, PolicySet, ShapeAction,
};

/// A policy that can be told by the label it makes.
fn named(name: &'static str) -> Policy {
    Policy::new().add_rename("l", name)
}

fn chosen(policies: &PolicySet, family: &str) -> String {
    let labels = policies.preview(family, &[("l", "v")]).unwrap();
    labels[0].0.clone()
}

#[test]
fn the_closest_match_wins() {
    let policies = PolicySet::builder()
        .with_default(named("default"))
        .add(FamilyMatch::glob("*_seconds"), named("glob1"))
        .add(FamilyMatch::glob("http*"), named("glob2"))
        .add(FamilyMatch::prefix("http_"), named("short"))
        .add(FamilyMatch::prefix("http.server."), named("long"))
        .add(FamilyMatch::exact("http_server_requests"), named("exact"))
        .build()
        .unwrap();
    for (family, expected) in [
        ("http_server_requests", "exact"),
        ("http_server_requests_seconds", "long"),
        ("http_client_seconds", "short"),
        ("httpd_seconds", "glob1"),
        ("httpd", "glob2"),
        ("rpc_seconds", "glob1"),
        ("rpc", "default"),
    ] {
        assert_eq!(chosen(&policies, family), expected, "{family}");
    }
}

#[test]
fn a_denied_family_is_not_exposed() {
    let policies = PolicySet::builder()
        .add(FamilyMatch::glob("tmp_*"), Policy::new().denied())
        .build()
        .unwrap();
    assert_eq!(policies.preview("tmp_x", &[("l", "v")]), None);
    assert_eq!(policies.preview("other", &[]), Some(Vec::new()));
}

#[test]
fn sets_are_equal_if_they_say_the_same() {
    let identity = Normalizer::from_fn(|v| v.into());
    let set = |normalizer: Normalizer| {
        let label = LabelPolicy::new().add_normalizer(normalizer);
        let policy = Policy::new().add_label("l", label);
        PolicySet::builder().with_default(policy).build().unwrap()
    };
    assert_eq!(set(identity.clone()), set(identity.clone()));
    assert_ne!(set(identity), set(Normalizer::from_fn(|v| v.into())));
    assert_eq!(set(Normalizer::trim()), set(Normalizer::trim()));
    assert_ne!(set(Normalizer::trim()), PolicySet::default());
    assert_eq!(PolicySet::default(), PolicySet::builder().build().unwrap());
}

#[test]
fn the_presets_say_what_they_promise() {
    let labels = [("id", "2f1e4c1a-7d58-4b55-9c39-6d8e4f0a1b2c"), ("m", "GET")];
    let kept = PolicySet::default().preview("f", &labels).unwrap();
    assert_eq!(kept[0].1, labels[0].1);

    let edge = PolicySet::edge();
    assert_eq!(edge.preview("f", &labels).unwrap()[0].1, "{uuid}");
    let many: Vec<(String, String)> = (0..12).map(|i| (format!("l{i}"), "v".to_owned())).collect();
    let many: Vec<_> = many.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(edge.preview("f", &many).unwrap().len(), 8);
    let same = PolicySet::builder().with_default(Policy::edge()).build();
    assert_eq!(same.unwrap(), edge);
    assert_ne!(Budget::edge(), Budget::default());

    let other = Policy::edge().with_shapes(ShapeAction::Report);
    assert_ne!(
        PolicySet::builder().with_default(other).build().unwrap(),
        edge
    );
}
