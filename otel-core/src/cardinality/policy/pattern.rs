//! Names and values, listed or described by a pattern.

use regex_lite::{Regex, RegexBuilder};

use super::Text;
use crate::ConfigError;

/// A list of texts and of patterns, compiled.
#[derive(Debug, Default)]
pub(super) struct TextSet {
    /// Sorted.
    exact: Box<[Box<str>]>,
    patterns: Box<[Regex]>,
}

impl TextSet {
    pub(super) fn new<'t>(
        exact: impl IntoIterator<Item = &'t str>,
        patterns: Box<[Regex]>,
    ) -> Self {
        let mut exact: Vec<Box<str>> = exact.into_iter().map(Box::from).collect();
        exact.sort_unstable();
        exact.dedup();
        Self {
            exact: exact.into(),
            patterns,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.patterns.is_empty()
    }

    /// Texts that are listed.
    pub(super) fn len(&self) -> usize {
        self.exact.len()
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        self.lists(text) || self.patterns.iter().any(|pattern| pattern.is_match(text))
    }

    /// Whether the text is there as it stands.
    pub(super) fn lists(&self, text: &str) -> bool {
        self.exact
            .binary_search_by(|held| held.as_ref().cmp(text))
            .is_ok()
    }
}

/// A pattern for a whole text.
pub(super) fn pattern(setting: &'static str, text: &str) -> Result<Regex, ConfigError> {
    // Alone first: what is put around it must not make a wrong pattern right.
    let refuse =
        |error| ConfigError::invalid(setting, format!("a regular expression; `{text}`: {error}"));
    Regex::new(text).map_err(refuse)?;
    RegexBuilder::new(&format!("^(?:{text})$"))
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .map_err(refuse)
}

pub(super) fn patterns(setting: &'static str, texts: &[Text]) -> Result<Box<[Regex]>, ConfigError> {
    texts.iter().map(|text| pattern(setting, text)).collect()
}

/// Of a compiled pattern.
const MAX_PATTERN_BYTES: usize = 256 * 1024;
