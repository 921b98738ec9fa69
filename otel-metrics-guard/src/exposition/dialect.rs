//! What the text formats do not agree on.

use otel_core::registry::Exemplar;

/// The marks of one text format.
#[derive(Debug)]
pub(super) struct Dialect {
    /// The family of the resource in metadata lines; its sample is `target_info` in any case.
    pub(super) target_family: &'static str,
    pub(super) target_type: &'static str,
    /// Follows the name of a counter family in metadata lines; the samples end in `_total` in any
    /// case.
    pub(super) counter_suffix: &'static str,
    /// Whether there are `# UNIT` lines.
    pub(super) units: bool,
    /// What a character of a help text is written as, if not as itself.
    pub(super) escape_help: fn(u8) -> Option<&'static str>,
    /// Appends an exemplar to a sample, if the format has exemplars.
    pub(super) write_exemplar: Option<fn(&mut Vec<u8>, &Exemplar)>,
    /// The last line.
    pub(super) end: &'static str,
}
