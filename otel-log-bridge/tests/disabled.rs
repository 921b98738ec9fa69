//! What the gate switches off at its callsite.
//!
//! `tracing` asks every subscriber of the process about a callsite, so there must be no other: a
//! process of its own.

use otel_core::resource::Resource;
use otel_log_bridge::{JsonSink, LogBridge};
use tracing::level_filters::LevelFilter;
use tracing::{Level, Subscriber};
use tracing_subscriber::layer::SubscriberExt;

#[test]
fn events_are_switched_off_by_level_and_spans_on_their_own() {
    let resource = Resource::builder().build().unwrap();
    let builder = || LogBridge::builder(&resource).with_json(JsonSink::memory().0);

    let (layer, _guard) = builder().with_level("warn").build().unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    assert_eq!(stack.max_level_hint(), Some(LevelFilter::TRACE));
    tracing::subscriber::with_default(stack, || {
        assert!(tracing::enabled!(Level::WARN));
        assert!(!tracing::enabled!(Level::INFO));
        assert!(!tracing::trace_span!("seen").is_disabled());
    });

    let limited = builder()
        .with_level("warn")
        .with_span_level(LevelFilter::INFO);
    let (layer, _guard) = limited.build().unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    assert_eq!(stack.max_level_hint(), Some(LevelFilter::INFO));
    tracing::subscriber::with_default(stack, || {
        assert!(!tracing::enabled!(Level::INFO));
        assert!(!tracing::info_span!("seen").is_disabled());
        assert!(tracing::debug_span!("not seen").is_disabled());
    });
}
