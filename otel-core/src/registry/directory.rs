//! The families of a registry, by exposed name.

use std::sync::Arc;

use super::any_family::AnyFamily;
use super::report::{Conflict, ConflictReason};
use super::{Kind, Unit};

/// Families sorted by exposed name, and the registrations that were not had as asked.
#[derive(Debug, Default)]
pub(super) struct Directory {
    families: Vec<Arc<dyn AnyFamily>>,
    conflicts: Vec<Conflict>,
    conflict_counts: [u64; ConflictReason::ALL.len()],
}

impl Directory {
    pub(super) fn families(&self) -> &[Arc<dyn AnyFamily>] {
        &self.families
    }

    pub(super) fn get(&self, exposed: &str) -> Option<&Arc<dyn AnyFamily>> {
        self.families.get(self.search(exposed).ok()?)
    }

    pub(super) fn add(&mut self, family: Arc<dyn AnyFamily>) {
        if let Err(place) = self.search(&family.facts().exposed) {
            self.families.insert(place, family);
        }
    }

    /// Whether the samples of a new family would meet those of one that is there.
    pub(super) fn clashes(&self, exposed: &str, kind: Kind) -> bool {
        let ours = kind.sample_suffixes();
        let meets = |suffix: &&str| self.get(&format!("{exposed}{suffix}")).is_some();
        let met = |suffix: &&str| {
            let base = exposed
                .strip_suffix(*suffix)
                .and_then(|base| self.get(base));
            base.is_some_and(|family| family.facts().kind.sample_suffixes().contains(suffix))
        };
        ours.iter().any(meets)
            || [Kind::Counter, Kind::Histogram]
                .iter()
                .any(|k| k.sample_suffixes().iter().any(met))
    }

    pub(super) fn conflict(&mut self, name: &str, reason: ConflictReason) {
        if let Some(count) = self.conflict_counts.get_mut(reason as usize) {
            *count += 1;
        }
        let known = self
            .conflicts
            .iter()
            .any(|c| c.name == name && c.reason == reason);
        if !known && self.conflicts.len() < MAX_CONFLICTS {
            let name = name.chars().take(MAX_NAME).collect();
            self.conflicts.push(Conflict { name, reason });
        }
    }

    pub(super) fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    pub(super) const fn conflict_counts(&self) -> [u64; ConflictReason::ALL.len()] {
        self.conflict_counts
    }

    fn search(&self, exposed: &str) -> Result<usize, usize> {
        self.families
            .binary_search_by(|family| (*family.facts().exposed).cmp(exposed))
    }
}

/// Whether two declarations of one family name the same unit.
pub(super) fn same_unit(ours: &Unit, theirs: &Unit) -> bool {
    ours == theirs || *theirs == Unit::NONE
}

/// Whether two declarations of one family may be of the same library: not if both name one and they
/// differ.
pub(super) fn same_scope(ours: &str, theirs: &str) -> bool {
    ours == theirs || ours.is_empty() || theirs.is_empty()
}

const MAX_CONFLICTS: usize = 64;
const MAX_NAME: usize = 255;
