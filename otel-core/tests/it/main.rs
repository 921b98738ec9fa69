//! Behaviour of the crate through its public API.

mod registry;
