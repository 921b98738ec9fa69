//! The configuration of identity, shared by every layer that asks who called.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use http::header::{HeaderMap, HeaderName};
use http::{Extensions, HeaderValue};

use super::claims::{Claim, ClaimSource};
use super::counters::{Counters, ExtractResult};
use super::forwarded::HEADERS;
use super::mismatch::{Finding, FindingKind, MismatchKind};
use super::peer::Validity;
use super::resolve::Resolved;
use super::sender::Sender;
use super::trust_policy::{Standing, UnknownDomain};
use super::workload::Own;
use super::{AttributeProfile, Connection, IdentityTrust, PeerIdentity, TrustPolicy};
use crate::semconv;
use crate::span_starter::SpanStarter;
use crate::telemetry::Telemetry;

/// Where the connection of a request is found.
///
/// Called for each request, before its span starts.
pub trait ConnectionSource: fmt::Debug + Send + Sync + 'static {
    /// The connection, from what the server attached to the request.
    fn connection<'a>(&self, extensions: &'a Extensions) -> Option<Cow<'a, Connection>>;
}

/// A [`Connection`] among the extensions of the request.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a unit struct users name as a value"
)]
pub struct InExtensions;

impl ConnectionSource for InExtensions {
    fn connection<'a>(&self, extensions: &'a Extensions) -> Option<Cow<'a, Connection>> {
        extensions.get::<Connection>().map(Cow::Borrowed)
    }
}

/// Finds out who sent a request. A clone is one reference count.
///
/// ```
/// use otel_core::identity::{Identify, TrustPolicy};
/// use otel_core::telemetry::Telemetry;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder().build()?;
/// let policy = TrustPolicy::builder("prod.example.org".parse()?).build()?;
/// let identify = Identify::new(&telemetry, policy);
/// # let _ = identify;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Identify {
    shared: Arc<Shared>,
}

struct Shared {
    telemetry: Telemetry,
    policy: TrustPolicy,
    sources: Vec<Box<dyn ConnectionSource>>,
    claims: Option<Box<dyn ClaimSource>>,
    profile: AttributeProfile,
    counters: Counters,
    /// For denials of requests that are not recorded.
    spans: Option<Arc<dyn SpanStarter>>,
    is_required: AtomicBool,
    own: Own,
}

impl Identify {
    /// Connections from the extensions of the request, no claims.
    #[must_use]
    pub fn new(telemetry: &Telemetry, policy: TrustPolicy) -> Self {
        Self::builder(telemetry, policy).build()
    }

    /// Starts the configuration.
    pub fn builder(telemetry: &Telemetry, policy: TrustPolicy) -> IdentifyBuilder {
        IdentifyBuilder {
            shared: Shared {
                telemetry: telemetry.clone(),
                policy,
                sources: Vec::new(),
                claims: None,
                profile: AttributeProfile::default(),
                counters: Counters::new(telemetry.registry()),
                spans: telemetry.span_starter(
                    env!("CARGO_PKG_NAME"),
                    env!("CARGO_PKG_VERSION"),
                    Some(semconv::SCHEMA_URL),
                ),
                is_required: AtomicBool::new(false),
                own: Own::empty(),
            },
        }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &TrustPolicy {
        &self.shared.policy
    }

    /// Says who sent a request, and counts it.
    ///
    /// A peer of a connection that says nothing else costs a look at the extensions and a reference
    /// count. What an outer layer has found is returned as it is.
    #[must_use]
    pub fn arrive(&self, extensions: &Extensions, headers: &HeaderMap) -> Sender {
        if let Some(known) = extensions.get::<Sender>() {
            return known.clone();
        }
        let arrival = self.look(extensions, headers);
        self.count(&arrival);
        arrival
    }

    /// Who watches a mismatch that no requirement will deny.
    fn watcher(&self, findings: &[Finding]) -> Option<Self> {
        let is_mismatch = |finding: &Finding| matches!(finding.kind, FindingKind::Mismatch(_));
        let is_watched =
            !self.shared.is_required.load(Ordering::Relaxed) && findings.iter().any(is_mismatch);
        is_watched.then(|| self.clone())
    }

    /// Takes note that a requirement was made: it denies what is only watched otherwise.
    pub(super) fn require(&self) {
        self.shared.is_required.store(true, Ordering::Relaxed);
    }

    /// The same without a count: for a layer inside the one that has counted.
    pub(super) fn look(&self, extensions: &Extensions, headers: &HeaderMap) -> Sender {
        if let Some(known) = extensions.get::<Sender>() {
            return known.clone();
        }
        let now = self.shared.telemetry.clock().wall();
        let mut sources = self.shared.sources.iter();
        let connection = InExtensions
            .connection(extensions)
            .or_else(|| sources.find_map(|source| source.connection(extensions)));
        let connection = connection.as_deref();
        let mut resolved = self.shared.policy.resolve(connection, headers, now);
        self.compare_claim(extensions, headers, now, &mut resolved);
        let standing = self.judge(&mut resolved, now);
        Sender {
            peer: resolved.peer,
            standing,
            watcher: self.watcher(&resolved.findings),
            findings: (!resolved.findings.is_empty()).then(|| resolved.findings.into()),
            early_data: connection.is_some_and(Connection::is_early_data) || is_early(headers),
            stripped: resolved.stripped,
            at: now,
            profile: self.shared.profile,
            own: self.shared.own.load().as_deref().cloned(),
        }
    }

    /// Takes the identity headers away that were not believed, and keeps what was found for the layers
    /// inside, where that is more than the connection says.
    pub fn settle(&self, arrival: &Sender, headers: &mut HeaderMap, extensions: &mut Extensions) {
        if arrival.stripped {
            for finding in arrival.findings() {
                if finding.kind == FindingKind::UntrustedHeader
                    && let Some((name, _)) = HEADERS
                        .iter()
                        .find(|(name, _)| Some(name.as_str()) == finding.header)
                {
                    headers.remove(name);
                }
            }
        }
        if arrival.is_remarkable() {
            extensions.insert(arrival.clone());
        }
    }

    fn compare_claim(
        &self,
        extensions: &Extensions,
        headers: &HeaderMap,
        now: SystemTime,
        resolved: &mut Resolved,
    ) {
        let claims = self.shared.claims.as_deref();
        let Some(claim) = claims.and_then(|claims| claims.claim(extensions, headers)) else {
            return;
        };
        let certified = resolved.peer.as_ref().and_then(|peer| peer.spiffe_id());
        match certified {
            Some(id) if claim.is(id) => {}
            Some(_) => {
                let kind = if claim.is_verified {
                    MismatchKind::Claims
                } else {
                    MismatchKind::Declared
                };
                resolved.findings.push(Finding::mismatch(kind, &claim.text));
            }
            None if resolved.peer.is_none() => resolved.peer = identified(&claim, now),
            None => {}
        }
    }

    /// What the peer is to us, and what a policy finds wrong with it.
    fn judge(&self, resolved: &mut Resolved, now: SystemTime) -> Standing {
        let policy = &self.shared.policy;
        let Some(peer) = &resolved.peer else {
            return Standing::Anonymous;
        };
        if let (IdentityTrust::Issuer, Some(id)) = (peer.trust(), peer.spiffe_id())
            && !policy.accepts_issuer(id)
        {
            let finding = Finding::new(FindingKind::IssuerIdentity);
            resolved.findings.push(finding);
            resolved.peer = Some(Arc::new(peer.without_id()));
            return Standing::Anonymous;
        }
        let slack = policy.validity_slack;
        let earlier = now.checked_sub(slack).unwrap_or(now);
        let later = now.checked_add(slack).unwrap_or(now);
        if peer.validity_at(earlier) == Validity::Expired {
            resolved.findings.push(Finding::new(FindingKind::Expired));
        } else if peer.validity_at(later) == Validity::NotYetValid {
            let finding = Finding::new(FindingKind::NotYetValid);
            resolved.findings.push(finding);
        }
        let standing = policy.standing(peer);
        if standing == Standing::Unknown {
            let finding = Finding::new(FindingKind::UnknownTrustDomain);
            resolved.findings.push(finding);
        }
        standing
    }

    fn count(&self, arrival: &Sender) {
        let counters = &self.shared.counters;
        let peer = arrival.peer();
        let source = peer.map(|peer| peer.source());
        let result = match (arrival.findings(), peer) {
            ([first, ..], _) => ExtractResult::of(first.kind),
            ([], None) => ExtractResult::Absent,
            ([], Some(peer)) if peer.violation().is_some() => ExtractResult::Invalid,
            ([], Some(_)) => ExtractResult::Ok,
        };
        counters.extracted(source, result);
        for finding in arrival.findings() {
            if let FindingKind::Mismatch(kind) = finding.kind {
                counters.mismatched(kind);
            }
        }
    }

    pub(super) fn telemetry(&self) -> &Telemetry {
        &self.shared.telemetry
    }

    /// Who we are.
    pub(super) fn own(&self) -> &Own {
        &self.shared.own
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    pub(super) fn spans(&self) -> Option<&dyn SpanStarter> {
        self.shared.spans.as_deref()
    }

    /// Whether a peer of an unknown domain is denied.
    pub(super) fn denies_unknown(&self) -> bool {
        self.shared.policy.unknown == UnknownDomain::Deny
    }
}

/// A peer known by a verified token alone.
fn identified(claim: &Claim, now: SystemTime) -> Option<Arc<PeerIdentity>> {
    let id = claim.text.parse().ok().filter(|_| claim.is_verified)?;
    Some(Arc::new(PeerIdentity::of_claims(id, now)))
}

/// RFC 8470, 5.1: any value but 1 is invalid; whoever sends one is given the careful answer.
fn is_early(headers: &HeaderMap) -> bool {
    static EARLY_DATA: HeaderName = HeaderName::from_static("early-data");
    headers
        .get(&EARLY_DATA)
        .is_some_and(|value: &HeaderValue| !value.is_empty())
}

impl fmt::Debug for Identify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identify")
            .field("policy", &self.shared.policy)
            .field("claims", &self.shared.claims)
            .finish_non_exhaustive()
    }
}

/// Collects what an [`Identify`] needs.
#[must_use = "a builder does nothing until `build` is called"]
pub struct IdentifyBuilder {
    shared: Shared,
}

impl IdentifyBuilder {
    /// Another place to look for the connection, after [`InExtensions`] and those added before.
    pub fn add_source(mut self, source: impl ConnectionSource) -> Self {
        self.shared.sources.push(Box::new(source));
        self
    }

    /// What requests say of their sender, to be compared with its certificate; nothing otherwise.
    pub fn with_claims(mut self, claims: impl ClaimSource) -> Self {
        self.shared.claims = Some(Box::new(claims));
        self
    }

    /// The names attributes are written under; our own otherwise.
    pub const fn with_profile(mut self, profile: AttributeProfile) -> Self {
        self.shared.profile = profile;
        self
    }

    /// Finishes the configuration.
    #[must_use]
    pub fn build(self) -> Identify {
        Identify {
            shared: Arc::new(self.shared),
        }
    }
}

impl fmt::Debug for IdentifyBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentifyBuilder")
            .field("policy", &self.shared.policy)
            .finish_non_exhaustive()
    }
}
