//! Propagation: the wire formats as tables, the invariants as properties.
//!
//! In the tables `{trace}` and `{parent}` stand for the ids of the caller, `{child}` for the span
//! that calls on, and `{root}` for the trace that is started when the caller's cannot be used.

mod agreement;
mod agreement_others;
mod b3;
mod baggage;
mod boundary;
mod carriers;
mod hop;
mod ordered;
mod other_formats;
mod reconstruction;
mod round_trip;
mod text_map;
mod traceparent;
mod tracestate;
mod vendor_baggage;

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::trace::{SpanContext, TraceState as OtelTraceState};
use opentelemetry::{SpanId, TraceFlags, TraceId};
use otel_core::propagation::{Extracted, Format, Outgoing, Propagator, SamplingState};
use proptest::prelude::*;

const TRACE: &str = "80e1afed08e019fc1110464cfa66635c";
const PARENT: &str = "7a085853722dc6d2";
const CHILD: &str = "fee1f10e31a4b0c2";
const ROOT: &str = "4e441824ec2b6a44ffdc9bb9a6453df3";

/// Header lines of a table, in order.
type Lines = [(&'static str, &'static str)];

fn expand(text: &str) -> String {
    text.replace("{trace}", TRACE)
        .replace("{parent}", PARENT)
        .replace("{child}", CHILD)
        .replace("{root}", ROOT)
}

fn header_map<'a>(lines: impl IntoIterator<Item = (&'a str, &'a str)>) -> HeaderMap {
    lines
        .into_iter()
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_str(&expand(value)).unwrap())
        })
        .collect()
}

/// What a map holds, in the order of the names, for comparing.
fn lines(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut lines: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    lines.sort();
    lines
}

fn expanded(table: &Lines) -> Vec<(String, String)> {
    let expand = |&(name, value): &(&str, &str)| (name.to_owned(), expand(value));
    table.iter().map(expand).collect()
}

/// What was found, in one line: format, ids, flags, sampling state, and what went wrong.
fn summary(extracted: &Extracted) -> String {
    let mut words = Vec::new();
    if let (Some(format), Some(found)) = (extracted.format(), extracted.span_context()) {
        assert!(found.is_remote() && found.is_valid());
        let (trace_id, span_id) = (found.trace_id(), found.span_id());
        let flags = found.trace_flags().to_u8();
        words.push(format!("{format} {trace_id}-{span_id}-{flags:02x}"));
    }
    words.extend(extracted.sampling().map(|state| match state {
        SamplingState::Deny => "deny".to_owned(),
        SamplingState::Accept => "accept".to_owned(),
        SamplingState::Debug => "debug".to_owned(),
        SamplingState::Defer => "defer".to_owned(),
        _ => "unknown".to_owned(),
    }));
    for link in extracted.links() {
        words.push(format!("link {}-{}", link.trace_id(), link.span_id()));
    }
    if extracted.is_malformed() {
        words.push("malformed".to_owned());
    }
    words.join(" ")
}

/// Why, what comes in, and the summary of what is found.
type Cases = [(&'static str, &'static Lines, &'static str)];

fn check_extracted(format: Format, cases: &Cases) {
    for &(why, incoming, found) in cases {
        let incoming = header_map(incoming.iter().copied());
        let extracted = Propagator::ordered([format]).extract(&incoming);
        assert_eq!(summary(&extracted), expand(found), "{why}");
    }
}

/// The child of the caller, as it calls on.
fn child(is_sampled: bool) -> SpanContext {
    SpanContext::new(
        TraceId::from_hex(TRACE).unwrap(),
        SpanId::from_hex(CHILD).unwrap(),
        TraceFlags::NOT_SAMPLED.with_sampled(is_sampled),
        false,
        OtelTraceState::NONE,
    )
}

/// Whether the child is sampled and under debug, and what is sent.
type Sent = [(bool, bool, &'static Lines)];

/// Nothing a client or an earlier hop left in the headers of the format may stay.
fn check_injected(format: Format, cases: &Sent) {
    let propagator = Propagator::ordered([format]);
    for &(is_sampled, is_debug, sent) in cases {
        let mut headers = HeaderMap::new();
        for field in propagator.fields() {
            headers.append(field, HeaderValue::from_static("stale"));
            headers.append(field, HeaderValue::from_static("again"));
        }
        let span_context = child(is_sampled);
        let outgoing = Outgoing::new(&span_context).with_debug(is_debug);
        propagator.inject_all(&outgoing, &mut headers);
        assert_eq!(lines(&headers), expanded(sent), "{is_sampled} {is_debug}");
    }

    let before = header_map([("b3", "0"), ("traceparent", "kept")]);
    let mut headers = before.clone();
    propagator.inject(&SpanContext::NONE, None, &mut headers);
    assert_eq!(headers, before, "without a span nothing changes");
}

/// Ids of any size and both values of the flag that every format has.
fn any_span_context() -> impl Strategy<Value = SpanContext> {
    (1..=u128::MAX, 1..=u64::MAX, any::<bool>()).prop_map(|(trace, span, is_sampled)| {
        let flags = TraceFlags::NOT_SAMPLED.with_sampled(is_sampled);
        SpanContext::new(trace.into(), span.into(), flags, true, OtelTraceState::NONE)
    })
}

/// What `format` writes of a span context, it reads as the same.
fn check_round_trip(format: Format, sent: &SpanContext) {
    let propagator = Propagator::ordered([format]);
    let mut headers = HeaderMap::new();
    propagator.inject(sent, None, &mut headers);
    let received = propagator.extract(&headers);
    assert_eq!(received.span_context(), Some(sent));
    assert_eq!(received.format(), Some(format));
    assert!(!received.is_malformed() && !received.is_conflict());
}
