//! `traceparent` as a table: section 3.2 of Trace Context level 2.

use http::HeaderValue;
use opentelemetry::{SpanId, TraceFlags, TraceId};
use otel_core::propagation::TraceParent;

use super::{PARENT, TRACE, expand};

/// What is sent on, in version 00 and with the same ids.
#[rustfmt::skip] // One case a line.
pub(super) const ACCEPTED: &[(&str, &str, &str)] = &[
    ("no flags", "00-{trace}-{parent}-00", "00-{trace}-{parent}-00"),
    ("sampled", "00-{trace}-{parent}-01", "00-{trace}-{parent}-01"),
    ("random", "00-{trace}-{parent}-02", "00-{trace}-{parent}-02"),
    ("both", "00-{trace}-{parent}-03", "00-{trace}-{parent}-03"),
    ("reserved flags are cleared", "00-{trace}-{parent}-fc", "00-{trace}-{parent}-00"),
    ("known flags are kept beside reserved ones", "00-{trace}-{parent}-ff", "00-{trace}-{parent}-03"),
    ("a space before", " 00-{trace}-{parent}-01", "00-{trace}-{parent}-01"),
    ("a tab before", "\t00-{trace}-{parent}-01", "00-{trace}-{parent}-01"),
    ("a space after", "00-{trace}-{parent}-01 ", "00-{trace}-{parent}-01"),
    ("a tab after", "00-{trace}-{parent}-01\t", "00-{trace}-{parent}-01"),
    ("white space around", " \t00-{trace}-{parent}-01\t ", "00-{trace}-{parent}-01"),
    ("a later version of the same length", "01-{trace}-{parent}-01", "00-{trace}-{parent}-01"),
    ("the last version there can be", "fe-{trace}-{parent}-01", "00-{trace}-{parent}-01"),
    ("a later version that goes on", "cc-{trace}-{parent}-01-more=\u{7f}", "00-{trace}-{parent}-01"),
    ("a later version that goes on with nothing", "cc-{trace}-{parent}-01-", "00-{trace}-{parent}-01"),
    ("an id with a single bit", "00-00000000000000000000000000000001-0000000000000001-00", "00-00000000000000000000000000000001-0000000000000001-00"),
];

#[test]
fn accepted_values_are_sent_on_in_version_00() {
    for &(why, value, sent) in ACCEPTED {
        let parsed = TraceParent::parse(expand(value).as_bytes())
            .unwrap_or_else(|error| panic!("{why}: {error}"));
        assert_eq!(parsed.encode().as_slice(), expand(sent).as_bytes(), "{why}");
        assert_eq!(parsed.to_header_value(), expand(sent), "{why}");
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Refusal {
    Malformed,
    Version,
    ZeroId,
}
use Refusal::{Malformed, Version, ZeroId};

#[rustfmt::skip] // One case a line.
pub(super) const REFUSED: &[(&str, Refusal, &str)] = &[
    ("nothing", Malformed, ""),
    ("white space only", Malformed, " \t "),
    ("a version alone", Malformed, "00"),
    ("version ff", Version, "ff-{trace}-{parent}-01"),
    ("version ff that goes on", Version, "ff-{trace}-{parent}-01-"),
    ("version in upper case", Malformed, "CC-{trace}-{parent}-01"),
    ("version of one digit", Malformed, "0-{trace}-{parent}-01"),
    ("version of one digit, flags of three", Malformed, "0-{trace}-{parent}-001"),
    ("version of three digits", Malformed, "000-{trace}-{parent}-01"),
    ("version of four digits", Malformed, "0000-{trace}-{parent}-01"),
    ("version not a digit first", Malformed, ".0-{trace}-{parent}-01"),
    ("version not a digit last", Malformed, "0.-{trace}-{parent}-01"),
    ("version with a sign", Malformed, "+0-{trace}-{parent}-01"),
    ("version 00 goes on with a dash", Malformed, "00-{trace}-{parent}-01-"),
    ("version 00 goes on with fields", Malformed, "00-{trace}-{parent}-01-more"),
    ("version 00 goes on without a dash", Malformed, "00-{trace}-{parent}-01."),
    ("later version without flags", Malformed, "cc-{trace}-{parent}-"),
    ("later version goes on without a dash", Malformed, "cc-{trace}-{parent}-01.more"),
    ("later version with long flags", Malformed, "cc-{trace}-{parent}-011"),
    ("trace id zero", ZeroId, "00-00000000000000000000000000000000-{parent}-01"),
    ("trace id too short", Malformed, "00-80e1afed08e019fc1110464cfa66635-{parent}-01"),
    ("trace id too long", Malformed, "00-{trace}0-{parent}-01"),
    ("trace id in upper case", Malformed, "00-80E1AFED08E019FC1110464CFA66635C-{parent}-01"),
    ("trace id not hex first", Malformed, "00-.0e1afed08e019fc1110464cfa66635c-{parent}-01"),
    ("trace id not hex last", Malformed, "00-80e1afed08e019fc1110464cfa66635.-{parent}-01"),
    ("trace id with a sign", Malformed, "00-+0e1afed08e019fc1110464cfa66635c-{parent}-01"),
    ("parent id zero", ZeroId, "00-{trace}-0000000000000000-01"),
    ("parent id too short", Malformed, "00-{trace}-7a085853722dc6d-01"),
    ("parent id too long", Malformed, "00-{trace}-{parent}0-01"),
    ("parent id in upper case", Malformed, "00-{trace}-7A085853722DC6D2-01"),
    ("parent id not hex first", Malformed, "00-{trace}-.a085853722dc6d2-01"),
    ("parent id not hex last", Malformed, "00-{trace}-7a085853722dc6d.-01"),
    ("flags missing", Malformed, "00-{trace}-{parent}"),
    ("flags of one digit", Malformed, "00-{trace}-{parent}-1"),
    ("flags of three digits", Malformed, "00-{trace}-{parent}-001"),
    ("flags in upper case", Malformed, "00-{trace}-{parent}-0A"),
    ("flags not hex first", Malformed, "00-{trace}-{parent}-.0"),
    ("flags not hex last", Malformed, "00-{trace}-{parent}-0."),
    ("first dash", Malformed, "00_{trace}-{parent}-01"),
    ("second dash", Malformed, "00-{trace}_{parent}-01"),
    ("third dash", Malformed, "00-{trace}-{parent}_01"),
    ("white space inside", Malformed, "00-{trace}- {parent}-01"),
    ("a line end is no white space", Malformed, "00-{trace}-{parent}-01\n"),
    ("two values joined by a comma", Malformed, "00-{trace}-{parent}-01,00-{trace}-{parent}-01"),
    ("ids of one digit", Malformed, "00-1-2-1"),
    ("another alphabet", Malformed, "00-８0e1afed08e019fc1110464cfa66635c-{parent}-01"),
];

#[test]
fn all_else_is_refused() {
    for &(why, refusal, value) in REFUSED {
        let error =
            TraceParent::parse(expand(value).as_bytes()).expect_err(&format!("{why}: {value:?}"));
        let found = match (
            error.is_malformed(),
            error.is_forbidden_version(),
            error.is_zero_id(),
        ) {
            (true, false, false) => Malformed,
            (false, true, false) => Version,
            (false, false, true) => ZeroId,
            _ => panic!("{why}: one reason, not {error:?}"),
        };
        assert_eq!(found, refusal, "{why}");
    }
}

#[test]
fn the_parts_are_those_of_the_header() {
    let parsed = TraceParent::parse(expand("00-{trace}-{parent}-03").as_bytes()).unwrap();
    assert_eq!(parsed.trace_id(), TraceId::from_hex(TRACE).unwrap());
    assert_eq!(parsed.parent_id(), SpanId::from_hex(PARENT).unwrap());
    assert_eq!(parsed.flags(), TraceFlags::SAMPLED | TraceParent::RANDOM);
    assert_eq!(
        parsed.to_header_value(),
        HeaderValue::from_static("00-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-03")
    );
}

#[test]
fn parts_are_refused_or_cleared_as_in_a_header() {
    let (trace, parent) = (TraceId::from(1), SpanId::from(2));
    let every_flag = TraceFlags::new(0xff);
    assert_eq!(TraceParent::new(TraceId::INVALID, parent, every_flag), None);
    assert_eq!(TraceParent::new(trace, SpanId::INVALID, every_flag), None);
    let built = TraceParent::new(trace, parent, every_flag).unwrap();
    assert_eq!(built.flags(), TraceFlags::SAMPLED | TraceParent::RANDOM);
}
