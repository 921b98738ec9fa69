//! HTTP layers over real connections.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected has failed"
)]

mod ask;
mod client;
mod client_calls;
mod ending_matrix;
mod forwarded;
mod handle;
mod health;
#[cfg(feature = "axum-server")]
mod identity;
mod layers;
mod long_heads;
mod metric_names;
mod nesting;
mod routes;
mod scripted_body;
mod selection;
mod semantic_conventions;
mod trace_headers;
mod wire;
