//! Attributes as the registry reads labels: pairs of text.
//!
//! The API's values are typed and owned by the caller. Text is lent as it is, numbers are written
//! on the stack; only more attributes than a series can have, or very long arrays, go to the heap.

use std::array;
use std::borrow::Cow;

use opentelemetry::{KeyValue, Value};

use super::array_text;

/// Lends the attributes as pairs of name and text, in their order, duplicates and all: the registry
/// has rules for those.
#[inline]
pub(super) fn with_pairs<R>(attributes: &[KeyValue], read: impl FnOnce(&[(&str, &str)]) -> R) -> R {
    match attributes.len() {
        0 => read(&[]),
        1 => on_stack::<1, R>(attributes, read),
        2 => on_stack::<2, R>(attributes, read),
        3 => on_stack::<3, R>(attributes, read),
        4 => on_stack::<4, R>(attributes, read),
        5..=MAX_LABELS => on_stack::<MAX_LABELS, R>(attributes, read),
        _ => on_heap(attributes, read),
    }
}

/// For at most `N` attributes; a loop over exactly as many is one the compiler unrolls.
#[inline]
fn on_stack<const N: usize, R>(
    attributes: &[KeyValue],
    read: impl FnOnce(&[(&str, &str)]) -> R,
) -> R {
    let mut numbers: [Number; N] = array::from_fn(|_| Number::new());
    let mut pairs = [("", ""); N];
    for ((pair, attribute), number) in pairs.iter_mut().zip(attributes).zip(&mut numbers) {
        let value = match &attribute.value {
            Value::String(text) => Some(text.as_str()),
            other => number.write(other),
        };
        match value {
            Some(value) => *pair = (attribute.key.as_str(), value),
            None => return with_arrays(attributes, read),
        }
    }
    read(pairs.get(..attributes.len()).unwrap_or_default())
}

#[cold]
#[inline(never)]
fn with_arrays<R>(attributes: &[KeyValue], read: impl FnOnce(&[(&str, &str)]) -> R) -> R {
    let mut numbers: [Number; MAX_LABELS] = array::from_fn(|_| Number::new());
    let mut pairs = [("", ""); MAX_LABELS];
    let mut room = [0; ARRAY_BYTES];
    let mut room = room.as_mut_slice();
    for ((pair, attribute), number) in pairs.iter_mut().zip(attributes).zip(&mut numbers) {
        let value = match &attribute.value {
            Value::Array(array) => array_text::write_to_slice(array, &mut room),
            scalar => number.write(scalar),
        };
        match value {
            Some(value) => *pair = (attribute.key.as_str(), value),
            None => return on_heap(attributes, read),
        }
    }
    read(pairs.get(..attributes.len()).unwrap_or_default())
}

#[cold]
#[inline(never)]
fn on_heap<R>(attributes: &[KeyValue], read: impl FnOnce(&[(&str, &str)]) -> R) -> R {
    let values: Vec<_> = attributes.iter().map(|a| owned(&a.value)).collect();
    let names = attributes.iter().map(|attribute| attribute.key.as_str());
    let values = values.iter().map(|value| &**value);
    read(&names.zip(values).collect::<Vec<_>>())
}

fn owned(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Array(array) => Cow::Owned(array_text::to_string(array)),
        scalar => match Number::new().write(scalar) {
            Some(text) => Cow::Owned(text.to_owned()),
            // A type this version does not know.
            None => Cow::Owned(scalar.as_str().into_owned()),
        },
    }
}

/// Room for a number as text; costs nothing until it is used.
pub(super) struct Number {
    integer: itoa::Buffer,
    float: zmij::Buffer,
}

impl Number {
    pub(super) fn new() -> Self {
        Self {
            integer: itoa::Buffer::new(),
            float: zmij::Buffer::new(),
        }
    }

    /// The text of a value that is not an array.
    fn write<'a>(&'a mut self, value: &'a Value) -> Option<&'a str> {
        match value {
            Value::String(text) => Some(text.as_str()),
            Value::I64(n) => Some(self.integer(*n)),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            Value::F64(n) => Some(self.float(*n)),
            _ => None,
        }
    }

    pub(super) fn integer(&mut self, n: i64) -> &str {
        self.integer.format(n)
    }

    /// The shortest digits that read back as the number, without a point if it is whole; what is
    /// not finite as the OTel specification writes it ("Common: representing `AnyValue`").
    pub(super) fn float(&mut self, n: f64) -> &str {
        if n.is_nan() {
            "NaN"
        } else if n == f64::INFINITY {
            "Infinity"
        } else if n == f64::NEG_INFINITY {
            "-Infinity"
        } else {
            let text = self.float.format_finite(n);
            text.strip_suffix(".0").unwrap_or(text)
        }
    }
}

/// As many as a series can have at most.
const MAX_LABELS: usize = 16;
const ARRAY_BYTES: usize = 1_024;
