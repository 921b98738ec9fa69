//! Any header lines through a format: no answer contradicts itself, and what is written is read.
//!
//! A line of the input is a header line. One that names no header is the value of one that the format
//! reads, so that most mutations still reach the parser.

use http::header::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::TraceId;
use otel_core::propagation::{Format, Outgoing, Propagator, SamplingState};

/// Every format there is.
pub const ALL: &[Format] = &[
    Format::W3c,
    Format::B3Single,
    Format::B3Multi,
    Format::Jaeger,
    Format::XRay,
    Format::OtTrace,
    Format::GrpcTraceBin,
    Format::Datadog,
];

/// Gives the input to formats in an order, with their baggage.
pub fn target(formats: &[Format], input: &[u8]) {
    let propagator = formats
        .iter()
        .fold(Propagator::builder(), |builder, format| {
            builder.add_format(*format)
        })
        .with_baggage()
        .build();
    check(
        &propagator,
        formats,
        &header_map(input, propagator.fields()),
    );
}

fn check(propagator: &Propagator, formats: &[Format], headers: &HeaderMap) {
    let received = propagator.extract(headers);
    let Some(span_context) = received.span_context() else {
        assert!(received.format().is_none() && received.tracestate().is_none());
        assert!(!received.is_conflict());
        return;
    };
    assert!(received.format().is_some());
    assert!(span_context.is_valid() && span_context.is_remote());
    assert_eq!(span_context.trace_flags().to_u8() & !0x03, 0);
    assert!(received.links().len() < ALL.len());
    if let Some(state) = received.sampling() {
        assert_eq!(state.is_sampled(), span_context.is_sampled());
    }

    let mut sent = headers.clone();
    let is_debug = received.sampling() == Some(SamplingState::Debug);
    let outgoing = Outgoing::new(span_context)
        .with_tracestate(received.tracestate())
        .with_baggage(received.baggage())
        .with_debug(is_debug);
    propagator.inject_all(&outgoing, &mut sent);
    let relayed = propagator.extract(&sent);
    let low_half = |trace_id: TraceId| u128::from_be_bytes(trace_id.to_bytes()) as u64;
    let trace_id = span_context.trace_id();
    let is_cut = formats == [Format::OtTrace];
    if formats == [Format::Datadog] || is_cut && low_half(trace_id) == 0 {
        assert!(relayed.span_context().is_none() && !relayed.is_malformed());
        return;
    }
    let relayed_context = relayed.span_context().expect("what is written is read");
    let relayed_id = relayed_context.trace_id();
    assert_eq!(low_half(relayed_id), low_half(trace_id));
    assert!(is_cut || relayed_id == trace_id);
    assert_eq!(relayed_context.span_id(), span_context.span_id());
    assert_eq!(relayed_context.is_sampled(), span_context.is_sampled());
    assert_eq!(relayed.baggage(), received.baggage());
    assert!(!relayed.is_malformed() && !relayed.is_conflict());
}

fn header_map(input: &[u8], fields: &[HeaderName]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (n, line) in input.split(|byte| *byte == b'\n').enumerate() {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(0);
        let (name, value) = match HeaderName::from_bytes(&line[..colon]) {
            Ok(name) => (name, &line[colon + 1..]),
            Err(_) => (fields[n % fields.len()].clone(), line),
        };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    headers
}
