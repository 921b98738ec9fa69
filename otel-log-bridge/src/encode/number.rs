//! Numbers as JSON.
//!
//! JSON has no number for what is not finite: it is written as a string, so that nothing is lost.

pub(crate) fn push_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// The shortest digits that read back as the same number; names as in the proto3 JSON mapping.
pub(crate) fn push_f64(out: &mut Vec<u8>, value: f64) {
    if let Some(hundredths) = hundredths(value) {
        push_hundredths(out, hundredths);
    } else if value.is_finite() {
        out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    } else if value.is_nan() {
        push_quoted(out, "NaN");
    } else if value > 0.0 {
        push_quoted(out, "Infinity");
    } else {
        push_quoted(out, "-Infinity");
    }
}

/// The value in hundredths, if it is a small number of them: most that are logged are, and need no
/// search for their shortest digits. A quotient of integers is rounded as their decimal would be
/// when it is read back, and fifteen digits are never ambiguous.
fn hundredths(value: f64) -> Option<i64> {
    const MAX: f64 = 1e12;
    let scaled = value * 100.0;
    // Out of range, and not a number, saturate and are found out by what follows.
    let hundredths = (scaled + 0.5_f64.copysign(scaled)) as i64;
    let is_exact = scaled.abs() < MAX && hundredths as f64 / 100.0 == value;
    let is_negative_zero = hundredths == 0 && value.is_sign_negative();
    (is_exact && !is_negative_zero).then_some(hundredths)
}

fn push_hundredths(out: &mut Vec<u8>, hundredths: i64) {
    if hundredths < 0 {
        out.push(b'-');
    }
    let hundredths = hundredths.unsigned_abs();
    out.extend_from_slice(itoa::Buffer::new().format(hundredths / 100).as_bytes());
    let (tens, ones) = ((hundredths / 10 % 10) as u8, (hundredths % 10) as u8);
    let fraction = [b'.', b'0' + tens, b'0' + ones];
    let len = if ones == 0 { 2 } else { 3 };
    out.extend_from_slice(fraction.get(..len).unwrap_or(&fraction));
}

fn push_quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_are_written_as_the_shortest_digits_are() {
        let cases = (-200_000..200_000_i64).map(|n| n as f64 / 100.0);
        let near = (0..2_000).flat_map(|n| {
            let value = f64::from(n) / 100.0;
            [value.next_up(), value.next_down()]
        });
        let large = [1e9 + 0.25, 9_999_999_999.99, 1e10, 1e15, 1e16, 0.1 + 0.2];
        for value in cases.chain(near).chain(large) {
            let mut out = Vec::new();
            push_f64(&mut out, value);
            let expected = zmij::Buffer::new().format_finite(value).to_owned();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
