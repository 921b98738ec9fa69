//! The facts of the resource that every line repeats, rendered once.
//!
//! The resource may learn facts late, so its version is compared for each line: one atomic load.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use otel_core::resource::Resource;
use otel_core::semconv;

use super::profile::{Encoder, Form, member};
use super::{escape, keys};

/// Longest value, in bytes as written.
const MAX_VALUE_BYTES: usize = 1024;
/// Longest rendering: the facts and the schema.
pub(crate) const MAX_BYTES: usize =
    (keys::RESOURCE.len() + 1) * (MAX_VALUE_BYTES + 2 * escape::MARK_BYTES + 256);

/// The end of a line: `,"service.name":"…"` and so on, as of the resource's latest version. For people it is the name
/// alone.
#[derive(Debug)]
pub(crate) struct ResourceMembers {
    resource: Resource,
    encoder: Arc<Encoder>,
    schema: Option<String>,
    first: Rendered,
    latest: ArcSwapOption<Rendered>,
}

#[derive(Debug)]
pub(crate) struct Rendered {
    version: u64,
    members: Vec<u8>,
}

impl ResourceMembers {
    /// `schema` is the id of the schema that lines are written by.
    pub(crate) fn new(resource: &Resource, encoder: &Arc<Encoder>, schema: Option<String>) -> Self {
        let first = Rendered::of(resource, encoder, schema.as_deref());
        Self {
            resource: resource.clone(),
            encoder: Arc::clone(encoder),
            schema,
            first,
            latest: ArcSwapOption::empty(),
        }
    }

    /// Calls `write` with the end of a line.
    pub(crate) fn with(&self, write: impl FnOnce(&[u8])) {
        let version = self.resource.version();
        // Most resources never learn a fact late.
        if version == self.first.version {
            return write(&self.first.members);
        }
        let latest = self.latest.load();
        if let Some(latest) = latest.as_ref().filter(|latest| latest.version == version) {
            return write(&latest.members);
        }
        let latest = Rendered::of(&self.resource, &self.encoder, self.schema.as_deref());
        write(&latest.members);
        self.latest.store(Some(Arc::new(latest)));
    }
}

impl Rendered {
    fn of(resource: &Resource, encoder: &Encoder, schema: Option<&str>) -> Self {
        // The version first: a fact that arrives between the two reads is rendered twice, not
        // missed.
        let version = resource.version();
        let mut members = Vec::new();
        if encoder.profile.shape.form == Form::Console {
            escape::push(&mut members, &cut(resource.service_name()));
            return Self { version, members };
        }
        let schema = schema.map(|id| (semconv::LOG_SCHEMA, id.to_owned()));
        let facts = keys::RESOURCE
            .into_iter()
            .filter_map(|name| Some((name, resource.get(name)?)))
            .chain(schema);
        let mut spelled: Vec<String> = Vec::new();
        for (name, value) in facts {
            let name = cut_to(encoder.spelled(name), 224);
            // A table may give two facts one name, or that of the head. The first stands.
            if name.is_empty() || spelled.contains(&name) || encoder.is_head(&name) {
                continue;
            }
            members.extend_from_slice(&member(&name));
            spelled.push(name);
            members.push(b'"');
            escape::push(&mut members, &cut(value));
            members.push(b'"');
        }
        members.extend_from_slice(b"}\n");
        Self { version, members }
    }
}

fn cut(value: String) -> String {
    cut_to(value, MAX_VALUE_BYTES)
}

fn cut_to(mut value: String, limit: usize) -> String {
    escape::cut(&mut value, 0, limit, 0);
    value
}
