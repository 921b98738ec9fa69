//! Any header lines through every format: no answer contradicts itself, and what is written is read.
//!
//! A line of the input is a header line. One that names no header is the value of one that the format
//! reads, so that most mutations still reach the parser.

use std::process::ExitCode;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::TraceId;
use otel_core::propagation::{Format, Outgoing, Propagator, SamplingState};

const FORMATS: &[Format] = &[
    Format::W3c,
    Format::B3Single,
    Format::B3Multi,
    Format::Jaeger,
    Format::XRay,
    Format::OtTrace,
    Format::GrpcTraceBin,
    Format::Datadog,
];

const SEEDS: &[&[u8]] = &[
    b"traceparent:00-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-03\n\
      tracestate:rojo=1\n\
      b3:80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-d-fee1f10e31a4b0c2",
    b"x-b3-traceid:1110464cfa66635c\n\
      x-b3-spanid:7a085853722dc6d2\n\
      x-b3-sampled:true\n\
      x-b3-flags:1",
    b"b3:0",
    b"uber-trace-id:80e1afed08e019fc1110464cfa66635c%3A7a085853722dc6d2:0:3",
    b"x-amzn-trace-id:Root=1-80e1afed-08e019fc1110464cfa66635c; Parent=7a085853722dc6d2;Sampled=?",
    b"ot-tracer-traceid:1110464cfa66635c\n\
      ot-tracer-spanid:7a085853722dc6d2\n\
      ot-tracer-sampled:true",
    b"grpc-trace-bin:AACA4a/tCOAZ/BEQRkz6ZmNcAXoIWFNyLcbSAgE",
    b"x-datadog-trace-id:1229559994704618332\n\
      x-datadog-parent-id:16\n\
      x-datadog-sampling-priority:-1\n\
      x-datadog-tags:_dd.p.tid=80e1afed08e019fc",
];

const DICTIONARY: &[&[u8]] = &[
    b"\n",
    b":",
    b"-",
    b"1",
    b"d",
    b"b3:",
    b"\nx-b3-sampled:0\n",
    b"1110464cfa66635c",
    b"80e1afed08e019fc1110464cfa66635c",
    b"0000000000000000",
    b" ",
    b"\xff",
    b":0:1",
    b"%3a",
    b";",
    b"Root=1-",
    b"Parent=",
    b"Sampled=1",
    b"true",
    b"=",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        for &format in FORMATS {
            let propagator = Propagator::ordered([format]);
            check(&propagator, &header_map(input, propagator.fields()));
        }
        let propagator = Propagator::ordered(FORMATS.iter().copied());
        check(&propagator, &header_map(input, propagator.fields()));
    })
}

const OT_TRACE: [&str; 3] = ["ot-tracer-traceid", "ot-tracer-spanid", "ot-tracer-sampled"];
const DATADOG: [&str; 4] = [
    "x-datadog-trace-id",
    "x-datadog-parent-id",
    "x-datadog-sampling-priority",
    "x-datadog-tags",
];

fn check(propagator: &Propagator, headers: &HeaderMap) {
    let received = propagator.extract(headers);
    let Some(span_context) = received.span_context() else {
        assert!(received.format().is_none() && received.tracestate().is_none());
        assert!(!received.is_conflict());
        return;
    };
    assert!(received.format().is_some());
    assert!(span_context.is_valid() && span_context.is_remote());
    assert_eq!(span_context.trace_flags().to_u8() & !0x03, 0);
    assert!(received.links().len() < FORMATS.len());
    if let Some(state) = received.sampling() {
        assert_eq!(state.is_sampled(), span_context.is_sampled());
    }

    let mut sent = headers.clone();
    let is_debug = received.sampling() == Some(SamplingState::Debug);
    let outgoing = Outgoing::new(span_context)
        .with_tracestate(received.tracestate())
        .with_debug(is_debug);
    propagator.inject_all(&outgoing, &mut sent);
    let relayed = propagator.extract(&sent);
    let low_half = |trace_id: TraceId| u128::from_be_bytes(trace_id.to_bytes()) as u64;
    let (trace_id, is_cut) = (span_context.trace_id(), propagator.fields() == OT_TRACE);
    if propagator.fields() == DATADOG || is_cut && low_half(trace_id) == 0 {
        assert!(relayed.span_context().is_none() && !relayed.is_malformed());
        return;
    }
    let relayed_context = relayed.span_context().expect("what is written is read");
    let relayed_id = relayed_context.trace_id();
    assert_eq!(low_half(relayed_id), low_half(trace_id));
    assert!(is_cut || relayed_id == trace_id);
    assert_eq!(relayed_context.span_id(), span_context.span_id());
    assert_eq!(relayed_context.is_sampled(), span_context.is_sampled());
    assert!(!relayed.is_malformed() && !relayed.is_conflict());
}

fn header_map(input: &[u8], fields: &[HeaderName]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (n, line) in input.split(|byte| *byte == b'\n').enumerate() {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(0);
        let (name, value) = match HeaderName::from_bytes(&line[..colon]) {
            Ok(name) => (name, &line[colon + 1..]),
            Err(_) => (fields[n % fields.len()].clone(), line),
        };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    headers
}
