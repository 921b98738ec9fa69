//! Times: RFC 3339, and seconds since 1970 with their fractions.

/// `2026-11-21T04:01:07.5+01:00`; the seconds and the offset may be missing.
pub(super) fn is_date_time(value: &str) -> bool {
    let Some((head, rest)) = value.as_bytes().split_at_checked(DATE_TIME.len()) else {
        return false;
    };
    let fits = DATE_TIME
        .iter()
        .zip(head)
        .all(|(pattern, byte)| match pattern {
            b'0' => byte.is_ascii_digit(),
            b'T' => matches!(byte, b'T' | b't' | b' ' | b'_'),
            other => other == byte,
        });
    // Seconds, their fraction and the offset are of digits and these.
    fits && rest.len() <= LONGEST_REST
        && rest
            .iter()
            .all(|byte| byte.is_ascii_digit() || b":.,+-Zz ".contains(byte))
}

/// Whether a number is a time after 2001 and before 2038, in a unit that its length tells.
pub(super) fn is_epoch(digits: &str) -> bool {
    let seconds = digits.get(..10).and_then(|head| head.parse::<u64>().ok());
    matches!(digits.len(), 10 | 13 | 16 | 19)
        && seconds.is_some_and(|seconds| (1_000_000_000..2_147_483_648).contains(&seconds))
}

const DATE_TIME: &[u8] = b"0000-00-00T00:00";

/// `:07.123456789 +01:00`
const LONGEST_REST: usize = 20;
