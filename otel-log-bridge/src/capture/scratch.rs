//! The buffers of one event, reused by the next.
//!
//! Capacities are kept, so a thread in its stride allocates nothing.

use crate::encode::time::Timestamps;
use crate::record::Record;
use crate::redact::Workspace;

/// A thread keeps no more than this between events, bytes.
const MAX_KEPT: usize = 48 * 1024;

/// Buffers and the state that lasts as long as one event.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) record: Record,
    pub(crate) line: Vec<u8>,
    pub(crate) timestamps: Timestamps,
    pub(crate) work: Workspace,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            record: Record::default(),
            line: Vec::with_capacity(1024),
            timestamps: Timestamps::new(),
            work: Workspace::default(),
        }
    }
}

impl Scratch {
    /// Whether the buffers are small enough to stay with the thread.
    pub(crate) fn is_worth_keeping(&self) -> bool {
        self.line.capacity() + self.record.capacity() + self.work.capacity() <= MAX_KEPT
    }
}
