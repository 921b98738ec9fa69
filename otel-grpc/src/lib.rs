//! Tower layers for gRPC servers and clients.
//!
//! A gRPC call tells how it went in its trailers, after the last message. [`GrpcServerLayer`] and
//! [`GrpcClientLayer`] follow a call that far: span, duration, number in flight and log line cover
//! the whole stream and carry its final status. A call that ends without a status is not `OK`; one
//! whose deadline passed is `DEADLINE_EXCEEDED`, even where the server library says `CANCELLED`; a
//! panic is told apart from a client that left.
//!
//! The layers work on `http` requests and know no server library: they fit `tonic`'s
//! `Server::builder().layer(..)`, a single service, and a client `Channel`.
//!
//! ```
//! use otel_core::telemetry::Telemetry;
//! use otel_grpc::GrpcServerLayer;
//! use tower_layer::Layer;
//!
//! # fn main() -> Result<(), otel_core::ConfigError> {
//! let telemetry = Telemetry::builder().build()?;
//! # #[derive(Clone)] struct Service;
//! let service = GrpcServerLayer::builder(&telemetry)
//!     .with_methods(["shop.v1.Orders/Get", "shop.v1.Orders/Watch"])
//!     .build()?
//!     .layer(Service);
//! # let _ = service;
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! - `tonic`: connections of tonic's listeners, see [`identity`].
//! - `tonic-tls`: the same with the peers of tonic's own TLS.
//! - `rustls`: with `tonic`, a TLS listener that knows its peers.
#![forbid(unsafe_code)]

pub mod client;
mod deadline;
mod head;
pub mod identity;
mod method;
mod operation;
pub mod server;

pub use client::GrpcClientLayer;
pub use head::GrpcHead;
pub use server::GrpcServerLayer;
