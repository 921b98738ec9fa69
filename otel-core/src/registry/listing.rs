//! The series of a family as a collection found them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::facts::Facts;
use super::family_core::Core;
use super::generation::Generation;
use super::series::{Cell, Series};
use super::{Exemplar, Value};

/// Series of a kind that is not known here, sorted by label text.
pub(super) trait AnyListing: Send + Sync {
    fn len(&self) -> usize;

    fn get(&self, at: usize) -> Option<&dyn AnySeries>;
}

/// A series of a kind that is not known here.
pub(super) trait AnySeries {
    fn labels(&self) -> &str;

    /// When it began, from the start of the registry.
    fn created(&self) -> Duration;

    fn value<'a>(&'a self, facts: &'a Facts) -> Value<'a>;

    fn exemplar(&self) -> Option<Exemplar>;
}

/// Keeps the family and the generation that the positions are of.
pub(super) struct Listing<C> {
    core: Arc<Core<C>>,
    /// None for the first.
    later: Option<Arc<Generation<C>>>,
    order: Arc<[u32]>,
}

impl<C: Cell> Listing<C> {
    pub(super) fn of(core: Arc<Core<C>>) -> Self {
        let later = core.later();
        let generation = later.as_deref().unwrap_or_else(|| core.first());
        let order = generation.table.order();
        Self { core, later, order }
    }
}

impl<C: Cell> AnyListing for Listing<C> {
    fn len(&self) -> usize {
        self.order.len()
    }

    fn get(&self, at: usize) -> Option<&dyn AnySeries> {
        let position = *self.order.get(at)? as usize;
        let generation = self.later.as_deref().unwrap_or_else(|| self.core.first());
        let series = generation.table.get(position)?;
        Some(&**series)
    }
}

impl<C: Cell> AnySeries for Series<C> {
    fn labels(&self) -> &str {
        self.labels()
    }

    fn created(&self) -> Duration {
        self.created()
    }

    fn value<'a>(&'a self, facts: &'a Facts) -> Value<'a> {
        self.cell().value(facts)
    }

    fn exemplar(&self) -> Option<Exemplar> {
        self.cell().exemplar()
    }
}

impl fmt::Debug for dyn AnyListing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing")
            .field("series", &self.len())
            .finish()
    }
}
