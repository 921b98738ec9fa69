//! Jaeger, X-Ray, OT trace, OpenCensus over gRPC and Datadog as tables.

use opentelemetry::TraceId;
use otel_core::propagation::{Format, Propagator};
use proptest::prelude::*;

use super::{
    Cases, any_span_context, check_extracted, check_injected, check_round_trip, child, header_map,
    lines, summary,
};

#[rustfmt::skip] // One case a line.
const JAEGER: &Cases = &[
    ("nothing", &[], ""),
    ("sampled", &[("uber-trace-id", "{trace}:{parent}:0:1")], "jaeger {trace}-{parent}-01 accept"),
    ("not sampled", &[("uber-trace-id", "{trace}:{parent}:0:0")], "jaeger {trace}-{parent}-00 deny"),
    ("debug", &[("uber-trace-id", "{trace}:{parent}:0:3")], "jaeger {trace}-{parent}-01 debug"),
    ("debug without sampled is none", &[("uber-trace-id", "{trace}:{parent}:0:2")], "jaeger {trace}-{parent}-00 deny"),
    ("flags are hexadecimal", &[("uber-trace-id", "{trace}:{parent}:0:11")], "jaeger {trace}-{parent}-01 accept"),
    ("unknown flags are ignored", &[("uber-trace-id", "{trace}:{parent}:0:f9")], "jaeger {trace}-{parent}-01 accept"),
    ("two digits of flags", &[("uber-trace-id", "{trace}:{parent}:0:01")], "jaeger {trace}-{parent}-01 accept"),
    ("the parent is ignored", &[("uber-trace-id", "{trace}:{parent}:x:1")], "jaeger {trace}-{parent}-01 accept"),
    ("ids without leading zeros", &[("uber-trace-id", "abc:d:0:1")], "jaeger 00000000000000000000000000000abc-000000000000000d-01 accept"),
    ("escaped colons", &[("uber-trace-id", "{trace}%3A{parent}%3A0%3A1")], "jaeger {trace}-{parent}-01 accept"),
    ("escaped colons in lower case", &[("uber-trace-id", "{trace}%3a{parent}%3a0%3a1")], "jaeger {trace}-{parent}-01 accept"),
    ("another escape", &[("uber-trace-id", "{trace}%3B{parent}:0:1")], "malformed"),
    ("nothing in the header", &[("uber-trace-id", "")], "malformed"),
    ("three fields", &[("uber-trace-id", "{trace}:{parent}:1")], "malformed"),
    ("five fields", &[("uber-trace-id", "{trace}:{parent}:0:1:1")], "malformed"),
    ("no trace id", &[("uber-trace-id", ":{parent}:0:1")], "malformed"),
    ("no flags", &[("uber-trace-id", "{trace}:{parent}:0:")], "malformed"),
    ("three digits of flags", &[("uber-trace-id", "{trace}:{parent}:0:001")], "malformed"),
    ("a trace id of zero", &[("uber-trace-id", "0:{parent}:0:1")], "malformed"),
    ("a span id of zero", &[("uber-trace-id", "{trace}:0:0:1")], "malformed"),
    ("a trace id of 33 digits", &[("uber-trace-id", "0{trace}:{parent}:0:1")], "malformed"),
    ("a span id of 17 digits", &[("uber-trace-id", "{trace}:0{parent}:0:1")], "malformed"),
    ("a sign", &[("uber-trace-id", "+1:{parent}:0:1")], "malformed"),
    ("two headers", &[("uber-trace-id", "1:1:0:1"), ("uber-trace-id", "1:1:0:1")], "malformed"),
];

#[rustfmt::skip] // One case a line.
const XRAY: &Cases = &[
    ("sampled", &[("x-amzn-trace-id", "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={parent};Sampled=1")], "xray {trace}-{parent}-01 accept"),
    ("not sampled", &[("x-amzn-trace-id", "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={parent};Sampled=0")], "xray {trace}-{parent}-00 deny"),
    ("undecided", &[("x-amzn-trace-id", "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={parent};Sampled=?")], "xray {trace}-{parent}-00 defer"),
    ("no decision", &[("x-amzn-trace-id", "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={parent}")], "xray {trace}-{parent}-00 defer"),
    ("any order, white space, unknown fields", &[("X-Amzn-Trace-Id", "Self=1-2-3; Sampled=1 ;Lineage=a:1|b:2,c;Parent={parent};;Root=1-80e1afed-08e019fc1110464cfa66635c")], "xray {trace}-{parent}-01 accept"),
    ("a root alone", &[("x-amzn-trace-id", "Root=1-80e1afed-08e019fc1110464cfa66635c")], "defer"),
    ("a decision alone", &[("x-amzn-trace-id", "Sampled=0")], "deny"),
    ("a parent alone", &[("x-amzn-trace-id", "Parent={parent};Sampled=1")], "malformed"),
    ("another version", &[("x-amzn-trace-id", "Root=2-80e1afed-08e019fc1110464cfa66635c;Parent={parent}")], "malformed"),
    ("no dash in the root", &[("x-amzn-trace-id", "Root=1-{trace};Parent={parent}")], "malformed"),
    ("a long root", &[("x-amzn-trace-id", "Root=1-80e1afed-08e019fc1110464cfa66635c0;Parent={parent}")], "malformed"),
    ("a short root", &[("x-amzn-trace-id", "Root=1-80e1afed-08e019fc1110464cfa66635;Parent={parent}")], "malformed"),
    ("a root of zero", &[("x-amzn-trace-id", "Root=1-00000000-000000000000000000000000;Parent={parent}")], "malformed"),
    ("a parent of zero", &[("x-amzn-trace-id", "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent=0000000000000000")], "malformed"),
    ("an unknown decision", &[("x-amzn-trace-id", "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={parent};Sampled=2")], "malformed"),
    ("two roots", &[("x-amzn-trace-id", "Root=1-80e1afed-08e019fc1110464cfa66635c;Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={parent}")], "malformed"),
];

const OT_TRACE_ID: (&str, &str) = ("ot-tracer-traceid", "1110464cfa66635c");
const OT_SPAN_ID: (&str, &str) = ("ot-tracer-spanid", "{parent}");

#[rustfmt::skip] // One case a line.
const OT_TRACE: &Cases = &[
    ("sampled", &[OT_TRACE_ID, OT_SPAN_ID, ("ot-tracer-sampled", "true")], "ottrace 00000000000000001110464cfa66635c-{parent}-01 accept"),
    ("not sampled", &[OT_TRACE_ID, OT_SPAN_ID, ("ot-tracer-sampled", "false")], "ottrace 00000000000000001110464cfa66635c-{parent}-00 deny"),
    ("no decision", &[OT_TRACE_ID, OT_SPAN_ID], "ottrace 00000000000000001110464cfa66635c-{parent}-00 defer"),
    ("a trace id of 128 bits", &[("ot-tracer-traceid", "{trace}"), OT_SPAN_ID, ("ot-tracer-sampled", "1")], "ottrace {trace}-{parent}-01 accept"),
    ("a decision alone says nothing", &[("ot-tracer-sampled", "true")], ""),
    ("a trace id alone", &[OT_TRACE_ID], "malformed"),
    ("a span id alone", &[OT_SPAN_ID], "malformed"),
    ("a short trace id", &[("ot-tracer-traceid", "1"), OT_SPAN_ID], "malformed"),
    ("a span id of zero", &[OT_TRACE_ID, ("ot-tracer-spanid", "0000000000000000")], "malformed"),
    ("an unknown decision", &[OT_TRACE_ID, OT_SPAN_ID, ("ot-tracer-sampled", "yes")], "malformed"),
    ("two trace ids", &[OT_TRACE_ID, OT_TRACE_ID, OT_SPAN_ID], "malformed"),
];

#[rustfmt::skip] // One case a line.
const GRPC_TRACE_BIN: &Cases = &[
    ("sampled", &[("grpc-trace-bin", "AACA4a/tCOAZ/BEQRkz6ZmNcAXoIWFNyLcbSAgE")], "grpc-trace-bin {trace}-{parent}-01"),
    ("not sampled", &[("grpc-trace-bin", "AACA4a/tCOAZ/BEQRkz6ZmNcAXoIWFNyLcbSAgA")], "grpc-trace-bin {trace}-{parent}-00"),
    ("padded", &[("grpc-trace-bin", "AACA4a/tCOAZ/BEQRkz6ZmNcAXoIWFNyLcbSAgE=")], "grpc-trace-bin {trace}-{parent}-01"),
    ("padded twice", &[("grpc-trace-bin", "AACA4a/tCOAZ/BEQRkz6ZmNcAXoIWFNyLcbSAgE==")], "malformed"),
    ("bits behind the last byte", &[("grpc-trace-bin", "AACA4a/tCOAZ/BEQRkz6ZmNcAXoIWFNyLcbSAgF")], "malformed"),
    ("another version", &[("grpc-trace-bin", "AQCA4a/tCOAZ/BEQRkz6ZmNcAXoIWFNyLcbSAgE")], "malformed"),
    ("another alphabet", &[("grpc-trace-bin", "AACA4a_tCOAZ_BEQRkz6ZmNcAXoIWFNyLcbSAgE")], "malformed"),
    ("cut off", &[("grpc-trace-bin", "AACA4a/tCOAZ/BEQRkz6ZmNcAXoIWFNyLcbS")], "malformed"),
    ("ids of zero", &[("grpc-trace-bin", "AAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAgE")], "malformed"),
    ("nothing", &[("grpc-trace-bin", "")], "malformed"),
];

const DD_TRACE_ID: (&str, &str) = ("x-datadog-trace-id", "255");
const DD_PARENT_ID: (&str, &str) = ("x-datadog-parent-id", "16");

#[rustfmt::skip] // One case a line.
const DATADOG: &Cases = &[
    ("no decision", &[DD_TRACE_ID, DD_PARENT_ID], "datadog 000000000000000000000000000000ff-0000000000000010-00 defer"),
    ("kept", &[DD_TRACE_ID, DD_PARENT_ID, ("x-datadog-sampling-priority", "1")], "datadog 000000000000000000000000000000ff-0000000000000010-01 accept"),
    ("kept by the user", &[DD_TRACE_ID, DD_PARENT_ID, ("x-datadog-sampling-priority", "2")], "datadog 000000000000000000000000000000ff-0000000000000010-01 accept"),
    ("dropped", &[DD_TRACE_ID, DD_PARENT_ID, ("x-datadog-sampling-priority", "0")], "datadog 000000000000000000000000000000ff-0000000000000010-00 deny"),
    ("dropped by the user", &[DD_TRACE_ID, DD_PARENT_ID, ("x-datadog-sampling-priority", "-1")], "datadog 000000000000000000000000000000ff-0000000000000010-00 deny"),
    ("the largest id", &[("x-datadog-trace-id", "18446744073709551615"), DD_PARENT_ID], "datadog 0000000000000000ffffffffffffffff-0000000000000010-00 defer"),
    ("the high half in a tag", &[DD_TRACE_ID, DD_PARENT_ID, ("x-datadog-tags", "_dd.p.dm=-4,_dd.p.tid=80e1afed08e019fc")], "datadog 80e1afed08e019fc00000000000000ff-0000000000000010-00 defer"),
    ("an id too large", &[("x-datadog-trace-id", "18446744073709551616"), DD_PARENT_ID], "malformed"),
    ("a sign", &[("x-datadog-trace-id", "+1"), DD_PARENT_ID], "malformed"),
    ("a trace id of zero", &[("x-datadog-trace-id", "0"), DD_PARENT_ID], "malformed"),
    ("a trace id alone", &[DD_TRACE_ID], "malformed"),
    ("an unknown decision", &[DD_TRACE_ID, DD_PARENT_ID, ("x-datadog-sampling-priority", "3")], "malformed"),
];

#[test]
fn each_format_is_read_as_its_table_says() {
    check_extracted(Format::Jaeger, JAEGER);
    check_extracted(Format::XRay, XRAY);
    check_extracted(Format::OtTrace, OT_TRACE);
    check_extracted(Format::GrpcTraceBin, GRPC_TRACE_BIN);
    check_extracted(Format::Datadog, DATADOG);
}

#[test]
#[rustfmt::skip] // One case a line.
fn each_format_is_written_in_one_way() {
    check_injected(Format::Jaeger, &[
        (true, false, &[("uber-trace-id", "{trace}:{child}:0:1")]),
        (false, false, &[("uber-trace-id", "{trace}:{child}:0:0")]),
        (true, true, &[("uber-trace-id", "{trace}:{child}:0:3")]),
    ]);
    check_injected(Format::XRay, &[
        (true, true, &[("x-amzn-trace-id", "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={child};Sampled=1")]),
        (false, false, &[("x-amzn-trace-id", "Root=1-80e1afed-08e019fc1110464cfa66635c;Parent={child};Sampled=0")]),
    ]);
    check_injected(Format::OtTrace, &[
        (true, false, &[("ot-tracer-sampled", "true"), ("ot-tracer-spanid", "{child}"), ("ot-tracer-traceid", "1110464cfa66635c")]),
        (false, false, &[("ot-tracer-sampled", "false"), ("ot-tracer-spanid", "{child}"), ("ot-tracer-traceid", "1110464cfa66635c")]),
    ]);
    check_injected(Format::GrpcTraceBin, &[
        (true, false, &[("grpc-trace-bin", "AACA4a/tCOAZ/BEQRkz6ZmNcAf7h8Q4xpLDCAgE")]),
        (false, false, &[("grpc-trace-bin", "AACA4a/tCOAZ/BEQRkz6ZmNcAf7h8Q4xpLDCAgA")]),
    ]);
    check_injected(Format::Datadog, &[(true, false, &[])]);
}

#[test]
fn a_load_balancers_root_is_kept_to_correlate_with() {
    let root = "Root=1-80e1afed-08e019fc1110464cfa66635c";
    let extracted = Propagator::ordered([Format::W3c, Format::XRay])
        .extract(&header_map([("x-amzn-trace-id", root)]));
    let trace_id = TraceId::from_hex(super::TRACE).unwrap();
    assert_eq!(extracted.orphan_trace_id(), Some(trace_id));
    assert!(extracted.span_context().is_none() && !extracted.is_malformed());
}

#[test]
fn a_half_id_completes_itself_from_another_format() {
    let incoming = header_map([
        ("x-datadog-trace-id", "1229559994704618332"),
        ("x-datadog-parent-id", "16"),
        ("traceparent", "00-{trace}-{parent}-01"),
    ]);
    let extracted = Propagator::ordered([Format::Datadog, Format::W3c]).extract(&incoming);
    let trace = super::TRACE;
    assert_eq!(
        summary(&extracted),
        format!("datadog {trace}-0000000000000010-00 defer")
    );
    let mut sent = http::HeaderMap::new();
    Propagator::ordered([Format::Datadog]).inject(&child(true), None, &mut sent);
    assert_eq!(lines(&sent), []);
}

proptest! {
    #[test]
    fn what_is_written_is_read(span_context in any_span_context()) {
        check_round_trip(Format::Jaeger, &span_context);
        check_round_trip(Format::XRay, &span_context);
        check_round_trip(Format::GrpcTraceBin, &span_context);
    }
}
