//! What a policy makes of a label set, for tests of policies.

use std::collections::BTreeMap;

use super::derived::Derivation;
use super::plan::{Declared, LabelPlan};
use super::policy_set::PolicySet;
use super::value_rules::{Scratch, Verdict};
use crate::cardinality::{MAX_LABELS, OTHER, is_reserved_label, sanitize_label};

impl PolicySet {
    /// The labels that a write to a family leads to, by exposed name, before any budget.
    ///
    /// `None` if the family is denied. Meant for tests of a policy: the registry itself does this
    /// once for each label set. What a descriptor declares does not enter, as it alters no value.
    #[must_use]
    pub fn preview(&self, family: &str, labels: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        let plan = self.plan(family);
        if plan.is_denied() {
            return None;
        }
        let declared = Declared {
            label_values: usize::MAX,
            budgets: &[],
            protected: &[],
        };
        let given = labels
            .iter()
            .filter(|(name, value)| !value.is_empty() && !is_reserved_label(name));
        let mut set = BTreeMap::new();
        for label in plan.derived() {
            let Some((_, value)) = given.clone().rfind(|(name, _)| label.is_from(name)) else {
                continue;
            };
            let to = plan.derived_label(label, &declared);
            match label.derive(value) {
                Derivation::Value(value) => insert(&mut set, &to, &value),
                Derivation::Panicked => insert(&mut set, &to, OTHER),
                Derivation::Absent => {}
            }
        }
        for (name, value) in given {
            if let Some(label) = plan.label(name, &declared) {
                insert(&mut set, &label, value);
            }
        }
        Some(set.into_iter().take(plan.max_labels(MAX_LABELS)).collect())
    }
}

/// Puts a label into a set, after those before it and in place of one of its name.
fn insert(set: &mut BTreeMap<String, String>, label: &LabelPlan<'_>, value: &str) {
    let mut scratch = Scratch::default();
    let verdict = match &label.rules {
        Some(rules) => rules.apply(value, &mut scratch).verdict,
        None => Verdict::Keep(value),
    };
    let value = match verdict {
        Verdict::Keep(value) | Verdict::Pinned(value) => value,
        Verdict::Fold => OTHER,
        Verdict::Drop => return,
    };
    set.insert(sanitize_label(label.name).into_owned(), value.to_owned());
}
