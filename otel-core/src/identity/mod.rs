//! Who called: SPIFFE identities, the evidence for them, and what is done with them.
//!
//! Telemetry that does not say who called cannot show an attack, and telemetry that believes what a
//! caller writes about itself helps one. So an identity is read once for each connection, from the
//! certificate of its handshake; it is believed from a header only when the policy names who sent the
//! header; and it is carried as one type, [`PeerIdentity`], from there to the span, the log line and
//! the decision.
//!
//! | step | type |
//! |---|---|
//! | the text of an identity | [`SpiffeId`], [`SpiffeIdRef`], [`TrustDomain`], [`SpiffePattern`] |
//! | the evidence of a certificate (feature `x509`) | [`PeerIdentity`], [`SvidViolation`], [`Fingerprint`] |
//! | the end of a connection | [`Connection`], [`TlsFacts`], `tls` (feature `rustls`) |
//! | a header of a proxy | [`Xfcc`], `ClientCert`, [`L5dClientId`] |
//! | whom to believe | [`TrustPolicy`], [`Proxy`], [`Federated`] |
//! | who sent a request | [`Identify`], [`Sender`], [`Finding`] |
//! | whether it may | [`Requirement`], [`Denial`] |
//! | who we are | [`Workload`] |
//! | clocks that disagree | [`SkewMonitor`] |
//!
//! An identity never becomes a label. The closed words about it do: its source, the result of looking
//! for it, a decision and its reason.

mod attributes;
mod by_standing;
#[cfg(feature = "x509")]
mod certificate;
#[cfg(feature = "x509")]
mod chain;
mod claims;
mod connection;
mod contain;
mod counters;
mod denial;
mod federation;
mod fingerprint;
mod forwarded;
mod hex;
mod identify;
mod mismatch;
mod peer;
mod proxy;
mod requirement;
mod resolve;
mod sender;
mod skew;
mod spiffe_id;
mod spiffe_pattern;
mod svid;
mod text;
#[cfg(feature = "rustls")]
pub mod tls;
mod tls_facts;
mod trust_domain;
mod trust_policy;
mod workload;

pub use attributes::AttributeProfile;
pub use by_standing::ByStanding;
pub use claims::{Claim, ClaimSource, DeclaredHeader};
pub use connection::Connection;
pub use denial::Denial;
pub use federation::Federated;
pub use fingerprint::{Fingerprint, FingerprintError};
pub use forwarded::{ClientCert, ForwardedError, L5dClientId, Xfcc, XfccElement};
pub use identify::{ConnectionSource, Identify, IdentifyBuilder, InExtensions};
pub use mismatch::{Finding, FindingKind, MismatchKind};
pub use peer::{IdentitySource, IdentityTrust, PeerIdentity, Validity};
pub use proxy::{Forwards, Proxy};
pub use requirement::{DecisionKind, DenyReason, Requirement, RequirementBuilder};
pub use sender::Sender;
pub use skew::{FourTimestamps, PeerClock, Skew, SkewKind, SkewMonitor, SkewMonitorBuilder};
pub use spiffe_id::{SpiffeId, SpiffeIdError, SpiffeIdRef};
pub use spiffe_pattern::SpiffePattern;
pub use svid::SvidViolation;
pub use tls_facts::TlsFacts;
pub use trust_domain::TrustDomain;
pub use trust_policy::{Standing, TrustPolicy, TrustPolicyBuilder, UnknownDomain};
pub use workload::Workload;
