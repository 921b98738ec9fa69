//! The engine of a family: finds the series of a label set, or decides where its writes go.
//!
//! Three paths, each taken only when the one before does not answer. A known label set is found
//! as it stands. A set that is folded or oddly spelled is brought into canonical form on the stack
//! and found by that; no lock, no allocation. A set never seen before is admitted under the
//! admission lock of its family, at most as often as there are series and admitted values.
//!
//! Invariant: a family holds at most `series_budget` series, the process as many as its budget,
//! whatever is sent. For this one series of each family is set aside, both here and in the process
//! budget: the overflow series, which takes what nothing else can.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

use super::descriptor::LabelRules;
use super::event::{Event, Events};
use super::facts::Facts;
use super::label_text;
use super::series::{Cell, Series};
use super::shared::Shared;
use super::table::Table;
use crate::cardinality::{
    Key, Label, LabelHasher, LabelLimits, LabelSet, Labels, OTHER, Shape, Shapes,
    is_reserved_label, same_label, sanitize_label,
};

/// A family: its facts, its series, the state of its guard.
#[derive(Debug)]
pub(crate) struct Core<C> {
    table: Table<C>,
    hasher: LabelHasher,
    shared: Arc<Shared>,
    facts: Facts,
    labels: Labels,
    shapes: Shapes,
    rules: Option<Box<LabelRules>>,
    label_names: u32,
    admission: Mutex<()>,
    /// The position of the series of last resort.
    overflow: OnceLock<usize>,
    events: Events,
}

/// Where a label set belongs, as far as could be told without the admission lock.
enum Place<'t, C> {
    /// In this series, and why it is not its own.
    Found(&'t Series<C>, Option<Event>),
    /// Something has to be admitted.
    Unsettled,
}

impl<C: Cell> Core<C> {
    pub(super) fn new(
        shared: &Arc<Shared>,
        facts: Facts,
        rules: LabelRules,
        series_budget: usize,
        label_names: usize,
    ) -> Self {
        let ruled = rules != LabelRules::default();
        Self {
            table: Table::new(u32::try_from(series_budget).unwrap_or(u32::MAX)),
            hasher: shared.hasher.clone(),
            shared: Arc::clone(shared),
            facts,
            labels: Labels::default(),
            shapes: Shapes::default(),
            rules: ruled.then(|| Box::new(rules)),
            label_names: u32::try_from(label_names).unwrap_or(u32::MAX),
            admission: Mutex::new(()),
            overflow: OnceLock::new(),
            events: Events::default(),
        }
    }

    /// Runs `write` on the one series where writes for these labels belong.
    ///
    /// `None` only if the table refuses a series within its budget, which it does not.
    #[inline]
    pub(super) fn with_series<R>(
        &self,
        pairs: &[(&str, &str)],
        write: impl FnOnce(&Series<C>) -> R,
    ) -> Option<R> {
        let shaped = self.shapes.get(&self.hasher, pairs);
        let found = shaped.and_then(|(shape, key)| self.table.find_pairs(key, shape, pairs));
        let series = match found {
            Some(series) => series,
            None => self.place_or_admit(shaped.map(|(shape, _)| shape), pairs)?,
        };
        Some(write(series))
    }

    #[cold]
    #[inline(never)]
    fn place_or_admit(&self, shape: Option<&Shape>, pairs: &[(&str, &str)]) -> Option<&Series<C>> {
        let mut set = LabelSet::new();
        let known = match shape {
            Some(shape) => {
                set.read_shaped(shape, &self.labels, &self.hasher, self.limits(), pairs);
                true
            }
            None => self.read(&mut set, pairs),
        };
        if known && let Place::Found(series, fold) = self.place(&mut set) {
            self.count(&set, fold);
            if shape.is_none() && set.is_regular() && self.shapes.has_room() {
                self.learn_shape(pairs);
            }
            return Some(series);
        }
        let admitted = self.admit(pairs);
        if admitted.is_none() {
            self.events.add(Event::RejectedUnplaced, 1);
        }
        admitted
    }

    /// Finds the place of a label set that does not need anything admitted.
    fn place(&self, set: &mut LabelSet<'_>) -> Place<'_, C> {
        let table = &self.table;
        // Read first: what is full stays full, so the lookups below see all there will be.
        let full = self.full();
        if let Some(series) = table.find_set(set) {
            return Place::Found(series, None);
        }
        let judged = set.judge();
        let Some(full) = full else {
            return match table.find_set(set) {
                Some(series) => {
                    Place::Found(series, judged.folded.then_some(Event::FoldedLabelValue))
                }
                None => Place::Unsettled,
            };
        };
        if judged.folded
            && !judged.new
            && let Some(series) = table.find_set(set)
        {
            return Place::Found(series, Some(Event::FoldedLabelValue));
        }
        let protects = set.fold_unprotected();
        if let Some(series) = table.find_set(set) {
            return Place::Found(series, Some(full));
        }
        if protects && self.has_protected_room() {
            return Place::Unsettled;
        }
        set.fold_all();
        match table.find_set(set).or_else(|| self.overflow()) {
            Some(series) => Place::Found(series, Some(full)),
            None => Place::Unsettled,
        }
    }

    /// Decides under the admission lock, and creates what has to be created.
    fn admit(&self, pairs: &[(&str, &str)]) -> Option<&Series<C>> {
        let _admission = self.lock();
        self.learn_names(pairs);
        let mut set = LabelSet::new();
        self.read(&mut set, pairs);
        self.shapes.learn(pairs, &set);
        let (series, fold) = match self.place(&mut set) {
            Place::Found(series, fold) => (series, fold),
            Place::Unsettled => {
                set = LabelSet::new();
                self.read(&mut set, pairs);
                self.create_for(&mut set)?
            }
        };
        self.count(&set, fold);
        Some(series)
    }

    /// Remembers how this caller names its labels, unless another thread is admitting.
    fn learn_shape(&self, pairs: &[(&str, &str)]) {
        if let Some(_admission) = self.try_lock() {
            let mut set = LabelSet::new();
            self.read(&mut set, pairs);
            self.shapes.learn(pairs, &set);
        }
    }

    /// Creates the best series the budgets still allow for a label set without one.
    fn create_for(&self, set: &mut LabelSet<'_>) -> Option<(&Series<C>, Option<Event>)> {
        let judged = set.judge();
        let label = judged.folded.then_some(Event::FoldedLabelValue);
        if self.full().is_none() && self.shared.charge() {
            set.admit_values();
            return Some((self.create(set)?.1, label));
        }
        let full = self.full().unwrap_or(Event::FoldedProcess);
        let protects = set.fold_unprotected();
        if let Some(series) = self.table.find_set(set) {
            return Some((series, Some(full)));
        }
        if protects && self.has_protected_room() && self.shared.charge() {
            set.admit_values();
            return Some((self.create(set)?.1, Some(full)));
        }
        set.fold_all();
        let series = match self.table.find_set(set) {
            Some(series) => series,
            None => self.overflow_series(set)?,
        };
        Some((series, Some(full)))
    }

    /// The series of last resort: the folded form of the first set that needed it.
    fn overflow_series(&self, set: &LabelSet<'_>) -> Option<&Series<C>> {
        if let Some(series) = self.overflow() {
            return Some(series);
        }
        let (position, series) = if set.is_empty() {
            let labels = format!("{OVERFLOW_NAME}=\"true\"");
            self.publish(labels.into(), Key::new(0, 0), true)?
        } else {
            self.create(set)?
        };
        self.overflow.get_or_init(|| position);
        Some(series)
    }

    fn overflow(&self) -> Option<&Series<C>> {
        self.table.get(*self.overflow.get()?)
    }

    fn create(&self, set: &LabelSet<'_>) -> Option<(usize, &Series<C>)> {
        let names = self.shapes.number(set);
        let (text, key) = label_text::render(set, names);
        let folded = set.iter().any(|pair| pair.value == OTHER);
        self.publish(text, key, folded)
    }

    fn publish(&self, labels: Box<str>, key: Key, folded: bool) -> Option<(usize, &Series<C>)> {
        let cell = C::new(&self.facts, folded);
        let series = Series::new(labels, key, self.shared.since_start(), folded, cell);
        self.table.push(series)
    }

    /// Why nothing more can be admitted, if nothing can.
    fn full(&self) -> Option<Event> {
        if self.series() >= self.series_budget() - self.set_aside() {
            Some(Event::FoldedFamily)
        } else if self.shared.is_full() {
            Some(Event::FoldedProcess)
        } else {
            None
        }
    }

    /// The overflow series, and room for combinations of protected labels.
    fn set_aside(&self) -> usize {
        let protects = self
            .rules
            .as_ref()
            .is_some_and(|rules| !rules.protected.is_empty());
        let extra = (self.series_budget() / 16).min(64);
        1 + if protects { extra } else { 0 }
    }

    fn has_protected_room(&self) -> bool {
        self.series() + 1 < self.series_budget() && !self.shared.is_full()
    }

    fn read<'a>(&'a self, set: &mut LabelSet<'a>, pairs: &[(&'a str, &'a str)]) -> bool {
        set.read(&self.labels, &self.hasher, self.limits(), pairs)
    }

    fn limits(&self) -> LabelLimits {
        LabelLimits {
            labels: self.shared.budget.labels(),
            value_bytes: self.shared.budget.value_bytes(),
            names: self.label_names as usize,
        }
    }

    /// Remembers label names seen for the first time; the caller holds the admission lock.
    fn learn_names(&self, pairs: &[(&str, &str)]) {
        for (name, value) in pairs {
            let known = value.is_empty() || self.labels.get(name).is_some();
            let room = self.labels.iter().count() < self.label_names as usize;
            if !known && room && !is_reserved_label(name) {
                let (budget, protected) = self.rule(name);
                self.labels
                    .add(Label::new(name, budget, protected, &self.hasher));
            }
        }
    }

    /// The value budget of a label, and whether it is protected.
    fn rule(&self, name: &str) -> (usize, bool) {
        let is = |declared: &Cow<'_, str>| {
            let exposed = sanitize_label(declared);
            same_label(&exposed, name)
        };
        let default = self.shared.budget.label_values();
        let Some(rules) = &self.rules else {
            return (default, false);
        };
        let own = rules.budgets.iter().find(|(label, _)| is(label));
        let budget = own.map_or(default, |(_, budget)| *budget);
        (budget, rules.protected.iter().any(is))
    }

    fn count(&self, set: &LabelSet<'_>, fold: Option<Event>) {
        self.events.add_oddities(set.oddities());
        if let Some(fold) = fold {
            self.events.add(fold, 1);
            set.count_folds();
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.admission
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn try_lock(&self) -> Option<MutexGuard<'_, ()>> {
        match self.admission.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    pub(super) fn series(&self) -> usize {
        self.table.len()
    }

    pub(super) const fn table(&self) -> &Table<C> {
        &self.table
    }

    pub(super) const fn series_budget(&self) -> usize {
        self.table.limit()
    }

    pub(super) const fn facts(&self) -> &Facts {
        &self.facts
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) const fn labels(&self) -> &Labels {
        &self.labels
    }

    pub(super) const fn events(&self) -> &Events {
        &self.events
    }
}

/// The Prometheus form of the attribute that marks overflow in the OTel metrics SDK.
const OVERFLOW_NAME: &str = "otel_metric_overflow";
