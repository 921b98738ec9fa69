//! `axum::serve` over TLS.

use std::convert::Infallible;
use std::future::{Ready, pending, ready};
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use axum::serve::{IncomingStream, Listener};
use otel_core::identity::tls::{self, PeerStream};
use tokio::net::TcpStream;
use tower_service::Service;

use super::WithConnection;

/// A [`tls::TlsListener`] for `axum::serve`.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use otel_core::telemetry::Telemetry;
/// use otel_core::identity::tls;
/// use otel_http::identity::{TlsListener, make_service};
///
/// # async fn run(telemetry: Telemetry, config: Arc<rustls::ServerConfig>) -> std::io::Result<()> {
/// let app = axum::Router::<()>::new();
/// let tcp = tokio::net::TcpListener::bind("0.0.0.0:8443").await?;
/// let listener = TlsListener::new(tls::TlsListener::new(&telemetry, tcp, config)?);
/// axum::serve(listener, make_service(app)).await
/// # }
/// ```
#[derive(Debug)]
pub struct TlsListener {
    inner: tls::TlsListener,
}

impl TlsListener {
    /// Gives a listener the shape axum wants.
    #[must_use]
    pub const fn new(inner: tls::TlsListener) -> Self {
        Self { inner }
    }
}

impl Listener for TlsListener {
    type Io = PeerStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.inner.accept().await {
            Some(stream) => {
                let remote = stream.connection().remote_addr();
                let local = self.inner.local_addr();
                (stream, remote.unwrap_or(local))
            }
            // The runtime is going down, and this task with it.
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.inner.local_addr())
    }
}

/// Makes the service of each connection of a [`TlsListener`]: its requests have the connection among
/// their extensions.
pub const fn make_service<S>(service: S) -> MakeConnectionService<S> {
    MakeConnectionService { service }
}

/// Made by [`make_service`].
#[derive(Clone, Debug)]
pub struct MakeConnectionService<S> {
    service: S,
}

impl<S: Clone> Service<IncomingStream<'_, TlsListener>> for MakeConnectionService<S> {
    type Response = WithConnection<S>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, stream: IncomingStream<'_, TlsListener>) -> Self::Future {
        let connection = stream.io().connection().clone();
        ready(Ok(WithConnection::new(self.service.clone(), connection)))
    }
}
