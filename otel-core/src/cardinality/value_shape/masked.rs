//! An example that can be shown.

use std::fmt;

/// How a value is built, without what it says: `xxxx@xxxx.xxx`, `00.0.00.0`.
///
/// Every run of letters and digits is reduced to at most four `x`, or `0` where it is all digits;
/// ASCII punctuation stays, anything else is `?`. At most 32 bytes, stored in place.
///
/// ```
/// use otel_core::cardinality::MaskedValue;
///
/// assert_eq!(MaskedValue::of("alice.m@example.org").as_str(), "xxxx.x@xxxx.xxx");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MaskedValue {
    bytes: [u8; Self::MAX_BYTES],
    len: u8,
}

impl MaskedValue {
    /// The longest example, in bytes.
    pub const MAX_BYTES: usize = 32;

    /// The example for a value; what does not fit is left out.
    #[must_use]
    pub fn of(value: &str) -> Self {
        let mut masked = Self::default();
        let mut rest = value;
        while let Some(first) = rest.chars().next()
            && masked.has_room()
        {
            let run = rest
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(rest.len());
            let (head, tail) = rest.split_at(if run == 0 { first.len_utf8() } else { run });
            rest = tail;
            if run == 0 {
                masked.push(if first.is_ascii_punctuation() || first == ' ' {
                    first as u8
                } else {
                    b'?'
                });
            } else {
                let digits = head.bytes().all(|byte| byte.is_ascii_digit());
                for _ in head.chars().take(LONGEST_RUN) {
                    masked.push(if digits { b'0' } else { b'x' });
                }
            }
        }
        masked
    }

    /// The text of the example.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.len.into()).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// Whether there is no example, or one of nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn has_room(&self) -> bool {
        usize::from(self.len) < Self::MAX_BYTES
    }

    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(usize::from(self.len)) {
            *slot = byte;
            self.len += 1;
        }
    }
}

impl fmt::Display for MaskedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for MaskedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaskedValue({})", self.as_str())
    }
}

/// Letters or digits of one run that are kept, so that the length of a name is not told.
const LONGEST_RUN: usize = 4;
