//! HTTP layers over real connections.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

mod client;
mod ending_matrix;
#[cfg(feature = "axum-server")]
mod identity;
mod long_heads;
mod routes;
mod scripted_body;
mod wire;
