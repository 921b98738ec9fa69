//! Panics in the log. The hook is of the process: a process of its own.
#![expect(clippy::panic, reason = "what is tested")]

use std::fmt;
use std::time::Duration;

use opentelemetry_sdk::trace::SdkTracerProvider;
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use otel_core::resource::Resource;
use otel_log_bridge::{JsonSink, LogBridge, RequestBuffer};
use serde_json::Value;
use tracing_subscriber::layer::SubscriberExt;

struct Panics;

impl fmt::Debug for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("while formatting");
    }
}

#[test]
fn a_panic_is_recorded_with_the_ids_of_its_request() {
    std::panic::set_hook(Box::new(|_| {}));
    let resource = Resource::builder().build().unwrap();
    let (sink, lines) = JsonSink::memory();
    let (layer, guard) = LogBridge::builder(&resource)
        .with_json(sink)
        .with_request_buffer(RequestBuffer::new(tracing::Level::DEBUG))
        .build()
        .unwrap();
    guard.install_panic_hook();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::set_global_default(stack).unwrap();

    let panicked = std::thread::Builder::new()
        .name("worker-7".to_owned())
        .spawn(|| {
            let tracer = SdkTracerProvider::builder().build().tracer("test");
            let _attached = Context::current_with_span(tracer.start("native")).attach();
            tracing::debug!("just before");
            let password = "password=hunter2";
            panic!("cannot go on: {password}");
        })
        .unwrap();
    assert!(panicked.join().is_err());
    tracing::info!(bad = ?Panics, "contained");

    // So that a failure of this test is seen.
    drop(std::panic::take_hook());
    guard.flush(Duration::from_secs(30));
    let records: Vec<Value> = lines
        .lines()
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let bodies: Vec<&str> = records
        .iter()
        .map(|r| r["body"].as_str().unwrap())
        .collect();
    assert_eq!(
        bodies,
        [
            "just before",
            "panicked: cannot go on: password=[REDACTED]",
            "panicked: while formatting",
            "contained",
        ]
    );
    let panic = &records[1];
    assert_eq!(panic["event_name"], "log.panic");
    assert_eq!(panic["severity_text"], "ERROR");
    assert_eq!(panic["exception.type"], "panic");
    assert_eq!(
        panic["exception.message"],
        "cannot go on: password=[REDACTED]"
    );
    assert_eq!(panic["thread.name"], "worker-7");
    assert_eq!(panic["trace_id"], records[0]["trace_id"]);
    assert!(
        panic["code.file.path"]
            .as_str()
            .unwrap()
            .ends_with("tests/panics.rs")
    );
    assert!(panic["code.line.number"].is_u64());
}
