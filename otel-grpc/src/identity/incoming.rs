//! Connections of a TLS listener, as tonic takes them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use otel_core::identity::Connection;
use otel_core::identity::tls::{PeerStream, TlsListener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_stream::Stream;
use tonic::transport::server::Connected;

/// The connections of a [`TlsListener`], for `serve_with_incoming`.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use otel_core::telemetry::Telemetry;
/// use otel_core::identity::tls::TlsListener;
/// use otel_grpc::identity::TlsIncoming;
///
/// # async fn run(telemetry: Telemetry, config: Arc<rustls::ServerConfig>) -> Result<(), Box<dyn std::error::Error>> {
/// let tcp = tokio::net::TcpListener::bind("0.0.0.0:8443").await?;
/// let incoming = TlsIncoming::new(TlsListener::new(&telemetry, tcp, config)?);
/// # let (_, health) = tonic_health::server::health_reporter();
/// tonic::transport::Server::builder()
///     .add_service(health)
///     .serve_with_incoming(incoming)
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// The configuration of TLS must offer the protocol `h2` by ALPN.
#[derive(Debug)]
pub struct TlsIncoming {
    listener: TlsListener,
}

impl TlsIncoming {
    /// Gives a listener the shape tonic wants.
    #[must_use]
    pub const fn new(listener: TlsListener) -> Self {
        Self { listener }
    }
}

impl Stream for TlsIncoming {
    type Item = io::Result<TonicStream>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let accepted = self.get_mut().listener.poll_accept(cx);
        accepted.map(|stream| stream.map(|inner| Ok(TonicStream { inner })))
    }
}

/// A connection with its peer, which tonic leaves with every call.
#[derive(Debug)]
pub struct TonicStream {
    inner: PeerStream<TcpStream>,
}

impl Connected for TonicStream {
    type ConnectInfo = Connection;

    fn connect_info(&self) -> Connection {
        self.inner.connection().clone()
    }
}

impl AsyncRead for TonicStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for TonicStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
