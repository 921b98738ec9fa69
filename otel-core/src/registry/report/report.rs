//! The state of the guard as a whole.

use super::similar::similar;
use super::{Conflict, ConflictReason, FamilyReport};
use crate::registry::source::FaultCounts;
use crate::registry::{Event, SourceFault};

/// The state of a registry's guard. Bounded by the budget, whatever was sent.
#[derive(Clone, Debug)]
pub struct Report {
    pub(in crate::registry) families: Vec<FamilyReport>,
    pub(in crate::registry) conflicts: Vec<Conflict>,
    pub(in crate::registry) conflict_counts: [u64; ConflictReason::ALL.len()],
    pub(in crate::registry) series_budget: usize,
    pub(in crate::registry) bytes: usize,
    pub(in crate::registry) bytes_budget: usize,
    pub(in crate::registry) sources: usize,
    pub(in crate::registry) source_faults: FaultCounts,
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
        self.families.iter().find(|family| family.name() == exposed)
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

    /// Bytes of all series, as the guard accounts for them.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The byte budget of the registry.
    #[must_use]
    pub const fn bytes_budget(&self) -> usize {
        self.bytes_budget
    }

    /// Families and labels whose names differ in so little that one thing seems to have two names:
    /// letter case, separators, a plural, one letter. Labels as `family{label}`.
    ///
    /// Compares every name with every other; meant for people and tests.
    #[must_use]
    pub fn similar_names(&self) -> Vec<(String, String)> {
        let names: Vec<_> = self.families.iter().map(FamilyReport::name).collect();
        let mut found: Vec<_> = similar(&names)
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .collect();
        for family in &self.families {
            let labels: Vec<_> = family.labels().map(|label| label.name()).collect();
            let of = |label: &str| format!("{}{{{label}}}", family.name());
            found.extend(similar(&labels).map(|(a, b)| (of(a), of(b))));
        }
        found
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

    /// How many [sources](crate::registry::Registry::add_source) there are.
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
