//! The buckets of histograms that nobody advises on, by their unit.

use otel_core::registry::Buckets;

/// Boundaries for values in a unit, given as its UCUM code.
///
/// Durations get those that the semantic conventions advise for seconds, in their unit; sizes get
/// powers of four from 256 bytes to a gibibyte; the rest gets the default of the OTel metrics SDK
/// specification ("Explicit Bucket Histogram Aggregation").
pub(super) fn of_unit(unit: &str) -> Buckets {
    match unit {
        "s" => Buckets::semconv_seconds(),
        "ms" => seconds_times(1e3),
        "us" => seconds_times(1e6),
        "ns" => seconds_times(1e9),
        "By" => explicit(&(4..=15).map(|power| 4_f64.powi(power)).collect::<Vec<_>>()),
        _ => explicit(&DEFAULT),
    }
}

fn seconds_times(factor: f64) -> Buckets {
    let seconds = Buckets::semconv_seconds();
    let bounds = seconds.bounds().iter();
    // Rounded, because a bound is part of the identity of a series: 0.007 * 1000 is not 7.
    explicit(
        &bounds
            .map(|bound| (bound * factor).round())
            .collect::<Vec<_>>(),
    )
}

fn explicit(bounds: &[f64]) -> Buckets {
    Buckets::explicit(bounds).unwrap_or_else(|_| Buckets::semconv_seconds())
}

const DEFAULT: [f64; 15] = [
    0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1_000.0, 2_500.0, 5_000.0,
    7_500.0, 10_000.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_in_the_unit_of_the_values() {
        for (unit, count, first, last) in [
            ("s", 14, 0.005, 10.0),
            ("ms", 14, 5.0, 10_000.0),
            ("us", 14, 5_000.0, 10_000_000.0),
            ("ns", 14, 5_000_000.0, 10_000_000_000.0),
            ("By", 12, 256.0, 1_073_741_824.0),
            ("{row}", 15, 0.0, 10_000.0),
            ("", 15, 0.0, 10_000.0),
        ] {
            let buckets = of_unit(unit);
            let bounds = buckets.bounds();
            assert_eq!(bounds.len(), count, "{unit}");
            assert_eq!((bounds[0], bounds[count - 1]), (first, last), "{unit}");
        }
    }
}
