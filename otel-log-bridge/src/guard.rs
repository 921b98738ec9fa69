//! The handle of a running bridge: what it did, what may be changed, and its end.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use otel_core::ConfigError;
use tracing::Level;

use crate::keeper::Keeper;
use crate::panic;
use crate::sampling::{Change, Sampler, Sampling};
use crate::schema::DriftReport;
use crate::shared::Shared;
use crate::sink::Shutdown;
use crate::stats::LogStats;

/// How long dropping the guard may take.
const DROP_TIMEOUT: Duration = Duration::from_secs(2);

/// Keeps the bridge writing. Dropping it shuts the bridge down, for at most two seconds.
///
/// After the shutdown the layer may live on; events are then dropped and counted. The provider of
/// OpenTelemetry records is the application's: shut it down before the guard.
#[must_use = "the bridge stops writing when the guard is dropped"]
pub struct LogGuard {
    shared: Arc<Shared>,
    _keeper: Option<Keeper>,
}

impl LogGuard {
    pub(crate) const fn new(shared: Arc<Shared>, keeper: Option<Keeper>) -> Self {
        Self {
            shared,
            _keeper: keeper,
        }
    }

    /// Waits until every line queued before this call has been written, or `timeout` has passed.
    #[expect(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn flush(&self, timeout: Duration) -> FlushReport {
        self.shared.say_drifts();
        self.shared.flush(timeout);
        self.shared.publish();
        FlushReport {
            stats: self.shared.stats(),
        }
    }

    /// Refuses further events, writes what is queued, and ends the writer threads.
    ///
    /// When `timeout` passes first, the threads are told to end as soon as their writers return;
    /// lines they have not written by then move from pending to dropped. May be called again.
    #[expect(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn shutdown(&self, timeout: Duration) -> ShutdownReport {
        self.shared.say_drifts();
        let is_finished = self.shared.shutdown(timeout);
        self.shared.publish();
        ShutdownReport {
            stats: self.shared.stats(),
            is_finished,
        }
    }

    /// What became of every event so far.
    #[must_use]
    pub fn stats(&self) -> LogStats {
        self.shared.stats()
    }

    /// What departed from the schema so far. A test of a service that runs with its schema asserts
    /// that it is [empty](DriftReport::is_empty).
    #[must_use]
    pub fn drift(&self) -> DriftReport {
        self.shared.rules.drift.report()
    }

    /// Replaces the table of levels, as [`with_level`](crate::LogBridgeBuilder::with_level) sets it.
    ///
    /// # Errors
    ///
    /// A table that does not parse; the one in force then stays.
    pub fn set_level(&self, table: &str) -> Result<(), ConfigError> {
        self.shared.gate.set(table)
    }

    /// Replaces the sampling; `None` keeps everything. What has been left out so far is still told.
    pub fn set_sampling(&self, sampling: Option<Sampling>) {
        let sampler = sampling.map(|sampling| Arc::new(Sampler::new(sampling)));
        if let (Some(sampler), Some(metrics)) = (&sampler, &self.shared.metrics) {
            metrics.shares(sampler);
        }
        let is_sampling = sampler.is_some();
        self.shared.sampler.store(sampler);
        self.shared
            .is_sampling
            .store(is_sampling, Ordering::Relaxed);
    }

    /// Moves the share of a level that is kept, within the bounds of the sampling, and gives back
    /// where it came to stand. A change is told in the log and shown by the gauge
    /// `log.bridge.sampling.ratio`. Does nothing without a sampling.
    #[expect(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn set_level_share(&self, level: Level, share: f64) -> f64 {
        let sampler = self.shared.sampler.load();
        let Some(sampler) = sampler.as_deref() else {
            return 1.0;
        };
        let before = sampler.share(level);
        let share = sampler.ask(level, share);
        if (share - before).abs() > f64::EPSILON {
            self.shared.say_changed(Change {
                level,
                share,
                cause: "asked",
            });
        }
        share
    }

    /// The share of a level that is kept at present.
    #[must_use]
    pub fn level_share(&self, level: Level) -> f64 {
        let sampler = self.shared.sampler.load();
        sampler
            .as_deref()
            .map_or(1.0, |sampler| sampler.share(level))
    }

    /// Looks at the load at once, and not with the next second.
    pub fn adjust_sampling(&self) {
        self.shared.adjust();
    }

    /// Records panics, in addition to the hook that is there: as ERROR, with the ids of the request
    /// they happened in; as FATAL, and flushed for at most half a second, where the process ends with
    /// them. Call it once.
    pub fn install_panic_hook(&self) {
        panic::install(&self.shared);
    }
}

impl Shared {
    /// Waits for all sinks, for `timeout` together.
    pub(crate) fn flush(&self, timeout: Duration) {
        let deadline = self.deadline(timeout);
        for lines in &self.lines {
            lines.queue.flush(self.left(deadline));
        }
    }

    /// Ends all sinks, within `timeout` together. Says whether all have ended.
    fn shutdown(&self, timeout: Duration) -> bool {
        let deadline = self.deadline(timeout);
        for lines in &self.lines {
            lines.queue.begin_shutdown();
        }
        let mut is_finished = true;
        for lines in &self.lines {
            is_finished &= lines.queue.end_shutdown(self.left(deadline)) == Shutdown::Finished;
        }
        is_finished
    }

    /// Adds what happened since the last time to the metrics.
    pub(crate) fn publish(&self) {
        if let Some(metrics) = &self.metrics {
            metrics.publish(self.stats(), &self.rules.drift);
        }
    }

    fn deadline(&self, timeout: Duration) -> (Instant, Duration) {
        (self.clock.now(), timeout)
    }

    fn left(&self, (start, timeout): (Instant, Duration)) -> Duration {
        let elapsed = self.clock.now().saturating_duration_since(start);
        timeout.saturating_sub(elapsed)
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
    /// Lines handed to the writers in full.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.stats.written()
    }

    /// Events that will never be written.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.stats.dropped()
    }

    /// Lines still in the queues: because time ran out, or because they came after the call.
    #[must_use]
    pub fn pending(&self) -> u64 {
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
    /// Lines handed to the writers in full.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.stats.written()
    }

    /// Events that will never be written.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.stats.dropped()
    }

    /// Lines whose fate is open, because a writer thread has not ended yet.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.stats.pending()
    }

    /// Whether the writer threads have ended. Nothing is pending then.
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
