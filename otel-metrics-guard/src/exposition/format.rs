//! The formats an exposition can be written in.

use super::dialect::Dialect;
use super::{openmetrics, text};

/// A text format of an [`Exposition`](super::Exposition).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// [OpenMetrics 1.0](https://prometheus.io/docs/specs/om/open_metrics_spec/): with exemplars,
    /// units and an end mark.
    OpenMetrics,
    /// The [Prometheus text format](https://prometheus.io/docs/instrumenting/exposition_formats/),
    /// version 0.0.4, which everything reads.
    #[default]
    Text,
}

impl Format {
    pub(super) const fn dialect(self) -> &'static Dialect {
        match self {
            Self::OpenMetrics => &openmetrics::DIALECT,
            Self::Text => &text::DIALECT,
        }
    }
}
