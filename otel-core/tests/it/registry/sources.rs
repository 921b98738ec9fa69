//! Sources: what is asked for when somebody reads.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use otel_core::cardinality::Budget;
use otel_core::clock::{Clock, ManualClock};
use otel_core::registry::{
    Event, Family, Gauge, Observer, Registry, Source, SourceFault, UpDownCounter,
};

use proptest::collection::vec;
use proptest::prelude::*;

use super::{series, total};

#[derive(Clone, Debug, Default)]
struct SharedClock(Arc<ManualClock>);

impl Clock for SharedClock {
    fn now(&self) -> std::time::Instant {
        self.0.now()
    }

    fn wall(&self) -> std::time::SystemTime {
        self.0.wall()
    }
}

impl SharedClock {
    fn next_second(&self) {
        self.0.advance(Duration::from_secs(1));
    }
}

/// A registry with two values a label, and its clock.
fn tight() -> (Registry, SharedClock) {
    let clock = SharedClock::default();
    let registry = Registry::builder()
        .with_budget(Budget::default().with_label_values(2))
        .with_clock(clock.clone())
        .build()
        .unwrap();
    (registry, clock)
}

/// A source that reports what it is told to.
fn told<T: Clone + Send + Sync + 'static>(
    registry: &Registry,
    report: impl Fn(&Observer, &str, T) + Send + Sync + 'static,
) -> (Source, Arc<Mutex<Vec<(&'static str, T)>>>) {
    let told = Arc::<Mutex<Vec<(&'static str, T)>>>::default();
    let held = Arc::clone(&told);
    let source = registry.add_source(move |observer| {
        for (id, value) in &*held.lock().unwrap() {
            report(observer, id, value.clone());
        }
    });
    (source, told)
}

#[test]
fn sources_are_asked_once_a_second_and_a_new_one_at_once() {
    let (registry, clock) = tight();
    let (calls, asked) = (registry.counter("calls"), Arc::new(AtomicU64::new(0)));
    let count = Arc::clone(&asked);
    let _source = registry.add_source(move |observer| {
        let calls_so_far = count.fetch_add(1, Ordering::Relaxed) + 1;
        observer.total(&calls, &[], calls_so_far);
    });
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    for (after, expected) in [(0, 1), (999, 1), (1, 2), (0, 2), (5_000, 3)] {
        clock.0.advance(Duration::from_millis(after));
        assert_eq!(total(&registry, "calls", ""), expected);
    }
    let second = registry.gauge("second");
    let _second = registry.add_source(move |observer| observer.value(&second, &[], 2.0));
    let snapshot = registry.collect();
    assert_eq!(
        series(&snapshot, "second", "").value().as_gauge(),
        Some(2.0)
    );
    assert_eq!(registry.report().sources(), 2);
}

#[test]
fn a_kept_total_never_falls() {
    let (registry, clock) = tight();
    let family = registry.counter("ops");
    let (_source, told) = told(&registry, move |observer, id, total| {
        observer.total(&family, &[("id", id)], total);
    });
    for (reported, expected, refused) in [(5, 5, 0), (9, 9, 0), (4, 9, 1), (9, 9, 1), (12, 12, 1)] {
        *told.lock().unwrap() = vec![("a", reported)];
        clock.next_second();
        assert_eq!(total(&registry, "ops", r#"id="a""#), expected);
        assert_eq!(
            registry.report().count(Event::RejectedLowerTotal),
            refused,
            "after {reported}"
        );
    }
}

#[test]
fn folded_totals_are_summed_and_begin_anew_when_the_sum_falls() {
    let (registry, clock) = tight();
    let family = registry.counter("ops");
    let (_source, told) = told(&registry, move |observer, id, total| {
        observer.total(&family, &[("id", id)], total);
    });
    let other = r#"id="__other__""#;
    let started = registry.collect().taken();
    let mut begun = started;
    for (reported, expected, restarts) in [
        (vec![("a", 1), ("b", 2), ("c", 10), ("d", 20)], 30, false),
        (vec![("a", 1), ("b", 2), ("c", 10), ("d", 20)], 30, false),
        (vec![("c", 11), ("d", 20), ("e", 5)], 36, false),
        // `d` is gone: what is left is not what was.
        (vec![("c", 11), ("e", 5)], 16, true),
        (vec![("c", 12), ("e", 5)], 17, false),
        // Not one of them: the last sum stays.
        (vec![("a", 2)], 17, false),
    ] {
        *told.lock().unwrap() = reported.clone();
        clock.next_second();
        let snapshot = registry.collect();
        let found = series(&snapshot, "ops", other);
        assert_eq!(found.value().as_counter(), Some(expected), "{reported:?}");
        if restarts {
            assert_eq!(found.created(), snapshot.taken());
            begun = found.created();
        }
        // The series came with the first collection, a second after the registry.
        let first = started + Duration::from_secs(1);
        assert_eq!(found.created(), begun.max(first), "{reported:?}");
    }
    assert_eq!(total(&registry, "ops", r#"id="a""#), 2);
    assert_eq!(total(&registry, "ops", r#"id="b""#), 2);
}

#[test]
fn several_sources_of_one_family_add_up_in_its_folded_series() {
    let (registry, clock) = tight();
    let report = |ids: [&'static str; 2], total: u64| {
        let family = registry.counter("ops");
        registry.add_source(move |observer| {
            for id in ids {
                observer.total(&family, &[("id", id)], total);
            }
        })
    };
    let _fill = report(["a", "b"], 1);
    let first = report(["c", "d"], 10);
    let _second = report(["e", "f"], 100);
    let other = r#"id="__other__""#;
    assert_eq!(total(&registry, "ops", other), 220);
    drop(first);
    clock.next_second();
    assert_eq!(total(&registry, "ops", other), 200);
}

#[test]
fn sums_follow_what_is_reported_in_both_directions() {
    let (registry, clock) = tight();
    let (whole, float) = (
        registry.up_down_counter("open"),
        registry.float_up_down_counter("load"),
    );
    let (_source, told) = told(&registry, move |observer, id, sum: i64| {
        observer.sum(&whole, &[("id", id)], sum);
        observer.float_sum(&float, &[("id", id)], sum as f64 / 2.0);
    });
    for (reported, own, folded) in [
        (vec![("a", 5), ("b", 1), ("c", 10), ("d", 20)], 5, 30),
        (vec![("a", 3), ("c", -1), ("d", 4)], 3, 3),
        (vec![("a", -7)], -7, 3),
    ] {
        *told.lock().unwrap() = reported;
        clock.next_second();
        let snapshot = registry.collect();
        for (labels, expected) in [(r#"id="a""#, own), (r#"id="__other__""#, folded)] {
            let sum = |family| series(&snapshot, family, labels).value();
            assert_eq!(sum("open").as_up_down_counter(), Some(expected));
            assert_eq!(
                sum("load").as_float_up_down_counter(),
                Some(expected as f64 / 2.0)
            );
        }
    }
}

#[test]
fn what_is_no_amount_is_refused_and_counted() {
    let (registry, _) = tight();
    let (totals, sums) = (
        registry.float_counter("t"),
        registry.float_up_down_counter("s"),
    );
    let gauge = registry.gauge("g");
    registry
        .add_source(move |observer| {
            for value in [1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.5, 0.5] {
                observer.float_total(&totals, &[], value);
                observer.float_sum(&sums, &[], value);
                observer.value(&gauge, &[], value);
            }
        })
        .detach();
    let snapshot = registry.collect();
    let value = |family| series(&snapshot, family, "").value();
    assert_eq!(value("t").as_float_counter(), Some(1.5));
    assert_eq!(value("s").as_float_up_down_counter(), Some(0.5));
    assert_eq!(value("g").as_gauge(), Some(0.5));
    let report = registry.report();
    let counts = |family| {
        let family = report.family(family).unwrap();
        [
            Event::RejectedNan,
            Event::RejectedInfinite,
            Event::RejectedNegative,
            Event::RejectedLowerTotal,
        ]
        .map(|event| family.count(event))
    };
    assert_eq!(counts("t"), [1, 2, 1, 1]);
    assert_eq!(counts("s"), [1, 2, 0, 0]);
    assert_eq!(counts("g"), [1, 0, 0, 0]);
}

#[test]
fn a_source_that_panics_is_taken_out_after_the_third_time() {
    let (registry, clock) = tight();
    let (family, good) = (registry.counter("bad"), registry.counter("good"));
    let (asked, held) = (Arc::new(AtomicU64::new(0)), Arc::new(()));
    let (count, captured) = (Arc::clone(&asked), Arc::clone(&held));
    let _bad = registry.add_source(move |observer| {
        let _captured = &captured;
        let calls = count.fetch_add(1, Ordering::Relaxed) + 1;
        observer.total(&family, &[], calls);
        panic!("a source");
    });
    let _good = registry.add_source(move |observer| {
        observer.total(&good, &[], 1);
    });
    for calls in [1, 2, 3, 3, 3] {
        let snapshot = registry.collect();
        for (family, expected) in [("bad", calls), ("good", 1)] {
            let value = series(&snapshot, family, "").value();
            assert_eq!(value.as_counter(), Some(expected));
        }
        clock.next_second();
    }
    assert_eq!(Arc::strong_count(&held), 1, "what it held is let go");
    let report = registry.report();
    assert_eq!(report.sources(), 1);
    assert_eq!(report.source_fault_count(SourceFault::Panicked), 3);
    assert_eq!(report.source_fault_count(SourceFault::Disabled), 1);
    assert_eq!(
        total(
            &registry,
            "otel_guard_source_faults",
            r#"reason="panicked""#
        ),
        3
    );
}

#[test]
fn a_sum_cut_short_by_a_panic_is_no_reset() {
    let (registry, clock) = tight();
    let family = registry.counter("ops");
    let (_source, told) = told(&registry, move |observer, id, total: Option<u64>| {
        observer.total(&family, &[("id", id)], total.expect("as told"));
    });
    let other = r#"id="__other__""#;
    let all = |last| vec![("a", Some(1)), ("b", Some(1)), ("c", Some(10)), ("d", last)];
    *told.lock().unwrap() = all(Some(20));
    let created = series(&registry.collect(), "ops", other).created();
    *told.lock().unwrap() = all(None);
    clock.next_second();
    let snapshot = registry.collect();
    let found = series(&snapshot, "ops", other);
    assert_eq!(found.value().as_counter(), Some(30));
    assert_eq!(found.created(), created);
}

#[test]
fn no_lock_is_held_while_a_source_runs() {
    let (registry, clock) = tight();
    let inner = registry.clone();
    let sources = Arc::<Mutex<Vec<Source>>>::default();
    let held = Arc::clone(&sources);
    let source = registry.add_source(move |observer| {
        let family = inner.counter("made.inside");
        observer.total(&family, &[], inner.collect().families().len() as u64);
        let sum: Family<UpDownCounter> = inner.up_down_counter("inside.too");
        let added = inner.add_source(move |observer| observer.sum(&sum, &[], 1));
        held.lock().unwrap().push(added);
        assert!(inner.report().sources() > 0);
    });
    assert!(total(&registry, "made_inside", "") > 0);
    clock.next_second();
    let snapshot = registry.collect();
    let value = series(&snapshot, "inside_too", "").value();
    assert_eq!(value.as_up_down_counter(), Some(1));
    drop(source);
    sources.lock().unwrap().clear();
    assert_eq!(registry.report().sources(), 0);
    assert_eq!(
        registry.report().source_fault_count(SourceFault::Panicked),
        0
    );
}

#[test]
fn a_reader_does_not_wait_for_another_one_that_collects() {
    let (registry, _) = tight();
    let (inside, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (at, until) = (Arc::clone(&inside), Arc::clone(&go_on));
    let family = registry.counter("slow");
    let _source = registry.add_source(move |observer| {
        at.wait();
        until.wait();
        observer.total(&family, &[], 1);
    });
    thread::scope(|scope| {
        let slow = scope.spawn(|| total(&registry, "slow", ""));
        inside.wait();
        assert!(registry.collect().family("slow").unwrap().is_empty());
        go_on.wait();
        assert_eq!(slow.join().unwrap(), 1);
    });
}

#[test]
fn a_dropped_source_is_asked_no_more_and_its_series_stay() {
    let (registry, clock) = tight();
    let gauge: Family<Gauge> = registry.gauge("g");
    let (source, told) = told(&registry, move |observer, id, value| {
        observer.value(&gauge, &[("id", id)], value);
    });
    *told.lock().unwrap() = vec![("a", 1.0)];
    let _ = registry.collect();
    drop(source);
    *told.lock().unwrap() = vec![("a", 2.0), ("b", 2.0)];
    clock.next_second();
    let snapshot = registry.collect();
    assert_eq!(snapshot.family("g").unwrap().len(), 1);
    let value = series(&snapshot, "g", r#"id="a""#).value();
    assert_eq!(value.as_gauge(), Some(1.0));
    assert_eq!(Arc::strong_count(&told), 1, "what it held is let go");
}

#[test]
fn sources_are_bounded() {
    let (registry, _) = tight();
    for _ in 0..1_030 {
        registry.add_source(|_| ()).detach();
    }
    let report = registry.report();
    assert_eq!(report.sources(), 1_024);
    assert_eq!(report.source_fault_count(SourceFault::Refused), 6);
}

#[test]
fn a_handle_takes_a_whole_number_where_it_has_a_series_of_its_own() {
    let (registry, _) = tight();
    let (counts, open) = (registry.counter("n"), registry.up_down_counter("open"));
    let (amounts, load) = (
        registry.float_counter("x"),
        registry.float_up_down_counter("load"),
    );
    for id in ["a", "b", "c"] {
        let labels = [("id", id)];
        let count = counts.with(&labels);
        [3, 7, 5]
            .into_iter()
            .for_each(|total| count.raise_to(total));
        let amount = amounts.with(&labels);
        for total in [0.5, 2.5, 1.5, -1.0, f64::NAN] {
            amount.raise_to(total);
        }
        let open = open.with(&labels);
        [3, 7, 5].into_iter().for_each(|sum| open.set(sum));
        let load = load.with(&labels);
        for sum in [0.5, 2.5, -1.5, f64::NAN] {
            load.set(sum);
        }
    }
    let snapshot = registry.collect();
    for id in ["a", "b"] {
        let labels = format!("id=\"{id}\"");
        let value = |family| series(&snapshot, family, &labels).value();
        assert_eq!(value("n").as_counter(), Some(7));
        assert_eq!(value("x").as_float_counter(), Some(2.5));
        assert_eq!(value("open").as_up_down_counter(), Some(5));
        assert_eq!(value("load").as_float_up_down_counter(), Some(-1.5));
    }
    let other = |family| series(&snapshot, family, r#"id="__other__""#).value();
    assert_eq!(other("n").as_counter(), Some(0));
    assert_eq!(other("load").as_float_up_down_counter(), Some(0.0));
    let report = registry.report();
    assert_eq!(report.count(Event::RejectedFoldedSet), 3 + 5 + 3 + 4);
    assert_eq!(report.count(Event::RejectedLowerTotal), 2 * 2);
}

const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

proptest! {
    /// Whatever is reported, a series falls only where it begins anew.
    #[test]
    fn no_series_falls_without_a_later_start(
        rounds in vec(vec((0..IDS.len(), 0_u64..100), 0..8), 1..12),
    ) {
        let (registry, clock) = tight();
        let family = registry.counter("ops");
        let (_source, told) = told(&registry, move |observer, id, total| {
            observer.total(&family, &[("id", id)], total);
        });
        let mut before = HashMap::new();
        for round in rounds {
            *told.lock().unwrap() = round.iter().map(|(id, total)| (IDS[*id], *total)).collect();
            clock.next_second();
            let snapshot = registry.collect();
            for series in snapshot.family("ops").unwrap().series() {
                let now = (series.value().as_counter().unwrap(), series.created());
                let then = before.insert(series.labels().to_owned(), now);
                prop_assert!(then.is_none_or(|then| then.0 <= now.0 || then.1 < now.1));
            }
        }
    }

    /// Totals that grow, and are all reported each time, are exact in sum.
    #[test]
    fn the_series_add_up_to_what_was_reported_last(
        rounds in vec(vec(0_u64..100, IDS.len()..=IDS.len()), 1..12),
    ) {
        let (registry, clock) = tight();
        let family = registry.counter("ops");
        let (_source, told) = told(&registry, move |observer, id, total| {
            observer.total(&family, &[("id", id)], total);
        });
        let mut totals = [0; IDS.len()];
        for growth in rounds {
            totals.iter_mut().zip(growth).for_each(|(total, growth)| *total += growth);
            *told.lock().unwrap() = IDS.into_iter().zip(totals).collect();
            clock.next_second();
            prop_assert_eq!(super::sum(&registry, "ops"), totals.iter().sum::<u64>());
        }
    }
}

#[test]
fn sources_come_and_go_while_others_read_and_write() {
    let (registry, clock) = tight();
    let written = registry.counter("written");
    let asked = registry.counter("asked");
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for round in 1..=300 {
                    let asked = asked.clone();
                    let source =
                        registry.add_source(move |observer| observer.total(&asked, &[], round));
                    clock.next_second();
                    written.add(&[], 1);
                    drop(registry.collect());
                    drop(source);
                }
            });
        }
    });
    assert_eq!(total(&registry, "written", ""), 900);
    assert!((1..=300).contains(&total(&registry, "asked", "")));
    assert_eq!(registry.report().sources(), 0);
}
