//! Any pairs through a carrier: its limit holds, and what it collects it reads again.

use std::process::ExitCode;

use otel_core::propagation::{Carrier, Format, Limit, Propagator};

const SEEDS: &[&[u8]] = &[
    b"traceparent:00-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-03\ntracestate:rojo=1\nBaggage:a=1",
    b"TRACEPARENT:00-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-03\nuberctx-a:1\nkey:value",
];

const DICTIONARY: &[&[u8]] = &[
    b"\n",
    b":",
    b"traceparent:",
    b"uberctx-",
    b"\0",
    b"\xff",
    b"_",
];

fn main() -> ExitCode {
    otel_fuzz::run(SEEDS, DICTIONARY, |input| {
        let propagator = Propagator::builder()
            .add_format(Format::W3c)
            .add_format(Format::Jaeger)
            .with_baggage()
            .build();
        let pairs = input.split(|byte| *byte == b'\n').filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some((
                std::str::from_utf8(&line[..colon]).ok()?,
                &line[colon + 1..],
            ))
        });
        let (most, bytes) = (8, 1024);
        let carrier = Carrier::read(&propagator, pairs, Limit::new(most, bytes));
        assert!(carrier.pairs().count() <= most);
        let size: usize = carrier
            .pairs()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        assert!(size <= bytes);

        let found = carrier.extract(&propagator);
        let again = Carrier::read(&propagator, carrier.pairs(), Limit::default());
        assert_eq!(
            again.extract(&propagator).span_context(),
            found.span_context()
        );
        let smaller = carrier.within(Limit::new(1, 64));
        assert!(smaller.pairs().count() <= 1);
    })
}
