//! The label names of a call, recognised without hashing or sorting them.
//!
//! A call site names the same labels in the same order every time. The family remembers each such
//! list, its shape: the names as they are spelled, which labels they are, and in which order an
//! exposition has them. A lookup compares the names once, in the caller's order, and from then on
//! deals with values only. A family remembers at most 31 shapes; a list that finds no room takes
//! the longer way through [`LabelSet`] every time.

use std::iter;
use std::sync::OnceLock;

use super::bytes::ends;
use super::{Key, Label, LabelHasher, LabelSet, OTHER};

/// One list of label names, in the order of a caller.
#[derive(Debug)]
pub(crate) struct Shape {
    /// What the caller names, in its order.
    spelled: Box<[Spelled]>,
    labels: Box<[ShapeLabel]>,
    /// The number of pairs that may have this shape; none, if the policy has rules for values of
    /// its labels, so that the text of a series need not be that of the caller.
    arity: usize,
    /// Numbers the set of labels, whatever their order or spelling; from 1.
    set: u8,
    next: OnceLock<Box<Self>>,
}

/// A name in the list of a caller.
#[derive(Debug)]
struct Spelled {
    name: Box<str>,
    /// Of the name, so that most are compared without looking at it.
    ends: (u64, u64),
    value: SpelledValue,
    /// Seeds the hash of the value.
    seed: u64,
}

/// What a list says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SpelledValue {
    /// It is one of the series.
    Present,
    /// It is empty and so the label absent.
    Empty,
    /// It is left out, whatever it is.
    LeftOut,
}

/// A label of a [`Shape`], in the order of the exposition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShapeLabel {
    /// Seeds the hash of its value.
    pub(crate) seed: u64,
    /// Bytes from the end of the value before to the opening quote: `,name=`.
    pub(crate) skip: u16,
    /// The place of the label in the family.
    pub(crate) number: u8,
    /// The index of its pair among the caller's.
    pub(crate) at: u8,
}

/// One of several labels whose names are given once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Column {
    /// Seeds the hash of the value that is here in the order of the caller.
    pub(crate) seed: u64,
    /// Bytes from the end of the value before to the opening quote, here in the order of the text.
    pub(crate) skip: u16,
    /// Which of the caller's values is here in the order of the text.
    pub(crate) at: u8,
}

impl ShapeLabel {
    /// The index of its pair among the caller's.
    #[inline]
    pub(crate) fn at(self) -> usize {
        self.at.into()
    }
}

impl Shape {
    #[inline]
    pub(crate) const fn labels(&self) -> &[ShapeLabel] {
        &self.labels
    }

    #[inline]
    pub(crate) const fn set(&self) -> u8 {
        self.set
    }

    /// The summed hash of the values, if the caller's pairs have this shape.
    #[inline]
    fn hash(&self, hasher: &LabelHasher, pairs: &[(&str, &str)]) -> Option<u64> {
        if self.arity != pairs.len() {
            return None;
        }
        let mut sum = 0_u64;
        for (spelled, (name, value)) in self.spelled.iter().zip(pairs) {
            if !spelled.is(name) {
                return None;
            }
            if spelled.value == SpelledValue::Present {
                if value.is_empty() {
                    return None;
                }
                sum = sum.wrapping_add(hasher.value(spelled.seed, value));
            } else if spelled.value == SpelledValue::Empty && !value.is_empty() {
                return None;
            }
        }
        Some(sum)
    }

    /// Whether the caller's pairs have this shape.
    fn is_of(&self, pairs: &[(&str, &str)]) -> bool {
        self.arity == pairs.len()
            && self
                .spelled
                .iter()
                .zip(pairs)
                .all(|(spelled, (name, value))| spelled.is(name) && spelled.has(value))
    }

    fn has_labels(&self, labels: &[ShapeLabel]) -> bool {
        self.labels
            .iter()
            .map(|label| label.number)
            .eq(labels.iter().map(|label| label.number))
    }
}

impl Spelled {
    const fn has(&self, value: &str) -> bool {
        match self.value {
            SpelledValue::Present => !value.is_empty(),
            SpelledValue::Empty => value.is_empty(),
            SpelledValue::LeftOut => true,
        }
    }

    #[inline(always)]
    fn is(&self, name: &str) -> bool {
        name.len() == self.name.len()
            && ends(name.as_bytes()) == self.ends
            && (name.len() <= 16 || *name == *self.name)
    }
}

/// The shapes of a family: read without a lock, added to under the admission lock.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    first: OnceLock<Box<Shape>>,
}

impl Shapes {
    /// The shape of the caller's pairs, if it was learned, and the key of their values as they
    /// stand.
    #[inline]
    pub(crate) fn get(
        &self,
        hasher: &LabelHasher,
        pairs: &[(&str, &str)],
    ) -> Option<(&Shape, Key)> {
        let mut shape = self.first.get()?;
        loop {
            if let Some(sum) = shape.hash(hasher, pairs) {
                return Some((shape, Key::new(sum, shape.set)));
            }
            shape = shape.next.get()?;
        }
    }

    /// Remembers the shape of the caller's pairs, which were read into `set`; not if some of them
    /// were dropped, because that is to be counted every time.
    ///
    /// Whether it was not known and is now. The caller holds the admission lock.
    pub(crate) fn learn(&self, pairs: &[(&str, &str)], set: &LabelSet<'_>) -> bool {
        if set.is_regular()
            && let Some(labels) = shape_labels(set.iter().map(|pair| (pair.label, pair.at())))
        {
            return self.add(pairs, labels, pairs.len());
        }
        false
    }

    /// The number of the set's labels, which is given now if it was not, and whether it was; zero if
    /// there is no room.
    ///
    /// The caller holds the admission lock.
    pub(crate) fn number(&self, set: &LabelSet<'_>) -> (u8, bool) {
        let places = set.iter().enumerate().map(|(at, pair)| (pair.label, at));
        let Some(labels) = shape_labels(places) else {
            return (0, false);
        };
        if let Some(known) = self.number_of(&labels) {
            return (known, false);
        }
        let ruled = set.iter().any(|pair| pair.label.rules().is_some());
        let pairs: Vec<_> = set
            .iter()
            .map(|pair| (pair.label.original(), OTHER))
            .collect();
        let arity = if ruled { usize::MAX } else { pairs.len() };
        let added = self.add(&pairs, labels.clone(), arity);
        (self.number_of(&labels).unwrap_or_default(), added)
    }

    /// Bytes of a list of so many names, about.
    pub(crate) const fn bytes(names: usize) -> usize {
        size_of::<Shape>() + names * (size_of::<Spelled>() + size_of::<ShapeLabel>() + 16)
    }

    pub(crate) fn has_room(&self) -> bool {
        self.iter().count() < MAX_SHAPES
    }

    fn add(&self, pairs: &[(&str, &str)], labels: Box<[ShapeLabel]>, arity: usize) -> bool {
        if !self.has_room() || self.iter().any(|shape| shape.is_of(pairs)) {
            return false;
        }
        let next = || self.iter().map(Shape::set).max().unwrap_or_default() + 1;
        let shape = Shape {
            spelled: spelled(pairs, &labels),
            set: self.number_of(&labels).unwrap_or_else(next),
            labels,
            arity,
            next: OnceLock::new(),
        };
        let mut end = &self.first;
        while let Some(before) = end.get() {
            end = &before.next;
        }
        end.get_or_init(|| Box::new(shape));
        true
    }

    fn number_of(&self, labels: &[ShapeLabel]) -> Option<u8> {
        self.iter()
            .find(|shape| shape.has_labels(labels))
            .map(Shape::set)
    }

    fn iter(&self) -> impl Iterator<Item = &Shape> {
        iter::successors(self.first.get(), |shape| shape.next.get()).map(|shape| &**shape)
    }
}

/// Labels in the order of the exposition, each with its place in a call.
fn shape_labels<'a>(labels: impl Iterator<Item = (&'a Label, usize)>) -> Option<Box<[ShapeLabel]>> {
    labels
        .enumerate()
        .map(|(place, (label, at))| {
            let comma = usize::from(place > 0);
            Some(ShapeLabel {
                seed: label.seed(),
                skip: u16::try_from(comma + label.exposed().len() + 1).ok()?,
                number: label.number(),
                at: u8::try_from(at).ok()?,
            })
        })
        .collect()
}

fn spelled(pairs: &[(&str, &str)], labels: &[ShapeLabel]) -> Box<[Spelled]> {
    let label_at = |at| labels.iter().find(|label| label.at() == at);
    let spelled = pairs.iter().enumerate().map(|(at, (name, value))| {
        let label = label_at(at);
        Spelled {
            name: (*name).into(),
            ends: ends(name.as_bytes()),
            value: match label {
                Some(_) => SpelledValue::Present,
                None if value.is_empty() => SpelledValue::Empty,
                None => SpelledValue::LeftOut,
            },
            seed: label.map_or(0, |label| label.seed),
        }
    });
    spelled.collect()
}

/// A key has five bits for the number of a set, and zero is none.
const MAX_SHAPES: usize = 31;
