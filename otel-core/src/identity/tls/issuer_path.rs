//! The path of a chain that is proven, out of what a client presented.
//!
//! A client may add any certificate to its chain, and a verifier passes over those it does not need.
//! An identity above the leaf is believed only from the path a verifier has built.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, KeyUsage};

/// The leaf and the intermediates that lead from it to a root, in their order; the leaf alone where
/// there is no path.
pub(super) fn verified_path<'a>(
    presented: &'a [CertificateDer<'a>],
    roots: &RootCertStore,
    provider: &CryptoProvider,
    now: SystemTime,
) -> Vec<CertificateDer<'a>> {
    let Some((leaf, intermediates)) = presented.split_first() else {
        return Vec::new();
    };
    let mut path = vec![leaf.clone()];
    let since = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    if let Ok(end_entity) = EndEntityCert::try_from(leaf)
        && let Ok(verified) = end_entity.verify_for_usage(
            provider.signature_verification_algorithms.all,
            &roots.roots,
            intermediates,
            UnixTime::since_unix_epoch(since),
            KeyUsage::client_auth(),
            None,
            None,
        )
    {
        let above = verified.intermediate_certificates();
        path.extend(above.map(|certificate| certificate.der().into_owned()));
    }
    path
}
