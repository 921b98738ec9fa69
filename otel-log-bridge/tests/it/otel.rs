//! The record of OpenTelemetry, and that it says what the line says.

use std::error::Error;
use std::io;

use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLogRecord, SdkLoggerProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use otel_log_bridge::{CapturedLines, JsonSink, LogBridgeBuilder, LogGuard, Profile};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{PATIENCE, builder, parse};

pub(crate) struct Both {
    exporter: InMemoryLogExporter,
    _guard: LogGuard,
    lines: CapturedLines,
}

impl Both {
    /// What `log` logs, to both sinks.
    pub(crate) fn of(builder: LogBridgeBuilder, log: impl FnOnce()) -> Self {
        let exporter = InMemoryLogExporter::default();
        let provider = SdkLoggerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        let (sink, lines) = JsonSink::memory();
        let (layer, guard) = builder
            .with_json(sink)
            .with_otel(&provider)
            .build()
            .unwrap();
        let stack = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(stack, log);
        guard.flush(PATIENCE);
        Self {
            exporter,
            _guard: guard,
            lines,
        }
    }

    pub(crate) fn records(&self) -> Vec<SdkLogRecord> {
        let logs = self.exporter.get_emitted_logs().unwrap();
        logs.into_iter().map(|log| log.record).collect()
    }

    pub(crate) fn text(&self) -> Vec<String> {
        self.lines.lines()
    }

    pub(crate) fn lines(&self) -> Vec<Value> {
        self.lines.lines().iter().map(|line| parse(line)).collect()
    }
}

/// A record as a collector's view of it, in the keys of a line.
pub(crate) fn as_line(record: &SdkLogRecord) -> Value {
    let mut line = serde_json::Map::new();
    let mut put = |key: &str, value: Value| {
        assert!(line.insert(key.to_owned(), value).is_none(), "{key} twice");
    };
    if let Some(body) = record.body() {
        put("body", value(body));
    }
    put("severity_text", json!(record.severity_text().unwrap()));
    put(
        "severity_number",
        json!(record.severity_number().unwrap() as u8),
    );
    if let Some(target) = record.target() {
        put("target", json!(target));
    }
    if let Some(name) = record.event_name() {
        put("event_name", json!(name));
    }
    if let Some(trace) = record.trace_context() {
        put("trace_id", json!(trace.trace_id.to_string()));
        put("span_id", json!(trace.span_id.to_string()));
        put(
            "trace_flags",
            json!(format!("{:02x}", trace.trace_flags.unwrap().to_u8())),
        );
    }
    for (key, attribute) in record.attributes_iter() {
        put(key.as_str(), value(attribute));
    }
    let nanos = |time: std::time::SystemTime| {
        let since = time.duration_since(std::time::UNIX_EPOCH).unwrap();
        since.as_nanos().to_string()
    };
    assert_eq!(record.timestamp(), record.observed_timestamp());
    put("timestamp", json!(nanos(record.timestamp().unwrap())));
    Value::Object(line)
}

fn value(value: &AnyValue) -> Value {
    match value {
        AnyValue::Int(value) => json!(value),
        AnyValue::Double(value) if value.is_nan() => json!("NaN"),
        AnyValue::Double(value) if value.is_infinite() => {
            json!(if *value > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            })
        }
        AnyValue::Double(value) => json!(value),
        AnyValue::Boolean(value) => json!(value),
        AnyValue::String(value) => json!(value.as_str()),
        other => panic!("{other:?}"),
    }
}

/// The line without what the resource says, its timestamp as a number.
pub(crate) fn as_record(line: &Value) -> Value {
    let mut line = line.clone();
    let members = line.as_object_mut().unwrap();
    members.remove("service.name").unwrap();
    let stamp = members["timestamp"].as_str().unwrap();
    // The clock of these tests stands.
    assert_eq!(stamp, "2023-11-14T22:13:20.000000042Z");
    members.insert("timestamp".to_owned(), json!("1700000000000000042"));
    line
}

#[test]
fn the_record_and_the_line_say_the_same() {
    let tracer = SdkTracerProvider::builder().build().tracer("test");
    let both = Both::of(builder(), || {
        let _attached = Context::current_with_span(tracer.start("native")).attach();
        let _outer = tracing::info_span!("outer", tenant = "north", n = 1).entered();
        let error = io::Error::other("broken pipe");
        tracing::warn!(
            name: "order.refused",
            target: "shop::orders",
            order = 17,
            ratio = 0.25,
            nan = f64::NAN,
            infinite = f64::INFINITY,
            big = u64::MAX,
            huge = i128::MIN,
            ok = true,
            text = "a \"b\"\n\u{1b}",
            debug = ?vec![1, 2],
            password = "hunter2",
            error = &error as &(dyn Error + 'static),
            severity_number = 14,
            "refused: alice@example.com"
        );
        tracing::trace!("outside of what is named");
    });
    let (records, lines) = (both.records(), both.lines());
    assert_eq!((records.len(), lines.len()), (2, 2));
    for (record, line) in records.iter().zip(&lines) {
        assert_eq!(as_line(record), as_record(line));
    }
    let first = &records[0];
    assert_eq!(first.severity_number(), Some(Severity::Warn2));
    assert_eq!(first.severity_text(), Some("WARN2"));
    assert_eq!(first.event_name(), Some("order.refused"));
    assert_eq!(records[1].event_name(), None, "a default name is none");
    assert_eq!(lines[0]["exception.type"], "std::io::error::Error");
    assert_eq!(lines[0]["tenant"], "north");
}

#[test]
fn a_record_has_no_ids_but_its_own() {
    let tracer = SdkTracerProvider::builder().build().tracer("test");
    let both = Both::of(builder(), || {
        let _attached = Context::current_with_span(tracer.start("native")).attach();
        tracing::info!(parent: None, "of nothing");
        tracing::info!("of the context");
    });
    let ids: Vec<bool> = both
        .records()
        .iter()
        .map(|record| record.trace_context().is_some())
        .collect();
    assert_eq!(ids, [false, true]);
}

#[test]
fn what_a_transport_logs_on_its_own_is_not_sent() {
    let tracer = SdkTracerProvider::builder().build().tracer("test");
    let both = Both::of(builder(), || {
        tracing::debug!(target: "h2::codec", "send frame");
        tracing::error!(target: "hyper_util::client", "connection refused");
        tracing::error!(target: "opentelemetry_sdk", "queue full");
        tracing::info!(target: "h2o", "no transport");
        let suppressed = Context::enter_telemetry_suppressed_scope();
        tracing::info!("suppressed");
        drop(suppressed);
        let _attached = Context::current_with_span(tracer.start("native")).attach();
        tracing::warn!(target: "tonic::transport", "of a request");
    });
    let bodies: Vec<Value> = both
        .records()
        .iter()
        .map(|record| as_line(record)["body"].clone())
        .collect();
    assert_eq!(bodies, ["no transport", "of a request"]);
    assert_eq!(both.lines().len(), 6, "each is a line");
}

#[test]
fn a_logger_that_panics_costs_its_records_only() {
    struct Panics;
    impl opentelemetry::logs::LoggerProvider for Panics {
        type Logger = Self;
        fn logger_with_scope(&self, _: opentelemetry::InstrumentationScope) -> Self {
            Self
        }
    }
    impl opentelemetry::logs::Logger for Panics {
        type LogRecord = SdkLogRecord;
        fn create_log_record(&self) -> SdkLogRecord {
            panic!("on purpose")
        }
        fn emit(&self, _: SdkLogRecord) {}
        fn event_enabled(&self, _: Severity, _: &str, _: Option<&str>) -> bool {
            true
        }
    }
    let (sink, lines) = JsonSink::memory();
    let (layer, guard) = builder()
        .with_json(sink)
        .with_otel(&Panics)
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || {
        tracing::info!("a");
        tracing::info!("b");
    });
    guard.flush(PATIENCE);
    assert_eq!(lines.lines().len(), 2);
    assert!(guard.stats().is_otel_broken());
}

#[test]
fn a_bridge_without_lines_still_accounts_for_its_events() {
    let exporter = InMemoryLogExporter::default();
    let provider = SdkLoggerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let (layer, guard) = builder()
        .without_lines()
        .with_otel(&provider)
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || tracing::info!("a"));
    let report = guard.shutdown(PATIENCE);
    assert!(report.is_finished());
    assert_eq!(report.stats().events(), 1);
    assert_eq!(exporter.get_emitted_logs().unwrap().len(), 1);
}

#[test]
fn names_are_translated_on_all_sinks_or_on_one() {
    let exporter = InMemoryLogExporter::default();
    let provider = SdkLoggerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let (otel, otel_lines) = JsonSink::memory();
    let (datadog, datadog_lines) = JsonSink::memory();
    let profile = Profile::otel().with_names(otel_log_bridge::vocabulary::DATADOG);
    let (layer, guard) = builder()
        .with_names(otel_log_bridge::vocabulary::HTTP_OLD_TO_STABLE)
        .with_json(otel)
        .add_sink(datadog.with_profile(profile))
        .with_otel(&provider)
        .build()
        .unwrap();
    let stack = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(stack, || tracing::info!(http.status_code = 200, "a"));
    guard.flush(PATIENCE);
    let line = parse(&otel_lines.lines()[0]);
    assert_eq!(line["http.response.status_code"], 200);
    assert_eq!(line.get("http.status_code"), None);
    let record = &exporter.get_emitted_logs().unwrap()[0].record;
    assert_eq!(as_line(record)["http.response.status_code"], 200);
    let line = parse(&datadog_lines.lines()[0]);
    assert_eq!(
        (&line["http.status_code"], &line["service"]),
        (&json!(200), &json!("shop"))
    );
}
