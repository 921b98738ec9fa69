//! The table of running exchanges.

use otel_core::outcome::Side;
use otel_core::telemetry::Telemetry;

use super::{exchange, faults};

#[test]
fn an_exchange_is_in_the_table_while_it_runs() {
    let telemetry = Telemetry::builder().with_in_flight(64).build().unwrap();
    let table = telemetry.in_flight().unwrap();
    let first = exchange(&telemetry);
    let second = exchange(&telemetry);

    let running = table.running();
    assert_eq!(running.len(), 2);
    assert_eq!(
        (running[0].name(), running[0].side()),
        ("TEST", Side::Server)
    );
    assert!(running[0].started() <= running[1].started());
    let now = telemetry.clock().now();
    assert!(running[0].age(now) >= running[1].age(now), "oldest first");

    drop(first);
    assert_eq!(table.running().len(), 1);
    drop(second);
    assert!(table.running().is_empty());
}

#[test]
fn a_full_table_is_counted_and_costs_the_request_nothing() {
    let telemetry = Telemetry::builder().with_in_flight(16).build().unwrap();
    let running: Vec<_> = (0..40).map(|_| exchange(&telemetry)).collect();
    let table = telemetry.in_flight().unwrap();
    assert_eq!(table.running().len(), 16);
    assert_eq!(faults(&telemetry, "in_flight_untracked"), 24);
    drop(running);
    assert!(table.running().is_empty());
}

#[test]
fn no_table_unless_asked_for() {
    assert!(Telemetry::builder().build().unwrap().in_flight().is_none());
    assert!(Telemetry::builder().with_in_flight(0).build().is_err());
}
