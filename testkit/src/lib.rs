//! Helpers for the tests of the suite.
//!
//! The library crates forbid `unsafe`; what a test needs of it lives here, in [`alloc`], and
//! nowhere else.

pub mod alloc;
#[cfg(feature = "pki")]
pub mod pki;
mod probe;
mod tears;

pub use probe::{End, Probe, Series, SpanVerdict, Verdicts};
pub use tears::{Tear, tears};
