//! Lines for people at a terminal.
//!
//! `2026-11-21T04:00:00.000Z  INFO [shop,0af7…,00f0…] shop::orders: accepted order=17`. Still one
//! record to a line, and nothing in it can drive the terminal.

use super::line::fill_hex;
use super::number;
use super::profile::Encoder;
use super::time::Timestamps;
use super::{escape, keys};
use crate::ids::Request;
use crate::record::{Record, Value};

/// Colours by range of severity: dim, cyan, green, yellow, red, bold red.
const COLORS: [&str; 6] = ["2", "36", "32", "33", "31", "1;31"];

pub(super) fn write(
    encoder: &Encoder,
    record: &Record,
    service: &[u8],
    line: &mut Vec<u8>,
    timestamps: &mut Timestamps,
) {
    let stamp = timestamps.stamp(record.time);
    // Milliseconds are enough to read by.
    line.extend_from_slice(stamp.get(..23).unwrap_or_default());
    line.extend_from_slice(b"Z ");
    let color = COLORS.get(record.severity.range()).copied();
    let color = color.filter(|_| encoder.profile.shape.has_color);
    if let Some(color) = color {
        line.extend_from_slice(b"\x1b[");
        line.extend_from_slice(color.as_bytes());
        line.push(b'm');
    }
    let level = record.severity.text();
    line.extend_from_slice(
        "     "
            .get(level.len().min(5)..)
            .unwrap_or_default()
            .as_bytes(),
    );
    line.extend_from_slice(level.as_bytes());
    if color.is_some() {
        line.extend_from_slice(b"\x1b[0m");
    }
    line.extend_from_slice(b" [");
    line.extend_from_slice(service);
    line.push(b',');
    if let Some(span) = &record.correlation.span {
        let mut hex = [0; 32];
        fill_hex(&mut hex, &span.trace_id.to_bytes());
        line.extend_from_slice(&hex);
        line.push(b',');
        fill_hex(&mut hex, &span.span_id.to_bytes());
        line.extend_from_slice(hex.get(..16).unwrap_or_default());
    } else {
        line.push(b',');
    }
    line.extend_from_slice(b"] ");
    push(line, record.target_text());
    line.push(b':');
    if let Some(name) = record.event_name {
        line.push(b' ');
        push(line, name.text());
    }
    if let Some(body) = record.body_text() {
        line.push(b' ');
        push(line, body);
    }
    match &record.correlation.request {
        Request::None => {}
        Request::Id(id) => pair(line, keys::names().request_id.text(), id.as_str()),
        Request::Fallback(id) => pair(line, keys::names().correlation_id.text(), id.as_str()),
    }
    for field in record.fields() {
        line.push(b' ');
        push(line, field.name.text());
        line.push(b'=');
        match field.value {
            Value::Int(value) => number::push_i64(line, value),
            Value::Float(value) => number::push_f64(line, value),
            Value::Bool(value) => line.extend_from_slice(value.to_string().as_bytes()),
            Value::Text(text) | Value::Bytes(text) => {
                let text = record.text(text);
                let is_plain = !text.is_empty() && !text.contains([' ', '"', '=']);
                if is_plain {
                    push(line, text);
                } else {
                    line.push(b'"');
                    escape::push(line, text);
                    line.push(b'"');
                }
            }
        }
    }
    if record.dropped_fields > 0 {
        line.extend_from_slice(b" (");
        number::push_i64(line, i64::from(record.dropped_fields));
        line.extend_from_slice(b" fields dropped)");
    }
    line.push(b'\n');
}

fn pair(line: &mut Vec<u8>, name: &str, value: &str) {
    line.push(b' ');
    push(line, name);
    line.push(b'=');
    push(line, value);
}

/// Text as it is, but for what a terminal would obey.
fn push(line: &mut Vec<u8>, text: &str) {
    let mut bytes = [0; 4];
    for c in text.chars() {
        let c_bytes = c.encode_utf8(&mut bytes);
        if escape::is_escaped(c) {
            escape::push(line, c_bytes);
        } else {
            line.extend_from_slice(c_bytes.as_bytes());
        }
    }
}
