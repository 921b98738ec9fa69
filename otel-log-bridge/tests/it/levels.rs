//! Which events are written, and that other layers are left alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use otel_log_bridge::{JsonSink, LogBridge};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::support::{PATIENCE, builder, shop, stack};

fn log_all() {
    tracing::error!(target: "app::db", "e");
    tracing::debug!(target: "app::db", "d");
    tracing::info!(target: "lib", "i");
    tracing::debug!(target: "lib", "x");
    tracing::error!(target: "noise", "x");
}

#[test]
fn the_most_specific_target_decides() {
    let (stack, guard, lines) = stack(builder().with_level("info,app=debug,noise=off"));
    tracing::subscriber::with_default(stack, log_all);
    let report = guard.flush(PATIENCE);
    let bodies: Vec<String> = lines
        .lines()
        .iter()
        .map(|line| crate::support::parse(line)["body"].to_string())
        .collect();
    assert_eq!(bodies, [r#""e""#, r#""d""#, r#""i""#]);
    assert_eq!(report.stats().events(), 3);
}

struct Count(Arc<AtomicU64>);

impl<S: Subscriber> Layer<S> for Count {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn other_layers_see_what_this_one_leaves_out() {
    for bridge_is_outer in [true, false] {
        let seen = Arc::new(AtomicU64::new(0));
        let (sink, _lines) = JsonSink::memory();
        let builder = LogBridge::builder(&shop())
            .with_level("error")
            .with_json(sink);
        let count = Count(Arc::clone(&seen));
        let guard = if bridge_is_outer {
            let (layer, guard) = builder.build().unwrap();
            let stack = tracing_subscriber::registry().with(count).with(layer);
            tracing::subscriber::with_default(stack, log_all);
            guard
        } else {
            let (layer, guard) = builder.build().unwrap();
            let stack = tracing_subscriber::registry().with(layer).with(count);
            tracing::subscriber::with_default(stack, log_all);
            guard
        };
        assert_eq!(seen.load(Ordering::Relaxed), 5);
        assert_eq!(guard.stats().events(), 2);
    }
}

#[test]
fn bad_settings_are_refused_by_build() {
    let builds = |builder: otel_log_bridge::LogBridgeBuilder| {
        let (sink, _lines) = JsonSink::memory();
        let built = builder
            .with_json(sink)
            .build::<tracing_subscriber::Registry>();
        built.map(|_| ()).map_err(|error| error.setting())
    };
    for bad in ["", " ", "app=loud", "a=b=c", "info,,debug=="] {
        assert_eq!(
            builds(builder().with_level(bad)),
            Err("with_level"),
            "{bad:?}"
        );
    }
    for bad in [0, 1024, usize::MAX] {
        assert_eq!(
            builds(builder().with_queue_bytes(bad).with_level("")),
            Err("with_queue_bytes")
        );
    }
    assert_eq!(builds(builder().with_queue_bytes(256 * 1024)), Ok(()));
}
