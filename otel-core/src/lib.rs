//! What the crates of the suite share.
#![forbid(unsafe_code)]

pub mod cardinality;
pub mod clock;
mod error;
pub mod propagation;
pub mod registry;

pub use error::ConfigError;
#[doc(no_inline)]
pub use opentelemetry;
