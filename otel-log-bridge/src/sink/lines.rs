//! One sink of lines: which records it takes, how it writes them, and its queue.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;

use super::Queue;
use crate::capture::Scratch;
use crate::encode::Encoder;
use crate::encode::resource::ResourceMembers;
use crate::encode::time::Timestamps;
use crate::record::Record;
use crate::severity::Severity;

/// A sink of lines, as the threads that log see it.
#[derive(Debug)]
pub(crate) struct Lines {
    pub(crate) name: Box<str>,
    pub(crate) encoder: Arc<Encoder>,
    pub(crate) resource: Arc<ResourceMembers>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) levels: Levels,
}

/// Bounds of the levels a sink takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Levels {
    pub(crate) least: LevelFilter,
    pub(crate) most: LevelFilter,
}

impl Levels {
    pub(crate) const ALL: Self = Self {
        least: LevelFilter::TRACE,
        most: LevelFilter::ERROR,
    };

    fn take(self, severity: Severity) -> bool {
        let level = LevelFilter::from_level(severity.level());
        level <= self.least && level >= self.most
    }
}

impl Lines {
    /// Queues the line of a record, if it is one of this sink's. Says whether it is.
    pub(crate) fn take(&self, scratch: &mut Scratch) -> bool {
        let Scratch {
            record,
            line,
            timestamps,
            work: _,
        } = scratch;
        let is_taken = self.levels.take(record.severity);
        if is_taken {
            self.encode(record, line, timestamps);
            self.queue.push(record.severity, record.time, line);
        }
        is_taken
    }

    /// Replaces `line` by the line of a record.
    pub(crate) fn encode(&self, record: &Record, line: &mut Vec<u8>, timestamps: &mut Timestamps) {
        self.resource
            .with(|resource| self.encoder.write(record, resource, line, timestamps));
    }
}
