//! The suite's bridge.

use std::io;
use std::time::Duration;

use otel_core::resource::Resource;
use otel_log_bridge::{
    JsonSink, LogBridge, LogBridgeBuilder, LogGuard, RequestBuffer, Sampling, SpanFields,
};
use tracing::Level;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{measure, measure_debug, provider};
use crate::harness::Meter;

fn builder() -> LogBridgeBuilder {
    let resource = Resource::builder().with_service_name("shop").build();
    LogBridge::builder(&resource.expect("a valid resource")).with_json(JsonSink::writer(io::sink()))
}

fn install(builder: LogBridgeBuilder) -> LogGuard {
    let (layer, guard) = builder.build().expect("a valid configuration");
    tracing_subscriber::registry().with(layer).init();
    guard
}

fn written(meter: &mut Meter, builder: LogBridgeBuilder) {
    let guard = install(builder);
    let events = measure(meter);
    let report = guard.shutdown(Duration::from_secs(5));
    meter.output(report.written(), events);
}

pub(super) fn line(meter: &mut Meter) {
    written(meter, builder());
}

pub(super) fn line_alone(meter: &mut Meter) {
    written(meter, builder().with_span_fields(SpanFields::none()));
}

pub(super) fn record(meter: &mut Meter) {
    let guard = install(builder().without_lines().with_otel(&provider()));
    measure(meter);
    drop(guard);
}

pub(super) fn both(meter: &mut Meter) {
    written(meter, builder().with_otel(&provider()));
}

pub(super) fn sampled_out(meter: &mut Meter) {
    let sampling = Sampling::builder().with_level_share(Level::DEBUG, 0.000_001);
    let sampling = sampling.build().expect("a valid sampling");
    let _guard = install(builder().with_level("debug").with_sampling(sampling));
    measure_debug(meter);
}

pub(super) fn disabled(meter: &mut Meter) {
    let _guard = install(builder());
    measure_debug(meter);
}

pub(super) fn held(meter: &mut Meter) {
    let buffer = RequestBuffer::new(Level::DEBUG);
    let _guard = install(builder().with_request_buffer(buffer));
    measure_debug(meter);
}
