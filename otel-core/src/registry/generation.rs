//! The series of a family under one policy, and the names they are found by.
//!
//! A family has one generation at a time. The first only grows; another takes its place when the
//! policy changes or when series that rest need their room back. The cells move from one to the next
//! as they are: no value is copied, and a handle knows nothing of it.

use std::sync::Arc;

use super::facts::Facts;
use super::naming::Naming;
use super::table::Table;
use crate::cardinality::{Key, LabelHasher, Shape};

#[derive(Debug)]
pub(super) struct Generation<C> {
    pub(super) naming: Arc<Naming>,
    pub(super) table: Table<C>,
    pub(super) budget: Budgets,
}

/// How many live series there may be, and who may still be admitted when they run out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budgets {
    /// All of them.
    pub(super) live: u32,
    /// Set aside for combinations of protected labels.
    protected: u32,
    /// Set aside for combinations of pinned values.
    pinned: u32,
}

impl<C> Generation<C> {
    /// Of a family in which nothing has come to rest yet.
    pub(super) fn first(naming: Naming, facts: &Facts) -> Self {
        let budget = Budgets::new(&naming, facts);
        Self {
            naming: Arc::new(naming),
            table: Table::new(budget.live),
            budget,
        }
    }

    /// Under another policy, with room for as many resting series as live ones.
    pub(super) fn later(naming: Naming, facts: &Facts) -> Self {
        let budget = Budgets::new(&naming, facts);
        Self {
            naming: Arc::new(naming),
            table: Table::new(budget.live.saturating_mul(2)),
            budget,
        }
    }

    /// Under the same policy, with the same room.
    pub(super) fn next(&self) -> Self {
        Self {
            naming: Arc::clone(&self.naming),
            table: Table::new(self.budget.live.saturating_mul(2)),
            budget: self.budget,
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

    /// Resting series there is room for beside the live ones.
    pub(super) const fn spare(&self) -> usize {
        self.table.limit() - self.budget.live as usize
    }

    /// Series that have their room before any is asked for: the last resort and the pinned.
    pub(super) const fn set_aside(&self) -> usize {
        1 + self.budget.pinned as usize
    }
}

impl Budgets {
    fn new(naming: &Naming, facts: &Facts) -> Self {
        let plan = naming.plan();
        let live = match plan.series_budget() {
            _ if plan.is_denied() => 1,
            Some(series) => series,
            None => facts.series_budget,
        };
        let protected = if naming.protects(facts.rules.as_deref()) {
            (live / 16).min(64)
        } else {
            0
        };
        let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            live: narrow(live),
            protected: narrow(protected),
            pinned: narrow(plan.pinned_combinations().min(live / 2)),
        }
    }

    /// Beyond it only the protected, the pinned and the last resort are admitted.
    pub(super) const fn open(self) -> usize {
        self.protected().saturating_sub(self.protected as usize)
    }

    /// Beyond it only the pinned and the last resort are admitted.
    pub(super) const fn protected(self) -> usize {
        self.pinned().saturating_sub(self.pinned as usize)
    }

    /// Beyond it only the last resort is admitted.
    pub(super) const fn pinned(self) -> usize {
        (self.live as usize).saturating_sub(1)
    }
}
