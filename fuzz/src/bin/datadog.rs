//! Any lines through Datadog's headers, which are only read.

use std::process::ExitCode;

use otel_core::propagation::Format;
use otel_fuzz::formats::target;

const SEEDS: &[&[u8]] = &[
    b"x-datadog-trace-id:1229559994704618332\nx-datadog-parent-id:16\nx-datadog-sampling-priority:-1\nx-datadog-tags:_dd.p.tid=80e1afed08e019fc",
];

const DICTIONARY: &[&[u8]] = &[
    b"\n",
    b":",
    b"-",
    b"18446744073709551616",
    b"0",
    b"_dd.p.tid=",
    b",",
    b"x-datadog-tags:",
    b"\xff",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| target(&[Format::Datadog], input))
}
