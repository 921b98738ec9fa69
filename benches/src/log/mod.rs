//! One event as a line of JSON, as a record of OpenTelemetry, as both, and as nothing.

mod ours;
mod peers;

use opentelemetry::Context;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer, TracerProvider,
};
use opentelemetry_sdk::logs::{
    BatchConfigBuilder, BatchLogProcessor, LogBatch, LogExporter, SdkLoggerProvider,
};
use opentelemetry_sdk::trace::SdkTracerProvider;

use crate::harness::{Case, Comparison, Meter};

/// What a line, or a record, is made of.
const LINE: &str = "line";
const LINE_AND_SPANS: &str = "line with span fields";
const RECORD: &str = "record";
const BOTH: &str = "both";
const NOTHING: &str = "left out";

pub(crate) fn comparison() -> Comparison {
    Comparison {
        name: "log",
        operation: "a message and four fields, inside of a context and two spans, to a sink",
        parts: 1,
        has_reference: false,
        counted: 2_000,
        cases: vec![
            Case::new(
                LINE_AND_SPANS,
                "otel-log-bridge, ids and redaction",
                ours::line,
            ),
            Case::new(LINE_AND_SPANS, "fmt json, no ids", |meter| {
                peers::fmt(meter, true)
            }),
            Case::new(LINE_AND_SPANS, "json-subscriber, no ids", |meter| {
                peers::json_subscriber(meter, true);
            }),
            Case::new(LINE_AND_SPANS, "emit, JSON to a file writer", peers::emit),
            Case::new(LINE, "otel-log-bridge, ids and redaction", ours::line_alone),
            Case::new(LINE, "fmt json, no ids", |meter| peers::fmt(meter, false)),
            Case::new(LINE, "json-subscriber, no ids", |meter| {
                peers::json_subscriber(meter, false);
            }),
            Case::new(RECORD, "otel-log-bridge", ours::record),
            Case::new(RECORD, "opentelemetry-appender-tracing", peers::appender),
            Case::new(BOTH, "otel-log-bridge", ours::both),
            Case::new(BOTH, "appender and fmt json", peers::appender_and_fmt),
            Case::new(NOTHING, "otel-log-bridge, sampled out", ours::sampled_out),
            Case::new(NOTHING, "otel-log-bridge, level off", ours::disabled),
            Case::new(NOTHING, "a registry alone, level off", peers::disabled),
            Case::new(NOTHING, "otel-log-bridge, held and forgotten", ours::held),
            Case::new(NOTHING, "std::time::Instant::now", peers::instant),
        ],
    }
}

/// Logs inside of a context and two spans.
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

/// As [`measure`], of an event that nobody wants, in a trace that is not sampled.
fn measure_debug(meter: &mut Meter) -> u64 {
    let _context = Context::new()
        .with_remote_span_context(SpanContext::new(
            TraceId::from(u128::MAX),
            SpanId::from(7),
            TraceFlags::default(),
            true,
            TraceState::NONE,
        ))
        .attach();
    let _outer = tracing::info_span!("request", tenant = "north", attempt = 1).entered();
    let _inner = tracing::info_span!("charge", order = 17).entered();
    let mut amount = 0_u64;
    meter.run(|| {
        amount += 1;
        tracing::debug!(
            amount,
            currency = "EUR",
            ratio = 0.25,
            cached = false,
            "charged"
        );
    })
}

/// The stock batch processor in front of an exporter that does nothing.
fn provider() -> SdkLoggerProvider {
    let config = BatchConfigBuilder::default().build();
    let batches = BatchLogProcessor::builder(Nowhere)
        .with_batch_config(config)
        .build();
    SdkLoggerProvider::builder()
        .with_log_processor(batches)
        .build()
}

#[derive(Debug)]
struct Nowhere;

impl LogExporter for Nowhere {
    async fn export(&self, _: LogBatch<'_>) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }
}
