//! The message of a status, as far as an application lets it be seen.

use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use http::HeaderMap;

use crate::headers::GRPC_MESSAGE;

/// Longest message that is kept, bytes.
const MAX_LEN: usize = 256;
/// Longest message that is read at all, bytes.
const MAX_READ: usize = 4096;

/// What makes a message fit to be kept.
#[derive(Clone)]
pub(crate) struct Redact(Arc<dyn Fn(&str) -> String + Send + Sync>);

impl Redact {
    pub(crate) fn new(redact: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(redact))
    }

    /// The `grpc-message` of a head or of trailers, decoded and redacted. Details of a status, which
    /// are binary, are never read.
    pub(crate) fn message(&self, headers: &HeaderMap) -> Option<String> {
        let encoded = headers.get(&GRPC_MESSAGE)?.as_bytes();
        let decoded = decode(encoded.get(..MAX_READ).unwrap_or(encoded));
        // A redactor that panics has not made it fit to be kept.
        let mut redacted = catch_unwind(AssertUnwindSafe(|| (self.0)(&decoded))).ok()?;
        let end = (0..=redacted.len().min(MAX_LEN))
            .rev()
            .find(|end| redacted.is_char_boundary(*end));
        redacted.truncate(end.unwrap_or_default());
        (!redacted.is_empty()).then_some(redacted)
    }
}

impl fmt::Debug for Redact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redact")
    }
}

/// Undoes the percent encoding of `grpc-message`. What is not encoded well stays as it is, as the
/// gRPC protocol requires.
fn decode(encoded: &[u8]) -> Cow<'_, str> {
    if !encoded.contains(&b'%') {
        return String::from_utf8_lossy(encoded);
    }
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((first, after)) = rest.split_first() {
        let pair = after.split_first_chunk().filter(|_| *first == b'%');
        match pair.and_then(|([high, low], after)| Some((hex(*high)? << 4 | hex(*low)?, after))) {
            Some((byte, after)) => {
                decoded.push(byte);
                rest = after;
            }
            None => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding() {
        for (encoded, expected) in [
            ("plain", "plain"),
            ("Timeout%20expired", "Timeout expired"),
            ("%E2%82%AC", "€"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%25%32%30", "%20"),
            ("%ff", "\u{fffd}"),
        ] {
            assert_eq!(decode(encoded.as_bytes()), expected, "{encoded}");
        }
    }

    #[test]
    fn a_message_is_redacted_cut_and_never_kept_when_that_fails() {
        let headers = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-message", text.parse().unwrap());
            headers
        };
        let redact = Redact::new(|message| message.replace("ann", "***"));
        let message = redact.message(&headers("no%20user%20ann"));
        assert_eq!(message.as_deref(), Some("no user ***"));
        let long = redact.message(&headers(&"%C3%BC".repeat(300)));
        assert_eq!(long, Some("ü".repeat(128)));
        assert_eq!(redact.message(&HeaderMap::new()), None);
        let fails = Redact::new(|_| panic!("asked to"));
        assert_eq!(fails.message(&headers("secret")), None);
    }
}
