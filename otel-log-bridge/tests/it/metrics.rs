//! What the bridge counts, in the store of metrics.

use otel_core::registry::Registry;
use otel_log_bridge::{OnDrift, Sampling, Schema, SchemaField};
use tracing::Level;

use crate::support::{PATIENCE, builder, stack};

#[test]
fn the_account_is_in_the_registry() {
    let registry = Registry::new();
    let schema = Schema::builder("s", 1)
        .add_target("metered")
        .add_field(SchemaField::text("a"))
        .build()
        .unwrap();
    let sampling = Sampling::builder()
        .with_level_share(Level::DEBUG, 0.0)
        .build()
        .unwrap();
    let builder = builder()
        .with_registry(&registry)
        .with_schema(schema, OnDrift::Report)
        .with_sampling(sampling);
    let (stack, guard, _lines) = stack(builder);
    tracing::subscriber::with_default(stack, || {
        for _ in 0..3 {
            tracing::info!(target: "metered", a = 1, password = "x", "x");
            tracing::debug!("left out");
        }
    });
    // Twice, since it is added up from differences.
    guard.flush(PATIENCE);
    guard.shutdown(PATIENCE);
    let snapshot = registry.collect();
    let sum = |family: &str, label: &str| -> u64 {
        let series = snapshot.family(family).unwrap().series();
        let labelled = series.filter(|series| {
            label.is_empty() || series.label_pairs().any(|(_, value)| value == label)
        });
        labelled
            .filter_map(|series| series.value().as_counter())
            .sum()
    };
    // Three lines of the test and two that tell of the drift.
    assert_eq!(sum("log_bridge_lines", ""), 5);
    assert_eq!(sum("log_bridge_events", ""), 8);
    assert_eq!(sum("log_bridge_dropped", "sampled"), 3);
    assert_eq!(sum("log_bridge_redactions", ""), 3);
    assert_eq!(sum("log_bridge_schema_drift", "wrong_type"), 3);
    assert_eq!(sum("log_bridge_untraced", ""), 3);
}
