//! Which values of a label are worth a series of their own.
//!
//! Budgets admit whoever comes first, so a scan that comes first would keep the values that matter
//! out for good. Once a minute, and only where a budget is spent, the heaviest values that were folded
//! are held against the lightest that are admitted. One that weighs more than twice as much takes the
//! place of another that has had it for a quarter of an hour; of the values of a label at most a tenth
//! change at a time, so that no backend sees the series of a label turn over.
//!
//! What was folded stays where it was counted: the new series begins at zero and both only grow.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::RandomState;

use super::event::Event;
use super::family_core::Core;
use super::label_text;
use super::lifecycle::Rest;
use super::pulse::State;
use super::series::{Cell, Series};
use crate::cardinality::{Label, Labels};

/// What is remembered from one weighing to the next.
#[derive(Debug, Default)]
pub(super) struct Weights {
    weighed: Option<Duration>,
    /// The amount of each value when it was weighed last, by its label and hash.
    amounts: HashMap<(u8, u64), u64, RandomState>,
    /// Values whose room is kept until their first write, by label and hash.
    expected: Vec<(u8, u64)>,
}

/// A value that is admitted.
struct Admitted {
    hash: u64,
    /// Measured since the last weighing.
    weight: u64,
    /// When the eldest of its series began.
    since: Duration,
}

impl Weights {
    /// Forgets what was known of labels that are numbered anew now.
    pub(super) fn reset(&mut self) {
        self.amounts.clear();
        self.expected.clear();
    }
}

impl<C: Cell> Core<C> {
    /// Makes room for heavy values, and leaves labels out that have too many; once a minute.
    pub(super) fn weigh(&self, rest: &mut Rest<C>) {
        let now = self.shared().since_start();
        let due = rest
            .weights
            .weighed
            .is_none_or(|last| now.saturating_sub(last) >= WINDOW);
        if !due {
            return;
        }
        // The first time there is nothing to compare with yet.
        let is_first = rest.weights.weighed.replace(now).is_none();
        self.forget_expected(rest);
        if self.leave_out_overgrown(rest) {
            return;
        }
        let naming = Arc::clone(&self.current().naming);
        let promotes = naming.plan().promotes();
        let mut amounts = HashMap::default();
        for label in naming.labels().iter() {
            let Some(sketches) = label.sketches() else {
                continue;
            };
            let admitted = self.admitted_values(label, rest, &mut amounts);
            if promotes && !is_first {
                self.promote(rest, label, admitted, now);
            }
            sketches.hitters().halve();
            sketches.estimate().roll();
        }
        rest.weights.amounts = amounts;
    }

    /// The admitted values of a label and what was measured in each; nothing for a kind without sums.
    fn admitted_values(
        &self,
        label: &Label,
        rest: &Rest<C>,
        amounts: &mut HashMap<(u8, u64), u64, RandomState>,
    ) -> Vec<Admitted> {
        let mut values: HashMap<u64, (u64, Duration), RandomState> = HashMap::default();
        for series in self.current().table.iter().filter(|s| s.pulse().is_live()) {
            let (Some(amount), Some(hash)) = (series.cell().amount(), self.hash_in(series, label))
            else {
                continue;
            };
            let (sum, since) = values.entry(hash).or_insert((0, series.created()));
            *sum = sum.wrapping_add(amount);
            *since = (*since).min(series.created());
        }
        let admitted = values.into_iter().map(|(hash, (amount, since))| {
            let key = (label.number(), hash);
            amounts.insert(key, amount);
            let before = rest.weights.amounts.get(&key).copied();
            Admitted {
                hash,
                weight: amount.saturating_sub(before.unwrap_or_default()),
                since,
            }
        });
        admitted.collect()
    }

    /// The hash of the value that a series has for a label, unless that is folded or pinned.
    fn hash_in(&self, series: &Series<C>, label: &Label) -> Option<u64> {
        let mut pairs = label_text::pairs(series.labels());
        let (_, value) = pairs.find(|(name, _)| *name == label.exposed())?;
        let hash = self.hasher().value(label.seed(), &value);
        let pinned = label.rules().is_some_and(|rules| rules.is_pinned(&value));
        (hash != label.other_hash() && !pinned).then_some(hash)
    }

    fn promote(
        &self,
        rest: &mut Rest<C>,
        label: &Label,
        mut admitted: Vec<Admitted>,
        now: Duration,
    ) {
        let Some(sketches) = label.sketches() else {
            return;
        };
        admitted.retain(|value| now.saturating_sub(value.since) >= RESIDENCE);
        admitted.sort_unstable_by_key(|value| value.weight);
        let heavy = sketches.hitters().top();
        let most = (label.admitted().budget() / 10).max(1);
        for (heavy, light) in heavy.iter().zip(&admitted).take(most) {
            if heavy.certain() <= light.weight.saturating_mul(2) {
                break;
            }
            self.displace_value(label, light.hash);
            label.admit(heavy.hash);
            rest.weights.expected.push((label.number(), heavy.hash));
            sketches.hitters().forget(heavy.hash);
            self.events().add(Event::Promoted, 1);
        }
        self.make_room(rest);
    }

    /// Takes every series with a value out of the exposition.
    fn displace_value(&self, label: &Label, hash: u64) {
        let current = self.current();
        for series in current.table.iter().filter(|s| s.pulse().is_live()) {
            if self.hash_in(series, label) == Some(hash) {
                self.rest(&current, series, State::Displaced);
            }
        }
    }

    /// Gives back the room of values that were promoted and did not come, or have series by now.
    fn forget_expected(&self, rest: &mut Rest<C>) {
        let naming = Arc::clone(&self.current().naming);
        for (number, hash) in rest.weights.expected.drain(..) {
            if let Some(label) = naming.labels().numbered(number) {
                label.release(hash);
            }
        }
    }

    /// Whether a label had more values than its policy bears with; it is left out from now on.
    fn leave_out_overgrown(&self, rest: &mut Rest<C>) -> bool {
        let current = self.current();
        let labels: &Labels = current.naming.labels();
        let overgrown = labels.iter().filter(|label| {
            let distinct = label
                .sketches()
                .map(|sketches| sketches.estimate().distinct());
            label.drop_above().is_some_and(|most| distinct > Some(most))
        });
        let names: Vec<Box<str>> = overgrown.map(|label| label.original().into()).collect();
        if names.is_empty() {
            return false;
        }
        self.events().add(Event::LabelOvergrown, names.len() as u64);
        let plan = current.naming.plan().clone();
        let all = current.naming.overgrown().iter().cloned().chain(names);
        let all: Box<[Box<str>]> = all.collect();
        drop(current);
        self.rename(rest, plan, all);
        true
    }
}

/// How often values are weighed.
const WINDOW: Duration = Duration::from_secs(60);

/// How long a value keeps its room at least.
const RESIDENCE: Duration = Duration::from_secs(15 * 60);
