//! The label names of a family: how each is spelled, what it means, and which values were admitted.
//!
//! A label is known by its exposed name, which Prometheus limits to `[a-zA-Z_][a-zA-Z0-9_]*`; the
//! spelling first seen is kept beside it, because OTLP wants `http.route` back. A name may also be
//! another name of a label, or be left out, if the policy says so. The list only grows, under the admission lock, up to a fixed number of names; readers walk it without a lock.

use std::borrow::Cow;
use std::iter;
use std::sync::{Arc, OnceLock};

use super::admitted::{AdmittedValues, Standing};
use super::policy::{LabelPlan, ValueRules};
use super::sketches::Sketches;
use super::stripes::Stripes;
use super::{LabelHasher, OTHER};

/// One name that callers of a family give, and the label it means.
#[derive(Debug)]
pub(crate) struct Label {
    /// As the first caller spelled it.
    spelled: Box<str>,
    meaning: Meaning,
    /// Its place among the labels of the family.
    number: u8,
    /// Seeds the hashes of its values.
    seed: u64,
    /// The hash of the sentinel under that seed.
    other: u64,
    protected: bool,
    rules: Option<Arc<ValueRules>>,
    drop_above: Option<u64>,
    admitted: AdmittedValues,
    folded: Stripes,
    sketches: OnceLock<Arc<Sketches>>,
    next: OnceLock<Box<Self>>,
}

/// What becomes of a name.
#[derive(Debug)]
enum Meaning {
    /// It is a label of the series; its exposed name, only where that differs.
    Label(Option<Box<str>>),
    /// It is another name of the label with this number.
    Alias(u8),
    /// It is left out.
    Dropped,
}

impl Label {
    /// A label by the name in its plan.
    pub(crate) fn new(plan: LabelPlan<'_>, hasher: &LabelHasher) -> Self {
        let name = plan.name;
        let exposed = sanitize_label(name);
        let seed = hasher.name(name);
        Self {
            meaning: Meaning::Label((exposed != name).then(|| exposed.into())),
            spelled: name.into(),
            number: 0,
            seed,
            other: hasher.value(seed, OTHER),
            protected: plan.protected,
            rules: plan.rules,
            drop_above: plan.drop_above,
            admitted: AdmittedValues::new(plan.values),
            folded: Stripes::default(),
            sketches: OnceLock::new(),
            next: OnceLock::new(),
        }
    }

    /// A name that is left out.
    pub(crate) fn dropped(name: &str) -> Self {
        Self::meaning(name, Meaning::Dropped)
    }

    /// Another name of a label.
    pub(crate) fn alias(name: &str, of: &Self) -> Self {
        Self::meaning(name, Meaning::Alias(of.number))
    }

    fn meaning(name: &str, meaning: Meaning) -> Self {
        Self {
            spelled: name.into(),
            meaning,
            number: 0,
            seed: 0,
            other: 0,
            protected: false,
            rules: None,
            drop_above: None,
            admitted: AdmittedValues::new(0),
            folded: Stripes::default(),
            sketches: OnceLock::new(),
            next: OnceLock::new(),
        }
    }

    /// As the first caller spelled it, or as the policy renamed it.
    pub(crate) fn original(&self) -> &str {
        &self.spelled
    }

    /// As Prometheus accepts it.
    pub(crate) fn exposed(&self) -> &str {
        match &self.meaning {
            Meaning::Label(Some(exposed)) => exposed,
            _ => &self.spelled,
        }
    }

    pub(crate) const fn is_protected(&self) -> bool {
        self.protected
    }

    pub(crate) const fn number(&self) -> u8 {
        self.number
    }

    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) const fn other_hash(&self) -> u64 {
        self.other
    }

    /// What the policy says of its values beyond their number.
    pub(crate) const fn rules(&self) -> Option<&Arc<ValueRules>> {
        self.rules.as_ref()
    }

    /// The estimated number of values beyond which the label is left out.
    pub(crate) const fn drop_above(&self) -> Option<u64> {
        self.drop_above
    }

    /// What the guard knows of the value with this hash. The sentinel is always admitted.
    #[inline]
    pub(crate) fn standing(&self, hash: u64) -> Standing {
        if hash == self.other {
            Standing::Admitted
        } else {
            self.admitted.standing(hash)
        }
    }

    /// Counts one more series with a value; the caller holds the admission lock.
    pub(crate) fn admit(&self, hash: u64) {
        if hash != self.other {
            self.admitted.admit(hash);
        }
    }

    /// Counts one series less with a value; the caller holds the admission lock.
    pub(crate) fn release(&self, hash: u64) {
        self.admitted.release(hash);
    }

    /// Counts a value that was folded because the budget was spent.
    ///
    /// What is learned of it takes room, which `room` is asked for once.
    #[inline]
    pub(crate) fn count_fold(
        &self,
        hash: u64,
        value: &str,
        weight: u64,
        room: impl FnOnce(usize) -> bool,
    ) {
        self.folded.add(1);
        match self.sketches.get() {
            Some(sketches) => sketches.saw(hash, value, weight),
            None => self.begin_sketches(room),
        }
    }

    #[cold]
    fn begin_sketches(&self, room: impl FnOnce(usize) -> bool) {
        if room(Sketches::bytes(&self.admitted)) {
            self.sketches
                .get_or_init(|| Arc::new(Sketches::new(&self.admitted)));
        }
    }

    /// Bytes of a label, about: with its name, its first values and the count of its folds.
    pub(crate) const BYTES: usize =
        size_of::<Self>() + 32 + AdmittedValues::FIRST_BYTES + Stripes::BYTES;

    pub(crate) fn folded(&self) -> u64 {
        self.folded.get()
    }

    pub(crate) const fn admitted(&self) -> &AdmittedValues {
        &self.admitted
    }

    /// What was learned of the values that were folded, if any were.
    pub(crate) fn sketches(&self) -> Option<&Arc<Sketches>> {
        self.sketches.get()
    }

    /// Goes on with what was learned under another policy.
    pub(crate) fn inherit(&self, sketches: &Arc<Sketches>) {
        self.sketches.get_or_init(|| Arc::clone(sketches));
    }
}

/// The names of a family, in the order they were first seen.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    first: OnceLock<Box<Label>>,
}

/// What a name that a caller gave is known as.
#[derive(Debug)]
pub(crate) enum Known<'a> {
    Label(&'a Label),
    Dropped,
}

impl Labels {
    /// What a caller means by `name`, however it spells it; `None` if that was not settled yet.
    pub(crate) fn get(&self, name: &str) -> Option<Known<'_>> {
        let found = self
            .entries()
            .find(|label| *label.spelled == *name)
            .or_else(|| {
                self.entries()
                    .find(|label| same_label(label.exposed(), name))
            })?;
        Some(match found.meaning {
            Meaning::Label(_) => Known::Label(found),
            Meaning::Alias(of) => self.numbered(of).map_or(Known::Dropped, Known::Label),
            Meaning::Dropped => Known::Dropped,
        })
    }

    /// The label that is exposed under a name.
    pub(crate) fn exposed(&self, exposed: &str) -> Option<&Label> {
        self.iter().find(|label| label.exposed() == exposed)
    }

    /// Appends a name that [`get`](Self::get) did not find; the caller holds the admission lock.
    pub(crate) fn add(&self, mut label: Label) {
        let mut end = &self.first;
        while let Some(before) = end.get() {
            label.number = before.number + 1;
            end = &before.next;
        }
        end.get_or_init(|| Box::new(label));
    }

    /// The name with this number.
    pub(crate) fn numbered(&self, number: u8) -> Option<&Label> {
        self.entries().nth(number.into())
    }

    /// The labels, without other names of theirs and names that are left out.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Label> {
        let is_label = |label: &&Label| matches!(label.meaning, Meaning::Label(_));
        self.entries().filter(is_label)
    }

    /// How many names are known.
    pub(crate) fn names(&self) -> usize {
        self.entries().count()
    }

    fn entries(&self) -> impl Iterator<Item = &Label> {
        iter::successors(self.first.get(), |label| label.next.get()).map(|label| &**label)
    }
}

/// Whether `name`, once sanitised, is the exposed name `exposed`.
pub(crate) fn same_label(exposed: &str, name: &str) -> bool {
    exposed.chars().eq(sanitized(name))
}

/// The label name that Prometheus and OpenMetrics 1.0 accept: every other character becomes `_`,
/// and a leading digit gets one before it.
pub(crate) fn sanitize_label(name: &str) -> Cow<'_, str> {
    if name.chars().eq(sanitized(name)) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(sanitized(name).collect())
    }
}

/// Whether a label name belongs to the exposition format or to this registry.
///
/// `le` and `quantile` are written by the format, a leading `__` is Prometheus' own.
pub(crate) fn is_reserved_label(name: &str) -> bool {
    name.is_empty()
        || ["le", "quantile", OVERFLOW_LABEL]
            .iter()
            .any(|reserved| same_label(reserved, name))
        || sanitized(name).take(2).eq(['_', '_'])
}

fn sanitized(name: &str) -> impl Iterator<Item = char> + '_ {
    let digit = name.starts_with(|c: char| c.is_ascii_digit());
    let clean = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    digit
        .then_some('_')
        .into_iter()
        .chain(name.chars().map(clean))
}

/// The Prometheus form of the OTel attribute `otel.metric.overflow`.
const OVERFLOW_LABEL: &str = "otel_metric_overflow";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_names_are_exposed_as_prometheus_accepts_them() {
        for (name, exposed) in [
            ("method", "method"),
            ("http.route", "http_route"),
            ("a.b-c/d", "a_b_c_d"),
            ("a..b", "a__b"),
            ("4xx", "_4xx"),
            ("größe", "gr__e"),
            ("with:colon", "with_colon"),
        ] {
            assert_eq!(sanitize_label(name), exposed);
            assert!(same_label(exposed, name));
        }
    }

    #[test]
    fn reserved_names_are_known_in_every_spelling() {
        for name in [
            "",
            "le",
            "quantile",
            "__name__",
            "..x",
            "otel.metric.overflow",
        ] {
            assert!(is_reserved_label(name), "{name}");
        }
        for name in ["level", "_x", "les", "quantiles"] {
            assert!(!is_reserved_label(name), "{name}");
        }
    }
}
