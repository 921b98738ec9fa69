//! The other end of the connection.

use std::net::SocketAddr;

/// A request extension that says who is at the other end of the connection.
///
/// Put there by whoever accepts connections, since a request does not tell. With `axum::serve` and
/// `ConnectInfo`, point [`with_peer_address`](crate::server::HttpServerBuilder::with_peer_address)
/// at that instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(SocketAddr);

impl PeerAddress {
    /// The other end is at this address.
    #[must_use]
    pub const fn new(address: SocketAddr) -> Self {
        Self(address)
    }

    /// The address.
    #[must_use]
    pub const fn get(self) -> SocketAddr {
        self.0
    }
}
