//! The `Accept` header, read with caution: it comes from whoever can reach the port.
//!
//! RFC 9110, section 12.5.1. A range that breaks the grammar is passed over, and reading ends after
//! a fixed number of ranges and bytes, so no header makes a scrape fail or cost more.

use http::HeaderMap;
use http::header::ACCEPT;

/// One media range, such as `text/*;q=0.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MediaRange<'a> {
    type_: &'a str,
    subtype: &'a str,
    version: Option<&'a str>,
    /// The weight in thousandths; 0 is a refusal.
    pub(super) weight: u16,
}

impl MediaRange<'_> {
    /// How closely this range describes a media type, if it does. A range without a version
    /// describes the default version only.
    pub(super) fn specificity(&self, offered: &Offered) -> Option<u8> {
        let named = |range: &str, name: &str| range.eq_ignore_ascii_case(name);
        let version = match self.version {
            Some(version) => (version == offered.version).then_some(1)?,
            None => offered.is_default.then_some(0)?,
        };
        if self.type_ == "*" {
            Some(version)
        } else if !named(self.type_, offered.type_) {
            None
        } else if self.subtype == "*" {
            Some(2 + version)
        } else {
            named(self.subtype, offered.subtype).then_some(4 + version)
        }
    }
}

/// A media type that can be answered with.
pub(super) struct Offered {
    pub(super) type_: &'static str,
    pub(super) subtype: &'static str,
    pub(super) version: &'static str,
    /// Whether it is meant where no version is asked for.
    pub(super) is_default: bool,
}

/// The well-formed ranges of all `Accept` lines, in the order they came, up to the limits.
pub(super) fn ranges(headers: &HeaderMap) -> impl Iterator<Item = MediaRange<'_>> {
    let mut room = MAX_BYTES;
    headers
        .get_all(ACCEPT)
        .iter()
        .flat_map(|line| split(line.as_bytes(), b','))
        .take_while(move |element| {
            // With its comma; a range that is cut off could mean something else.
            let fits = element.len() < room;
            room = room.saturating_sub(element.len() + 1);
            fits
        })
        .map(<[u8]>::trim_ascii)
        .filter(|element| !element.is_empty())
        .take(MAX_RANGES)
        .filter_map(parse)
}

fn parse(element: &[u8]) -> Option<MediaRange<'_>> {
    let element = str::from_utf8(element).ok()?;
    let mut parts = split(element.as_bytes(), b';').map(<[u8]>::trim_ascii);
    let (type_, subtype) = str::from_utf8(parts.next()?).ok()?.split_once('/')?;
    if !is_token(type_) || !is_token(subtype) || (type_ == "*" && subtype != "*") {
        return None;
    }
    let mut version = None;
    let mut weight = None;
    for part in parts.filter(|part| !part.is_empty()) {
        let (name, value) = str::from_utf8(part).ok()?.split_once('=')?;
        let value = unquoted(value)?;
        if !is_token(name) {
            return None;
        }
        // The weight may stand anywhere. A parameter given twice contradicts itself.
        let twice = if name.eq_ignore_ascii_case("q") {
            weight.replace(thousandths(value)?).is_some()
        } else if name.eq_ignore_ascii_case("version") {
            version.replace(value).is_some()
        } else {
            false
        };
        if twice {
            return None;
        }
    }
    Some(MediaRange {
        type_,
        subtype,
        version,
        weight: weight.unwrap_or(1_000),
    })
}

/// Splits at a separator outside of quoted strings.
fn split(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |&byte| {
        if escaped {
            escaped = false;
        } else if byte == b'\\' {
            escaped = quoted;
        } else if byte == b'"' {
            quoted = !quoted;
        }
        byte == separator && !quoted
    })
}

/// What is between the quotes, or a token.
fn unquoted(value: &str) -> Option<&str> {
    match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"'),
        None => is_token(value).then_some(value),
    }
}

/// RFC 9110, section 12.4.2: 0 to 1 with at most three decimals.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = decimals.bytes().chain([b'0'; 3]).take(3);
    let decimals = digits.fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(1_000),
        _ => None,
    }
}

/// RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_token_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token_byte)
}

const MAX_RANGES: usize = 32;
const MAX_BYTES: usize = 4 * 1024;
