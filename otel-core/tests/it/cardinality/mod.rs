//! The language of policies, and the shapes it speaks of.

mod families;
mod labels;
mod refusals;
mod shapes;
mod values;

use otel_core::cardinality::{LabelPolicy, Policy, PolicySet};

/// A set of one policy for everything.
pub(crate) fn policies(policy: Policy) -> PolicySet {
    PolicySet::builder().with_default(policy).build().unwrap()
}

/// A set with one rule, for the label `l`.
pub(crate) fn for_label(label: LabelPolicy) -> PolicySet {
    policies(Policy::new().add_label("l", label))
}

/// What becomes of a label set, as `name=value` joined by commas.
pub(crate) fn preview(policies: &PolicySet, labels: &[(&str, &str)]) -> String {
    let labels = policies.preview("family", labels).unwrap();
    let pairs: Vec<_> = labels.iter().map(|(n, v)| format!("{n}={v}")).collect();
    pairs.join(",")
}

/// What becomes of a value of the label `l`; `-` if the label is dropped.
pub(crate) fn value(policies: &PolicySet, value: &str) -> String {
    let labels = policies.preview("family", &[("l", value)]).unwrap();
    labels
        .into_iter()
        .next()
        .map_or_else(|| "-".to_owned(), |(_, value)| value)
}
