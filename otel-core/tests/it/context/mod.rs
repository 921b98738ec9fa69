//! The context through the program: what is carried, and what is left behind.

mod carry;
mod detached;
mod lifecycle;
#[cfg(feature = "tokio")]
mod spawning;
mod tears;

use otel_core::exchange::{Exchange, ExchangeContext, Signals};
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::baggage::BaggageExt;
use otel_core::opentelemetry::trace::TraceContextExt;
use otel_core::propagation::{Caller, Format, Propagator};
use otel_core::telemetry::{Telemetry, TelemetryBuilder};

use crate::exchange::instrumentation;

fn telemetry() -> TelemetryBuilder {
    let propagator = Propagator::builder()
        .add_format(Format::W3c)
        .with_baggage()
        .build();
    Telemetry::builder().with_propagator(propagator)
}

/// A request with an id and baggage, in a trace.
fn request(telemetry: &Telemetry, number: u32) -> Exchange {
    let mut headers = http::HeaderMap::new();
    let traceparent = format!("00-{number:032x}-{number:016x}-01");
    headers.insert("traceparent", traceparent.parse().unwrap());
    headers.insert("x-request-id", format!("r-{number}").parse().unwrap());
    headers.insert("baggage", format!("n={number}").parse().unwrap());
    let instrumentation = instrumentation(telemetry, Signals::ALL);
    Exchange::open(&instrumentation, instrumentation.operation(0, ""))
        .arriving(telemetry.arrive(&Caller::new(&headers)))
        .start(|_attributes| {})
}

/// What of request `number` is current here: trace, request id and baggage, all or none.
fn seen() -> Option<u32> {
    Context::map_current(|cx| {
        let trace_id = u128::from_be_bytes(cx.span().span_context().trace_id().to_bytes());
        let own = ExchangeContext::of(cx);
        let Some(own) = own else {
            assert!(!cx.has_active_span() && cx.baggage().is_empty());
            return None;
        };
        let number = cx.baggage().get("n").unwrap().as_str().parse().unwrap();
        assert_eq!(trace_id, u128::from(number));
        assert_eq!(own.request_id().as_str(), format!("r-{number}"));
        Some(number)
    })
}
