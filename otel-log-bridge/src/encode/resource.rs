//! The facts of the resource that every line repeats, rendered once.
//!
//! The resource may learn facts late, so its version is compared for each line: one atomic load.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use otel_core::resource::Resource;

use super::{escape, keys};

/// Longest value, in bytes as written.
const MAX_VALUE_BYTES: usize = 1024;
/// Longest rendering.
pub(crate) const MAX_BYTES: usize = keys::RESOURCE.len()
    * (MAX_VALUE_BYTES + escape::MARK_BYTES + "deployment.environment.name".len() + 6);

/// `,"service.name":"…"` and so on, as of the resource's latest version.
#[derive(Debug)]
pub(crate) struct ResourceMembers {
    resource: Resource,
    rendered: ArcSwap<Rendered>,
}

#[derive(Debug)]
pub(crate) struct Rendered {
    version: u64,
    members: Vec<u8>,
}

impl ResourceMembers {
    pub(crate) fn new(resource: &Resource) -> Self {
        Self {
            rendered: ArcSwap::from_pointee(Rendered::of(resource)),
            resource: resource.clone(),
        }
    }

    pub(crate) fn current(&self) -> Guard<Arc<Rendered>> {
        let rendered = self.rendered.load();
        if rendered.version == self.resource.version() {
            return rendered;
        }
        self.rendered.store(Arc::new(Rendered::of(&self.resource)));
        self.rendered.load()
    }
}

impl Rendered {
    fn of(resource: &Resource) -> Self {
        // The version first: a fact that arrives between the two reads is rendered twice, not
        // missed.
        let version = resource.version();
        let mut members = Vec::new();
        for name in keys::RESOURCE {
            if let Some(value) = resource.get(name) {
                keys::push_member(&mut members, name);
                keys::push_text(&mut members, &value, MAX_VALUE_BYTES);
            }
        }
        Self { version, members }
    }

    pub(crate) fn members(&self) -> &[u8] {
        &self.members
    }
}
