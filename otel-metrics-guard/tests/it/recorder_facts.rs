//! Descriptions, units and buckets find their family by name, in any order.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram};
use metrics::{gauge, histogram};
use otel_core::registry::{Buckets, ConflictReason, Registry};
use otel_metrics_guard::Recorder;

use crate::expositions::registry;

fn record(code: impl FnOnce(&Recorder)) -> Registry {
    let registry = registry().build().unwrap();
    let recorder = Recorder::new(&registry);
    metrics::with_local_recorder(&recorder, || code(&recorder));
    registry
}

/// Help, unit and UCUM code of a family.
fn facts(registry: &Registry, name: &str) -> [String; 3] {
    let snapshot = registry.collect();
    let family = snapshot.family(name).unwrap();
    [family.help(), family.unit(), family.ucum_unit()].map(str::to_owned)
}

#[test]
fn a_description_before_the_first_measurement_gives_unit_and_help() {
    let registry = record(|recorder| {
        describe_histogram!("db.wait", Unit::Seconds, "Waiting for a connection.");
        describe_histogram!("db.wait", Unit::Milliseconds, "Too late.");
        histogram!("db.wait").record(0.1);
        assert_eq!(recorder.lost_descriptions(), 1);
    });
    assert_eq!(
        facts(&registry, "db_wait_seconds"),
        ["Waiting for a connection.", "seconds", "s"]
    );
}

#[test]
fn a_description_after_it_gives_the_help() {
    let registry = record(|recorder| {
        counter!("orders").increment(1);
        describe_counter!("orders", "Orders.");
        gauge!("heap").set(1.0);
        describe_gauge!("heap", Unit::Bytes, "Heap.");
        describe_histogram!("size", Unit::Bytes, "");
        histogram!("size").record(1.0);
        describe_histogram!("size", Unit::Bytes, "Size.");
        // Bytes would have made it `heap_bytes`.
        assert_eq!(recorder.lost_descriptions(), 1);
    });
    assert_eq!(facts(&registry, "orders"), ["Orders.", "", ""]);
    assert_eq!(facts(&registry, "heap"), ["Heap.", "", ""]);
    assert_eq!(facts(&registry, "size_bytes"), ["Size.", "bytes", "By"]);
    assert!(registry.report().conflicts().next().is_none());
}

#[test]
fn names_are_the_same_in_every_spelling_that_is_exposed_the_same() {
    let registry = record(|_| {
        describe_counter!("cpu.time_total", Unit::Seconds, "Processor time.");
        counter!("cpu_time").increment(1);
        counter!("cpu.time").increment(1);
        counter!("cpu..time_total").increment(1);
    });
    assert_eq!(
        facts(&registry, "cpu_time_seconds"),
        ["Processor time.", "seconds", "s"]
    );
    assert_eq!(super::recorder::total(&registry, "cpu_time_seconds"), 3);
    assert_eq!(
        registry
            .collect()
            .families()
            .filter(|f| f.name().starts_with("cpu"))
            .count(),
        1
    );
}

#[test]
fn a_description_alone_exposes_nothing() {
    let registry = record(|_| describe_gauge!("load", "Load."));
    assert!(registry.collect().family("load").is_none());
}

#[test]
fn descriptions_are_bounded() {
    let registry = record(|recorder| {
        for i in 0..1_100 {
            describe_counter!(format!("c{i}"), "Help.");
        }
        assert_eq!(recorder.lost_descriptions(), 1_100 - 1_024);
        counter!("c1099").increment(1);
        counter!("c0").increment(1);
    });
    assert_eq!(facts(&registry, "c1099")[0], "");
    assert_eq!(facts(&registry, "c0")[0], "Help.");
}

#[test]
fn units_of_the_facade_are_ucum_codes() {
    for (unit, exposed, code) in [
        (Unit::Count, "x", ""),
        (Unit::Percent, "x_percent", "%"),
        (Unit::Seconds, "x_seconds", "s"),
        (Unit::Milliseconds, "x_milliseconds", "ms"),
        (Unit::Microseconds, "x_microseconds", "us"),
        (Unit::Nanoseconds, "x_nanoseconds", "ns"),
        (Unit::Tebibytes, "x_tibibytes", "TiBy"),
        (Unit::Gibibytes, "x_gibibytes", "GiBy"),
        (Unit::Mebibytes, "x_mebibytes", "MiBy"),
        (Unit::Kibibytes, "x_kibibytes", "KiBy"),
        (Unit::Bytes, "x_bytes", "By"),
        (Unit::TerabitsPerSecond, "x_Tbit_per_second", "Tbit/s"),
        (Unit::GigabitsPerSecond, "x_Gbit_per_second", "Gbit/s"),
        (Unit::MegabitsPerSecond, "x_Mbit_per_second", "Mbit/s"),
        (Unit::KilobitsPerSecond, "x_kbit_per_second", "kbit/s"),
        (Unit::BitsPerSecond, "x_bit_per_second", "bit/s"),
        (Unit::CountPerSecond, "x_per_second", "1/s"),
    ] {
        let registry = record(|_| {
            describe_gauge!("x", unit, "");
            gauge!("x").set(1.0);
        });
        assert_eq!(facts(&registry, exposed)[2], code, "{unit:?}");
    }
}

#[test]
fn buckets_are_chosen_by_name() {
    let registry = registry().build().unwrap();
    let of = |bound: f64| Buckets::explicit(&[bound]).unwrap();
    let recorder = Recorder::builder(&registry)
        .with_buckets(of(1.0))
        .with_buckets_for("http", of(2.0))
        .with_buckets_for("http.size", of(3.0))
        .build();
    metrics::with_local_recorder(&recorder, || {
        describe_histogram!("http.size", Unit::Bytes, "Size.");
        for name in ["wait", "http.wait", "http_wait", "http.size", "https"] {
            histogram!(name).record(1.0);
        }
    });
    let snapshot = registry.collect();
    for (name, bound) in [
        ("wait", 1.0),
        ("http_wait", 2.0),
        ("http_size_bytes", 3.0),
        ("https", 1.0),
    ] {
        assert_eq!(snapshot.family(name).unwrap().bounds(), [bound], "{name}");
    }
    assert_eq!(registry.report().conflict_count(ConflictReason::Buckets), 0);
}
