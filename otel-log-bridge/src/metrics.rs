//! The bridge's own counts, as families of the registry.
//!
//! They are added up from a snapshot once in a while, so that an event pays for none of them.

use std::sync::{Mutex, PoisonError};

use otel_core::registry::{Counter, Descriptor, Family, Gauge, Registry};
use otel_core::semconv;
use tracing::Level;

use crate::sampling::Sampler;
use crate::schema::{Drift, DriftLog};
use crate::stats::{DropReason, LogStats, SinkStats};

/// Families of one bridge.
#[derive(Debug)]
pub(crate) struct Metrics {
    events: Family<Counter>,
    dropped: Family<Counter>,
    lines: Family<Counter>,
    redactions: Family<Counter>,
    untraced: Family<Counter>,
    drift: Family<Counter>,
    pending: Family<Gauge>,
    shares: Family<Gauge>,
    told: Mutex<Told>,
}

/// What the families hold already.
#[derive(Debug, Default)]
struct Told {
    stats: LogStats,
    drifts: [u64; Drift::ALL.len()],
}

impl Metrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        let counter = |name, help| registry.counter(Descriptor::new(name).with_help(help));
        let gauge = |name, help| registry.gauge(Descriptor::new(name).with_help(help));
        Self {
            events: counter(
                semconv::LOG_BRIDGE_EVENTS,
                "Events the log bridge was given.",
            ),
            dropped: counter(
                semconv::LOG_BRIDGE_DROPPED,
                "Events the log bridge did not write, by reason.",
            ),
            lines: counter(
                semconv::LOG_BRIDGE_LINES,
                "Lines the log bridge has written.",
            ),
            redactions: counter(
                semconv::LOG_BRIDGE_REDACTIONS,
                "Values the log bridge has redacted.",
            ),
            untraced: counter(
                semconv::LOG_BRIDGE_UNTRACED,
                "Events without the id of a trace.",
            ),
            drift: counter(
                semconv::LOG_BRIDGE_DRIFT,
                "Departures from the log schema, by kind.",
            ),
            pending: gauge(
                semconv::LOG_BRIDGE_PENDING,
                "Bytes of lines that wait to be written.",
            ),
            shares: gauge(
                semconv::LOG_BRIDGE_SAMPLING_RATIO,
                "Share of the events of a level that is kept.",
            ),
            told: Mutex::default(),
        }
    }

    /// Brings the families up to a snapshot.
    pub(crate) fn publish(&self, stats: LogStats, drift: &DriftLog) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |now: u64, then: u64| now.saturating_sub(then);
        self.events
            .add(&[], since(stats.events(), told.stats.events()));
        for reason in DropReason::ALL {
            let more = since(stats.dropped_for(reason), told.stats.dropped_for(reason));
            if more > 0 {
                self.dropped.add(&[("reason", reason.as_str())], more);
            }
        }
        for (at, sink) in stats.sinks().iter().enumerate() {
            let then = told.stats.sinks().get(at).map_or(0, SinkStats::written);
            let labels = [("sink", sink.name())];
            self.lines.add(&labels, since(sink.written(), then));
            self.pending.set(&labels, sink.pending_bytes() as f64);
        }
        let redacted = since(stats.redacted_values(), told.stats.redacted_values());
        self.redactions.add(&[], redacted);
        self.untraced
            .add(&[], since(stats.untraced(), told.stats.untraced()));
        for (kind, then) in Drift::ALL.into_iter().zip(&mut told.drifts) {
            let now = drift.count(kind);
            if now > *then {
                self.drift.add(&[("kind", kind.as_str())], now - *then);
                *then = now;
            }
        }
        told.stats = stats;
    }

    /// The share of a level has come to stand here.
    pub(crate) fn share(&self, level: Level, share: f64) {
        let name = level.as_str().to_ascii_lowercase();
        self.shares.set(&[("level", &name)], share);
    }

    pub(crate) fn shares(&self, sampler: &Sampler) {
        for level in [
            Level::TRACE,
            Level::DEBUG,
            Level::INFO,
            Level::WARN,
            Level::ERROR,
        ] {
            self.share(level, sampler.share(level));
        }
    }
}
