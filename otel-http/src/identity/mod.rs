//! Who called, at an HTTP server.
//!
//! [`HttpServerBuilder::with_identity`](crate::server::HttpServerBuilder::with_identity) makes the
//! server layer find the peer of each request. What it needs is the connection, which a server library
//! knows and a layer does not:
//!
//! | server | how the connection comes to the request |
//! |---|---|
//! | `axum::serve` | `TlsListener` and `make_service` (features `axum` and `rustls`) |
//! | hyper | `otel_core::identity::tls::Handshaker`, and [`WithConnection`] around the service |
//! | axum-server | `PeerAcceptor` (feature `axum-server`) |
//! | axum behind a proxy | `ConnectedAddress` (feature `axum`), added to the [`Identify`](otel_core::identity::Identify) |
//! | any | [`WithConnection`], or a [`Connection`](otel_core::identity::Connection) in the extensions |
//!
//! [`RequireIdentity`] denies the requests of peers that are not allowed.

#[cfg(feature = "axum-server")]
mod axum_server;
#[cfg(feature = "axum")]
mod connect_info;
mod require;
#[cfg(all(feature = "axum", feature = "rustls"))]
mod tls_listener;
mod with_connection;

#[cfg(feature = "axum-server")]
pub use axum_server::PeerAcceptor;
#[cfg(feature = "axum")]
pub use connect_info::ConnectedAddress;
pub use require::{RequireFuture, RequireIdentity, RequireIdentityService};
#[cfg(all(feature = "axum", feature = "rustls"))]
pub use tls_listener::{MakeConnectionService, TlsListener, make_service};
pub use with_connection::WithConnection;
