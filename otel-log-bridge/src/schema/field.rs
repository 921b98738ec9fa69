//! What one field is declared to be.

use std::ops::RangeInclusive;

use super::Drift;
use crate::record::{Record, Value};

/// The type of a declared field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldType {
    /// Whatever is logged.
    Any,
    /// A string.
    Text,
    /// A 64-bit signed integer.
    Integer,
    /// A floating-point number; an integer is one too.
    Float,
    /// True or false.
    Boolean,
    /// Bytes, base64 in JSON.
    Bytes,
}

impl FieldType {
    /// The word for it in exports and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Bytes => "bytes",
        }
    }

    pub(crate) const fn of(value: Value) -> Self {
        match value {
            Value::Int(_) => Self::Integer,
            Value::Float(_) => Self::Float,
            Value::Bool(_) => Self::Boolean,
            Value::Text(_) => Self::Text,
            Value::Bytes(_) => Self::Bytes,
        }
    }

    /// Whether a value of type `found` is one of this type.
    pub(crate) const fn takes(self, found: Self) -> bool {
        matches!(
            (self, found),
            (Self::Any, _)
                | (Self::Text, Self::Text)
                | (Self::Integer | Self::Float, Self::Integer)
                | (Self::Float, Self::Float)
                | (Self::Boolean, Self::Boolean)
                | (Self::Bytes, Self::Bytes)
        )
    }
}

/// A declared field of a [`Schema`](super::Schema).
///
/// ```
/// use otel_log_bridge::SchemaField;
///
/// let fields = [
///     SchemaField::text("order.id").required().with_max_len(36),
///     SchemaField::text("currency").with_one_of(["EUR", "USD"]),
///     SchemaField::float("amount").with_range(0.0..=1e6),
/// ];
/// # let _ = fields;
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a field is given to a schema"]
pub struct SchemaField {
    pub(super) name: String,
    pub(super) kind: FieldType,
    pub(super) is_required: bool,
    pub(super) one_of: Vec<String>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    pub(super) max_len: Option<usize>,
    pub(super) description: String,
}

impl SchemaField {
    /// A field of this type.
    pub fn new(name: impl Into<String>, kind: FieldType) -> Self {
        Self {
            name: name.into(),
            kind,
            is_required: false,
            one_of: Vec::new(),
            min: None,
            max: None,
            max_len: None,
            description: String::new(),
        }
    }

    /// A string.
    pub fn text(name: impl Into<String>) -> Self {
        Self::new(name, FieldType::Text)
    }

    /// An integer.
    pub fn integer(name: impl Into<String>) -> Self {
        Self::new(name, FieldType::Integer)
    }

    /// A floating-point number.
    pub fn float(name: impl Into<String>) -> Self {
        Self::new(name, FieldType::Float)
    }

    /// True or false.
    pub fn boolean(name: impl Into<String>) -> Self {
        Self::new(name, FieldType::Boolean)
    }

    /// An event lacks something without it.
    pub const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// The only values a string may have.
    pub fn with_one_of<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.one_of = values.into_iter().map(Into::into).collect();
        self
    }

    /// Bounds of a number, both inclusive.
    pub fn with_range(mut self, range: RangeInclusive<f64>) -> Self {
        self.min = Some(*range.start());
        self.max = Some(*range.end());
        self
    }

    /// Longest string, characters.
    pub const fn with_max_len(mut self, characters: usize) -> Self {
        self.max_len = Some(characters);
        self
    }

    /// What it means, for the exports.
    pub fn with_description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its type.
    #[must_use]
    pub const fn field_type(&self) -> FieldType {
        self.kind
    }

    /// Whether an event must have it.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        self.is_required
    }

    /// How a value departs from what is declared, if it does.
    pub(crate) fn judge(&self, value: Value, record: &Record) -> Option<Drift> {
        if !self.kind.takes(FieldType::of(value)) {
            return Some(Drift::WrongType);
        }
        let number = match value {
            Value::Int(number) => Some(number as f64),
            Value::Float(number) => Some(number),
            _ => None,
        };
        if let Some(number) = number {
            let is_low = self.min.is_some_and(|min| number < min);
            let is_high = self.max.is_some_and(|max| number > max);
            let is_unknown = number.is_nan() && (self.min.is_some() || self.max.is_some());
            return (is_low || is_high || is_unknown).then_some(Drift::OutOfRange);
        }
        let Value::Text(text) = value else {
            return None;
        };
        let text = record.text(text);
        if !self.one_of.is_empty() && !self.one_of.iter().any(|listed| listed == text) {
            return Some(Drift::NotListed);
        }
        let is_long = self.max_len.is_some_and(|max| text.chars().count() > max);
        is_long.then_some(Drift::TooLong)
    }
}
