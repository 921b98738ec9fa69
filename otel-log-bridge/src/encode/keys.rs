//! The keys that only the bridge may write.
//!
//! Top-level names are those of the OpenTelemetry log data model, in the spelling its
//! specification fixes for trace context outside OTLP.

use std::sync::LazyLock;

use otel_core::semconv;

use crate::name::Name;

pub(crate) const EVENT_NAME: &str = "event_name";
pub(crate) const TARGET: &str = "target";
/// A field that keeps its event whatever sampling says.
pub(crate) const AUDIT: &str = "audit";

/// The facts of the resource a line repeats, in this order.
pub(crate) const RESOURCE: [&str; 5] = [
    semconv::SERVICE_NAME,
    semconv::SERVICE_NAMESPACE,
    semconv::SERVICE_VERSION,
    semconv::SERVICE_INSTANCE_ID,
    semconv::DEPLOYMENT_ENVIRONMENT_NAME,
];

const RECORD: [&str; 16] = [
    "timestamp",
    "observed_timestamp",
    "severity_text",
    "severity_number",
    "body",
    "message",
    "trace_id",
    "span_id",
    "trace_flags",
    semconv::REQUEST_ID,
    semconv::CORRELATION_ID,
    EVENT_NAME,
    TARGET,
    "resource",
    "scope",
    "attributes",
];

/// Written by the bridge into the fields of a record, or to its end.
const MARKS: [&str; 5] = [
    semconv::OTEL_DROPPED_ATTRIBUTES_COUNT,
    semconv::LOG_AFTER_SPAN_END,
    semconv::LOG_SUPPRESSED_COUNT,
    semconv::LOG_SAMPLING_PROBABILITY,
    semconv::LOG_SCHEMA,
];

/// Whether only the bridge may write this key.
pub(crate) fn is_reserved(name: &str) -> bool {
    RECORD.contains(&name) || RESOURCE.contains(&name) || MARKS.contains(&name)
}

/// Every key that only the bridge may write.
pub(crate) fn own_keys() -> impl Iterator<Item = &'static str> {
    RECORD.into_iter().chain(RESOURCE).chain(MARKS)
}

/// Whether the bridge derives fields of this name, so that no schema has to declare them.
pub(crate) fn is_own_field(name: &str) -> bool {
    let derived = ["exception.", "code.", "thread.", "error.type", "exchange."];
    name == AUDIT || is_reserved(name) || derived.iter().any(|own| name.starts_with(own))
}

/// Names the bridge writes as fields.
#[derive(Debug)]
pub(crate) struct OwnNames {
    pub(crate) exception_message: &'static Name,
    pub(crate) exception_type: &'static Name,
    pub(crate) exception_stacktrace: &'static Name,
    pub(crate) code_file_path: &'static Name,
    pub(crate) code_line_number: &'static Name,
    pub(crate) code_function_name: &'static Name,
    pub(crate) thread_name: &'static Name,
    pub(crate) after_span_end: &'static Name,
    pub(crate) suppressed_count: &'static Name,
    pub(crate) sampling_probability: &'static Name,
    pub(crate) audit: &'static Name,
    pub(crate) request_id: &'static Name,
    pub(crate) correlation_id: &'static Name,
    pub(crate) dropped_count: &'static Name,
}

/// The names the bridge writes as fields.
pub(crate) fn names() -> &'static OwnNames {
    static NAMES: LazyLock<OwnNames> = LazyLock::new(|| OwnNames {
        exception_message: Name::own(semconv::EXCEPTION_MESSAGE),
        exception_type: Name::own(semconv::EXCEPTION_TYPE),
        exception_stacktrace: Name::own(semconv::EXCEPTION_STACKTRACE),
        code_file_path: Name::own(semconv::CODE_FILE_PATH),
        code_line_number: Name::own(semconv::CODE_LINE_NUMBER),
        code_function_name: Name::own(semconv::CODE_FUNCTION_NAME),
        thread_name: Name::own(semconv::THREAD_NAME),
        after_span_end: Name::own(semconv::LOG_AFTER_SPAN_END),
        suppressed_count: Name::own(semconv::LOG_SUPPRESSED_COUNT),
        sampling_probability: Name::own(semconv::LOG_SAMPLING_PROBABILITY),
        audit: Name::own(AUDIT),
        request_id: Name::own(semconv::REQUEST_ID),
        correlation_id: Name::own(semconv::CORRELATION_ID),
        dropped_count: Name::own(semconv::OTEL_DROPPED_ATTRIBUTES_COUNT),
    });
    &NAMES
}
