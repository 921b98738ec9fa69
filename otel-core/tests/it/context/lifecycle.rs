//! Carried work that is alive, outlives its exchange, or only grows.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use otel_core::clock::{Clock, ManualClock};
use otel_core::context::{Carried, CarriedFrom, Carry};
use otel_core::exchange::Exchange;
use otel_core::outcome::Ending;
use otel_core::telemetry::Telemetry;

use super::{request, telemetry};
use crate::exchange::faults;

#[derive(Debug)]
struct Shared(Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> std::time::Instant {
        self.0.now()
    }

    fn wall(&self) -> std::time::SystemTime {
        self.0.wall()
    }
}

const MINUTE: Duration = Duration::from_secs(60);

fn watched() -> (Telemetry, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new());
    let telemetry = telemetry()
        .with_clock(Shared(Arc::clone(&clock)))
        .with_lifecycle()
        .with_in_flight(8)
        .build()
        .unwrap();
    (telemetry, clock)
}

fn places(telemetry: &Telemetry) -> Vec<CarriedFrom> {
    telemetry.lifecycle().unwrap().places()
}

/// One place in the code, so that it can be found again.
fn carry_here(exchange: &mut Exchange) -> Carried<std::future::Pending<()>> {
    exchange.scope(|| pending().carry())
}

#[test]
fn work_is_counted_by_the_place_that_carried_it() {
    let (telemetry, clock) = watched();
    let mut exchange = request(&telemetry, 1);
    let first = carry_here(&mut exchange);
    clock.advance(MINUTE);
    let second = carry_here(&mut exchange);
    let elsewhere = exchange.scope(|| "item".carry_item());

    let seen = places(&telemetry);
    assert_eq!(seen.len(), 2);
    assert!(seen[0].location().file().ends_with("lifecycle.rs"));
    assert_eq!((seen[0].alive(), seen[0].oldest()), (2, MINUTE));
    assert_eq!((seen[1].alive(), seen[1].oldest()), (1, Duration::ZERO));
    assert_eq!(alive(&telemetry), 3);

    drop((first, elsewhere));
    let seen = places(&telemetry);
    assert_eq!((seen.len(), seen[0].alive()), (1, 1));
    assert_eq!(seen[0].oldest(), Duration::ZERO, "the older one is gone");
    drop(second);
    assert!(places(&telemetry).is_empty());
    assert_eq!(alive(&telemetry), 0);
}

/// The sum of `context.carried`.
fn alive(telemetry: &Telemetry) -> i64 {
    let snapshot = telemetry.registry().collect();
    let family = snapshot.family("context_carried").unwrap();
    let values = family
        .series()
        .map(|series| series.value().as_up_down_counter());
    values.map(Option::unwrap).sum()
}

#[test]
fn what_outlives_its_exchange_is_told_apart() {
    let (telemetry, _clock) = watched();
    let mut exchange = request(&telemetry, 1);
    let (in_time, late) = (carry_here(&mut exchange), carry_here(&mut exchange));
    drop(in_time);
    assert_eq!(places(&telemetry)[0].orphaned(), 0);
    exchange.end(Ending::Complete);
    let seen = places(&telemetry)[0];
    assert_eq!((seen.alive(), seen.orphaned(), seen.outlived()), (1, 1, 0));
    drop(late);
    let seen = places(&telemetry)[0];
    assert_eq!((seen.alive(), seen.orphaned(), seen.outlived()), (0, 0, 1));
    let snapshot = telemetry.registry().collect();
    let series = snapshot.family("context_outlived").unwrap().series().next();
    assert_eq!(series.unwrap().value().as_counter(), Some(1));
}

#[test]
fn detached_work_outlives_nobody() {
    let (telemetry, _clock) = watched();
    let mut exchange = request(&telemetry, 1);
    let detached = exchange.scope(|| pending::<()>().carry_detached(&telemetry, "follow-up"));
    exchange.end(Ending::Complete);
    let seen = places(&telemetry)[0];
    assert_eq!((seen.alive(), seen.orphaned()), (1, 0));
    drop(detached);
    assert!(places(&telemetry).is_empty());
}

#[test]
fn a_place_that_only_grows_is_reported_once_and_one_that_breathes_is_not() {
    let (telemetry, clock) = watched();
    let mut exchange = request(&telemetry, 1);
    let mut leaked = Vec::new();
    for minute in 0..8 {
        // Each minute a little more stays, and much comes and goes.
        leaked.push(carry_here(&mut exchange));
        let breathing: Vec<_> = (0..20)
            .map(|_| exchange.scope(|| pending::<()>().carry()))
            .collect();
        drop(breathing);
        clock.advance(MINUTE);
        let growing: Vec<_> = places(&telemetry)
            .iter()
            .filter(|place| place.is_growing())
            .map(CarriedFrom::alive)
            .collect();
        match minute {
            0..=3 => assert!(growing.is_empty(), "{minute}"),
            _ => assert!(growing.len() <= 1),
        }
    }
    let growing: Vec<_> = places(&telemetry)
        .into_iter()
        .filter(|place| place.is_growing())
        .collect();
    assert_eq!(growing.len(), 1);
    assert_eq!(growing[0].alive(), 8);
    drop(leaked);
    clock.advance(MINUTE);
    assert!(places(&telemetry).iter().all(|place| !place.is_growing()));
}

#[test]
fn ages_are_bounded_and_the_count_is_not() {
    let (telemetry, _clock) = watched();
    let mut exchange = request(&telemetry, 1);
    let many: Vec<_> = (0..1000).map(|_| carry_here(&mut exchange)).collect();
    assert_eq!(places(&telemetry)[0].alive(), 1000);
    drop(many);
    assert!(places(&telemetry).is_empty());
    assert_eq!(faults(&telemetry, "carried_untracked"), 0);
}

#[test]
fn outside_of_an_exchange_and_without_an_account_nothing_is_kept() {
    let (telemetry, _clock) = watched();
    let work = pending::<()>().carry();
    assert!(places(&telemetry).is_empty());
    drop(work);

    let plain = super::telemetry().build().unwrap();
    assert!(plain.lifecycle().is_none());
    drop(carry_here(&mut request(&plain, 1)));
}

#[test]
fn an_exchange_that_never_ends_is_named_by_where_it_began() {
    let (telemetry, clock) = watched();
    let forgotten = request(&telemetry, 1);
    clock.advance(MINUTE);
    let _recent = request(&telemetry, 2);
    let overdue = telemetry.in_flight().unwrap().overdue(MINUTE, clock.now());
    assert_eq!(overdue.len(), 1);
    assert!(overdue[0].opened_at().file().ends_with("context/mod.rs"));
    drop(forgotten);
    assert!(
        telemetry
            .in_flight()
            .unwrap()
            .overdue(MINUTE, clock.now())
            .is_empty()
    );
}
