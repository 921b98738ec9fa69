//! A policy, checked and brought into the form that is asked on the path of a new label set.

use std::sync::Arc;

use super::Text;
use super::derived::DerivedLabel;
use super::label_policy::LabelPolicy;
use super::pattern::{TextSet, patterns};
use super::policy::Policy;
use super::shape_action::{ShapeAction, ShapeActions};
use super::step::Step;
use super::value_rules::ValueRules;
use crate::ConfigError;
use crate::cardinality::{
    Budget, MAX_LABELS, ValueShape, is_reserved_label, same_label, sanitize_label,
};

/// A [`Policy`] that was found right.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    pub(super) policy: Policy,
    /// Nothing: all are kept.
    kept: Option<TextSet>,
    dropped: TextSet,
    pub(super) labels: Box<[CompiledLabel]>,
    /// For labels of which nothing was said.
    pub(super) rules: Option<Arc<ValueRules>>,
}

/// What was said of one label.
#[derive(Debug)]
pub(super) struct CompiledLabel {
    /// As it is exposed.
    pub(super) name: Box<str>,
    pub(super) values: Option<usize>,
    pub(super) drop_above: Option<u64>,
    pub(super) rules: Option<Arc<ValueRules>>,
}

impl Compiled {
    pub(super) fn new(policy: Policy) -> Result<Self, ConfigError> {
        check_numbers(&policy)?;
        let compiled = Self {
            kept: kept(&policy)?,
            dropped: names(
                &policy.dropped,
                patterns("add_dropped_pattern", &policy.dropped_patterns)?,
            ),
            labels: policy
                .labels
                .iter()
                .map(|(name, label)| CompiledLabel::new(name, label, &policy.shapes))
                .collect::<Result<_, _>>()?,
            rules: value_rules(&LabelPolicy::new(), &policy.shapes)?,
            policy,
        };
        compiled.check_names()?;
        Ok(compiled)
    }

    /// Whether a label of this name, as the caller has it, passes the schema.
    pub(super) fn passes(&self, name: &str) -> bool {
        let name = sanitize_label(name);
        let kept = self.kept.as_ref().is_none_or(|kept| kept.contains(&name));
        kept && !self.dropped.contains(&name)
    }

    /// The name a policy gives to a label, if it gives one.
    pub(super) fn renamed(&self, name: &str) -> Option<&str> {
        let exposed = sanitize_label(name);
        let mut renames = self.policy.renames.iter();
        renames
            .find(|(label, _)| same_label(&exposed, label))
            .map(|(_, renamed)| renamed.as_ref())
    }

    /// Whether a label set can have a label of this name once the schema was applied.
    fn can_have(&self, name: &str) -> bool {
        let exposed = sanitize_label(name);
        let derived = self
            .policy
            .derived
            .iter()
            .any(|d| same_label(&exposed, &d.name));
        let renamed = self
            .policy
            .renames
            .iter()
            .any(|(label, to)| same_label(&exposed, to) && self.passes(label));
        derived || renamed || (self.passes(name) && self.renamed(name).is_none())
    }

    fn check_names(&self) -> Result<(), ConfigError> {
        for name in self.policy.kept.iter().flatten() {
            check(
                "with_kept_labels",
                !self.dropped.contains(&sanitize_label(name)),
                || format!("labels that are not dropped as well; `{name}` is"),
            )?;
        }
        self.check_renames()?;
        self.check_derived()?;
        for name in self.policy.protected.iter().flatten() {
            check("with_protected_labels", self.can_have(name), || {
                format!("labels that are not dropped or renamed; `{name}` is")
            })?;
        }
        let label_names: Vec<_> = self.policy.labels.iter().map(|(name, _)| name).collect();
        for (at, (name, label)) in self.policy.labels.iter().enumerate() {
            check("add_label", is_first(&label_names, at), || {
                format!("each label once; `{name}` is there twice")
            })?;
            check("add_label", !is_reserved_label(name), || {
                format!("a label that is not reserved; `{name}` is")
            })?;
            check("add_label", self.can_have(name), || {
                format!("a label that is not dropped or renamed; `{name}` is")
            })?;
            let mut protected = self.policy.protected.iter().flatten();
            let exposed = sanitize_label(name);
            let is_protected = protected.any(|protected| same_label(&exposed, protected));
            check(
                "with_drop_above",
                label.drop_above.is_none() || !is_protected,
                || format!("a label that is not protected; `{name}` is"),
            )?;
        }
        Ok(())
    }

    fn check_renames(&self) -> Result<(), ConfigError> {
        let sources: Vec<_> = self.policy.renames.iter().map(|(label, _)| label).collect();
        for (at, (label, to)) in self.policy.renames.iter().enumerate() {
            check("add_rename", self.passes(label), || {
                format!("labels that are not dropped; `{label}` is")
            })?;
            check("add_rename", is_first(&sources, at), || {
                format!("each label once; `{label}` is there twice")
            })?;
            check(
                "add_rename",
                sanitize_label(label) != sanitize_label(to),
                || format!("another name; `{label}` would keep its own"),
            )?;
            check("add_rename", !is_reserved_label(to), || {
                format!("a name that is not reserved; `{to}` is")
            })?;
        }
        Ok(())
    }

    fn check_derived(&self) -> Result<(), ConfigError> {
        let targets: Vec<_> = self.policy.derived.iter().map(|d| &d.name).collect();
        for (at, DerivedLabel { name, source, .. }) in self.policy.derived.iter().enumerate() {
            check("add_derived", is_first(&targets, at), || {
                format!("each label once; `{name}` is there twice")
            })?;
            check(
                "add_derived",
                sanitize_label(name) != sanitize_label(source),
                || format!("a label made from another; `{name}` is its own source"),
            )?;
            check("add_derived", !is_reserved_label(name), || {
                format!("a name that is not reserved; `{name}` is")
            })?;
        }
        Ok(())
    }
}

impl CompiledLabel {
    fn new(name: &str, label: &LabelPolicy, base: &ShapeActions) -> Result<Self, ConfigError> {
        check_budget("with_values", label.values)?;
        check_distinct(label.drop_above)?;
        let room = label.values.unwrap_or(usize::MAX);
        check("with_values", label.pinned.len() <= room, || {
            format!("no fewer than the pinned values of `{name}`")
        })?;
        Ok(Self {
            name: sanitize_label(name).into(),
            values: label.values,
            drop_above: label.drop_above,
            rules: value_rules(label, base)?,
        })
    }
}

/// The rules for the values of a label; none if nothing is done to them.
fn value_rules(
    label: &LabelPolicy,
    base: &ShapeActions,
) -> Result<Option<Arc<ValueRules>>, ConfigError> {
    let steps: Box<[Step]> = label
        .normalizers
        .iter()
        .map(Step::new)
        .collect::<Result<_, _>>()?;
    let actions = ValueShape::ALL.map(|shape| label.shapes.get(shape, base));
    let rules = ValueRules {
        pinned: TextSet::new(texts(&label.pinned), Box::default()),
        steps,
        denied: TextSet::new(
            texts(&label.denied),
            patterns("add_denied_pattern", &label.denied_patterns)?,
        ),
        allowed: TextSet::new(
            texts(&label.allowed),
            patterns("add_allowed_pattern", &label.allowed_patterns)?,
        ),
        actions: actions
            .iter()
            .any(|action| *action != ShapeAction::Report)
            .then_some(actions),
        numeric: label.numeric,
    };
    for pinned in &label.pinned {
        check("with_pinned_values", !pinned.is_empty(), || {
            "values that are not empty".to_owned()
        })?;
        check("with_pinned_values", !rules.denied.contains(pinned), || {
            format!("values that are not denied as well; `{pinned}` is")
        })?;
    }
    for allowed in &label.allowed {
        check(
            "with_allowed_values",
            !rules.denied.contains(allowed),
            || format!("values that are not denied as well; `{allowed}` is"),
        )?;
    }
    let silent = rules.pinned.is_empty()
        && rules.steps.is_empty()
        && rules.denied.is_empty()
        && rules.allowed.is_empty()
        && rules.actions.is_none();
    Ok((!silent).then(|| Arc::new(rules)))
}

fn kept(policy: &Policy) -> Result<Option<TextSet>, ConfigError> {
    if policy.kept.is_none() && policy.kept_patterns.is_empty() {
        return Ok(None);
    }
    let kept = policy.kept.as_deref().unwrap_or_default();
    let patterns = patterns("add_kept_pattern", &policy.kept_patterns)?;
    Ok(Some(names(kept, patterns)))
}

fn names(exact: &[Text], patterns: Box<[regex_lite::Regex]>) -> TextSet {
    let exact: Vec<_> = exact.iter().map(|name| sanitize_label(name)).collect();
    TextSet::new(exact.iter().map(AsRef::as_ref), patterns)
}

fn texts(texts: &[Text]) -> impl Iterator<Item = &str> {
    texts.iter().map(AsRef::as_ref)
}

fn check_numbers(policy: &Policy) -> Result<(), ConfigError> {
    check_budget("with_series_budget", policy.series)?;
    check_budget("with_label_values", policy.label_values)?;
    check_distinct(policy.drop_above)?;
    let labels = policy.max_labels.unwrap_or(1);
    check(
        "with_max_labels",
        (1..=MAX_LABELS).contains(&labels),
        || format!("from 1 to {MAX_LABELS}"),
    )?;
    policy.expiry.check()
}

fn check_budget(setting: &'static str, budget: Option<usize>) -> Result<(), ConfigError> {
    let fits = budget.is_none_or(|budget| Budget::clamp_series(budget) == budget);
    check(setting, fits, || {
        format!("from 1 to {}", Budget::clamp_series(usize::MAX))
    })
}

fn check_distinct(above: Option<u64>) -> Result<(), ConfigError> {
    check("with_drop_above", above != Some(0), || {
        "at least 1".to_owned()
    })
}

/// Whether no label before this one has the same exposed name.
fn is_first(names: &[&Text], at: usize) -> bool {
    let mut exposed = names.iter().map(|name| sanitize_label(name));
    let this = exposed.clone().nth(at);
    exposed.position(|name| Some(name) == this) == Some(at)
}

fn check(
    setting: &'static str,
    right: bool,
    why: impl FnOnce() -> String,
) -> Result<(), ConfigError> {
    if right {
        Ok(())
    } else {
        Err(ConfigError::invalid(setting, why()))
    }
}
