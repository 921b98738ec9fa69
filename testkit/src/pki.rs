//! Certificates made on the spot: authorities, SVIDs, and whatever a rule forbids.
//!
//! A test of what is refused needs certificates no authority would issue, so each can be changed
//! before it is signed.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test's own certificates"
)]

use std::sync::Arc;

pub use rcgen::{self, CustomExtension};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme};

/// One that signs: the root of a trust domain, or an intermediate.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// From this authority up, itself first; the root is left out of the chain of an intermediate.
    chain: Vec<Vec<u8>>,
    root: Vec<u8>,
    root_pem: String,
}

/// A certificate with its key.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "read field by field in tests")]
pub struct Leaf {
    /// The leaf and the intermediates above it, DER.
    pub chain: Vec<Vec<u8>>,
    /// Its key, PKCS #8 DER.
    pub key: Vec<u8>,
    /// The certificate alone, PEM.
    pub pem: String,
    /// Its key, PEM.
    pub key_pem: String,
}

impl Authority {
    /// The root of a trust domain.
    #[must_use]
    pub fn root(trust_domain: &str) -> Self {
        let params = authority_params(trust_domain, Some(&format!("spiffe://{trust_domain}")));
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let der = certificate.der().to_vec();
        Self {
            issuer: Issuer::new(params, key),
            chain: Vec::new(),
            root: der,
            root_pem: certificate.pem(),
        }
    }

    /// An authority below this one.
    #[must_use]
    pub fn intermediate(&self, name: &str, uri: Option<&str>) -> Self {
        let params = authority_params(name, uri);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let mut chain = vec![certificate.der().to_vec()];
        chain.extend_from_slice(&self.chain);
        Self {
            issuer: Issuer::new(params, key),
            chain,
            root: self.root.clone(),
            root_pem: self.root_pem.clone(),
        }
    }

    /// An SVID as the standard wants it.
    #[must_use]
    pub fn svid(&self, spiffe_id: &str) -> Leaf {
        self.leaf(spiffe_id, |_| {})
    }

    /// An SVID, changed before it is signed.
    #[must_use]
    pub fn leaf(&self, uri: &str, change: impl FnOnce(&mut CertificateParams)) -> Leaf {
        let mut params = leaf_params();
        if !uri.is_empty() {
            params.subject_alt_names.push(uri_name(uri));
        }
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let mut chain = vec![certificate.der().to_vec()];
        chain.extend_from_slice(&self.chain);
        Leaf {
            chain,
            key: key.serialize_der(),
            pem: certificate.pem(),
            key_pem: key.serialize_pem(),
        }
    }

    /// The root's certificate, DER.
    #[must_use]
    pub fn root_der(&self) -> &[u8] {
        &self.root
    }
}

impl Authority {
    /// The root's certificate, PEM.
    #[must_use]
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }
}

/// A URI among the names of a certificate.
#[must_use]
pub fn uri_name(uri: &str) -> SanType {
    SanType::URI(uri.try_into().expect("an IA5 string"))
}

/// A DNS name among the names of a certificate.
#[must_use]
pub fn dns_name(name: &str) -> SanType {
    SanType::DnsName(name.try_into().expect("an IA5 string"))
}

fn authority_params(name: &str, uri: Option<&str>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name = named(&format!("{name} authority"));
    params.subject_alt_names.extend(uri.map(uri_name));
    params
}

fn leaf_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    params.distinguished_name = named("a workload");
    params
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::OrganizationName, "test");
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn roots(authorities: &[&Authority]) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        let der = CertificateDer::from(authority.root.clone());
        roots.add(der).expect("a root");
    }
    Arc::new(roots)
}

fn chain_of(leaf: &Leaf) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let chain = leaf.chain.iter().cloned().map(CertificateDer::from);
    let key = PrivateKeyDer::try_from(leaf.key.clone()).expect("a key");
    (chain.collect(), key)
}

/// The roots of some authorities.
#[must_use]
pub fn root_store(authorities: &[&Authority]) -> Arc<RootCertStore> {
    roots(authorities)
}

/// A server that asks its clients for a certificate of one of the authorities; clients without one
/// are let in if `anonymous` says so.
#[must_use]
pub fn server_config(leaf: &Leaf, authorities: &[&Authority], anonymous: bool) -> ServerConfig {
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(authorities), provider());
    let verifier = if anonymous {
        verifier.allow_unauthenticated()
    } else {
        verifier
    };
    server_config_with(leaf, verifier.build().expect("a verifier"))
}

/// A server that verifies its clients so.
#[must_use]
pub fn server_config_with(leaf: &Leaf, verifier: Arc<dyn ClientCertVerifier>) -> ServerConfig {
    let (chain, key) = chain_of(leaf);
    ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .expect("a server's certificate")
}

/// A client that shows a certificate, if it has one, and takes whatever server answers.
#[must_use]
pub fn client_config(leaf: Option<&Leaf>) -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyServer(provider())));
    match leaf.map(chain_of) {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .expect("a client's certificate"),
        None => builder.with_no_client_auth(),
    }
}

/// The server is not what these tests are about.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
