//! Events logged by the fields of an event.
//!
//! A scoped subscriber hides itself from them, so the subscriber must be the global one: a process
//! of its own.

use std::fmt;
use std::time::Duration;

use otel_core::resource::Resource;
use otel_log_bridge::{DropReason, JsonSink, LogBridge};
use serde_json::Value;
use tracing_subscriber::layer::SubscriberExt;

/// Logs itself when it is formatted, as often as it may.
struct Echo(u32);

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("be")?;
        if self.0 > 0 {
            tracing::info!(inner = ?Self(self.0 - 1), "from {}", self.0);
        }
        f.write_str("fore")
    }
}

#[test]
fn what_a_debug_logs_is_written_but_not_without_end() {
    let resource = Resource::builder()
        .with_service_name("shop")
        .build()
        .unwrap();
    let (sink, lines) = JsonSink::memory();
    let (layer, guard) = LogBridge::builder(&resource)
        .with_json(sink)
        .build()
        .unwrap();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();

    tracing::info!(a = 1, echo = ?Echo(1), z = 2, "finite");
    tracing::info!(echo = ?Echo(1_000), "endless");
    tracing::info!("after");

    let report = guard.shutdown(Duration::from_secs(30));
    assert_eq!((report.written(), report.dropped()), (5, 1));
    assert_eq!(report.stats().dropped_for(DropReason::Reentrant), 1);
    let records: Vec<Value> = lines
        .lines()
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let bodies: Vec<_> = records.iter().map(|record| &record["body"]).collect();
    assert_eq!(
        bodies,
        ["from 1", "finite", "from 1000", "endless", "after"]
    );
    for (record, field) in [(0, "inner"), (1, "echo"), (2, "inner"), (3, "echo")] {
        assert_eq!(records[record][field], "before");
    }
    assert_eq!((&records[1]["a"], &records[1]["z"]), (&1.into(), &2.into()));
}
