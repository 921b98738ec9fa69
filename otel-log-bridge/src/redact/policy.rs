//! Which rules hold.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use otel_core::ConfigError;

use super::{Detector, HashKey, Redact, defaults, glob};

/// Characters of a name that are judged.
const MAX_JUDGED: usize = 256;

type CustomDetector = Arc<dyn Fn(&str) -> Option<Range<usize>> + Send + Sync>;

/// What is redacted. Given to [`with_redaction`](crate::LogBridgeBuilder::with_redaction).
///
/// The [default](Self::default) masks secrets by name (`password`, `authorization`, `api_key` and so
/// on) and by value (tokens, keys, credentials), shortens card and telephone numbers, and hashes what
/// names a person, or masks it as long as there is no key.
///
/// ```
/// use otel_log_bridge::{Detector, HashKey, Redact, Redaction};
///
/// # fn main() -> Result<(), otel_core::ConfigError> {
/// let redaction = Redaction::builder()
///     .with_key(HashKey::new("k1", b"from the secret store")?)
///     .add_name("*.account", Redact::Partial)
///     .add_name("shipping.phone_model", Redact::Keep)
///     .with_detector(Detector::IpAddress, Redact::Hash)
///     .build()?;
/// # let _ = redaction;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Redaction {
    names: Vec<(String, Redact)>,
    detectors: Vec<(Detector, Redact)>,
    custom: Vec<(CustomDetector, Redact)>,
    key: Option<HashKey>,
    allowed: Option<Vec<String>>,
}

/// What becomes of a field, decided by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// Its text is searched.
    Search,
    Apply(Redact),
}

impl Treatment {
    /// Whether a value that is no text is written as it is.
    pub(crate) fn shows_numbers(self) -> bool {
        matches!(self, Self::Search | Self::Apply(Redact::Keep))
    }
}

impl Redaction {
    /// Starts from the defaults.
    pub fn builder() -> RedactionBuilder {
        RedactionBuilder {
            redaction: Self::default(),
            own: Vec::new(),
            error: None,
        }
    }

    /// No rules at all: whatever is logged leaves the process.
    #[must_use]
    pub const fn danger_none() -> Self {
        Self {
            names: Vec::new(),
            detectors: Vec::new(),
            custom: Vec::new(),
            key: None,
            allowed: None,
        }
    }

    /// Judges a field by its name. For each callsite, not for each event.
    pub(crate) fn treatment(&self, name: &str) -> Treatment {
        let judged: String = name.chars().take(MAX_JUDGED).collect();
        let normal = glob::normal(&judged);
        if let Some(allowed) = &self.allowed
            && !allowed
                .iter()
                .any(|pattern| glob::matches(pattern, &normal))
        {
            return Treatment::Apply(Redact::Drop);
        }
        let rule = self
            .names
            .iter()
            .find(|(pattern, _)| glob::matches(pattern, &normal));
        rule.map_or(Treatment::Search, |(_, redact)| Treatment::Apply(*redact))
    }

    pub(super) const fn key(&self) -> Option<&HashKey> {
        self.key.as_ref()
    }

    pub(super) fn detectors(&self) -> &[(Detector, Redact)] {
        &self.detectors
    }

    pub(super) const fn has_custom(&self) -> bool {
        !self.custom.is_empty()
    }

    pub(super) fn custom(&self) -> &[(CustomDetector, Redact)] {
        &self.custom
    }
}

impl Default for Redaction {
    fn default() -> Self {
        let owned = |(name, redact): &(&str, Redact)| ((*name).to_owned(), *redact);
        Self {
            names: defaults::NAMES.iter().map(owned).collect(),
            detectors: defaults::DETECTORS.to_vec(),
            ..Self::danger_none()
        }
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redaction")
            .field("names", &self.names.len())
            .field("detectors", &self.detectors)
            .field("custom", &self.custom.len())
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Changes the defaults of a [`Redaction`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct RedactionBuilder {
    redaction: Redaction,
    own: Vec<(String, Redact)>,
    error: Option<ConfigError>,
}

impl RedactionBuilder {
    /// The key of [`Redact::Hash`].
    pub fn with_key(mut self, key: HashKey) -> Self {
        self.redaction.key = Some(key);
        self
    }

    /// A rule for fields whose name matches `pattern`, in which `*` stands for any text and `?` for a
    /// character. It precedes the defaults and the rules added before it.
    ///
    /// Case, `-` and `camelCase` make no difference: `api_key` matches `X-Api-Key` only with a `*`
    /// before it, but `apiKey` without.
    pub fn add_name(mut self, pattern: &str, redact: Redact) -> Self {
        if pattern.trim().is_empty() {
            self.refuse("add_name", "a pattern that is not empty");
        }
        self.own.push((glob::normal(pattern), redact));
        self
    }

    /// What becomes of the finds of a detector. [`Redact::Keep`] switches it off.
    pub fn with_detector(mut self, detector: Detector, redact: Redact) -> Self {
        let detectors = &mut self.redaction.detectors;
        detectors.retain(|(known, _)| *known != detector);
        if redact != Redact::Keep {
            detectors.push((detector, redact));
        }
        self
    }

    /// A detector of your own: the first find in the text it is given, as a range of bytes.
    ///
    /// It runs on every text that is logged, on the thread that logs: it must be brief.
    pub fn add_detector(
        mut self,
        detector: impl Fn(&str) -> Option<Range<usize>> + Send + Sync + 'static,
        redact: Redact,
    ) -> Self {
        self.redaction.custom.push((Arc::new(detector), redact));
        self
    }

    /// Drops every field whose name matches none of these patterns: what nobody thought of does not
    /// leave the process. Messages are still searched.
    pub fn with_only<P: AsRef<str>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        let patterns = patterns
            .into_iter()
            .map(|pattern| glob::normal(pattern.as_ref()));
        self.redaction.allowed = Some(patterns.collect());
        self
    }

    /// Finishes the rules.
    ///
    /// # Errors
    ///
    /// The first value that was refused.
    pub fn build(mut self) -> Result<Redaction, ConfigError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.own.reverse();
        self.own.append(&mut self.redaction.names);
        self.redaction.names = self.own;
        Ok(self.redaction)
    }

    fn refuse(&mut self, setting: &'static str, accepts: &str) {
        self.error
            .get_or_insert_with(|| ConfigError::invalid(setting, accepts));
    }
}
