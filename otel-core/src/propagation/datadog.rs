//! `x-datadog-trace-id` and its companions, to be read only: for a fleet that moves away from them.
//!
//! Ids are decimal numbers of 64 bits; the high half of a trace id of 128 bits is a tag of its own.

use http::header::HeaderName;
use opentelemetry::{SpanId, TraceId};

use super::extracted::Extracted;
use super::format::Format;
use super::lines::{Field, Line, Lines, trim_ows};
use super::sampling_state::SamplingState;
use super::{hex, ids};

/// The headers read.
pub(super) static FIELDS: [HeaderName; 4] = [
    HeaderName::from_static("x-datadog-trace-id"),
    HeaderName::from_static("x-datadog-parent-id"),
    HeaderName::from_static("x-datadog-sampling-priority"),
    HeaderName::from_static("x-datadog-tags"),
];

pub(super) fn extract(lines: &Lines<'_>) -> Extracted {
    let ids = (
        lines.one(Field::DatadogTraceId),
        lines.one(Field::DatadogParentId),
    );
    let (trace_id, parent_id) = match ids {
        (Line::Absent, Line::Absent) => return Extracted::default(),
        (Line::One(trace_id), Line::One(parent_id)) => (trace_id, parent_id),
        _ => return Extracted::malformed(),
    };
    let state = match lines.one(Field::DatadogPriority) {
        Line::Absent => SamplingState::Defer,
        Line::One(b"1" | b"2") => SamplingState::Accept,
        Line::One(b"0" | b"-1") => SamplingState::Deny,
        Line::One(_) | Line::Repeated => return Extracted::malformed(),
    };
    let high = match lines.one(Field::DatadogTags) {
        Line::One(tags) => high_half(tags),
        Line::Absent | Line::Repeated => None,
    };
    let (Some(low), Some(parent_id)) = (decimal(trace_id), decimal(parent_id)) else {
        return Extracted::malformed();
    };
    let trace_id = u128::from(high.unwrap_or(0)) << 64 | u128::from(low);
    let span_context = ids::remote(
        TraceId::from(trace_id),
        SpanId::from(parent_id),
        state.is_sampled(),
    );
    Extracted::found(Format::Datadog, span_context).with_sampling(state)
}

/// A number above zero, without a sign.
fn decimal(digits: &[u8]) -> Option<u64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (number > 0).then_some(number)
}

fn high_half(tags: &[u8]) -> Option<u64> {
    let mut tags = tags.split(|c| *c == b',').map(trim_ows);
    let digits = tags.find_map(|tag| tag.strip_prefix(b"_dd.p.tid="))?;
    hex::decode(digits).map(u64::from_be_bytes)
}
