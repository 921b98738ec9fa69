//! The order of a line, and the proof that it is bounded.
//!
//! Time, severity, body and ids come first, so that a line cut short by whatever carries it can
//! still be read and found.

use super::profile::{Encoder, Form};
use super::time::Timestamps;
use super::{console, escape, keys, number, resource};
use crate::ids::{Request, SpanIds};
use crate::name::{self, Name};
use crate::record::{self, Record, Target, Text, Value};

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
    }

    fn head(&self, record: &Record, line: &mut Vec<u8>, timestamps: &mut Timestamps) {
        let members = &self.members;
        line.extend_from_slice(&members.timestamp);
        line.extend_from_slice(&timestamps.stamp(record.time));
        let level = usize::from(record.severity.number()).saturating_sub(1);
        line.extend_from_slice(members.levels.get(level).map_or(b"\"", |level| level));
        if let Some(body) = record.body {
            line.extend_from_slice(&members.body);
            close_text(line, record, body);
        }
        if !self.profile.shape.constant.is_empty() {
            line.extend_from_slice(self.profile.shape.constant.as_bytes());
        }
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
                line.push(b'"');
                close_text(line, record, text);
            }
            Target::Unknown => {}
        }
    }

    fn span(&self, span: &SpanIds, line: &mut Vec<u8>) {
        let SpanIds {
            trace_id,
            span_id,
            flags,
            has_ended: _,
        } = span;
        let start = line.len();
        line.extend_from_slice(&self.members.span);
        let [trace, id, flag] = self.members.digits;
        let Some(written) = line.get_mut(start..) else {
            return;
        };
        fill_hex(
            written.get_mut(trace..).unwrap_or_default(),
            &trace_id.to_bytes(),
        );
        fill_hex(
            written.get_mut(id..).unwrap_or_default(),
            &span_id.to_bytes(),
        );
        if self.profile.shape.has_sampled_flag {
            let sampled: &[u8] = if flags.is_sampled() {
                b"true"
            } else {
                b"false"
            };
            line.extend_from_slice(sampled);
        } else if flag > 0 {
            let [.., high, low] = hex(u32::from(flags.to_u8()));
            if let Some([first, second]) = written.get_mut(flag..flag + 2) {
                (*first, *second) = (high, low);
            }
        }
    }

    /// Writes the fields and says how many a record has that are not there.
    fn fields(&self, record: &Record, line: &mut Vec<u8>, end: usize) -> u32 {
        line.extend_from_slice(record.lent_members());
        if self.is_identity() && line.len() + record.fields_bytes() <= end {
            push_fields(record, line);
            return record.dropped_fields;
        }
        let mut dropped = record.dropped_fields;
        let fields = record.fields();
        let mut seen = 0_u64;
        for (at, field) in fields.iter().enumerate() {
            let Some(name) = self.name(field.name) else {
                dropped += 1;
                continue;
            };
            // Two names may have been given the same one. The first stands.
            let before = fields.get(..at).unwrap_or_default();
            let is_twin = |other: &record::Field| self.name(other.name) == Some(name);
            let is_known = !self.is_identity() && seen & name.bit() != 0;
            if is_known && before.iter().any(is_twin) {
                dropped += 1;
                continue;
            }
            seen |= name.bit();
            let start = line.len();
            push_field(line, record, name, field.value);
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

/// Appends the fields of a record as members under their own names.
pub(crate) fn push_fields(record: &Record, line: &mut Vec<u8>) {
    for field in record.fields() {
        push_field(line, record, field.name, field.value);
    }
}

#[inline]
fn push_field(line: &mut Vec<u8>, record: &Record, name: &'static Name, value: Value) {
    match value {
        Value::Text(text) | Value::Bytes(text) => {
            line.extend_from_slice(name.opened());
            close_text(line, record, text);
        }
        Value::Int(value) => {
            line.extend_from_slice(name.member());
            number::push_i64(line, value);
        }
        Value::Float(value) => {
            line.extend_from_slice(name.member());
            number::push_f64(line, value);
        }
        Value::Bool(value) => {
            line.extend_from_slice(name.member());
            line.extend_from_slice(if value { b"true" } else { b"false" });
        }
    }
}

/// The inside of a string and its end.
fn close_text(line: &mut Vec<u8>, record: &Record, text: Text) {
    let inside = record.text(text);
    if text.may_escape {
        escape::push(line, inside);
    } else {
        line.extend_from_slice(inside.as_bytes());
    }
    line.push(b'"');
}

/// Overwrites the start of `out` with the digits of `bytes`, of which there are four, or some times
/// four.
pub(super) fn fill_hex(out: &mut [u8], bytes: &[u8]) {
    for (digits, bytes) in out.chunks_exact_mut(8).zip(bytes.chunks_exact(4)) {
        if let [a, b, c, d] = *bytes {
            digits.copy_from_slice(&hex(u32::from_be_bytes([a, b, c, d])));
        }
    }
}

/// Eight digits at once: the nibbles are spread over the bytes of a word, and what is above nine is
/// moved on to the letters.
const fn hex(value: u32) -> [u8; 8] {
    let halves = (value as u64 | (value as u64) << 16) & 0x0000_ffff_0000_ffff;
    let bytes = (halves | halves << 8) & 0x00ff_00ff_00ff_00ff;
    let nibbles = (bytes | bytes << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    let letters = ((nibbles + 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101;
    (nibbles + 0x3030_3030_3030_3030 + letters * 0x27).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_standard_library() {
        for value in [0, 1, 0x9abc_def0, 0x0123_4567, u32::MAX, 0x0a0b_9f90] {
            assert_eq!(&hex(value), format!("{value:08x}").as_bytes());
        }
    }
}
