//! What the text formats do not agree on.

use bytes::BytesMut;
use otel_core::registry::{Exemplar, Kind};

/// The marks of one text format.
#[derive(Debug)]
pub(super) struct Dialect {
    /// How each kind of family is marked.
    pub(super) marks: fn(Kind) -> Marks,
    /// How the resource is marked, which is an info.
    pub(super) info: Marks,
    /// What a character of a help text is written as, if not as itself.
    pub(super) escape_help: fn(u8) -> Option<&'static str>,
    /// Appends an exemplar to a sample, if the format has exemplars.
    pub(super) write_exemplar: Option<fn(&mut BytesMut, &Exemplar)>,
    /// Whether the time a series began can be said, as `_created`.
    pub(super) has_created: bool,
    /// The last line.
    pub(super) end: &'static str,
}

/// The marks of one kind of family.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    /// The word of the `# TYPE` line.
    pub(super) word: &'static str,
    /// What follows the name in metadata lines.
    pub(super) family_suffix: &'static str,
    /// What follows the name in samples, the main sample first.
    pub(super) sample_suffixes: &'static [&'static str],
    /// Whether there is a `# UNIT` line.
    pub(super) has_unit: bool,
}

impl Marks {
    /// The suffix of the main sample.
    pub(super) fn sample_suffix(&self) -> &'static str {
        self.sample_suffixes.first().copied().unwrap_or_default()
    }
}

/// The samples of counters.
pub(super) const COUNTER: &[&str] = &["_total", "_created"];
/// The samples of histograms.
pub(super) const HISTOGRAM: &[&str] = &["_bucket", "_count", "_sum", "_created"];
/// The sample of an info.
pub(super) const INFO: &[&str] = &["_info"];
