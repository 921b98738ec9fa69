//! The context in headers, and on its way to a task.

mod baggage;
mod carried;
mod w3c;

use http::{HeaderMap, HeaderValue};
use opentelemetry::trace::SpanContext;
use otel_core::propagation::Propagator;

use crate::harness::Comparison;

pub(crate) use carried::comparison as carried;

/// Headers of the wire: read and written.
pub(crate) fn comparison() -> Comparison {
    Comparison {
        name: "propagation",
        operation: "trace context and baggage, from or into a map of six headers",
        parts: 1,
        has_reference: false,
        counted: 5_000,
        cases: w3c::cases().into_iter().chain(baggage::cases()).collect(),
    }
}

/// What a browser or another service sends with a request.
fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "shop.example"),
        ("user-agent", "curl/8.5.0"),
        ("accept", "*/*"),
        ("accept-encoding", "gzip"),
        ("x-request-id", "7b0c1f4e"),
        (
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
}

fn span_context() -> SpanContext {
    let found = Propagator::w3c().extract(&headers());
    found.into_span_context().expect("a valid header")
}
