//! The metrics gRPC libraries have of themselves, by their exact names and buckets.
//!
//! gRFC A66 (and A96 for retries) fixes them, so that the dashboards of Go, Java and C++ services
//! show a Rust service too. They stand beside the metrics of the conventions, from the same ends.

use otel_core::exchange::ExchangeEnd;
use otel_core::outcome::Status;
use otel_core::registry::{Buckets, Counter, Descriptor, Family, Histogram, Registry, Unit};

use crate::attempts::Attempts;
use crate::call::CallState;
use crate::operation::NAMELESS;

/// A66, "Buckets": latency, seconds.
const LATENCY: [f64; 41] = [
    0.0, 0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002, 0.003, 0.004, 0.005,
    0.006, 0.008, 0.01, 0.013, 0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16,
    0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0,
];
/// A66, "Buckets": size, bytes.
const SIZE: [f64; 14] = [
    0.0,
    1024.0,
    2048.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
    268_435_456.0,
    1_073_741_824.0,
    4_294_967_296.0,
];
/// A96: retries and hedges of a call.
const RETRIES: [f64; 5] = [1.0, 2.0, 3.0, 4.0, 5.0];

const METHOD: &str = "grpc.method";
const STATUS: &str = "grpc.status";
const TARGET: &str = "grpc.target";
/// What stands for a method that is not known, in A66.
const OTHER: &str = "other";

/// The families of calls at a server, or of attempts at a client.
#[derive(Debug)]
pub(crate) struct Native {
    target: Option<&'static str>,
    started: Family<Counter>,
    duration: Family<Histogram>,
    sent: Family<Histogram>,
    received: Family<Histogram>,
}

impl Native {
    pub(crate) fn of_server(registry: &Registry) -> Self {
        Self::new(registry, "grpc.server.call", "{call}", None)
    }

    pub(crate) fn of_client(registry: &Registry, target: &'static str) -> Self {
        Self::new(registry, "grpc.client.attempt", "{attempt}", Some(target))
    }

    fn new(
        registry: &Registry,
        prefix: &str,
        what: &'static str,
        target: Option<&'static str>,
    ) -> Self {
        let size = |direction: &str| {
            let name = format!("{prefix}.{direction}_total_compressed_message_size");
            let descriptor = Descriptor::new(name)
                .with_unit(Unit::BYTES)
                .with_help("Compressed message bytes of a call, without framing (gRFC A66).");
            registry.histogram(descriptor, buckets(&SIZE))
        };
        Self {
            target,
            started: registry.counter(
                Descriptor::new(format!("{prefix}.started"))
                    .with_unit(Unit::new(what))
                    .with_help("Calls or attempts that were started (gRFC A66)."),
            ),
            duration: seconds(registry, format!("{prefix}.duration")),
            sent: size("sent"),
            received: size("rcvd"),
        }
    }

    /// Counts a call that begins, of a span name.
    pub(crate) fn start(&self, name: &'static str) {
        self.with_labels(name, None, |labels| self.started.add(labels, 1));
    }

    /// Records a call that ended; the sizes only where its messages were counted.
    pub(crate) fn end(&self, end: &ExchangeEnd<'_>, call: Option<&CallState>) {
        let status = status(end);
        self.with_labels(end.name(), Some(status), |labels| {
            let seconds = end.duration().as_secs_f64();
            self.duration.record_in(labels, seconds, end.context());
            if let Some((sent, received)) = call.and_then(CallState::traffic) {
                self.sent
                    .record_in(labels, size(sent.bytes()), end.context());
                self.received
                    .record_in(labels, size(received.bytes()), end.context());
            }
        });
    }

    fn with_labels(
        &self,
        name: &'static str,
        status: Option<&'static str>,
        record: impl FnOnce(&[(&str, &str)]),
    ) {
        // An empty value is as good as no label.
        record(&[
            (METHOD, method(name)),
            (TARGET, self.target.unwrap_or_default()),
            (STATUS, status.unwrap_or_default()),
        ]);
    }
}

/// The families of calls at a client, above their attempts.
#[derive(Debug)]
pub(crate) struct NativeCalls {
    target: &'static str,
    duration: Family<Histogram>,
    retries: Family<Histogram>,
    hedges: Family<Histogram>,
    delay: Family<Histogram>,
}

impl NativeCalls {
    pub(crate) fn new(registry: &Registry, target: &'static str) -> Self {
        let count = |name: &'static str, unit: &'static str, help: &'static str| {
            let descriptor = Descriptor::new(name)
                .with_unit(Unit::new(unit))
                .with_help(help);
            registry.histogram(descriptor, buckets(&RETRIES))
        };
        Self {
            target,
            duration: seconds(registry, "grpc.client.call.duration".to_owned()),
            retries: count(
                "grpc.client.call.retries",
                "{retry}",
                "Retries of calls that had any (gRFC A96).",
            ),
            hedges: count(
                "grpc.client.call.hedges",
                "{hedge}",
                "Hedges of calls that had any (gRFC A96).",
            ),
            delay: seconds(registry, "grpc.client.call.retry_delay".to_owned()),
        }
    }

    pub(crate) fn end(&self, end: &ExchangeEnd<'_>, attempts: &Attempts) {
        let named = [(METHOD, method(end.name())), (TARGET, self.target)];
        let [of_method, of_target] = named;
        let ended = [of_method, of_target, (STATUS, status(end))];
        self.duration
            .record_in(&ended, end.duration().as_secs_f64(), end.context());
        for (family, count) in [
            (&self.retries, attempts.retries()),
            (&self.hedges, attempts.hedges()),
        ] {
            if count > 0 {
                family.record_in(&named, f64::from(count), end.context());
            }
        }
        let waited = attempts.waited();
        if !waited.is_zero() {
            self.delay
                .record_in(&named, waited.as_secs_f64(), end.context());
        }
    }
}

fn seconds(registry: &Registry, name: String) -> Family<Histogram> {
    let descriptor = Descriptor::new(name)
        .with_unit(Unit::SECONDS)
        .with_help("Duration to the status of the call (gRFC A66, A96).");
    registry.histogram(descriptor, buckets(&LATENCY))
}

fn buckets(bounds: &[f64]) -> Buckets {
    // The bounds above are in order, so this does not fail.
    Buckets::explicit(bounds).unwrap_or_else(|_| Buckets::semconv_seconds())
}

fn method(name: &'static str) -> &'static str {
    if name == NAMELESS { OTHER } else { name }
}

fn status(end: &ExchangeEnd<'_>) -> &'static str {
    match end.status() {
        Some(Status::Grpc(code)) => code.as_str(),
        _ => "UNKNOWN",
    }
}

fn size(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "buckets are coarser")]
    let size = bytes as f64;
    size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buckets_are_those_of_the_proposal() {
        for bounds in [&LATENCY[..], &SIZE, &RETRIES] {
            assert_eq!(buckets(bounds).bounds(), bounds);
        }
    }
}
