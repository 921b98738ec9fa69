//! A value beyond the limit of its label, as an attacker or a bug sends them.
//!
//! `prometheus`, `prometheus-client` and `metrics` have no limit: such a write makes a new series.

use otel_core::registry::Registry;

use super::{NAME, Turn, Values, job, key_values, pairs};
use crate::harness::Case;

/// More than any cache of recent values would hold.
const VALUES: usize = 8_192;
/// More than either has room for.
const KNOWN: usize = 4_000;

pub(super) fn cases(threads: usize) -> Vec<Case> {
    let job = job(["folded write", "folded write, 2 threads"], threads);
    vec![
        Case::new(job, "otel-core Family::add", move |meter| {
            let (sets, family) = (strange(), Registry::new().counter(NAME));
            for values in known() {
                family.add(&pairs(&values), 1);
            }
            meter.run_on_threads(threads, |thread| {
                let mut turn = Turn::new(thread, sets.len());
                let (sets, family) = (&sets, &family);
                move || family.add(&pairs(&sets[turn.next()]), 1)
            });
        }),
        Case::new(
            job,
            "opentelemetry_sdk Counter::add, owned labels",
            move |meter| {
                let (sets, (_provider, counter)) = (strange(), super::otel_counter());
                for values in known() {
                    counter.add(1, &key_values(&values));
                }
                meter.run_on_threads(threads, |thread| {
                    let mut turn = Turn::new(thread, sets.len());
                    let (sets, counter) = (&sets, &counter);
                    move || counter.add(1, &key_values(&sets[turn.next()]))
                });
            },
        ),
    ]
}

/// What fills the room there is.
fn known() -> impl Iterator<Item = Values> {
    (0..KNOWN).map(|n| values(format!("/known/{n}")))
}

/// What comes after.
fn strange() -> Vec<Values> {
    (0..VALUES)
        .map(|n| values(format!("/strange/{n}")))
        .collect()
}

fn values(route: String) -> Values {
    ["GET".to_owned(), route, "200".to_owned()]
}
