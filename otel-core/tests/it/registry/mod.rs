//! The registry and its guard.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do"
)]

mod attack;
mod columns;
mod concurrency;
mod exemplars;
mod float_counters;
mod folding;
mod histograms;
mod labels;
mod lifecycle;
mod policies;
mod promotion;
mod properties;
mod registration;
mod snapshots;
mod sources;

use otel_core::registry::{Registry, SeriesView, Snapshot};

/// The one series of a family with exactly this label text.
pub(crate) fn series<'s>(snapshot: &'s Snapshot, family: &str, labels: &str) -> SeriesView<'s> {
    let family = snapshot.family(family).expect("the family is exposed");
    let mut found = family.series().filter(|series| series.labels() == labels);
    let one = found
        .next()
        .unwrap_or_else(|| panic!("no series {{{labels}}} in {family:?}"));
    assert!(found.next().is_none(), "two series {{{labels}}}");
    one
}

/// The total of one series of a counter.
pub(crate) fn total(registry: &Registry, family: &str, labels: &str) -> u64 {
    let snapshot = registry.collect();
    series(&snapshot, family, labels)
        .value()
        .as_counter()
        .expect("a counter")
}

/// The sum over all series of a counter.
pub(crate) fn sum(registry: &Registry, family: &str) -> u64 {
    let snapshot = registry.collect();
    let family = snapshot.family(family).expect("the family is exposed");
    family
        .series()
        .filter_map(|series| series.value().as_counter())
        .sum()
}

/// The label texts of a family, in the order of the exposition.
pub(crate) fn texts(registry: &Registry, family: &str) -> Vec<String> {
    let snapshot = registry.collect();
    let family = snapshot.family(family).expect("the family is exposed");
    family
        .series()
        .map(|series| series.labels().to_owned())
        .collect()
}
