//! Events whose names a test makes up while it runs.

use std::sync::OnceLock;

use tracing::callsite::{Callsite, Identifier};
use tracing::field::{FieldSet, Value};
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata};

#[derive(Debug)]
struct Made(OnceLock<Metadata<'static>>);

impl Callsite for Made {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        self.0.get().unwrap()
    }
}

/// Leaks a callsite with these names.
pub(crate) fn callsite(name: &str, target: &str, fields: &[String]) -> &'static Metadata<'static> {
    let made: &'static Made = Box::leak(Box::new(Made(OnceLock::new())));
    let names: Vec<&'static str> = fields.iter().map(|name| leak(name)).collect();
    made.0.get_or_init(|| {
        Metadata::new(
            leak(name),
            leak(target),
            Level::INFO,
            None,
            None,
            None,
            FieldSet::new(Vec::leak(names), Identifier(made)),
            Kind::EVENT,
        )
    })
}

/// Logs an event of it, one value for each field.
pub(crate) fn log(metadata: &'static Metadata<'static>, values: &[&dyn Value]) {
    let values: Vec<Option<&dyn Value>> = values.iter().map(|value| Some(*value)).collect();
    Event::dispatch(metadata, &metadata.fields().value_set_all(&values));
}

fn leak(text: &str) -> &'static str {
    Box::leak(Box::from(text))
}
