//! W3C Baggage as tables: what is kept, what is left out, what must never become a member.

use http::{HeaderMap, HeaderValue};
use opentelemetry::Context;
use opentelemetry::baggage::{Baggage as OtelBaggage, BaggageExt};
use opentelemetry::trace::SpanContext;
use otel_core::environment::Environment;
use otel_core::exchange::ExchangeContext;
use otel_core::propagation::{Baggage, Extracted, Format, Outgoing, Propagator};
use otel_core::telemetry::Telemetry;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{child, header_map, lines};

fn propagator() -> Propagator {
    Propagator::builder()
        .add_format(Format::W3c)
        .with_baggage()
        .build()
}

fn extract(values: &[&str]) -> Extracted {
    propagator().extract(&header_map(values.iter().map(|value| ("baggage", *value))))
}

fn text(extracted: &Extracted) -> &str {
    extracted.baggage().map_or("", Baggage::as_str)
}

/// Why, the header lines, what is propagated.
#[rustfmt::skip] // One case a line.
const ACCEPTED: &[(&str, &[&str], &str)] = &[
    ("no header", &[], ""),
    ("one member", &["rojo=1"], "rojo=1"),
    ("order is kept", &["rojo=1,congo=2,baz=3"], "rojo=1,congo=2,baz=3"),
    ("an empty header", &[""], ""),
    ("empty members", &[", ,\t,"], ""),
    ("an empty value", &["rojo="], "rojo="),
    ("white space around every part", &[" rojo\t= 1 ;\tp = 2 ; q\t, congo =2 "], "rojo=1;p = 2 ; q,congo=2"),
    ("a value is cut at the first equals sign only", &["rojo=a=b==c"], "rojo=a=b==c"),
    ("every character of a key", &["!#$%&'*+-.^_`|~09azAZ=1"], "!#$%&'*+-.^_`|~09azAZ=1"),
    ("every character of a value", &["a=!#$%&'()*+-./0123456789:<=>?@ABCXYZ[]^_`abcxyz{|}~"], "a=!#$%&'()*+-./0123456789:<=>?@ABCXYZ[]^_`abcxyz{|}~"),
    ("escapes stay as they are", &["rojo=%41%2c%zz%"], "rojo=%41%2c%zz%"),
    ("properties are not touched", &["rojo=1;p=%2Cadmin=true;q;r=\"x\\y\""], "rojo=1;p=%2Cadmin=true;q;r=\"x\\y\""),
    ("a key twice", &["rojo=1,rojo=2"], "rojo=1,rojo=2"),
    ("keys differ by case", &["rojo=1,Rojo=2"], "rojo=1,Rojo=2"),
    ("lines are one list", &["rojo=1,congo=2", "baz=3"], "rojo=1,congo=2,baz=3"),
    ("an empty line between", &["rojo=1", "", "baz=3"], "rojo=1,baz=3"),
];

/// Why, the header lines, what is left.
#[rustfmt::skip] // One case a line.
const CUT: &[(&str, &[&str], &str)] = &[
    ("no equals sign", &["rojo"], ""),
    ("no equals sign before the properties", &["rojo;p=1,congo=2"], "congo=2"),
    ("no key", &["=1,congo=2"], "congo=2"),
    ("a space in a key", &["ro jo=1,congo=2"], "congo=2"),
    ("a delimiter in a key", &["ro(jo=1,congo=2"], "congo=2"),
    ("no ASCII in a key", &["rojó=1,congo=2"], "congo=2"),
    ("a space in a value", &["rojo=1 2,congo=2"], "congo=2"),
    ("a tab in a value", &["rojo=1\t2,congo=2"], "congo=2"),
    ("a quotation mark in a value", &["rojo=\"1\",congo=2"], "congo=2"),
    ("a backslash in a value", &["rojo=\\,congo=2"], "congo=2"),
    ("no ASCII in a value", &["rojo=ü,congo=2"], "congo=2"),
    ("no ASCII in a property", &["rojo=1;ü,congo=2"], "congo=2"),
    ("a bad line after a good one", &["rojo=1", "baz"], "rojo=1"),
];

#[test]
fn well_formed_members_go_on_as_they_came() {
    for &(why, values, propagated) in ACCEPTED {
        let extracted = extract(values);
        assert_eq!(text(&extracted), propagated, "{why}");
        assert!(!extracted.is_baggage_discarded(), "{why}");
        assert!(extracted.span_context().is_none(), "{why}");
        let mut sent = header_map([("baggage", "stale=1"), ("baggage", "stale=2")]);
        let outgoing = Outgoing::new(&SpanContext::NONE).with_baggage(extracted.baggage());
        propagator().inject_all(&outgoing, &mut sent);
        let value = sent
            .get("baggage")
            .map_or("", |value| value.to_str().unwrap());
        assert_eq!(value, propagated, "{why}");
        assert_eq!(sent.len(), usize::from(!propagated.is_empty()), "{why}");
    }
}

#[test]
fn a_malformed_member_is_left_out_alone_and_reported() {
    for &(why, values, left) in CUT {
        let extracted = extract(values);
        assert_eq!(text(&extracted), left, "{why}");
        assert!(extracted.is_baggage_discarded(), "{why}");
        assert!(!extracted.is_malformed(), "{why}");
    }
}

/// What a value means, and what is written for the meaning.
#[rustfmt::skip] // One case a line.
const VALUES: &[(&str, &str, &str)] = &[
    ("plain", "plain", "plain"),
    ("J%C3%BCrgen", "Jürgen", "J%C3%BCrgen"),
    ("%6a", "j", "j"),
    ("a+b", "a+b", "a+b"),
    ("a%20b%2c%3B%22%5c%25", "a b,;\"\\%", "a%20b%2C%3B%22%5C%25"),
    ("%0d%0a", "\r\n", "%0D%0A"),
    ("50%2541", "50%41", "50%2541"),
    ("100%", "100%", "100%25"),
    ("%zz%4", "%zz%4", "%25zz%254"),
    ("%ff", "\u{fffd}", "%EF%BF%BD"),
    ("a%c3%28", "a\u{fffd}(", "a%EF%BF%BD("),
];

#[test]
fn values_have_an_encoding() {
    for &(wire, value, written) in VALUES {
        let baggage = Baggage::parse(format!("rojo={wire}").as_bytes())
            .unwrap()
            .unwrap();
        assert_eq!(baggage.get("rojo").as_deref(), Some(value), "{wire}");
        let made = Baggage::new("rojo", value).unwrap();
        assert_eq!(made.as_str(), format!("rojo={written}"), "{wire}");
        let through_otel = Baggage::from_otel(&baggage.to_otel()).unwrap();
        assert_eq!(through_otel, made, "{wire}");
    }
}

#[test]
fn a_property_never_becomes_a_member() {
    let extracted = extract(&["user=1;p=1%2Cadmin=true%0d%0ax"]);
    let otel = extracted.baggage().unwrap().to_otel();
    assert_eq!(otel.len(), 1);
    let sent = Baggage::from_otel(&otel).unwrap();
    assert_eq!(sent.as_str(), "user=1;p=1%2Cadmin=true%0d%0ax");

    // Nor when the application was careless with what it put there.
    for metadata in ["p=1,admin=true", "p\r\nx-admin: 1", "ü"] {
        let mut otel = OtelBaggage::new();
        otel.insert_with_metadata("user", "1", metadata);
        otel.insert("plan", "gold");
        assert_eq!(Baggage::from_otel(&otel).unwrap().as_str(), "plan=gold");
    }
}

#[test]
fn the_last_of_equal_keys_counts() {
    let baggage = Baggage::parse(b"rojo=1,congo=2,rojo=3").unwrap().unwrap();
    assert_eq!(baggage.get("rojo").as_deref(), Some("3"));
    assert_eq!(baggage.get("roj"), None);
    assert_eq!(
        baggage.to_otel().get("rojo").map(|value| value.as_str()),
        Some("3")
    );
    assert_eq!(
        baggage.insert("rojo", "4").unwrap().as_str(),
        "congo=2,rojo=4"
    );
    assert_eq!(baggage.remove("rojo").unwrap().as_str(), "congo=2");
    assert_eq!(Baggage::new("rojo", "1").unwrap().remove("rojo"), None);
}

fn numbered(count: usize) -> String {
    let members: Vec<_> = (0..count).map(|n| format!("key{n}={n}")).collect();
    members.join(",")
}

#[test]
fn the_limits_hold_for_all_lines_together() {
    assert_eq!(text(&extract(&[&numbered(64)])), numbered(64));
    assert_eq!(
        text(&extract(&[&numbered(32), ", ,", "a=1"])),
        format!("{},a=1", numbered(32))
    );
    for over in [&[numbered(65).as_str()][..], &[&numbered(64), "a=1"]] {
        let extracted = extract(over);
        assert!(extracted.baggage().is_none() && extracted.is_baggage_discarded());
    }
    assert!(
        Baggage::parse(numbered(65).as_bytes())
            .unwrap_err()
            .is_too_many_members()
    );

    let long = |len: usize| format!("a={}", "x".repeat(len - 2));
    assert_eq!(text(&extract(&[&long(8192)])).len(), 8192);
    assert_eq!(text(&extract(&[&long(8188), "b=1"])).len(), 8192);
    for over in [&[long(8193).as_str()][..], &[&long(8189), "b=1"]] {
        let extracted = extract(over);
        assert!(extracted.baggage().is_none() && extracted.is_baggage_discarded());
    }
    assert!(
        Baggage::parse(long(8193).as_bytes())
            .unwrap_err()
            .is_too_long()
    );
}

#[test]
fn what_is_written_is_measured_after_encoding() {
    let umlauts = "ü".repeat(1400);
    assert!(Baggage::new("rojo", &umlauts).unwrap_err().is_too_long());
    let mut otel = OtelBaggage::new();
    otel.insert("a", umlauts);
    otel.insert("b", "1");
    assert_eq!(Baggage::from_otel(&otel).unwrap().as_str(), "b=1");

    let full = Baggage::parse(numbered(64).as_bytes()).unwrap().unwrap();
    assert!(
        full.insert("one-more", "1")
            .unwrap_err()
            .is_too_many_members()
    );
    assert!(full.insert("key1", "changed").is_ok());
    assert!(full.insert("no key", "1").unwrap_err().is_key());
}

#[test]
fn what_it_holds_is_not_shown_to_a_debugger_of_logs() {
    let baggage = Baggage::new("user", "Juliet").unwrap();
    assert!(!format!("{baggage:?}").contains("Juliet"));
}

#[test]
fn the_trace_and_the_baggage_do_not_depend_on_each_other() {
    let both = header_map([
        ("traceparent", "00-{trace}-{parent}-01"),
        ("baggage", "rojo=1"),
    ]);
    let extracted = propagator().extract(&both);
    assert!(extracted.span_context().is_some() && text(&extracted) == "rojo=1");
    let mut sent = HeaderMap::new();
    let span_context = child(true);
    let outgoing = Outgoing::new(&span_context).with_baggage(extracted.baggage());
    propagator().inject_all(&outgoing, &mut sent);
    assert_eq!(sent.len(), 2);

    assert!(Propagator::w3c().extract(&both).baggage().is_none());
    let named =
        |names| Propagator::from_environment(&Environment::of([("OTEL_PROPAGATORS", names)]));
    for (names, has_baggage) in [
        ("baggage", true),
        ("baggage,b3", true),
        ("", true),
        ("b3", false),
    ] {
        assert_eq!(named(names).unwrap().has_baggage(), has_baggage, "{names}");
    }
}

#[test]
fn a_call_carries_the_baggage_of_its_context() {
    let telemetry = Telemetry::builder()
        .with_propagator(propagator())
        .build()
        .unwrap();
    let baggage = Baggage::parse(b"user=J%C3%BCrgen;internal")
        .unwrap()
        .unwrap();
    let cx = Context::new().with_baggage(baggage.to_otel());
    assert!(ExchangeContext::of(&cx).is_none());
    let mut headers = HeaderMap::new();
    telemetry.inject(&cx, &mut headers);
    let expected = ("baggage".to_owned(), "user=J%C3%BCrgen;internal".to_owned());
    assert_eq!(lines(&headers), [expected]);
}

proptest! {
    #[test]
    fn any_value_survives(members in vec(("[a-z!#]{1,5}", any::<String>()), 1..6)) {
        let mut baggage = Baggage::new("first", "1").unwrap();
        for (key, value) in &members {
            baggage = baggage.insert(key, value).unwrap();
        }
        let value = HeaderValue::from_str(baggage.as_str()).unwrap();
        let received = Baggage::parse(value.as_bytes()).unwrap().unwrap();
        prop_assert_eq!(&received, &baggage);
        for (n, (key, value)) in members.iter().enumerate() {
            if !members[n + 1..].iter().any(|(later, _)| later == key) {
                prop_assert_eq!(received.get(key).unwrap(), value.as_str());
            }
        }
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(Some(baggage)) = Baggage::parse(&bytes) {
            prop_assert_eq!(Baggage::parse(baggage.as_str().as_bytes()), Ok(Some(baggage)));
        }
    }
}
