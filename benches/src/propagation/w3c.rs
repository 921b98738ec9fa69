//! W3C Trace Context alone, with a state, and beside B3 that disagrees.

use http::{HeaderMap, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceState as OtelTraceState};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_propagator_b3::Propagator as B3Propagator;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use otel_core::propagation::{Format, Propagator, TextMap, TraceState};

use super::{headers, span_context};
use crate::harness::Case;

const EXTRACT: &str = "extract";
const EXTRACT_STATE: &str = "extract, tracestate of two";
const EXTRACT_CONFLICT: &str = "extract, B3 disagrees";
const INJECT: &str = "inject";
const INJECT_STATE: &str = "inject, tracestate of two";
const STATE: &str = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (job, make) in [
        (EXTRACT, headers as fn() -> HeaderMap),
        (EXTRACT_STATE, with_state),
    ] {
        extracts(
            &mut cases,
            job,
            Propagator::w3c,
            TraceContextPropagator::new,
            make,
        );
    }
    let ordered = || Propagator::ordered([Format::W3c, Format::B3Single]);
    let composite = || {
        TextMapCompositePropagator::new(vec![
            Box::new(B3Propagator::new()),
            Box::new(TraceContextPropagator::new()),
        ])
    };
    extracts(&mut cases, EXTRACT_CONFLICT, ordered, composite, with_other);

    for (job, state) in [(INJECT, None), (INJECT_STATE, Some(STATE))] {
        cases.push(Case::new(job, "otel-core", move |meter| {
            let (propagator, span_context) = (Propagator::w3c(), span_context());
            let state = state.map(|text| TraceState::parse(text.as_bytes()).expect("a list"));
            let state = state.flatten();
            let mut headers = headers();
            meter.run(|| propagator.inject(&span_context, state.as_ref(), &mut headers));
        }));
        cases.push(Case::new(job, "TraceContextPropagator", move |meter| {
            let propagator = TraceContextPropagator::new();
            let cx = Context::new().with_remote_span_context(in_context(state));
            let mut headers = headers();
            meter.run(|| propagator.inject_context(&cx, &mut HeaderInjector(&mut headers)));
        }));
    }
    cases
}

fn extracts<P: TextMapPropagator>(
    cases: &mut Vec<Case>,
    job: &'static str,
    ours: impl Fn() -> Propagator + Copy + 'static,
    stock: impl Fn() -> P + 'static,
    make: fn() -> HeaderMap,
) {
    cases.push(Case::new(job, "otel-core", move |meter| {
        let (propagator, headers) = (ours(), make());
        meter.run(|| propagator.extract(&headers));
    }));
    cases.push(Case::new(job, "otel-core, into a Context", move |meter| {
        let (propagator, headers) = (ours(), make());
        meter.run(|| {
            let found = propagator.extract(&headers).to_parent();
            Context::new().with_remote_span_context(found.expect("a context"))
        });
    }));
    cases.push(Case::new(job, "otel-core, TextMap", move |meter| {
        let (propagator, headers) = (TextMap::new(ours()), make());
        meter.run(|| propagator.extract_with_context(&Context::new(), &HeaderExtractor(&headers)));
    }));
    cases.push(Case::new(job, "opentelemetry", move |meter| {
        let (propagator, headers) = (stock(), make());
        meter.run(|| {
            let cx = propagator.extract_with_context(&Context::new(), &HeaderExtractor(&headers));
            assert!(cx.span().span_context().is_valid());
            cx
        });
    }));
}

fn with_state() -> HeaderMap {
    let mut headers = headers();
    headers.insert("tracestate", HeaderValue::from_static(STATE));
    headers
}

fn with_other() -> HeaderMap {
    let mut headers = headers();
    let other = "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1";
    headers.insert("b3", HeaderValue::from_static(other));
    headers
}

fn in_context(state: Option<&str>) -> SpanContext {
    let state = state.map_or(OtelTraceState::NONE, |text| text.parse().expect("a list"));
    let plain = span_context();
    SpanContext::new(
        plain.trace_id(),
        plain.span_id(),
        plain.trace_flags(),
        true,
        state,
    )
}
