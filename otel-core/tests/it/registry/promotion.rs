//! Heavy values win series of their own, whoever came first.

use std::sync::Arc;
use std::time::Duration;

use otel_core::cardinality::{Budget, LabelPolicy, Policy, PolicySet};
use otel_core::clock::ManualClock;
use otel_core::registry::{Event, Registry};

use super::{sum, texts};

const MINUTE: Duration = Duration::from_secs(60);

fn scanned(policy: Policy) -> (Registry, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new());
    let registry = Registry::builder()
        .with_clock(Arc::clone(&clock))
        .with_budget(Budget::default().with_label_values(10))
        .with_policies(PolicySet::builder().with_default(policy).build().unwrap())
        .build()
        .unwrap();
    let family = registry.counter("n");
    for scan in 0..10 {
        family.add(&[("path", &format!("/scan/{scan}"))], 1);
    }
    (registry, clock)
}

/// A minute of traffic on two real routes, beside a scan that never repeats itself.
fn minute(registry: &Registry, clock: &Arc<ManualClock>, at: u32) {
    let family = registry.counter("n");
    for i in 0..1_000_u32 {
        family.add(&[("path", "/orders")], 1);
        family.add(&[("path", "/items")], 1);
        family.add(&[("path", &format!("/scan/{at}/{i}"))], 1);
    }
    clock.advance(MINUTE);
    let _ = registry.collect();
}

#[test]
fn heavy_values_take_the_place_of_idle_ones_and_totals_stay() {
    let (registry, clock) = scanned(Policy::new());
    let mut before = 0;
    for at in 0..20 {
        minute(&registry, &clock, at);
        let other = r#"path="__other__""#;
        let snapshot = registry.collect();
        let now = super::series(&snapshot, "n", other).value().as_counter();
        assert!(now.unwrap() >= before, "the folded total fell");
        before = now.unwrap();
        if at < 14 {
            assert_eq!(registry.report().count(Event::Promoted), 0, "minute {at}");
        }
    }
    let texts = texts(&registry, "n");
    assert!(texts.contains(&r#"path="/orders""#.to_owned()), "{texts:?}");
    assert!(texts.contains(&r#"path="/items""#.to_owned()), "{texts:?}");
    assert!(texts.len() <= 11, "{texts:?}");
    let hidden = registry.report().family("n").unwrap().hidden_amount();
    assert_eq!(sum(&registry, "n") + hidden, 10 + 20 * 3_000);
}

#[test]
fn nothing_is_promoted_where_the_policy_says_so() {
    let (registry, clock) = scanned(Policy::new().without_promotion());
    for at in 0..20 {
        minute(&registry, &clock, at);
    }
    assert_eq!(registry.report().count(Event::Promoted), 0);
    assert_eq!(texts(&registry, "n").len(), 11);
}

#[test]
fn pinned_values_do_not_make_way() {
    let pinned: Vec<String> = (0..10).map(|scan| format!("/scan/{scan}")).collect();
    let label = LabelPolicy::new()
        .with_values(10)
        .with_pinned_values(pinned);
    let (registry, clock) = scanned(Policy::new().add_label("path", label));
    for at in 0..20 {
        minute(&registry, &clock, at);
    }
    let texts = texts(&registry, "n");
    for scan in 0..10 {
        assert!(
            texts.contains(&format!(r#"path="/scan/{scan}""#)),
            "{texts:?}"
        );
    }
}
