//! Exemplars lead from a sample to a trace, or are left out.

use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::TraceFlags;
use otel_core::registry::{Buckets, ExemplarFilter};
use otel_metrics_guard::exposition::Format;

use crate::expositions::{registry, sampled, samples, scrape, with_flags};

const EXEMPLAR: &str =
    r#" # {trace_id="0af7651916cd43dd8448eb211c80319c",span_id="00f067aa0ba902b7"}"#;

#[test]
fn a_counter_has_its_last_increment() {
    let registry = registry().build().unwrap();
    registry.counter("orders").add_in(&[], 7, &sampled());
    let expected = format!("orders_total 7{EXEMPLAR} 7 1700000000.5");
    assert_eq!(samples(&registry, "orders"), [expected]);
}

#[test]
fn a_bucket_has_a_value_that_lies_in_it() {
    let registry = registry().build().unwrap();
    let buckets = Buckets::explicit(&[0.0, 1.0, 2.0]).unwrap();
    let sizes = registry.histogram("sizes", buckets);
    for value in [0.0, 2.0, 1e300] {
        sizes.record_in(&[], value, &sampled());
    }
    assert_eq!(
        samples(&registry, "sizes_bucket"),
        [
            format!("sizes_bucket{{le=\"0.0\"}} 1{EXEMPLAR} 0 1700000000.5"),
            "sizes_bucket{le=\"1.0\"} 1".to_owned(),
            format!("sizes_bucket{{le=\"2.0\"}} 2{EXEMPLAR} 2 1700000000.5"),
            format!("sizes_bucket{{le=\"+Inf\"}} 3{EXEMPLAR} 1e+300 1700000000.5"),
        ]
    );
}

#[test]
fn a_measurement_outside_of_a_sampled_span_has_none() {
    let registry = registry().build().unwrap();
    let orders = registry.counter("orders");
    orders.add(&[], 1);
    orders.add_in(&[], 1, &Context::new());
    orders.add_in(&[], 1, &with_flags(TraceFlags::NOT_SAMPLED));
    assert_eq!(samples(&registry, "orders"), ["orders_total 3"]);
}

#[test]
fn they_can_be_turned_off() {
    let registry = registry().with_exemplars(ExemplarFilter::AlwaysOff);
    let registry = registry.build().unwrap();
    registry.counter("orders").add_in(&[], 1, &sampled());
    assert_eq!(samples(&registry, "orders"), ["orders_total 1"]);
}

/// A reader of text 0.0.4 fails the whole scrape at the first one.
#[test]
fn text_has_none() {
    let registry = registry().build().unwrap();
    registry.counter("orders").add_in(&[], 1, &sampled());
    let text = scrape(&registry, Format::Text);
    assert!(text.contains("\norders_total 1\n"));
    assert!(!text.contains("# {"));
}
