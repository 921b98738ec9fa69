//! One hop through a service: what comes in, and what its own calls carry.
//!
//! Together with the tables of the single headers this asks all that the public conformance suite
//! of the W3C asks of a service, levels 1 and 2 (`w3c/trace-context` on GitHub, directory `test`).

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::trace::{SpanContext, TraceState as OtelTraceState};
use opentelemetry::{SpanId, TraceFlags, TraceId};
use otel_core::propagation::{Extracted, Format, Propagator, TraceParent, TraceState};

use super::{CHILD, Lines, ROOT, expand, expanded, header_map, lines, traceparent, tracestate};

/// A service with one span of its own: the caller's child, or an unsampled root.
fn hop(incoming: &HeaderMap) -> (Extracted, HeaderMap) {
    let propagator = Propagator::w3c();
    let extracted = propagator.extract(incoming);
    let (trace, flags) = match extracted.span_context() {
        Some(parent) => (parent.trace_id(), parent.trace_flags()),
        None => (TraceId::from_hex(ROOT).unwrap(), TraceFlags::NOT_SAMPLED),
    };
    let child = SpanId::from_hex(CHILD).unwrap();
    let span_context = SpanContext::new(trace, child, flags, false, OtelTraceState::NONE);

    // Whatever the client was built with, or another library put there.
    let mut outgoing = header_map([
        ("traceparent", "stale"),
        ("traceparent", "stale again"),
        ("tracestate", "stale=1"),
    ]);
    propagator.inject(&span_context, extracted.tracestate(), &mut outgoing);
    (extracted, outgoing)
}

const NEW_TRACE: &Lines = &[("traceparent", "00-{root}-{child}-00")];
const SAME_TRACE: &Lines = &[("traceparent", "00-{trace}-{child}-01")];
const SAME_TRACE_AND_LIST: &Lines = &[
    ("traceparent", "00-{trace}-{child}-01"),
    ("tracestate", "rojo=1,congo=2"),
];
const PARENT: (&str, &str) = ("traceparent", "00-{trace}-{parent}-01");
const LIST: (&str, &str) = ("tracestate", "rojo=1,congo=2");
const ROJO: (&str, &str) = ("tracestate", "rojo=1");

/// What takes more than one header to say: why, what comes in, what goes out.
#[rustfmt::skip] // One case a line.
const HOPS: &[(&str, &Lines, &Lines)] = &[
    ("no headers", &[], NEW_TRACE),
    ("a parent", &[PARENT], SAME_TRACE),
    ("a parent in capitals", &[("TRACEPARENT", PARENT.1)], SAME_TRACE),
    ("a parent in mixed case", &[("TraceParent", PARENT.1)], SAME_TRACE),
    ("a parent in odd case", &[("TrAcEpArEnT", PARENT.1)], SAME_TRACE),
    ("a parent by a name with a dash", &[("trace-parent", PARENT.1)], NEW_TRACE),
    ("a parent by a name with a dot", &[("trace.parent", PARENT.1)], NEW_TRACE),
    ("two parents", &[PARENT, ("traceparent", "00-{root}-{parent}-01")], NEW_TRACE),
    ("the same parent twice", &[PARENT, PARENT], NEW_TRACE),
    ("a parent and an empty one", &[PARENT, ("traceparent", "")], NEW_TRACE),
    ("a parent and a list", &[PARENT, LIST], SAME_TRACE_AND_LIST),
    ("a list and a parent", &[LIST, PARENT], SAME_TRACE_AND_LIST),
    ("a list in capitals", &[PARENT, ("TRACESTATE", LIST.1)], SAME_TRACE_AND_LIST),
    ("a list in mixed case", &[PARENT, ("TraceState", LIST.1)], SAME_TRACE_AND_LIST),
    ("a list in odd case", &[PARENT, ("TrAcEsTaTe", LIST.1)], SAME_TRACE_AND_LIST),
    ("a list by a name with a dash", &[PARENT, ("trace-state", LIST.1)], SAME_TRACE),
    ("a list by a name with a dot", &[PARENT, ("trace.state", LIST.1)], SAME_TRACE),
    ("a list alone", &[LIST], NEW_TRACE),
    ("a list and a refused parent", &[("traceparent", "00-{trace}-{parent}-0"), LIST], NEW_TRACE),
    ("a list and two parents", &[PARENT, PARENT, LIST], NEW_TRACE),
    ("a list in two lines", &[PARENT, ROJO, ("tracestate", "congo=2")], SAME_TRACE_AND_LIST),
    ("an empty line after", &[PARENT, LIST, ("tracestate", "")], SAME_TRACE_AND_LIST),
    ("an empty line before", &[PARENT, ("tracestate", ""), LIST], SAME_TRACE_AND_LIST),
    ("a key in two lines", &[PARENT, ROJO, ("tracestate", "rojo=2")], &[SAME_TRACE[0], ("tracestate", "rojo=1,rojo=2")]),
    ("a member in two lines", &[PARENT, ROJO, ROJO], &[SAME_TRACE[0], ("tracestate", "rojo=1,rojo=1")]),
    ("a bad line after a good one", &[PARENT, LIST, ("tracestate", "baz")], SAME_TRACE),
    ("a good line after a bad one", &[PARENT, ("tracestate", "baz"), LIST], SAME_TRACE),
];

#[test]
fn what_comes_in_decides_what_goes_out() {
    for &(why, incoming, outgoing) in HOPS {
        let (extracted, sent) = hop(&header_map(incoming.iter().copied()));
        assert_eq!(lines(&sent), expanded(outgoing), "{why}");

        let is_new = outgoing == NEW_TRACE;
        let has = |name: &str| incoming.iter().any(|line| line.0 == name);
        assert_eq!(extracted.span_context().is_none(), is_new, "{why}");
        assert_eq!(
            extracted.format(),
            (!is_new).then_some(Format::W3c),
            "{why}"
        );
        assert_eq!(
            extracted.is_malformed(),
            is_new && has("traceparent"),
            "{why}"
        );
        let is_lost = outgoing == SAME_TRACE && has("tracestate");
        assert_eq!(extracted.is_tracestate_discarded(), is_lost, "{why}");
        assert!(
            !extracted.is_conflict() && extracted.links().is_empty(),
            "{why}"
        );
    }
}

#[test]
fn an_accepted_parent_goes_on_with_its_flags() {
    for (why, value, sent_on) in traceparent::ACCEPTED {
        let Some(incoming) = header("traceparent", value) else {
            continue;
        };
        let (extracted, sent) = hop(&incoming);
        let accepted = TraceParent::parse(expand(sent_on).as_bytes()).unwrap();
        let child = SpanId::from_hex(CHILD).unwrap();
        let expected = TraceParent::new(accepted.trace_id(), child, accepted.flags()).unwrap();
        assert_eq!(sent["traceparent"], expected.to_header_value(), "{why}");
        assert_eq!((sent.len(), extracted.is_malformed()), (1, false), "{why}");
    }
}

#[test]
fn a_refused_parent_starts_a_trace_without_the_list() {
    for (why, _, value) in traceparent::REFUSED {
        let Some(mut incoming) = header("traceparent", value) else {
            continue;
        };
        incoming.insert("tracestate", HeaderValue::from_static("rojo=1"));
        let (extracted, sent) = hop(&incoming);
        assert_eq!(lines(&sent), expanded(NEW_TRACE), "{why}");
        assert!(
            extracted.is_malformed() && extracted.tracestate().is_none(),
            "{why}"
        );
    }
}

#[test]
fn an_accepted_list_goes_on() {
    for (why, value, propagated) in tracestate::ACCEPTED {
        let mut incoming = header("tracestate", value).unwrap();
        incoming.extend(header_map([PARENT]));
        let (extracted, sent) = hop(&incoming);
        let list = sent
            .get("tracestate")
            .map_or("", |list| list.to_str().unwrap());
        assert_eq!(
            (list, extracted.is_tracestate_discarded()),
            (*propagated, false),
            "{why}"
        );
        assert_eq!(
            sent.contains_key("tracestate"),
            !propagated.is_empty(),
            "{why}"
        );
        assert_eq!(sent["traceparent"], expand(SAME_TRACE[0].1), "{why}");
    }
}

#[test]
fn a_refused_list_does_not_touch_the_parent() {
    for (why, _, value) in tracestate::REFUSED {
        let Some(mut incoming) = header("tracestate", value) else {
            continue;
        };
        incoming.extend(header_map([PARENT]));
        let (extracted, sent) = hop(&incoming);
        assert_eq!(lines(&sent), expanded(SAME_TRACE), "{why}");
        assert!(
            extracted.is_tracestate_discarded() && !extracted.is_malformed(),
            "{why}"
        );
    }
}

/// A map with one header, if HTTP can carry the value at all.
fn header(name: &'static str, value: &str) -> Option<HeaderMap> {
    let value = HeaderValue::from_bytes(expand(value).as_bytes()).ok()?;
    Some(HeaderMap::from_iter([(
        HeaderName::from_static(name),
        value,
    )]))
}

fn numbered(range: std::ops::RangeInclusive<usize>) -> String {
    let members: Vec<_> = range.map(|n| format!("bar{n:02}={n:02}")).collect();
    members.join(",")
}

#[test]
fn lines_are_limited_together() {
    let four = |last| {
        [
            numbered(1..=10),
            numbered(11..=20),
            numbered(21..=30),
            numbered(31..=last),
        ]
    };
    let incoming = |lists: &[String]| {
        let list = lists.iter().map(|list| ("tracestate", list.as_str()));
        header_map([PARENT].into_iter().chain(list))
    };
    let (_, sent) = hop(&incoming(&four(32)));
    assert_eq!(sent["tracestate"], numbered(1..=32));

    let (extracted, sent) = hop(&incoming(&four(33)));
    assert_eq!(lines(&sent), expanded(SAME_TRACE));
    assert!(extracted.is_tracestate_discarded());
}

#[test]
fn a_long_key_goes_on_and_one_too_long_takes_the_list_with_it() {
    for (key, is_legal) in [
        ("z".repeat(256), true),
        ("z".repeat(257), false),
        (format!("{}@{}", "t".repeat(241), "v".repeat(14)), true),
        (format!("{}@v", "t".repeat(242)), true),
        (format!("t@{}", "v".repeat(15)), true),
    ] {
        let member = format!("{key}=1");
        let (_, sent) = hop(&header_map([
            PARENT,
            ("tracestate", "rojo=1"),
            ("tracestate", &member),
        ]));
        let list = sent
            .get("tracestate")
            .map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(list, is_legal.then(|| format!("rojo=1,{member}")), "{key}");
    }
}

#[test]
fn members_lost_to_the_length_limit_are_reported() {
    let long: Vec<_> = (0..32)
        .map(|n| format!("key{n}={}", "x".repeat(256)))
        .collect();
    let (extracted, sent) = hop(&header_map([PARENT, ("tracestate", &long.join(","))]));
    assert!(extracted.is_tracestate_discarded());
    assert!(sent["tracestate"].len() <= TraceState::MAX_LEN);
    assert!(sent["tracestate"].to_str().unwrap().starts_with(&long[0]));
}

#[test]
fn bytes_that_are_no_ascii_are_refused() {
    let mut incoming = header_map([PARENT]);
    incoming.append("tracestate", HeaderValue::from_bytes(b"rojo=\xff").unwrap());
    let (extracted, sent) = hop(&incoming);
    assert_eq!(lines(&sent), expanded(SAME_TRACE));
    assert!(extracted.is_tracestate_discarded());

    let parent = HeaderValue::from_bytes(&[0xff; TraceParent::LEN]).unwrap();
    incoming.insert("traceparent", parent);
    assert!(hop(&incoming).0.is_malformed());
}

#[test]
fn every_call_of_one_request_goes_on_with_its_trace() {
    let propagator = Propagator::default();
    let extracted = propagator.extract(&header_map([PARENT]));
    let parent = extracted.span_context().unwrap();
    for id in 1..=3_u64 {
        let child = SpanContext::new(
            parent.trace_id(),
            SpanId::from(id),
            parent.trace_flags(),
            false,
            OtelTraceState::NONE,
        );
        let mut headers = HeaderMap::new();
        propagator.inject(&child, extracted.tracestate(), &mut headers);
        let expected = format!("00-{}-{id:016x}-01", super::TRACE);
        assert_eq!(headers["traceparent"], expected);
    }
}

#[test]
fn the_span_context_is_remote_and_carries_flags_and_state() {
    let incoming = header_map([
        ("traceparent", "00-{trace}-{parent}-03"),
        ("tracestate", "rojo=1,congo@@a=2"),
    ]);
    let extracted = Propagator::w3c().extract(&incoming);
    let parent = extracted.to_parent().unwrap();
    assert!(parent.is_remote() && parent.is_valid() && parent.is_sampled());
    assert_eq!(
        parent.trace_flags(),
        TraceFlags::SAMPLED | TraceParent::RANDOM
    );
    assert_eq!(parent.trace_state().header(), "rojo=1");
    assert_eq!(
        extracted.tracestate().unwrap().as_str(),
        "rojo=1,congo@@a=2"
    );
    let found = extracted.span_context().unwrap();
    assert_eq!(
        *found.trace_state(),
        OtelTraceState::NONE,
        "that is asked for"
    );
    assert_eq!(extracted.clone().into_span_context().as_ref(), Some(found));
}

#[test]
fn the_state_of_the_span_is_written_when_no_list_is_given() {
    let state = OtelTraceState::from_key_value([("rojo", "1")]).unwrap();
    let (trace, span) = (TraceId::from(1), SpanId::from(2));
    let span_context = SpanContext::new(trace, span, TraceFlags::SAMPLED, false, state);
    let propagator = Propagator::w3c();

    let mut headers = HeaderMap::new();
    propagator.inject(&span_context, None, &mut headers);
    assert_eq!(headers["tracestate"], "rojo=1");

    let list = TraceState::new("congo", "2").unwrap();
    propagator.inject(&span_context, Some(&list), &mut headers);
    assert_eq!(headers["tracestate"], "congo=2");
}

#[test]
fn an_invalid_span_context_changes_nothing() {
    let list = TraceState::new("rojo", "1").unwrap();
    let before = header_map([PARENT, ("tracestate", "congo=2")]);
    let mut headers = before.clone();
    Propagator::w3c().inject(&SpanContext::NONE, Some(&list), &mut headers);
    assert_eq!(headers, before);
}

#[test]
fn only_the_fields_are_touched() {
    let propagator = Propagator::w3c();
    let fields = propagator.fields();
    assert_eq!(fields, ["traceparent", "tracestate"]);

    let (_, mut sent) = hop(&header_map([PARENT, ("tracestate", "rojo=1")]));
    fields.iter().for_each(|field| drop(sent.remove(field)));
    assert!(sent.is_empty());
}

#[test]
fn a_request_with_all_headers_a_map_can_hold_goes_untraced() {
    let mut headers = header_map([("traceparent", "stale")]);
    for n in 0_u32.. {
        let name = HeaderName::try_from(format!("x-{n}")).unwrap();
        if headers
            .try_insert(name, HeaderValue::from_static(""))
            .is_err()
        {
            break;
        }
    }
    let (trace, span) = (TraceId::from(1), SpanId::from(2));
    let state = OtelTraceState::NONE;
    let span_context = SpanContext::new(trace, span, TraceFlags::SAMPLED, false, state);
    let list = TraceState::new("rojo", "1").unwrap();
    Propagator::w3c().inject(&span_context, Some(&list), &mut headers);
    assert!(!headers.contains_key("traceparent") && !headers.contains_key("tracestate"));
}
