//! Numbers as the grammar of OpenMetrics 1.0 writes them.

/// A decimal number, an infinity or `NaN`, the words in any case.
pub(super) fn parse(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches(['+', '-']);
    if digits.eq_ignore_ascii_case("nan") {
        return (digits == text).then_some(f64::NAN);
    }
    text.parse().ok()
}

/// A timestamp or another number that has to be finite.
pub(super) fn parse_finite(text: &str) -> Option<f64> {
    parse(text).filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_grammar() {
        for (text, number) in [
            ("1", 1.0),
            ("-1.5e+3", -1500.0),
            ("+.5", 0.5),
            ("007", 7.0),
            ("+Inf", f64::INFINITY),
            ("-INFINITY", f64::NEG_INFINITY),
        ] {
            assert_eq!(parse(text), Some(number), "{text}");
        }
        assert!(parse("nan").unwrap().is_nan());
        for text in [
            "", " 1", "1 ", "1_0", "0x1", "0b1", "1e", "-nan", "++1", "1.1.1", "١",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
        assert!(parse_finite("Inf").is_none());
    }
}
