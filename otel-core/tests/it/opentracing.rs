//! Tags and log fields of OpenTracing, as tables.

use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use otel_core::opentelemetry::trace::{
    SpanBuilder, SpanKind, Status, TraceContextExt, Tracer, TracerProvider,
};
use otel_core::opentelemetry::{Context, Value};
use otel_core::opentracing::{LogEvent, Tags};
use otel_core::propagation::SamplingState;

/// A tag, and what is found: `name=value` of an attribute, or what else it becomes.
const TAGS: &[(&str, Given, &str)] = &[
    ("error", Given::Bool(true), "error"),
    ("error", Given::Bool(false), ""),
    ("error", Given::Text("true"), "error"),
    ("error", Given::Text("false"), ""),
    ("error", Given::Number(1), "error"),
    ("span.kind", Given::Text("client"), "Client"),
    ("span.kind", Given::Text("server"), "Server"),
    ("span.kind", Given::Text("producer"), "Producer"),
    ("span.kind", Given::Text("consumer"), "Consumer"),
    ("span.kind", Given::Text("else"), ""),
    ("sampling.priority", Given::Number(1), "Accept"),
    ("sampling.priority", Given::Number(0), "Deny"),
    ("sampling.priority", Given::Number(-1), ""),
    ("sampling.priority", Given::Text("2"), "Accept"),
    ("sampling.priority", Given::Text("high"), ""),
    (
        "peer.service",
        Given::Text("cart"),
        "service.peer.name=cart",
    ),
    ("peer.hostname", Given::Text("db"), "server.address=db"),
    (
        "peer.address",
        Given::Text("a:1"),
        "network.peer.address=a:1",
    ),
    (
        "peer.ipv4",
        Given::Text("127.0.0.1"),
        "network.peer.address=127.0.0.1",
    ),
    ("peer.ipv6", Given::Text("::1"), "network.peer.address=::1"),
    ("peer.port", Given::Text("80"), "network.peer.port=80"),
    ("component", Given::Text("jdbc"), "component=jdbc"),
    ("http.method", Given::Text("GET"), "http.request.method=GET"),
    ("http.url", Given::Text("http://a/"), "url.full=http://a/"),
    (
        "http.status_code",
        Given::Number(503),
        "http.response.status_code=503",
    ),
    (
        "http.status_code",
        Given::Text("503"),
        "http.response.status_code=503",
    ),
    (
        "http.status_code",
        Given::Text("oops"),
        "http.response.status_code=oops",
    ),
    (
        "db.statement",
        Given::Text("SELECT 1"),
        "db.query.text=SELECT 1",
    ),
    ("db.instance", Given::Text("shop"), "db.namespace=shop"),
    ("db.type", Given::Text("sql"), "db.system.name=sql"),
    ("db.user", Given::Text("root"), ""),
    (
        "message_bus.destination",
        Given::Text("q"),
        "messaging.destination.name=q",
    ),
    ("of.my.own", Given::Number(7), "of.my.own=7"),
];

#[derive(Clone, Copy, Debug)]
enum Given {
    Bool(bool),
    Number(i64),
    Text(&'static str),
}

impl From<Given> for Value {
    fn from(given: Given) -> Self {
        match given {
            Given::Bool(value) => value.into(),
            Given::Number(value) => value.into(),
            Given::Text(value) => value.into(),
        }
    }
}

#[test]
fn tags_are_what_they_are_called_now() {
    for &(name, given, expected) in TAGS {
        let tags = Tags::read([(name, given.into())]);
        let mut found: Vec<_> = tags
            .attributes()
            .iter()
            .map(|attribute| format!("{}={}", attribute.key, attribute.value))
            .collect();
        found.extend(tags.is_error().then(|| "error".to_owned()));
        found.extend(tags.kind().map(|kind| format!("{kind:?}")));
        found.extend(tags.sampling().map(|state| format!("{state:?}")));
        assert_eq!(found.join(" "), expected, "{name}={given:?}");
    }
}

#[test]
fn numbers_are_numbers() {
    let tags = Tags::read([("http.status_code", Value::from("503"))]);
    assert_eq!(tags.attributes()[0].value, Value::I64(503));
}

#[test]
fn the_last_of_two_tags_has_the_word() {
    let tags = Tags::read([
        ("error", Value::from(true)),
        ("peer.service", "a".into()),
        ("error", false.into()),
        ("peer.service", "b".into()),
        ("sampling.priority", 1.into()),
        ("sampling.priority", 0.into()),
    ]);
    assert!(!tags.is_error());
    assert_eq!(tags.sampling(), Some(SamplingState::Deny));
    assert_eq!(tags.attributes().len(), 1);
    assert_eq!(tags.attributes()[0].value.as_str(), "b");
}

/// Log fields, the name of the event, its attributes, and whether the span has failed.
const LOGS: &[(&[(&str, &str)], &str, &[&str], bool)] = &[
    (
        &[("event", "cache miss"), ("key", "k")],
        "cache miss",
        &["key=k"],
        false,
    ),
    (&[("message", "hello")], "log", &["message=hello"], false),
    (&[("event", "error")], "exception", &[], true),
    (
        &[
            ("event", "error"),
            ("error.kind", "Timeout"),
            ("message", "too late"),
            ("stack", "at f"),
        ],
        "exception",
        &[
            "exception.type=Timeout",
            "exception.stacktrace=at f",
            "exception.message=too late",
        ],
        true,
    ),
    (
        &[("error.object", "Timeout: too late")],
        "exception",
        &["exception.message=Timeout: too late"],
        true,
    ),
    (
        &[("error.object", "Timeout"), ("message", "too late")],
        "exception",
        &["exception.message=too late"],
        true,
    ),
];

#[test]
fn log_fields_are_events_and_errors_are_exceptions() {
    for &(fields, name, attributes, is_error) in LOGS {
        let fields = fields
            .iter()
            .map(|&(name, value)| (name, Value::from(value)));
        let event = LogEvent::read(fields);
        let found: Vec<_> = event
            .attributes()
            .iter()
            .map(|attribute| format!("{}={}", attribute.key, attribute.value))
            .collect();
        assert_eq!((event.name(), event.is_error()), (name, is_error));
        assert_eq!(found, attributes);
    }
}

#[test]
fn a_span_takes_it_all() {
    let spans = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(spans.clone())
        .build();
    let tracer = provider.tracer("test");
    let tags = Tags::read([
        ("span.kind", Value::from("client")),
        ("db.statement", "SELECT 1".into()),
    ]);
    let builder = tags.start(SpanBuilder::from_name("old"));
    let cx = Context::new().with_span(tracer.build_with_context(builder, &Context::new()));
    Tags::read([
        ("http.status_code", Value::from(500)),
        ("error", true.into()),
    ])
    .set_on(&cx.span());
    LogEvent::read([("event", Value::from("error"))]).add_to(&cx.span());
    cx.span().end();

    let [span] = &spans.get_finished_spans().unwrap()[..] else {
        panic!("one span");
    };
    assert_eq!(span.span_kind, SpanKind::Client);
    assert_eq!(span.status, Status::error(""));
    assert_eq!(span.attributes.len(), 2);
    assert_eq!(
        span.events
            .iter()
            .map(|event| event.name.as_ref())
            .collect::<Vec<_>>(),
        ["exception"]
    );
}
