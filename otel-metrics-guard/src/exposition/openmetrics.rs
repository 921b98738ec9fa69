//! OpenMetrics 1.0.
//!
//! Section names below are those of the OpenMetrics 1.0 specification.

use bytes::{BufMut, BytesMut};
use otel_core::registry::{Exemplar, Kind};

use super::dialect::{COUNTER, Dialect, HISTOGRAM, INFO, Marks};
use super::number;

pub(super) const DIALECT: Dialect = Dialect {
    marks,
    // "Info": no unit, and the suffix belongs to the sample, as `_total` does ("Counter").
    info: Marks {
        has_unit: false,
        ..typed("info", INFO)
    },
    escape_help,
    write_exemplar: Some(write_exemplar),
    has_created: true,
    // "Overall Structure": an exposition that was cut off can be told from a complete one.
    end: "# EOF\n",
};

/// "Metric Types".
const fn marks(kind: Kind) -> Marks {
    match kind {
        Kind::Counter => typed("counter", COUNTER),
        // A sum that may fall is a gauge.
        Kind::UpDownCounter | Kind::Gauge => typed("gauge", &[]),
        Kind::Histogram => typed("histogram", HISTOGRAM),
        Kind::Info => DIALECT.info,
        Kind::StateSet => Marks {
            has_unit: false,
            ..typed("stateset", &[])
        },
        // A kind that this version does not know.
        _ => typed("unknown", &[]),
    }
}

const fn typed(word: &'static str, sample_suffixes: &'static [&'static str]) -> Marks {
    Marks {
        word,
        family_suffix: "",
        sample_suffixes,
        has_unit: true,
    }
}

/// "ABNF", `escaped-string`.
const fn escape_help(byte: u8) -> Option<&'static str> {
    match byte {
        b'\\' => Some("\\\\"),
        b'\n' => Some("\\n"),
        b'"' => Some("\\\""),
        _ => None,
    }
}

/// "Exemplars". The names and values of the labels are 63 characters, of at most 128.
fn write_exemplar(out: &mut BytesMut, exemplar: &Exemplar) {
    out.extend_from_slice(b" # {trace_id=\"");
    push_hex(out, &exemplar.trace_id().to_bytes());
    out.extend_from_slice(b"\",span_id=\"");
    push_hex(out, &exemplar.span_id().to_bytes());
    out.extend_from_slice(b"\"} ");
    number::push_f64(out, exemplar.value());
    out.put_u8(b' ');
    // "Timestamps": in seconds.
    number::push_billionths(out, exemplar.unix_nanos().into());
}

fn push_hex(out: &mut BytesMut, bytes: &[u8]) {
    let digit = |nibble: u8| match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + nibble - 10,
    };
    for byte in bytes {
        out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
}
