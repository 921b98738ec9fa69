//! The label names of a call, recognised without hashing or sorting them.
//!
//! A call site names the same labels in the same order every time. The family remembers each such
//! list, its shape: the names as they are spelled, which labels they are, and in which order an
//! exposition has them. A lookup compares the names once, in the caller's order, and from then on
//! deals with values only. A family remembers at most 31 shapes; a list that finds no room takes
//! the longer way through [`LabelSet`] every time.

use std::iter;
use std::sync::OnceLock;

use super::bytes::strip;
use super::{Label, LabelSet, OTHER};

/// One list of label names, in the order of a caller.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The names as the caller spells them, one after the other.
    names: Box<str>,
    spelled: Box<[Spelled]>,
    labels: Box<[ShapeLabel]>,
    /// Numbers the set of labels, whatever their order or spelling; from 1.
    set: u8,
    next: OnceLock<Box<Self>>,
}

/// The length of a name in the list of a caller, and in the lowest bit whether its value is empty
/// and so the label absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spelled(usize);

/// A label of a [`Shape`], in the order of the exposition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShapeLabel {
    /// Seeds the hash of its value.
    pub(crate) seed: u64,
    /// Bytes from the end of the value before to the opening quote: `,name=`.
    pub(crate) skip: u16,
    /// The place of the label in the family.
    pub(crate) number: u8,
    at: u8,
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

    /// Whether the caller's pairs have this shape.
    #[inline]
    fn is_of(&self, pairs: &[(&str, &str)]) -> bool {
        let mut names = self.names.as_bytes();
        if self.spelled.len() != pairs.len() {
            return false;
        }
        for (spelled, (name, value)) in self.spelled.iter().zip(pairs) {
            if *spelled != Spelled::new(name, value) {
                return false;
            }
            let Some(rest) = strip(names, name.as_bytes()) else {
                return false;
            };
            names = rest;
        }
        true
    }

    fn has_labels(&self, labels: &[ShapeLabel]) -> bool {
        self.labels
            .iter()
            .map(|label| label.number)
            .eq(labels.iter().map(|label| label.number))
    }
}

impl Spelled {
    #[inline]
    fn new(name: &str, value: &str) -> Self {
        Self(name.len() << 1 | usize::from(value.is_empty()))
    }
}

/// The shapes of a family: read without a lock, added to under the admission lock.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    first: OnceLock<Box<Shape>>,
}

impl Shapes {
    /// The shape of the caller's pairs, if it was learned.
    #[inline]
    pub(crate) fn get(&self, pairs: &[(&str, &str)]) -> Option<&Shape> {
        let mut shape = self.first.get()?;
        while !shape.is_of(pairs) {
            shape = shape.next.get()?;
        }
        Some(shape)
    }

    /// Remembers the shape of the caller's pairs, which were read into `set`; not if some of them
    /// were dropped, because that is to be counted every time.
    ///
    /// The caller holds the admission lock.
    pub(crate) fn learn(&self, pairs: &[(&str, &str)], set: &LabelSet<'_>) {
        if set.is_regular()
            && let Some(labels) = shape_labels(set.iter().map(|pair| (pair.label, pair.at())))
        {
            self.add(pairs, labels);
        }
    }

    /// The number of the set's labels, which is given now if it was not; zero if there is no room.
    ///
    /// The caller holds the admission lock.
    pub(crate) fn number(&self, set: &LabelSet<'_>) -> u8 {
        let places = set.iter().enumerate().map(|(at, pair)| (pair.label, at));
        let Some(labels) = shape_labels(places) else {
            return 0;
        };
        if let Some(known) = self.number_of(&labels) {
            return known;
        }
        let pairs: Vec<_> = set
            .iter()
            .map(|pair| (pair.label.original(), OTHER))
            .collect();
        self.add(&pairs, labels.clone());
        self.number_of(&labels).unwrap_or_default()
    }

    pub(crate) fn has_room(&self) -> bool {
        self.iter().count() < MAX_SHAPES
    }

    fn add(&self, pairs: &[(&str, &str)], labels: Box<[ShapeLabel]>) {
        if !self.has_room() || self.get(pairs).is_some() {
            return;
        }
        let next = || self.iter().map(Shape::set).max().unwrap_or_default() + 1;
        let shape = Shape {
            names: pairs
                .iter()
                .map(|(name, _)| *name)
                .collect::<String>()
                .into(),
            spelled: pairs
                .iter()
                .map(|(name, value)| Spelled::new(name, value))
                .collect(),
            set: self.number_of(&labels).unwrap_or_else(next),
            labels,
            next: OnceLock::new(),
        };
        let mut end = &self.first;
        while let Some(before) = end.get() {
            end = &before.next;
        }
        end.get_or_init(|| Box::new(shape));
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

/// A key has five bits for the number of a set, and zero is none.
const MAX_SHAPES: usize = 31;
