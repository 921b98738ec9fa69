//! The peers of tonic's own TLS.

use std::sync::Arc;
use std::time::SystemTime;

use http::Extensions;
use otel_core::identity::{Connection, PeerIdentity};
use otel_core::telemetry::Telemetry;
use tonic::transport::server::TlsConnectInfo;

use super::peer_cache::{Chain, PeerCache};

/// Reads the certificates tonic leaves with each call, once a connection.
pub(super) struct OwnTls {
    telemetry: Telemetry,
    cache: PeerCache,
}

impl OwnTls {
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        Self {
            telemetry: telemetry.clone(),
            cache: PeerCache::default(),
        }
    }

    /// The connection of a call over TLS over streams with a `T`.
    pub(super) fn connection<T>(
        &self,
        extensions: &Extensions,
        connection: impl Fn(&T) -> Connection,
    ) -> Option<Connection>
    where
        T: Clone + Send + Sync + 'static,
    {
        let info = extensions.get::<TlsConnectInfo<T>>()?;
        let Some(chain) = info.peer_certs() else {
            return Some(connection(info.get_ref()));
        };
        let now = self.telemetry.clock().wall();
        Some(self.cache.connection(chain, |chain| {
            with_peer(connection(info.get_ref()), chain, now)
        }))
    }
}

/// The leaf alone: of what a client presented, nothing above it is known to be proven.
fn with_peer(connection: Connection, chain: &Chain, now: SystemTime) -> Connection {
    let leaf = chain.get(..1).unwrap_or_default();
    match PeerIdentity::of_chain(leaf, now) {
        Some(peer) => connection.with_peer(Arc::new(peer)),
        None => connection,
    }
}
