//! One family.

use super::LabelReport;
use crate::registry::any_family::AnyFamily;
use crate::registry::lifecycle::Hidden;
use crate::registry::{Event, Kind};

/// One family in a [`Report`](super::Report).
#[derive(Clone, Debug)]
pub struct FamilyReport {
    name: String,
    kind: Kind,
    series: usize,
    series_budget: usize,
    hidden: Hidden,
    exposed: bool,
    silent: bool,
    bytes: usize,
    overgrown: Vec<String>,
    labels: Vec<LabelReport>,
    counts: [u64; Event::ALL.len()],
}

impl FamilyReport {
    pub(in crate::registry) fn new(family: &dyn AnyFamily) -> Self {
        let naming = family.naming();
        Self {
            name: family.facts().exposed.as_ref().to_owned(),
            kind: family.facts().kind,
            series: family.series(),
            series_budget: family.series_budget(),
            hidden: family.hidden(),
            exposed: !family.is_hidden(),
            silent: family.is_silent(),
            bytes: family.bytes(),
            overgrown: naming
                .overgrown()
                .iter()
                .map(|name| (**name).to_owned())
                .collect(),
            labels: naming.labels().iter().map(LabelReport::new).collect(),
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

    /// Bytes of its series, exposed or not.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Labels that are left out because they had more values than the policy bears with.
    pub fn overgrown(&self) -> impl ExactSizeIterator<Item = &str> {
        self.overgrown.iter().map(String::as_str)
    }

    /// A line of policy for each label that folds values.
    pub fn suggestions(&self) -> impl Iterator<Item = String> {
        let lines = self.labels.iter().filter_map(LabelReport::suggestion);
        lines.map(|line| {
            format!(
                ".add(FamilyMatch::exact({:?}), Policy::new(){line})",
                self.name
            )
        })
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
