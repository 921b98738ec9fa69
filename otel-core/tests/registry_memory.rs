//! What the registry costs in memory: for a family, for a series, under attack.
//!
//! A process of its own, because the allocator counts for all.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use otel_core::cardinality::{Budget, PolicySet};
use otel_core::registry::{Buckets, Descriptor, Registry, Unit};
use testkit::alloc::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

/// Live bytes that `make` leaves behind, with what it returns still there.
fn live<T>(make: impl FnOnce() -> T) -> (usize, T) {
    let before = ALLOCATOR.live_bytes();
    let made = make();
    let after = ALLOCATOR.live_bytes();
    (after.saturating_sub(before), made)
}

#[test]
fn the_registry_keeps_within_its_memory() {
    // What a thread allocates once is not the registry's.
    Registry::new().counter("warm").add(&[("a", "b")], 1);
    empty_families();
    counter_series();
    histogram_series();
    one_label(&Registry::new(), 8 * 1024 * 1024);
    one_label(&edge(), 512 * 1024);
    everything_at_once();
}

fn edge() -> Registry {
    Registry::builder()
        .with_budget(Budget::edge())
        .with_policies(PolicySet::edge())
        .build()
        .unwrap()
}

fn empty_families() {
    let registry = Registry::new();
    let _first = registry.counter("first");
    let names: Vec<String> = (0..100).map(|i| format!("family_{i:02}")).collect();
    let (bytes, _) = live(|| {
        for name in &names {
            let _ = registry.counter(Descriptor::new(name.clone()));
        }
    });
    assert!(
        bytes / 100 <= 512,
        "an empty counter family takes {}",
        bytes / 100
    );
    let names: Vec<String> = (0..100).map(|i| format!("duration_{i:02}")).collect();
    let (bytes, _) = live(|| {
        for name in &names {
            let descriptor = Descriptor::new(name.clone()).with_unit(Unit::SECONDS);
            let _ = registry.histogram(descriptor, Buckets::semconv_seconds());
        }
    });
    assert!(
        bytes / 100 <= 512,
        "an empty histogram family takes {}",
        bytes / 100
    );
}

fn label_sets() -> Vec<[String; 3]> {
    let mut sets = Vec::new();
    for method in ["GET", "PUT", "POST", "HEAD"] {
        for route in 0..25 {
            for status in 0..10 {
                sets.push([method.to_owned(), format!("/r/{route}"), status.to_string()]);
            }
        }
    }
    sets.truncate(999);
    sets
}

fn counter_series() {
    let registry = Registry::new();
    let family = registry.counter("n");
    let sets = label_sets();
    let (bytes, _) = live(|| {
        for [method, route, status] in &sets {
            family.add(
                &[("method", method), ("route", route), ("status", status)],
                1,
            );
        }
    });
    let each = per_series(&registry, bytes, sets.len());
    assert!(each <= 96.0, "a counter series takes {each} and its text");
}

fn histogram_series() {
    let budget = Budget::default().with_histogram_series(1_000);
    let registry = Registry::builder().with_budget(budget).build().unwrap();
    let bounds: Vec<f64> = (1..12).map(f64::from).collect();
    let family = registry.histogram("n", Buckets::explicit(&bounds).unwrap());
    let sets = label_sets();
    let (bytes, _) = live(|| {
        for [method, route, status] in &sets {
            family.record(
                &[("method", method), ("route", route), ("status", status)],
                1.0,
            );
        }
    });
    let each = per_series(&registry, bytes, sets.len());
    assert!(
        each <= 256.0,
        "a histogram series takes {each} and its text"
    );
}

/// Bytes of a series without its text.
fn per_series(registry: &Registry, bytes: usize, series: usize) -> f64 {
    let snapshot = registry.collect();
    let family = snapshot.family("n").unwrap();
    assert_eq!(family.len(), series);
    let text: usize = family.series().map(|series| series.labels().len()).sum();
    (bytes as f64 - text as f64) / series as f64
}

fn one_label(registry: &Registry, most: usize) {
    let family = registry.counter("n");
    let (bytes, _) = live(|| {
        let mut path = String::new();
        for i in 0..1_000_000_u32 {
            path.clear();
            std::fmt::Write::write_fmt(&mut path, format_args!("/user/name-{i}")).unwrap();
            family.add(&[("method", "GET"), ("path", &path), ("status", "200")], 1);
        }
    });
    assert!(bytes <= most, "a million values of one label took {bytes}");
    let snapshot = registry.collect();
    let series = snapshot.family("n").unwrap();
    let totals = series
        .series()
        .map(|series| series.value().as_counter().unwrap());
    assert_eq!(totals.sum::<u64>(), 1_000_000);
}

/// Every family, name, label and value an attacker can think of, on a device.
fn everything_at_once() {
    let (bytes, registry) = live(|| {
        let registry = edge();
        for i in 0..40_000_u32 {
            let value = format!("{:064}", i.wrapping_mul(2_654_435_761));
            let name = format!("family_{}", i % 500);
            let label = format!("label_{}", i % 40);
            let labels = [("a", &*value), (&*label, &*value), ("b", "c")];
            registry
                .counter(Descriptor::new(name.clone()))
                .add(&labels, 1);
            let histogram = Descriptor::new(format!("{name}_h"));
            registry
                .histogram(histogram, Buckets::semconv_seconds())
                .record(&labels, 1.0);
        }
        registry
    });
    assert!(bytes <= 512 * 1024, "the edge preset took {bytes}");
    drop(registry);
}
