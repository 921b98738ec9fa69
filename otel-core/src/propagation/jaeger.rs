//! `uber-trace-id`, the header of Jaeger's own clients
//! ([format](https://www.jaegertracing.io/docs/1.76/client-libraries/#propagation-format)).
//!
//! Its ids come without leading zeros and its flags are hexadecimal, which readers that parse numbers
//! get wrong; some clients escape the colons as if it were a part of a URL.
//! The parent field is deprecated: ignored here, and written as zero.

use http::header::{HeaderMap, HeaderName};

use super::extracted::Extracted;
use super::format::Format;
use super::ids;
use super::lines::{self, Field, Line, Lines};
use super::outgoing::Outgoing;
use super::sampling_state::SamplingState;

/// The header read and written, and one that is read: sent without a trace it asks for a new one
/// under debug, and its value is for people to find it by.
pub(super) static FIELDS: [HeaderName; 2] = [
    HeaderName::from_static("uber-trace-id"),
    HeaderName::from_static("jaeger-debug-id"),
];

const SAMPLED: u8 = 0x01;
const DEBUG: u8 = 0x02;

pub(super) fn extract(lines: &Lines<'_>) -> Extracted {
    match lines.one(Field::UberTraceId) {
        Line::Absent => match lines.one(Field::JaegerDebugId) {
            Line::One([_, ..]) => Extracted::decided(SamplingState::Debug),
            _ => Extracted::default(),
        },
        Line::One(value) => parse(value).unwrap_or_else(Extracted::malformed),
        Line::Repeated => Extracted::malformed(),
    }
}

pub(super) fn inject(outgoing: &Outgoing<'_>, headers: &mut HeaderMap) {
    let span_context = outgoing.span_context();
    let mut text = *b"00000000000000000000000000000000:0000000000000000:0:0";
    text[..32].copy_from_slice(&ids::trace_digits(span_context));
    text[33..49].copy_from_slice(&ids::span_digits(span_context));
    text[52] = match (outgoing.is_debug(), span_context.is_sampled()) {
        (true, _) => b'3',
        (false, true) => b'1',
        (false, false) => b'0',
    };
    let [field, _] = &FIELDS;
    lines::set_together(headers, [(field, lines::visible(&text))]);
}

fn parse(value: &[u8]) -> Option<Extracted> {
    let (trace_id, rest) = split(value)?;
    let (span_id, rest) = split(rest)?;
    let (_, flags) = split(rest)?;
    let trace_id = ids::trace_id(&padded::<32>(trace_id)?)?;
    let span_id = ids::span_id(&padded::<16>(span_id)?)?;
    let [flags] = super::hex::decode(&padded::<2>(flags)?)?;
    // Debug is defined only together with sampled.
    let state = match (flags & SAMPLED != 0, flags & DEBUG != 0) {
        (true, true) => SamplingState::Debug,
        (true, false) => SamplingState::Accept,
        (false, _) => SamplingState::Deny,
    };
    let span_context = ids::remote(trace_id, span_id, state.is_sampled());
    Some(Extracted::found(Format::Jaeger, span_context).with_sampling(state))
}

/// What is before a colon and what is after it.
fn split(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = value.iter().position(|c| matches!(c, b':' | b'%'))?;
    let (before, after) = value.split_at(at);
    match after {
        [b':', rest @ ..] | [b'%', b'3', b'A' | b'a', rest @ ..] => Some((before, rest)),
        _ => None,
    }
}

/// One to `N` digits with the zeros that were left out.
fn padded<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let mut padded = [b'0'; N];
    let start = N.checked_sub(digits.len())?;
    padded.get_mut(start..)?.copy_from_slice(digits);
    (!digits.is_empty()).then_some(padded)
}
