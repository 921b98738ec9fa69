//! Records of the `log` crate. Its logger is of the process: a process of its own.

use std::time::Duration;

use opentelemetry_sdk::trace::SdkTracerProvider;
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use otel_core::resource::Resource;
use otel_log_bridge::{JsonSink, LogBridge};
use serde_json::Value;
use tracing_subscriber::layer::SubscriberExt;

#[test]
fn a_record_of_the_log_crate_is_an_event_like_any_other() {
    let resource = Resource::builder().build().unwrap();
    let (sink, lines) = JsonSink::memory();
    let (layer, guard) = LogBridge::builder(&resource)
        .with_level("info,chatty=warn")
        .with_code_location(true)
        .with_json(sink)
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::set_global_default(stack).unwrap();
    tracing_log::LogTracer::init().unwrap();

    let tracer = SdkTracerProvider::builder().build().tracer("test");
    let _attached = Context::current_with_span(tracer.start("native")).attach();
    let _span = tracing::info_span!("request", tenant = "north").entered();
    log::info!(target: "hyper::client", "connected to alice@example.com");
    log::info!(target: "chatty", "not at this level");
    log::warn!(target: "chatty", "at this");
    log::debug!("too quiet");

    guard.flush(Duration::from_secs(30));
    let records: Vec<Value> = lines
        .lines()
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(records.len(), 2, "{records:?}");
    let first = &records[0];
    assert_eq!(first["body"], "connected to [REDACTED]");
    assert_eq!(
        (&first["target"], &first["tenant"]),
        (&"hyper::client".into(), &"north".into())
    );
    assert!(first["trace_id"].is_string());
    assert!(first.get("event_name").is_none() && first.get("log.target").is_none());
    assert!(
        first["code.file.path"]
            .as_str()
            .unwrap()
            .ends_with("log_crate.rs")
    );
    assert!(first["code.line.number"].is_u64());
    assert_eq!(records[1]["target"], "chatty");
}
