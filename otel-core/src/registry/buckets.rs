//! Bucket boundaries of histograms.

use std::sync::{Arc, LazyLock};

use crate::ConfigError;

/// The upper bounds of the buckets of a histogram; each is inclusive (`le`), and `+Inf` is implied.
///
/// ```
/// use otel_core::registry::Buckets;
///
/// let buckets = Buckets::explicit(&[0.1, 0.3, 1.0])?;
/// assert_eq!(buckets.bounds(), [0.1, 0.3, 1.0]);
/// # Ok::<(), otel_core::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Buckets(Arc<[f64]>);

impl Buckets {
    /// The boundaries that the OTel semantic conventions advise for durations in seconds, from
    /// 5 ms to 10 s.
    #[must_use]
    pub fn semconv_seconds() -> Self {
        SEMCONV_SECONDS.clone()
    }

    /// Boundaries of your own.
    ///
    /// # Errors
    ///
    /// When there are more than 64, or they are not finite, not negative and strictly ascending.
    pub fn explicit(bounds: &[f64]) -> Result<Self, ConfigError> {
        let ordered = bounds
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if a < b));
        let in_range = bounds
            .iter()
            .all(|bound| bound.is_finite() && *bound >= 0.0);
        if bounds.len() > MAX_BOUNDS || !ordered || !in_range {
            let why = "at most 64 bounds, finite, not negative, strictly ascending";
            return Err(ConfigError::invalid("Buckets::explicit", why));
        }
        // Adding zero turns -0.0 into 0.0, so that equal boundaries also print the same.
        Ok(Self(bounds.iter().map(|bound| bound + 0.0).collect()))
    }

    /// The finite upper bounds, ascending.
    #[must_use]
    pub fn bounds(&self) -> &[f64] {
        &self.0
    }

    pub(crate) fn none() -> Self {
        Self(Arc::from([]))
    }

    /// The bucket of a value: the first whose bound is not below it.
    #[inline]
    pub(crate) fn index_of(&self, value: f64) -> usize {
        self.0.partition_point(|bound| *bound < value)
    }
}

/// One copy for all families.
static SEMCONV_SECONDS: LazyLock<Buckets> = LazyLock::new(|| {
    Buckets(Arc::from([
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    ]))
});

/// A snapshot holds the counts of one histogram on the stack.
pub(crate) const MAX_BOUNDS: usize = 64;
