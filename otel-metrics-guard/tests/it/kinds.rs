//! Facts and states in every dialect.

use otel_core::registry::Registry;
use otel_metrics_guard::exposition::Format;

use crate::expositions::scrape;

fn registry() -> Registry {
    let registry = Registry::new();
    registry.info("build").state(&[("version", "1.2.3")]);
    let phase = registry.state_set("phase", ["starting", "ready"]);
    assert!(phase.select(&[("shard", "7")], "ready"));
    assert!(!phase.select(&[], "unknown"));
    registry
}

#[test]
fn openmetrics_has_a_type_for_each() {
    let exposition = scrape(&registry(), Format::OpenMetrics);
    for line in [
        "# TYPE build info\n",
        "build_info{version=\"1.2.3\"} 1\n",
        "# TYPE phase stateset\n",
        "phase{phase=\"ready\",shard=\"7\"} 1\n",
        "phase{phase=\"starting\",shard=\"7\"} 0\n",
    ] {
        assert!(exposition.contains(line), "{line}\n{exposition}");
    }
}

#[test]
fn the_older_format_has_gauges() {
    let exposition = scrape(&registry(), Format::Text);
    for line in [
        "# TYPE build_info gauge\n",
        "build_info{version=\"1.2.3\"} 1\n",
        "# TYPE phase gauge\n",
        "phase{phase=\"ready\",shard=\"7\"} 1\n",
    ] {
        assert!(exposition.contains(line), "{line}\n{exposition}");
    }
}
