//! The hosts a server is called by.
//!
//! A service has few names and is told one with every call. The first ones are kept, so that a call
//! that names one of them copies a reference; what callers invent beyond them is kept nowhere.

use std::sync::{Arc, OnceLock};

use otel_core::opentelemetry::StringValue;

/// Hosts that are kept.
const KEPT: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Hosts {
    kept: [OnceLock<Arc<str>>; KEPT],
}

impl Hosts {
    /// A host as the value of an attribute.
    pub(super) fn value(&self, host: &str) -> StringValue {
        for slot in &self.kept {
            let kept = slot.get_or_init(|| host.into());
            if **kept == *host {
                return Arc::clone(kept).into();
            }
        }
        host.to_owned().into()
    }
}
