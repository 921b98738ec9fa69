//! What is said of a family.

use std::borrow::Cow;

use super::Text;
use super::derived::DerivedLabel;
use super::expiry::Expiry;
use super::gauge_fold::GaugeFold;
use super::label_policy::LabelPolicy;
use super::shape_action::{ShapeAction, ShapeActions};
use crate::cardinality::ValueShape;

/// The rules for the families of one [`FamilyMatch`](super::FamilyMatch).
///
/// What a policy leaves open is as the family's
/// [`Descriptor`](crate::registry::Descriptor) declares it, and else as the
/// [`Budget`](crate::cardinality::Budget) of the registry says. Nothing is inherited from another
/// policy: clone one to build on it.
///
/// ```
/// use otel_core::cardinality::{LabelPolicy, Policy, ShapeAction};
///
/// let server = Policy::new()
///     .with_kept_labels(["http.route", "http.request.method", "http.response.status_code"])
///     .with_protected_labels(["http.response.status_code"])
///     .with_shapes(ShapeAction::Replace)
///     .add_label("http.route", LabelPolicy::new().with_values(200));
/// # let _ = server;
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a policy does nothing until it is part of a set"]
pub struct Policy {
    pub(super) kept: Option<Vec<Text>>,
    pub(super) kept_patterns: Vec<Text>,
    pub(super) dropped: Vec<Text>,
    pub(super) dropped_patterns: Vec<Text>,
    pub(super) renames: Vec<(Text, Text)>,
    pub(super) max_labels: Option<usize>,
    pub(super) series: Option<usize>,
    pub(super) label_values: Option<usize>,
    pub(super) protected: Option<Vec<Text>>,
    pub(super) labels: Vec<(Text, LabelPolicy)>,
    pub(super) derived: Vec<DerivedLabel>,
    pub(super) shapes: ShapeActions,
    pub(super) drop_above: Option<u64>,
    pub(super) expiry: Expiry,
    pub(super) fixed: bool,
    pub(super) gauge_fold: GaugeFold,
    pub(super) denied: bool,
}

impl Policy {
    /// No rules: the budgets alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// For devices with little memory: every identifier becomes its template, a label set has at most
    /// eight labels, and nothing is spent on finding heavy values to promote.
    pub fn edge() -> Self {
        Self::new()
            .with_shapes(ShapeAction::Replace)
            .with_max_labels(8)
            .without_promotion()
    }

    /// Drops every label but these, and those a pattern keeps. None at all makes one series.
    pub fn with_kept_labels<L>(mut self, labels: impl IntoIterator<Item = L>) -> Self
    where
        L: Into<Cow<'static, str>>,
    {
        self.kept = Some(labels.into_iter().map(Into::into).collect());
        self
    }

    /// A pattern for exposed names of labels to keep; others are dropped.
    pub fn add_kept_pattern(mut self, pattern: impl Into<Cow<'static, str>>) -> Self {
        self.kept_patterns.push(pattern.into());
        self
    }

    /// Drops these labels.
    pub fn with_dropped_labels<L>(mut self, labels: impl IntoIterator<Item = L>) -> Self
    where
        L: Into<Cow<'static, str>>,
    {
        self.dropped = labels.into_iter().map(Into::into).collect();
        self
    }

    /// A pattern for exposed names of labels to drop.
    pub fn add_dropped_pattern(mut self, pattern: impl Into<Cow<'static, str>>) -> Self {
        self.dropped_patterns.push(pattern.into());
        self
    }

    /// Calls a label by another name. Two labels may take the same; then the later value counts.
    ///
    /// Labels are kept and dropped by the name the caller uses. Everything else a policy says of a
    /// label goes by the new one.
    pub fn add_rename(
        mut self,
        label: impl Into<Cow<'static, str>>,
        name: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.renames.push((label.into(), name.into()));
        self
    }

    /// Labels of one series, from 1 to 16; never more than the budget of the registry allows.
    pub const fn with_max_labels(mut self, labels: usize) -> Self {
        self.max_labels = Some(labels);
        self
    }

    /// Series of a family, its overflow series included. From 1 to 524,288.
    pub const fn with_series_budget(mut self, series: usize) -> Self {
        self.series = Some(series);
        self
    }

    /// Distinct values of each label for which neither a [`LabelPolicy`] nor the descriptor says a
    /// number.
    pub const fn with_label_values(mut self, values: usize) -> Self {
        self.label_values = Some(values);
        self
    }

    /// Labels that keep their value when the family is over its series budget, in place of those the
    /// descriptor names.
    pub fn with_protected_labels<L>(mut self, labels: impl IntoIterator<Item = L>) -> Self
    where
        L: Into<Cow<'static, str>>,
    {
        self.protected = Some(labels.into_iter().map(Into::into).collect());
        self
    }

    /// The rules for the values of one label.
    pub fn add_label(mut self, label: impl Into<Cow<'static, str>>, policy: LabelPolicy) -> Self {
        self.labels.push((label.into(), policy));
        self
    }

    /// A label made from another.
    pub fn add_derived(mut self, label: DerivedLabel) -> Self {
        self.derived.push(label);
        self
    }

    /// What is done about values of any shape, in every label. Default: [`ShapeAction::Report`].
    pub const fn with_shapes(mut self, action: ShapeAction) -> Self {
        self.shapes.set_all(action);
        self
    }

    /// What is done about values of one shape, before what is said of all.
    pub fn with_shape(mut self, shape: ValueShape, action: ShapeAction) -> Self {
        self.shapes.set(shape, action);
        self
    }

    /// Drops a label once it is estimated to have more distinct values, unless it is protected or
    /// its [`LabelPolicy`] says otherwise.
    pub const fn with_drop_above(mut self, distinct: u64) -> Self {
        self.drop_above = Some(distinct);
        self
    }

    /// When idle series are hidden. Default: never.
    pub const fn with_expiry(mut self, expiry: Expiry) -> Self {
        self.expiry = expiry;
        self
    }

    /// Leaves series to whoever came first, so that no folded value takes the place of an idle one.
    pub const fn without_promotion(mut self) -> Self {
        self.fixed = true;
        self
    }

    /// What a gauge says where several label sets are folded into one. Default: nothing.
    pub const fn with_gauge_fold(mut self, fold: GaugeFold) -> Self {
        self.gauge_fold = fold;
        self
    }

    /// Takes the writes of the family, counts them as denied, and exposes nothing.
    pub const fn denied(mut self) -> Self {
        self.denied = true;
        self
    }
}
