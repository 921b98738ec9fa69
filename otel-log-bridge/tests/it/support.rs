//! A bridge on a memory sink, and what came out of it.

use std::time::{Duration, UNIX_EPOCH};

use otel_core::clock::ManualClock;
use otel_core::resource::Resource;
use otel_log_bridge::{CapturedLines, JsonSink, LogBridge, LogBridgeBuilder, LogGuard};
use serde_json::Value;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Layered, SubscriberExt};

/// No test waits this long unless it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) type Stack = Layered<otel_log_bridge::LogLayer<Registry>, Registry>;

/// A clock that stands at 2023-11-14T22:13:20.000000042Z.
pub(crate) fn clock() -> ManualClock {
    let clock = ManualClock::new();
    clock.set_wall(UNIX_EPOCH + Duration::new(1_700_000_000, 42));
    clock
}

pub(crate) fn shop() -> Resource {
    Resource::builder()
        .with_service_name("shop")
        .build()
        .unwrap()
}

pub(crate) fn builder() -> LogBridgeBuilder {
    LogBridge::builder(&shop())
        .with_clock(clock())
        .with_level("trace")
}

/// The registry with the bridge alone.
pub(crate) fn stack(builder: LogBridgeBuilder) -> (Stack, LogGuard, CapturedLines) {
    let (sink, lines) = JsonSink::memory();
    let (layer, guard) = builder.with_json(sink).build().unwrap();
    (tracing_subscriber::registry().with(layer), guard, lines)
}

/// The lines that `log` logs.
pub(crate) fn lines_of(log: impl FnOnce()) -> Vec<String> {
    let (stack, guard, lines) = stack(builder());
    tracing::subscriber::with_default(stack, log);
    let report = guard.flush(PATIENCE);
    assert_eq!(report.pending(), 0);
    lines.lines()
}

/// The one line that `log` logs, parsed.
pub(crate) fn record_of(log: impl FnOnce()) -> Value {
    let lines = lines_of(log);
    assert_eq!(lines.len(), 1, "{lines:?}");
    parse(&lines[0])
}

pub(crate) fn parse(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}
