//! Any lines through the headers of OpenTracing and their baggage.

use std::process::ExitCode;

use otel_core::propagation::Format;
use otel_fuzz::formats::target;

const SEEDS: &[&[u8]] = &[
    b"ot-tracer-traceid:1110464cfa66635c\not-tracer-spanid:7a085853722dc6d2\not-tracer-sampled:true\not-baggage-user:j d",
];

const DICTIONARY: &[&[u8]] = &[
    b"\n",
    b":",
    b"1110464cfa66635c",
    b"80e1afed08e019fc1110464cfa66635c",
    b"0000000000000000",
    b" ",
    b"\xff",
    b"true",
    b"false",
    b"ot-baggage-",
    b"%41",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| target(&[Format::OtTrace], input))
}
