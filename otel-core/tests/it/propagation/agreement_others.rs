//! Where the other formats agree with the crates of OpenTelemetry for them, and where they do not.
//!
//! As in [`agreement`](super::agreement), both relay a request. For Jaeger there is nothing to compare
//! with: the last release of its crate is for an older version of the API.

use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry_aws::trace::XrayPropagator;
use opentelemetry_propagator_b3::{B3Encoding, Propagator as B3Propagator};
use opentelemetry_sdk::propagation::BaggagePropagator;
use otel_core::propagation::{Format, Propagator, TextMap};

use super::agreement::{Incoming, relayed_by};
use super::{Lines, expanded, header_map};

/// Why, what comes in, what goes out here, what goes out of the other.
type Rows = [(&'static str, &'static Lines, &'static Lines, &'static Lines)];

fn check(ours: Propagator, other: &dyn TextMapPropagator, rows: &Rows) {
    let ours = TextMap::new(ours);
    for &(why, incoming, here, there) in rows {
        let incoming = header_map(incoming.iter().copied());
        let others = relayed_by(other, &incoming);
        assert_eq!(relayed_by(&ours, &incoming), expanded(here), "here: {why}");
        assert_eq!(others, expanded(there), "there: {why}");
    }
}

fn found_by(propagator: &dyn TextMapPropagator, incoming: &HeaderMap) -> SpanContext {
    let cx = propagator.extract_with_context(&Context::new(), &Incoming(incoming));
    cx.span().span_context().clone()
}

#[test]
fn b3() {
    check(
        Propagator::ordered([Format::B3Single]),
        &B3Propagator::with_encoding(B3Encoding::SingleHeader),
        B3,
    );
}

const B3_1: &Lines = &[("b3", "{trace}-{parent}-1")];
const B3_D: &Lines = &[("b3", "{trace}-{parent}-d")];
const DENIED: &Lines = &[("b3", "0"), ("x-b3-sampled", "0")];

/// Asked for the single header, the other writes the five as well.
const B3: &Rows = &[
    (
        "one form is written, the one that was asked for",
        B3_1,
        B3_1,
        &[
            ("b3", "{trace}-{parent}-1"),
            ("x-b3-sampled", "1"),
            ("x-b3-spanid", "{parent}"),
            ("x-b3-traceid", "{trace}"),
        ],
    ),
    (
        "debug is relayed",
        B3_D,
        B3_D,
        &[
            ("b3", "{trace}-{parent}-d"),
            ("x-b3-flags", "1"),
            ("x-b3-spanid", "{parent}"),
            ("x-b3-traceid", "{trace}"),
        ],
    ),
    (
        "flags of zero say nothing, and take nothing back",
        &[
            ("x-b3-flags", "0"),
            ("x-b3-sampled", "1"),
            ("x-b3-spanid", "{parent}"),
            ("x-b3-traceid", "{trace}"),
        ],
        B3_1,
        &[
            ("b3", "{trace}-{parent}-0"),
            ("x-b3-sampled", "0"),
            ("x-b3-spanid", "{parent}"),
            ("x-b3-traceid", "{trace}"),
        ],
    ),
    (
        "who has no span decides nothing for others",
        &[],
        &[],
        DENIED,
    ),
    (
        "upper case is no id, and no refusal",
        &[("b3", "80E1AFED08E019FC1110464CFA66635C-{parent}-1")],
        &[],
        DENIED,
    ),
];

#[test]
fn debug_is_sampled_in_b3() {
    let incoming = header_map(B3_D.iter().copied());
    let ours = TextMap::new(Propagator::ordered([Format::B3Single]));
    let other = B3Propagator::with_encoding(B3Encoding::SingleHeader);
    assert!(found_by(&ours, &incoming).is_sampled());
    assert!(!found_by(&other, &incoming).is_sampled());
}

#[test]
fn xray() {
    check(
        Propagator::ordered([Format::XRay]),
        &XrayPropagator::new(),
        XRAY,
    );
}

const XRAY_1: (&str, &str) = (
    "x-amzn-trace-id",
    "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={parent};Sampled=1",
);

const XRAY: &Rows = &[
    ("the same", &[XRAY_1], &[XRAY_1], &[XRAY_1]),
    (
        "what belongs to another hop stays there",
        &[(
            "x-amzn-trace-id",
            "Self=1-a-b;Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={parent};Sampled=1;Lineage=1:a|2:b",
        )],
        &[XRAY_1],
        &[(
            "x-amzn-trace-id",
            "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={parent};Sampled=1;Self=1-a-b;Lineage=1:a|2:b",
        )],
    ),
    (
        "whoever relays has decided",
        &[(
            "x-amzn-trace-id",
            "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={parent};Sampled=?",
        )],
        &[(
            "x-amzn-trace-id",
            "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={parent};Sampled=0",
        )],
        &[(
            "x-amzn-trace-id",
            "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={parent};Sampled=?",
        )],
    ),
    (
        "a comma in a field that is not known spoils nothing",
        &[(
            "x-amzn-trace-id",
            "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={parent};Sampled=1;X=a,b",
        )],
        &[XRAY_1],
        &[],
    ),
    (
        "ids have a fixed length",
        &[(
            "x-amzn-trace-id",
            "Root=1-80e1afed-08e0;Parent={parent};Sampled=1",
        )],
        &[],
        &[(
            "x-amzn-trace-id",
            "Root=1-00000000-00000000000080e1afed08e0;Parent={parent};Sampled=1",
        )],
    ),
];

#[test]
fn baggage() {
    check(
        Propagator::builder().with_baggage().build(),
        &BaggagePropagator::new(),
        BAGGAGE,
    );
}

const BAGGAGE: &Rows = &[
    (
        "the same",
        &[("baggage", "k=v")],
        &[("baggage", "k=v")],
        &[("baggage", "k=v")],
    ),
    (
        "a property is not decoded, so it adds no member",
        &[("baggage", "k=v;p=1%2Cadmin=true")],
        &[("baggage", "k=v;p=1%2Cadmin=true")],
        &[("baggage", "k=v;p=1,admin=true")],
    ),
    (
        "a relay takes off no escape",
        &[("baggage", "k=50%2541")],
        &[("baggage", "k=50%2541")],
        &[("baggage", "k=50%41")],
    ),
    (
        "a value may have an equals sign",
        &[("baggage", "k=a=b")],
        &[("baggage", "k=a=b")],
        &[("baggage", "k=a")],
    ),
    (
        "bytes that are no text are relayed",
        &[("baggage", "k=%ff")],
        &[("baggage", "k=%ff")],
        &[],
    ),
];
