//! Units, as UCUM codes for OTLP and as words for Prometheus.
//!
//! The table and the rules are those of the OpenTelemetry specification, "Prometheus and
//! OpenMetrics Compatibility", section on metric metadata.

use std::borrow::Cow;

use super::name::sanitize;

/// The unit of a family, as a [UCUM](https://ucum.org/ucum) code such as `s`, `By` or `{request}`.
///
/// ```
/// use otel_core::registry::Unit;
///
/// assert_eq!(Unit::SECONDS.code(), "s");
/// assert_eq!(Unit::new("{request}").code(), "{request}");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Unit(Cow<'static, str>);

impl Unit {
    /// No unit.
    pub const NONE: Self = Self(Cow::Borrowed(""));
    /// Seconds. The sum of a histogram in seconds is kept exactly, in nanoseconds.
    pub const SECONDS: Self = Self(Cow::Borrowed("s"));
    /// Milliseconds; base units are preferred.
    pub const MILLISECONDS: Self = Self(Cow::Borrowed("ms"));
    /// Bytes.
    pub const BYTES: Self = Self(Cow::Borrowed("By"));
    /// A dimensionless ratio: `1`.
    pub const RATIO: Self = Self(Cow::Borrowed("1"));

    /// Any UCUM code. Codes without a known word are used as they are.
    #[must_use]
    pub fn new(code: impl Into<Cow<'static, str>>) -> Self {
        Self(code.into())
    }

    /// The UCUM code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }

    /// The words Prometheus puts into the name; empty when it puts none.
    ///
    /// `1` is a ratio for gauges only, and annotations in braces are dropped.
    pub(crate) fn words(&self, is_gauge: bool) -> String {
        let code = without_annotations(&self.0);
        let (unit, per) = code.split_once('/').unwrap_or((&code, ""));
        let unit = match unit {
            "1" if is_gauge && per.is_empty() => "ratio",
            "1" => "",
            unit => word(unit),
        };
        let mut words = sanitize(unit);
        if !per.is_empty() {
            if !words.is_empty() {
                words.push('_');
            }
            words.push_str("per_");
            words.push_str(&sanitize(per_word(per)));
        }
        words.trim_matches('_').to_owned()
    }
}

fn without_annotations(code: &str) -> String {
    let mut depth = 0_usize;
    code.chars()
        .filter(|&c| {
            depth += usize::from(c == '{');
            let kept = depth == 0;
            depth = depth.saturating_sub(usize::from(c == '}'));
            kept && !c.is_whitespace()
        })
        .collect()
}

fn word(unit: &str) -> &str {
    match unit {
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "TiBy" => "tibibytes",
        "KBy" => "kilobytes",
        "MBy" => "megabytes",
        "GBy" => "gigabytes",
        "TBy" => "terabytes",
        "m" => "meters",
        "V" => "volts",
        "A" => "amperes",
        "J" => "joules",
        "W" => "watts",
        "g" => "grams",
        "Cel" => "celsius",
        "Hz" => "hertz",
        "%" => "percent",
        other => other,
    }
}

fn per_word(unit: &str) -> &str {
    match unit {
        "s" => "second",
        "min" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        "mo" => "month",
        "y" => "year",
        other => other,
    }
}
