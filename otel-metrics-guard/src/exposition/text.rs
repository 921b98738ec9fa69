//! The Prometheus text format, version 0.0.4, which is also version 1.0.0 for names of the old alphabet.
//!
//! Bucket bounds are written as OpenMetrics wants them here too (`le="1.0"`), where older clients
//! wrote `le="1"`. The bound is part of a series' identity, so a server that is switched from one
//! format to the other would otherwise see every bucket end and another begin; Prometheus 3 brings
//! both into this form itself.

use otel_core::registry::Kind;

use super::dialect::{COUNTER, Dialect, HISTOGRAM, INFO, Marks};

pub(super) const DIALECT: Dialect = Dialect {
    marks,
    // There is no info type; a gauge of 1 is its old form.
    info: Marks {
        family_suffix: "_info",
        ..typed("gauge", INFO)
    },
    escape_help,
    // ` # {` makes the scrape fail.
    write_exemplar: None,
    // `_created` would be a family of its own beside each one.
    has_created: false,
    end: "",
};

const fn marks(kind: Kind) -> Marks {
    match kind {
        Kind::Counter => Marks {
            family_suffix: "_total",
            ..typed("counter", COUNTER)
        },
        Kind::UpDownCounter | Kind::Gauge | Kind::StateSet => typed("gauge", &[]),
        Kind::Info => DIALECT.info,
        Kind::Histogram => typed("histogram", HISTOGRAM),
        // A kind that this version does not know.
        _ => typed("untyped", &[]),
    }
}

/// A `# UNIT` line would be read as a comment.
const fn typed(word: &'static str, sample_suffixes: &'static [&'static str]) -> Marks {
    Marks {
        word,
        family_suffix: "",
        sample_suffixes,
        has_unit: false,
    }
}

/// Quotes stand for themselves in help texts, unlike in label values.
const fn escape_help(byte: u8) -> Option<&'static str> {
    match byte {
        b'\\' => Some("\\\\"),
        b'\n' => Some("\\n"),
        _ => None,
    }
}
