//! `X-Amzn-Trace-Id`, the header of AWS X-Ray
//! ([format](https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader)).
//!
//! Load balancers begin a trace without a span: they send a root and no parent. That is no context,
//! but its trace id is the one AWS logs, so it is handed over instead of being lost.
//! Fields that are not known belong to the hop that wrote them; they are ignored and not repeated.

use http::header::{HeaderMap, HeaderName};
use opentelemetry::TraceId;

use super::extracted::Extracted;
use super::format::Format;
use super::ids;
use super::lines::{self, Field, Line, Lines, trim_ows};
use super::outgoing::Outgoing;
use super::sampling_state::SamplingState;

/// The header read and written.
pub(super) static FIELDS: [HeaderName; 1] = [HeaderName::from_static("x-amzn-trace-id")];

pub(super) fn extract(lines: &Lines<'_>) -> Extracted {
    match lines.one(Field::XAmznTraceId) {
        Line::Absent => Extracted::default(),
        Line::One(value) => parse(value).unwrap_or_else(Extracted::malformed),
        Line::Repeated => Extracted::malformed(),
    }
}

pub(super) fn inject(outgoing: &Outgoing<'_>, headers: &mut HeaderMap) {
    let span_context = outgoing.span_context();
    let trace_id = ids::trace_digits(span_context);
    let mut text = *b"Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0";
    text[7..15].copy_from_slice(&trace_id[..8]);
    text[16..40].copy_from_slice(&trace_id[8..]);
    text[48..64].copy_from_slice(&ids::span_digits(span_context));
    text[73] += u8::from(span_context.is_sampled());
    let [field] = &FIELDS;
    lines::set_together(headers, [(field, lines::visible(&text))]);
}

fn parse(value: &[u8]) -> Option<Extracted> {
    let (mut root, mut parent, mut sampled) = (None, None, None);
    for part in value.split(|c| *c == b';').map(trim_ows) {
        let (known, value) = match part {
            [b'R', b'o', b'o', b't', b'=', value @ ..] => (&mut root, value),
            [b'P', b'a', b'r', b'e', b'n', b't', b'=', value @ ..] => (&mut parent, value),
            [b'S', b'a', b'm', b'p', b'l', b'e', b'd', b'=', value @ ..] => (&mut sampled, value),
            _ => continue,
        };
        if known.replace(value).is_some() {
            return None;
        }
    }
    let state = match sampled {
        None | Some(b"?") => SamplingState::Defer,
        Some(b"1") => SamplingState::Accept,
        Some(b"0") => SamplingState::Deny,
        Some(_) => return None,
    };
    let trace_id = match root {
        Some(root) => parse_root(root)?,
        None => return Some(Extracted::decided(state)).filter(|_| parent.is_none()),
    };
    let Some(parent) = parent else {
        return Some(Extracted::decided(state).with_trace_id(trace_id));
    };
    let span_context = ids::remote(trace_id, ids::span_id(parent)?, state.is_sampled());
    Some(Extracted::found(Format::XRay, span_context).with_sampling(state))
}

/// `1-`, the time in 8 digits, `-`, and 24 digits more.
fn parse_root(root: &[u8]) -> Option<TraceId> {
    let [b'1', b'-', id @ ..] = root else {
        return None;
    };
    let (time, rest) = id.split_first_chunk::<8>()?;
    let [b'-', unique @ ..] = rest else {
        return None;
    };
    let mut digits = [0; 32];
    digits[..8].copy_from_slice(time);
    digits[8..].copy_from_slice(unique.first_chunk::<24>().filter(|_| unique.len() == 24)?);
    ids::trace_id(&digits)
}
