//! One label, and the values of it that were folded.

use std::sync::Arc;

use crate::cardinality::{HeavyHitter, Label, MaskedValue, Sketches, ValueShape};

/// One label in a [`FamilyReport`](super::FamilyReport).
#[derive(Clone, Debug)]
pub struct LabelReport {
    name: String,
    admitted: usize,
    budget: usize,
    folded: u64,
    estimated: u64,
    shape: Option<ValueShape>,
    offenders: Vec<Offender>,
}

impl LabelReport {
    pub(super) fn new(label: &Label) -> Self {
        let admitted = label.admitted().len();
        let sketches = label.sketches();
        let known = |sketches: &Arc<Sketches>| sketches.estimate().distinct();
        Self {
            name: label.original().to_owned(),
            admitted,
            budget: label.admitted().budget(),
            folded: label.folded(),
            // Below the budget the count is exact.
            estimated: sketches.map_or(0, known).max(admitted as u64),
            shape: sketches.and_then(|sketches| sketches.shape()),
            offenders: sketches.map_or_else(Vec::new, |sketches| {
                let top = sketches.hitters().top();
                let shown = top.iter().filter(|hitter| !hitter.example.is_empty());
                shown.take(MOST_OFFENDERS).map(Offender::new).collect()
            }),
        }
    }

    /// An estimate of the distinct values of late, within about 7 %; exact while nothing was
    /// folded.
    #[must_use]
    pub const fn estimated(&self) -> u64 {
        self.estimated
    }

    /// What most of the folded values are, if they are identifiers of a kind.
    #[must_use]
    pub const fn shape(&self) -> Option<ValueShape> {
        self.shape
    }

    /// The folded values that were written most of late, at most eight, masked.
    #[must_use]
    pub fn offenders(&self) -> impl ExactSizeIterator<Item = &Offender> {
        self.offenders.iter()
    }

    /// What a policy could say of this label, if it folds.
    pub(super) fn suggestion(&self) -> Option<String> {
        if self.folded == 0 {
            return None;
        }
        let label = &self.name;
        Some(match self.shape {
            Some(ValueShape::PathWithIds) => format!(
                ".add_label({label:?}, LabelPolicy::new().add_normalizer(Normalizer::route_ids()))"
            ),
            Some(shape) => format!(
                ".add_label({label:?}, LabelPolicy::new().with_shape(ValueShape::{shape:?}, ShapeAction::Replace))"
            ),
            None if self.estimated <= MOST_SUGGESTED => format!(
                ".add_label({label:?}, LabelPolicy::new().with_values({}))",
                self.estimated.next_power_of_two()
            ),
            None => format!(".with_dropped_labels([{label:?}])"),
        })
    }

    /// The name as first given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Distinct values admitted.
    #[must_use]
    pub const fn admitted(&self) -> usize {
        self.admitted
    }

    /// Distinct values that may be.
    #[must_use]
    pub const fn budget(&self) -> usize {
        self.budget
    }

    /// Values folded because the budget was spent.
    #[must_use]
    pub const fn folded(&self) -> u64 {
        self.folded
    }
}

/// A value that was folded and is written often, without what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offender {
    example: MaskedValue,
    weight: u64,
}

impl Offender {
    fn new(hitter: &HeavyHitter) -> Self {
        Self {
            example: hitter.example,
            weight: hitter.certain(),
        }
    }

    /// How the value is built.
    #[must_use]
    pub const fn example(&self) -> MaskedValue {
        self.example
    }

    /// How much was written to it of late, at least; halved every minute.
    #[must_use]
    pub const fn weight(&self) -> u64 {
        self.weight
    }
}

const MOST_OFFENDERS: usize = 8;

/// More values than this are not worth a budget.
const MOST_SUGGESTED: u64 = 1_000;
