//! The fields a service has agreed to log.

use std::collections::BTreeMap;

use otel_core::ConfigError;

use super::SchemaField;
use crate::redact::glob;

/// Declared fields of the log lines of a service, by name and version.
///
/// ```
/// use otel_log_bridge::{Schema, SchemaField};
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// let schema = Schema::builder("shop.logs", 3)
///     .add_field(SchemaField::text("tenant"))
///     .add_event(
///         "order.placed",
///         [
///             SchemaField::text("order.id").required(),
///             SchemaField::float("amount").with_range(0.0..=1e6),
///         ],
///     )
///     .build()?;
/// assert_eq!(schema.id(), "shop.logs/3");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    pub(super) name: String,
    pub(super) version: u32,
    pub(super) fields: BTreeMap<String, SchemaField>,
    pub(super) events: BTreeMap<String, BTreeMap<String, SchemaField>>,
    pub(super) is_open: bool,
    /// Patterns of the targets it is for; none for all.
    pub(super) targets: Vec<String>,
}

impl Schema {
    /// Starts a schema.
    pub fn builder(name: impl Into<String>, version: u32) -> SchemaBuilder {
        SchemaBuilder {
            schema: Self {
                name: name.into(),
                version,
                fields: BTreeMap::new(),
                events: BTreeMap::new(),
                is_open: false,
                targets: Vec::new(),
            },
            error: None,
        }
    }

    /// `name/version`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.name, self.version)
    }

    /// Fields that any event may have, by name.
    pub fn fields(&self) -> impl Iterator<Item = &SchemaField> {
        self.fields.values()
    }

    /// Fields of the event of this name, by name; empty for one that is not declared.
    pub fn event_fields(&self, event: &str) -> impl Iterator<Item = &SchemaField> {
        self.events
            .get(event)
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    /// Names of the declared events.
    pub fn events(&self) -> impl Iterator<Item = &str> {
        self.events.keys().map(String::as_str)
    }

    /// The declaration that holds for a field of an event.
    pub(crate) fn field(&self, event: &str, name: &str) -> Option<&SchemaField> {
        let own = self.events.get(event).and_then(|fields| fields.get(name));
        own.or_else(|| self.fields.get(name))
    }

    /// Names that an event must have.
    pub(crate) fn required<'a>(&'a self, event: &str) -> impl Iterator<Item = &'a str> {
        let own = self
            .events
            .get(event)
            .into_iter()
            .flat_map(BTreeMap::values);
        let all = self.fields.values().chain(own);
        all.filter(|field| field.is_required)
            .map(|field| field.name.as_str())
    }

    /// Whether events of this target are its business.
    pub(crate) fn is_for(&self, target: &str) -> bool {
        let matches = |pattern: &String| glob::matches(pattern, target);
        self.targets.is_empty() || self.targets.iter().any(matches)
    }

    /// Whether a field that nobody declared is no drift.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.is_open
    }
}

/// Collects the fields of a [`Schema`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct SchemaBuilder {
    schema: Schema,
    error: Option<ConfigError>,
}

impl SchemaBuilder {
    /// A field that any event may have, and every event must have if it is required.
    pub fn add_field(mut self, field: SchemaField) -> Self {
        let refused = add(&mut self.schema.fields, field).err();
        self.keep(refused);
        self
    }

    /// An event and its fields. They take precedence over fields of the same name for all events.
    pub fn add_event(
        mut self,
        event: impl Into<String>,
        fields: impl IntoIterator<Item = SchemaField>,
    ) -> Self {
        let declared = self.schema.events.entry(event.into()).or_default();
        let refused = fields
            .into_iter()
            .find_map(|field| add(declared, field).err());
        self.keep(refused);
        self
    }

    /// Holds events of targets that match this pattern, in which `*` stands for any text, to the
    /// schema, and no others. All of them otherwise, those of every library included.
    pub fn add_target(mut self, pattern: impl Into<String>) -> Self {
        self.schema.targets.push(pattern.into());
        self
    }

    /// Lets events have fields that nobody declared. Otherwise they are drift.
    pub const fn with_open_fields(mut self) -> Self {
        self.schema.is_open = true;
        self
    }

    /// Finishes the schema.
    ///
    /// # Errors
    ///
    /// A schema or field without a name, a field declared twice or under two types, or a range that is
    /// empty.
    pub fn build(self) -> Result<Schema, ConfigError> {
        if self.schema.name.is_empty() {
            return Err(ConfigError::missing("Schema::builder"));
        }
        let mut types = BTreeMap::new();
        let events = self.schema.events.values().flat_map(BTreeMap::values);
        for field in self.schema.fields.values().chain(events) {
            let known = types.insert(field.name(), field.kind);
            if known.is_some_and(|known| known != field.kind) {
                // An index knows a name once.
                return Err(ConfigError::invalid("add_event", "one type for each name"));
            }
        }
        self.error.map_or(Ok(self.schema), Err)
    }

    fn keep(&mut self, refused: Option<ConfigError>) {
        if self.error.is_none() {
            self.error = refused;
        }
    }
}

fn add(to: &mut BTreeMap<String, SchemaField>, field: SchemaField) -> Result<(), ConfigError> {
    let refuse = |why: &str| Err(ConfigError::invalid("add_field", why));
    if field.name.is_empty() {
        return refuse("a field with a name");
    }
    let bounds = field.min.zip(field.max);
    if bounds.is_some_and(|(min, max)| min.is_nan() || max.is_nan() || min > max) {
        return refuse("a range whose end is not below its start");
    }
    match to.insert(field.name.clone(), field) {
        Some(_) => refuse("each field once"),
        None => Ok(()),
    }
}
