//! Baggage in headers of its own: Jaeger's and that of OpenTracing's basic tracers.

use http::HeaderMap;
use otel_core::propagation::{Baggage, Format, Outgoing, Propagator, SamplingState};

use super::{Lines, child, header_map, lines};

fn propagator() -> Propagator {
    Propagator::builder()
        .add_format(Format::Jaeger)
        .add_format(Format::OtTrace)
        .with_baggage()
        .build()
}

/// Why, what comes in, the list that is made of it, and whether some was left out.
const READ: &[(&str, &Lines, Option<&str>, bool)] = &[
    ("none", &[("uber-trace-id", "0:0:0:0")], None, false),
    (
        "Jaeger's",
        &[("uberctx-user", "j%20d")],
        Some("user=j%20d"),
        false,
    ),
    (
        "OpenTracing's",
        &[("ot-baggage-user", "j d")],
        Some("user=j%20d"),
        false,
    ),
    (
        "set by hand",
        &[("jaeger-baggage", "a=1, b = 2 ,c")],
        Some("a=1,b%20=%202"),
        true,
    ),
    (
        "both, and the standard header first",
        &[
            ("uberctx-b", "2"),
            ("baggage", "a=1;p"),
            ("ot-baggage-c", "3"),
        ],
        Some("a=1;p,b=2,c=3"),
        false,
    ),
    (
        "the standard header has the word",
        &[("baggage", "a=1"), ("uberctx-a", "2")],
        Some("a=1"),
        false,
    ),
    ("a key is needed", &[("uberctx-", "1")], None, true),
    (
        "what smuggles is encoded",
        &[("uberctx-a", "1%2Cadmin=true")],
        Some("a=1%2Cadmin=true"),
        false,
    ),
];

#[test]
fn members_are_read_from_headers_of_their_own() {
    for &(why, incoming, list, is_cut) in READ {
        let extracted = propagator().extract(&header_map(incoming.iter().copied()));
        let found = extracted.baggage().map(Baggage::as_str);
        // A key with a blank is no token: it is left out, and the rest stays.
        let list = list.map(|list| list.replace(",b%20=%202", ""));
        assert_eq!(found, list.as_deref(), "{why}");
        assert_eq!(extracted.is_baggage_discarded(), is_cut, "{why}");
    }
}

#[test]
fn the_limits_hold_for_all_headers_together() {
    let mut many = HeaderMap::new();
    for n in 0..65 {
        let name = http::HeaderName::try_from(format!("uberctx-{n}")).unwrap();
        many.insert(name, "1".parse().unwrap());
    }
    let long = header_map([("uberctx-a", "x".repeat(8192).as_str())]);
    for headers in [many, long] {
        let extracted = propagator().extract(&headers);
        assert!(extracted.baggage().is_none() && extracted.is_baggage_discarded());
    }
}

#[test]
fn every_member_is_written_and_nothing_stale_stays() {
    let mut headers = header_map([("uberctx-stale", "1"), ("ot-baggage-stale", "1")]);
    let list = Baggage::new("user", "j d")
        .unwrap()
        .insert("a", "1")
        .unwrap();
    let span_context = child(true);
    let outgoing = Outgoing::new(&span_context).with_baggage(Some(&list));
    propagator().inject_all(&outgoing, &mut headers);
    let baggage: Vec<_> = lines(&headers)
        .into_iter()
        .filter(|(name, _)| name.contains("baggage") || name.contains("ctx"))
        .collect();
    let expected = [
        ("baggage", "user=j%20d,a=1"),
        ("ot-baggage-a", "1"),
        ("ot-baggage-user", "j%20d"),
        ("uberctx-a", "1"),
        ("uberctx-user", "j%20d"),
    ];
    assert_eq!(
        baggage,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    let back = propagator().extract(&headers);
    assert_eq!(back.baggage(), Some(&list));
}

#[test]
fn a_debug_id_asks_for_a_trace_that_is_recorded() {
    let propagator = Propagator::ordered([Format::Jaeger]);
    let of = |incoming: &Lines| propagator.extract(&header_map(incoming.iter().copied()));
    let asked = of(&[("jaeger-debug-id", "ticket-17")]);
    assert_eq!(asked.sampling(), Some(SamplingState::Debug));
    assert!(asked.span_context().is_none());
    assert_eq!(of(&[("jaeger-debug-id", "")]).sampling(), None);
    let with_trace = of(&[
        ("jaeger-debug-id", "ticket-17"),
        ("uber-trace-id", "{trace}:{parent}:0:1"),
    ]);
    assert_eq!(with_trace.sampling(), Some(SamplingState::Accept));
}
