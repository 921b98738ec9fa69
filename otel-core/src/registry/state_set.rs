//! Which of a closed set of states something is in.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::event::Event;
use super::facts::Facts;
use super::family::{Family, Instrument, Sealed};
use super::family_core::{Core, Origin};
use super::series::{Cell, Series};
use super::write::Scalar;
use super::{Kind, Value};
use crate::cardinality::{GaugeFold, MAX_LABELS};

/// A family of states (OpenMetrics 1.0, "StateSet"): one series for each state, zero or one.
///
/// The label of the state has the name of the family.
///
/// ```
/// use otel_core::registry::Registry;
///
/// let registry = Registry::new();
/// let phase = registry.state_set("service.phase", ["starting", "ready", "draining"]);
/// phase.select(&[], "ready");
/// # let snapshot = registry.collect();
/// # let family = snapshot.family("service_phase").unwrap();
/// # let states: Vec<_> = family.series().map(|s| (s.labels(), s.value().as_state())).collect();
/// # assert_eq!(states, [
/// #     (r#"service_phase="draining""#, Some(false)),
/// #     (r#"service_phase="ready""#, Some(true)),
/// #     (r#"service_phase="starting""#, Some(false)),
/// # ]);
/// ```
#[derive(Clone)]
#[must_use = "a set of states shows nothing by itself"]
pub struct StateSet {
    family: Family<State>,
    states: Arc<[Box<str>]>,
}

impl StateSet {
    pub(super) const fn new(family: Family<State>, states: Arc<[Box<str>]>) -> Self {
        Self { family, states }
    }

    /// Puts what these labels name into one state and out of all others; `false`, and nothing is
    /// done, if there is no such state.
    #[expect(clippy::must_use_candidate, reason = "done for what it does")]
    pub fn select(&self, labels: &[(&str, &str)], state: &str) -> bool {
        if !self.states.iter().any(|known| **known == *state) {
            return false;
        }
        for known in self.states.iter() {
            self.write(labels, known, **known == *state);
        }
        true
    }

    /// Says whether one state holds, where several may; `false`, and nothing is done, if there is no
    /// such state.
    #[expect(clippy::must_use_candidate, reason = "done for what it does")]
    pub fn set(&self, labels: &[(&str, &str)], state: &str, holds: bool) -> bool {
        let known = self.states.iter().any(|known| **known == *state);
        if known {
            self.write(labels, state, holds);
        }
        known
    }

    fn write(&self, labels: &[(&str, &str)], state: &str, holds: bool) {
        let mut pairs = [("", ""); MAX_LABELS];
        let (first, rest) = pairs.split_at_mut(1);
        if let [own] = first {
            *own = (self.family.name(), state);
        }
        // More labels than a series can have: the registry would drop them as well.
        let given = labels.len().min(rest.len());
        for (pair, label) in rest.iter_mut().zip(labels) {
            *pair = *label;
        }
        let pairs = pairs.get(..=given).unwrap_or_default();
        self.family.core().write_labels(pairs, holds, None);
    }

    /// The name this family is exposed under.
    #[must_use]
    pub fn name(&self) -> &str {
        self.family.name()
    }
}

impl fmt::Debug for StateSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateSet")
            .field("name", &self.name())
            .field("states", &self.states)
            .finish()
    }
}

/// One state of a [`StateSet`].
#[derive(Clone, Debug)]
#[must_use = "a state shows nothing by itself"]
pub struct State {
    core: Arc<Core<StateCell>>,
    series: Arc<Series<StateCell>>,
}

impl State {
    /// Says whether it holds.
    pub fn set(&self, holds: bool) {
        self.core.write(&self.series, Origin::Handle, holds, None);
    }
}

impl Instrument for State {}

impl Sealed for State {
    type Cell = StateCell;

    fn from_parts(core: Arc<Core<StateCell>>, series: Arc<Series<StateCell>>) -> Self {
        Self { core, series }
    }

    fn parts(&self) -> (&Core<StateCell>, &Arc<Series<StateCell>>) {
        (&self.core, &self.series)
    }
}

#[derive(Debug)]
pub(crate) struct StateCell {
    holds: AtomicBool,
    folded: bool,
}

impl Cell for StateCell {
    const KIND: Kind = Kind::StateSet;

    fn new(_: &Facts, fold: Option<GaugeFold>) -> Self {
        Self {
            holds: AtomicBool::new(false),
            folded: fold.is_some(),
        }
    }

    fn heap_bytes(_: &Facts) -> usize {
        0
    }

    fn amount(&self) -> Option<u64> {
        None
    }

    fn value<'a>(&'a self, _: &'a Facts) -> Value<'a> {
        Value::State(self.holds.load(Ordering::Relaxed))
    }
}

impl Scalar for StateCell {
    type Write = bool;

    fn write(&self, holds: bool) -> Result<(), Event> {
        // Of several things in one series nobody can say in which state they are.
        if self.folded {
            return Err(Event::RejectedFoldedSet);
        }
        self.holds.store(holds, Ordering::Relaxed);
        Ok(())
    }

    fn weight(_: bool) -> u64 {
        0
    }
}
