//! What others make of the same event.

use std::io;
use std::time::Instant;

use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{measure, measure_debug, provider};
use crate::harness::Meter;

pub(super) fn fmt(meter: &mut Meter, with_spans: bool) {
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .with_current_span(with_spans)
        .with_span_list(with_spans)
        .with_writer(io::sink);
    tracing_subscriber::registry().with(layer).init();
    measure(meter);
}

pub(super) fn json_subscriber(meter: &mut Meter, with_spans: bool) {
    let layer = json_subscriber::layer()
        .with_current_span(with_spans)
        .with_span_list(with_spans)
        .with_writer(io::sink);
    tracing_subscriber::registry().with(layer).init();
    measure(meter);
}

pub(super) fn appender(meter: &mut Meter) {
    let layer = OpenTelemetryTracingBridge::new(&provider());
    tracing_subscriber::registry().with(layer).init();
    measure(meter);
}

/// What a service that wants both installs today.
pub(super) fn appender_and_fmt(meter: &mut Meter) {
    let records = OpenTelemetryTracingBridge::new(&provider());
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(io::sink);
    tracing_subscriber::registry()
        .with(records)
        .with(lines)
        .init();
    measure(meter);
}

/// Of `emit`'s own macros: it is no layer of `tracing`. Its span fields are ambient properties, its
/// ids come from its own spans, and its writer batches on a thread as ours does.
pub(super) fn emit(meter: &mut Meter) {
    let path = std::env::temp_dir().join(format!("benches-emit-{}", std::process::id()));
    let emitter = emit_file::set(path.join("log.txt")).max_files(1000).spawn();
    let runtime = emit::setup().emit_to(emitter).init();
    let mut amount = 0_u64;
    emit::Frame::push(
        emit::ctxt(),
        emit::props! {
            tenant: "north",
            attempt: 1,
            order: 17,
            trace_id: emit::TraceId::from_u128(1),
            span_id: emit::SpanId::from_u64(1),
        },
    )
    .call(|| {
        meter.run(|| {
            amount += 1;
            let (currency, ratio, cached) = ("EUR", 0.25, false);
            emit::info!("charged", amount, currency, ratio, cached);
        });
    });
    runtime.blocking_flush(std::time::Duration::from_secs(1));
    let _ = std::fs::remove_dir_all(path);
}

/// The cost of a callsite that is switched off.
pub(super) fn disabled(meter: &mut Meter) {
    tracing_subscriber::registry()
        .with(LevelFilter::INFO)
        .init();
    measure_debug(meter);
}

/// The unit that what is left out is measured by.
#[expect(clippy::disallowed_methods, reason = "this is what is measured")]
pub(super) fn instant(meter: &mut Meter) {
    meter.run(|| {
        std::hint::black_box(Instant::now());
    });
}
