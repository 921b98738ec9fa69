//! What becomes of a series after it was admitted: it rests, is resumed, is let go.
//!
//! A series that nobody writes to, that was removed or that lost its place to another is not exposed
//! and counts against no budget, but keeps its total: when its label set is admitted again it goes on
//! where it was. A family keeps as many resting series as it may have live ones. When there are more,
//! it moves to a new generation without the eldest. Those are let go when the last handle to them is:
//! their amounts are then added to what the family remembers as let go.
//!
//! Invariant: what was ever added is in a live series, a resting one, one whose handles are still held,
//! or in the amount let go.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::RandomState;

use super::family_core::{Core, Current};
use super::generation::Generation;
use super::label_text;
use super::naming::Naming;
use super::pulse::State;
use super::report::FamilyDryRun;
use super::series::{Cell, Series};
use super::weighing::Weights;
use crate::cardinality::{Key, Known, LabelSet, Plan, Scratch};

/// What a family keeps of series that are exposed no longer. Guarded by its admission lock.
#[derive(Debug)]
pub(super) struct Rest<C> {
    /// In no generation of now, but perhaps in someone's hand.
    leaving: Vec<Arc<Series<C>>>,
    /// The amounts of the series that were let go.
    let_go: u64,
    /// How many guards hold each scoped series, by its address.
    scopes: HashMap<usize, u32, RandomState>,
    /// What is remembered from one weighing of values to the next.
    pub(super) weights: Weights,
}

/// What a family has that is not exposed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hidden {
    /// Series that rest, and may be resumed.
    pub(super) resting: usize,
    /// How much was measured in series that are exposed no longer.
    pub(super) amount: u64,
}

impl<C: Cell> Core<C> {
    /// Removes a series that someone holds; whether it was there.
    pub(super) fn remove(&self, series: &Arc<Series<C>>) -> bool {
        let mut admission = self.lock();
        self.remove_locked(admission.get_or_insert_default(), series)
    }

    fn remove_locked(&self, rest: &mut Rest<C>, series: &Arc<Series<C>>) -> bool {
        if !series.pulse().is_live() || self.is_last_resort(series) {
            return false;
        }
        self.rest(&self.current(), series, State::Removed);
        self.make_room(rest);
        true
    }

    /// A series of last resort has no end: it is where all else ends.
    fn is_last_resort(&self, series: &Arc<Series<C>>) -> bool {
        let overflow = self.overflow().get();
        overflow.is_some_and(|overflow| Arc::ptr_eq(overflow, series))
    }

    /// Counts one more guard that holds a series.
    pub(super) fn enter_scope(&self, series: &Arc<Series<C>>) {
        let mut admission = self.lock();
        let rest = admission.get_or_insert_default();
        *rest.scopes.entry(Arc::as_ptr(series).addr()).or_default() += 1;
    }

    /// Counts one guard less, and with the last of them removes the series, unless it stands for
    /// others too.
    pub(super) fn leave_scope(&self, series: &Arc<Series<C>>) {
        let mut admission = self.lock();
        let rest = admission.get_or_insert_default();
        let address = Arc::as_ptr(series).addr();
        let guards = rest.scopes.get(&address).copied().unwrap_or_default();
        if guards > 1 {
            rest.scopes.insert(address, guards - 1);
            return;
        }
        rest.scopes.remove(&address);
        if !series.is_folded() {
            self.remove_locked(rest, series);
        }
    }

    /// Takes the family out of the exposition; whether it was there.
    pub(super) fn unregister(&self) -> bool {
        let _rest = self.lock();
        if self.set_unregistered(true) {
            return false;
        }
        // So that every write is noticed from now on.
        let current = self.current();
        for series in current.table.iter().filter(|s| s.pulse().is_live()) {
            series.pulse().set_state(State::Live);
        }
        true
    }

    /// Puts the family back, with the totals it has.
    pub(super) fn register_again(&self) {
        let _rest = self.lock();
        self.set_unregistered(false);
    }

    /// Removes the live series whose labels satisfy `which`; how many there were.
    pub(super) fn remove_where(&self, which: impl Fn(&Series<C>) -> bool) -> usize {
        let mut admission = self.lock();
        let rest = admission.get_or_insert_default();
        let current = self.current();
        let mut removed = 0;
        for series in current.table.iter() {
            if series.pulse().is_live() && !self.is_last_resort(series) && which(series) {
                self.rest(&current, series, State::Removed);
                removed += 1;
            }
        }
        drop(current);
        if removed > 0 {
            self.make_room(rest);
        }
        removed
    }

    /// What a collection does for the family before it reads it.
    pub(super) fn maintain(&self) {
        let naming = Arc::clone(&self.current().naming);
        let expiry = naming.plan().expiry();
        let has_sketches = naming
            .labels()
            .iter()
            .any(|label| label.sketches().is_some());
        if expiry.idle().is_none() && !has_sketches && !self.is_replaced() {
            return;
        }
        let mut admission = self.lock();
        let rest = admission.get_or_insert_default();
        rest.let_go(self);
        if let Some(idle) = expiry.idle() {
            self.hide_idle(rest, idle, expiry.scrapes());
        }
        if has_sketches {
            self.weigh(rest);
        }
    }

    fn hide_idle(&self, rest: &mut Rest<C>, idle: Duration, scrapes: u32) {
        let current = self.current();
        let window = self.shared().window.number();
        let now = self.shared().since_start();
        let mut hidden = false;
        for series in current.table.iter() {
            if !series.pulse().is_live() || self.is_last_resort(series) {
                continue;
            }
            // The window is still open that this collection closes.
            let seen = window.saturating_sub(series.pulse().window());
            if seen == 0 {
                series.see(now);
            } else if seen >= scrapes && now.saturating_sub(series.last_seen()) >= idle {
                self.rest(&current, series, State::Idle);
                hidden = true;
            }
        }
        drop(current);
        if hidden {
            self.make_room(rest);
        }
    }

    /// Takes a live series out of the exposition and gives its budgets back; the caller holds the
    /// admission lock.
    pub(super) fn rest(&self, current: &Current<'_, C>, series: &Series<C>, state: State) {
        series.pulse().set_state(state);
        current.table.rested();
        self.shared().release_series();
        let labels = current.naming.labels();
        for (name, value) in label_text::pairs(series.labels()) {
            if let Some(label) = labels.exposed(name) {
                label.release(self.hasher().value(label.seed(), &value));
            }
        }
    }

    /// Moves to a generation with room, if as many series rest as it has room for.
    pub(super) fn make_room(&self, rest: &mut Rest<C>) {
        let current = self.current();
        if current.table.resting() <= current.spare() {
            return;
        }
        let next = current.next();
        let keep = current.budget.live as usize / 2;
        let mut too_many = current.table.resting().saturating_sub(keep);
        for series in current.table.iter() {
            if !series.pulse().is_live() && too_many > 0 {
                too_many -= 1;
                rest.leave(series);
            } else {
                next.table.push(Arc::clone(series));
            }
        }
        drop(current);
        self.replace(next);
        rest.let_go(self);
    }

    /// Puts the family under another plan; whether that changes anything.
    pub(super) fn replan(&self, plan: Plan) -> bool {
        let mut admission = self.lock();
        let rest = admission.get_or_insert_default();
        if *self.current().naming.plan() == plan {
            return false;
        }
        self.rename(rest, plan, Box::default());
        true
    }

    /// Moves to a generation that reads labels by another plan, or without labels that have
    /// overgrown.
    ///
    /// A series stays live if it is what its own labels lead to under the new plan and the budgets
    /// have room for it. The others are displaced.
    pub(super) fn rename(&self, rest: &mut Rest<C>, plan: Plan, overgrown: Box<[Box<str>]>) {
        let current = self.current();
        let rules = self.facts().rules.as_deref();
        let naming = Naming::new(plan, rules, overgrown, self.shared());
        let labels = current.naming.labels();
        naming.learn_names(
            rules,
            self.shared(),
            labels.iter().map(|label| label.original()),
        );
        for label in labels.iter() {
            if let (Some(sketches), Some(Known::Label(successor))) =
                (label.sketches(), naming.labels().get(label.original()))
            {
                successor.inherit(sketches);
            }
        }
        let next = Generation::later(naming, self.facts());
        for series in current.table.iter() {
            self.carry_over(rest, series, &next);
        }
        drop(current);
        self.replace(next);
        rest.weights.reset();
        rest.let_go(self);
    }

    fn carry_over(&self, rest: &mut Rest<C>, series: &Arc<Series<C>>, next: &Generation<C>) {
        let was_live = series.pulse().is_live();
        let plain: Vec<_> = label_text::pairs(series.labels()).collect();
        let pairs: Vec<(&str, &str)> = plain
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let mut scratch = Scratch::default();
        let mut set = LabelSet::new();
        let known = next
            .naming
            .read(&mut set, self.hasher(), &pairs, &mut scratch, false);
        let judged = set.judge();
        let is_own = known
            && !judged.folded
            && label_text::is_rendering(series.labels(), series.key(), &set);
        let has_room = next.table.live() < next.budget.open() || self.is_last_resort(series);
        if !is_own && !self.is_last_resort(series) {
            if was_live {
                self.displace(series);
            }
            return rest.leave(series);
        }
        let (names, _) = next.naming.shapes().number(&set);
        let escapes = series.key().has_escapes();
        series.set_key(Key::new(set.hash(), names).with_escapes(escapes));
        if was_live && has_room {
            set.admit_values();
        } else if was_live {
            self.displace(series);
        }
        let is_live = series.pulse().is_live();
        if is_live || next.table.resting() < next.spare() {
            next.table.push(Arc::clone(series));
        } else {
            rest.leave(series);
        }
    }

    fn displace(&self, series: &Series<C>) {
        series.pulse().set_state(State::Displaced);
        self.shared().release_series();
    }

    /// What another plan would do to the series of now; nothing if it is the one there is.
    pub(super) fn try_plan(&self, plan: Plan) -> Option<FamilyDryRun> {
        let _rest = self.lock();
        let current = self.current();
        if *current.naming.plan() == plan {
            return None;
        }
        let rules = self.facts().rules.as_deref();
        let exposed = !plan.is_denied() && !self.is_unregistered();
        let naming = Naming::new(plan, rules, Box::default(), self.shared());
        let labels = current.naming.labels().iter();
        naming.learn_names(rules, self.shared(), labels.map(|label| label.original()));
        let next: Generation<C> = Generation::later(naming, self.facts());
        let (mut series, mut kept) = (0, 0);
        let mut texts = HashSet::new();
        for live in current
            .table
            .iter()
            .filter(|series| series.pulse().is_live())
        {
            series += 1;
            let (text, is_own) = self.text_under(&next, live);
            kept += usize::from(is_own && kept < next.budget.open());
            if texts.len() < next.budget.live as usize {
                texts.insert(text);
            }
        }
        Some(FamilyDryRun {
            name: self.facts().exposed.as_ref().to_owned(),
            series,
            kept: if exposed { kept } else { 0 },
            label_sets: texts.len(),
            exposed,
        })
    }

    /// The labels a series would have in another generation, and whether they are those it has.
    fn text_under(&self, next: &Generation<C>, series: &Series<C>) -> (Box<str>, bool) {
        let plain: Vec<_> = label_text::pairs(series.labels()).collect();
        let pairs: Vec<(&str, &str)> = plain
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let mut scratch = Scratch::default();
        let mut set = LabelSet::new();
        next.naming
            .read(&mut set, self.hasher(), &pairs, &mut scratch, false);
        let judged = set.judge();
        let is_own =
            !judged.folded && label_text::is_rendering(series.labels(), series.key(), &set);
        set.admit_values();
        (label_text::render(&set, 0).0, is_own)
    }

    /// Bytes of its series, exposed or not.
    pub(super) fn bytes(&self) -> usize {
        let admission = self.lock();
        let current = self.current();
        let leaving = admission.iter().flat_map(|rest| &rest.leaving);
        let series = current.table.iter().chain(leaving);
        let bytes = series.map(|series| Series::<C>::bytes(series.labels().len(), self.facts()));
        bytes.sum()
    }

    pub(super) fn hidden(&self) -> Hidden {
        let admission = self.lock();
        let current = self.current();
        let resting = current.table.iter().filter(|s| !s.pulse().is_live());
        let leaving = admission.iter().flat_map(|rest| &rest.leaving);
        let amounts = resting.chain(leaving).map(|series| series.cell().amount());
        let let_go = admission.as_ref().map_or(0, |rest| rest.let_go);
        Hidden {
            resting: current.table.resting(),
            amount: amounts.flatten().fold(let_go, u64::wrapping_add),
        }
    }
}

impl<C: Cell> Rest<C> {
    /// Takes a series that is in the generation of now no longer.
    pub(super) fn leave(&mut self, series: &Arc<Series<C>>) {
        self.leaving.push(Arc::clone(series));
    }

    /// Lets go of the series that nobody else holds: no handle, no call that is still running.
    fn let_go(&mut self, core: &Core<C>) {
        self.leaving.retain(|series| {
            let held = Arc::strong_count(series) > 1;
            if !held {
                let amount = series.cell().amount().unwrap_or_default();
                self.let_go = self.let_go.wrapping_add(amount);
                let bytes = Series::<C>::bytes(series.labels().len(), core.facts());
                core.shared().release_bytes(bytes);
            }
            held
        });
    }
}

impl<C> Default for Rest<C> {
    fn default() -> Self {
        Self {
            leaving: Vec::new(),
            let_go: 0,
            scopes: HashMap::default(),
            weights: Weights::default(),
        }
    }
}
