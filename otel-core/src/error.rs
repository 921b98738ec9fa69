//! Errors of configuration: the one kind of error this crate returns to a caller.
//!
//! Faults at run time are never returned; they are counted by [`diagnostics`](crate::diagnostics).

use std::fmt;

/// A value given to a builder was refused.
///
/// Builders keep the first refusal and return it from `build()`, so setters stay chainable. The
/// message names the setting and what it accepts; it never repeats a value that may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    setting: &'static str,
    kind: Kind,
}

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Missing,
    Invalid(String),
}

impl ConfigError {
    /// A required setting was not given.
    #[must_use]
    pub const fn missing(setting: &'static str) -> Self {
        Self {
            setting,
            kind: Kind::Missing,
        }
    }

    /// A setting was given a value it does not accept; `why` says what it accepts.
    #[must_use]
    pub fn invalid(setting: &'static str, why: impl Into<String>) -> Self {
        Self {
            setting,
            kind: Kind::Invalid(why.into()),
        }
    }

    /// The builder method or declaration at fault.
    #[must_use]
    pub const fn setting(&self) -> &'static str {
        self.setting
    }

    /// Whether a required setting was left out.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self.kind, Kind::Missing)
    }

    /// Whether a value was given and refused.
    #[must_use]
    pub const fn is_invalid(&self) -> bool {
        matches!(self.kind, Kind::Invalid(_))
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Missing => write!(f, "`{}` is required", self.setting),
            Kind::Invalid(why) => write!(f, "`{}`: {why}", self.setting),
        }
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}
