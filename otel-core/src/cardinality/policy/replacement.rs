//! The template of a replacement, and the pattern that feeds it.

use std::ops::Range;
use std::sync::Mutex;

use regex_lite::{CaptureLocations, Regex};

use super::pattern::pattern;
use crate::ConfigError;

/// A pattern with what takes the place of a value it matches.
#[derive(Debug)]
pub(super) struct Replacement {
    pattern: Regex,
    parts: Box<[Part]>,
    /// Where the groups of a match are; kept, so that a match allocates nothing.
    groups: Mutex<CaptureLocations>,
}

#[derive(Debug)]
enum Part {
    Literal(Box<str>),
    Group(usize),
}

impl Replacement {
    pub(super) fn new(
        setting: &'static str,
        text: &str,
        template: &str,
    ) -> Result<Self, ConfigError> {
        let pattern = pattern(setting, text)?;
        Ok(Self {
            parts: parts(setting, &pattern, template)?,
            groups: Mutex::new(pattern.capture_locations()),
            pattern,
        })
    }

    /// Writes the replacement, if the pattern matches.
    pub(super) fn apply(&self, value: &str, to: &mut String) -> bool {
        // Another thread may have them: not waited for.
        match self.groups.try_lock() {
            Ok(mut groups) => self.write(value, &mut groups, to),
            Err(_) => self.write(value, &mut self.pattern.capture_locations(), to),
        }
    }

    fn write(&self, value: &str, groups: &mut CaptureLocations, to: &mut String) -> bool {
        let matches = self.pattern.captures_read(groups, value).is_some();
        if matches {
            for part in &self.parts {
                to.push_str(match part {
                    Part::Literal(text) => text,
                    Part::Group(number) => groups
                        .get(*number)
                        .and_then(|(start, end)| value.get(Range { start, end }))
                        .unwrap_or_default(),
                });
            }
        }
        matches
    }
}

/// Splits a template at its groups, each of which the pattern has to have.
fn parts(
    setting: &'static str,
    pattern: &Regex,
    template: &str,
) -> Result<Box<[Part]>, ConfigError> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('$') {
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.into()));
        }
        if let Some(after) = after.strip_prefix('$') {
            parts.push(Part::Literal("$".into()));
            rest = after;
            continue;
        }
        let (name, after) = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}').unwrap_or(("", after)),
            None => {
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                after.split_at(after.find(|c| !is_name(c)).unwrap_or(after.len()))
            }
        };
        let number = group(pattern, name).ok_or_else(|| {
            let why = format!("a template with groups of its pattern; there is no `{name}`");
            ConfigError::invalid(setting, why)
        })?;
        parts.push(Part::Group(number));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.into()));
    }
    Ok(parts.into())
}

fn group(pattern: &Regex, name: &str) -> Option<usize> {
    match name.parse::<usize>() {
        Ok(number) => (number < pattern.captures_len()).then_some(number),
        Err(_) => pattern.capture_names().position(|held| held == Some(name)),
    }
}
