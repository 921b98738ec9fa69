//! What is wrong with an identity at a moment, and between which two sources.

use std::fmt;

/// Two sources that name different callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MismatchKind {
    /// The digest in a forwarded header is not that of the certificate beside it.
    ForwardedHash,
    /// The URI in a forwarded header is not that of the certificate beside it.
    ForwardedUri,
    /// A forwarded header says it is of another proxy than the one that is connected.
    ForwardedBy,
    /// Two forwarded headers name different callers.
    Sources,
    /// The caller declares itself another workload than its certificate says.
    Declared,
    /// A verified token names another workload than the certificate.
    Claims,
}

impl MismatchKind {
    pub(super) const ALL: [Self; 6] = [
        Self::ForwardedHash,
        Self::ForwardedUri,
        Self::ForwardedBy,
        Self::Sources,
        Self::Declared,
        Self::Claims,
    ];

    /// The word written to every signal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ForwardedHash => "forwarded_hash",
            Self::ForwardedUri => "forwarded_uri",
            Self::ForwardedBy => "forwarded_by",
            Self::Sources => "sources",
            Self::Declared => "declared",
            Self::Claims => "claims",
        }
    }
}

impl fmt::Display for MismatchKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something about an identity that is worth an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub(super) kind: FindingKind,
    pub(super) header: Option<&'static str>,
    pub(super) claimed: Option<String>,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// Two sources name different callers.
    Mismatch(MismatchKind),
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The trust domain of the peer is neither ours nor federated.
    UnknownTrustDomain,
    /// The identity is of a certificate above the leaf, and the policy does not accept such.
    IssuerIdentity,
    /// A header that says who the caller is came from one that may not say so. It was removed.
    UntrustedHeader,
    /// A trusted proxy sent a header that cannot be read. Nobody is identified by it.
    MalformedHeader,
}

impl Finding {
    pub(super) const fn new(kind: FindingKind) -> Self {
        Self {
            kind,
            header: None,
            claimed: None,
        }
    }

    pub(super) const fn of_header(kind: FindingKind, header: &'static str) -> Self {
        Self {
            kind,
            header: Some(header),
            claimed: None,
        }
    }

    pub(super) fn mismatch(kind: MismatchKind, claimed: &str) -> Self {
        Self {
            kind: FindingKind::Mismatch(kind),
            header: None,
            claimed: Some(super::text::safe_text(claimed)),
        }
    }

    /// What was found.
    #[must_use]
    pub const fn kind(&self) -> FindingKind {
        self.kind
    }

    /// The header it is about.
    #[must_use]
    pub const fn header(&self) -> Option<&'static str> {
        self.header
    }

    /// The identity the other source claims, escaped and cut to 256 bytes.
    #[must_use]
    pub fn claimed(&self) -> Option<&str> {
        self.claimed.as_deref()
    }
}
