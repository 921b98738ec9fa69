//! What departed from the schema, and where in the code.

use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::Metadata;

/// Places that are remembered one by one; all are counted.
const MAX_PLACES: usize = 256;

/// How an event departs from its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Drift {
    /// A field nobody declared. Found when the callsite is first seen, before it logs.
    UnknownField,
    /// A value of another type than declared.
    WrongType,
    /// A required field that the event has not.
    Missing,
    /// A string outside its enumeration.
    NotListed,
    /// A number outside its range.
    OutOfRange,
    /// A string longer than declared.
    TooLong,
}

impl Drift {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::UnknownField,
        Self::WrongType,
        Self::Missing,
        Self::NotListed,
        Self::OutOfRange,
        Self::TooLong,
    ];

    /// The word for it in records and labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownField => "unknown_field",
            Self::WrongType => "wrong_type",
            Self::Missing => "missing",
            Self::NotListed => "not_listed",
            Self::OutOfRange => "out_of_range",
            Self::TooLong => "too_long",
        }
    }
}

/// One field of one callsite that departs from the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftPlace {
    drift: Drift,
    field: String,
    target: String,
    location: String,
    seen: String,
    count: u64,
}

impl DriftPlace {
    /// How it departs.
    #[must_use]
    pub const fn drift(&self) -> Drift {
        self.drift
    }

    /// The name of the field.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The target of the callsite.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// `file:line` of the callsite, where known.
    #[must_use]
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The type that was logged; empty where it is not about a type.
    #[must_use]
    pub fn seen(&self) -> &str {
        &self.seen
    }

    /// How often it was seen.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }
}

impl fmt::Display for DriftPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            drift,
            field,
            location,
            target,
            seen,
            count,
        } = self;
        write!(f, "{} `{field}`", drift.as_str())?;
        if !seen.is_empty() {
            write!(f, " ({seen})")?;
        }
        write!(f, " at {location} in {target}, {count} times")
    }
}

/// All that departed so far. A build that runs its tests with a schema can fail on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriftReport {
    places: Vec<DriftPlace>,
    unlisted: u64,
}

impl DriftReport {
    /// Each field of each callsite that departs, in the order they were found; at most 256.
    #[must_use]
    pub fn places(&self) -> &[DriftPlace] {
        &self.places
    }

    /// Departures at further places.
    #[must_use]
    pub const fn unlisted(&self) -> u64 {
        self.unlisted
    }

    /// Whether everything was as declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty() && self.unlisted == 0
    }
}

impl fmt::Display for DriftReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.places
            .iter()
            .try_for_each(|place| writeln!(f, "{place}"))?;
        if self.unlisted > 0 {
            writeln!(f, "and {} more", self.unlisted)?;
        }
        Ok(())
    }
}

/// Collects departures. Written to from callsite registration, so it never logs by itself.
#[derive(Debug, Default)]
pub(crate) struct DriftLog {
    found: Mutex<DriftReport>,
    counts: [AtomicU64; Drift::ALL.len()],
    /// How many places there are, to be asked without a lock.
    places: AtomicUsize,
}

impl DriftLog {
    pub(crate) fn places(&self) -> usize {
        self.places.load(Ordering::Relaxed)
    }

    pub(crate) fn note(
        &self,
        drift: Drift,
        field: &str,
        seen: &'static str,
        metadata: &Metadata<'_>,
    ) {
        if let Some(count) = self.counts.get(drift as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let location = match (metadata.file(), metadata.line()) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            _ => String::from("unknown"),
        };
        let mut found = self.lock();
        let known = found.places.iter_mut().find(|place| {
            place.drift == drift && place.field == field && place.location == location
        });
        if let Some(place) = known {
            place.count += 1;
        } else if found.places.len() < MAX_PLACES {
            found.places.push(DriftPlace {
                drift,
                field: field.to_owned(),
                target: metadata.target().to_owned(),
                location,
                seen: seen.to_owned(),
                count: 1,
            });
            self.places.store(found.places.len(), Ordering::Relaxed);
        } else {
            found.unlisted += 1;
        }
    }

    pub(crate) fn report(&self) -> DriftReport {
        self.lock().clone()
    }

    /// Places found since the first `told` ones.
    pub(crate) fn since(&self, told: usize) -> Vec<DriftPlace> {
        let found = self.lock();
        found.places.get(told..).unwrap_or_default().to_vec()
    }

    pub(crate) fn count(&self, drift: Drift) -> u64 {
        let count = self.counts.get(drift as usize);
        count.map_or(0, |count| count.load(Ordering::Relaxed))
    }

    fn lock(&self) -> MutexGuard<'_, DriftReport> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
