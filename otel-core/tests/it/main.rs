//! Behaviour of the crate through its public API.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

mod cardinality;
mod context;
mod exchange;
mod opentracing;
mod identity;
mod outcome;
mod propagation;
mod registry;
