//! Many threads at once.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use otel_core::cardinality::Budget;
use otel_core::registry::{Buckets, Descriptor, Registry, Sum, Unit};

use super::sum;

#[test]
fn totals_are_conserved_while_eight_threads_fold() {
    const THREADS: usize = 8;
    const WRITES: usize = 20_000;
    let budget = Budget::default()
        .with_label_values(20)
        .with_family_series(60);
    let registry = Registry::builder().with_budget(budget).build().unwrap();
    let counters = registry.counter(Descriptor::new("c").with_protected_labels(["status"]));
    let seconds = Descriptor::new("d").with_unit(Unit::SECONDS);
    let durations = registry.histogram(seconds, Buckets::semconv_seconds());
    let in_flight = registry.up_down_counter("u");
    let start = Barrier::new(THREADS + 1);
    let done = AtomicBool::new(false);

    thread::scope(|scope| {
        let writers: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (counters, durations, in_flight) = (&counters, &durations, &in_flight);
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    for i in 0..WRITES {
                        let path = (i * 7 + thread * 3) % 113;
                        let (path, status) = (path.to_string(), (i % 5).to_string());
                        let labels = [("path", path.as_str()), ("status", status.as_str())];
                        counters.add(&labels, 1);
                        durations.record(&labels, 0.001);
                        let held = in_flight.with(&labels);
                        held.inc();
                        held.dec();
                    }
                })
            })
            .collect();
        let reader = scope.spawn(|| {
            start.wait();
            let mut before = 0;
            while !done.load(Ordering::Relaxed) {
                let now = sum(&registry, "c");
                assert!(now >= before, "a total fell from {before} to {now}");
                assert!(registry.report().family("c").unwrap().series() <= 60);
                before = now;
            }
        });
        let results: Vec<_> = writers
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        done.store(true, Ordering::Relaxed);
        assert!(results.iter().all(Result::is_ok));
        reader.join().unwrap();
    });

    let writes = (THREADS * WRITES) as u64;
    assert_eq!(sum(&registry, "c"), writes);
    let snapshot = registry.collect();
    let durations = snapshot.family("d_seconds").unwrap();
    let (mut count, mut nanos) = (0, 0);
    for series in durations.series() {
        let value = series.value();
        let value = value.as_histogram().unwrap();
        count += value.count();
        let Sum::Nanoseconds(sum) = value.sum() else {
            panic!("a sum of durations")
        };
        nanos += sum;
    }
    assert_eq!((count, nanos), (writes, u128::from(writes) * 1_000_000));
    let in_flight = snapshot.family("u").unwrap();
    assert!(
        in_flight
            .series()
            .all(|series| series.value().as_up_down_counter() == Some(0))
    );
}

#[test]
fn one_label_set_admitted_by_many_threads_is_one_series() {
    for _ in 0..200 {
        let registry = Registry::new();
        let family = registry.counter("n");
        let start = Barrier::new(4);
        thread::scope(|scope| {
            for thread in 0..4 {
                let (family, start) = (&family, &start);
                scope.spawn(move || {
                    start.wait();
                    let mut labels = [("a", "1"), ("b", "2"), ("c", "3")];
                    labels.rotate_left(thread % 3);
                    for _ in 0..10 {
                        family.add(&labels, 1);
                    }
                });
            }
        });
        assert_eq!(super::total(&registry, "n", r#"a="1",b="2",c="3""#), 40);
        assert_eq!(registry.report().series(), 1);
    }
}

#[test]
fn no_write_is_lost_while_eight_threads_grow_every_segment() {
    const THREADS: u64 = 8;
    const SERIES: usize = 3_000;
    let budget = Budget::default()
        .with_label_values(SERIES)
        .with_family_series(SERIES + 1);
    let registry = Registry::builder().with_budget(budget).build().unwrap();
    let family = registry.counter("n");
    let start = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for thread in 0..THREADS as usize {
            let (family, start) = (&family, &start);
            scope.spawn(move || {
                start.wait();
                for i in 0..SERIES {
                    let path = ((i + thread * SERIES / 16) % SERIES).to_string();
                    family.add(&[("path", &path)], 1);
                }
            });
        }
    });
    assert_eq!(registry.report().series(), SERIES);
    let snapshot = registry.collect();
    let mut series = snapshot.family("n").unwrap().series();
    assert!(series.all(|series| series.value().as_counter() == Some(THREADS)));
}
