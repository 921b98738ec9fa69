//! The labels of a family: how each is spelled, and which of its values were admitted.
//!
//! A label is known by its exposed name, which Prometheus limits to `[a-zA-Z_][a-zA-Z0-9_]*`; the
//! spelling first seen is kept beside it, because OTLP wants `http.route` back. The list only
//! grows, under the admission lock, up to a fixed number of names; readers walk it without a lock.

use std::borrow::Cow;
use std::iter;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::admitted::{AdmittedValues, Standing};
use super::{LabelHasher, OTHER};

/// One label of one family.
#[derive(Debug)]
pub(crate) struct Label {
    original: Box<str>,
    /// Only where it differs from the original.
    exposed: Option<Box<str>>,
    protected: bool,
    /// Its place among the labels of the family.
    number: u8,
    /// Seeds the hashes of its values.
    seed: u64,
    /// The hash of the sentinel under that seed.
    other: u64,
    admitted: AdmittedValues,
    folded: AtomicU64,
    next: OnceLock<Box<Self>>,
}

impl Label {
    pub(crate) fn new(name: &str, budget: usize, protected: bool, hasher: &LabelHasher) -> Self {
        let exposed = sanitize_label(name);
        let seed = hasher.name(name);
        Self {
            exposed: (exposed != name).then(|| exposed.into()),
            original: name.into(),
            protected,
            number: 0,
            seed,
            other: hasher.value(seed, OTHER),
            admitted: AdmittedValues::new(budget),
            folded: AtomicU64::new(0),
            next: OnceLock::new(),
        }
    }

    /// As the first caller spelled it.
    pub(crate) fn original(&self) -> &str {
        &self.original
    }

    /// As Prometheus accepts it.
    pub(crate) fn exposed(&self) -> &str {
        self.exposed.as_deref().unwrap_or(&self.original)
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

    /// What the guard knows of the value with this hash. The sentinel is always admitted.
    pub(crate) fn standing(&self, hash: u64) -> Standing {
        if hash == self.other {
            Standing::Admitted
        } else {
            self.admitted.standing(hash)
        }
    }

    pub(crate) fn admit(&self, hash: u64) {
        self.admitted.admit(hash);
    }

    pub(crate) fn count_fold(&self) {
        self.folded.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn folded(&self) -> u64 {
        self.folded.load(Ordering::Relaxed)
    }

    pub(crate) const fn admitted(&self) -> &AdmittedValues {
        &self.admitted
    }
}

/// The labels of a family, in the order they were first seen.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    first: OnceLock<Box<Label>>,
}

impl Labels {
    /// The label a caller means by `name`, however it spells it.
    pub(crate) fn get(&self, name: &str) -> Option<&Label> {
        self.iter()
            .find(|label| label.original() == name)
            .or_else(|| self.iter().find(|label| same_label(label.exposed(), name)))
    }

    /// Appends a label that [`get`](Self::get) did not find; the caller holds the admission lock.
    pub(crate) fn add(&self, mut label: Label) {
        let mut end = &self.first;
        while let Some(before) = end.get() {
            label.number = before.number + 1;
            end = &before.next;
        }
        end.get_or_init(|| Box::new(label));
    }

    /// The label with this number.
    pub(crate) fn numbered(&self, number: u8) -> Option<&Label> {
        self.iter().nth(number.into())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Label> {
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
