//! Records for OpenTelemetry: the same fields as on the line, in the API's types.
//!
//! The logger is called on the thread that logs. What it logs itself must not come back to it, so a
//! nested event, a suppressed context, and what the libraries of an exporter log outside of any span
//! go to the lines alone.

use std::borrow::Cow;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::logs::{AnyValue, LogRecord, Logger, Severity as OtelSeverity};
use otel_core::context::is_context_alive;
use otel_core::opentelemetry::Context;
use otel_core::opentelemetry::trace::TraceContextExt;

use crate::capture::base64;
use crate::encode::keys;
use crate::ids::Request;
use crate::name::Name;
use crate::record::{Record, Target, Value};
use crate::severity::Severity;

/// Targets of the libraries an exporter is made of. Their tasks carry no context, so what they log
/// about sending a record would become a record to be sent.
const TRANSPORT: [&str; 9] = [
    "h2",
    "hyper",
    "hyper_util",
    "reqwest",
    "rustls",
    "tokio",
    "tokio_util",
    "tonic",
    "tower",
];

thread_local! {
    /// Without a destructor, so it outlives every thread-local that has one.
    static IS_EMITTING: Cell<bool> = const { Cell::new(false) };
}

/// Where records of OpenTelemetry go. Erases the logger.
pub(crate) trait Emitter: Send + Sync {
    fn is_enabled(&self, severity: OtelSeverity, target: &str, name: Option<&str>) -> bool;

    fn emit(&self, record: &Record, schema: Option<&'static Name>);
}

/// The one sink of OpenTelemetry records of a bridge.
pub(crate) struct OtelSink {
    emitter: Box<dyn Emitter>,
    schema: Option<&'static Name>,
    /// A logger that panicked is not called again.
    is_broken: AtomicBool,
}

impl OtelSink {
    pub(crate) fn new(emitter: Box<dyn Emitter>, schema: Option<&str>) -> Self {
        Self {
            emitter,
            schema: schema.and_then(Name::intern),
            is_broken: AtomicBool::new(false),
        }
    }

    /// Whether the logger has panicked.
    pub(crate) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Relaxed)
    }

    /// Gives a record to the logger, unless that would never end.
    pub(crate) fn take(&self, record: &Record) {
        let name = record.event_name.map(Name::text);
        let is_transport = record.correlation.span.is_none() && is_transport(record.target_text());
        if self.is_broken() || IS_EMITTING.get() || is_transport || !is_context_alive() {
            return;
        }
        if Context::is_current_telemetry_suppressed() {
            return;
        }
        let _emitting = Emitting::begin();
        let emitted = catch_unwind(AssertUnwindSafe(|| {
            let severity = severity(record.severity);
            if !self
                .emitter
                .is_enabled(severity, record.target_text(), name)
            {
                return;
            }
            // The SDK gives a record without a trace the one of the current context, which is not
            // the record's.
            let is_foreign = record.correlation.span.is_none()
                && Context::map_current(TraceContextExt::has_active_span);
            let _detached = is_foreign.then(|| Context::new().attach());
            self.emitter.emit(record, self.schema);
        }));
        if emitted.is_err() {
            self.is_broken.store(true, Ordering::Relaxed);
        }
    }
}

impl std::fmt::Debug for OtelSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OtelSink")
            .field("is_broken", &self.is_broken())
            .finish_non_exhaustive()
    }
}

impl<L> Emitter for L
where
    L: Logger + Send + Sync,
{
    fn is_enabled(&self, severity: OtelSeverity, target: &str, name: Option<&str>) -> bool {
        self.event_enabled(severity, target, name)
    }

    fn emit(&self, record: &Record, schema: Option<&'static Name>) {
        let mut log = self.create_log_record();
        log.set_timestamp(record.time);
        log.set_observed_timestamp(record.time);
        log.set_severity_number(severity(record.severity));
        log.set_severity_text(record.severity.text());
        if let Some(name) = record.event_name {
            log.set_event_name(name.text());
        }
        match record.target {
            Target::Static(name) => log.set_target(name.text()),
            Target::Text(text) => log.set_target(Cow::Owned(record.text(text).to_owned())),
            Target::Unknown => {}
        }
        if let Some(body) = record.body_text() {
            log.set_body(AnyValue::from(body.to_owned()));
        }
        if let Some(span) = &record.correlation.span {
            log.set_trace_context(span.trace_id, span.span_id, Some(span.flags));
        }
        let names = keys::names();
        match &record.correlation.request {
            Request::None => {}
            Request::Id(id) => {
                log.add_attribute(names.request_id.text(), id.as_str().to_owned());
            }
            Request::Fallback(id) => {
                log.add_attribute(names.correlation_id.text(), id.as_str().to_owned());
            }
        }
        for field in record.fields() {
            log.add_attribute(field.name.text(), any_value(record, field.value));
        }
        if record.dropped_fields > 0 {
            log.add_attribute(names.dropped_count.text(), i64::from(record.dropped_fields));
        }
        if let Some(schema) = schema {
            log.add_attribute(otel_core::semconv::LOG_SCHEMA, schema.text());
        }
        Logger::emit(self, log);
    }
}

fn any_value(record: &Record, value: Value) -> AnyValue {
    match value {
        Value::Int(value) => AnyValue::Int(value),
        Value::Float(value) => AnyValue::Double(value),
        Value::Bool(value) => AnyValue::Boolean(value),
        Value::Text(text) => AnyValue::from(record.text(text).to_owned()),
        Value::Bytes(text) => AnyValue::Bytes(Box::new(base64::decode(record.text(text)))),
    }
}

fn is_transport(target: &str) -> bool {
    let head = target.split("::").next().unwrap_or_default();
    TRANSPORT.contains(&head)
}

const fn severity(severity: Severity) -> OtelSeverity {
    match severity.number() {
        0 | 1 => OtelSeverity::Trace,
        2 => OtelSeverity::Trace2,
        3 => OtelSeverity::Trace3,
        4 => OtelSeverity::Trace4,
        5 => OtelSeverity::Debug,
        6 => OtelSeverity::Debug2,
        7 => OtelSeverity::Debug3,
        8 => OtelSeverity::Debug4,
        9 => OtelSeverity::Info,
        10 => OtelSeverity::Info2,
        11 => OtelSeverity::Info3,
        12 => OtelSeverity::Info4,
        13 => OtelSeverity::Warn,
        14 => OtelSeverity::Warn2,
        15 => OtelSeverity::Warn3,
        16 => OtelSeverity::Warn4,
        17 => OtelSeverity::Error,
        18 => OtelSeverity::Error2,
        19 => OtelSeverity::Error3,
        20 => OtelSeverity::Error4,
        21 => OtelSeverity::Fatal,
        22 => OtelSeverity::Fatal2,
        23 => OtelSeverity::Fatal3,
        _ => OtelSeverity::Fatal4,
    }
}

/// Marks this thread as inside of a logger.
struct Emitting;

impl Emitting {
    fn begin() -> Self {
        IS_EMITTING.set(true);
        Self
    }
}

impl Drop for Emitting {
    fn drop(&mut self) {
        IS_EMITTING.set(false);
    }
}
