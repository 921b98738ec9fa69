//! The lines of a series.
//!
//! This is the part that runs once for each of many thousand series, so it only copies: the name and
//! the bounds of the buckets are rendered once for the family, the labels were rendered when the
//! series was made, and what the buckets of a series begin with is put together once. It does not allocate.

use std::time::UNIX_EPOCH;

use bytes::{BufMut, BytesMut};
use otel_core::registry::{
    Bucket, Exemplar, FamilySnapshot, HistogramValue, SeriesView, Sum, Value,
};

use super::dialect::{Dialect, Marks};
use super::number;

/// Writes the series of one family after another.
#[derive(Debug, Default)]
pub(super) struct SampleWriter {
    /// Whether the samples that say when a series began are asked for.
    created: bool,
    /// Whether the family has them.
    has_created: bool,
    /// The name of the samples; of a histogram, of its buckets.
    name: Vec<u8>,
    /// `le="0.1"} ` for each bound, one after the other.
    bounds: BytesMut,
    /// Where each of them ends.
    bound_ends: Vec<usize>,
    /// The bucket lines of the series at hand up to the bound.
    head: Vec<u8>,
}

impl SampleWriter {
    pub(super) const fn set_created(&mut self, created: bool) {
        self.created = created;
    }

    /// Prepares for the series of a family.
    pub(super) fn enter(&mut self, dialect: &Dialect, marks: &Marks, family: &FamilySnapshot) {
        self.has_created =
            self.created && dialect.has_created && marks.sample_suffixes.contains(&"_created");
        self.name.clear();
        self.name.extend_from_slice(family.name().as_bytes());
        self.name
            .extend_from_slice(marks.sample_suffix().as_bytes());

        self.bounds.clear();
        self.bound_ends.clear();
        for bound in family.bounds().iter().copied().chain([f64::INFINITY]) {
            self.bounds.extend_from_slice(b"le=\"");
            number::push_bound(&mut self.bounds, bound);
            self.bounds.extend_from_slice(b"\"} ");
            self.bound_ends.push(self.bounds.len());
        }
    }

    /// Appends the lines of one series of the family that was entered.
    pub(super) fn push_series(
        &mut self,
        out: &mut BytesMut,
        dialect: &Dialect,
        family: &FamilySnapshot,
        series: SeriesView<'_>,
    ) {
        let labels = series.labels();
        match series.value() {
            Value::Histogram(value) => self.push_histogram(out, dialect, family, labels, &value),
            value => {
                out.extend_from_slice(&self.name);
                push_labels(out, labels);
                match value {
                    Value::Counter(total) => number::push_integer(out, total),
                    Value::Info => number::push_integer(out, 1_u64),
                    Value::State(holds) => number::push_integer(out, u64::from(holds)),
                    Value::UpDownCounter(sum) => number::push_integer(out, sum),
                    Value::FloatCounter(value)
                    | Value::FloatUpDownCounter(value)
                    | Value::Gauge(value) => number::push_f64(out, value),
                    // A kind this version does not know has no value it could write.
                    _ => number::push_f64(out, f64::NAN),
                }
                // Only counters have one.
                if let Some(write) = dialect.write_exemplar
                    && let Some(exemplar) = series.exemplar()
                {
                    write(out, &exemplar);
                }
                out.put_u8(b'\n');
            }
        }
        if self.has_created {
            push_created(out, family, series);
        }
    }

    fn push_histogram(
        &mut self,
        out: &mut BytesMut,
        dialect: &Dialect,
        family: &FamilySnapshot,
        labels: &str,
        value: &HistogramValue<'_>,
    ) {
        self.head.clear();
        self.head.extend_from_slice(&self.name);
        self.head.push(b'{');
        if !labels.is_empty() {
            self.head.extend_from_slice(labels.as_bytes());
            self.head.push(b',');
        }
        let mut count = 0;
        let mut lower = f64::NEG_INFINITY;
        for (bucket, bound) in value.buckets().zip(self.bounds()) {
            out.extend_from_slice(&self.head);
            out.extend_from_slice(bound);
            count = bucket.cumulative();
            number::push_integer(out, count);
            if let Some(write) = dialect.write_exemplar
                && let Some(exemplar) = exemplar_of(&bucket, lower)
            {
                write(out, &exemplar);
            }
            out.put_u8(b'\n');
            lower = bucket.upper_bound();
        }

        out.extend_from_slice(family.name().as_bytes());
        out.extend_from_slice(b"_sum");
        push_labels(out, labels);
        match value.sum() {
            Sum::Nanoseconds(nanos) => number::push_billionths(out, nanos),
            sum => number::push_f64(out, sum.as_f64()),
        }
        out.put_u8(b'\n');

        // The last bucket holds every value, so what was read there is the count.
        out.extend_from_slice(family.name().as_bytes());
        out.extend_from_slice(b"_count");
        push_labels(out, labels);
        number::push_integer(out, count);
        out.put_u8(b'\n');
    }

    fn bounds(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.bound_ends.iter().filter_map(move |&end| {
            let bound = self.bounds.get(start..end);
            start = end;
            bound
        })
    }
}

/// OpenMetrics 1.0, "Timestamps": in seconds.
fn push_created(out: &mut BytesMut, family: &FamilySnapshot, series: SeriesView<'_>) {
    // A clock before the epoch has no time to offer.
    let created = series.created().duration_since(UNIX_EPOCH);
    out.extend_from_slice(family.name().as_bytes());
    out.extend_from_slice(b"_created");
    push_labels(out, series.labels());
    number::push_billionths(out, created.unwrap_or_default().as_nanos());
    out.put_u8(b'\n');
}

fn push_labels(out: &mut BytesMut, labels: &str) {
    if !labels.is_empty() {
        out.put_u8(b'{');
        out.extend_from_slice(labels.as_bytes());
        out.put_u8(b'}');
    }
    out.put_u8(b' ');
}

/// The exemplar of a bucket that counts at least one value. The registry takes the exemplar after
/// the count, and it is read after the count too, so it can be of a value not counted here yet.
fn exemplar_of(bucket: &Bucket<'_>, lower: f64) -> Option<Exemplar> {
    if bucket.count() == 0 {
        return None;
    }
    bucket
        .exemplar()
        .filter(|exemplar| falls_in(exemplar.value(), lower, bucket.upper_bound()))
}

/// OpenMetrics 1.0, "Exemplars": the value must lie in the bucket, whose lower bound is the bound
/// of the one before and excluded.
fn falls_in(value: f64, lower: f64, upper: f64) -> bool {
    lower < value && value <= upper
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exemplar_is_of_the_bucket_that_contains_it() {
        for (value, lower, upper, falls) in [
            (0.0, f64::NEG_INFINITY, 0.0, true),
            (0.1, 0.0, 0.1, true),
            (0.1, 0.1, 0.2, false),
            (0.3, 0.1, 0.2, false),
            (1e300, 10.0, f64::INFINITY, true),
            (f64::NAN, f64::NEG_INFINITY, f64::INFINITY, false),
        ] {
            assert_eq!(falls_in(value, lower, upper), falls, "{value}");
        }
    }
}
