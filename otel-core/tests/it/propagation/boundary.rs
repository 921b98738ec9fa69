//! What crosses between trust domains, in both directions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{Extensions, HeaderMap, HeaderValue};
use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::TraceContextExt;
use otel_core::clock::{Clock, ManualClock};
use otel_core::exchange::{Exchange, Signals};
use otel_core::outcome::Ending;
use otel_core::propagation::{
    Admission, Boundary, Caller, CallerPolicy, Extracted, Format, Propagator, Release,
};
use otel_core::telemetry::{Telemetry, TelemetryBuilder};
use testkit::Probe;

use super::{header_map, summary};
use crate::exchange::{faults, instrumentation};

fn propagator() -> Propagator {
    Propagator::builder()
        .add_format(Format::W3c)
        .add_format(Format::B3Single)
        .with_baggage()
        .build()
}

fn telemetry(boundary: Boundary) -> TelemetryBuilder {
    Telemetry::builder()
        .with_propagator(propagator())
        .with_boundary(boundary)
}

fn incoming() -> HeaderMap {
    header_map([
        ("traceparent", "00-{trace}-{parent}-01"),
        ("tracestate", "rojo=1"),
        ("baggage", "tenant=acme,admin=true"),
    ])
}

#[test]
fn a_caller_is_continued_linked_or_dropped() {
    let cases = [
        (
            Admission::everything(),
            "w3c {trace}-{parent}-01",
            Some("rojo=1"),
            Some("tenant=acme,admin=true"),
        ),
        (
            Admission::everything().with_baggage(["tenant"]),
            "w3c {trace}-{parent}-01",
            Some("rojo=1"),
            Some("tenant=acme"),
        ),
        (
            Admission::everything().with_sampling_cap(0),
            "w3c {trace}-{parent}-00",
            Some("rojo=1"),
            Some("tenant=acme,admin=true"),
        ),
        (Admission::link(), "link {trace}-{parent}", None, None),
        (
            Admission::link().with_baggage(["tenant", "absent"]),
            "link {trace}-{parent}",
            None,
            Some("tenant=acme"),
        ),
        (Admission::nothing(), "", None, None),
    ];
    for (admission, found, tracestate, baggage) in cases {
        let boundary = Boundary::builder().with_callers(admission.clone());
        let telemetry = telemetry(boundary.build().unwrap()).build().unwrap();
        let arrival = telemetry.arrive(&Caller::new(&incoming()));
        let extracted = arrival.extracted();
        assert_eq!(summary(extracted), super::expand(found), "{admission:?}");
        let state = extracted.tracestate().map(|list| list.as_str());
        assert_eq!(state, tracestate, "{admission:?}");
        let list = extracted.baggage().map(|list| list.as_str());
        assert_eq!(list, baggage, "{admission:?}");
    }
}

#[tokio::test]
async fn the_rule_holds_in_the_span_and_in_the_count() {
    for (admission, parent, links) in [
        (Admission::everything(), "remote", 0),
        (Admission::link(), "linked", 1),
        (Admission::nothing(), "dropped", 0),
    ] {
        let boundary = Boundary::builder().with_callers(admission).build().unwrap();
        let mut probe = Probe::with(|builder| builder.with_boundary(boundary));
        let telemetry = probe.telemetry().clone();
        let instrumentation = instrumentation(&telemetry, Signals::ALL);
        let arrival = telemetry.arrive(&Caller::new(&incoming()));
        let mut exchange = Exchange::open(&instrumentation, instrumentation.operation(0, "/r"))
            .arriving(arrival)
            .start(|_attributes| {});
        exchange.end(Ending::Complete);

        let end = probe.next_end().await.expect(parent);
        let is_callers = end.trace_id.to_string() == super::TRACE;
        assert_eq!(is_callers, parent == "remote", "{parent}");
        let span = &probe.verdicts(&end).spans[0];
        assert_eq!(span.links.len(), links, "{parent}");
        for link in &span.links {
            assert_eq!(*link, super::expand("{trace}-{parent}"));
        }
        assert_eq!(
            parents(&telemetry),
            [(parent.to_owned(), "/r".to_owned(), 1)]
        );
    }
}

/// The series of `exchange.parents`: kind, route, count.
fn parents(telemetry: &Telemetry) -> Vec<(String, String, u64)> {
    let snapshot = telemetry.registry().collect();
    let family = snapshot.family("exchange_parents").unwrap();
    family
        .series()
        .map(|series| {
            let label = |wanted: &str| {
                let found = series.label_pairs().find(|(name, _)| *name == wanted);
                found.map_or_else(String::new, |(_, value)| value.into_owned())
            };
            let count = series.value().as_counter().unwrap();
            (label("exchange_parent"), label("http_route"), count)
        })
        .collect()
}

/// Knows callers by an extension, as a rule about identities does.
#[derive(Debug)]
struct ByName(Arc<AtomicBool>);

#[derive(Clone)]
struct Name(&'static str);

impl CallerPolicy for ByName {
    fn admit(&self, caller: &Caller<'_>, extracted: &Extracted) -> Option<Admission> {
        assert!(!self.0.load(Ordering::Relaxed), "asked to panic");
        assert!(extracted.span_context().is_some());
        match caller.extension::<Name>()?.0 {
            "own" => Some(Admission::everything()),
            _ => Some(Admission::nothing()),
        }
    }
}

#[test]
fn a_policy_knows_the_caller_and_a_panic_lets_nothing_in() {
    let panics = Arc::new(AtomicBool::new(false));
    let boundary = Boundary::builder()
        .with_callers(Admission::link())
        .with_caller_policy(ByName(Arc::clone(&panics)))
        .build()
        .unwrap();
    let telemetry = telemetry(boundary).build().unwrap();
    let headers = incoming();
    let found = |name: Option<&'static str>| {
        let mut extensions = Extensions::new();
        if let Some(name) = name {
            extensions.insert(Name(name));
        }
        let caller = Caller::new(&headers).with_extensions(&extensions);
        summary(telemetry.arrive(&caller).extracted())
    };
    assert_eq!(found(Some("own")), super::expand("w3c {trace}-{parent}-01"));
    assert_eq!(found(Some("stranger")), "");
    assert_eq!(found(None), super::expand("link {trace}-{parent}"));
    assert_eq!(faults(&telemetry, "policy_panicked"), 0);

    panics.store(true, Ordering::Relaxed);
    assert_eq!(found(Some("own")), "");
    assert_eq!(faults(&telemetry, "policy_panicked"), 1);
}

#[test]
fn callers_may_have_so_many_exchanges_recorded_a_second() {
    let clock = Arc::new(ManualClock::new());
    let boundary = Boundary::builder()
        .with_callers(Admission::everything().with_sampling_cap(2))
        .build()
        .unwrap();
    let telemetry = telemetry(boundary)
        .with_clock(Shared(Arc::clone(&clock)))
        .build()
        .unwrap();
    let sampled = |value: &'static str| {
        let mut headers = HeaderMap::new();
        let name = if value.len() > 2 { "traceparent" } else { "b3" };
        headers.insert(name, HeaderValue::from_static(value));
        let arrival = telemetry.arrive(&Caller::new(&headers));
        let extracted = arrival.extracted();
        extracted.span_context().map_or_else(
            || extracted.sampling().is_some_and(|state| state.is_sampled()),
            |caller| caller.is_sampled(),
        )
    };
    const WISH: &str = "00-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-01";
    const NO_WISH: &str = "00-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-00";
    assert!(sampled(WISH));
    assert!(!sampled(NO_WISH), "costs nothing");
    assert!(sampled("d"), "a decision without a span is a wish too");
    assert!(!sampled(WISH));
    assert!(!sampled("1"));
    assert_eq!(faults(&telemetry, "sampling_capped"), 2);
    clock.advance(Duration::from_secs(1));
    assert!(sampled(WISH));
}

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

#[test]
fn a_callee_is_told_what_its_rule_lets_out() {
    let boundary = Boundary::builder()
        .with_callees(Release::traceparent())
        .add_callee(".shop.internal", Release::everything())
        .add_callee("spy.shop.internal", Release::nothing())
        .add_callee(
            "partner.example",
            Release::traceparent().with_baggage(["tenant"]),
        )
        .build()
        .unwrap();
    let telemetry = telemetry(boundary).build().unwrap();
    let exchange = {
        let instrumentation = instrumentation(&telemetry, Signals::ALL);
        let mut headers = incoming();
        headers.insert("x-request-id", HeaderValue::from_static("r-1"));
        Exchange::open(&instrumentation, instrumentation.operation(0, ""))
            .arriving(telemetry.arrive(&Caller::new(&headers)))
            .start(|_attributes| {})
    };
    let all = ["b3", "baggage", "traceparent", "tracestate", "x-request-id"];
    let ids = ["b3", "traceparent", "x-request-id"];
    let some = ["b3", "baggage", "traceparent", "x-request-id"];
    for (host, names) in [
        (Some("cart.shop.internal"), &all[..]),
        (Some("CART.SHOP.INTERNAL"), &all),
        (Some("shop.internal"), &ids),
        (Some("notshop.internal"), &ids),
        (Some("spy.shop.internal"), &[]),
        (Some("partner.example"), &some),
        (None, &ids),
    ] {
        // What a forwarded request would still have of its caller.
        let mut sent = incoming();
        sent.insert("b3", HeaderValue::from_static("0"));
        for identity in [
            "x-forwarded-client-cert",
            "client-cert",
            "client-cert-chain",
            "l5d-client-id",
        ] {
            sent.insert(identity, HeaderValue::from_static("somebody"));
        }
        telemetry.inject_to(host, exchange.context(), &mut sent);
        let mut found: Vec<_> = sent.keys().map(|name| name.as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, names, "{host:?}");
        if host == Some("partner.example") {
            assert_eq!(sent["baggage"], "tenant=acme");
        }
    }
}

#[test]
fn a_rule_for_no_host_is_refused() {
    for host in ["", ".", "..a", "a b", "https://a"] {
        let built = Boundary::builder()
            .add_callee(host, Release::nothing())
            .build();
        assert!(built.is_err(), "{host}");
    }
}

#[test]
fn baggage_goes_on_as_it_came_unless_it_was_changed() {
    let telemetry = Telemetry::builder()
        .with_propagator(propagator())
        .build()
        .unwrap();
    // Order, case of the escapes, properties and a repeated key are the callers' business.
    let received = "z=%c3%bc;p=1,a=1,a=2,q=a%20b";
    let instrumentation = instrumentation(&telemetry, Signals::ALL);
    let exchange = Exchange::open(&instrumentation, instrumentation.operation(0, ""))
        .arriving(telemetry.arrive(&Caller::new(&header_map([("baggage", received)]))))
        .start(|_attributes| {});
    let sent = |cx: &Context| {
        let mut headers = HeaderMap::new();
        telemetry.inject(cx, &mut headers);
        headers
            .get("baggage")
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let cx = exchange.context();
    assert_eq!(sent(cx).as_deref(), Some(received));

    let added = cx.with_baggage(
        cx.baggage()
            .iter()
            .map(|(key, (value, properties))| {
                opentelemetry::baggage::KeyValueMetadata::new(
                    key.clone(),
                    value.clone(),
                    properties.as_str(),
                )
            })
            .chain([opentelemetry::KeyValue::new("new", "x,y").into()]),
    );
    assert_eq!(
        sent(&added).as_deref(),
        Some("z=%c3%bc;p=1,a=1,a=2,q=a%20b,new=x%2Cy")
    );

    let changed = cx.with_baggage([opentelemetry::KeyValue::new("q", "now")]);
    assert_eq!(sent(&changed).as_deref(), Some("q=now"));
    let emptied = cx.with_baggage(Vec::<opentelemetry::KeyValue>::new());
    assert_eq!(sent(&emptied), None);
    assert!(!cx.has_active_span());
}
