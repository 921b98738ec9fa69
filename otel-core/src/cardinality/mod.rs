//! The guard: how many series a process may hold, and where a label set goes when it is too many.
//!
//! A label value taken from outside (a path, a tenant, an address) can take any number of values,
//! and every one of them costs memory here, bandwidth on the wire and an index entry in the
//! backend. The guard decides once, when a label set is first seen: a value beyond the budget of
//! its label becomes [`OTHER`] for that label only, and a label set beyond the budget of its family
//! keeps its protected labels. Every write lands in exactly one series, so additive totals stay
//! exact, and no structure grows with what was sent.
//!
//! This module holds the rules ([`Budget`], [`PolicySet`]) and the state of each label; the series themselves
//! are in [`registry`](crate::registry).

mod admitted;
mod budget;
mod bytes;
mod cut;
mod estimate;
mod hasher;
mod heavy_hitters;
mod label;
mod label_set;
mod policy;
mod scratch;
mod shape;
mod sketches;
mod stripes;
mod value_shape;

pub use budget::{Budget, OTHER};
pub use policy::{
    DerivedLabel, Expiry, FamilyMatch, GaugeFold, LabelPolicy, Normalizer, Policy, PolicySet,
    PolicySetBuilder, ShapeAction,
};
pub use value_shape::{MaskedValue, ValueShape};

pub(crate) use admitted::Standing;
pub(crate) use budget::{MAX_LABEL_NAMES, MAX_LABELS};
pub(crate) use bytes::{same, strip};
pub(crate) use cut::cut;
pub(crate) use hasher::{AtomicKey, Key, LabelHasher};
pub(crate) use heavy_hitters::HeavyHitter;
pub(crate) use label::{Known, Label, Labels, is_reserved_label, same_label, sanitize_label};
pub(crate) use label_set::{LabelLimits, LabelSet, Oddities, Reading};
#[cfg(test)]
pub(crate) use policy::LabelPlan;
pub(crate) use policy::{Declared, Plan};
pub(crate) use scratch::Scratch;
pub(crate) use shape::{Column, Shape, Shapes};
pub(crate) use sketches::Sketches;
pub(crate) use stripes::Stripes;
