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
        let Ok(parsed) = TraceParent::parse(input) else {
            return;
        };
        let text = parsed.encode();
        assert_eq!(TraceParent::parse(&text), Ok(parsed));
        assert_eq!(parsed.to_header_value().as_bytes(), text);

        // Version 00 is kept but for the reserved flags, later versions but for what follows.
        let input = input.trim_ascii();
        assert_eq!(input[3..53], text[3..53]);
        assert!(&input[..2] == b"00" || input[2] == b'-');
    })
}
