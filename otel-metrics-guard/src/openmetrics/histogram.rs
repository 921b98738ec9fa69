//! The buckets of one histogram at one time, and what they must agree with.

use super::finding::{Fault, Rule};

#[derive(Debug, Default)]
pub(super) struct Buckets {
    /// The bound and count of the last bucket.
    last: Option<(f64, f64)>,
    negative: bool,
    sum: Option<f64>,
    count: Option<f64>,
}

impl Buckets {
    pub(super) fn add(&mut self, suffix: &str, bound: f64, value: f64) -> Result<(), Fault> {
        match suffix {
            "_bucket" => {
                if self.last.is_some_and(|(last, _)| bound <= last) {
                    return Err(Fault(Rule::Histogram, "the bounds do not ascend"));
                }
                if self.last.is_some_and(|(_, last)| value < last) {
                    return Err(Fault(Rule::Histogram, "a bucket below the one before"));
                }
                self.negative |= bound < 0.0;
                self.last = Some((bound, value));
            }
            "_count" | "_gcount" => self.count = Some(value),
            "_sum" | "_gsum" => self.sum = Some(value),
            _ => {}
        }
        Ok(())
    }

    /// Looks at all of it; `gauge` is of a gauge histogram.
    pub(super) fn end(&self, gauge: bool) -> Result<(), Fault> {
        let Some((bound, all)) = self.last else {
            return Err(Fault(Rule::Histogram, "no buckets"));
        };
        let why = if bound != f64::INFINITY {
            "no +Inf bucket"
        } else if self.sum.is_some() != self.count.is_some() {
            "of sum and count only one"
        } else if self.count.is_some_and(|count| count != all) {
            "the count is not that of the +Inf bucket"
        } else if self.negative && self.sum.is_some() && !gauge {
            "a sum beside a negative bound"
        } else if !self.negative && self.sum.is_some_and(|sum| sum < 0.0) {
            "a negative sum without a negative bound"
        } else {
            return Ok(());
        };
        Err(Fault(Rule::Histogram, why))
    }
}
