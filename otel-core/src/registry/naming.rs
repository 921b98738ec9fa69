//! How a family reads the labels of a call: its policy, the names it knows, the lists of names it has
//! met.

use super::descriptor::LabelRules;
use super::shared::Shared;
use crate::cardinality::{
    Declared, Known, Label, LabelHasher, LabelLimits, LabelSet, Labels, MAX_LABEL_NAMES, Plan,
    Reading, Scratch, Shapes, is_reserved_label,
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
    /// Values of a label of which neither the policy nor the descriptor says anything.
    label_values: u32,
}

impl Naming {
    pub(super) fn new(
        plan: Plan,
        rules: Option<&LabelRules>,
        overgrown: Box<[Box<str>]>,
        shared: &Shared,
    ) -> Self {
        let budget = &shared.budget;
        let naming = Self {
            limits: LabelLimits {
                labels: narrow(plan.max_labels(budget.labels())),
                value_bytes: narrow(budget.value_bytes()),
                names: narrow(MAX_LABEL_NAMES),
            },
            plan,
            labels: Labels::default(),
            shapes: Shapes::default(),
            overgrown,
            label_values: u32::try_from(budget.label_values()).unwrap_or(u32::MAX),
        };
        let declared = naming.declared(rules);
        for derived in naming.plan.derived() {
            let label = naming.plan.derived_label(derived, &declared);
            if naming.labels.get(label.name).is_none() {
                naming.labels.add(Label::new(label, &shared.hasher));
            }
        }
        naming
    }

    /// Reads the caller's pairs; `false` when a label name is not known yet and `may_learn` says that
    /// it could be.
    pub(super) fn read<'a>(
        &'a self,
        set: &mut LabelSet<'a>,
        hasher: &'a LabelHasher,
        pairs: &[(&'a str, &'a str)],
        scratch: &'a mut Scratch,
        may_learn: bool,
    ) -> bool {
        let reading = Reading {
            labels: &self.labels,
            plan: &self.plan,
            hasher,
            limits: self.limits,
            may_learn,
        };
        set.read(&reading, pairs, scratch)
    }

    /// Remembers names seen for the first time; the caller holds the admission lock.
    pub(super) fn learn_names<'n>(
        &self,
        rules: Option<&LabelRules>,
        shared: &Shared,
        names: impl Iterator<Item = &'n str>,
    ) {
        for name in names {
            let room = self.labels.names() < self.limits.names();
            let is_new = !is_reserved_label(name) && self.labels.get(name).is_none();
            if room && is_new && shared.try_charge_bytes(Label::BYTES) {
                self.labels.add(self.label(rules, &shared.hasher, name));
            }
        }
    }

    fn label(&self, rules: Option<&LabelRules>, hasher: &LabelHasher, name: &str) -> Label {
        let is_overgrown = |label: &str| self.overgrown.iter().any(|name| **name == *label);
        match self.plan.label(name, &self.declared(rules)) {
            Some(plan) if !is_overgrown(plan.name) => match self.labels.get(plan.name) {
                Some(Known::Label(label)) => Label::alias(name, label),
                Some(Known::Dropped) => Label::dropped(name),
                None if plan.name == name => Label::new(plan, hasher),
                None => {
                    // Renamed: the label has the new name, the caller another one for it.
                    self.labels.add(Label::new(plan.clone(), hasher));
                    match self.labels.get(plan.name) {
                        Some(Known::Label(label)) => Label::alias(name, label),
                        _ => Label::dropped(name),
                    }
                }
            },
            _ => Label::dropped(name),
        }
    }

    fn declared<'d>(&self, rules: Option<&'d LabelRules>) -> Declared<'d> {
        Declared {
            label_values: self.label_values as usize,
            budgets: rules.map_or(&[], |rules| &rules.budgets),
            protected: rules.map_or(&[], |rules| &rules.protected),
        }
    }

    pub(super) fn protects(&self, rules: Option<&LabelRules>) -> bool {
        self.plan.protects(&self.declared(rules))
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

/// The budget allows nothing that does not fit.
fn narrow(limit: usize) -> u16 {
    u16::try_from(limit).unwrap_or(u16::MAX)
}
