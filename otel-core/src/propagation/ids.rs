//! Trace and span ids as the older formats write them: shorter at times, never zero.
//!
//! Systems that began with 64-bit trace ids still send 16 digits; the missing half is zero.

use opentelemetry::trace::{SpanContext, TraceState};
use opentelemetry::{SpanId, TraceFlags, TraceId};

use super::hex;

/// A trace id of exactly 16 or 32 digits.
pub(super) fn trace_id(digits: &[u8]) -> Option<TraceId> {
    let id = if digits.len() == 16 {
        TraceId::from(u128::from(u64::from_be_bytes(hex::decode(digits)?)))
    } else {
        TraceId::from_bytes(hex::decode(digits)?)
    };
    (id != TraceId::INVALID).then_some(id)
}

/// A span id of exactly 16 digits.
pub(super) fn span_id(digits: &[u8]) -> Option<SpanId> {
    let id = SpanId::from_bytes(hex::decode(digits)?);
    (id != SpanId::INVALID).then_some(id)
}

/// The 32 digits of a trace id.
pub(super) fn trace_digits(span_context: &SpanContext) -> [u8; 32] {
    let mut digits = [0; 32];
    hex::encode(&span_context.trace_id().to_bytes(), &mut digits);
    digits
}

/// The 16 digits of a span id.
pub(super) fn span_digits(span_context: &SpanContext) -> [u8; 16] {
    let mut digits = [0; 16];
    hex::encode(&span_context.span_id().to_bytes(), &mut digits);
    digits
}

/// The caller's span. No format but W3C knows more flags than one, or a trace state.
pub(super) fn remote(trace_id: TraceId, span_id: SpanId, is_sampled: bool) -> SpanContext {
    let flags = TraceFlags::NOT_SAMPLED.with_sampled(is_sampled);
    SpanContext::new(trace_id, span_id, flags, true, TraceState::NONE)
}

/// The low halves of two ids are equal, and so are the high ones if both are there.
///
/// Some formats carry only the low half of an id beside one that carries all of it.
pub(super) fn is_same_trace(one: TraceId, other: TraceId) -> bool {
    let (one_high, one_low) = halves(one);
    let (other_high, other_low) = halves(other);
    one_low == other_low && (one_high == other_high || one_high == 0 || other_high == 0)
}

/// Whether the id has only the low half.
pub(super) fn is_short(id: TraceId) -> bool {
    halves(id).0 == 0
}

/// The high and the low 64 bits.
pub(super) const fn halves(id: TraceId) -> (u64, u64) {
    let bits = u128::from_be_bytes(id.to_bytes());
    ((bits >> 64) as u64, bits as u64)
}
