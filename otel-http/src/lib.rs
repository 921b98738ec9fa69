//! Tower layers for HTTP servers and clients.
//!
//! [`HttpServerLayer`] wraps any `tower::Service` of `http` requests (axum, plain hyper, a bare
//! service) and sees every request to its true end: the last frame of its body, an error, a timeout,
//! a client that left, a panic, an upgrade. The span, `http.server.request.duration`, the number in
//! flight and the log line of a request carry the same verdict.
//!
//! ```
//! use otel_core::telemetry::Telemetry;
//! use otel_http::HttpServerLayer;
//! use tower_layer::Layer;
//!
//! # fn main() -> Result<(), otel_core::ConfigError> {
//! let telemetry = Telemetry::builder().build()?;
//! # #[derive(Clone)] struct Service;
//! let service = HttpServerLayer::new(&telemetry).layer(Service);
//! # let _ = service;
//! # Ok(())
//! # }
//! ```
//!
//! Put timeouts, panic catchers and compression *inside* this layer, so that it judges what the
//! client was really sent.
//!
//! # Features
//!
//! - `axum`: routes from axum's `MatchedPath`, see the module of that name.
//! - `hyper`, `tower`: the errors of those crates have names of their own in `error.type`; `tower`
//!   tells timeouts and shed requests, which are outcomes of their own.
//! - `health`: liveness and readiness, see the module of that name.
//! - `rustls`: with `axum`, a TLS listener that knows its peers, see [`identity`].
#![forbid(unsafe_code)]

mod attributes;
#[cfg(feature = "axum")]
pub mod axum;
pub mod client;
mod deadline;
mod error_type;
mod forwarded_trust;
#[cfg(feature = "health")]
pub mod health;
pub mod identity;
mod metrics;
mod operation;
mod peer_address;
mod response_header;
mod rollout;
pub mod route;
pub mod server;

pub use client::HttpClientLayer;
pub use deadline::Deadline;
pub use forwarded_trust::ForwardedTrust;
pub use metrics::MetricNames;
pub use peer_address::PeerAddress;
pub use response_header::TraceHeader;
pub use rollout::Rollout;
pub use server::HttpServerLayer;

/// Compiles the examples of the documents that use several crates at once.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../README.md")]
    struct Readme;
}
