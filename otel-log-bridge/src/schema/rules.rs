//! What the bridge does about drift.

use super::{Drift, FieldType, Schema, SchemaField};
use crate::name::Name;
use crate::record::{Record, Value};

/// What becomes of a field that departs from its schema. All of them count and report it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnDrift {
    /// It is written as it is.
    #[default]
    Report,
    /// A value of another type is converted where nothing is lost by it, and otherwise renamed.
    Coerce,
    /// A value of another type is written as `<name>__<type>`, so that an index that knows the name
    /// under another type takes the line.
    Rename,
    /// It is left out.
    Deny,
    /// The event panics. For tests, where it shows the line that is wrong; never in production.
    Strict,
}

/// A schema in force.
#[derive(Debug)]
pub(crate) struct SchemaRules {
    pub(crate) schema: Schema,
    pub(crate) on_drift: OnDrift,
}

/// What becomes of one field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    Written(&'static Name, Value),
    LeftOut,
}

impl SchemaRules {
    /// Judges a value that departs from `field`.
    pub(crate) fn decide(
        &self,
        drift: Drift,
        field: &SchemaField,
        name: &'static Name,
        value: Value,
        record: &mut Record,
    ) -> Fate {
        self.panic_if_strict(drift, name.text());
        match (self.on_drift, drift) {
            (OnDrift::Deny, _) => Fate::LeftOut,
            (OnDrift::Coerce, Drift::WrongType) => match coerce(value, field.kind, record) {
                Some(value) => Fate::Written(name, value),
                None => renamed(name, value),
            },
            (OnDrift::Rename, Drift::WrongType) => renamed(name, value),
            _ => Fate::Written(name, value),
        }
    }

    /// Whether a field that nobody declared is left out.
    pub(crate) fn denies_unknown(&self) -> bool {
        self.on_drift == OnDrift::Deny
    }

    #[expect(
        clippy::panic,
        reason = "what `OnDrift::Strict` is for: a test asked for it"
    )]
    pub(crate) fn panic_if_strict(&self, drift: Drift, field: &str) {
        if self.on_drift == OnDrift::Strict {
            panic!(
                "log schema {}: {} `{field}`",
                self.schema.id(),
                drift.as_str()
            );
        }
    }
}

fn renamed(name: &'static Name, value: Value) -> Fate {
    let suffixed = format!("{}__{}", name.text(), FieldType::of(value).as_str());
    match Name::intern(&suffixed) {
        Some(name) => Fate::Written(name, value),
        None => Fate::LeftOut,
    }
}

/// The same value in another type, where there is one.
fn coerce(value: Value, to: FieldType, record: &mut Record) -> Option<Value> {
    let text = match value {
        Value::Int(n) => itoa::Buffer::new().format(n).to_owned(),
        Value::Float(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Text(text) | Value::Bytes(text) => record.text(text).to_owned(),
    };
    match to {
        FieldType::Any => Some(value),
        FieldType::Text => Some(Value::Text(record.push_text(&text))),
        FieldType::Integer => text.parse().ok().map(Value::Int),
        FieldType::Float => text.parse().ok().map(Value::Float),
        FieldType::Boolean => text.parse().ok().map(Value::Bool),
        FieldType::Bytes => None,
    }
}
