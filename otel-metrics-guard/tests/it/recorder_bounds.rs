//! A recorder in bounds: of memory, of allocations, under attack and under many threads.

use std::sync::Barrier;
use std::thread;

use metrics::{Label, NoopRecorder, counter, gauge, histogram};
use otel_core::cardinality::Budget;
use otel_core::registry::{Event, Registry};
use otel_metrics_guard::Recorder;

use crate::ALLOCATOR;
use crate::recorder::total;

#[test]
fn totals_are_exact_under_a_hundred_thousand_distinct_values() {
    const VALUES: u64 = 100_000;
    let registry = Registry::builder()
        .with_budget(Budget::edge())
        .build()
        .unwrap();
    let recorder = Recorder::new(&registry);
    metrics::with_local_recorder(&recorder, || {
        for n in 0..VALUES {
            counter!("logins", "user" => n.to_string(), "ok" => "yes").increment(2);
            counter!("logins", "user" => "regular", "ok" => "yes").increment(1);
        }
    });
    assert_eq!(total(&registry, "logins"), 3 * VALUES);
    let report = registry.report();
    let family = report.family("logins").unwrap();
    assert!(family.series() <= family.series_budget());
    assert!(report.count(Event::FoldedLabelValue) > VALUES / 2);
}

/// The live heap is that of the process, so this bound has room for what other tests hold.
#[test]
fn memory_is_bounded_under_attack() {
    let registry = Registry::builder()
        .with_budget(Budget::edge())
        .build()
        .unwrap();
    let recorder = Recorder::new(&registry);
    let attack = |range: std::ops::Range<u32>| {
        for n in range {
            counter!("logins", "user" => n.to_string()).increment(1);
            counter!(format!("made.up.{n}")).increment(1);
        }
    };
    let (_, made) = metrics::with_local_recorder(&recorder, || {
        attack(0..20_000);
        ALLOCATOR.allocations_of(|| attack(20_000..20_100))
    });
    // In its stride an unknown key costs what the call site allocates and a few small pieces, of
    // names and of the handle; nothing is copied that grows.
    assert!(made.bytes() < 100 * 2_048, "{made:?}");
    assert_eq!(total(&registry, "logins"), 20_100);
}

#[test]
fn a_known_key_costs_no_allocation_of_ours() {
    let registry = Registry::new();
    let recorder = Recorder::new(&registry);
    let (a, b, c) = ("GET", String::from("/orders/{id}"), String::from("200"));
    let measure = || {
        counter!("requests", "method" => a, "route" => b.clone(), "status" => c.clone())
            .increment(1);
        let swapped = vec![Label::new("route", b.clone()), Label::new("method", a)];
        histogram!("wait", swapped).record(0.1);
        histogram!("wait", "method" => a, "route" => b.clone()).record(0.1);
        gauge!("load").set(0.5);
    };
    let cost = |recorder: &dyn metrics::Recorder| {
        metrics::with_local_recorder(recorder, || {
            (0..3).for_each(|_| measure());
            ALLOCATOR
                .allocations_of(|| (0..100).for_each(|_| measure()))
                .1
        })
    };
    let caller = cost(&NoopRecorder);
    assert!(caller.count() > 0);
    assert_eq!(cost(&recorder), caller);
    assert_eq!(total(&registry, "requests"), 103);
}

#[test]
fn keys_in_use_stay_known_while_others_are_made_up() {
    let registry = Registry::builder()
        .with_budget(Budget::edge())
        .build()
        .unwrap();
    let recorder = Recorder::new(&registry);
    let regular = || counter!("logins", "user" => "regular").increment(1);
    metrics::with_local_recorder(&recorder, || {
        regular();
        regular();
        let mut paid = 0;
        for n in 0..10_000 {
            counter!("logins", "user" => n.to_string()).increment(1);
            let ((), ours) = ALLOCATOR.allocations_of(regular);
            let ((), caller) =
                metrics::with_local_recorder(&NoopRecorder, || ALLOCATOR.allocations_of(regular));
            paid += ours.count() - caller.count();
        }
        assert_eq!(paid, 0);
    });
    assert_eq!(total(&registry, "logins"), 20_002);
}

#[test]
fn eight_threads_lose_nothing() {
    const THREADS: u64 = 8;
    const WRITES: u64 = 10_000;
    let registry = Registry::builder()
        .with_budget(Budget::edge())
        .build()
        .unwrap();
    let recorder = Recorder::new(&registry);
    let start = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (recorder, start) = (&recorder, &start);
            scope.spawn(move || {
                metrics::with_local_recorder(recorder, || {
                    start.wait();
                    for i in 0..WRITES {
                        let path = ((i * 7 + thread * 3) % 3_000).to_string();
                        counter!("hits", "path" => path.clone(), "ok" => "1").increment(1);
                        counter!("bytes", "direction" => "in").absolute(i);
                        histogram!("wait", "path" => path).record(0.25);
                        gauge!("open").increment(1);
                        gauge!("open").decrement(1);
                    }
                });
            });
        }
    });
    assert_eq!(total(&registry, "hits"), THREADS * WRITES);
    assert_eq!(total(&registry, "bytes"), WRITES - 1);
    let snapshot = registry.collect();
    let waits = snapshot.family("wait").unwrap().series();
    let waits: u64 = waits
        .map(|series| series.value().as_histogram().unwrap().count())
        .sum();
    assert_eq!(waits, THREADS * WRITES);
    let open = snapshot.family("open").unwrap().series().next().unwrap();
    assert_eq!(open.value().as_gauge(), Some(0.0));
}
