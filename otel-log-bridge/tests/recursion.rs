//! An exporter that logs about every record it is given, at every level.
//!
//! Its events come back to the bridge, so the subscriber is the global one: a process of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter, SdkLoggerProvider};
use otel_core::resource::Resource;
use otel_log_bridge::{JsonSink, LogBridge};
use tracing_subscriber::layer::SubscriberExt;

#[derive(Debug, Clone)]
struct Chatty(Arc<AtomicU64>);

impl LogExporter for Chatty {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        self.0
            .fetch_add(batch.iter().count() as u64, Ordering::Relaxed);
        tracing::trace!(target: "exporter", "sending");
        tracing::error!(target: "exporter", "refused");
        tracing::debug!(target: "h2::codec", "frame");
        Ok(())
    }
}

#[test]
fn an_exporter_that_logs_ends_and_so_does_what_is_logged_after_the_shutdown() {
    let resource = Resource::builder().build().unwrap();
    let exported = Arc::new(AtomicU64::new(0));
    let provider = SdkLoggerProvider::builder()
        .with_simple_exporter(Chatty(Arc::clone(&exported)))
        .build();
    let (sink, lines) = JsonSink::memory();
    let (layer, guard) = LogBridge::builder(&resource)
        .with_level("trace")
        .with_queue_bytes(64 << 20)
        .with_json(sink)
        .with_otel(&provider)
        .build()
        .unwrap();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();
    for _ in 0..100 {
        tracing::info!("once");
    }
    assert_eq!(
        exported.load(Ordering::Relaxed),
        100,
        "what it logs is not exported"
    );
    provider.shutdown().unwrap();
    for _ in 0..10_000 {
        tracing::info!("after the shutdown of the provider");
    }
    assert_eq!(exported.load(Ordering::Relaxed), 100);
    let report = guard.flush(Duration::from_secs(30));
    assert_eq!(report.pending(), 0);
    let text = lines.text();
    assert_eq!(
        text.matches(r#""body":"refused""#).count(),
        100,
        "an error of it is still a line"
    );
    assert_eq!(text.matches(r#""body":"once""#).count(), 100);
    for _ in 0..100_000 {
        tracing::info!("on");
    }
    guard.shutdown(Duration::from_secs(30));
    for _ in 0..1_000_000 {
        tracing::info!("after all");
    }
}
