//! Behaviour of the crate through its public API.

mod propagation;
mod registry;
