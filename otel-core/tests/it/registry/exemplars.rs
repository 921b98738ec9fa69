//! Exemplars from the current span.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use otel_core::clock::{Clock, ManualClock};
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState,
};
use otel_core::registry::{Buckets, Exemplar, ExemplarFilter, Registry};

use super::series;

#[derive(Clone, Debug)]
struct SharedClock(Arc<ManualClock>);

impl Clock for SharedClock {
    fn now(&self) -> Instant {
        self.0.now()
    }

    fn wall(&self) -> SystemTime {
        self.0.wall()
    }
}

fn span(id: u64, flags: TraceFlags) -> Context {
    let trace = TraceId::from(u128::from(id) << 64 | 1);
    let span = SpanContext::new(trace, SpanId::from(id), flags, false, TraceState::NONE);
    Context::new().with_remote_span_context(span)
}

fn counter_exemplar(registry: &Registry) -> Option<Exemplar> {
    series(&registry.collect(), "n", "").exemplar()
}

#[test]
fn an_exemplar_has_the_ids_of_the_sampled_span_and_the_time() {
    let clock = SharedClock(Arc::new(ManualClock::new()));
    clock
        .0
        .set_wall(UNIX_EPOCH + Duration::from_nanos(1_700_000_000_123_456_789));
    let registry = Registry::builder().with_clock(clock).build().unwrap();
    let counter = registry.counter("n").with(&[]);

    counter.add(1);
    assert_eq!(counter_exemplar(&registry), None);
    {
        let _span = span(7, TraceFlags::SAMPLED).attach();
        counter.add(3);
    }
    let exemplar = counter_exemplar(&registry).unwrap();
    assert_eq!(exemplar.trace_id(), TraceId::from(7 << 64 | 1));
    assert_eq!(exemplar.span_id(), SpanId::from(7));
    assert_eq!(exemplar.value(), 3.0);
    assert_eq!(exemplar.unix_nanos(), 1_700_000_000_123_456_789);
}

#[test]
fn spans_that_lead_nowhere_give_none() {
    let sampled_without_id = span(0, TraceFlags::SAMPLED);
    let not_sampled = span(7, TraceFlags::default());
    for cx in [Context::new(), sampled_without_id, not_sampled] {
        let registry = Registry::new();
        let counter = registry.counter("n").with(&[]);
        counter.add_in(1, &cx);
        let _span = cx.attach();
        counter.add(1);
        assert_eq!(counter_exemplar(&registry), None);
    }
}

#[test]
fn an_explicit_context_takes_the_place_of_the_current_one() {
    let registry = Registry::new();
    let family = registry.counter("n");
    let _current = span(1, TraceFlags::SAMPLED).attach();
    family.add_in(&[], 1, &span(2, TraceFlags::SAMPLED));
    assert_eq!(
        counter_exemplar(&registry).unwrap().span_id(),
        SpanId::from(2)
    );
}

#[test]
fn every_bucket_has_its_own() {
    let registry = Registry::new();
    let family = registry.histogram("h", Buckets::explicit(&[1.0, 2.0]).unwrap());
    family.record_in(&[], 0.5, &span(1, TraceFlags::SAMPLED));
    family
        .with(&[])
        .record_in(9.0, &span(2, TraceFlags::SAMPLED));
    family.record(&[], 1.5);

    let snapshot = registry.collect();
    let value = series(&snapshot, "h", "").value();
    let found: Vec<_> = value
        .as_histogram()
        .unwrap()
        .buckets()
        .map(|bucket| bucket.exemplar().map(|e| (e.span_id(), e.value())))
        .collect();
    assert_eq!(
        found,
        [
            Some((SpanId::from(1), 0.5)),
            None,
            Some((SpanId::from(2), 9.0))
        ]
    );
}

#[test]
fn a_slot_is_written_once_between_two_collections_a_second_apart() {
    let clock = SharedClock(Arc::new(ManualClock::new()));
    let registry = Registry::builder()
        .with_clock(clock.clone())
        .build()
        .unwrap();
    let counter = registry.counter("n").with(&[]);
    let add = |id| counter.add_in(1, &span(id, TraceFlags::SAMPLED));
    let shown = || counter_exemplar(&registry).unwrap().span_id();

    add(1);
    add(2);
    assert_eq!(shown(), SpanId::from(1));
    add(3);
    assert_eq!(shown(), SpanId::from(3));
    add(4);
    assert_eq!(
        shown(),
        SpanId::from(3),
        "the window is younger than a second"
    );
    clock.0.advance(Duration::from_secs(1));
    let _ = registry.collect();
    add(5);
    assert_eq!(shown(), SpanId::from(5));
}

#[test]
fn none_are_taken_when_they_are_off() {
    let registry = Registry::builder()
        .with_exemplars(ExemplarFilter::AlwaysOff)
        .build()
        .unwrap();
    registry
        .counter("n")
        .add_in(&[], 1, &span(1, TraceFlags::SAMPLED));
    let _ = registry.collect();
    registry
        .counter("n")
        .add_in(&[], 1, &span(1, TraceFlags::SAMPLED));
    assert_eq!(counter_exemplar(&registry), None);
}
