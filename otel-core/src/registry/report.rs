//! What the guard did, for people and for tests.

use super::any_family::AnyFamily;
use super::lifecycle::Hidden;
use super::source::FaultCounts;
use super::{Event, Kind, SourceFault};

/// The state of a registry's guard. Bounded by the budget, whatever was sent.
#[derive(Clone, Debug)]
pub struct Report {
    pub(super) families: Vec<FamilyReport>,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) conflict_counts: [u64; ConflictReason::ALL.len()],
    pub(super) series_budget: usize,
    pub(super) sources: usize,
    pub(super) source_faults: FaultCounts,
}

impl Report {
    /// The families, sorted by exposed name, without the registry's own.
    #[must_use]
    pub fn families(&self) -> impl ExactSizeIterator<Item = &FamilyReport> {
        self.families.iter()
    }

    /// The family exposed under a name.
    #[must_use]
    pub fn family(&self, exposed: &str) -> Option<&FamilyReport> {
        self.families.iter().find(|family| family.name == exposed)
    }

    /// Series in all families. At most [`series_budget`](Self::series_budget).
    #[must_use]
    pub fn series(&self) -> usize {
        self.families.iter().map(FamilyReport::series).sum()
    }

    /// The series budget of the registry.
    #[must_use]
    pub const fn series_budget(&self) -> usize {
        self.series_budget
    }

    /// How often something happened, over all families.
    #[must_use]
    pub fn count(&self, event: Event) -> u64 {
        self.families.iter().map(|family| family.count(event)).sum()
    }

    /// Registrations that could not be had as asked, each name and reason once; at most 64.
    #[must_use]
    pub fn conflicts(&self) -> impl ExactSizeIterator<Item = &Conflict> {
        self.conflicts.iter()
    }

    /// How often a registration met with a conflict.
    #[must_use]
    pub fn conflict_count(&self, reason: ConflictReason) -> u64 {
        self.conflict_counts
            .get(reason as usize)
            .copied()
            .unwrap_or_default()
    }

    /// How many [sources](super::Registry::add_source) there are.
    #[must_use]
    pub const fn sources(&self) -> usize {
        self.sources
    }

    /// How often something went wrong with a source.
    #[must_use]
    pub fn source_fault_count(&self, fault: SourceFault) -> u64 {
        self.source_faults
            .get(fault as usize)
            .copied()
            .unwrap_or_default()
    }
}

/// One family in a [`Report`].
#[derive(Clone, Debug)]
pub struct FamilyReport {
    name: String,
    kind: Kind,
    series: usize,
    series_budget: usize,
    hidden: Hidden,
    exposed: bool,
    silent: bool,
    labels: Vec<LabelReport>,
    counts: [u64; Event::ALL.len()],
}

impl FamilyReport {
    pub(super) fn new(family: &dyn AnyFamily) -> Self {
        Self {
            name: family.facts().exposed.as_ref().to_owned(),
            kind: family.facts().kind,
            series: family.series(),
            series_budget: family.series_budget(),
            hidden: family.hidden(),
            exposed: !family.is_hidden(),
            silent: family.is_silent(),
            labels: family
                .naming()
                .labels()
                .iter()
                .map(|label| LabelReport {
                    name: label.original().to_owned(),
                    admitted: label.admitted().len(),
                    budget: label.admitted().budget(),
                    folded: label.folded(),
                })
                .collect(),
            counts: Event::ALL.map(|event| family.count(event)),
        }
    }

    /// The exposed name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the family measures.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Series it has.
    #[must_use]
    pub const fn series(&self) -> usize {
        self.series
    }

    /// Series it may have.
    #[must_use]
    pub const fn series_budget(&self) -> usize {
        self.series_budget
    }

    /// Series that are exposed no longer and go on where they were if their labels come back.
    #[must_use]
    pub const fn resting_series(&self) -> usize {
        self.hidden.resting
    }

    /// How much was measured in series that are exposed no longer: the sum of a counter, the values
    /// of a histogram. Together with the exposed series this is all that was ever measured.
    #[must_use]
    pub const fn hidden_amount(&self) -> u64 {
        self.hidden.amount
    }

    /// Whether the family is in the exposition: not if it was unregistered or its policy denies it.
    #[must_use]
    pub const fn is_exposed(&self) -> bool {
        self.exposed
    }

    /// Whether nobody ever wrote to it: a metric that is declared and dead.
    #[must_use]
    pub const fn is_silent(&self) -> bool {
        self.silent
    }

    /// Its labels, in the order they were first seen.
    #[must_use]
    pub fn labels(&self) -> impl ExactSizeIterator<Item = &LabelReport> {
        self.labels.iter()
    }

    /// How often something happened in this family.
    #[must_use]
    pub fn count(&self, event: Event) -> u64 {
        self.counts.get(event as usize).copied().unwrap_or_default()
    }

    /// Writes that went to another series than the one named, and handles that lead there.
    #[must_use]
    pub fn folded(&self) -> u64 {
        [
            Event::FoldedLabelValue,
            Event::FoldedFamily,
            Event::FoldedProcess,
            Event::FoldedByPolicy,
        ]
        .map(|event| self.count(event))
        .iter()
        .sum()
    }
}

/// One label in a [`FamilyReport`].
#[derive(Clone, Debug)]
pub struct LabelReport {
    name: String,
    admitted: usize,
    budget: usize,
    folded: u64,
}

impl LabelReport {
    /// The name as first given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Distinct values admitted.
    #[must_use]
    pub const fn admitted(&self) -> usize {
        self.admitted
    }

    /// Distinct values that may be.
    #[must_use]
    pub const fn budget(&self) -> usize {
        self.budget
    }

    /// Values folded because the budget was spent.
    #[must_use]
    pub const fn folded(&self) -> u64 {
        self.folded
    }
}

/// A registration that could not be had as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub(super) name: String,
    pub(super) reason: ConflictReason,
}

impl Conflict {
    /// The name asked for, exposed if it could be; cut to 255 bytes.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What stood against it.
    #[must_use]
    pub const fn reason(&self) -> ConflictReason {
        self.reason
    }
}

/// Why a registration could not be had as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConflictReason {
    /// The name cannot be exposed or is reserved. The family is not exposed.
    Name,
    /// The name belongs to a family of another kind, or to a counter of whole numbers where this is
    /// one of floats. The second is not exposed.
    Kind,
    /// A sample of the family would have the name of another family's, such as a gauge `x_total`
    /// beside a counter `x`. The second is not exposed.
    Samples,
    /// There are too many families, or no series is left to set aside. The family is not exposed.
    Budget,
    /// The family exists with another unit, which it keeps.
    Unit,
    /// The histogram exists with other buckets, which it keeps.
    Buckets,
    /// The family exists with another instrumentation scope, which it keeps: two libraries measure
    /// into one family.
    Scope,
}

impl ConflictReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::Kind,
        Self::Samples,
        Self::Budget,
        Self::Unit,
        Self::Buckets,
        Self::Scope,
    ];

    /// The value of the `reason` label of `otel_guard_conflicts`.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kind => "kind",
            Self::Samples => "samples",
            Self::Budget => "budget",
            Self::Unit => "unit",
            Self::Buckets => "buckets",
            Self::Scope => "scope",
        }
    }
}
