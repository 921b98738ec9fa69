//! One connection, as far as it says who is at its other end.
//!
//! Whoever accepts connections makes one of these for each and leaves it with every request of it.
//! It is one shared value, so that costs a reference count.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::PeerIdentity;

/// The other end of a connection: its address, and who it has proven to be.
///
/// ```
/// use otel_core::identity::Connection;
///
/// let connection = Connection::tcp("192.0.2.7:40112".parse().unwrap());
/// assert!(connection.peer().is_none());
/// ```
#[derive(Clone)]
pub struct Connection {
    shared: Arc<Shared>,
}

struct Shared {
    origin: Origin,
    peer: Option<Arc<PeerIdentity>>,
    early_data: AtomicBool,
}

/// Where a connection comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Tcp(SocketAddr),
    Unix,
    Unknown,
}

impl Connection {
    /// A TCP connection from an address.
    #[must_use]
    pub fn tcp(remote: SocketAddr) -> Self {
        Self::of(Origin::Tcp(remote))
    }

    /// A connection over a Unix domain socket: its other end is on this machine.
    #[must_use]
    pub fn unix() -> Self {
        Self::of(Origin::Unix)
    }

    /// A connection from who knows where.
    #[must_use]
    pub fn unknown() -> Self {
        Self::of(Origin::Unknown)
    }

    fn of(origin: Origin) -> Self {
        Self {
            shared: Arc::new(Shared {
                origin,
                peer: None,
                early_data: AtomicBool::new(false),
            }),
        }
    }

    /// The peer that was verified on the connection. Call it once, where the connection is accepted.
    #[must_use]
    pub fn with_peer(self, peer: impl Into<Arc<PeerIdentity>>) -> Self {
        Self {
            shared: Arc::new(Shared {
                origin: self.shared.origin,
                peer: Some(peer.into()),
                early_data: AtomicBool::new(self.is_early_data()),
            }),
        }
    }

    /// The peer that was verified on the connection.
    #[must_use]
    pub fn peer(&self) -> Option<&Arc<PeerIdentity>> {
        self.shared.peer.as_ref()
    }

    /// The address of the other end, where it has one.
    #[must_use]
    pub fn remote_addr(&self) -> Option<SocketAddr> {
        match self.shared.origin {
            Origin::Tcp(remote) => Some(remote),
            Origin::Unix | Origin::Unknown => None,
        }
    }

    /// Whether what was read last of the connection came in TLS early data: it may be a replay.
    #[must_use]
    pub fn is_early_data(&self) -> bool {
        self.shared.early_data.load(Ordering::Relaxed)
    }

    /// Says whether what is read now came in TLS early data: for a stream that hands such data out.
    pub fn set_early_data(&self, early: bool) {
        self.shared.early_data.store(early, Ordering::Relaxed);
    }

    pub(super) fn is_unix(&self) -> bool {
        self.shared.origin == Origin::Unix
    }

    /// The address, an IPv4 one that came as IPv6 as what it is.
    pub(super) fn remote_ip(&self) -> Option<IpAddr> {
        self.remote_addr().map(|remote| remote.ip().to_canonical())
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("origin", &self.shared.origin)
            .field("peer", &self.shared.peer)
            .finish_non_exhaustive()
    }
}
