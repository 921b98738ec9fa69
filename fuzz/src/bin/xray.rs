//! Any lines through the header of AWS X-Ray.

use std::process::ExitCode;

use otel_core::propagation::Format;
use otel_fuzz::formats::target;

const SEEDS: &[&[u8]] = &[
    b"x-amzn-trace-id:Root=1-80e1afed-08e019fc1110464cfa66635c; Parent=7a085853722dc6d2;Sampled=?",
    b"x-amzn-trace-id:Self=1-80e1afed-08e019fc1110464cfa66635c;Root=1-80e1afed-08e019fc1110464cfa66635c",
];

const DICTIONARY: &[&[u8]] = &[
    b"\n",
    b":",
    b"1110464cfa66635c",
    b"80e1afed08e019fc1110464cfa66635c",
    b"0000000000000000",
    b" ",
    b"\xff",
    b";",
    b"Root=1-",
    b"Parent=",
    b"Sampled=1",
    b"Lineage=a:1|b:2",
    b"-",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| target(&[Format::XRay], input))
}
