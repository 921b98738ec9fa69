//! From a connection and the headers of a request to the peer.
//!
//! The walk begins at the connection, which nobody can forge, and goes back one proxy at a time, each
//! named by the policy. The first element of a header, which its sender could write, is never where it
//! begins.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;
use http::header::HeaderName;

use super::forwarded::{Forwarded, ForwardedError, L5dClientId, Xfcc, XfccElement};
use super::mismatch::{Finding, FindingKind, MismatchKind};
use super::peer::{Facts, Name};
use super::proxy::{Forwards, Proxy};
use super::text::safe_text;
use super::{
    Connection, IdentitySource, IdentityTrust, PeerIdentity, SpiffeId, SpiffeIdRef, SvidViolation,
    TrustPolicy,
};

/// DNS names of a header that are kept.
const MAX_NAMES: usize = 16;

/// Who is behind a request, and what was wrong with what it says.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub(super) peer: Option<Arc<PeerIdentity>>,
    pub(super) findings: Vec<Finding>,
    /// Headers to take away: those that were not believed.
    pub(super) stripped: bool,
}

impl TrustPolicy {
    /// Finds the peer of a request.
    pub(super) fn resolve(
        &self,
        connection: Option<&Connection>,
        headers: &HeaderMap,
        now: SystemTime,
    ) -> Resolved {
        let proxy = self.proxy_at(connection);
        let direct = connection.filter(|_| proxy.is_none_or(|(proxy, _)| proxy.is_caller()));
        let mut resolved = Resolved {
            peer: direct.and_then(Connection::peer).map(Arc::clone),
            ..Resolved::default()
        };
        for (name, header) in Forwarded::present(headers) {
            let Some((proxy, connection)) = proxy.filter(|(proxy, _)| proxy.writes(*header)) else {
                let kind = FindingKind::UntrustedHeader;
                resolved
                    .findings
                    .push(Finding::of_header(kind, name.as_str()));
                resolved.stripped = true;
                continue;
            };
            if *header == Forwarded::ClientCertChain {
                continue;
            }
            let walk = Walk {
                policy: self,
                proxy,
                connection,
                now,
                findings: &mut resolved.findings,
            };
            // The proxy itself is not the caller, not even where it fails to say who is.
            resolved.peer = match walk.read(*header, name, headers) {
                Ok(peer) => peer.map(Arc::new),
                Err(_) => {
                    let kind = FindingKind::MalformedHeader;
                    let finding = Finding::of_header(kind, name.as_str());
                    resolved.findings.push(finding);
                    None
                }
            };
        }
        resolved
    }

    fn proxy_at<'a>(
        &'a self,
        connection: Option<&'a Connection>,
    ) -> Option<(&'a Proxy, &'a Connection)> {
        let connection = connection?;
        let mut proxies = self.proxies.iter();
        let proxy = proxies.find(|proxy| proxy.is_at(connection))?;
        Some((proxy, connection))
    }
}

impl Proxy {
    const fn writes(&self, header: Forwarded) -> bool {
        match self.forwards {
            Forwards::XfccSet | Forwards::XfccAppend => matches!(header, Forwarded::Xfcc),
            #[cfg(feature = "x509")]
            Forwards::ClientCert => {
                matches!(header, Forwarded::ClientCert | Forwarded::ClientCertChain)
            }
            Forwards::L5d => matches!(header, Forwarded::L5d),
        }
    }
}

/// The way back from the connection, through the header of one proxy.
struct Walk<'a> {
    policy: &'a TrustPolicy,
    proxy: &'a Proxy,
    connection: &'a Connection,
    now: SystemTime,
    findings: &'a mut Vec<Finding>,
}

impl Walk<'_> {
    fn read(
        self,
        header: Forwarded,
        name: &HeaderName,
        headers: &HeaderMap,
    ) -> Result<Option<PeerIdentity>, ForwardedError> {
        match header {
            Forwarded::Xfcc => {
                let text = joined(headers, name)?;
                self.xfcc(&Xfcc::parse(&text)?)
            }
            #[cfg(feature = "x509")]
            Forwarded::ClientCert => self.client_cert(headers, name).map(Some),
            Forwarded::L5d => {
                let text = joined(headers, name)?;
                Ok(Some(self.l5d(L5dClientId::parse(&text)?)))
            }
            _ => Ok(None),
        }
    }

    fn facts(&self, source: IdentitySource) -> Facts {
        Facts {
            asserted_by: self.proxy_id().cloned(),
            ..Facts::new(source, IdentityTrust::Asserted, self.now)
        }
    }

    /// The SPIFFE ID the proxy has proven on the connection.
    fn proxy_id(&self) -> Option<&SpiffeId> {
        self.connection.peer()?.spiffe_id()
    }

    fn xfcc(mut self, xfcc: &Xfcc<'_>) -> Result<Option<PeerIdentity>, ForwardedError> {
        let mut elements = xfcc.elements().rev();
        let Some(mut element) = elements.next() else {
            return Err(ForwardedError::MALFORMED);
        };
        let mut rest = elements.peekable();
        if self.proxy.forwards == Forwards::XfccSet && rest.peek().is_some() {
            return Err(ForwardedError::MALFORMED);
        }
        if !self.is_by_the_proxy(element) {
            return Ok(None);
        }
        let mut asserted_by = self.proxy_id().cloned();
        for before in rest.take(self.policy.max_hops.saturating_sub(1)) {
            let Ok(client) = one_id(element) else { break };
            let is_proxy = |proxy: &Proxy| {
                proxy.forwards == Forwards::XfccAppend
                    && proxy.pattern().is_some_and(|known| known.matches(client))
            };
            if !self.policy.proxies.iter().any(is_proxy) {
                break;
            }
            let mut by = before.by().peekable();
            let stray = |by: &str| SpiffeIdRef::parse(by) != Ok(client);
            if by.peek().is_none() || before.by().any(stray) {
                let claimed = before.by().next().unwrap_or_default();
                self.mismatch(MismatchKind::ForwardedBy, claimed);
                break;
            }
            asserted_by = Some(client.to_spiffe_id());
            element = before;
        }
        let facts = Facts {
            asserted_by,
            ..self.facts(IdentitySource::Xfcc)
        };
        Ok(self.of_element(element, facts))
    }

    /// Whether the nearest element is of the proxy that is connected.
    fn is_by_the_proxy(&mut self, element: &XfccElement<'_>) -> bool {
        let is_its = |by: &str| {
            let id = SpiffeIdRef::parse(by);
            match (&self.proxy.by, self.proxy.pattern(), self.proxy_id()) {
                (Some(expected), _, _) => id.is_ok_and(|id| expected.matches(id)),
                (None, Some(_), Some(proxy)) => id.is_ok_and(|id| id == *proxy),
                _ => true,
            }
        };
        let missing = self.proxy.by.is_some() && element.by().next().is_none();
        let stray = element.by().find(|by| !is_its(by));
        if !missing && stray.is_none() {
            return true;
        }
        self.mismatch(MismatchKind::ForwardedBy, stray.unwrap_or_default());
        false
    }

    fn of_element(mut self, element: &XfccElement<'_>, facts: Facts) -> Option<PeerIdentity> {
        let (spiffe_id, violation) = match one_id(element) {
            Ok(id) if id.path().is_empty() => (None, Some(SvidViolation::RootPath)),
            Ok(id) => (Some(id.to_spiffe_id()), None),
            Err(violation) => (None, Some(violation)),
        };
        let mut facts = Facts {
            spiffe_id,
            violation,
            fingerprint: element.hash().copied(),
            subject: element.subject().map_or(Name::Unknown, |subject| {
                Name::Text(safe_text(subject).into())
            }),
            issuer: element
                .issuer()
                .map_or(Name::Unknown, |issuer| Name::Text(safe_text(issuer).into())),
            san_uris: element.uris().take(MAX_NAMES).map(kept).collect(),
            san_dns: element.dns().take(MAX_NAMES).map(kept).collect(),
            san_truncated: element.dns().nth(MAX_NAMES).is_some(),
            ..facts
        };
        if element.cert().is_some() {
            facts = self.with_certificate(element, facts)?;
        }
        Some(PeerIdentity::of_facts(facts))
    }

    #[cfg(not(feature = "x509"))]
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the same shape as with the feature"
    )]
    fn with_certificate(&mut self, _: &XfccElement<'_>, facts: Facts) -> Option<Facts> {
        Some(facts)
    }

    /// The facts of the certificate in an element, if the rest of the element is about the same one.
    #[cfg(feature = "x509")]
    fn with_certificate(&mut self, element: &XfccElement<'_>, facts: Facts) -> Option<Facts> {
        use super::Fingerprint;
        use super::forwarded::first_certificate;

        let Some(der) = element.cert().and_then(first_certificate) else {
            let kind = FindingKind::MalformedHeader;
            self.findings
                .push(Finding::of_header(kind, "x-forwarded-client-cert"));
            return None;
        };
        let fingerprint = Fingerprint::of(&der);
        if element.hash().is_some_and(|hash| *hash != fingerprint) {
            self.mismatch(MismatchKind::ForwardedHash, &fingerprint.to_string());
            return None;
        }
        let said = facts.spiffe_id.clone();
        let uri = element.uris().next().map(str::to_owned);
        let facts = facts.with_forwarded(&der);
        if uri.is_some() && facts.spiffe_id != said {
            self.mismatch(MismatchKind::ForwardedUri, &uri.unwrap_or_default());
            return None;
        }
        Some(facts)
    }

    #[cfg(feature = "x509")]
    fn client_cert(
        self,
        headers: &HeaderMap,
        name: &HeaderName,
    ) -> Result<PeerIdentity, ForwardedError> {
        use super::forwarded::{ClientCert, decode};

        let chain = HeaderName::from_static("client-cert-chain");
        let lines = |name: &HeaderName| -> Result<Vec<&str>, ForwardedError> {
            let values = headers.get_all(name).iter();
            values
                .map(|value| value.to_str().or(Err(ForwardedError::MALFORMED)))
                .collect()
        };
        let forwarded = ClientCert::parse(lines(name)?, lines(&chain)?)?;
        let der = decode(forwarded.leaf())?;
        let facts = self.facts(IdentitySource::ClientCert).with_forwarded(&der);
        Ok(PeerIdentity::of_facts(facts))
    }

    fn l5d(self, id: L5dClientId<'_>) -> PeerIdentity {
        let facts = self.facts(IdentitySource::L5d);
        let violation = id
            .spiffe_id()
            .is_none()
            .then_some(SvidViolation::NoSpiffeId);
        PeerIdentity::of_facts(Facts {
            spiffe_id: id.spiffe_id().map(|id| id.to_spiffe_id()),
            violation,
            san_dns: match id.spiffe_id() {
                Some(_) => Vec::new(),
                None => vec![kept(id.name())],
            },
            ..facts
        })
    }

    fn mismatch(&mut self, kind: MismatchKind, claimed: &str) {
        self.findings.push(Finding::mismatch(kind, claimed));
    }
}

#[cfg(feature = "x509")]
impl Facts {
    /// The facts of a forwarded certificate. Only the leaf is looked at: the proxy has verified a
    /// path, and does not say which.
    fn with_forwarded(self, der: &[u8]) -> Self {
        match super::certificate::Certificate::parse(der) {
            Ok(leaf) => self.with_chain(leaf, &[der]),
            Err(violation) => Self {
                spiffe_id: None,
                violation: Some(violation),
                fingerprint: Some(super::Fingerprint::of(der)),
                ..self
            },
        }
    }
}

fn kept(text: &str) -> Arc<str> {
    safe_text(text).into()
}

/// The one SPIFFE ID of an element.
fn one_id<'e>(element: &'e XfccElement<'_>) -> Result<SpiffeIdRef<'e>, SvidViolation> {
    let mut uris = element.uris();
    let uri = uris.next().ok_or(SvidViolation::NoSpiffeId)?;
    if uris.next().is_some() {
        return Err(SvidViolation::MultipleUriSans);
    }
    SpiffeIdRef::parse(uri).or(Err(SvidViolation::NotSpiffe))
}

/// All lines of a header, joined by commas in their order (RFC 9110, 5.3).
fn joined<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Cow<'a, str>, ForwardedError> {
    let mut text = Cow::Borrowed("");
    for (number, value) in headers.get_all(name).iter().enumerate() {
        let line = std::str::from_utf8(value.as_bytes()).or(Err(ForwardedError::MALFORMED))?;
        if number == 0 {
            text = Cow::Borrowed(line);
            continue;
        }
        let whole = text.to_mut();
        if whole.len() + line.len() > super::forwarded::MAX_HEADER {
            return Err(ForwardedError::TOO_LARGE);
        }
        whole.push(',');
        whole.push_str(line);
    }
    Ok(text)
}
