//! The assertion that finds a torn trace, and what it takes for whole.

use std::panic::{AssertUnwindSafe, catch_unwind};

use otel_core::context::Carry;
use otel_core::exchange::{CallKind, Calls};
use otel_core::outcome::Ending;
use testkit::Probe;

use super::request;

fn calls(probe: &Probe) -> Calls {
    probe
        .telemetry()
        .operation(CallKind::other("test"))
        .unwrap()
}

/// The message of the assertion, if it fails.
fn torn(probe: &Probe) -> Option<String> {
    let asserted = catch_unwind(AssertUnwindSafe(|| probe.assert_unbroken(1)));
    asserted
        .err()
        .map(|thrown| *thrown.downcast::<String>().unwrap())
}

#[tokio::test]
async fn a_bare_spawn_tears_the_trace_and_a_carried_one_does_not() {
    let work = |calls: Calls| async move { calls.call("follow up").finish() };
    let probe = Probe::new();
    let mut exchange = request(probe.telemetry(), 1);
    let task = exchange.scope(|| tokio::spawn(work(calls(&probe)).carry()));
    task.await.unwrap();
    exchange.end(Ending::Complete);
    assert_eq!(torn(&probe), None);

    let probe = Probe::new();
    let mut exchange = request(probe.telemetry(), 1);
    let task = exchange.scope(|| tokio::spawn(work(calls(&probe))));
    task.await.unwrap();
    exchange.end(Ending::Complete);
    let message = torn(&probe).expect("a bare spawn");
    assert!(
        message.contains("`follow up` begins the trace"),
        "{message}"
    );
}

#[tokio::test]
async fn a_detached_task_tears_nothing() {
    let probe = Probe::new();
    let mut exchange = request(probe.telemetry(), 1);
    let task = async {}.carry_in(exchange.context());
    let detached = exchange.scope(|| task.carry_detached(probe.telemetry(), "later"));
    exchange.end(Ending::Complete);
    detached.await;
    assert_eq!(torn(&probe), None);
}

#[test]
fn a_parent_that_never_ended_is_missed() {
    let probe = Probe::new();
    let mut exchange = request(probe.telemetry(), 1);
    exchange.scope(|| calls(&probe).call("child").finish());
    let message = torn(&probe).expect("its parent has not ended");
    assert!(message.contains("`child` names the parent"), "{message}");
    exchange.end(Ending::Complete);
    assert_eq!(torn(&probe), None);
}
