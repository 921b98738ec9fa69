//! The propagator behind the API of OpenTelemetry.

use std::collections::HashMap;

use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use otel_core::propagation::{Format, Propagator, TextMap};

use super::{Lines, expand};

/// Shows every line, as the extractors over headers do.
struct Shows<'a>(&'a Lines);

impl Extractor for Shows<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.get_all(key)?.first().copied()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let named = self
            .0
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(key));
        let lines: Vec<_> = named.map(|(_, value)| *value).collect();
        (!lines.is_empty()).then_some(lines)
    }
}

fn propagator() -> TextMap {
    TextMap::new(
        Propagator::builder()
            .add_format(Format::W3c)
            .add_format(Format::OtTrace)
            .with_baggage()
            .build(),
    )
}

fn injected(cx: &Context) -> Vec<(String, String)> {
    let mut carrier = HashMap::new();
    propagator().inject_context(cx, &mut carrier);
    let mut pairs: Vec<_> = carrier.into_iter().collect();
    pairs.sort();
    pairs
}

#[test]
fn a_context_passes_whole() {
    // Lines apart, a key the API refuses, the random flag, baggage as it came.
    let incoming: &Lines = &[
        (
            "Traceparent",
            "00-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-03",
        ),
        ("tracestate", "rojo=1"),
        ("tracestate", "a@b@c=2"),
        ("baggage", "z=%c3%bc;p, a=1"),
        ("ot-baggage-user", "j%20d"),
    ];
    let cx = propagator().extract_with_context(&Context::new(), &Shows(incoming));
    assert_eq!(cx.span().span_context().trace_state().header(), "rojo=1");
    assert_eq!(cx.baggage().get("user").unwrap().as_str(), "j d");
    let sent = injected(&cx);
    let expected = [
        ("baggage", "z=%c3%bc;p,a=1,user=j%20d"),
        ("ot-baggage-a", "1"),
        ("ot-baggage-user", "j%20d"),
        ("ot-baggage-z", "%c3%bc"),
        ("ot-tracer-sampled", "true"),
        ("ot-tracer-spanid", "{parent}"),
        ("ot-tracer-traceid", "1110464cfa66635c"),
        ("traceparent", "00-{trace}-{parent}-03"),
        ("tracestate", "rojo=1,a@b@c=2"),
    ];
    assert_eq!(
        sent,
        expected.map(|(name, value)| (name.to_owned(), expand(value)))
    );
}

#[test]
fn nothing_found_changes_nothing() {
    let around = Context::new().with_remote_span_context(super::child(true));
    for incoming in [&[] as &Lines, &[("traceparent", "00-1-2-1")]] {
        let cx = propagator().extract_with_context(&around, &Shows(incoming));
        assert_eq!(cx.span().span_context(), around.span().span_context());
    }
    assert!(injected(&Context::new()).is_empty());
}

#[test]
fn the_fields_are_those_of_the_formats() {
    let propagator = propagator();
    let fields: Vec<_> = propagator.fields().collect();
    assert_eq!(
        fields,
        [
            "traceparent",
            "tracestate",
            "ot-tracer-traceid",
            "ot-tracer-spanid",
            "ot-tracer-sampled",
            "baggage"
        ]
    );
}
