//! Where this propagator and that of the OTel SDK agree, and where and why they do not.
//!
//! Both relay a request: extract, and inject the same context again. The last column is how the SDK
//! of the version in use behaves; a row that fails there says that the SDK has changed.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use otel_core::propagation::Propagator;
use proptest::collection::vec;
use proptest::prelude::*;

use super::round_trip::member;
use super::{Lines, expanded, header_map, lines};

fn relayed_here(incoming: &HeaderMap) -> Vec<(String, String)> {
    let propagator = Propagator::w3c();
    let extracted = propagator.extract(incoming);
    let mut outgoing = HeaderMap::new();
    if let Some(span_context) = extracted.span_context() {
        propagator.inject(span_context, extracted.tracestate(), &mut outgoing);
    }
    lines(&outgoing)
}

fn relayed_by_the_sdk(incoming: &HeaderMap) -> Vec<(String, String)> {
    relayed_by(&TraceContextPropagator::new(), incoming)
}

pub(super) fn relayed_by(
    propagator: &dyn TextMapPropagator,
    incoming: &HeaderMap,
) -> Vec<(String, String)> {
    let context = propagator.extract_with_context(&Context::new(), &Incoming(incoming));
    let mut outgoing = HeaderMap::new();
    propagator.inject_context(&context, &mut Outgoing(&mut outgoing));
    lines(&outgoing)
}

/// The adapters of `opentelemetry-http`, as far as they matter here.
pub(super) struct Incoming<'a>(pub(super) &'a HeaderMap);

impl Extractor for Incoming<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct Outgoing<'a>(&'a mut HeaderMap);

impl Injector for Outgoing<'_> {
    fn set(&mut self, key: &str, value: String) {
        let name = HeaderName::from_bytes(key.as_bytes()).unwrap();
        self.0.insert(name, HeaderValue::from_str(&value).unwrap());
    }
}

const PLAIN: (&str, &str) = ("traceparent", "00-{trace}-{parent}-01");
const EMPTY_LIST: (&str, &str) = ("tracestate", "");

/// Why, what comes in, what goes out here, what goes out of the SDK.
const DIFFERENCES: &[(&str, &Lines, &Lines, &Lines)] = &[
    (
        "an empty list should not be sent",
        &[PLAIN],
        &[PLAIN],
        &[PLAIN, EMPTY_LIST],
    ),
    (
        "the random flag must be kept",
        &[("traceparent", "00-{trace}-{parent}-03")],
        &[("traceparent", "00-{trace}-{parent}-03")],
        &[PLAIN, EMPTY_LIST],
    ),
    (
        "two parents cannot both be right",
        &[PLAIN, ("traceparent", "00-{root}-{parent}-01")],
        &[],
        &[PLAIN, EMPTY_LIST],
    ),
    (
        "ids have a fixed length",
        &[("traceparent", "00-1-2-1")],
        &[],
        &[
            (
                "traceparent",
                "00-00000000000000000000000000000001-0000000000000002-01",
            ),
            EMPTY_LIST,
        ],
    ),
    (
        "a sign is no digit",
        &[("traceparent", "00-+1-+2-+1")],
        &[],
        &[
            (
                "traceparent",
                "00-00000000000000000000000000000001-0000000000000002-01",
            ),
            EMPTY_LIST,
        ],
    ),
    (
        "version 00 ends with the flags",
        &[("traceparent", "00-{trace}-{parent}-01-")],
        &[],
        &[PLAIN, EMPTY_LIST],
    ),
    (
        "a version has two digits, not one",
        &[("traceparent", "0-{trace}-{parent}-01")],
        &[],
        &[PLAIN, EMPTY_LIST],
    ),
    (
        "a version has two digits, not three",
        &[("traceparent", "000-{trace}-{parent}-01")],
        &[],
        &[PLAIN, EMPTY_LIST],
    ),
    (
        "a version is lower case",
        &[("traceparent", "CC-{trace}-{parent}-01")],
        &[],
        &[PLAIN, EMPTY_LIST],
    ),
    (
        "flags have two digits",
        &[("traceparent", "00-{trace}-{parent}-1")],
        &[],
        &[PLAIN, EMPTY_LIST],
    ),
    (
        "lines are combined",
        &[PLAIN, ("tracestate", "rojo=1"), ("tracestate", "congo=2")],
        &[PLAIN, ("tracestate", "rojo=1,congo=2")],
        &[PLAIN, ("tracestate", "rojo=1")],
    ),
    (
        "in level 2 an at sign may stand anywhere but first",
        &[PLAIN, ("tracestate", "rojo@=1,a@b@c=2")],
        &[PLAIN, ("tracestate", "rojo@=1,a@b@c=2")],
        &[PLAIN, EMPTY_LIST],
    ),
    (
        "a value has no equals sign, at its start neither",
        &[PLAIN, ("tracestate", "rojo==1")],
        &[PLAIN],
        &[PLAIN, ("tracestate", "rojo=1")],
    ),
    (
        "a value is not empty",
        &[PLAIN, ("tracestate", "rojo=,congo=2")],
        &[PLAIN],
        &[PLAIN, ("tracestate", "rojo=,congo=2")],
    ),
    (
        "a key is not empty",
        &[PLAIN, ("tracestate", "=1")],
        &[PLAIN],
        &[PLAIN, ("tracestate", "=1")],
    ),
    (
        "a tab is no part of a value",
        &[PLAIN, ("tracestate", "rojo=1\t2")],
        &[PLAIN],
        &[PLAIN, ("tracestate", "rojo=1\t2")],
    ),
    (
        "empty members do not count against the limit",
        &[
            PLAIN,
            ("tracestate", ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,rojo=1"),
        ],
        &[PLAIN, ("tracestate", "rojo=1")],
        &[PLAIN, EMPTY_LIST],
    ),
];

#[test]
fn differences_are_known_and_have_a_reason() {
    for &(why, incoming, here, sdk) in DIFFERENCES {
        let incoming = header_map(incoming.iter().copied());
        assert_eq!(relayed_here(&incoming), expanded(here), "here: {why}");
        assert_eq!(relayed_by_the_sdk(&incoming), expanded(sdk), "SDK: {why}");
    }
}

#[test]
fn a_list_with_too_many_members_is_cut_by_the_sdk_and_dropped_here() {
    let members: Vec<_> = (0..33).map(|n| format!("key{n}={n}")).collect();
    let incoming = header_map([PLAIN, ("tracestate", &members.join(","))]);
    assert_eq!(relayed_here(&incoming), expanded(&[PLAIN]));
    assert_eq!(relayed_by_the_sdk(&incoming)[1].1, members[..32].join(","));
}

proptest! {
    /// Whatever both versions of the standard and both implementations allow.
    #[test]
    fn the_common_ground_is_relayed_alike(
        version in prop::sample::select(&["00", "01", "fe"][..]),
        trace in "[0-9a-f]{31}[1-9a-f]",
        parent in "[0-9a-f]{15}[1-9a-f]",
        flags in prop::sample::select(&["00", "01"][..]),
        list in vec(member("[a-z0-9][a-z0-9_*/-]{0,9}"), 1..=32),
        blank in "[ \t]{0,2}",
    ) {
        let traceparent = format!("{blank}{version}-{trace}-{parent}-{flags}{blank}");
        let list = list.join(&format!("{blank},{blank}"));
        let incoming = header_map([("traceparent", traceparent.as_str()), ("tracestate", &list)]);
        let outgoing = relayed_here(&incoming);
        prop_assert_eq!(&outgoing[0].1, &format!("00-{trace}-{parent}-{flags}"));
        prop_assert_eq!(outgoing, relayed_by_the_sdk(&incoming));
    }
}
