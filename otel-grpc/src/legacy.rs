//! The duration as the conventions had it up to 1.37: in milliseconds, service and method apart.

use otel_core::exchange::ExchangeEnd;
use otel_core::outcome::{GrpcCode, Side, Status};
use otel_core::registry::{Buckets, Descriptor, Family, Histogram, Registry, Unit};
use otel_core::semconv;

use crate::operation::NAMELESS;

/// What an SDK of that time used, as these conventions gave no advice.
const BUCKETS: [f64; 15] = [
    0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 2500.0, 5000.0, 7500.0,
    10000.0,
];

/// The legacy duration of one side.
#[derive(Debug)]
pub(crate) struct LegacyDuration(Family<Histogram>);

impl LegacyDuration {
    pub(crate) fn new(registry: &Registry, side: Side) -> Self {
        let name = match side {
            Side::Server => semconv::RPC_SERVER_DURATION,
            Side::Client => semconv::RPC_CLIENT_DURATION,
        };
        let descriptor = Descriptor::new(name)
            .with_unit(Unit::MILLISECONDS)
            .with_help("Duration of gRPC calls, by the conventions up to 1.37.");
        let buckets = Buckets::explicit(&BUCKETS).unwrap_or_else(|_| Buckets::semconv_seconds());
        Self(registry.histogram(descriptor, buckets))
    }

    pub(crate) fn record(&self, end: &ExchangeEnd<'_>) {
        let (service, method) = service_and_method(end.name());
        let label = |name| {
            let mut labels = end.labels().iter();
            let found = labels.find(|(label, _)| *label == name);
            found.map_or("", |(_, value)| *value)
        };
        let labels = [
            (semconv::RPC_SYSTEM, "grpc"),
            (semconv::RPC_SERVICE, service),
            (semconv::RPC_METHOD, method),
            (semconv::RPC_GRPC_STATUS_CODE, status_number(end)),
            (semconv::SERVER_ADDRESS, label(semconv::SERVER_ADDRESS)),
            (semconv::SERVER_PORT, label(semconv::SERVER_PORT)),
        ];
        let milliseconds = end.duration().as_secs_f64() * 1000.0;
        self.0.record_in(&labels, milliseconds, end.context());
    }
}

/// Service and method of an operation; of one without a name there is no service.
pub(crate) fn service_and_method(name: &'static str) -> (&'static str, &'static str) {
    match name.split_once('/') {
        Some(parts) => parts,
        None if name == NAMELESS => ("", semconv::OTHER),
        None => ("", name),
    }
}

fn status_number(end: &ExchangeEnd<'_>) -> &'static str {
    const NUMBERS: [&str; 17] = [
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16",
    ];
    let code = match end.status() {
        Some(Status::Grpc(code)) => code,
        _ => GrpcCode::Unknown,
    };
    NUMBERS
        .get(usize::from(code.number()))
        .copied()
        .unwrap_or("2")
}
