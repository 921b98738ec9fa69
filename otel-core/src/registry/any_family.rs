//! Families of every kind in one list.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::event::Event;
use super::facts::Facts;
use super::family_core::Core;
use super::lifecycle::Hidden;
use super::listing::{AnyListing, Listing};
use super::naming::Naming;
use super::report::FamilyDryRun;
use super::series::Cell;
use crate::cardinality::Plan;

/// What a registry asks of a family whose kind it does not know.
pub(crate) trait AnyFamily: Any + fmt::Debug + Send + Sync {
    fn facts(&self) -> &Facts;

    /// How the family reads labels now.
    fn naming(&self) -> Arc<Naming>;

    /// Series that are exposed.
    fn series(&self) -> usize;

    fn series_budget(&self) -> usize;

    fn count(&self, event: Event) -> u64;

    /// What it has that is not exposed.
    fn hidden(&self) -> Hidden;

    /// Bytes of its series, exposed or not.
    fn bytes(&self) -> usize;

    /// Whether it was removed, or its policy says that it is not exposed.
    fn is_hidden(&self) -> bool;

    /// Whether anybody ever wrote to it or held a series of it.
    fn is_silent(&self) -> bool;

    /// Takes it out of the exposition; whether it was there.
    fn unregister(&self) -> bool;

    /// Hides what is idle, makes room for what is heavy and lets go of what nobody holds.
    fn maintain(&self);

    /// Puts the family under another plan; whether that changes anything.
    fn replan(&self, plan: Plan) -> bool;

    /// What that would do; nothing if the plan is the one it has.
    fn try_plan(&self, plan: Plan) -> Option<FamilyDryRun>;

    /// The series of now, sorted by label text.
    fn listing(self: Arc<Self>) -> Arc<dyn AnyListing>;

    /// The wall time of a moment, given as its distance from the start of the registry.
    fn wall_at(&self, since_start: Duration) -> SystemTime;
}

impl<C: Cell> AnyFamily for Core<C> {
    fn facts(&self) -> &Facts {
        self.facts()
    }

    fn naming(&self) -> Arc<Naming> {
        Arc::clone(&self.current().naming)
    }

    fn series(&self) -> usize {
        self.series()
    }

    fn series_budget(&self) -> usize {
        self.series_budget()
    }

    fn count(&self, event: Event) -> u64 {
        self.events().get(event)
    }

    fn hidden(&self) -> Hidden {
        self.hidden()
    }

    fn bytes(&self) -> usize {
        self.bytes()
    }

    fn is_hidden(&self) -> bool {
        self.is_unregistered() || self.current().naming.plan().is_denied()
    }

    fn is_silent(&self) -> bool {
        let current = self.current();
        current.table.len() == 0 && !self.is_replaced()
    }

    fn unregister(&self) -> bool {
        self.unregister()
    }

    fn maintain(&self) {
        self.maintain();
    }

    fn replan(&self, plan: Plan) -> bool {
        self.replan(plan)
    }

    fn try_plan(&self, plan: Plan) -> Option<FamilyDryRun> {
        self.try_plan(plan)
    }

    fn listing(self: Arc<Self>) -> Arc<dyn AnyListing> {
        Arc::new(Listing::of(self))
    }

    fn wall_at(&self, since_start: Duration) -> SystemTime {
        self.shared().wall_at(since_start)
    }
}

/// The family as one of a kind, if it is of that kind.
pub(super) fn of_kind<C: Cell>(family: &Arc<dyn AnyFamily>) -> Option<Arc<Core<C>>> {
    let family: Arc<dyn AnyFamily> = Arc::clone(family);
    let family: Arc<dyn Any + Send + Sync> = family;
    family.downcast().ok()
}

/// The families that take writes and are not exposed: one of each kind, with one series.
///
/// A family that could not be registered leads here, so its callers need no second path.
#[derive(Debug, Default)]
pub(super) struct Unexposed(Mutex<HashMap<TypeId, Arc<dyn AnyFamily>>>);

impl Unexposed {
    /// The one of a kind, made when it is first needed.
    pub(super) fn of_kind<C: Cell>(&self, make: impl FnOnce() -> Core<C>) -> Arc<Core<C>> {
        let mut families = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(core) = families.get(&TypeId::of::<C>()).and_then(of_kind) {
            return core;
        }
        let core = Arc::new(make());
        families.insert(TypeId::of::<C>(), Arc::clone(&core) as _);
        core
    }
}
