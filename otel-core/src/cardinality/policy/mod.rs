//! What an operator says of families and labels, in code.
//!
//! A [`Budget`](super::Budget) alone keeps a process alive; a policy says what is worth keeping. A
//! [`PolicySet`] holds one [`Policy`] for each [`FamilyMatch`], a policy holds a [`LabelPolicy`] for
//! each label of which there is something to say, and everything is checked when the set is built.
//!
//! What a policy does to a label set, in this order:
//!
//! 1. labels are kept or dropped by name, then renamed, and derived labels are added;
//! 2. each value is looked up among the pinned ones, and otherwise runs through the normalizers;
//! 3. the result is held against the pinned, denied and allowed values, then against the shapes;
//! 4. budgets, protection and promotion apply to what is left.
//!
//! Patterns are regular expressions in linear time that match a whole name or value, as in the
//! relabelling rules of Prometheus. Label names mean the same in every spelling: `http.route` is
//! `http_route`.

mod compile;
mod derived;
mod expiry;
mod family_match;
mod gauge_fold;
mod label_policy;
mod normalizer;
mod pattern;
mod plan;
#[expect(
    clippy::module_inception,
    reason = "the file is named for the type in it"
)]
mod policy;
mod policy_set;
mod preview;
mod replacement;
mod shape_action;
mod step;
#[cfg(test)]
mod tests;
mod value_rules;

pub use derived::DerivedLabel;
pub use expiry::Expiry;
pub use family_match::FamilyMatch;
pub use gauge_fold::GaugeFold;
pub use label_policy::LabelPolicy;
pub use normalizer::Normalizer;
pub use policy::Policy;
pub use policy_set::{PolicySet, PolicySetBuilder};
pub use shape_action::ShapeAction;

pub(crate) use self::{
    derived::Derivation,
    plan::{Declared, LabelPlan, Plan},
    value_rules::{Rule, Scratch as ValueScratch, ValueRules, Verdict},
};

/// A name or value as a builder takes it.
type Text = std::borrow::Cow<'static, str>;
