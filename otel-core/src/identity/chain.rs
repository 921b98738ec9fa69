//! From the certificates of a handshake to a peer.

use std::time::SystemTime;

use super::certificate::Certificate;
use super::peer::{Facts, Name};
use super::{Fingerprint, IdentitySource, IdentityTrust, PeerIdentity, SvidViolation};

/// Longest chain that is looked at.
const MAX_CHAIN: usize = 16;

impl PeerIdentity {
    /// The peer of a TLS connection, from the certificates it was verified by, leaf first; `None` for
    /// an empty chain.
    ///
    /// Reads and does not verify: give it what a TLS library has accepted. A leaf that breaks a rule
    /// of the X509-SVID standard makes a peer without a SPIFFE ID, whose [`violation`](Self::violation)
    /// says why, so that the evidence of it is recorded all the same.
    ///
    /// A leaf that has no URI among its names may stand below one that has. The chain is walked up to
    /// the first such certificate, which makes a peer of [`IdentityTrust::Issuer`]. **Only certificates
    /// of the verified path may be given then**: a client may add others to its chain, of which a TLS
    /// library takes no notice. Where only the presented list is at hand, give the leaf alone.
    #[must_use]
    pub fn of_chain<C: AsRef<[u8]>>(chain: &[C], asserted_at: SystemTime) -> Option<Self> {
        let leaf = chain.first()?.as_ref();
        let facts = Facts::new(IdentitySource::Tls, IdentityTrust::Verified, asserted_at);
        let facts = match Certificate::parse(leaf) {
            Ok(certificate) => facts.with_chain(certificate, chain),
            Err(violation) => Facts {
                violation: Some(violation),
                fingerprint: Some(Fingerprint::of(leaf)),
                ..facts
            },
        };
        Some(Self::of_facts(facts))
    }
}

impl Facts {
    /// The facts of a leaf, and the identity it or a certificate above it bears.
    pub(super) fn with_chain<C: AsRef<[u8]>>(self, leaf: Certificate, chain: &[C]) -> Self {
        let found = if chain.len() > MAX_CHAIN {
            Err(SvidViolation::ChainTooLong)
        } else {
            match leaf.leaf_id() {
                Ok(id) => Ok((id, Vec::new())),
                Err(SvidViolation::NoSpiffeId) => walk(&leaf, chain.get(1..).unwrap_or_default()),
                Err(violation) => Err(violation),
            }
        };
        let (spiffe_id, chain_path, violation) = match found {
            Ok((id, path)) => (Some(id), path, None),
            Err(violation) => (None, Vec::new(), Some(violation)),
        };
        let depth = chain_path.len().max(1);
        Self {
            trust: if chain_path.is_empty() {
                self.trust
            } else {
                IdentityTrust::Issuer
            },
            chain_depth: spiffe_id.as_ref().and_then(|_| u8::try_from(depth).ok()),
            spiffe_id,
            chain_path,
            violation,
            fingerprint: Some(leaf.fingerprint),
            serial: leaf.serial,
            issuer_hash: Some(leaf.issuer_hash),
            validity: leaf.validity,
            san_uris: leaf.names.uris,
            san_dns: leaf.names.dns,
            san_truncated: leaf.names.truncated,
            subject: Name::Der(leaf.subject),
            issuer: Name::Der(leaf.issuer),
            ..self
        }
    }
}

/// The first ID above a leaf that has none, and the fingerprints up to it.
fn walk<C: AsRef<[u8]>>(
    leaf: &Certificate,
    above: &[C],
) -> Result<(super::SpiffeId, Vec<Fingerprint>), SvidViolation> {
    let mut path = vec![leaf.fingerprint];
    let mut issuer = leaf.issuer.clone();
    for der in above {
        let certificate = Certificate::parse(der.as_ref())?;
        // A chain in which one did not issue the other is none.
        if certificate.subject != issuer || !certificate.is_issuer() {
            break;
        }
        path.push(certificate.fingerprint);
        match certificate.bearer_id() {
            Ok(id) => return Ok((id, path)),
            Err(SvidViolation::NoSpiffeId) => issuer = certificate.issuer,
            Err(violation) => return Err(violation),
        }
    }
    Err(SvidViolation::NoSpiffeId)
}
