//! The correlation id of one request: read, validated or made.
//!
//! A trace id is not enough to correlate with the outside: gateways, clients and support tickets
//! speak of request ids. The caller's id is attacker text, so it is believed only when it is short
//! and plain; it is held inline, so keeping it costs no allocation.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

/// Longest id that is accepted, bytes.
const MAX_LEN: usize = 64;

/// Headers an id is read from, in this order.
static HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-correlation-id"),
    HeaderName::from_static("x-trace-id"),
];

/// A correlation id of 1 to 64 bytes out of `A-Z a-z 0-9 . _ : -`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId {
    len: u8,
    bytes: [u8; MAX_LEN],
}

impl RequestId {
    /// Accepts a caller's id, or refuses it.
    ///
    /// ```
    /// use otel_core::request_id::RequestId;
    ///
    /// assert_eq!(RequestId::parse(b"order-17:a").unwrap().as_str(), "order-17:a");
    /// assert!(RequestId::parse(b"a b").is_none());
    /// assert!(RequestId::parse(&[b'a'; 65]).is_none());
    /// ```
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
        if text.is_empty() || !text.iter().all(plain) {
            return None;
        }
        let mut bytes = [0; MAX_LEN];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self {
            len: u8::try_from(text.len()).ok()?,
            bytes,
        })
    }

    /// A new random id: 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn random() -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut bits = fastrand::u128(..);
        let mut bytes = [0; MAX_LEN];
        for byte in bytes.iter_mut().take(32) {
            *byte = DIGITS.get((bits & 0xf) as usize).copied().unwrap_or(b'0');
            bits >>= 4;
        }
        Self { len: 32, bytes }
    }

    /// The id the headers carry (`x-request-id`, else `x-correlation-id`, else `x-trace-id`) when exactly one
    /// acceptable value is there, else a new one.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        Self::received(headers).unwrap_or_else(Self::random)
    }

    /// The id the headers carry, by the same rule; `None` if they carry none.
    #[must_use]
    pub fn received(headers: &HeaderMap) -> Option<Self> {
        HEADERS.iter().find_map(|name| {
            let mut values = headers.get_all(name).iter();
            let first = Self::parse(values.next()?.as_bytes())?;
            values.next().is_none().then_some(first)
        })
    }

    /// Writes the id as `x-request-id`, unless the headers have one already.
    pub(crate) fn inject(&self, headers: &mut HeaderMap) {
        let [name, ..] = &HEADERS;
        if !headers.contains_key(name)
            && let Ok(value) = HeaderValue::from_str(self.as_str())
        {
            // A full map refuses it: the request then goes out without.
            let _ = headers.try_insert(name.clone(), value);
        }
    }

    /// Removes what a caller or an earlier hop wrote.
    pub(crate) fn remove(headers: &mut HeaderMap) {
        for name in &HEADERS {
            headers.remove(name);
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_and_ambiguous_ids_are_replaced() {
        for bad in ["", "a\tb", "{{7*7}}", "id\u{202e}", "a,b"] {
            let mut headers = HeaderMap::new();
            headers.insert(
                "x-request-id",
                HeaderValue::from_bytes(bad.as_bytes()).unwrap(),
            );
            assert_ne!(RequestId::from_headers(&headers).as_str(), bad);
        }
        let mut twice = HeaderMap::new();
        twice.append("x-request-id", HeaderValue::from_static("a"));
        twice.append("x-request-id", HeaderValue::from_static("b"));
        assert_eq!(RequestId::from_headers(&twice).as_str().len(), 32);
    }

    #[test]
    fn the_second_header_is_read_when_the_first_is_absent() {
        let mut headers = HeaderMap::new();
        headers.insert("x-correlation-id", HeaderValue::from_static("c-1"));
        assert_eq!(RequestId::from_headers(&headers).as_str(), "c-1");
    }
}
