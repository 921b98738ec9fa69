//! The end of the bridge: flush, shutdown, and an exact account of both.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::bridge::Shared;
use crate::sink::Shutdown;
use crate::stats::LogStats;

/// How long dropping the guard may take.
const DROP_TIMEOUT: Duration = Duration::from_secs(2);

/// Keeps the bridge writing. Dropping it shuts the bridge down, for at most two seconds.
///
/// After the shutdown the layer may live on; events are then dropped and counted.
#[must_use = "the bridge stops writing when the guard is dropped"]
pub struct LogGuard {
    shared: Arc<Shared>,
}

impl LogGuard {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Waits until every line queued before this call has been written, or `timeout` has passed.
    #[expect(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn flush(&self, timeout: Duration) -> FlushReport {
        self.shared.queue.flush(timeout);
        FlushReport {
            stats: self.shared.stats(),
        }
    }

    /// Refuses further events, writes what is queued, and ends the writer thread.
    ///
    /// When `timeout` passes first, the thread is told to end as soon as its writer returns; lines
    /// it has not written by then move from pending to dropped. May be called again.
    #[expect(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn shutdown(&self, timeout: Duration) -> ShutdownReport {
        let end = self.shared.queue.shutdown(timeout);
        ShutdownReport {
            stats: self.shared.stats(),
            is_finished: end == Shutdown::Finished,
        }
    }

    /// What became of every event so far.
    #[must_use]
    pub fn stats(&self) -> LogStats {
        self.shared.stats()
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.shutdown(DROP_TIMEOUT);
    }
}

impl fmt::Debug for LogGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogGuard")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// What a [`flush`](LogGuard::flush) left behind. Counts are since the bridge was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlushReport {
    stats: LogStats,
}

impl FlushReport {
    /// Lines handed to the writer in full.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.stats.written()
    }

    /// Events that will never be written.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.stats.dropped()
    }

    /// Lines still in the queue: because time ran out, or because they came after the call.
    #[must_use]
    pub const fn pending(&self) -> u64 {
        self.stats.pending()
    }

    /// The whole account.
    #[must_use]
    pub const fn stats(&self) -> &LogStats {
        &self.stats
    }
}

/// How a [`shutdown`](LogGuard::shutdown) ended. Counts are since the bridge was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShutdownReport {
    stats: LogStats,
    is_finished: bool,
}

impl ShutdownReport {
    /// Lines handed to the writer in full.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.stats.written()
    }

    /// Events that will never be written.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.stats.dropped()
    }

    /// Lines whose fate is open, because the writer thread has not ended yet.
    #[must_use]
    pub const fn pending(&self) -> u64 {
        self.stats.pending()
    }

    /// Whether the writer thread has ended. Nothing is pending then.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// The whole account.
    #[must_use]
    pub const fn stats(&self) -> &LogStats {
        &self.stats
    }
}
