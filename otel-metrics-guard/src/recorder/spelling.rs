//! A key as a call site spelled it, in one string.
//!
//! Keys are kept to be recognised, thousands of them. The facade's own form costs 48 bytes a label
//! beside the text and several allocations; this is the text, with a NUL after each piece.

use metrics::Key;

/// Name, label, value, label, value: each with a NUL after it, which none of them contains.
#[derive(Debug)]
pub(super) struct Spelling {
    text: Box<str>,
    labels: u16,
}

impl Spelling {
    /// `None` for a key that is not worth keeping: overlong, with a NUL, or with a label twice.
    pub(super) fn of(key: &Key) -> Option<Self> {
        let bytes = pieces(key).map(|piece| piece.len() + 1).sum();
        if bytes > MAX_BYTES || pieces(key).any(|piece| piece.contains(NUL)) || repeats(key) {
            return None;
        }
        let mut text = String::with_capacity(bytes);
        for piece in pieces(key) {
            text.push_str(piece);
            text.push(NUL);
        }
        Some(Self {
            text: text.into(),
            labels: u16::try_from(key.labels().len()).ok()?,
        })
    }

    /// Whether this is a spelling of `key`, in any order of its labels.
    pub(super) fn is_of(&self, key: &Key) -> bool {
        // With equal numbers of pieces, a NUL inside of one cannot pass for the end of another.
        usize::from(self.labels) == key.labels().len()
            && (self.is_verbatim(key) || self.is_reordered(key))
    }

    /// The same text for every order of the labels.
    pub(super) fn canonical(&self) -> String {
        let mut pairs: Vec<_> = self.pairs().collect();
        pairs.sort_unstable();
        let pairs = pairs.into_iter().flat_map(|(name, value)| [name, value]);
        pairs.fold(self.name().to_owned(), |mut text, piece| {
            text.push(NUL);
            text.push_str(piece);
            text
        })
    }

    fn is_verbatim(&self, key: &Key) -> bool {
        let mut rest = &*self.text;
        for piece in pieces(key) {
            match rest.strip_prefix(piece).and_then(|r| r.strip_prefix(NUL)) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        rest.is_empty()
    }

    /// Our labels are distinct, so if the key has each of them, and as many, it has no other.
    fn is_reordered(&self, key: &Key) -> bool {
        let has = |(name, value): (&str, &str)| {
            key.labels()
                .any(|label| label.key() == name && label.value() == value)
        };
        self.labels > 1 && self.name() == key.name() && self.pairs().all(has)
    }

    fn name(&self) -> &str {
        self.text.split(NUL).next().unwrap_or_default()
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut pieces = self.text.split_terminator(NUL).skip(1);
        std::iter::from_fn(move || Some((pieces.next()?, pieces.next()?)))
    }
}

fn pieces(key: &Key) -> impl Iterator<Item = &str> {
    let labels = key.labels().flat_map(|label| [label.key(), label.value()]);
    std::iter::once(key.name()).chain(labels)
}

fn repeats(key: &Key) -> bool {
    key.labels().enumerate().any(|(at, label)| {
        let mut before = key.labels().take(at);
        before.any(|other| other.key() == label.key())
    })
}

const NUL: char = '\0';

/// Longer keys are looked up in the registry each time.
const MAX_BYTES: usize = 512;

#[cfg(test)]
mod tests {
    use metrics::Label;

    use super::*;

    fn key(name: &'static str, labels: &[(&'static str, &'static str)]) -> Key {
        let labels: Vec<_> = labels.iter().map(Label::from).collect();
        Key::from_parts(name, labels)
    }

    #[test]
    fn a_key_is_recognised_in_any_order_and_no_other_is() {
        let spelling = Spelling::of(&key("n", &[("a", "1"), ("b", "2"), ("c", "")])).unwrap();
        for labels in [
            [("a", "1"), ("b", "2"), ("c", "")],
            [("c", ""), ("a", "1"), ("b", "2")],
            [("b", "2"), ("a", "1"), ("c", "")],
        ] {
            assert!(spelling.is_of(&key("n", &labels)), "{labels:?}");
            let other = Spelling::of(&key("n", &labels)).unwrap();
            assert_eq!(spelling.canonical(), other.canonical());
        }
        for other in [
            key("m", &[("a", "1"), ("b", "2"), ("c", "")]),
            key("n", &[("a", "1"), ("b", "2")]),
            key("n", &[("a", "2"), ("b", "1"), ("c", "")]),
            key("n", &[("a", "1"), ("a", "1"), ("b", "2")]),
            key("n", &[("a", "1"), ("b", "2"), ("b", "2")]),
            key("n\0a", &[("1\0b", "2"), ("c", "")]),
            key("n\0a\x001\0b\x002\0c\0", &[]),
        ] {
            assert!(!spelling.is_of(&other), "{other:?}");
        }
    }

    #[test]
    fn odd_keys_are_not_kept() {
        assert!(Spelling::of(&key("n\0", &[])).is_none());
        assert!(Spelling::of(&key("n", &[("a", "\0")])).is_none());
        assert!(Spelling::of(&key("n", &[("a", "1"), ("a", "2")])).is_none());
        assert!(Spelling::of(&Key::from_name("n".repeat(MAX_BYTES))).is_none());
        assert!(Spelling::of(&Key::from_name("n".repeat(MAX_BYTES - 1))).is_some());
    }
}
