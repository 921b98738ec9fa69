//! The Prometheus text format, version 0.0.4.
//!
//! Bucket bounds are written as OpenMetrics wants them here too (`le="1.0"`), where older clients
//! wrote `le="1"`. The bound is part of a series' identity, so a server that is switched from one
//! format to the other would otherwise see every bucket end and another begin; Prometheus 3 brings
//! both into this form itself.

use super::dialect::Dialect;

pub(super) const DIALECT: Dialect = Dialect {
    // There is no info type; a gauge of 1 is its old form.
    target_family: "target_info",
    target_type: "gauge",
    counter_suffix: "_total",
    // `# UNIT` would be read as a comment, ` # {` makes the scrape fail.
    units: false,
    escape_help,
    write_exemplar: None,
    end: "",
};

/// Quotes stand for themselves in help texts, unlike in label values.
const fn escape_help(byte: u8) -> Option<&'static str> {
    match byte {
        b'\\' => Some("\\\\"),
        b'\n' => Some("\\n"),
        _ => None,
    }
}
