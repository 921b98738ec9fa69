//! Any header lines through all formats at once, in an order.

use std::process::ExitCode;

use otel_fuzz::formats::{ALL, target};

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
    otel_fuzz::run(SEEDS, DICTIONARY, |input| target(ALL, input))
}
