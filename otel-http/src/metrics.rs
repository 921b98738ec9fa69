//! Names of the metrics, and the metrics that are off until asked for.

use otel_core::exchange::{Alias, ExchangeEnd, ExchangeObserver};
use otel_core::outcome::Status;
use otel_core::registry::{Buckets, Descriptor, Family, Histogram, Registry, Unit};
use otel_core::semconv;

/// Labels of an operation, its status and its error.
const MAX_LABELS: usize = 16;
/// Routes and series of the families here, as of the durations.
pub(crate) const MAX_ROUTES: usize = 500;
pub(crate) const MAX_SERIES: usize = 2000;

/// The names durations are recorded under.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "one, the other, or both")]
pub enum MetricNames {
    /// `http.server.request.duration` and `http.server.active_requests`, after the OpenTelemetry
    /// conventions.
    #[default]
    Conventions,
    /// What Prometheus dashboards ask for: `http_requests_total{method,route,status}` and
    /// `http_request_duration_seconds` with the same labels. An exchange that had no status has its
    /// outcome in `status`.
    Classic,
    /// Both, from the same measurement: for the time in which dashboards move from one to the other.
    Both,
}

impl MetricNames {
    pub(crate) const fn has_conventions(self) -> bool {
        matches!(self, Self::Conventions | Self::Both)
    }

    /// The classic names, where they are asked for.
    pub(crate) fn alias(self) -> Option<Alias> {
        if self == Self::Conventions {
            return None;
        }
        let bounded = |descriptor: Descriptor| {
            descriptor
                .with_label_budget("route", MAX_ROUTES)
                .with_series_budget(MAX_SERIES)
        };
        let total = Descriptor::new("http_requests").with_help("HTTP requests that have ended.");
        let duration = Descriptor::new("http_request_duration")
            .with_unit(Unit::SECONDS)
            .with_help("Duration of HTTP requests, to the last frame the server took.");
        let alias = Alias::new(bounded(total), bounded(duration))
            .with_label(semconv::HTTP_REQUEST_METHOD, "method")
            .with_label(semconv::HTTP_ROUTE, "route")
            .with_status("status");
        Some(alias)
    }
}

/// The families a server may record besides the duration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Further {
    pub(crate) time_to_head: bool,
    pub(crate) body_sizes: bool,
}

impl Further {
    pub(crate) const fn is_none(&self) -> bool {
        !(self.time_to_head || self.body_sizes)
    }

    pub(crate) fn register(&self, registry: &Registry) -> FurtherFamilies {
        let family = |name, unit, help, buckets| {
            let descriptor = Descriptor::new(name)
                .with_unit(unit)
                .with_help(help)
                .with_label_budget(semconv::HTTP_ROUTE, MAX_ROUTES)
                .with_series_budget(MAX_SERIES);
            registry.histogram(descriptor, buckets)
        };
        let sizes = |name, help| {
            let buckets = size_buckets();
            self.body_sizes
                .then(|| family(name, Unit::BYTES, help, buckets))
        };
        FurtherFamilies {
            time_to_head: self.time_to_head.then(|| {
                family(
                    semconv::HTTP_SERVER_TIME_TO_HEAD,
                    Unit::SECONDS,
                    "Time from the arrival of HTTP requests to the head of their responses.",
                    Buckets::semconv_seconds(),
                )
            }),
            received: sizes(
                semconv::HTTP_SERVER_REQUEST_BODY_SIZE,
                "Size of the bodies of HTTP requests, as far as they were read.",
            ),
            sent: sizes(
                semconv::HTTP_SERVER_RESPONSE_BODY_SIZE,
                "Size of the bodies of HTTP responses, as far as the server took them.",
            ),
        }
    }
}

/// Records them at the end of each exchange.
#[derive(Debug)]
pub(crate) struct FurtherFamilies {
    time_to_head: Option<Family<Histogram>>,
    received: Option<Family<Histogram>>,
    sent: Option<Family<Histogram>>,
}

impl ExchangeObserver for FurtherFamilies {
    fn on_end(&self, end: &ExchangeEnd<'_>) {
        let mut labels = [("", ""); MAX_LABELS];
        let status = end.status().map(Status::as_str).unwrap_or_default();
        let ending = [
            (semconv::HTTP_RESPONSE_STATUS_CODE, status),
            (semconv::ERROR_TYPE, end.error_type().unwrap_or_default()),
        ];
        let mut used = 0;
        for (slot, label) in labels.iter_mut().zip(end.labels().iter().chain(&ending)) {
            *slot = *label;
            used += 1;
        }
        let labels = labels.get(..used).unwrap_or_default();
        if let (Some(family), Some(time)) = (&self.time_to_head, end.time_to_head()) {
            family.record(labels, time.as_secs_f64());
        }
        if let (Some(family), Some(bytes)) = (&self.received, end.received()) {
            family.record(labels, size(bytes));
        }
        if let (Some(family), true) = (&self.sent, end.time_to_head().is_some()) {
            family.record(labels, size(end.sent()));
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a body of 2^53 bytes may be off by one"
)]
const fn size(bytes: u64) -> f64 {
    bytes as f64
}

/// Four to a step, 256 bytes to 64 MiB; the conventions advise none for sizes.
fn size_buckets() -> Buckets {
    const BYTES: [f64; 10] = [
        256.0,
        1_024.0,
        4_096.0,
        16_384.0,
        65_536.0,
        262_144.0,
        1_048_576.0,
        4_194_304.0,
        16_777_216.0,
        67_108_864.0,
    ];
    Buckets::explicit(&BYTES).unwrap_or_else(|_| Buckets::semconv_seconds())
}
