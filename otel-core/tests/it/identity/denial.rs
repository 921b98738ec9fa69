//! What a denial leaves behind, also where the request itself leaves nothing.

use std::time::UNIX_EPOCH;

use http::Extensions;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use otel_core::exchange::{Exchange, Signals};
use otel_core::identity::{
    Connection, DeclaredHeader, Denial, DenyReason, Identify, PeerIdentity, Requirement,
    TrustPolicy,
};
use otel_core::outcome::Ending;
use otel_core::propagation::Extracted;
use otel_core::request_id::RequestId;
use otel_core::sampling::{Head, HeadSampler};
use otel_core::telemetry::Telemetry;
use tracing::subscriber::with_default;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::audit::{Audit, Record};

const WEB: &str = "spiffe://prod.example.org/ns/shop/sa/web";

/// What a request left behind.
struct Left {
    records: Vec<Record>,
    spans: Vec<SpanData>,
    telemetry: Telemetry,
}

#[derive(Debug)]
struct Never;

impl HeadSampler for Never {
    fn sample(&self, _: &Head<'_>) -> bool {
        false
    }
}

/// Runs something inside an exchange of a peer.
fn inside(
    sampled: bool,
    headers: &HeaderMap,
    run: impl FnOnce(&Identify, &Extensions, &HeaderMap),
) -> Left {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let mut builder = Telemetry::builder().with_tracer_provider(provider.clone());
    if !sampled {
        builder = builder.with_head_sampler(Never);
    }
    let telemetry = builder.build().unwrap();
    let policy = TrustPolicy::builder("prod.example.org".parse().unwrap())
        .build()
        .unwrap();
    let identify = Identify::builder(&telemetry, policy)
        .with_claims(DeclaredHeader::new(HeaderName::from_static("x-workload")))
        .build();
    let mut extensions = Extensions::new();
    let peer = PeerIdentity::of_claims(WEB.parse().unwrap(), UNIX_EPOCH);
    extensions.insert(Connection::unknown().with_peer(peer));
    let audit = Audit::default();
    with_default(tracing_subscriber::registry().with(audit.clone()), || {
        let instrumentation = crate::exchange::instrumentation(&telemetry, Signals::ALL);
        let operation = instrumentation.operation(0, "/orders");
        let arrival = identify.arrive(&extensions, headers);
        let mut exchange = Exchange::open(&instrumentation, operation)
            .with_arrival(RequestId::random(), Extracted::default())
            .with_identity(Some(arrival))
            .start(|_| {});
        exchange.scope(|| run(&identify, &extensions, headers));
        exchange.end(Ending::Complete);
    });
    let _ = provider.force_flush();
    let records = audit.records();
    Left {
        records,
        spans: exporter.get_finished_spans().unwrap(),
        telemetry,
    }
}

fn decided(left: &Left, decision: &str, reason: &str) -> u64 {
    let snapshot = left.telemetry.registry().collect();
    let family = snapshot.family("authz_decisions").unwrap();
    let wanted = format!("authz_decision=\"{decision}\",authz_reason=\"{reason}\"");
    let series = family.series().find(|series| series.labels() == wanted);
    series.map_or(0, |series| series.value().as_counter().unwrap())
}

fn events<'a>(span: &'a SpanData, name: &str) -> Vec<&'a opentelemetry::trace::Event> {
    span.events
        .iter()
        .filter(|event| event.name == name)
        .collect()
}

use otel_core::opentelemetry;

#[test]
fn a_denial_is_on_the_span_in_the_audit_log_and_counted() {
    let left = inside(true, &HeaderMap::new(), |identify, extensions, headers| {
        let requirement = Requirement::builder(identify, "orders")
            .allow("spiffe://prod.example.org/admin".parse().unwrap())
            .build()
            .unwrap();
        let checked = requirement.check(extensions, headers, || {
            Some(("http.route", "/orders".into()))
        });
        assert_eq!(checked, Err(DenyReason::NotAllowed));
    });
    let [record] = &*left.records else {
        panic!("{:?}", left.records)
    };
    for (name, value) in [
        ("message", "authz_denied"),
        ("authz.decision", "denied"),
        ("authz.reason", "not_allowed"),
        ("authz.policy", "orders"),
        ("peer.spiffe_id", WEB),
        ("identity.source", "jwt_svid"),
        ("http.route", "/orders"),
    ] {
        assert_eq!(record[name], value, "{name}");
    }
    // UTC, to the nanosecond.
    assert_eq!(
        (
            record["authz.time"].len(),
            record["authz.time"].ends_with('Z')
        ),
        (30, true)
    );
    let [span] = &*left.spans else {
        panic!("one span")
    };
    let [event] = &*events(span, "authz_denied") else {
        panic!("one event")
    };
    let has = |name: &str, value: &str| {
        event
            .attributes
            .iter()
            .any(|a| a.key.as_str() == name && a.value.as_str() == value)
    };
    assert!(
        has("peer.spiffe_id", WEB)
            && has("authz.reason", "not_allowed")
            && has("http.route", "/orders")
    );
    assert_eq!(decided(&left, "denied", "not_allowed"), 1);
}

#[test]
fn a_denied_request_that_is_not_sampled_gets_a_span_of_its_own() {
    let left = inside(false, &HeaderMap::new(), |identify, _, _| {
        identify.deny(&Denial::new(DenyReason::NotAllowed, "orders"));
    });
    let [span] = &*left.spans else {
        panic!("{:?}", left.spans)
    };
    assert_eq!(span.name, "authz_denied");
    // It leads to the log lines of the request, which have that trace id.
    assert_eq!(span.links.links.len(), 1);
    assert_eq!(events(span, "authz_denied").len(), 1);
    // The peer is that of the exchange.
    assert_eq!(left.records[0]["peer.spiffe_id"], WEB);
    assert_eq!(decided(&left, "denied", "not_allowed"), 1);
}

#[test]
fn a_mismatch_is_an_event_and_a_denial_at_once() {
    let mut headers = HeaderMap::new();
    headers.insert(
        "x-workload",
        HeaderValue::from_static("spiffe://prod.example.org/admin"),
    );
    // Nobody requires anything: it is watched.
    let left = inside(true, &headers, |_, _, _| {});
    let [record] = &*left.records else {
        panic!("{:?}", left.records)
    };
    assert_eq!(record["authz.decision"], "observed");
    assert_eq!(record["identity.mismatch.kind"], "declared");
    assert_eq!(
        record["identity.claimed"],
        "spiffe://prod.example.org/admin"
    );
    assert_eq!(events(&left.spans[0], "identity.mismatch").len(), 1);
    assert_eq!(decided(&left, "observed", "mismatch"), 1);
    let requirement = |identify: &Identify, observe: bool| {
        let builder = Requirement::builder(identify, "orders").allow(WEB.parse().unwrap());
        if observe {
            builder.observe_only()
        } else {
            builder
        }
        .build()
        .unwrap()
    };
    for (observe, answer, decision) in [
        (false, Err(DenyReason::Mismatch), "denied"),
        (true, Ok(()), "observed"),
    ] {
        let left = inside(true, &headers, |identify, extensions, headers| {
            let requirement = requirement(identify, observe);
            assert_eq!(requirement.check(extensions, headers, || None), answer);
        });
        let last = left.records.last().unwrap();
        assert_eq!(
            (&*last["authz.decision"], &*last["authz.reason"]),
            (decision, "mismatch")
        );
        assert_eq!(events(&left.spans[0], "identity.mismatch").len(), 1);
    }
}

#[test]
fn nobody_is_let_in_by_an_empty_requirement() {
    let telemetry = Telemetry::builder().build().unwrap();
    let policy = TrustPolicy::builder("prod.example.org".parse().unwrap())
        .build()
        .unwrap();
    let identify = Identify::new(&telemetry, policy);
    assert!(
        Requirement::builder(&identify, "x")
            .build()
            .unwrap_err()
            .is_missing()
    );
}

#[test]
fn a_subscriber_that_panics_hurts_nobody() {
    struct Panics;

    impl<S: tracing::Subscriber> Layer<S> for Panics {
        fn on_event(&self, _: &tracing::Event<'_>, _: Context<'_, S>) {
            panic!("a broken subscriber");
        }
    }

    let telemetry = Telemetry::builder().build().unwrap();
    let policy = TrustPolicy::builder("prod.example.org".parse().unwrap())
        .build()
        .unwrap();
    let identify = Identify::new(&telemetry, policy);
    with_default(tracing_subscriber::registry().with(Panics), || {
        identify.deny(&Denial::of("quota", "orders"));
    });
}
