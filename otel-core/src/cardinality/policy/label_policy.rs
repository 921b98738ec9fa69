//! What is said of one label.

use std::borrow::Cow;

use super::Text;
use super::normalizer::Normalizer;
use super::shape_action::{ShapeAction, ShapeActions};
use crate::cardinality::ValueShape;

/// The rules for the values of one label; without any, only its budget applies.
///
/// ```
/// use otel_core::cardinality::{LabelPolicy, ShapeAction};
///
/// let tenant = LabelPolicy::new()
///     .with_values(50)
///     .with_pinned_values(["acme", "initech"])
///     .with_shapes(ShapeAction::Fold);
/// # let _ = tenant;
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a label policy does nothing until it is added to a policy"]
pub struct LabelPolicy {
    pub(super) values: Option<usize>,
    pub(super) pinned: Vec<Text>,
    pub(super) allowed: Vec<Text>,
    pub(super) allowed_patterns: Vec<Text>,
    pub(super) denied: Vec<Text>,
    pub(super) denied_patterns: Vec<Text>,
    pub(super) normalizers: Vec<Normalizer>,
    pub(super) shapes: ShapeActions,
    pub(super) numeric: bool,
    pub(super) drop_above: Option<u64>,
}

impl LabelPolicy {
    /// No rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Distinct values before further ones become [`OTHER`](crate::cardinality::OTHER). At least 1,
    /// and no fewer than there are pinned ones.
    pub const fn with_values(mut self, budget: usize) -> Self {
        self.values = Some(budget);
        self
    }

    /// Values that are never folded nor evicted, whatever other rules say. A value that is sent so is
    /// not normalized either.
    pub fn with_pinned_values<V>(mut self, values: impl IntoIterator<Item = V>) -> Self
    where
        V: Into<Cow<'static, str>>,
    {
        self.pinned = values.into_iter().map(Into::into).collect();
        self
    }

    /// The only values there are, beside pinned ones and what
    /// [`add_allowed_pattern`](Self::add_allowed_pattern) says; others fold. Shapes are not looked
    /// at then.
    pub fn with_allowed_values<V>(mut self, values: impl IntoIterator<Item = V>) -> Self
    where
        V: Into<Cow<'static, str>>,
    {
        self.allowed = values.into_iter().map(Into::into).collect();
        self
    }

    /// A pattern for values that are allowed.
    pub fn add_allowed_pattern(mut self, pattern: impl Into<Cow<'static, str>>) -> Self {
        self.allowed_patterns.push(pattern.into());
        self
    }

    /// Values that fold.
    pub fn with_denied_values<V>(mut self, values: impl IntoIterator<Item = V>) -> Self
    where
        V: Into<Cow<'static, str>>,
    {
        self.denied = values.into_iter().map(Into::into).collect();
        self
    }

    /// A pattern for values that fold.
    pub fn add_denied_pattern(mut self, pattern: impl Into<Cow<'static, str>>) -> Self {
        self.denied_patterns.push(pattern.into());
        self
    }

    /// A step that every value takes, after those added before.
    pub fn add_normalizer(mut self, normalizer: Normalizer) -> Self {
        self.normalizers.push(normalizer);
        self
    }

    /// What is done about values of any shape, in place of what the [`Policy`](super::Policy) says.
    pub const fn with_shapes(mut self, action: ShapeAction) -> Self {
        self.shapes.set_all(action);
        self
    }

    /// What is done about values of one shape, before what is said of all.
    pub fn with_shape(mut self, shape: ValueShape, action: ShapeAction) -> Self {
        self.shapes.set(shape, action);
        self
    }

    /// Its values are numbers by nature (a port, a size), so a number is no identifier.
    pub const fn with_numbers(mut self) -> Self {
        self.numeric = true;
        self
    }

    /// Drops the label, with its values to come, once it is estimated to have more distinct ones.
    pub const fn with_drop_above(mut self, distinct: u64) -> Self {
        self.drop_above = Some(distinct);
        self
    }
}
