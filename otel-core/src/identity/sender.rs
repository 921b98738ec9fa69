//! What is known of the sender of one request, at the moment it arrived.

use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};

use super::contain::contained;
use super::mismatch::{Finding, FindingKind};
use super::text::rfc3339;
use super::{
    AttributeProfile, Denial, DenyReason, Identify, IdentitySource, PeerIdentity, SpiffeId,
    Standing,
};
use crate::semconv;

/// The peer of a request, what it is to us, and what was found wrong with it. Made by
/// [`Identify::arrive`](super::Identify::arrive).
#[derive(Clone, Debug)]
pub struct Sender {
    pub(super) peer: Option<Arc<PeerIdentity>>,
    pub(super) standing: Standing,
    /// `None` where there are none, which costs nothing.
    pub(super) findings: Option<Arc<[Finding]>>,
    pub(super) early_data: bool,
    pub(super) stripped: bool,
    pub(super) at: SystemTime,
    pub(super) profile: AttributeProfile,
    /// Who we were at that moment, where that may be newer than the resource an SDK has copied.
    pub(super) own: Option<SpiffeId>,
    /// Records a mismatch that is only watched.
    pub(super) watcher: Option<Identify>,
}

impl Sender {
    /// The peer, if there is evidence of one.
    #[must_use]
    pub const fn peer(&self) -> Option<&Arc<PeerIdentity>> {
        self.peer.as_ref()
    }

    /// What the peer is to us.
    #[must_use]
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// What was found wrong.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.findings.as_deref().unwrap_or_default()
    }

    /// Whether the request came in TLS early data: by the connection, or by the word of whoever is in
    /// front (`Early-Data: 1` of RFC 8470, which everybody may say to his own disadvantage).
    #[must_use]
    pub const fn is_early_data(&self) -> bool {
        self.early_data
    }

    /// When it arrived, wall clock.
    #[must_use]
    pub const fn at(&self) -> SystemTime {
        self.at
    }

    /// Whether it differs from what the connection alone says, so that
    /// [`settle`](super::Identify::settle) has something to do.
    #[must_use]
    pub fn is_remarkable(&self) -> bool {
        self.stripped || self.findings.is_some() || self.early_data || self.is_told()
    }

    /// Whether the peer was read from the request and not from its connection.
    fn is_told(&self) -> bool {
        let peer = self.peer.as_ref();
        peer.is_some_and(|peer| peer.source() != IdentitySource::Tls)
    }

    /// Adds the attributes of the peer to those of a span about to start.
    pub(crate) fn push_attributes(&self, attributes: &mut Vec<KeyValue>) {
        let peer = self.peer.as_deref();
        attributes.extend_from_slice(peer.map_or(&[], |peer| peer.attributes(self.profile)));
        if self.early_data {
            attributes.push(KeyValue::new(semconv::TLS_EARLY_DATA, true));
        }
        if self.profile == AttributeProfile::Conventions {
            return;
        }
        if let Some(own) = &self.own {
            let own = own.to_shared();
            attributes.push(KeyValue::new(semconv::SERVICE_IDENTITY_SPIFFE_ID, own));
        }
        if matches!(self.standing, Standing::Federated(_) | Standing::Unknown)
            && let Some(id) = peer.and_then(PeerIdentity::spiffe_id)
        {
            let domain = id.to_trust_domain().to_shared();
            attributes.push(KeyValue::new(semconv::FEDERATED_TRUST_DOMAIN, domain));
        }
        if let Standing::Federated(alias) = &self.standing {
            attributes.push(KeyValue::new(semconv::FEDERATED_PEER_ID, Arc::clone(alias)));
        }
    }

    /// Adds what was found wrong to the span in `cx`, an event each.
    pub(crate) fn record(&self, cx: &Context) {
        let Some(findings) = &self.findings else {
            return;
        };
        contained(|| {
            let span = cx.span();
            if !span.is_recording() {
                return;
            }
            for finding in findings.iter() {
                span.add_event(finding.event_name(), self.event_attributes(finding));
            }
        });
    }

    /// Records what is only watched, now that the exchange of the request has begun.
    pub(crate) fn watch(&self, cx: &Context) {
        let Some(identify) = &self.watcher else {
            return;
        };
        let is_mismatch = |finding: &&Finding| matches!(finding.kind, FindingKind::Mismatch(_));
        let mismatch = self.findings().iter().find(is_mismatch);
        let _current = cx.clone().attach();
        identify.deny(
            &Denial::new(DenyReason::Mismatch, "identity")
                .with_sender(self)
                .with_finding(mismatch)
                .observed(),
        );
    }

    fn event_attributes(&self, finding: &Finding) -> Vec<KeyValue> {
        let mut attributes = Vec::with_capacity(8);
        if let FindingKind::Mismatch(kind) = finding.kind {
            attributes.push(KeyValue::new(
                semconv::IDENTITY_MISMATCH_KIND,
                kind.as_str(),
            ));
        }
        if let FindingKind::MalformedHeader
        | FindingKind::UntrustedHeader
        | FindingKind::IssuerIdentity = finding.kind
        {
            attributes.push(KeyValue::new(semconv::IDENTITY_REASON, finding.reason()));
        }
        if let Some(header) = finding.header {
            attributes.push(KeyValue::new(semconv::IDENTITY_HEADER, header));
        }
        if let Some(claimed) = &finding.claimed {
            attributes.push(KeyValue::new(semconv::IDENTITY_CLAIMED, claimed.clone()));
        }
        push_evidence(self.peer.as_deref(), self.at, &mut attributes);
        attributes
    }
}

/// What ties an event to a certificate: its serial number, its issuer, the time.
pub(super) fn push_evidence(
    peer: Option<&PeerIdentity>,
    at: SystemTime,
    attributes: &mut Vec<KeyValue>,
) {
    attributes.push(KeyValue::new(semconv::AUTHZ_TIME, rfc3339(at)));
    let Some(peer) = peer else { return };
    if let Some(id) = peer.spiffe_id() {
        attributes.push(KeyValue::new(semconv::PEER_SPIFFE_ID, id.to_shared()));
    }
    if let Some(serial) = &peer.facts.serial {
        attributes.push(KeyValue::new(
            semconv::TLS_CLIENT_CERTIFICATE_SERIAL,
            Arc::clone(serial),
        ));
    }
    if let Some(hash) = peer.issuer_hash() {
        attributes.push(KeyValue::new(
            semconv::X509_ISSUER_HASH_SHA256,
            hash.to_string(),
        ));
    }
}

impl Finding {
    const fn event_name(&self) -> &'static str {
        match self.kind {
            FindingKind::Mismatch(_) => semconv::IDENTITY_MISMATCH,
            FindingKind::Expired | FindingKind::NotYetValid => semconv::IDENTITY_EXPIRED,
            FindingKind::UnknownTrustDomain | FindingKind::IssuerIdentity => {
                semconv::IDENTITY_UNKNOWN
            }
            FindingKind::UntrustedHeader | FindingKind::MalformedHeader => {
                semconv::IDENTITY_UNTRUSTED_HEADER
            }
        }
    }

    pub(super) const fn reason(&self) -> &'static str {
        match self.kind {
            FindingKind::Mismatch(_) => "mismatch",
            FindingKind::Expired => "expired",
            FindingKind::NotYetValid => "not_yet_valid",
            FindingKind::UnknownTrustDomain => "unknown_trust_domain",
            FindingKind::IssuerIdentity => "issuer_identity",
            FindingKind::UntrustedHeader => "untrusted",
            FindingKind::MalformedHeader => "malformed",
        }
    }
}
