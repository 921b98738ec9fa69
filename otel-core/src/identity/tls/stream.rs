//! A TLS stream that knows its peer.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::server::TlsStream;

use super::early::EarlyData;
use crate::identity::Connection;

/// A connection whose handshake has succeeded. Made by a [`Handshaker`](super::Handshaker) or a
/// [`TlsListener`](super::TlsListener).
pub struct PeerStream<IO> {
    tls: TlsStream<IO>,
    connection: Connection,
    early: EarlyData,
}

impl<IO> PeerStream<IO> {
    pub(super) const fn new(tls: TlsStream<IO>, connection: Connection, early: EarlyData) -> Self {
        Self {
            tls,
            connection,
            early,
        }
    }

    /// The connection, to leave with its requests.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The stream below, and the TLS session.
    #[must_use]
    pub fn get_ref(&self) -> (&IO, &rustls::ServerConnection) {
        self.tls.get_ref()
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for PeerStream<IO> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.early.is_empty() {
            this.connection.set_early_data(true);
            buf.put_slice(this.early.next(buf.remaining()));
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.tls).poll_read(cx, buf);
        if this.early.was_any() && buf.filled().len() > before {
            this.connection.set_early_data(false);
        }
        polled
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for PeerStream<IO> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().tls).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tls).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tls).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().tls).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.tls.is_write_vectored()
    }
}

impl<IO> fmt::Debug for PeerStream<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerStream")
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}
