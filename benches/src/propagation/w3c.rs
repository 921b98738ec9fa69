//! The trace context in HTTP headers.

use http::{HeaderMap, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use otel_core::propagation::Propagator;

use crate::harness::{Case, Comparison};

const EXTRACT: &str = "extract";
const EXTRACT_STATE: &str = "extract, tracestate of two";
const INJECT: &str = "inject";

pub(crate) fn comparison() -> Comparison {
    let mut cases = Vec::new();
    for (job, has_state) in [(EXTRACT, false), (EXTRACT_STATE, true)] {
        cases.push(Case::new(job, "otel-core, into a Context", move |meter| {
            let (propagator, headers) = (Propagator::w3c(), headers(has_state));
            meter.run(|| {
                let found = propagator.extract(&headers).into_span_context();
                Context::new().with_remote_span_context(found.expect("a context"))
            });
        }));
        cases.push(Case::new(
            job,
            "otel-core, Propagator alone",
            move |meter| {
                let (propagator, headers) = (Propagator::w3c(), headers(has_state));
                meter.run(|| propagator.extract(&headers));
            },
        ));
        cases.push(Case::new(job, "TraceContextPropagator", move |meter| {
            let (propagator, headers) = (TraceContextPropagator::new(), headers(has_state));
            meter.run(|| {
                let cx =
                    propagator.extract_with_context(&Context::new(), &HeaderExtractor(&headers));
                assert!(cx.span().span_context().is_valid());
                cx
            });
        }));
    }
    cases.push(Case::new(INJECT, "otel-core", |meter| {
        let (propagator, span_context) = (Propagator::w3c(), span_context());
        let mut headers = headers(false);
        meter.run(|| propagator.inject(&span_context, None, &mut headers));
    }));
    cases.push(Case::new(INJECT, "TraceContextPropagator", |meter| {
        let propagator = TraceContextPropagator::new();
        let cx = Context::new().with_remote_span_context(span_context());
        let mut headers = headers(false);
        meter.run(|| propagator.inject_context(&cx, &mut HeaderInjector(&mut headers)));
    }));
    Comparison {
        name: "propagation",
        operation: "W3C Trace Context, from or into a map of six headers",
        parts: 1,
        has_reference: false,
        counted: 5_000,
        cases,
    }
}

fn headers(has_state: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "shop.example"),
        ("user-agent", "curl/8.5.0"),
        ("accept", "*/*"),
        ("accept-encoding", "gzip"),
        ("x-request-id", "7b0c1f4e"),
        (
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if has_state {
        let state = HeaderValue::from_static("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
        headers.insert("tracestate", state);
    }
    headers
}

fn span_context() -> SpanContext {
    let found = Propagator::w3c().extract(&headers(false));
    found.into_span_context().expect("a valid header")
}
