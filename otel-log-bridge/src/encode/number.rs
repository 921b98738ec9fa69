//! Numbers as JSON.
//!
//! JSON has no number for what is not finite: it is written as a string, so that nothing is lost.

pub(crate) fn push_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
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
