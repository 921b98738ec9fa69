//! Any lines through B3, single and multi.

use std::process::ExitCode;

use otel_core::propagation::Format;
use otel_fuzz::formats::target;

const SEEDS: &[&[u8]] = &[
    b"b3:80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-d-fee1f10e31a4b0c2",
    b"x-b3-traceid:1110464cfa66635c\nx-b3-spanid:7a085853722dc6d2\nx-b3-sampled:true\nx-b3-flags:1",
    b"b3:0",
];

const DICTIONARY: &[&[u8]] = &[
    b"\n",
    b":",
    b"1110464cfa66635c",
    b"80e1afed08e019fc1110464cfa66635c",
    b"0000000000000000",
    b" ",
    b"\xff",
    b"-",
    b"1",
    b"d",
    b"b3:",
    b"\nx-b3-sampled:0\n",
    b"true",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        target(&[Format::B3Single, Format::B3Multi], input)
    })
}
