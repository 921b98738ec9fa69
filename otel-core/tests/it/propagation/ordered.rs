//! Several formats in one request: who wins, what is linked, what is written.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::trace::SpanContext;
use otel_core::environment::Environment;
use otel_core::propagation::{Format, Outgoing, Propagator};

use super::{Cases, Lines, child, expand, expanded, header_map, lines, summary};

const W3C: (&str, &str) = ("traceparent", "00-{trace}-{parent}-03");
const OTHER_W3C: (&str, &str) = ("traceparent", "00-{root}-{child}-01");
const LIST: (&str, &str) = ("tracestate", "rojo=1");
const B3: (&str, &str) = ("b3", "{trace}-{parent}-1");

#[rustfmt::skip] // One case a line.
const W3C_FIRST: &Cases = &[
    ("no headers", &[], ""),
    ("the first alone", &[W3C], "w3c {trace}-{parent}-03"),
    ("the second alone", &[B3], "b3 {trace}-{parent}-01 accept"),
    ("both of one trace", &[W3C, B3], "w3c {trace}-{parent}-03"),
    ("the first wins over the spans of the second", &[W3C, ("b3", "{trace}-{child}-0")], "w3c {trace}-{parent}-03"),
    ("two traces", &[OTHER_W3C, B3], "w3c {root}-{child}-01 link {trace}-{parent}"),
    ("debug goes along with its trace", &[W3C, ("b3", "{trace}-{parent}-d")], "w3c {trace}-{parent}-03 debug"),
    ("debug of another trace does not", &[OTHER_W3C, ("b3", "{trace}-{parent}-d")], "w3c {root}-{child}-01 link {trace}-{parent}"),
    ("a decision without a span loses to a span", &[W3C, ("b3", "0")], "w3c {trace}-{parent}-03"),
    ("a malformed first", &[("traceparent", "00"), B3], "b3 {trace}-{parent}-01 accept malformed"),
    ("a malformed second", &[W3C, ("b3", "x")], "w3c {trace}-{parent}-03 malformed"),
    ("two traces in three forms", &[OTHER_W3C, B3, ("x-b3-traceid", "{trace}"), ("x-b3-spanid", "{parent}")], "w3c {root}-{child}-01 link {trace}-{parent}"),
    ("half an id is of the same trace", &[W3C, ("b3", "1110464cfa66635c-{parent}-1")], "w3c {trace}-{parent}-03"),
];

#[rustfmt::skip] // One case a line.
const B3_FIRST: &Cases = &[
    ("the other order", &[OTHER_W3C, B3], "b3 {trace}-{parent}-01 accept link {root}-{child}"),
    ("the random flag is of the trace", &[W3C, ("b3", "{trace}-{child}-1")], "b3 {trace}-{child}-03 accept"),
    ("half an id is completed", &[W3C, ("b3", "1110464cfa66635c-{child}-1")], "b3 {trace}-{child}-03 accept"),
    ("a decision without a span", &[W3C, ("b3", "0")], "w3c {trace}-{parent}-03"),
];

#[test]
fn the_first_valid_context_wins() {
    for (order, cases) in [
        ([Format::W3c, Format::B3Single], W3C_FIRST),
        ([Format::B3Single, Format::W3c], B3_FIRST),
    ] {
        let propagator = Propagator::ordered(order);
        for &(why, incoming, found) in cases {
            let extracted = propagator.extract(&header_map(incoming.iter().copied()));
            assert_eq!(summary(&extracted), expand(found), "{why}");
            assert_eq!(extracted.is_conflict(), found.contains("link"), "{why}");
        }
    }
}

#[test]
fn the_list_is_kept_with_its_trace_and_lost_with_another() {
    let propagator = Propagator::ordered([Format::B3Single, Format::W3c]);
    let same = propagator.extract(&header_map([W3C, LIST, B3]));
    assert_eq!(same.tracestate().map(|list| list.as_str()), Some("rojo=1"));
    let state = same.to_parent().map(|found| found.trace_state().header());
    assert_eq!(state.as_deref(), Some("rojo=1"));

    let other = propagator.extract(&header_map([OTHER_W3C, LIST, B3]));
    assert_eq!(other.tracestate(), None);
}

#[test]
fn all_formats_are_written_and_nothing_stale_stays() {
    let stale: &Lines = &[
        ("b3", "{root}-{parent}-d"),
        ("tracestate", "rojo=1"),
        ("x-b3-flags", "1"),
        ("x-b3-traceid", "{root}"),
    ];
    let written: &[(Propagator, &Lines)] = &[
        (
            Propagator::ordered([Format::W3c, Format::B3Single]),
            &[
                ("b3", "{trace}-{child}-1"),
                ("traceparent", "00-{trace}-{child}-01"),
            ],
        ),
        (
            Propagator::ordered([Format::B3Multi, Format::B3Single]),
            &[
                ("b3", "{trace}-{child}-1"),
                ("tracestate", "rojo=1"),
                ("x-b3-sampled", "1"),
                ("x-b3-spanid", "{child}"),
                ("x-b3-traceid", "{trace}"),
            ],
        ),
        (
            Propagator::builder()
                .add_format(Format::W3c)
                .add_read_only_format(Format::B3Multi)
                .build(),
            &[("traceparent", "00-{trace}-{child}-01")],
        ),
        (Propagator::ordered([]), stale),
    ];
    for (propagator, sent) in written {
        let mut headers = header_map(stale.iter().copied());
        propagator.inject(&child(true), None, &mut headers);
        assert_eq!(lines(&headers), expanded(sent), "{propagator:?}");
        propagator.inject(&SpanContext::NONE, None, &mut headers);
        assert_eq!(lines(&headers), expanded(sent), "{propagator:?}");
    }
}

#[test]
fn a_full_map_takes_a_group_of_headers_whole_or_not_at_all() {
    let mut headers = HeaderMap::new();
    for n in 0_u32.. {
        let name = HeaderName::try_from(format!("x-{n}")).unwrap();
        if headers
            .try_insert(name, HeaderValue::from_static(""))
            .is_err()
        {
            break;
        }
    }
    let before = headers.len();
    headers.remove("x-0");
    headers.remove("x-1");
    let propagator = Propagator::ordered([Format::B3Multi]);
    propagator.inject_all(&Outgoing::new(&child(true)), &mut headers);
    assert_eq!(headers.len(), before - 2);
}

#[test]
fn the_environment_names_the_formats() {
    let of = |names| Propagator::from_environment(&Environment::of([("OTEL_PROPAGATORS", names)]));
    for (names, incoming, found) in [
        ("tracecontext", W3C, "w3c {trace}-{parent}-03"),
        ("tracecontext", B3, ""),
        ("b3,tracecontext", B3, "b3 {trace}-{parent}-01 accept"),
        (
            " b3multi , tracecontext,b3multi ",
            W3C,
            "w3c {trace}-{parent}-03",
        ),
        ("none", W3C, ""),
        ("", W3C, "w3c {trace}-{parent}-03"),
    ] {
        let extracted = of(names).unwrap().extract(&header_map([incoming]));
        assert_eq!(summary(&extracted), expand(found), "{names:?}");
    }
    let unset = Propagator::from_environment(&Environment::default()).unwrap();
    assert_eq!(
        summary(&unset.extract(&header_map([W3C]))),
        expand("w3c {trace}-{parent}-03")
    );

    for names in [
        "tracecontext,zipkin",
        "B3",
        "tracecontext,",
        "none,b3",
        "w3c",
    ] {
        let error = of(names).unwrap_err();
        assert!(error.is_invalid(), "{names}");
        assert_eq!(error.setting(), "OTEL_PROPAGATORS");
    }
}
