//! In its stride the path of an event allocates nothing.

use std::io;

use opentelemetry_sdk::trace::SdkTracerProvider;
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use otel_log_bridge::{HashKey, JsonSink, LogBridge, Profile, Redaction, Sampling};
use tracing_subscriber::layer::SubscriberExt;

use crate::ALLOCATOR;
use crate::support::{PATIENCE, shop};

fn log(n: u64) {
    tracing::info!(
        n,
        ratio = 0.25,
        ok = true,
        name = "value with \"quotes\"",
        list = ?[1, 2, 3],
        "request {} took {:?}",
        n,
        std::time::Duration::from_millis(n)
    );
}

#[test]
fn an_event_inside_a_span_allocates_nothing() {
    let (layer, guard) = LogBridge::builder(&shop())
        .with_queue_bytes(8 << 20)
        .with_json(JsonSink::writer(io::sink()))
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || {
        let tracer = SdkTracerProvider::builder().build().tracer("test");
        let _attached = Context::current_with_span(tracer.start("native")).attach();
        let _span = tracing::info_span!("around").entered();
        // The plan of the callsite, the buffers of the thread.
        log(1);
        let ((), made) = ALLOCATOR.allocations_of(|| (0..1_000).for_each(log));
        assert_eq!(made.count(), 0, "{made:?}");
    });
    assert_eq!(guard.shutdown(PATIENCE).written(), 1_001);
}

#[test]
fn span_fields_and_redaction_allocate_nothing() {
    let (layer, guard) = LogBridge::builder(&shop())
        .with_queue_bytes(8 << 20)
        .with_json(JsonSink::writer(io::sink()))
        .add_sink(JsonSink::writer(io::sink()).with_profile(Profile::ecs()))
        .with_redaction(
            Redaction::builder()
                .with_key(HashKey::new("k1", &[7; 32]).unwrap())
                .build()
                .unwrap(),
        )
        .with_sampling(Sampling::builder().build().unwrap())
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || {
        let _outer = tracing::info_span!("outer", tenant = "north", attempt = 1).entered();
        let _inner = tracing::info_span!("inner", order = 17).entered();
        let log = |n: u64| {
            let error = io::Error::from(io::ErrorKind::BrokenPipe);
            tracing::info!(
                n,
                password = "hunter2",
                user.email = "alice@example.com",
                error = &error as &(dyn std::error::Error + 'static),
                "mail to bob@example.com, card 4111 1111 1111 1111"
            );
        };
        log(1);
        let ((), made) = ALLOCATOR.allocations_of(|| (0..1_000).for_each(log));
        assert_eq!(made.count(), 0, "{made:?}");
    });
    assert_eq!(guard.shutdown(PATIENCE).dropped(), 0);
}

#[test]
fn what_is_left_out_allocates_nothing() {
    let sampling = Sampling::builder()
        .with_level_share(tracing::Level::INFO, 0.0)
        .build()
        .unwrap();
    let (layer, guard) = LogBridge::builder(&shop())
        .with_json(JsonSink::writer(io::sink()))
        .with_sampling(sampling)
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || {
        log(1);
        let ((), made) = ALLOCATOR.allocations_of(|| (0..1_000).for_each(log));
        assert_eq!(made.count(), 0, "{made:?}");
    });
    assert_eq!(guard.stats().dropped(), 1_001);
}

#[test]
fn a_full_queue_takes_no_more_memory() {
    let (_release, stuck) = std::sync::mpsc::channel::<()>();
    let (layer, guard) = LogBridge::builder(&shop())
        .with_queue_bytes(256 * 1024)
        .with_json(JsonSink::writer(Stuck(stuck)))
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || {
        log(1);
        let ((), made) = ALLOCATOR.allocations_of(|| (0..10_000).for_each(log));
        assert_eq!(made.count(), 0, "{made:?}");
    });
    let stats = guard.stats();
    assert!(stats.dropped() > 0);
    assert_eq!(stats.events(), 10_001);
    drop(_release);
}

struct Stuck(std::sync::mpsc::Receiver<()>);

impl io::Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
