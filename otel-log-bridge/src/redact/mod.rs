//! What must not leave the process: found by name and by value, before any sink is given it.
//!
//! A field's name is judged once for each callsite; a text is scanned once for the bytes that any
//! detector needs, and only then looked at closely. The rules cover fields of events and spans,
//! declared context fields, messages, error chains and panics alike, because all of them become
//! records here.

mod apply;
mod defaults;
mod detect;
mod detectors;
pub(crate) mod glob;
mod hash;
mod mask;
mod policy;

pub(crate) use apply::Workspace;
pub use detect::Detector;
pub(crate) use detect::Scan;
pub use hash::HashKey;
pub use mask::Redact;
pub(crate) use policy::Treatment;
pub use policy::{Redaction, RedactionBuilder};
