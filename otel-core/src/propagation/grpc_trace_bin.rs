//! `grpc-trace-bin`, the binary header of OpenCensus in gRPC metadata
//! ([format](https://github.com/census-instrumentation/opencensus-specs/blob/master/encodings/BinaryEncoding.md)).
//!
//! It is a version and three fields, 29 bytes, in base64, which may be padded when read and is not
//! when written ([gRPC over HTTP/2](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md)).

use http::header::{HeaderMap, HeaderName};
use opentelemetry::{SpanId, TraceId};

use super::extracted::Extracted;
use super::format::Format;
use super::ids;
use super::lines::{self, Field, Line, Lines};
use super::outgoing::Outgoing;

/// The header read and written.
pub(super) static FIELDS: [HeaderName; 1] = [HeaderName::from_static("grpc-trace-bin")];

/// Version 0: field 0 is the trace id, field 1 the span id, field 2 the options.
const LEN: usize = 29;
const TRACE_ID: usize = 2;
const SPAN_ID: usize = 19;
const OPTIONS: usize = 28;

/// The digits of 29 bytes: nine groups of four, and three for the last two.
const DIGITS: usize = 39;

pub(super) fn extract(lines: &Lines<'_>) -> Extracted {
    match lines.one(Field::GrpcTraceBin) {
        Line::Absent => Extracted::default(),
        Line::One(value) => parse(value).unwrap_or_else(Extracted::malformed),
        Line::Repeated => Extracted::malformed(),
    }
}

pub(super) fn inject(outgoing: &Outgoing<'_>, headers: &mut HeaderMap) {
    let span_context = outgoing.span_context();
    let mut bytes = [0; LEN];
    bytes[TRACE_ID..18].copy_from_slice(&span_context.trace_id().to_bytes());
    bytes[18] = 1;
    bytes[SPAN_ID..27].copy_from_slice(&span_context.span_id().to_bytes());
    bytes[27] = 2;
    bytes[OPTIONS] = u8::from(span_context.is_sampled());
    let [field] = &FIELDS;
    lines::set_together(headers, [(field, lines::visible(&encode(&bytes)))]);
}

fn parse(value: &[u8]) -> Option<Extracted> {
    let bytes = decode(value.strip_suffix(b"=").unwrap_or(value))?;
    if (bytes[0], bytes[1], bytes[18], bytes[27]) != (0, 0, 1, 2) {
        return None;
    }
    let trace_id = TraceId::from_bytes(*bytes[TRACE_ID..].first_chunk()?);
    let span_id = SpanId::from_bytes(*bytes[SPAN_ID..].first_chunk()?);
    if trace_id == TraceId::INVALID || span_id == SpanId::INVALID {
        return None;
    }
    let span_context = ids::remote(trace_id, span_id, bytes[OPTIONS] & 1 != 0);
    Some(Extracted::found(Format::GrpcTraceBin, span_context))
}

fn encode(bytes: &[u8; LEN]) -> [u8; DIGITS] {
    let mut digits = [0; DIGITS];
    for (group, triple) in digits.chunks_mut(4).zip(bytes.chunks(3)) {
        let bits = triple
            .iter()
            .zip([16, 8, 0])
            .fold(0, |bits, (byte, shift)| bits | u32::from(*byte) << shift);
        for (digit, shift) in group.iter_mut().zip([18, 12, 6, 0]) {
            let value = (bits >> shift & 0x3f) as usize;
            *digit = ALPHABET.get(value).copied().unwrap_or_default();
        }
    }
    digits
}

/// The bits behind the last byte have to be zero, so that a value has one way to be written.
fn decode(digits: &[u8]) -> Option<[u8; LEN]> {
    let digits: &[u8; DIGITS] = digits.try_into().ok()?;
    let mut bytes = [0; LEN + 1];
    for (group, triple) in digits.chunks(4).zip(bytes.chunks_mut(3)) {
        let mut bits = 0;
        for (digit, shift) in group.iter().zip([18, 12, 6, 0]) {
            let value = ALPHABET.iter().position(|c| c == digit)?;
            bits |= u32::try_from(value).ok()? << shift;
        }
        for (byte, shift) in triple.iter_mut().zip([16, 8, 0]) {
            *byte = (bits >> shift) as u8;
        }
    }
    let (bytes, [0]) = bytes.split_first_chunk::<LEN>()? else {
        return None;
    };
    Some(*bytes)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
