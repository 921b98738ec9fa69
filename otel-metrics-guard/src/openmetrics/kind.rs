//! The eight types of family and the samples each allows.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    GaugeHistogram,
    Histogram,
    Info,
    StateSet,
    Summary,
    Unknown,
}

impl Kind {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "counter" => Self::Counter,
            "gauge" => Self::Gauge,
            "gaugehistogram" => Self::GaugeHistogram,
            "histogram" => Self::Histogram,
            "info" => Self::Info,
            "stateset" => Self::StateSet,
            "summary" => Self::Summary,
            "unknown" => Self::Unknown,
            _ => return None,
        })
    }

    /// What follows the name of the family in the names of its samples.
    pub(super) const fn suffixes(self) -> &'static [&'static str] {
        match self {
            Self::Counter => &["_total", "_created"],
            Self::GaugeHistogram => &["_bucket", "_gcount", "_gsum"],
            Self::Histogram => &["_bucket", "_count", "_sum", "_created"],
            Self::Info => &["_info"],
            Self::Summary => &["", "_count", "_sum", "_created"],
            Self::Gauge | Self::StateSet | Self::Unknown => &[""],
        }
    }

    /// The label that tells the samples of one metric apart.
    pub(super) fn type_label(self, family: &str) -> Option<&str> {
        match self {
            Self::Histogram | Self::GaugeHistogram => Some("le"),
            Self::Summary => Some("quantile"),
            Self::StateSet => Some(family),
            _ => None,
        }
    }

    pub(super) fn has_exemplars(self, suffix: &str) -> bool {
        match self {
            Self::Counter => suffix == "_total",
            Self::Histogram | Self::GaugeHistogram => suffix == "_bucket",
            _ => false,
        }
    }

    pub(super) const fn has_buckets(self) -> bool {
        matches!(self, Self::Histogram | Self::GaugeHistogram)
    }
}
