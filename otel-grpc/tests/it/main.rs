//! gRPC layers on both ends of real HTTP/2 connections.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

mod context;
mod ending_matrix;
#[cfg(all(feature = "rustls", feature = "tonic-tls"))]
mod identity;
mod methods;
mod row_clock;
mod service;
mod wire;
