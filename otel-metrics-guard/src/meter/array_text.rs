//! Arrays as label values: JSON, the form that the OTel specification gives them where only text is
//! possible ("Common: attribute mapping for non-OTLP formats").

use std::fmt::{self, Write};
use std::mem;

use opentelemetry::{Array, StringValue};

use super::attributes::Number;

/// Writes an array to the front of `room` and takes that part off; `None` when it does not fit.
pub(super) fn write_to_slice<'r>(array: &Array, room: &mut &'r mut [u8]) -> Option<&'r str> {
    let mut slice = Slice {
        bytes: mem::take(room),
        len: 0,
    };
    let written = write(&mut slice, array);
    let (text, rest) = slice.bytes.split_at_mut_checked(slice.len)?;
    *room = rest;
    written.ok()?;
    str::from_utf8(text).ok()
}

pub(super) fn to_string(array: &Array) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text, array);
    text
}

fn write(out: &mut impl Write, array: &Array) -> fmt::Result {
    let number = &mut Number::new();
    match array {
        Array::Bool(values) => list(out, values, |out, value| write!(out, "{value}")),
        Array::I64(values) => list(out, values, |out, n| out.write_str(number.integer(*n))),
        Array::F64(values) => list(out, values, |out, n| match number.float(*n) {
            word if n.is_finite() => out.write_str(word),
            word => string(out, word),
        }),
        Array::String(values) => list(out, values, |out, text: &StringValue| {
            string(out, text.as_str())
        }),
        // A type this version does not know.
        other => write!(out, "{other}"),
    }
}

fn list<W: Write, T>(
    out: &mut W,
    values: &[T],
    mut write: impl FnMut(&mut W, &T) -> fmt::Result,
) -> fmt::Result {
    out.write_char('[')?;
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.write_char(',')?;
        }
        write(out, value)?;
    }
    out.write_char(']')
}

fn string(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.write_char('\\')?;
                out.write_char(c)?;
            }
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            c if c < ' ' => write!(out, "\\u{:04x}", u32::from(c))?,
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
}

struct Slice<'r> {
    bytes: &'r mut [u8],
    len: usize,
}

impl Write for Slice<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let place = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_json() {
        let texts =
            |texts: &[&'static str]| Array::String(texts.iter().map(|t| (*t).into()).collect());
        for (array, expected) in [
            (Array::Bool(vec![true, false]), "[true,false]"),
            (Array::I64(vec![1, -2]), "[1,-2]"),
            (
                Array::F64(vec![0.5, 2.0, f64::NAN, f64::NEG_INFINITY]),
                r#"[0.5,2,"NaN","-Infinity"]"#,
            ),
            (texts(&[]), "[]"),
            (texts(&["a", "b,c"]), r#"["a","b,c"]"#),
            (
                texts(&["q\"\\\n\r\t\u{1}é"]),
                "[\"q\\\"\\\\\\n\\r\\t\\u0001é\"]",
            ),
        ] {
            assert_eq!(to_string(&array), expected);
            let mut bytes = [0; 64];
            let room = &mut bytes.as_mut_slice();
            assert_eq!(write_to_slice(&array, room), Some(expected));
            assert_eq!(room.len(), 64 - expected.len());
            let mut short = vec![0; expected.len() - 1];
            assert_eq!(write_to_slice(&array, &mut short.as_mut_slice()), None);
        }
    }
}
