//! When a series began is said where it is asked for and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use otel_core::clock::ManualClock;
use otel_core::registry::{Buckets, Registry};
use otel_metrics_guard::exposition::{Exposition, Format};
use otel_metrics_guard::openmetrics::lint;

use crate::expositions::{registry, resource, scrape, text};

#[test]
fn counters_and_histograms_say_when_they_began() {
    let registry = shop();
    let text = created(&registry, Format::OpenMetrics);
    lint(&text).unwrap();
    let samples: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("orders") || line.starts_with("sizes_c"))
        .collect();
    assert_eq!(
        samples,
        [
            "orders_total{kind=\"book\"} 1",
            "orders_created{kind=\"book\"} 1700000000.5",
            "sizes_count{unit=\"kg\"} 1",
            "sizes_created{unit=\"kg\"} 1700000000.5",
        ]
    );
    assert!(!text.contains("load_created"));
}

#[test]
fn each_series_has_a_beginning_of_its_own() {
    let clock = Arc::new(ManualClock::new());
    clock.set_wall(std::time::UNIX_EPOCH + Duration::from_secs(1_000_000));
    let registry = Registry::builder().with_clock(Shared(Arc::clone(&clock)));
    let registry = registry.build().unwrap();
    let orders = registry.counter("orders");
    orders.add(&[("kind", "first")], 1);
    clock.advance(Duration::from_secs(90));
    orders.add(&[("kind", "second")], 1);
    let text = created(&registry, Format::OpenMetrics);
    assert!(
        text.contains("\norders_created{kind=\"first\"} 1000000\n"),
        "{text}"
    );
    assert!(
        text.contains("\norders_created{kind=\"second\"} 1000090\n"),
        "{text}"
    );
}

#[test]
fn nothing_says_so_unless_asked() {
    let registry = shop();
    for format in [Format::OpenMetrics, Format::Text] {
        assert!(!scrape(&registry, format).contains("_created"));
    }
}

/// A family `orders_created` beside `orders` would be read as a gauge.
#[test]
fn text_has_no_place_for_it() {
    let registry = shop();
    assert_eq!(
        created(&registry, Format::Text),
        scrape(&registry, Format::Text)
    );
}

fn shop() -> Registry {
    let registry = registry().build().unwrap();
    registry.counter("orders").add(&[("kind", "book")], 1);
    let buckets = Buckets::explicit(&[1.0]).unwrap();
    let sizes = registry.histogram("sizes", buckets);
    sizes.record(&[("unit", "kg")], 0.5);
    registry.gauge("load").set(&[], 1.0);
    registry
}

fn created(registry: &Registry, format: Format) -> String {
    text(Exposition::new(registry.collect(), &resource(), format).with_created(true))
}

/// A clock that the test and the registry hold.
#[derive(Debug)]
struct Shared(Arc<ManualClock>);

impl otel_core::clock::Clock for Shared {
    fn now(&self) -> std::time::Instant {
        self.0.now()
    }

    fn wall(&self) -> std::time::SystemTime {
        self.0.wall()
    }
}
