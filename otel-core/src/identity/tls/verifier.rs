//! Verifies clients of several trust domains, each by the bundle of its own.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore,
    SignatureScheme,
};

use super::evidence::leave;
use crate::error::ConfigError;
use crate::identity::certificate::Certificate;
use crate::identity::{SvidViolation, TrustDomain};

/// A verifier of clients by SPIFFE: the certificate must be an X509-SVID, and its path must end in the
/// bundle of the trust domain its SPIFFE ID names (X509-SVID 5, SPIFFE Federation 7.3).
///
/// Bundles can be replaced while it is in use, and take effect with the next full handshake. A
/// resumed session is not verified again, here as everywhere in rustls: whoever must react at once
/// turns resumption off.
pub struct SpiffeVerifier {
    provider: Arc<CryptoProvider>,
    own: TrustDomain,
    bundles: ArcSwap<HashMap<TrustDomain, Bundle>>,
    anonymous: bool,
    issuers: bool,
}

/// The verifier of one domain; `None` for an empty bundle, which revokes everybody.
type Bundle = Option<Arc<dyn ClientCertVerifier>>;

impl SpiffeVerifier {
    /// Starts a verifier of a server in this trust domain.
    pub fn builder(own: TrustDomain, provider: Arc<CryptoProvider>) -> SpiffeVerifierBuilder {
        SpiffeVerifierBuilder {
            verifier: Self {
                provider,
                own,
                bundles: ArcSwap::default(),
                anonymous: false,
                issuers: false,
            },
            error: None,
        }
    }

    /// Replaces the bundle of a trust domain, or adds one. An empty one revokes everybody in it.
    ///
    /// # Errors
    ///
    /// When a verifier cannot be made of the bundle.
    pub fn set_bundle(
        &self,
        trust_domain: &TrustDomain,
        roots: impl Into<Arc<RootCertStore>>,
    ) -> Result<(), ConfigError> {
        let bundle = self.bundle(roots.into())?;
        self.bundles.rcu(|bundles| {
            let mut bundles = HashMap::clone(bundles);
            bundles.insert(trust_domain.clone(), bundle.clone());
            bundles
        });
        Ok(())
    }

    fn bundle(&self, roots: Arc<RootCertStore>) -> Result<Bundle, ConfigError> {
        if roots.is_empty() {
            return Ok(None);
        }
        let provider = Arc::clone(&self.provider);
        WebPkiClientVerifier::builder_with_provider(roots, provider)
            .build()
            .map(|verifier| Some(verifier as Arc<dyn ClientCertVerifier>))
            .map_err(|error| ConfigError::invalid("set_bundle", error.to_string()))
    }

    fn verify(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let refused = |error| Err(Error::InvalidCertificate(error));
        let id = Certificate::parse(end_entity).and_then(|leaf| leaf.leaf_id());
        let domain = match &id {
            Ok(id) => id.to_trust_domain(),
            // An authority that vouches for what it has issued is one of our own.
            Err(SvidViolation::NoSpiffeId) if self.issuers => self.own.clone(),
            Err(SvidViolation::Malformed | SvidViolation::TooLarge) => {
                return refused(CertificateError::BadEncoding);
            }
            Err(_) => return refused(CertificateError::ApplicationVerificationFailure),
        };
        match self.bundles.load().get(&domain) {
            Some(Some(bundle)) => bundle.verify_client_cert(end_entity, intermediates, now),
            Some(None) | None => refused(CertificateError::UnknownIssuer),
        }
    }
}

impl fmt::Debug for SpiffeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpiffeVerifier")
            .field("own", &self.own)
            .field("domains", &self.bundles.load().len())
            .finish_non_exhaustive()
    }
}

impl ClientCertVerifier for SpiffeVerifier {
    fn client_auth_mandatory(&self) -> bool {
        !self.anonymous
    }

    /// None: the names of the authorities are as changeable as the bundles.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.verify(end_entity, intermediates, now);
        verified.inspect_err(|_| leave(end_entity))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms).inspect_err(|_| leave(cert))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms).inspect_err(|_| leave(cert))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Collects what a [`SpiffeVerifier`] needs.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct SpiffeVerifierBuilder {
    verifier: SpiffeVerifier,
    error: Option<ConfigError>,
}

impl SpiffeVerifierBuilder {
    /// The bundle of a trust domain. A domain given twice is refused: one would hide the other.
    pub fn add_bundle(
        mut self,
        trust_domain: &TrustDomain,
        roots: impl Into<Arc<RootCertStore>>,
    ) -> Self {
        if self.verifier.bundles.load().contains_key(trust_domain) {
            self.error
                .get_or_insert_with(|| ConfigError::invalid("add_bundle", "each domain once"));
        } else if let Err(error) = self.verifier.set_bundle(trust_domain, roots) {
            self.error.get_or_insert(error);
        }
        self
    }

    /// Lets clients in that show no certificate; none otherwise.
    pub const fn with_anonymous(mut self) -> Self {
        self.verifier.anonymous = true;
        self
    }

    /// Lets clients in whose leaf has no SPIFFE ID, if our own bundle verifies them: for identities
    /// that stand above the leaf. None otherwise.
    pub const fn with_issuer_identities(mut self) -> Self {
        self.verifier.issuers = true;
        self
    }

    /// Finishes the verifier.
    ///
    /// # Errors
    ///
    /// The first bundle that was refused, or when our own domain has none.
    pub fn build(self) -> Result<Arc<SpiffeVerifier>, ConfigError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if !self
            .verifier
            .bundles
            .load()
            .contains_key(&self.verifier.own)
        {
            return Err(ConfigError::missing("add_bundle"));
        }
        Ok(Arc::new(self.verifier))
    }
}
