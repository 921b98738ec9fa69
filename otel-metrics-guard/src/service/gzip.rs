//! The exposition compressed, as a stream.
//!
//! RFC 1952. The state of the compressor is of a fixed size, and what it has put out is handed on before
//! more is put in.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::ScrapeError;
use crate::exposition::ChunkPool;

#[derive(Debug)]
pub(super) struct Gzip {
    encoder: GzEncoder<Vec<u8>>,
    pool: ChunkPool,
}

impl Gzip {
    pub(super) fn new() -> Self {
        let output = Vec::with_capacity(CHUNK_BYTES + BLOCK_BYTES);
        Self {
            // Label names and route prefixes repeat so much that a slower level gains little.
            encoder: GzEncoder::new(output, Compression::fast()),
            pool: ChunkPool::default(),
        }
    }

    /// Compresses a piece, and gives what has come out if it is worth a frame.
    pub(super) fn push(&mut self, text: &[u8]) -> Result<Option<Bytes>, ScrapeError> {
        let written = self.encoder.write_all(text);
        written.map_err(|_never| ScrapeError::compression())?;
        Ok((self.encoder.get_ref().len() >= CHUNK_BYTES).then(|| self.take()))
    }

    /// Ends the stream, and gives the rest of it.
    pub(super) fn finish(&mut self) -> Result<Bytes, ScrapeError> {
        let finished = self.encoder.try_finish();
        finished.map_err(|_never| ScrapeError::compression())?;
        Ok(self.take())
    }

    fn take(&mut self) -> Bytes {
        let output = self.encoder.get_mut();
        let chunk = self.pool.chunk(output);
        output.clear();
        chunk
    }
}

/// A frame is at least of this size.
const CHUNK_BYTES: usize = 8 * 1024;
/// The compressor puts out up to this much at once.
const BLOCK_BYTES: usize = 56 * 1024;
