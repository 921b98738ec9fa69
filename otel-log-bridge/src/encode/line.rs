//! The order of a line, and the proof that it is bounded.
//!
//! Time, severity, body and ids come first, so that a line cut short by whatever carries it can
//! still be read and found.

use std::time::SystemTime;

use otel_core::semconv;

use super::time::Timestamps;
use super::{escape, keys, resource};
use crate::ids::{Correlation, SpanIds};
use crate::severity::Severity;

/// Longest line, with its newline.
pub(crate) const MAX_BYTES: usize = 64 * 1024;
/// Longest body, as written.
pub(crate) const MAX_BODY_BYTES: usize = 16 * 1024;
/// Longest value of a field, as written.
pub(crate) const MAX_VALUE_BYTES: usize = 4 * 1024;
/// Room for all fields of a line.
pub(crate) const MAX_FIELDS_BYTES: usize = 40 * 1024;
/// Fields of a line (OpenTelemetry, "Attribute limits": `AttributeCountLimit`).
pub(crate) const MAX_FIELDS: usize = 128;

/// The members that vary little: braces, timestamp, severity, ids, request id, dropped count.
const MAX_FIXED_BYTES: usize = 512;
const _: () = assert!(
    MAX_FIXED_BYTES
        + MAX_BODY_BYTES
        + MAX_FIELDS_BYTES
        + 2 * (keys::MAX_KEY_BYTES + 16)
        + 3 * escape::MARK_BYTES
        + resource::MAX_BYTES
        <= MAX_BYTES,
    "the parts of a line must fit the bound of a line"
);

/// The parts of one line. Bytes are whole members, each with the comma before it.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) time: SystemTime,
    pub(crate) severity: Severity,
    /// The inside of the body string; absent when the event has no message.
    pub(crate) body: Option<&'a [u8]>,
    pub(crate) correlation: &'a Correlation,
    pub(crate) event_name: &'a [u8],
    pub(crate) target: &'a [u8],
    pub(crate) fields: &'a [u8],
    pub(crate) dropped_fields: u64,
    pub(crate) resource: &'a [u8],
}

impl Parts<'_> {
    /// Replaces `line` by this line.
    pub(crate) fn write(&self, line: &mut Vec<u8>, timestamps: &mut Timestamps) {
        let Self {
            time,
            severity,
            body,
            correlation,
            event_name,
            target,
            fields,
            dropped_fields,
            resource,
        } = *self;
        line.clear();
        line.extend_from_slice(br#"{"timestamp":""#);
        timestamps.push(line, time);
        line.push(b'"');
        line.extend_from_slice(severity.members());
        if let Some(body) = body {
            line.extend_from_slice(br#","body":""#);
            line.extend_from_slice(body);
            line.push(b'"');
        }
        push_correlation(line, correlation);
        line.extend_from_slice(event_name);
        line.extend_from_slice(target);
        line.extend_from_slice(fields);
        if dropped_fields > 0 {
            keys::push_member(line, keys::DROPPED_FIELDS);
            line.extend_from_slice(itoa::Buffer::new().format(dropped_fields).as_bytes());
        }
        line.extend_from_slice(resource);
        line.extend_from_slice(b"}\n");
    }
}

fn push_correlation(line: &mut Vec<u8>, correlation: &Correlation) {
    let Correlation { span, request_id } = correlation;
    if let Some(SpanIds {
        trace_id,
        span_id,
        flags,
    }) = span
    {
        line.extend_from_slice(br#","trace_id":""#);
        push_hex(line, &trace_id.to_bytes());
        line.extend_from_slice(br#"","span_id":""#);
        push_hex(line, &span_id.to_bytes());
        line.extend_from_slice(br#"","trace_flags":""#);
        push_hex(line, &[flags.to_u8()]);
        line.push(b'"');
    }
    if let Some(request_id) = request_id {
        keys::push_member(line, semconv::REQUEST_ID);
        keys::push_text(line, request_id.as_str(), keys::MAX_KEY_BYTES);
    }
}

fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
    // Room for a trace id, the longest.
    let mut text = [0; 32];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
    }
    out.extend_from_slice(text.get(..2 * bytes.len()).unwrap_or_default());
}
