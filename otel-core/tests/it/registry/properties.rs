//! The registry against a model that keeps everything.

use std::collections::HashMap;

use otel_core::cardinality::{Budget, OTHER};
use otel_core::registry::{Registry, Snapshot};
use proptest::collection::vec;
use proptest::prelude::*;

type Pairs = Vec<(String, String)>;

fn pairs() -> impl Strategy<Value = Pairs> {
    let name = prop_oneof![
        4 => "[a-d]",
        2 => "a\\.b|a_b|http\\.route|http\\.request\\.method",
        1 => "le|__x|[é.][a-z]?|",
    ];
    let value = prop_oneof![
        4 => "[a-c]",
        2 => "[a-z/]{0,20}",
        1 => "[\\\\\"\nn,=a]{0,4}",
        1 => Just(OTHER.to_owned()),
        1 => "\\PC{0,40}",
    ];
    vec((name, value), 0..5)
}

fn budget() -> impl Strategy<Value = Budget> {
    (1..6_usize, 1..12_usize, 2..14_usize).prop_map(|(values, family, process)| {
        Budget::default()
            .with_label_values(values)
            .with_family_series(family)
            .with_process_series(process)
    })
}

fn borrowed(pairs: &Pairs) -> Vec<(&str, &str)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

fn totals(snapshot: &Snapshot, family: &str) -> HashMap<String, u64> {
    let family = snapshot.family(family).expect("the family is exposed");
    let mut totals = HashMap::new();
    for series in family.series() {
        let total = series.value().as_counter().expect("a counter");
        assert!(
            totals.insert(series.labels().to_owned(), total).is_none(),
            "two series"
        );
    }
    totals
}

/// What a label set is called when nothing is folded. Last wins; exposed names; empty is absent.
fn canonical(pairs: &Pairs) -> Vec<(String, String)> {
    let mut kept: Vec<(String, String)> = Vec::new();
    for (name, value) in pairs {
        let clean = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let exposed: String = name.chars().map(clean).collect();
        let reserved = exposed.is_empty() || exposed == "le" || exposed.starts_with("__");
        if value.is_empty() || reserved {
            continue;
        }
        let cut = (0..=128.min(value.len()))
            .rev()
            .find(|&i| value.is_char_boundary(i));
        kept.retain(|(other, _)| *other != exposed);
        kept.push((exposed, value[..cut.unwrap_or(0)].to_owned()));
    }
    kept.sort();
    kept
}

proptest! {
    #[test]
    fn without_a_tight_budget_every_label_set_has_its_own_exact_series(
        writes in vec((pairs(), 1..100_u64), 1..60),
    ) {
        let registry = Registry::builder()
            .with_budget(Budget::default().with_label_values(1_000))
            .build()
            .unwrap();
        let family = registry.counter("n");
        let mut model = HashMap::<_, u64>::new();
        for (pairs, n) in &writes {
            family.add(&borrowed(pairs), *n);
            *model.entry(canonical(pairs)).or_default() += n;
        }
        let snapshot = registry.collect();
        let found: HashMap<_, _> = snapshot
            .family("n")
            .unwrap()
            .series()
            .map(|series| {
                let pairs = series.label_pairs();
                let pairs: Vec<_> = pairs.map(|(n, v)| (n.to_owned(), v.into_owned())).collect();
                (pairs, series.value().as_counter().unwrap())
            })
            .collect();
        prop_assert_eq!(found, model);
    }

    #[test]
    fn totals_are_conserved_and_the_bounds_hold_under_any_budget(
        budget in budget(),
        writes in vec((any::<bool>(), pairs(), 1..100_u64), 1..80),
        protect in any::<bool>(),
    ) {
        let registry = Registry::builder().with_budget(budget.clone()).build().unwrap();
        let protected: &[&str] = if protect { &["a", "http.route"] } else { &[] };
        let descriptor = otel_core::registry::Descriptor::new("x")
            .with_protected_labels(protected.iter().copied());
        let families = [registry.counter(descriptor), registry.counter("y")];
        let mut written = [0_u64; 2];
        let mut before: [HashMap<String, u64>; 2] = Default::default();
        for (second, pairs, n) in &writes {
            let which = usize::from(*second);
            families[which].add(&borrowed(pairs), *n);
            written[which] += n;

            let snapshot = registry.collect();
            for (which, name) in ["x", "y"].into_iter().enumerate() {
                let now = totals(&snapshot, name);
                prop_assert_eq!(now.values().sum::<u64>(), written[which]);
                for (labels, total) in &before[which] {
                    prop_assert!(now.get(labels).is_some_and(|now| now >= total));
                }
                before[which] = now;
            }
        }
        let report = registry.report();
        prop_assert!(report.series() <= report.series_budget());
        for family in report.families() {
            prop_assert!(family.series() <= family.series_budget());
            prop_assert!(family.labels().all(|label| label.admitted() <= label.budget()));
        }
        prop_assert_eq!(report.series(), before.iter().map(HashMap::len).sum::<usize>());
    }

    #[test]
    fn the_order_of_the_pairs_does_not_matter(
        (pairs, shuffled) in pairs().prop_flat_map(|pairs| {
            let mut seen = Vec::new();
            let once: Pairs = pairs
                .into_iter()
                .filter(|(name, _)| {
                    let exposed = name.replace('.', "_");
                    !seen.contains(&exposed) && { seen.push(exposed); true }
                })
                .collect();
            (Just(once.clone()), Just(once).prop_shuffle())
        }),
        budget in budget(),
        noise in vec(pairs(), 0..10),
    ) {
        let registry = Registry::builder().with_budget(budget).build().unwrap();
        let family = registry.counter("n");
        family.add(&borrowed(&pairs), 1);
        let first = totals(&registry.collect(), "n");
        family.add(&borrowed(&shuffled), 1);
        let second = totals(&registry.collect(), "n");
        prop_assert_eq!(first.len(), 1);
        prop_assert_eq!(second.len(), 1);
        prop_assert_eq!(second.values().sum::<u64>(), 2);

        for pairs in &noise {
            family.add(&borrowed(pairs), 1);
        }
        family.add(&borrowed(&shuffled), 1);
        let last = totals(&registry.collect(), "n");
        prop_assert!(first.keys().all(|labels| last[labels] >= 3));
    }
}
