//! The memory of the chunks that are given out.
//!
//! A chunk's memory comes back when its reader drops it, so a reader who keeps up is served from a few
//! buffers however long the exposition is. Invariant: a buffer is written to only when no chunk of it is
//! left.

use bytes::{Bytes, BytesMut};

/// Buffers that are lent out as chunks.
#[derive(Debug, Default)]
pub(crate) struct ChunkPool {
    buffers: [BytesMut; BUFFERS],
    /// The buffer to give up when the reader holds more chunks than there are buffers.
    oldest: usize,
}

impl ChunkPool {
    /// A copy of this text.
    pub(crate) fn chunk(&mut self, text: &[u8]) -> Bytes {
        // The first that is free is the one that was used last, and still in the cache.
        let mut buffers = self.buffers.iter_mut();
        let free = buffers.find_map(|buffer| buffer.try_reclaim(text.len()).then_some(buffer));
        let Some(buffer) = free else {
            return self.replaced(text);
        };
        buffer.extend_from_slice(text);
        buffer.split().freeze()
    }

    #[cold]
    fn replaced(&mut self, text: &[u8]) -> Bytes {
        let mut buffer = BytesMut::with_capacity(text.len().next_multiple_of(PAGE));
        buffer.extend_from_slice(text);
        let chunk = buffer.split().freeze();
        if let Some(oldest) = self.buffers.get_mut(self.oldest) {
            *oldest = buffer;
        }
        self.oldest = (self.oldest + 1) % BUFFERS;
        chunk
    }
}

/// A server sends what it was given when the body pauses; between two pauses are this many chunks.
const BUFFERS: usize = 8;
/// Chunks are of nearly one size, and the next should fit where this one was.
const PAGE: usize = 4 * 1024;
