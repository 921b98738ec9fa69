//! Clocks that disagree: measured at the source, told, never corrected.
//!
//! A correction would hide that two records cannot be put in order, which is what whoever reads them
//! as evidence has to know.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};
use tracing::Level;

use super::contain::contained;
use crate::error::ConfigError;
use crate::registry::{Counter, Descriptor, Gauge, Unit};
use crate::semconv;
use crate::telemetry::Telemetry;

const DEFAULT_ALERT: Duration = Duration::from_secs(5);
const DEFAULT_REJECT: Duration = Duration::from_secs(300);

/// A comparison of two clocks. The values are labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SkewKind {
    /// Our wall clock against our monotonic one, since the monitor was made: a step of a time daemon,
    /// a suspended machine.
    Drift,
    /// A peer's wall clock against ours, from four timestamps.
    Peer,
    /// A child that began before its parent.
    Causality,
    /// An assertion that is made in the future.
    Ahead,
    /// An assertion older than one of the same stream before it.
    Backwards,
}

impl SkewKind {
    const ALL: [Self; 5] = [
        Self::Drift,
        Self::Peer,
        Self::Causality,
        Self::Ahead,
        Self::Backwards,
    ];

    /// The word written to every signal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drift => "drift",
            Self::Peer => "peer",
            Self::Causality => "causality",
            Self::Ahead => "ahead",
            Self::Backwards => "backwards",
        }
    }
}

/// By how much two clocks disagree, nanoseconds; positive where the other one, or the later reading,
/// is ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skew {
    nanos: i128,
}

impl Skew {
    const fn new(nanos: i128) -> Self {
        Self { nanos }
    }

    /// How far `later` is after `earlier`.
    fn between(earlier: SystemTime, later: SystemTime) -> Self {
        Self::new(match later.duration_since(earlier) {
            Ok(after) => nanos(after),
            Err(before) => -nanos(before.duration()),
        })
    }

    /// Nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> i128 {
        self.nanos
    }

    /// Seconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "for a gauge")]
    pub const fn as_secs_f64(self) -> f64 {
        self.nanos as f64 / 1e9
    }

    fn is_beyond(self, limit: Duration) -> bool {
        self.nanos.unsigned_abs() > limit.as_nanos()
    }
}

fn nanos(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

/// The four readings of an exchange between two clocks (RFC 5905, 8).
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "plain input of a computation")]
pub struct FourTimestamps {
    /// The request left, by our clock.
    pub sent: SystemTime,
    /// It arrived, by the peer's clock.
    pub peer_received: SystemTime,
    /// The response left, by the peer's clock.
    pub peer_sent: SystemTime,
    /// It arrived, by our clock.
    pub received: SystemTime,
}

impl FourTimestamps {
    /// The peer's clock against ours, and how far that may be off: half the time the exchange spent
    /// on the way.
    #[must_use]
    pub fn offset(&self) -> (Skew, Duration) {
        let out = Skew::between(self.sent, self.peer_received).nanos;
        let back = Skew::between(self.received, self.peer_sent).nanos;
        let whole = Skew::between(self.sent, self.received).nanos;
        let at_peer = Skew::between(self.peer_received, self.peer_sent).nanos;
        let on_the_way = u64::try_from((whole - at_peer).max(0) / 2).unwrap_or(u64::MAX);
        (
            Skew::new((out + back) / 2),
            Duration::from_nanos(on_the_way),
        )
    }
}

/// The clock of one peer: of its exchanges the one that was shortest on the way tells most.
#[derive(Debug, Default)]
pub struct PeerClock {
    best: Option<(Duration, Skew)>,
}

impl PeerClock {
    /// The best estimate so far, and its error.
    #[must_use]
    pub fn offset(&self) -> Option<(Skew, Duration)> {
        self.best.map(|(error, skew)| (skew, error))
    }
}

/// Watches clocks. A clone watches the same ones.
///
/// ```
/// use otel_core::identity::SkewMonitor;
/// use otel_core::telemetry::Telemetry;
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// let telemetry = Telemetry::builder().build()?;
/// let monitor = SkewMonitor::new(&telemetry);
/// let drift = monitor.check_drift();
/// assert!(drift.as_secs_f64().abs() < 1.0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SkewMonitor {
    shared: Arc<Shared>,
}

struct Shared {
    telemetry: Telemetry,
    alert: Duration,
    reject: Duration,
    anchor: (Instant, SystemTime),
    gauges: [Gauge; SkewKind::ALL.len()],
    alerts: [Counter; SkewKind::ALL.len()],
    /// The drift that was told last, so that one step is one alert.
    told: Mutex<Skew>,
}

impl SkewMonitor {
    /// A monitor that alerts beyond 5 s and rejects assertions more than 300 s ahead.
    #[must_use]
    pub fn new(telemetry: &Telemetry) -> Self {
        Self::builder(telemetry).finish()
    }

    /// Starts a monitor.
    pub fn builder(telemetry: &Telemetry) -> SkewMonitorBuilder {
        SkewMonitorBuilder {
            telemetry: telemetry.clone(),
            alert: DEFAULT_ALERT,
            reject: DEFAULT_REJECT,
            error: None,
        }
    }

    /// Compares the wall clock with the monotonic one; now and then, or where a moment is attested.
    ///
    /// Alerts once for each step that goes beyond the limit.
    #[must_use]
    pub fn check_drift(&self) -> Skew {
        let clock = self.shared.telemetry.clock();
        let (mono, wall) = self.shared.anchor;
        let passed = clock.now().saturating_duration_since(mono);
        let drift = Skew::new(Skew::between(wall, clock.wall()).nanos - nanos(passed));
        self.gauge(SkewKind::Drift, drift);
        let mut told = self
            .shared
            .told
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let step = Skew::new(drift.nanos - told.nanos);
        if step.is_beyond(self.shared.alert) {
            *told = drift;
            drop(told);
            self.alert(SkewKind::Drift, step);
        }
        drift
    }

    /// Takes note of an exchange with a peer; returns the best estimate of its clock so far.
    ///
    /// Alerts where the estimate goes beyond the limit by more than its error.
    pub fn check_peer(&self, peer: &mut PeerClock, times: &FourTimestamps) -> Skew {
        let (skew, error) = times.offset();
        match peer.best {
            Some(best) if best.0 <= error => best.1,
            _ => {
                peer.best = Some((error, skew));
                self.gauge(SkewKind::Peer, skew);
                if skew.is_beyond(self.shared.alert.saturating_add(error)) {
                    self.alert(SkewKind::Peer, skew);
                }
                skew
            }
        }
    }

    /// Compares a child's start with its parent's. A child cannot begin first: where it does by the
    /// clocks, one of them is wrong, and any violation beyond the limit is told.
    #[must_use]
    pub fn check_causality(&self, parent: SystemTime, child: SystemTime) -> Skew {
        let skew = Skew::between(parent, child);
        if skew.nanos < 0 {
            self.gauge(SkewKind::Causality, skew);
            if skew.is_beyond(self.shared.alert) {
                self.alert(SkewKind::Causality, skew);
            }
        }
        skew
    }

    /// Judges the time of an assertion against our clock and against the latest one of its stream,
    /// which it replaces.
    ///
    /// # Errors
    ///
    /// How far it is ahead, when that is beyond what is accepted. It does not count as the latest.
    pub fn check_assertion(
        &self,
        asserted: SystemTime,
        latest: &mut Option<SystemTime>,
    ) -> Result<(), Skew> {
        let ahead = Skew::between(self.shared.telemetry.clock().wall(), asserted);
        if ahead.nanos > 0 {
            self.gauge(SkewKind::Ahead, ahead);
            if ahead.is_beyond(self.shared.alert) {
                self.alert(SkewKind::Ahead, ahead);
            }
            if ahead.is_beyond(self.shared.reject) {
                return Err(ahead);
            }
        }
        if let Some(before) = *latest
            && asserted < before
        {
            // However little: of a stream each assertion is later than the one before it.
            let back = Skew::between(before, asserted);
            self.gauge(SkewKind::Backwards, back);
            self.alert(SkewKind::Backwards, back);
            return Ok(());
        }
        *latest = Some(asserted);
        Ok(())
    }

    fn gauge(&self, kind: SkewKind, skew: Skew) {
        if let Some(gauge) = self.shared.gauges.get(kind as usize) {
            gauge.set(skew.as_secs_f64());
        }
    }

    fn alert(&self, kind: SkewKind, skew: Skew) {
        if let Some(counter) = self.shared.alerts.get(kind as usize) {
            counter.inc();
        }
        let ms = skew.as_secs_f64() * 1e3;
        contained(|| {
            tracing::event!(
                target: "audit",
                Level::WARN,
                "clock.skew.kind" = kind.as_str(),
                "clock.skew_ms" = ms,
                "clock.skew",
            );
        });
        contained(|| {
            Context::map_current(|cx| {
                let attributes = vec![
                    KeyValue::new(semconv::CLOCK_SKEW_KIND, kind.as_str()),
                    KeyValue::new(semconv::CLOCK_SKEW_MS, ms),
                ];
                cx.span().add_event(semconv::CLOCK_SKEW, attributes);
            });
        });
    }
}

impl fmt::Debug for SkewMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkewMonitor")
            .field("alert", &self.shared.alert)
            .field("reject", &self.shared.reject)
            .finish_non_exhaustive()
    }
}

/// Collects what a [`SkewMonitor`] needs.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct SkewMonitorBuilder {
    telemetry: Telemetry,
    alert: Duration,
    reject: Duration,
    error: Option<ConfigError>,
}

impl SkewMonitorBuilder {
    /// Beyond which a disagreement is told; 5 s otherwise.
    pub const fn with_alert(mut self, alert: Duration) -> Self {
        self.alert = alert;
        self
    }

    /// How far ahead an assertion may be; 300 s otherwise, as Kerberos has it. Not below the alert.
    pub const fn with_reject(mut self, reject: Duration) -> Self {
        self.reject = reject;
        self
    }

    /// Finishes the monitor. Drift is measured from here.
    ///
    /// # Errors
    ///
    /// When assertions would be rejected before they are told.
    pub fn build(mut self) -> Result<SkewMonitor, ConfigError> {
        if self.reject < self.alert {
            let error = ConfigError::invalid("with_reject", "at least the limit of `with_alert`");
            self.error.get_or_insert(error);
        }
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.finish()),
        }
    }

    fn finish(self) -> SkewMonitor {
        let registry = self.telemetry.registry();
        let gauges = registry.gauge(
            Descriptor::new(semconv::CLOCK_SKEW)
                .with_unit(Unit::SECONDS)
                .with_help("By how much clocks disagree, the last measurement of each comparison."),
        );
        let alerts = registry.counter(
            Descriptor::new(semconv::CLOCK_SKEW_ALERTS)
                .with_help("Disagreements of clocks beyond the limit."),
        );
        let label = |kind: SkewKind| [(semconv::CLOCK_SKEW_KIND, kind.as_str())];
        let clock = self.telemetry.clock();
        SkewMonitor {
            shared: Arc::new(Shared {
                anchor: (clock.now(), clock.wall()),
                gauges: SkewKind::ALL.map(|kind| gauges.with(&label(kind))),
                alerts: SkewKind::ALL.map(|kind| alerts.with(&label(kind))),
                told: Mutex::new(Skew::new(0)),
                alert: self.alert,
                reject: self.reject,
                telemetry: self.telemetry,
            }),
        }
    }
}
