//! Any bytes as a `traceparent`.

use std::process::ExitCode;

use otel_core::propagation::TraceParent;

const SEEDS: &[&[u8]] = &[
    b"00-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-01",
    b" \tcc-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-ff-more\t ",
    b"ff-00000000000000000000000000000000-0000000000000000-00",
];

const DICTIONARY: &[&[u8]] = &[b"-", b"00", b"01", b"ff", b"A", b" ", b"\t", b"+1", b"\xff"];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        let parsed = TraceParent::parse(input);
        assert_eq!(parsed.is_ok(), is_trace_parent(input));
        let Ok(parsed) = parsed else {
            return;
        };
        let text = parsed.encode();
        assert_eq!(text[2..53], input.trim_ascii()[2..53]);
        assert_eq!(TraceParent::parse(&text), Ok(parsed));
        assert_eq!(parsed.to_header_value().as_bytes(), text);
    })
}

/// The format of section 3.2 once more, written for reading.
fn is_trace_parent(input: &[u8]) -> bool {
    let is_blank = |c: &u8| *c == b' ' || *c == b'\t';
    let start = input.iter().position(|c| !is_blank(c)).unwrap_or(0);
    let end = input
        .iter()
        .rposition(|c| !is_blank(c))
        .map_or(start, |last| last + 1);
    let fields: Vec<&[u8]> = input[start..end].split(|c| *c == b'-').collect();
    let [version, trace_id, parent_id, flags, more @ ..] = fields.as_slice() else {
        return false;
    };
    let is_hex = |field: &[u8], len| {
        field.len() == len && field.iter().all(|c| b"0123456789abcdef".contains(c))
    };
    let is_id = |field: &[u8], len| is_hex(field, len) && field.iter().any(|c| *c != b'0');
    is_hex(version, 2)
        && *version != b"ff"
        && is_id(trace_id, 32)
        && is_id(parent_id, 16)
        && is_hex(flags, 2)
        && (*version != b"00" || more.is_empty())
}
