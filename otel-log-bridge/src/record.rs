//! One event as every sink is given it.
//!
//! Values are typed, texts lie in one arena, names are interned: nothing here is JSON and nothing is
//! OpenTelemetry, so that both say the same. Redaction, limits and the removal of repeated keys are
//! done before a record is complete. A record is reused by its thread and allocates nothing in its
//! stride.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::encode::escape;
use crate::ids::Correlation;
use crate::name::Name;
use crate::severity::Severity;

/// Fields of a record (OpenTelemetry, "Attribute limits": `AttributeCountLimit`).
pub(crate) const MAX_FIELDS: usize = 128;
/// Room for all fields of a record, as written in JSON.
pub(crate) const MAX_FIELDS_BYTES: usize = 40 * 1024;
/// Longest body, as written.
pub(crate) const MAX_BODY_BYTES: usize = 16 * 1024;
/// Longest value of a field, as written.
pub(crate) const MAX_VALUE_BYTES: usize = 4 * 1024;
/// A number or a boolean, at most.
const NUMBER_BYTES: usize = 26;

/// What a log record of any kind is made from.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) time: SystemTime,
    pub(crate) severity: Severity,
    pub(crate) correlation: Correlation,
    pub(crate) event_name: Option<&'static Name>,
    pub(crate) target: Target,
    pub(crate) body: Option<Text>,
    pub(crate) dropped_fields: u32,
    fields: Vec<Field>,
    text: String,
    /// A set of [`Name::bit`]s of the fields.
    seen: u64,
    fields_bytes: usize,
    /// Members of the spans around, as they are written: see [`lend`](Self::lend).
    lent: Vec<u8>,
}

/// Where an event says it comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    Static(&'static Name),
    /// Of a record of the `log` crate, whose callsites all have the target `log`.
    Text(Text),
    Unknown,
}

/// A name and its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static Name,
    pub(crate) value: Value,
}

/// A value as OpenTelemetry types it. What is no 64-bit signed integer is text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    Int(i64),
    Float(f64),
    Bool(bool),
    Text(Text),
    /// Base64, since the arena holds text.
    Bytes(Text),
}

impl Value {
    /// The same value with its text that far behind.
    const fn moved(self, offset: u32) -> Self {
        match self {
            Self::Text(text) => Self::Text(text.moved(offset)),
            Self::Bytes(text) => Self::Bytes(text.moved(offset)),
            plain => plain,
        }
    }
}

impl Text {
    const fn moved(self, offset: u32) -> Self {
        Self {
            start: self.start.saturating_add(offset),
            ..self
        }
    }
}

/// A text in the arena of its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    start: u32,
    len: u32,
    /// It may hold something JSON wants escaped.
    pub(crate) may_escape: bool,
}

/// What became of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Added {
    New,
    Replaced,
    NoRoom,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            fields: Vec::with_capacity(32),
            text: String::with_capacity(1024),
            ..Self::small()
        }
    }
}

impl Record {
    /// A record without room of its own yet.
    pub(crate) const fn small() -> Self {
        Self {
            time: UNIX_EPOCH,
            severity: Severity::INFO,
            correlation: Correlation::NONE,
            event_name: None,
            target: Target::Unknown,
            body: None,
            dropped_fields: 0,
            fields: Vec::new(),
            text: String::new(),
            seen: 0,
            fields_bytes: 0,
            lent: Vec::new(),
        }
    }

    /// Forgets the last event. Capacities stay.
    pub(crate) fn clear(&mut self) {
        self.correlation = Correlation::NONE;
        self.event_name = None;
        self.target = Target::Unknown;
        self.body = None;
        self.dropped_fields = 0;
        self.fields.clear();
        self.text.clear();
        self.seen = 0;
        self.fields_bytes = 0;
        self.lent.clear();
    }

    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    pub(crate) fn text(&self, text: Text) -> &str {
        let start = text.start as usize;
        let end = start + text.len as usize;
        self.text.get(start..end).unwrap_or_default()
    }

    pub(crate) fn body_text(&self) -> Option<&str> {
        self.body.map(|body| self.text(body))
    }

    pub(crate) fn target_text(&self) -> &str {
        match self.target {
            Target::Static(name) => name.text(),
            Target::Text(text) => self.text(text),
            Target::Unknown => "",
        }
    }

    /// The arena. A text is what was appended since [`start_text`](Self::start_text).
    pub(crate) const fn arena(&mut self) -> &mut String {
        &mut self.text
    }

    pub(crate) const fn start_text(&self) -> usize {
        self.text.len()
    }

    /// The text that begins at `start` and ends with the arena.
    pub(crate) fn end_text(&self, start: usize, may_escape: bool) -> Text {
        let len = self.text.len().saturating_sub(start);
        Text {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            len: u32::try_from(len).unwrap_or_default(),
            may_escape,
        }
    }

    /// Appends a text that is known to be short and safe.
    pub(crate) fn push_text(&mut self, text: &str) -> Text {
        let start = self.start_text();
        self.text.push_str(text);
        let may_escape = text.bytes().any(escape::may_escape);
        self.end_text(start, may_escape)
    }

    pub(crate) fn get(&self, name: &'static Name) -> Option<Value> {
        if self.seen & name.bit() == 0 {
            return None;
        }
        let found = self.fields.iter().find(|field| field.name == name);
        found.map(|field| field.value)
    }

    /// Adds a field, or replaces the value of one of the same name where it stands.
    #[inline]
    pub(crate) fn add(&mut self, name: &'static Name, value: Value) -> Added {
        if self.seen & name.bit() != 0
            && let Some(at) = self.fields.iter().position(|field| field.name == name)
        {
            return self.replace(at, name, value);
        }
        let bytes = self.fields_bytes + self.written_len(name, value);
        if self.fields.len() >= MAX_FIELDS || bytes > MAX_FIELDS_BYTES {
            self.dropped_fields += 1;
            return Added::NoRoom;
        }
        self.seen |= name.bit();
        self.fields_bytes = bytes;
        self.fields.push(Field { name, value });
        Added::New
    }

    fn replace(&mut self, at: usize, name: &'static Name, value: Value) -> Added {
        let old = self.fields.get(at).map_or(value, |field| field.value);
        let others = self.fields_bytes - self.written_len(name, old);
        let bytes = self.written_len(name, value);
        if others + bytes > MAX_FIELDS_BYTES {
            self.dropped_fields += 1;
            return Added::NoRoom;
        }
        self.fields_bytes = others + bytes;
        if let Some(field) = self.fields.get_mut(at) {
            field.value = value;
        }
        Added::Replaced
    }

    /// Adds the fields of another record that this one has not.
    pub(crate) fn append(&mut self, from: &Self) {
        let has_room = self.fields.len() + from.fields.len() <= MAX_FIELDS
            && self.fields_bytes + from.fields_bytes <= MAX_FIELDS_BYTES;
        let Some(offset) = u32::try_from(self.text.len()).ok().filter(|_| has_room) else {
            return self.append_each(from);
        };
        if self.seen & from.seen != 0 {
            return self.append_each(from);
        }
        // Nothing can meet: the texts are taken over as a whole.
        self.text.push_str(&from.text);
        self.seen |= from.seen;
        self.fields_bytes += from.fields_bytes;
        self.fields.extend(from.fields.iter().map(|field| Field {
            name: field.name,
            value: field.value.moved(offset),
        }));
    }

    /// Takes over the fields of another record in the form they are written in, where nobody reads
    /// them in another. Says whether that was possible: none may meet one that is here, and all must
    /// find room.
    pub(crate) fn lend(&mut self, from: &Self, members: &[u8]) -> bool {
        let has_room = self.fields.len() + from.fields.len() <= MAX_FIELDS
            && self.fields_bytes + from.fields_bytes <= MAX_FIELDS_BYTES;
        let is_lent = has_room && self.seen & from.seen == 0;
        if is_lent {
            self.seen |= from.seen;
            self.fields_bytes += from.fields_bytes;
            self.lent.extend_from_slice(members);
        }
        is_lent
    }

    /// The members of [`lend`](Self::lend).
    pub(crate) fn lent_members(&self) -> &[u8] {
        &self.lent
    }

    pub(crate) const fn fields_bytes(&self) -> usize {
        self.fields_bytes
    }

    fn append_each(&mut self, from: &Self) {
        for field in &from.fields {
            self.inherit(field, from);
        }
    }

    /// Adds a field of another record, with its text, unless there is one of its name.
    pub(crate) fn inherit(&mut self, field: &Field, from: &Self) -> Added {
        if self.seen & field.name.bit() != 0 && self.get(field.name).is_some() {
            return Added::Replaced;
        }
        let value = self.copy(field.value, from);
        self.add(field.name, value)
    }

    /// A value of another record, its text now in this one.
    pub(crate) fn copy(&mut self, value: Value, from: &Self) -> Value {
        let mut text = |text: Text| {
            let start = self.start_text();
            self.text.push_str(from.text(text));
            self.end_text(start, text.may_escape)
        };
        match value {
            Value::Text(kept) => Value::Text(text(kept)),
            Value::Bytes(kept) => Value::Bytes(text(kept)),
            plain => plain,
        }
    }

    /// Becomes a copy of another record. Capacities stay.
    pub(crate) fn copy_from(&mut self, from: &Self) {
        let (mut fields, mut text, mut lent) = (
            std::mem::take(&mut self.fields),
            std::mem::take(&mut self.text),
            std::mem::take(&mut self.lent),
        );
        fields.clear();
        fields.extend_from_slice(&from.fields);
        text.clear();
        text.push_str(&from.text);
        lent.clear();
        lent.extend_from_slice(&from.lent);
        *self = Self {
            fields,
            text,
            lent,
            ..*from
        };
    }

    /// Bytes it takes up, with what it holds.
    pub(crate) const fn footprint(&self) -> usize {
        size_of::<Self>() + self.capacity()
    }

    /// Bytes it holds.
    pub(crate) const fn capacity(&self) -> usize {
        self.text.capacity() + self.fields.capacity() * size_of::<Field>()
    }

    #[inline]
    fn written_len(&self, name: &Name, value: Value) -> usize {
        let value = match value {
            Value::Text(text) | Value::Bytes(text) if text.may_escape => self.escaped_len(text),
            Value::Text(text) | Value::Bytes(text) => text.len as usize,
            Value::Int(_) | Value::Float(_) | Value::Bool(_) => NUMBER_BYTES,
        };
        // With the quote that closes a text.
        name.opened().len() + value + 1
    }

    #[inline(never)]
    fn escaped_len(&self, text: Text) -> usize {
        escape::len(self.text(text))
    }
}
