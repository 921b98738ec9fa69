//! The door for the `metrics` facade: its macros write to the guarded registry.
//!
//! Libraries measure with `counter!`, `gauge!` and `histogram!` without knowing who keeps the
//! numbers. [`Recorder`] keeps them in a [`Registry`](otel_core::registry::Registry), so that they are
//! bounded, scraped and led back to a trace like every other measurement, and no call site changes.
//!
//! Invariant: a key that is known costs no allocation and takes no lock here. What the recorder
//! remembers is bounded, whatever names and labels it is given; forgetting never changes a total.

mod bucket_rules;
mod builder;
mod families;
mod forward;
mod handle;
mod install_error;
mod instrument;
mod known_keys;
#[cfg(feature = "metrics-util")]
mod layer;
mod names;
#[expect(
    clippy::module_inception,
    reason = "the file is named for the type in it"
)]
mod recorder;
mod spelling;
mod totals;
mod unit;

pub(crate) use bucket_rules::BucketRules;
pub use builder::RecorderBuilder;
pub use install_error::InstallError;
#[cfg(feature = "metrics-util")]
pub use layer::RecorderLayer;
pub use recorder::Recorder;
