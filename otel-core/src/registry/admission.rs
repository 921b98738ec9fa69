//! Where the writes of a label set go, and what is admitted.
//!
//! Invariant: a family has at most `budget` live series, the process as many as its budget, whatever is
//! sent. For this one series of each family is set aside, both here and in the process budget: the
//! overflow series, which takes what nothing else can. Room for the combinations of pinned values
//! is set aside too, because those are never folded.

use std::sync::Arc;

use super::event::Event;
use super::family_core::{Core, Current};
use super::generation::Generation;
use super::label_text;
use super::pulse::State;
use super::series::{Cell, Series};
use crate::cardinality::{Key, LabelSet, MAX_LABELS, OTHER, Scratch, Shape, Shapes, Standing};

/// Where a label set belongs, as far as could be told without the admission lock.
pub(super) enum Place<'t, C> {
    /// In this series, and why it is not its own.
    Found(&'t Arc<Series<C>>, Option<Event>),
    /// Something has to be admitted.
    Unsettled,
}

impl<C: Cell> Core<C> {
    /// The series of a label set some of whose values are over the budget of their label, and
    /// nothing else is the matter: the path of a hostile caller, so it must not cost more than one
    /// that is known.
    #[inline]
    pub(super) fn find_folded<'g>(
        &self,
        current: &'g Generation<C>,
        shape: &Shape,
        pairs: &[(&str, &str)],
        weight: u64,
    ) -> Option<&'g Arc<Series<C>>> {
        let longest = current.naming.limits().value_bytes();
        let mut plain = [("", ""); MAX_LABELS];
        let plain = plain.get_mut(..pairs.len())?;
        plain.copy_from_slice(pairs);
        let (mut sum, mut folded) = (0_u64, 0_u32);
        for place in shape.labels() {
            let label = current.naming.labels().numbered(place.number)?;
            let (_, value) = plain.get_mut(place.at())?;
            let hash = self.hasher().value(place.seed, value);
            if value.len() > longest {
                return None;
            }
            sum = sum.wrapping_add(match label.standing(hash) {
                Standing::Admitted => hash,
                Standing::Room => return None,
                Standing::Full => {
                    *value = OTHER;
                    folded |= 1 << place.at();
                    label.other_hash()
                }
            });
        }
        let key = Key::new(sum, shape.set());
        let series = current.table.find_pairs(key, shape, plain)?;
        if folded == 0 || !series.pulse().is_live() {
            return None;
        }
        self.events().add(Event::FoldedLabelValue, 1);
        for place in shape.labels() {
            if folded & 1 << place.at() != 0
                && let Some(label) = current.naming.labels().numbered(place.number)
                && let Some((_, value)) = pairs.get(place.at())
            {
                let hash = self.hasher().value(place.seed, value);
                label.count_fold(hash, value, weight, |bytes| {
                    self.shared().try_charge_bytes(bytes)
                });
            }
        }
        Some(series)
    }

    /// Finds the place of a label set that does not need anything admitted.
    pub(super) fn place<'g>(
        &'g self,
        current: &'g Generation<C>,
        set: &mut LabelSet<'_>,
    ) -> Place<'g, C> {
        let table = &current.table;
        // Read first: if it is full now, what the lookups below do not find is not admitted either.
        let full = self.full(current);
        if let Some(series) = table.find_live(set) {
            return Place::Found(series, None);
        }
        let judged = set.judge();
        let Some(full) = full else {
            return match table.find_live(set) {
                Some(series) => {
                    Place::Found(series, judged.folded.then_some(Event::FoldedLabelValue))
                }
                None => Place::Unsettled,
            };
        };
        if judged.folded
            && !judged.new
            && let Some(series) = table.find_live(set)
        {
            return Place::Found(series, Some(Event::FoldedLabelValue));
        }
        if set.fold_unprotected() {
            if let Some(series) = table.find_live(set) {
                return Place::Found(series, Some(full));
            }
            if self.has_room(current, current.budget.protected()) {
                return Place::Unsettled;
            }
        }
        if set.fold_unpinned() {
            if let Some(series) = table.find_live(set) {
                return Place::Found(series, Some(full));
            }
            // The process budget has its room already.
            if table.live() < current.budget.pinned() {
                return Place::Unsettled;
            }
        }
        set.fold_all();
        match table.find_live(set).or_else(|| self.overflow().get()) {
            Some(series) => Place::Found(series, Some(full)),
            None => Place::Unsettled,
        }
    }

    /// Decides under the admission lock, and creates what has to be created.
    pub(super) fn admit(&self, pairs: &[(&str, &str)], weight: u64) -> Option<Arc<Series<C>>> {
        let _admission = self.lock();
        let current = self.current();
        let given = pairs.iter().filter(|(_, value)| !value.is_empty());
        let names = given.map(|(name, _)| *name);
        let rules = self.facts().rules.as_deref();
        current.naming.learn_names(rules, self.shared(), names);
        let (mut first, mut second) = (Scratch::default(), Scratch::default());
        let mut set = LabelSet::new();
        current
            .naming
            .read(&mut set, self.hasher(), pairs, &mut first, false);
        if self.shared().has_bytes() && current.naming.shapes().learn(pairs, &set) {
            self.shared().charge_bytes(Shapes::bytes(pairs.len()));
        }
        if let Place::Found(series, fold) = self.place(&current, &mut set) {
            let series = Arc::clone(series);
            self.count(&set, fold, weight);
            return Some(series);
        }
        let mut set = LabelSet::new();
        current
            .naming
            .read(&mut set, self.hasher(), pairs, &mut second, false);
        let (series, fold) = self.create_for(&current, &mut set)?;
        self.count(&set, fold, weight);
        Some(series)
    }

    /// Creates the best series the budgets still allow for a label set without one.
    fn create_for(
        &self,
        current: &Current<'_, C>,
        set: &mut LabelSet<'_>,
    ) -> Option<(Arc<Series<C>>, Option<Event>)> {
        let judged = set.judge();
        let label = judged.folded.then_some(Event::FoldedLabelValue);
        if self.full(current).is_none() && self.shared().charge_series() {
            return Some((self.create(current, set)?, label));
        }
        let full = self.full(current).unwrap_or(Event::FoldedProcess);
        if set.fold_unprotected() {
            if let Some(series) = current.table.find_live(set) {
                return Some((Arc::clone(series), Some(full)));
            }
            if self.has_room(current, current.budget.protected()) && self.shared().charge_series() {
                return Some((self.create(current, set)?, Some(full)));
            }
        }
        if set.fold_unpinned() {
            if let Some(series) = current.table.find_live(set) {
                return Some((Arc::clone(series), Some(full)));
            }
            if current.table.live() < current.budget.pinned() {
                self.shared().charge_set_aside();
                return Some((self.create(current, set)?, Some(full)));
            }
        }
        set.fold_all();
        let series = match current.table.find_live(set) {
            Some(series) => Arc::clone(series),
            None => self.overflow_series(current, set)?,
        };
        Some((series, Some(full)))
    }

    /// The series of last resort: the folded form of the first set that needed it.
    fn overflow_series(
        &self,
        current: &Current<'_, C>,
        set: &LabelSet<'_>,
    ) -> Option<Arc<Series<C>>> {
        if let Some(series) = self.overflow().get() {
            return Some(Arc::clone(series));
        }
        let series = if set.is_empty() {
            let labels = format!("{OVERFLOW_NAME}=\"true\"");
            self.publish(current, labels.into(), Key::new(0, 0), true)?
        } else {
            self.create(current, set)?
        };
        Some(Arc::clone(self.overflow().get_or_init(|| series)))
    }

    /// A new series for a label set, or the one that rests since the set was last heard of.
    fn create(&self, current: &Current<'_, C>, set: &LabelSet<'_>) -> Option<Arc<Series<C>>> {
        set.admit_values();
        if let Some(resting) = current.table.find_set(set) {
            resting.pulse().set_state(State::Live);
            resting.see(self.shared().since_start());
            current.table.resumed();
            return Some(Arc::clone(resting));
        }
        let (names, is_new) = current.naming.shapes().number(set);
        if is_new {
            let names = set.iter().count();
            self.shared().charge_bytes(Shapes::bytes(names));
        }
        let (text, key) = label_text::render(set, names);
        let folded = set.iter().any(|pair| pair.value == OTHER);
        self.publish(current, text, key, folded)
    }

    fn publish(
        &self,
        current: &Current<'_, C>,
        labels: Box<str>,
        key: Key,
        folded: bool,
    ) -> Option<Arc<Series<C>>> {
        self.shared()
            .charge_bytes(Series::<C>::bytes(labels.len(), self.facts()));
        let gauge_fold = folded.then(|| current.naming.plan().gauge_fold());
        let cell = C::new(self.facts(), gauge_fold);
        let series = Series::new(labels, key, self.shared().since_start(), folded, cell);
        current.table.push(Arc::new(series)).map(Arc::clone)
    }

    /// Why nothing more can be admitted, if nothing can.
    fn full(&self, current: &Generation<C>) -> Option<Event> {
        if current.table.live() >= current.budget.open() {
            Some(Event::FoldedFamily)
        } else if self.shared().is_full() {
            Some(Event::FoldedProcess)
        } else {
            None
        }
    }

    fn has_room(&self, current: &Generation<C>, budget: usize) -> bool {
        current.table.live() < budget && !self.shared().is_full()
    }
}

/// The Prometheus form of the attribute that marks overflow in the OTel metrics SDK.
const OVERFLOW_NAME: &str = "otel_metric_overflow";
