//! One named check.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use otel_core::clock::Clock;
use otel_core::registry::{Descriptor, Gauge, Registry, Unit};
use otel_core::semconv;

use super::report::CheckReport;

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckStatus {
    /// It passed.
    Ok,
    /// It returned an error.
    Failed,
    /// It did not return in time.
    Timeout,
    /// It panicked.
    Panicked,
}

impl CheckStatus {
    /// The word in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
            Self::Panicked => "panicked",
        }
    }
}

type Running = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;
type Start = dyn Fn() -> Running + Send + Sync;

pub(super) struct Check {
    name: &'static str,
    timeout: Duration,
    start: Box<Start>,
}

/// The series of one check.
#[derive(Debug)]
pub(super) struct CheckSeries {
    status: Gauge,
    duration: Gauge,
    last: Gauge,
}

impl Check {
    pub(super) fn new(name: &'static str, timeout: Duration, start: Box<Start>) -> Self {
        Self {
            name,
            timeout,
            start,
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    pub(super) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Runs it to its end, at the latest its timeout.
    pub(super) async fn run(&self, clock: &dyn Clock, series: &CheckSeries) -> CheckReport {
        let started = clock.now();
        // The timer is inside: without one in the runtime it panics.
        let running = Box::pin(async { tokio::time::timeout(self.timeout, (self.start)()).await });
        let (status, error) = match Contained(running).await {
            Some(Ok(Ok(()))) => (CheckStatus::Ok, None),
            Some(Ok(Err(error))) => (CheckStatus::Failed, Some(error)),
            Some(Err(_elapsed)) => (CheckStatus::Timeout, None),
            None => (CheckStatus::Panicked, None),
        };
        let duration = clock.now().saturating_duration_since(started);
        series.set(status, duration, clock.wall());
        CheckReport::new(self.name, status, duration, error)
    }
}

impl CheckSeries {
    /// The series of each check, in their order.
    pub(super) fn register(registry: &Registry, checks: &[Check]) -> Vec<Self> {
        let gauge = |name, unit, help| {
            registry.gauge(Descriptor::new(name).with_unit(unit).with_help(help))
        };
        let status = gauge(
            semconv::HEALTHZ_CHECK_STATUS,
            Unit::NONE,
            "Whether a health check passed when it was last run.",
        );
        let duration = gauge(
            semconv::HEALTHZ_CHECK_DURATION,
            Unit::SECONDS,
            "How long a health check took when it was last run.",
        );
        let last = gauge(
            semconv::HEALTHZ_LAST_CHECK,
            Unit::SECONDS,
            "When a health check was last run, in seconds since 1970.",
        );
        let of_check = |check: &Check| {
            let labels = [(semconv::HEALTHZ_CHECK, check.name)];
            Self {
                status: status.with(&labels),
                duration: duration.with(&labels),
                last: last.with(&labels),
            }
        };
        checks.iter().map(of_check).collect()
    }

    fn set(&self, status: CheckStatus, duration: Duration, now: SystemTime) {
        let passed = status == CheckStatus::Ok;
        self.status.set(if passed { 1.0 } else { 0.0 });
        self.duration.set(duration.as_secs_f64());
        let since = now.duration_since(SystemTime::UNIX_EPOCH);
        self.last.set(since.unwrap_or_default().as_secs_f64());
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("name", &self.name)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// A future that resolves to `None` when it panics.
struct Contained<F>(Pin<Box<F>>);

impl<F: Future> Future for Contained<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Some),
            Err(payload) => {
                // What was thrown is foreign, and so is its destructor.
                let _ = catch_unwind(AssertUnwindSafe(|| drop(payload)));
                Poll::Ready(None)
            }
        }
    }
}
