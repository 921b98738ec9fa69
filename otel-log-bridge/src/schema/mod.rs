//! The fields a service agrees to log, and what departs from them.
//!
//! An index that knows a field as a number refuses the line that has it as text, and the line is
//! gone. So fields are declared once; a name nobody declared is found when its callsite is first
//! seen, and a value of another type when it is logged, before any reader is.

mod compare;
mod contract;
mod drift;
mod event;
mod export;
mod field;
mod import;
mod json;
mod proto;
mod rules;

pub use compare::{ChangeKind, SchemaChange};
pub use contract::{Schema, SchemaBuilder};
pub(crate) use drift::DriftLog;
pub use drift::{Drift, DriftPlace, DriftReport};
pub use event::{LogValue, declares};
pub use field::{FieldType, SchemaField};
pub use rules::OnDrift;
pub(crate) use rules::{Fate, SchemaRules};
