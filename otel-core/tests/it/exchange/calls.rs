//! Calls that no layer wraps: a database, a cache, anything else.

use std::collections::BTreeMap;
use std::future::pending;

use otel_core::exchange::{Call, CallKind};
use otel_core::opentelemetry::trace::TraceContextExt;
use otel_core::opentelemetry::{Context, KeyValue};
use otel_core::outcome::Outcome;
use otel_core::registry::Snapshot;
use otel_core::telemetry::Telemetry;
use testkit::Probe;

use super::exchange;

fn postgresql() -> CallKind {
    CallKind::database("postgresql")
        .with_namespace("shop")
        .with_server("db.internal", 5432)
}

type Answer = Result<(), std::io::Error>;

/// How the call ends, what is judged, `error.type`, whether the span has failed.
type Row = (&'static str, fn(Call), Outcome, Option<&'static str>, bool);

const ENDINGS: &[Row] = &[
    ("answered", |call| call.finish(), Outcome::Ok, None, false),
    (
        "a closure that answers",
        |call| call.run_blocking(|| Answer::Ok(())).unwrap(),
        Outcome::Ok,
        None,
        false,
    ),
    (
        "a closure that fails",
        |call| drop(call.run_blocking(|| Answer::Err(std::io::Error::other("no")))),
        Outcome::ServerError,
        Some("std::io::error::Error"),
        true,
    ),
    (
        "a code of its own",
        |call| call.fail("23505"),
        Outcome::ServerError,
        Some("23505"),
        true,
    ),
    ("given up", drop, Outcome::ClientDisconnect, None, false),
    (
        "given up on its way",
        |call| drop(call.run(pending::<Answer>())),
        Outcome::ClientDisconnect,
        None,
        false,
    ),
];

#[tokio::test]
async fn every_ending_is_judged_alike_in_every_signal() {
    for &(how, act, outcome, error_type, is_error) in ENDINGS {
        let mut probe = Probe::new();
        let calls = probe.telemetry().operation(postgresql()).unwrap();
        let text = KeyValue::new("db.query.text", "SELECT $1");
        act(calls.call_with("SELECT orders", |attributes| attributes.push(text)));

        let end = probe.next_end().await.expect(how);
        assert_eq!((end.outcome, end.name), (outcome, "SELECT orders"), "{how}");
        let seen = probe.verdicts(&end);
        let [span] = seen.spans.as_slice() else {
            panic!("{how}: {} spans", seen.spans.len());
        };
        assert_eq!(
            (span.outcome.as_str(), span.is_error),
            (outcome.as_str(), is_error),
            "{how}"
        );
        assert_eq!(span.error_type.as_deref(), error_type, "{how}");
        for (name, value) in [
            ("db.system.name", "postgresql"),
            ("db.namespace", "shop"),
            ("db.operation.name", "SELECT"),
            ("db.collection.name", "orders"),
            ("db.query.text", "SELECT $1"),
            ("server.address", "db.internal"),
            ("server.port", "5432"),
        ] {
            assert_eq!(
                span.attributes.get(name).map(String::as_str),
                Some(value),
                "{how}"
            );
        }
        assert_eq!(seen.durations.len(), 1, "{how}");
        let mut expected: BTreeMap<_, _> = [
            ("db_system_name", "postgresql"),
            ("db_namespace", "shop"),
            ("db_operation_name", "SELECT"),
            ("db_collection_name", "orders"),
            ("server_address", "db.internal"),
            ("server_port", "5432"),
            ("exchange_outcome", outcome.as_str()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        expected.extend(error_type.map(|error| ("error_type".to_owned(), error.to_owned())));
        assert_eq!(seen.durations[0].labels, expected, "{how}");
        assert_eq!((seen.in_flight, seen.running), (0, 0), "{how}");
    }
}

#[tokio::test]
async fn a_call_is_a_child_of_its_request_and_current_while_it_is_made() {
    let probe = Probe::new();
    let calls = probe
        .telemetry()
        .operation(CallKind::cache("redis"))
        .unwrap();
    let mut request = exchange(probe.telemetry());
    let parent = request.context().span().span_context().clone();
    let call = request.scope(|| calls.call("GET"));
    let own = call.context().span().span_context().clone();
    assert_eq!(own.trace_id(), parent.trace_id());
    assert_ne!(own.span_id(), parent.span_id());
    let inside = call.run(async {
        tokio::task::yield_now().await;
        Ok::<_, ()>(Context::map_current(|cx| cx.span().span_context().clone()))
    });
    assert_eq!(inside.await, Ok(own));
    assert!(!Context::map_current(|cx| cx.has_active_span()));
}

#[test]
fn each_kind_has_names_of_its_own() {
    let telemetry = Telemetry::builder().build().unwrap();
    for (kind, name) in [
        (CallKind::cache("redis"), "GET"),
        (CallKind::other("ldap"), "bind people"),
        (postgresql(), "INSERT orders"),
        (CallKind::database("mysql"), ""),
    ] {
        telemetry.operation(kind).unwrap().call(name).finish();
    }
    let snapshot = telemetry.registry().collect();
    let labels = |family: &str| labels(&snapshot, family);
    assert_eq!(
        labels("db_client_operation_duration_seconds"),
        [
            "db_collection_name=\"orders\",db_namespace=\"shop\",db_operation_name=\"INSERT\",db_system_name=\"postgresql\",exchange_outcome=\"ok\",server_address=\"db.internal\",server_port=\"5432\"",
            "db_operation_name=\"GET\",db_system_name=\"redis\",exchange_outcome=\"ok\"",
            "db_system_name=\"mysql\",exchange_outcome=\"ok\"",
        ]
    );
    assert_eq!(
        labels("call_client_duration_seconds"),
        [
            "call_operation=\"bind\",call_system=\"ldap\",call_target=\"people\",exchange_outcome=\"ok\""
        ]
    );
}

fn labels(snapshot: &Snapshot, family: &str) -> Vec<String> {
    let family = snapshot.family(family).unwrap();
    let mut labels: Vec<_> = family
        .series()
        .map(|series| series.labels().to_owned())
        .collect();
    labels.sort();
    labels
}

#[test]
fn a_nameless_system_is_refused() {
    let telemetry = Telemetry::builder().build().unwrap();
    let long = "x".repeat(513);
    for kind in [
        CallKind::database(""),
        CallKind::database(long.as_str()),
        CallKind::other("a").with_namespace(""),
        CallKind::other("a").with_server("", 1),
    ] {
        assert!(telemetry.operation(kind).is_err());
    }
}
