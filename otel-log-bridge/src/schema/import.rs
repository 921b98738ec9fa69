//! A schema read back from a JSON Schema.

use otel_core::ConfigError;

use super::json::Json;
use super::{FieldType, Schema, SchemaField};

impl Schema {
    /// Reads a JSON Schema: one that [`to_json_schema`](Self::to_json_schema) wrote, or one of that
    /// kind. What it says beyond types, enumerations, ranges, lengths and requirements is not taken
    /// over.
    ///
    /// # Errors
    ///
    /// What is no JSON, has no title, or does not hold together.
    pub fn from_json_schema(text: &str) -> Result<Self, ConfigError> {
        let refuse = |why: &str| ConfigError::invalid("from_json_schema", why);
        let json = Json::parse(text).ok_or_else(|| refuse("JSON of at most 1 MiB"))?;
        let name = json.get("title").and_then(Json::text);
        let name = name.ok_or_else(|| refuse("a title, the name of the schema"))?;
        let version = json.get("version").and_then(Json::number).unwrap_or(1.0);
        let mut builder = Self::builder(name, version.clamp(0.0, f64::from(u32::MAX)) as u32);
        for field in fields(&json) {
            builder = builder.add_field(field);
        }
        for rule in json.get("allOf").map(Json::items).unwrap_or_default() {
            let event = ["if", "properties", "event_name", "const"];
            let event = event.iter().try_fold(rule, |json, name| json.get(name));
            if let (Some(event), Some(then)) = (event.and_then(Json::text), rule.get("then")) {
                builder = builder.add_event(event, fields(then));
            }
        }
        let unevaluated = json.get("unevaluatedProperties");
        let unevaluated = unevaluated.or_else(|| json.get("additionalProperties"));
        if unevaluated != Some(&Json::Bool(false)) {
            builder = builder.with_open_fields();
        }
        builder.build()
    }
}

fn fields(json: &Json) -> Vec<SchemaField> {
    let required = json.get("required").map(Json::items).unwrap_or_default();
    let properties = json
        .get("properties")
        .map(Json::members)
        .unwrap_or_default();
    properties
        .iter()
        // `true` stands for what the bridge writes itself.
        .filter(|(_, facts)| matches!(facts, Json::Object(_)))
        .map(|(name, facts)| {
            let is_bytes = facts.get("contentEncoding").and_then(Json::text) == Some("base64");
            let kind = match facts.get("type").and_then(Json::text) {
                Some("string") if is_bytes => FieldType::Bytes,
                Some("string") => FieldType::Text,
                Some("integer") => FieldType::Integer,
                Some("number") => FieldType::Float,
                Some("boolean") => FieldType::Boolean,
                _ => FieldType::Any,
            };
            let listed = facts.get("enum").map(Json::items).unwrap_or_default();
            let number = |name: &str| facts.get(name).and_then(Json::number);
            let description = facts.get("description").and_then(Json::text);
            SchemaField {
                is_required: required.iter().any(|field| field.text() == Some(name)),
                one_of: listed
                    .iter()
                    .filter_map(Json::text)
                    .map(str::to_owned)
                    .collect(),
                min: number("minimum"),
                max: number("maximum"),
                max_len: number("maxLength").map(|len| len.max(0.0) as usize),
                description: description.unwrap_or_default().to_owned(),
                ..SchemaField::new(name, kind)
            }
        })
        .collect()
}
