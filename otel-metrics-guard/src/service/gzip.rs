//! The exposition compressed, as a stream.
//!
//! RFC 1952. The state of the compressor is of a fixed size, and what it has put out is handed on before
//! more is put in.

use std::io::Write;

use bytes::{Bytes, BytesMut};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::ScrapeError;
use crate::exposition::{ChunkPool, Exposition};

#[derive(Debug)]
pub(super) struct Gzip {
    /// What was written and goes into the compressor.
    text: BytesMut,
    encoder: GzEncoder<Vec<u8>>,
    pool: ChunkPool,
}

impl Gzip {
    pub(super) fn new() -> Self {
        let output = Vec::with_capacity(CHUNK_BYTES + BLOCK_BYTES);
        Self {
            text: BytesMut::new(),
            // Label names and route prefixes repeat so much that a slower level gains little.
            encoder: GzEncoder::new(output, Compression::fast()),
            pool: ChunkPool::default(),
        }
    }

    /// Compresses a chunk of the exposition. Gives how long it was, and what has come out if that is
    /// worth a frame; after the last chunk, all of it.
    pub(super) fn write(
        &mut self,
        exposition: &mut Exposition,
    ) -> Result<(usize, Option<Bytes>), ScrapeError> {
        self.text.clear();
        exposition.write(&mut self.text);
        let mut written = self.encoder.write_all(&self.text);
        if exposition.is_finished() {
            written = written.and_then(|()| self.encoder.try_finish());
        }
        written.map_err(|_never| ScrapeError::compression())?;
        let output = self.encoder.get_ref().len();
        let is_enough = output >= CHUNK_BYTES || exposition.is_finished();
        Ok((self.text.len(), is_enough.then(|| self.take())))
    }

    fn take(&mut self) -> Bytes {
        let output = self.encoder.get_mut();
        let chunk = self
            .pool
            .chunk(output.len(), |chunk| chunk.extend_from_slice(output));
        output.clear();
        chunk
    }
}

/// A frame is at least of this size.
const CHUNK_BYTES: usize = 8 * 1024;
/// The compressor puts out up to this much at once.
const BLOCK_BYTES: usize = 56 * 1024;
