//! Timestamps: RFC 3339, UTC, always nine fractional digits.
//!
//! A fixed width sorts as text. Only the fraction changes from line to line, so the rest is kept
//! until the second does.

use std::time::{SystemTime, UNIX_EPOCH};

const DIGITS: &[u8; 10] = b"0123456789";
/// Years RFC 3339 can write.
const FIRST_SECOND: i64 = -62_167_219_200;
const LAST_SECOND: i64 = 253_402_300_799;

/// Writes timestamps, and remembers the last second it wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timestamps {
    second: Option<i64>,
    /// `YYYY-MM-DDTHH:MM:SS.`
    prefix: [u8; 20],
}

impl Timestamps {
    pub(crate) const fn new() -> Self {
        Self {
            second: None,
            prefix: *b"0000-00-00T00:00:00.",
        }
    }

    /// A timestamp. Years outside 0 to 9999 are moved to the nearest.
    pub(crate) fn stamp(&mut self, time: SystemTime) -> [u8; 30] {
        let (second, nanosecond) = unix(time);
        if self.second != Some(second) {
            self.prefix = prefix(second);
            self.second = Some(second);
        }
        let mut stamp = [b'Z'; 30];
        let (prefix, rest) = stamp.split_at_mut(20);
        prefix.copy_from_slice(&self.prefix);
        fill(rest.split_at_mut(9).0, nanosecond);
        stamp
    }
}

fn unix(time: SystemTime) -> (i64, u32) {
    let (second, nanosecond) = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => (
            i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
            after.subsec_nanos(),
        ),
        Err(error) => {
            let before = error.duration();
            let seconds = i64::try_from(before.as_secs()).map_or(i64::MIN, |seconds| -seconds);
            match before.subsec_nanos() {
                0 => (seconds, 0),
                nanos => (seconds.saturating_sub(1), 1_000_000_000 - nanos),
            }
        }
    };
    (second.clamp(FIRST_SECOND, LAST_SECOND), nanosecond)
}

fn prefix(second: i64) -> [u8; 20] {
    let (year, month, day) = civil(second.div_euclid(86_400));
    let of_day = second.rem_euclid(86_400);
    let mut text = *b"0000-00-00T00:00:00.";
    let [
        y1,
        y2,
        y3,
        y4,
        _,
        m1,
        m2,
        _,
        d1,
        d2,
        _,
        h1,
        h2,
        _,
        n1,
        n2,
        _,
        s1,
        s2,
        _,
    ] = &mut text;
    let parts: [(&mut [&mut u8], i64); 6] = [
        (&mut [y1, y2, y3, y4], year),
        (&mut [m1, m2], month),
        (&mut [d1, d2], day),
        (&mut [h1, h2], of_day / 3600),
        (&mut [n1, n2], of_day / 60 % 60),
        (&mut [s1, s2], of_day % 60),
    ];
    for (places, value) in parts {
        let mut rest = value.unsigned_abs();
        for place in places.iter_mut().rev() {
            **place = digit(rest);
            rest /= 10;
        }
    }
    text
}

/// The proleptic Gregorian date of a day counted from 1970-01-01.
///
/// Counted in eras of 400 years (146 097 days) that begin on 1 March, so that the leap day is the
/// last of its year.
fn civil(day: i64) -> (i64, i64, i64) {
    let from_march_0000 = day + 719_468;
    let era = from_march_0000.div_euclid(146_097);
    let day_of_era = from_march_0000.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_month)
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
pub(crate) const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let year_of_era = year.rem_euclid(400);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    year.div_euclid(400) * 146_097 + day_of_era - 719_468
}

/// Nine digits, three at a time.
fn fill(places: &mut [u8], value: u32) {
    let groups = [value / 1_000_000, value / 1000 % 1000, value % 1000];
    for (places, group) in places.chunks_exact_mut(3).zip(groups) {
        let digits = THREE_DIGITS.get(group as usize);
        places.copy_from_slice(digits.unwrap_or(b"000"));
    }
}

/// `000` to `999`.
static THREE_DIGITS: [[u8; 3]; 1000] = {
    let mut table = [[0; 3]; 1000];
    let mut at = 0;
    while at < 1000 {
        #[expect(
            clippy::indexing_slicing,
            reason = "below the length, and at compile time"
        )]
        {
            table[at] = [
                b'0' + (at / 100) as u8,
                b'0' + (at / 10 % 10) as u8,
                b'0' + (at % 10) as u8,
            ];
        }
        at += 1;
    }
    table
};

fn digit(value: u64) -> u8 {
    DIGITS.get((value % 10) as usize).copied().unwrap_or(b'0')
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn written(time: SystemTime) -> String {
        String::from_utf8(Timestamps::new().stamp(time).to_vec()).unwrap()
    }

    #[test]
    fn known_moments() {
        // Unix seconds as `date -u` converts them.
        let cases = [
            (0, 0, "1970-01-01T00:00:00.000000000Z"),
            (951_782_400, 1, "2000-02-29T00:00:00.000000001Z"),
            (951_868_800, 0, "2000-03-01T00:00:00.000000000Z"),
            (1_700_000_000, 123_456_789, "2023-11-14T22:13:20.123456789Z"),
            (1_709_251_199, 999_999_999, "2024-02-29T23:59:59.999999999Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00.000000000Z"),
            (253_402_300_799, 0, "9999-12-31T23:59:59.000000000Z"),
            (253_402_300_800, 0, "9999-12-31T23:59:59.000000000Z"),
        ];
        for (seconds, nanos, expected) in cases {
            let time = UNIX_EPOCH + Duration::new(seconds, nanos);
            assert_eq!(written(time), expected);
        }
    }

    #[test]
    fn days_and_dates_are_each_others_inverse() {
        for day in (-800_000..3_000_000).step_by(97) {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day);
        }
    }

    #[test]
    fn a_clock_before_the_epoch() {
        let time = UNIX_EPOCH - Duration::from_nanos(1);
        assert_eq!(written(time), "1969-12-31T23:59:59.999999999Z");
        let time = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(written(time), "1969-12-31T23:59:59.000000000Z");
    }

    #[test]
    fn the_kept_second_is_replaced_when_it_changes_either_way() {
        let mut timestamps = Timestamps::new();
        for second in [10, 10, 11, 9] {
            let out = timestamps.stamp(UNIX_EPOCH + Duration::from_secs(second));
            let expected = format!("1970-01-01T00:00:{second:02}.000000000Z");
            assert_eq!(out.as_slice(), expected.as_bytes());
        }
    }
}
