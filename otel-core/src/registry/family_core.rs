//! The engine of a family: finds the series of a label set, or has one admitted.
//!
//! Three paths, each taken only when the one before does not answer. A known label set is found
//! as it stands: no lock, no allocation, and one comparison tells that the series is in order. A set
//! that is folded or oddly spelled is brought into canonical form on the stack and found by that; no
//! lock, no allocation. A set never seen before is admitted under the admission lock of its family, at
//! most as often as there are series and admitted values.
//!
//! Where a label set belongs is decided in [`admission`](super::admission), what becomes of a series
//! later in [`lifecycle`](super::lifecycle).

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

use arc_swap::{ArcSwapOption, Guard};

use super::admission::Place;
use super::event::{Event, Events};
use super::facts::Facts;
use super::generation::Generation;
use super::label_text;
use super::lifecycle::Rest;
use super::naming::Naming;
use super::pulse::State;
use super::series::{Cell, Series};
use super::shared::Shared;
use crate::cardinality::{
    LabelHasher, LabelSet, MAX_LABELS, Oddities, Plan, Scratch, Shape, Shapes, Stripes,
};

/// A family: its facts, its series, the state of its guard.
pub(crate) struct Core<C> {
    first: Generation<C>,
    /// The generation of now, if it is not the first.
    later: ArcSwapOption<Generation<C>>,
    /// Whether there is one, so that a family whose first generation lasts pays one load for it.
    is_replaced: AtomicBool,
    is_unregistered: AtomicBool,
    hasher: LabelHasher,
    shared: Arc<Shared>,
    facts: Facts,
    /// Held while something is admitted or comes to rest. What rests is kept apart: most families
    /// never have any.
    admission: Mutex<Option<Box<Rest<C>>>>,
    /// The series of last resort.
    overflow: OnceLock<Arc<Series<C>>>,
    events: Events,
}

/// The generation of now, as seen by one call.
pub(super) struct Current<'a, C> {
    first: &'a Generation<C>,
    later: Option<Guard<Option<Arc<Generation<C>>>>>,
}

/// The admission lock of a family, held.
pub(super) type Admission<'a, C> = MutexGuard<'a, Option<Box<Rest<C>>>>;

/// Who writes, and how the place of the write can be found again.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    /// Someone who holds a handle.
    Handle,
    /// Someone who names these labels.
    Labels(&'a [(&'a str, &'a str)]),
}

impl<C: Cell> Core<C> {
    pub(super) fn new(shared: &Arc<Shared>, facts: Facts, plan: Plan) -> Self {
        let naming = Naming::new(plan, facts.rules.as_deref(), Box::default(), shared);
        Self {
            first: Generation::first(naming, &facts),
            later: ArcSwapOption::empty(),
            is_replaced: AtomicBool::new(false),
            is_unregistered: AtomicBool::new(false),
            hasher: shared.hasher.clone(),
            shared: Arc::clone(shared),
            facts,
            admission: Mutex::default(),
            overflow: OnceLock::new(),
            events: Events::default(),
        }
    }

    /// Runs `write` on the series of these labels, or on the one they are folded into.
    ///
    /// `weight` says how much is written. A known series may be at rest: its pulse tells. `None` only
    /// if the table refuses a series within its budget, which it does not.
    #[inline]
    pub(super) fn with_series<R>(
        &self,
        pairs: &[(&str, &str)],
        weight: u64,
        write: impl FnOnce(&Arc<Series<C>>) -> R,
    ) -> Option<R> {
        if self.is_replaced.load(Ordering::Acquire) {
            return self.with_later_series(pairs, weight, write);
        }
        let shaped = self.first.shape_of(&self.hasher, pairs);
        if let Some((shape, key)) = shaped
            && let Some(series) = self.first.table.find_pairs(key, shape, pairs)
        {
            return Some(write(series));
        }
        self.with_unknown_series(shaped.map(|(shape, _)| shape), pairs, weight, write)
    }

    /// The same in a later generation, which must be kept from going away.
    #[inline(never)]
    fn with_later_series<R>(
        &self,
        pairs: &[(&str, &str)],
        weight: u64,
        write: impl FnOnce(&Arc<Series<C>>) -> R,
    ) -> Option<R> {
        let current = self.current();
        if let Some((shape, key)) = current.shape_of(&self.hasher, pairs)
            && let Some(series) = current.table.find_pairs(key, shape, pairs)
        {
            return Some(write(series));
        }
        drop(current);
        self.with_placed_series(pairs, weight, write)
    }

    #[inline(never)]
    fn with_unknown_series<R>(
        &self,
        shape: Option<&Shape>,
        pairs: &[(&str, &str)],
        weight: u64,
        write: impl FnOnce(&Arc<Series<C>>) -> R,
    ) -> Option<R> {
        if let Some(shape) = shape
            && let Some(series) = self.find_folded(&self.first, shape, pairs, weight)
        {
            return Some(write(series));
        }
        self.with_settled_series(pairs, weight, write)
    }

    /// Runs `write` on the live series where these labels belong, admitting or resuming it if it is
    /// not there.
    pub(super) fn with_placed_series<R>(
        &self,
        pairs: &[(&str, &str)],
        weight: u64,
        write: impl FnOnce(&Arc<Series<C>>) -> R,
    ) -> Option<R> {
        let current = self.current();
        if let Some((shape, _)) = current.shape_of(&self.hasher, pairs)
            && let Some(series) = self.find_folded(&current, shape, pairs, weight)
        {
            return Some(write(series));
        }
        drop(current);
        self.with_settled_series(pairs, weight, write)
    }

    fn with_settled_series<R>(
        &self,
        pairs: &[(&str, &str)],
        weight: u64,
        write: impl FnOnce(&Arc<Series<C>>) -> R,
    ) -> Option<R> {
        Scratch::with(|scratch| {
            let current = self.current();
            let mut set = LabelSet::new();
            if current.naming.read(
                &mut set,
                &self.hasher,
                pairs,
                scratch,
                self.shared.has_bytes(),
            ) && let Place::Found(series, fold) = self.place(&current, &mut set)
            {
                self.count(&set, fold, weight);
                if set.is_regular()
                    && current.naming.shapes().has_room()
                    && self.shared.has_bytes()
                    && current.shape_of(&self.hasher, pairs).is_none()
                {
                    self.learn_shape(pairs);
                }
                return Some(write(series));
            }
            drop(current);
            let admitted = self.admit(pairs, weight);
            if admitted.is_none() {
                self.events.add(Event::RejectedUnplaced, 1);
            }
            admitted.map(|series| write(&series))
        })
    }

    /// What a write has to do whose series is not settled: `true` to write there, `false` if the write
    /// belongs elsewhere.
    pub(super) fn settle(&self, series: &Series<C>, origin: Origin<'_>, exemplars: bool) -> bool {
        if self.is_unregistered() && series.pulse().is_live() {
            self.events.add(Event::OrphanWrite, 1);
            return true;
        }
        let window = &self.shared.window;
        let wants_exemplar = exemplars && window.wants_exemplars();
        match (
            series.pulse().touch(window.number(), wants_exemplar),
            origin,
        ) {
            (Ok(()), _) => true,
            (Err(State::Removed), Origin::Handle) => {
                self.events.add(Event::OrphanWrite, 1);
                true
            }
            (Err(_), _) => false,
        }
    }

    /// Runs `write` on the series where a write belongs whose own series is at rest.
    #[cold]
    pub(super) fn write_elsewhere(
        &self,
        series: &Series<C>,
        origin: Origin<'_>,
        weight: u64,
        write: impl FnOnce(&Series<C>),
    ) {
        let window = self.shared.window.number();
        let write = |series: &Arc<Series<C>>| {
            // It may have come to rest just now; then the value waits there.
            let _ = series.pulse().touch(window, false);
            write(series);
        };
        match origin {
            Origin::Labels(pairs) => {
                self.with_placed_series(pairs, weight, write);
            }
            Origin::Handle => {
                let plain: Vec<(&str, Cow<'_, str>)> = label_text::pairs(series.labels()).collect();
                let mut pairs = [("", ""); MAX_LABELS];
                for (pair, (name, value)) in pairs.iter_mut().zip(&plain) {
                    *pair = (name, value);
                }
                let pairs = pairs.get(..plain.len()).unwrap_or_default();
                self.with_placed_series(pairs, weight, write);
            }
        }
    }

    /// A handle to the series of these labels: a registration, which resumes what was removed.
    pub(super) fn series_of(&self, pairs: &[(&str, &str)]) -> Option<Arc<Series<C>>> {
        let found = self.with_series(pairs, 0, Arc::clone)?;
        if found.pulse().is_live() {
            return Some(found);
        }
        self.with_placed_series(pairs, 0, Arc::clone)
    }

    /// Remembers how this caller names its labels, unless another thread is admitting.
    fn learn_shape(&self, pairs: &[(&str, &str)]) {
        if let Some(_admission) = self.try_lock() {
            let current = self.current();
            Scratch::with(|scratch| {
                let mut set = LabelSet::new();
                if current.naming.read(
                    &mut set,
                    &self.hasher,
                    pairs,
                    scratch,
                    self.shared.has_bytes(),
                ) {
                    let learned = current.naming.shapes().learn(pairs, &set);
                    if learned {
                        self.shared.charge_bytes(Shapes::bytes(pairs.len()));
                    }
                }
            });
        }
    }

    pub(super) fn count(&self, set: &LabelSet<'_>, fold: Option<Event>, weight: u64) {
        let oddities = set.oddities();
        if oddities != Oddities::default() {
            self.events.add_oddities(oddities);
        }
        if let Some(fold) = fold {
            self.events.add(fold, 1);
            set.count_folds(weight, |bytes| self.shared.try_charge_bytes(bytes));
        }
    }

    pub(super) fn lock(&self) -> Admission<'_, C> {
        self.admission
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn try_lock(&self) -> Option<Admission<'_, C>> {
        match self.admission.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The generation of now. It stays so as long as the admission lock is held.
    pub(super) fn current(&self) -> Current<'_, C> {
        let is_replaced = self.is_replaced.load(Ordering::Acquire);
        Current {
            first: &self.first,
            later: is_replaced.then(|| self.later.load()),
        }
    }

    /// The generation of now for longer than a call; `None` for the first.
    pub(super) fn later(&self) -> Option<Arc<Generation<C>>> {
        self.later.load_full()
    }

    /// Whether a series ever came to rest, or the policy changed.
    pub(super) fn is_replaced(&self) -> bool {
        self.is_replaced.load(Ordering::Acquire)
    }

    /// Whether the family was taken out of the exposition.
    pub(super) fn is_unregistered(&self) -> bool {
        self.is_unregistered.load(Ordering::Acquire)
    }

    /// Whether it was so before.
    pub(super) fn set_unregistered(&self, unregistered: bool) -> bool {
        self.is_unregistered.swap(unregistered, Ordering::AcqRel)
    }

    pub(super) const fn first(&self) -> &Generation<C> {
        &self.first
    }

    /// Puts a generation in the place of the one of now; the caller holds the admission lock.
    pub(super) fn replace(&self, generation: Generation<C>) {
        self.later.store(Some(Arc::new(generation)));
        self.is_replaced.store(true, Ordering::Release);
    }

    /// Bytes of the family without series and labels.
    pub(super) fn own_bytes(&self) -> usize {
        let text = self.facts.exposed.len() + self.facts.original().len();
        let help = self.facts.help.get().map_or(0, |help| help.len());
        let table = self.first.table.first_bytes();
        size_of::<Self>() + size_of::<Naming>() + text + help + table + Stripes::BYTES
    }

    /// Series that are exposed.
    pub(super) fn series(&self) -> usize {
        self.current().table.live()
    }

    pub(super) fn series_budget(&self) -> usize {
        self.current().budget.live as usize
    }

    pub(super) const fn overflow(&self) -> &OnceLock<Arc<Series<C>>> {
        &self.overflow
    }

    pub(super) const fn facts(&self) -> &Facts {
        &self.facts
    }

    #[inline]
    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) const fn hasher(&self) -> &LabelHasher {
        &self.hasher
    }

    pub(super) const fn events(&self) -> &Events {
        &self.events
    }
}

impl<C> Deref for Current<'_, C> {
    type Target = Generation<C>;

    #[inline]
    fn deref(&self) -> &Generation<C> {
        let later = self.later.as_ref().and_then(|later| later.as_deref());
        later.unwrap_or(self.first)
    }
}

impl<C: fmt::Debug> fmt::Debug for Core<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("facts", &self.facts)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}
