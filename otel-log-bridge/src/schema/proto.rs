//! A schema from a message of Protocol Buffers.
//!
//! Reads as much of the language as declares fields; options, services and extensions are passed
//! over. Bounded in size and depth, since a file may come from anywhere.

use std::collections::BTreeMap;

use otel_core::ConfigError;

use super::{FieldType, Schema, SchemaField};

/// Longest file that is read, bytes.
const MAX_BYTES: usize = 1 << 20;
/// Messages inside of messages.
const MAX_DEPTH: usize = 16;
/// Fields of a schema: a message may hold itself.
const MAX_FIELDS: usize = 1024;

impl Schema {
    /// Takes the fields of `message` from a `.proto` file: scalars by their type, enumerations as
    /// text with their names, messages flat with dotted names, what is repeated or a map as
    /// [`Any`](FieldType::Any). `required` fields, and those with
    /// `(google.api.field_behavior) = REQUIRED`, are required.
    ///
    /// ```
    /// use otel_log_bridge::{FieldType, Schema};
    ///
    /// # fn main() -> Result<(), otel_core::ConfigError> {
    /// let proto = r#"
    ///     syntax = "proto3";
    ///     message Order {
    ///         string id = 1; // of the shop
    ///         enum State { OPEN = 0; PAID = 1; }
    ///         State state = 2;
    ///         message Total { double amount = 1; }
    ///         Total total = 3;
    ///     }
    /// "#;
    /// let schema = Schema::from_proto(proto, "Order", 1)?;
    /// let names: Vec<&str> = schema.fields().map(|field| field.name()).collect();
    /// assert_eq!(names, ["id", "state", "total.amount"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What is no Protocol Buffers file, or has no such message.
    pub fn from_proto(text: &str, message: &str, version: u32) -> Result<Self, ConfigError> {
        let refuse = |why: &str| ConfigError::invalid("from_proto", why);
        let tokens = tokens(text).ok_or_else(|| refuse("a .proto file of at most 1 MiB"))?;
        let mut file = File::default();
        let mut reader = Reader { tokens: &tokens };
        file.read(&mut reader, "", 0)
            .ok_or_else(|| refuse("a .proto file"))?;
        let package = file.package.clone();
        let known = file.resolve(message, "").or_else(|| {
            let within = message.strip_prefix(&package)?.strip_prefix('.')?;
            file.resolve(within, "")
        });
        let known = known.ok_or_else(|| refuse("the name of a message in the file"))?;
        let mut fields = BTreeMap::new();
        file.flatten(&known, "", 0, &mut fields);
        let builder = Self::builder(message, version);
        fields.into_values().fold(builder, Self::with_field).build()
    }

    fn with_field(builder: super::SchemaBuilder, field: SchemaField) -> super::SchemaBuilder {
        builder.add_field(field)
    }
}

/// Messages and enumerations by full name.
#[derive(Debug, Default)]
struct File {
    package: String,
    messages: BTreeMap<String, Vec<Declared>>,
    enums: BTreeMap<String, Vec<String>>,
}

#[derive(Debug)]
struct Declared {
    name: String,
    kind: String,
    is_many: bool,
    is_required: bool,
}

struct Reader<'a> {
    tokens: &'a [String],
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn peek(&self) -> Option<&'a str> {
        self.tokens.first().map(String::as_str)
    }

    /// Up to and with the end of a statement or of its block. Says what was in it.
    fn statement(&mut self) -> Option<Vec<&'a str>> {
        let (mut depth, mut options) = (0_usize, 0_usize);
        let mut seen = Vec::new();
        loop {
            let token = self.next()?;
            match token {
                "[" => options += 1,
                "]" => options = options.checked_sub(1)?,
                "{" => depth += 1,
                "}" => {
                    depth = depth.checked_sub(1)?;
                    // Options of a field may hold messages of their own.
                    if depth == 0 && options == 0 {
                        return Some(seen);
                    }
                }
                ";" if depth == 0 && options == 0 => return Some(seen),
                _ => seen.push(token),
            }
        }
    }
}

impl File {
    /// Reads declarations up to the end of the file or, inside of a message, to its brace.
    fn read(&mut self, reader: &mut Reader<'_>, scope: &str, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        loop {
            match (reader.peek(), scope.is_empty()) {
                (None, true) => return Some(()),
                (None, false) => return None,
                (Some("}"), false) => {
                    reader.next();
                    return Some(());
                }
                (Some(";"), _) => {
                    reader.next();
                }
                (Some("message"), _) => {
                    reader.next();
                    let name = join(scope, reader.next()?);
                    (reader.next()? == "{").then_some(())?;
                    self.messages.entry(name.clone()).or_default();
                    self.read(reader, &name, depth + 1)?;
                }
                (Some("enum"), _) => {
                    reader.next();
                    let name = join(scope, reader.next()?);
                    (reader.next()? == "{").then_some(())?;
                    let values = self.values(reader)?;
                    self.enums.insert(name, values);
                }
                (Some("oneof"), false) => {
                    reader.next();
                    reader.next()?;
                    (reader.next()? == "{").then_some(())?;
                    while reader.peek()? != "}" {
                        self.field(reader, scope)?;
                    }
                    reader.next();
                }
                (Some("package"), true) => {
                    let words = reader.statement()?;
                    self.package = words.get(1..).unwrap_or_default().concat();
                }
                (Some("option" | "reserved" | "extensions" | "extend" | "group"), _)
                | (Some(_), true) => {
                    reader.statement()?;
                }
                (Some(_), false) => self.field(reader, scope)?,
            }
        }
    }

    fn values(&self, reader: &mut Reader<'_>) -> Option<Vec<String>> {
        let mut values = Vec::new();
        loop {
            match reader.peek()? {
                "}" => {
                    reader.next();
                    return Some(values);
                }
                "option" | "reserved" | ";" => {
                    reader.statement()?;
                }
                name => {
                    values.push(name.to_owned());
                    reader.statement()?;
                }
            }
        }
    }

    fn field(&mut self, reader: &mut Reader<'_>, scope: &str) -> Option<()> {
        let words = reader.statement()?;
        if matches!(words.first(), None | Some(&"option")) {
            return Some(());
        }
        let sign = words.iter().position(|word| *word == "=")?;
        let head = words.get(..sign)?;
        let options = words.get(sign..).unwrap_or_default();
        let (name, head) = head.split_last()?;
        let (label, head) = match head.split_first() {
            Some((&label @ ("optional" | "required" | "repeated"), head)) if !head.is_empty() => {
                (label, head)
            }
            _ => ("", head),
        };
        let is_map = head.first() == Some(&"map");
        let is_known = !head.is_empty() && is_word(name);
        let declared = Declared {
            name: (*name).to_owned(),
            kind: head.concat(),
            is_many: label == "repeated" || is_map,
            is_required: label == "required" || options.contains(&"REQUIRED"),
        };
        let fields = self.messages.get_mut(scope)?;
        fields.push(is_known.then_some(declared)?);
        Some(())
    }

    /// The full name of a message, as it is meant inside of `scope`: the innermost of that name.
    fn resolve(&self, name: &str, scope: &str) -> Option<String> {
        innermost(name, scope, |full| self.messages.contains_key(full))
    }

    fn flatten(
        &self,
        message: &str,
        prefix: &str,
        depth: usize,
        out: &mut BTreeMap<String, SchemaField>,
    ) {
        for field in self.messages.get(message).into_iter().flatten() {
            if out.len() >= MAX_FIELDS {
                return;
            }
            let name = join(prefix, &field.name);
            let within = field.kind.strip_prefix('.').unwrap_or(&field.kind);
            let local = within
                .strip_prefix(&self.package)
                .and_then(|rest| rest.strip_prefix('.').filter(|_| !self.package.is_empty()));
            let within = local.unwrap_or(within);
            // A name with a leading full stop is meant from the outside.
            let scope = if within == field.kind { message } else { "" };
            let listed = innermost(within, scope, |full| self.enums.contains_key(full));
            let nested = self.resolve(within, scope);
            let schema_field = match (scalar(&field.kind), listed, nested) {
                _ if field.is_many => SchemaField::new(&name, FieldType::Any),
                (Some(kind), _, _) => SchemaField::new(&name, kind),
                (None, Some(listed), _) => {
                    let values = self.enums.get(&listed).cloned().unwrap_or_default();
                    SchemaField::text(&name).with_one_of(values)
                }
                (None, None, Some(nested)) if depth < MAX_DEPTH && nested != message => {
                    self.flatten(&nested, &name, depth + 1, out);
                    continue;
                }
                _ => SchemaField::new(&name, FieldType::Any),
            };
            let schema_field = if field.is_required && prefix.is_empty() {
                schema_field.required()
            } else {
                schema_field
            };
            out.insert(name, schema_field);
        }
    }
}

/// The innermost of the names `scope.name`, then those of the scopes around it, that is known.
fn innermost(name: &str, scope: &str, is_known: impl Fn(&str) -> bool) -> Option<String> {
    let mut scope = scope;
    loop {
        let full = join(scope, name);
        if is_known(&full) {
            return Some(full);
        }
        if scope.is_empty() {
            return None;
        }
        scope = scope.rsplit_once('.').map_or("", |(outer, _)| outer);
    }
}

fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() {
        name.to_owned()
    } else {
        format!("{scope}.{name}")
    }
}

fn scalar(kind: &str) -> Option<FieldType> {
    Some(match kind {
        "double" | "float" => FieldType::Float,
        "int32" | "int64" | "uint32" | "uint64" | "sint32" | "sint64" | "fixed32" | "fixed64"
        | "sfixed32" | "sfixed64" => FieldType::Integer,
        "bool" => FieldType::Boolean,
        "string"
        | ".google.protobuf.Timestamp"
        | "google.protobuf.Timestamp"
        | ".google.protobuf.Duration"
        | "google.protobuf.Duration" => FieldType::Text,
        "bytes" => FieldType::Bytes,
        _ => return None,
    })
}

fn is_word(token: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    !token.is_empty() && token.bytes().all(is_part)
}

/// Words, numbers, strings and signs; no spaces and comments.
fn tokens(text: &str) -> Option<Vec<String>> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/")?.1;
        } else if first.is_whitespace() {
            rest = rest.trim_start();
        } else if first == '"' || first == '\'' {
            let mut is_escaped = false;
            let end = rest.char_indices().skip(1).find(|(_, c)| {
                let is_end = *c == first && !is_escaped;
                is_escaped = *c == '\\' && !is_escaped;
                is_end
            });
            let (string, after) = rest.split_at_checked(end?.0 + 1)?;
            out.push(string.to_owned());
            rest = after;
        } else {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            let len = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let (token, after) = rest.split_at_checked(len.max(first.len_utf8()))?;
            out.push(token.to_owned());
            rest = after;
        }
    }
    Some(out)
}
