//! Numbers as JSON.
//!
//! A record's integers are 64-bit and signed (OpenTelemetry `AnyValue`), and JSON has no number for
//! what is not finite: both are written as strings, so that nothing is rounded and nothing lost.

pub(crate) fn push_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

pub(crate) fn push_u64(out: &mut Vec<u8>, value: u64) {
    match i64::try_from(value) {
        Ok(value) => push_i64(out, value),
        Err(_) => push_quoted(out, itoa::Buffer::new().format(value)),
    }
}

pub(crate) fn push_i128(out: &mut Vec<u8>, value: i128) {
    match i64::try_from(value) {
        Ok(value) => push_i64(out, value),
        Err(_) => push_quoted(out, itoa::Buffer::new().format(value)),
    }
}

pub(crate) fn push_u128(out: &mut Vec<u8>, value: u128) {
    match i64::try_from(value) {
        Ok(value) => push_i64(out, value),
        Err(_) => push_quoted(out, itoa::Buffer::new().format(value)),
    }
}

/// The shortest digits that read back as the same number; names as in the proto3 JSON mapping.
pub(crate) fn push_f64(out: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    } else if value.is_nan() {
        push_quoted(out, "NaN");
    } else if value > 0.0 {
        push_quoted(out, "Infinity");
    } else {
        push_quoted(out, "-Infinity");
    }
}

fn push_quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}
