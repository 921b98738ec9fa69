//! The counts of identities and decisions.
//!
//! Every label is of a closed set; an identity is none of them. The series are made once, so that a
//! request costs an atomic addition.

use super::IdentitySource;
use super::mismatch::{FindingKind, MismatchKind};
use super::requirement::DecisionKind;
use crate::registry::{Counter, Descriptor, Family, Registry};
use crate::semconv;

/// What came of looking for an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExtractResult {
    Ok,
    Absent,
    /// Evidence of a peer that is no valid SVID.
    Invalid,
    Expired,
    Mismatch,
    Unknown,
    Untrusted,
    Malformed,
}

impl ExtractResult {
    const ALL: [Self; 8] = [
        Self::Ok,
        Self::Absent,
        Self::Invalid,
        Self::Expired,
        Self::Mismatch,
        Self::Unknown,
        Self::Untrusted,
        Self::Malformed,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Absent => "absent",
            Self::Invalid => "invalid",
            Self::Expired => "expired",
            Self::Mismatch => "mismatch",
            Self::Unknown => "unknown",
            Self::Untrusted => "untrusted",
            Self::Malformed => "malformed",
        }
    }

    pub(super) const fn of(kind: FindingKind) -> Self {
        match kind {
            FindingKind::Mismatch(_) => Self::Mismatch,
            FindingKind::Expired | FindingKind::NotYetValid => Self::Expired,
            FindingKind::UnknownTrustDomain | FindingKind::IssuerIdentity => Self::Unknown,
            FindingKind::UntrustedHeader => Self::Untrusted,
            FindingKind::MalformedHeader => Self::Malformed,
        }
    }
}

/// The counters of one [`Identify`](super::Identify).
#[derive(Debug)]
pub(super) struct Counters {
    /// By source, the last row for none; then by result.
    extract: Vec<[Counter; ExtractResult::ALL.len()]>,
    mismatch: [Counter; MismatchKind::ALL.len()],
    decisions: Family<Counter>,
}

impl Counters {
    pub(super) fn new(registry: &Registry) -> Self {
        let extract = registry.counter(
            Descriptor::new(semconv::IDENTITY_EXTRACT)
                .with_help("Identities looked for, by source and result."),
        );
        let mismatch = registry.counter(
            Descriptor::new(semconv::IDENTITY_MISMATCH)
                .with_help("Requests in which two sources name different callers."),
        );
        let sources = IdentitySource::ALL.map(IdentitySource::as_str);
        Self {
            extract: sources
                .into_iter()
                .chain(["none"])
                .map(|source| {
                    ExtractResult::ALL.map(|result| {
                        extract.with(&[
                            (semconv::IDENTITY_SOURCE, source),
                            (semconv::IDENTITY_RESULT, result.as_str()),
                        ])
                    })
                })
                .collect(),
            mismatch: MismatchKind::ALL
                .map(|kind| mismatch.with(&[(semconv::IDENTITY_MISMATCH_KIND, kind.as_str())])),
            decisions: registry.counter(
                Descriptor::new(semconv::AUTHZ_DECISIONS)
                    .with_help("Decisions of authorisation, by decision and reason."),
            ),
        }
    }

    pub(super) fn extracted(&self, source: Option<IdentitySource>, result: ExtractResult) {
        let row = source.map_or(IdentitySource::ALL.len(), |source| source as usize);
        if let Some(counter) = self
            .extract
            .get(row)
            .and_then(|row| row.get(result as usize))
        {
            counter.inc();
        }
    }

    pub(super) fn mismatched(&self, kind: MismatchKind) {
        if let Some(counter) = self.mismatch.get(kind as usize) {
            counter.inc();
        }
    }

    pub(super) fn decided(&self, decision: DecisionKind, reason: &str) {
        let labels = [
            (semconv::AUTHZ_DECISION, decision.as_str()),
            (semconv::AUTHZ_REASON, reason),
        ];
        self.decisions.add(&labels, 1);
    }
}
