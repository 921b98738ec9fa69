//! How a family reads the labels of a call: its policy, the names it knows, the lists of names it has
//! met.

use super::shared::Shared;
use crate::cardinality::{
    Known, Label, LabelHasher, LabelLimits, LabelSet, Labels, MAX_LABEL_NAMES, Plan, Scratch,
    Shapes, is_reserved_label,
};

/// Replaced as a whole when the policy of the family changes.
#[derive(Debug)]
pub(super) struct Naming {
    plan: Plan,
    labels: Labels,
    shapes: Shapes,
    /// Names that are labels no longer, because they had too many values.
    overgrown: Box<[Box<str>]>,
    limits: LabelLimits,
}

impl Naming {
    pub(super) fn new(plan: Plan, overgrown: Box<[Box<str>]>, shared: &Shared) -> Self {
        let budget = &shared.budget;
        Self {
            limits: LabelLimits {
                labels: plan.max_labels().map_or(budget.labels(), |most| most.min(budget.labels())),
                value_bytes: budget.value_bytes(),
                names: MAX_LABEL_NAMES,
            },
            plan,
            labels: Labels::default(),
            shapes: Shapes::default(),
            overgrown,
        }
    }

    /// Reads the caller's pairs; `false` when a label name is not known yet and could be.
    pub(super) fn read<'a>(
        &'a self,
        set: &mut LabelSet<'a>,
        hasher: &LabelHasher,
        pairs: &[(&'a str, &'a str)],
        scratch: &'a mut Scratch,
    ) -> bool {
        set.read(&self.labels, hasher, self.limits, pairs, scratch)
    }

    /// Remembers names seen for the first time; the caller holds the admission lock.
    pub(super) fn learn_names(&self, hasher: &LabelHasher, pairs: &[(&str, &str)]) {
        for (name, value) in pairs {
            let known = value.is_empty() || self.labels.get(name).is_some();
            if !known && self.labels.names() < self.limits.names && !is_reserved_label(name) {
                self.labels.add(self.label(hasher, name));
            }
        }
    }

    fn label(&self, hasher: &LabelHasher, name: &str) -> Label {
        let is_overgrown = |label: &str| self.overgrown.iter().any(|name| **name == *label);
        match self.plan.label(name) {
            Some(plan) if !is_overgrown(&plan.name) => match self.labels.get(&plan.name) {
                Some(Known::Label(label)) => Label::alias(name, label),
                Some(Known::Dropped) => Label::dropped(name),
                None => Label::new(plan, hasher),
            },
            _ => Label::dropped(name),
        }
    }

    pub(super) const fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(super) const fn labels(&self) -> &Labels {
        &self.labels
    }

    pub(super) const fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    pub(super) const fn limits(&self) -> LabelLimits {
        self.limits
    }

    pub(super) const fn overgrown(&self) -> &[Box<str>] {
        &self.overgrown
    }
}
