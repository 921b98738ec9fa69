//! The checks of a service, run when somebody asks.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use otel_core::ConfigError;
use otel_core::telemetry::Telemetry;
use tokio::sync::Mutex;

use super::check::{Check, CheckSeries};
use super::{CheckReport, HealthReport, HealthService};

/// Checks a service may have.
const MAX_CHECKS: usize = 64;
/// How long a report is good for unless told otherwise: probes of several load balancers share one.
const MAX_AGE: Duration = Duration::from_secs(1);

/// The named checks of a service. Clones are the same.
#[derive(Clone)]
pub struct Health {
    shared: Arc<Shared>,
}

struct Shared {
    telemetry: Telemetry,
    checks: Vec<Check>,
    series: Vec<CheckSeries>,
    max_age: Duration,
    shows_errors: bool,
    is_draining: AtomicBool,
    /// Held while checks run: who asks meanwhile waits for the same report.
    last: Mutex<Option<HealthReport>>,
}

impl Health {
    /// Starts with no checks.
    pub fn builder(telemetry: &Telemetry) -> HealthBuilder {
        HealthBuilder {
            telemetry: telemetry.clone(),
            checks: Vec::new(),
            max_age: MAX_AGE,
            shows_errors: false,
        }
    }

    /// Answers that the process is alive, which it is if it answers.
    #[must_use]
    pub fn liveness(&self) -> HealthService {
        HealthService::new(None)
    }

    /// Answers `200` while every check passes, `503` otherwise.
    #[must_use]
    pub fn readiness(&self) -> HealthService {
        HealthService::new(Some(self.clone()))
    }

    /// Makes readiness answer `503` from now on: the process is about to stop, and load balancers
    /// need a while to notice.
    pub fn drain(&self) {
        self.shared.is_draining.store(true, Ordering::Relaxed);
    }

    /// Runs the checks, all at once, unless a report of the last second (or the age that was set) is
    /// there.
    pub async fn report(&self) -> HealthReport {
        let shared = &*self.shared;
        let clock = shared.telemetry.clock();
        let mut last = shared.last.lock().await;
        let is_draining = shared.is_draining.load(Ordering::Relaxed);
        if let Some(report) = &*last
            && clock.now().saturating_duration_since(report.taken) < shared.max_age
        {
            return report.clone().draining(is_draining);
        }
        let running = shared.checks.iter().zip(&shared.series);
        let reports = All(running
            .map(|(check, series)| Slot::Running(Box::pin(check.run(clock, series))))
            .collect())
        .await;
        let report = HealthReport::new(reports, clock.now());
        *last = Some(report.clone());
        report.draining(is_draining)
    }

    pub(super) fn shows_errors(&self) -> bool {
        self.shared.shows_errors
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health")
            .field("checks", &self.shared.checks)
            .finish_non_exhaustive()
    }
}

/// Collects the checks of a [`Health`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct HealthBuilder {
    telemetry: Telemetry,
    checks: Vec<Check>,
    max_age: Duration,
    shows_errors: bool,
}

impl HealthBuilder {
    /// Adds a check of what the service cannot do without. It runs on the runtime of who asks, whose
    /// timer must be enabled, and is dropped at its timeout; one that panics has failed.
    ///
    /// The name is a label: `a` to `z`, digits, `-` and `_`.
    pub fn add_check<F, E>(
        mut self,
        name: &'static str,
        timeout: Duration,
        check: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display,
    {
        self.checks.push(Check::new(
            name,
            timeout,
            Box::new(move || {
                let running = check();
                Box::pin(async move { running.await.map_err(|error| error.to_string()) })
            }),
        ));
        self
    }

    /// How long a report is good for; one second otherwise. However often somebody asks, the checks
    /// run no oftener.
    pub const fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// Shows the errors of checks to everybody who asks: they may name hosts and users.
    pub const fn danger_show_errors(mut self) -> Self {
        self.shows_errors = true;
        self
    }

    /// Finishes the checks, and registers their series.
    ///
    /// # Errors
    ///
    /// When a name is not one or is there twice, a timeout is zero, or there are more than 64 checks.
    pub fn build(self) -> Result<Health, ConfigError> {
        if let Some(error) = self.refused() {
            return Err(error);
        }
        Ok(Health {
            shared: Arc::new(Shared {
                series: CheckSeries::register(self.telemetry.registry(), &self.checks),
                telemetry: self.telemetry,
                checks: self.checks,
                max_age: self.max_age,
                shows_errors: self.shows_errors,
                is_draining: AtomicBool::new(false),
                last: Mutex::new(None),
            }),
        })
    }

    fn refused(&self) -> Option<ConfigError> {
        let refused = |why| Some(ConfigError::invalid("add_check", why));
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        let mut names: Vec<_> = self.checks.iter().map(Check::name).collect();
        if names
            .iter()
            .any(|name| name.is_empty() || !name.bytes().all(plain))
        {
            return refused("a name of `a` to `z`, digits, `-` and `_`");
        }
        names.sort_unstable();
        names.dedup();
        if names.len() < self.checks.len() {
            return refused("a name that is not there yet");
        }
        if self.checks.len() > MAX_CHECKS {
            return refused("at most 64 checks");
        }
        if self.checks.iter().any(|check| check.timeout().is_zero()) {
            return refused("a timeout of more than zero");
        }
        None
    }
}

/// Runs futures side by side, to their ends.
struct All<F>(Vec<Slot<F>>);

enum Slot<F> {
    Running(Pin<Box<F>>),
    Done(Option<CheckReport>),
}

impl<F: Future<Output = CheckReport>> Future for All<F> {
    type Output = Vec<CheckReport>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut is_done = true;
        for slot in &mut self.0 {
            if let Slot::Running(running) = slot {
                match running.as_mut().poll(cx) {
                    Poll::Ready(report) => *slot = Slot::Done(Some(report)),
                    Poll::Pending => is_done = false,
                }
            }
        }
        if !is_done {
            return Poll::Pending;
        }
        let reports = self.0.iter_mut().filter_map(|slot| match slot {
            Slot::Done(report) => report.take(),
            Slot::Running(_) => None,
        });
        Poll::Ready(reports.collect())
    }
}
