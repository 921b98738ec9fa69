//! B3, the headers of Zipkin: one header `b3`, or five that start with `x-b3-`.
//!
//! Both ways are always read, because a caller does not say which it writes. The single header wins;
//! it is also the only one that cannot be torn apart by a gateway that strips some headers.
//! What is written never names the parent of the span: a callee has no use for it.

use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::extracted::Extracted;
use super::format::Format;
use super::ids;
use super::lines::{self, Field, Line, Lines};
use super::outgoing::Outgoing;
use super::sampling_state::SamplingState;

/// The headers read and written.
pub(super) static FIELDS: [HeaderName; 6] = [
    HeaderName::from_static("b3"),
    HeaderName::from_static("x-b3-traceid"),
    HeaderName::from_static("x-b3-spanid"),
    HeaderName::from_static("x-b3-sampled"),
    HeaderName::from_static("x-b3-flags"),
    HeaderName::from_static("x-b3-parentspanid"),
];

/// The longest single header: two ids, a state, and the parent.
const MAX_LEN: usize = 32 + 1 + 16 + 1 + 1 + 1 + 16;

pub(super) fn extract(lines: &Lines<'_>) -> Extracted {
    let mut extracted = extract_single(lines);
    let is_decided = extracted.sampling().is_some() && extracted.span_context().is_none();
    let has_more = [Field::B3TraceId, Field::B3SpanId]
        .into_iter()
        .any(|field| lines.has(field));
    if has_more && !is_decided || !lines.has(Field::B3) || extracted.is_malformed() {
        extracted.merge(extract_multi(lines));
    }
    extracted
}

pub(super) fn inject_single(outgoing: &Outgoing<'_>, headers: &mut HeaderMap) {
    let span_context = outgoing.span_context();
    let state = match (outgoing.is_debug(), span_context.is_sampled()) {
        (true, _) => b'd',
        (false, true) => b'1',
        (false, false) => b'0',
    };
    let mut text = [b'-'; 32 + 1 + 16 + 1 + 1];
    text[..32].copy_from_slice(&ids::trace_digits(span_context));
    text[33..49].copy_from_slice(&ids::span_digits(span_context));
    text[50] = state;
    let [single, ..] = &FIELDS;
    lines::set_together(headers, [(single, lines::visible(&text))]);
}

pub(super) fn inject_multi(outgoing: &Outgoing<'_>, headers: &mut HeaderMap) {
    let [_, trace_id, span_id, sampled, flags, _] = &FIELDS;
    let span_context = outgoing.span_context();
    // Debug implies sampled, so it is written instead of it.
    let (state, value) = match (outgoing.is_debug(), span_context.is_sampled()) {
        (true, _) => (flags, "1"),
        (false, true) => (sampled, "1"),
        (false, false) => (sampled, "0"),
    };
    lines::set_together(
        headers,
        [
            (trace_id, lines::visible(&ids::trace_digits(span_context))),
            (span_id, lines::visible(&ids::span_digits(span_context))),
            (state, Some(HeaderValue::from_static(value))),
        ],
    );
}

fn extract_single(lines: &Lines<'_>) -> Extracted {
    match lines.one(Field::B3) {
        Line::Absent => Extracted::default(),
        Line::One(value) => parse_single(value).unwrap_or_else(Extracted::malformed),
        Line::Repeated => Extracted::malformed(),
    }
}

/// `trace-span`, `trace-span-state`, `trace-span-state-parent`, or a state alone.
fn parse_single(value: &[u8]) -> Option<Extracted> {
    if value.len() > MAX_LEN {
        return None;
    }
    if let Some(state) = single_state(value) {
        return Some(Extracted::decided(state));
    }
    let (trace_id, rest) = match (value.get(32), value.get(16)) {
        (Some(b'-'), _) => value.split_at_checked(32)?,
        (_, Some(b'-')) => value.split_at_checked(16)?,
        _ => return None,
    };
    let trace_id = ids::trace_id(trace_id)?;
    let (span_id, rest) = rest.get(1..)?.split_first_chunk::<16>()?;
    let span_id = ids::span_id(span_id)?;
    let (state, parent) = match rest {
        [] => (SamplingState::Defer, &[][..]),
        [b'-', state, parent @ ..] => (single_state(&[*state])?, parent),
        _ => return None,
    };
    if let [b'-', parent @ ..] = parent {
        ids::span_id(parent)?;
    } else if !parent.is_empty() {
        return None;
    }
    let span_context = ids::remote(trace_id, span_id, state.is_sampled());
    Some(Extracted::found(Format::B3Single, span_context).with_sampling(state))
}

const fn single_state(part: &[u8]) -> Option<SamplingState> {
    match part {
        b"0" => Some(SamplingState::Deny),
        b"1" => Some(SamplingState::Accept),
        b"d" => Some(SamplingState::Debug),
        _ => None,
    }
}

fn extract_multi(lines: &Lines<'_>) -> Extracted {
    let state = multi_state(lines);
    let ids = match (lines.one(Field::B3TraceId), lines.one(Field::B3SpanId)) {
        (Line::Absent, Line::Absent) => {
            return match state {
                Ok(SamplingState::Defer) => Extracted::default(),
                Ok(state) => Extracted::decided(state),
                Err(Malformed) => Extracted::malformed(),
            };
        }
        (Line::One(trace_id), Line::One(span_id)) => {
            ids::trace_id(trace_id).zip(ids::span_id(span_id))
        }
        _ => None,
    };
    match (ids, state) {
        (Some((trace_id, span_id)), Ok(state)) => {
            let span_context = ids::remote(trace_id, span_id, state.is_sampled());
            Extracted::found(Format::B3Multi, span_context).with_sampling(state)
        }
        _ => Extracted::malformed(),
    }
}

struct Malformed;

/// Flags say debug with `1` and nothing with anything else; early tracers write `true` and `false`.
fn multi_state(lines: &Lines<'_>) -> Result<SamplingState, Malformed> {
    if let Line::One(b"1") = lines.one(Field::B3Flags) {
        return Ok(SamplingState::Debug);
    }
    match lines.one(Field::B3Sampled) {
        Line::Absent => Ok(SamplingState::Defer),
        Line::One(b"1" | b"true") => Ok(SamplingState::Accept),
        Line::One(b"0" | b"false") => Ok(SamplingState::Deny),
        Line::One(_) | Line::Repeated => Err(Malformed),
    }
}
