//! How long a scraper waits.
//!
//! Prometheus says so in `X-Prometheus-Scrape-Timeout-Seconds`. What is sent after that is work for
//! nobody, on top of the next scrape.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName};
use otel_core::clock::Clock;

/// The moment after which the scraper is taken to be gone.
#[derive(Clone, Debug)]
pub(super) struct Deadline {
    clock: Arc<dyn Clock>,
    at: Instant,
}

impl Deadline {
    /// The deadline of a request that is being received now; `None` if it has no timeout, or none that
    /// can be understood.
    pub(super) fn of_request(headers: &HeaderMap, clock: &Arc<dyn Clock>) -> Option<Self> {
        let timeout = timeout(headers.get(HEADER)?.to_str().ok()?)?;
        let margin = (timeout / MARGIN).min(MAX_MARGIN);
        let at = clock.now().checked_add(timeout.saturating_sub(margin))?;
        Some(Self {
            clock: Arc::clone(clock),
            at,
        })
    }

    pub(super) fn has_passed(&self) -> bool {
        self.clock.now() >= self.at
    }
}

/// Seconds with decimals, more than none.
fn timeout(seconds: &str) -> Option<Duration> {
    let seconds = seconds.trim_ascii().parse().ok()?;
    let timeout = Duration::try_from_secs_f64(seconds).ok()?;
    (!timeout.is_zero()).then_some(timeout)
}

const HEADER: HeaderName = HeaderName::from_static("x-prometheus-scrape-timeout-seconds");
/// A tenth of the time is left to the way there and back,
const MARGIN: u32 = 10;
/// but not more than this.
const MAX_MARGIN: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_a_positive_number_of_seconds() {
        for (text, expected) in [
            ("10", Some(10_000)),
            ("9.500000", Some(9_500)),
            (" 1 ", Some(1_000)),
            ("1e1", Some(10_000)),
            ("0", None),
            ("-1", None),
            ("NaN", None),
            ("inf", None),
            ("1e300", None),
            ("10s", None),
            ("", None),
        ] {
            assert_eq!(timeout(text), expected.map(Duration::from_millis), "{text}");
        }
    }
}
