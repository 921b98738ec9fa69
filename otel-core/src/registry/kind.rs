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
    /// Facts as labels, such as a version. The value is always one.
    Info,
    /// Which of a closed set of states something is in, one series each, zero or one.
    StateSet,
}

impl Kind {
    /// The word of the `# TYPE` line in text 0.0.4, and in OpenMetrics 1.0 but for
    /// [`Info`](Self::Info) and [`StateSet`](Self::StateSet), which are gauges to the older format.
    #[must_use]
    pub const fn exposition_type(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::UpDownCounter | Self::Gauge | Self::Info | Self::StateSet => "gauge",
            Self::Histogram => "histogram",
        }
    }

    /// What the exposition appends to the family name; two families must not meet there
    /// (OpenMetrics 1.0, "Metric family name": no clash after suffixes).
    pub(crate) const fn sample_suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Counter => &["_total", "_created"],
            Self::UpDownCounter | Self::Gauge | Self::StateSet => &[],
            Self::Info => &["_info"],
            Self::Histogram => &["_bucket", "_count", "_sum", "_created"],
        }
    }
}
