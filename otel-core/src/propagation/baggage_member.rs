//! One member of a `baggage` list: `key=value;property;property=value`
//! ([section 3.3.1](https://www.w3.org/TR/baggage/#definition)).
//!
//! Only the value has an encoding; a property is opaque and is never decoded. What is accepted here
//! has no comma and no control character, so it can stand in a list again as it is.

use std::borrow::Cow;

use super::lines::trim_ows;

/// A well-formed member of a [`Baggage`](super::Baggage).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaggageMember<'a> {
    key: &'a str,
    value: &'a str,
    properties: &'a str,
}

impl<'a> BaggageMember<'a> {
    /// The key, a token of RFC 9110; case matters.
    #[must_use]
    pub const fn key(&self) -> &'a str {
        self.key
    }

    /// The value, percent-decoded; what is no UTF-8 became U+FFFD.
    #[must_use]
    pub fn value(&self) -> Cow<'a, str> {
        decode(self.value)
    }

    /// The value as it is on the wire.
    #[must_use]
    pub const fn encoded_value(&self) -> &'a str {
        self.value
    }

    /// The properties as they are on the wire, separated by semicolons; empty if there are none.
    #[must_use]
    pub const fn properties(&self) -> &'a str {
        self.properties
    }

    pub(super) fn parse(member: &'a [u8]) -> Option<Self> {
        let member = std::str::from_utf8(member).ok()?;
        let (pair, properties) = member.split_once(';').unwrap_or((member, ""));
        let (key, value) = pair.split_once('=')?;
        let member = Self {
            key: trimmed(key),
            value: trimmed(value),
            properties: trimmed(properties),
        };
        let is_well_formed = is_key(member.key.as_bytes())
            && member.value.bytes().all(is_octet)
            && is_properties(member.properties.as_bytes());
        is_well_formed.then_some(member)
    }
}

/// Whether `key` is a token: RFC 9110 section 5.6.2.
pub(super) fn is_key(key: &[u8]) -> bool {
    let is_tchar = |c: &u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(c);
    !key.is_empty() && key.iter().all(is_tchar)
}

/// Whether the text can stand behind the first semicolon of a member and stay there.
pub(super) fn is_properties(properties: &[u8]) -> bool {
    properties
        .iter()
        .all(|c| matches!(c, b'\t' | b' '..=b'~') && *c != b',')
}

/// Appends a value, everything escaped that may not stand for itself, and the escape.
pub(super) fn encode(value: &str, text: &mut String) {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    for byte in value.bytes() {
        if is_octet(byte) && byte != b'%' {
            text.push(char::from(byte));
        } else {
            let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
            text.extend(['%', digit(byte >> 4), digit(byte & 0x0f)]);
        }
    }
}

/// A percent sign without two digits behind it stands for itself.
pub(super) fn decode(value: &str) -> Cow<'_, str> {
    if !value.contains('%') {
        return Cow::Borrowed(value);
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        if let (b'%', [high, low, tail @ ..]) = (first, tail)
            && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        {
            bytes.push(high << 4 | low);
            rest = tail;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn digit(c: u8) -> Option<u8> {
    let value = char::from(c).to_digit(16)?;
    u8::try_from(value).ok()
}

/// `baggage-octet`: visible ASCII without quotation mark, comma, semicolon and backslash.
const fn is_octet(c: u8) -> bool {
    c.is_ascii_graphic() && !matches!(c, b'"' | b',' | b';' | b'\\')
}

fn trimmed(text: &str) -> &str {
    std::str::from_utf8(trim_ows(text.as_bytes())).unwrap_or_default()
}
