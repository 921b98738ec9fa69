//! The memory of the chunks that are given out.
//!
//! A chunk's memory comes back when its reader drops it, so a reader who keeps up is served from a few
//! buffers however long the exposition is. Invariant: memory is written to only when no chunk of it is
//! left.

use bytes::{Bytes, BytesMut};

/// Buffers that are lent out as chunks.
#[derive(Debug, Default)]
pub(crate) struct ChunkPool {
    /// Each has a claim on memory whose chunk may be in use; the one that was used last is the last.
    buffers: Vec<BytesMut>,
}

impl ChunkPool {
    /// What `write` writes, with room for so many bytes at first.
    pub(crate) fn chunk(&mut self, room: usize, write: impl FnOnce(&mut BytesMut)) -> Bytes {
        // The memory used last is still in the cache.
        let mut buffers = self.buffers.iter_mut();
        let mut buffer = match buffers.rposition(|buffer| buffer.try_reclaim(room)) {
            Some(free) => self.buffers.remove(free),
            None => BytesMut::with_capacity(room),
        };
        write(&mut buffer);
        let chunk = buffer.split().freeze();
        if self.buffers.len() == MAX_BUFFERS {
            self.buffers.remove(0);
        }
        self.buffers.push(buffer);
        chunk
    }
}

/// A server sends what it was given when the body pauses; between two pauses are this many chunks.
const MAX_BUFFERS: usize = 8;
