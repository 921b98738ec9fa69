//! Other names for the same measurements.
//!
//! Dashboards and alerts outlive a change of names, and a change that breaks them is not made. So
//! one record can be written under two sets of names, from the same judgement and the same clock
//! reads, and a service can drop the old ones when nobody asks for them any more.

use crate::outcome::{Judgement, Outcome, Status};
use crate::registry::{Buckets, Counter, Descriptor, Family, Histogram, Registry};
use crate::semconv;

/// Labels an alias may have.
const MAX_LABELS: usize = 8;

/// A counter and a histogram that repeat the durations of a layer under names of your own.
///
/// ```
/// use otel_core::exchange::Alias;
/// use otel_core::registry::{Descriptor, Unit};
///
/// let classic = Alias::new(
///     Descriptor::new("http_requests"),
///     Descriptor::new("http_request_duration").with_unit(Unit::SECONDS),
/// )
/// .with_label("http.request.method", "method")
/// .with_status("status");
/// # let _ = classic;
/// ```
#[derive(Debug)]
#[must_use = "an alias names nothing until an instrumentation has it"]
pub struct Alias {
    total: Descriptor,
    duration: Descriptor,
    labels: Vec<(&'static str, &'static str)>,
    status: Option<&'static str>,
}

impl Alias {
    /// A counter of the exchanges that ended, and a histogram of their durations in seconds.
    pub const fn new(total: Descriptor, duration: Descriptor) -> Self {
        Self {
            total,
            duration,
            labels: Vec::new(),
            status: None,
        }
    }

    /// Repeats a label of the operation as `alias`. At most seven are kept.
    pub fn with_label(mut self, label: &'static str, alias: &'static str) -> Self {
        if self.labels.len() + 1 < MAX_LABELS {
            self.labels.push((label, alias));
        }
        self
    }

    /// Adds the status of the protocol as `label`; the outcome, such as `client_disconnect`, where
    /// an exchange ended without one.
    pub const fn with_status(mut self, label: &'static str) -> Self {
        self.status = Some(label);
        self
    }

    pub(super) fn register(self, registry: &Registry, buckets: Buckets) -> AliasFamilies {
        AliasFamilies {
            total: registry.counter(self.total),
            duration: registry.histogram(self.duration, buckets),
            labels: self.labels,
            status: self.status,
        }
    }
}

/// The registered families of an [`Alias`].
#[derive(Clone, Debug)]
pub(super) struct AliasFamilies {
    total: Family<Counter>,
    duration: Family<Histogram>,
    labels: Vec<(&'static str, &'static str)>,
    status: Option<&'static str>,
}

impl AliasFamilies {
    /// The series of exchanges with these labels that ended this way.
    pub(super) fn series(
        &self,
        labels: &[(&'static str, &'static str)],
        judgement: &Judgement,
    ) -> (Counter, Histogram) {
        let mut pairs = [("", ""); MAX_LABELS];
        let renamed = self.labels.iter().map(|(label, alias)| {
            let found = labels.iter().find(|(name, _)| name == label);
            (*alias, found.map_or("", |(_, value)| *value))
        });
        let status = self.status.map(|label| (label, status_word(judgement)));
        let mut used = 0;
        for (slot, pair) in pairs.iter_mut().zip(renamed.chain(status)) {
            *slot = pair;
            used += 1;
        }
        let pairs = pairs.get(..used).unwrap_or_default();
        (self.total.with(pairs), self.duration.with(pairs))
    }
}

fn status_word(judgement: &Judgement) -> &'static str {
    judgement.status.map_or_else(
        || match judgement.outcome {
            Outcome::Ok => semconv::OTHER,
            outcome => outcome.as_str(),
        },
        Status::as_str,
    )
}
