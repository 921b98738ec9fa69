//! Helpers for the tests of the suite.
//!
//! The library crates forbid `unsafe`; what a test needs of it lives here and nowhere else.

pub mod alloc;
