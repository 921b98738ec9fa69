//! W3C Trace Context over HTTP headers.
//!
//! `traceparent` decides alone whether there is a context; `tracestate` only ever goes with it
//! ([section 3.3](https://www.w3.org/TR/trace-context-2/#tracestate-header)).

use http::header::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::trace::{SpanContext, TraceState as OtelTraceState};

use super::extracted::Extracted;
use super::format::Format;
use super::lines::{Field, Line, Lines};
use super::outgoing::Outgoing;
use super::traceparent::TraceParent;
use super::tracestate::{Parsed, TraceState};

/// The headers read and written.
pub(super) static FIELDS: [HeaderName; 2] = [
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

pub(super) fn extract(lines: &Lines<'_>) -> Extracted {
    let parsed = match lines.one(Field::Traceparent) {
        Line::Absent => return Extracted::default(),
        Line::One(line) => TraceParent::parse(line).ok(),
        Line::Repeated => None,
    };
    let Some(parent) = parsed else {
        return Extracted::malformed();
    };
    let (tracestate, is_discarded) = match lines.has(Field::Tracestate) {
        true => tracestate(lines),
        false => (None, false),
    };
    let span_context = SpanContext::new(
        parent.trace_id(),
        parent.parent_id(),
        parent.flags(),
        true,
        OtelTraceState::NONE,
    );
    Extracted::found(Format::W3c, span_context).with_tracestate(tracestate, is_discarded)
}

/// The list, and whether some of it or all had to be left out.
fn tracestate(lines: &Lines<'_>) -> (Option<TraceState>, bool) {
    let [_, name] = &FIELDS;
    let parsed = match lines.single(Field::Tracestate) {
        Some(line) => TraceState::parse_line(line.as_bytes()),
        None => {
            let lines = lines.headers().get_all(name).iter();
            TraceState::parse_lines(lines.map(HeaderValue::as_bytes))
        }
    };
    match parsed {
        Ok(Parsed {
            tracestate,
            is_truncated,
        }) => (tracestate, is_truncated),
        Err(_) => (None, true),
    }
}

pub(super) fn inject(outgoing: &Outgoing<'_>, headers: &mut HeaderMap) {
    let span_context = outgoing.span_context();
    let Some(parent) = TraceParent::from_span_context(span_context) else {
        return;
    };
    let carried;
    let tracestate = match outgoing.tracestate() {
        None if *span_context.trace_state() != OtelTraceState::NONE => {
            carried = TraceState::from_otel(span_context.trace_state());
            carried.as_ref()
        }
        given => given,
    };
    let tracestate = tracestate.and_then(|list| HeaderValue::from_str(list.as_str()).ok());

    let [traceparent_name, tracestate_name] = &FIELDS;
    let is_set = set(headers, traceparent_name, Some(parent.to_header_value()));
    set(headers, tracestate_name, tracestate.filter(|_| is_set));
}

/// Replaces a header, or removes the one of an earlier hop, and says whether it is now set.
/// In a map that holds as many headers as it can, `insert` would panic.
fn set(headers: &mut HeaderMap, name: &HeaderName, value: Option<HeaderValue>) -> bool {
    let is_set = value.is_some_and(|value| headers.try_insert(name, value).is_ok());
    if !is_set {
        headers.remove(name);
    }
    is_set
}
