//! Header lines of which there may be one, and headers that are only useful together.
//!
//! With two lines nobody can tell which one the caller's tracer wrote, and half a context is none:
//! so a repeated line is never read, and a group of headers is written whole or not at all.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// The line of a header that may be given once.
pub(super) enum Line<'a> {
    Absent,
    /// The value, without the white space around it.
    One(&'a [u8]),
    Repeated,
}

impl<'a> Line<'a> {
    pub(super) fn of(headers: &'a HeaderMap, name: &HeaderName) -> Self {
        let mut lines = headers.get_all(name).iter();
        match (lines.next(), lines.next()) {
            (None, _) => Self::Absent,
            (Some(line), None) => Self::One(trim_ows(line.as_bytes())),
            (Some(_), Some(_)) => Self::Repeated,
        }
    }
}

/// Sets headers that belong together. If one has no value, or the map no room for it, none is left.
pub(super) fn set_together<const N: usize>(
    headers: &mut HeaderMap,
    group: [(&HeaderName, Option<HeaderValue>); N],
) {
    let names = group.each_ref().map(|(name, _)| *name);
    let is_set = group.into_iter().all(|(name, value)| {
        // In a map that holds as many headers as it can, `insert` would panic.
        value.is_some_and(|value| headers.try_insert(name, value).is_ok())
    });
    if !is_set {
        for name in names {
            headers.remove(name);
        }
    }
}

/// A value made of digits, letters and punctuation.
pub(super) fn visible(text: &[u8]) -> Option<HeaderValue> {
    HeaderValue::from_bytes(text).ok()
}

/// Optional white space around a field value: RFC 9110 section 5.6.3. No line ends, no other blank.
pub(super) fn trim_ows(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', inner @ ..] | [inner @ .., b' ' | b'\t'] = value {
        value = inner;
    }
    value
}
