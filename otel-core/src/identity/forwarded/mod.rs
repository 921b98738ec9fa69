//! Identities that a proxy forwards in a header.
//!
//! Everybody can write a header. These parsers only say what one says; whether it is believed is for
//! the [`TrustPolicy`](super::TrustPolicy), by who is at the other end of the connection. They are
//! strict: a proxy that writes what they refuse is better found out than guessed at.

#[cfg(feature = "x509")]
mod base64;
mod client_cert;
mod header;
mod l5d;
#[cfg(feature = "x509")]
mod pem;
mod xfcc;
mod xfcc_scan;

use std::fmt;

pub use client_cert::ClientCert;
pub(super) use header::{Forwarded, HEADERS};
pub use l5d::L5dClientId;
pub use xfcc::{Xfcc, XfccElement};

#[cfg(feature = "x509")]
pub(super) use client_cert::decode;
#[cfg(feature = "x509")]
pub(super) use pem::first_certificate;

/// Longest header of these that is read, all its lines together, bytes.
pub(super) const MAX_HEADER: usize = 16 * 1024;

/// An identity header was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForwardedError {
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    TooLarge,
    Malformed,
    Duplicate,
}

impl ForwardedError {
    pub(super) const fn new(kind: Kind) -> Self {
        Self { kind }
    }

    pub(in crate::identity) const MALFORMED: Self = Self::new(Kind::Malformed);
    pub(in crate::identity) const TOO_LARGE: Self = Self::new(Kind::TooLarge);

    /// More bytes, elements or pairs than are read.
    #[must_use]
    pub const fn is_too_large(&self) -> bool {
        matches!(self.kind, Kind::TooLarge)
    }

    /// Not in the grammar of the header.
    #[must_use]
    pub const fn is_malformed(&self) -> bool {
        matches!(self.kind, Kind::Malformed)
    }

    /// What may occur once occurs twice.
    #[must_use]
    pub const fn is_duplicate(&self) -> bool {
        matches!(self.kind, Kind::Duplicate)
    }
}

impl fmt::Display for ForwardedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::TooLarge => "an identity header is larger than is read",
            Kind::Malformed => "an identity header is malformed",
            Kind::Duplicate => "an identity header repeats what may occur once",
        })
    }
}

impl std::error::Error for ForwardedError {}
