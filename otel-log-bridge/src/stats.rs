//! What became of every event, in numbers.
//!
//! The invariant is that an event that reaches the bridge is recorded, held, or dropped for exactly
//! one reason, and that of each sink `offered = written + pending + dropped`. Events of a level that
//! is not asked for never reach the bridge and are not counted.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::capture::Tally;
use crate::sink::{Lines, QueueStats};

/// Why an event was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// The queue was full: the writer is slower than the service logs.
    QueueFull,
    /// It was logged by the `Debug` of a field of an event that was itself logged so, or by the
    /// writer thread.
    Reentrant,
    /// It came from the OpenTelemetry libraries and was less severe than WARN, or those are
    /// switched off.
    Internal,
    /// It came after the shutdown, or was still in the queue when the shutdown ran out of time or
    /// the writer failed.
    Closed,
    /// Sampling left it out.
    Sampled,
    /// It was held for a request that ended well, or for which there was no more room.
    NotNeeded,
}

impl DropReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::QueueFull,
        Self::Reentrant,
        Self::Internal,
        Self::Closed,
        Self::Sampled,
        Self::NotNeeded,
    ];

    /// The word for it in a label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::Reentrant => "reentrant",
            Self::Internal => "internal",
            Self::Closed => "closed",
            Self::Sampled => "sampled",
            Self::NotNeeded => "not_needed",
        }
    }
}

/// A snapshot of the bridge's counters, since it was built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogStats {
    pub(crate) sinks: Vec<SinkStats>,
    pub(crate) reentrant: u64,
    pub(crate) internal: u64,
    pub(crate) sampled: u64,
    pub(crate) not_needed: u64,
    pub(crate) held: u64,
    pub(crate) refused: u64,
    pub(crate) unsunk: u64,
    pub(crate) untraced: u64,
    pub(crate) renamed_fields: u64,
    pub(crate) overwritten_fields: u64,
    pub(crate) dropped_fields: u64,
    pub(crate) truncated_values: u64,
    pub(crate) redacted_values: u64,
    pub(crate) unplanned: u64,
    pub(crate) is_misplaced: bool,
    pub(crate) is_otel_broken: bool,
}

/// The part of a snapshot that is about one sink of lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SinkStats {
    name: String,
    queue: QueueStats,
}

impl SinkStats {
    pub(crate) fn of(lines: &Lines) -> Self {
        Self {
            name: lines.name.to_string(),
            queue: lines.queue.stats(),
        }
    }

    /// What kind of sink it is: `stdout`, `file`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Lines handed to the writer in full.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.queue.written
    }

    /// Bytes handed to the writer.
    #[must_use]
    pub const fn written_bytes(&self) -> u64 {
        self.queue.written_bytes
    }

    /// Lines in the queue.
    #[must_use]
    pub const fn pending(&self) -> u64 {
        self.queue.pending
    }

    /// Bytes of the lines in the queue.
    #[must_use]
    pub const fn pending_bytes(&self) -> usize {
        self.queue.pending_bytes
    }

    /// Memory of the queue, bytes.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.queue.capacity
    }

    /// Lines that did not fit the queue.
    #[must_use]
    pub const fn queue_full(&self) -> u64 {
        self.queue.overflow
    }

    /// Lines that came too late or were given up.
    #[must_use]
    pub const fn closed(&self) -> u64 {
        self.queue.closed
    }

    /// Errors of the writer other than interruptions and "would block".
    #[must_use]
    pub const fn write_errors(&self) -> u64 {
        self.queue.write_errors
    }
}

impl LogStats {
    /// Events that reached the bridge, as often as there are sinks of lines that took them: written,
    /// pending, held and dropped ones. With one sink, the number of events.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.written() + self.pending() + self.held + self.unsunk + self.dropped()
    }

    /// Lines handed to the writers in full.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.sinks.iter().map(SinkStats::written).sum()
    }

    /// Lines in the queues.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.sinks.iter().map(SinkStats::pending).sum()
    }

    /// Bytes of the lines in the queues.
    #[must_use]
    pub fn pending_bytes(&self) -> usize {
        self.sinks.iter().map(SinkStats::pending_bytes).sum()
    }

    /// Events held for requests that have not ended.
    #[must_use]
    pub const fn held(&self) -> u64 {
        self.held
    }

    /// Events that will never be written, for whatever reason.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        DropReason::ALL
            .iter()
            .map(|reason| self.dropped_for(*reason))
            .sum()
    }

    /// Events that will never be written, for one reason.
    #[must_use]
    pub fn dropped_for(&self, reason: DropReason) -> u64 {
        let of_sinks = |count: fn(&SinkStats) -> u64| self.sinks.iter().map(count).sum::<u64>();
        match reason {
            DropReason::QueueFull => of_sinks(SinkStats::queue_full),
            DropReason::Reentrant => self.reentrant,
            DropReason::Internal => self.internal,
            DropReason::Closed => self.refused + of_sinks(SinkStats::closed),
            DropReason::Sampled => self.sampled,
            DropReason::NotNeeded => self.not_needed,
        }
    }

    /// The sinks of lines, in the order they were added.
    #[must_use]
    pub fn sinks(&self) -> &[SinkStats] {
        &self.sinks
    }

    /// Events that were recorded without the id of a trace. Where requests are traced, the first
    /// number to look at.
    #[must_use]
    pub const fn untraced(&self) -> u64 {
        self.untraced
    }

    /// Fields written as `field.<name>` because only the bridge may write their name.
    #[must_use]
    pub const fn renamed_fields(&self) -> u64 {
        self.renamed_fields
    }

    /// Values replaced by a later one of the same name in the same event.
    #[must_use]
    pub const fn overwritten_fields(&self) -> u64 {
        self.overwritten_fields
    }

    /// Fields left out because their event had too many, they were too large together, or a schema
    /// denies them.
    #[must_use]
    pub const fn dropped_fields(&self) -> u64 {
        self.dropped_fields
    }

    /// Bodies and values that were cut.
    #[must_use]
    pub const fn truncated_values(&self) -> u64 {
        self.truncated_values
    }

    /// Bodies and values that something was redacted of.
    #[must_use]
    pub const fn redacted_values(&self) -> u64 {
        self.redacted_values
    }

    /// Events whose callsite found no place in the table of plans. They are written, more slowly.
    #[must_use]
    pub const fn unplanned(&self) -> u64 {
        self.unplanned
    }

    /// Errors of the writers other than interruptions and "would block".
    #[must_use]
    pub fn write_errors(&self) -> u64 {
        self.sinks.iter().map(SinkStats::write_errors).sum()
    }

    /// Whether the bridge was found to stand in front of the layer that makes OpenTelemetry spans.
    /// See [`build_with`](crate::LogBridgeBuilder::build_with).
    #[must_use]
    pub const fn is_misplaced(&self) -> bool {
        self.is_misplaced
    }

    /// Whether the OpenTelemetry logger has panicked and is not called any more.
    #[must_use]
    pub const fn is_otel_broken(&self) -> bool {
        self.is_otel_broken
    }
}

/// Counters that are not a queue's own.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    reentrant: AtomicU64,
    internal: AtomicU64,
    sampled: AtomicU64,
    refused: AtomicU64,
    unsunk: AtomicU64,
    untraced: AtomicU64,
    unplanned: AtomicU64,
    renamed: AtomicU64,
    overwritten: AtomicU64,
    dropped: AtomicU64,
    truncated: AtomicU64,
    redacted: AtomicU64,
}

impl Counters {
    pub(crate) fn reentrant(&self) {
        add(&self.reentrant, 1);
    }

    pub(crate) fn internal(&self) {
        add(&self.internal, 1);
    }

    pub(crate) fn sampled(&self) {
        add(&self.sampled, 1);
    }

    /// An event after the shutdown of a bridge that has no queue to count it.
    pub(crate) fn refused(&self) {
        add(&self.refused, 1);
    }

    /// An event that no sink of lines takes. It is a record of OpenTelemetry alone, or nothing.
    pub(crate) fn unsunk(&self) {
        add(&self.unsunk, 1);
    }

    pub(crate) fn untraced(&self) {
        add(&self.untraced, 1);
    }

    pub(crate) fn unplanned(&self) {
        add(&self.unplanned, 1);
    }

    pub(crate) fn tally(&self, tally: Tally) {
        let Tally {
            renamed,
            overwritten,
            dropped,
            truncated,
            redacted,
        } = tally;
        add(&self.renamed, renamed);
        add(&self.overwritten, overwritten);
        add(&self.dropped, dropped);
        add(&self.truncated, truncated);
        add(&self.redacted, redacted);
    }

    /// A snapshot, without what others count.
    pub(crate) fn snapshot(&self) -> LogStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LogStats {
            reentrant: read(&self.reentrant),
            internal: read(&self.internal),
            sampled: read(&self.sampled),
            refused: read(&self.refused),
            unsunk: read(&self.unsunk),
            untraced: read(&self.untraced),
            unplanned: read(&self.unplanned),
            renamed_fields: read(&self.renamed),
            overwritten_fields: read(&self.overwritten),
            dropped_fields: read(&self.dropped),
            truncated_values: read(&self.truncated),
            redacted_values: read(&self.redacted),
            ..LogStats::default()
        }
    }
}

/// Most events have nothing to add, and a shared cache line is not touched for nothing.
fn add(counter: &AtomicU64, count: u64) {
    if count > 0 {
        counter.fetch_add(count, Ordering::Relaxed);
    }
}
