//! The value of a series, as read for an exposition.

use std::fmt;

use super::Exemplar;
use super::buckets::MAX_BOUNDS;
use super::histogram::HistogramCell;
use super::sum::Sum;

/// A value read from a series.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "read on the stack, one at a time, to allocate nothing"
)]
#[non_exhaustive]
pub enum Value<'a> {
    /// The total of a counter.
    Counter(u64),
    /// The total of a counter of floats.
    FloatCounter(f64),
    /// The sum of an up-down counter.
    UpDownCounter(i64),
    /// The sum of an up-down counter of floats.
    FloatUpDownCounter(f64),
    /// The value of a gauge.
    Gauge(f64),
    /// The buckets and the sum of a histogram.
    Histogram(HistogramValue<'a>),
    /// Facts: the value is one.
    Info,
    /// Whether something is in the state that the series stands for.
    State(bool),
}

impl<'a> Value<'a> {
    /// The total, if this is a counter's.
    #[must_use]
    pub const fn as_counter(&self) -> Option<u64> {
        match self {
            Self::Counter(total) => Some(*total),
            _ => None,
        }
    }

    /// The total, if this is that of a counter of floats.
    #[must_use]
    pub const fn as_float_counter(&self) -> Option<f64> {
        match self {
            Self::FloatCounter(total) => Some(*total),
            _ => None,
        }
    }

    /// The sum, if this is that of an up-down counter of floats.
    #[must_use]
    pub const fn as_float_up_down_counter(&self) -> Option<f64> {
        match self {
            Self::FloatUpDownCounter(sum) => Some(*sum),
            _ => None,
        }
    }

    /// The sum, if this is an up-down counter's.
    #[must_use]
    pub const fn as_up_down_counter(&self) -> Option<i64> {
        match self {
            Self::UpDownCounter(sum) => Some(*sum),
            _ => None,
        }
    }

    /// The value, if this is a gauge's.
    #[must_use]
    pub const fn as_gauge(&self) -> Option<f64> {
        match self {
            Self::Gauge(value) => Some(*value),
            _ => None,
        }
    }

    /// Whether the state holds, if this is one of a set of states.
    #[must_use]
    pub const fn as_state(&self) -> Option<bool> {
        match self {
            Self::State(holds) => Some(*holds),
            _ => None,
        }
    }

    /// The distribution, if this is a histogram's.
    #[must_use]
    pub const fn as_histogram(&self) -> Option<&HistogramValue<'a>> {
        match self {
            Self::Histogram(value) => Some(value),
            _ => None,
        }
    }
}

/// The counts of a histogram, each bucket read once; what is derived from them agrees.
///
/// The sum is read beside them and may include a value whose count does not show yet.
#[derive(Clone, Copy)]
pub struct HistogramValue<'a> {
    bounds: &'a [f64],
    counts: [u64; MAX_BOUNDS + 1],
    sum: Sum,
    cell: &'a HistogramCell,
}

impl<'a> HistogramValue<'a> {
    pub(super) fn read(bounds: &'a [f64], cell: &'a HistogramCell) -> Self {
        let mut counts = [0; MAX_BOUNDS + 1];
        for (count, read) in counts.iter_mut().zip(cell.counts()) {
            *count = read;
        }
        Self {
            bounds,
            counts,
            sum: cell.sum(),
            cell,
        }
    }

    /// The number of values: the sum over the buckets.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts
            .iter()
            .fold(0, |total, count| total.wrapping_add(*count))
    }

    /// The sum of the values.
    #[must_use]
    pub const fn sum(&self) -> Sum {
        self.sum
    }

    /// The buckets in ascending order, the last one `+Inf`.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket<'a>> + '_ {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        let counts = self.counts.iter().enumerate();
        let mut cumulative = 0_u64;
        bounds.zip(counts).map(move |(upper_bound, (at, &count))| {
            cumulative = cumulative.wrapping_add(count);
            Bucket {
                upper_bound,
                count,
                cumulative,
                at,
                cell: self.cell,
            }
        })
    }
}

impl fmt::Debug for HistogramValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HistogramValue")
            .field("sum", &self.sum)
            .field(
                "buckets",
                &self
                    .buckets()
                    .map(|b| (b.upper_bound, b.count))
                    .collect::<Vec<_>>(),
            )
            .finish()
    }
}

/// One bucket of a [`HistogramValue`].
#[derive(Clone, Copy)]
pub struct Bucket<'a> {
    upper_bound: f64,
    count: u64,
    cumulative: u64,
    at: usize,
    cell: &'a HistogramCell,
}

impl Bucket<'_> {
    /// Its upper bound, inclusive: the `le` label. The last is infinite.
    #[must_use]
    pub const fn upper_bound(&self) -> f64 {
        self.upper_bound
    }

    /// Values in this bucket alone, as OTLP counts.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Values in this bucket and all below it, as Prometheus counts.
    #[must_use]
    pub const fn cumulative(&self) -> u64 {
        self.cumulative
    }

    /// Its exemplar, whose value lies in this bucket.
    #[must_use]
    pub fn exemplar(&self) -> Option<Exemplar> {
        self.cell.exemplar(self.at)
    }
}

impl fmt::Debug for Bucket<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket")
            .field("upper_bound", &self.upper_bound)
            .field("count", &self.count)
            .field("cumulative", &self.cumulative)
            .finish_non_exhaustive()
    }
}
