//! The keys of a line.
//!
//! Top-level names are those of the OpenTelemetry log data model, in the spelling its
//! specification fixes for trace context outside OTLP.

use otel_core::semconv;

use super::escape::{self, Escaped};

pub(crate) const EVENT_NAME: &str = "event_name";
pub(crate) const TARGET: &str = "target";
pub(crate) const EXCEPTION_MESSAGE: &str = "exception.message";
/// OpenTelemetry, "Mapping to non-OTLP formats": attributes a limit left out.
pub(crate) const DROPPED_FIELDS: &str = "otel.dropped_attributes_count";

/// The facts of the resource a line repeats, in this order.
pub(crate) const RESOURCE: [&str; 5] = [
    semconv::SERVICE_NAME,
    semconv::SERVICE_NAMESPACE,
    semconv::SERVICE_VERSION,
    semconv::SERVICE_INSTANCE_ID,
    semconv::DEPLOYMENT_ENVIRONMENT_NAME,
];

const RECORD: [&str; 15] = [
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
    EVENT_NAME,
    TARGET,
    "resource",
    "scope",
    "attributes",
];

/// Longest key, target or event name, in bytes as written. They are static, so this is for the
/// proof that a line is bounded, not for daily use.
pub(crate) const MAX_KEY_BYTES: usize = 256;

/// Whether only the bridge may write this key.
pub(crate) fn is_reserved(name: &str) -> bool {
    RECORD.contains(&name) || RESOURCE.contains(&name) || name == DROPPED_FIELDS
}

/// `,"name":`.
pub(crate) fn member(name: &str) -> Box<[u8]> {
    let mut out = Vec::new();
    push_member(&mut out, name);
    out.into()
}

/// `,"name":"text"`.
pub(crate) fn text_member(name: &str, text: &str) -> Box<[u8]> {
    let mut out = Vec::new();
    push_member(&mut out, name);
    push_text(&mut out, text, MAX_KEY_BYTES);
    out.into()
}

pub(crate) fn push_member(out: &mut Vec<u8>, name: &str) {
    out.push(b',');
    push_text(out, name, MAX_KEY_BYTES);
    out.push(b':');
}

/// A string, quoted, of at most `limit` bytes before the mark of truncation.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str, limit: usize) -> escape::Cut {
    out.push(b'"');
    let mut escaped = Escaped::new(out, limit);
    escaped.push(text);
    let cut = escaped.finish();
    out.push(b'"');
    cut
}
