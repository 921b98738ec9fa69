//! The lexical level of `x-forwarded-client-cert`: elements, pairs and quotes.
//!
//! One scanner knows about quotes for both separators. Two passes, one for `,` and one for `;`, would
//! disagree about a quote that holds the other separator, and such a disagreement is how one
//! certificate passes for another.

use std::borrow::Cow;

use super::{ForwardedError, Kind};

/// What the scanner meets next.
pub(super) enum Token<'a> {
    Pair(&'a str, Cow<'a, str>),
    /// The end of an element.
    Comma,
}

/// Splits a header into pairs and the ends of elements.
pub(super) struct Scanner<'a> {
    rest: &'a str,
    /// Whether the next token must be a pair: at the start and after a separator.
    wants_pair: bool,
}

impl<'a> Scanner<'a> {
    pub(super) const fn new(header: &'a str) -> Self {
        Self {
            rest: header,
            wants_pair: true,
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, ForwardedError> {
        if !self.wants_pair {
            let mut chars = self.rest.chars();
            let separator = chars.next();
            self.rest = chars.as_str();
            match separator {
                None => return Ok(None),
                Some(',') => {
                    self.wants_pair = true;
                    self.rest = self.rest.trim_start_matches([' ', '\t']);
                    return Ok(Some(Token::Comma));
                }
                Some(';') => {}
                Some(_) => return Err(ForwardedError::MALFORMED),
            }
        }
        self.wants_pair = false;
        let (key, rest) = self.rest.split_once('=').ok_or(ForwardedError::MALFORMED)?;
        if key.is_empty()
            || !key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        {
            return Err(ForwardedError::MALFORMED);
        }
        let (value, rest) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_value(quoted)?,
            None => {
                let end = rest.find([',', ';']).unwrap_or(rest.len());
                let (value, rest) = rest.split_at(end);
                if value.contains('"') {
                    return Err(ForwardedError::MALFORMED);
                }
                (Cow::Borrowed(value.trim_end_matches([' ', '\t'])), rest)
            }
        };
        // Optional white space may stand before a comma that joins two lines.
        let trimmed = rest.trim_start_matches([' ', '\t']);
        self.rest = if trimmed.is_empty() || trimmed.starts_with(',') {
            trimmed
        } else {
            rest
        };
        Ok(Some(Token::Pair(key, value)))
    }
}

/// A value up to its closing quote; a backslash takes the meaning of a quote or a backslash away.
fn quoted_value(text: &str) -> Result<(Cow<'_, str>, &str), ForwardedError> {
    let mut owned = String::new();
    let mut from = 0;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
                let value = text.get(from..at).unwrap_or_default();
                let rest = text.get(at + 1..).unwrap_or_default();
                let value = if owned.is_empty() {
                    Cow::Borrowed(value)
                } else {
                    owned.push_str(value);
                    Cow::Owned(owned)
                };
                return Ok((value, rest));
            }
            b'\\' => {
                if let Some((_, b'"' | b'\\')) = bytes.clone().next() {
                    owned.push_str(text.get(from..at).unwrap_or_default());
                    // What was escaped begins the next piece.
                    from = at + 1;
                    let _ = bytes.next();
                }
            }
            _ => {}
        }
    }
    Err(ForwardedError::new(Kind::Malformed))
}
