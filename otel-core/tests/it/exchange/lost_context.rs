//! What of a context was refused, ignored or missing is counted.

use http::{HeaderMap, HeaderValue};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span};
use otel_core::exchange::{Exchange, Signals};
use otel_core::opentelemetry::trace::{SpanBuilder, TraceContextExt, Tracer, TracerProvider};
use otel_core::opentelemetry::{Context, InstrumentationScope};
use otel_core::outcome::Ending;
use otel_core::propagation::{Caller, Format, Propagator};
use otel_core::telemetry::{Telemetry, TelemetryBuilder};

use super::{faults, instrumentation};

const PARENT: (&str, &str) = (
    "traceparent",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
);

fn telemetry() -> TelemetryBuilder {
    let propagator = Propagator::builder()
        .add_format(Format::W3c)
        .add_format(Format::B3Single)
        .with_baggage()
        .build();
    Telemetry::builder().with_propagator(propagator)
}

fn answered(telemetry: &Telemetry, route: &str, lines: &[(&'static str, &'static str)]) {
    let mut headers = HeaderMap::new();
    for &(name, value) in lines {
        headers.append(name, HeaderValue::from_static(value));
    }
    let instrumentation = instrumentation(telemetry, Signals::ALL);
    Exchange::open(&instrumentation, instrumentation.operation(0, route))
        .arriving(telemetry.arrive(&Caller::new(&headers)))
        .start(|_attributes| {})
        .end(Ending::Complete);
}

#[test]
fn what_is_refused_is_counted_by_its_kind() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("context_malformed", &[("traceparent", "00-1-2-1")]),
        (
            "context_conflict",
            &[
                PARENT,
                ("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"),
            ],
        ),
        ("tracestate_discarded", &[PARENT, ("tracestate", "rojo=")]),
        ("baggage_discarded", &[PARENT, ("baggage", "a=1,b")]),
    ];
    for &(fault, lines) in cases {
        let telemetry = telemetry().build().unwrap();
        answered(&telemetry, "/r", lines);
        for (other, _) in cases {
            let expected = u64::from(*other == fault);
            assert_eq!(faults(&telemetry, other), expected, "{other} of {fault}");
        }
    }
}

#[test]
fn the_share_of_requests_without_a_caller_is_known_by_route() {
    let telemetry = telemetry().build().unwrap();
    for _ in 0..3 {
        answered(&telemetry, "/kept", &[PARENT]);
    }
    answered(&telemetry, "/stripped", &[]);
    {
        let around = Context::new().with_remote_span_context(
            telemetry
                .propagator()
                .extract(&HeaderMap::from_iter([(
                    http::HeaderName::from_static(PARENT.0),
                    HeaderValue::from_static(PARENT.1),
                )]))
                .into_span_context()
                .unwrap(),
        );
        let _current = around.attach();
        answered(&telemetry, "/stripped", &[]);
    }
    let snapshot = telemetry.registry().collect();
    let mut series: Vec<_> = snapshot
        .family("exchange_parents")
        .unwrap()
        .series()
        .map(|series| {
            (
                series.labels().to_owned(),
                series.value().as_counter().unwrap(),
            )
        })
        .collect();
    series.sort();
    let of = |kind: &str, route: &str, count| {
        (
            format!("exchange_parent=\"{kind}\",http_route=\"{route}\""),
            count,
        )
    };
    assert_eq!(
        series,
        [
            of("local", "/stripped", 1),
            of("none", "/stripped", 1),
            of("remote", "/kept", 3)
        ]
    );
}

/// A tracer that starts every span as a root, as one does that was given no context.
struct Forgetful(SdkTracerProvider);

struct ForgetfulTracer(SdkTracer);

impl TracerProvider for Forgetful {
    type Tracer = ForgetfulTracer;

    fn tracer_with_scope(&self, scope: InstrumentationScope) -> ForgetfulTracer {
        ForgetfulTracer(self.0.tracer_with_scope(scope))
    }
}

impl Tracer for ForgetfulTracer {
    type Span = Span;

    fn build_with_context(&self, builder: SpanBuilder, _parent: &Context) -> Span {
        self.0.build_with_context(builder, &Context::new())
    }
}

#[test]
fn a_parent_that_could_not_be_set_is_counted() {
    let provider = SdkTracerProvider::builder().build();
    let whole = telemetry()
        .with_tracer_provider(provider.clone())
        .build()
        .unwrap();
    answered(&whole, "/r", &[PARENT]);
    assert_eq!(faults(&whole, "parent_ignored"), 0);
    let torn = telemetry()
        .with_tracer_provider(Forgetful(provider))
        .build()
        .unwrap();
    answered(&torn, "/r", &[PARENT]);
    answered(&torn, "/r", &[]);
    assert_eq!(faults(&torn, "parent_ignored"), 1);
}
