//! What a policy means for one family.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::compile::Compiled;
use super::derived::DerivedLabel;
use super::expiry::Expiry;
use super::gauge_fold::GaugeFold;
use super::value_rules::ValueRules;
use crate::cardinality::{same_label, sanitize_label};

/// The policy that is for a family, as the registry asks it.
///
/// A pointer; two are equal if their policies say the same, so that after a set was replaced only
/// the families that are concerned need work.
#[derive(Clone)]
pub(crate) struct Plan(Arc<Compiled>);

/// What holds where a policy is silent: the family's descriptor and the registry's budget.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared<'d> {
    /// Values of labels that the descriptor says nothing of.
    pub(crate) label_values: usize,
    /// Values of single labels, by the name the developer uses.
    pub(crate) budgets: &'d [(Cow<'static, str>, usize)],
    /// Protected labels, by the name the developer uses.
    pub(crate) protected: &'d [Cow<'static, str>],
}

/// What is to be done with one label of a family.
#[derive(Clone, Debug)]
pub(crate) struct LabelPlan<'n> {
    /// Its name, after renaming.
    pub(crate) name: &'n str,
    /// Distinct values it may have.
    pub(crate) values: usize,
    pub(crate) protected: bool,
    /// The estimated number of distinct values above which it is dropped.
    pub(crate) drop_above: Option<u64>,
    /// What is done to its values; nothing where only the budget counts.
    pub(crate) rules: Option<Arc<ValueRules>>,
}

impl Plan {
    pub(super) fn new(compiled: Compiled) -> Self {
        Self(Arc::new(compiled))
    }

    /// What is to be done with a label, by the name of the caller; `None`: it is dropped.
    ///
    /// Allocates: to be asked once for each name.
    pub(crate) fn label<'n>(
        &'n self,
        name: &'n str,
        declared: &Declared<'_>,
    ) -> Option<LabelPlan<'n>> {
        if !self.0.passes(name) {
            return None;
        }
        let renamed = self.0.renamed(name).unwrap_or(name);
        Some(self.named(renamed, name, declared))
    }

    /// What is to be done with a derived label, which no schema drops or renames.
    pub(crate) fn derived_label<'n>(
        &'n self,
        label: &'n DerivedLabel,
        declared: &Declared<'_>,
    ) -> LabelPlan<'n> {
        self.named(&label.name, &label.name, declared)
    }

    /// Labels made from others: for each label of a call that is [`DerivedLabel::is_from`].
    pub(crate) fn derived(&self) -> &[DerivedLabel] {
        &self.0.policy.derived
    }

    /// Series the family may have, where the policy says it.
    pub(crate) fn series_budget(&self) -> Option<usize> {
        self.0.policy.series
    }

    /// Labels a series may have, given what the registry allows.
    pub(crate) fn max_labels(&self, most: usize) -> usize {
        self.0.policy.max_labels.unwrap_or(most).min(most)
    }

    pub(crate) fn expiry(&self) -> Expiry {
        self.0.policy.expiry
    }

    /// Whether a heavy value that was folded may take the place of an idle one.
    pub(crate) fn promotes(&self) -> bool {
        !self.0.policy.fixed
    }

    /// Whether labels keep their value when the family is over its budget, and which is not said.
    pub(crate) fn protects(&self, declared: &Declared<'_>) -> bool {
        match &self.0.policy.protected {
            Some(names) => !names.is_empty(),
            None => !declared.protected.is_empty(),
        }
    }

    /// Label sets that differ in pinned values alone, where each label may also be folded or absent.
    pub(crate) fn pinned_combinations(&self) -> usize {
        let pinned = self.0.labels.iter().map(|label| {
            let rules = label.rules.as_ref();
            rules.map_or(0, |rules| rules.pinned.len())
        });
        let counts = pinned.filter(|count| *count > 0).map(|count| count + 2);
        counts.fold(1, usize::saturating_mul) - 1
    }

    pub(crate) fn gauge_fold(&self) -> GaugeFold {
        self.0.policy.gauge_fold
    }

    /// Whether the family is written to but not exposed.
    pub(crate) fn is_denied(&self) -> bool {
        self.0.policy.denied
    }

    fn named<'n>(
        &'n self,
        name: &'n str,
        original: &str,
        declared: &Declared<'_>,
    ) -> LabelPlan<'n> {
        let (exposed, before) = (sanitize_label(name), sanitize_label(original));
        let is_meant = |text: &str| same_label(&exposed, text) || same_label(&before, text);
        let label = self.0.labels.iter().find(|label| *label.name == *exposed);
        let mut budgets = declared.budgets.iter().rev();
        let values = label
            .and_then(|label| label.values)
            .or_else(|| {
                budgets
                    .find(|(text, _)| is_meant(text))
                    .map(|&(_, values)| values)
            })
            .or(self.0.policy.label_values)
            .unwrap_or(declared.label_values);
        let protected = match &self.0.policy.protected {
            Some(names) => names.iter().any(|text| same_label(&exposed, text)),
            None => declared.protected.iter().any(|text| is_meant(text)),
        };
        let default_drop = self.0.policy.drop_above.filter(|_| !protected);
        LabelPlan {
            name,
            values,
            protected,
            drop_above: label.and_then(|label| label.drop_above).or(default_drop),
            rules: label
                .map_or(&self.0.rules, |label| &label.rules)
                .as_ref()
                .map(Arc::clone),
        }
    }
}

impl DerivedLabel {
    /// Whether it is made from the label that a caller calls so.
    pub(crate) fn is_from(&self, name: &str) -> bool {
        same_label(&sanitize_label(name), &self.source)
    }

    /// Its name, as the policy spells it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.policy == other.0.policy
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.policy, f)
    }
}
