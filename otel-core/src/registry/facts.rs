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
    /// The unit as the exposed name ends with it; empty when it does not.
    pub(super) unit_words: Box<str>,
    pub(super) scope: Box<str>,
    pub(super) scope_version: Box<str>,
    /// The first help that was not empty.
    pub(super) help: OnceLock<Box<str>>,
    /// Empty unless a histogram.
    pub(super) buckets: Buckets,
    /// What its developer said of labels.
    pub(super) rules: LabelRules,
    /// Series it may have if the policy does not say.
    pub(super) series_budget: usize,
}

impl Facts {
    pub(super) fn original(&self) -> &str {
        self.original.as_deref().unwrap_or(&self.exposed)
    }

    pub(super) fn set_help(&self, help: &str) {
        if !help.is_empty() {
            self.help.get_or_init(|| help.into());
        }
    }
}
