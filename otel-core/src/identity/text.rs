//! Text that a stranger chose, made fit for a log.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

/// Longest text of a stranger that is kept, bytes before its escapes.
const MAX_LEN: usize = 256;

/// The text with everything escaped that could forge a line, hide or turn characters around; cut
/// to a bounded length.
pub(super) fn safe_text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len().min(MAX_LEN));
    for (at, c) in text.char_indices() {
        if at >= MAX_LEN {
            break;
        }
        if is_unsafe(c) {
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Controls of C0 and C1, separators of lines, and what changes the direction of text.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{61c}'
        )
}

/// A time as RFC 3339 in UTC with nanoseconds. A time outside the years 0 to 9999 is cut to them.
pub(super) fn rfc3339(time: SystemTime) -> String {
    let nanos = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i128::try_from(after.as_nanos()).unwrap_or(i128::MAX),
        Err(before) => -i128::try_from(before.duration().as_nanos()).unwrap_or(i128::MAX),
    };
    const SECOND: i128 = 1_000_000_000;
    // 0000-01-01 and 9999-12-31 in seconds from the epoch.
    let seconds = nanos
        .div_euclid(SECOND)
        .clamp(-62_167_219_200, 253_402_300_799);
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:09}Z",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
        nanos.rem_euclid(SECOND)
    )
}

/// The proleptic Gregorian date of a day counted from 1970-01-01, in years that begin in March, so
/// that the leap day is the last of them.
const fn civil(days: i128) -> (i128, i128, i128) {
    // Days from 0000-03-01; 146,097 of them are 400 years.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + (month <= 2) as i128;
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_could_forge_a_line_is_escaped_and_length_is_bounded() {
        assert_eq!(
            safe_text("CN=a\n{\"x\"}\u{202e}b\u{0}"),
            "CN=a\\u{a}{\"x\"}\\u{202e}b\\u{0}"
        );
        assert_eq!(safe_text("O=Zürich"), "O=Zürich");
        assert_eq!(safe_text(&"ü".repeat(300)).len(), 256);
    }

    #[test]
    fn times_are_written_with_all_their_nanoseconds() {
        for (seconds, nanos, text) in [
            (0, 0, "1970-01-01T00:00:00.000000000Z"),
            (951_782_399, 999_999_999, "2000-02-28T23:59:59.999999999Z"),
            (951_782_400, 1, "2000-02-29T00:00:00.000000001Z"),
            (1_795_233_600, 0, "2026-11-21T04:00:00.000000000Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00.000000000Z"),
        ] {
            assert_eq!(rfc3339(UNIX_EPOCH + Duration::new(seconds, nanos)), text);
        }
        assert_eq!(
            rfc3339(UNIX_EPOCH - Duration::from_nanos(1)),
            "1969-12-31T23:59:59.999999999Z"
        );
    }
}
