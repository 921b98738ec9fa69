//! What the crates of the suite share: the exchange engine, its verdicts, the context on the wire,
//! and the metric store. It is small on purpose: a change here is a change everywhere.
//!
//! An application builds one [`Telemetry`](telemetry::Telemetry) and hands it to the layers of
//! `otel-http` and `otel-grpc`. Whoever writes a layer of their own starts at [`exchange`].
//!
//! | module | holds |
//! |---|---|
//! | [`telemetry`] | the one handle with everything injected; no global is read |
//! | [`exchange`] | one request to its true end, finished exactly once |
//! | [`outcome`] | how endings and status codes become one verdict |
//! | [`context`] | the context of a request through tasks, threads, streams and queues |
//! | [`propagation`] | trace context in eight formats and W3C Baggage, strict; several in an order |
//! | [`registry`], [`cardinality`] | the metric store, bounded under any input and exact in its totals |
//! | [`journal`] | the exchanges that are running |
//! | [`sampling`] | the decision before a span is built |
//! | [`resource`], [`request_id`], [`environment`], [`clock`] | facts all signals share |
//! | [`opentracing`] | tags and log fields of OpenTracing in current names |
//! | [`diagnostics`] | the suite's own faults, counted |
//! | [`semconv`] | every name the suite writes |
//!
//! # Features
//!
//! - `sdk`: adapters for the application that owns `opentelemetry_sdk`: the resource in the SDK's
//!   type, and an exact account of the spans that left the process.
//! - `tokio`: `context::task`, the spawning functions of tokio in the current context.
#![forbid(unsafe_code)]

pub mod cardinality;
pub mod clock;
mod contained;
pub mod context;
pub mod diagnostics;
pub mod environment;
mod error;
pub mod exchange;
pub mod identity;
mod intern;
pub mod journal;
pub mod opentracing;
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
