//! Label sets as text: rendered once, compared in place.
//!
//! A series keeps its labels only as the text an exposition copies, `method="GET",route="/x"`,
//! sorted by exposed name and escaped. A lookup compares the caller's borrowed pairs with that text
//! directly.

use std::borrow::Cow;

use crate::cardinality::{Column, Key, LabelSet, Shape, same, strip};

/// Renders a label set and completes its key; `names` is the number of its set of names.
pub(crate) fn render(set: &LabelSet<'_>, names: u8) -> (Box<str>, Key) {
    let length = set
        .iter()
        .map(|pair| pair.label.exposed().len() + pair.value.len() + 4)
        .sum();
    let mut text = String::with_capacity(length);
    for pair in set.iter() {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(pair.label.exposed());
        text.push_str("=\"");
        for c in pair.value.chars() {
            match c {
                '\\' => text.push_str("\\\\"),
                '"' => text.push_str("\\\""),
                '\n' => text.push_str("\\n"),
                c => text.push(c),
            }
        }
        text.push('"');
    }
    let key = Key::new(set.hash(), names).with_escapes(text.contains('\\'));
    (text.into(), key)
}

/// Whether `text` is the rendering of `set`.
pub(crate) fn is_rendering(text: &str, key: Key, set: &LabelSet<'_>) -> bool {
    let mut rest = text.as_bytes();
    for pair in set.iter() {
        let stripped = rest.strip_prefix(b",").unwrap_or(rest);
        let stripped = strip(stripped, pair.label.exposed().as_bytes());
        let Some([b'=', b'"', text @ ..]) = stripped else {
            return false;
        };
        let value = pair.value.as_bytes();
        let after = if key.has_escapes() {
            strip_escaped(text, value)
        } else {
            strip(text, value)
        };
        let Some([b'"', text @ ..]) = after else {
            return false;
        };
        rest = text;
    }
    rest.is_empty()
}

/// Whether `text`, which has the names of `shape`, has the values of the caller's pairs.
///
/// Text without escapes has no quotes but the two around each value. Every one of them is checked,
/// so a value with a quote in it cannot pass for more than one.
#[inline]
pub(crate) fn has_values(text: &str, key: Key, shape: &Shape, pairs: &[(&str, &str)]) -> bool {
    if key.has_escapes() {
        return has_escaped_values(text, shape, pairs);
    }
    let text = text.as_bytes();
    let mut at = 0;
    for label in shape.labels() {
        let Some((_, value)) = pairs.get(label.at()) else {
            return false;
        };
        let quote = at + usize::from(label.skip);
        at = quote + value.len() + 2;
        let Some([b'"', held @ .., b'"']) = text.get(quote..at) else {
            return false;
        };
        if !same(held, value.as_bytes()) {
            return false;
        }
    }
    at == text.len()
}

/// The same of values whose names are given once. Escaped text is left to the longer way.
#[inline]
pub(crate) fn has_columns<const N: usize>(
    text: &str,
    key: Key,
    columns: &[Column; N],
    values: &[&str; N],
) -> bool {
    let text = text.as_bytes();
    let mut at = 0;
    for column in columns {
        let Some(value) = values.get(usize::from(column.at)) else {
            return false;
        };
        let quote = at + usize::from(column.skip);
        at = quote + value.len() + 2;
        let Some([b'"', held @ .., b'"']) = text.get(quote..at) else {
            return false;
        };
        if !same(held, value.as_bytes()) {
            return false;
        }
    }
    at == text.len() && !key.has_escapes()
}

#[cold]
fn has_escaped_values(text: &str, shape: &Shape, pairs: &[(&str, &str)]) -> bool {
    let mut rest = text.as_bytes();
    for label in shape.labels() {
        let Some((_, value)) = pairs.get(label.at()) else {
            return false;
        };
        let Some([b'"', text @ ..]) = rest.get(usize::from(label.skip)..) else {
            return false;
        };
        let Some([b'"', text @ ..]) = strip_escaped(text, value.as_bytes()) else {
            return false;
        };
        rest = text;
    }
    rest.is_empty()
}

/// The pairs of a rendered label set, unescaped.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (name, after) = rest.split_once("=\"")?;
        let end = closing_quote(after)?;
        let value = after.get(..end)?;
        rest = after.get(end + 1..)?;
        rest = rest.strip_prefix(',').unwrap_or(rest);
        Some((name, unescape(value)))
    })
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some(c) => c,
                None => break,
            },
            c => c,
        });
    }
    Cow::Owned(plain)
}

/// What follows `value`, escaped, in `text`, if it starts so.
fn strip_escaped<'t>(mut text: &'t [u8], value: &[u8]) -> Option<&'t [u8]> {
    for &byte in value {
        text = match byte {
            b'\\' => text.strip_prefix(b"\\\\"),
            b'"' => text.strip_prefix(b"\\\""),
            b'\n' => text.strip_prefix(b"\\n"),
            _ => text.strip_prefix(&[byte]),
        }?;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cardinality::{
        Label, LabelHasher, LabelLimits, LabelPlan, Labels, PolicySet, Reading, Scratch, Shapes,
    };

    const LIMITS: LabelLimits = LabelLimits {
        labels: 16,
        value_bytes: 128,
        names: 32,
    };

    fn label(name: &str) -> LabelPlan<'_> {
        LabelPlan {
            name,
            values: 10,
            protected: false,
            drop_above: None,
            rules: None,
        }
    }

    /// Renders some label sets and compares each text with the values of each set, as if all of
    /// them had the same hash.
    #[test]
    fn a_text_has_the_values_of_its_own_label_set_only() {
        let (labels, hasher, shapes) =
            (Labels::default(), LabelHasher::default(), Shapes::default());
        let plan = PolicySet::default().plan("x");
        for name in ["b", "a.a"] {
            labels.add(Label::new(label(name), &hasher));
        }
        let sets = [
            ["x", "y"],
            ["y", "x"],
            ["x", "yyyyZZ"],
            ["x\",b=", "ZZ"],
            ["x\",b=\"y", "y"],
            ["\\", "\\\\"],
            ["\\\\", "\\"],
            ["\n", "\\n"],
            ["", "y"],
        ];
        let of = |[a, b]: [&'static str; 2]| [("b", b), ("a.a", a)];
        let texts = sets.map(|values| {
            let mut scratch = Scratch::default();
            let mut set = LabelSet::new();
            let reading = Reading {
                labels: &labels,
                plan: &plan,
                hasher: &hasher,
                limits: LIMITS,
                may_learn: true,
            };
            let pairs = of(values);
            assert!(set.read(&reading, &pairs, &mut scratch));
            shapes.learn(&of(values), &set);
            let (text, key) = render(&set, shapes.number(&set).0);
            assert!(is_rendering(&text, key, &set));
            (text, key)
        });
        assert_eq!(&*texts[0].0, r#"a_a="x",b="y""#);
        for (own, (text, key)) in texts.iter().enumerate() {
            for (other, values) in sets.iter().enumerate() {
                let shape = shapes.get(&hasher, &of(*values)).unwrap().0;
                let same_names = Key::new(0, shape.set()).same_names(*key);
                let same = same_names && has_values(text, *key, shape, &of(*values));
                assert_eq!(same, own == other, "{text} {values:?}");
            }
        }
    }

    #[test]
    fn rendered_pairs_come_back_as_they_were() {
        let text = r#"a="1",b="x\\y\"z\n",c="=\",q=\"""#;
        let found: Vec<_> = pairs(text).collect();
        assert_eq!(
            found,
            [
                ("a", Cow::Borrowed("1")),
                ("b", Cow::Borrowed("x\\y\"z\n")),
                ("c", Cow::Borrowed("=\",q=\"")),
            ]
        );
    }
}
