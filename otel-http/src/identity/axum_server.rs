//! TLS and peers for `axum_server::Server`.

use std::future::Future;
use std::io;
use std::pin::Pin;

use axum_server::accept::Accept;
use otel_core::identity::Connection;
use otel_core::identity::tls::{Handshaker, PeerStream};
use tokio::net::TcpStream;

use super::WithConnection;

/// An acceptor that shakes hands and leaves the connection with each request.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use otel_core::telemetry::Telemetry;
/// use otel_core::identity::tls::Handshaker;
/// use otel_http::identity::PeerAcceptor;
///
/// # async fn run(telemetry: Telemetry, config: Arc<rustls::ServerConfig>) -> std::io::Result<()> {
/// let app = axum::Router::<()>::new();
/// axum_server::bind("0.0.0.0:8443".parse::<std::net::SocketAddr>().unwrap())
///     .acceptor(PeerAcceptor::new(Handshaker::new(&telemetry, config)))
///     .serve(app.into_make_service())
///     .await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PeerAcceptor {
    handshaker: Handshaker,
}

impl PeerAcceptor {
    /// An acceptor that shakes hands like this.
    #[must_use]
    pub const fn new(handshaker: Handshaker) -> Self {
        Self { handshaker }
    }
}

impl<S: Send + 'static> Accept<TcpStream, S> for PeerAcceptor {
    type Stream = PeerStream<TcpStream>;
    type Service = WithConnection<S>;
    type Future =
        Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send + 'static>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let handshaker = self.handshaker.clone();
        Box::pin(async move {
            let remote = stream.peer_addr()?;
            let stream = handshaker.accept(stream, Connection::tcp(remote)).await?;
            let service = WithConnection::new(service, stream.connection().clone());
            Ok((stream, service))
        })
    }
}
