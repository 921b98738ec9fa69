//! The facts of the resource that every line repeats, rendered once.
//!
//! The resource may learn facts late, so its version is compared for each line: one atomic load.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use otel_core::resource::Resource;
use otel_core::semconv;

use super::profile::{Encoder, Form, member};
use super::{escape, keys};

/// Longest value, in bytes as written.
const MAX_VALUE_BYTES: usize = 1024;
/// Longest rendering: the facts and the schema.
pub(crate) const MAX_BYTES: usize =
    (keys::RESOURCE.len() + 1) * (MAX_VALUE_BYTES + 2 * escape::MARK_BYTES + 256);

/// `,"service.name":"…"` and so on, as of the resource's latest version. For people it is the name
/// alone.
#[derive(Debug)]
pub(crate) struct ResourceMembers {
    resource: Resource,
    encoder: Arc<Encoder>,
    schema: Option<String>,
    rendered: ArcSwap<Rendered>,
}

#[derive(Debug)]
pub(crate) struct Rendered {
    version: u64,
    members: Vec<u8>,
}

impl ResourceMembers {
    /// `schema` is the id of the schema that lines are written by.
    pub(crate) fn new(resource: &Resource, encoder: &Arc<Encoder>, schema: Option<String>) -> Self {
        let rendered = Rendered::of(resource, encoder, schema.as_deref());
        Self {
            resource: resource.clone(),
            encoder: Arc::clone(encoder),
            schema,
            rendered: ArcSwap::from_pointee(rendered),
        }
    }

    pub(crate) fn current(&self) -> Guard<Arc<Rendered>> {
        let rendered = self.rendered.load();
        if rendered.version == self.resource.version() {
            return rendered;
        }
        let latest = Rendered::of(&self.resource, &self.encoder, self.schema.as_deref());
        self.rendered.store(Arc::new(latest));
        self.rendered.load()
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
        Self { version, members }
    }

    pub(crate) fn members(&self) -> &[u8] {
        &self.members
    }
}

fn cut(value: String) -> String {
    cut_to(value, MAX_VALUE_BYTES)
}

fn cut_to(mut value: String, limit: usize) -> String {
    escape::cut(&mut value, 0, limit, 0);
    value
}
