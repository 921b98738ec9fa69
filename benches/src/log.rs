//! One event as a line of JSON.
//!
//! Only the suite's line carries the ids of the trace here: `fmt` knows none, and `json-subscriber`
//! knows those of `tracing-opentelemetry` up to 0.32. The suite does not repeat the fields of the
//! spans around an event; both peers do unless told not to, so each is measured both ways.

use std::io;
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use otel_core::resource::Resource;
use otel_log_bridge::{JsonSink, LogBridge};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::harness::{Case, Comparison, Meter};

pub(crate) fn comparison() -> Comparison {
    Comparison {
        name: "log",
        operation: "a message and four fields, inside of a context and two spans, to a sink",
        parts: 1,
        has_reference: false,
        counted: 2_000,
        cases: vec![
            Case::new("line", "otel-log-bridge, with trace ids", ours),
            Case::new("line", "fmt json, no spans", |meter| fmt(meter, false)),
            Case::new("line", "fmt json, with spans (default)", |meter| {
                fmt(meter, true)
            }),
            Case::new("line", "json-subscriber, no spans", |meter| {
                json_subscriber(meter, false);
            }),
            Case::new("line", "json-subscriber, with spans (default)", |meter| {
                json_subscriber(meter, true);
            }),
        ],
    }
}

fn ours(meter: &mut Meter) {
    let resource = Resource::builder().with_service_name("shop").build();
    let (layer, guard) = LogBridge::builder(&resource.expect("a valid resource"))
        .with_json(JsonSink::writer(io::sink()))
        .build()
        .expect("a valid configuration");
    tracing_subscriber::registry().with(layer).init();
    let events = measure(meter);
    let report = guard.shutdown(Duration::from_secs(5));
    meter.output(report.written(), events);
}

fn fmt(meter: &mut Meter, with_spans: bool) {
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .with_current_span(with_spans)
        .with_span_list(with_spans)
        .with_writer(io::sink);
    tracing_subscriber::registry().with(layer).init();
    measure(meter);
}

fn json_subscriber(meter: &mut Meter, with_spans: bool) {
    let layer = json_subscriber::layer()
        .with_current_span(with_spans)
        .with_span_list(with_spans)
        .with_writer(io::sink);
    tracing_subscriber::registry().with(layer).init();
    measure(meter);
}

fn measure(meter: &mut Meter) -> u64 {
    let tracer = SdkTracerProvider::builder().build().tracer("bench");
    let _context = Context::current_with_span(tracer.start("request")).attach();
    let _outer = tracing::info_span!("request", tenant = "north", attempt = 1).entered();
    let _inner = tracing::info_span!("charge", order = 17).entered();
    let mut amount = 0_u64;
    meter.run(|| {
        amount += 1;
        tracing::info!(
            amount,
            currency = "EUR",
            ratio = 0.25,
            cached = false,
            "charged"
        );
    })
}
