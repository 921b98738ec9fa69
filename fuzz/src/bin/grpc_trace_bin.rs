//! Any lines through the binary header of OpenCensus.

use std::process::ExitCode;

use otel_core::propagation::Format;
use otel_fuzz::formats::target;

const SEEDS: &[&[u8]] = &[
    b"grpc-trace-bin:AACA4a/tCOAZ/BEQRkz6ZmNcAXoIWFNyLcbSAgE",
    b"grpc-trace-bin:AACA4a/tCOAZ/BEQRkz6ZmNcAXoIWFNyLcbSAgE=",
];

const DICTIONARY: &[&[u8]] = &[b"\n", b"A", b"/", b"+", b"=", b"AAAA", b"\xff"];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        target(&[Format::GrpcTraceBin], input)
    })
}
