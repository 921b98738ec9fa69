//! What is done to the values of one label, compiled.

use super::pattern::TextSet;
use super::shape_action::ShapeAction;
use super::step::{MAX_VALUE, Made, Step};
use crate::cardinality::value_shape::write_template;
use crate::cardinality::{OTHER, ValueShape, cut};

/// The rules for the values of one label, where there are any.
#[derive(Debug)]
pub(crate) struct ValueRules {
    pub(super) pinned: TextSet,
    pub(super) steps: Box<[Step]>,
    pub(super) denied: TextSet,
    /// Empty: everything is allowed.
    pub(super) allowed: TextSet,
    /// Nothing where every shape is only reported.
    pub(super) actions: Option<[ShapeAction; ValueShape::ALL.len()]>,
    /// Numbers have no shape.
    pub(super) numeric: bool,
}

/// What becomes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict<'v> {
    /// It goes on, perhaps altered, under the budget of its label.
    Keep(&'v str),
    /// It goes on, never to be folded nor evicted.
    Pinned(&'v str),
    /// It becomes the sentinel.
    Fold,
    /// The label set goes without the label.
    Drop,
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    Pinned,
    /// A normalizer made another value of it.
    Normalized,
    /// A normalizer panicked.
    Panicked,
    Denied,
    NotAllowed,
    Shape(ValueShape),
}

/// A [`Verdict`] and the rule behind it; none where the value passed as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judged<'v> {
    pub(crate) verdict: Verdict<'v>,
    pub(crate) rule: Option<Rule>,
}

/// Room for altered values; one for each thread saves the allocations.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    value: String,
    next: String,
}

impl ValueRules {
    /// Judges a value.
    ///
    /// A pin holds for the value as it was sent as well as for what the normalizers make of it.
    pub(crate) fn apply<'v>(&'v self, value: &'v str, scratch: &'v mut Scratch) -> Judged<'v> {
        if self.pinned.lists(value) {
            return Judged::new(Verdict::Pinned(value), Some(Rule::Pinned));
        }
        let value = cut(value, MAX_VALUE);
        let Scratch { value: held, next } = scratch;
        let mut altered = false;
        for step in &self.steps {
            next.clear();
            match step.apply(if altered { held.as_str() } else { value }, next) {
                Made::Nothing => {}
                Made::Another => {
                    std::mem::swap(held, next);
                    altered = true;
                }
                Made::Panic => return Judged::new(Verdict::Fold, Some(Rule::Panicked)),
            }
        }
        let value = if altered { held.as_str() } else { value };
        let passed = altered.then_some(Rule::Normalized);
        if altered && self.pinned.lists(value) {
            return Judged::new(Verdict::Pinned(value), Some(Rule::Pinned));
        }
        if value.is_empty() {
            return Judged::new(Verdict::Drop, passed);
        }
        if value == OTHER {
            return Judged::new(Verdict::Keep(value), passed);
        }
        if self.denied.contains(value) {
            return Judged::new(Verdict::Fold, Some(Rule::Denied));
        }
        if !self.allowed.is_empty() {
            return if self.allowed.contains(value) {
                Judged::new(Verdict::Keep(value), passed)
            } else {
                Judged::new(Verdict::Fold, Some(Rule::NotAllowed))
            };
        }
        let Some((shape, action)) = self.shape(value) else {
            return Judged::new(Verdict::Keep(value), passed);
        };
        let verdict = match action {
            ShapeAction::Report => return Judged::new(Verdict::Keep(value), passed),
            ShapeAction::Fold => Verdict::Fold,
            ShapeAction::DropLabel => Verdict::Drop,
            ShapeAction::Replace if shape == ValueShape::PathWithIds => {
                next.clear();
                write_template(value, next);
                Verdict::Keep(cut(next, MAX_VALUE))
            }
            ShapeAction::Replace => Verdict::Keep(shape.template()),
        };
        Judged::new(verdict, Some(Rule::Shape(shape)))
    }

    /// Whether a value is never to be folded, as it was sent or once it is normalized.
    pub(crate) fn is_pinned(&self, value: &str) -> bool {
        self.pinned.lists(value)
    }

    fn shape(&self, value: &str) -> Option<(ValueShape, ShapeAction)> {
        let actions = self.actions.as_ref()?;
        let shape = ValueShape::of(value)?;
        if self.numeric && shape.is_number(value) {
            return None;
        }
        Some((shape, *actions.get(shape as usize)?))
    }
}

impl<'v> Judged<'v> {
    const fn new(verdict: Verdict<'v>, rule: Option<Rule>) -> Self {
        Self { verdict, rule }
    }
}
