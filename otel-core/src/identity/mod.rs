//! Who called: SPIFFE identities, the evidence for them, and what is done with them.

mod attributes;
#[cfg(feature = "x509")]
mod certificate;
#[cfg(feature = "x509")]
mod chain;
mod fingerprint;
mod hex;
mod peer;
mod spiffe_id;
mod spiffe_pattern;
mod svid;
mod text;
mod tls_facts;
mod trust_domain;

pub use attributes::AttributeProfile;
pub use fingerprint::{Fingerprint, FingerprintError};
pub use peer::{IdentitySource, IdentityTrust, PeerIdentity, Validity};
pub use spiffe_id::{SpiffeId, SpiffeIdError, SpiffeIdRef};
pub use spiffe_pattern::SpiffePattern;
pub use svid::SvidViolation;
pub use tls_facts::TlsFacts;
pub use trust_domain::TrustDomain;
