//! What became of every event, in numbers.
//!
//! The invariant is that `events = written + pending + dropped` in every snapshot: events of a
//! level that is not asked for never reach the bridge and are not counted.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::capture::Tally;

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
}

/// A snapshot of the bridge's counters, since it was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogStats {
    pub(crate) written: u64,
    pub(crate) pending: u64,
    pub(crate) pending_bytes: usize,
    pub(crate) queue_full: u64,
    pub(crate) reentrant: u64,
    pub(crate) internal: u64,
    pub(crate) closed: u64,
    pub(crate) renamed_fields: u64,
    pub(crate) overwritten_fields: u64,
    pub(crate) dropped_fields: u64,
    pub(crate) truncated_values: u64,
    pub(crate) unplanned: u64,
    pub(crate) write_errors: u64,
}

impl LogStats {
    /// Events that reached the bridge: written, pending and dropped ones.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.written + self.pending + self.dropped()
    }

    /// Lines handed to the writer in full.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.written
    }

    /// Lines in the queue.
    #[must_use]
    pub const fn pending(&self) -> u64 {
        self.pending
    }

    /// Bytes of the lines in the queue.
    #[must_use]
    pub const fn pending_bytes(&self) -> usize {
        self.pending_bytes
    }

    /// Events that will never be written, for whatever reason.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.queue_full + self.reentrant + self.internal + self.closed
    }

    /// Events that will never be written, for one reason.
    #[must_use]
    pub const fn dropped_for(&self, reason: DropReason) -> u64 {
        match reason {
            DropReason::QueueFull => self.queue_full,
            DropReason::Reentrant => self.reentrant,
            DropReason::Internal => self.internal,
            DropReason::Closed => self.closed,
        }
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

    /// Fields left out because their event had too many or they were too large together.
    #[must_use]
    pub const fn dropped_fields(&self) -> u64 {
        self.dropped_fields
    }

    /// Bodies and values that were cut.
    #[must_use]
    pub const fn truncated_values(&self) -> u64 {
        self.truncated_values
    }

    /// Events whose callsite found no place in the table of plans. They are written, more slowly.
    #[must_use]
    pub const fn unplanned(&self) -> u64 {
        self.unplanned
    }

    /// Errors of the writer other than interruptions and "would block".
    #[must_use]
    pub const fn write_errors(&self) -> u64 {
        self.write_errors
    }
}

/// Counters that are not the queue's own.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    reentrant: AtomicU64,
    internal: AtomicU64,
    unplanned: AtomicU64,
    renamed: AtomicU64,
    overwritten: AtomicU64,
    dropped: AtomicU64,
    truncated: AtomicU64,
}

impl Counters {
    pub(crate) fn reentrant(&self) {
        add(&self.reentrant, 1);
    }

    pub(crate) fn internal(&self) {
        add(&self.internal, 1);
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
        } = tally;
        add(&self.renamed, renamed);
        add(&self.overwritten, overwritten);
        add(&self.dropped, dropped);
        add(&self.truncated, truncated);
    }

    /// Completes a snapshot that the queue has begun.
    pub(crate) fn complete(&self, stats: &mut LogStats) {
        stats.reentrant = self.reentrant.load(Ordering::Relaxed);
        stats.internal = self.internal.load(Ordering::Relaxed);
        stats.unplanned = self.unplanned.load(Ordering::Relaxed);
        stats.renamed_fields = self.renamed.load(Ordering::Relaxed);
        stats.overwritten_fields = self.overwritten.load(Ordering::Relaxed);
        stats.dropped_fields = self.dropped.load(Ordering::Relaxed);
        stats.truncated_values = self.truncated.load(Ordering::Relaxed);
    }
}

/// Most events have nothing to add, and a shared cache line is not touched for nothing.
fn add(counter: &AtomicU64, count: u64) {
    if count > 0 {
        counter.fetch_add(count, Ordering::Relaxed);
    }
}
