//! Adapters to `opentelemetry_sdk`, for the application that owns it.
//!
//! A library never needs this module: the layers speak to the OpenTelemetry API alone.

mod account;
mod resource;

pub use account::{AccountedExporter, AccountedProcessor, SpanAccount, SpanReport};
pub use resource::to_sdk_resource;
