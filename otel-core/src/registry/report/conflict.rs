//! Registrations that could not be had as asked.

/// A registration that could not be had as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub(in crate::registry) name: String,
    pub(in crate::registry) reason: ConflictReason,
}

impl Conflict {
    /// The name asked for, exposed if it could be; cut to 255 bytes.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What stood against it.
    #[must_use]
    pub const fn reason(&self) -> ConflictReason {
        self.reason
    }
}

/// Why a registration could not be had as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConflictReason {
    /// The name cannot be exposed or is reserved. The family is not exposed.
    Name,
    /// The name belongs to a family of another kind, or to a counter of whole numbers where this is
    /// one of floats. The second is not exposed.
    Kind,
    /// A sample of the family would have the name of another family's, such as a gauge `x_total`
    /// beside a counter `x`. The second is not exposed.
    Samples,
    /// There are too many families, or no series is left to set aside. The family is not exposed.
    Budget,
    /// The family exists with another unit, which it keeps.
    Unit,
    /// The histogram exists with other buckets, which it keeps.
    Buckets,
    /// The family exists with another instrumentation scope, which it keeps: two libraries measure
    /// into one family.
    Scope,
}

impl ConflictReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::Kind,
        Self::Samples,
        Self::Budget,
        Self::Unit,
        Self::Buckets,
        Self::Scope,
    ];

    /// The value of the `reason` label of `otel_guard_conflicts`.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kind => "kind",
            Self::Samples => "samples",
            Self::Budget => "budget",
            Self::Unit => "unit",
            Self::Buckets => "buckets",
            Self::Scope => "scope",
        }
    }
}
