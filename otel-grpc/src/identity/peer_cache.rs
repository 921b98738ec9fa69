//! Peers by their certificates, where a server gives no hook for a connection.
//!
//! tonic's own TLS leaves the chain with every request and says nothing of the connection. The chain
//! is one `Arc` for all of them, so its address names the connection, as long as the `Arc` is held:
//! an entry holds it, and the address cannot become that of another chain while it is cached.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use otel_core::identity::Connection;
use tonic::transport::CertificateDer;

/// The certificates of a connection, as tonic holds them.
pub(super) type Chain = Arc<Vec<CertificateDer<'static>>>;

const SHARDS: usize = 16;
/// Connections of a shard that are remembered. Past it one that lives may be read again.
const MAX_ENTRIES: usize = 256;

/// The connections whose chain was read.
#[derive(Debug, Default)]
pub(super) struct PeerCache {
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Debug, Default)]
struct Shard {
    known: HashMap<usize, (Chain, Connection)>,
}

impl PeerCache {
    /// The connection of a chain; made by `read` at the first sight.
    pub(super) fn connection(
        &self,
        chain: Chain,
        read: impl FnOnce(&Chain) -> Connection,
    ) -> Connection {
        let address = Arc::as_ptr(&chain).addr();
        // Allocations are aligned: the low bits say nothing.
        let shard = self.shards.get(address >> 6 & (SHARDS - 1));
        let Some(shard) = shard else {
            return read(&chain);
        };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, connection)) = shard.known.get(&address) {
            return connection.clone();
        }
        let connection = read(&chain);
        shard.forget_closed();
        shard.known.insert(address, (chain, connection.clone()));
        connection
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        let count = |shard: &Mutex<Shard>| shard.lock().unwrap().known.len();
        self.shards.iter().map(count).sum()
    }
}

impl Shard {
    /// Drops what only the cache holds on to; at the limit, one that is in use.
    fn forget_closed(&mut self) {
        self.known
            .retain(|_, (chain, _)| Arc::strong_count(chain) > 1);
        if self.known.len() >= MAX_ENTRIES
            && let Some(any) = self.known.keys().next().copied()
        {
            self.known.remove(&any);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn connection(number: u16) -> Connection {
        Connection::tcp(SocketAddr::from(([127, 0, 0, 1], number)))
    }

    fn chain(byte: u8) -> Chain {
        Arc::new(vec![CertificateDer::from(vec![byte])])
    }

    #[test]
    fn a_chain_is_read_once() {
        let cache = PeerCache::default();
        let chain = chain(1);
        let mut reads = 0;
        for _ in 0..3 {
            let found = cache.connection(Arc::clone(&chain), |_| {
                reads += 1;
                connection(7)
            });
            assert_eq!(found.remote_addr().unwrap().port(), 7);
        }
        assert_eq!(reads, 1);
    }

    #[test]
    fn an_address_that_is_used_again_is_another_connection() {
        let cache = PeerCache::default();
        for round in 0..2000_u16 {
            // Dropped at the end of each round: the allocator hands the same place out again, unless
            // the cache holds it.
            let chain = chain(round.to_le_bytes()[0]);
            let found = cache.connection(Arc::clone(&chain), |chain| {
                assert_eq!(chain[0].as_ref(), [round.to_le_bytes()[0]]);
                connection(round)
            });
            assert_eq!(found.remote_addr().unwrap().port(), round);
        }
        assert!(cache.len() <= SHARDS);
    }

    #[test]
    fn it_stays_bounded_while_every_connection_lives() {
        let cache = PeerCache::default();
        let chains: Vec<_> = (0..20_000).map(|_| chain(0)).collect();
        for chain in &chains {
            let _ = cache.connection(Arc::clone(chain), |_| connection(1));
        }
        assert!(cache.len() <= SHARDS * MAX_ENTRIES);
    }
}
