//! The registry's own families: what it counted about itself, `otel_guard_*`.
//!
//! Their labels come from closed lists, so their number is fixed when the program is compiled. They
//! live outside the budgets they report on, and are brought up to date when the registry is
//! collected, so nothing on the path of a write touches them.

use std::sync::{Arc, OnceLock};

use super::any_family::{AnyFamily, of_kind};
use super::event::Event;
use super::facts::{Facts, Scope};
use super::family::{Family, Instrument};
use super::family_core::Core;
use super::report::ConflictReason;
use super::series::Cell;
use super::shared::Shared;
use super::source::{FaultCounts, SourceFault};
use super::{Buckets, Counter, ExemplarFilter, Gauge, Unit};
use crate::cardinality::{Budget, PolicySet};
use crate::clock::Clock;

#[derive(Debug)]
pub(super) struct Own {
    families: Vec<Arc<dyn AnyFamily>>,
    events: Vec<(Event, Counter)>,
    conflicts: Vec<(ConflictReason, Counter)>,
    source_faults: Vec<(SourceFault, Counter)>,
    series: Gauge,
    limit: Gauge,
}

impl Own {
    pub(super) fn new(clock: &Arc<dyn Clock>) -> Self {
        let budget = Budget::default().with_process_series(usize::MAX);
        let shared = Shared::new(budget, Arc::clone(clock), ExemplarFilter::AlwaysOff);
        let shared = Arc::new(shared);
        let mut families = Vec::new();

        let events = Event::ALL
            .map(|event| {
                let (name, help) = (event.family(), event_help(event));
                let family: Family<Counter> = own(&shared, &mut families, name, help);
                (event, family.with(&[("reason", event.reason())]))
            })
            .into();
        let help = "Registrations that could not be had as asked.";
        let conflicts: Family<Counter> = own(&shared, &mut families, "otel_guard_conflicts", help);
        let help = "Sources that failed or were not taken.";
        let source_faults: Family<Counter> =
            own(&shared, &mut families, "otel_guard_source_faults", help);
        let help = "Series held.";
        let series: Family<Gauge> = own(&shared, &mut families, "otel_guard_series", help);
        let help = "Series that may be held.";
        let limit: Family<Gauge> = own(&shared, &mut families, "otel_guard_series_limit", help);

        Self {
            events,
            conflicts: ConflictReason::ALL
                .map(|reason| (reason, conflicts.with(&[("reason", reason.reason())])))
                .into(),
            source_faults: SourceFault::ALL
                .map(|fault| (fault, source_faults.with(&[("reason", fault.reason())])))
                .into(),
            series: series.with(&[("state", "live")]),
            limit: limit.with(&[]),
            families,
        }
    }

    /// Brings the totals up to date and returns the families.
    pub(super) fn update(
        &self,
        families: &[Arc<dyn AnyFamily>],
        conflicts: [u64; ConflictReason::ALL.len()],
        source_faults: FaultCounts,
        limit: usize,
    ) -> &[Arc<dyn AnyFamily>] {
        for (event, counter) in &self.events {
            counter.raise_to(families.iter().map(|family| family.count(*event)).sum());
        }
        for (reason, counter) in &self.conflicts {
            counter.raise_to(conflicts.get(*reason as usize).copied().unwrap_or_default());
        }
        for (fault, counter) in &self.source_faults {
            counter.raise_to(
                source_faults
                    .get(*fault as usize)
                    .copied()
                    .unwrap_or_default(),
            );
        }
        let live = families.iter().map(|family| family.series()).sum();
        self.series.set(as_float(live));
        self.limit.set(as_float(limit));
        &self.families
    }
}

/// The own family of this name, made on first use.
fn own<K: Instrument>(
    shared: &Arc<Shared>,
    families: &mut Vec<Arc<dyn AnyFamily>>,
    name: &str,
    help: &str,
) -> Family<K> {
    let known = families
        .iter()
        .find(|family| *family.facts().exposed == *name);
    if let Some(core) = known.and_then(of_kind) {
        return Family::new(core);
    }
    let facts = Facts {
        exposed: name.into(),
        original: None,
        kind: K::Cell::KIND,
        unit: Unit::NONE,
        unit_words: 0,
        scope: Some(Box::new(Scope {
            name: "otel-core".into(),
            version: Box::default(),
        })),
        help: OnceLock::from(Box::from(help)),
        buckets: Buckets::none(),
        rules: None,
        series_budget: SERIES,
    };
    let core = Arc::new(Core::new(shared, facts, PolicySet::default().plan(name)));
    families.push(Arc::clone(&core) as _);
    Family::new(core)
}

const fn event_help(event: Event) -> &'static str {
    match event {
        Event::FoldedLabelValue
        | Event::FoldedFamily
        | Event::FoldedProcess
        | Event::FoldedByPolicy => "Writes and handles that went to an overflow series.",
        Event::RejectedNan
        | Event::RejectedInfinite
        | Event::RejectedNegative
        | Event::RejectedRange
        | Event::RejectedFoldedSet
        | Event::RejectedLowerTotal
        | Event::RejectedUnplaced => "Values that were refused.",
        Event::LabelTruncated
        | Event::LabelDuplicate
        | Event::LabelReserved
        | Event::LabelSurplus => "Labels that were cut, merged or dropped.",
        Event::ExemplarSkipped => "Exemplars that were not taken.",
        Event::RulePanicked | Event::LabelOvergrown | Event::Promoted => {
            "What the policy did to labels and values beyond folding."
        }
        Event::OrphanWrite => "Writes through handles to series that were removed.",
    }
}

const fn as_float(n: usize) -> f64 {
    n as f64
}

/// More than the reasons there are, and the series set aside.
const SERIES: usize = 16;
