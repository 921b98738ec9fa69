//! The engine without a server: what each part promises by itself.

mod body;
mod calls;
mod containment;
mod context;
mod declared_length;
mod in_flight;
mod lost_context;
mod observer;
mod operations;

use std::sync::Arc;

use otel_core::exchange::{Exchange, Instrumentation, OperationParts, Signals};
use otel_core::outcome::{Classify, Side};
use otel_core::registry::{Descriptor, Unit};
use otel_core::telemetry::Telemetry;

/// An instrumentation such as a layer makes.
pub(crate) fn instrumentation(telemetry: &Telemetry, signals: Signals) -> Arc<Instrumentation> {
    Instrumentation::builder(
        telemetry,
        (Classify::Http, Side::Server),
        Descriptor::new("test.request.duration").with_unit(Unit::SECONDS),
        Descriptor::new("test.active_requests"),
        |_variant, route| match route {
            "" => OperationParts::new("TEST"),
            route => OperationParts::new(route).with_label("http.route", route),
        },
    )
    .with_signals(signals)
    .build()
}

/// An exchange without a name, ready to be ended.
fn exchange(telemetry: &Telemetry) -> Exchange {
    let instrumentation = instrumentation(telemetry, Signals::ALL);
    let operation = instrumentation.operation(0, "");
    Exchange::open(&instrumentation, operation).start(|_attributes| {})
}

/// The value of a fault counter.
pub(crate) fn faults(telemetry: &Telemetry, fault: &str) -> u64 {
    let snapshot = telemetry.registry().collect();
    let family = snapshot.family("telemetry_faults").unwrap();
    let wanted = format!("telemetry_fault=\"{fault}\"");
    let series = family.series().find(|series| series.labels() == wanted);
    series.unwrap().value().as_counter().unwrap()
}
