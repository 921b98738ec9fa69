//! When a series that nobody writes to leaves the exposition.

use std::time::Duration;

use crate::ConfigError;

/// Whether and when an idle series is hidden.
///
/// A hidden series keeps its total: the next write shows it again, and no counter falls. OpenMetrics
/// 1.0 wants a series to stay until the process ends, which is the default.
///
/// ```
/// use std::time::Duration;
/// use otel_core::cardinality::Expiry;
///
/// let expiry = Expiry::hide_after(Duration::from_secs(600)).with_scrapes(3);
/// assert_ne!(expiry, Expiry::never());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expiry {
    hide: Option<Hide>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hide {
    idle: Duration,
    scrapes: u32,
}

impl Expiry {
    /// Series stay.
    #[must_use]
    pub const fn never() -> Self {
        Self { hide: None }
    }

    /// A series is hidden once it was idle for this long and two scrapes have seen its last value.
    ///
    /// Five minutes or more: Prometheus looks back that far.
    #[must_use]
    pub const fn hide_after(idle: Duration) -> Self {
        Self {
            hide: Some(Hide { idle, scrapes: 2 }),
        }
    }

    /// How many scrapes must have seen the last value, at least 1.
    #[must_use]
    pub const fn with_scrapes(mut self, scrapes: u32) -> Self {
        if let Some(hide) = &mut self.hide {
            hide.scrapes = scrapes;
        }
        self
    }

    /// How long a series has to be idle, if it expires at all.
    #[must_use]
    pub const fn idle(&self) -> Option<Duration> {
        match self.hide {
            Some(Hide { idle, .. }) => Some(idle),
            None => None,
        }
    }

    /// How many scrapes must have seen the last value.
    #[must_use]
    pub const fn scrapes(&self) -> u32 {
        match self.hide {
            Some(Hide { scrapes, .. }) => scrapes,
            None => 0,
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match self.hide {
            Some(hide) if hide.idle.is_zero() || hide.scrapes == 0 => Err(ConfigError::invalid(
                "with_expiry",
                "a time above zero and at least one scrape",
            )),
            _ => Ok(()),
        }
    }
}
