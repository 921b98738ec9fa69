//! Why a scrape broke off.

use std::fmt;

/// The error a [`MetricsBody`](crate::MetricsBody) ends with when the exposition is not complete.
///
/// A server reacts to it by breaking the connection or resetting the stream, which is what tells the
/// scraper: what it has received so far must not be taken for the whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ScrapeError(Kind);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Timeout,
    Compression,
}

impl ScrapeError {
    pub(super) const fn timeout() -> Self {
        Self(Kind::Timeout)
    }

    pub(super) const fn compression() -> Self {
        Self(Kind::Compression)
    }

    /// Whether the time the scraper gave was up.
    #[must_use]
    pub const fn is_timeout(&self) -> bool {
        matches!(self.0, Kind::Timeout)
    }
}

impl fmt::Display for ScrapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Timeout => "the scrape could not be finished within its timeout",
            Kind::Compression => "the scrape could not be compressed",
        })
    }
}

impl fmt::Debug for ScrapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ScrapeError {}
