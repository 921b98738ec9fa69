//! What is known of a family apart from its series.

use std::sync::OnceLock;

use super::descriptor::LabelRules;
use super::{Buckets, Kind, Unit};

/// The facts of a family, fixed by whoever registered it first.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(super) exposed: Box<str>,
    /// As declared, where that differs.
    pub(super) original: Option<Box<str>>,
    pub(super) kind: Kind,
    pub(super) unit: Unit,
    /// Bytes of the unit that the exposed name ends with; zero when it does not.
    pub(super) unit_words: u8,
    /// The instrumentation scope, where one was named.
    pub(super) scope: Option<Box<Scope>>,
    /// The first help that was not empty.
    pub(super) help: OnceLock<Box<str>>,
    /// Empty unless a histogram.
    pub(super) buckets: Buckets,
    /// What its developer said of labels.
    pub(super) rules: Option<Box<LabelRules>>,
    /// Series it may have if the policy does not say.
    pub(super) series_budget: usize,
}

/// The library that measures.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) name: Box<str>,
    pub(super) version: Box<str>,
}

impl Facts {
    /// The unit as the exposed name ends with it; empty when it does not.
    pub(super) fn unit_words(&self) -> &str {
        let start = self.exposed.len().saturating_sub(self.unit_words.into());
        self.exposed.get(start..).unwrap_or_default()
    }

    /// The name and the version of the scope; empty where none was given.
    pub(super) fn scope(&self) -> (&str, &str) {
        let scope = self.scope.as_ref();
        scope.map_or(("", ""), |scope| (&scope.name, &scope.version))
    }

    pub(super) fn original(&self) -> &str {
        self.original.as_deref().unwrap_or(&self.exposed)
    }

    pub(super) fn set_help(&self, help: &str) {
        if !help.is_empty() {
            self.help.get_or_init(|| help.into());
        }
    }
}
