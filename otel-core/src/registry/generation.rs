//! The series of a family under one policy, and the names they are found by.
//!
//! A family has one generation at a time. The first only grows; another takes its place when the
//! policy changes or when series that rest need their room back. The cells move from one to the next
//! as they are: no value is copied, and a handle knows nothing of it.

use std::sync::Arc;

use super::naming::Naming;
use super::table::Table;
use crate::cardinality::{Key, LabelHasher, Shape};

#[derive(Debug)]
pub(super) struct Generation<C> {
    pub(super) naming: Arc<Naming>,
    pub(super) table: Table<C>,
    /// Live series there may be.
    pub(super) budget: u32,
}

impl<C> Generation<C> {
    /// Of a family in which nothing has come to rest yet.
    pub(super) const fn first(naming: Arc<Naming>, budget: u32) -> Self {
        Self {
            naming,
            table: Table::new(budget),
            budget,
        }
    }

    /// With room for as many resting series as live ones.
    pub(super) const fn later(naming: Arc<Naming>, budget: u32) -> Self {
        Self {
            naming,
            table: Table::new(budget.saturating_mul(2)),
            budget,
        }
    }

    /// How the caller names its labels, if that is known, and the key of the values as they stand.
    #[inline]
    pub(super) fn shape_of(
        &self,
        hasher: &LabelHasher,
        pairs: &[(&str, &str)],
    ) -> Option<(&Shape, Key)> {
        self.naming.shapes().get(hasher, pairs)
    }

    /// Live series beyond which only the protected, the pinned and the last resort are admitted.
    pub(super) fn open_budget(&self) -> usize {
        let reserved = 1 + self.pinned_reserve() + self.protected_reserve();
        (self.budget as usize).saturating_sub(reserved)
    }

    /// Live series beyond which only the pinned and the last resort are admitted.
    pub(super) fn protected_budget(&self) -> usize {
        (self.budget as usize).saturating_sub(1 + self.pinned_reserve())
    }

    /// Live series beyond which only the last resort is admitted.
    pub(super) const fn pinned_budget(&self) -> usize {
        (self.budget as usize).saturating_sub(1)
    }

    /// Room for combinations of protected labels.
    fn protected_reserve(&self) -> usize {
        if self.naming.plan().protects() {
            (self.budget as usize / 16).min(64)
        } else {
            0
        }
    }

    /// Room for every combination of pinned values, or half of the budget.
    fn pinned_reserve(&self) -> usize {
        let half = self.budget as usize / 2;
        self.naming.plan().pinned_combinations().min(half)
    }
}
