//! gRPC layers on both ends of real HTTP/2 connections.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

mod conformance;
mod context;
mod echo;
mod ending_matrix;
#[cfg(all(feature = "rustls", feature = "tonic-tls"))]
mod identity;
mod messages;
mod methods;
mod names;
mod native;
mod pipeline;
mod placement;
mod row_clock;
mod service;
mod streams;
mod wire;
