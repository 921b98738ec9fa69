//! What is known of each name: its description, and which kinds of family it has.
//!
//! The facade describes and measures in any order, and libraries spell one name in several ways.
//! Names are therefore held as they are exposed, `a.b` and `a_b` as one.
//!
//! A unit is part of an exposed name, so it is settled when the name is first measured: a later one
//! would begin a second family. A help can come at any time.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use otel_core::registry::{Kind, Unit};

#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, Facts, RandomState>);

/// The facts of one name.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) unit: Unit,
    pub(super) help: String,
    /// The kinds of family that were registered, each once.
    pub(super) kinds: Vec<Kind>,
}

impl Names {
    /// Keeps what a description adds to what is known; the facts, and whether all of it was taken.
    pub(super) fn describe(&mut self, name: &str, unit: &Unit, help: &str) -> (Facts, bool) {
        let Some(facts) = self.facts(name) else {
            return (Facts::default(), false);
        };
        if facts.help.is_empty() {
            facts.help = help.into();
        }
        if facts.kinds.is_empty() && facts.unit == Unit::NONE {
            facts.unit = unit.clone();
        }
        let taken = *unit == Unit::NONE || *unit == facts.unit;
        (facts.clone(), taken)
    }

    /// The facts a family of this name is registered with; they are settled from here on.
    pub(super) fn settle(&mut self, name: &str, kind: Kind) -> Facts {
        let Some(facts) = self.facts(name) else {
            return Facts::default();
        };
        if !facts.kinds.contains(&kind) {
            facts.kinds.push(kind);
        }
        facts.clone()
    }

    fn facts(&mut self, name: &str) -> Option<&mut Facts> {
        if self.0.len() >= MAX_NAMES && !self.0.contains_key(name) {
            return None;
        }
        Some(self.0.entry(name.to_owned()).or_default())
    }
}

/// A name with its characters outside `[a-zA-Z0-9:]` as `_`, runs of them as one: as the registry
/// exposes it, but for the unit.
pub(super) fn spoken(name: &str) -> String {
    let mut spoken = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == ':' {
            spoken.push(c);
        } else if !spoken.ends_with('_') {
            spoken.push('_');
        }
    }
    spoken
}

/// Names that are remembered, like the families of a registry's default budget.
pub(super) const MAX_NAMES: usize = 1_024;
