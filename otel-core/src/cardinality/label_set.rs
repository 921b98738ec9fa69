//! A label set as the registry understands it: known labels, sorted, each once, within the limits.
//!
//! The fast path never builds one. It is built, on the stack, when the caller's pairs were not
//! found as they stand: the set is new, it must be folded, or it is spelled in an odd way. All of
//! this takes no lock and allocates nothing; only [`render`](LabelSet::render) does, for a series
//! that is about to be created.

use std::borrow::Cow;

use super::admitted::Standing;
use super::label::{Known, Label, Labels, is_reserved_label};
use super::policy::{Derivation, Plan, Rule, ValueScratch, Verdict};
use super::scratch::Scratch;
use super::{LabelHasher, MAX_LABELS, OTHER, cut};

/// Limits on one label set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LabelLimits {
    pub(crate) labels: u16,
    pub(crate) value_bytes: u16,
    /// Distinct names the family may remember.
    pub(crate) names: u16,
}

impl LabelLimits {
    fn labels(self) -> usize {
        self.labels.into()
    }

    pub(crate) fn value_bytes(self) -> usize {
        self.value_bytes.into()
    }

    pub(crate) fn names(self) -> usize {
        self.names.into()
    }
}

/// What a label set is read by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) labels: &'a Labels,
    pub(crate) plan: &'a Plan,
    pub(crate) hasher: &'a LabelHasher,
    pub(crate) limits: LabelLimits,
    /// Whether a name that is not known yet could be.
    pub(crate) may_learn: bool,
}

/// What was wrong with a label set; each is counted, none is an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Oddities {
    pub(crate) truncated: u32,
    pub(crate) duplicate: u32,
    pub(crate) reserved: u32,
    pub(crate) surplus: u32,
    /// Values that the policy folded, whatever the budgets.
    pub(crate) ruled_out: u32,
    /// Rules that panicked.
    pub(crate) rule_panicked: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair<'a> {
    pub(crate) label: &'a Label,
    pub(crate) value: &'a str,
    hash: u64,
    /// Where the caller has it.
    at: usize,
    /// Its hash before it was folded for want of room.
    over_budget: Option<(u64, &'a str)>,
    /// The policy keeps this value, whatever the budgets.
    pinned: bool,
}

impl<'a> Pair<'a> {
    fn new(hasher: &LabelHasher, label: &'a Label, value: &'a str, at: usize) -> Self {
        Self {
            label,
            value,
            hash: hasher.value(label.seed(), value),
            at,
            over_budget: None,
            pinned: false,
        }
    }

    /// The index of this pair among the caller's.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn standing(&self) -> Standing {
        if self.pinned {
            return Standing::Admitted;
        }
        self.label.standing(self.hash)
    }

    fn fold(&mut self) {
        self.value = OTHER;
        self.hash = self.label.other_hash();
    }
}

/// Sorted by exposed name, without duplicates, empty values or reserved names.
#[derive(Debug)]
pub(crate) struct LabelSet<'a> {
    pairs: [Option<Pair<'a>>; MAX_LABELS],
    oddities: Oddities,
    /// The policy has rules for values of a label that was named.
    ruled: bool,
}

/// What became of the values of a set when they were held against the budgets of their labels.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Judged {
    /// A value was over the budget of its label and is now the sentinel.
    pub(crate) folded: bool,
    /// A value is new and its label has room.
    pub(crate) new: bool,
}

impl<'a> LabelSet<'a> {
    pub(crate) fn new() -> Self {
        Self {
            pairs: [None; MAX_LABELS],
            oddities: Oddities::default(),
            ruled: false,
        }
    }

    /// Reads the caller's pairs; `false` when a label name is not known yet and could be.
    pub(crate) fn read(
        &mut self,
        reading: &Reading<'a>,
        pairs: &[(&'a str, &'a str)],
        scratch: &'a mut Scratch,
    ) -> bool {
        let Reading { labels, limits, .. } = *reading;
        let (mut values, derived) = scratch.split();
        for (at, &(name, value)) in pairs.iter().enumerate() {
            // An empty value is an absent label (OpenMetrics 1.0, Prometheus data model).
            if value.is_empty() {
                continue;
            }
            match labels.get(name) {
                Some(Known::Dropped) => {}
                Some(Known::Label(label)) => {
                    self.take(reading, label, value, at, values.next());
                }
                None if is_reserved_label(name) => self.oddities.reserved += 1,
                None if !reading.may_learn || labels.names() >= limits.names() => {
                    self.oddities.surplus += 1;
                }
                None => return false,
            }
        }
        if !reading.plan.derived().is_empty() {
            self.derive(reading, pairs, values, derived);
        }
        true
    }

    /// Takes a value for a label, as its rules make it.
    fn take(
        &mut self,
        reading: &Reading<'a>,
        label: &'a Label,
        value: &'a str,
        at: usize,
        scratch: Option<&'a mut ValueScratch>,
    ) {
        let Reading { hasher, limits, .. } = *reading;
        let value = self.truncate(value, limits.value_bytes());
        let mut pair = Pair::new(hasher, label, value, at);
        if let (Some(rules), Some(scratch)) = (label.rules(), scratch) {
            self.ruled = true;
            let judged = rules.apply(value, scratch);
            if judged.rule == Some(Rule::Panicked) {
                self.oddities.rule_panicked += 1;
            }
            match judged.verdict {
                Verdict::Keep(value) => {
                    let value = self.truncate(value, limits.value_bytes());
                    pair = Pair::new(hasher, label, value, at);
                }
                Verdict::Pinned(value) => {
                    pair = Pair::new(hasher, label, value, at);
                    pair.pinned = true;
                }
                Verdict::Fold => {
                    pair.fold();
                    self.oddities.ruled_out += 1;
                }
                Verdict::Drop => return,
            }
        }
        self.insert(limits.labels(), pair);
    }

    /// Adds the labels that the policy makes from others, unless the caller gave them.
    fn derive(
        &mut self,
        reading: &Reading<'a>,
        pairs: &[(&'a str, &'a str)],
        mut values: impl Iterator<Item = &'a mut ValueScratch>,
        mut made: impl Iterator<Item = &'a mut String>,
    ) {
        for derived in reading.plan.derived() {
            let given = |(name, value): &&(&str, &str)| !value.is_empty() && derived.is_from(name);
            let Some((_, source)) = pairs.iter().rfind(given) else {
                continue;
            };
            self.ruled = true;
            let Some(Known::Label(label)) = reading.labels.get(derived.name()) else {
                continue;
            };
            if self
                .iter()
                .any(|pair| pair.label.exposed() == label.exposed())
            {
                continue;
            }
            let value = match derived.derive(source) {
                Derivation::Value(Cow::Borrowed(value)) => value,
                Derivation::Value(Cow::Owned(value)) => match made.next() {
                    Some(room) => {
                        *room = value;
                        room
                    }
                    None => OTHER,
                },
                Derivation::Panicked => {
                    self.oddities.rule_panicked += 1;
                    OTHER
                }
                Derivation::Absent => continue,
            };
            if !value.is_empty() {
                self.take(reading, label, value, pairs.len(), values.next());
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Pair<'a>> + Clone {
        self.pairs.iter().map_while(Option::as_ref)
    }

    pub(crate) const fn oddities(&self) -> Oddities {
        self.oddities
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Whether its labels and values are those the caller gave, but for names that are left out.
    pub(crate) const fn is_regular(&self) -> bool {
        let Oddities {
            truncated: _,
            ruled_out: _,
            rule_panicked: _,
            duplicate,
            reserved,
            surplus,
        } = self.oddities;
        !self.ruled && duplicate | reserved | surplus == 0
    }

    pub(crate) fn hash(&self) -> u64 {
        self.iter().fold(0, |sum, pair| sum.wrapping_add(pair.hash))
    }

    /// Folds every value that is over the budget of its label.
    pub(crate) fn judge(&mut self) -> Judged {
        let mut judged = Judged::default();
        for pair in self.iter_mut() {
            match pair.standing() {
                Standing::Admitted => {}
                Standing::Room => judged.new = true,
                Standing::Full => {
                    pair.over_budget = Some((pair.hash, pair.value));
                    pair.fold();
                    judged.folded = true;
                }
            }
        }
        judged
    }

    /// Folds what is neither a protected label nor a pinned value; whether such is left as it was.
    pub(crate) fn fold_unprotected(&mut self) -> bool {
        self.fold_unless(|pair| pair.pinned || pair.label.is_protected())
    }

    /// Folds what is not a pinned value; whether such is left as it was.
    pub(crate) fn fold_unpinned(&mut self) -> bool {
        self.fold_unless(|pair| pair.pinned)
    }

    pub(crate) fn fold_all(&mut self) {
        self.iter_mut().for_each(Pair::fold);
    }

    /// Counts one more series with each of these values.
    ///
    /// The caller holds the admission lock and has judged the set under it.
    pub(crate) fn admit_values(&self) {
        let counted = self.iter().filter(|pair| !pair.pinned);
        counted.for_each(|pair| pair.label.admit(pair.hash));
    }

    /// Counts, at the label, each value that its budget refused.
    pub(crate) fn count_folds(&self, weight: u64, room: impl Fn(usize) -> bool) {
        for pair in self.iter() {
            if let Some((hash, value)) = pair.over_budget {
                pair.label.count_fold(hash, value, weight, &room);
            }
        }
    }

    fn fold_unless(&mut self, keeps: impl Fn(&Pair<'a>) -> bool) -> bool {
        let mut kept = false;
        for pair in self.iter_mut() {
            if keeps(pair) {
                kept = true;
            } else {
                pair.fold();
            }
        }
        kept
    }

    fn iter_mut(&mut self) -> impl Iterator<Item = &mut Pair<'a>> {
        self.pairs.iter_mut().map_while(Option::as_mut)
    }

    /// The value, cut at a character boundary if it is too long.
    fn truncate(&mut self, value: &'a str, most: usize) -> &'a str {
        if value.len() <= most {
            return value;
        }
        self.oddities.truncated += 1;
        cut(value, most)
    }

    /// Puts a pair in its place. A name given twice keeps the later value; beyond the limit the
    /// name that sorts last goes, so that the order of the caller's pairs never matters.
    fn insert(&mut self, limit: usize, pair: Pair<'a>) {
        let mut carried = pair;
        for slot in self.pairs.iter_mut().take(limit) {
            match slot {
                None => {
                    *slot = Some(carried);
                    return;
                }
                Some(held) if held.label.exposed() == carried.label.exposed() => {
                    *held = carried;
                    self.oddities.duplicate += 1;
                    return;
                }
                Some(held) if held.label.exposed() > carried.label.exposed() => {
                    std::mem::swap(held, &mut carried);
                }
                Some(_) => {}
            }
        }
        self.oddities.surplus += 1;
    }
}
