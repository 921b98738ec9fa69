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

        // All that may differ are the version, the reserved flags and what follows in later versions.
        let input = input.trim_ascii();
        assert_eq!(input[2..53], text[2..53]);
        assert!(!input[..55].iter().any(u8::is_ascii_uppercase));
        match (&input[..2], &input[55..]) {
            (b"00", rest) => assert!(rest.is_empty()),
            (b"ff", _) => panic!("a forbidden version"),
            (_, rest) => assert!(rest.is_empty() || rest.starts_with(b"-")),
        }
    })
}
