//! A schema for other readers: validators, indexes, people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{FieldType, Schema, SchemaField};
use crate::encode::{escape, keys};

/// Names of fields that the bridge derives itself, as a regular expression.
const DERIVED: &str = "^(code|deployment|exception|exchange|log|otel|service|thread)\\\\.";

impl Schema {
    /// A JSON Schema (2020-12) that a line of the [`otel`](crate::Profile::otel) profile is valid
    /// under. [`from_json_schema`](Self::from_json_schema) reads it back.
    #[must_use]
    pub fn to_json_schema(&self) -> String {
        let mut own: Vec<String> = keys::own_keys()
            .map(|name| format!("{}:true", quoted(name)))
            .collect();
        own.extend(self.fields.values().map(property));
        let events = self.events.iter().map(|(event, fields)| {
            let properties: Vec<String> = fields.values().map(property).collect();
            format!(
                r#"{{"if":{{"properties":{{"event_name":{{"const":{}}}}},"required":["event_name"]}},"then":{{"properties":{{{}}},"required":{}}}}}"#,
                quoted(event),
                properties.join(","),
                required(fields.values())
            )
        });
        let events: Vec<String> = events.collect();
        format!(
            r#"{{"$schema":"https://json-schema.org/draft/2020-12/schema","title":{},"version":{},"type":"object","properties":{{{}}},"patternProperties":{{"{DERIVED}":true}},"required":{},"allOf":[{}],"unevaluatedProperties":{}}}"#,
            quoted(&self.name),
            self.version,
            own.join(","),
            required(self.fields.values()),
            events.join(","),
            self.is_open
        )
    }

    /// An index template for Elasticsearch. Strings are keywords; fields nobody declared are stored
    /// and not indexed.
    #[must_use]
    pub fn to_elasticsearch_template(&self) -> String {
        let mut properties = BTreeMap::from([
            (
                "body".to_owned(),
                r#"{"type":"match_only_text"}"#.to_owned(),
            ),
            (
                "timestamp".to_owned(),
                r#"{"type":"date_nanos"}"#.to_owned(),
            ),
            (
                "severity_number".to_owned(),
                r#"{"type":"byte"}"#.to_owned(),
            ),
        ]);
        let words = keys::own_keys().filter(|name| {
            ![
                "body",
                "timestamp",
                "severity_number",
                "resource",
                "scope",
                "attributes",
            ]
            .contains(name)
        });
        for name in words {
            properties.insert(name.to_owned(), r#"{"type":"keyword"}"#.to_owned());
        }
        for field in self.all_fields() {
            let kind = match field.kind {
                FieldType::Text => {
                    let longest = field.max_len.unwrap_or(1024);
                    format!(r#"{{"type":"keyword","ignore_above":{longest}}}"#)
                }
                FieldType::Integer => r#"{"type":"long"}"#.to_owned(),
                FieldType::Float => r#"{"type":"double"}"#.to_owned(),
                FieldType::Boolean => r#"{"type":"boolean"}"#.to_owned(),
                FieldType::Bytes => r#"{"type":"binary"}"#.to_owned(),
                FieldType::Any => r#"{"type":"object","enabled":false}"#.to_owned(),
            };
            properties.insert(field.name.clone(), kind);
        }
        let properties: Vec<String> = properties
            .iter()
            .map(|(name, kind)| format!("{}:{kind}", quoted(name)))
            .collect();
        format!(
            r#"{{"index_patterns":[{}],"template":{{"mappings":{{"dynamic":false,"_meta":{{"schema":{}}},"properties":{{{}}}}}}}}}"#,
            quoted(&format!("{}-*", self.name)),
            quoted(&self.id()),
            properties.join(",")
        )
    }

    /// Tables for people, in Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut out = format!("# {}\n", self.id());
        table(&mut out, "Fields of any event", self.fields.values());
        for (event, fields) in &self.events {
            table(&mut out, &format!("`{event}`"), fields.values());
        }
        let unknown = if self.is_open {
            "are written"
        } else {
            "are drift"
        };
        let _ = writeln!(out, "\nFields that are not declared {unknown}.");
        out
    }

    /// Every declared field, each name once.
    fn all_fields(&self) -> impl Iterator<Item = &SchemaField> {
        let mut seen = BTreeSet::new();
        let events = self.events.values().flat_map(BTreeMap::values);
        let all = self.fields.values().chain(events);
        all.filter(move |field| seen.insert(field.name.as_str()))
    }
}

fn property(field: &SchemaField) -> String {
    let mut facts = Vec::new();
    match field.kind {
        FieldType::Any => {}
        FieldType::Text => facts.push(r#""type":"string""#.to_owned()),
        FieldType::Integer => facts.push(r#""type":"integer""#.to_owned()),
        FieldType::Float => facts.push(r#""type":"number""#.to_owned()),
        FieldType::Boolean => facts.push(r#""type":"boolean""#.to_owned()),
        FieldType::Bytes => {
            facts.push(r#""type":"string","contentEncoding":"base64""#.to_owned());
        }
    }
    if !field.one_of.is_empty() {
        let listed: Vec<String> = field.one_of.iter().map(|value| quoted(value)).collect();
        facts.push(format!(r#""enum":[{}]"#, listed.join(",")));
    }
    // A bound that is no number in JSON bounds nothing.
    for (name, bound) in [("minimum", field.min), ("maximum", field.max)] {
        if let Some(bound) = bound.filter(|bound| bound.is_finite()) {
            facts.push(format!(r#""{name}":{bound:?}"#));
        }
    }
    if let Some(longest) = field.max_len {
        facts.push(format!(r#""maxLength":{longest}"#));
    }
    if !field.description.is_empty() {
        facts.push(format!(r#""description":{}"#, quoted(&field.description)));
    }
    format!("{}:{{{}}}", quoted(&field.name), facts.join(","))
}

fn required<'a>(fields: impl Iterator<Item = &'a SchemaField>) -> String {
    let names = fields.filter(|field| field.is_required);
    let names: Vec<String> = names.map(|field| quoted(&field.name)).collect();
    format!("[{}]", names.join(","))
}

fn quoted(text: &str) -> String {
    let mut out = vec![b'"'];
    escape::push(&mut out, text);
    out.push(b'"');
    String::from_utf8_lossy(&out).into_owned()
}

fn table<'a>(out: &mut String, title: &str, fields: impl Iterator<Item = &'a SchemaField>) {
    let mut fields = fields.peekable();
    if fields.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "\n## {title}\n");
    out.push_str("| field | type | required | limits | meaning |\n|---|---|---|---|---|\n");
    for field in fields {
        let mut limits = Vec::new();
        if !field.one_of.is_empty() {
            limits.push(format!("one of {}", field.one_of.join(", ")));
        }
        limits.extend(field.min.map(|min| format!("at least {min}")));
        limits.extend(field.max.map(|max| format!("at most {max}")));
        limits.extend(field.max_len.map(|max| format!("at most {max} characters")));
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} |",
            field.name,
            field.kind.as_str(),
            if field.is_required { "yes" } else { "" },
            cell(&limits.join("; ")),
            cell(&field.description)
        );
    }
}
