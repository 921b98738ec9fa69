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
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "the report of the registry is not built on it yet"
    )
)]
mod estimate;
mod hasher;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "promotion is not part of the registry yet")
)]
mod heavy_hitters;
mod label;
mod label_set;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the registry does not ask for a plan yet")
)]
mod policy;
mod shape;
mod value_shape;

pub use budget::{Budget, OTHER};
pub use policy::{
    DerivedLabel, Expiry, FamilyMatch, GaugeFold, LabelPolicy, Normalizer, Policy, PolicySet,
    PolicySetBuilder, ShapeAction,
};
pub use value_shape::{MaskedValue, ValueShape};

pub(crate) use budget::{MAX_LABEL_NAMES, MAX_LABELS};
pub(crate) use bytes::{same, strip};
pub(crate) use cut::cut;
pub(crate) use hasher::{Key, LabelHasher};
pub(crate) use label::{Label, Labels, is_reserved_label, same_label, sanitize_label};
pub(crate) use label_set::{LabelLimits, LabelSet, Oddities};
pub(crate) use shape::{Shape, Shapes};
