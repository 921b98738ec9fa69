//! A recorder behind the guard, and the guard under the layers of others.

use metrics::{counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::PrometheusBuilder;
use metrics_tracing_context::{MetricsLayer, TracingContextLayer};
use metrics_util::layers::Layer;
use otel_core::cardinality::Budget;
use otel_core::registry::Registry;
use otel_metrics_guard::{Recorder, RecorderLayer};
use tracing_subscriber::layer::SubscriberExt;

fn tight() -> Registry {
    let budget = Budget::default().with_label_values(3);
    Registry::builder().with_budget(budget).build().unwrap()
}

fn value(rendered: &str, series: &str) -> Option<f64> {
    let line = rendered.lines().find(|line| line.starts_with(series))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn an_exporter_gains_the_bounds_and_the_same_sums() {
    let registry = tight();
    let exporter = PrometheusBuilder::new().build_recorder();
    let rendered = exporter.handle();
    let recorder = Recorder::builder(&registry).with_forward(exporter).build();
    with_local_recorder(&recorder, || {
        for user in 0..500 {
            counter!("logins", "user" => user.to_string()).increment(2);
            histogram!("wait.seconds", "user" => user.to_string()).record(0.5);
            gauge!("depth", "user" => user.to_string()).set(1.0);
        }
        // Two spellings of one name: one series, not two of which one is lost.
        counter!("a.b").increment(3);
        counter!("a_b").increment(4);
        histogram!("wait.seconds", "user" => "0").record(f64::NAN);
    });
    let rendered = rendered.render();
    let lines = |name: &str| {
        rendered
            .lines()
            .filter(|line| line.starts_with(name))
            .count()
    };
    assert_eq!(lines("logins{"), 4, "{rendered}");
    assert_eq!(value(&rendered, "logins{user=\"__other__\"}"), Some(994.0));
    assert_eq!(value(&rendered, "a_b "), Some(7.0));
    assert_eq!(lines("depth{"), 3 + 1);
    assert_eq!(value(&rendered, "depth{user=\"__other__\"}"), Some(0.0));
    assert!(!rendered.contains("NaN"), "{rendered}");
    let snapshot = registry.collect();
    let logins = snapshot.family("logins").unwrap();
    let sum: u64 = logins
        .series()
        .filter_map(|series| series.value().as_counter())
        .sum();
    assert_eq!(sum, 1_000);
}

#[test]
fn labels_of_spans_are_judged_like_any_other() {
    let registry = tight();
    let stack = RecorderLayer::new(&registry).layer(metrics::NoopRecorder);
    let recorder = TracingContextLayer::all().layer(stack);
    let subscriber = tracing_subscriber::registry().with(MetricsLayer::new());
    tracing::subscriber::with_default(subscriber, || {
        with_local_recorder(&recorder, || {
            for request in 0..100 {
                let span = tracing::info_span!("request", request_id = request);
                span.in_scope(|| counter!("handled").increment(1));
            }
        });
    });
    let snapshot = registry.collect();
    let handled = snapshot.family("handled").unwrap();
    assert_eq!(handled.len(), 4);
    let other = handled
        .series()
        .find(|s| s.labels() == r#"request_id="__other__""#);
    assert_eq!(other.unwrap().value().as_counter(), Some(97));
}
