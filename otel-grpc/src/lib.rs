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
//! # What is off until asked for
//!
//! Counting messages ([`with_messages`](server::GrpcServerBuilder::with_messages)), their events,
//! gRPC's own metrics, captured metadata, error messages, segments of long streams, gRPC-Web, who
//! made a call ([`identity`]). A layer that is asked for none of them adds no allocation to a call
//! beyond those of its span.
//!
//! # Features
//!
//! - `tonic`: reads the status in `tonic`'s errors and the code an HTTP/2 stream was reset with,
//!   takes an `Endpoint` for the address of a server, counts messages over a `Channel`, finds the
//!   connections of tonic's listeners (see [`identity`]). Without it a call that ends in an error
//!   instead of a status is `UNKNOWN`, with the error's type.
//! - `tonic-tls`: the same with the peers of tonic's own TLS.
//! - `rustls`: with `tonic`, a TLS listener that knows its peers.
#![forbid(unsafe_code)]

mod attempts;
mod body;
mod call;
pub mod client;
mod deadline;
mod descriptor_set;
mod ends;
mod error_message;
mod failure;
mod filter;
mod followed;
pub mod frames;
mod future;
mod headers;
pub mod identity;
mod legacy;
mod metadata;
mod method;
mod native;
mod operation;
mod proof;
pub mod request;
pub mod server;
mod settings;
mod stream_policy;
mod target;
mod tracking;
mod watch;
mod web_trailers;

pub use body::GrpcBody;
pub use call::{GrpcCall, Traffic};
pub use client::{GrpcCallLayer, GrpcClientLayer};
pub use future::GrpcFuture;
pub use server::GrpcServerLayer;
pub use stream_policy::StreamPolicy;
pub use watch::Watch;
