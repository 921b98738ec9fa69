//! Labels made from others.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::Text;
use crate::contained::contained;

/// A label whose value follows from that of another: the region of a host, the plan of a tenant.
///
/// It is made from the value as the call has it, before any rule and even if the policy drops that
/// label, and is bounded like any other label. A call that names the label itself keeps its value.
///
/// ```
/// use otel_core::cardinality::{DerivedLabel, FamilyMatch, Policy, PolicySet};
///
/// let plan = DerivedLabel::table("plan", "tenant", [("acme", "gold"), ("initech", "free")])
///     .with_otherwise("unknown");
/// let policies = PolicySet::builder()
///     .with_default(Policy::new().add_derived(plan).with_dropped_labels(["tenant"]))
///     .build()?;
/// let labels = policies.preview("requests", &[("tenant", "acme")]);
/// assert_eq!(labels, Some(vec![("plan".to_owned(), "gold".to_owned())]));
/// # Ok::<_, otel_core::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a derived label does nothing until it is added to a policy"]
pub struct DerivedLabel {
    pub(super) name: Text,
    pub(super) source: Text,
    rule: Rule,
    otherwise: Option<Text>,
}

#[derive(Clone, Debug, PartialEq)]
enum Rule {
    /// Sorted by value.
    Table(Arc<[(Text, Text)]>),
    Closure(Closure),
}

/// What a [`DerivedLabel`] makes of a value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Derivation<'v> {
    Value(Cow<'v, str>),
    /// The label set goes without the label.
    Absent,
    /// The closure panicked, so nothing is known: the sentinel.
    Panicked,
}

impl DerivedLabel {
    /// The label `name`, by a table from the values of the label `source`. Of a value that is there
    /// twice the later entry counts.
    pub fn table<V, D>(
        name: impl Into<Cow<'static, str>>,
        source: impl Into<Cow<'static, str>>,
        entries: impl IntoIterator<Item = (V, D)>,
    ) -> Self
    where
        V: Into<Cow<'static, str>>,
        D: Into<Cow<'static, str>>,
    {
        Self {
            name: name.into(),
            source: source.into(),
            rule: Rule::Table(sorted_table(entries)),
            otherwise: None,
        }
    }

    /// The label `name`, by a closure from the values of the label `source`; `None` leaves it out.
    ///
    /// The closure runs on the thread of the write. Should it panic, the value is the sentinel, and
    /// the panic is counted.
    pub fn from_fn<F>(
        name: impl Into<Cow<'static, str>>,
        source: impl Into<Cow<'static, str>>,
        derive: F,
    ) -> Self
    where
        F: for<'a> Fn(&'a str) -> Option<Cow<'a, str>> + Send + Sync + 'static,
    {
        Self {
            name: name.into(),
            source: source.into(),
            rule: Rule::Closure(Closure(Arc::new(derive))),
            otherwise: None,
        }
    }

    /// The value where the table or the closure has none. Without it the label is left out.
    pub fn with_otherwise(mut self, value: impl Into<Cow<'static, str>>) -> Self {
        self.otherwise = Some(value.into());
        self
    }

    pub(crate) fn derive<'v>(&'v self, value: &'v str) -> Derivation<'v> {
        let derived = match &self.rule {
            Rule::Table(entries) => look_up(entries, value).map(Cow::Borrowed),
            Rule::Closure(Closure(derive)) => match contained(|| derive(value)) {
                Some(derived) => derived,
                None => return Derivation::Panicked,
            },
        };
        derived
            .or_else(|| self.otherwise.as_deref().map(Cow::Borrowed))
            .map_or(Derivation::Absent, Derivation::Value)
    }
}

/// A table by value, each value once.
pub(super) fn sorted_table<V, D>(entries: impl IntoIterator<Item = (V, D)>) -> Arc<[(Text, Text)]>
where
    V: Into<Text>,
    D: Into<Text>,
{
    let mut table: Vec<(Text, Text)> = entries
        .into_iter()
        .map(|(value, result)| (value.into(), result.into()))
        .collect();
    table.reverse();
    table.sort_by(|(a, _), (b, _)| a.cmp(b));
    table.dedup_by(|(a, _), (b, _)| a == b);
    table.into()
}

pub(super) fn look_up<'t>(table: &'t [(Text, Text)], value: &str) -> Option<&'t str> {
    let at = table.binary_search_by(|(held, _)| held.as_ref().cmp(value));
    let (_, result) = table.get(at.ok()?)?;
    Some(result)
}

/// The same only if it is the same allocation.
#[derive(Clone)]
struct Closure(Arc<DeriveFn>);

type DeriveFn = dyn for<'a> Fn(&'a str) -> Option<Cow<'a, str>> + Send + Sync;

impl PartialEq for Closure {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}
