//! A header that is a list of weighted choices, read with caution: it comes from whoever can reach
//! the port.
//!
//! RFC 9110, sections 5.6 and 12.4. What breaks the grammar is passed over, and reading ends after a
//! fixed number of elements and bytes, so no header makes a scrape fail or cost more.

use http::{HeaderMap, HeaderName};

/// The elements of all lines of a header that are not blank, in the order they came, up to the limits.
pub(super) fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    let mut room = MAX_BYTES;
    headers
        .get_all(name)
        .iter()
        .flat_map(|line| split(line.as_bytes(), b','))
        .take_while(move |element| {
            // With its comma; an element that is cut off could mean something else.
            let fits = element.len() < room;
            room = room.saturating_sub(element.len() + 1);
            fits
        })
        .map(<[u8]>::trim_ascii)
        .filter(|element| !element.is_empty())
        .take(MAX_ELEMENTS)
}

/// An element: the choice itself, and its parameters.
pub(super) struct Element<'a> {
    pub(super) choice: &'a str,
    parameters: &'a str,
}

impl<'a> Element<'a> {
    pub(super) fn parse(element: &'a [u8]) -> Option<Self> {
        let element = str::from_utf8(element).ok()?;
        let (choice, parameters) = element.split_once(';').unwrap_or((element, ""));
        let choice = choice.trim_ascii();
        (!choice.is_empty()).then_some(Self { choice, parameters })
    }

    /// Names and values, without quotes; `None` for each that is neither blank nor well formed.
    pub(super) fn parameters(&self) -> impl Iterator<Item = Option<(&'a str, &'a str)>> + use<'a> {
        split(self.parameters.as_bytes(), b';')
            .map(<[u8]>::trim_ascii)
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (name, value) = str::from_utf8(part).ok()?.split_once('=')?;
                is_token(name).then_some((name, unquoted(value)?))
            })
    }
}

/// A weight in thousandths; 0 is a refusal. RFC 9110, section 12.4.2: 0 to 1 with at most three
/// decimals.
pub(super) fn thousandths(weight: &str) -> Option<u16> {
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
pub(super) fn is_token(text: &str) -> bool {
    let is_token_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token_byte)
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

const MAX_ELEMENTS: usize = 32;
const MAX_BYTES: usize = 4 * 1024;
