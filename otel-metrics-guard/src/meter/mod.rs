//! The door for the OTel metrics API: its instruments write to the guarded registry.
//!
//! Libraries measure with `opentelemetry::metrics` without knowing which provider the application
//! installed. [`MeterProvider`] keeps their numbers in a [`Registry`](otel_core::registry::Registry),
//! under its budget, beside those of the other doors, with exemplars, and scraped by the same service;
//! no `opentelemetry_sdk` is involved.
//!
//! Invariant: a measurement in a known series takes no lock and does not allocate here, whatever the
//! types and the order of its attributes, as long as there are at most 16.
//!
//! Bound instruments (`Counter::bind`) are behind an experimental feature of the API. A provider
//! compiled without knowing them would, once any crate of the program turns the feature on, inherit
//! handles that drop what they are given. This crate therefore turns it on itself.

mod array_text;
mod attributes;
mod boundaries;
mod builder;
mod instruments;
mod measure;
mod observable;
mod provider;

pub use builder::MeterProviderBuilder;
pub use provider::MeterProvider;
