//! Which fields of spans the events inside carry.

use crate::redact::glob;

/// The fields of `tracing` spans that are written with the events inside them. Given to
/// [`with_span_fields`](crate::LogBridgeBuilder::with_span_fields).
#[derive(Clone, Debug, Default)]
#[must_use = "given to the builder of the bridge"]
pub struct SpanFields(Which);

#[derive(Clone, Debug, Default)]
enum Which {
    #[default]
    All,
    None,
    Only(Vec<String>),
}

impl SpanFields {
    /// All of them. The default.
    pub const fn all() -> Self {
        Self(Which::All)
    }

    /// None of them.
    pub const fn none() -> Self {
        Self(Which::None)
    }

    /// Those whose name matches one of these patterns, in which `*` stands for any text.
    pub fn only<P: Into<String>>(patterns: impl IntoIterator<Item = P>) -> Self {
        Self(Which::Only(patterns.into_iter().map(Into::into).collect()))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        match &self.0 {
            Which::All => true,
            Which::None => false,
            Which::Only(patterns) => patterns.iter().any(|p| glob::matches(p, name)),
        }
    }
}
