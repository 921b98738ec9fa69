//! The OpenTelemetry context at the edges of its life.

mod alive;

pub use alive::is_context_alive;
