//! Contexts outside of HTTP: messages, environment variables, limits.

use std::collections::BTreeMap;

use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::TraceContextExt;
use otel_core::propagation::{Carrier, Format, Limit, Propagator};
use otel_core::telemetry::Telemetry;

use super::{child, expand, summary};

fn propagator() -> Propagator {
    Propagator::builder()
        .add_format(Format::W3c)
        .add_format(Format::Jaeger)
        .with_baggage()
        .build()
}

#[test]
fn pairs_are_read_whatever_their_case_and_their_neighbours() {
    let traceparent = expand("00-{trace}-{parent}-03");
    let found = expand("w3c {trace}-{parent}-03");
    let cases: &[(&str, &[(&str, &[u8])], &str, bool)] = &[
        (
            "plain",
            &[("traceparent", traceparent.as_bytes())],
            &found,
            false,
        ),
        (
            "Kafka's Java clients keep the case",
            &[("TraceParent", traceparent.as_bytes())],
            &found,
            false,
        ),
        (
            "what is not ours is not looked at",
            &[
                ("key\0", b"\0\xff"),
                ("traceparent", traceparent.as_bytes()),
                ("", b""),
            ],
            &found,
            false,
        ),
        (
            "two lines are ambiguous here too",
            &[
                ("traceparent", traceparent.as_bytes()),
                ("TRACEPARENT", traceparent.as_bytes()),
            ],
            "malformed",
            false,
        ),
        (
            "no format has control characters",
            &[("traceparent", b"00-\n")],
            "",
            true,
        ),
        ("nothing", &[], "", false),
    ];
    for &(why, pairs, expected, is_cut) in cases {
        let carrier = Carrier::read(&propagator(), pairs.iter().copied(), Limit::default());
        assert_eq!(summary(&carrier.extract(&propagator())), expected, "{why}");
        assert_eq!(carrier.is_cut(), is_cut, "{why}");
    }
}

#[test]
fn reading_stops_at_the_limit() {
    let baggage = format!("k={}", "v".repeat(100));
    let pairs = || {
        std::iter::once(("traceparent".to_owned(), expand("00-{trace}-{parent}-01")))
            .chain((0..1000).map(|n| (format!("uberctx-{n}"), baggage.clone())))
    };
    let carrier = Carrier::read(&propagator(), pairs(), Limit::new(10, 1 << 20));
    assert_eq!((carrier.pairs().count(), carrier.is_cut()), (10, true));
    let carrier = Carrier::read(&propagator(), pairs(), Limit::new(1000, 1024));
    let bytes: usize = carrier
        .pairs()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    assert!(bytes <= 1024 && carrier.is_cut());
    assert!(carrier.extract(&propagator()).span_context().is_some());
}

fn collected() -> Carrier {
    let telemetry = Telemetry::builder()
        .with_propagator(propagator())
        .build()
        .unwrap();
    let cx = Context::new()
        .with_span_context(true)
        .with_baggage([opentelemetry::KeyValue::new("tenant", "acme")]);
    telemetry.collect(&cx)
}

trait WithSpanContext {
    fn with_span_context(&self, is_sampled: bool) -> Context;
}

impl WithSpanContext for Context {
    fn with_span_context(&self, is_sampled: bool) -> Context {
        self.with_remote_span_context(child(is_sampled))
    }
}

#[test]
fn what_is_collected_is_applied_when_the_message_is_built() {
    let mut message = BTreeMap::new();
    collected().apply(|name, value| {
        message.insert(name.to_owned(), String::from_utf8(value.to_vec()).unwrap());
    });
    let expected = [
        ("baggage", "tenant=acme".to_owned()),
        ("traceparent", expand("00-{trace}-{child}-01")),
        ("uber-trace-id", expand("{trace}:{child}:0:1")),
        ("uberctx-tenant", "acme".to_owned()),
    ];
    let expected: BTreeMap<_, _> = expected
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    assert_eq!(message, expected);
}

#[test]
fn without_room_the_parent_is_what_goes_last() {
    let names = |limit| {
        let carrier = collected().within(limit);
        let mut names: Vec<_> = carrier.pairs().map(|(name, _)| name.to_owned()).collect();
        names.sort();
        (names, carrier.is_cut())
    };
    let of = |names: &[&str]| {
        names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>()
    };
    let all = of(&["baggage", "traceparent", "uber-trace-id", "uberctx-tenant"]);
    assert_eq!(names(Limit::default()), (all, false));
    assert_eq!(
        names(Limit::new(3, 1024)),
        (
            of(&["traceparent", "uber-trace-id", "uberctx-tenant"]),
            true
        )
    );
    assert_eq!(names(Limit::new(1, 1024)), (of(&["traceparent"]), true));
    assert_eq!(names(Limit::new(9, 66)), (of(&["traceparent"]), true));
    assert_eq!(names(Limit::new(9, 65)), (of(&[]), true));
}

#[test]
fn a_child_process_goes_on_with_the_trace() {
    let variables: Vec<_> = collected().to_environment().collect();
    assert!(variables.contains(&("TRACEPARENT".to_owned(), expand("00-{trace}-{child}-01"))));
    assert!(variables.contains(&("UBER_TRACE_ID".to_owned(), expand("{trace}:{child}:0:1"))));

    let inherited = variables
        .into_iter()
        .chain([("PATH".to_owned(), "/bin".to_owned())]);
    let carrier = Carrier::read_environment(&propagator(), inherited, Limit::default());
    let extracted = carrier.extract(&propagator());
    assert_eq!(summary(&extracted), expand("w3c {trace}-{child}-01"));
    assert_eq!(extracted.baggage().unwrap().as_str(), "tenant=acme");
}
