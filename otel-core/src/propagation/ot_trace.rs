//! `ot-tracer-traceid` and its companions, the headers of the basic tracers of OpenTracing
//! ([specification](https://opentelemetry.io/docs/specs/otel/context/api-propagators/#propagators-distribution)).
//!
//! The trace id has 64 bits there: the high half of ours is not written, and is zero when read.

use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::extracted::Extracted;
use super::format::Format;
use super::ids;
use super::lines::{self, Field, Line, Lines};
use super::outgoing::Outgoing;
use super::sampling_state::SamplingState;

/// The headers read and written.
pub(super) static FIELDS: [HeaderName; 3] = [
    HeaderName::from_static("ot-tracer-traceid"),
    HeaderName::from_static("ot-tracer-spanid"),
    HeaderName::from_static("ot-tracer-sampled"),
];

pub(super) fn extract(lines: &Lines<'_>) -> Extracted {
    let (trace_id, span_id) = match (lines.one(Field::OtTraceId), lines.one(Field::OtSpanId)) {
        (Line::Absent, Line::Absent) => return Extracted::default(),
        (Line::One(trace_id), Line::One(span_id)) => (trace_id, span_id),
        _ => return Extracted::malformed(),
    };
    let state = match lines.one(Field::OtSampled) {
        Line::Absent => SamplingState::Defer,
        Line::One(b"true" | b"1") => SamplingState::Accept,
        Line::One(b"false" | b"0") => SamplingState::Deny,
        Line::One(_) | Line::Repeated => return Extracted::malformed(),
    };
    match ids::trace_id(trace_id).zip(ids::span_id(span_id)) {
        Some((trace_id, span_id)) => {
            let span_context = ids::remote(trace_id, span_id, state.is_sampled());
            Extracted::found(Format::OtTrace, span_context).with_sampling(state)
        }
        None => Extracted::malformed(),
    }
}

/// Writes nothing if the low half of the trace id is zero, which no reader would accept.
pub(super) fn inject(outgoing: &Outgoing<'_>, headers: &mut HeaderMap) {
    let [trace_id, span_id, sampled] = &FIELDS;
    let span_context = outgoing.span_context();
    if ids::halves(span_context.trace_id()).1 == 0 {
        return;
    }
    let state = match span_context.is_sampled() {
        true => "true",
        false => "false",
    };
    let digits = ids::trace_digits(span_context);
    lines::set_together(
        headers,
        [
            (trace_id, lines::visible(&digits[16..])),
            (span_id, lines::visible(&ids::span_digits(span_context))),
            (sampled, Some(HeaderValue::from_static(state))),
        ],
    );
}
