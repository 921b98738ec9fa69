//! What a request says of its sender beside the connection it came on.
//!
//! The extension point for tokens: the application verifies them, which is no work of telemetry, and
//! says here whom they name.

use std::fmt;

use http::{Extensions, HeaderMap, HeaderName};

use super::SpiffeIdRef;

/// An identity that a request claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub(super) text: String,
    pub(super) is_verified: bool,
}

impl Claim {
    /// What the sender says of itself. It identifies nobody; it is compared with the certificate.
    pub fn declared(identity: impl Into<String>) -> Self {
        Self {
            text: identity.into(),
            is_verified: false,
        }
    }

    /// The subject of a token that the application has verified, such as a JWT-SVID. It identifies a
    /// peer that has no certificate, and is compared with the certificate of one that has.
    pub fn verified(identity: impl Into<String>) -> Self {
        Self {
            text: identity.into(),
            is_verified: true,
        }
    }

    /// Whether the claim names the same identity.
    pub(super) fn is(&self, id: &super::SpiffeId) -> bool {
        SpiffeIdRef::parse(&self.text).is_ok_and(|claimed| claimed == *id)
    }
}

/// Finds the claim of a request.
///
/// Called once for each request, before its span starts: it must not block. A token is to be verified
/// in a layer outside, which leaves its subject in the extensions.
pub trait ClaimSource: fmt::Debug + Send + Sync + 'static {
    /// The claim, if the request makes one.
    fn claim(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<Claim>;
}

/// A header in which callers declare their own SPIFFE ID.
///
/// It is never believed. A declaration that differs from the certificate is a mismatch: a workload
/// that runs under another's identity, or one that pretends to.
#[derive(Clone, Debug)]
pub struct DeclaredHeader {
    name: HeaderName,
}

impl DeclaredHeader {
    /// Declarations in this header.
    #[must_use]
    pub const fn new(name: HeaderName) -> Self {
        Self { name }
    }
}

impl ClaimSource for DeclaredHeader {
    fn claim(&self, _: &Extensions, headers: &HeaderMap) -> Option<Claim> {
        let value = headers.get(&self.name)?;
        let text = String::from_utf8_lossy(value.as_bytes());
        Some(Claim::declared(text))
    }
}
