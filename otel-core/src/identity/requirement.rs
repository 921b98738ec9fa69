//! Who may call: a decision, apart from the layer that enforces it.

use std::fmt;
use std::sync::Arc;

use super::denial::Denial;
use super::identify::Identify;
use super::mismatch::{Finding, FindingKind};
use super::sender::Sender;
use super::{SpiffePattern, Standing};
use crate::error::ConfigError;

/// Why a request is denied. The values are labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DenyReason {
    /// Nobody was identified.
    NoIdentity,
    /// The certificate is no valid X509-SVID.
    InvalidSvid,
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// A trusted proxy sent an identity that cannot be read.
    MalformedHeader,
    /// Two sources name different callers.
    Mismatch,
    /// The trust domain is neither ours nor federated.
    UnknownTrustDomain,
    /// The identity is of a certificate above the leaf, and the policy does not accept such.
    IssuerIdentity,
    /// The caller is known and not allowed.
    NotAllowed,
    /// The request came in TLS early data, which can be replayed.
    EarlyData,
}

impl DenyReason {
    /// The word written to every signal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoIdentity => "no_identity",
            Self::InvalidSvid => "invalid_svid",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::MalformedHeader => "malformed_header",
            Self::Mismatch => "mismatch",
            Self::UnknownTrustDomain => "unknown_trust_domain",
            Self::IssuerIdentity => "issuer_identity",
            Self::NotAllowed => "not_allowed",
            Self::EarlyData => "early_data",
        }
    }

    /// Whether the caller would have to identify itself first, or anew: 401 rather than 403,
    /// `UNAUTHENTICATED` rather than `PERMISSION_DENIED`.
    #[must_use]
    pub const fn is_unauthenticated(self) -> bool {
        matches!(
            self,
            Self::NoIdentity
                | Self::InvalidSvid
                | Self::Expired
                | Self::NotYetValid
                | Self::MalformedHeader
        )
    }
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete by nature")]
pub enum DecisionKind {
    /// The request goes on.
    Allowed,
    /// The request is answered with a refusal.
    Denied,
    /// The request would be denied, and goes on because denials are only watched.
    Observed,
}

impl DecisionKind {
    /// The word written to every signal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Observed => "observed",
        }
    }
}

/// What callers must be. A clone is one reference count.
///
/// ```
/// use otel_core::identity::{Identify, Requirement, TrustPolicy};
/// use otel_core::telemetry::Telemetry;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder().build()?;
/// let policy = TrustPolicy::builder("prod.example.org".parse()?).build()?;
/// let identify = Identify::new(&telemetry, policy);
/// let requirement = Requirement::builder(&identify, "orders")
///     .allow("spiffe://prod.example.org/ns/shop/**".parse()?)
///     .build()?;
/// # let _ = requirement;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Requirement {
    shared: Arc<Shared>,
}

struct Shared {
    identify: Identify,
    name: Arc<str>,
    allowed: Vec<SpiffePattern>,
    aliases: Vec<Arc<str>>,
    observe: bool,
    early_data: bool,
}

impl Requirement {
    /// Starts a requirement; its name is the policy that records of denials tell.
    pub fn builder(identify: &Identify, name: impl Into<Arc<str>>) -> RequirementBuilder {
        RequirementBuilder {
            shared: Shared {
                identify: identify.clone(),
                name: name.into(),
                allowed: Vec::new(),
                aliases: Vec::new(),
                observe: false,
                early_data: false,
            },
        }
    }

    /// Says whether a request may go on; records and counts it.
    ///
    /// `operation` names what was asked for, such as a route or a method; it is called for a denial
    /// only, and what it says is written as `(attribute, value)`.
    ///
    /// # Errors
    ///
    /// The reason of a denial that is to be enforced.
    pub fn check<'a>(
        &self,
        extensions: &http::Extensions,
        headers: &http::HeaderMap,
        operation: impl FnOnce() -> Option<(&'static str, std::borrow::Cow<'a, str>)>,
    ) -> Result<(), DenyReason> {
        let shared = &*self.shared;
        let arrival = shared.identify.look(extensions, headers);
        let Some(reason) = self.refuse(&arrival) else {
            let allowed = DecisionKind::Allowed;
            shared.identify.counters().decided(allowed, "");
            return Ok(());
        };
        let mut denial = Denial::new(reason, &shared.name)
            .with_sender(&arrival)
            .with_finding(mismatch_of(&arrival).filter(|_| reason == DenyReason::Mismatch))
            .with_operation(operation());
        if shared.observe {
            denial = denial.observed();
        }
        shared.identify.deny(&denial);
        if shared.observe { Ok(()) } else { Err(reason) }
    }

    /// Why a request is refused, if so. The gravest reason comes first: who pretends is not told that
    /// its certificate has expired.
    fn refuse(&self, arrival: &Sender) -> Option<DenyReason> {
        let shared = &*self.shared;
        let has = |kind: fn(&FindingKind) -> bool| {
            arrival.findings().iter().any(|finding| kind(&finding.kind))
        };
        for (found, reason) in [
            (
                has(|kind| matches!(kind, FindingKind::Mismatch(_))),
                DenyReason::Mismatch,
            ),
            (
                has(|kind| *kind == FindingKind::MalformedHeader),
                DenyReason::MalformedHeader,
            ),
            (
                has(|kind| *kind == FindingKind::Expired),
                DenyReason::Expired,
            ),
            (
                has(|kind| *kind == FindingKind::NotYetValid),
                DenyReason::NotYetValid,
            ),
            (
                has(|kind| *kind == FindingKind::IssuerIdentity),
                DenyReason::IssuerIdentity,
            ),
            (
                *arrival.standing() == Standing::Unknown && shared.identify.denies_unknown(),
                DenyReason::UnknownTrustDomain,
            ),
        ] {
            if found {
                return Some(reason);
            }
        }
        let Some(peer) = arrival.peer() else {
            return Some(DenyReason::NoIdentity);
        };
        let Some(id) = peer.spiffe_id() else {
            return Some(DenyReason::InvalidSvid);
        };
        let is_aliased = matches!(arrival.standing(), Standing::Federated(alias) if shared.aliases.contains(alias));
        let mut allowed = shared.allowed.iter();
        if !is_aliased && !allowed.any(|pattern| pattern.matches(id.to_ref())) {
            return Some(DenyReason::NotAllowed);
        }
        (arrival.is_early_data() && !shared.early_data).then_some(DenyReason::EarlyData)
    }
}

fn mismatch_of(arrival: &Sender) -> Option<&Finding> {
    let mut findings = arrival.findings().iter();
    findings.find(|finding| matches!(finding.kind, FindingKind::Mismatch(_)))
}

impl fmt::Debug for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requirement")
            .field("name", &self.shared.name)
            .field("allowed", &self.shared.allowed)
            .field("observe", &self.shared.observe)
            .finish_non_exhaustive()
    }
}

/// Collects a [`Requirement`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct RequirementBuilder {
    shared: Shared,
}

impl RequirementBuilder {
    /// Allows the workloads of a pattern, of our own or a federated trust domain.
    pub fn allow(mut self, pattern: SpiffePattern) -> Self {
        self.shared.allowed.push(pattern);
        self
    }

    /// Allows the federated workloads of an alias.
    pub fn allow_alias(mut self, alias: impl Into<Arc<str>>) -> Self {
        self.shared.aliases.push(alias.into());
        self
    }

    /// Lets requests pass that came in TLS early data; for operations that may be repeated. They are
    /// denied otherwise, for the client to send again.
    pub const fn with_early_data(mut self) -> Self {
        self.shared.early_data = true;
        self
    }

    /// Records denials and lets the requests pass: to learn what would be denied.
    pub const fn observe_only(mut self) -> Self {
        self.shared.observe = true;
        self
    }

    /// Finishes the requirement.
    ///
    /// # Errors
    ///
    /// When nobody is allowed.
    pub fn build(self) -> Result<Requirement, ConfigError> {
        if self.shared.allowed.is_empty() && self.shared.aliases.is_empty() {
            return Err(ConfigError::missing("allow"));
        }
        self.shared.identify.require();
        Ok(Requirement {
            shared: Arc::new(self.shared),
        })
    }
}

impl fmt::Debug for RequirementBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequirementBuilder")
            .field("name", &self.shared.name)
            .finish_non_exhaustive()
    }
}
