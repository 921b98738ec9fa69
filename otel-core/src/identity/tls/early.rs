//! TLS early data at a server.
//!
//! What a client sends with its first flight of a resumed session can be sent again by anybody who
//! recorded it. `tokio-rustls` waits for the handshake and then leaves such data where it lies, so it
//! is taken from there and handed out first.

use std::io::Read;

use rustls::ServerConnection;

/// Early data that is taken, bytes; more than a request head has. What goes beyond ends the
/// connection, as a length that was cut would.
const MAX_LEN: usize = 64 * 1024;

/// Data a stream hands out before it reads.
#[derive(Debug, Default)]
pub(super) struct EarlyData {
    bytes: Vec<u8>,
    from: usize,
}

impl EarlyData {
    /// Takes the early data of a connection whose handshake is over; `None` when it is too much.
    pub(super) fn take(connection: &mut ServerConnection) -> Option<Self> {
        let mut bytes = Vec::new();
        if let Some(early) = connection.early_data() {
            let limit = u64::try_from(MAX_LEN).unwrap_or(u64::MAX);
            // Reads from memory; at its end rustls says 0.
            early.take(limit + 1).read_to_end(&mut bytes).ok()?;
        }
        (bytes.len() <= MAX_LEN).then_some(Self { bytes, from: 0 })
    }

    /// The next piece, of at most so many bytes.
    pub(super) fn next(&mut self, limit: usize) -> &[u8] {
        let from = self.from;
        self.from = from.saturating_add(limit).min(self.bytes.len());
        self.bytes.get(from..self.from).unwrap_or_default()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.from >= self.bytes.len()
    }

    /// Whether there was any.
    pub(super) const fn was_any(&self) -> bool {
        !self.bytes.is_empty()
    }
}
