//! Deciding which exchanges are recorded.
//!
//! A head sampler speaks before a span exists, so that an exchange nobody will look at builds no
//! name and no attribute.

mod head;

pub use head::{Head, HeadSampler, ParentBased};
