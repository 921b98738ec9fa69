//! Who is at the other end of a connection, or of a chain of proxies.
//!
//! One immutable value, made once for a connection or a forwarded header and shared from then on:
//! a request costs a reference count. What changes with time, whether it is still valid, is asked of
//! it with the time of the request.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use opentelemetry::KeyValue;

use super::attributes::{AttributeProfile, render};
use super::{Fingerprint, SpiffeId, SvidViolation, TlsFacts};

/// Where an identity comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IdentitySource {
    /// The certificate of the TLS connection.
    Tls,
    /// Envoy's `x-forwarded-client-cert`.
    Xfcc,
    /// `Client-Cert` of RFC 9440.
    ClientCert,
    /// linkerd's `l5d-client-id`.
    L5d,
    /// The claims of a token, such as a JWT-SVID, that the application has verified.
    JwtSvid,
}

impl IdentitySource {
    pub(super) const ALL: [Self; 5] = [
        Self::Tls,
        Self::Xfcc,
        Self::ClientCert,
        Self::L5d,
        Self::JwtSvid,
    ];

    /// The word written to every signal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Xfcc => "xfcc",
            Self::ClientCert => "client_cert",
            Self::L5d => "l5d",
            Self::JwtSvid => "jwt_svid",
        }
    }
}

/// How far an identity is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IdentityTrust {
    /// By a handshake of this process, or a token the application has verified.
    Verified,
    /// By the word of a proxy that the policy names.
    Asserted,
    /// By a certificate above the leaf: an authority vouches for what it has issued.
    Issuer,
}

impl IdentityTrust {
    /// The word written to every signal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Asserted => "asserted",
            Self::Issuer => "issuer",
        }
    }
}

/// Whether the certificate of an identity holds at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "complete by nature: before, within, after"
)]
pub enum Validity {
    /// Within its time, or without a certificate.
    Current,
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
}

/// A peer: its SPIFFE ID where it has one, and the evidence for it.
pub struct PeerIdentity {
    pub(super) facts: Facts,
    rendered: [OnceLock<Box<[KeyValue]>>; AttributeProfile::COUNT],
}

/// The facts of a [`PeerIdentity`].
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) source: IdentitySource,
    pub(super) trust: IdentityTrust,
    pub(super) spiffe_id: Option<SpiffeId>,
    pub(super) violation: Option<SvidViolation>,
    pub(super) fingerprint: Option<Fingerprint>,
    pub(super) serial: Option<Arc<str>>,
    pub(super) issuer_hash: Option<Fingerprint>,
    pub(super) validity: Option<(SystemTime, SystemTime)>,
    pub(super) san_uris: Vec<Arc<str>>,
    pub(super) san_dns: Vec<Arc<str>>,
    pub(super) san_truncated: bool,
    pub(super) chain_depth: Option<u8>,
    pub(super) chain_path: Vec<Fingerprint>,
    pub(super) subject: Name,
    pub(super) issuer: Name,
    pub(super) tls: Option<TlsFacts>,
    pub(super) asserted_at: SystemTime,
    pub(super) asserted_by: Option<SpiffeId>,
}

/// The name in a certificate, rendered only when it is asked for.
#[derive(Clone, Debug)]
pub(super) enum Name {
    Unknown,
    Text(Box<str>),
    #[cfg(feature = "x509")]
    Der(Box<[u8]>),
}

impl Name {
    fn text(&self) -> Option<String> {
        match self {
            Self::Unknown => None,
            Self::Text(text) => Some(text.to_string()),
            #[cfg(feature = "x509")]
            Self::Der(der) => super::certificate::name_text(der),
        }
    }
}

impl Facts {
    /// Facts of which only these are known.
    pub(super) const fn new(
        source: IdentitySource,
        trust: IdentityTrust,
        asserted_at: SystemTime,
    ) -> Self {
        Self {
            source,
            trust,
            spiffe_id: None,
            violation: None,
            fingerprint: None,
            serial: None,
            issuer_hash: None,
            validity: None,
            san_uris: Vec::new(),
            san_dns: Vec::new(),
            san_truncated: false,
            chain_depth: None,
            chain_path: Vec::new(),
            subject: Name::Unknown,
            issuer: Name::Unknown,
            tls: None,
            asserted_at,
            asserted_by: None,
        }
    }
}

impl PeerIdentity {
    pub(super) const fn of_facts(facts: Facts) -> Self {
        Self {
            facts,
            rendered: [const { OnceLock::new() }; AttributeProfile::COUNT],
        }
    }

    /// A peer that the application has identified by itself, from the claims of a token it has
    /// verified.
    #[must_use]
    pub fn of_claims(spiffe_id: SpiffeId, asserted_at: SystemTime) -> Self {
        let (source, trust) = (IdentitySource::JwtSvid, IdentityTrust::Verified);
        Self::of_facts(Facts {
            spiffe_id: Some(spiffe_id),
            ..Facts::new(source, trust, asserted_at)
        })
    }

    /// The same evidence without the identity that was read from it.
    pub(super) fn without_id(&self) -> Self {
        Self::of_facts(Facts {
            spiffe_id: None,
            violation: Some(SvidViolation::NoSpiffeId),
            ..self.facts.clone()
        })
    }

    /// Where the identity comes from.
    #[must_use]
    pub const fn source(&self) -> IdentitySource {
        self.facts.source
    }

    /// How far it is proven.
    #[must_use]
    pub const fn trust(&self) -> IdentityTrust {
        self.facts.trust
    }

    /// The SPIFFE ID, if the peer has one and its certificate keeps the rules.
    #[must_use]
    pub const fn spiffe_id(&self) -> Option<&SpiffeId> {
        self.facts.spiffe_id.as_ref()
    }

    /// The name of the peer's trust domain.
    #[must_use]
    pub fn trust_domain(&self) -> Option<&str> {
        self.spiffe_id().map(SpiffeId::trust_domain)
    }

    /// The rule of the X509-SVID standard its certificate breaks.
    #[must_use]
    pub const fn violation(&self) -> Option<SvidViolation> {
        self.facts.violation
    }

    /// SHA-256 of its certificate: the leaf, as the peer presented it.
    #[must_use]
    pub const fn fingerprint(&self) -> Option<&Fingerprint> {
        self.facts.fingerprint.as_ref()
    }

    /// The serial number of its certificate, in lower-case hexadecimal without a leading zero byte.
    #[must_use]
    pub fn serial(&self) -> Option<&str> {
        self.facts.serial.as_deref()
    }

    /// SHA-256 over the DER of the name of the issuer of its certificate.
    #[must_use]
    pub const fn issuer_hash(&self) -> Option<&Fingerprint> {
        self.facts.issuer_hash.as_ref()
    }

    /// The URIs among the names of its certificate, at most 16.
    pub fn san_uris(&self) -> impl Iterator<Item = &str> {
        self.facts.san_uris.iter().map(AsRef::as_ref)
    }

    /// The DNS names of its certificate, at most 16, escaped and cut to 256 bytes each.
    pub fn san_dns(&self) -> impl Iterator<Item = &str> {
        self.facts.san_dns.iter().map(AsRef::as_ref)
    }

    /// Whether its certificate has more names than are kept.
    #[must_use]
    pub const fn is_san_truncated(&self) -> bool {
        self.facts.san_truncated
    }

    /// The place in the chain of the certificate that bears the SPIFFE ID: 1 is the leaf.
    #[must_use]
    pub fn chain_depth(&self) -> Option<usize> {
        self.facts.chain_depth.map(usize::from)
    }

    /// Fingerprints from the leaf to the certificate that bears the SPIFFE ID, where that is not the
    /// leaf.
    #[must_use]
    pub fn chain_path(&self) -> &[Fingerprint] {
        &self.facts.chain_path
    }

    /// When its certificate begins to be valid.
    #[must_use]
    pub fn not_before(&self) -> Option<SystemTime> {
        self.facts.validity.map(|(not_before, _)| not_before)
    }

    /// When its certificate ceases to be valid.
    #[must_use]
    pub fn not_after(&self) -> Option<SystemTime> {
        self.facts.validity.map(|(_, not_after)| not_after)
    }

    /// Whether its certificate holds at a moment.
    ///
    /// A connection outlives the certificate it began with, and a resumed session does not verify
    /// one again: ask for each request.
    #[must_use]
    pub fn validity_at(&self, now: SystemTime) -> Validity {
        match self.facts.validity {
            Some((not_before, _)) if now < not_before => Validity::NotYetValid,
            // RFC 5280, 4.1.2.5: the second of `notAfter` is still within.
            Some((_, not_after))
                if now
                    .duration_since(not_after)
                    .is_ok_and(|past| past.as_secs() > 0) =>
            {
                Validity::Expired
            }
            _ => Validity::Current,
        }
    }

    /// The subject of its certificate as text, escaped and cut to 256 bytes.
    #[must_use]
    pub fn subject(&self) -> Option<String> {
        self.facts.subject.text()
    }

    /// The issuer of its certificate as text, escaped and cut to 256 bytes.
    #[must_use]
    pub fn issuer(&self) -> Option<String> {
        self.facts.issuer.text()
    }

    /// Facts of the TLS connection the identity was proven on.
    #[must_use]
    pub const fn tls(&self) -> Option<&TlsFacts> {
        self.facts.tls.as_ref()
    }

    /// When the identity was asserted: the handshake, or the arrival of a header.
    #[must_use]
    pub const fn asserted_at(&self) -> SystemTime {
        self.facts.asserted_at
    }

    /// The proxy that vouches for it, where one does and has a SPIFFE ID.
    #[must_use]
    pub const fn asserted_by(&self) -> Option<&SpiffeId> {
        self.facts.asserted_by.as_ref()
    }

    /// What is written of the peer on a span. Rendered once.
    #[must_use]
    pub fn attributes(&self, profile: AttributeProfile) -> &[KeyValue] {
        match self.rendered.get(profile as usize) {
            Some(slot) => slot.get_or_init(|| render(self, profile)),
            None => &[],
        }
    }
}

impl fmt::Debug for PeerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerIdentity")
            .field("source", &self.facts.source)
            .field("trust", &self.facts.trust)
            .field("spiffe_id", &self.facts.spiffe_id)
            .field("fingerprint", &self.facts.fingerprint)
            .field("violation", &self.facts.violation)
            .finish_non_exhaustive()
    }
}
