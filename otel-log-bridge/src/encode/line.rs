//! The order of a line, and the proof that it is bounded.
//!
//! Time, severity, body and ids come first, so that a line cut short by whatever carries it can
//! still be read and found.

use super::profile::{Encoder, Form, LevelStyle};
use super::time::Timestamps;
use super::{console, escape, keys, number, resource};
use crate::ids::{Request, SpanIds};
use crate::name;
use crate::record::{self, Record, Target, Text, Value};
use crate::severity::Severity;

/// Longest line, with its newline.
pub(crate) const MAX_BYTES: usize = 64 * 1024;
/// The members that vary little: braces, timestamp, severity, ids, request id, dropped count.
const MAX_FIXED_BYTES: usize = 1024;
const _: () = assert!(
    MAX_FIXED_BYTES
        + record::MAX_BODY_BYTES
        + record::MAX_VALUE_BYTES
        + 2 * (name::MAX_WRITTEN + 64)
        + 3 * escape::MARK_BYTES
        + resource::MAX_BYTES
        <= MAX_BYTES,
    "the parts of a line must fit the bound of a line"
);

impl Encoder {
    /// Replaces `line` by the line of a record. `resource` are the members of the resource.
    pub(crate) fn write(
        &self,
        record: &Record,
        resource: &[u8],
        line: &mut Vec<u8>,
        timestamps: &mut Timestamps,
    ) {
        line.clear();
        if self.profile.shape.form == Form::Console {
            console::write(self, record, resource, line, timestamps);
            return;
        }
        self.head(record, line, timestamps);
        // Fields that a longer spelling has made too many for the line give way, and are counted.
        let end = MAX_BYTES.saturating_sub(resource.len() + 128);
        let dropped = self.fields(record, line, end);
        if dropped > 0 {
            line.extend_from_slice(keys::names().dropped_count.member());
            number::push_i64(line, i64::from(dropped));
        }
        line.extend_from_slice(resource);
        line.extend_from_slice(b"}\n");
    }

    fn head(&self, record: &Record, line: &mut Vec<u8>, timestamps: &mut Timestamps) {
        let members = &self.members;
        let timestamp = members.timestamp.get(1..).unwrap_or_default();
        line.push(b'{');
        line.extend_from_slice(timestamp);
        line.push(b'"');
        timestamps.push(line, record.time);
        line.push(b'"');
        self.level(record.severity, line);
        if let Some(body) = record.body {
            line.extend_from_slice(&members.body);
            push_text(line, record, body);
        }
        line.extend_from_slice(self.profile.shape.constant.as_bytes());
        if let Some(span) = &record.correlation.span {
            self.span(span, line);
        }
        let (key, id) = match &record.correlation.request {
            Request::None => (&members.request_id, None),
            Request::Id(id) => (&members.request_id, Some(id)),
            Request::Fallback(id) => (&members.correlation_id, Some(id)),
        };
        if let Some(id) = id {
            line.extend_from_slice(key);
            line.push(b'"');
            // Of letters, digits and four signs that need no escape.
            line.extend_from_slice(id.as_str().as_bytes());
            line.push(b'"');
        }
        if let Some(name) = record.event_name {
            line.extend_from_slice(&members.event_name);
            line.extend_from_slice(name.quoted());
        }
        match record.target {
            Target::Static(name) => {
                line.extend_from_slice(&members.target);
                line.extend_from_slice(name.quoted());
            }
            Target::Text(text) => {
                line.extend_from_slice(&members.target);
                push_text(line, record, text);
            }
            Target::Unknown => {}
        }
    }

    fn level(&self, severity: Severity, line: &mut Vec<u8>) {
        line.extend_from_slice(&self.members.level);
        line.push(b'"');
        let text = match self.profile.shape.level {
            LevelStyle::Otel => severity.text(),
            LevelStyle::Lower => crate::severity::RANGE_NAMES
                .get(severity.range())
                .copied()
                .unwrap_or("fatal"),
            LevelStyle::Gcp => ["DEBUG", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
                .get(severity.range())
                .copied()
                .unwrap_or("DEFAULT"),
        };
        line.extend_from_slice(text.as_bytes());
        line.push(b'"');
        if !self.members.severity_number.is_empty() {
            line.extend_from_slice(&self.members.severity_number);
            number::push_i64(line, i64::from(severity.number()));
        }
    }

    fn span(&self, span: &SpanIds, line: &mut Vec<u8>) {
        let SpanIds {
            trace_id,
            span_id,
            flags,
            has_ended: _,
        } = span;
        line.extend_from_slice(&self.members.trace_id);
        line.push(b'"');
        line.extend_from_slice(self.profile.shape.trace_prefix.as_bytes());
        push_hex(line, &trace_id.to_bytes());
        line.push(b'"');
        line.extend_from_slice(&self.members.span_id);
        line.push(b'"');
        push_hex(line, &span_id.to_bytes());
        line.push(b'"');
        if self.members.trace_flags.is_empty() {
            return;
        }
        line.extend_from_slice(&self.members.trace_flags);
        if self.profile.shape.has_sampled_flag {
            let sampled: &[u8] = if flags.is_sampled() {
                b"true"
            } else {
                b"false"
            };
            line.extend_from_slice(sampled);
        } else {
            line.push(b'"');
            push_hex(line, &[flags.to_u8()]);
            line.push(b'"');
        }
    }

    /// Writes the fields and says how many a record has that are not there.
    fn fields(&self, record: &Record, line: &mut Vec<u8>, end: usize) -> u32 {
        let mut dropped = record.dropped_fields;
        let fields = record.fields();
        let mut seen = 0_u64;
        for (at, field) in fields.iter().enumerate() {
            let Some(name) = self.name(field.name) else {
                dropped += 1;
                continue;
            };
            if !self.is_identity() {
                // Two names may have been given the same one. The first stands.
                let before = fields.get(..at).unwrap_or_default();
                let is_twin = |other: &record::Field| self.name(other.name) == Some(name);
                if seen & name.bit() != 0 && before.iter().any(is_twin) {
                    dropped += 1;
                    continue;
                }
                seen |= name.bit();
            }
            let start = line.len();
            line.extend_from_slice(name.member());
            push_value(line, record, field.value);
            if line.len() > end {
                line.truncate(start);
                dropped += 1;
            }
        }
        dropped
    }

    /// Whether the head has this key.
    pub(crate) fn is_head(&self, name: &str) -> bool {
        self.profile.shape.head.all().contains(&name)
    }

    /// The name a fact of the resource is written under.
    pub(crate) fn spelled(&self, name: &str) -> String {
        self.profile.spell(name)
    }
}

pub(super) fn push_value(line: &mut Vec<u8>, record: &Record, value: Value) {
    match value {
        Value::Int(value) => number::push_i64(line, value),
        Value::Float(value) => number::push_f64(line, value),
        Value::Bool(true) => line.extend_from_slice(b"true"),
        Value::Bool(false) => line.extend_from_slice(b"false"),
        Value::Text(text) | Value::Bytes(text) => push_text(line, record, text),
    }
}

pub(super) fn push_text(line: &mut Vec<u8>, record: &Record, text: Text) {
    line.push(b'"');
    let inside = record.text(text);
    if text.may_escape {
        escape::push(line, inside);
    } else {
        line.extend_from_slice(inside.as_bytes());
    }
    line.push(b'"');
}

pub(super) fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
    // Room for a trace id, the longest.
    let mut text = [0; 32];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
    }
    out.extend_from_slice(text.get(..2 * bytes.len()).unwrap_or_default());
}
