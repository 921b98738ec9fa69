//! B3 as tables, the single header and the several ones.

use http::HeaderMap;
use otel_core::propagation::{Format, Outgoing, Propagator, SamplingState};
use proptest::prelude::*;

use super::{Cases, any_span_context, check_extracted, check_injected, check_round_trip, child};

const TRACE_ID: (&str, &str) = ("x-b3-traceid", "{trace}");
const SPAN_ID: (&str, &str) = ("x-b3-spanid", "{parent}");
const CHILD_ID: (&str, &str) = ("x-b3-spanid", "{child}");
const DENY: (&str, &str) = ("x-b3-sampled", "0");
const ACCEPT: (&str, &str) = ("x-b3-sampled", "1");
const DEBUG: (&str, &str) = ("x-b3-flags", "1");

#[rustfmt::skip] // One case a line.
const SINGLE: &Cases = &[
    ("nothing", &[], ""),
    ("ids alone leave the decision open", &[("b3", "{trace}-{parent}")], "b3 {trace}-{parent}-00 defer"),
    ("sampled", &[("b3", "{trace}-{parent}-1")], "b3 {trace}-{parent}-01 accept"),
    ("not sampled", &[("b3", "{trace}-{parent}-0")], "b3 {trace}-{parent}-00 deny"),
    ("debug implies sampled and is no flag", &[("b3", "{trace}-{parent}-d")], "b3 {trace}-{parent}-01 debug"),
    ("the parent of the span is ignored", &[("b3", "{trace}-{parent}-1-{child}")], "b3 {trace}-{parent}-01 accept"),
    ("a trace id of 64 bits is padded", &[("b3", "1110464cfa66635c-{parent}-1")], "b3 00000000000000001110464cfa66635c-{parent}-01 accept"),
    ("a header in capitals", &[("B3", "{trace}-{parent}-1")], "b3 {trace}-{parent}-01 accept"),
    ("white space around", &[("b3", " {trace}-{parent}-1\t")], "b3 {trace}-{parent}-01 accept"),
    ("deny alone", &[("b3", "0")], "deny"),
    ("accept alone", &[("b3", "1")], "accept"),
    ("debug alone", &[("b3", "d")], "debug"),
    ("an empty header", &[("b3", "")], "malformed"),
    ("an unknown state alone", &[("b3", "2")], "malformed"),
    ("a word for a state", &[("b3", "{trace}-{parent}-true")], "malformed"),
    ("an empty state", &[("b3", "{trace}-{parent}-")], "malformed"),
    ("an unknown state", &[("b3", "{trace}-{parent}-x")], "malformed"),
    ("a state in capitals", &[("b3", "{trace}-{parent}-D")], "malformed"),
    ("a trace id alone", &[("b3", "{trace}")], "malformed"),
    ("a trace id without a span id", &[("b3", "{trace}-")], "malformed"),
    ("a trace id of 31 digits", &[("b3", "0e1afed08e019fc1110464cfa66635c-{parent}-1")], "malformed"),
    ("a trace id of 33 digits", &[("b3", "0{trace}-{parent}-1")], "malformed"),
    ("a trace id in capitals", &[("b3", "80E1AFED08E019FC1110464CFA66635C-{parent}-1")], "malformed"),
    ("a trace id of zero", &[("b3", "00000000000000000000000000000000-{parent}-1")], "malformed"),
    ("a short trace id of zero", &[("b3", "0000000000000000-{parent}-1")], "malformed"),
    ("a span id of zero", &[("b3", "{trace}-0000000000000000-1")], "malformed"),
    ("a span id of 15 digits", &[("b3", "{trace}-a085853722dc6d2-1")], "malformed"),
    ("a malformed parent", &[("b3", "{trace}-{parent}-1-x")], "malformed"),
    ("a fifth part", &[("b3", "{trace}-{parent}-1-{child}-1")], "malformed"),
    ("a parent without a state", &[("b3", "{trace}-{parent}-{child}")], "malformed"),
    ("two headers", &[("b3", "{trace}-{parent}-1"), ("b3", "{trace}-{parent}-1")], "malformed"),
];

#[rustfmt::skip] // One case a line.
const MULTI: &Cases = &[
    ("ids alone leave the decision open", &[TRACE_ID, SPAN_ID], "b3multi {trace}-{parent}-00 defer"),
    ("sampled", &[TRACE_ID, SPAN_ID, ACCEPT], "b3multi {trace}-{parent}-01 accept"),
    ("not sampled", &[TRACE_ID, SPAN_ID, DENY], "b3multi {trace}-{parent}-00 deny"),
    ("sampled, as early tracers write it", &[TRACE_ID, SPAN_ID, ("x-b3-sampled", "true")], "b3multi {trace}-{parent}-01 accept"),
    ("not sampled, as early tracers write it", &[TRACE_ID, SPAN_ID, ("x-b3-sampled", "false")], "b3multi {trace}-{parent}-00 deny"),
    ("debug", &[TRACE_ID, SPAN_ID, DEBUG], "b3multi {trace}-{parent}-01 debug"),
    ("debug beats a deny", &[TRACE_ID, SPAN_ID, DENY, DEBUG], "b3multi {trace}-{parent}-01 debug"),
    ("flags of zero say nothing", &[TRACE_ID, SPAN_ID, ACCEPT, ("x-b3-flags", "0")], "b3multi {trace}-{parent}-01 accept"),
    ("unknown flags say nothing", &[TRACE_ID, SPAN_ID, ACCEPT, ("x-b3-flags", "11")], "b3multi {trace}-{parent}-01 accept"),
    ("the parent of the span is ignored", &[TRACE_ID, SPAN_ID, ACCEPT, ("x-b3-parentspanid", "x")], "b3multi {trace}-{parent}-01 accept"),
    ("a parent alone says nothing", &[("x-b3-parentspanid", "{parent}")], ""),
    ("a trace id of 64 bits is padded", &[("x-b3-traceid", "1110464cfa66635c"), SPAN_ID], "b3multi 00000000000000001110464cfa66635c-{parent}-00 defer"),
    ("names in mixed case", &[("X-B3-TraceId", "{trace}"), ("X-B3-SpanId", "{parent}"), ("X-B3-Sampled", "1")], "b3multi {trace}-{parent}-01 accept"),
    ("deny alone", &[DENY], "deny"),
    ("accept alone", &[ACCEPT], "accept"),
    ("debug alone", &[DEBUG], "debug"),
    ("a trace id alone", &[TRACE_ID, ACCEPT], "malformed"),
    ("a span id alone", &[SPAN_ID, ACCEPT], "malformed"),
    ("an empty trace id", &[("x-b3-traceid", ""), SPAN_ID, ACCEPT], "malformed"),
    ("a span id of zero", &[TRACE_ID, ("x-b3-spanid", "0000000000000000")], "malformed"),
    ("a trace id in capitals", &[("x-b3-traceid", "80E1AFED08E019FC1110464CFA66635C"), SPAN_ID], "malformed"),
    ("an unknown state", &[TRACE_ID, SPAN_ID, ("x-b3-sampled", "2")], "malformed"),
    ("an unknown state alone", &[("x-b3-sampled", "yes")], "malformed"),
    ("two trace ids", &[TRACE_ID, TRACE_ID, SPAN_ID], "malformed"),
    ("two decisions", &[TRACE_ID, SPAN_ID, ACCEPT, DENY], "malformed"),
];

#[rustfmt::skip] // One case a line.
const BOTH: &Cases = &[
    ("the single header wins", &[("b3", "{trace}-{parent}-0"), TRACE_ID, ("x-b3-spanid", "{child}"), ACCEPT], "b3 {trace}-{parent}-00 deny"),
    ("another trace in the others is linked", &[("b3", "{root}-{child}-1"), TRACE_ID, SPAN_ID], "b3 {root}-{child}-01 accept link {trace}-{parent}"),
    ("a decision alone wins too", &[("b3", "0"), TRACE_ID, SPAN_ID, ACCEPT], "deny"),
    ("a malformed single header leaves it to the others", &[("b3", "x"), TRACE_ID, SPAN_ID, ACCEPT], "b3multi {trace}-{parent}-01 accept malformed"),
    ("an empty single header leaves it to the others", &[("b3", ""), DENY], "deny malformed"),
    ("malformed others do not touch the single header", &[("b3", "{trace}-{parent}-1"), TRACE_ID], "b3 {trace}-{parent}-01 accept malformed"),
];

#[test]
fn both_ways_are_read_whichever_is_written() {
    for cases in [SINGLE, MULTI, BOTH] {
        check_extracted(Format::B3Single, cases);
        check_extracted(Format::B3Multi, cases);
    }
}

#[test]
fn one_way_is_written_and_never_the_parent() {
    check_injected(
        Format::B3Single,
        &[
            (true, false, &[("b3", "{trace}-{child}-1")]),
            (false, false, &[("b3", "{trace}-{child}-0")]),
            (true, true, &[("b3", "{trace}-{child}-d")]),
        ],
    );
    check_injected(
        Format::B3Multi,
        &[
            (true, false, &[("x-b3-sampled", "1"), CHILD_ID, TRACE_ID]),
            (false, false, &[("x-b3-sampled", "0"), CHILD_ID, TRACE_ID]),
            (true, true, &[("x-b3-flags", "1"), CHILD_ID, TRACE_ID]),
        ],
    );
}

#[test]
fn debug_survives_both_ways_and_sets_no_flag_of_its_own() {
    for format in [Format::B3Single, Format::B3Multi] {
        let propagator = Propagator::ordered([format]);
        let span_context = child(true);
        let mut headers = HeaderMap::new();
        propagator.inject_all(&Outgoing::new(&span_context).with_debug(true), &mut headers);
        let received = propagator.extract(&headers);
        assert_eq!(received.sampling(), Some(SamplingState::Debug));
        let flags = received.span_context().map(|found| found.trace_flags());
        assert_eq!(flags, Some(span_context.trace_flags()));
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(span_context in any_span_context()) {
        check_round_trip(Format::B3Single, &span_context);
        check_round_trip(Format::B3Multi, &span_context);
    }
}
