//! Numbers as both text formats write them.
//!
//! Every number reads back as the value it was: integers whole, floats by their shortest digits,
//! sums of nanoseconds as exact decimals.

use std::fmt::Write;

use bytes::BytesMut;

/// Appends an integer.
#[inline]
pub(super) fn push_integer(out: &mut BytesMut, n: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(n).as_bytes());
}

/// Appends a float; without a point if it is whole.
pub(super) fn push_f64(out: &mut BytesMut, value: f64) {
    // Below 2^53 the conversion is exact, and zero keeps its sign by the other way.
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 && value != 0.0 {
        push_integer(out, value as i64);
    } else if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    } else {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(value);
        let text = text.strip_suffix(".0").unwrap_or(text);
        out.extend_from_slice(text.as_bytes());
    }
}

/// Appends a number of billionths exactly, such as nanoseconds in seconds.
pub(super) fn push_billionths(out: &mut BytesMut, billionths: u128) {
    const BILLION: u128 = 1_000_000_000;
    let fraction = match u64::try_from(billionths) {
        Ok(small) => {
            push_integer(out, small / BILLION as u64);
            small % BILLION as u64
        }
        Err(_) => {
            push_integer(out, billionths / BILLION);
            (billionths % BILLION) as u64
        }
    };
    if fraction != 0 {
        // The sum with a billion has all nine digits; its leading 1 gives way to the point.
        let point = out.len();
        push_integer(out, BILLION as u64 + fraction);
        if let Some(digit) = out.get_mut(point) {
            *digit = b'.';
        }
        let zeros = out.iter().rev().take_while(|digit| **digit == b'0').count();
        out.truncate(out.len() - zeros);
    }
}

/// Appends the upper bound of a bucket as a canonical number (OpenMetrics 1.0, "Considerations:
/// Canonical Numbers"): Go's `%g` with shortest digits, and a `.0` if neither point nor exponent is
/// there. A bound is a label value, so its spelling is part of the identity of a series.
pub(super) fn push_bound(out: &mut BytesMut, bound: f64) {
    if !bound.is_finite() {
        return push_f64(out, bound);
    }
    let start = out.len();
    // Writing to memory cannot fail.
    let _ = write!(out, "{bound:e}");
    let text = out.get(start..).unwrap_or_default();
    let e = text.iter().position(|byte| *byte == b'e');
    let exponent = e
        .and_then(|e| str::from_utf8(text.get(e + 1..)?).ok()?.parse().ok())
        .unwrap_or(0_i32);
    if (-4..6).contains(&exponent) {
        out.truncate(start);
        let _ = write!(out, "{bound:?}");
    } else {
        out.truncate(start + e.unwrap_or_default());
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "e{sign}{:02}", exponent.unsigned_abs());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut BytesMut)) -> String {
        let mut out = BytesMut::from(&b"x "[..]);
        write(&mut out);
        String::from_utf8(out.to_vec()).unwrap().split_off(2)
    }

    #[test]
    fn floats_are_whole_or_shortest() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-17.0, "-17"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.30000000000000004"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (1e300, "1e+300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            let found = text(|out| push_f64(out, value));
            assert_eq!(found, expected);
            if value.is_finite() {
                assert_eq!(found.parse::<f64>().unwrap().to_bits(), value.to_bits());
            }
        }
    }

    #[test]
    fn billionths_are_exact() {
        for (billionths, expected) in [
            (0, "0"),
            (1, "0.000000001"),
            (1_000_000_000, "1"),
            (1_500_000_000, "1.5"),
            (12_000_000_340, "12.00000034"),
            (100_000_000_000, "100"),
            (u64::MAX.into(), "18446744073.709551615"),
            (u128::from(u64::MAX) + 1, "18446744073.709551616"),
            (4_000_000_000_000_000_000_001, "4000000000000.000000001"),
        ] {
            assert_eq!(text(|out| push_billionths(out, billionths)), expected);
        }
    }

    /// The vectors of the specification, and those around the change of notation.
    #[test]
    fn bounds_are_canonical() {
        for expected in [
            "0.0",
            "0.001",
            "0.01",
            "0.1",
            "0.95",
            "0.99",
            "0.999",
            "1.0",
            "1.7",
            "10.0",
            "1e-10",
            "1e-09",
            "1e-05",
            "0.0001",
            "0.00012345",
            "1.2345e-05",
            "100000.0",
            "123456.0",
            "123456.7",
            "999999.0",
            "1e+06",
            "1.234567e+06",
            "1e+10",
            "1e+23",
            "1.1e+23",
            "5e-324",
            "1.7976931348623157e+308",
            "+Inf",
        ] {
            let bound = expected.parse().unwrap();
            assert_eq!(text(|out| push_bound(out, bound)), expected);
        }
    }
}
