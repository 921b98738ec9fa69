//! What an exposition can be sent as.

use super::Format;

/// The media type of an exposition: a format under one of its version numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaType {
    /// `application/openmetrics-text; version=1.0.0; charset=utf-8`
    OpenMetrics,
    /// `application/openmetrics-text; version=0.0.1; charset=utf-8`: the draft that Prometheus has
    /// asked for since before 1.0.0, the same text.
    OpenMetrics0_0_1,
    /// `text/plain; version=0.0.4; charset=utf-8`
    #[default]
    Text,
    /// `text/plain; version=1.0.0; charset=utf-8; escaping=underscores`: text 0.0.4 under the number
    /// Prometheus 3 gave it to negotiate how names outside the old alphabet are escaped. There are
    /// none here.
    Text1_0_0,
}

impl MediaType {
    /// The format it stands for.
    #[must_use]
    pub const fn format(self) -> Format {
        match self {
            Self::OpenMetrics | Self::OpenMetrics0_0_1 => Format::OpenMetrics,
            Self::Text | Self::Text1_0_0 => Format::Text,
        }
    }
}
