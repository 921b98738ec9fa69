//! What the crates of the suite share.
#![forbid(unsafe_code)]

pub mod cardinality;
pub mod clock;
pub mod context;
pub mod diagnostics;
pub mod environment;
mod error;
pub mod exchange;
mod intern;
pub mod journal;
pub mod outcome;
pub mod propagation;
pub mod registry;
pub mod request_id;
pub mod resource;
pub mod sampling;
#[cfg(feature = "sdk")]
pub mod sdk;
pub mod semconv;
mod span_starter;
pub mod telemetry;

pub use error::ConfigError;
pub use intern::intern;
#[doc(no_inline)]
pub use opentelemetry;
pub use span_starter::SpanStarter;
