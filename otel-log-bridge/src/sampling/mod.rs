//! Which events are written, when not all can be.
//!
//! An event is judged once, for all sinks, outside of `tracing`'s filters, which ask several times.
//! What matters is judged first: audit, rules of the service's own, errors, sampled traces; then
//! shares by level, then a window for each callsite. What was left out is counted and told on the
//! next event of the same callsite that is kept.

mod load;
mod policy;
mod rule;
mod sampler;
mod share;

pub use load::Shedding;
pub(crate) use load::{Change, Controller, Cpu};
pub use policy::{Sampling, SamplingBuilder};
pub use rule::SamplingRule;
pub(crate) use sampler::{Early, Kept, Moment, Sampler};
