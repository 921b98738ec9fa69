//! The kinds of family.

/// What a family measures, and so how its values may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A sum that only grows.
    Counter,
    /// A sum that may fall: a number of things in existence. A gauge to Prometheus.
    UpDownCounter,
    /// A value at an instant, not additive.
    Gauge,
    /// A distribution over fixed buckets.
    Histogram,
}

impl Kind {
    /// The word of the `# TYPE` line, in OpenMetrics 1.0 and in text 0.0.4.
    #[must_use]
    pub const fn exposition_type(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::UpDownCounter | Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }

    /// What the exposition appends to the family name; two families must not meet there
    /// (OpenMetrics 1.0, "Metric family name": no clash after suffixes).
    pub(crate) const fn sample_suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Counter => &["_total", "_created"],
            Self::UpDownCounter | Self::Gauge => &[],
            Self::Histogram => &["_bucket", "_count", "_sum", "_created"],
        }
    }
}
