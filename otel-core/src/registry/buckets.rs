//! Bucket boundaries of histograms.
//!
//! A histogram answers exactly one kind of question: how many values were at most a bound. An objective
//! of 300 ms between the bounds 250 ms and 500 ms is therefore guessed at by every query, however many
//! requests there were, and a timeout above the last bound is not seen at all. [`Buckets::slo`] and
//! [`Buckets::covers`] are there for these two.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use crate::ConfigError;

/// The upper bounds of the buckets of a histogram; each is inclusive (`le`), and `+Inf` is implied.
///
/// At most 64, finite, not negative, strictly ascending.
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
    /// When there are more than 64, or one is not finite, negative or not above the one before. The
    /// error names it.
    pub fn explicit(bounds: &[f64]) -> Result<Self, ConfigError> {
        Self::checked("Buckets::explicit", bounds)
    }

    /// `count` boundaries from `start` on, each `factor` times the one before.
    ///
    /// ```
    /// use otel_core::registry::Buckets;
    ///
    /// let sizes = Buckets::exponential(1024.0, 4.0, 4)?;
    /// assert_eq!(sizes.bounds(), [1024.0, 4096.0, 16384.0, 65536.0]);
    /// # Ok::<(), otel_core::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When `start` is not above 0, `factor` not above 1, `count` not from 1 to 64, or a boundary grows
    /// beyond what is finite.
    pub fn exponential(start: f64, factor: f64, count: usize) -> Result<Self, ConfigError> {
        const SETTING: &str = "Buckets::exponential";
        // A value that is not a number is not above anything.
        if !(start > 0.0 && start.is_finite()) {
            return Err(refused(
                SETTING,
                format!("the start is {start:?}, not above 0 and finite"),
            ));
        }
        if !(factor > 1.0 && factor.is_finite()) {
            return Err(refused(
                SETTING,
                format!("the factor is {factor:?}, not above 1 and finite"),
            ));
        }
        if !(1..=MAX_BOUNDS).contains(&count) {
            return Err(refused(
                SETTING,
                format!("{count} bounds are not from 1 to {MAX_BOUNDS}"),
            ));
        }
        let bounds = std::iter::successors(Some(start), |bound| Some(bound * factor));
        let bounds: Vec<f64> = bounds.take(count).collect();
        Self::checked(SETTING, &bounds)
    }

    /// [`semconv_seconds`](Self::semconv_seconds) with each objective, in seconds, as an exact bound:
    /// "requests within the objective" is then a count and not an estimate. A timeout belongs among
    /// them too, if it is longer than 10 s.
    ///
    /// The objectives may come in any order and more than once.
    ///
    /// ```
    /// use otel_core::registry::Buckets;
    ///
    /// let buckets = Buckets::slo([0.3, 30.0])?;
    /// assert!(buckets.bounds().contains(&0.3) && buckets.bounds().contains(&0.25));
    /// assert_eq!(buckets.bounds().last(), Some(&30.0));
    /// # Ok::<(), otel_core::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When an objective is not finite or not above 0, which the error names, or when there would be more
    /// than 64 bounds.
    pub fn slo(objectives: impl AsRef<[f64]>) -> Result<Self, ConfigError> {
        const SETTING: &str = "Buckets::slo";
        let objectives = objectives.as_ref();
        for (at, objective) in objectives.iter().enumerate() {
            if !(*objective > 0.0 && objective.is_finite()) {
                let why = format!("objective {at} is {objective:?}, not above 0 and finite");
                return Err(refused(SETTING, why));
            }
        }
        let mut bounds = SEMCONV_SECONDS.0.to_vec();
        bounds.extend_from_slice(objectives);
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        Self::checked(SETTING, &bounds)
    }

    /// The finite upper bounds, ascending.
    #[must_use]
    pub fn bounds(&self) -> &[f64] {
        &self.0
    }

    /// Whether a limit on a duration, in buckets of seconds, is at most the last bound.
    ///
    /// If not, what ran into the limit and what came close share the `+Inf` bucket: no quantile and no
    /// objective can be read there, and a 99th percentile stands at the last bound however long requests
    /// take. A builder that is told a timeout should refuse buckets that do not cover it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use otel_core::registry::Buckets;
    ///
    /// let timeout = Duration::from_secs(30);
    /// assert!(!Buckets::semconv_seconds().covers(timeout));
    /// assert!(Buckets::slo([timeout.as_secs_f64()])?.covers(timeout));
    /// # Ok::<(), otel_core::ConfigError>(())
    /// ```
    #[must_use]
    pub fn covers(&self, limit: Duration) -> bool {
        let limit = limit.as_secs_f64();
        self.0.last().is_some_and(|last| limit <= *last)
    }

    pub(crate) fn none() -> Self {
        Self(Arc::from([]))
    }

    /// The bucket of a value: the first whose bound is not below it.
    #[inline]
    pub(crate) fn index_of(&self, value: f64) -> usize {
        self.0.partition_point(|bound| *bound < value)
    }

    fn checked(setting: &'static str, bounds: &[f64]) -> Result<Self, ConfigError> {
        if bounds.len() > MAX_BOUNDS {
            let why = format!("{} bounds are more than {MAX_BOUNDS}", bounds.len());
            return Err(refused(setting, why));
        }
        let mut before = None;
        for (at, bound) in bounds.iter().enumerate() {
            if !bound.is_finite() || *bound < 0.0 {
                let why = format!("bound {at} is {bound:?}, not finite or negative");
                return Err(refused(setting, why));
            }
            if let Some(before) = before.replace(*bound)
                && *bound <= before
            {
                let why = format!("bound {at} is {bound:?}, not above {before:?} before it");
                return Err(refused(setting, why));
            }
        }
        // Adding zero turns -0.0 into 0.0, so that equal boundaries also print the same.
        Ok(Self(bounds.iter().map(|bound| bound + 0.0).collect()))
    }
}

fn refused(setting: &'static str, why: String) -> ConfigError {
    ConfigError::invalid(setting, why)
}

/// One copy for all families.
static SEMCONV_SECONDS: LazyLock<Buckets> = LazyLock::new(|| {
    Buckets(Arc::from([
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    ]))
});

/// A snapshot holds the counts of one histogram on the stack.
pub(crate) const MAX_BOUNDS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_buckets_grow_by_their_factor() {
        for (start, factor, count, expected) in [
            (1.0, 2.0, 4, &[1.0, 2.0, 4.0, 8.0][..]),
            (0.5, 10.0, 3, &[0.5, 5.0, 50.0]),
            (3.0, 1.5, 1, &[3.0]),
        ] {
            let buckets = Buckets::exponential(start, factor, count).unwrap();
            assert_eq!(buckets.bounds(), expected);
        }
        assert_eq!(
            Buckets::exponential(1.0, 1.1, 64).unwrap().bounds().len(),
            64
        );
    }

    #[test]
    fn each_objective_is_a_bound_among_the_usual_ones() {
        let usual = Buckets::semconv_seconds();
        for objectives in [
            &[][..],
            &[0.3],
            &[1.5, 0.3, 0.3],
            &[0.25, 1.0],
            &[0.001, 120.0],
        ] {
            let buckets = Buckets::slo(objectives).unwrap();
            let bounds = buckets.bounds();
            for bound in usual.bounds().iter().chain(objectives) {
                assert!(bounds.contains(bound), "{bound} in {bounds:?}");
            }
            assert!(bounds.is_sorted_by(|a, b| a < b), "{bounds:?}");
            let both = usual.bounds().iter().chain(objectives);
            assert!(bounds.iter().all(|bound| both.clone().any(|b| b == bound)));
        }
        assert_eq!(Buckets::slo([]).unwrap(), usual);
        // An objective met to the last nanosecond counts as met.
        let buckets = Buckets::slo([0.3]).unwrap();
        let within = buckets.bounds().iter().position(|bound| *bound == 0.3);
        assert_eq!(Some(buckets.index_of(0.3)), within);
        assert_eq!(Some(buckets.index_of(0.300_000_001)), within.map(|n| n + 1));
    }

    #[test]
    fn a_limit_is_covered_up_to_the_last_bound() {
        for (buckets, limit, covered) in [
            (Buckets::semconv_seconds(), 10_000, true),
            (Buckets::semconv_seconds(), 10_001, false),
            (Buckets::slo([30.0]).unwrap(), 30_000, true),
            (Buckets::slo([30.0]).unwrap(), 30_001, false),
            (Buckets::explicit(&[0.3]).unwrap(), 300, true),
            (Buckets::explicit(&[]).unwrap(), 0, false),
        ] {
            let limit = Duration::from_millis(limit);
            assert_eq!(buckets.covers(limit), covered, "{limit:?}");
        }
        assert!(!Buckets::semconv_seconds().covers(Duration::MAX));
    }

    #[test]
    fn an_error_names_what_it_is_about() {
        let many: Vec<f64> = (1..=51).map(|n| f64::from(n) * 100.0).collect();
        for (refused, named) in [
            (Buckets::explicit(&[1.0, 2.0, 1.5]), "bound 2 is 1.5"),
            (Buckets::explicit(&[1.0, 1.0]), "bound 1 is 1.0"),
            (Buckets::explicit(&[-0.5]), "bound 0 is -0.5"),
            (Buckets::explicit(&[1.0, f64::NAN]), "bound 1 is NaN"),
            (Buckets::explicit(&[f64::INFINITY]), "bound 0 is inf"),
            (Buckets::exponential(0.0, 2.0, 3), "the start is 0.0"),
            (Buckets::exponential(f64::NAN, 2.0, 3), "the start is NaN"),
            (Buckets::exponential(1.0, 1.0, 3), "the factor is 1.0"),
            (
                Buckets::exponential(1.0, f64::INFINITY, 3),
                "the factor is inf",
            ),
            (Buckets::exponential(1.0, 2.0, 0), "0 bounds"),
            (Buckets::exponential(1.0, 2.0, 65), "65 bounds"),
            (Buckets::exponential(1e300, 1e10, 3), "bound 1 is inf"),
            (Buckets::exponential(5e-324, 1.1, 2), "bound 1 is 5e-324"),
            (Buckets::slo([0.3, 0.0]), "objective 1 is 0.0"),
            (Buckets::slo([f64::NAN]), "objective 0 is NaN"),
            (Buckets::slo([-1.0]), "objective 0 is -1.0"),
            (Buckets::slo(&many), "65 bounds"),
        ] {
            let error = refused.unwrap_err();
            assert!(error.is_invalid());
            assert!(error.to_string().contains(named), "{error}");
        }
    }
}
