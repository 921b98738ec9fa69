//! Any lines through Jaeger's header and its baggage.

use std::process::ExitCode;

use otel_core::propagation::Format;
use otel_fuzz::formats::target;

const SEEDS: &[&[u8]] = &[
    b"uber-trace-id:80e1afed08e019fc1110464cfa66635c%3A7a085853722dc6d2:0:3",
    b"uber-trace-id:1:2:0:1\nuberctx-user:j%20d\njaeger-baggage:a=1, b=2",
    b"jaeger-debug-id:x",
];

const DICTIONARY: &[&[u8]] = &[
    b"\n",
    b":",
    b"1110464cfa66635c",
    b"80e1afed08e019fc1110464cfa66635c",
    b"0000000000000000",
    b" ",
    b"\xff",
    b":0:1",
    b"%3a",
    b"uberctx-",
    b"jaeger-baggage:",
    b"%2C",
    b"=",
    b",",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| target(&[Format::Jaeger], input))
}
