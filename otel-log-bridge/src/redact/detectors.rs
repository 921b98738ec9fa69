//! What each detector takes for a find.
//!
//! Each is written by hand over bytes: exact where there is a check digit, and careful to leave
//! ordinary prose, versions and ids alone where there is none.

use std::net::IpAddr;
use std::ops::Range;

use super::Detector;

/// The first find at or after `from`.
pub(super) fn find(detector: Detector, text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    match detector {
        Detector::Email => email(bytes, from),
        Detector::UrlCredentials => url_credentials(bytes, from),
        Detector::CardNumber => numbers(bytes, from, is_card),
        Detector::Jwt => jwt(bytes, from),
        Detector::Authorization => authorization(bytes, from),
        Detector::ServiceKey => service_key(bytes, from),
        Detector::PrivateKey => private_key(text, from),
        Detector::Iban => iban(bytes, from),
        Detector::Phone => phone(bytes, from),
        Detector::Assignment => assignment(bytes, from),
        Detector::IpAddress => ip_address(text, from),
    }
}

fn at(bytes: &[u8], index: usize) -> u8 {
    bytes.get(index).copied().unwrap_or_default()
}

/// The byte before, or 0 at the start.
fn before(bytes: &[u8], index: usize) -> u8 {
    index.checked_sub(1).map_or(0, |index| at(bytes, index))
}

/// The first index at or after `from` whose byte is not of the kind.
fn skip(bytes: &[u8], from: usize, kind: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|b| !kind(*b)).unwrap_or(rest.len())
}

/// Indexes at or after `from` where `needle` begins.
fn occurrences(bytes: &[u8], needle: &'static [u8], from: usize) -> impl Iterator<Item = usize> {
    let windows = bytes.get(from..).unwrap_or_default().windows(needle.len());
    let found = windows
        .enumerate()
        .filter(move |(_, window)| *window == needle);
    found.map(move |(index, _)| from + index)
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric()
}

fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=')
}

fn email(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    occurrences(bytes, b"@", from).find_map(|sign| {
        let is_local = |b: u8| b.is_ascii_alphanumeric() || b"._%+-".contains(&b);
        let mut start = sign;
        while start > from && is_local(before(bytes, start)) {
            start -= 1;
        }
        let is_host = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
        let mut end = skip(bytes, sign + 1, is_host);
        while end > sign && matches!(before(bytes, end), b'.' | b'-') {
            end -= 1;
        }
        let host = bytes.get(sign + 1..end)?;
        let last = host.rsplit(|b| *b == b'.').next()?;
        let is_domain =
            host.contains(&b'.') && last.len() >= 2 && last.iter().all(u8::is_ascii_alphabetic);
        // `git@host:path` is an address of a repository.
        let is_remote = bytes.get(start..sign) == Some(b"git") && at(bytes, end) == b':';
        (start < sign && is_domain && !is_remote).then_some(start..end)
    })
}

fn url_credentials(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    occurrences(bytes, b"://", from).find_map(|colon| {
        let start = colon + 3;
        let end = skip(bytes, start, |b| {
            !b.is_ascii_whitespace() && !b"/\"'<>".contains(&b)
        });
        let authority = bytes.get(start..end)?;
        let sign = authority.iter().rposition(|b| *b == b'@')?;
        let has_password = authority.get(..sign)?.contains(&b':');
        (sign > 0 && has_password).then_some(start..start + sign)
    })
}

/// Runs of digits, with single spaces or dashes between them, that `accepts` takes.
fn numbers(bytes: &[u8], from: usize, accepts: fn(&[u8]) -> bool) -> Option<Range<usize>> {
    let mut start = from;
    while start < bytes.len() {
        if !at(bytes, start).is_ascii_digit() {
            start += 1;
            continue;
        }
        let mut digits = [0; 20];
        let mut count = 0;
        let mut end = start;
        let mut index = start;
        while index < bytes.len() {
            let b = at(bytes, index);
            if b.is_ascii_digit() {
                if let Some(slot) = digits.get_mut(count) {
                    *slot = b - b'0';
                }
                count += 1;
                end = index + 1;
            } else if !((b == b' ' || b == b'-') && at(bytes, index + 1).is_ascii_digit()) {
                break;
            }
            index += 1;
        }
        let is_apart = !is_joined(before(bytes, start)) && !is_joined(at(bytes, end));
        if is_apart && digits.get(..count).is_some_and(accepts) {
            return Some(start..end);
        }
        start = end;
    }
    None
}

/// Whether a byte beside a number makes it part of something else.
fn is_joined(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'.'
}

fn is_card(digits: &[u8]) -> bool {
    let starts = |count: usize| {
        let first = digits.iter().take(count);
        first.fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit))
    };
    let is_network = match digits.len() {
        13 | 19 => starts(1) == 4 || starts(2) == 62,
        14 => starts(2) == 36 || starts(2) == 38 || (300..=305).contains(&starts(3)),
        15 => matches!(starts(2), 34 | 37),
        16 => {
            starts(1) == 4
                || (51..=55).contains(&starts(2))
                || (2221..=2720).contains(&starts(4))
                || starts(4) == 6011
                || matches!(starts(2), 62 | 65)
                || (3528..=3589).contains(&starts(4))
        }
        17 | 18 => starts(2) == 62,
        _ => false,
    };
    let luhn: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| match (place % 2, u32::from(digit) * 2) {
            (0, _) => u32::from(digit),
            (_, double) => double / 10 + double % 10,
        })
        .sum();
    is_network && luhn.is_multiple_of(10)
}

fn jwt(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut starts =
        occurrences(bytes, b"eyJ", from).filter(|start| !is_word(before(bytes, *start)));
    starts.find_map(|start| {
        let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let header = skip(bytes, start, is_part);
        let payload = skip(bytes, header + 1, is_part);
        let end = skip(bytes, payload + 1, is_part);
        let is_jwt = header - start >= 10
            && at(bytes, header) == b'.'
            && payload - header > 8
            && at(bytes, payload) == b'.';
        is_jwt.then_some(start..end)
    })
}

fn authorization(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut index = from;
    while index + 14 <= bytes.len() {
        let rest = bytes.get(index..)?;
        let scheme = [&b"bearer "[..], b"basic "].into_iter().find(|scheme| {
            let start = rest.get(..scheme.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        if let Some(scheme) = scheme
            && !is_word(before(bytes, index))
        {
            let start = index + scheme.len();
            let end = skip(bytes, start, is_token);
            let token = bytes.get(start..end)?;
            let has = |kind: fn(&u8) -> bool| token.iter().any(kind);
            let is_mixed = has(u8::is_ascii_digit) || has(|b| *b == b'=');
            if token.len() >= 8 && is_mixed {
                return Some(start..end);
            }
        }
        index += 1;
    }
    None
}

/// Prefixes of keys and the least length of what follows.
const SERVICE_KEYS: [(&[u8], usize); 14] = [
    (b"AKIA", 16),
    (b"ASIA", 16),
    (b"AIza", 35),
    (b"ghp_", 30),
    (b"gho_", 30),
    (b"ghs_", 30),
    (b"github_pat_", 30),
    (b"glpat-", 20),
    (b"xoxb-", 20),
    (b"xoxp-", 20),
    (b"sk_live_", 16),
    (b"rk_live_", 16),
    (b"sk-", 32),
    (b"LTAI", 12),
];

fn service_key(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut index = from;
    while index < bytes.len() {
        let end = skip(bytes, index, |b| is_word(b) || b == b'_' || b == b'-');
        let word = bytes.get(index..end)?;
        let is_key = word.len() >= 16
            && word.iter().any(u8::is_ascii_digit)
            && SERVICE_KEYS.iter().any(|(prefix, least)| {
                let tail = word.strip_prefix(*prefix);
                tail.is_some_and(|tail| tail.len() >= *least)
            });
        if is_key {
            return Some(index..end);
        }
        index = end + 1;
    }
    None
}

fn private_key(text: &str, from: usize) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    let start = rest.find("-----BEGIN ")?;
    let label_end = rest.get(start..)?.find("PRIVATE KEY-----")?;
    let after = start + label_end;
    let end = rest
        .get(after..)?
        .find("-----END ")
        .and_then(|end| {
            let close = rest.get(after + end + 9..)?.find("-----")?;
            Some(after + end + 9 + close + 5)
        })
        .unwrap_or(rest.len());
    Some(from + start..from + end)
}

fn iban(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut start = from;
    while start + 15 <= bytes.len() {
        let head = bytes.get(start..start + 4)?;
        let is_head = matches!(head, [a, b, c, d]
            if a.is_ascii_uppercase() && b.is_ascii_uppercase()
                && c.is_ascii_digit() && d.is_ascii_digit());
        if is_head && !is_word(before(bytes, start)) {
            let is_part = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ';
            let mut end = skip(bytes, start, is_part).min(start + 42);
            while end > start + 14 {
                let candidate = bytes.get(start..end)?;
                let whole = !is_word(at(bytes, end)) && before(bytes, end) != b' ';
                if whole && is_iban(candidate) {
                    return Some(start..end);
                }
                end -= 1;
            }
        }
        start += 1;
    }
    None
}

/// ISO 7064 MOD 97-10, with the first four characters moved to the end.
fn is_iban(text: &[u8]) -> bool {
    let plain = || text.iter().filter(|b| **b != b' ');
    let count = plain().count();
    let rest = plain().skip(4).chain(plain().take(4));
    let remainder = rest.fold(0_u32, |sum, b| {
        if b.is_ascii_digit() {
            (sum * 10 + u32::from(b - b'0')) % 97
        } else {
            (sum * 100 + u32::from(b - b'A') + 10) % 97
        }
    });
    (15..=34).contains(&count) && remainder == 1
}

fn phone(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    occurrences(bytes, b"+", from).find_map(|start| {
        let mut digits = 0;
        let mut end = start + 1;
        let mut index = start + 1;
        while index < bytes.len() {
            let b = at(bytes, index);
            if b.is_ascii_digit() {
                digits += 1;
                end = index + 1;
            } else if !b" -()".contains(&b) || index > end + 1 {
                break;
            }
            index += 1;
        }
        let first = at(bytes, start + 1);
        let is_phone = !is_joined(before(bytes, start))
            && (b'1'..=b'9').contains(&first)
            && (8..=15).contains(&digits)
            && !is_joined_after(at(bytes, end), at(bytes, end + 1));
        is_phone.then_some(start..end)
    })
}

/// A full stop may end a sentence; one before a digit does not.
fn is_joined_after(b: u8, next: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || (b == b'.' && next.is_ascii_digit())
}

/// Ends of names whose value is a secret.
const ASSIGNED: [&[u8]; 10] = [
    b"password",
    b"passwd",
    b"pwd",
    b"secret",
    b"token",
    b"api_key",
    b"apikey",
    b"api-key",
    b"access_key",
    b"passphrase",
];

/// Bytes of a value that are looked at to tell whether it is a secret.
const JUDGED: usize = 256;

fn assignment(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    (from..bytes.len()).find_map(|sign| {
        let is_colon = match at(bytes, sign) {
            b'=' => false,
            b':' => true,
            _ => return None,
        };
        let mut name_end = sign;
        while matches!(before(bytes, name_end), b'"' | b'\'' | b' ') {
            name_end -= 1;
        }
        let head = bytes.get(..name_end)?;
        let is_secret = ASSIGNED.iter().any(|name| {
            let start = head.len().checked_sub(name.len());
            let end = start.and_then(|start| head.get(start..));
            end.is_some_and(|end| end.eq_ignore_ascii_case(name))
        });
        if !is_secret {
            return None;
        }
        let mut start = skip(bytes, sign + 1, |b| b == b' ');
        let mut quote = at(bytes, start);
        if quote == b'\\' {
            start += 1;
            quote = at(bytes, start);
        }
        let is_quoted = quote == b'"' || quote == b'\'';
        start += usize::from(is_quoted);
        let is_value = |b: u8| {
            if is_quoted {
                b != quote && b != b'\\'
            } else {
                !b.is_ascii_whitespace() && !b",;&)}]\"'".contains(&b)
            }
        };
        // Judged by its start, so that prose that goes on for long is not read again and again.
        let judged = bytes.get(..start + JUDGED).unwrap_or(bytes);
        let end = skip(judged, start, is_value);
        let value = bytes.get(start..end)?;
        let is_looking_secret = value.len() >= 6
            && value.iter().any(u8::is_ascii_digit)
            && value.iter().any(u8::is_ascii_alphabetic);
        let is_said = !matches!(
            value,
            b"" | b"null" | b"none" | b"None" | b"true" | b"false" | b"[REDACTED]"
        );
        // After a colon without quotes stands prose more often than a value.
        let counts = if is_colon && !is_quoted {
            is_looking_secret
        } else {
            is_said
        };
        (counts && start >= from).then(|| start..skip(bytes, end, is_value))
    })
}

fn ip_address(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut start = from;
    while start < bytes.len() {
        let is_part = |b: u8| b.is_ascii_hexdigit() || b == b':' || b == b'.';
        let mut end = skip(bytes, start, is_part);
        while end > start && matches!(before(bytes, end), b'.') {
            end -= 1;
        }
        let candidate = text.get(start..end).unwrap_or_default();
        let is_apart = !is_joined(before(bytes, start)) && !is_word(at(bytes, end));
        if candidate.len() >= 3 && is_apart {
            if candidate.parse::<IpAddr>().is_ok() {
                return Some(start..end);
            }
            // An IPv4 address with a port.
            if let Some((host, _)) = candidate.rsplit_once(':')
                && host.parse::<std::net::Ipv4Addr>().is_ok()
            {
                return Some(start..start + host.len());
            }
        }
        start = end + 1;
    }
    None
}
