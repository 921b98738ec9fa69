//! The certificate of a handshake that failed.
//!
//! rustls forgets a certificate it refuses, and with it the one trace an intruder leaves. A verifier
//! is called in the middle of a poll of the handshake, so what it saw waits on the thread until that
//! poll returns.

use std::cell::RefCell;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

thread_local! {
    static SEEN: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Leaves a refused certificate for the record of the handshake.
pub(super) fn leave(leaf: &CertificateDer<'_>) {
    SEEN.with_borrow_mut(|seen| *seen = Some(leaf.to_vec()));
}

/// The certificate refused in the poll that has just returned.
pub(super) fn take() -> Option<Vec<u8>> {
    SEEN.with_borrow_mut(Option::take)
}

/// A verifier of clients that lets a [`Handshaker`](super::Handshaker) record whose certificate was
/// refused. It decides nothing by itself.
#[derive(Debug)]
pub struct EvidenceVerifier {
    inner: Arc<dyn ClientCertVerifier>,
}

impl EvidenceVerifier {
    /// Around the verifier that decides.
    #[must_use]
    pub fn new(inner: Arc<dyn ClientCertVerifier>) -> Arc<Self> {
        Arc::new(Self { inner })
    }
}

impl ClientCertVerifier for EvidenceVerifier {
    fn offer_client_auth(&self) -> bool {
        self.inner.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.inner.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.inner.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self
            .inner
            .verify_client_cert(end_entity, intermediates, now);
        verified.inspect_err(|_| leave(end_entity))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verified = self.inner.verify_tls12_signature(message, cert, dss);
        verified.inspect_err(|_| leave(cert))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verified = self.inner.verify_tls13_signature(message, cert, dss);
        verified.inspect_err(|_| leave(cert))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
