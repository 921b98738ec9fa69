//! Who called, at a gRPC server.
//!
//! [`GrpcServerBuilder::with_identity`](crate::server::GrpcServerBuilder::with_identity) makes the
//! server layer find the peer of each call. What it needs is the connection:
//!
//! | server | how the connection comes to the call |
//! |---|---|
//! | tonic over rustls | `TlsIncoming` (features `tonic` and `rustls`): the certificate is read once |
//! | tonic's own TCP or Unix socket | `TonicConnections` (feature `tonic`), added to the [`Identify`](otel_core::identity::Identify) |
//! | tonic's own TLS | the same with the feature `tonic-tls` |
//! | tonic over streams of your own | `TonicConnections::add_connect_info`, or a `ConnectInfo` of type [`Connection`](otel_core::identity::Connection) |
//!
//! [`RequireIdentity`] denies the calls of peers that are not allowed.

#[cfg(feature = "tonic")]
mod connections;
#[cfg(all(feature = "tonic", feature = "rustls"))]
mod incoming;
#[cfg(feature = "tonic-tls")]
mod own_tls;
#[cfg(feature = "tonic-tls")]
mod peer_cache;
mod require;

#[cfg(feature = "tonic")]
pub use connections::TonicConnections;
#[cfg(all(feature = "tonic", feature = "rustls"))]
pub use incoming::{TlsIncoming, TonicStream};
pub use require::{RequireFuture, RequireIdentity, RequireIdentityService};
