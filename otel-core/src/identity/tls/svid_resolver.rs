//! The SVID a server shows, replaced while it serves.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::error::ConfigError;

/// Shows one SVID until it is given the next one. Connections that exist keep what they were shown.
///
/// Give it to `ServerConfig::with_cert_resolver`.
pub struct SvidResolver {
    provider: Arc<CryptoProvider>,
    current: ArcSwap<CertifiedKey>,
}

impl SvidResolver {
    /// Begins with an SVID: leaf first, and its private key.
    ///
    /// # Errors
    ///
    /// When the key cannot be used, or is not that of the leaf.
    pub fn new(
        provider: Arc<CryptoProvider>,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Arc<Self>, ConfigError> {
        let current = certified(&provider, chain, key)?;
        Ok(Arc::new(Self {
            provider,
            current: ArcSwap::from_pointee(current),
        }))
    }

    /// Shows another SVID from the next handshake on.
    ///
    /// # Errors
    ///
    /// When the key cannot be used, or is not that of the leaf. The SVID from before stays.
    pub fn set(
        &self,
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<(), ConfigError> {
        let next = certified(&self.provider, chain, key)?;
        self.current.store(Arc::new(next));
        Ok(())
    }
}

fn certified(
    provider: &CryptoProvider,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<CertifiedKey, ConfigError> {
    CertifiedKey::from_der(chain, key, provider)
        .map_err(|error| ConfigError::invalid("SvidResolver", error.to_string()))
}

impl ResolvesServerCert for SvidResolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

impl fmt::Debug for SvidResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SvidResolver").finish_non_exhaustive()
    }
}
